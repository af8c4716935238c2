/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcplab step: a run that stops at every segment and asks.
 *
 * The engine holds each segment and waits for a line about it (engine.h); we show it, say
 * what RFC 9293 makes of it before it happens, and pass the answer on. At a terminal lines are
 * read all the time, also while nothing is held; out of a pipe each waits for its question.
 */
#include "step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "prompt.h"
#include "suite.h"
#include "tcplab/text.h"

#define PROMPT "step> "

/* After so long a person wants to know what is waited for. */
#define SILENCE_MS 2000

struct step_command {
	const char *word;  /* by which it is called; its first letter will do */
	bool about;        /* about the segment that is held: there has to be one */
	bool again;        /* an empty line may repeat it: nothing is lost by it */
	const char *takes; /* what follows it; NULL: nothing may */
	const char *help;
	void (*run)(struct stepper *s);
};

static void flush(struct stepper *s)
{
	if (s->out.len) {
		prompt_hide();
		fwrite(tl_buf_text(&s->out), 1, s->out.len, stdout);
		s->out.len = 0;
	}
	if (is_asked(s) && !s->table_wanted)
		prompt_show(PROMPT);
	else if (prompt_is_terminal() && s->control >= 0) /* the run's signals are caught by now */
		prompt_show("");
	fflush(stdout);
}

static void do_step(struct stepper *s)
{
	predict_let_go(s, false);
	step_answer(s, false);
}

static void do_next(struct stepper *s)
{
	s->skips = true;
	do_step(s);
}

static void do_drop(struct stepper *s)
{
	predict_let_go(s, true);
	step_answer(s, true);
}

static void do_continue(struct stepper *s)
{
	step_leave_alone(s, "continue\n");
}

static void do_table(struct stepper *s)
{
	s->table_wanted = true;
	step_say_to(s, "table\n");
}

static void do_why(struct stepper *s)
{
	if (s->guess.open)
		lab_wrap(&s->out, s->style.width, 0,
			 "First your answer: a state, or its number. \"s\" goes on without one.");
	else
		tell_why(s, s->questions);
}

static int find_actor(struct stepper *s, const char *name)
{
	for (size_t i = 0; i < s->plan->n_actors; i++)
		if (!strcmp(s->plan->actors[i].name, name))
			return i;
	tl_buf_str(&s->out, "Name one of:");
	for (size_t i = 0; i < s->plan->n_actors; i++)
		tl_buf_fmt(&s->out, " %s", s->plan->actors[i].name);
	tl_buf_str(&s->out, "\n");
	return -1;
}

static void set_frozen(struct stepper *s, bool frozen)
{
	const char *name = s->argument;
	int actor = find_actor(s, name);
	char line[32];

	if (actor < 0)
		return;
	if (s->frozen[actor] == frozen) {
		tl_buf_fmt(&s->out, "You have %s %s.\n", frozen ? "already frozen" : "not frozen", name);
		return;
	}
	snprintf(line, sizeof(line), "%s %d\n", frozen ? "freeze" : "thaw", actor);
	step_say_to(s, line);
	step_note_frozen(s, actor, frozen);
	tl_buf_fmt(&s->out, "%s %s.\n", name,
		   frozen ? "is frozen: its kernel answers, the program does not, and no deadline "
			    "runs" :
			    "goes on with the next step");
}

static void do_freeze(struct stepper *s)
{
	set_frozen(s, true);
}

static void do_thaw(struct stepper *s)
{
	set_frozen(s, false);
}

static void do_predict(struct stepper *s)
{
	s->guess.on = !s->guess.on;
	if (s->guess.on)
		lab_wrap(&s->out, s->style.width, 0, "From the next segment on you are asked "
			 "which state it leads to, before that is shown.");
	else
		tl_buf_str(&s->out, "You are asked no more.\n");
	if (!s->guess.on && s->guess.open)
		predict_reveal(s, s->questions);
}

static void do_quit(struct stepper *s)
{
	s->quit = true;
	step_leave_alone(s, "quit\n");
}

static void do_help(struct stepper *s);

static const struct step_command commands[] = {
	{ "step", true, true, NULL,
	  "let the segment go (or leave it to the scenario, if that holds it)", do_step },
	{ "next", true, true, NULL, "let it go, and go on to the next segment that changes a "
				    "state", do_next },
	{ "drop", true, false, NULL, "drop it: it is lost on its way", do_drop },
	{ "continue", false, false, NULL, "go on without stopping", do_continue },
	{ "info", false, true, NULL, "the table now, as netstat shows it", do_table },
	{ "why", true, true, NULL, "why it will do that, by RFC 9293 and Linux", do_why },
	{ "back", false, true, NULL, "every segment so far, and what became of it", tell_film },
	{ "predict", false, false, NULL,
	  "be asked which state comes next, before it is shown; or no more", do_predict },
	{ "freeze", false, false, "NAME", "freeze an actor; no deadline runs meanwhile",
	  do_freeze },
	{ "thaw", false, false, "NAME", "thaw it", do_thaw },
	{ "quit", false, false, NULL, "end the run", do_quit },
	{ "?", false, false, NULL, "this list", do_help },
};

#define N_COMMANDS (sizeof(commands) / sizeof(*commands))
#define HELP_COLUMN 20

static void do_help(struct stepper *s)
{
	for (size_t i = 0; i < N_COMMANDS; i++) {
		const struct step_command *c = &commands[i];

		tl_buf_fmt(&s->out, "  %c  %-9s %-4s ", *c->word, c->word[1] ? c->word : "",
			   c->takes ? c->takes : "");
		tl_text_hang(&s->out, c->help, s->style.width, HELP_COLUMN);
	}
	lab_wrap(&s->out, s->style.width, 2,
		 "A letter or the word. An empty line repeats the last of step, next, info, why "
		 "and back. Numbers count from each end's SYN, and windows are scaled, as "
		 "Wireshark shows them.");
}

/* A whole word or its letter, and nothing else. */
static const struct step_command *find_command(const char *word, size_t len)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if ((len == 1 && *word == *commands[i].word) ||
		    (len == strlen(commands[i].word) && !strncmp(word, commands[i].word, len)))
			return &commands[i];
	return NULL;
}

static void run_command(struct stepper *s, const struct step_command *command)
{
	if (*s->argument && !command->takes) {
		tl_buf_fmt(&s->out, "\"%s\" takes no argument.\n", command->word);
	} else if (command->about && !is_asked(s)) {
		tell_awaited(s);
	} else {
		if (command->again)
			s->last = *command->word;
		command->run(s);
	}
}

static void obey(struct stepper *s, const char *text)
{
	const struct step_command *command;
	char *line = s->line, *word = line;
	size_t len;

	snprintf(line, sizeof(s->line), "%s", text);
	for (len = strlen(line); len && strchr(" \t\r", line[len - 1]); len--)
		line[len - 1] = '\0';
	word += strspn(word, " \t");
	len = strcspn(word, " \t");
	s->argument = word + len + strspn(word + len, " \t");
	command = len ? find_command(word, len) : find_command(&s->last, 1);
	if (command)
		run_command(s, command);
	else if (!predict_take(s, word))
		lab_wrap(&s->out, s->style.width, 0, s->guess.open ?
			 "That is not a state, and not a command. Type a state, or its number; "
			 "\"?\" lists what else you can answer." :
			 "That is not a command. \"?\" lists what you can answer.");
}

static void on_line(void *arg, const char *line)
{
	struct stepper *s = arg;

	if (line) {
		obey(s, line);
	} else if (prompt_is_terminal()) {
		do_quit(s);
	} else {
		tl_buf_str(&s->out, "\n");
		step_leave_alone(s, "quit\n");
	}
}

/* A window may have been made smaller meanwhile. */
static void look_at_width(struct stepper *s)
{
	if (prompt_is_terminal())
		s->style.width = lab_width(STDOUT_FILENO);
}

/* A person is told unasked what is waited for, if that takes a while. */
static void tell_silence(struct stepper *s)
{
	if (!prompt_is_terminal() || s->control < 0 || s->quit || s->n || s->n_frozen ||
	    s->phase < 0 ||
	    s->told_ms == s->progress.since_ms || lab_now_ms() - s->progress.since_ms < SILENCE_MS)
		return;
	look_at_width(s);
	tell_awaited(s);
	flush(s);
}

/* Out of a pipe each line waits for its question; a person is heard at any time. */
static bool wants_input(void *arg)
{
	struct stepper *s = arg;

	prompt_wake();
	tell_silence(s);
	return prompt_is_terminal() ? s->control >= 0 && !s->quit : is_asked(s);
}

static void obey_lines(struct stepper *s)
{
	while (is_asked(s) && prompt_next())
		flush(s);
}

static void on_input(void *arg, int control)
{
	struct stepper *s = arg;

	s->control = control;
	look_at_width(s);
	prompt_read();
	flush(s);
	if (!prompt_is_terminal())
		obey_lines(s);
}

static void on_event(void *arg, const struct tl_event *ev, int control)
{
	struct stepper *s = arg;
	bool ended = ev->kind == TL_EVENT_END;

	s->control = control;
	look_at_width(s);
	step_take_event(s, ev);
	if (s->out.len || is_asked(s))
		flush(s);
	if (!ended && !prompt_is_terminal())
		obey_lines(s);
}

static void release(struct stepper *s)
{
	for (size_t i = 0; i < s->n_film; i++)
		free(s->film[i].text);
	free(s->film);
	tl_pairs_release(&s->directions);
	free(s->origins);
	free(s->questions);
	free(s->frozen);
	tl_flows_release(&s->flows);
	tl_buf_release(&s->out);
}

static int run(struct stepper *s, struct tl_plan *plan, const struct lab_options *options)
{
	const struct lab_watcher watcher = { .event = on_event,
					     .input = on_input,
					     .wants_input = wants_input,
					     .has_quit = &s->quit,
					     .arg = s };
	int status;

	for (size_t i = 0; i < plan->n_sysctls; i++)
		step_take_setting(s, &plan->sysctls[i]);
	lab_progress_init(&s->progress, plan, false);
	lab_wrap(&s->out, s->style.width, 0, "%s: %s", plan->name, plan->title);
	tl_buf_str(&s->out, "\"?\" lists what you can answer.\n");
	prompt_open(on_line, s);
	flush(s);
	status = lab_run_one(plan, options, &watcher);
	prompt_close();
	return status;
}

int lab_step(const struct lab_options *options)
{
	struct stepper s = { .options = options, .last = 's', .phase = -1, .control = -1 };
	struct lab_options own = *options;
	struct tl_buf out = { 0 };
	struct tl_plan *plan;
	int status;

	if (options->n_args > 1)
		return lab_refuse("step needs one scenario");
	plan = lab_load(options->n_args ? options->args[0] : LAB_DEFAULT_SCENARIO);
	if (!plan)
		return lab_unread();
	/* A run that somebody had a hand in takes the place of none that nobody had. */
	tl_buf_fmt(&out, "%s/step", options->out);
	own.out = tl_buf_text(&out);
	s.plan = plan;
	s.style = options->style;
	s.guess.on = options->predict;
	s.frozen = calloc(plan->n_actors + 1, sizeof(*s.frozen));
	if (s.frozen && !out.failed) {
		status = run(&s, plan, &own);
	} else {
		status = lab_fail("no memory");
		tl_plan_free(plan);
	}
	release(&s);
	tl_buf_release(&out);
	return status;
}
