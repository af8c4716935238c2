/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A peer is a process of its own, so that it has sockets of its own, can be frozen and
 * killed, and shows in netstat as any program would. It is driven over a stream socket,
 * one command a line. All it does otherwise is to wait.
 *
 * The twin of a Redis (peer_twin.c) is told twice and then acts by itself:
 *
 *   serve ADDRESS PORT      accept whoever comes; close a connection at its end of file
 *   replicate ADDRESS PORT  connect, say PSYNC, be answered; when the connection ends,
 *                           close it and try again each second, as a Redis replica does
 *
 * A peer of the scenario (peer_calls.c) makes one call a line, on a socket that has a name,
 * and never a call it was not told: so what it has not read stays unread. Each is answered
 * with "ok", "ok TEXT", "errno NUMBER", or "other TEXT" where it did only a part.
 *
 * When the line ends the peer ends too.
 */
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

/* The most words behind the first. */
#define WORDS 2

/* Answers are short: the socket's buffer has room for them. */
void peer_say(struct peer *peer, const char *text)
{
	char line[LINE_MOST];
	uv_buf_t buf = uv_buf_init(line, 0);

	buf.len = snprintf(line, sizeof(line), "%.*s\n", (int)sizeof(line) - 2, text);
	uv_try_write((uv_stream_t *)&peer->line, &buf, 1);
}

void peer_answer(struct peer *peer, const char *what, int status)
{
	char text[256];

	snprintf(text, sizeof(text), "%.60s: %s", what, uv_strerror(status));
	peer_say(peer, status ? text : "ok");
}

int peer_address(const char *addr, int port, struct sockaddr_storage *out)
{
	if (strchr(addr, ':'))
		return uv_ip6_addr(addr, port, (struct sockaddr_in6 *)out);
	return uv_ip4_addr(addr, port, (struct sockaddr_in *)out);
}

static void free_handle(uv_handle_t *handle)
{
	free(handle->data);
}

static void close_one(uv_handle_t *handle, void *arg)
{
	struct peer *peer = arg;
	bool ours = handle == (uv_handle_t *)&peer->line ||
		    handle == (uv_handle_t *)&peer->retry || handle == (uv_handle_t *)&peer->mail;

	if (!uv_is_closing(handle))
		uv_close(handle, ours ? NULL : free_handle);
}

static void end(struct peer *peer)
{
	share_close(peer);
	sock_drop_all(peer);
	uv_walk(&peer->loop, close_one, peer);
}

static void obey_end(struct peer *peer, char **words)
{
	(void)words;
	end(peer);
}

static void obey_hello(struct peer *peer, char **words)
{
	peer_answer(peer, "hello", share_open(peer, words[0]));
}

/* What a line can ask for beside a call. */
static const struct {
	const char *name;
	int words; /* behind the name */
	void (*obey)(struct peer *peer, char **words);
} commands[] = {
	{ "hello", 1, obey_hello }, /* OUR-NAME */
	{ "end", 0, obey_end },
	{ "serve", 2, twin_serve },         /* ADDRESS PORT */
	{ "replicate", 2, twin_replicate }, /* ADDRESS PORT */
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

int peer_split(char *text, char **words, int n)
{
	int found = 0;

	while (found < n && *text) {
		words[found++] = text;
		text += strcspn(text, " ");
		if (found < n && *text)
			*text++ = '\0';
	}
	return found;
}

static void obey(struct peer *peer, char *text)
{
	char *words[WORDS], *rest = text + strcspn(text, " ");

	if (*rest)
		*rest++ = '\0';
	for (size_t i = 0; i < N_COMMANDS; i++) {
		if (strcmp(text, commands[i].name))
			continue;
		if (peer_split(rest, words, commands[i].words) != commands[i].words)
			break;
		commands[i].obey(peer, words);
		return;
	}
	if (call_make(peer, text, rest))
		return;
	peer_answer(peer, text, UV_EINVAL);
}

static void give_line_room(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	struct peer *peer = handle->data;

	(void)hint;
	*buf = uv_buf_init(peer->text + peer->len, sizeof(peer->text) - 1 - peer->len);
}

static void on_line(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct peer *peer = stream->data;
	char *newline;

	(void)buf;
	if (n < 0) {
		end(peer);
		return;
	}
	peer->len += n;
	peer->text[peer->len] = '\0';
	while ((newline = strchr(peer->text, '\n'))) {
		*newline = '\0';
		obey(peer, peer->text);
		peer->len -= newline + 1 - peer->text;
		memmove(peer->text, newline + 1, peer->len + 1);
	}
}

int tl_peer_main(int control)
{
	struct peer peer = { .mail_fd = -1 };

	/* A program beside it must not take its descriptors, and answer in its place. */
	if (prctl(PR_SET_DUMPABLE, 0) || uv_loop_init(&peer.loop))
		return 1;
	peer.loop.data = &peer;
	uv_pipe_init(&peer.loop, &peer.line, 0);
	uv_timer_init(&peer.loop, &peer.retry);
	peer.line.data = peer.retry.data = &peer;
	if (uv_pipe_open(&peer.line, control)) {
		fprintf(stderr, "a peer is started by tcplab itself, not by hand\n");
		return 2;
	}
	uv_read_start((uv_stream_t *)&peer.line, give_line_room, on_line);
	uv_run(&peer.loop, UV_RUN_DEFAULT);
	return uv_loop_close(&peer.loop) ? 1 : 0;
}
