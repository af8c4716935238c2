/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"

#define MOST_HELD 5 /* are named */

void tl_report_untapped(struct tl_buf *out, const struct tl_report *report)
{
	const struct tl_trace *trace = report->trace;
	bool told = false;

	/* a trace that says nothing of the wire ended before, or is older than the tap */
	for (size_t i = 0; i < trace->n && !told; i++)
		told = trace->events[i].kind == TL_EVENT_WIRE;
	if (told && !report->verdict->wire.tapped && report->plan->wire == TL_WIRE_TAP)
		tl_buf_fmt(out, "Untapped: %s. The tables are without the segments between them.",
			   report->verdict->wire.untapped_because);
}

static uint64_t lost_in(const struct tl_trace *trace, int phase)
{
	uint64_t n = 0;

	for (size_t i = 0; i < trace->n; i++) {
		const struct tl_event *ev = &trace->events[i];

		if (ev->kind != TL_EVENT_LOSSY || ev->phase != phase)
			continue;
		n = ev->lossy.n < UINT64_MAX - n ? n + ev->lossy.n : UINT64_MAX;
	}
	return n;
}

void tl_report_lossy(struct tl_buf *out, const struct tl_report *report, int phase)
{
	uint64_t n = phase < 0 ? report->verdict->wire.lossy : lost_in(report->trace, phase);

	if (!n)
		return;
	tl_buf_fmt(out, "%llu segment%s went by unseen", (unsigned long long)n,
		   n == 1 ? "" : "s");
	tl_buf_str(out, phase < 0 ? ": what is said of segments has gaps."
				  : " in this phase.");
}

/* The event of a segment that was held; NULL for none. */
static const struct tl_event *find(const struct tl_trace *trace, int id)
{
	for (size_t i = 0; i < trace->n; i++)
		if (trace->events[i].kind == TL_EVENT_SEGMENT &&
		    trace->events[i].segment.id == id)
			return &trace->events[i];
	return NULL;
}

void tl_report_held(struct tl_buf *out, const struct tl_report *report)
{
	const struct tl_wire_verdict *wire = &report->verdict->wire;

	for (size_t i = 0; i < wire->n_held && i < MOST_HELD; i++) {
		const struct tl_event *ev = find(report->trace, wire->held[i]);

		if (!ev)
			continue;
		tl_buf_fmt(out, "%s%s from %s", i ? ", " : "Still held at the end: ",
			   wire->names[ev - report->trace->events],
			   tl_plan_actor_name(report->plan, ev->segment.from));
		if (ev->phase >= 0)
			tl_buf_fmt(out, " (phase %d)", ev->phase + 1);
	}
	if (wire->n_held > MOST_HELD)
		tl_buf_fmt(out, " and %zu more", wire->n_held - MOST_HELD);
	tl_buf_str(out, wire->n_held ? "." : "");
}
