/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules for what is to become a connection, and for listeners and their queues. */
#include <inttypes.h>
#include <string.h>

#include "arrange.h"
#include "rules.h"
#include "tcplab/host_words.h"

/* In a listener's queue. */

bool tl_waits_long(const struct tl_host *look, const struct tl_group *group)
{
	uint32_t least = UINT32_MAX;

	if (!(look->says & TL_HOST_INFO))
		return group->n >= SEVERAL;
	for (uint32_t at = group->first; at; at = look->rows[at - 1].next) {
		const struct tl_sock_info *info = &look->rows[at - 1].info;

		if (info->known && info->ack_received_ms < least)
			least = info->ack_received_ms;
	}
	/* The youngest has been there for that long, so nothing was accepted meanwhile. */
	return least != UINT32_MAX && least >= 2 * SOME_TIME;
}

static const struct tl_seen *tl_listener_of(const struct tl_telling *t)
{
	uint32_t at = t->group->state == TL_LISTEN ? t->group->first : t->group->listener;

	return at ? &t->look->rows[at - 1] : NULL;
}

/* Why it does not accept. */
static void tell_exhausted(struct tl_telling *t, struct tl_process *process)
{
	if (t->look->says & TL_HOST_HERE)
		tl_process_more("/proc", process);
	if (process->limit && process->descriptors >= process->limit)
		tl_tell(t, TL_REMARK_LIMIT, "%u of %u descriptors are in use: accept() fails with EMFILE",
			process->descriptors, process->limit);
}

static void tell_queue(struct tl_telling *t)
{
	const struct tl_seen *listener = tl_listener_of(t);
	struct tl_buf who = { 0 };

	if (!listener)
		return;
	if (listener->hold)
		tl_say_process(&who, &t->look->processes.v[listener->hold->process]);
	else
		tl_buf_str(&who, "a process that was not seen");
	if (t->look->says & TL_HOST_BACKLOG)
		tl_tell(t, TL_REMARK_QUEUE, "%u of %u, of the listener of %s", listener->sock.recvq,
			listener->sock.sendq, tl_buf_text(&who));
	else
		tl_tell(t, TL_REMARK_QUEUE, "%u, of the listener of %s", listener->sock.recvq,
			tl_buf_text(&who));
	if (listener->hold)
		tell_exhausted(t, &t->look->processes.v[listener->hold->process]);
	tl_tell_counter(t, "ListenOverflows", TL_HOST_COUNTER_OVERFLOWS);
	tl_buf_release(&who);
}

void tl_tell_not_accepted(struct tl_telling *t)
{
	char end[TL_ENDPOINT_TEXT];
	bool gone = t->group->state == TL_CLOSE_WAIT;

	tl_tell_head(t, "%zu belong%s to nobody: %s in the accept queue of %s%s.", t->group->n,
		     t->group->n == 1 ? "s" : "", tl_plural(t->group->n, "it waits", "they wait"),
		     tl_endpoint_text(&t->group->end, end),
		     gone ? ", and their clients have gone" :
			    "; their clients believe that they are connected");
	if (gone)
		tl_tell_since(t);
	tell_queue(t);
	tl_tell_stopped(t);
	tl_tell_other(t);
	tl_tell_rows(t);
}

/* A listener. */

/* Has one of those that wait in a listener's queue been there for some time? */
static bool waits_there(const struct tl_host *look, uint32_t listener)
{
	for (size_t i = 0; i < look->n; i++) {
		const struct tl_seen *row = &look->rows[i];

		if (row->owner == TL_OWNER_QUEUE && row->listener == listener && row->info.known &&
		    row->info.ack_received_ms >= SOME_TIME)
			return true;
	}
	return false;
}

/*
 * Beyond its backlog; or just at it, which a backlog of 1 is with each connection that comes:
 * then it counts if something else says that it lasts.
 */
bool tl_is_full(const struct tl_host *look, const struct tl_group *group)
{
	for (uint32_t at = group->first; at; at = look->rows[at - 1].next) {
		const struct tl_sock *sock = &look->rows[at - 1].sock;

		if (!sock->recvq || sock->recvq < sock->sendq)
			continue;
		if (sock->recvq > sock->sendq || waits_there(look, at))
			return true;
	}
	return false;
}

void tl_tell_full(struct tl_telling *t)
{
	char end[TL_ENDPOINT_TEXT];
	struct tl_buf who = { 0 };
	bool over = false;

	for (uint32_t at = t->group->first; at; at = t->look->rows[at - 1].next)
		over |= t->look->rows[at - 1].sock.recvq > t->look->rows[at - 1].sock.sendq;
	tl_tell_head(t, "The accept queue of %s, %s, is full%s.",
		     tl_endpoint_text(&t->group->end, end), tl_telling_owner(t, &who),
		     over ? ": a client that connects now hangs in SYN_SENT" : " but for one");
	tell_queue(t);
	tl_tell_counter(t, "ListenDrops", TL_HOST_COUNTER_DROPS);
	tl_tell_stopped(t);
	if (t->look->knobs.setting[TL_KNOB_SOMAXCONN] >= 0)
		tl_tell(t, TL_REMARK_SETTING, "net.core.somaxconn = %" PRId64 ", the most that listen() gets",
			t->look->knobs.setting[TL_KNOB_SOMAXCONN]);
	tl_buf_release(&who);
}

/* SYN_SENT. */

bool tl_is_unheard(const struct tl_host *look, const struct tl_group *group)
{
	if (!(look->says & TL_HOST_TIMERS))
		return group->n >= SEVERAL;
	for (uint32_t at = group->first; at; at = look->rows[at - 1].next)
		if (look->rows[at - 1].sock.retrans >= 2)
			return true;
	return false;
}

/* The addresses of both ends are one: then the listener is on this host, and its queue is known. */
static bool tell_full_here(struct tl_telling *t)
{
	const struct tl_sock *sock = &t->look->rows[t->group->first - 1].sock;
	uint32_t at = memcmp(sock->local.addr, sock->remote.addr, sizeof(sock->local.addr)) ? 0 :
		      tl_host_listener(t->look, &sock->remote);
	const struct tl_seen *listener = at ? &t->look->rows[at - 1] : NULL;
	struct tl_buf who = { 0 };

	if (!listener || !(t->look->says & TL_HOST_BACKLOG) ||
	    listener->sock.recvq <= listener->sock.sendq)
		return false;
	if (listener->hold)
		tl_say_process(&who, &t->look->processes.v[listener->hold->process]);
	else
		tl_buf_str(&who, "a process that was not seen");
	tl_tell(t, TL_REMARK_LISTENER, "it is on this host, of %s, and its accept queue is full, %u of %u: its "
		"SYNs are dropped", tl_buf_text(&who), listener->sock.recvq, listener->sock.sendq);
	tl_buf_release(&who);
	return true;
}

void tl_tell_unheard(struct tl_telling *t)
{
	char end[TL_ENDPOINT_TEXT];
	struct tl_buf who = { 0 };
	uint32_t most = 0;

	for (uint32_t at = t->group->first; at; at = t->look->rows[at - 1].next)
		if (t->look->rows[at - 1].sock.retrans > most)
			most = t->look->rows[at - 1].sock.retrans;
	tl_tell_head(t, "%s cannot reach %s: %zu %s without an answer.", tl_telling_owner(t, &who),
		     tl_endpoint_text(&t->group->end, end), t->group->n,
		     tl_plural(t->group->n, "SYN is", "SYNs are"));
	if (most)
		tl_tell(t, TL_REMARK_REPEATED, "%u %s so far; net.ipv4.tcp_syn_retries = %" PRId64, most,
			tl_plural(most, "time", "times"), t->look->knobs.setting[TL_KNOB_SYN_RETRIES]);
	if (!tell_full_here(t))
		tl_tell(t, TL_REMARK_MEANS, "nothing came back, not even a RST: a host that is down, a firewall "
			"that drops, or a listener whose accept queue is full (its SYNs are dropped)");
	tl_tell_limit(t);
	tl_tell_rows(t);
	tl_buf_release(&who);
}

/* SYN_RECV. */

/*
 * A busy server far from its clients has as many as come in one round trip. What shows that nobody
 * answers is a SYN+ACK that was sent again; without timers only the number is left.
 */
bool tl_is_flood(const struct tl_host *look, const struct tl_group *group)
{
	size_t again = 0;

	if (!(look->says & TL_HOST_TIMERS))
		return group->n >= MANY;
	for (uint32_t at = group->first; at; at = look->rows[at - 1].next)
		again += look->rows[at - 1].sock.retrans > 0;
	return again >= SEVERAL;
}

void tl_tell_flood(struct tl_telling *t)
{
	char end[TL_ENDPOINT_TEXT];
	size_t again = 0;

	tl_tell_head(t, "%zu handshakes with %s wait for their last ACK%s.", t->group->n,
		     tl_endpoint_text(&t->group->end, end),
		     t->group->many_peers ? ", from many addresses" : ", all from one address");
	for (uint32_t at = t->group->first; at; at = t->look->rows[at - 1].next)
		again += t->look->rows[at - 1].sock.retrans > 0;
	tl_tell(t, TL_REMARK_REPEATED, "%zu of %zu SYN+ACKs were sent more than once", again, t->group->n);
	tell_queue(t);
	if (t->look->knobs.setting[TL_KNOB_SYN_BACKLOG] >= 0)
		tl_tell(t, TL_REMARK_SETTING, "net.ipv4.tcp_max_syn_backlog = %" PRId64
			", net.ipv4.tcp_syncookies = %" PRId64,
			t->look->knobs.setting[TL_KNOB_SYN_BACKLOG],
			t->look->knobs.setting[TL_KNOB_SYNCOOKIES]);
	tl_tell_counter(t, "SyncookiesSent", TL_HOST_COUNTER_COOKIES);
	tl_tell_counter(t, "TCPReqQFullDrop", TL_HOST_COUNTER_REQUESTS_DROPPED);
	tl_tell_rows(t);
}
