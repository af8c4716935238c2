/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call of a peer: "close: client" where there is nothing to add, "connect: client to
 * server" for the commonest, and a mapping of "by" and whatever else the call can be told.
 */
#include "call.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "scan.h"

#define BACKLOG_DEFAULT 128

static void expect_one_peer(struct scn_scan *s, enum tl_verb verb)
{
	const char *example = tl_verbs[verb].example;
	char shape[128];

	snprintf(shape, sizeof(shape), "it is one peer, or a mapping, as in \"%s\"",
		 strchr(example, '{') ? example : "{ by: peer, ... }");
	scn_scan_expect_end(s, shape);
}

/* "client", or of a connect "client to server" */
static void read_words(struct scn_reader *r, const struct scn_node *node, struct tl_step *step)
{
	struct scn_word by, to;
	struct scn_scan s;

	scn_scan_begin(&s, r, node, "a call");
	by = scn_scan_word(&s, "");
	if (by.len)
		step->actor = scn_actor(r, by.text, by.len, by.at);
	else
		scn_mistake(r, node->at, "a peer is missing here");
	if (step->verb == TL_VERB_DUP) {
		scn_mistake(r, node->at,
			    "the copy needs a name: write \"dup: { by: %s, as: copy }\"",
			    tl_plan_actor_name(r->plan, step->actor));
	} else if (step->verb == TL_VERB_CONNECT || step->verb == TL_VERB_GIVE) {
		if (!scn_scan_keyword(&s, "to", NULL)) {
			scn_mistake(r, node->at,
				    scn_scan_at_end(&s) ?
					    "the destination is missing: write \"%s: client to server\"" :
					    "\"to\" is missing: write \"%s: client to server\"",
				    tl_verb_name(step->verb));
			return;
		}
		to = scn_scan_word(&s, "");
		scn_call_goal(r, to.text, to.len, to.at, step);
		scn_scan_expect_end(&s, "further keys need { by: client, to: server, ... }");
	} else {
		expect_one_peer(&s, step->verb);
	}
}

/* "GET / HTTP/1.0\\r\\n", in quotes */
static void spell_said(const char *said, size_t len, struct tl_buf *text)
{
	tl_buf_str(text, "\"");
	for (size_t i = 0; i < len; i++)
		if (said[i] == '\r' || said[i] == '\n')
			tl_buf_str(text, said[i] == '\r' ? "\\r" : "\\n");
		else if ((unsigned char)said[i] < ' ' || said[i] == '\x7f')
			tl_buf_fmt(text, "\\x%02x", said[i]);
		else
			tl_buf_add(text, said + i, 1);
	tl_buf_str(text, "\"");
}

static void spell_pairs(const struct scn_node *map, const char *before, struct tl_buf *text);

static void spell_value(const struct scn_node *key, struct tl_buf *text)
{
	const struct scn_node *value = key + 1;

	tl_buf_str(text, " ");
	if (!strcmp(key->text, "text") || !strcmp(key->text, "line"))
		spell_said(value->text, value->len, text);
	else if (value->kind == SCN_MAP)
		spell_pairs(value, "", text);
	else
		tl_buf_str(text, value->text);
}

static void spell_pairs(const struct scn_node *map, const char *before, struct tl_buf *text)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct scn_node *key = &map->items[2 * i];

		if (!strcmp(key->text, "by") || !strcmp(key->text, "to"))
			continue;
		tl_buf_fmt(text, "%s%s", before, key->text);
		spell_value(key, text);
		before = ", ";
	}
}

/* What the mapping says beside who and where to: "(from 7000, wait no)" */
static void spell_rest(const struct scn_node *node, struct tl_buf *text)
{
	size_t len = text->len;

	spell_pairs(node, " (", text);
	if (text->len > len)
		tl_buf_str(text, ")");
}

static void spell(struct scn_reader *r, const struct scn_node *node, struct tl_step *step)
{
	struct tl_buf text = { 0 };

	tl_buf_fmt(&text, "%s ", tl_verb_name(step->verb));
	if (node->kind == SCN_TEXT) {
		tl_buf_str(&text, node->text);
	} else {
		const struct scn_node *to = scn_find(node, "to", NULL);

		tl_buf_str(&text, tl_plan_actor_name(r->plan, step->actor));
		if (to)
			tl_buf_fmt(&text, " to %s", to->text);
		spell_rest(node, &text);
	}
	step->text = scn_take(r, &text);
}

/* What one key says against another, or against the actor. */
static void check(struct scn_reader *r, const struct scn_node *node, const struct tl_step *step)
{
	const struct tl_call *call = &step->call;
	const char *by = tl_plan_actor_name(r->plan, step->actor);

	if (scn_actor_is_not(r, step->actor, TL_ACTOR_KIND_PEER))
		scn_mistake(r, node->at,
			    "%s is a %s, which opens and closes by itself: only a peer makes "
			    "the calls of a step",
			    by,
			    r->plan->actors[step->actor].kind == TL_ACTOR_KIND_PROGRAM ?
				    "program" :
				    "redis actor");
	if (step->verb == TL_VERB_SET && !call->options.set)
		scn_mistake(r, node->at,
			    "the option is missing: write \"set: { by: %s, no-delay: yes }\"", by);
	if (call->expect && call->later)
		scn_mistake(r, node->at,
			    "a call that goes on has no result yet: put \"expect\" at "
			    "\"answered\"");
	if (call->bytes && call->expect && step->verb == TL_VERB_ANSWERED)
		scn_mistake(r, node->at,
			    "an error moves no bytes: leave out \"bytes\" or \"expect\"");
	if (step->verb == TL_VERB_CONNECT && call->text &&
	    !(call->options.set & 1u << TL_OPTION_FAST_OPEN))
		scn_mistake(r, node->at,
			    "a connect sends a text with its SYN: that needs \"fast-open: yes\"");
	if (call->mptcp && !tl_plan_needs(r->plan, TL_NEED_MPTCP))
		scn_mistake(r, node->at,
			    "not every kernel has MPTCP: write \"needs: { mptcp: yes }\" above, "
			    "and the others skip the scenario");
	if (call->mptcp && call->text)
		scn_mistake(r, node->at, "fast-open needs TCP: leave out \"text\" or "
					 "\"protocol\"");
	if (step->verb == TL_VERB_SEND && !call->text && !call->bytes && !call->full)
		scn_mistake(r, node->at,
			    "the data is missing: write \"send: { by: %s, bytes: 5 }\", or "
			    "\"text:\"",
			    by);
	if (call->from.family && call->at.family && call->from.family != call->at.family)
		scn_mistake(r, node->at,
			    "IPv4 and IPv6 do not meet: \"from\" and \"to\" must be of one "
			    "kind");
}

void scn_read_call(struct scn_reader *r, const struct scn_node *node, struct tl_step *step)
{
	size_t before = scn_trouble(r);

	step->call = (struct tl_call){
		.to = -1,
		.opens = tl_verb_does(step->verb, TL_DOES_OPEN),
		.backlog = BACKLOG_DEFAULT,
		.reuse = true,
		.wait = true,
		.how = SHUT_WR,
		.of = TL_N_VERBS,
	};
	if (node->kind == SCN_MAP)
		scn_call_map(r, node, step);
	else if (node->kind == SCN_TEXT)
		read_words(r, node, step);
	else if (node->kind != SCN_WRONG)
		scn_mistake(r, node->at,
			    "a call is a peer, or a mapping that begins with it: "
			    "{ by: client, ... }");
	if (scn_trouble(r) == before && node->kind != SCN_WRONG)
		check(r, node, step);
	if (scn_trouble(r) == before && node->kind != SCN_WRONG)
		spell(r, node, step);
}
