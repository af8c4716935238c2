/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The near miss. Of the tables that a phase looked at, the one that lacked least of what was
 * expected and had the fewest rows beside it; of several such the one that stayed longest. A
 * look is recorded when it differs from the one before, so it lasted until the next.
 */
#include "questions.h"

#include <stdlib.h>
#include <string.h>

/* More than so much is not a near miss. */
#define MOST_WRONG 3

/* What was wrong with the tables of one stretch of time. */
struct stretch {
	struct tl_buf wrong; /* "master -> client ESTABLISHED" */
	size_t n;            /* so many rows are missing or too many */
	size_t right;        /* so many are as expected */
	uint64_t from_ns, ns;
};

static void say_wrong(const struct tl_film *film, const struct tl_phase *phase,
		      const struct tl_event *look, const int *seen, const int *expect,
		      struct stretch *s)
{
	size_t missing;

	for (size_t i = 0; i < phase->n_expects; i++) {
		s->right += seen[i];
		if (seen[i] >= phase->expects[i].count)
			continue;
		tl_buf_str(&s->wrong, s->n ? ", " : "all but ");
		say_pattern(&s->wrong, film->plan, &phase->expects[i]);
		s->n += phase->expects[i].count - seen[i];
	}
	missing = s->n;
	for (size_t i = 0; i < look->snapshot.n && !phase->others_ignore; i++) {
		if (expect[i] >= 0)
			continue;
		s->n++;
		/* what is missing is told already, and this may be what came instead */
		if (missing)
			continue;
		tl_buf_str(&s->wrong, s->n > 1 ? ", " : "all, and beside it ");
		say_row(&s->wrong, film->plan, &look->snapshot.rows[i]);
	}
}

static bool read_look(const struct tl_film *film, const struct tl_phase *phase,
		      const struct tl_event *look, struct stretch *s)
{
	int *seen = calloc(phase->n_expects + 1, sizeof(*seen));
	int *expect = calloc(look->snapshot.n + 1, sizeof(*expect));

	if (seen && expect) {
		tl_match(phase->expects, phase->n_expects, phase->others_ignore,
			 look->snapshot.rows, look->snapshot.n, expect, seen);
		say_wrong(film, phase, look, seen, expect, s);
	}
	s->wrong.failed |= !seen || !expect;
	s->from_ns = look->t_ns;
	free(expect);
	free(seen);
	return !s->wrong.failed;
}

static bool is_same(const struct stretch *a, const struct stretch *b)
{
	return a->n == b->n && !strcmp(tl_buf_text(&a->wrong), tl_buf_text(&b->wrong));
}

/* @s (taken) is over: is it the nearest so far? */
static void close_stretch(struct stretch *s, uint64_t until_ns, struct stretch *best)
{
	s->ns = until_ns > s->from_ns ? until_ns - s->from_ns : 0;
	if (s->n && s->right && s->n <= MOST_WRONG &&
	    (!best->n || s->n < best->n || (s->n == best->n && s->ns > best->ns))) {
		tl_buf_release(&best->wrong);
		*best = *s;
	} else {
		tl_buf_release(&s->wrong);
	}
	*s = (struct stretch){ 0 };
}

bool say_near(struct tl_buf *out, const struct tl_film *film, int phase)
{
	struct stretch best = { 0 }, now = { 0 };
	uint64_t last_ns = 0;
	bool begun = false, ok = true;

	for (int i = 0; ok && i < film->n_snaps; i++) {
		struct stretch next = { 0 };

		if (film->snaps[i]->phase != phase)
			continue;
		ok = read_look(film, &film->plan->phases[phase], film->snaps[i], &next);
		last_ns = next.from_ns;
		if (ok && begun && is_same(&now, &next)) {
			tl_buf_release(&next.wrong);
			continue;
		}
		if (begun)
			close_stretch(&now, next.from_ns, &best);
		begun = true;
		now = next;
	}
	close_stretch(&now, last_ns, &best);
	if (ok && best.ns >= 1000000000)
		tl_buf_fmt(out, "; for %.1f s %s", best.ns / 1e9, tl_buf_text(&best.wrong));
	else if (ok && best.ns)
		tl_buf_fmt(out, "; for %.0f ms %s", best.ns / 1e6, tl_buf_text(&best.wrong));
	tl_buf_release(&best.wrong);
	return ok;
}
