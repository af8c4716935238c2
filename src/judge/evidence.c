/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Each kind of evidence is looked for in what one phase, or all of them, saw: snapshots,
 * and the ends of segments in flight.
 *
 *   saw     a snapshot has as many fitting rows as the pattern counts; where one will do,
 *           the end of a segment is as good
 *   never   nowhere is that so, and no socket must have come by unseen (lives.c); states
 *           that pass in microseconds are never seen where the wire is not
 *   order   sequence.c
 *   timer   timers.c
 *   rows    in the table a phase ended on, every connection of the two has that many rows;
 *           without a phase, in the table of any
 *   segments  passed.c
 *   segment, silent  sent.c
 *   answer  a step of the peer was done with that error as its answer
 *   counter  between the end of the phase before and that of the phase, or from before the
 *           first phase to the last one's end, it rose by as much as the bounds say
 *
 * What was seen is so whatever came later. What was not seen counts as absent only where
 * everything was looked at: the phase was gone through, or all of them were. And where
 * the wire should have shown the states between two snapshots and did not, a state that
 * was counted on is not observed rather than absent.
 */
#include "questions.h"

#include <inttypes.h>
#include <string.h>

#include "tcplab/answer.h"

bool evidence_found(struct tl_evidence_verdict *out, enum tl_fact fact, int phase,
		    struct tl_buf *text)
{
	out->fact = fact;
	out->phase = phase;
	out->text = say_take(text);
	return out->text;
}

bool evidence_looked_at(const struct tl_film *film, int phase)
{
	if (!tl_film_finished(film, phase))
		return false;
	return phase < 0 ? film->n_snaps > 0 : film->looks[phase] >= 0;
}

bool evidence_unseen(const struct tl_film *film, const struct tl_evidence *ev,
		     struct tl_evidence_verdict *out)
{
	struct tl_buf text = { 0 };

	tl_buf_str(&text, "not observed: ");
	if (!tl_film_finished(film, ev->phase) && ev->phase < 0)
		tl_buf_str(&text, "the run did not go through all phases");
	else if (!tl_film_finished(film, ev->phase))
		tl_buf_fmt(&text, "the run did not get through phase %d", ev->phase + 1);
	else if (tl_evidence_is_of_wire(ev->kind) && tl_film_saw_wire(film, ev->phase))
		tl_buf_str(&text, "a segment was still held when the run broke off");
	else if (tl_evidence_is_of_wire(ev->kind) || evidence_looked_at(film, ev->phase))
		say_blind(&text, film);
	else if (ev->phase < 0)
		tl_buf_str(&text, "no phase shows a table");
	else
		tl_buf_fmt(&text, "phase %d shows no table", ev->phase + 1);
	return evidence_found(out, TL_FACT_UNSEEN, ev->phase, &text);
}

bool evidence_in_scope(const struct tl_evidence *ev, const struct tl_event *seen)
{
	return ev->phase < 0 || seen->phase == ev->phase;
}

/* The first event in scope that shows enough fitting rows, NULL for none. */
static const struct tl_event *find_rows(const struct tl_film *film, const struct tl_evidence *ev)
{
	for (size_t i = 0; i < film->trace->n; i++) {
		const struct tl_event *seen = &film->trace->events[i];
		size_t n_rows;
		const struct tl_row *rows = tl_film_rows(film, seen, &n_rows);
		int n = 0;

		if (!evidence_in_scope(ev, seen) ||
		    (seen->kind == TL_EVENT_SEGMENT && ev->row.count > 1))
			continue;
		for (size_t r = 0; r < n_rows; r++)
			n += tl_pattern_fits(&ev->row, &rows[r]);
		if (n > 0 && n >= ev->row.count)
			return seen;
	}
	return NULL;
}

static void say_seen(struct tl_buf *out, const struct tl_event *seen, int phase)
{
	if (!seen && phase < 0) {
		tl_buf_str(out, "never seen: ");
		return;
	}
	tl_buf_str(out, seen ? "seen " : "not seen ");
	say_phase(out, phase);
	tl_buf_str(out, ": ");
}

static bool judge_saw(const struct tl_film *film, const struct tl_evidence *ev,
		      struct tl_evidence_verdict *out)
{
	struct tl_buf text = { 0 };
	const struct tl_event *seen = find_rows(film, ev);
	int phase = seen ? seen->phase : ev->phase;

	if (!seen && (!evidence_looked_at(film, phase) || tl_film_was_blind(film, phase)))
		return evidence_unseen(film, ev, out);
	say_seen(&text, seen, phase);
	say_pattern(&text, film->plan, &ev->row);
	if (!seen)
		say_near_row(&text, film, ev);
	return evidence_found(out, seen ? TL_FACT_SO : TL_FACT_NOT_SO, phase, &text);
}

/* A state of a life that nobody saw, and that yet must have been. */
static const struct tl_hop *find_unseen(const struct tl_film *film,
					const struct tl_verdict *verdict,
					const struct tl_evidence *ev)
{
	for (size_t i = 0; i < verdict->n_lives; i++) {
		const struct tl_life *life = &verdict->lives[i];
		struct tl_row row = { .owner = life->owner, .peer = life->peer };

		for (size_t k = 1; k < life->n_hops; k++) {
			const struct tl_event *by = life->hops[k].by;

			row.sock.state = life->hops[k].state;
			row.shared_by = by ? tl_film_holders(film, by, life->cookie) : 0;
			/* what was seen of one that was passed on has the names of then */
			if (row.shared_by & (row.shared_by - 1) &&
			    life->hops[k].kind == TL_HOP_OBSERVED)
				continue;
			if (row.sock.state != TL_CLOSE && tl_pattern_fits(&ev->row, &row) &&
			    (ev->phase < 0 || life->hops[k].phase == ev->phase))
				return &life->hops[k];
		}
	}
	return NULL;
}

/* States that a look cannot miss: they last as long as somebody wants, or a minute. */
static bool lasts(const struct tl_pattern *row)
{
	return row->states && !(row->states & ~(1u << TL_LISTEN | 1u << TL_TIME_WAIT));
}

static bool judge_never(const struct tl_film *film, const struct tl_verdict *verdict,
			const struct tl_evidence *ev, struct tl_evidence_verdict *out)
{
	const struct tl_event *seen = find_rows(film, ev);
	const struct tl_hop *unseen =
		seen || ev->row.count > 1 ? NULL : find_unseen(film, verdict, ev);
	struct tl_buf text = { 0 };
	int phase = seen ? seen->phase : unseen ? unseen->phase : ev->phase;

	if (unseen) {
		tl_buf_str(&text, "not seen, but passed through by then ");
		say_phase(&text, phase);
		tl_buf_str(&text, ": ");
	} else if (!seen && (!evidence_looked_at(film, phase) ||
			     (!lasts(&ev->row) && (film->plan->wire == TL_WIRE_OFF ||
						   tl_film_was_blind(film, phase))))) {
		return evidence_unseen(film, ev, out);
	} else {
		say_seen(&text, seen, phase);
	}
	say_pattern(&text, film->plan, &ev->row);
	return evidence_found(out, seen || unseen ? TL_FACT_NOT_SO : TL_FACT_SO, phase, &text);
}

/* A row of a connection between the two ends @ev names, seen from either of them. */
static bool connects(const struct tl_evidence *ev, const struct tl_row *row)
{
	struct tl_row turned = *row;

	turned.owner = row->peer;
	turned.peer = row->owner;
	turned.shared_by = row->peers;
	turned.peers = row->shared_by;
	return row->sock.state != TL_LISTEN &&
	       (tl_pattern_fits(&ev->row, row) || tl_pattern_fits(&ev->row, &turned));
}

static int rows_of(const struct tl_film *film, int snap, const struct tl_sock *sock)
{
	const struct tl_event *look = film->snaps[snap];
	size_t out, back;

	tl_film_pair(film, &sock->local, &sock->remote, look, look, &out);
	tl_film_pair(film, &sock->remote, &sock->local, look, look, &back);
	return out + back;
}

/*
 * How many rows each connection has in a snapshot: ev->count, or the first number that
 * is another; 0 when there is no connection.
 */
static int count_rows(const struct tl_film *film, const struct tl_evidence *ev, int snap)
{
	const struct tl_event *look = film->snaps[snap];
	int n = 0;

	for (size_t i = 0; i < look->snapshot.n; i++) {
		const struct tl_row *row = &look->snapshot.rows[i];

		if (!connects(ev, row))
			continue;
		n = rows_of(film, snap, &row->sock);
		if (n != ev->count)
			return n;
	}
	return n;
}

static bool judge_rows(const struct tl_film *film, const struct tl_evidence *ev,
		       struct tl_evidence_verdict *out)
{
	int from = ev->phase < 0 ? 0 : ev->phase, phase = from, n = 0;
	int to = ev->phase < 0 ? film->last : ev->phase;
	struct tl_buf text = { 0 };
	bool ok = false;

	for (int i = from; i <= to && !ok; i++) {
		/* finished: a phase that the plan has */
		if (!tl_film_finished(film, i) || film->looks[i] < 0)
			continue;
		phase = i;
		n = count_rows(film, ev, film->looks[i]);
		ok = n == ev->count;
	}
	if (!ok && !evidence_looked_at(film, ev->phase))
		return evidence_unseen(film, ev, out);
	tl_buf_fmt(&text, "%d row%s ", n, n == 1 ? "" : "s");
	say_phase(&text, phase);
	tl_buf_str(&text, " for the connection ");
	say_pattern(&text, film->plan, &ev->row);
	if (!ok)
		tl_buf_fmt(&text, ", expected %d", ev->count);
	return evidence_found(out, ok ? TL_FACT_SO : TL_FACT_NOT_SO, phase, &text);
}

/* The first call of the peer that was answered so. */
static const struct tl_event *find_answer(const struct tl_film *film, const struct tl_evidence *ev)
{
	const struct tl_trace *trace = film->trace;

	for (size_t i = 0; i < trace->n; i++) {
		const struct tl_event *done = &trace->events[i];
		const struct tl_step *step;

		if (done->kind != TL_EVENT_DONE || !done->step.reply ||
		    !evidence_in_scope(ev, done))
			continue;
		step = tl_film_step(film, done);
		if (step && step->actor == ev->row.owner && tl_verb_is_of_peer(step->verb) &&
		    tl_film_answer(done) == ev->answer)
			return done;
	}
	return NULL;
}

static bool judge_answer(const struct tl_film *film, const struct tl_evidence *ev,
			 struct tl_evidence_verdict *out)
{
	const struct tl_event *done = find_answer(film, ev);
	struct tl_buf text = { 0 };

	if (!done && !tl_film_finished(film, ev->phase))
		return evidence_unseen(film, ev, out);
	if (done) {
		tl_buf_fmt(&text, "answered with %s ", done->step.reply);
		say_phase(&text, done->phase);
		tl_buf_fmt(&text, ": %s", tl_film_step(film, done)->text);
	} else {
		tl_buf_fmt(&text, "no call of %s failed with %s",
			   tl_plan_actor_name(film->plan, ev->row.owner),
			   tl_answer_name(ev->answer));
	}
	return evidence_found(out, done ? TL_FACT_SO : TL_FACT_NOT_SO,
			      done ? done->phase : ev->phase, &text);
}

/* What the kernel's counter stood at when a phase had ended; -1: before the first. */
static bool counter_after(const struct tl_film *film, int phase, const char *name,
			  uint64_t *value)
{
	const struct tl_trace *trace = film->trace;

	for (size_t i = 0; i < trace->n; i++) {
		const struct tl_event *ev = &trace->events[i];

		if (ev->kind != TL_EVENT_COUNTERS || ev->phase != phase)
			continue;
		for (size_t j = 0; j < ev->counters.n; j++)
			if (!strcmp(ev->counters.v[j].name, name)) {
				*value = ev->counters.v[j].value;
				return true;
			}
	}
	return false;
}

static bool judge_counter(const struct tl_film *film, const struct tl_evidence *ev,
			  struct tl_evidence_verdict *out)
{
	int first = ev->phase < 0 ? -1 : ev->phase - 1;
	int last = ev->phase < 0 ? (int)film->plan->n_phases - 1 : ev->phase;
	struct tl_buf text = { 0 };
	uint64_t before, after, rise;
	bool ok;

	if (!tl_film_finished(film, ev->phase))
		return evidence_unseen(film, ev, out);
	if (!counter_after(film, first, ev->counter, &before) ||
	    !counter_after(film, last, ev->counter, &after) || after < before) {
		tl_buf_fmt(&text, "not observed: the trace has no counter %s of the kernel",
			   ev->counter);
		return evidence_found(out, TL_FACT_UNSEEN, ev->phase, &text);
	}
	rise = after - before;
	ok = rise >= ev->at_least && rise <= ev->at_most;
	tl_buf_fmt(&text, "%s rose by %" PRIu64 " ", ev->counter, rise);
	say_scope(&text, film, ev->phase);
	if (!ok && rise < ev->at_least)
		tl_buf_fmt(&text, ", expected at least %" PRIu64, ev->at_least);
	else if (!ok)
		tl_buf_fmt(&text, ", expected at most %" PRIu64, ev->at_most);
	return evidence_found(out, ok ? TL_FACT_SO : TL_FACT_NOT_SO, ev->phase, &text);
}

bool judge_evidence(const struct tl_film *film, const struct tl_verdict *verdict,
		    const struct tl_evidence *ev, struct tl_evidence_verdict *out)
{
	switch (ev->kind) {
	case TL_EVIDENCE_SAW:
		return judge_saw(film, ev, out);
	case TL_EVIDENCE_NEVER:
		return judge_never(film, verdict, ev, out);
	case TL_EVIDENCE_ORDER:
		return judge_order(film, ev, out);
	case TL_EVIDENCE_TIMER:
		return judge_timer(film, ev, out);
	case TL_EVIDENCE_ROWS:
		return judge_rows(film, ev, out);
	case TL_EVIDENCE_SEGMENTS:
		return judge_segments(film, ev, out);
	case TL_EVIDENCE_SEGMENT:
		return judge_segment(film, ev, out);
	case TL_EVIDENCE_SILENT:
		return judge_silent(film, ev, out);
	case TL_EVIDENCE_ANSWER:
		return judge_answer(film, ev, out);
	case TL_EVIDENCE_COUNTER:
		return judge_counter(film, ev, out);
	}
	return evidence_unseen(film, ev, out);
}
