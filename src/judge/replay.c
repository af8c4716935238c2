/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Where every segment was seen, nothing that a socket went through has to be guessed. Between
 * two sightings of it the trace has, in order, what arrived at it, what it sent, and what its
 * program was told. Each of these can take it along arcs: a segment that arrives along those
 * of tl_flows_arc(); a FIN or RST of its own proves that the program closed or aborted; a call
 * does what calls do. A timer may run out wherever there was time for it, and a repetition
 * where the kernel repeats before it gives up.
 *
 * So the way from one state to the next is a way through these items: each is walked along,
 * or passed over as of no effect (a RST that is not exact, a call on another socket of the
 * same program). The cheapest way is taken, and to pass over what could have had an effect is
 * dear. Each arc of it has its cause in the trace.
 *
 * Programs that are not peers do as they please, unseen. An arc that is theirs may be taken
 * without a cause in the trace, but only where there is no other way.
 */
#include "replay_items.h"

#include <errno.h>
#include <stdlib.h>

/* Costs, beside those of the arcs: what is dearer is taken only where the rest fails. */
#define IGNORED	    400   /* passing over what could have had an effect */
#define INEXACT	    40    /* a RST or SYN the kernel did not believe; a call on another socket */
#define EXPIRED	    60    /* a timer that had the time */
#define EARLY	    9000  /* one that has not, unless a program has set it */
#define LATE	    30    /* a FIN that had arrived before the data in front of it */
#define UNSEEN	    5000  /* what a program may have done, without a trace */

#define NO_WAY	    INT32_MAX

/* How a place was reached: @state before item @item. */
struct place {
	int32_t cost;
	uint8_t from;                 /* the state before */
	bool same_item;               /* that was before the same item */
	const struct tl_arc *arcs[2]; /* NULL: none */
	const struct tl_event *cause;
};

static struct place *at(struct replay *r, size_t i, enum tl_state state)
{
	return &r->places[i * NS + state];
}

/* A way to @to before item @i (or after the last) that costs so much. */
static bool offer(struct replay *r, size_t i, enum tl_state to, struct place way)
{
	struct place *p = at(r, i, to);

	if (way.cost >= p->cost)
		return false;
	*p = way;
	return true;
}

static bool has_room_for_timewait(const struct replay *r, const struct tl_event *ev)
{
	/* how many rows there are in all is not known: what was set low is taken at its word */
	return tl_film_sysctl(r->film, "net.ipv4.tcp_max_tw_buckets", ev, UINT64_MAX) > 16;
}

/* What it can come to instead, where the kernel keeps no more rows in TIME_WAIT. */
static const struct tl_arc *without_room(const struct tl_arc *arc)
{
	if (arc->from == TL_FIN_WAIT2 && arc->to == TL_TIME_WAIT)
		return tl_arc(TL_ARC_ID_X9);
	if (arc->from == TL_FIN_WAIT1 && (arc->to == TL_TIME_WAIT || arc->to == TL_FIN_WAIT2))
		return tl_arc(TL_ARC_ID_X9_FIN_WAIT1);
	if (arc->from == TL_CLOSING && arc->to == TL_TIME_WAIT)
		return tl_arc(TL_ARC_ID_X9_CLOSING);
	return NULL;
}

/* The ACK of a cookie can be lost: what is sent next acknowledges the same. */
static bool acknowledges(const struct tl_shot *shot)
{
	return (shot->ev->segment.seg.flags & (TL_FLAG_SYN | TL_FLAG_RST | TL_FLAG_ACK)) ==
	       TL_FLAG_ACK;
}

/*
 * A listener's request does not belong to a program yet: nobody can close it, but with Fast
 * Open.
 */
static bool is_nobodys(const struct replay *r, enum tl_state state)
{
	return state == TL_SYN_RECV && r->s->listener && !r->fast_open;
}

/* A segment arrives at a socket in @state: offer what it may bring. True: it brings something. */
static bool arrive(struct replay *r, size_t i, enum tl_state state)
{
	const struct item *item = &r->items[i];
	struct place way = { .cost = at(r, i, state)->cost, .from = state, .cause = item->ev };
	struct tl_sock sock = *r->s->sock;
	const struct tl_arc *arc, *instead;
	uint32_t kinds = item->shot->kinds;

	sock.state = state;
	sock.inode = !r->s->listener;
	if (replay_fin_is_out(item))
		kinds = (kinds & ~(1u << TL_SEGMENT_FIN | 1u << TL_SEGMENT_FIN_ACK)) |
			1u << TL_SEGMENT_ACK;
	arc = state == TL_LISTEN && (r->cookie || item->unanswered) ? NULL :
								      tl_flows_arc(&sock, kinds);
	if (!arc && item->fills) {
		arc = tl_flows_arc(&sock, 1u << TL_SEGMENT_FIN);
		way.cost += LATE;
	}
	if (!arc && state == TL_LISTEN && r->cookie && acknowledges(item->shot))
		arc = tl_arc(TL_ARC_ID_X8);
	if (!arc || !replay_numbers_fit(state, item))
		return false;
	way.cost += arc->cost > INEXACT ? INEXACT : arc->cost;
	way.arcs[0] = arc;
	/* a request that a RST took back to LISTEN is gone: no SYN is for it any more */
	offer(r, i + 1, arc == tl_arc(TL_ARC_ID_11) ? REPLAY_TAKEN_BACK : arc->to, way);
	instead = has_room_for_timewait(r, item->ev) ? NULL : without_room(arc);
	if (instead) {
		way.arcs[0] = instead;
		offer(r, i + 1, instead->to, way);
		way.arcs[0] = arc;
	}
	if (arc->to == TL_ESTABLISHED &&
	    kinds & (1u << TL_SEGMENT_FIN | 1u << TL_SEGMENT_FIN_ACK)) {
		way.arcs[1] = tl_arc(TL_ARC_ID_13);
		offer(r, i + 1, TL_CLOSE_WAIT, way);
	}
	return true;
}

/* It sent a FIN or a RST, a SYN: what must have come before. */
static bool send_off(struct replay *r, size_t i, enum tl_state state)
{
	const struct item *item = &r->items[i];
	struct place way = { .cost = at(r, i, state)->cost, .from = state, .cause = item->ev };
	uint8_t flags = item->shot->ev->segment.seg.flags;
	const struct tl_arc *arc = NULL;

	if (flags & TL_FLAG_RST)
		arc = replay_own_reset(r, state);
	else if (flags & TL_FLAG_FIN)
		arc = state == TL_LISTEN || is_nobodys(r, state) ? NULL :
								    replay_closed_from(state);
	else if (flags & TL_FLAG_SYN && !(flags & TL_FLAG_ACK))
		arc = state == TL_CLOSE	    ? tl_arc(TL_ARC_ID_2) :
		      state == TL_TIME_WAIT ? tl_arc(TL_ARC_ID_X1) :
					      NULL;
	if (!arc)
		return false;
	way.cost += arc->cost > INEXACT ? INEXACT : arc->cost;
	way.arcs[0] = arc;
	offer(r, i + 1, arc->to, way);
	return true;
}

static bool obey(struct replay *r, size_t i, enum tl_state state)
{
	const struct item *item = &r->items[i];
	struct place way = { .cost = at(r, i, state)->cost, .from = state, .cause = item->ev };
	const struct tl_arc *arc = item->kind == TOLD ? replay_told_arc(item->act, state) :
							replay_listener_arc(item->act, state);

	/* half-closed, and closed now: what waits without a program needs room as well */
	if (!arc && item->kind == TOLD && state == TL_FIN_WAIT2 && replay_closes(item->act) &&
	    !has_room_for_timewait(r, item->ev))
		arc = tl_arc(TL_ARC_ID_X9);
	if (!arc || (item->kind == TOLD && is_nobodys(r, state)))
		return false;
	way.cost += arc->cost > INEXACT ? INEXACT : arc->cost;
	/* with bytes unread close() sends a RST in place of a FIN, and no state is between */
	if ((arc->to == TL_FIN_WAIT1 || arc->to == TL_LAST_ACK) && r->sent & TL_FLAG_RST &&
	    !(r->sent & TL_FLAG_FIN))
		way.cost += IGNORED;
	way.arcs[0] = arc;
	offer(r, i + 1, arc->to, way);
	return true;
}

static bool is_set(const struct replay *r, const char *name, const struct tl_event *ev)
{
	return tl_film_sysctl(r->film, name, ev, 0);
}

/* On to the next item: with what this one brings, or past it. */
static void walk(struct replay *r, size_t i, enum tl_state state, bool moves)
{
	const struct item *item = &r->items[i];
	struct place past = { .cost = at(r, i, state)->cost, .from = state };
	bool acts = false;

	switch (moves ? item->kind : IDLE) {
	case IDLE:
		break;
	case ARRIVES:
		acts = arrive(r, i, state);
		break;
	case SENT:
		acts = send_off(r, i, state);
		break;
	case TOLD:
	case ITS_LISTENER:
		acts = obey(r, i, state);
		break;
	}
	if (state == TL_SYN_RECV && r->s->listener && item->kind == ARRIVES &&
	    is_set(r, "net.ipv4.tcp_abort_on_overflow", item->ev))
		acts = false; /* the ACK it answers with a RST brings nothing */
	if (acts && item->shot && !(item->shot->ev->segment.seg.flags & (TL_FLAG_RST | TL_FLAG_SYN)))
		past.cost += IGNORED;
	else if (acts)
		past.cost += INEXACT;
	offer(r, i + 1, state, past);
}

/* What no item brings: a timer that runs out, ICMP, and what programs do unseen. */
static bool wait_there(struct replay *r, size_t i, enum tl_state state)
{
	size_t n;
	const struct tl_arc *arcs = tl_arcs(&n);
	bool better = false;

	for (size_t k = 0; k < n; k++) {
		struct place way = { .cost = at(r, i, state)->cost + arcs[k].cost, .from = state,
				     .same_item = true, .arcs = { &arcs[k] } };

		if (arcs[k].from != state || !arcs[k].linux_has)
			continue;
		if (arcs[k].cause == TL_BY_TIMER && replay_is_time_for(r, i, &arcs[k])) {
			way.cost += replay_is_early_for(r, &arcs[k]) ? EARLY : EXPIRED;
			way.cause = r->s->until;
		} else if (r->unreachable && (&arcs[k] == tl_arc(TL_ARC_ID_X12) ||
					      &arcs[k] == tl_arc(TL_ARC_ID_X12_SYN_RECV))) {
			way.cause = r->s->until;
		} else if (arcs[k].cause == TL_BY_PROGRAM && arcs[k].kind == TL_ARC_DRAWN &&
			   !tl_film_is_peer(r->film, r->s->owner) && !is_nobodys(r, state)) {
			way.cost += UNSEEN;
		} else {
			continue;
		}
		better |= offer(r, i, arcs[k].to, way);
	}
	return better;
}

static void go_through(struct replay *r, enum tl_state from)
{
	for (size_t i = 0; i < (r->n + 1) * NS; i++)
		r->places[i].cost = NO_WAY;
	at(r, 0, from)->cost = 0;
	at(r, 0, from)->same_item = true;
	for (size_t i = 0; i <= r->n; i++) {
		bool better = true;

		/* no state is come into twice by waiting: so many rounds are enough */
		for (int round = 0; round < NS && better; round++) {
			better = false;
			for (enum tl_state s = 1; s < NS; s++)
				if (at(r, i, s)->cost != NO_WAY && (s == from || s != TL_CLOSE) &&
				    (s == from || s != TL_LISTEN))
					better |= wait_there(r, i, s);
		}
		/* no way leads through LISTEN: a listener stays one */
		for (enum tl_state s = 0; i < r->n && s < NS; s++)
			if (at(r, i, s)->cost != NO_WAY)
				walk(r, i, s, s && (s != TL_LISTEN || s == from));
	}
}

/* Write the way to @to down, from its end. */
static int retrace(struct replay *r, enum tl_state from, enum tl_state to, struct cause *path)
{
	size_t i = r->n;
	enum tl_state s = to;
	int n = 0;

	while (!(i == 0 && s == from && at(r, i, s)->cost == 0)) {
		const struct place *p = at(r, i, s);

		for (int k = 1; k >= 0; k--)
			if (p->arcs[k] && n < REPLAY_MAX)
				path[n++] = (struct cause){ p->arcs[k], p->cause };
		if (!p->same_item)
			i--;
		s = p->from;
	}
	for (int k = 0; k < n / 2; k++) {
		struct cause tmp = path[k];

		path[k] = path[n - 1 - k];
		path[n - 1 - k] = tmp;
	}
	return n;
}

int replay(const struct tl_film *film, const struct stretch *s, enum tl_state from,
	   uint32_t goals, struct cause *path)
{
	struct replay r = { .film = film, .s = s };
	enum tl_state best = NS;
	int n = -1;

	replay_collect(&r);
	r.places = r.failed ? NULL : calloc((r.n + 1) * NS, sizeof(*r.places));
	if (r.places) {
		go_through(&r, from);
		for (enum tl_state g = 0; g < NS; g++)
			if (goals & 1u << g && at(&r, r.n, g)->cost != NO_WAY &&
			    (best == NS || at(&r, r.n, g)->cost < at(&r, r.n, best)->cost))
				best = g;
		n = best != NS ? retrace(&r, from, best, path) : -1;
	}
	free(r.items);
	if (!r.places)
		n = -ENOMEM;
	free(r.places);
	return n;
}
