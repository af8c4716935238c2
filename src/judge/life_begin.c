/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a life begins: the connection's first segment, and whether a listener took it. */
#include "lives.h"

/* Was another socket between these two ends after that SYN, and before this one was seen? */
static bool is_anothers(const struct reader *r, const struct tl_event *syn,
			const struct tl_sighting *first)
{
	const struct tl_sock *sock = &first->row->sock;
	size_t n = 0;

	if (syn < first->ev)
		tl_film_pair(r->film, &sock->local, &sock->remote, syn, first->ev - 1, &n);
	return n;
}

const struct tl_event *life_beginning(const struct reader *r,
				      const struct tl_sighting *first, bool *by_us)
{
	const struct tl_event *begin = r->film->trace->events, *syn = NULL;
	const struct tl_sock *sock = &first->row->sock;

	*by_us = false;
	for (int back = 0; back < 2; back++) {
		const struct tl_endpoint *from = back ? &sock->remote : &sock->local;
		size_t n;
		const struct tl_shot **sent =
			tl_film_sent(r->film, from, back ? &sock->local : &sock->remote, begin,
				     first->ev, &n);

		while (n && !(sent[n - 1]->kinds & 1u << TL_SEGMENT_SYN))
			n--;
		/* the first of those that the kernel has sent again */
		for (size_t i = n; i-- > 0;)
			if (sent[i]->kinds & 1u << TL_SEGMENT_SYN &&
			    sent[i]->ev->segment.seg.seq == sent[n - 1]->ev->segment.seg.seq)
				n = i + 1;
		if (!n || (syn && sent[n - 1]->ev < syn))
			continue;
		*by_us = !back;
		syn = sent[n - 1]->ev;
	}
	/* a table can be ahead of the wire: its own SYN is read next */
	if (sock->state == TL_SYN_SENT && syn && is_anothers(r, syn, first)) {
		*by_us = true;
		return first->ev;
	}
	return syn;
}

const struct tl_socket *life_listener(const struct tl_film *film,
				      const struct tl_endpoint *local,
				      const struct tl_event *ev)
{
	const struct tl_socket *found = NULL;

	for (size_t i = 0; i < film->n_listeners && film->listeners[i]->born <= ev; i++)
		if (tl_endpoint_accepts(&film->listeners[i]->first->sock.local, local))
			found = film->listeners[i];
	return found;
}

/* Did a call open it? Of a call that was not told what socket it made nothing is known. */
static const struct tl_act *opened_by(const struct reader *r, const struct tl_sighting *first)
{
	const struct tl_event *end = r->film->trace->events + r->film->trace->n - 1;
	size_t n;
	const struct tl_act *acts = tl_film_acts(r->film, r->life->owner,
						 r->film->trace->events, end, &n);

	for (size_t i = 0; i < n; i++)
		if (acts[i].step && acts[i].cookie == first->row->sock.cookie &&
		    acts[i].step->call.opens)
			return &acts[i];
	return NULL;
}

/* Did it send a SYN by then, to connect? */
static bool sent_syn(const struct reader *r, const struct tl_sighting *first)
{
	const struct tl_sock *sock = &first->row->sock;
	size_t n;
	const struct tl_shot **sent = tl_film_sent(r->film, &sock->local, &sock->remote,
						   r->film->trace->events, first->ev, &n);

	for (size_t i = 0; i < n; i++)
		if (sent[i]->kinds & 1u << TL_SEGMENT_SYN)
			return true;
	return false;
}

/*
 * Do the segments say that a listener took it? A SYN came, and of all that it sent, which was
 * seen, none was a SYN to connect.
 */
static bool was_asked(const struct reader *r, const struct tl_sighting *first)
{
	const struct tl_sock *sock = &first->row->sock;
	size_t n;
	const struct tl_shot **came = tl_film_arrived(r->film, &sock->remote, &sock->local,
						      r->since, first->ev, &n);

	if (!tl_film_saw_wire(r->film, first->ev->phase) || sent_syn(r, first))
		return false;
	for (size_t i = 0; i < n; i++)
		if (came[i]->kinds & 1u << TL_SEGMENT_SYN)
			return true;
	return false;
}

bool life_is_passive(const struct reader *r, const struct tl_sighting *first, bool syn_by_us)
{
	const struct tl_sock *sock = &first->row->sock;
	const struct tl_act *act = opened_by(r, first);
	int to = tl_film_next(r->film, first->ev);

	if (sock->state == TL_LISTEN || sock->state == TL_SYN_SENT)
		return false;
	if (act)
		return tl_verb_does(act->step->verb, 1u << TL_DOES_ACCEPTS) ||
		       act->step->verb == TL_VERB_ANSWERED;
	if (syn_by_us)
		return false;
	if (first->ev->kind == TL_EVENT_SNAPSHOT)
		to--;
	return tl_film_listened(r->film, to - 1, to, &sock->local) || was_asked(r, first);
}
