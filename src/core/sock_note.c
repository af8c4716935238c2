/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in a row beside its state: queues and timer, in words. */
#include <stdio.h>
#include <string.h>

#include "tcplab/sock.h"

static void add(char *out, const char *text)
{
	size_t len = strlen(out);

	snprintf(out + len, TL_SOCK_NOTE - len, "%s%s", len ? "; " : "", text);
}

static void note_listener(const struct tl_sock *sock, bool backlog, char *out)
{
	if (backlog)
		snprintf(out, TL_SOCK_NOTE, "%u of %u wait for accept()", sock->recvq, sock->sendq);
	else if (sock->recvq)
		snprintf(out, TL_SOCK_NOTE, "%u wait%s for accept()", sock->recvq,
			 sock->recvq == 1 ? "s" : "");
}

/* The FIN counts as one byte, in Send-Q of who sent it and in Recv-Q of who got it. */
static void note_queues(const struct tl_sock *sock, char *out)
{
	bool closed = sock->state == TL_FIN_WAIT1 || sock->state == TL_LAST_ACK ||
		      sock->state == TL_CLOSING;
	bool ended = sock->state == TL_CLOSE_WAIT;
	char text[64];

	if (sock->recvq > ended) {
		snprintf(text, sizeof(text), "%u bytes unread", sock->recvq - ended);
		add(out, text);
	}
	if (closed && sock->sendq > 1)
		snprintf(text, sizeof(text), "its FIN waits behind %u bytes", sock->sendq - 1);
	else if (!closed && sock->sendq && sock->state != TL_SYN_SENT)
		snprintf(text, sizeof(text), "%u bytes not acknowledged", sock->sendq);
	else
		return;
	add(out, text);
}

static void note_timer(const struct tl_sock *sock, char *out)
{
	char text[64] = "";

	switch (sock->timer) {
	case TL_TIMER_RETRANSMIT:
		if (sock->retrans)
			snprintf(text, sizeof(text), "repeated %u time%s without an answer",
				 sock->retrans, sock->retrans == 1 ? "" : "s");
		break;
	case TL_TIMER_KEEPALIVE:
		if (sock->retrans)
			snprintf(text, sizeof(text), "%u keepalive probe%s without an answer",
				 sock->retrans, sock->retrans == 1 ? "" : "s");
		break;
	case TL_TIMER_PROBE:
		snprintf(text, sizeof(text), "probes the other end's zero window");
		break;
	case TL_TIMER_TIMEWAIT:
		snprintf(text, sizeof(text), "gone in %u s", (sock->timer_ms + 999) / 1000);
		break;
	case TL_TIMER_NONE:
	case TL_TIMER_DELACK:
		break;
	}
	if (*text)
		add(out, text);
}

const char *tl_sock_note(const struct tl_sock *sock, bool backlog, char *out)
{
	*out = '\0';
	if (sock->state == TL_CLOSE && sock->local.port)
		add(out, "bound to its port, and neither listens nor connects");
	if (sock->state == TL_LISTEN) {
		note_listener(sock, backlog, out);
		return out;
	}
	if (sock->state != TL_TIME_WAIT)
		note_queues(sock, out);
	note_timer(sock, out);
	return out;
}
