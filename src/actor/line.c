/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our side of the line to a peer process: one line is asked, one line is answered. */
#include "line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The pipe comes first: spawn() sees a stream. */
struct peer_line {
	uv_pipe_t pipe;
	struct tl_actor *actor; /* NULL once hung up */
	char answer[LINE_MOST]; /* a line not yet complete */
	size_t len;
	int asked;              /* answers still to come before the actor is ready */
	char refused[256];      /* the first of these that was not "ok" */
	void (*answered)(struct tl_actor *actor, const char *answer); /* of line_call() */
};

struct line_write {
	uv_write_t req;
	char text[LINE_MOST];
};

static void on_written(uv_write_t *req, int status)
{
	(void)status; /* a peer that is gone is told by its exit */
	free(req->data);
}

static int say(struct peer_line *line, const char *text)
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

int line_prepare(struct tl_actor *actor, const char **argv, struct tl_err *err)
{
	struct peer_line *line = calloc(1, sizeof(*line));

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
	struct peer_line *line = actor->line;
	struct tl_err err;

	if (actor->task != ACTOR_STARTING || !line || (line->asked && !line->refused[0]))
		return;
	if (line->refused[0]) {
		tl_err_set(&err, EPROTO, "%s: %s", actor->spec->name, line->refused);
		actor_finish(actor, &err, NULL);
		return;
	}
	free(actor->program);
	actor->program = strdup(actor->kind->program);
	actor_finish(actor, NULL, NULL);
}

static void hear(struct peer_line *line, const char *answer)
{
	void (*answered)(struct tl_actor *actor, const char *answer) = line->answered;

	if (!line->actor)
		return;
	if (answered) {
		line->answered = NULL;
		answered(line->actor, answer);
		return;
	}
	line->asked--;
	if (strcmp(answer, "ok") && !line->refused[0])
		snprintf(line->refused, sizeof(line->refused), "%.*s",
			 (int)sizeof(line->refused) - 1, answer);
	look_if_ready(line->actor);
}

static void give_room(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	struct peer_line *line = handle->data;

	(void)hint;
	*buf = uv_buf_init(line->answer + line->len, sizeof(line->answer) - 1 - line->len);
}

/* A line without an end: nothing that comes behind it can be told from it. */
static void too_long(struct tl_actor *actor)
{
	struct tl_err err;

	tl_err_set(&err, EPROTO, "a line from %s is longer than any answer",
		   actor->spec->name);
	if (actor->task != ACTOR_IDLE)
		actor_finish(actor, &err, NULL);
}

static void on_answer(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct peer_line *line = stream->data;
	char *newline;

	(void)buf;
	if (n < 0) {
		uv_read_stop(stream);
		if (n == UV_ENOBUFS && line->actor)
			too_long(line->actor);
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

void line_open(struct tl_actor *actor)
{
	uv_read_start((uv_stream_t *)&actor->line->pipe, give_room, on_answer);
}

int line_ask(struct tl_actor *actor, const char *text)
{
	actor->line->asked++;
	return say(actor->line, text);
}

int line_tell(struct tl_actor *actor, const char *text)
{
	return say(actor->line, text);
}

void line_expect(struct tl_actor *actor,
		 void (*answered)(struct tl_actor *actor, const char *answer))
{
	actor->line->answered = answered;
}

int line_call(struct tl_actor *actor, const char *text,
	      void (*answered)(struct tl_actor *actor, const char *answer))
{
	line_expect(actor, answered);
	return say(actor->line, text);
}

void line_await_ready(struct tl_actor *actor)
{
	actor_retry(actor, look_if_ready, 0);
}

int line_ask_to_end(struct tl_actor *actor, struct tl_err *err)
{
	int ret = say(actor->line, "end");

	return ret ? tl_err_set(err, -ret, "%s: %s", actor->spec->name, strerror(-ret)) : 0;
}

static void on_line_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void line_hang_up(struct tl_actor *actor)
{
	if (!actor->line)
		return;
	actor->line->actor = NULL;
	uv_close((uv_handle_t *)&actor->line->pipe, on_line_closed);
	actor->line = NULL;
}
