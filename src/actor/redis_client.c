/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * hiredis reads the protocol and spells commands; the socket is a uv pipe, and which reply
 * belongs to which command is a queue here. Why not hiredis's own asynchronous side: it
 * keeps a subscriber's callback for as long as the subscription lasts and calls it again,
 * and asserts that a subscriber asks for nothing else (0.14).
 *
 * What the server says is not believed. A reply may have so many bytes and so many elements,
 * and what is none, or was not asked for, ends the connection with a sentence that quotes it.
 *
 * The pipe's close callback frees the client: until then a callback may close the client
 * it was called from, and whoever called looks at @closed before going on.
 */
#include "redis_client.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tcplab/buf.h"

#define REPLY_BYTES_MOST    (16u << 20)
#define REPLY_ELEMENTS_MOST (1u << 20)
#define REPLY_DEPTH_MOST    7 /* as in hiredis 0.14 */
#define REPLY_LINE_MOST     (64u << 10)
#define QUOTE_MOST          80
#define TROUBLE_MOST        (QUOTE_MOST + 256)

struct request {
	struct request *next;
	int left;             /* replies still to come */
	struct tl_buf text;   /* of those that have come */
	redis_answered *answered;
	void *arg;
};

struct redis_client {
	uv_pipe_t pipe;
	redisReader *reader;
	redisReplyObjectFunctions make;
	struct request *first, **last;
	redis_pushed *pushed;
	void *arg;
	size_t fed;           /* bytes since the last whole reply */
	size_t elements;      /* that the reply under way has announced */
	bool too_deep;        /* lists in it are */
	char quote[QUOTE_MOST + 1]; /* how the latest bytes begin */
	char trouble[TROUBLE_MOST]; /* what was wrong with what was said; "": nothing */
	bool subscribed;
	bool lost;
	bool closed;          /* the caller has let go */
};

static void free_request(struct request *request)
{
	tl_buf_release(&request->text);
	free(request);
}

static struct request *take_first(struct redis_client *client)
{
	struct request *request = client->first;

	client->first = request->next;
	if (!client->first)
		client->last = &client->first;
	return request;
}

/* Nothing more will come: every request has that for an answer. */
static void lose(struct redis_client *client, const char *trouble)
{
	const struct redis_answer answer = {
		.lost = !trouble,
		.broken = trouble,
		.text = trouble ? trouble : "the connection ended",
	};

	client->lost = true;
	uv_read_stop((uv_stream_t *)&client->pipe);
	while (client->first && !client->closed) {
		struct request *request = take_first(client);

		request->answered(request->arg, &answer);
		free_request(request);
	}
}

/* A NUL would end the text: it is shown as what no character stands for. */
static void print_bytes(const char *bytes, size_t len, struct tl_buf *out)
{
	while (len) {
		size_t n = strnlen(bytes, len);

		tl_buf_add(out, bytes, n);
		if (n < len)
			tl_buf_str(out, "\ufffd");
		n += n < len;
		bytes += n;
		len -= n;
	}
}

/* A reply as redis-cli shows it to a pipe: strings bare, lists a line an element. */
static void print_reply(const redisReply *reply, struct tl_buf *out)
{
	if (reply->type == REDIS_REPLY_INTEGER)
		tl_buf_fmt(out, "%lld", reply->integer);
	else if (reply->str)
		print_bytes(reply->str, reply->len, out);
	for (size_t i = 0; i < reply->elements; i++) {
		if (i)
			tl_buf_str(out, "\n");
		print_reply(reply->element[i], out);
	}
}

/* "message", "pmessage" and "smessage" come to a subscriber unasked. */
static bool is_push(const struct redis_client *client, const redisReply *reply)
{
	const redisReply *kind = reply->elements ? reply->element[0] : NULL;
	size_t len = strlen("message");

	if (!client->first)
		return true;
	return client->subscribed && kind && kind->type == REDIS_REPLY_STRING && kind->str &&
	       (size_t)kind->len >= len && !strcmp(kind->str + kind->len - len, "message");
}

/* What was said is not an answer. The first of its words are quoted. */
static void refuse(struct redis_client *client, const char *what)
{
	snprintf(client->trouble, sizeof(client->trouble), "%s; it says \"%s\"", what,
		 client->quote);
	lose(client, client->trouble);
}

/* Is there more than was asked for? To a subscriber much comes unasked. */
static bool says_more(const struct redis_client *client)
{
	return !client->first->next && !client->pushed &&
	       client->reader->pos < client->reader->len;
}

/* A reply to the oldest request; an error stands for all that it was to get. */
static void answer(struct redis_client *client, const redisReply *reply)
{
	struct request *request = client->first;
	struct redis_answer made = { .ok = reply->type != REDIS_REPLY_ERROR };

	if (request->text.len)
		tl_buf_str(&request->text, "\n");
	print_reply(reply, &request->text);
	if (made.ok && --request->left > 0)
		return;
	if (made.ok && says_more(client)) {
		refuse(client, "it answers more than it was asked");
		return;
	}
	take_first(client);
	made.text = tl_buf_text(&request->text);
	request->answered(request->arg, &made);
	free_request(request);
}

static void push(struct redis_client *client, const redisReply *reply)
{
	struct tl_buf text = { 0 };

	print_reply(reply, &text);
	client->pushed(client->arg, tl_buf_text(&text));
	tl_buf_release(&text);
}

static void take_reply(struct redis_client *client, const redisReply *reply)
{
	client->fed = client->elements = 0;
	if (!is_push(client, reply))
		answer(client, reply);
	else if (client->pushed && client->subscribed)
		push(client, reply);
	else if (reply->type == REDIS_REPLY_ERROR)
		lose(client, NULL); /* as "ERR max number of clients reached" at its very end */
	else
		refuse(client, "it says what nobody has asked for");
}

/* A line that does not end, as what begins with "+" may be: nothing can be longer and be one. */
static bool is_endless(const redisReader *reader)
{
	return reader->len - reader->pos > REPLY_LINE_MOST &&
	       !memchr(reader->buf + reader->pos, '\n', REPLY_LINE_MOST);
}

static void note_words(struct redis_client *client, const char *bytes, size_t n)
{
	size_t len = 0;

	while (len < n && len < QUOTE_MOST && bytes[len] && !strchr("\r\n", bytes[len]))
		len++;
	memcpy(client->quote, bytes, len);
	client->quote[len] = '\0';
}

static void take_bytes(struct redis_client *client, const char *bytes, size_t n)
{
	redisReply *reply;

	if (!client->fed)
		note_words(client, bytes, n);
	client->fed += n;
	if (redisReaderFeed(client->reader, bytes, n) != REDIS_OK) {
		refuse(client, "no memory for its answer");
		return;
	}
	while (!client->closed && !client->lost) {
		reply = NULL;
		if (redisReaderGetReply(client->reader, (void **)&reply) != REDIS_OK) {
			refuse(client, client->elements > REPLY_ELEMENTS_MOST ?
					       "it answers with more than a million elements" :
				       client->too_deep ?
					       "it answers with lists more than seven deep" :
					       "it does not speak Redis's protocol");
			return;
		}
		if (!reply)
			break;
		take_reply(client, reply);
		freeReplyObject(reply);
	}
	if (client->closed || client->lost)
		return;
	if (client->fed > REPLY_BYTES_MOST)
		refuse(client, "it answers with more than 16 MiB");
	else if (is_endless(client->reader))
		refuse(client, "it answers with a line of more than 64 KiB");
}

static void give_room(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	static char room[65536]; /* one thread, and taken in before the next is asked for */

	(void)handle;
	(void)hint;
	*buf = uv_buf_init(room, sizeof(room));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct redis_client *client = stream->data;

	if (n > 0)
		take_bytes(client, buf->base, n);
	else if (n < 0)
		lose(client, NULL);
}

#if HIREDIS_MAJOR < 1
typedef int reply_size;
#else
typedef size_t reply_size;
#endif

/* An array is made when it is announced, before any of its elements has come. */
static void *make_array(const redisReadTask *task, reply_size n)
{
	struct redis_client *client = task->privdata;
	int depth = 1;

	for (const redisReadTask *outer = task->parent; outer; outer = outer->parent)
		depth++;
	client->elements += n;
	client->too_deep = depth > REPLY_DEPTH_MOST;
	return client->elements > REPLY_ELEMENTS_MOST || client->too_deep ?
		       NULL :
		       client->make.createArray(task, n);
}

static redisReader *make_reader(struct redis_client *client)
{
	static redisReplyObjectFunctions functions;
	redisReader *reader = redisReaderCreate();

	if (!reader)
		return NULL;
	client->make = *reader->fn;
	functions = client->make;
	functions.createArray = make_array;
	reader->fn = &functions;
	reader->privdata = client;
	return reader;
}

static void on_closed(uv_handle_t *handle)
{
	struct redis_client *client = handle->data;

	while (client->first)
		free_request(take_first(client));
	if (client->reader)
		redisReaderFree(client->reader);
	free(client);
}

/* A connection is there at once, or there is none: it leads to a process of this host. */
static int connect_to(const char *path, struct tl_err *err)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd, code;

	if (strlen(path) >= sizeof(to.sun_path))
		return tl_err_set(err, ENAMETOOLONG, "%s: this path is too long for a socket",
				  path);
	memcpy(to.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && !connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return fd;
	code = errno;
	if (fd >= 0)
		close(fd);
	if (code == ENOENT || code == ECONNREFUSED)
		code = EAGAIN;
	return tl_err_set(err, code, "%s: %s", path, strerror(code));
}

int redis_client_open(struct redis_client **out, uv_loop_t *loop, const char *path,
		      redis_pushed *pushed, void *arg, struct tl_err *err)
{
	struct redis_client *client;
	int fd = connect_to(path, err);

	if (fd < 0)
		return fd;
	client = calloc(1, sizeof(*client));
	if (!client) {
		close(fd);
		return tl_err_set(err, ENOMEM, "no memory for a connection to %s", path);
	}
	client->last = &client->first;
	client->pushed = pushed;
	client->arg = arg;
	uv_pipe_init(loop, &client->pipe, 0);
	client->pipe.data = client;
	client->reader = make_reader(client);
	if (uv_pipe_open(&client->pipe, fd)) {
		close(fd);
		client->lost = true;
	}
	if (!client->reader || client->lost ||
	    uv_read_start((uv_stream_t *)&client->pipe, give_room, on_read)) {
		redis_client_close(client);
		return tl_err_set(err, ENOMEM, "no memory for a connection to %s", path);
	}
	*out = client;
	return 0;
}

void redis_client_close(struct redis_client *client)
{
	if (!client)
		return;
	client->closed = true;
	uv_close((uv_handle_t *)&client->pipe, on_closed);
}

bool redis_client_lost(const struct redis_client *client)
{
	return client->lost;
}

const char *redis_client_trouble(const struct redis_client *client)
{
	return client->trouble[0] ? client->trouble : NULL;
}

/* A command on its way: the bytes are hiredis's. */
struct sending {
	uv_write_t req;
	char *bytes;
};

static void free_sending(struct sending *sending)
{
	if (sending && sending->bytes)
		redisFreeCommand(sending->bytes);
	free(sending);
}

static void on_sent(uv_write_t *req, int status)
{
	(void)status; /* a server that is gone is told by the end of what it says */
	free_sending(req->data);
}

static int write_command(struct redis_client *client, char *const *argv, size_t argc)
{
	struct sending *sending = calloc(1, sizeof(*sending));
	size_t *lens = calloc(argc, sizeof(*lens));
	long long len = -1;
	uv_buf_t buf;

	for (size_t i = 0; lens && i < argc; i++)
		lens[i] = strlen(argv[i]);
	if (sending && lens)
		len = redisFormatCommandArgv(&sending->bytes, (int)argc, (const char **)argv,
					     lens);
	free(lens);
	if (len < 0) {
		free_sending(sending);
		return -ENOMEM;
	}
	buf = uv_buf_init(sending->bytes, len);
	sending->req.data = sending;
	if (!uv_write(&sending->req, (uv_stream_t *)&client->pipe, &buf, 1, on_sent))
		return 0;
	free_sending(sending);
	return -EPIPE;
}

int redis_client_send(struct redis_client *client, char *const *argv, size_t argc,
		      int replies, redis_answered *answered, void *arg)
{
	struct request *request;
	int ret;

	if (client->lost)
		return -EPIPE;
	request = calloc(1, sizeof(*request));
	if (!request)
		return -ENOMEM;
	*request = (struct request){ .left = replies, .answered = answered, .arg = arg };
	ret = write_command(client, argv, argc);
	if (ret) {
		free(request);
		return ret;
	}
	client->subscribed |= client->pushed != NULL;
	*client->last = request;
	client->last = &request->next;
	return 0;
}
