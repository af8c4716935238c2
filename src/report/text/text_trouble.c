/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a phase did not come to: expected and seen side by side. */
#include "text_report.h"

#include <string.h>

#include "tcplab/text.h"

static void expected(struct tl_buf *out, const struct tl_pattern *pattern, int seen)
{
	tl_buf_fmt(out, "%s %s", seen == pattern->count ? "✓" : "✗", pattern->text);
	if (seen != pattern->count)
		tl_buf_fmt(out, " (%d of %d)", seen, pattern->count);
}

static void side_by_side(struct tl_text *text, enum tl_ink ink, const char *left,
			 const char *right, int column)
{
	struct tl_page *page = &text->page;

	tl_page_flow(page, ink, left);
	if (*right) {
		page->indent = column;
		tl_page_to(page, column);
		tl_page_flow(page, ink, right);
		page->indent = TL_TEXT_INDENT;
	}
	tl_page_end(page);
}

void tl_text_more(struct tl_text *text, size_t n, size_t most, const char *what)
{
	struct tl_buf more = { 0 };

	tl_report_more(&more, n, most, what);
	tl_page_line(&text->page, TL_INK_DIM, tl_buf_text(&more));
	tl_buf_release(&more);
}

/* The rows that answer pattern @expect, or nobody's for -1; the first beside @left. */
static void seen_rows(struct tl_text *text, size_t phase, int expect, enum tl_ink ink,
		      const char *left, int column)
{
	const struct tl_phase_verdict *verdict = &text->report->verdict->phases[phase];
	struct tl_buf seen = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < verdict->look->snapshot.n; i++) {
		if (verdict->rows[i].expect != expect || n++ >= TL_REPORT_ROWS)
			continue;
		seen.len = 0;
		tl_buf_str(&seen, expect < 0 ? "✗ " : "");
		tl_report_row(&seen, text->report->plan, &verdict->look->snapshot.rows[i]);
		side_by_side(text, ink, left, tl_buf_text(&seen), column);
		left = "";
	}
	seen.len = 0;
	tl_report_more(&seen, n, TL_REPORT_ROWS, "row");
	if (seen.len)
		side_by_side(text, TL_INK_DIM, "", tl_buf_text(&seen), column);
	if (*left)
		side_by_side(text, ink, left, expect < 0 ? "" : "nothing", column);
	tl_buf_release(&seen);
}

static void comparison(struct tl_text *text, size_t phase)
{
	const struct tl_phase *plan = &text->report->plan->phases[phase];
	const struct tl_phase_verdict *verdict = &text->report->verdict->phases[phase];
	struct tl_buf left = { 0 };
	int column = strlen("expected: no row");

	for (size_t i = 0; i < plan->n_expects; i++) {
		left.len = 0;
		expected(&left, &plan->expects[i], verdict->seen[i]);
		if (tl_buf_columns(&left) > column)
			column = tl_buf_columns(&left);
	}
	column += TL_TEXT_INDENT + 3;
	tl_page_gap(&text->page);
	side_by_side(text, TL_INK_BOLD, plan->n_expects ? "Expected" : "Expected: no row",
		     "Seen", column);
	for (size_t i = 0; i < plan->n_expects; i++) {
		bool met = verdict->seen[i] == plan->expects[i].count;

		left.len = 0;
		expected(&left, &plan->expects[i], verdict->seen[i]);
		seen_rows(text, phase, i, met ? TL_INK_PLAIN : TL_INK_BAD, left.data, column);
	}
	if (!plan->others_ignore)
		seen_rows(text, phase, -1, TL_INK_BAD, "", column);
	tl_buf_release(&left);
}

static void last_steps(struct tl_text *text, size_t phase)
{
	const struct tl_event *events[TL_REPORT_LAST];
	size_t n = tl_report_last(text->report, phase, events, TL_REPORT_LAST);
	struct tl_page *page = &text->page;
	struct tl_buf when = { 0 }, what = { 0 };

	if (!n)
		return;
	tl_page_gap(page);
	tl_page_put(page, TL_INK_PLAIN, "   ");
	tl_page_put(page, TL_INK_BOLD, "The last steps before");
	tl_page_end(page);
	for (size_t i = 0; i < n; i++) {
		when.len = what.len = 0;
		tl_report_duration(&when, events[i]->t_ns);
		tl_page_to(page, TL_TEXT_INDENT + 9 - (int)when.len);
		tl_page_put(page, TL_INK_DIM, tl_buf_text(&when));
		tl_report_event(&what, text->report->film, events[i]);
		page->indent = TL_TEXT_INDENT + 11;
		tl_page_line(page, TL_INK_PLAIN, tl_buf_text(&what));
		page->indent = TL_TEXT_INDENT;
	}
	tl_buf_release(&what);
	tl_buf_release(&when);
}

void tl_text_faults(struct tl_text *text, int phase)
{
	const struct tl_trace *trace = text->report->trace;
	struct tl_page *page = &text->page;
	size_t n = 0;

	for (size_t i = 0; i < trace->n; i++) {
		const struct tl_event *ev = &trace->events[i];

		if (ev->kind != TL_EVENT_FAULT || ev->phase != phase || n++ >= TL_REPORT_FAULTS)
			continue;
		if (phase >= 0)
			tl_page_gap(page);
		tl_page_line(page, TL_INK_BADLY, "The lab could not go on");
		tl_page_line(page, TL_INK_PLAIN, ev->fault.text);
		if (phase < 0)
			tl_page_gap(page);
	}
	tl_text_more(text, n, TL_REPORT_FAULTS, "fault");
}

void tl_text_trouble(struct tl_text *text, size_t phase)
{
	const struct tl_phase_verdict *verdict = &text->report->verdict->phases[phase];
	bool faulty = tl_report_faults(text->report, phase);
	bool short_of = verdict->outcome == TL_OUTCOME_UNMET ||
			verdict->outcome == TL_OUTCOME_UNFINISHED;

	if (short_of && verdict->look &&
	    tl_phase_has_expectation(&text->report->plan->phases[phase]))
		comparison(text, phase);
	tl_text_faults(text, phase);
	if (short_of && verdict->reason && !faulty) {
		tl_page_gap(&text->page);
		tl_page_line(&text->page, TL_INK_BAD, verdict->reason);
	}
	if (short_of || faulty)
		last_steps(text, phase);
}
