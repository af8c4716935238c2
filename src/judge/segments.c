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
#include "view.h"

#include <limits.h>
#include <stdlib.h>

#define CMP(a, b) (((a) > (b)) - ((a) < (b)))

static size_t count(const struct tl_trace *trace, enum tl_event_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < trace->n; i++)
		n += trace->events[i].kind == kind;
	return n;
}

static bool name_segments(struct view *view)
{
	const struct tl_trace *trace = view->trace;
	struct tl_flows flows = { 0 };
	bool ok = true;

	for (size_t i = 0; i < trace->n && ok; i++) {
		const struct tl_event *ev = &trace->events[i];
		uint32_t kinds = tl_flows_take(&flows, ev);

		ok = kinds;
		if (ev->kind != TL_EVENT_SEGMENT || !ok)
			continue;
		view->segments[view->n_segments++] = (struct segment){
			.ev = ev,
			.kinds = kinds,
			.held = ev->segment.fate == TL_FATE_HELD,
			.lost = ev->segment.fate == TL_FATE_ABSORBED,
		};
	}
	tl_flows_release(&flows);
	return ok;
}

/* By id, and of one id in the trace's order. */
static int id_cmp(const struct segment *s, int id, const struct tl_event *ev)
{
	if (s->ev->segment.id != id)
		return s->ev->segment.id < id ? -1 : 1;
	return CMP(s->ev, ev);
}

static int by_id(const void *a, const void *b)
{
	const struct segment *x = *(struct segment *const *)a;
	const struct segment *y = *(struct segment *const *)b;

	return id_cmp(x, y->ev->segment.id, y->ev);
}

/* The one a LETGO is about, among those that were held; NULL for none. */
static struct segment *find_held(struct segment **held, size_t n, const struct tl_event *letgo)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (id_cmp(held[mid], letgo->letgo.id, letgo) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || held[low - 1]->ev->segment.id != letgo->letgo.id)
		return NULL;
	return held[low - 1];
}

static bool let_go(struct view *view)
{
	const struct tl_trace *trace = view->trace;
	struct segment **held = calloc(view->n_segments + 1, sizeof(*held));
	size_t n = 0;

	if (!held)
		return false;
	for (size_t i = 0; i < view->n_segments; i++)
		if (view->segments[i].held)
			held[n++] = &view->segments[i];
	qsort(held, n, sizeof(*held), by_id);
	for (size_t i = 0; i < trace->n; i++) {
		const struct tl_event *ev = &trace->events[i];
		struct segment *s =
			ev->kind == TL_EVENT_LETGO ? find_held(held, n, ev) : NULL;

		if (!s || !s->held)
			continue;
		s->held = false;
		s->lost = ev->letgo.dropped;
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
	order = order ? order : CMP(x->flags, y->flags);
	order = order ? order : CMP(x->len, y->len);
	if (!order && bare)
		order = CMP(x->ack, y->ack);
	if (order || (bare && !(x->flags & TL_FLAG_RST)))
		return order;
	return CMP(x->seq, y->seq);
}

static int by_what_it_says(const void *a, const void *b)
{
	const struct segment *x = *(struct segment *const *)a;
	const struct segment *y = *(struct segment *const *)b;
	int order = say_cmp(&x->ev->segment.seg, &y->ev->segment.seg);

	return order ? order : CMP(x->ev, y->ev);
}

/* Equal where both acknowledge the same to the same. */
static int ack_cmp(const struct tl_segment *x, const struct tl_segment *y)
{
	int order = tl_endpoint_cmp(&x->from, &y->from);

	order = order ? order : tl_endpoint_cmp(&x->to, &y->to);
	return order ? order : CMP(x->ack, y->ack);
}

static int by_what_it_acks(const void *a, const void *b)
{
	const struct segment *x = *(struct segment *const *)a;
	const struct segment *y = *(struct segment *const *)b;
	int order = ack_cmp(&x->ev->segment.seg, &y->ev->segment.seg);

	return order ? order : CMP(x->ev, y->ev);
}

static bool acks_fin(const struct segment *s, bool bare)
{
	return s->kinds & (1u << TL_SEGMENT_ACK_OF_FIN | (bare ? 0 : 1u << TL_SEGMENT_FIN_ACK));
}

/* A FIN that has been acknowledged, with a FIN+ACK at that, is not so anew by a mere ACK. */
static void mark_acked_again(struct segment **said, size_t n)
{
	const struct segment *before = NULL;

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

static bool mark_repeats(struct view *view)
{
	struct segment **said = calloc(view->n_segments + 1, sizeof(*said));
	size_t n = 0;

	if (!said)
		return false;
	for (size_t i = 0; i < view->n_segments; i++)
		if (segment_tells(&view->segments[i]) && !view->segments[i].lost)
			said[n++] = &view->segments[i];
	qsort(said, n, sizeof(*said), by_what_it_says);
	for (size_t i = 1; i < n; i++)
		said[i]->repeats = !say_cmp(&said[i - 1]->ev->segment.seg,
					    &said[i]->ev->segment.seg);
	mark_acked_again(said, n);
	free(said);
	return true;
}

/* The trace may speak of the wire twice; one refusal is enough. */
static void take_wire(struct tap *tap, const struct tl_event *ev)
{
	if (tap->refused)
		return;
	tap->tapped = ev->wire.tapped;
	tap->refused = !ev->wire.tapped;
	tap->because = ev->wire.text ? ev->wire.text : "no reason is given";
}

static void take_lossy(const struct view *view, struct tap *tap, const struct tl_event *ev)
{
	int phase = view_knows(view, ev->phase) ? ev->phase : -1;
	uint64_t room = UINT64_MAX - tap->lossy;

	tap->lossy += ev->lossy.n < room ? ev->lossy.n : room;
	if (phase < tap->lossy_from)
		tap->lossy_from = phase;
}

static void take_tap(struct view *view)
{
	const struct tl_trace *trace = view->trace;
	struct tap *tap = &view->tap;

	tap->lossy_from = INT_MAX;
	tap->because = view->plan->wire == TL_WIRE_OFF ?
			       "the scenario leaves the wire alone" :
			       "the trace does not say that it was";
	for (size_t i = 0; i < trace->n; i++) {
		const struct tl_event *ev = &trace->events[i];

		if (ev->kind == TL_EVENT_WIRE)
			take_wire(tap, ev);
		if (ev->kind == TL_EVENT_LOSSY)
			take_lossy(view, tap, ev);
	}
}

bool take_segments(struct view *view)
{
	take_tap(view);
	view->segments = calloc(count(view->trace, TL_EVENT_SEGMENT) + 1,
				sizeof(*view->segments));
	return view->segments && name_segments(view) && let_go(view) && mark_repeats(view);
}

/* Who sent it, or is to get it: if not known then, by what was learnt of the socket since. */
static int actor_of(const struct view *view, int actor, const struct tl_row *end)
{
	if (view_actor(view, actor) >= 0)
		return actor;
	return tl_state_info(end->sock.state) ? view_owner(view, end->sock.cookie) : -1;
}

void take_senders(struct view *view)
{
	for (size_t i = 0; i < view->n_segments; i++) {
		struct segment *s = &view->segments[i];

		s->from = actor_of(view, s->ev->segment.from, &s->ev->segment.ends[0]);
		s->to = actor_of(view, s->ev->segment.to, &s->ev->segment.ends[1]);
	}
}

bool segment_tells(const struct segment *s)
{
	static const uint32_t telling =
		1u << TL_SEGMENT_SYN | 1u << TL_SEGMENT_SYN_ACK | 1u << TL_SEGMENT_FIN |
		1u << TL_SEGMENT_FIN_ACK | 1u << TL_SEGMENT_RST | 1u << TL_SEGMENT_ACK_OF_SYN |
		1u << TL_SEGMENT_ACK_OF_FIN | 1u << TL_SEGMENT_DATA_ACK_OF_FIN;

	return s->kinds & telling;
}

const struct segment *view_segment(const struct view *view, const struct tl_event *ev)
{
	size_t low = 0, high = view->n_segments;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (view->segments[mid].ev < ev)
			low = mid + 1;
		else
			high = mid;
	}
	return low < view->n_segments ? &view->segments[low] : NULL;
}

bool judge_wire(const struct view *view, struct tl_verdict *verdict)
{
	const struct tl_trace *trace = view->trace;
	struct tl_wire_verdict *wire = &verdict->wire;

	wire->names = calloc(trace->n + 1, sizeof(*wire->names));
	wire->held = calloc(view->n_segments + 1, sizeof(*wire->held));
	if (!wire->names || !wire->held)
		return false;
	wire->tapped = view->tap.tapped;
	wire->untapped_because = view->tap.tapped ? NULL : view->tap.because;
	wire->lossy = view->tap.lossy;
	for (size_t i = 0; i < view->n_segments; i++) {
		const struct segment *s = &view->segments[i];

		wire->names[s->ev - trace->events] = tl_flows_name(s->kinds);
		wire->n_absorbed += s->ev->segment.fate == TL_FATE_ABSORBED;
		if (s->held)
			wire->held[wire->n_held++] = s->ev->segment.id;
	}
	return true;
}
