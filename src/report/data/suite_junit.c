/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JUnit for the lot: the <testsuite> of each scenario's own document, moved into one. The
 * totals are counted in what was moved, so that they agree with it whatever it is.
 */
#include "../render.h"
#include "../words.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <string.h>

#include "tcplab/text.h"

/* Names of the totals, and what is counted for each; the last is of single suites alone. */
static const struct {
	const char *attribute;
	const char *element;
} totals[] = {
	{ "tests", "testcase" },
	{ "failures", "failure" },
	{ "errors", "error" },
	{ "skipped", "skipped" },
};

#define N_TOTALS (sizeof(totals) / sizeof(totals[0]))

static bool is(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && !strcmp((const char *)node->name, name);
}

static xmlNode *first(const xmlNode *parent, const char *name)
{
	for (xmlNode *node = parent->children; node; node = node->next)
		if (is(node, name))
			return node;
	return NULL;
}

static size_t count(const xmlNode *parent, const char *name)
{
	size_t n = 0;

	for (const xmlNode *node = parent->children; node; node = node->next)
		n += is(node, name) + count(node, name);
	return n;
}

/* Each returns false when memory runs out. */
static bool set(xmlNode *node, const char *name, const char *value)
{
	struct tl_buf safe = { 0 };
	bool done;

	tl_text_line(&safe, value);
	done = !safe.failed &&
	       xmlNewProp(node, BAD_CAST name, BAD_CAST tl_buf_text(&safe)) != NULL;
	tl_buf_release(&safe);
	return done;
}

static bool set_seconds(xmlNode *node, uint64_t ns)
{
	unsigned long long ms = ns / 1000000;
	char text[32];

	snprintf(text, sizeof(text), "%llu.%03llu", ms / 1000, ms % 1000);
	return set(node, "time", text);
}

static bool set_totals(xmlNode *node, const char *name, uint64_t took_ns, size_t n)
{
	bool done = set(node, "name", name) && set_seconds(node, took_ns);
	char text[32];

	for (size_t i = 0; done && i < n; i++) {
		snprintf(text, sizeof(text), "%zu", count(node, totals[i].element));
		done = set(node, totals[i].attribute, text);
	}
	return done;
}

/* Why there is no report: the same first case as in one, and no other. */
static bool add_reason(xmlNode *testcase, const struct tl_suite_case *one)
{
	const char *what = one->result == TL_RESULT_SKIPPED ? "skipped" : "error";
	struct tl_buf brief = { 0 }, safe = { 0 };
	xmlNode *node = xmlNewChild(testcase, NULL, BAD_CAST what, NULL);
	bool done;

	tl_report_brief(&brief, one->reason ? one->reason : "it left no report");
	tl_text_lines(&safe, tl_buf_text(&brief));
	done = node && set(node, "message", tl_buf_text(&brief));
	if (done && one->result != TL_RESULT_SKIPPED) {
		xmlNode *text = xmlNewText(BAD_CAST tl_buf_text(&safe));

		done = set(node, "type", what) && text && xmlAddChild(node, text);
	}
	tl_buf_release(&safe);
	tl_buf_release(&brief);
	return done;
}

static bool add_without_report(xmlNode *root, const struct tl_suite_case *one)
{
	xmlNode *suite = xmlNewChild(root, NULL, BAD_CAST "testsuite", NULL);
	xmlNode *testcase = suite ? xmlNewChild(suite, NULL, BAD_CAST "testcase", NULL) : NULL;
	char class[256];

	snprintf(class, sizeof(class), "tcplab.%s", one->name);
	return testcase && set(testcase, "classname", class) &&
	       set(testcase, "name", "the lab carries the scenario out") &&
	       set_seconds(testcase, one->took_ns) && add_reason(testcase, one) &&
	       set_totals(suite, one->name, one->took_ns, N_TOTALS);
}

/* Copy the suite out of a scenario's own document. */
static int add_report(xmlNode *root, const struct tl_suite_case *one, struct tl_err *err)
{
	xmlDoc *doc = xmlReadMemory(one->junit->data, one->junit->len, one->name, NULL,
				    XML_PARSE_NONET | XML_PARSE_NOBLANKS | XML_PARSE_NOERROR);
	xmlNode *from = doc ? xmlDocGetRootElement(doc) : NULL, *suite, *copy;
	int ret = 0;

	suite = from ? first(from, "testsuite") : NULL;
	copy = suite ? xmlDocCopyNode(suite, root->doc, 1) : NULL;
	if (!suite)
		ret = tl_err_set(err, EINVAL, "the JUnit report of %s is none", one->name);
	else if (!copy || !xmlAddChild(root, copy))
		ret = tl_err_set(err, ENOMEM, "no memory for the report");
	xmlFreeDoc(doc);
	return ret;
}

static int add_all(xmlNode *root, const struct tl_suite *suite, struct tl_err *err)
{
	for (size_t i = 0; i < suite->n; i++) {
		const struct tl_suite_case *one = &suite->cases[i];
		int ret = 0;

		if (one->junit->len)
			ret = add_report(root, one, err);
		else if (!add_without_report(root, one))
			ret = tl_err_set(err, ENOMEM, "no memory for the report");
		if (ret)
			return ret;
	}
	if (!set_totals(root, "tcplab", suite->took_ns, N_TOTALS - 1))
		return tl_err_set(err, ENOMEM, "no memory for the report");
	return 0;
}

int tl_suite_junit(const struct tl_suite *suite, struct tl_buf *out, struct tl_err *err)
{
	xmlDoc *doc = xmlNewDoc(BAD_CAST "1.0");
	xmlNode *root = doc ? xmlNewDocNode(doc, NULL, BAD_CAST "testsuites", NULL) : NULL;
	xmlChar *text = NULL;
	int len = 0, ret;

	if (!root) {
		ret = tl_err_set(err, ENOMEM, "no memory for the report");
		goto out;
	}
	xmlDocSetRootElement(doc, root);
	ret = add_all(root, suite, err);
	if (ret)
		goto out;
	xmlDocDumpFormatMemoryEnc(doc, &text, &len, "UTF-8", 1);
	if (text)
		tl_buf_add(out, text, len);
	ret = text ? tl_report_done(out, err) : tl_err_set(err, ENOMEM, "no memory for the report");
	xmlFree(text);
out:
	xmlFreeDoc(doc);
	return ret;
}
