/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The judge's words: rows, patterns, segments, and what broke a run off. */
#include "questions.h"

#include <stdlib.h>
#include <string.h>

static void say_end(struct tl_buf *out, const struct tl_plan *plan, int actor,
		    const struct tl_endpoint *ep)
{
	char text[TL_ENDPOINT_TEXT];

	if (actor >= 0 && (size_t)actor < plan->n_actors)
		tl_buf_str(out, tl_plan_actor_name(plan, actor));
	else
		tl_buf_str(out, tl_endpoint_text(ep, text));
}

void say_row(struct tl_buf *out, const struct tl_plan *plan, const struct tl_row *row)
{
	say_end(out, plan, row->owner, &row->sock.local);
	if (row->sock.remote.port) {
		tl_buf_str(out, " -> ");
		say_end(out, plan, row->peer, &row->sock.remote);
	}
	tl_buf_fmt(out, " %s", tl_state_name(row->sock.state));
}

void say_ends(struct tl_buf *out, const struct tl_plan *plan, const struct tl_pattern *p)
{
	tl_buf_str(out, tl_plan_actor_name(plan, p->owner));
	if (p->peer >= 0)
		tl_buf_fmt(out, " -> %s", tl_plan_actor_name(plan, p->peer));
}

void say_pattern(struct tl_buf *out, const struct tl_plan *plan, const struct tl_pattern *p)
{
	if (p->text)
		tl_buf_str(out, p->text);
	else
		say_ends(out, plan, p);
}

void say_shot(struct tl_buf *out, const struct tl_plan *plan, const struct tl_shot *s,
		 bool to)
{
	tl_buf_fmt(out, "%s from ", tl_segment_kind_name(s->name));
	say_end(out, plan, s->from, &s->ev->segment.seg.from);
	if (!to)
		return;
	tl_buf_str(out, " to ");
	say_end(out, plan, s->to, &s->ev->segment.seg.to);
}

void say_blind(struct tl_buf *out, const struct tl_film *film)
{
	if (film->tap.tapped)
		tl_buf_str(out, "segments passed unseen");
	else if (tl_film_was_blind(film, -1) && !tl_film_is_excused(film))
		tl_buf_str(out, film->tap.because);
	else
		tl_buf_fmt(out, "the wire was not tapped: %s", film->tap.because);
}

void say_phase(struct tl_buf *out, int phase)
{
	if (phase >= 0)
		tl_buf_fmt(out, "in phase %d", phase + 1);
	else
		tl_buf_str(out, "before phase 1");
}

void say_scope(struct tl_buf *out, const struct tl_film *film, int phase)
{
	if (phase >= 0)
		say_phase(out, phase);
	else
		tl_buf_str(out, tl_film_finished(film, phase) ? "in the whole run" : "so far");
}

char *say_take(struct tl_buf *out)
{
	char *text = out->failed ? NULL : strdup(tl_buf_text(out));

	tl_buf_release(out);
	return text;
}

/* The fault's own sentence, which names its step. */
static void say_fault(struct tl_buf *out, const struct tl_film *film, const char *otherwise)
{
	const struct tl_event *ev = film->fault;

	tl_buf_str(out, ev && ev->fault.text ? ev->fault.text : otherwise);
}

void say_how_it_ended(struct tl_buf *out, const struct tl_film *film)
{
	if (!film->end) {
		tl_buf_str(out, "the trace is cut short here");
		return;
	}
	switch (film->end->end.how) {
	case TL_END_FAULT:
		say_fault(out, film, "the lab failed here");
		return;
	case TL_END_UNSUPPORTED:
		say_fault(out, film, "this host cannot run the scenario");
		return;
	case TL_END_INTERRUPTED:
		tl_buf_str(out, "the run was interrupted here");
		return;
	case TL_END_COMPLETE:
	case TL_END_UNMET:
		break;
	}
	tl_buf_str(out, "the run ended here");
}
