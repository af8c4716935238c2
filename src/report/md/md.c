/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report in Markdown. */
#include "../ladder.h"
#include "md_mermaid.h"
#include "md_text.h"
#include "../render.h"
#include "../words.h"

#include <errno.h>

/* A paragraph, where there is something to say. */
static void confess(const struct tl_report *report,
		    void (*say)(struct tl_buf *, const struct tl_report *), struct tl_buf *out)
{
	struct tl_buf line = { 0 };

	say(&line, report);
	if (line.len) {
		tl_md_inline(out, line.data);
		tl_buf_str(out, "\n\n");
	}
	tl_buf_release(&line);
}

static void head(const struct tl_report *report, struct tl_buf *out)
{
	const struct tl_event *run = tl_trace_run(report->trace);
	struct tl_buf line = { 0 };

	tl_buf_str(out, "# ");
	tl_md_inline(out, report->plan->title);
	tl_buf_fmt(out, "\n\n**%s** ", tl_report_result(report->verdict->result));
	tl_report_verdict(&line, report);
	tl_md_inline(out, tl_buf_text(&line));
	tl_buf_str(out, "\n\n");
	if (report->plan->about)
		tl_md_paragraphs(out, report->plan->about);
	tl_md_code(out, report->plan->name, false);
	line.len = 0;
	tl_buf_str(&line, ": ");
	tl_report_environment(&line, report);
	tl_buf_fmt(&line, ", seen by tcplab %s.",
		   run && run->run.tcplab ? run->run.tcplab : "?");
	tl_md_inline(out, tl_buf_text(&line));
	if (tl_report_is_mock(report))
		tl_buf_str(out, " " TL_REPORT_MOCK);
	line.len = 0;
	tl_report_ask(&line, report);
	if (line.len)
		tl_buf_fmt(out, " On your own host: `tcplab %s`.", tl_buf_text(&line));
	tl_buf_str(out, "\n\n");
	confess(report, tl_report_unsafe, out);
	confess(report, tl_report_untapped, out);
	confess(report, tl_report_held, out);
	confess(report, tl_report_gaps, out);
	tl_buf_release(&line);
}

static void overview(const struct tl_report *report, struct tl_buf *out)
{
	tl_buf_str(out, "| | Phase | Outcome | Rows | Took |\n|-:|---|---|-:|-:|\n");
	for (size_t i = 0; i < report->verdict->n_phases; i++) {
		const struct tl_phase_verdict *phase = &report->verdict->phases[i];

		tl_buf_fmt(out, "| %zu | ", i + 1);
		tl_md_inline(out, report->plan->phases[i].title);
		tl_buf_fmt(out, " | %s | ", tl_report_outcome(phase->outcome));
		if (phase->look)
			tl_buf_fmt(out, "%zu", phase->look->snapshot.n);
		tl_buf_str(out, " | ");
		if (phase->outcome != TL_OUTCOME_NOT_REACHED)
			tl_report_duration(out, tl_report_phase_ns(report, i));
		tl_buf_str(out, " |\n");
	}
	tl_buf_str(out, "\n");
}

/* The diagrams of a phase, in a fence; what passed unseen below it. */
static void wire(const struct tl_report *report, const struct tl_story *story, size_t i,
		 struct tl_buf *out)
{
	struct tl_buf block = { 0 }, gaps = { 0 };
	struct tl_page page = { .out = &block, .width = 80 };

	if (tl_ladder(&page, report, story, i, 0))
		tl_md_fence(out, tl_buf_text(&block) + 1); /* the empty line before it */
	out->failed |= block.failed;
	tl_report_lossy(&gaps, report, i);
	if (gaps.len)
		tl_buf_fmt(out, "**%s**\n\n", gaps.data);
	tl_buf_release(&gaps);
	tl_buf_release(&block);
}

/* A paragraph that says how much was not told; or nothing. */
static void more(struct tl_buf *out, size_t n, size_t most, const char *what)
{
	size_t before = out->len;

	tl_report_more(out, n, most, what);
	tl_buf_str(out, out->len > before ? "\n\n" : "");
}

static void netstat(const struct tl_event *look, struct tl_buf *out)
{
	struct tl_buf block = { 0 };

	tl_buf_fmt(&block, "%s\n", tl_report_netstat_head());
	for (size_t i = 0; i < look->snapshot.n && i < TL_REPORT_ROWS; i++) {
		tl_report_netstat_row(&look->snapshot.rows[i].sock, &block);
		tl_buf_str(&block, "\n");
	}
	tl_report_more(&block, look->snapshot.n, TL_REPORT_ROWS, "row");
	tl_md_fence(out, tl_buf_text(&block));
	tl_buf_release(&block);
}

/* One line of the table of remarks; @expected NULL where there is none to tell. */
static void remark(const struct tl_report *report, const struct tl_row *row,
		   const char *state, const char *meaning, const char *change,
		   const char *expected, struct tl_buf *out)
{
	struct tl_buf owner = { 0 };

	tl_report_owner(&owner, report->plan, row->owner, row->peer, &row->sock.remote);
	tl_buf_str(out, "| ");
	tl_md_code(out, tl_buf_text(&owner), true);
	tl_buf_str(out, " | ");
	tl_md_code(out, state, true);
	tl_buf_str(out, " | ");
	tl_md_inline(out, meaning);
	tl_buf_str(out, " | ");
	tl_md_inline(out, change);
	tl_buf_str(out, " | ");
	tl_md_inline(out, expected);
	tl_buf_str(out, " |\n");
	tl_buf_release(&owner);
}

static const char *expected_word(const struct tl_phase *plan, int expect)
{
	if (!tl_phase_has_expectation(plan))
		return "";
	if (expect >= 0)
		return "yes";
	return plan->others_ignore ? "" : "no";
}

static void remarks(const struct tl_report *report, size_t i, struct tl_buf *out)
{
	const struct tl_phase_verdict *phase = &report->verdict->phases[i];
	struct tl_buf change = { 0 }, meaning = { 0 };

	if (!phase->look->snapshot.n && !phase->n_gone)
		return;
	tl_buf_str(out, "| Owner | State | Meaning | Change | Expected |\n"
			"|---|---|---|---|---|\n");
	for (size_t j = 0; j < phase->look->snapshot.n && j < TL_REPORT_ROWS; j++) {
		const struct tl_row *row = &phase->look->snapshot.rows[j];

		change.len = 0;
		meaning.len = 0;
		tl_report_change(&change, phase->rows[j].change != TL_CHANGE_SAME,
				 phase->rows[j].was);
		tl_report_row_meaning(&meaning, report, phase->look, row);
		remark(report, row, tl_state_name(row->sock.state), tl_buf_text(&meaning),
		       change.len ? change.data : "",
		       expected_word(&report->plan->phases[i], phase->rows[j].expect), out);
	}
	for (size_t j = 0; j < phase->n_gone && j < TL_REPORT_ROWS; j++) {
		change.len = 0;
		tl_report_gone(&change, report, phase->look, &phase->gone[j].sock,
			       phase->gone[j].sock.state);
		remark(report, &phase->gone[j], "", tl_buf_text(&change), "gone", "", out);
	}
	tl_buf_str(out, "\n");
	more(out, phase->n_gone, TL_REPORT_ROWS, "gone row");
	tl_buf_release(&meaning);
	tl_buf_release(&change);
}

static void seen_cell(const struct tl_report *report, size_t i, int expect,
		      struct tl_buf *out)
{
	const struct tl_phase_verdict *phase = &report->verdict->phases[i];
	struct tl_buf row = { 0 };
	size_t n = 0;

	for (size_t j = 0; j < phase->look->snapshot.n; j++) {
		if (phase->rows[j].expect != expect || n++ >= TL_REPORT_ROWS)
			continue;
		row.len = 0;
		tl_report_row(&row, report->plan, &phase->look->snapshot.rows[j]);
		tl_buf_str(out, n == 1 ? "" : "<br>");
		tl_md_code(out, tl_buf_text(&row), true);
	}
	tl_buf_str(out, n ? n > TL_REPORT_ROWS ? "<br>" : "" : "nothing");
	tl_report_more(out, n, TL_REPORT_ROWS, "row");
	tl_buf_release(&row);
}

static void comparison(const struct tl_report *report, size_t i, struct tl_buf *out)
{
	const struct tl_phase *plan = &report->plan->phases[i];
	const struct tl_phase_verdict *phase = &report->verdict->phases[i];

	tl_buf_str(out, "| Expected | Seen | Rows |\n|---|---|---|\n");
	for (size_t j = 0; j < plan->n_expects; j++) {
		tl_buf_str(out, "| ");
		tl_md_code(out, plan->expects[j].text, true);
		tl_buf_str(out, " | ");
		seen_cell(report, i, j, out);
		tl_buf_fmt(out, " | %d of %d |\n", phase->seen[j], plan->expects[j].count);
	}
	if (!plan->others_ignore) {
		tl_buf_str(out, "| nothing else | ");
		seen_cell(report, i, -1, out);
		tl_buf_str(out, " | |\n");
	}
	tl_buf_str(out, "\n");
}

static void last_steps(const struct tl_report *report, size_t i, struct tl_buf *out)
{
	const struct tl_event *events[TL_REPORT_LAST];
	size_t n = tl_report_last(report, i, events, TL_REPORT_LAST);
	struct tl_buf block = { 0 }, when = { 0 };

	if (!n)
		return;
	for (size_t j = 0; j < n; j++) {
		when.len = 0;
		tl_report_duration(&when, events[j]->t_ns);
		tl_buf_fmt(&block, "%9s  ", tl_buf_text(&when));
		tl_report_event(&block, report->film, events[j]);
		tl_buf_str(&block, "\n");
	}
	tl_buf_str(out, "The last steps before:\n\n");
	tl_md_fence(out, tl_buf_text(&block));
	tl_buf_release(&when);
	tl_buf_release(&block);
}

static void trouble(const struct tl_report *report, size_t i, struct tl_buf *out)
{
	const struct tl_phase_verdict *phase = &report->verdict->phases[i];

	if (phase->outcome != TL_OUTCOME_UNMET && phase->outcome != TL_OUTCOME_UNFINISHED)
		return;
	if (phase->reason && !tl_report_faults(report, i)) {
		tl_buf_str(out, "**");
		tl_md_inline(out, phase->reason);
		tl_buf_str(out, ".**\n\n");
	}
	if (phase->look && tl_phase_has_expectation(&report->plan->phases[i]))
		comparison(report, i, out);
	last_steps(report, i, out);
}

/* Faults and what other programs said: their own lines, in fences. */
static void quotes(const struct tl_report *report, int phase, struct tl_buf *out)
{
	size_t faults = 0;

	for (size_t i = 0; i < report->trace->n; i++) {
		const struct tl_event *ev = &report->trace->events[i];

		if (ev->phase != phase ||
		    (ev->kind == TL_EVENT_FAULT && faults++ >= TL_REPORT_FAULTS))
			continue;
		if (ev->kind == TL_EVENT_FAULT) {
			tl_buf_str(out, "**The lab could not go on:**\n\n");
			tl_md_fence(out, ev->fault.text);
		} else if (ev->kind == TL_EVENT_WITNESS) {
			tl_buf_str(out, "At the same moment ");
			tl_md_code(out, ev->witness.command, false);
			tl_buf_str(out, " said:\n\n");
			tl_md_fence(out, ev->witness.output);
		}
	}
	more(out, faults, TL_REPORT_FAULTS, "fault");
}

static void one_phase(const struct tl_report *report, const struct tl_story *story, size_t i,
		      struct tl_buf *out)
{
	const struct tl_phase_verdict *phase = &report->verdict->phases[i];
	const struct tl_phase *plan = &report->plan->phases[i];
	size_t shown = tl_report_steps_shown(plan);

	tl_buf_fmt(out, "## %zu. ", i + 1);
	tl_md_inline(out, plan->title);
	tl_buf_fmt(out, "\n\nOutcome: %s.", tl_report_outcome(phase->outcome));
	for (size_t j = 0; j < shown; j++) {
		tl_buf_str(out, j ? ", " : " Steps: ");
		tl_md_code(out, plan->steps[j].text, false);
	}
	if (shown < plan->n_steps)
		tl_buf_fmt(out, ", and %zu more steps", plan->n_steps - shown);
	tl_buf_str(out, plan->n_steps ? ".\n\n" : "\n\n");
	if (phase->outcome == TL_OUTCOME_NOT_REACHED)
		return;
	wire(report, story, i, out);
	if (phase->look) {
		netstat(phase->look, out);
		remarks(report, i, out);
	}
	if (plan->note && phase->look) {
		tl_md_quote(out, plan->note);
		tl_buf_str(out, "\n");
	}
	trouble(report, i, out);
	quotes(report, i, out);
}

static void lives(const struct tl_report *report, struct tl_buf *out)
{
	const struct tl_verdict *verdict = report->verdict;
	size_t picks[TL_REPORT_LIVES], n = tl_report_pick_lives(report, picks);
	struct tl_buf text = { 0 };

	if (!n)
		return;
	tl_buf_str(out, "## The life of each socket\n\n"
			"| Socket | States | A path through RFC 9293's diagram "
			"|\n|---|---|---|\n");
	for (size_t i = 0; i < n; i++) {
		const struct tl_life *life = &verdict->lives[picks[i]];

		text.len = 0;
		tl_report_life_owner(&text, report, picks[i]);
		tl_buf_str(out, "| ");
		tl_md_code(out, tl_buf_text(&text), true);
		text.len = 0;
		tl_report_life(&text, life);
		tl_buf_str(out, " | ");
		tl_md_code(out, tl_buf_text(&text), true);
		tl_buf_str(out, life->legal ? " | yes" : " | **no**: ");
		tl_md_inline(out, life->legal ? "" : life->reason);
		tl_buf_str(out, " |\n");
	}
	tl_buf_str(out, "\n");
	more(out, verdict->n_lives, n, "socket");
	tl_buf_str(out, tl_report_has_asides(report) ? TL_REPORT_ASIDES "\n\n" : "");
	tl_buf_release(&text);
}

static void one_claim(const struct tl_report *report, size_t i, struct tl_buf *out)
{
	const struct tl_claim *claim = &report->plan->claims[i];
	const struct tl_claim_verdict *verdict = &report->verdict->claims[i];

	tl_buf_str(out, "| ");
	tl_md_inline(out, claim->says);
	tl_buf_str(out, " | ");
	tl_md_inline(out, claim->source);
	tl_buf_str(out, " | ");
	tl_report_ruling(out, claim, verdict);
	tl_buf_str(out, " | ");
	tl_md_inline(out, verdict->stands == TL_FACT_SO ? claim->because : NULL);
	tl_buf_str(out, " | ");
	for (size_t j = 0; j < claim->n_check; j++) {
		tl_buf_fmt(out, "%s%s", j ? "<br>" : "", tl_report_side(claim, &claim->check[j]));
		tl_md_inline(out, verdict->check[j].text);
	}
	tl_buf_str(out, " | ");
	tl_md_inline(out, claim->id);
	tl_buf_str(out, " |\n");
}

static void outputs(const struct tl_report *report, struct tl_buf *out)
{
	struct tl_buf said = { 0 };

	tl_report_outputs(&said, report);
	if (said.len) {
		tl_buf_str(out, "## " TL_REPORT_OUTPUTS "\n\n");
		tl_md_fence(out, tl_buf_text(&said));
	}
	out->failed |= said.failed;
	tl_buf_release(&said);
}

int tl_report_md(const struct tl_report *report, const struct tl_report_style *style,
		 struct tl_buf *out, struct tl_err *err)
{
	struct tl_story story = { 0 };
	int ret = -ENOMEM;

	(void)style;
	if (tl_story_init(&story, report, err))
		goto out;
	head(report, out);
	quotes(report, -1, out);
	overview(report, out);
	tl_md_mermaid(out, report, &story);
	for (size_t i = 0; i < report->verdict->n_phases; i++)
		one_phase(report, &story, i, out);
	outputs(report, out);
	lives(report, out);
	if (report->plan->n_claims)
		tl_buf_str(out, "## Claims\n\n| Claim | Source | Finding | Because | Evidence | "
				"Name |\n|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < report->plan->n_claims; i++)
		one_claim(report, i, out);
	ret = tl_report_done(out, err);
out:
	tl_story_release(&story);
	return ret;
}
