/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each phase expected, held against the table it ended on. */
#include "questions.h"

#include <stdlib.h>
#include <string.h>

/* As many complaints as a person reads; the table beside them shows the rest. */
#define MAX_COMPLAINTS 5

static bool matches(const struct tl_phase *phase, const struct tl_event *ev)
{
	return tl_match(phase->expects, phase->n_expects, phase->others_ignore,
			ev->snapshot.rows, ev->snapshot.n, NULL, NULL);
}

static uint64_t since(const struct tl_event *from, const struct tl_event *to)
{
	return to->t_ns > from->t_ns ? to->t_ns - from->t_ns : 0;
}

/* How long the table had been as expected by the time of the look, which matches. */
static uint64_t held_ns(const struct tl_film *film, int phase, const struct tl_event *look)
{
	const struct tl_event *first = look;

	for (int i = film->n_snaps - 1; i >= 0; i--) {
		const struct tl_event *ev = film->snaps[i];

		if (ev->phase != phase)
			continue;
		if (!matches(&film->plan->phases[phase], ev))
			break;
		first = ev;
	}
	return since(first, look);
}

/* Where snapshot @snap shows the socket that has this cookie in @other; NULL: it does not. */
static const struct tl_sighting *find_same(const struct tl_film *film, int snap, int other,
					   uint64_t cookie)
{
	const struct tl_sighting *here = tl_film_find(film, snap, cookie);
	const struct tl_sighting *there = tl_film_find(film, other, cookie);

	return here && there && here->socket != there->socket ? NULL : here;
}

/* Hold the look against the phase's expectation and against the look before. */
static bool fill_rows(const struct tl_film *film, const struct tl_phase *phase, int before,
		      int now, struct tl_phase_verdict *pv)
{
	const struct tl_row *rows = pv->look->snapshot.rows;
	size_t n = pv->look->snapshot.n;
	int *expect = calloc(n + 1, sizeof(*expect));

	pv->rows = calloc(n + 1, sizeof(*pv->rows));
	if (!expect || !pv->rows) {
		free(expect);
		return false;
	}
	tl_match(phase->expects, phase->n_expects, phase->others_ignore, rows, n, expect,
		 pv->seen);
	for (size_t i = 0; i < n; i++) {
		const struct tl_sighting *was = find_same(film, before, now, rows[i].sock.cookie);

		pv->rows[i].expect = expect[i];
		pv->rows[i].change = was ? TL_CHANGE_SAME : TL_CHANGE_NEW;
		if (was && was->row->sock.state != rows[i].sock.state) {
			pv->rows[i].change = TL_CHANGE_STATE;
			pv->rows[i].was = was->row->sock.state;
		}
	}
	free(expect);
	return true;
}

static bool fill_gone(const struct tl_film *film, int before, int now, struct tl_phase_verdict *pv)
{
	const struct tl_event *ev = film->snaps[before];

	pv->gone = calloc(ev->snapshot.n + 1, sizeof(*pv->gone));
	if (!pv->gone)
		return false;
	for (size_t i = 0; i < ev->snapshot.n; i++)
		if (!find_same(film, now, before, ev->snapshot.rows[i].sock.cookie))
			pv->gone[pv->n_gone++] = ev->snapshot.rows[i];
	return true;
}

/* Complaints, "; " between them, are counted so that a long list can be cut. */
struct complaints {
	struct tl_buf buf;
	size_t n;
};

static bool another(struct complaints *c)
{
	if (++c->n > MAX_COMPLAINTS)
		return false;
	if (c->n > 1)
		tl_buf_str(&c->buf, "; ");
	return true;
}

/* An unexpected row of the connection @pattern is about: most likely the one meant. */
static size_t find_instead(const struct tl_pattern *pattern, const struct tl_phase_verdict *pv,
			   const bool *told)
{
	struct tl_pattern any = *pattern;

	any.states = any.measured = 0;
	for (size_t i = 0; i < pv->look->snapshot.n; i++) {
		const struct tl_row *row = &pv->look->snapshot.rows[i];

		if (pv->rows[i].expect >= 0 || told[i] || !tl_pattern_fits(&any, row))
			continue;
		if ((row->sock.state == TL_LISTEN) == (pattern->states == 1u << TL_LISTEN))
			return i;
	}
	return pv->look->snapshot.n;
}

/* The table has no listener on a port that is not watched. */
static void say_unwatched(struct tl_buf *out, const struct tl_plan *plan,
			  const struct tl_pattern *pattern)
{
	uint16_t port = pattern->owner >= 0 ? plan->actors[pattern->owner].port : 0;

	if (port && pattern->states == 1u << TL_LISTEN && !tl_plan_watches(plan, port))
		tl_buf_fmt(out, " (port %d is not watched)", port);
}

static void complain_missing(const struct tl_film *film, const struct tl_pattern *pattern,
			     int seen, const struct tl_phase_verdict *pv, bool *told,
			     struct complaints *c)
{
	const struct tl_event *look = pv->look;
	size_t instead = find_instead(pattern, pv, told);

	if (instead < look->snapshot.n)
		told[instead] = true;
	if (!another(c))
		return;
	tl_buf_str(&c->buf, "expected ");
	say_pattern(&c->buf, film->plan, pattern);
	if (instead < look->snapshot.n) {
		const struct tl_sock *sock = &look->snapshot.rows[instead].sock;

		tl_buf_fmt(&c->buf, ", saw %s", tl_state_name(sock->state));
		tl_pattern_say_measured(pattern, sock, &c->buf);
	} else if (seen) {
		tl_buf_fmt(&c->buf, ", saw %d of %d", seen, pattern->count);
	} else {
		tl_buf_str(&c->buf, ", not seen");
		say_unwatched(&c->buf, film->plan, pattern);
	}
}

/* Both ends have names, so that nothing tells two such rows apart. */
static bool is_like(const struct tl_row *a, const struct tl_row *b)
{
	return a->owner >= 0 && a->owner == b->owner && a->peer == b->peer &&
	       a->sock.state == b->sock.state && (a->peer >= 0 || a->sock.state == TL_LISTEN);
}

/* The unexpected row @i, and those like it. */
static void complain_unexpected(const struct tl_film *film, const struct tl_phase_verdict *pv,
				size_t i, bool *told, struct complaints *c)
{
	const struct tl_row *rows = pv->look->snapshot.rows;
	size_t n = 1;

	for (size_t k = i + 1; k < pv->look->snapshot.n; k++) {
		if (pv->rows[k].expect >= 0 || told[k] || !is_like(&rows[i], &rows[k]))
			continue;
		told[k] = true;
		n++;
	}
	if (!another(c))
		return;
	tl_buf_str(&c->buf, "unexpected: ");
	say_row(&c->buf, film->plan, &rows[i]);
	if (n > 1)
		tl_buf_fmt(&c->buf, " x%zu", n);
}

static void complain(const struct tl_film *film, const struct tl_phase *phase,
		     const struct tl_phase_verdict *pv, bool *told, struct complaints *c)
{
	for (size_t p = 0; p < phase->n_expects; p++)
		if (pv->seen[p] < phase->expects[p].count)
			complain_missing(film, &phase->expects[p], pv->seen[p], pv, told, c);
	for (size_t i = 0; i < pv->look->snapshot.n && !phase->others_ignore; i++) {
		if (pv->rows[i].expect < 0 && !told[i])
			complain_unexpected(film, pv, i, told, c);
	}
	if (c->n > MAX_COMPLAINTS)
		tl_buf_fmt(&c->buf, "; and %zu more", c->n - MAX_COMPLAINTS);
}

static char *why_unmet(const struct tl_film *film, int n_phase,
		       const struct tl_phase_verdict *pv, uint64_t held)
{
	const struct tl_phase *phase = &film->plan->phases[n_phase];
	struct complaints c = { 0 };
	bool *told;

	if (!pv->look) {
		tl_buf_str(&c.buf, "the table was not read in this phase");
		return say_take(&c.buf);
	}
	told = calloc(pv->look->snapshot.n + 1, sizeof(*told));
	if (!told)
		return NULL;
	complain(film, phase, pv, told, &c);
	free(told);
	if (!c.n)
		tl_buf_fmt(&c.buf,
			   "it came true, but lasted only %.0f ms instead of %.0f ms",
			   held / 1e6, phase->for_ns / 1e6);
	else if (!say_near(&c.buf, film, n_phase))
		c.buf.failed = true;
	return say_take(&c.buf);
}

/* The engine's own sentence of what came instead. */
static char *why_missed(const struct tl_event *missed)
{
	return strdup(missed->missed.text ? missed->missed.text :
					    "the segment that a step awaited did not come");
}

static char *why_unfinished(const struct tl_film *film)
{
	struct tl_buf buf = { 0 };

	say_how_it_ended(&buf, film);
	return say_take(&buf);
}

/* MET or UNMET, and in the latter case why. */
static bool hold_against(const struct tl_film *film, int phase, struct tl_phase_verdict *pv)
{
	const struct tl_phase *ph = &film->plan->phases[phase];
	bool ok = pv->look && matches(ph, pv->look);
	uint64_t held = ok ? held_ns(film, phase, pv->look) : 0;

	if (ok && held >= ph->for_ns) {
		pv->outcome = TL_OUTCOME_MET;
		return true;
	}
	pv->outcome = TL_OUTCOME_UNMET;
	pv->reason = why_unmet(film, phase, pv, held);
	return pv->reason;
}

/* What a phase has come to counts only where the trace shows each of its steps. */
static bool hold_against_steps(const struct tl_film *film, const struct steps *steps, int phase,
			       struct tl_phase_verdict *pv)
{
	struct tl_buf why = { 0 };

	if (pv->outcome == TL_OUTCOME_UNMET || !judge_left_out(film, steps, phase, &why))
		return true;
	pv->outcome = TL_OUTCOME_UNMET;
	pv->reason = say_take(&why);
	return pv->reason;
}

/* @before: the look of the phase before, an index into film->snaps or -1 */
static bool judge_phase(const struct tl_film *film, const struct steps *steps, int phase,
			int before, struct tl_phase_verdict *pv)
{
	const struct tl_phase *ph = &film->plan->phases[phase];
	int now = film->looks[phase];

	pv->seen = calloc(ph->n_expects + 1, sizeof(*pv->seen));
	if (!pv->seen)
		return false;
	pv->look = now < 0 ? NULL : film->snaps[now];
	if (pv->look && !fill_rows(film, ph, before, now, pv))
		return false;
	if (pv->look && before >= 0 && !fill_gone(film, before, now, pv))
		return false;
	if (!film->reached[phase]) {
		pv->outcome = TL_OUTCOME_NOT_REACHED;
		return true;
	}
	if (!tl_film_finished(film, phase)) {
		pv->outcome = TL_OUTCOME_UNFINISHED;
		pv->reason = why_unfinished(film);
		return pv->reason;
	}
	if (film->missed[phase]) {
		pv->outcome = TL_OUTCOME_UNMET;
		pv->reason = why_missed(film->missed[phase]);
		return pv->reason;
	}
	pv->outcome = TL_OUTCOME_SHOWN;
	if (tl_phase_has_expectation(ph) && !hold_against(film, phase, pv))
		return false;
	return hold_against_steps(film, steps, phase, pv);
}

static bool judge_each(const struct tl_film *film, const struct steps *steps,
		       struct tl_verdict *verdict)
{
	int before = -1;

	for (size_t i = 0; i < verdict->n_phases; i++) {
		struct tl_phase_verdict *pv = &verdict->phases[i];

		if (!judge_phase(film, steps, (int)i, before, pv))
			return false;
		if (pv->look)
			before = film->looks[i];
		verdict->phases_expected += tl_phase_has_expectation(&film->plan->phases[i]);
		verdict->phases_met += pv->outcome == TL_OUTCOME_MET;
	}
	return true;
}

bool judge_phases(const struct tl_film *film, struct tl_verdict *verdict)
{
	struct steps steps = { 0 };
	bool ok;

	verdict->phases = calloc(film->plan->n_phases + 1, sizeof(*verdict->phases));
	if (!verdict->phases)
		return false;
	verdict->n_phases = film->plan->n_phases;
	ok = judge_take_steps(film, &steps) && judge_each(film, &steps, verdict);
	judge_steps_release(&steps);
	return ok;
}
