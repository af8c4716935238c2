/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of a book: the list of its runs, and pages of two of them side by side. */
#include "html.h"

#include "book_parts.h"

#include <string.h>

#include "../words.h"

/* Two runs that differ in one thing, and the question that this answers. */
static const struct pair {
	const char *file, *title, *question, *runs[2];
} pairs[] = {
	{ "who-closes-first", "Who closes first?",
	  "The same connection is closed by the replica, and by the master. TIME_WAIT stays "
	  "with the end that closes first, client or server.",
	  { "redis/walkthrough", "redis/master-stops-first" } },
	{ "three-or-four", "Three segments or four?",
	  "A program that closes at once answers a FIN with FIN and ACK in one segment, and "
	  "FIN_WAIT2 is never entered. By the book there are two.",
	  { "redis/close-in-three", "rfc9293/four-way-close" } },
	{ "first-or-both", "One end first, or both at once?",
	  "Where the two FINs cross, both ends go by CLOSING, and both end in TIME_WAIT.",
	  { "rfc9293/four-way-close", "rfc9293/simultaneous-close" } },
	{ "a-fin-is-lost", "What if the FIN is lost?",
	  "A FIN arrives, and one does not: the kernel sends it again, with no process left.",
	  { "redis/close-in-three", "redis/fin-lost" } },
	{ "refused-or-silent", "Refused, or silence?",
	  "A host that answers with a RST says no at once. One that says nothing costs minutes.",
	  { "rfc9293/connection-refused", "rfc9293/syn-times-out" } },
};

#define N_PAIRS (sizeof(pairs) / sizeof(pairs[0]))

/* Phase by phase, so that those of one number stand side by side. */
static void beside(struct tl_book_page *page, const struct tl_book_run *const runs[2])
{
	size_t n = runs[0]->n_phases > runs[1]->n_phases ? runs[0]->n_phases : runs[1]->n_phases;

	tl_open_class(&page->to, "div", "two");
	for (int k = 0; k < 2; k++) {
		tl_open(&page->to, "h2");
		tl_book_link(page, tl_buf_text(&runs[k]->title), "run/%s.html",
			     tl_buf_text(&runs[k]->slug));
		tl_close(&page->to);
	}
	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < 2; k++) {
			tl_open(&page->to, "section");
			if (i < runs[k]->n_phases)
				tl_book_phase(page, runs[k], i);
			tl_close(&page->to);
		}
	tl_close(&page->to);
}

static bool find(const struct tl_book *book, const struct pair *pair,
		 const struct tl_book_run *runs[2])
{
	for (int k = 0; k < 2; k++)
		runs[k] = tl_book_find_run(book, pair->runs[k]);
	return runs[0] && runs[1];
}

/* The page of either run leads here, so it is there even if the book lacks the other. */
static void lacks(struct tl_book_page *page, const struct pair *pair)
{
	tl_element(&page->to, "p", NULL, "This book was made without one of these runs.");
	tl_elementf(&page->to, "pre", NULL, "tcplab run %s %s", pair->runs[0], pair->runs[1]);
}

void tl_book_pairs(struct tl_book *book)
{
	for (size_t i = 0; i < N_PAIRS; i++) {
		struct tl_book_page page = { .book = book };
		const struct tl_book_run *runs[2];
		bool both = find(book, &pairs[i], runs);

		if (!runs[0] && !runs[1])
			continue;
		tl_book_begin(&page, "Two runs side by side", pairs[i].title, "two/%s.html",
			      pairs[i].file);
		if (both)
			tl_book_found(book, tl_buf_text(&page.path), "two runs", pairs[i].title, "",
				      pairs[i].question);
		tl_element(&page.to, "p", "gist", pairs[i].question);
		if (both)
			beside(&page, runs);
		else
			lacks(&page, &pairs[i]);
		tl_book_end(&page);
	}
}

const char *tl_report_other(const char *name, size_t i)
{
	for (size_t k = 0; k < N_PAIRS; k++)
		for (int side = 0; side < 2; side++)
			if (tl_book_is_run(name, pairs[k].runs[side]) && !i--)
				return pairs[k].runs[!side];
	return NULL;
}

/* One of two runs that stand side by side: who is in which states. */
static void one_beside(struct tl_html *page, const struct tl_report *of)
{
	const struct tl_report *mine = page->report;

	tl_open(&page->to, "div");
	tl_open(&page->to, "h3");
	tl_isolated(&page->to, of->plan->name);
	tl_words(&page->to, of == mine ? " (this run)" : "");
	tl_close(&page->to);
	page->report = of;
	tl_html_life_table(page);
	page->report = mine;
	tl_close(&page->to);
}

static bool has_beside(struct tl_html *page, const struct pair *pair, const char *other)
{
	const struct tl_report *it = NULL;

	for (size_t i = 0; i < page->n_others; i++)
		if (!strcmp(page->others[i].plan->name, other))
			it = &page->others[i];
	if (!it)
		return false;
	tl_open_class(&page->to, "section", "beside-it");
	tl_element(&page->to, "h2", NULL, pair->title);
	tl_element(&page->to, "p", NULL, pair->question);
	tl_open_class(&page->to, "div", "two");
	for (int side = 0; side < 2; side++)
		one_beside(page, pair->runs[side] == other ? it : page->report);
	tl_close(&page->to);
	tl_close(&page->to);
	return true;
}

void tl_html_beside(struct tl_html *page)
{
	const char *name = page->report->plan->name;
	struct tl_markup *to = &page->to;

	for (size_t i = 0; i < N_PAIRS; i++) {
		const char *const *runs = pairs[i].runs;
		const char *other = tl_book_is_run(name, runs[0]) ? runs[1] :
				    tl_book_is_run(name, runs[1]) ? runs[0] : NULL;

		if (!other || has_beside(page, &pairs[i], other))
			continue;
		tl_open_class(to, "p", "beside");
		if (page->book) {
			tl_wordsf(to, "Side by side with %s: ", other);
			tl_link(to, NULL, pairs[i].title, "%stwo/%s.html",
				page->book, pairs[i].file);
		} else {
			tl_wordsf(to, "%s To see both side by side: ", pairs[i].title);
			tl_elementf(to, "code", NULL, "tcplab run %s %s", runs[0], runs[1]);
		}
		tl_close(to);
	}
}

static void list_pairs(struct tl_book_page *page)
{
	const struct tl_book_run *runs[2];
	size_t n = 0;

	for (size_t i = 0; i < N_PAIRS; i++) {
		if (!find(page->book, &pairs[i], runs))
			continue;
		if (!n++) {
			tl_element(&page->to, "h2", NULL, "Two runs side by side");
			tl_open_class(&page->to, "dl", "names wide-names");
		}
		tl_open(&page->to, "dt");
		tl_book_link(page, pairs[i].title, "two/%s.html", pairs[i].file);
		tl_close(&page->to);
		tl_element(&page->to, "dd", NULL, pairs[i].question);
	}
	if (n)
		tl_close(&page->to);
}

static void row(struct tl_book_page *page, const struct tl_book_run *run)
{
	bool passed = run->result == TL_RESULT_PASSED;
	struct tl_buf took = { 0 };

	tl_report_duration(&took, run->took_ns);
	tl_open(&page->to, "tr");
	tl_open(&page->to, "th");
	tl_attr(&page->to, "scope", "row");
	tl_book_place(page, run, -1, 0);
	tl_close(&page->to);
	tl_open(&page->to, "td");
	tl_isolated(&page->to, tl_buf_text(&run->title));
	if (run->reason.len)
		tl_element(&page->to, "div", "bad", tl_buf_text(&run->reason));
	tl_close(&page->to);
	tl_element(&page->to, "td", passed ? "good" : "bad", tl_report_result(run->result));
	tl_element(&page->to, "td", "n", tl_buf_text(&took));
	tl_close(&page->to);
	tl_buf_release(&took);
}

static void heading(struct tl_book_page *page, const char *name, size_t len)
{
	tl_elementf(&page->to, "h2", NULL, "%.*s", (int)len, name);
	tl_open_class(&page->to, "table", "list");
	tl_open(&page->to, "tbody");
}

void tl_book_runs(struct tl_book *book)
{
	struct tl_book_page page = { .book = book };
	size_t len = 0;

	tl_book_begin(&page, NULL, "Runs", "runs.html");
	list_pairs(&page);
	for (size_t i = 0; i < book->n_runs; i++) {
		const char *name = tl_buf_text(&book->runs[i].name);
		struct tl_buf path = { 0 };

		if (!i || strncmp(name, tl_buf_text(&book->runs[i - 1].name), len + 1)) {
			if (i) {
				tl_close(&page.to);
				tl_close(&page.to);
			}
			len = strcspn(name, "/");
			heading(&page, name, len);
		}
		row(&page, &book->runs[i]);
		tl_buf_fmt(&path, "run/%s.html", tl_buf_text(&book->runs[i].slug));
		tl_book_found(book, tl_buf_text(&path), "run", name, "",
			      tl_buf_text(&book->runs[i].title));
		tl_buf_release(&path);
	}
	tl_book_end(&page);
}
