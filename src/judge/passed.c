/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * The evidence of segments is a list, "SYN from replica, SYN+ACK from master", which has
 * to be what passed between the actors it names: from the segments sent in one phase, or in
 * all, or from those that arrived in one, those are taken that
 *
 *   concern it   both ends are named in it, the other one anybody where it names but one
 *   tell         about a beginning or an end, or are of a kind that the list has; how the data
 *                in between was cut is by chance
 *   arrived      or still may: absorbed and dropped ones never did
 *   are news     and no retransmission of one before
 *
 * and these are, one by one, in the order they were sent (or arrived), the listed ones. An
 * empty list leaves nothing out: nobody sent a segment of any kind (or none arrived).
 *
 * What is not listed and came speaks against the list, wherever the run ended; that nothing
 * else came is known only where the phase was gone through and every segment was seen. One that
 * is held when the run breaks off may be lost later, and then it does not count.
 */
#include "questions.h"

#include <stdlib.h>

/* As many segments as a person reads. */
#define MAX_TOLD 12

/* Has @actor the end that sent it, or with @receiver the other one? */
static bool has_end(const struct tl_shot *s, bool receiver, int actor)
{
	return actor >= 0 && (receiver ? tl_shot_is_to(s, actor) : tl_shot_is_from(s, actor));
}

static bool names(const struct tl_evidence *ev, const struct tl_shot *s, bool receiver)
{
	for (size_t i = 0; i < ev->n_segments; i++)
		if (has_end(s, receiver, ev->segments[i].from) ||
		    has_end(s, receiver, ev->segments[i].to))
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
		if (!has_end(s, turn, actor))
			continue;
		if (other >= 0 ? has_end(s, !turn, other) :
				 names_but_one(ev) || names(ev, s, !turn))
			return true;
	}
	return false;
}

static bool concerns(const struct tl_evidence *ev, const struct tl_shot *s)
{
	for (size_t i = 0; i < ev->n_segments; i++)
		if (is_between(ev, s, ev->segments[i].from, ev->segments[i].to))
			return true;
	return false;
}

static bool is_listed(const struct tl_evidence *ev, const struct tl_shot *s)
{
	for (size_t i = 0; i < ev->n_segments; i++)
		if (s->kinds & 1u << ev->segments[i].kind)
			return true;
	return false;
}

/* When it was sent, or where that is asked, arrived; NULL where it did not. */
static const struct tl_event *when(const struct tl_evidence *ev, const struct tl_shot *s)
{
	return ev->arrived ? tl_shot_went(s) : s->ev;
}

static bool counts(const struct tl_film *film, const struct tl_evidence *ev,
		   const struct tl_shot *s)
{
	const struct tl_event *at = when(ev, s);

	if (!at || !tl_film_knows(film, at->phase) || (ev->phase >= 0 && at->phase != ev->phase))
		return false;
	return !ev->n_segments ||
	       ((tl_shot_tells(s) || is_listed(ev, s)) && s->end != TL_SHOT_LOST &&
		s->end != TL_SHOT_ABSORBED && !s->repeats && concerns(ev, s));
}

/* Those that count, in their order. */
struct passed {
	const struct tl_shot **v;
	size_t n;
};

static int by_arrival(const void *a, const void *b)
{
	const struct tl_event *x = tl_shot_went(*(const struct tl_shot *const *)a);
	const struct tl_event *y = tl_shot_went(*(const struct tl_shot *const *)b);

	return (x > y) - (x < y);
}

static bool find_passed(const struct tl_film *film, const struct tl_evidence *ev,
			struct passed *p)
{
	p->v = calloc(film->n_shots + 1, sizeof(*p->v));
	for (size_t i = 0; p->v && i < film->n_shots; i++)
		if (counts(film, ev, &film->shots[i]))
			p->v[p->n++] = &film->shots[i];
	if (p->n && ev->arrived)
		qsort(p->v, p->n, sizeof(*p->v), by_arrival);
	return p->v;
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
		       const struct tl_evidence *ev, const struct passed *p)
{
	const char *how = ev->arrived ? "arrived " : ev->phase >= 0 ? "sent " : "passed ";
	size_t told = p->n < MAX_TOLD ? p->n : MAX_TOLD;

	if (!p->n)
		tl_buf_str(out, ev->n_segments ? "no such segment " : "no segment at all ");
	if (!p->n && !ev->arrived && ev->phase >= 0)
		tl_buf_str(out, "was ");
	tl_buf_str(out, how);
	say_scope(out, film, ev->phase);
	for (size_t i = 0; i < told; i++) {
		tl_buf_str(out, i ? ", " : ": ");
		say_shot(out, film->plan, p->v[i], names_receivers(ev));
	}
	if (p->n > told)
		tl_buf_fmt(out, ", and %zu more", p->n - told);
}

/*
 * How many of the listed ones did pass, one by one, with nothing else between them?
 * @slow: whose ACK and FIN, one after the other, do for FIN+ACK (slow.c); -1: nobody's
 *
 * Return: false where another than the next one came.
 */
static bool follow(const struct tl_evidence *ev, const struct passed *p, int slow, size_t *n)
{
	*n = 0;
	for (size_t i = 0; i < p->n; i++) {
		const struct tl_shot *s = p->v[i];
		const struct tl_selector *select;

		if (slow >= 0 && s->from == slow && slow_is_ack(s))
			continue;
		if (*n == ev->n_segments)
			return false;
		select = &ev->segments[*n];
		if (!tl_shot_is_meant(s, select) &&
		    (slow < 0 || s->from != slow || select->from != slow ||
		     select->kind != TL_SEGMENT_FIN_ACK || !(s->kinds & 1u << TL_SEGMENT_FIN)))
			return false;
		++*n;
	}
	return true;
}

/* Held when the run broke off: whether it arrived or was lost later is not known. */
static bool is_open(const struct tl_film *film, const struct tl_shot *s)
{
	return s->end == TL_SHOT_HELD && !tl_film_came_to_end(film);
}

/*
 * May it begin as listed, where those that are open were lost, or some of them?
 * @open: out: one of them is
 */
static bool may_follow(const struct tl_film *film, const struct tl_evidence *ev,
		       const struct passed *p, bool *may, bool *open)
{
	bool *passed = calloc(ev->n_segments + 1, sizeof(*passed)); /* so many of the list can be */

	if (!passed)
		return false;
	passed[0] = true;
	*open = false;
	for (size_t i = 0; i < p->n; i++) {
		bool lost = ev->n_segments && is_open(film, p->v[i]);

		*open |= lost;
		for (size_t n = ev->n_segments; n; n--)
			passed[n] = (lost && passed[n]) ||
				    (passed[n - 1] &&
				     tl_shot_is_meant(p->v[i], &ev->segments[n - 1]));
		passed[0] &= lost;
	}
	*may = false;
	for (size_t n = 0; n <= ev->n_segments; n++)
		*may |= passed[n];
	free(passed);
	return true;
}

/* Whose slowness alone makes it other than listed? -1: it is otherwise so, too. */
static int find_slow(const struct tl_film *film, const struct tl_evidence *ev,
		     const struct passed *p)
{
	for (size_t i = 0; i < ev->n_segments; i++) {
		int closer = ev->segments[i].from;
		bool slow = ev->segments[i].kind == TL_SEGMENT_FIN_ACK &&
			    slow_to_close(film, closer, ev->phase);
		size_t n;

		if (slow && follow(ev, p, closer, &n) && n == ev->n_segments)
			return closer;
	}
	return -1;
}

bool judge_segments(const struct tl_film *film, const struct tl_evidence *ev,
		    struct tl_evidence_verdict *out)
{
	bool whole = tl_film_finished(film, ev->phase) && tl_film_saw_wire(film, ev->phase);
	struct tl_buf text = { 0 };
	struct passed p = { 0 };
	bool ok, may, open, against, found;
	size_t n;
	int slow;

	if (!find_passed(film, ev, &p) || !may_follow(film, ev, &p, &may, &open)) {
		free(p.v);
		return false;
	}
	whole &= !open;
	ok = follow(ev, &p, -1, &n) && n == ev->n_segments;
	against = !may;
	slow = ok ? -1 : find_slow(film, ev, &p);
	if (slow >= 0) {
		found = evidence_slow(film, slow, ev->phase, out);
	} else if (!whole && (!against || !tl_film_saw_wire(film, ev->phase))) {
		found = evidence_unseen(film, ev, out);
	} else {
		say_passed(&text, film, ev, &p);
		found = evidence_found(out, ok ? TL_FACT_SO : TL_FACT_NOT_SO, ev->phase, &text);
	}
	free(p.v);
	return found;
}
