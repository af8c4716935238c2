/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a book remembers of a run: where it shows each state, arrow, claim and answer. */
#include "html.h"

#include "book_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../ladder.h"
#include "../words.h"
#include "tcplab/grow.h"

/* Of a terminal that nobody has: ladders and tables as wide as they are at 80 columns. */
#define COLUMNS 78

/* The step of the page at which an event is told, or the one before it. */
static size_t step_at(const struct tl_html *page, const struct tl_event *ev)
{
	size_t step = 0;

	for (size_t i = 0; ev && i < page->moments.n; i++) {
		if (page->moments.v[i].ev == ev)
			return i + 1;
		if (page->moments.v[i].ev < ev)
			step = i + 1;
	}
	return step;
}

/* The row of a socket as an event shows it. */
static bool put_row(struct tl_buf *out, const struct tl_html *page, const struct tl_life *life,
		    const struct tl_event *ev)
{
	const struct tl_sighting *seen =
		ev ? tl_film_seen(page->report->film, ev, life->cookie) : NULL;

	if (!seen)
		return false;
	tl_report_netstat_row(&seen->row->sock, out);
	return true;
}

/* Of two events that show a state the look is the better one: it is what netstat shows. */
static const struct tl_event *look_of(const struct tl_hop *hop)
{
	return hop->last && hop->last->kind == TL_EVENT_SNAPSHOT &&
			       hop->first->kind != TL_EVENT_SNAPSHOT ? hop->last : hop->first;
}

static void put_owner(struct tl_buf *out, const struct tl_html *page, const struct tl_life *life)
{
	tl_report_owner(out, page->report->plan, life->owner, life->peer, &life->remote);
}

/* The first life that is seen in a state; in a table that a phase ended on, where there is one. */
static void gather_states(struct tl_book_run *run, const struct tl_html *page)
{
	const struct tl_verdict *verdict = page->report->verdict;

	for (size_t i = 0; i < verdict->n_lives; i++) {
		const struct tl_life *life = &verdict->lives[i];

		for (size_t k = 0; k < life->n_hops; k++) {
			const struct tl_hop *hop = &life->hops[k];
			struct tl_book_place *place = &run->states[hop->state];
			const struct tl_event *ev = hop->first ? look_of(hop) : NULL;

			if (!ev || place->there || !put_row(&place->row, page, life, ev))
				continue;
			place->there = true;
			place->phase = ev->phase;
			place->step = step_at(page, ev);
			put_owner(&place->whose, page, life);
		}
	}
}

/* A segment by its name and its sender, or a step as the scenario spells it. */
static void put_cause(struct tl_buf *out, const struct tl_html *page, const struct tl_event *ev)
{
	const struct tl_shot *shot = NULL;

	if (ev && ev->kind == TL_EVENT_SEGMENT)
		shot = tl_film_shot(page->report->film, ev);
	else if (ev && ev->kind == TL_EVENT_LETGO)
		shot = tl_film_letgo(page->report->film, ev);
	if (shot) {
		const struct tl_frame *frame = tl_story_frame(&page->moments.story, shot);

		if (frame->absorbed)
			return;
		tl_buf_fmt(out, "%s from %s", frame->name, tl_html_end(page, frame, 0));
	} else if (ev) {
		tl_report_event(out, page->report->film, ev);
	}
}

/* How an arrow of this run is shown: the rows on either side of it, and its cause. */
static void gather_hop(struct tl_book_place *place, const struct tl_html *page,
		       const struct tl_life *life, size_t k)
{
	const struct tl_hop *before = &life->hops[k - 1], *hop = &life->hops[k];

	place->there = true;
	place->phase = hop->phase;
	place->step = step_at(page, hop->cause ? hop->cause : hop->by);
	if (!put_row(&place->before, page, life, before->last ? before->last : before->first))
		tl_buf_str(&place->before, "no row");
	if (hop->state == TL_CLOSE || !hop->first ||
	    !put_row(&place->row, page, life, look_of(hop)))
		tl_buf_str(&place->row, hop->state == TL_CLOSE ? "no row" : "no row was seen");
	put_owner(&place->whose, page, life);
	put_cause(&place->cause, page, hop->cause);
}

static void gather_arcs(struct tl_book_run *run, const struct tl_html *page,
			const struct tl_suite_arc *arcs)
{
	const struct tl_verdict *verdict = page->report->verdict;
	size_t n;
	const struct tl_arc *all = tl_arcs(&n);

	for (size_t a = 0; a < n; a++) {
		struct tl_book_place *place = &run->arcs[a];

		run->shown[a] = arcs[a].how;
		for (size_t i = 0; arcs[a].how && i < verdict->n_lives; i++)
			for (size_t k = 1; k < verdict->lives[i].n_hops; k++)
				if (!place->there && verdict->lives[i].hops[k].arc == &all[a] &&
				    verdict->lives[i].hops[k].phase == arcs[a].phase)
					gather_hop(place, page, &verdict->lives[i], k);
		if (arcs[a].how && !place->there) {
			place->there = true;
			place->phase = arcs[a].phase;
			place->step = tl_html_look(page, arcs[a].phase);
		}
	}
}

static void put_ladder(struct tl_buf *out, const struct tl_html *page, size_t phase)
{
	struct tl_page terminal = { .out = out, .width = COLUMNS };

	tl_ladder(&terminal, page->report, &page->moments.story, phase, COLUMNS);
}

static void put_table(struct tl_buf *out, const struct tl_html *page, size_t phase)
{
	const struct tl_event *look = page->report->verdict->phases[phase].look;

	if (!look)
		return;
	if (!look->snapshot.n)
		tl_buf_str(out, "no row\n");
	else
		tl_buf_fmt(out, "%s\n", tl_report_netstat_head());
	for (size_t i = 0; i < look->snapshot.n && i < TL_REPORT_FAULTS; i++) {
		tl_report_netstat_row(&look->snapshot.rows[i].sock, out);
		tl_buf_str(out, "\n");
	}
	if (look->snapshot.n > TL_REPORT_FAULTS)
		tl_buf_fmt(out, "... and %zu more\n", look->snapshot.n - TL_REPORT_FAULTS);
}

static bool gather_phases(struct tl_book_run *run, const struct tl_html *page)
{
	const struct tl_plan *plan = page->report->plan;

	run->phases = calloc(plan->n_phases + 1, sizeof(*run->phases));
	for (size_t i = 0; run->phases && i < plan->n_phases; i++) {
		struct tl_book_phase *phase = &run->phases[run->n_phases++];

		phase->outcome = page->report->verdict->phases[i].outcome;
		phase->step = tl_html_look(page, i);
		tl_buf_str(&phase->title, plan->phases[i].title);
		tl_buf_str(&phase->note, plan->phases[i].note ? plan->phases[i].note : "");
		put_ladder(&phase->ladder, page, i);
		put_table(&phase->table, page, i);
	}
	return run->phases;
}

static bool gather_claim(struct tl_book_claim *out, const struct tl_book_run *run,
			 const struct tl_html *page, size_t i)
{
	const struct tl_claim *claim = &page->report->plan->claims[i];
	const struct tl_claim_verdict *verdict = &page->report->verdict->claims[i];

	tl_buf_str(&out->id, claim->id);
	tl_buf_str(&out->says, claim->says);
	tl_buf_str(&out->source, claim->source ? claim->source : "");
	tl_buf_str(&out->because, claim->because ? claim->because : "");
	tl_report_ruling(&out->ruling, claim, verdict);
	tl_buf_fmt(&out->slug, "%s-", tl_buf_text(&run->slug));
	tl_html_slug(&out->slug, claim->id);
	out->stands = verdict->stands;
	out->finding = claim->finding;
	out->check = calloc(claim->n_check + 1, sizeof(*out->check));
	for (size_t k = 0; out->check && k < claim->n_check; k++) {
		struct tl_book_evidence *it = &out->check[out->n++];

		tl_buf_fmt(&it->text, "%s%s", tl_report_side(claim, &claim->check[k]),
			   verdict->check[k].text);
		it->fact = verdict->check[k].fact;
		it->step = tl_html_shows(page, &claim->check[k], &verdict->check[k]);
	}
	return out->check;
}

static bool gather_claims(struct tl_book_run *run, const struct tl_html *page)
{
	run->claims = calloc(page->report->verdict->n_claims + 1, sizeof(*run->claims));
	for (size_t i = 0; run->claims && i < page->report->verdict->n_claims; i++) {
		run->n_claims++;
		if (!gather_claim(&run->claims[i], run, page, i))
			return false;
	}
	return run->claims;
}

static bool gather_answers(struct tl_book_run *run, const struct tl_html *page)
{
	const struct tl_trace *trace = page->report->trace;

	for (size_t i = 0; i < trace->n; i++) {
		const struct tl_event *ev = &trace->events[i];
		const struct tl_step *step;
		struct tl_book_answer *answer;

		if (ev->kind != TL_EVENT_DONE || !tl_film_answer(ev))
			continue;
		if (!TL_GROW(run->answers, run->n_answers))
			return false;
		answer = &run->answers[run->n_answers++];
		*answer = (struct tl_book_answer){ .error = tl_film_answer(ev),
						   .phase = ev->phase,
						   .step = step_at(page, ev) };
		step = tl_film_step(page->report->film, ev);
		tl_buf_str(&answer->call, step ? step->text : "");
	}
	return true;
}

static bool is_taken(const struct tl_book *book, const char *slug)
{
	for (size_t i = 0; i + 1 < book->n_runs; i++)
		if (!strcmp(tl_buf_text(&book->runs[i].slug), slug))
			return true;
	return false;
}

/* Two names may be one as a file's, and one scenario may have run twice: "walkthrough-2". */
static void put_slug(struct tl_book *book, struct tl_book_run *run, const char *name)
{
	tl_html_slug(&run->slug, name);
	for (size_t i = 2, len = run->slug.len; is_taken(book, tl_buf_text(&run->slug)); i++) {
		run->slug.len = len;
		tl_buf_fmt(&run->slug, "-%zu", i);
	}
}

int tl_book_gather(struct tl_book *book, const struct tl_html *page,
		   const struct tl_suite_arc *arcs, struct tl_err *err)
{
	const struct tl_report *report = page->report;
	struct tl_book_run *run;

	if (!TL_GROW(book->runs, book->n_runs))
		return tl_err_set(err, ENOMEM, "no memory for the runs of the book");
	run = &book->runs[book->n_runs++];
	*run = (struct tl_book_run){ .result = report->verdict->result,
				     .took_ns = report->verdict->took_ns,
				     .slow = tl_plan_has_tag(report->plan, "slow") };
	tl_buf_str(&run->name, report->plan->name);
	tl_buf_str(&run->title, report->plan->title);
	for (size_t i = 0; i < TL_N_COMPLAINT_PARTS; i++)
		tl_buf_str(&run->complaint[i],
			   report->plan->complaint[i] ? report->plan->complaint[i] : "");
	tl_buf_str(&run->reason, report->verdict->reason ? report->verdict->reason : "");
	tl_buf_str(&run->kernel, tl_report_kernel(report));
	tl_report_environment(&run->environment, report);
	put_slug(book, run, report->plan->name);
	gather_states(run, page);
	gather_arcs(run, page, arcs);
	if (!gather_phases(run, page) || !gather_claims(run, page) || !gather_answers(run, page))
		return tl_err_set(err, ENOMEM, "no memory for what the runs show");
	return 0;
}

static void place_release(struct tl_book_place *place)
{
	tl_buf_release(&place->before);
	tl_buf_release(&place->row);
	tl_buf_release(&place->whose);
	tl_buf_release(&place->cause);
}

static void phase_release(struct tl_book_phase *phase)
{
	tl_buf_release(&phase->title);
	tl_buf_release(&phase->ladder);
	tl_buf_release(&phase->table);
	tl_buf_release(&phase->note);
}

static void claim_release(struct tl_book_claim *claim)
{
	for (size_t i = 0; i < claim->n; i++)
		tl_buf_release(&claim->check[i].text);
	free(claim->check);
	tl_buf_release(&claim->id);
	tl_buf_release(&claim->says);
	tl_buf_release(&claim->source);
	tl_buf_release(&claim->ruling);
	tl_buf_release(&claim->because);
	tl_buf_release(&claim->slug);
}

void tl_book_run_release(struct tl_book_run *run)
{
	for (size_t i = 0; i < TL_STATE_MAX; i++)
		place_release(&run->states[i]);
	for (size_t i = 0; i < TL_N_ARCS; i++)
		place_release(&run->arcs[i]);
	for (size_t i = 0; i < run->n_phases; i++)
		phase_release(&run->phases[i]);
	for (size_t i = 0; i < run->n_claims; i++)
		claim_release(&run->claims[i]);
	for (size_t i = 0; i < run->n_answers; i++)
		tl_buf_release(&run->answers[i].call);
	free(run->phases);
	free(run->claims);
	free(run->answers);
	tl_buf_release(&run->name);
	tl_buf_release(&run->title);
	for (size_t i = 0; i < TL_N_COMPLAINT_PARTS; i++)
		tl_buf_release(&run->complaint[i]);
	tl_buf_release(&run->slug);
	tl_buf_release(&run->reason);
	tl_buf_release(&run->environment);
	tl_buf_release(&run->kernel);
}
