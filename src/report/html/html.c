/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * One file with everything in it, for a reader who opens it years later from a mail. All
 * that there is to read is markup, so it reads without scripts: the whole sequence diagram,
 * the figure with the arcs walked, and for each step a section with what changed and the
 * table. The script (page.js) only shows one of these sections at a time, lights the figure as
 * the section says, and moves from one to the next; behind it words.js tells what a word means.
 *
 * Nothing of a trace is ever script, style or address: it is text that markup.c has escaped.
 * Should that fail, the page's Content-Security-Policy still runs nothing but the script
 * and applies nothing but the style sheet of just these bytes, and loads nothing at all.
 */
#include "html.h"

#include <errno.h>
#include <stdlib.h>

#include "html_assets.h"
#include "../render.h"
#include "../words.h"

/* A page of a book shares both with the others, which lie beside it. */
static void style_sheet(struct tl_html *page)
{
	if (page->book) {
		tl_html_shared(&page->to, page->book);
		return;
	}
	tl_policy(&page->to, tl_html_assets.css_hash, tl_html_assets.js_hash);
	tl_open(&page->to, "style");
	tl_raw(&page->to, tl_html_assets.css);
	tl_close(&page->to);
}

static void script_of_book(struct tl_html *page, const char *name)
{
	tl_open(&page->to, "script");
	tl_attrf(&page->to, "src", "%s%s", page->book, name);
	tl_close(&page->to);
}

static void script(struct tl_html *page)
{
	if (page->book) {
		script_of_book(page, TL_HTML_PARTS);
		script_of_book(page, TL_HTML_JS);
		return;
	}
	tl_open(&page->to, "script");
	tl_raw(&page->to, tl_html_assets.js);
	tl_close(&page->to);
}

static void head(struct tl_html *page)
{
	struct tl_markup *to = &page->to;

	tl_head(to);
	tl_meta(to, "generator", "tcplab " TCPLAB_VERSION); /* by which the lab knows it again */
	style_sheet(page);
	tl_meta(to, "viewport", "width=device-width, initial-scale=1");
	tl_meta(to, "color-scheme", "light dark");
	tl_elementf(to, "title", NULL, "%s: %s",
		    tl_report_result(page->report->verdict->result), page->report->plan->title);
	tl_close(to);
}

/* What a reader must know before believing the rest. */
static void caveats(struct tl_html *page)
{
	static void (*const say[])(struct tl_buf *, const struct tl_report *) = {
		tl_report_unsafe, tl_report_untapped, tl_report_gaps, tl_report_held,
	};

	for (size_t i = 0; i < sizeof(say) / sizeof(say[0]); i++) {
		struct tl_buf text = { 0 };

		say[i](&text, page->report);
		if (text.len)
			tl_element(&page->to, "p", "caveat", tl_buf_text(&text));
		tl_buf_release(&text);
	}
	if (tl_report_is_mock(page->report))
		tl_element(&page->to, "p", "caveat", TL_REPORT_MOCK);
}

void tl_html_on_host(struct tl_markup *to, const char *element, const char *command)
{
	if (!command || !*command)
		return;
	tl_open_class(to, element, "dim");
	tl_words(to, "On your own host: ");
	tl_elementf(to, "code", NULL, "tcplab %s", command);
	tl_close(to);
}

static void verdict(struct tl_html *page)
{
	const struct tl_report *report = page->report;
	struct tl_markup *to = &page->to;
	struct tl_buf words = { 0 }, environment = { 0 }, command = { 0 };

	tl_report_verdict(&words, report);
	tl_report_environment(&environment, report);
	tl_open(to, "header");
	tl_open(to, "div");
	tl_open(to, "p");
	tl_attrf(to, "class", "verdict %s", tl_result_name(report->verdict->result));
	tl_element(to, "b", NULL, tl_report_result(report->verdict->result));
	tl_words(to, " ");
	tl_isolated(to, tl_buf_text(&words));
	tl_close(to);
	tl_isolated_in(to, "h1", NULL, report->plan->title);
	tl_close(to);
	tl_open_class(to, "div", "about");
	tl_html_prose(page, NULL, report->plan->about);
	tl_open_class(to, "p", "dim");
	tl_isolated(to, report->plan->name);
	tl_words(to, " · ");
	tl_isolated(to, tl_buf_text(&environment));
	tl_close(to);
	tl_report_ask(&command, report);
	tl_html_on_host(to, "p", tl_buf_text(&command));
	caveats(page);
	tl_close(to);
	tl_close(to);
	tl_buf_release(&environment);
	tl_buf_release(&command);
	tl_buf_release(&words);
}

static void phase(struct tl_html *page, size_t i)
{
	enum tl_outcome outcome = page->report->verdict->phases[i].outcome;
	struct tl_markup *to = &page->to;
	size_t first = 0, n = 0; /* of its steps, from 1 */

	for (size_t k = 0; k < page->moments.n; k++)
		if (page->moments.v[k].phase == (int)i && !n++)
			first = k + 1;
	tl_open(to, "li");
	tl_attrf(to, "id", "phase-%zu", i + 1);
	tl_attrf(to, "data-steps", "%zu", n);
	tl_attrf(to, "data-look", "%zu", tl_html_look(page, (int)i));
	tl_open(to, first ? "a" : "span");
	if (first)
		tl_attrf(to, "href", "#step-%zu", first);
	tl_attrf(to, "class", "phase-link %s", outcome == TL_OUTCOME_NOT_REACHED ?
		 "not-reached" : tl_outcome_name(outcome));
	tl_attr(to, "title", page->report->plan->phases[i].title);
	tl_wordsf(to, "%zu ", i + 1);
	tl_isolated(to, page->report->plan->phases[i].title);
	tl_words(to, " ");
	tl_element(to, "span", "outcome", tl_report_outcome(outcome));
	tl_close(to);
	tl_close(to);
}

static void timeline(struct tl_html *page)
{
	tl_open_class(&page->to, "nav", "timeline");
	tl_attr(&page->to, "aria-label", "Phases");
	tl_open(&page->to, "ol");
	for (size_t i = 0; i < page->report->plan->n_phases; i++)
		phase(page, i);
	tl_close(&page->to);
	if (page->moments.n)
		tl_html_part(page, TL_PART_PLAYER);
	tl_close(&page->to);
}

/* The figure, and what its colours say. */
static void states(struct tl_html *page)
{
	static const char *const colours[][2] = {
		{ "taken", "just taken" }, { "walked", "walked so far" }, { "now", "a state now" },
	};

	tl_html_part(page, TL_PART_FIGURE);
	tl_open_class(&page->to, "p", "key");
	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
		tl_element(&page->to, "span", colours[i][0], colours[i][1]);
	tl_close(&page->to);
}

static void view(struct tl_html *page, const char *class, const char *title,
		 void (*write)(struct tl_html *page))
{
	tl_open(&page->to, "section");
	tl_attrf(&page->to, "class", "view %s", class);
	tl_attrf(&page->to, "aria-label", "%s", title);
	tl_element(&page->to, "h2", NULL, title);
	write(page);
	tl_close(&page->to);
}

static void to_book(struct tl_html *page)
{
	tl_open_class(&page->to, "nav", "to-book");
	tl_attr(&page->to, "aria-label", "The book");
	tl_link(&page->to, NULL, "TCP states", "%sindex.html", page->book);
	tl_words(&page->to, " › ");
	tl_link(&page->to, NULL, "Runs", "%sruns.html", page->book);
	tl_close(&page->to);
}

static void body(struct tl_html *page)
{
	struct tl_markup *to = &page->to;

	tl_open(to, "body");
	if (page->book)
		to_book(page);
	verdict(page);
	tl_open(to, "main");
	timeline(page);
	if (page->moments.n) {
		tl_html_part(page, TL_PART_ASK);
		tl_open_class(to, "div", "stage");
		view(page, "sequence", "What passed", tl_html_sequence);
		view(page, "states", "Where each end is", states);
		view(page, "table", "What the table shows", tl_html_steps);
		tl_close(to);
	}
	tl_open_class(to, "div", "below");
	tl_html_beside(page);
	tl_html_claims(page);
	tl_html_lives(page);
	tl_html_lanes(page);
	tl_html_part(page, TL_PART_WORDS);
	tl_close(to);
	tl_close(to);
	tl_html_part(page, TL_PART_CARD);
	script(page);
	tl_close(to);
}

int tl_html_prepare(struct tl_html *page, struct tl_err *err)
{
	int rc = tl_moments_init(&page->moments, page->report, err);

	if (!rc)
		rc = tl_stage_init(&page->stage, &page->moments, err);
	if (!rc)
		rc = tl_world_init(&page->world, &page->moments, err);
	if (!rc && page->book) {
		page->placed = calloc(page->moments.n_sockets + 1, sizeof(*page->placed));
		rc = page->placed ? 0 : tl_err_set(err, ENOMEM, "no memory for the tables");
	}
	return rc;
}

void tl_html_release(struct tl_html *page)
{
	free(page->placed);
	tl_world_release(&page->world);
	tl_stage_release(&page->stage);
	tl_moments_release(&page->moments);
	tl_markup_release(&page->to);
}

int tl_html_write(struct tl_html *page, struct tl_buf *out, struct tl_err *err)
{
	page->to.sparse = page->book;
	tl_raw(&page->to, "<!DOCTYPE html>\n");
	tl_open(&page->to, "html");
	tl_attr(&page->to, "lang", "en");
	head(page);
	body(page);
	tl_close(&page->to);
	page->to.failed |= page->world.failed;
	return tl_markup_finish(&page->to, out, err);
}

int tl_report_html(const struct tl_report *report, const struct tl_report_style *style,
		   struct tl_buf *out, struct tl_err *err)
{
	struct tl_html page = { .report = report, .book = style->book,
				.others = style->others, .n_others = style->n_others };
	int rc = tl_html_prepare(&page, err);

	if (!rc)
		rc = tl_html_write(&page, out, err);
	tl_html_release(&page);
	return rc;
}
