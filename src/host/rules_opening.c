/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules for what is to become a connection, and for listeners and their queues. */
#include <inttypes.h>
#include <string.h>

#include "arrange.h"
#include "rules.h"
#include "tcplab/host_words.h"

/* In a listener's queue. */

/* How long the youngest has been there at least; UINT32_MAX: not known. */
static uint32_t youngest_waits(const struct tl_host *look, const struct tl_group *group)
{
	uint32_t least = UINT32_MAX;

	TL_EACH_ROW(row, look, group)
		if (row->info.known && row->info.ack_received_ms < least)
			least = row->info.ack_received_ms;
	return least;
}

/* Without times a queue is long only against its backlog: a burst of connections is not a fault. */
bool tl_waits_long(const struct tl_host *look, const struct tl_group *group)
{
	const struct tl_seen *listener = tl_row_at(look, group->listener);
	uint32_t least = youngest_waits(look, group);

	if (look->says & TL_HOST_INFO)
		return least != UINT32_MAX && least >= 2 * SOME_TIME;
	return group->n >= SEVERAL && (!listener || !(look->says & TL_HOST_BACKLOG) ||
				       listener->sock.recvq >= listener->sock.sendq / 2);
}

static void tell_queue(struct tl_telling *t, const struct tl_seen *listener)
{
	const struct tl_process *process;
	size_t alike;

	if (!listener)
		return;
	tl_say_holder(&t->text, t->look, listener);
	alike = tl_host_listeners_alike(t->look, listener);
	if (alike > 1 && t->group->state != TL_LISTEN)
		tl_buf_fmt(&t->text, ", one of %zu at this address that have some: which of "
			   "them these are in is not known", alike);
	if (t->look->says & TL_HOST_BACKLOG)
		tl_tell(t, TL_REMARK_QUEUE, "%u of %u, of the listener of %s", listener->sock.recvq,
			listener->sock.sendq, tl_buf_text(&t->text));
	else
		tl_tell(t, TL_REMARK_QUEUE, "%u, of the listener of %s", listener->sock.recvq,
			tl_buf_text(&t->text));
	process = listener->hold ? tl_telling_process(t, listener->hold->process) : NULL;
	if (process && process->limit && process->descriptors >= process->limit)
		tl_tell(t, TL_REMARK_LIMIT, "%u of %u descriptors are in use: accept() fails "
			"with EMFILE",
			process->descriptors, process->limit);
	tl_tell_counter(t, TL_HOST_COUNTER_OVERFLOWS);
}

void tl_tell_not_accepted(struct tl_telling *t)
{
	bool gone = t->group->state == TL_CLOSE_WAIT;
	bool closed = gone && tl_have_closed(t);
	const struct tl_seen *listener = tl_row_at(t->look, t->group->listener);
	uint32_t least = youngest_waits(t->look, t->group);

	tl_tell_head(t, "%zu belong%s to nobody: %s in the accept queue of %s%s.", t->group->n,
		     tl_plural(t->group->n, "s", ""),
		     tl_plural(t->group->n, "it waits", "they wait"), t->end,
		     closed ? ", and their clients have gone" :
		     gone ? ", and their clients have sent a FIN" :
			    "; to their clients they are open");
	if (gone) {
		tl_tell_since(t);
	} else if (least != UINT32_MAX) {
		tl_say_time(&t->text, least);
		tl_tell(t, TL_REMARK_SINCE, "the youngest has waited for at least %s",
			tl_buf_text(&t->text));
	}
	tell_queue(t, listener);
	tl_tell_stopped(t, listener);
	tl_tell_other(t);
	tl_tell_rows(t);
}

/* A listener. */

static bool listens_there(const struct tl_seen *row, const struct tl_seen *listener)
{
	return row && row->sock.state == TL_LISTEN &&
	       tl_endpoint_equal(&row->sock.local, &listener->sock.local);
}

/*
 * Has one of those that wait in a listener's queue been there for some time? With SO_REUSEPORT
 * they can be in those of other listeners at its address, as many as wait there.
 */
static bool waits_there(const struct tl_host *look, const struct tl_seen *listener)
{
	size_t elsewhere = 0, n = 0;

	for (size_t i = 0; i < look->n; i++) {
		const struct tl_seen *row = &look->rows[i];

		elsewhere += listens_there(row, listener) && row != listener ? row->sock.recvq : 0;
		n += row->owner == TL_OWNER_QUEUE && row->info.known &&
		     row->info.ack_received_ms >= SOME_TIME &&
		     listens_there(tl_row_at(look, row->listener), listener);
	}
	return n > elsewhere;
}

static bool is_overfull(const struct tl_seen *row)
{
	return tl_host_is_over(&row->sock);
}

/*
 * A burst of connections fills a queue for a moment, and any connection a backlog of 1. What says
 * that it lasts is one that has waited there for some time, or others that were dropped while
 * it was looked at. Text without times says neither: then a full queue is told as one that was
 * seen.
 */
static const struct tl_seen *find_full(const struct tl_host *look, const struct tl_group *group)
{
	TL_EACH_ROW(row, look, group) {
		const struct tl_sock *sock = &row->sock;

		if (!sock->recvq || sock->recvq < sock->sendq)
			continue;
		if ((is_overfull(row) && (look->overflowed || !(look->says & TL_HOST_INFO))) ||
		    waits_there(look, row))
			return row;
	}
	return NULL;
}

bool tl_is_full(const struct tl_host *look, const struct tl_group *group)
{
	return find_full(look, group);
}

/*
 * How many listeners there are at the address of this one: with SO_REUSEPORT each has a queue of
 * its own. @over: the first of them whose queue drops what comes
 */
static size_t count_there(const struct tl_host *look, const struct tl_seen *listener,
			  const struct tl_seen **over)
{
	size_t n = 0;

	*over = NULL;
	for (uint32_t at = look->ports[listener->sock.local.port]; at; at = look->chain[at - 1]) {
		const struct tl_seen *row = &look->rows[at - 1];

		if (!listens_there(row, listener))
			continue;
		n++;
		*over = !*over && is_overfull(row) ? row : *over;
	}
	return n;
}

/* Handshakes whose last ACK finds no room. */
static size_t count_requests(const struct tl_host *look, const struct tl_group *group)
{
	size_t n = 0;

	for (size_t i = 0; i < look->n; i++)
		n += look->rows[i].sock.state == TL_SYN_RECV &&
		     listens_there(tl_row_at(look, look->rows[i].listener),
				   tl_row_at(look, group->first));
	return n;
}

void tl_tell_full(struct tl_telling *t)
{
	const struct tl_seen *full = find_full(t->look, t->group), *over;
	size_t requests, n = count_there(t->look, full, &over);

	if (t->group->n > 1)
		tl_say_holder(&t->text, t->look, full);
	tl_tell_head(t, "The accept queue of %s, %s, is full%s.", t->end,
		     t->group->n > 1 ? tl_buf_text(&t->text) : t->owner,
		     !is_overfull(full) ? " but for one" :
		     n > 1 ? ": a client whose connection comes to it now hangs in SYN_SENT" :
			     ": a client that connects now hangs in SYN_SENT");
	if (n > 1)
		tl_tell(t, TL_REMARK_LISTENER, "one of %zu at this address (SO_REUSEPORT): the "
			"kernel gives each connection to one of them, full or not", n);
	if (!(t->look->says & TL_HOST_INFO))
		tl_tell(t, TL_REMARK_SINCE, "not known: a burst fills a queue for a moment, and "
			"this text has no times (ss -i prints them)");
	else if (t->look->overflowed)
		tl_tell(t, TL_REMARK_COUNTED, "ListenOverflows grew by %" PRIu64 " while this "
			"host was looked at",
			t->look->overflowed);
	tell_queue(t, full);
	tl_tell_counter(t, TL_HOST_COUNTER_DROPS);
	requests = count_requests(t->look, t->group);
	if (requests)
		tl_tell(t, TL_REMARK_STATE, "%zu %s in SYN_RECV: the last ACK of a client is "
			"dropped while the queue is full",
			requests, tl_plural(requests, "handshake is", "handshakes are"));
	tl_tell_stopped(t, full);
	tl_tell_setting(t, TL_KNOB_SOMAXCONN, ", the most that listen() gets");
}

/* SYN_SENT. */

static bool is_repeated(const struct tl_seen *row)
{
	return row->sock.retrans;
}

static bool has_asked(const struct tl_seen *row)
{
	return tl_sock_has_asked(&row->sock);
}

bool tl_is_unheard(const struct tl_host *look, const struct tl_group *group)
{
	if (!(look->says & TL_HOST_TIMERS))
		return tl_count_rows(look, group, has_asked) >= SEVERAL;
	TL_EACH_ROW(row, look, group)
		if (row->sock.retrans >= 2)
			return true;
	return false;
}

/* A full queue has no room for the last ACK of a handshake, so that this end itself drops it. */
static const struct tl_seen *find_over(const struct tl_host *look,
				       const struct tl_seen *listener, size_t *n)
{
	const struct tl_seen *over = NULL;

	*n = listener && look->says & TL_HOST_BACKLOG ? count_there(look, listener, &over) : 0;
	return over;
}

/* The addresses of both ends are one: then the listener is on this host, and its queue is known. */
static bool tell_full_here(struct tl_telling *t)
{
	const struct tl_sock *sock = &t->look->rows[t->group->first - 1].sock;
	uint32_t at = memcmp(sock->local.addr, sock->remote.addr, sizeof(sock->local.addr)) ? 0 :
		      tl_host_listener(t->look, &sock->remote);
	const struct tl_seen *over;
	size_t n;

	over = find_over(t->look, tl_row_at(t->look, at), &n);
	if (!over)
		return false;
	tl_say_holder(&t->text, t->look, over);
	if (n > 1)
		tl_buf_fmt(&t->text, ", one of %zu at this address", n);
	tl_tell(t, TL_REMARK_LISTENER, "it is on this host, of %s, and its accept queue is "
		"full, %u of %u: its SYNs are dropped",
		tl_buf_text(&t->text), over->sock.recvq, over->sock.sendq);
	return true;
}

void tl_tell_unheard(struct tl_telling *t)
{
	int64_t sent = t->look->knobs.counter[TL_HOST_COUNTER_SYN_REPEATED];
	uint32_t most = 0;
	size_t n = 0;
	bool full, within = tl_endpoint_is_loopback(&t->group->end);

	t->about = t->look->says & TL_HOST_TIMERS ? is_repeated : has_asked;
	TL_EACH_ROW(row, t->look, t->group) {
		n += t->about(row);
		most = row->sock.retrans > most ? row->sock.retrans : most;
	}
	tl_tell_head(t, "%s %s no answer from %s to %zu %s.", t->owner,
		     t->group->processes > 1 ? "get" : "gets", t->end, n,
		     tl_plural(n, "SYN", "SYNs"));
	/* While a SYN waits in a queue of this host no other one is made; the timer fires. */
	if (most)
		tl_tell(t, TL_REMARK_REPEATED, "the timer has fired %u %s without an answer%s",
			most, tl_plural(most, "time", "times"), sent < 0 || sent >= most ? "" :
			", but not all SYNs were sent again: this host has no route to it (ip "
			"route get shows it), or they wait here for the address of their "
			"neighbour (ip neigh)");
	else
		tl_tell(t, TL_REMARK_REPEATED, "not known: this text has no timers (ss -o "
			"prints them), and the answers can be on their way");
	tl_tell_setting(t, TL_KNOB_SYN_RETRIES, "");
	if (t->look->knobs.setting[TL_KNOB_SYN_LINEAR] > 0)
		tl_tell_setting(t, TL_KNOB_SYN_LINEAR, ": so many more, before the time between "
				"two grows");
	tl_tell_counter(t, TL_HOST_COUNTER_SYN_REPEATED);
	full = tell_full_here(t);
	if (!full && most)
		tl_tell(t, TL_REMARK_MEANS, "no SYN+ACK and no RST came back: %s", within ?
			"both ends are on this host, so they are dropped on it, as a firewall rule "
			"does" :
			"a host that is down, a firewall that drops, or a listener whose accept "
			"queue is full (its SYNs are dropped)");
	tl_tell_limit(t);
	tl_tell_rows(t);
	tl_tell(t, TL_REMARK_SO, "%s%s",
		full || most ? "" : "if the same rows are there a minute later, ",
		full ? "the listener's program does not accept, or not as fast as connections "
		       "come. It is not a network fault." :
		within ? "the SYNs, or the answers to them, are dropped on this host." :
		       "the SYNs, or the answers to them, are lost on the way, or the other end "
		       "drops them.");
	tl_tell(t, TL_REMARK_NOW, "%s", full ? "look at that program: tcplab why listen" :
		within ? "look at this host's firewall (nft list ruleset, iptables -S)" :
		"try the address from here and from elsewhere; look at the listener there "
		"(tcplab snap --listen)");
}

/* SYN_RECV. */

/*
 * A busy server far from its clients has as many as come in one round trip. What shows that nobody
 * answers is a SYN+ACK that was sent again; without timers only the number is left.
 */
bool tl_is_flood(const struct tl_host *look, const struct tl_group *group)
{
	size_t n;

	if (!(look->says & TL_HOST_TIMERS))
		return group->n >= MANY;
	if (find_over(look, tl_row_at(look, group->listener), &n))
		return false;
	return tl_count_rows(look, group, is_repeated) >= SEVERAL;
}

void tl_tell_flood(struct tl_telling *t)
{
	t->about = t->look->says & TL_HOST_TIMERS ? is_repeated : NULL;
	tl_tell_head(t, "%zu handshakes with %s wait for their last ACK%s.", t->group->n, t->end,
		     t->group->many_peers ? ", from many addresses" : ", all from one address");
	tl_tell(t, TL_REMARK_REPEATED, "%zu of %zu SYN+ACKs were sent more than once",
		tl_count_rows(t->look, t->group, is_repeated), t->group->n);
	tell_queue(t, tl_row_at(t->look, t->group->listener));
	tl_tell_setting(t, TL_KNOB_SYN_BACKLOG, "");
	tl_tell_setting(t, TL_KNOB_SYNCOOKIES, "");
	tl_tell_counter(t, TL_HOST_COUNTER_COOKIES);
	tl_tell_counter(t, TL_HOST_COUNTER_REQUESTS_DROPPED);
	tl_tell_rows(t);
}
