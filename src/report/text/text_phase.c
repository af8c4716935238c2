/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A phase on the terminal: its steps, its segments, its table. */
#include "../ladder.h"
#include "text_report.h"

#include <string.h>

#include "tcplab/text.h"

/* Where the remarks below a row stand: under netstat's own columns. */
#define OWNER_BELOW   20
#define MEANING_BELOW 44

#define ROW_COLUMNS   79 /* the longest row netstat prints ends with ESTABLISHED */
#define MEANING_LEAST 32 /* what a meaning, wrapped, needs beside a row */

static int larger(int a, int b)
{
	return a > b ? a : b;
}

/* The widest change, owner and meaning among the rows of one phase. */
static void measure(const struct tl_report *report, size_t phase, int *change, int *owner,
		    int *meaning)
{
	const struct tl_phase_verdict *verdict = &report->verdict->phases[phase];
	struct tl_buf buf = { 0 };

	for (size_t i = 0; verdict->look && i < verdict->look->snapshot.n; i++) {
		const struct tl_row *row = &verdict->look->snapshot.rows[i];

		buf.len = 0;
		tl_report_change(&buf, verdict->rows[i].change != TL_CHANGE_SAME,
				 verdict->rows[i].was);
		*change = larger(*change, tl_buf_columns(&buf));
		buf.len = 0;
		tl_report_owner(&buf, report->plan, row->owner, row->peer, &row->sock.remote);
		*owner = larger(*owner, tl_buf_columns(&buf));
		*meaning = larger(*meaning,
				  (int)strlen(tl_report_meaning(report, verdict->look, row)));
	}
	tl_buf_release(&buf);
}

void tl_text_layout(struct tl_text *text)
{
	int change = 0, owner = 0, meaning = 0;
	bool own;

	for (size_t i = 0; i < text->report->verdict->n_phases; i++)
		measure(text->report, i, &change, &owner, &meaning);
	if (meaning > MEANING_LEAST)
		meaning = MEANING_LEAST;
	text->beside = ROW_COLUMNS + 2 + change + 2 + owner + 2 + meaning <= text->width;
	text->change = text->beside ? ROW_COLUMNS + 2 : 0;
	/* where the rows themselves are broken, there are no columns of theirs to keep to */
	own = text->beside || text->width < ROW_COLUMNS;
	text->owner = own ? text->change + change + 2 : OWNER_BELOW;
	text->meaning = own ? text->owner + owner + 2 : MEANING_BELOW;
}

static void heading(struct tl_text *text, size_t phase)
{
	static const struct tl_sign signs[] = {
		[TL_OUTCOME_MET] = { "✓ ", TL_INK_GOOD },
		[TL_OUTCOME_UNMET] = { "✗ ", TL_INK_BAD },
		[TL_OUTCOME_SHOWN] = { "- ", TL_INK_DIM },
		[TL_OUTCOME_UNFINISHED] = { "✗ ", TL_INK_BAD },
		[TL_OUTCOME_NOT_REACHED] = { "- ", TL_INK_DIM },
	};
	enum tl_outcome outcome = text->report->verdict->phases[phase].outcome;
	struct tl_page *page = &text->page;
	struct tl_buf buf = { 0 };
	int width = page->width, words;

	tl_buf_fmt(&buf, "%-*zu", TL_TEXT_INDENT, phase + 1);
	tl_page_put(page, TL_INK_BOLD, tl_buf_text(&buf));
	buf.len = 0;
	tl_buf_fmt(&buf, "%s%s", signs[outcome].text, tl_report_outcome(outcome));
	words = tl_buf_columns(&buf);

	page->indent = TL_TEXT_INDENT;
	page->width = width - words - 2;
	tl_page_flow(page, TL_INK_BOLD, text->report->plan->phases[phase].title);
	page->width = width;
	tl_page_to(page, width - words);
	tl_page_put(page, signs[outcome].ink, tl_buf_text(&buf));
	tl_page_end(page);
	tl_buf_release(&buf);
}

static void steps(struct tl_text *text, size_t phase)
{
	struct tl_buf buf = { 0 };

	tl_report_steps(&buf, &text->report->plan->phases[phase]);
	tl_page_line(&text->page, TL_INK_DIM, tl_buf_text(&buf));
	tl_buf_release(&buf);
}

static void wire(struct tl_text *text, size_t phase)
{
	struct tl_page *page = &text->page;
	struct tl_buf lossy = { 0 };

	tl_ladder(page, text->report, &text->story, phase, text->width);
	tl_report_lossy(&lossy, text->report, phase);
	if (lossy.len) {
		tl_page_gap(page);
		tl_page_line(page, TL_INK_BAD, tl_buf_text(&lossy));
	}
	tl_buf_release(&lossy);
}

/* netstat's bytes; the state, which ends them, has an ink of its own. */
static void netstat_row(struct tl_page *page, const struct tl_sock *sock)
{
	struct tl_buf ends = { 0 };

	tl_report_netstat_ends(sock, &ends);
	tl_page_put(page, TL_INK_PLAIN, tl_buf_text(&ends));
	tl_page_put(page, TL_INK_STATE, tl_state_name(sock->state));
	tl_buf_release(&ends);
}

/* The three remarks on a row, in their columns. */
static void remarks(struct tl_text *text, const char *change, const char *owner,
		    const char *meaning)
{
	struct tl_page *page = &text->page;
	int width = page->width;

	page->width = text->beside ? text->width : width;
	tl_page_to(page, text->change);
	tl_page_put(page, TL_INK_CHANGE, change);
	tl_page_to(page, text->owner);
	tl_page_put(page, TL_INK_PLAIN, owner);
	tl_page_put(page, TL_INK_PLAIN, "  ");
	tl_page_to(page, text->meaning);
	page->indent = text->meaning;
	tl_page_line(page, TL_INK_DIM, meaning);
	page->indent = TL_TEXT_INDENT;
	page->width = width;
}

static void row(struct tl_text *text, size_t phase, size_t i)
{
	const struct tl_phase_verdict *verdict = &text->report->verdict->phases[phase];
	const struct tl_row *it = &verdict->look->snapshot.rows[i];
	struct tl_buf change = { 0 }, owner = { 0 }, meaning = { 0 };

	netstat_row(&text->page, &it->sock);
	if (!text->beside)
		tl_page_end(&text->page);
	tl_report_change(&change, verdict->rows[i].change != TL_CHANGE_SAME, verdict->rows[i].was);
	tl_report_owner(&owner, text->report->plan, it->owner, it->peer, &it->sock.remote);
	tl_report_row_meaning(&meaning, text->report, verdict->look, it);
	remarks(text, tl_buf_text(&change), tl_buf_text(&owner), tl_buf_text(&meaning));
	tl_buf_release(&meaning);
	tl_buf_release(&owner);
	tl_buf_release(&change);
}

static void gone(struct tl_text *text, const struct tl_event *look, const struct tl_row *was)
{
	struct tl_buf owner = { 0 }, meaning = { 0 };

	tl_report_owner(&owner, text->report->plan, was->owner, was->peer, &was->sock.remote);
	tl_report_gone(&meaning, text->report, look, &was->sock, was->sock.state);
	remarks(text, "gone", tl_buf_text(&owner), tl_buf_text(&meaning));
	tl_buf_release(&meaning);
	tl_buf_release(&owner);
}

static void table(struct tl_text *text, size_t phase)
{
	const struct tl_phase_verdict *verdict = &text->report->verdict->phases[phase];
	struct tl_page *page = &text->page;

	tl_page_gap(page);
	tl_page_put(page, TL_INK_DIM, tl_report_netstat_head());
	tl_page_end(page);
	for (size_t i = 0; i < verdict->look->snapshot.n && i < TL_REPORT_ROWS; i++)
		row(text, phase, i);
	tl_text_more(text, verdict->look->snapshot.n, TL_REPORT_ROWS, "row");
	for (size_t i = 0; i < verdict->n_gone && i < TL_REPORT_ROWS; i++)
		gone(text, verdict->look, &verdict->gone[i]);
	tl_text_more(text, verdict->n_gone, TL_REPORT_ROWS, "gone row");
	if (!verdict->look->snapshot.n)
		tl_page_flow(page, TL_INK_DIM, "The table has no row.");
}

void tl_text_phase(struct tl_text *text, size_t phase)
{
	const struct tl_phase_verdict *verdict = &text->report->verdict->phases[phase];
	const char *note = text->report->plan->phases[phase].note;
	struct tl_page *page = &text->page;

	heading(text, phase);
	if (verdict->outcome != TL_OUTCOME_NOT_REACHED) {
		steps(text, phase);
		wire(text, phase);
		if (verdict->look)
			table(text, phase);
		if (note && verdict->look) {
			tl_page_gap(page);
			tl_page_paragraphs(page, TL_INK_PLAIN, note);
		}
		tl_text_trouble(text, phase);
	}
	tl_page_gap(page);
	page->indent = 0;
}
