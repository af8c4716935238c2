/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The twin of a Redis. What matters of Redis here is only when it opens, reads and closes
 * its sockets: SO_REUSEADDR on its listener, IPV6_V6ONLY, all input read at once, and
 * close() at end of file without waiting for anything.
 */
#include "peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define GREETING "PSYNC ? -1\r\n"
#define WELCOME "+CONTINUE\r\n"
#define RETRY_MS 1000
#define BACKLOG 511 /* Redis's tcp-backlog */

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
		peer_answer(conn->peer, "replicate", 0);
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
	ret = peer_address(addr, port, &ss);
	if (!ret)
		ret = uv_tcp_bind(tcp, (struct sockaddr *)&ss,
				  ss.ss_family == AF_INET6 ? UV_TCP_IPV6ONLY : 0);
	if (!ret)
		ret = uv_listen((uv_stream_t *)tcp, BACKLOG, on_accept);
	if (ret)
		uv_close((uv_handle_t *)tcp, on_conn_closed);
	return ret;
}

void twin_serve(struct peer *peer, char **words)
{
	peer_answer(peer, "listen", listen_on(peer, words[0], atoi(words[1])));
}

void twin_replicate(struct peer *peer, char **words)
{
	int ret = peer_address(words[0], atoi(words[1]), &peer->master);

	if (ret)
		peer_answer(peer, "replicate", ret);
	else
		connect_master(peer);
}
