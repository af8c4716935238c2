/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in a row beside its state: queues, timer and inode, in words. */
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
	if (!sock->recvq)
		return;
	snprintf(out, TL_SOCK_NOTE, "%u wait%s for accept()", sock->recvq,
		 sock->recvq == 1 ? "s" : "");
	/* one more may wait than it says */
	if (backlog)
		snprintf(out + strlen(out), TL_SOCK_NOTE - strlen(out), ", with a backlog of %u",
			 sock->sendq);
}

/* A FIN that has come is the last byte of Recv-Q, and goes when it is read. */
uint32_t tl_sock_unread(const struct tl_sock *sock)
{
	bool ended = sock->state == TL_CLOSE_WAIT || sock->state == TL_LAST_ACK ||
		     sock->state == TL_CLOSING;

	return sock->recvq > ended ? sock->recvq - ended : 0;
}

static bool waits_for_ack(const struct tl_sock *sock)
{
	return sock->state == TL_FIN_WAIT1 || sock->state == TL_LAST_ACK ||
	       sock->state == TL_CLOSING;
}

/* A SYN and the data that it can carry are never more than fit into a packet. */
bool tl_sock_has_asked(const struct tl_sock *sock)
{
	return sock->state != TL_SYN_SENT || sock->sendq <= UINT16_MAX;
}

/* So are the FIN and the SYN of Send-Q, of which the state says that they were sent. */
uint32_t tl_sock_unacked(const struct tl_sock *sock)
{
	bool flag = waits_for_ack(sock) || sock->state == TL_SYN_SENT || sock->state == TL_SYN_RECV;

	return sock->sendq > flag && tl_sock_has_asked(sock) ? sock->sendq - flag : 0;
}

static void note_queues(const struct tl_sock *sock, char *out)
{
	uint32_t sent = tl_sock_unacked(sock), unread = tl_sock_unread(sock);
	char text[64];

	if (unread) {
		snprintf(text, sizeof(text), "%u byte%s unread", unread, unread == 1 ? "" : "s");
		add(out, text);
	}
	if (!sent)
		return;
	if (waits_for_ack(sock))
		snprintf(text, sizeof(text),
			 "%u byte%s before its FIN %s not acknowledged either", sent,
			 sent == 1 ? "" : "s", sent == 1 ? "is" : "are");
	else
		snprintf(text, sizeof(text), "%u byte%s not acknowledged", sent,
			 sent == 1 ? "" : "s");
	add(out, text);
}

/* What a timer repeats is sent only where nothing of it waits on this host any more (as for ARP). */
static void note_fired(const struct tl_sock *sock, char *out)
{
	char text[64];

	if (sock->timer == TL_TIMER_RETRANSMIT)
		snprintf(text, sizeof(text), "its timer has fired %u time%s without an answer",
			 sock->retrans, sock->retrans == 1 ? "" : "s");
	else
		snprintf(text, sizeof(text), "%u keepalive probe%s without an answer",
			 sock->retrans, sock->retrans == 1 ? "" : "s");
	add(out, text);
}

static void note_timer(const struct tl_sock *sock, bool counts, char *out)
{
	switch (sock->timer) {
	case TL_TIMER_RETRANSMIT:
	case TL_TIMER_KEEPALIVE:
		if (counts && sock->retrans)
			note_fired(sock, out);
		break;
	case TL_TIMER_PROBE:
		add(out, "probes the other end's window");
		break;
	case TL_TIMER_TIMEWAIT:
	case TL_TIMER_NONE:
	case TL_TIMER_DELACK:
		break;
	}
}

/* Without an inode an open connection has not been accepted yet, and one that closes is the kernel's. */
static void note_inode(const struct tl_sock *sock, char *out)
{
	switch (sock->state) {
	case TL_ESTABLISHED:
	case TL_CLOSE_WAIT:
		add(out, "no program has accepted it yet");
		break;
	case TL_FIN_WAIT1:
	case TL_FIN_WAIT2:
	case TL_CLOSING:
	case TL_LAST_ACK:
		add(out, "no program has it any more");
		break;
	case TL_SYN_SENT:
	case TL_SYN_RECV:
	case TL_TIME_WAIT:
	case TL_CLOSE:
	case TL_LISTEN:
		break;
	}
}

const char *tl_sock_note(const struct tl_sock *sock, unsigned says, char *out)
{
	*out = '\0';
	if (sock->state == TL_CLOSE && sock->local.port)
		add(out, "bound to its port, and neither listens nor connects");
	if (sock->state == TL_LISTEN) {
		note_listener(sock, says & TL_NOTE_BACKLOG, out);
		return out;
	}
	if (!tl_sock_has_asked(sock))
		add(out, "its SYN waits for its first data (TCP_FASTOPEN_CONNECT)");
	if (says & TL_NOTE_INODE && !sock->inode)
		note_inode(sock, out);
	if (sock->state != TL_TIME_WAIT)
		note_queues(sock, out);
	note_timer(sock, says & TL_NOTE_COUNTS, out);
	return out;
}
