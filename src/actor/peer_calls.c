/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A call is an attempt on a non-blocking socket, made again whenever the socket may have become
 * ready, until it answers something else than EAGAIN. One at a time is waited for. One that is
 * only begun ("wait: later") belongs to its socket and goes on by itself; its answer is kept
 * until "answered" asks for it. A connect whose SYN is held needs none of that: with "wait" off
 * its EINPROGRESS is an answer, and "connected" asks later by calling connect(2) once more,
 * which tells how it stands.
 *
 * A socket that a call opened goes again when that call fails.
 */
#include "peer.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) ? -errno : 0;
}

static int address(const struct tl_endpoint *ep, struct sockaddr_storage *out)
{
	char text[TL_ENDPOINT_TEXT];

	return peer_address(tl_endpoint_addr_text(ep, text), ep->port, out);
}

/* A socket of the family of @local, or else of @remote; bound to @local. 0 or -errno. */
static int open_bound(struct peer *peer, const struct tl_call *call,
		      const struct tl_endpoint *local, const struct tl_endpoint *remote)
{
	struct sockaddr_storage at;
	struct tl_options options = call->options;
	struct peer_sock *sock;
	bool bound = local->family;
	int ret = 0;

	if (call->text) /* the call itself says so, by MSG_FASTOPEN */
		options.set &= ~(1u << TL_OPTION_FAST_OPEN);
	if (bound && (ret = address(local, &at)))
		return ret;
	sock = sock_adopt(peer, call->on,
		     socket(bound ? local->family : remote->family,
			    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			    call->mptcp ? IPPROTO_MPTCP : IPPROTO_TCP));
	if (!sock)
		return -errno;
	peer->op.sock = peer->op.fresh = sock;
	if (bound && call->reuse)
		ret = set(sock->fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (!ret && call->receive_buffer)
		ret = set(sock->fd, SOL_SOCKET, SO_RCVBUF, call->receive_buffer);
	if (!ret && call->send_buffer)
		ret = set(sock->fd, SOL_SOCKET, SO_SNDBUF, call->send_buffer);
	if (!ret)
		ret = tl_options_apply(&options, sock->fd, remote != local);
	if (!ret && bound && bind(sock->fd, (struct sockaddr *)&at, sizeof(at)))
		ret = -errno;
	return ret;
}

/* Return: 0 or -errno, in place of a call that answers at once. */
static int answer_of(int ret)
{
	return ret < 0 ? -errno : 0;
}

static void call_listen(struct peer *peer, const struct tl_call *call)
{
	int ret = open_bound(peer, call, &call->at, &call->at);

	if (!ret)
		ret = answer_of(listen(peer->op.sock->fd, call->backlog));
	op_finish(peer, &peer->op, ret);
}

static int try_connect(struct peer *peer, struct peer_op *op)
{
	const struct peer_sock *sock = op->sock;

	(void)peer;

	if (!connect(sock->fd, (const struct sockaddr *)&sock->to, sizeof(sock->to)))
		return 0;
	return errno == EINPROGRESS || errno == EALREADY ? -EAGAIN : -errno;
}

/* connect(2) has answered EINPROGRESS once; that it is connected since is not an error now. */
static int try_connected(struct peer *peer, struct peer_op *op)
{
	int ret = try_connect(peer, op);

	return ret == -EISCONN ? 0 : ret;
}

/* "5 bytes", and what is to be said behind it */
static void say_done(struct peer_op *op, const char *behind)
{
	snprintf(op->said, sizeof(op->said), "%zu byte%s%s", op->done, op->done == 1 ? "" : "s",
		 behind);
}

/* Whatever was not said in words is letters, so that it can be told from nothing. */
static int try_send(struct peer *peer, struct peer_op *op)
{
	static char letters[65536];

	(void)peer;
	memset(letters, 'x', sizeof(letters));
	while (op->done < op->want) {
		size_t left = op->want - op->done;
		const char *from = op->has_text ? op->text + op->done : letters;
		ssize_t n;

		if (!op->has_text && left > sizeof(letters))
			left = sizeof(letters);
		n = send(op->sock->fd, from, left, MSG_NOSIGNAL);

		if (n < 0)
			return op->done && (op->full || !op->wait) && errno == EAGAIN ? 0 : -errno;
		op->done += n;
		say_done(op, "");
	}
	return 0;
}

static void take_text(struct peer_op *op, const struct tl_call *call)
{
	op->has_text = call->text || call->line;
	op->want = 0;
	if (call->text && call->text_len + 2 <= sizeof(op->text)) {
		memcpy(op->text, call->text, call->text_len);
		op->want = call->text_len;
	}
	if (call->line) {
		memcpy(op->text + op->want, "\r\n", 2);
		op->want += 2;
	}
}

/* The text goes with the SYN, if the kernel has a cookie or needs none; else behind the handshake. */
static int try_fast_open(struct peer *peer, struct peer_op *op)
{
	const struct peer_sock *sock = op->sock;
	ssize_t n;
	int ret;

	if (op->opened) {
		ret = try_connected(peer, op);
		return ret ? ret : try_send(peer, op);
	}
	op->opened = true;
	n = sendto(sock->fd, op->text, op->want, MSG_FASTOPEN | MSG_NOSIGNAL,
		   (const struct sockaddr *)&sock->to, sizeof(sock->to));
	if (n < 0)
		return errno == EINPROGRESS ? -EAGAIN : -errno;
	op->done = n;
	say_done(op, " with the SYN");
	return -EAGAIN;
}

static void call_connect(struct peer *peer, const struct tl_call *call)
{
	struct peer_op *op = &peer->op;
	struct sockaddr_storage to;
	int ret = address(&call->at, &to);

	if (!ret && call->opens)
		ret = open_bound(peer, call, &call->from, &call->at);
	else if (!ret && !(op->sock = sock_find(peer, call->on)))
		ret = -ENOTSOCK;
	if (ret) {
		op_finish(peer, &peer->op, ret);
		return;
	}
	op->sock->to = to;
	op->attempt = call->text ? try_fast_open : try_connect;
	take_text(op, call);
	op->events = UV_WRITABLE;
	op->wait = true;
	if (call->wait) {
		op_make(peer);
		return;
	}
	ret = op->attempt(peer, op);
	op_finish(peer, &peer->op, ret == -EAGAIN ? 0 : ret);
}

static void call_connected(struct peer *peer, const struct tl_call *call)
{
	static const struct tl_call now = { .wait = true };

	if (!op_begin(peer, call->on, &now, UV_WRITABLE))
		return;
	peer->op.fresh = peer->op.sock;
	peer->op.attempt = try_connected;
	op_make(peer);
}

static int try_accept(struct peer *peer, struct peer_op *op)
{
	int fd = accept4(op->sock->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	const struct peer_sock *sock;

	if (fd < 0)
		return -errno;
	sock = sock_adopt(peer, op->name, fd);
	if (!sock)
		return -ENOMEM;
	sock_tell(op, sock);
	return tl_options_apply(&op->options, fd, false);
}

static void call_accept(struct peer *peer, const struct tl_call *call)
{
	if (!op_begin(peer, call->listener, call, UV_READABLE))
		return;
	snprintf(peer->op.name, sizeof(peer->op.name), "%s", call->on);
	peer->op.options = call->options;
	peer->op.attempt = try_accept;
	op_make(peer);
}

static void call_send(struct peer *peer, const struct tl_call *call)
{
	struct peer_op *op = &peer->op;

	if (!op_begin(peer, call->on, call, UV_WRITABLE))
		return;
	take_text(op, call);
	op->full = call->full;
	if (!op->has_text)
		op->want = call->full ? SIZE_MAX : call->bytes;
	op->attempt = try_send;
	op_make(peer);
}

/* End of file. Return: 0, with what there is to say about it. */
static int ended(struct peer_op *op)
{
	op->other = op->receive == TL_RECEIVE_EXACT;
	if (op->other)
		snprintf(op->said, sizeof(op->said),
			 "the end of file came after %zu of %zu bytes", op->done, op->want);
	else if (op->done)
		say_done(op, " and the end of file");
	else
		snprintf(op->said, sizeof(op->said), "the end of file");
	return 0;
}

static int try_receive(struct peer *peer, struct peer_op *op)
{
	static char room[65536]; /* what comes in is counted and forgotten */

	(void)peer;
	while (op->receive != TL_RECEIVE_EXACT || op->done < op->want) {
		size_t left = op->want - op->done;
		ssize_t n = recv(op->sock->fd, room,
				 op->receive == TL_RECEIVE_EXACT && left < sizeof(room) ?
					 left :
					 sizeof(room),
				 0);

		if (n < 0)
			return -errno;
		if (!n)
			return ended(op);
		op->done += n;
		say_done(op, "");
		if (op->receive == TL_RECEIVE_ANY)
			break;
	}
	return 0;
}

static void call_receive(struct peer *peer, const struct tl_call *call)
{
	if (!op_begin(peer, call->on, call, UV_READABLE))
		return;
	peer->op.receive = call->receive;
	peer->op.want = call->bytes;
	peer->op.attempt = try_receive;
	op_make(peer);
}

/* The answer of a call that was begun: it may be there, or be waited for. */
static void call_answered(struct peer *peer, const struct tl_call *call)
{
	bool accepts = call->of < TL_N_VERBS && tl_verb_does(call->of, 1u << TL_DOES_ACCEPTS);
	struct peer_sock *sock = sock_find(peer, accepts ? call->listener : call->on);
	struct peer_op *op = sock ? sock->begun : NULL;

	if (call->of == TL_VERB_CONNECT) {
		call_connected(peer, call);
		return;
	}
	while (op && op->verb != call->of)
		op = op->next;
	if (!op) {
		op_finish(peer, &peer->op, sock ? -EINVAL : -ENOTSOCK);
	} else if (op->ended) {
		op_hand_over(peer, op, call->bytes);
	} else {
		op->asked = true;
		op->asked_bytes = call->bytes;
	}
}

static void call_set(struct peer *peer, const struct tl_call *call)
{
	if (op_begin(peer, call->on, call, 0))
		op_finish(peer, &peer->op,
			  tl_options_apply(&call->options, peer->op.sock->fd, true));
}

static void call_shutdown(struct peer *peer, const struct tl_call *call)
{
	if (op_begin(peer, call->on, call, 0))
		op_finish(peer, &peer->op, answer_of(shutdown(peer->op.sock->fd, call->how)));
}

/* Close the socket of the call, with its last words kept. */
static void close_told(struct peer *peer)
{
	sock_tell(&peer->op, peer->op.sock);
	sock_drop(peer, peer->op.sock);
	peer->op.sock = NULL;
}

/* With SO_LINGER close(2) takes its time, and all of this process's. */
static void call_close(struct peer *peer, const struct tl_call *call)
{
	int ret;

	if (!op_begin(peer, call->on, call, 0))
		return;
	ret = tl_options_apply(&call->options, peer->op.sock->fd, false);
	close_told(peer);
	op_finish(peer, &peer->op, ret);
}

static void call_abort(struct peer *peer, const struct tl_call *call)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
	int ret;

	if (!op_begin(peer, call->on, call, 0))
		return;
	ret = answer_of(setsockopt(peer->op.sock->fd, SOL_SOCKET, SO_LINGER, &at_once,
				   sizeof(at_once)));
	close_told(peer);
	op_finish(peer, &peer->op, ret);
}

static void (*const calls[TL_N_VERBS])(struct peer *peer, const struct tl_call *call) = {
	[TL_VERB_LISTEN] = call_listen,
	[TL_VERB_CONNECT] = call_connect,
	[TL_VERB_CONNECTED] = call_connected,
	[TL_VERB_ANSWERED] = call_answered,
	[TL_VERB_ACCEPT] = call_accept,
	[TL_VERB_SEND] = call_send,
	[TL_VERB_RECEIVE] = call_receive,
	[TL_VERB_SET] = call_set,
	[TL_VERB_DUP] = call_dup,
	[TL_VERB_FORK] = call_fork,
	[TL_VERB_REAP] = call_reap,
	[TL_VERB_GIVE] = call_give,
	[TL_VERB_SHUTDOWN] = call_shutdown,
	[TL_VERB_CLOSE] = call_close,
	[TL_VERB_ABORT] = call_abort,
};

bool call_make(struct peer *peer, const char *verb, char *rest)
{
	struct tl_call call = { 0 };

	for (size_t i = 0; i < TL_N_VERBS; i++) {
		if (!calls[i] || strcmp(verb, tl_verb_name(i)))
			continue;
		if (!call_read(rest, &call))
			return false;
		peer->op.verb = i;
		calls[i](peer, &call);
		return true;
	}
	return false;
}
