/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * The evidence of segments is a list, "SYN from replica, SYN+ACK from master", which has
 * to be what passed between the actors it names: from the segments of one phase, or of
 * all, those are taken that
 *
 *   concern it   both ends are named in it, the other one anybody where it names but one
 *   tell         of a beginning or an end, or are of a kind that the list has; how the data
 *                in between was cut is by chance
 *   arrived      or still may: absorbed and dropped ones never did
 *   are news     and no retransmission of one before
 *
 * and these are, one by one, in the order they were sent, the listed ones.
 */
#include "questions.h"

/* As many segments as a person reads. */
#define MAX_TOLD 12

static bool names(const struct tl_evidence *ev, int actor)
{
	for (size_t i = 0; i < ev->n_segments; i++)
		if (actor >= 0 &&
		    (ev->segments[i].from == actor || ev->segments[i].to == actor))
			return true;
	return false;
}

static bool names_but_one(const struct tl_evidence *ev)
{
	for (size_t i = 0; i < ev->n_segments; i++)
		if (ev->segments[i].from != ev->segments[0].from || ev->segments[i].to >= 0)
			return false;
	return true;
}

/* Is it between @actor and @other, which way soever? @other -1: whoever is named */
static bool is_between(const struct tl_evidence *ev, const struct tl_shot *s, int actor,
		       int other)
{
	for (int turn = 0; turn < 2; turn++) {
		int from = turn ? s->to : s->from, to = turn ? s->from : s->to;

		if (from != actor)
			continue;
		if (other >= 0 ? to == other : names_but_one(ev) || names(ev, to))
			return true;
	}
	return false;
}

/* An empty list is about everybody: nothing passed at all. */
static bool concerns(const struct tl_evidence *ev, const struct tl_shot *s)
{
	for (size_t i = 0; i < ev->n_segments; i++)
		if (is_between(ev, s, ev->segments[i].from, ev->segments[i].to))
			return true;
	return !ev->n_segments;
}

static bool is_listed(const struct tl_evidence *ev, const struct tl_shot *s)
{
	for (size_t i = 0; i < ev->n_segments; i++)
		if (s->kinds & 1u << ev->segments[i].kind)
			return true;
	return false;
}

static bool counts(const struct tl_film *film, const struct tl_evidence *ev,
		   const struct tl_shot *s)
{
	return (tl_shot_tells(s) || is_listed(ev, s)) && s->end != TL_SHOT_LOST &&
	       s->end != TL_SHOT_ABSORBED && !s->repeats && tl_film_knows(film, s->ev->phase) &&
	       (ev->phase < 0 || s->ev->phase == ev->phase) && concerns(ev, s);
}

static bool is_meant(const struct tl_selector *select, const struct tl_shot *s)
{
	return s->kinds & 1u << select->kind && s->from == select->from &&
	       (select->to < 0 || s->to == select->to);
}

/* Whether to say to whom: where the list does. */
static bool names_receivers(const struct tl_evidence *ev)
{
	for (size_t i = 0; i < ev->n_segments; i++)
		if (ev->segments[i].to >= 0)
			return true;
	return false;
}

static void say_passed(struct tl_buf *out, const struct tl_film *film,
		       const struct tl_evidence *ev, size_t n)
{
	const struct tl_shot *end = film->shots + film->n_shots;
	size_t told = 0;

	tl_buf_str(out, n ? "passed " : "no SYN, FIN or RST passed ");
	if (ev->phase >= 0)
		say_phase(out, ev->phase);
	else
		tl_buf_str(out, "in the whole run");
	for (const struct tl_shot *s = film->shots; s < end && told < MAX_TOLD; s++) {
		if (!counts(film, ev, s))
			continue;
		tl_buf_str(out, told++ ? ", " : ": ");
		say_shot(out, film->plan, s, names_receivers(ev));
	}
	if (n > told)
		tl_buf_fmt(out, ", and %zu more", n - told);
}

/* @slow: whose ACK and FIN, one after the other, do for FIN+ACK (slow.c); -1: nobody's */
static bool are_listed(const struct tl_film *film, const struct tl_evidence *ev, int slow,
		       size_t *n)
{
	bool ok = true;

	*n = 0;
	for (size_t i = 0; i < film->n_shots; i++) {
		const struct tl_shot *s = &film->shots[i];
		const struct tl_selector *select = *n < ev->n_segments ? &ev->segments[*n] : NULL;

		if (!counts(film, ev, s) || (slow >= 0 && s->from == slow && slow_is_ack(s)))
			continue;
		ok = ok && select &&
		     (is_meant(select, s) ||
		      (slow >= 0 && s->from == slow && select->from == slow &&
		       select->kind == TL_SEGMENT_FIN_ACK && s->kinds & 1u << TL_SEGMENT_FIN));
		++*n;
	}
	return ok && *n == ev->n_segments;
}

/* Whose slowness alone makes it other than listed? -1: it is otherwise so, too. */
static int find_slow(const struct tl_film *film, const struct tl_evidence *ev)
{
	for (size_t i = 0; i < ev->n_segments; i++) {
		int closer = ev->segments[i].from;
		bool slow = ev->segments[i].kind == TL_SEGMENT_FIN_ACK &&
			    slow_to_close(film, closer, ev->phase);
		size_t unused;

		if (slow && are_listed(film, ev, closer, &unused))
			return closer;
	}
	return -1;
}

bool judge_segments(const struct tl_film *film, const struct tl_evidence *ev,
		    struct tl_evidence_verdict *out)
{
	struct tl_buf text = { 0 };
	size_t n;
	bool ok;
	int slow;

	if (!tl_film_finished(film, ev->phase) || !tl_film_saw_wire(film, ev->phase))
		return evidence_unseen(film, ev, out);
	ok = are_listed(film, ev, -1, &n);
	slow = ok ? -1 : find_slow(film, ev);
	if (slow >= 0)
		return evidence_slow(film, slow, ev->phase, out);
	say_passed(&text, film, ev, n);
	return evidence_found(out, ok ? TL_FACT_SO : TL_FACT_NOT_SO, ev->phase, &text);
}
