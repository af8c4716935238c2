/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JUnit's document: the <testsuite> of each scenario, as it was written, and their totals. */
#include "junit.h"

#include "../render.h"
#include "../words.h"

static void seconds(struct tl_markup *to, uint64_t ns)
{
	unsigned long long ms = ns / 1000000;

	tl_attrf(to, "time", "%llu.%03llu", ms / 1000, ms % 1000);
}

void tl_junit_attributes(struct tl_markup *to, const char *name,
		     const struct tl_junit_totals *totals, uint64_t took_ns)
{
	tl_attr(to, "name", name);
	tl_attrf(to, "tests", "%zu", totals->tests);
	tl_attrf(to, "failures", "%zu", totals->failures);
	tl_attrf(to, "errors", "%zu", totals->errors);
	seconds(to, took_ns);
}

static void count(struct tl_junit_totals *totals, enum tl_junit_sort sort)
{
	totals->tests++;
	totals->failures += sort == TL_JUNIT_FAILURE;
	totals->errors += sort == TL_JUNIT_ERROR;
	totals->skipped += sort == TL_JUNIT_SKIPPED;
}

static void add(struct tl_junit_totals *sum, const struct tl_junit_totals *more)
{
	sum->tests += more->tests;
	sum->failures += more->failures;
	sum->errors += more->errors;
	sum->skipped += more->skipped;
}

/* The <failure>, <error> or <skipped> of a case. */
static void outcome(struct tl_markup *to, const struct tl_junit_case *one)
{
	static const char *const elements[] = {
		[TL_JUNIT_PASS] = NULL,
		[TL_JUNIT_FAILURE] = "failure",
		[TL_JUNIT_ERROR] = "error",
		[TL_JUNIT_SKIPPED] = "skipped",
	};

	tl_open(to, elements[one->sort]);
	tl_attr(to, "message", one->message);
	if (one->sort != TL_JUNIT_SKIPPED) {
		tl_attr(to, "type", elements[one->sort]);
		tl_lines(to, one->message);
		tl_lines(to, "\n");
		tl_lines(to, one->details);
	}
	tl_close(to);
}

void tl_junit_case(struct tl_markup *to, struct tl_junit_totals *totals,
		   const struct tl_junit_case *one)
{
	count(totals, one->sort);
	tl_open(to, "testcase");
	tl_attrf(to, "classname", "tcplab.%s", one->scenario);
	tl_attr(to, "name", one->name);
	seconds(to, one->took_ns);
	if (one->sort != TL_JUNIT_PASS)
		outcome(to, one);
	tl_close(to);
}

/* Why there is no report: the same first case as in one, and no other. */
static void without_report(struct tl_markup *to, const struct tl_suite_case *one,
			   struct tl_junit_totals *totals)
{
	const struct tl_junit_case only = {
		.scenario = one->name,
		.name = "the lab carries the scenario out",
		.took_ns = one->took_ns,
		.sort = one->result == TL_RESULT_SKIPPED ? TL_JUNIT_SKIPPED : TL_JUNIT_ERROR,
		.message = one->reason ? one->reason : "it left no report",
		.details = "",
	};

	count(totals, only.sort);
	tl_open(to, "testsuite");
	tl_junit_attributes(to, one->name, totals, one->took_ns);
	tl_attrf(to, "skipped", "%zu", totals->skipped);
	tl_junit_case(to, &(struct tl_junit_totals){ 0 }, &only);
	tl_close(to);
}

int tl_suite_junit(const struct tl_suite *suite, struct tl_buf *out, struct tl_err *err)
{
	struct tl_markup suites = { .layout = TL_MARKUP_XML, .indent = TL_JUNIT_SUITE_DEPTH };
	struct tl_markup to = { .layout = TL_MARKUP_XML };
	struct tl_junit_totals sum = { 0 };
	int ret;

	for (size_t i = 0; i < suite->n; i++) {
		struct tl_junit_totals totals = suite->cases[i].totals;

		if (suite->cases[i].junit->len) {
			tl_raw(&suites, suites.bytes.len ? "\n" : "");
			tl_raw(&suites, tl_buf_text(suite->cases[i].junit));
		} else {
			without_report(&suites, &suite->cases[i], &totals);
		}
		add(&sum, &totals);
	}
	tl_raw(&to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
	tl_open(&to, "testsuites");
	tl_junit_attributes(&to, "tcplab", &sum, suite->took_ns);
	tl_raw(&to, suites.bytes.len ? "\n" : "");
	tl_raw(&to, tl_buf_text(&suites.bytes));
	to.failed |= suites.failed || suites.bytes.failed;
	ret = tl_markup_finish(&to, out, err);
	tl_buf_str(out, "\n");
	tl_markup_release(&suites);
	tl_markup_release(&to);
	return ret ? ret : tl_report_done(out, err);
}
