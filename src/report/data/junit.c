/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * JUnit's XML has no standard; this is what GitLab, Jenkins and the actions of GitHub have
 * in common. Each scenario is a suite with the same cases on every run, whatever happens:
 * that the lab could carry the scenario out; each phase that expects something; that each
 * socket's states are a path of RFC 9293; each claim.
 *
 * A failure is an answer that is not the expected one, an error is the lab's own trouble
 * and always that of the first case, and what a run did not get to is skipped. The document
 * is written twice: once to nowhere, to count what the head of it has to tell.
 */
#include "../render.h"
#include "../words.h"

#include <errno.h>
#include <libxml/xmlwriter.h>
#include <time.h>

#include "tcplab/text.h"

enum sort { PASS, FAILURE, ERROR, SKIPPED, N_SORTS };

struct junit {
	xmlTextWriter *xml;
	const struct tl_report *report;
	size_t count[N_SORTS];
	bool failed; /* libxml2 ran out of memory */
};

static void check(struct junit *junit, int rc)
{
	junit->failed |= rc < 0;
}

static void attribute(struct junit *junit, const char *name, const char *value)
{
	struct tl_buf safe = { 0 };

	tl_text_line(&safe, value);
	check(junit, xmlTextWriterWriteAttribute(junit->xml, BAD_CAST name,
						 BAD_CAST tl_buf_text(&safe)));
	tl_buf_release(&safe);
}

static void number(struct junit *junit, const char *name, size_t n)
{
	check(junit, xmlTextWriterWriteFormatAttribute(junit->xml, BAD_CAST name, "%zu", n));
}

static void seconds(struct junit *junit, uint64_t ns)
{
	unsigned long long ms = ns / 1000000;

	check(junit, xmlTextWriterWriteFormatAttribute(junit->xml, BAD_CAST "time",
						       "%llu.%03llu", ms / 1000, ms % 1000));
}

/* When the run began, in UTC, as Ant writes it. */
static void timestamp(struct junit *junit)
{
	const struct tl_event *run = tl_trace_run(junit->report->trace);
	time_t when = run ? run->run.wall_ns / 1000000000 : 0;
	char text[32];
	struct tm tm;

	if (when && gmtime_r(&when, &tm) && strftime(text, sizeof(text), "%FT%T", &tm))
		attribute(junit, "timestamp", text);
}

static void start(struct junit *junit, const char *element)
{
	check(junit, xmlTextWriterStartElement(junit->xml, BAD_CAST element));
}

static void end(struct junit *junit)
{
	check(junit, xmlTextWriterEndElement(junit->xml));
}

static void body(struct junit *junit, const char *text)
{
	struct tl_buf safe = { 0 };

	tl_text_lines(&safe, text);
	check(junit, xmlTextWriterWriteString(junit->xml, BAD_CAST tl_buf_text(&safe)));
	tl_buf_release(&safe);
}

/* "at FILE:LINE:COLUMN", from which some readers take where to point. */
static void place(struct junit *junit, const struct tl_where *where)
{
	const struct tl_plan *plan = junit->report->plan;
	struct tl_buf line = { 0 };

	if (where && where->line && plan->file) {
		tl_buf_fmt(&line, "at %s:%d:%d\n", plan->file, where->line, where->col);
		body(junit, tl_buf_text(&line));
	}
	junit->failed |= line.failed;
	tl_buf_release(&line);
}

/* One case. @message and @details: what it failed with, or why it was skipped. */
static void testcase(struct junit *junit, const char *name, uint64_t took_ns, enum sort sort,
		     const char *message, const struct tl_where *where, const char *details)
{
	static const char *const elements[] = {
		[FAILURE] = "failure", [ERROR] = "error", [SKIPPED] = "skipped",
	};
	struct tl_buf class = { 0 }, brief = { 0 };

	junit->count[sort]++;
	tl_buf_fmt(&class, "tcplab.%s", junit->report->plan->name);
	start(junit, "testcase");
	attribute(junit, "classname", tl_buf_text(&class));
	attribute(junit, "name", name);
	seconds(junit, took_ns);
	if (sort != PASS) {
		start(junit, elements[sort]);
		tl_report_brief(&brief, message);
		attribute(junit, "message", tl_buf_text(&brief));
		if (sort != SKIPPED) {
			attribute(junit, "type", elements[sort]);
			body(junit, tl_buf_text(&brief));
			body(junit, "\n");
			place(junit, where);
			body(junit, details);
		}
		end(junit);
	}
	end(junit);
	tl_buf_release(&brief);
	tl_buf_release(&class);
}

static const char *or_else(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

static void carried_out(struct junit *junit)
{
	const struct tl_verdict *verdict = junit->report->verdict;
	const struct tl_trace *trace = junit->report->trace;
	const char *message = or_else(verdict->reason, "the run came to no end");
	const struct tl_where *where = NULL;
	struct tl_buf details = { 0 };
	enum sort sort = PASS;

	for (size_t i = 0; i < verdict->n_phases; i++)
		if (verdict->phases[i].outcome == TL_OUTCOME_UNFINISHED)
			where = tl_report_where(junit->report, i);
	for (size_t i = 0; i < trace->n; i++)
		if (trace->events[i].kind == TL_EVENT_FAULT)
			tl_buf_fmt(&details, "%s\n", trace->events[i].fault.text);
	switch (verdict->result) {
	case TL_RESULT_PASSED:
	case TL_RESULT_FAILED:
		break;
	case TL_RESULT_ERROR:
	case TL_RESULT_INTERRUPTED:
		sort = ERROR;
		break;
	case TL_RESULT_SKIPPED:
		sort = SKIPPED;
		break;
	}
	testcase(junit, "the lab carries the scenario out", verdict->took_ns, sort, message,
		 where, tl_buf_text(&details));
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
	for (size_t j = 0; j < phase->look->snapshot.n; j++) {
		tl_buf_str(out, "  ");
		tl_report_row(out, report->plan, &phase->look->snapshot.rows[j]);
		tl_buf_str(out, phase->rows[j].expect < 0 && !plan->others_ignore
					? " (not expected)\n" : "\n");
	}
}

static void one_phase(struct junit *junit, size_t i)
{
	const struct tl_phase_verdict *phase = &junit->report->verdict->phases[i];
	const char *message = or_else(phase->reason, tl_report_outcome(phase->outcome));
	struct tl_buf name = { 0 }, details = { 0 };
	enum sort sort = SKIPPED;

	switch (phase->outcome) {
	case TL_OUTCOME_MET:
	case TL_OUTCOME_SHOWN:
		sort = PASS;
		break;
	case TL_OUTCOME_UNMET:
		sort = FAILURE;
		break;
	case TL_OUTCOME_UNFINISHED:
	case TL_OUTCOME_NOT_REACHED:
		break;
	}
	tl_buf_fmt(&name, "phase %zu: %s", i + 1, junit->report->plan->phases[i].title);
	if (sort == FAILURE && phase->look)
		expected_and_seen(junit->report, i, &details);
	testcase(junit, tl_buf_text(&name), tl_report_phase_ns(junit->report, i), sort, message,
		 tl_report_where(junit->report, i), tl_buf_text(&details));
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

		if (life->legal)
			continue;
		illegal++;
		tl_report_life_owner(&details, report, i);
		tl_buf_str(&details, ": ");
		tl_report_life(&details, report, life);
		tl_buf_fmt(&details, "\n  %s\n", or_else(life->reason, ""));
	}
	testcase(junit, "every sequence of states is a path of RFC 9293", 0,
		 !report->verdict->n_lives ? SKIPPED : illegal ? FAILURE : PASS,
		 illegal ? "a sequence of states is no path of RFC 9293" : "no socket was seen",
		 NULL, tl_buf_text(&details));
	tl_buf_release(&details);
}

static void one_claim(struct junit *junit, size_t i)
{
	static const enum sort sorts[] = {
		[TL_FACT_SO] = PASS, [TL_FACT_NOT_SO] = FAILURE, [TL_FACT_UNSEEN] = SKIPPED,
	};
	const struct tl_claim *claim = &junit->report->plan->claims[i];
	const struct tl_claim_verdict *verdict = &junit->report->verdict->claims[i];
	struct tl_buf name = { 0 }, message = { 0 }, details = { 0 };

	tl_buf_fmt(&name, "claim %s: %s", claim->id, claim->says);
	if (verdict->stands == TL_FACT_UNSEEN)
		tl_buf_str(&message, "not observed");
	else
		tl_buf_fmt(&message, "the finding \"%s\" is not confirmed",
			   tl_finding_name(claim->finding));
	for (size_t j = 0; j < claim->n_check; j++)
		tl_buf_fmt(&details, "%s: %s\n", tl_fact_name(verdict->check[j].fact),
			   verdict->check[j].text);
	testcase(junit, tl_buf_text(&name), 0, sorts[verdict->stands], tl_buf_text(&message),
		 &claim->where, tl_buf_text(&details));
	tl_buf_release(&details);
	tl_buf_release(&message);
	tl_buf_release(&name);
}

/* The attributes of both elements: Jenkins' schema has "skipped" for suites alone. */
static void totals(struct junit *junit, const char *name, const size_t *count)
{
	attribute(junit, "name", name);
	number(junit, "tests", count[PASS] + count[FAILURE] + count[ERROR] + count[SKIPPED]);
	number(junit, "failures", count[FAILURE]);
	number(junit, "errors", count[ERROR]);
	seconds(junit, junit->report->verdict->took_ns);
}

static void property(struct junit *junit, const char *name, const char *value)
{
	start(junit, "property");
	attribute(junit, "name", name);
	attribute(junit, "value", value);
	end(junit);
}

static void properties(struct junit *junit)
{
	struct tl_buf programs = { 0 };

	tl_report_programs(&programs, junit->report);
	start(junit, "properties");
	property(junit, "kernel", tl_report_kernel(junit->report));
	property(junit, "programs", tl_buf_text(&programs));
	property(junit, "mock", tl_report_is_mock(junit->report) ? "true" : "false");
	end(junit);
	tl_buf_release(&programs);
}

static void write_document(struct junit *junit, const size_t *count)
{
	const struct tl_report *report = junit->report;

	check(junit, xmlTextWriterSetIndent(junit->xml, 1));
	check(junit, xmlTextWriterSetIndentString(junit->xml, BAD_CAST "  "));
	check(junit, xmlTextWriterStartDocument(junit->xml, NULL, "UTF-8", NULL));
	start(junit, "testsuites");
	totals(junit, "tcplab", count);
	start(junit, "testsuite");
	totals(junit, report->plan->name, count);
	number(junit, "skipped", count[SKIPPED]);
	timestamp(junit);
	if (report->plan->file)
		attribute(junit, "file", report->plan->file);
	properties(junit);
	carried_out(junit);
	for (size_t i = 0; i < report->verdict->n_phases; i++)
		if (tl_phase_has_expectation(&report->plan->phases[i]))
			one_phase(junit, i);
	legality(junit);
	for (size_t i = 0; i < report->verdict->n_claims; i++)
		one_claim(junit, i);
	check(junit, xmlTextWriterEndDocument(junit->xml));
}

/* Write it all with these totals; *@count gets what they should have been. */
static int pass(const struct tl_report *report, size_t *count, struct tl_buf *out,
		struct tl_err *err)
{
	xmlBuffer *buffer = xmlBufferCreate();
	struct junit junit = { .report = report };

	junit.xml = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL;
	if (junit.xml)
		write_document(&junit, count);
	else
		junit.failed = true;
	xmlFreeTextWriter(junit.xml);
	if (!junit.failed)
		tl_buf_add(out, xmlBufferContent(buffer), xmlBufferLength(buffer));
	xmlBufferFree(buffer);
	for (int i = 0; i < N_SORTS; i++)
		count[i] = junit.count[i];
	return junit.failed ? tl_err_set(err, ENOMEM, "no memory for the report") : 0;
}

int tl_report_junit(const struct tl_report *report, const struct tl_report_style *style,
		    struct tl_buf *out, struct tl_err *err)
{
	struct tl_buf nowhere = { 0 };
	size_t count[N_SORTS] = { 0 };
	int rc = pass(report, count, &nowhere, err);

	(void)style;
	tl_buf_release(&nowhere);
	if (!rc)
		rc = pass(report, count, out, err);
	return rc ? rc : tl_report_done(out, err);
}
