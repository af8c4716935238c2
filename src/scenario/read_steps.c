/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A step of a phase: a verb, and what follows it. */
#include "encoding.h"
#include "pattern.h"
#include "read_program.h"
#include "reader.h"
#include "selector.h"
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/redis_words.h"

#define BLANKS " \t"

/* "client 0": a mistake, where the first word is an actor. */
static bool is_followed(struct scn_reader *r, const struct scn_node *node,
			const struct tl_step *step)
{
	size_t len = strcspn(node->text, BLANKS), at = len + strspn(node->text + len, BLANKS);

	for (size_t i = 0; at < node->len && i < r->plan->n_actors; i++) {
		const char *name = r->plan->actors[i].name;

		if (strlen(name) != len || memcmp(node->text, name, len))
			continue;
		scn_mistake(r, scn_inside(r, node, at, node->len - at),
			    "unexpected %s: one actor stands alone here, as in \"%s\"",
			    SCN_QUOTE_NAME(node->text + at, node->len - at),
			    tl_verbs[step->verb].example);
		return true;
	}
	return false;
}

/* Its text: the verb, and what it is about. */
static void say(struct scn_reader *r, struct tl_step *step, const char *what)
{
	struct tl_buf text = { 0 };

	tl_buf_fmt(&text, "%s %s", tl_verb_name(step->verb), what);
	step->text = scn_take(r, &text);
}

static void read_actor(struct scn_reader *r, const struct scn_node *node, struct tl_step *step)
{
	if (node->kind == SCN_LIST || (node->kind == SCN_TEXT && strchr(node->text, ','))) {
		scn_mistake(r, node->at, "a step is about one actor: write a step for each");
		return;
	}
	if (!scn_is(r, node, SCN_TEXT, "the actor of a step") || is_followed(r, node, step))
		return;
	step->actor = scn_actor(r, node->text, node->len, node->at);
	if (step->actor >= 0)
		say(r, step, node->text);
}

static void read_end_of(struct scn_reader *r, const struct scn_node *node, void *into)
{
	read_actor(r, node, into);
}

static void read_status(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_step *step = into;
	long status;

	if (scn_number(r, node, "an exit status", 0, 255, &status))
		step->status = status;
}

static void read_signal(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_step *step = into;

	step->signal = scn_signal(r, node, "signal");
}

/* Behind what a step says already. */
static void say_more(struct scn_reader *r, struct tl_step *step, const char *word,
		     const char *what)
{
	struct tl_buf text = { 0 };

	tl_buf_fmt(&text, "%s %s%s", step->text, word, what);
	free(step->text);
	step->text = scn_take(r, &text);
}

/* { actor: server, signal: HUP } */
static void read_sending(struct scn_reader *r, const struct scn_node *node, struct tl_step *step)
{
	static const struct scn_key keys[] = {
		{ "actor", true, read_end_of },
		{ "signal", true, read_signal },
	};

	if (node->kind != SCN_MAP)
		scn_mistake(r, node->at, "it is not said which: write \"signal: { actor: server, "
					 "signal: HUP }\"");
	else if (SCN_READ_MAP(r, node, "signal", keys, step) && step->text && step->signal)
		say_more(r, step, "SIG", sigabbrev_np(step->signal));
}

static void read_said(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_step *step = into;

	step->argv = scn_calloc(r, 1, sizeof(*step->argv));
	if (!step->argv)
		return;
	step->argv[0] = scn_text(r, node, "text", SCN_ONE_LINE);
	step->argc = step->argv[0] ? 1 : 0;
}

/* { actor: client, text: done } */
static void read_saying(struct scn_reader *r, const struct scn_node *node, struct tl_step *step)
{
	static const struct scn_key keys[] = {
		{ "actor", true, read_end_of },
		{ "text", true, read_said },
	};

	if (node->kind != SCN_MAP) {
		scn_mistake(r, node->at, "it is not said what: write \"says: { actor: client, "
					 "text: done }\"");
		return;
	}
	SCN_READ_MAP(r, node, "says", keys, step);
	if (!step->text || !step->argc)
		return;
	if (scn_actor_is_not(r, step->actor, TL_ACTOR_KIND_PROGRAM))
		scn_mistake(r, node->at, "%s is not a program: only the output of programs is read",
			    r->plan->actors[step->actor].name);
	say_more(r, step, "", step->argv[0]);
}

/* "client", or { actor: client, status: 0 }, or { actor: client, signal: ABRT } */
static void read_end(struct scn_reader *r, const struct scn_node *node, struct tl_step *step)
{
	static const struct scn_key keys[] = {
		{ "actor", true, read_end_of },
		{ "status", false, read_status },
		{ "signal", false, read_signal },
	};
	char status[16];

	step->status = -1;
	if (node->kind != SCN_MAP) {
		read_actor(r, node, step);
		return;
	}
	SCN_READ_MAP(r, node, "exits", keys, step);
	if (step->status >= 0 && step->signal)
		scn_mistake(r, node->at, "who ends by a signal has no status: leave one out");
	snprintf(status, sizeof(status), "%d", step->status);
	if (step->text && step->signal)
		say_more(r, step, "by SIG", sigabbrev_np(step->signal));
	else if (step->text && step->status >= 0)
		say_more(r, step, "with status ", status);
}

/* "master SET k v" */
static void split_command(struct scn_reader *r, const struct scn_node *node,
			  struct tl_step *step)
{
	size_t quote = strcspn(node->text, "\"'");
	size_t at = strspn(node->text, BLANKS);
	size_t len = strcspn(node->text + at, BLANKS);

	if (quote < node->len)
		scn_mistake(r, scn_inside(r, node, quote, 1),
			    "a command in one string is split at blanks, and quotes do not "
			    "count: write a list, [master, SET, key, \"two words\"]");
	step->actor = scn_actor(r, node->text + at, len, scn_inside(r, node, at, len));
	step->argv = scn_calloc(r, node->len, sizeof(*step->argv));
	while (step->argv) {
		at += len;
		at += strspn(node->text + at, BLANKS);
		len = strcspn(node->text + at, BLANKS);
		if (!len)
			return;
		step->argv[step->argc++] = scn_strndup(r, node->text + at, len);
	}
}

/* [master, SET, k, "a b"] */
static void list_command(struct scn_reader *r, const struct scn_node *list,
			 struct tl_step *step)
{
	const struct scn_node *actor = list->items;

	if (list->n && scn_is(r, actor, SCN_TEXT, "the actor of a command"))
		step->actor = scn_actor(r, actor->text, actor->len, actor->at);
	step->argv = scn_calloc(r, list->n, sizeof(*step->argv));
	for (size_t i = 1; step->argv && i < list->n; i++)
		step->argv[step->argc++] =
			scn_scalar(r, &list->items[i], "a word of a command");
}

/* As a person would type it: quotes where a word would not look like one. */
static void spell_command(struct scn_reader *r, struct tl_step *step)
{
	struct tl_buf text = { 0 };

	tl_buf_fmt(&text, "command %s", tl_plan_actor_name(r->plan, step->actor));
	for (size_t i = 0; i < step->argc; i++) {
		const char *word = step->argv[i] ? step->argv[i] : "";
		const char *quote = !*word || strpbrk(word, " \t\"") ? "\"" : "";

		tl_buf_fmt(&text, " %s%s%s", quote, word, quote);
	}
	step->text = scn_take(r, &text);
}

/* Some commands have no reply, or one after the other. */
static bool check_words(struct scn_reader *r, const struct scn_node *node,
			const struct tl_step *step)
{
	const char *why;

	for (size_t i = 0; i < step->argc; i++)
		if (!step->argv[i])
			return true; /* that is told already */
	why = tl_redis_refusal(step->argv, step->argc);
	if (why)
		scn_mistake(r, node->at, "%s", why);
	return !why;
}

static void read_command(struct scn_reader *r, const struct scn_node *node,
			 struct tl_step *step)
{
	char *line;

	if (node->kind == SCN_LIST) {
		list_command(r, node, step);
	} else {
		line = scn_text(r, node, "a command", SCN_ONE_LINE);
		if (!line)
			return;
		free(line);
		split_command(r, node, step);
	}
	if (!step->argc)
		scn_mistake(r, node->at,
			    "a command needs an actor and words for it, as in \"master PING\"");
	else if (scn_actor_is_not(r, step->actor, TL_ACTOR_KIND_REDIS))
		scn_mistake(r, node->at, "%s is not a redis actor and knows no Redis commands",
			    tl_plan_actor_name(r->plan, step->actor));
	else if (check_words(r, node, step) && step->actor >= 0)
		spell_command(r, step);
}

static void read_sysctl(struct scn_reader *r, const struct scn_node *node, struct tl_step *step)
{
	struct tl_buf text = { 0 };

	scn_read_sysctls(r, node, &step->settings, &step->n_settings);
	tl_buf_str(&text, "sysctl");
	for (size_t i = 0; i < step->n_settings; i++) {
		struct tl_setting *s = &step->settings[i];

		tl_buf_fmt(&text, " %s=%s", s->name ? s->name : "", s->value ? s->value : "");
	}
	step->text = scn_take(r, &text);
}

static void read_time(struct scn_reader *r, const struct scn_node *node, struct tl_step *step)
{
	if (scn_duration(r, node, tl_verb_name(step->verb), &step->time_ns))
		say(r, step, node->text);
}

static void read_segment(struct scn_reader *r, const struct scn_node *node,
			 struct tl_step *step)
{
	static const char one[] = "await waits for one segment: leave \"all\" out";
	static const char none[] = "\"pass\" means all such segments: leave the number out";
	const enum tl_argument argument = tl_verbs[step->verb].argument;
	const struct scn_selector_rules rules = {
		.no_all = argument == TL_ARGUMENT_SEGMENT ? one : NULL,
		.no_nth = argument == TL_ARGUMENT_COVERED ? none : NULL,
	};
	struct tl_buf text = { 0 };

	tl_buf_fmt(&text, "%s ", tl_verb_name(step->verb));
	if (scn_read_selector(r, node, &rules, &step->select, &text))
		step->text = scn_take(r, &text);
	tl_buf_release(&text);
}

static void read_row(struct scn_reader *r, const struct scn_node *node, struct tl_step *step)
{
	scn_read_row(r, node, &step->row);
	if (step->row.text)
		say(r, step, step->row.text);
}

static void read_argument(struct scn_reader *r, const struct scn_node *node,
			  struct tl_step *step)
{
	switch (tl_verbs[step->verb].argument) {
	case TL_ARGUMENT_ACTOR:
		read_actor(r, node, step);
		break;
	case TL_ARGUMENT_END:
		read_end(r, node, step);
		break;
	case TL_ARGUMENT_SIGNAL:
		read_sending(r, node, step);
		break;
	case TL_ARGUMENT_TEXT:
		read_saying(r, node, step);
		break;
	case TL_ARGUMENT_COMMAND:
		read_command(r, node, step);
		break;
	case TL_ARGUMENT_SYSCTLS:
		read_sysctl(r, node, step);
		break;
	case TL_ARGUMENT_TIME:
		read_time(r, node, step);
		break;
	case TL_ARGUMENT_ROW:
		read_row(r, node, step);
		break;
	case TL_ARGUMENT_SEGMENT:
	case TL_ARGUMENT_HELD:
	case TL_ARGUMENT_COVERED:
	case TL_ARGUMENT_NEXT:
		read_segment(r, node, step);
		break;
	case TL_ARGUMENT_CALL:
		scn_read_call(r, node, step);
		break;
	}
}

static bool find_verb(struct scn_reader *r, const struct scn_node *key, enum tl_verb *verb)
{
	struct scn_unknown u = { .word = key->text, .len = key->len, .words = SCN_VERBS };

	for (enum tl_verb v = 0; v < TL_N_VERBS; v++) {
		if (strcmp(key->text, tl_verb_name(v)))
			continue;
		*verb = v;
		return true;
	}
	for (size_t i = 0; i < TL_N_VERBS; i++)
		scn_unknown_try(&u, tl_verb_name(i));
	scn_unknown_try(&u, "open");
	scn_unknown_try(&u, "repeat");
	scn_unknown_report(r, &u, key->at, "verb");
	return false;
}

void scn_read_step(struct scn_reader *r, const struct scn_node *node, struct tl_step *step)
{
	step->actor = -1;
	step->select = SCN_NO_SELECTOR;
	step->where = scn_where(&r->src, node->at.at);
	if (node->kind == SCN_TEXT) {
		if (!scn_no_break_space(r, node->at))
			scn_mistake(r, node->at,
				    "a step is a verb, a colon and an argument, as in "
				    "\"start: master\"");
		return;
	}
	if (!scn_is(r, node, SCN_MAP, "a step"))
		return;
	if (!node->n) {
		scn_mistake(r, node->at, "a step needs a verb, as in \"start: master\"");
		return;
	}
	step->where = scn_where(&r->src, node->items[0].at.at);
	if (node->n > 1)
		scn_mistake(r, node->items[2].at,
			    "a step has one verb: begin the next step with \"- \"");
	if (find_verb(r, &node->items[0], &step->verb))
		read_argument(r, &node->items[1], step);
}

struct scn_span scn_step_place(const struct scn_reader *r, const struct tl_step *step)
{
	return (struct scn_span){
		.at = r->src.lines[step->where.line - 1] + step->where.col - 1,
		.len = strlen(tl_verb_name(step->verb)),
	};
}
