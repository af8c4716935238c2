/* SPDX-License-Identifier: GPL-2.0-or-later */
/* At a terminal: the claims in a line each, and the tables once more, so that they stay in sight. */
#include "text_report.h"

#include <string.h>

#include "tcplab/text.h"

/* So many rows of one table, of those that stay in sight. */
#define MOST_ROWS 6

/* What a tick, the longest ruling and its mark take. */
#define RULING_COLUMNS 10

/* As much of a sentence as the line has room for. */
static void cut(struct tl_page *page, const char *text, int room)
{
	struct tl_buf line = { 0 }, fits = { 0 };
	size_t n;

	tl_text_line(&line, text);
	n = tl_text_fitting(tl_buf_text(&line), line.len, room);
	if (n < line.len)
		n = tl_text_words(tl_buf_text(&line), line.len, room - 4);
	tl_buf_add(&fits, tl_buf_text(&line), n);
	if (n < line.len)
		tl_buf_str(&fits, " ...");
	tl_page_put(page, TL_INK_PLAIN, tl_buf_text(&fits));
	page->out->failed |= line.failed || fits.failed;
	tl_buf_release(&fits);
	tl_buf_release(&line);
}

/* The columns that the longest name of a claim takes in its brackets. */
static int columns_of_names(const struct tl_plan *plan)
{
	int most = 0;

	for (size_t i = 0; i < plan->n_claims; i++) {
		struct tl_buf id = { 0 };

		tl_buf_fmt(&id, " [%s]", plan->claims[i].id);
		if (tl_buf_columns(&id) > most)
			most = tl_buf_columns(&id);
		tl_buf_release(&id);
	}
	return most;
}

bool tl_text_claim_line(struct tl_text *text, size_t i)
{
	const struct tl_claim *claim = &text->report->plan->claims[i];
	enum tl_ink ink = claim->finding == TL_FINDING_HOLDS ? TL_INK_GOOD : TL_INK_CHANGE;
	struct tl_page *page = &text->page;
	bool star = tl_claim_lacks(claim);
	int at = page->width - RULING_COLUMNS - columns_of_names(text->report->plan);
	struct tl_buf id = { 0 };

	tl_buf_fmt(&id, " [%s]", claim->id);
	cut(page, claim->says, at - 2);
	tl_page_to(page, at);
	tl_page_put(page, TL_INK_GOOD, "✓ ");
	tl_page_put(page, ink, tl_finding_name(claim->finding));
	tl_page_put(page, ink, star ? "*" : "");
	tl_page_put(page, TL_INK_DIM, tl_buf_text(&id));
	tl_page_end(page);
	tl_buf_release(&id);
	return star;
}

static void rows(struct tl_text *text, const struct tl_event *look)
{
	struct tl_page *page = &text->page;
	size_t n = look->snapshot.n;

	for (size_t i = 0; i < n && i < MOST_ROWS; i++) {
		struct tl_buf row = { 0 };

		tl_report_netstat_row(&look->snapshot.rows[i].sock, &row);
		tl_page_put(page, TL_INK_PLAIN, tl_buf_text(&row));
		tl_page_end(page);
		tl_buf_release(&row);
	}
	tl_text_more(text, n, MOST_ROWS, "row");
	if (!n) {
		tl_page_put(page, TL_INK_DIM, "no row");
		tl_page_end(page);
	}
}

/* The lines that a phase takes here: its title, and its rows. */
static size_t lines_of(const struct tl_phase_verdict *phase)
{
	size_t n = phase->look ? phase->look->snapshot.n : 0;

	return !phase->look ? 0 : 1 + (n > MOST_ROWS ? MOST_ROWS + 1 : n ? n : 1);
}

void tl_text_recap(struct tl_text *text, size_t most)
{
	const struct tl_verdict *verdict = text->report->verdict;
	struct tl_page *page = &text->page;
	size_t first = verdict->n_phases, lines = 0;

	while (first && lines + lines_of(&verdict->phases[first - 1]) <= most)
		lines += lines_of(&verdict->phases[--first]);
	if (!lines)
		return;
	tl_page_put(page, TL_INK_DIM, tl_report_netstat_head());
	tl_page_end(page);
	for (size_t i = first; i < verdict->n_phases; i++) {
		struct tl_buf number = { 0 };

		if (!verdict->phases[i].look)
			continue;
		tl_buf_fmt(&number, "%zu ", i + 1);
		tl_page_put(page, TL_INK_BOLD, tl_buf_text(&number));
		cut(page, text->report->plan->phases[i].title, page->width - page->col);
		tl_page_end(page);
		rows(text, verdict->phases[i].look);
		tl_buf_release(&number);
	}
	tl_page_gap(page);
}
