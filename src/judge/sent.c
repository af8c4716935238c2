/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * How often was a segment sent, and what became of it; did an actor send nothing?
 *
 * What was seen is so, whatever is not known: that there were two at least is known where
 * two were seen, though the run went no further and some passed unseen. That there were no
 * more, or none, is known only where all was gone through and every segment was seen.
 */
#include "questions.h"

#include <inttypes.h>

/* With which event it counts as one of these; NULL where it does not. */
static const struct tl_event *counts_as(const struct tl_shot *s, enum tl_count count)
{
	bool absorbed = s->end == TL_SHOT_ABSORBED, is = false;

	switch (count) {
	case TL_COUNT_SENT:
		is = !absorbed;
		break;
	case TL_COUNT_REPEATED:
		is = s->again && !absorbed;
		break;
	case TL_COUNT_ABSORBED:
		is = absorbed;
		break;
	case TL_COUNT_LOST:
		is = s->end == TL_SHOT_LOST;
		break;
	case TL_COUNT_ARRIVED:
		return tl_shot_went(s);
	case TL_N_COUNTS:
		break;
	}
	return is ? s->ev : NULL;
}

static bool in_scope(const struct tl_film *film, const struct tl_evidence *ev,
		     const struct tl_event *at)
{
	return at && tl_film_knows(film, at->phase) && (ev->phase < 0 || at->phase == ev->phase);
}

static uint64_t count_shots(const struct tl_film *film, const struct tl_evidence *ev,
			    enum tl_count count)
{
	uint64_t n = 0;

	for (size_t i = 0; i < film->n_shots; i++)
		n += tl_shot_is_meant(&film->shots[i], &ev->segments[0]) &&
		     in_scope(film, ev, counts_as(&film->shots[i], count));
	return n;
}

static void say_selector(struct tl_buf *out, const struct tl_plan *plan,
			 const struct tl_selector *select)
{
	tl_buf_fmt(out, "%s from %s", tl_segment_kind_name(select->kind),
		   tl_plan_actor_name(plan, select->from));
	if (select->to >= 0)
		tl_buf_fmt(out, " to %s", tl_plan_actor_name(plan, select->to));
}

static void say_expected(struct tl_buf *out, const struct tl_bounds *b)
{
	if (b->least == b->most)
		tl_buf_fmt(out, " (expected %" PRIu64 ")", b->least);
	else if (b->most == UINT64_MAX)
		tl_buf_fmt(out, " (expected at least %" PRIu64 ")", b->least);
	else if (!b->least)
		tl_buf_fmt(out, " (expected at most %" PRIu64 ")", b->most);
	else
		tl_buf_fmt(out, " (expected %" PRIu64 " to %" PRIu64 ")", b->least, b->most);
}

/* "sent twice", "never lost" */
static void say_count(struct tl_buf *out, enum tl_count count, uint64_t n)
{
	tl_buf_fmt(out, "%s%s", n ? "" : "never ", tl_count_became(count));
	if (n == 1)
		tl_buf_str(out, " once");
	else if (n == 2)
		tl_buf_str(out, " twice");
	else if (n)
		tl_buf_fmt(out, " %" PRIu64 " times", n);
}

/* Whether one that is held when the run breaks off is lost later is not known. */
static bool may_be_lost(const struct tl_film *film, const struct tl_evidence *ev)
{
	for (size_t i = 0; i < film->n_shots; i++)
		if (film->shots[i].end == TL_SHOT_HELD &&
		    tl_shot_is_meant(&film->shots[i], &ev->segments[0]) &&
		    in_scope(film, ev, film->shots[i].ev))
			return !tl_film_came_to_end(film);
	return false;
}

/* One of the counts: is it within its bounds? Appends what was found. */
static enum tl_fact judge_count(const struct tl_film *film, const struct tl_evidence *ev,
				enum tl_count count, bool whole, struct tl_buf *text)
{
	const struct tl_bounds *b = &ev->counts[count];
	uint64_t n = count_shots(film, ev, count);
	bool ok = n >= b->least && n <= b->most;

	say_count(text, count, n);
	if (!ok)
		say_expected(text, b);
	if (n > b->most)
		return TL_FACT_NOT_SO;
	if (count == TL_COUNT_LOST && may_be_lost(film, ev))
		whole = false;
	if (!whole && (!ok || b->most != UINT64_MAX))
		return TL_FACT_UNSEEN;
	return ok ? TL_FACT_SO : TL_FACT_NOT_SO;
}

bool judge_segment(const struct tl_film *film, const struct tl_evidence *ev,
		   struct tl_evidence_verdict *out)
{
	bool whole = tl_film_finished(film, ev->phase) && tl_film_saw_wire(film, ev->phase);
	enum tl_fact fact = ev->n_segments ? TL_FACT_SO : TL_FACT_UNSEEN;
	const char *between = ": ";
	struct tl_buf text = { 0 };

	if (ev->n_segments)
		say_selector(&text, film->plan, &ev->segments[0]);
	for (enum tl_count i = 0; ev->n_segments && i < TL_N_COUNTS; i++) {
		enum tl_fact found;

		if (!(ev->counted & 1u << i))
			continue;
		tl_buf_str(&text, between);
		between = ", ";
		found = judge_count(film, ev, i, whole, &text);
		if (found == TL_FACT_NOT_SO || fact == TL_FACT_SO)
			fact = found;
	}
	if (fact == TL_FACT_UNSEEN) {
		tl_buf_release(&text);
		return evidence_unseen(film, ev, out);
	}
	tl_buf_str(&text, " ");
	say_scope(&text, film, ev->phase);
	return evidence_found(out, fact, ev->phase, &text);
}

/*
 * From when on there has to be silence: the first such segment, from when it was sent, or
 * where another sends it, from when it arrived. NULL for none.
 */
static const struct tl_event *find_after(const struct tl_film *film,
					 const struct tl_evidence *ev)
{
	const struct tl_selector *select = &ev->segments[0];
	const struct tl_event *first = NULL;

	for (size_t i = 0; i < film->n_shots; i++) {
		const struct tl_shot *s = &film->shots[i];
		const struct tl_event *at = select->from == ev->row.owner ? s->ev : tl_shot_went(s);

		if (tl_shot_is_meant(s, select) && in_scope(film, ev, at) && (!first || at < first))
			first = at;
	}
	return first;
}

/* The first that the actor sent after that. */
static const struct tl_shot *find_sound(const struct tl_film *film, const struct tl_evidence *ev,
					const struct tl_event *after)
{
	for (size_t i = 0; i < film->n_shots; i++) {
		const struct tl_shot *s = &film->shots[i];

		if (tl_shot_is_from(s, ev->row.owner) &&
		    (ev->row.peer < 0 || tl_shot_is_to(s, ev->row.peer)) &&
		    in_scope(film, ev, s->ev) && (!after || s->ev > after))
			return s;
	}
	return NULL;
}

static void say_after(struct tl_buf *out, const struct tl_film *film,
		      const struct tl_evidence *ev)
{
	if (!ev->n_segments)
		return;
	tl_buf_str(out, " after ");
	say_selector(out, film->plan, &ev->segments[0]);
}

bool judge_silent(const struct tl_film *film, const struct tl_evidence *ev,
		  struct tl_evidence_verdict *out)
{
	bool whole = tl_film_finished(film, ev->phase) && tl_film_saw_wire(film, ev->phase);
	const struct tl_event *after = ev->n_segments ? find_after(film, ev) : NULL;
	bool begun = after || !ev->n_segments;
	const struct tl_shot *sound = begun ? find_sound(film, ev, after) : NULL;
	struct tl_buf text = { 0 };

	if (ev->row.owner < 0 || (!sound && !whole))
		return evidence_unseen(film, ev, out);
	if (!begun) {
		tl_buf_str(&text, "no ");
		say_selector(&text, film->plan, &ev->segments[0]);
		tl_buf_str(&text, ev->segments[0].from == ev->row.owner ? " was sent " :
									  " arrived ");
		say_scope(&text, film, ev->phase);
		return evidence_found(out, TL_FACT_NOT_SO, ev->phase, &text);
	}
	tl_buf_str(&text, tl_plan_actor_name(film->plan, ev->row.owner));
	tl_buf_fmt(&text, " sent %s", sound ? tl_segment_kind_name(sound->name) : "nothing");
	if (ev->row.peer >= 0)
		tl_buf_fmt(&text, " to %s", tl_plan_actor_name(film->plan, ev->row.peer));
	say_after(&text, film, ev);
	tl_buf_str(&text, " ");
	say_scope(&text, film, sound ? sound->ev->phase : ev->phase);
	return evidence_found(out, sound ? TL_FACT_NOT_SO : TL_FACT_SO,
			      sound ? sound->ev->phase : ev->phase, &text);
}
