/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * The kernel never hands the same cookie out twice, so everything seen of one cookie is
 * one socket. Its life is the states it was seen in, in order, and between any two of
 * them, before the first and after the last, what RFC 9293's diagram says it must have
 * been through: tl_arc_path() names the likeliest way, first without a reset and only
 * then with one. Where there is no way at all the life is not legal.
 *
 * Observed is what a row shows, of a snapshot or of a segment's end, and nothing else.
 * With the wire tapped most states are, for most are entered with a segment, and that
 * shows both ends while it is in flight. They are looked up a moment after it was stopped,
 * which may be a moment before the sender is in the state it announces: then that state is
 * seen a little later, and the one before it once more.
 * CLOSED has no row (RFC 9293 3.3.2 calls it fictional), so where a life begins and ends
 * in CLOSED is inferred, although the row's absence is seen plainly enough.
 *
 * A life begins
 *   in CLOSED for a listener and for an active opener;
 *   in LISTEN for a passive opener: a listener that takes its local endpoint was there in
 *   the snapshot it first appears in, or in the one before, or was an end of a segment
 *   between the two. Linux never moves the listener's own socket; the RFC's arrow out of
 *   LISTEN is walked by the new one.
 * So the listener's own row may only go to CLOSED, whatever the diagram draws; and where a
 * RST leads back to LISTEN a request goes, and no row comes.
 *
 * A life ends in CLOSED where the snapshot after its last row lacks it; by which way,
 * ending.c weighs. That a segment found no socket at one of its ends is not enough. A row
 * seen in the last snapshot, or after it, ends nowhere: the run just stopped looking. A row
 * missing from one snapshot and back later is taken as having been there, for a dump is
 * not atomic.
 */
#include "questions.h"

#include <stdlib.h>
#include <string.h>

#include "tcplab/grow.h"

/* Hops never outnumber: a beginning, and for each sighting and the end a whole path. */
static bool add_hop(struct tl_life *life, enum tl_state state, enum tl_hop_kind kind, int phase,
		    const struct tl_arc *arc)
{
	if (!TL_GROW(life->hops, life->n_hops))
		return false;
	life->hops[life->n_hops++] = (struct tl_hop){ .state = state, .kind = kind,
						      .phase = phase, .arc = arc };
	return true;
}

/* Walk a path; the state it leads to is of kind @last, those on the way are inferred. */
static bool add_path(struct tl_life *life, const struct tl_arc **path, int n,
		     enum tl_hop_kind last, int phase)
{
	for (int i = 0; i < n; i++) {
		enum tl_hop_kind kind = i == n - 1 ? last : TL_HOP_INFERRED;

		if (!add_hop(life, path[i]->to, kind, phase, path[i]))
			return false;
	}
	return true;
}

static void say_who(struct tl_buf *out, const struct tl_film *film, const struct tl_life *life)
{
	char local[TL_ENDPOINT_TEXT], remote[TL_ENDPOINT_TEXT];

	if (life->owner >= 0)
		tl_buf_fmt(out, "%s's socket ", tl_plan_actor_name(film->plan, life->owner));
	else
		tl_buf_str(out, "the socket ");
	tl_buf_fmt(out, "%s -> %s", tl_endpoint_text(&life->local, local),
		   tl_endpoint_text(&life->remote, remote));
}

/* @from was seen and then @to, and no way leads there. */
static bool outlaw(const struct tl_film *film, struct tl_life *life, enum tl_state from,
		   enum tl_state to)
{
	struct tl_buf buf = { 0 };

	life->legal = false;
	if (life->reason)
		return true;
	say_who(&buf, film, life);
	tl_buf_fmt(&buf, " was seen in %s and then in %s, and ", tl_state_name(from),
		   tl_state_name(to));
	if (from == TL_LISTEN)
		tl_buf_str(&buf, "a listener's own socket never leaves LISTEN but by CLOSE");
	else if (to == TL_LISTEN)
		tl_buf_str(&buf, "no socket of Linux comes to LISTEN but from CLOSED");
	else
		tl_buf_str(&buf, "RFC 9293 has no way from the one to the other");
	life->reason = say_take(&buf);
	return life->reason;
}

/*
 * The way from one state seen to the next. Who has heard nothing in between has been led
 * nowhere by a segment: what is left is what its program did, where the figure has that.
 */
static int likeliest_way(const struct tl_film *film, enum tl_state from,
			 const struct tl_sighting *last, const struct tl_sighting *now,
			 const struct tl_arc **path)
{
	enum tl_state to = now->row->sock.state;
	int n = tl_arc_path(from, to, true, path);
	size_t n_arcs;
	const struct tl_arc *arcs = tl_arcs(&n_arcs);

	for (size_t i = 0; last && n > 1 && i < n_arcs; i++) {
		if (arcs[i].from != from || arcs[i].to != to || arcs[i].cause != TL_BY_PROGRAM ||
		    !arcs[i].linux_has ||
		    tl_film_heard(film, &now->row->sock, last->ev, now->ev))
			continue;
		path[0] = &arcs[i];
		return 1;
	}
	return n < 0 ? tl_arc_path(from, to, false, path) : n;
}

/* The same, or, where every SYN is answered with a cookie, the way that has no request. */
static int find_way(const struct tl_film *film, enum tl_state from, const struct tl_sighting *last,
		    const struct tl_sighting *now, const struct tl_arc **path)
{
	enum tl_state to = now->row->sock.state;
	const char *cookies = tl_film_sysctl(film, "net.ipv4.tcp_syncookies", now->ev);
	int n = cookies && !strcmp(cookies, "2") && from == TL_LISTEN ?
			tl_arc_path(TL_ESTABLISHED, to, true, path + 1) :
			-1;

	if (n < 0 || to == TL_SYN_RECV)
		return likeliest_way(film, from, last, now, path);
	path[0] = tl_arc_find("X8");
	return n + 1;
}

/* From one state seen to the next; @listener: out of LISTEN this socket may only close. */
static bool move(const struct tl_film *film, struct tl_life *life, const struct tl_sighting *last,
		 const struct tl_sighting *now, bool listener)
{
	const struct tl_arc *path[TL_STATE_MAX];
	enum tl_state from = life->hops[life->n_hops - 1].state, to = now->row->sock.state;
	int n = find_way(film, from, last, now, path), phase = now->ev->phase;

	if ((from == TL_LISTEN && listener && to != TL_CLOSE) ||
	    (to == TL_LISTEN && from != TL_CLOSE))
		n = -1;
	if (n >= 0)
		return add_path(life, path, n, TL_HOP_OBSERVED, phase);
	return outlaw(film, life, from, to) && add_hop(life, to, TL_HOP_OBSERVED, phase, NULL);
}

static bool passive(const struct tl_film *film, const struct tl_sighting *first)
{
	const struct tl_sock *sock = &first->row->sock;
	int to = tl_film_next(film, first->ev);

	if (first->ev->kind == TL_EVENT_SNAPSHOT)
		to--;
	return sock->state != TL_LISTEN && sock->state != TL_SYN_SENT &&
	       tl_film_listened(film, to - 1, to, &sock->local);
}

static bool begin(const struct tl_film *film, const struct tl_sighting *first, struct tl_life *life)
{
	int phase = first->ev->phase;

	if (first->row->sock.state == TL_CLOSE)
		return add_hop(life, TL_CLOSE, TL_HOP_OBSERVED, phase, NULL);
	return add_hop(life, passive(film, first) ? TL_LISTEN : TL_CLOSE, TL_HOP_INFERRED,
		       phase, NULL);
}

/* Go from sighting to sighting; *@last gets the last, the first of its event. */
static bool live(const struct tl_film *film, const struct tl_socket *socket, struct tl_life *life,
		 const struct tl_sighting **last)
{
	const struct tl_sighting *end = film->sightings + socket->from + socket->n;
	bool listener = false;

	*last = NULL;
	for (const struct tl_sighting *s = end - socket->n; s < end; s++) {
		enum tl_state to = s->row->sock.state;

		if (*last && (*last)->ev == s->ev)
			continue;
		if (to != life->hops[life->n_hops - 1].state &&
		    !move(film, life, *last, s, listener))
			return false;
		listener = to == TL_LISTEN;
		*last = s;
	}
	return true;
}

/* Did the scenario end it, between its last row and the table that lacks it? */
static bool destroyed(const struct tl_film *film, const struct tl_sighting *last, int next)
{
	for (const struct tl_event *ev = last->ev; ev < film->snaps[next]; ev++) {
		const struct tl_step *step =
			ev->kind == TL_EVENT_DONE ? tl_film_step(film, ev) : NULL;

		if (step && step->verb == TL_VERB_DESTROY &&
		    tl_pattern_fits(&step->row, last->row))
			return true;
	}
	return false;
}

static bool end(const struct tl_film *film, const struct tl_sighting *first,
		const struct tl_sighting *last, struct tl_life *life)
{
	const struct tl_arc *path[TL_STATE_MAX];
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a socket has a sighting */
	int next = tl_film_next(film, last->ev);

	if (next == film->n_snaps)
		return true;
	if (destroyed(film, last, next))
		return add_hop(life, TL_CLOSE, TL_HOP_FORCED, film->snaps[next]->phase,
			       last->row->sock.state == TL_TIME_WAIT ? tl_arc_find("X7") : NULL);
	return add_path(life, path,
			life_end(film, first, last, life->hops[0].state == TL_LISTEN, path),
			TL_HOP_INFERRED, film->snaps[next]->phase);
}

static bool judge_life(const struct tl_film *film, const struct tl_socket *socket,
		       struct tl_life *life)
{
	const struct tl_sighting *first = &film->sightings[socket->from], *last;

	life->cookie = socket->cookie;
	life->owner = socket->owner;
	life->peer = socket->peer;
	life->local = first->row->sock.local;
	life->remote = first->row->sock.remote;
	life->legal = true;
	return begin(film, first, life) && live(film, socket, life, &last) &&
	       end(film, first, last, life);
}

bool judge_lives(const struct tl_film *film, struct tl_verdict *verdict)
{
	verdict->lives = calloc(film->n_sockets + 1, sizeof(*verdict->lives));
	if (!verdict->lives)
		return false;
	verdict->n_lives = film->n_sockets;
	for (size_t i = 0; i < film->n_sockets; i++)
		if (!judge_life(film, &film->sockets[i], &verdict->lives[i]))
			return false;
	return true;
}
