/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The near miss. Of the tables that a phase looked at, the one that lacked least of what was
 * expected and had the fewest rows beside it; of several such the one that stayed longest. A
 * look is recorded when it differs from the one before, so it lasted until the next.
 */
#include "questions.h"

#include <stdlib.h>

/* More than so much is not a near miss. */
#define MOST_WRONG 3

/* What was wrong with the tables of one stretch of time. */
struct stretch {
	int *lacks;                    /* so many rows of each pattern are missing */
	const struct tl_row **beside;  /* these are too many; owned, the rows are not */
	size_t n_beside;
	size_t n;                      /* so many are missing or too many */
	size_t right;                  /* so many are as expected */
	uint64_t from_ns, ns;
};

static void stretch_release(struct stretch *s)
{
	free(s->lacks);
	free(s->beside);
	*s = (struct stretch){ 0 };
}

/* What is missing is told alone: what is too many may be what came instead. */
static void say_wrong(struct tl_buf *out, const struct tl_film *film,
		      const struct tl_phase *phase, const struct stretch *s)
{
	const char *between = "all but ";

	for (size_t i = 0; i < phase->n_expects; i++) {
		if (!s->lacks[i])
			continue;
		tl_buf_str(out, between);
		between = ", ";
		say_pattern(out, film->plan, &phase->expects[i]);
	}
	if (s->n > s->n_beside)
		return;
	for (size_t i = 0; i < s->n_beside; i++) {
		tl_buf_str(out, i ? ", " : "all, and beside it ");
		say_row(out, film->plan, s->beside[i]);
	}
}

static void take_wrong(const struct tl_phase *phase, const struct tl_event *look,
		       const int *seen, const int *expect, struct stretch *s)
{
	for (size_t i = 0; i < phase->n_expects; i++) {
		int count = phase->expects[i].count;

		s->right += seen[i];
		s->lacks[i] = seen[i] < count ? count - seen[i] : 0;
		s->n += s->lacks[i];
	}
	for (size_t i = 0; i < look->snapshot.n && !phase->others_ignore; i++)
		if (expect[i] < 0)
			s->beside[s->n_beside++] = &look->snapshot.rows[i];
	s->n += s->n_beside;
}

static bool read_look(const struct tl_phase *phase, const struct tl_event *look,
		      struct stretch *s)
{
	int *seen = calloc(phase->n_expects + 1, sizeof(*seen));
	int *expect = calloc(look->snapshot.n + 1, sizeof(*expect));
	bool ok;

	s->lacks = calloc(phase->n_expects + 1, sizeof(*s->lacks));
	s->beside = calloc(look->snapshot.n + 1, sizeof(*s->beside));
	ok = seen && expect && s->lacks && s->beside;
	if (ok) {
		tl_match(phase->expects, phase->n_expects, phase->others_ignore,
			 look->snapshot.rows, look->snapshot.n, expect, seen);
		take_wrong(phase, look, seen, expect, s);
	}
	s->from_ns = look->t_ns;
	free(expect);
	free(seen);
	return ok;
}

/* Of whom nobody knows the name there is the address. */
static bool is_same_end(int a, const struct tl_endpoint *at, int b,
			const struct tl_endpoint *bt)
{
	return a == b && (a >= 0 || tl_endpoint_equal(at, bt));
}

static bool is_same_row(const struct tl_row *a, const struct tl_row *b)
{
	return a->sock.state == b->sock.state &&
	       is_same_end(a->owner, &a->sock.local, b->owner, &b->sock.local) &&
	       is_same_end(a->peer, &a->sock.remote, b->peer, &b->sock.remote);
}

/* Would both be told in the same words? */
static bool is_same(const struct tl_phase *phase, const struct stretch *a,
		    const struct stretch *b)
{
	bool same = a->n == b->n && a->n_beside == b->n_beside;

	for (size_t i = 0; same && i < phase->n_expects; i++)
		same = a->lacks[i] == b->lacks[i];
	for (size_t i = 0; same && a->n == a->n_beside && i < a->n_beside; i++)
		same = is_same_row(a->beside[i], b->beside[i]);
	return same;
}

/* @s (taken) is over: is it the nearest so far? */
static void close_stretch(struct stretch *s, uint64_t until_ns, struct stretch *best)
{
	s->ns = until_ns > s->from_ns ? until_ns - s->from_ns : 0;
	if (s->n && s->right && s->n <= MOST_WRONG &&
	    (!best->n || s->n < best->n || (s->n == best->n && s->ns > best->ns))) {
		stretch_release(best);
		*best = *s;
	} else {
		stretch_release(s);
	}
	*s = (struct stretch){ 0 };
}

/* The rows in scope that come near a pattern that no table had. */
struct near_rows {
	const struct tl_row *state;    /* the last in its state, whatever its queues and timer */
	const struct tl_row *ends;     /* the last between its ends */
	int most;                      /* so many fitted at a time */
};

static void look_for_near(const struct tl_film *film, const struct tl_evidence *ev,
			  const struct tl_event *seen, struct near_rows *near)
{
	struct tl_pattern state = ev->row, ends = ev->row;
	size_t n_rows;
	const struct tl_row *rows = tl_film_rows(film, seen, &n_rows);
	int n = 0;

	state.measured = ends.measured = 0;
	ends.states = 0;
	for (size_t i = 0; i < n_rows; i++) {
		n += tl_pattern_fits(&ev->row, &rows[i]);
		if (tl_pattern_fits(&state, &rows[i]))
			near->state = &rows[i];
		if (tl_pattern_fits(&ends, &rows[i]))
			near->ends = &rows[i];
	}
	if (seen->kind == TL_EVENT_SEGMENT) /* its two ends may be one socket */
		n = n > 0;
	near->most = n > near->most ? n : near->most;
}

void say_near_row(struct tl_buf *out, const struct tl_film *film, const struct tl_evidence *ev)
{
	struct near_rows near = { 0 };

	for (size_t i = 0; i < film->trace->n; i++)
		if (evidence_in_scope(ev, &film->trace->events[i]))
			look_for_near(film, ev, &film->trace->events[i], &near);
	if (near.most) {
		tl_buf_fmt(out, "; at most %d at a time", near.most);
	} else if (near.state && ev->row.measured) {
		tl_buf_str(out, "; last seen with");
		tl_pattern_say_measured(&ev->row, &near.state->sock, out);
	} else if (near.ends) {
		tl_buf_fmt(out, "; last seen in %s", tl_state_name(near.ends->sock.state));
	}
}

bool say_near(struct tl_buf *out, const struct tl_film *film, int phase)
{
	const struct tl_phase *plan = &film->plan->phases[phase];
	struct stretch best = { 0 }, now = { 0 };
	uint64_t last_ns = 0;
	bool begun = false, ok = true;

	for (int i = 0; ok && i < film->n_snaps; i++) {
		struct stretch next = { 0 };

		if (film->snaps[i]->phase != phase)
			continue;
		ok = read_look(plan, film->snaps[i], &next);
		last_ns = next.from_ns;
		if (ok && begun && is_same(plan, &now, &next)) {
			stretch_release(&next);
			continue;
		}
		if (begun)
			close_stretch(&now, next.from_ns, &best);
		begun = true;
		now = next;
	}
	close_stretch(&now, last_ns, &best);
	if (ok && best.ns >= 1000000000)
		tl_buf_fmt(out, "; for %.1f s ", best.ns / 1e9);
	else if (ok && best.ns)
		tl_buf_fmt(out, "; for %.0f ms ", best.ns / 1e6);
	if (ok && best.ns)
		say_wrong(out, film, plan, &best);
	stretch_release(&best);
	return ok;
}
