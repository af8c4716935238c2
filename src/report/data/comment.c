/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a capture says beside a segment. */
#include "comment.h"

#include "../words.h"
#include "passage.h"
#include "tcplab/text.h"

static void name_of(struct tl_buf *out, const struct tl_report *report, int actor)
{
	if (actor < 0)
		tl_buf_str(out, "elsewhere");
	else
		tl_text_line(out, tl_plan_actor_name(report->plan, actor));
}

static void which(struct tl_buf *out, const struct tl_report *report,
		  const struct tl_shot *shot)
{
	const struct tl_event *ev = shot->ev;

	tl_buf_fmt(out, "Segment %d: %s", ev->segment.id,
		   tl_segment_kind_name(shot->name));
	if (ev->segment.seg.len)
		tl_buf_fmt(out, " with %u byte%s", ev->segment.seg.len,
			   ev->segment.seg.len == 1 ? "" : "s");
	tl_buf_str(out, ", ");
	name_of(out, report, shot->from);
	tl_buf_str(out, " -> ");
	name_of(out, report, shot->to);
	tl_buf_str(out, "\n");
}

static void when(struct tl_buf *out, const struct tl_report *report, const struct tl_event *ev,
		 const struct tl_event *step)
{
	struct tl_buf text = { 0 };

	if (ev->phase < 0 || (size_t)ev->phase >= report->plan->n_phases)
		return;
	tl_buf_fmt(out, "Phase %d, ", ev->phase + 1);
	tl_text_line(out, report->plan->phases[ev->phase].title);
	tl_buf_str(out, ": ");
	if (step)
		tl_report_event(&text, report->film, step);
	else
		tl_buf_str(&text, "a look at the table");
	tl_text_line(out, tl_buf_text(&text));
	tl_buf_str(out, "\n");
	tl_buf_release(&text);
}

static void arcs(struct tl_buf *out, const struct tl_leg *leg)
{
	const struct tl_hop *last = &leg->life->hops[leg->to];
	size_t all = 0, n = 0;

	for (size_t i = leg->from + 1; i <= leg->to; i++)
		all += leg->life->hops[i].arc != NULL;
	for (size_t i = leg->from + 1; i <= leg->to; i++)
		if (leg->life->hops[i].arc)
			tl_buf_fmt(out, "%s%s", n++ ? ", " : all > 1 ? ", arrows " : ", arrow ",
				   leg->life->hops[i].arc->id);
	if (n == 1 && last->arc)
		tl_buf_fmt(out, ": %s", last->arc->event);
}

/* A part of a life; what was not seen in between stands in parentheses. */
static void leg(struct tl_buf *out, const struct tl_leg *leg)
{
	const struct tl_hop *hops = leg->life->hops;

	tl_buf_str(out, tl_state_figure(hops[leg->from].state));
	for (size_t i = leg->from + 1; i < leg->to; i++)
		tl_buf_fmt(out, " -> (%s)", tl_state_figure(hops[i].state));
	if (leg->from == leg->to) {
		tl_buf_str(out, ", and stays so");
		return;
	}
	tl_buf_fmt(out, " -> %s", tl_state_figure(hops[leg->to].state));
	arcs(out, leg);
}

static void end_line(struct tl_buf *out, const struct tl_report *report, const char *does,
		     int actor, const struct tl_passage_end *end)
{
	name_of(out, report, actor);
	tl_buf_fmt(out, " %s: ", does);
	if (end->unknown)
		tl_buf_str(out, "the state is not known");
	else if (end->unseen && end->was.life)
		tl_buf_fmt(out, "%s, and is not seen again",
			   tl_state_figure(end->was.life->hops[end->was.from].state));
	else if (end->was.life)
		leg(out, &end->was);
	if (end->was.life && end->is.life)
		tl_buf_str(out, "; a new one: ");
	if (end->is.life)
		leg(out, &end->is);
	if (!end->unknown && !end->was.life && !end->is.life)
		tl_buf_fmt(out, "%s, and stays so", end->listens ? "LISTEN" : "CLOSED");
	tl_buf_str(out, "\n");
}

static void time_line(struct tl_buf *out, const char *what, uint64_t t_ns)
{
	tl_buf_fmt(out, "%s at %llu.%09llu s", what, (unsigned long long)t_ns / 1000000000,
		   (unsigned long long)t_ns % 1000000000);
}

static void fate(struct tl_buf *out, const struct tl_shot *shot)
{
	const struct tl_event *ev = shot->ev, *letgo = shot->letgo;

	switch (ev->segment.fate) {
	case TL_FATE_PASSED:
		tl_buf_str(out, "Let through at once.");
		return;
	case TL_FATE_ABSORBED:
		tl_buf_fmt(out, "Absorbed: a copy of segment %d, and lost on purpose.",
			   ev->segment.copy_of);
		return;
	case TL_FATE_HELD:
		tl_buf_str(out, "Held");
		if (letgo) {
			tl_buf_str(out, " for ");
			tl_report_duration(out, letgo->t_ns - ev->t_ns);
		}
		time_line(out, ": sent", ev->t_ns);
		if (letgo)
			time_line(out, letgo->letgo.rejected ? ", answered with ICMP: unreachable" :
				letgo->letgo.dropped  ? ", dropped" : ", released",
				  letgo->t_ns);
		tl_buf_str(out, letgo ? " of the run." : " of the run, and never released.");
		return;
	}
}

void tl_comment(struct tl_buf *out, const struct tl_report *report,
		const struct tl_shot *shot, const struct tl_event *step)
{
	const struct tl_event *ev = shot->ev;
	struct tl_passage passage = tl_passage(report, shot);

	which(out, report, shot);
	when(out, report, ev, step);
	end_line(out, report, "sends it", shot->from, &passage.ends[0]);
	end_line(out, report, passage.arrives ? "gets it" : "does not get it", shot->to,
		 &passage.ends[1]);
	fate(out, shot);
}
