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
#include "view.h"

#include <stdlib.h>

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

		if (ev->kind != TL_EVENT_SEGMENT)
			continue;
		view->segments[view->n_segments++] = (struct segment){
			.ev = ev,
			.kinds = tl_flows_see(&flows, &ev->segment.seg),
			.held = ev->segment.fate == TL_FATE_HELD,
			.lost = ev->segment.fate == TL_FATE_ABSORBED,
		};
		ok = view->segments[view->n_segments - 1].kinds;
	}
	tl_flows_release(&flows);
	return ok;
}

/* By id, and of one id in the trace's order. */
static int id_cmp(const struct segment *s, int id, const struct tl_event *ev)
{
	if (s->ev->segment.id != id)
		return s->ev->segment.id < id ? -1 : 1;
	return (s->ev > ev) - (s->ev < ev);
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

bool take_segments(struct view *view)
{
	view->segments = calloc(count(view->trace, TL_EVENT_SEGMENT) + 1,
				sizeof(*view->segments));
	return view->segments && name_segments(view) && let_go(view);
}

/* The trace may speak of the wire twice; one refusal is enough. */
static void judge_tap(const struct view *view, struct tl_wire_verdict *wire)
{
	const struct tl_trace *trace = view->trace;

	wire->untapped_because = view->plan->wire == TL_WIRE_OFF ?
					 "the scenario leaves the wire alone" :
					 "the trace does not say that it was tapped";
	for (size_t i = 0; i < trace->n; i++) {
		const struct tl_event *ev = &trace->events[i];

		if (ev->kind != TL_EVENT_WIRE)
			continue;
		wire->tapped = ev->wire.tapped;
		wire->untapped_because = NULL;
		if (wire->tapped)
			continue;
		wire->untapped_because = ev->wire.text ? ev->wire.text : "no reason is given";
		return;
	}
}

bool judge_wire(const struct view *view, struct tl_verdict *verdict)
{
	const struct tl_trace *trace = view->trace;
	struct tl_wire_verdict *wire = &verdict->wire;

	wire->names = calloc(trace->n + 1, sizeof(*wire->names));
	wire->held = calloc(view->n_segments + 1, sizeof(*wire->held));
	if (!wire->names || !wire->held)
		return false;
	judge_tap(view, wire);
	for (size_t i = 0; i < view->n_segments; i++) {
		const struct segment *s = &view->segments[i];

		wire->names[s->ev - trace->events] = tl_flows_name(s->kinds);
		wire->n_absorbed += s->ev->segment.fate == TL_FATE_ABSORBED;
		if (s->held)
			wire->held[wire->n_held++] = s->ev->segment.id;
	}
	for (size_t i = 0; i < trace->n; i++) {
		const struct tl_event *ev = &trace->events[i];

		if (ev->kind != TL_EVENT_LOSSY)
			continue;
		wire->lossy += ev->lossy.n < UINT64_MAX - wire->lossy ?
				       ev->lossy.n :
				       UINT64_MAX - wire->lossy;
	}
	return true;
}
