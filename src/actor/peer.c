/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A peer: a process that makes the calls its steps tell it, and no others. */
#include "line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/answer.h"
#include "tcplab/buf.h"

/* Its answer shows that the process has come as far as to hear us. */
static void peer_launched(struct tl_actor *actor)
{
	line_open(actor);
	line_ask(actor, "hello");
}

/* "5 bytes", "ECONNREFUSED (Connection refused)", "success" */
static void spell_answer(const char *answer, int got, struct tl_buf *out)
{
	if (got)
		tl_buf_fmt(out, "%s (%s)", tl_answer_name(got), strerror(got));
	else if (!strncmp(answer, "ok ", 3))
		tl_buf_str(out, answer + 3);
	else
		tl_buf_str(out, "success");
}

static void refuse(struct tl_actor *actor, const char *answer, int got)
{
	struct tl_buf came = { 0 };
	struct tl_err err;

	spell_answer(answer, got, &came);
	if (!strncmp(answer, "other ", 6))
		tl_err_set(&err, EREMOTEIO, "%s", answer + 6);
	else
		tl_err_set(&err, EREMOTEIO, "the answer was %s, where %s was expected",
			   tl_buf_text(&came),
			   actor->expect ? tl_answer_name(actor->expect) : "success");
	tl_buf_release(&came);
	actor_finish(actor, &err, NULL);
}

/* "ok", "ok TEXT", "errno NUMBER", "other TEXT": what neither succeeded nor failed */
static void on_call_answered(struct tl_actor *actor, const char *answer)
{
	int got = 0;

	if (actor->task != ACTOR_CALLING)
		return;
	sscanf(answer, "errno %d", &got);
	if (!strncmp(answer, "other ", 6) || got != actor->expect)
		refuse(actor, answer, got);
	else if (got)
		actor_finish(actor, NULL, tl_answer_name(got));
	else
		actor_finish(actor, NULL, answer[2] ? answer + 3 : NULL);
}

/* "ADDRESS PORT", or "- 0" for none */
static void spell_endpoint(const struct tl_endpoint *ep, struct tl_buf *out)
{
	char text[TL_ENDPOINT_TEXT];

	if (ep->family)
		tl_buf_fmt(out, " %s %u", tl_endpoint_addr_text(ep, text), ep->port);
	else
		tl_buf_str(out, " - 0");
}

/* The words of each line are in the table of peer_main.c. */
static void spell_call(enum tl_verb verb, const struct tl_call *call, struct tl_buf *out)
{
	bool says = verb == TL_VERB_SEND && call->text;
	const char *word = call->line ? "line" : "say";

	tl_buf_fmt(out, "%s %s", says ? word : tl_verb_name(verb), call->on);
	switch (verb) {
	case TL_VERB_LISTEN:
		spell_endpoint(&call->at, out);
		tl_buf_fmt(out, " %d %d %d %d", call->reuse, call->receive_buffer,
			   call->send_buffer, call->backlog);
		break;
	case TL_VERB_CONNECT:
		spell_endpoint(&call->from, out);
		tl_buf_fmt(out, " %d %d %d", call->reuse, call->receive_buffer,
			   call->send_buffer);
		spell_endpoint(&call->at, out);
		tl_buf_fmt(out, " %d %d", call->opens, call->wait);
		break;
	case TL_VERB_ACCEPT:
		tl_buf_fmt(out, " %s %d", call->listener, call->wait);
		break;
	case TL_VERB_SEND:
		if (says)
			tl_buf_fmt(out, " %d %s", call->wait, call->text);
		else
			tl_buf_fmt(out, " %d %zu", call->wait, call->bytes);
		break;
	case TL_VERB_RECEIVE:
		tl_buf_fmt(out, " %d %d %zu", call->wait, call->receive, call->bytes);
		break;
	case TL_VERB_SHUTDOWN:
		tl_buf_fmt(out, " %d", call->how);
		break;
	case TL_VERB_CONNECTED:
	case TL_VERB_CLOSE:
	case TL_VERB_ABORT:
	case TL_VERB_START:
	case TL_VERB_FAIL:
	case TL_VERB_STOP:
	case TL_VERB_TERMINATE:
	case TL_VERB_KILL:
	case TL_VERB_FREEZE:
	case TL_VERB_THAW:
	case TL_VERB_COMMAND:
	case TL_VERB_SYSCTL:
	case TL_VERB_DESTROY:
	case TL_VERB_LAUNCH:
	case TL_VERB_READY:
	case TL_VERB_HOLD:
	case TL_VERB_AWAIT:
	case TL_VERB_RELEASE:
	case TL_VERB_DROP:
	case TL_VERB_LOSE:
	case TL_VERB_PASS:
		break;
	}
}

static int peer_call(struct tl_actor *actor, enum tl_verb verb, const struct tl_call *call,
		     struct tl_err *err)
{
	struct tl_buf line = { 0 };
	int ret = -ENOMEM;

	spell_call(verb, call, &line);
	actor->expect = call->expect;
	if (!line.failed)
		ret = line_call(actor, tl_buf_text(&line), on_call_answered);
	tl_buf_release(&line);
	return ret ? tl_err_set(err, -ret, "%s: %s", actor->spec->name, strerror(-ret)) : 0;
}

static int peer_command(struct tl_actor *actor, char *const *argv, size_t argc,
			struct tl_err *err)
{
	(void)argv;
	(void)argc;
	return tl_err_set(err, EOPNOTSUPP, "%s is a peer and knows no Redis commands",
			  actor->spec->name);
}

const struct actor_kind actor_peer = {
	.program = "peer",
	.prepare = line_prepare,
	.launched = peer_launched,
	.await_ready = line_await_ready,
	.ask_to_end = line_ask_to_end,
	.command = peer_command,
	.call = peer_call,
	.hang_up = line_hang_up,
};
