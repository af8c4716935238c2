/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page that lists a suite's runs: how each came out, with links to its reports, and RFC
 * 9293's diagram with the arcs that were shown, and by which run. One file, no script.
 */
#include "html.h"

#include "diagram.h"
#include "html_assets.h"
#include "../render.h"
#include "../words.h"

#include "tcplab/leads.h"

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

static const char *page_file(void)
{
	return tl_renderer_find("html")->file;
}

static const char *arc_class(void *arg, const struct tl_arc *arc, struct tl_buf *title,
			     struct tl_buf *href)
{
	const struct tl_suite_arc *it = shown(arg, arc);

	if (!it || !it->how)
		return "";
	tl_buf_fmt(title, "%s: %s, phase %d", tl_shown_name(it->how), it->scenario, it->phase + 1);
	tl_buf_fmt(href, "%s/%s#phase-%d", it->scenario, page_file(), it->phase + 1);
	return it->how == TL_SHOWN_INFERRED ? "walked inferred" :
	       it->how == TL_SHOWN_ABSENT ? "absent" : "walked";
}

static void head(struct index *index, const char *title)
{
	struct tl_markup *to = &index->to;

	tl_head(to);
	tl_policy(to, tl_html_assets.css_hash, NULL);
	tl_meta(to, "viewport", "width=device-width, initial-scale=1");
	tl_meta(to, "generator", "tcplab " TCPLAB_VERSION);
	tl_element(to, "title", NULL, title);
	tl_open(to, "style");
	tl_raw(to, tl_html_assets.css);
	tl_close(to);
	tl_close(to);
}

static bool is_saved(const struct index *index, const struct tl_renderer *renderer)
{
	const char *formats = index->suite->formats;

	return renderer->file && (!formats || tl_renderer_among(renderer->name, formats));
}

static void files(struct index *index, const struct tl_suite_case *one)
{
	struct tl_markup *to = &index->to;
	size_t n;
	const struct tl_renderer *renderers = tl_renderers(&n);
	const struct tl_renderer *page = tl_renderer_find("html");

	tl_open_class(to, "td", "files");
	for (size_t i = 0; one->kept && i < n; i++) {
		if (!is_saved(index, &renderers[i]) || &renderers[i] == page)
			continue;
		tl_link(to, NULL, renderers[i].name, "%s/%s", one->name, renderers[i].file);
		tl_words(to, " ");
	}
	if (one->kept)
		tl_link(to, NULL, "trace", "%s/trace.ndjson", one->name);
	tl_close(to);
}

static const char *tone(enum tl_result result)
{
	return result == TL_RESULT_PASSED ? "good" : result == TL_RESULT_SKIPPED ? "dim" : "bad";
}

/* What it needs of its host, met or not. */
static void needs(struct tl_markup *to, const struct tl_plan *plan)
{
	struct tl_buf text = { 0 };

	if (!plan || !plan->n_needs)
		return;
	tl_buf_str(&text, "needs ");
	tl_plan_say_needs(plan, &text);
	tl_isolated_in(to, "div", "dim", tl_buf_text(&text));
	tl_buf_release(&text);
}

/* One run: what it came to, its page, and its other files. One that was not is only named. */
static void run(struct index *index, const struct tl_suite_case *one)
{
	struct tl_markup *to = &index->to;
	struct tl_buf took = { 0 };

	tl_report_duration(&took, one->took_ns);
	tl_open(to, "tr");
	tl_element(to, "td", tone(one->result), tl_report_result(one->result));
	tl_open(to, "td");
	if (one->kept)
		tl_link(to, NULL, one->name, "%s/%s", one->name, page_file());
	else
		tl_isolated(to, one->name);
	tl_isolated_in(to, "div", NULL, one->title);
	needs(to, one->plan);
	tl_html_on_host(to, "div", tl_lead_command(TL_LIST(one->name)));
	if (one->reason)
		tl_element(to, "div", tone(one->result), one->reason);
	tl_close(to);
	tl_element(to, "td", "n", tl_buf_text(&took));
	files(index, one);
	tl_close(to);
	tl_buf_release(&took);
}

static void columns(struct tl_markup *to, const char *const *names)
{
	tl_open(to, "thead");
	tl_heads(to, names);
	tl_close(to);
	tl_open(to, "tbody");
}

static void runs(struct index *index)
{
	static const char *const names[] = { "Result", "Scenario", "Took", "Files", NULL };

	tl_open_class(&index->to, "section", "runs");
	tl_element(&index->to, "h2", NULL, "The runs");
	tl_open(&index->to, "table");
	columns(&index->to, names);
	for (size_t i = 0; i < index->suite->n; i++)
		run(index, &index->suite->cases[i]);
	tl_close(&index->to);
	tl_close(&index->to);
	tl_close(&index->to);
}

/* The same in words, for who cannot point. */
static void arc_row(struct index *index, const struct tl_arc *arc)
{
	const struct tl_suite_arc *it = shown(index, arc);
	struct tl_markup *to = &index->to;

	tl_open(to, "tr");
	tl_open(to, "td");
	tl_wordsf(to, "%s → %s", tl_state_figure(arc->from), tl_state_figure(arc->to));
	tl_elementf(to, "div", "dim", "%s: %s", arc->id, arc->event);
	tl_close(to);
	tl_element(to, "td", it->how ? "good" : "dim",
		   it->how ? tl_shown_name(it->how) : "not shown");
	tl_open(to, "td");
	if (it->how) {
		tl_link(to, NULL, it->scenario, "%s/%s#phase-%d", it->scenario, page_file(),
			it->phase + 1);
		tl_open_class(to, "div", "dim");
		tl_wordsf(to, "phase %d: ", it->phase + 1);
		tl_isolated(to, it->title);
		tl_close(to);
	}
	tl_close(to);
	tl_close(to);
}

static void list(struct index *index)
{
	static const char *const names[] = { "Arrow", "Shown", "Where to see it", NULL };
	size_t n;
	const struct tl_arc *arcs = tl_arcs(&n);

	tl_open_class(&index->to, "table", "arcs");
	columns(&index->to, names);
	for (size_t i = 0; i < n; i++)
		arc_row(index, &arcs[i]);
	tl_close(&index->to);
	tl_close(&index->to);
}

/* "23 of 41 arrows: 20 observed, 1 inferred, 2 absent", as far as there are any. */
static void count(struct index *index)
{
	static const enum tl_shown ways[] = { TL_SHOWN_OBSERVED, TL_SHOWN_FORCED,
					      TL_SHOWN_INFERRED, TL_SHOWN_ABSENT };
	size_t n, all = 0, of[TL_SHOWN_ABSENT + 1] = { 0 };
	const struct tl_arc *arcs = tl_arcs(&n);
	struct tl_buf text = { 0 };

	for (size_t i = 0; i < n; i++)
		of[shown(index, &arcs[i])->how]++;
	for (size_t k = 0; k < sizeof(ways) / sizeof(ways[0]); k++) {
		if (of[ways[k]])
			tl_buf_fmt(&text, "%s%zu %s", all ? ", " : ": ", of[ways[k]],
				   tl_shown_name(ways[k]));
		all += of[ways[k]];
	}
	tl_open(&index->to, "p");
	tl_wordsf(&index->to, "%zu of %zu arrows%s. ", all, n, tl_buf_text(&text));
	tl_element(&index->to, "span", "dim",
		   "Dark arrows were shown, dashed ones only inferred, and Linux does not "
		   "have the dotted ones. A cross is a way to CLOSED that the figure does "
		   "not draw. Each links to the run that shows it.");
	tl_close(&index->to);
	tl_buf_release(&text);
}

static void map(struct index *index)
{
	struct tl_markup *to = &index->to;

	tl_open(to, "section");
	tl_element(to, "h2", NULL, "What these runs have shown of RFC 9293's diagram");
	count(index);
	tl_diagram(to, &(struct tl_diagram){
		.label = "The states of a TCP connection and the arrows that the runs have "
			 "shown",
		.arc = arc_class,
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
	tl_open_class(&index->to, "div", "index");
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
	int ret;

	tl_raw(&index.to, "<!DOCTYPE html>\n");
	tl_open(&index.to, "html");
	tl_attr(&index.to, "lang", "en");
	head(&index, "TCP states, run by run");
	body(&index);
	ret = tl_markup_finish(&index.to, out, err);
	tl_markup_release(&index.to);
	return ret;
}
