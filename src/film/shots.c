/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A segment's name depends on those before it (flow.h), so all of them are named in one
 * go, from the run's beginning, whatever became of them.
 *
 * A retransmission repeats what was said before, and whether there is one depends on the
 * clock; so that it makes no difference it is marked, unless the first one was lost. The
 * same goes for an ACK of the same SYN or FIN that is sent again with other data around it.
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
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (id_cmp(held[mid], id, ev) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low && held[low - 1]->ev->segment.id == id ? held[low - 1] : NULL;
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
	int order = tl_endpoint_cmp(turn_x ? &x->to : &x->from, turn_y ? &y->to : &y->from);

	return order ? order : tl_endpoint_cmp(turn_x ? &x->from : &x->to,
					       turn_y ? &y->from : &y->to);
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

/*
 * Equal where one repeats the other: a copy, as tl_segment_is_copy() has it, or an ACK of
 * the same from further on.
 */
static int say_cmp(const struct tl_segment *x, const struct tl_segment *y)
{
	bool bare = !x->len && !(x->flags & (TL_FLAG_SYN | TL_FLAG_FIN));
	int order = tl_endpoint_cmp(&x->from, &y->from);

	order = order ? order : tl_endpoint_cmp(&x->to, &y->to);
	order = order ? order : FILM_CMP(x->flags, y->flags);
	order = order ? order : FILM_CMP(x->len, y->len);
	if (!order && bare)
		order = FILM_CMP(x->ack, y->ack);
	if (order || (bare && !(x->flags & TL_FLAG_RST)))
		return order;
	return FILM_CMP(x->seq, y->seq);
}

static int by_what_it_says(const void *a, const void *b)
{
	const struct tl_shot *x = *(struct tl_shot *const *)a;
	const struct tl_shot *y = *(struct tl_shot *const *)b;
	int order = say_cmp(&x->ev->segment.seg, &y->ev->segment.seg);

	return order ? order : FILM_CMP(x->ev, y->ev);
}

/* Equal where both acknowledge the same to the same. */
static int ack_cmp(const struct tl_segment *x, const struct tl_segment *y)
{
	int order = tl_endpoint_cmp(&x->from, &y->from);

	order = order ? order : tl_endpoint_cmp(&x->to, &y->to);
	return order ? order : FILM_CMP(x->ack, y->ack);
}

static int by_what_it_acks(const void *a, const void *b)
{
	const struct tl_shot *x = *(struct tl_shot *const *)a;
	const struct tl_shot *y = *(struct tl_shot *const *)b;
	int order = ack_cmp(&x->ev->segment.seg, &y->ev->segment.seg);

	return order ? order : FILM_CMP(x->ev, y->ev);
}

static bool acks_fin(const struct tl_shot *s, bool bare)
{
	return s->kinds & (1u << TL_SEGMENT_ACK_OF_FIN | (bare ? 0 : 1u << TL_SEGMENT_FIN_ACK));
}

/* A FIN that has been acknowledged, with a FIN+ACK at that, is not so anew by a mere ACK. */
static void mark_acked_again(struct tl_shot **said, size_t n)
{
	const struct tl_shot *before = NULL;

	qsort(said, n, sizeof(*said), by_what_it_acks);
	for (size_t i = 0; i < n; i++) {
		if (!acks_fin(said[i], false))
			continue;
		if (before && acks_fin(said[i], true) &&
		    !ack_cmp(&before->ev->segment.seg, &said[i]->ev->segment.seg))
			said[i]->repeats = true;
		before = said[i];
	}
}

static bool is_gone(const struct tl_shot *s)
{
	return s->end == TL_SHOT_LOST || s->end == TL_SHOT_ABSORBED;
}

static bool is_bare(const struct tl_shot *s)
{
	return !s->ev->segment.seg.len &&
	       !(s->ev->segment.seg.flags & (TL_FLAG_SYN | TL_FLAG_FIN | TL_FLAG_RST));
}

/* No kernel repeats a mere ACK but as a probe. @said: room for all */
static void mark_copies(struct tl_film *film, struct tl_shot **said)
{
	static const uint32_t probes =
		1u << TL_SEGMENT_KEEPALIVE_PROBE | 1u << TL_SEGMENT_WINDOW_PROBE;
	size_t n = 0;

	for (size_t i = 0; i < film->n_shots; i++)
		if (!is_bare(&film->shots[i]) || film->shots[i].kinds & probes)
			said[n++] = &film->shots[i];
	qsort(said, n, sizeof(*said), by_what_it_says);
	for (size_t i = 1; i < n; i++)
		said[i]->again = !say_cmp(&said[i - 1]->ev->segment.seg, &said[i]->ev->segment.seg);
}

static bool mark_repeats(struct tl_film *film)
{
	struct tl_shot **said = calloc(film->n_shots + 1, sizeof(*said));
	size_t n = 0;

	if (!said)
		return false;
	for (size_t i = 0; i < film->n_shots; i++)
		if (tl_shot_tells(&film->shots[i]) && !is_gone(&film->shots[i]))
			said[n++] = &film->shots[i];
	qsort(said, n, sizeof(*said), by_what_it_says);
	for (size_t i = 1; i < n; i++)
		said[i]->repeats = !say_cmp(&said[i - 1]->ev->segment.seg,
					    &said[i]->ev->segment.seg);
	mark_acked_again(said, n);
	mark_copies(film, said);
	free(said);
	return true;
}

static int way_cmp(const struct tl_segment *x, const struct tl_endpoint *from,
		   const struct tl_endpoint *to)
{
	int order = tl_endpoint_cmp(&x->from, from);

	return order ? order : tl_endpoint_cmp(&x->to, to);
}

static int by_sent(const void *a, const void *b)
{
	const struct tl_shot *x = *(const struct tl_shot *const *)a;
	const struct tl_shot *y = *(const struct tl_shot *const *)b;
	const struct tl_segment *s = &y->ev->segment.seg;
	int order = way_cmp(&x->ev->segment.seg, &s->from, &s->to);

	return order ? order : FILM_CMP(x->ev, y->ev);
}

static int by_arrived(const void *a, const void *b)
{
	const struct tl_shot *x = *(const struct tl_shot *const *)a;
	const struct tl_shot *y = *(const struct tl_shot *const *)b;
	const struct tl_segment *s = &y->ev->segment.seg;
	int order = way_cmp(&x->ev->segment.seg, &s->from, &s->to);

	return order ? order : FILM_CMP(tl_shot_went(x), tl_shot_went(y));
}

static bool index_shots(struct tl_film *film)
{
	film->sent = calloc(film->n_shots + 1, sizeof(*film->sent));
	film->arrived = calloc(film->n_shots + 1, sizeof(*film->arrived));
	if (!film->sent || !film->arrived)
		return false;
	for (size_t i = 0; i < film->n_shots; i++) {
		film->sent[i] = &film->shots[i];
		if (tl_shot_went(&film->shots[i]))
			film->arrived[film->n_arrived++] = &film->shots[i];
	}
	qsort(film->sent, film->n_shots, sizeof(*film->sent), by_sent);
	qsort(film->arrived, film->n_arrived, sizeof(*film->arrived), by_arrived);
	return true;
}

/* When a segment counts: when it was sent, or when it went on. */
typedef const struct tl_event *(*moment_fn)(const struct tl_shot *shot);

static const struct tl_event *when_sent(const struct tl_shot *shot)
{
	return shot->ev;
}

/* The first of @v from @low on that is @from -> @to at @ev or later; or that comes after. */
static size_t search(const struct tl_shot **v, size_t low, size_t high, moment_fn when,
		     const struct tl_endpoint *from, const struct tl_endpoint *to,
		     const struct tl_event *ev)
{
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = way_cmp(&v[mid]->ev->segment.seg, from, to);

		if (order < 0 || (!order && when(v[mid]) < ev))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct tl_shot **tl_film_sent(const struct tl_film *film,
				    const struct tl_endpoint *sender,
				    const struct tl_endpoint *receiver,
				    const struct tl_event *from, const struct tl_event *to,
				    size_t *n)
{
	size_t low = search(film->sent, 0, film->n_shots, when_sent, sender, receiver, from);

	*n = search(film->sent, low, film->n_shots, when_sent, sender, receiver, to + 1) - low;
	return film->sent + low;
}

const struct tl_shot **tl_film_arrived(const struct tl_film *film,
				       const struct tl_endpoint *sender,
				       const struct tl_endpoint *receiver,
				       const struct tl_event *from, const struct tl_event *to,
				       size_t *n)
{
	size_t low = search(film->arrived, 0, film->n_arrived, tl_shot_went, sender, receiver,
			    from);

	*n = search(film->arrived, low, film->n_arrived, tl_shot_went, sender, receiver,
		    to + 1) - low;
	return film->arrived + low;
}

static bool carries(const struct tl_segment *seg, unsigned flags)
{
	return !flags || seg->flags & flags || (flags & TL_FILM_DATA && seg->len);
}

bool tl_film_came(const struct tl_film *film, const struct tl_sock *sock, unsigned flags,
		  const struct tl_event *from, const struct tl_event *to)
{
	size_t n;
	const struct tl_shot **came =
		tl_film_arrived(film, &sock->remote, &sock->local, from, to, &n);

	for (size_t i = 0; i < n; i++)
		if (carries(&came[i]->ev->segment.seg, flags))
			return true;
	return false;
}

bool tl_film_heard(const struct tl_film *film, const struct tl_sock *sock,
		   const struct tl_event *from, const struct tl_event *to)
{
	return !tl_film_saw_wire(film, to->phase) || tl_film_came(film, sock, 0, from, to);
}

/* The trace may speak of the wire twice; one refusal is enough. */
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
			       "the trace does not say that it was";
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
	       mark_repeats(film) && index_shots(film) && film_take_states(film);
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
	size_t low = 0, high = film->n_shots;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (film->shots[mid].ev < ev)
			low = mid + 1;
		else
			high = mid;
	}
	return low < film->n_shots ? &film->shots[low] : NULL;
}

