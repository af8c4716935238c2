/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mock twin of a Redis actor: our side of the line to the peer process (peer.c). */
#include "actor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/buf.h"

#define PROGRAM "mock peer"

/* The line to a peer. The pipe comes first: spawn() sees a stream. */
struct mock_line {
	uv_pipe_t pipe;
	struct tl_actor *actor; /* NULL once hung up */
	char answer[256];       /* a line not yet complete */
	size_t len;
	int asked;              /* answers still to come before the actor is ready */
	char refused[256];      /* the first answer that was not "ok" */
};

struct line_write {
	uv_write_t req;
	char text[256];
};

static void on_written(uv_write_t *req, int status)
{
	(void)status; /* a peer that is gone is told by its exit */
	free(req->data);
}

static int say(struct mock_line *line, const char *text)
{
	struct line_write *w = malloc(sizeof(*w));
	uv_buf_t buf;

	if (!w)
		return -ENOMEM;
	w->req.data = w;
	snprintf(w->text, sizeof(w->text), "%s\n", text);
	buf = uv_buf_init(w->text, strlen(w->text));
	if (uv_write(&w->req, (uv_stream_t *)&line->pipe, &buf, 1, on_written)) {
		free(w);
		return -EPIPE;
	}
	return 0;
}

static int mock_prepare(struct tl_actor *actor, const char **argv, struct tl_err *err)
{
	struct mock_line *line = calloc(1, sizeof(*line));

	if (!line)
		return tl_err_set(err, ENOMEM, "no memory for actor %s", actor->spec->name);
	uv_pipe_init(actor->host->loop, &line->pipe, 0);
	line->pipe.data = line;
	line->actor = actor;
	actor->line = line;
	argv[0] = "/proc/self/exe";
	argv[1] = TL_PEER_COMMAND;
	return 0;
}

/* Everything asked has been answered, or something refused: finish, if somebody waits. */
static void look_if_ready(struct tl_actor *actor)
{
	struct mock_line *line = actor->line;
	struct tl_err err;

	if (actor->task != ACTOR_STARTING || !line || (line->asked && !line->refused[0]))
		return;
	if (line->refused[0]) {
		tl_err_set(&err, EPROTO, "%s: %s", actor->spec->name, line->refused);
		actor_finish(actor, &err, NULL);
		return;
	}
	free(actor->program);
	actor->program = strdup(PROGRAM);
	actor_finish(actor, NULL, NULL);
}

static void hear(struct mock_line *line, const char *answer)
{
	line->asked--;
	if (strcmp(answer, "ok") && !line->refused[0])
		snprintf(line->refused, sizeof(line->refused), "%s", answer);
	if (line->actor)
		look_if_ready(line->actor);
}

static void give_room(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	struct mock_line *line = handle->data;

	(void)hint;
	*buf = uv_buf_init(line->answer + line->len, sizeof(line->answer) - 1 - line->len);
}

static void on_answer(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct mock_line *line = stream->data;
	char *newline;

	(void)buf;
	if (n < 0) {
		uv_read_stop(stream);
		return;
	}
	line->len += n;
	line->answer[line->len] = '\0';
	while ((newline = strchr(line->answer, '\n'))) {
		*newline = '\0';
		hear(line, line->answer);
		line->len -= newline + 1 - line->answer;
		memmove(line->answer, newline + 1, line->len + 1);
	}
	/* The line may have been hung up while an answer was heard. */
}

static void mock_launched(struct tl_actor *actor)
{
	const struct tl_actor_spec *spec = actor->spec;
	struct mock_line *line = actor->line;
	char address[ACTOR_PATH], text[256];

	uv_read_start((uv_stream_t *)&line->pipe, give_room, on_answer);
	for (const char *at = spec->bind; *at; at += strspn(at, " ")) {
		int n = strcspn(at, " ");

		snprintf(text, sizeof(text), "listen %.*s %u", n, at, spec->port);
		say(line, text);
		line->asked++;
		at += n;
	}
	if (spec->replicaof >= 0) {
		const struct tl_actor_spec *master =
			&actor->host->plan->actors[spec->replicaof];

		snprintf(text, sizeof(text), "replicate %s %u", actor_address(master, address),
			 master->port);
		say(line, text);
		line->asked++;
	}
}

static void mock_await_ready(struct tl_actor *actor)
{
	actor_retry(actor, look_if_ready, 0);
}

static int mock_ask_to_end(struct tl_actor *actor, struct tl_err *err)
{
	int ret = say(actor->line, "end");

	return ret ? tl_err_set(err, -ret, "%s: %s", actor->spec->name, strerror(-ret)) : 0;
}

static int mock_command(struct tl_actor *actor, char *const *argv, size_t argc,
			struct tl_err *err)
{
	(void)argv;
	(void)argc;
	return tl_err_set(err, EOPNOTSUPP,
			  "%s is a mock peer and knows no Redis commands; run without --mock",
			  actor->spec->name);
}

static void on_line_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void mock_hang_up(struct tl_actor *actor)
{
	if (!actor->line)
		return;
	actor->line->actor = NULL;
	uv_close((uv_handle_t *)&actor->line->pipe, on_line_closed);
	actor->line = NULL;
}

const struct actor_kind actor_mock = {
	.prepare = mock_prepare,
	.launched = mock_launched,
	.await_ready = mock_await_ready,
	.ask_to_end = mock_ask_to_end,
	.command = mock_command,
	.hang_up = mock_hang_up,
};
