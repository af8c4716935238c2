/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * hiredis keeps the protocol, uv the readiness; between them stands the adapter below.
 * hiredis's own (adapters/libuv.h of 0.14) drops a poll error on the floor, so that a
 * connection's failure is never heard of; here it is handed on as readable, and hiredis
 * finds the error itself when it reads.
 *
 * Three owners meet at the end: hiredis frees its context when the connection is gone,
 * uv has its handle until the close callback, and our caller has the client until
 * redis_client_close(). The last of them frees: @context is NULL once hiredis has let go,
 * @closed is set once the caller has, and the handle's close callback comes last.
 */
#include "redis_client.h"

#include <errno.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/buf.h"

struct redis_client {
	uv_poll_t poll;
	redisAsyncContext *context; /* NULL once hiredis has freed it */
	int events;
	bool closed;   /* the caller has let go */
	bool polled;   /* the handle is gone */
};

struct request {
	struct redis_client *client;
	redis_answered *answered;
	void *arg;
};

static void free_when_unused(struct redis_client *client)
{
	if (client->closed && client->polled)
		free(client);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct redis_client *client = poll->data;

	if (status < 0)
		events = UV_READABLE;
	if (client->context && (events & UV_READABLE))
		redisAsyncHandleRead(client->context);
	if (client->context && (events & UV_WRITABLE))
		redisAsyncHandleWrite(client->context);
}

static void want(struct redis_client *client, int events)
{
	client->events = events;
	if (events)
		uv_poll_start(&client->poll, events, on_poll);
	else
		uv_poll_stop(&client->poll);
}

static void add_read(void *arg)
{
	struct redis_client *client = arg;

	want(client, client->events | UV_READABLE);
}

static void del_read(void *arg)
{
	struct redis_client *client = arg;

	want(client, client->events & ~UV_READABLE);
}

static void add_write(void *arg)
{
	struct redis_client *client = arg;

	want(client, client->events | UV_WRITABLE);
}

static void del_write(void *arg)
{
	struct redis_client *client = arg;

	want(client, client->events & ~UV_WRITABLE);
}

static void on_poll_closed(uv_handle_t *handle)
{
	struct redis_client *client = handle->data;

	client->polled = true;
	free_when_unused(client);
}

/* hiredis is about to close the socket and to free its context. */
static void clean_up(void *arg)
{
	struct redis_client *client = arg;

	client->context = NULL;
	uv_close((uv_handle_t *)&client->poll, on_poll_closed);
}

int redis_client_open(struct redis_client **out, uv_loop_t *loop, const char *path,
		      struct tl_err *err)
{
	redisAsyncContext *context = redisAsyncConnectUnix(path);
	struct redis_client *client;

	if (!context)
		return tl_err_set(err, ENOMEM, "no memory for a connection to %s", path);
	if (context->err) {
		tl_err_set(err, context->err == REDIS_ERR_IO ? EAGAIN : EPROTO, "%s: %s", path,
			   context->errstr);
		redisAsyncFree(context);
		return -err->code;
	}
	client = calloc(1, sizeof(*client));
	if (!client || uv_poll_init(loop, &client->poll, context->c.fd)) {
		free(client);
		redisAsyncFree(context);
		return tl_err_set(err, ENOMEM, "no memory for a connection to %s", path);
	}
	client->poll.data = client;
	client->context = context;
	context->ev.data = client;
	context->ev.addRead = add_read;
	context->ev.delRead = del_read;
	context->ev.addWrite = add_write;
	context->ev.delWrite = del_write;
	context->ev.cleanup = clean_up;
	*out = client;
	return 0;
}

void redis_client_close(struct redis_client *client)
{
	if (!client)
		return;
	client->closed = true;
	if (client->context)
		redisAsyncFree(client->context);
	free_when_unused(client);
}

bool redis_client_lost(const struct redis_client *client)
{
	return !client->context;
}

/* A reply as redis-cli shows it to a pipe: strings bare, lists a line an element. */
static void print_reply(const redisReply *reply, struct tl_buf *out)
{
	switch (reply->type) {
	case REDIS_REPLY_INTEGER:
		tl_buf_fmt(out, "%lld", reply->integer);
		break;
	case REDIS_REPLY_ARRAY:
		for (size_t i = 0; i < reply->elements; i++) {
			if (i)
				tl_buf_str(out, "\n");
			print_reply(reply->element[i], out);
		}
		break;
	case REDIS_REPLY_NIL:
		break;
	default:
		tl_buf_add(out, reply->str, reply->len);
	}
}

static void on_reply(redisAsyncContext *context, void *data, void *arg)
{
	const redisReply *reply = data;
	struct request *request = arg;
	struct redis_answer answer = { 0 };
	struct tl_buf text = { 0 };

	(void)context;
	if (reply) {
		print_reply(reply, &text);
		answer.ok = reply->type != REDIS_REPLY_ERROR;
		answer.text = tl_buf_text(&text);
	} else {
		answer.lost = true;
		answer.text = "the connection ended";
	}
	if (!request->client->closed)
		request->answered(request->arg, &answer);
	tl_buf_release(&text);
	free(request);
}

void redis_client_send(struct redis_client *client, char *const *argv, size_t argc,
		       redis_answered *answered, void *arg)
{
	struct redis_answer lost = { .lost = true, .text = "the connection ended" };
	struct request *request = malloc(sizeof(*request));
	size_t *lens = calloc(argc, sizeof(*lens));

	for (size_t i = 0; lens && i < argc; i++)
		lens[i] = strlen(argv[i]);
	if (request && lens && client->context) {
		*request = (struct request){ client, answered, arg };
		if (redisAsyncCommandArgv(client->context, on_reply, request, (int)argc,
					  (const char **)argv, lens) == REDIS_OK) {
			free(lens);
			return;
		}
	}
	free(lens);
	free(request);
	answered(arg, &lost);
}
