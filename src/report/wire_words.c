/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there is to say about the wire: not seen, lost, held to the end. */
#include "words.h"

#define MOST_HELD 5 /* are named */

void tl_report_untapped(struct tl_buf *out, const struct tl_report *report)
{
	const struct tl_film *film = report->film;

	/* before the first phase a run may have ended ahead of the tap */
	if (report->plan->wire == TL_WIRE_TAP && !film->tap.tapped &&
	    (film->tap.refused || film->last >= 0))
		tl_buf_fmt(out, "No segments were recorded: %s. There are only the tables.",
			   film->tap.because);
}

static void say_unseen(struct tl_buf *out, uint64_t n, const char *where)
{
	if (n)
		tl_buf_fmt(out, "%llu segment%s passed unseen%s", (unsigned long long)n,
			   n == 1 ? "" : "s", where);
}

void tl_report_lossy(struct tl_buf *out, const struct tl_report *report, size_t phase)
{
	uint64_t n = 0;

	for (size_t i = 0; i < report->trace->n; i++) {
		const struct tl_event *ev = &report->trace->events[i];

		if (ev->kind == TL_EVENT_LOSSY && ev->phase == (int)phase)
			n = ev->lossy.n < UINT64_MAX - n ? n + ev->lossy.n : UINT64_MAX;
	}
	say_unseen(out, n, " in this phase.");
}

void tl_report_gaps(struct tl_buf *out, const struct tl_report *report)
{
	say_unseen(out, report->film->tap.lossy,
		   ": what this report says about segments has gaps.");
}

void tl_report_held(struct tl_buf *out, const struct tl_report *report)
{
	size_t n = 0;

	for (size_t i = 0; i < report->film->n_shots; i++) {
		const struct tl_shot *shot = &report->film->shots[i];

		if (shot->end != TL_SHOT_HELD || n++ >= MOST_HELD)
			continue;
		tl_buf_fmt(out, "%s%s from %s", n > 1 ? ", " : "Still held at the end: ",
			   tl_segment_kind_name(shot->name),
			   tl_plan_actor_name(report->plan, shot->ev->segment.from));
		if (shot->ev->phase >= 0)
			tl_buf_fmt(out, " (phase %d)", shot->ev->phase + 1);
	}
	if (n > MOST_HELD)
		tl_buf_fmt(out, " and %zu more", n - MOST_HELD);
	tl_buf_str(out, n ? "." : "");
}

const struct tl_event *tl_report_reset(const struct tl_report *report, const struct tl_shot *shot)
{
	const struct tl_segment *seg = &shot->ev->segment.seg, *next;
	const struct tl_event *went = tl_shot_went(shot);
	const struct tl_trace *trace = report->trace;
	const struct tl_shot **sent;
	size_t n = 0;

	if (!went || !(seg->flags & TL_FLAG_ACK) || seg->flags & TL_FLAG_RST)
		return NULL;
	sent = tl_film_sent(report->film, &seg->to, &seg->from, went,
			    trace->events + trace->n - 1, &n);
	next = n ? &sent[0]->ev->segment.seg : NULL;
	return next && next->flags == TL_FLAG_RST && next->seq == seg->ack ? sent[0]->ev : NULL;
}
