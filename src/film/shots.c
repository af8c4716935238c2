/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A segment's name depends on those before it (flow.h), so all of them are named in one
 * go, from the run's beginning, whatever became of them.
 *
 * What became of one that was held is for a later LETGO to say. Ids are unique in a
 * trace that can be trusted; in any other a LETGO is about the latest segment of its id
 * that came before it.
 */
#include "parts.h"

#include <limits.h>
#include <stdlib.h>

static size_t count(const struct tl_trace *trace, enum tl_event_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < trace->n; i++)
		n += trace->events[i].kind == kind;
	return n;
}

static enum tl_shot_end fate_of(const struct tl_event *ev)
{
	switch (ev->segment.fate) {
	case TL_FATE_HELD:
		return TL_SHOT_HELD;
	case TL_FATE_ABSORBED:
		return TL_SHOT_ABSORBED;
	case TL_FATE_PASSED:
		break;
	}
	return TL_SHOT_ARRIVED;
}

static bool name_shots(struct tl_film *film)
{
	const struct tl_trace *trace = film->trace;
	struct tl_flows flows = { 0 };
	bool ok = true;

	for (size_t i = 0; i < trace->n && ok; i++) {
		const struct tl_event *ev = &trace->events[i];
		uint32_t kinds = tl_flows_take(&flows, ev);

		ok = kinds;
		if (ev->kind != TL_EVENT_SEGMENT || !ok)
			continue;
		film->shots[film->n_shots++] = (struct tl_shot){
			.ev = ev, .kinds = kinds, .name = tl_flows_kind(kinds), .end = fate_of(ev),
		};
	}
	tl_flows_release(&flows);
	return ok;
}

/* By id, and of one id in the trace's order. */
static int id_cmp(const struct tl_shot *s, int id, const struct tl_event *ev)
{
	if (s->ev->segment.id != id)
		return s->ev->segment.id < id ? -1 : 1;
	return FILM_CMP(s->ev, ev);
}

static int by_id(const void *a, const void *b)
{
	const struct tl_shot *x = *(struct tl_shot *const *)a;
	const struct tl_shot *y = *(struct tl_shot *const *)b;

	return id_cmp(x, y->ev->segment.id, y->ev);
}

/* The latest of this id that came before @ev, among @held; NULL for none. */
static struct tl_shot *find_held(struct tl_shot **held, size_t n, int id,
				 const struct tl_event *ev)
{
	size_t at = TL_BISECT(i, 0, n, id_cmp(held[i], id, ev) < 0);

	return at && held[at - 1]->ev->segment.id == id ? held[at - 1] : NULL;
}

static void let_go(struct tl_film *film, struct tl_shot *s, const struct tl_event *ev)
{
	if (!s || s->end != TL_SHOT_HELD)
		return;
	film->letgos[film->n_letgos++] = s;
	s->letgo = ev;
	s->end = ev->letgo.dropped ? TL_SHOT_LOST : TL_SHOT_ARRIVED;
}

int film_pair_cmp(const struct tl_segment *x, const struct tl_segment *y)
{
	bool turn_x = tl_endpoint_cmp(&x->from, &x->to) > 0;
	bool turn_y = tl_endpoint_cmp(&y->from, &y->to) > 0;

	return film_way_cmp(turn_x ? &x->to : &x->from, turn_x ? &x->from : &x->to,
			    turn_y ? &y->to : &y->from, turn_y ? &y->from : &y->to);
}

static int by_pair(const void *a, const void *b)
{
	const struct tl_shot *x = *(struct tl_shot *const *)a, *y = *(struct tl_shot *const *)b;
	int order = film_pair_cmp(&x->ev->segment.seg, &y->ev->segment.seg);

	return order ? order : FILM_CMP(x->ev, y->ev);
}

static bool link_pairs(struct tl_film *film)
{
	struct tl_shot **all = calloc(film->n_shots + 1, sizeof(*all));

	if (!all)
		return false;
	for (size_t i = 0; i < film->n_shots; i++)
		all[i] = &film->shots[i];
	qsort(all, film->n_shots, sizeof(*all), by_pair);
	for (size_t i = 1; i < film->n_shots; i++)
		if (!film_pair_cmp(&all[i - 1]->ev->segment.seg, &all[i]->ev->segment.seg))
			all[i]->before = all[i - 1];
	free(all);
	return true;
}

static int letgo_cmp(const void *key, const void *shot)
{
	const struct tl_event *ev = key, *letgo = (*(const struct tl_shot *const *)shot)->letgo;

	return FILM_CMP(ev, letgo);
}

const struct tl_shot *tl_film_letgo(const struct tl_film *film, const struct tl_event *ev)
{
	const struct tl_shot **found = bsearch(ev, film->letgos, film->n_letgos,
					       sizeof(*film->letgos), letgo_cmp);

	return found ? *found : NULL;
}

/* What became of each that was held, and how many copies of each were absorbed. */
static bool take_ends(struct tl_film *film)
{
	const struct tl_trace *trace = film->trace;
	struct tl_shot **held = calloc(film->n_shots + 1, sizeof(*held)), *original;
	size_t n = 0, at = 0;

	film->letgos = calloc(film->n_shots + 1, sizeof(*film->letgos));
	if (!held || !film->letgos) {
		free(held);
		return false;
	}
	for (size_t i = 0; i < film->n_shots; i++)
		if (film->shots[i].end != TL_SHOT_ABSORBED)
			held[n++] = &film->shots[i];
	qsort(held, n, sizeof(*held), by_id);
	for (size_t i = 0; i < trace->n; i++) {
		const struct tl_event *ev = &trace->events[i];

		if (ev->kind == TL_EVENT_LETGO)
			let_go(film, find_held(held, n, ev->letgo.id, ev), ev);
		if (ev->kind != TL_EVENT_SEGMENT || film->shots[at++].end != TL_SHOT_ABSORBED)
			continue;
		original = find_held(held, n, ev->segment.copy_of, ev);
		if (!original)
			continue;
		original->copies++;
		film->shots[at - 1].copy_of = original;
	}
	free(held);
	return true;
}

/* The trace may speak about the wire twice; one refusal is enough. */
static void take_wire(struct tl_tap *tap, const struct tl_event *ev)
{
	if (tap->refused)
		return;
	tap->tapped = ev->wire.tapped;
	tap->refused = !ev->wire.tapped;
	tap->because = ev->wire.tapped ? NULL :
			ev->wire.text  ? ev->wire.text : "no reason is given";
}

static void take_lossy(const struct tl_film *film, struct tl_tap *tap, const struct tl_event *ev)
{
	int phase = tl_film_knows(film, ev->phase) ? ev->phase : -1;
	uint64_t room = UINT64_MAX - tap->lossy;

	tap->lossy += ev->lossy.n < room ? ev->lossy.n : room;
	if (phase < tap->lossy_from)
		tap->lossy_from = phase;
}

static void take_tap(struct tl_film *film)
{
	const struct tl_trace *trace = film->trace;
	struct tl_tap *tap = &film->tap;

	tap->lossy_from = INT_MAX;
	tap->because = film->plan->wire == TL_WIRE_OFF ?
			       "the scenario leaves the wire alone" :
			       "the trace does not mention the wire";
	for (size_t i = 0; i < trace->n; i++) {
		const struct tl_event *ev = &trace->events[i];

		if (ev->kind == TL_EVENT_WIRE)
			take_wire(tap, ev);
		if (ev->kind == TL_EVENT_LOSSY)
			take_lossy(film, tap, ev);
	}
}

bool film_take_shots(struct tl_film *film)
{
	take_tap(film);
	film->shots = calloc(count(film->trace, TL_EVENT_SEGMENT) + 1, sizeof(*film->shots));
	return film->shots && name_shots(film) && link_pairs(film) && take_ends(film) &&
	       film_take_repeats(film) && film_take_ways(film) && film_take_states(film);
}

/* Who sent it, or is to get it: if not known then, by what was learnt of the socket since. */
static int actor_of(const struct tl_film *film, int actor, const struct tl_event *ev, int end)
{
	const struct tl_sock *sock = &ev->segment.ends[end].sock;

	if (tl_film_actor(film, actor) >= 0)
		return actor;
	return tl_state_info(sock->state) ? tl_film_owner(film, ev, sock->cookie) : -1;
}

void film_take_actors(struct tl_film *film)
{
	for (size_t i = 0; i < film->n_shots; i++) {
		struct tl_shot *s = &film->shots[i];

		s->from = actor_of(film, s->ev->segment.from, s->ev, 0);
		s->to = actor_of(film, s->ev->segment.to, s->ev, 1);
		s->froms = s->ev->segment.ends[0].shared_by | s->ev->segment.ends[1].peers;
		s->tos = s->ev->segment.ends[1].shared_by | s->ev->segment.ends[0].peers;
	}
}

static bool is_of(int actor, int named, uint64_t others)
{
	return actor == named || (actor >= 0 && actor < 64 && others >> actor & 1);
}

bool tl_shot_is_from(const struct tl_shot *shot, int actor)
{
	return is_of(actor, shot->from, shot->froms);
}

bool tl_shot_is_to(const struct tl_shot *shot, int actor)
{
	return is_of(actor, shot->to, shot->tos);
}

bool tl_shot_is_meant(const struct tl_shot *shot, const struct tl_selector *select)
{
	return shot->kinds & 1u << select->kind && tl_shot_is_from(shot, select->from) &&
	       (select->to < 0 || tl_shot_is_to(shot, select->to));
}

bool tl_shot_is(const struct tl_shot *shot, enum tl_segment_kind kind)
{
	return shot->name == kind;
}

const struct tl_event *tl_shot_went(const struct tl_shot *shot)
{
	if (shot->end != TL_SHOT_ARRIVED)
		return NULL;
	return shot->letgo ? shot->letgo : shot->ev;
}

bool tl_shot_tells(const struct tl_shot *s)
{
	static const uint32_t telling =
		1u << TL_SEGMENT_SYN | 1u << TL_SEGMENT_SYN_ACK | 1u << TL_SEGMENT_FIN |
		1u << TL_SEGMENT_FIN_ACK | 1u << TL_SEGMENT_RST | 1u << TL_SEGMENT_ACK_OF_SYN |
		1u << TL_SEGMENT_ACK_OF_FIN | 1u << TL_SEGMENT_DATA_ACK_OF_FIN;

	return s->kinds & telling;
}

const struct tl_shot *tl_film_shot(const struct tl_film *film, const struct tl_event *ev)
{
	size_t at = TL_BISECT(i, 0, film->n_shots, film->shots[i].ev < ev);

	return at < film->n_shots ? &film->shots[at] : NULL;
}
