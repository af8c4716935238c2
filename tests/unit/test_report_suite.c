/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several scenarios: what is told about them together. */
#include <criterion/criterion.h>
#include <errno.h>
#include <jansson.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <string.h>

#include "report_fixture.h"

#define HOSTILE "it broke: \x1b[31m<&>\xff"

/* One with reports of its own, one that the lab failed to run, one that cannot run here. */
static struct tl_buf json, junit;
static const struct tl_buf nothing;
static struct fixture fixture;
static struct tl_suite_case cases[3];
static struct tl_suite suite = { .cases = cases, .n = 3, .took_ns = 2500000000 };

static void init(void)
{
	struct tl_junit_totals totals;
	struct tl_err err;

	fixture_init(&fixture, true);
	json = fixture_render(&fixture, "json", false, 80);
	cr_assert_eq(tl_junit_suite(&fixture.report, &junit, &totals, &err), 0, "%s", err.text);
	cases[0] = (struct tl_suite_case){ "a/one", "A <title> & more", TL_RESULT_FAILED, true, "phase 2 did not come true",
					   1000000, &json, &junit, totals };
	cases[1] = (struct tl_suite_case){ "b/two", "A <title> & more", TL_RESULT_ERROR, false, HOSTILE, 0, &nothing,
					   &nothing, { 0 } };
	cases[2] = (struct tl_suite_case){ "c/three", "A <title> & more", TL_RESULT_SKIPPED, false, "not on this host", 0,
					   &nothing, &nothing };
}

static void release(void)
{
	tl_buf_release(&json);
	tl_buf_release(&junit);
}

TestSuite(report_suite, .init = init, .fini = release);

Test(report_suite, line_has_name_and_reason)
{
	const struct tl_report_style style = { .width = 80 };
	struct tl_buf text = { 0 };

	tl_suite_line(&cases[0], &style, &text);
	cr_expect_str_eq(tl_buf_text(&text),
			 "failed      a/one                               1.0 ms\n"
			 "            phase 2 did not come true\n",
			 "%s", tl_buf_text(&text));
	text.len = 0;
	tl_suite_line(&cases[1], &style, &text);
	cr_expect_null(strchr(tl_buf_text(&text), '\x1b'), "%s", tl_buf_text(&text));
	tl_buf_release(&text);
}

Test(report_suite, summary_counts_what_there_is)
{
	const struct tl_report_style style = { .width = 80 };
	struct tl_buf text = { 0 };

	tl_suite_summary(&suite, &style, &text);
	cr_expect_str_eq(tl_buf_text(&text),
			 "3 scenarios in 2.50 s: 1 failed, 1 error, 1 skipped\n", "%s",
			 tl_buf_text(&text));
	tl_buf_release(&text);
}

Test(report_suite, json_is_one_array)
{
	struct tl_buf text = { 0 };
	struct tl_err err;
	json_t *list, *own;

	cr_assert_eq(tl_suite_json(&suite, &text, &err), 0, "%s", err.text);
	list = json_loads(tl_buf_text(&text), 0, NULL);
	own = json_loads(tl_buf_text(&json), 0, NULL);
	cr_assert_eq(json_array_size(list), 3, "%s", tl_buf_text(&text));
	cr_expect(json_equal(json_array_get(list, 0), own), "the report is not the scenario's");
	cr_expect_str_eq(json_string_value(json_object_get(json_array_get(list, 1), "result")),
			 "error");
	cr_expect_eq(json_integer_value(json_object_get(json_array_get(list, 2), "status")), 77);
	json_decref(own);
	json_decref(list);
	tl_buf_release(&text);
}

static double count(xmlXPathContext *context, const char *expression)
{
	xmlXPathObject *object = xmlXPathEvalExpression(BAD_CAST expression, context);
	double value = object ? object->floatval : -1;

	xmlXPathFreeObject(object);
	return value;
}

Test(report_suite, junit_joins_the_suites)
{
	struct tl_buf text = { 0 };
	struct tl_err err;
	xmlXPathContext *context;
	xmlDoc *doc;

	cr_assert_eq(tl_suite_junit(&suite, &text, &err), 0, "%s", err.text);
	doc = xmlReadMemory(text.data, text.len, "junit", NULL, XML_PARSE_NONET);
	cr_assert_not_null(doc, "%s", tl_buf_text(&text));
	context = xmlXPathNewContext(doc);
	cr_expect_eq(count(context, "count(/testsuites/testsuite)"), 3);
	cr_expect_eq(count(context, "/testsuites/@tests - count(//testcase)"), 0);
	cr_expect_eq(count(context, "/testsuites/@failures - count(//failure)"), 0);
	cr_expect_geq(count(context, "number(/testsuites/@failures)"), 1);
	cr_expect_eq(count(context, "number(/testsuites/@errors)"), 1);
	cr_expect_eq(count(context, "count(//testsuite[@name='c/three']//skipped)"), 1);
	xmlXPathFreeContext(context);
	xmlFreeDoc(doc);
	tl_buf_release(&text);
}
