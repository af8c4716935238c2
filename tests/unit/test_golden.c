/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved traces, judged and rendered again, byte for byte. With TL_GOLDEN_UPDATE=1 in the
 * environment the renderings are written instead of compared.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <libxml/xmlschemas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture_text.h"
#include "tcplab/judge.h"
#include "tcplab/report.h"
#include "tcplab/scenario.h"
#include "tcplab/state.h"
#include "tcplab/trace.h"

#define GOLDEN "tests/golden"
#define WHOLE  "walkthrough" /* the one that has what is the same in all */

static const struct {
	const char *renderer, *file;
	struct tl_report_style style;
	const char *cut; /* its name in the others; NULL: the same */
} goldens[] = {
	{ "text", "report-wide.txt", { false, 170 } },
	{ "text", "report-color.txt", { true, 80 } },
	{ "text", "report-narrow.txt", { false, 60, true } },
	{ "html", "report.html", { false, 80 } },
	{ "md", "report.md", { false, 80 } },
	{ "json", "report.json", { false, 80 } },
	{ "junit", "report.xml", { false, 80 } },
	{ "tap", "report.tap", { false, 80 } },
	{ "github", "report.github", { false, 80 } },
	{ "pcapng", "report.pcapng", { false, 80 }, "capture.txt" },
};

#define N_GOLDENS (sizeof(goldens) / sizeof(goldens[0]))

static bool updating(void)
{
	return getenv("TL_GOLDEN_UPDATE") != NULL;
}

static bool slurp(const char *path, struct tl_buf *out)
{
	FILE *f = fopen(path, "r");
	char bytes[4096];

	if (!f)
		return false;
	for (size_t n; (n = fread(bytes, 1, sizeof(bytes), f)) > 0;)
		tl_buf_add(out, bytes, n);
	fclose(f);
	return true;
}

static void compare(const char *path, const struct tl_buf *now)
{
	struct tl_buf golden = { 0 };
	size_t at = 0;
	FILE *f;

	if (updating()) {
		f = fopen(path, "w");
		cr_assert_not_null(f, "%s: %s", path, strerror(errno));
		cr_assert_eq(fwrite(tl_buf_text(now), 1, now->len, f), now->len);
		fclose(f);
		return;
	}
	cr_assert(slurp(path, &golden), "%s: %s", path, strerror(errno));
	while (at < now->len && at < golden.len && now->data[at] == golden.data[at])
		at++;
	while (at && now->data[at - 1] != '\n')
		at--;
	cr_expect(now->len == golden.len && !memcmp(tl_buf_text(now), tl_buf_text(&golden), now->len),
		  "%s has:\n%.*s\nbut now it is:\n%.*s", path,
		  (int)strcspn(tl_buf_text(&golden) + at, "\n"), tl_buf_text(&golden) + at,
		  (int)strcspn(tl_buf_text(now) + at, "\n"), tl_buf_text(now) + at);
	tl_buf_release(&golden);
}

/* Take out what stands between @from and @to, wherever both are. */
static void cut(struct tl_buf *out, const char *from, const char *to)
{
	char *at = out->data, *end;

	while ((at = strstr(at, from)) && (end = strstr(at += strlen(from), to))) {
		memmove(at, end, out->data + out->len + 1 - end);
		out->len -= end - at;
	}
}

/* The page's style sheet and script are files of their own already, src/report/html/. */
static void cut_assets(struct tl_buf *out)
{
	cut(out, "<style>", "</style>");
	cut(out, "<script>", "</script>");
	cut(out, "'sha256-", "'");
}

/* "arrow 2: active OPEN" becomes "arrow 2:", or what stands before an arc's words otherwise. */
static void cut_events(struct tl_buf *out, bool diagram)
{
	size_t n;
	const struct tl_arc *arcs = tl_arcs(&n);

	for (size_t i = 0; i < n; i++) {
		const char *to = arcs[i].to == TL_CLOSE ? "[*]" : tl_state_name(arcs[i].to);
		struct tl_buf from = { 0 };

		if (diagram)
			tl_buf_fmt(&from, " %s: %s ", to, arcs[i].id);
		else
			tl_buf_fmt(&from, ", arrow %s: ", arcs[i].id);
		cut(out, tl_buf_text(&from), "\n");
		tl_buf_release(&from);
	}
}

/* What is the same in each report is in that of one: words about states and arcs. And a capture
 * is bytes in that of one, and in the others text that can be read. */
static void cut_words(const char *renderer, struct tl_buf *out)
{
	if (!strcmp(renderer, "html")) {
		cut(out, "<section class=\"glossary\">", "</section>");
		cut(out, "<span class=\"arc-words\">", "</span>");
		cut(out, "<title>Arrow ", "</g>");
	} else if (!strcmp(renderer, "json")) {
		cut(out, "\"by\": \"", "\"");
	} else if (!strcmp(renderer, "md")) {
		cut_events(out, true);
	} else if (!strcmp(renderer, "pcapng")) {
		capture_text(out);
		cut_events(out, false);
	}
}

/* In colour a report says what it says without. */
static void is_plain_but_for_ink(const struct tl_report *report, const struct tl_buf *inked)
{
	const struct tl_report_style style = { false, 80 };
	struct tl_buf plain = { 0 };
	struct tl_err err = { 0 };
	size_t at = 0;

	cr_assert_eq(tl_renderer_find("text")->render(report, &style, &plain, &err), 0, "%s",
		     err.text);
	for (const char *c = tl_buf_text(inked); *c; c++) {
		if (*c == '\x1b')
			c += strcspn(c, "m");
		else
			cr_assert_eq(*c, plain.data[at++], "without colour it is:\n%s", plain.data);
	}
	cr_assert_eq(at, plain.len);
	tl_buf_release(&plain);
}

static void render_all(const char *name, const struct tl_report *report)
{
	struct tl_err err = { 0 };
	char path[512];

	for (size_t i = 0; i < N_GOLDENS; i++) {
		struct tl_buf out = { 0 };

		cr_assert_eq(tl_renderer_find(goldens[i].renderer)
				     ->render(report, &goldens[i].style, &out, &err),
			     0, "%s", err.text);
		if (!strcmp(goldens[i].renderer, "html"))
			cut_assets(&out);
		if (goldens[i].style.color)
			is_plain_but_for_ink(report, &out);
		if (strcmp(name, WHOLE))
			cut_words(goldens[i].renderer, &out);
		for (size_t j = 0; goldens[i].style.ascii && j < out.len; j++)
			cr_assert_lt((unsigned char)out.data[j], 0x80, "%s is not all ASCII", name);
		snprintf(path, sizeof(path), GOLDEN "/%s/%s", name,
			 goldens[i].cut && strcmp(name, WHOLE) ? goldens[i].cut : goldens[i].file);
		compare(path, &out);
		tl_buf_release(&out);
	}
}

static void one_golden(const char *name)
{
	struct tl_buf text = { 0 }, messages = { 0 };
	struct tl_verdict verdict = { 0 };
	struct tl_film film = { 0 };
	struct tl_plan *plan = NULL;
	struct tl_trace trace = { 0 };
	struct tl_err err = { 0 };
	char path[512];

	snprintf(path, sizeof(path), GOLDEN "/%s/trace.ndjson", name);
	cr_assert(slurp(path, &text), "%s: %s", path, strerror(errno));
	cr_assert_eq(tl_trace_decode(path, text.data, text.len, &trace, &err), 0, "%s", err.text);
	cr_assert_eq(tl_scenario_of_run(&trace, &plan, &messages, &err), 0, "%s\n%s", err.text,
		     tl_buf_text(&messages));
	cr_assert_eq(tl_film_init(&film, plan, &trace, &err), 0, "%s", err.text);
	cr_assert_eq(tl_judge(&film, &verdict, &err), 0, "%s", err.text);
	render_all(name, &(struct tl_report){ plan, &trace, &film, &verdict });
	tl_verdict_release(&verdict, plan);
	tl_film_release(&film);
	tl_trace_release(&trace);
	tl_plan_free(plan);
	tl_buf_release(&messages);
	tl_buf_release(&text);
}

static int is_golden(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && !strchr(entry->d_name, '.');
}

/* Calls @each with the name of every golden. */
static void for_all(void (*each)(const char *name))
{
	struct dirent **names = NULL;
	int n = scandir(GOLDEN, &names, is_golden, alphasort);

	cr_assert_gt(n, 0, GOLDEN ": nothing there");
	for (int i = 0; i < n; i++) {
		each(names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

Test(golden, saved_traces_render_as_saved)
{
	for_all(one_golden);
}

static xmlSchema *junit_schema;

static void valid_junit(const char *name)
{
	xmlSchemaValidCtxt *context = xmlSchemaNewValidCtxt(junit_schema);
	char path[512];
	xmlDoc *doc;

	snprintf(path, sizeof(path), GOLDEN "/%s/report.xml", name);
	doc = xmlReadFile(path, NULL, XML_PARSE_NONET);
	cr_assert_not_null(doc, "%s is not well-formed", path);
	cr_expect_eq(xmlSchemaValidateDoc(context, doc), 0, "%s: not of junit.xsd", path);
	xmlFreeDoc(doc);
	xmlSchemaFreeValidCtxt(context);
}

Test(golden, junit_is_of_its_schema)
{
	xmlSchemaParserCtxt *parser = xmlSchemaNewParserCtxt(GOLDEN "/junit.xsd");

	junit_schema = xmlSchemaParse(parser);
	cr_assert_not_null(junit_schema);
	for_all(valid_junit);
	xmlSchemaFree(junit_schema);
	xmlSchemaFreeParserCtxt(parser);
}

Test(golden, json_is_of_its_schema)
{
	static const char check[] =
		"import json, sys, jsonschema\n"
		"schema = json.load(open(sys.argv[1]))\n"
		"jsonschema.Draft7Validator.check_schema(schema)\n"
		"for name in sys.argv[2:]:\n"
		"    jsonschema.Draft7Validator(schema).validate(json.load(open(name)))\n";
	struct tl_buf command = { 0 };

	if (system("/usr/bin/python3 -c 'import jsonschema' </dev/null 2>/dev/null"))
		cr_skip_test("python3-jsonschema is not installed");
	tl_buf_fmt(&command, "/usr/bin/python3 -c '%s' scenarios/schema/report.v1.json " GOLDEN
			     "/*/report.json </dev/null", check);
	cr_assert_eq(system(command.data), 0);
	tl_buf_release(&command);
}
