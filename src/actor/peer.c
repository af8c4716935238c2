/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A peer: a process that makes the calls its steps tell it, and no others. */
#include "line.h"
#include "tree.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tcplab/answer.h"
#include "tcplab/buf.h"

/* A child that was killed is gone long before. */
#define CHILD_MOST_MS 1000

/* Its answer shows that the process has come as far as to hear us. */
static void peer_launched(struct tl_actor *actor)
{
	char hello[128];

	snprintf(hello, sizeof(hello), "hello %s", actor->spec->name);
	line_open(actor);
	line_ask(actor, hello);
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
		tl_err_set(&err, EREMOTEIO, "the answer was %s, expected %s",
			   tl_buf_text(&came),
			   actor->expect ? tl_answer_name(actor->expect) : "success");
	tl_buf_release(&came);
	actor_finish(actor, &err, NULL);
}

/*
 * Take what comes before the answer itself (line.h). A peer is our own process, but it may have
 * been driven by somebody else meanwhile: what is not as it should be tells nothing.
 */
static const char *take_told(const char *answer, struct tl_told *told)
{
	char local[TL_ENDPOINT_TEXT], remote[TL_ENDPOINT_TEXT];
	struct tl_err unused;
	int n = 0;

	*told = (struct tl_told){ 0 };
	if (sscanf(answer, "@%" SCNu64 " %" SCNu32 " %63s %63s %n", &told->cookie, &told->inode,
		   local, remote, &n) != 4 ||
	    tl_endpoint_parse(local, &told->local, &unused) ||
	    tl_endpoint_parse(remote, &told->remote, &unused))
		*told = (struct tl_told){ 0 };
	if (n)
		return answer + n;
	return strncmp(answer, "- ", 2) ? answer : answer + 2;
}

/* "ok", "ok TEXT", "errno NUMBER", "other TEXT"? */
static bool is_answer(const char *answer, int got)
{
	return got > 0 || !strcmp(answer, "ok") || (!strncmp(answer, "ok ", 3) && answer[3]) ||
	       (!strncmp(answer, "other ", 6) && answer[6]);
}

static void on_call_answered(struct tl_actor *actor, const char *answer)
{
	struct tl_err err;
	int got = 0;

	if (actor->task != ACTOR_CALLING)
		return;
	answer = take_told(answer, &actor->told);
	sscanf(answer, "errno %d", &got);
	if (!is_answer(answer, got)) {
		tl_err_set(&err, EPROTO, "%s says \"%.80s\" instead of an answer",
			   actor->spec->name, answer);
		actor_finish(actor, &err, NULL);
	} else if (!strncmp(answer, "other ", 6) || got != actor->expect)
		refuse(actor, answer, got);
	else if (got)
		actor_finish(actor, NULL, tl_answer_name(got));
	else
		actor_finish(actor, NULL, answer[2] ? answer + 3 : NULL);
}

static void spell_endpoint(const struct tl_endpoint *ep, struct tl_buf *out)
{
	char text[TL_ENDPOINT_TEXT];

	tl_buf_fmt(out, " %s", ep->family ? tl_endpoint_text(ep, text) : "-");
}

static void spell_text(const char *text, size_t len, struct tl_buf *out)
{
	tl_buf_str(out, " ");
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == '%')
			tl_buf_fmt(out, "%%%02X", text[i]);
		else
			tl_buf_add(out, text + i, 1);
}

static void spell_call(enum tl_verb verb, const struct tl_call *call, struct tl_buf *out)
{
	tl_buf_fmt(out, "%s %s %s %s %s", tl_verb_name(verb), call->on,
		   call->listener ? call->listener : "-", call->given_to ? call->given_to : "-",
		   call->given_as ? call->given_as : "-");
	spell_endpoint(&call->at, out);
	spell_endpoint(&call->from, out);
#define X(number) tl_buf_fmt(out, " %ld", (long)call->number);
	LINE_CALL_NUMBERS(X)
#undef X
	tl_buf_str(out, " -");
	for (enum tl_option i = 0; i < TL_N_OPTIONS; i++)
		if (call->options.set & 1u << i)
			tl_buf_fmt(out, "%d=%u,", i, call->options.value[i]);
	if (call->text)
		spell_text(call->text, call->text_len, out);
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

/* Its children first: what they hold must be closed when the peer is known to have ended. */
static int peer_signal(struct tl_actor *actor, int signal, struct tl_err *err)
{
	struct tree children = { 0 };
	int ret = tree_read(actor->process.pid, false, &children, err);

	for (size_t i = 0; !ret && i < children.n; i++) {
		struct pollfd gone = { .fd = syscall(SYS_pidfd_open, children.pids[i], 0),
				       .events = POLLIN };

		kill(children.pids[i], SIGKILL);
		if (gone.fd >= 0 && poll(&gone, 1, CHILD_MOST_MS) >= 0)
			close(gone.fd);
	}
	tree_release(&children);
	if (!ret)
		ret = uv_process_kill(&actor->process, signal);
	return ret < 0 ? tl_err_set(err, -ret, "%s: %s", actor->spec->name, uv_strerror(ret)) : 0;
}

const struct actor_kind actor_peer = {
	.program = "peer",
	.prepare = line_prepare,
	.launched = peer_launched,
	.await_ready = line_await_ready,
	.ask_to_end = line_ask_to_end,
	.signal = peer_signal,
	.call = peer_call,
	.hang_up = line_hang_up,
};
