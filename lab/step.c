/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcplab step: a run that stops at every segment and asks.
 *
 * The engine holds each segment and waits for a line about it (engine.h); we show it, say
 * what RFC 9293 makes of it before it happens, and pass the answer on.
 */
#include "lab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tcplab/flow.h"
#include "tcplab/forecast.h"
#include "tcplab/grow.h"

/* A segment somebody is to be asked about. */
struct question {
	struct tl_event ev; /* SEGMENT: owns nothing; its ends are as they were last seen */
	uint32_t kinds;
	struct tl_forecast forecast;
};

struct stepper {
	const struct tl_plan *plan;
	const struct lab_options *options;
	struct tl_flows flows;
	struct question *questions; /* the first is the one being asked */
	size_t n;
	bool looking;       /* the next snapshot is for the question that is asked then */
	bool enough;        /* "c": no more questions */
	struct tl_forecast_host host; /* by what the scenario has set */
	bool table_wanted;  /* "i": the next snapshot is for the eye */
	char last;          /* what an empty line repeats */
	char line[256];
	size_t len;
};

#define MEANING_COLUMN 44 /* below netstat's Foreign Address */

struct step_command {
	char letter;
	const char *help;
	void (*run)(struct stepper *s, const char *argument, int control);
};

static void say_to(int control, const char *text)
{
	/* A run that has ended does not listen; its trace tells why. */
	if (send(control, text, strlen(text), MSG_NOSIGNAL) < 0 && errno != EPIPE &&
	    errno != ECONNRESET)
		lab_complain("telling the run: %m");
}

static const char *actor(const struct stepper *s, int index)
{
	return tl_plan_actor_name(s->plan, index);
}

/* A row as netstat shows it, and below it, as in the report, whose it is and what it means. */
static void print_row(const struct stepper *s, int owner, const struct tl_row *row)
{
	const struct tl_state_info *info = tl_state_info(row->sock.state);
	struct tl_buf text = { 0 };

	if (row->sock.state)
		tl_report_netstat_row(&row->sock, &text);
	else
		tl_buf_fmt(&text, "%-67s CLOSED", "no socket");
	tl_buf_fmt(&text, "\n%20s%-23s ", "", actor(s, owner));
	lab_hang(&text,
		 info		   ? info->meaning :
		 row->sock.state ? "a state that is not known here" :
				     "no connection",
		 s->options->style.width,
		 MEANING_COLUMN);
	fputs(tl_buf_text(&text), stdout);
	tl_buf_release(&text);
}

/* What is going to happen, by the theory. */
static void print_forecast(const struct stepper *s, const struct question *q)
{
	const struct tl_sock *there = &q->ev.segment.ends[1].sock;
	const struct tl_forecast *f = &q->forecast;
	const char *who = actor(s, q->ev.segment.to);

	printf("Let go: ");
	switch (f->kind) {
	case TL_FORECAST_UNKNOWN:
		printf("what becomes of %s is not known", who);
		break;
	case TL_FORECAST_NOBODY:
		printf("%s has no socket for it", who);
		break;
	case TL_FORECAST_STAYS:
		printf("%s stays in %s", who, tl_state_figure(there->state));
		break;
	case TL_FORECAST_GOES:
		printf(f->from == TL_LISTEN ? "%s gets a new socket, %s -> %s" : "%s goes %s -> %s",
		       who, tl_state_figure(f->from), tl_state_figure(f->to));
		break;
	}
	if (f->sends[0])
		printf(" and sends %s", f->sends);
	printf("%s%s.\n", f->because[0] ? ": " : "", f->because);
}

/* What no patience of ours can stop. */
static void print_limits(const struct question *q)
{
	for (int i = 0; i < 2; i++) {
		const struct tl_sock *end = &q->ev.segment.ends[i].sock;

		if (end->state == TL_TIME_WAIT)
			printf("TIME_WAIT ends in %u s however long you think: it is a constant "
			       "of Linux.\n",
			       end->timer_ms / 1000);
	}
}

static void print_prompt(void)
{
	printf("step> ");
	fflush(stdout);
}

/* The table as it is now comes first: who was asked about before has gone on since. */
static void look(struct stepper *s, int control)
{
	s->looking = true;
	say_to(control, "table\n");
}

static void ask(struct stepper *s)
{
	const struct question *q = s->questions;
	char flags[TL_FLAGS_TEXT];

	printf("\n%s from %s to %s\n  %s", tl_flows_name(q->kinds), actor(s, q->ev.segment.from),
	       actor(s, q->ev.segment.to), tl_segment_flags(q->ev.segment.seg.flags, flags));
	printf(", seq %u", q->ev.segment.seg.seq);
	if (q->ev.segment.seg.flags & TL_FLAG_ACK)
		printf(", ack %u", q->ev.segment.seg.ack);
	printf(", %u bytes, window %u\n", q->ev.segment.seg.len, q->ev.segment.seg.window);
	print_row(s, q->ev.segment.from, &q->ev.segment.ends[0]);
	print_row(s, q->ev.segment.to, &q->ev.segment.ends[1]);
	print_forecast(s, q);
	print_limits(q);
	print_prompt();
}

/* The question asked has its answer; ask the next, if one waits. */
static void answered(struct stepper *s, int control)
{
	memmove(s->questions, s->questions + 1, --s->n * sizeof(*s->questions));
	if (s->n)
		look(s, control);
}

static void do_step(struct stepper *s, const char *argument, int control)
{
	(void)argument;
	say_to(control, "step\n");
	answered(s, control);
}

static void do_drop(struct stepper *s, const char *argument, int control)
{
	(void)argument;
	say_to(control, "drop\n");
	answered(s, control);
}

static void do_continue(struct stepper *s, const char *argument, int control)
{
	(void)argument;
	s->enough = true;
	s->n = 0;
	say_to(control, "continue\n");
}

static void do_table(struct stepper *s, const char *argument, int control)
{
	(void)argument;
	s->table_wanted = true;
	say_to(control, "table\n");
}

static void why_state(enum tl_state state)
{
	const struct tl_state_info *info = tl_state_info(state);

	if (info)
		printf("  %-12s %s (RFC 9293 %s)\n", info->name, info->meaning, info->section);
}

static void do_why(struct stepper *s, const char *argument, int control)
{
	const struct question *q = s->questions;
	const struct tl_arc *arc = q->forecast.arc;

	(void)argument;
	(void)control;
	why_state(q->ev.segment.ends[0].sock.state);
	if (q->ev.segment.ends[1].sock.state != q->ev.segment.ends[0].sock.state)
		why_state(q->ev.segment.ends[1].sock.state);
	if (arc && arc->kind == TL_ARC_DRAWN)
		printf("  Arrow %s of Figure 5: in %s, %s", arc->id, tl_state_name(arc->from),
		       arc->event);
	else if (arc)
		printf("  In %s, %s", tl_state_name(arc->from), arc->event);
	if (arc)
		printf(": to %s (RFC 9293 %s).\n", tl_state_name(arc->to), arc->section);
	else if (q->forecast.kind != TL_FORECAST_UNKNOWN)
		printf("  No arrow of Figure 5 leads out of %s for such a segment.\n",
		       tl_state_figure(q->ev.segment.ends[1].sock.state));
	print_prompt();
}

static void set_frozen(struct stepper *s, const char *name, bool frozen, int control)
{
	char line[32];

	for (size_t i = 0; i < s->plan->n_actors; i++) {
		if (strcmp(s->plan->actors[i].name, name))
			continue;
		snprintf(line, sizeof(line), "%s %zu\n", frozen ? "freeze" : "thaw", i);
		say_to(control, line);
		printf("%s %s.\n", name,
		       frozen ? "is frozen: its kernel answers, the program does not" :
				"goes on with the next step");
		print_prompt();
		return;
	}
	printf("Name one of:");
	for (size_t i = 0; i < s->plan->n_actors; i++)
		printf(" %s", s->plan->actors[i].name);
	printf("\n");
	print_prompt();
}

static void do_freeze(struct stepper *s, const char *argument, int control)
{
	set_frozen(s, argument, true, control);
}

static void do_thaw(struct stepper *s, const char *argument, int control)
{
	set_frozen(s, argument, false, control);
}

static void do_quit(struct stepper *s, const char *argument, int control)
{
	(void)argument;
	s->enough = true;
	s->n = 0;
	say_to(control, "quit\n");
}

static void do_help(struct stepper *s, const char *argument, int control);

/* An empty line repeats the last of those without an argument and an end. */
static const struct step_command step_commands[] = {
	{ 's', "let the segment go (or leave it to the scenario, when that wants it held)",
	  do_step },
	{ 'd', "drop it: it is lost on the way", do_drop },
	{ 'c', "go on without stopping", do_continue },
	{ 'i', "the table now, as netstat shows it", do_table },
	{ 'w', "why: the theory behind what letting it go will do", do_why },
	{ 'f', "NAME: freeze an actor", do_freeze },
	{ 't', "NAME: thaw it", do_thaw },
	{ 'q', "end the run", do_quit },
	{ '?', "this list; an empty line repeats the last s, d, i or w", do_help },
};

#define N_COMMANDS (sizeof(step_commands) / sizeof(*step_commands))

static void do_help(struct stepper *s, const char *argument, int control)
{
	(void)s;
	(void)argument;
	(void)control;
	for (size_t i = 0; i < N_COMMANDS; i++)
		printf("  %c  %s\n", step_commands[i].letter, step_commands[i].help);
	print_prompt();
}

static void obey(struct stepper *s, const char *line, int control)
{
	char letter;

	line += strspn(line, " \t");
	letter = *line ? *line : s->last;
	line += *line != '\0';
	line += strspn(line, " \t");
	if (!s->n)
		return; /* nothing is being asked */
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (step_commands[i].letter == letter) {
			if (strchr("sdiw", letter))
				s->last = letter;
			step_commands[i].run(s, line, control);
			return;
		}
	do_help(s, "", control);
}

/* Obey what has been typed; what is typed ahead waits for its question. */
static void obey_lines(struct stepper *s, int control)
{
	char *newline;

	while (s->n && !s->looking && (newline = memchr(s->line, '\n', s->len))) {
		*newline = '\0';
		obey(s, s->line, control);
		s->len -= newline + 1 - s->line;
		memmove(s->line, newline + 1, s->len);
	}
}

static bool wants_input(void *arg)
{
	const struct stepper *s = arg;

	return s->n && !s->looking;
}

static void on_input(void *arg, int control)
{
	struct stepper *s = arg;
	ssize_t n;

	if (s->len == sizeof(s->line))
		s->len = 0; /* no command is that long */
	n = read(STDIN_FILENO, s->line + s->len, sizeof(s->line) - s->len);
	if (n <= 0) {
		putchar('\n');
		do_quit(s, "", control);
		return;
	}
	s->len += n;
	obey_lines(s, control);
}

static void on_segment(struct stepper *s, const struct tl_event *ev, uint32_t kinds,
		       int control)
{
	if (s->enough || ev->segment.fate != TL_FATE_HELD)
		return;
	if (!TL_GROW(s->questions, s->n)) {
		do_quit(s, "", control);
		return;
	}
	s->questions[s->n] = (struct question){ .ev = *ev, .kinds = kinds };
	if (!s->n++)
		look(s, control);
}

/* The row of one end in the table: its own, or for want of one the listener's. */
static void refresh_end(struct tl_row *end, const struct tl_endpoint *local,
			const struct tl_endpoint *remote, const struct tl_event *ev, bool listener)
{
	const struct tl_row *found = NULL;

	for (size_t i = 0; i < ev->snapshot.n; i++) {
		const struct tl_row *row = &ev->snapshot.rows[i];

		if ((tl_endpoint_equal(&row->sock.local, local) &&
		     tl_endpoint_equal(&row->sock.remote, remote)) ||
		    (end->sock.state && end->sock.state != TL_LISTEN &&
		     row->sock.cookie == end->sock.cookie)) {
			*end = *row;
			return;
		}
		if (listener && row->sock.state == TL_LISTEN &&
		    tl_endpoint_accepts(&row->sock.local, local))
			found = row;
	}
	*end = found ? *found : (struct tl_row){ .owner = -1, .peer = -1 };
}

/* What the table says of the listener that the segment goes to; a program's options nobody knows. */
static void know_listener(struct tl_forecast_host *host, const struct tl_plan *plan,
			  const struct tl_event *ev, const struct tl_endpoint *to)
{
	uint32_t requests = 0, backlog = 0;

	for (size_t i = 0; i < ev->snapshot.n; i++) {
		const struct tl_row *row = &ev->snapshot.rows[i];

		requests += row->sock.state == TL_SYN_RECV &&
			    tl_endpoint_equal(&row->sock.local, to);
		if (row->sock.state != TL_LISTEN || !tl_endpoint_accepts(&row->sock.local, to))
			continue;
		host->listens = true;
		host->has_room = row->sock.recvq <= row->sock.sendq;
		host->defers |= row->owner >= 0 && (size_t)row->owner < plan->n_actors &&
				plan->actors[row->owner].kind == TL_ACTOR_KIND_PROGRAM;
		backlog = row->sock.sendq;
	}
	host->has_requests = host->listens && requests >= backlog && requests;
}

/* Now that the table is known: what will the segment do? */
static void foresee(struct stepper *s, const struct tl_event *ev)
{
	struct question *q = s->questions;
	const struct tl_segment *seg = &q->ev.segment.seg;
	struct tl_forecast_host host = s->host;

	refresh_end(&q->ev.segment.ends[0], &seg->from, &seg->to, ev, false);
	refresh_end(&q->ev.segment.ends[1], &seg->to, &seg->from, ev, true);
	know_listener(&host, s->plan, ev, &seg->to);
	q->forecast = tl_forecast(&s->flows, &q->ev, q->kinds, &host);
}

static void print_table(struct stepper *s, const struct tl_event *ev)
{
	s->table_wanted = false;
	printf("%s\n", tl_report_netstat_head());
	for (size_t i = 0; i < ev->snapshot.n; i++)
		print_row(s, ev->snapshot.rows[i].owner, &ev->snapshot.rows[i]);
	if (s->n)
		print_prompt();
}

static void on_snapshot(struct stepper *s, const struct tl_event *ev, int control)
{
	if (s->looking && s->n) {
		s->looking = false;
		foresee(s, ev);
		ask(s);
		obey_lines(s, control);
	} else if (s->table_wanted) {
		print_table(s, ev);
	}
}

/* A setting of the kernel that a forecast depends on. */
static void take_setting(struct stepper *s, const struct tl_setting *setting)
{
	struct tl_forecast_host *host = &s->host;
	long value = strtol(setting->value, NULL, 10);

	if (!strcmp(setting->name, "net.ipv4.tcp_max_tw_buckets")) {
		host->no_time_wait = !value;
		host->few_time_waits = value;
	} else if (!strcmp(setting->name, "net.ipv4.tcp_syncookies")) {
		host->always_cookies = value == 2;
	} else if (!strcmp(setting->name, "net.ipv4.tcp_rfc1337")) {
		host->keeps_time_wait = value;
	}
}

static void take_step(struct stepper *s, const struct tl_step *step)
{
	for (size_t i = 0; i < step->n_settings; i++)
		take_setting(s, &step->settings[i]);
	s->host.defers |= step->call.options.set & 1u << TL_OPTION_DEFER_ACCEPT;
}

static void on_event(void *arg, const struct tl_event *ev, int control)
{
	struct stepper *s = arg;
	const struct tl_phase *phase = NULL;
	uint32_t kinds = tl_flows_take(&s->flows, ev);

	if (ev->phase >= 0 && (size_t)ev->phase < s->plan->n_phases)
		phase = &s->plan->phases[ev->phase];
	if (ev->kind == TL_EVENT_SEGMENT)
		on_segment(s, ev, kinds, control);
	else if (ev->kind == TL_EVENT_SNAPSHOT)
		on_snapshot(s, ev, control);
	else if (ev->kind == TL_EVENT_PHASE && phase)
		printf("\n%d  %s\n", ev->phase + 1, phase->title);
	else if (ev->kind == TL_EVENT_STEP && phase && (size_t)ev->step.step < phase->n_steps)
		printf("   %s\n", phase->steps[ev->step.step].text);
	else if (ev->kind == TL_EVENT_DONE && phase && (size_t)ev->step.step < phase->n_steps)
		take_step(s, &phase->steps[ev->step.step]);
	else if (ev->kind == TL_EVENT_WIRE && !ev->wire.tapped)
		printf("There is nothing to step through: %s\n", ev->wire.text);
	fflush(stdout);
}

int lab_step(const struct lab_options *options)
{
	struct stepper s = { .options = options, .last = 's' };
	const struct lab_watcher watcher = { .event = on_event,
					     .input = on_input,
					     .wants_input = wants_input,
					     .arg = &s };
	struct tl_plan *plan;
	int status;

	if (options->n_args > 1) {
		lab_complain("step takes one scenario");
		return LAB_USAGE;
	}
	plan = lab_load(options->n_args ? options->args[0] : LAB_DEFAULT_SCENARIO);
	if (!plan)
		return LAB_USAGE;
	s.plan = plan;
	for (size_t i = 0; i < plan->n_sysctls; i++)
		take_setting(&s, &plan->sysctls[i]);
	printf("%s: %s\n\"?\" lists what you can answer.\n", plan->name, plan->title);
	status = lab_run_one(plan, options, &watcher);
	tl_flows_release(&s.flows);
	free(s.questions);
	return status;
}
