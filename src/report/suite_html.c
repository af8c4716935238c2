/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page that lists a suite's runs: how each came out, with links to its reports, and RFC
 * 9293's diagram with the arcs that were shown, and by which run. One file, no script.
 */
#include "diagram.h"
#include "html_assets.h"
#include "render.h"
#include "words.h"

#include <string.h>

struct index {
	struct tl_markup to;
	const struct tl_suite *suite;
};

static const struct tl_suite_arc *shown(const struct index *index, const struct tl_arc *arc)
{
	size_t n;
	const struct tl_arc *arcs = tl_arcs(&n);

	return index->suite->arcs ? &index->suite->arcs[arc - arcs] : NULL;
}

static const char *arc_class(void *arg, const struct tl_arc *arc, struct tl_buf *title)
{
	const struct tl_suite_arc *it = shown(arg, arc);

	if (!it || !it->how)
		return "";
	tl_buf_fmt(title, "%s: %s, phase %d", it->how, it->scenario, it->phase + 1);
	return strcmp(it->how, "absent") ? "walked" : "";
}

static const char *state_class(void *arg, enum tl_state state, struct tl_buf *who)
{
	(void)arg;
	(void)state;
	(void)who;
	return "";
}

static void head(struct index *index, const char *title)
{
	struct tl_markup *to = &index->to;

	tl_open(to, "head");
	tl_open(to, "meta");
	tl_attr(to, "charset", "utf-8");
	tl_close_void(to);
	tl_open(to, "meta");
	tl_attr(to, "http-equiv", "Content-Security-Policy");
	tl_attrf(to, "content", "default-src 'none'; style-src '%s'; base-uri 'none'; "
				"form-action 'none'", tl_html_css_hash());
	tl_close_void(to);
	tl_open(to, "meta");
	tl_attr(to, "name", "viewport");
	tl_attr(to, "content", "width=device-width, initial-scale=1");
	tl_close_void(to);
	tl_element(to, "title", NULL, title);
	tl_open(to, "style");
	tl_raw(to, tl_html_css());
	tl_close(to);
	tl_close(to);
}

static void link_to(struct tl_markup *to, const char *scenario, const char *file,
		    const char *text)
{
	tl_open(to, "a");
	tl_attrf(to, "href", "%s/%s", scenario, file);
	tl_words(to, text);
	tl_close(to);
}

/* One run: what it came to, its page, and its other files. */
static void run(struct index *index, const struct tl_suite_case *one)
{
	struct tl_markup *to = &index->to;
	struct tl_buf took = { 0 };
	size_t n;
	const struct tl_renderer *renderers = tl_renderers(&n);

	tl_report_duration(&took, one->took_ns);
	tl_open(to, "tr");
	tl_open(to, "td");
	tl_element(to, "span", one->result == TL_RESULT_PASSED ? "good" : "bad",
		   tl_report_result(one->result));
	tl_close(to);
	tl_open(to, "td");
	link_to(to, one->name, tl_renderer_find("html")->file, one->name);
	tl_open(to, "div");
	tl_isolated(to, one->title);
	tl_close(to);
	if (one->reason) {
		tl_open(to, "div");
		tl_attr(to, "class", "bad");
		tl_isolated(to, one->reason);
		tl_close(to);
	}
	tl_close(to);
	tl_element(to, "td", "dim", tl_buf_text(&took));
	tl_open(to, "td");
	for (size_t i = 0; i < n; i++) {
		if (!renderers[i].file || !strcmp(renderers[i].name, "html"))
			continue;
		link_to(to, one->name, renderers[i].file, renderers[i].name);
		tl_words(to, " ");
	}
	link_to(to, one->name, "trace.ndjson", "trace");
	tl_close(to);
	tl_close(to);
	tl_buf_release(&took);
}

static void runs(struct index *index)
{
	tl_open(&index->to, "section");
	tl_element(&index->to, "h2", NULL, "The runs");
	tl_open(&index->to, "table");
	for (size_t i = 0; i < index->suite->n; i++)
		run(index, &index->suite->cases[i]);
	tl_close(&index->to);
	tl_close(&index->to);
}

static const char *end_name(enum tl_state state)
{
	return state == TL_CLOSE ? "CLOSED" : tl_state_name(state);
}

/* The same in words, for who cannot point, and with a way to each run. */
static void list(struct index *index)
{
	struct tl_markup *to = &index->to;
	size_t n;
	const struct tl_arc *arcs = tl_arcs(&n);

	tl_open(to, "table");
	for (size_t i = 0; i < n; i++) {
		const struct tl_suite_arc *it = shown(index, &arcs[i]);

		tl_open(to, "tr");
		tl_element(to, "td", "dim", arcs[i].id);
		tl_open(to, "td");
		tl_wordsf(to, "%s → %s", end_name(arcs[i].from), end_name(arcs[i].to));
		tl_element(to, "div", "dim", arcs[i].event);
		tl_close(to);
		tl_element(to, "td", it->how ? "good" : "dim", it->how ? it->how : "not shown");
		tl_open(to, "td");
		if (it->how) {
			link_to(to, it->scenario, tl_renderer_find("html")->file, it->scenario);
			tl_wordsf(to, ", phase %d: ", it->phase + 1);
			tl_isolated(to, it->title);
		}
		tl_close(to);
		tl_close(to);
	}
	tl_close(to);
}

static void map(struct index *index)
{
	struct tl_markup *to = &index->to;

	tl_open(to, "section");
	tl_element(to, "h2", NULL, "What they have shown of RFC 9293's diagram");
	tl_element(to, "p", "dim",
		   "Dark arrows were observed or inferred; rest the pointer on one to see by "
		   "which run. Arrow 5 is one that Linux does not have.");
	tl_diagram(to, &(struct tl_diagram){
		.label = "The states of a TCP connection and the arcs that the runs have shown",
		.arc = arc_class,
		.state = state_class,
		.arg = index,
	});
	list(index);
	tl_close(to);
}

static void body(struct index *index)
{
	const struct tl_report_style plain = { .width = 80 };
	struct tl_buf words = { 0 };

	tl_open(&index->to, "body");
	tl_open(&index->to, "main");
	tl_suite_summary(index->suite, &plain, &words);
	tl_element(&index->to, "h1", NULL, "TCP states, run by run");
	tl_element(&index->to, "p", NULL, tl_buf_text(&words));
	tl_buf_release(&words);
	tl_open(&index->to, "div");
	tl_attr(&index->to, "class", "index");
	runs(index);
	if (index->suite->arcs)
		map(index);
	tl_close(&index->to);
	tl_close(&index->to);
	tl_close(&index->to);
}

int tl_suite_html(const struct tl_suite *suite, struct tl_buf *out, struct tl_err *err)
{
	struct index index = { .suite = suite };
	int ret = tl_markup_init(&index.to, err);

	if (!ret) {
		tl_raw(&index.to, "<!DOCTYPE html>\n");
		tl_open(&index.to, "html");
		tl_attr(&index.to, "lang", "en");
		head(&index, "TCP states, run by run");
		body(&index);
		tl_close(&index.to);
		ret = tl_markup_finish(&index.to, out, err);
	}
	tl_markup_release(&index.to);
	return ret;
}
