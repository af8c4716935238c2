/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Evidence about timers: every socket's timer was within bounds when it was first seen in such
 * a row, and whenever it had started anew; in between it only runs down.
 */
#include "questions.h"

/* A timer that runs down never shows more than before; a jiffy is 10 ms at most. */
#define SLACK_MS 20

/*
 * The next sighting of a socket in scope, from @i on, in a row that fits and whose timer has
 * started: the first such, or one with more time left than the one before. NULL for none.
 */
static const struct tl_sighting *next_start(const struct tl_film *film,
					    const struct tl_evidence *ev,
					    const struct tl_socket *socket, size_t *i)
{
	for (; *i < socket->n; ++*i) {
		const struct tl_sighting *s = &film->sightings[socket->from + *i];
		const struct tl_sighting *before = *i ? s - 1 : NULL;

		if (!evidence_in_scope(ev, s->ev) || !tl_pattern_fits(&ev->row, s->row))
			continue;
		if (before && evidence_in_scope(ev, before->ev) &&
		    tl_pattern_fits(&ev->row, before->row) &&
		    s->row->sock.timer_ms <= before->row->sock.timer_ms + SLACK_MS)
			continue;
		++*i;
		return s;
	}
	return NULL;
}

/* Has it more time left than its socket had when it was last seen, whatever phase that was in? */
static bool is_anew(const struct tl_film *film, const struct tl_evidence *ev,
		    const struct tl_socket *socket, const struct tl_sighting *s)
{
	const struct tl_sighting *before = s > &film->sightings[socket->from] ? s - 1 : NULL;

	return before && tl_pattern_fits(&ev->row, before->row) &&
	       s->row->sock.timer_ms > before->row->sock.timer_ms + SLACK_MS;
}

static bool within(const struct tl_evidence *ev, const struct tl_sock *sock)
{
	uint64_t left = (uint64_t)sock->timer_ms * 1000000;

	return tl_timer_waits(sock->timer) && left >= ev->at_least_ns &&
	       left <= ev->at_most_ns;
}

static void say_bounds(struct tl_buf *out, const struct tl_evidence *ev)
{
	if (ev->at_least_ns)
		tl_buf_fmt(out, ", expected at least %.1f s", ev->at_least_ns / 1e9);
	if (ev->at_most_ns != UINT64_MAX)
		tl_buf_fmt(out, ", expected at most %.1f s", ev->at_most_ns / 1e9);
}

/* All starts of the timers of such rows. */
struct starts {
	const struct tl_sighting *told; /* the first that is out of bounds, else the last */
	bool told_anew;                 /* that one is anew */
	bool anew;                      /* one is */
	bool within;                    /* all of them */
};

static struct starts find_starts(const struct tl_film *film, const struct tl_evidence *ev)
{
	struct starts found = { .within = true };

	for (size_t i = 0; i < film->n_sockets && found.within; i++) {
		const struct tl_sighting *s;
		size_t at = 0, n = 0;

		for (; found.within && (s = next_start(film, ev, &film->sockets[i], &at)); n++) {
			bool anew = n > 0 || is_anew(film, ev, &film->sockets[i], s);

			found.within = within(ev, &s->row->sock);
			found.anew |= anew;
			if (found.told && found.within && !anew)
				continue;
			found.told = s;
			found.told_anew = anew;
		}
	}
	return found;
}

/* Is it as the scenario says, that a timer started anew, or that none did? */
static enum tl_fact judge_anew(const struct tl_film *film, const struct tl_evidence *ev,
			       const struct starts *found)
{
	if (!ev->anew || (ev->anew == TL_ANEW_YES && found->anew))
		return TL_FACT_SO;
	if (ev->anew == TL_ANEW_NO && found->anew)
		return TL_FACT_NOT_SO;
	/* what makes it start anew is a segment */
	if (!tl_film_saw_wire(film, ev->phase))
		return TL_FACT_UNSEEN;
	return ev->anew == TL_ANEW_NO ? TL_FACT_SO : TL_FACT_NOT_SO;
}

bool judge_timer(const struct tl_film *film, const struct tl_evidence *ev,
		 struct tl_evidence_verdict *out)
{
	const struct starts found = find_starts(film, ev);
	enum tl_fact anew = judge_anew(film, ev, &found);
	bool ok = found.within && anew == TL_FACT_SO;
	struct tl_buf text = { 0 };

	if (!evidence_looked_at(film, ev->phase) &&
	    (!found.told || (found.within && (anew != TL_FACT_NOT_SO || !found.anew))))
		return evidence_unseen(film, ev, out);
	if (!found.told) {
		tl_buf_str(&text, "never seen, so no timer was seen either: ");
		say_pattern(&text, film->plan, &ev->row);
		return evidence_found(out, TL_FACT_NOT_SO, ev->phase, &text);
	}
	if (found.within && anew == TL_FACT_UNSEEN)
		return evidence_unseen(film, ev, out);
	say_row(&text, film->plan, found.told->row);
	if (!tl_timer_waits(found.told->row->sock.timer))
		tl_buf_str(&text, " had no timer ");
	else
		tl_buf_fmt(&text, " had %.1f s left ", found.told->row->sock.timer_ms / 1e3);
	if (found.told_anew)
		tl_buf_str(&text, "when it had started again ");
	say_phase(&text, found.told->ev->phase);
	if (!found.within)
		say_bounds(&text, ev);
	else if (anew == TL_FACT_NOT_SO && !found.anew)
		tl_buf_str(&text, ", and never started again");
	return evidence_found(out, ok ? TL_FACT_SO : TL_FACT_NOT_SO, found.told->ev->phase, &text);
}
