/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows that what their sockets have sent contradicts: too much of it, or too little. */
#include "lives.h"

/* A row that no table can have any more, by what had been sent before it. */
static const char *outlived(const struct reader *r, const struct tl_sighting *s)
{
	enum tl_state state = s->row->sock.state;
	uint32_t open = 1u << TL_SYN_SENT | 1u << TL_SYN_RECV | 1u << TL_ESTABLISHED;

	if (r->fin && (open | 1u << TL_CLOSE_WAIT) & 1u << state)
		return "it had sent its FIN before";
	/* tcp_fin() acknowledges before it leaves these two */
	if (r->fin_acked && r->fin_acked->phase < s->ev->phase)
		open |= 1u << TL_FIN_WAIT1 | 1u << TL_FIN_WAIT2;
	return r->fin_acked && open & 1u << state ?
		       "it had acknowledged the other end's FIN before" : NULL;
}

/*
 * What a socket must have sent to be seen so: a flag, or 0. A SYN may have to wait for data that go
 * with it; a FIN behind data, or for a window, where it takes a place like a byte (RFC 9293 3.4).
 */
static uint8_t must_have_sent(const struct reader *r, const struct tl_sighting *s)
{
	const struct tl_sock *sock = &s->row->sock;
	const struct tl_shot **came;
	size_t n;

	switch (sock->state) {
	case TL_SYN_SENT:
		return tl_sock_has_asked(sock) ? TL_FLAG_SYN : 0;
	case TL_FIN_WAIT1:
	case TL_CLOSING:
	case TL_LAST_ACK:
		if (sock->sendq != 1)
			return 0;
		came = tl_film_arrived(r->film, &sock->remote, &sock->local, r->since, s->ev, &n);
		return n && came[n - 1]->ev->segment.seg.window ? TL_FLAG_FIN : 0;
	default:
		return 0;
	}
}

/* The next look that a phase ends on: what was sent before @ev is read by then. NULL: none came. */
static const struct tl_event *read_by(const struct tl_film *film, const struct tl_event *ev)
{
	int next = tl_film_next(film, ev);

	for (size_t i = ev->phase < 0 ? 0 : (size_t)ev->phase; i < film->plan->n_phases; i++)
		if (film->looks[i] >= next &&
		    film->snaps[film->looks[i]]->snapshot.look == TL_LOOK_SETTLED)
			return film->snaps[film->looks[i]];
	return NULL;
}

/* What the first table has may be older than the trace, but where its program is not. */
static bool may_be_older(const struct reader *r, const struct tl_sighting *last,
			 const struct tl_sighting *s)
{
	if (last || s->ev > r->film->snaps[0])
		return false;
	for (const struct tl_event *ev = r->film->trace->events; ev < s->ev; ev++)
		if (ev->kind == TL_EVENT_ACTOR && ev->actor.change == TL_ACTOR_STARTED &&
		    ev->actor.actor == r->life->owner)
			return false;
	return true;
}

/* A row of a socket that has sent what no segment of the trace is. */
static const char *unsent(const struct reader *r, const struct tl_sighting *last,
			  const struct tl_sighting *s)
{
	const struct tl_sock *sock = &s->row->sock;
	uint8_t flag = must_have_sent(r, s);
	const struct tl_event *end = flag ? read_by(r->film, s->ev) : NULL;
	const struct tl_shot **sent;
	size_t n;

	if (!end || !tl_film_saw_wire(r->film, end->phase) || may_be_older(r, last, s))
		return NULL;
	sent = tl_film_sent(r->film, &sock->local, &sock->remote, r->since, end, &n);
	/* a FIN is the last that it sends */
	while (n--) {
		uint64_t by = sent[n]->ev->segment.ends[0].sock.cookie;

		/* its ports may have been another's, and the SYN that one's */
		if (sent[n]->ev->segment.seg.flags & flag &&
		    (flag == TL_FLAG_FIN || !by || by == sock->cookie))
			return NULL;
	}
	return flag == TL_FLAG_SYN ? "no segment of the trace is its SYN" :
				     "no segment of the trace is its FIN";
}

const char *life_gainsaid(const struct reader *r, const struct tl_sighting *last,
			  const struct tl_sighting *s)
{
	const char *what = outlived(r, s);

	return what ? what : unsent(r, last, s);
}
