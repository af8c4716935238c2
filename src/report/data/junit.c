/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * JUnit's XML has no standard; this is what GitLab, Jenkins and the actions of GitHub have
 * in common. Each scenario is a suite with the same cases on every run, whatever happens:
 * that the lab could carry the scenario out; each phase that expects something; that each
 * socket's states are a path through RFC 9293's diagram; each claim.
 *
 * A failure is an answer that is not the expected one, an error is the lab's own trouble
 * and always that of the first case, and what a run did not get to is skipped. The cases are
 * written before the head of the suite, which has their totals.
 */
#include "junit.h"

#include <string.h>
#include <time.h>

#include "../render.h"
#include "../words.h"

#define CASE_DEPTH 2

struct junit {
	struct tl_markup cases;
	const struct tl_report *report;
	struct tl_junit_totals totals;
};

/* When the run began, in UTC, as Ant writes it. */
static void timestamp(struct tl_markup *to, const struct tl_report *report)
{
	const struct tl_event *run = tl_trace_run(report->trace);
	time_t when = run ? run->run.wall_ns / 1000000000 : 0;
	char text[32];
	struct tm tm;

	if (when && gmtime_r(&when, &tm) && strftime(text, sizeof(text), "%FT%T", &tm))
		tl_attr(to, "timestamp", text);
}

/* One case. @message and @details: what it failed with, or why it was skipped. */
static void testcase(struct junit *junit, const char *name, uint64_t took_ns,
		     enum tl_junit_sort sort, const char *message, const struct tl_where *where,
		     const char *details)
{
	const struct tl_plan *plan = junit->report->plan;
	struct tl_buf text = { 0 };

	/* from which some readers take where to point */
	if (where && where->line && plan->file)
		tl_buf_fmt(&text, "at %s:%d:%d\n", plan->file, where->line, where->col);
	tl_buf_str(&text, details);
	tl_junit_case(&junit->cases, &junit->totals,
		      &(struct tl_junit_case){ .scenario = plan->name,
					       .name = name,
					       .took_ns = took_ns,
					       .sort = sort,
					       .message = message,
					       .details = tl_buf_text(&text) });
	junit->cases.failed |= text.failed;
	tl_buf_release(&text);
}

static const char *or_else(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

static void carried_out(struct junit *junit)
{
	static const enum tl_junit_sort sorts[] = {
		[TL_RESULT_PASSED] = TL_JUNIT_PASS,
		[TL_RESULT_FAILED] = TL_JUNIT_PASS,
		[TL_RESULT_ERROR] = TL_JUNIT_ERROR,
		[TL_RESULT_INTERRUPTED] = TL_JUNIT_ERROR,
		[TL_RESULT_SKIPPED] = TL_JUNIT_SKIPPED,
	};
	const struct tl_verdict *verdict = junit->report->verdict;
	const struct tl_trace *trace = junit->report->trace;
	const char *message = or_else(verdict->reason, "the run did not end");
	const struct tl_where *where = NULL;
	struct tl_buf details = { 0 };
	size_t faults = 0;

	for (size_t i = 0; i < verdict->n_phases; i++)
		if (verdict->phases[i].outcome == TL_OUTCOME_UNFINISHED)
			where = tl_report_where(junit->report, i);
	for (size_t i = 0; i < trace->n; i++)
		if (trace->events[i].kind == TL_EVENT_FAULT && faults++ < TL_REPORT_FAULTS)
			tl_buf_fmt(&details, "%s\n", trace->events[i].fault.text);
	tl_report_more(&details, faults, TL_REPORT_FAULTS, "fault");
	testcase(junit, "the lab carries the scenario out", verdict->took_ns,
		 sorts[verdict->result], message, where, tl_buf_text(&details));
	tl_buf_release(&details);
}

static void expected_and_seen(const struct tl_report *report, size_t i, struct tl_buf *out)
{
	const struct tl_phase *plan = &report->plan->phases[i];
	const struct tl_phase_verdict *phase = &report->verdict->phases[i];

	tl_buf_str(out, plan->expects_empty ? "expected: no row\n" : "expected:\n");
	for (size_t j = 0; j < plan->n_expects; j++)
		tl_buf_fmt(out, "  %s (%d of %d)\n", plan->expects[j].text, phase->seen[j],
			   plan->expects[j].count);
	tl_buf_str(out, "seen:\n");
	for (size_t j = 0; j < phase->look->snapshot.n && j < TL_REPORT_ROWS; j++) {
		tl_buf_str(out, "  ");
		tl_report_row(out, report->plan, &phase->look->snapshot.rows[j]);
		tl_buf_str(out, phase->rows[j].expect < 0 && !plan->others_ignore
					? " (not expected)\n" : "\n");
	}
	tl_report_more(out, phase->look->snapshot.n, TL_REPORT_ROWS, "row");
}

static void one_phase(struct junit *junit, size_t i)
{
	static const enum tl_junit_sort sorts[] = {
		[TL_OUTCOME_MET] = TL_JUNIT_PASS,
		[TL_OUTCOME_SHOWN] = TL_JUNIT_PASS,
		[TL_OUTCOME_UNMET] = TL_JUNIT_FAILURE,
		[TL_OUTCOME_UNFINISHED] = TL_JUNIT_SKIPPED,
		[TL_OUTCOME_NOT_REACHED] = TL_JUNIT_SKIPPED,
	};
	const struct tl_phase_verdict *phase = &junit->report->verdict->phases[i];
	const char *message = or_else(phase->reason, tl_report_outcome(phase->outcome));
	struct tl_buf name = { 0 }, details = { 0 };

	tl_buf_fmt(&name, "phase %zu: %s", i + 1, junit->report->plan->phases[i].title);
	if (phase->outcome == TL_OUTCOME_UNMET && phase->look)
		expected_and_seen(junit->report, i, &details);
	testcase(junit, tl_buf_text(&name), tl_report_phase_ns(junit->report, i),
		 sorts[phase->outcome], message, tl_report_where(junit->report, i),
		 tl_buf_text(&details));
	tl_buf_release(&details);
	tl_buf_release(&name);
}

static void legality(struct junit *junit)
{
	const struct tl_report *report = junit->report;
	struct tl_buf details = { 0 };
	size_t illegal = 0;

	for (size_t i = 0; i < report->verdict->n_lives; i++) {
		const struct tl_life *life = &report->verdict->lives[i];

		if (life->legal || illegal++ >= TL_REPORT_LIVES)
			continue;
		tl_report_life_owner(&details, report, i);
		tl_buf_str(&details, ": ");
		tl_report_life(&details, life);
		tl_buf_fmt(&details, "\n  %s\n", or_else(life->reason, ""));
	}
	tl_report_more(&details, illegal, TL_REPORT_LIVES, "socket");
	testcase(junit, "every sequence of states is a path through RFC 9293's diagram", 0,
		 !report->verdict->n_lives ? TL_JUNIT_SKIPPED : illegal ? TL_JUNIT_FAILURE : TL_JUNIT_PASS,
		 illegal ? "a sequence of states is not a path through RFC 9293's diagram" : "no socket was seen",
		 NULL, tl_buf_text(&details));
	tl_buf_release(&details);
}

static void one_claim(struct junit *junit, size_t i)
{
	static const enum tl_junit_sort sorts[] = {
		[TL_FACT_SO] = TL_JUNIT_PASS,
		[TL_FACT_NOT_SO] = TL_JUNIT_FAILURE,
		[TL_FACT_UNSEEN] = TL_JUNIT_SKIPPED,
	};
	const struct tl_claim *claim = &junit->report->plan->claims[i];
	const struct tl_claim_verdict *verdict = &junit->report->verdict->claims[i];
	struct tl_buf name = { 0 }, message = { 0 }, details = { 0 };

	tl_buf_fmt(&name, "claim %s: %s", claim->id, claim->says);
	tl_report_ruling(&message, claim, verdict);
	for (size_t j = 0; j < claim->n_check; j++)
		tl_buf_fmt(&details, "%s: %s\n", tl_fact_name(verdict->check[j].fact),
			   verdict->check[j].text);
	testcase(junit, tl_buf_text(&name), 0, sorts[verdict->stands], tl_buf_text(&message),
		 &claim->where, tl_buf_text(&details));
	tl_buf_release(&details);
	tl_buf_release(&message);
	tl_buf_release(&name);
}

static void property(struct tl_markup *to, const char *name, const char *value)
{
	tl_open(to, "property");
	tl_attr(to, "name", name);
	tl_attr(to, "value", value);
	tl_close(to);
}

static void properties(struct tl_markup *to, const struct tl_report *report)
{
	struct tl_buf programs = { 0 }, unsafe = { 0 };

	tl_report_programs(&programs, report);
	tl_report_unsafe(&unsafe, report);
	tl_open(to, "properties");
	property(to, "kernel", tl_report_kernel(report));
	property(to, "programs", tl_buf_text(&programs));
	property(to, "mock", tl_report_is_mock(report) ? "true" : "false");
	if (unsafe.len)
		property(to, "unsafe", tl_buf_text(&unsafe));
	tl_close(to);
	tl_buf_release(&unsafe);
	tl_buf_release(&programs);
}

static void outputs(struct tl_markup *to, const struct tl_report *report)
{
	struct tl_buf said = { 0 };

	tl_report_outputs(&said, report);
	if (said.len) {
		tl_open(to, "system-out");
		tl_lines(to, tl_buf_text(&said));
		tl_close(to);
	}
	to->failed |= said.failed;
	tl_buf_release(&said);
}

static void cases(struct junit *junit)
{
	const struct tl_report *report = junit->report;

	carried_out(junit);
	for (size_t i = 0; i < report->verdict->n_phases; i++)
		if (tl_phase_has_expectation(&report->plan->phases[i]))
			one_phase(junit, i);
	legality(junit);
	for (size_t i = 0; i < report->verdict->n_claims; i++)
		one_claim(junit, i);
}

int tl_junit_suite(const struct tl_report *report, struct tl_buf *out,
		   struct tl_junit_totals *totals, struct tl_err *err)
{
	struct tl_markup to = { .layout = TL_MARKUP_XML, .indent = TL_JUNIT_SUITE_DEPTH };
	struct junit junit = { .report = report,
			       .cases = { .layout = TL_MARKUP_XML, .indent = CASE_DEPTH } };
	int rc;

	cases(&junit);
	tl_open(&to, "testsuite");
	tl_junit_attributes(&to, report->plan->name, &junit.totals, report->verdict->took_ns);
	tl_attrf(&to, "skipped", "%zu", junit.totals.skipped);
	timestamp(&to, report);
	if (report->plan->file)
		tl_attr(&to, "file", report->plan->file);
	properties(&to, report);
	tl_raw(&to, "\n");
	tl_raw(&to, tl_buf_text(&junit.cases.bytes));
	outputs(&to, report);
	to.failed |= junit.cases.failed || junit.cases.bytes.failed;
	rc = tl_markup_finish(&to, out, err);
	*totals = junit.totals;
	tl_markup_release(&junit.cases);
	tl_markup_release(&to);
	return rc;
}

int tl_report_junit(const struct tl_report *report, const struct tl_report_style *style,
		    struct tl_buf *out, struct tl_err *err)
{
	struct tl_suite_case one = { .name = report->plan->name };
	const struct tl_suite suite = { .cases = &one, .n = 1,
					.took_ns = report->verdict->took_ns };
	struct tl_buf text = { 0 };
	int rc = tl_junit_suite(report, &text, &one.totals, err);

	(void)style;
	one.junit = &text;
	if (!rc)
		rc = tl_suite_junit(&suite, out, err);
	tl_buf_release(&text);
	return rc;
}
