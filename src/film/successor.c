/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose RST answers the ACK of a request that has lost its listener.
 *
 * Linux finds the request, which outlives its listener until its timer fires, and drops it
 * (tcp_v4_rcv() in net/ipv4/tcp_ipv4.c); then it looks the segment up once more. Where another
 * listens on the port by then, the ACK has reached that one, which answers it from LISTEN.
 */
#include "parts.h"

/* The listener that took the request which @shot had reached; NULL: not known. */
static const struct tl_socket *listener_of(const struct tl_film *film, const struct tl_shot *shot)
{
	const struct tl_endpoint *to = &shot->ev->segment.seg.to;

	while (shot && !(shot->ev->segment.ends[1].sock.state == TL_LISTEN &&
			 shot->kinds & 1u << TL_SEGMENT_SYN &&
			 tl_endpoint_equal(&shot->ev->segment.seg.to, to)))
		shot = shot->before;
	return shot ? tl_film_socket(film, shot->ev, shot->ev->segment.ends[1].sock.cookie) : NULL;
}

static const struct tl_sighting *last_of(const struct tl_film *film,
					 const struct tl_socket *socket)
{
	return &film->sightings[socket->from + socket->n - 1];
}

static bool has_ended(const struct tl_film *film, const struct tl_socket *listener,
		      const struct tl_event *ev)
{
	const struct tl_event *seen = last_of(film, listener)->ev;

	return seen < ev && tl_film_acted(film, listener->owner,
					  TL_DOES_CLOSE | 1u << TL_DOES_SHUTS, seen, ev);
}

/* Was it told to listen, and was that done by then? */
static bool was_told(const struct tl_film *film, const struct tl_socket *listener,
		     const struct tl_event *ev)
{
	size_t n;
	const struct tl_act *acts =
		tl_film_acts(film, listener->owner, film->trace->events, ev, &n);

	for (size_t i = 0; i < n; i++)
		if (acts[i].step && acts[i].cookie == listener->cookie && acts[i].done &&
		    acts[i].done < ev &&
		    tl_verb_does(acts[i].step->verb, 1u << TL_DOES_LISTENS))
			return true;
	return false;
}

bool tl_film_listens(const struct tl_film *film, const struct tl_socket *listener,
		     const struct tl_event *ev)
{
	const struct tl_sighting *last = last_of(film, listener);

	if (last->ev < ev || last->row->sock.state != TL_LISTEN)
		return false;
	return (listener->born <= ev && listener->first->sock.state == TL_LISTEN) ||
	       was_told(film, listener, ev);
}

/* Who listens there now, in place of the request's own listener; NULL: nobody, or it still does. */
static const struct tl_socket *successor(const struct tl_film *film, const struct tl_shot *rst,
					 const struct tl_shot *ack)
{
	const struct tl_socket *own = listener_of(film, ack);

	if (!own || !has_ended(film, own, rst->ev))
		return NULL;
	for (size_t i = 0; i < film->n_listeners; i++) {
		const struct tl_socket *it = film->listeners[i];

		if (it != own && tl_film_listens(film, it, rst->ev) &&
		    tl_endpoint_accepts(&last_of(film, it)->row->sock.local,
					&rst->ev->segment.seg.from))
			return it;
	}
	return NULL;
}

bool film_take_successors(struct tl_film *film)
{
	struct film_resets resets = { 0 };

	for (size_t i = 0; i < film->n_shots; i++) {
		struct tl_shot *rst = &film->shots[i];
		const struct tl_shot *ack;
		const struct tl_socket *by = NULL;

		if (rst->ends[0] || !(rst->ev->segment.seg.flags & TL_FLAG_RST))
			continue;
		/* few runs have one: sorted only then */
		if (!resets.v && !film_resets_take(&resets, film))
			return false;
		ack = film_reset_answers(&resets, rst);
		if (ack && tl_shot_reached(ack) == TL_SYN_RECV)
			by = successor(film, rst, ack);
		if (!by)
			continue;
		rst->ends[0] = TL_LISTEN;
		rst->from = by->owner;
	}
	film_resets_release(&resets);
	return true;
}
