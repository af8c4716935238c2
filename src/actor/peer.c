/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A mock peer is a process of its own, so that it has sockets of its own, can be frozen
 * and killed, and shows in netstat as any program would. It is driven over a stream
 * socket, one command a line, each answered with "ok" or a sentence:
 *
 *   listen ADDRESS PORT     accept whoever comes; close a connection at its end of file
 *   replicate ADDRESS PORT  connect, say PSYNC, be answered; when the connection ends,
 *                           close it and try again each second, as a Redis replica does
 *   end                     close everything and exit
 *
 * When the line ends the peer ends too. What matters of Redis here is only when it
 * opens, reads and closes its sockets: SO_REUSEADDR on its listener, IPV6_V6ONLY, all
 * input read at once, and close() at end of file without waiting for anything.
 */
#include "tcplab/actor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GREETING "PSYNC ? -1\r\n"
#define WELCOME "+CONTINUE\r\n"
#define RETRY_MS 1000
#define BACKLOG 511 /* Redis's tcp-backlog */

struct peer {
	uv_loop_t loop;
	uv_pipe_t line;
	uv_timer_t retry;
	char text[512];
	size_t len;
	struct sockaddr_storage master;
	bool answered;       /* "replicate" has had its answer */
};

struct conn {
	uv_tcp_t tcp;
	uv_connect_t connect;
	struct peer *peer;
	bool to_master;
};

/* Answers and greetings are short and static: the socket's buffer has room for them. */
static void write_text(uv_stream_t *stream, const char *text)
{
	uv_buf_t buf = uv_buf_init((char *)text, strlen(text));

	uv_try_write(stream, &buf, 1);
}

static void answer(struct peer *peer, const char *what, int status)
{
	char text[256];

	if (status)
		snprintf(text, sizeof(text), "%s: %s\n", what, uv_strerror(status));
	else
		snprintf(text, sizeof(text), "ok\n");
	write_text((uv_stream_t *)&peer->line, text);
}

static int parse_address(const char *addr, int port, struct sockaddr_storage *out)
{
	if (strchr(addr, ':'))
		return uv_ip6_addr(addr, port, (struct sockaddr_in6 *)out);
	return uv_ip4_addr(addr, port, (struct sockaddr_in *)out);
}

static void on_conn_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void on_retry(uv_timer_t *timer);

static void end_conn(struct conn *conn)
{
	struct peer *peer = conn->peer;

	if (conn->to_master && !uv_is_closing((uv_handle_t *)&peer->retry))
		uv_timer_start(&peer->retry, on_retry, RETRY_MS, 0);
	uv_close((uv_handle_t *)&conn->tcp, on_conn_closed);
}

static void give_room(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	static char room[4096]; /* what comes in is looked at and forgotten */

	(void)handle;
	(void)hint;
	*buf = uv_buf_init(room, sizeof(room));
}

static void on_data(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct conn *conn = stream->data;

	(void)buf;
	if (n < 0) {
		end_conn(conn);
	} else if (n > 0 && !conn->to_master) {
		write_text(stream, WELCOME);
	} else if (n > 0 && !conn->peer->answered) {
		conn->peer->answered = true;
		answer(conn->peer, "replicate", 0);
	}
}

static struct conn *new_conn(struct peer *peer, bool to_master)
{
	struct conn *conn = calloc(1, sizeof(*conn));

	if (!conn)
		return NULL;
	uv_tcp_init(&peer->loop, &conn->tcp);
	conn->tcp.data = conn;
	conn->peer = peer;
	conn->to_master = to_master;
	return conn;
}

static void on_accept(uv_stream_t *listener, int status)
{
	struct peer *peer = listener->loop->data;
	struct conn *conn = status ? NULL : new_conn(peer, false);

	if (!conn)
		return;
	if (uv_accept(listener, (uv_stream_t *)&conn->tcp))
		end_conn(conn);
	else
		uv_read_start((uv_stream_t *)&conn->tcp, give_room, on_data);
}

static void on_connected(uv_connect_t *req, int status)
{
	struct conn *conn = req->data;

	if (status == UV_ECANCELED)
		return;
	if (status) {
		end_conn(conn);
		return;
	}
	uv_read_start((uv_stream_t *)&conn->tcp, give_room, on_data);
	write_text((uv_stream_t *)&conn->tcp, GREETING);
}

static void connect_master(struct peer *peer)
{
	struct conn *conn = new_conn(peer, true);

	if (!conn)
		return;
	conn->connect.data = conn;
	if (uv_tcp_connect(&conn->connect, &conn->tcp, (struct sockaddr *)&peer->master,
			   on_connected))
		end_conn(conn);
}

static void on_retry(uv_timer_t *timer)
{
	connect_master(timer->data);
}

static int listen_on(struct peer *peer, const char *addr, int port)
{
	struct sockaddr_storage ss;
	uv_tcp_t *tcp = calloc(1, sizeof(*tcp));
	int ret;

	if (!tcp)
		return UV_ENOMEM;
	uv_tcp_init(&peer->loop, tcp);
	tcp->data = tcp;
	ret = parse_address(addr, port, &ss);
	if (!ret)
		ret = uv_tcp_bind(tcp, (struct sockaddr *)&ss,
				  ss.ss_family == AF_INET6 ? UV_TCP_IPV6ONLY : 0);
	if (!ret)
		ret = uv_listen((uv_stream_t *)tcp, BACKLOG, on_accept);
	if (ret)
		uv_close((uv_handle_t *)tcp, on_conn_closed);
	return ret;
}

static void close_one(uv_handle_t *handle, void *arg)
{
	struct peer *peer = arg;
	bool ours = handle == (uv_handle_t *)&peer->line || handle == (uv_handle_t *)&peer->retry;

	if (!uv_is_closing(handle))
		uv_close(handle, ours ? NULL : on_conn_closed);
}

static void obey(struct peer *peer, const char *text)
{
	char verb[16], addr[64];
	int port, words = sscanf(text, "%15s %63s %d", verb, addr, &port);

	if (words == 1 && !strcmp(verb, "end")) {
		uv_walk(&peer->loop, close_one, peer);
	} else if (words == 3 && !strcmp(verb, "listen")) {
		answer(peer, text, listen_on(peer, addr, port));
	} else if (words == 3 && !strcmp(verb, "replicate")) {
		int ret = parse_address(addr, port, &peer->master);

		if (ret)
			answer(peer, text, ret);
		else
			connect_master(peer);
	} else {
		answer(peer, text, UV_EINVAL);
	}
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
		uv_walk(&peer->loop, close_one, peer);
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
	struct peer peer = { 0 };

	if (uv_loop_init(&peer.loop))
		return 1;
	peer.loop.data = &peer;
	uv_pipe_init(&peer.loop, &peer.line, 0);
	uv_timer_init(&peer.loop, &peer.retry);
	peer.line.data = peer.retry.data = &peer;
	if (uv_pipe_open(&peer.line, control)) {
		fprintf(stderr, "a mock peer is started by tcplab itself, not by hand\n");
		return 2;
	}
	uv_read_start((uv_stream_t *)&peer.line, give_line_room, on_line);
	uv_run(&peer.loop, UV_RUN_DEFAULT);
	return uv_loop_close(&peer.loop) ? 1 : 0;
}
