/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call that waits until its socket is ready, and how it is told that it has ended. */
#include "peer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* "@COOKIE ... ok 5 bytes": how a call ended */
static void spell(struct peer_op *op, int ret, char *out, size_t size)
{
	char answer[sizeof(op->said) + 16];

	if (op->other)
		snprintf(answer, sizeof(answer), "other %s", op->said);
	else if (ret)
		snprintf(answer, sizeof(answer), "errno %d", -ret);
	else
		snprintf(answer, sizeof(answer), "ok%s%s", op->said[0] ? " " : "", op->said);
	snprintf(out, size, "%s %s", op->told[0] ? op->told : "-", answer);
}

void op_hand_over(struct peer *peer, struct peer_op *op, size_t bytes)
{
	char text[LINE_MOST];

	if (bytes && !op->ret && !op->other && op->done != bytes) {
		op->other = true;
		snprintf(op->said, sizeof(op->said), "it was %zu bytes, expected %zu",
			 op->done, bytes);
	}
	spell(op, op->ret, text, sizeof(text));
	op_free(op);
	peer_say(peer, text);
}

void op_finish(struct peer *peer, struct peer_op *op, int ret)
{
	char text[LINE_MOST];

	if (!op->told[0] && op->sock)
		sock_tell(op, op->sock);
	op->ended = true;
	op->ret = ret;
	if (op != &peer->op) {
		if (op->asked)
			op_hand_over(peer, op, op->asked_bytes);
		return;
	}
	if (ret && op->fresh)
		sock_drop(peer, op->fresh);
	spell(op, ret, text, sizeof(text));
	*op = (struct peer_op){ 0 };
	peer_say(peer, text);
}

static void on_ready(uv_poll_t *poll, int status, int events);

/* Wait for whatever the calls wait for that are under way on a socket. */
static void arm(struct peer *peer, struct peer_sock *sock)
{
	int events = peer->op.sock == sock && peer->op.attempt ? peer->op.events : 0;

	for (struct peer_op *op = sock->begun; op; op = op->next)
		events |= op->ended ? 0 : op->events;
	if (events)
		uv_poll_start(&sock->poll, events, on_ready);
	else
		uv_poll_stop(&sock->poll);
}

static void attempt(struct peer *peer, struct peer_op *op)
{
	int ret = op->attempt(peer, op);

	if (ret != -EAGAIN || !op->wait)
		op_finish(peer, op, ret);
}

/* Ready, or broken: the next attempts tell which. */
static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct peer *peer = poll->loop->data;
	struct peer_sock *sock = poll->data;
	struct peer_op *next;

	(void)status;
	(void)events;
	for (struct peer_op *op = sock->begun; op; op = next) {
		next = op->next;
		if (!op->ended)
			attempt(peer, op);
	}
	if (peer->op.sock == sock && peer->op.attempt)
		attempt(peer, &peer->op);
	if (!uv_is_closing((uv_handle_t *)poll))
		arm(peer, sock);
}

void op_make(struct peer *peer)
{
	struct peer_op *op = &peer->op, *begun;
	struct peer_sock *sock = op->sock;

	if (!op->later) {
		attempt(peer, op);
	} else if ((begun = malloc(sizeof(*begun)))) {
		*begun = *op;
		begun->next = sock->begun;
		sock->begun = begun;
		attempt(peer, begun);
		op_finish(peer, op, 0);
	} else {
		op_finish(peer, op, -ENOMEM);
	}
	if (peer->op.sock == sock || sock_has(peer, sock))
		arm(peer, sock);
}

bool op_begin(struct peer *peer, const char *name, const struct tl_call *call, int events)
{
	peer->op.sock = sock_find(peer, name);
	peer->op.wait = call->wait;
	peer->op.later = call->later;
	peer->op.events = events;
	if (!peer->op.sock)
		op_finish(peer, &peer->op, -ENOTSOCK);
	return peer->op.sock;
}
