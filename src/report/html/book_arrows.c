/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of a book: a page for each arrow, with the run that shows it best, and the list of all. */
#include "html.h"

#include "book_parts.h"

#include <string.h>

/* So many other runs are shown with their rows. */
#define MOST 3

/* The rows on either side, and what lay between. */
static void proof(struct tl_book_page *page, const struct tl_book_run *run, size_t a)
{
	const struct tl_book_place *place = &run->arcs[a];

	tl_open(&page->to, "p");
	tl_book_place(page, run, place->phase, place->step);
	tl_wordsf(&page->to, " (%s)", tl_shown_name(run->shown[a]));
	tl_close(&page->to);
	tl_open_class(&page->to, "dl", "looks");
	tl_book_lines(&page->to, "Before", &place->before);
	if (place->cause.len) {
		tl_element(&page->to, "dt", NULL, "Then");
		tl_isolated_in(&page->to, "dd", NULL, tl_buf_text(&place->cause));
	}
	tl_book_lines(&page->to, "After", &place->row);
	tl_close(&page->to);
}

static void others(struct tl_book_page *page, size_t a, const struct tl_book_run *best)
{
	const struct tl_book *book = page->book;
	size_t n = 0;

	for (size_t i = 0; i < book->n_runs; i++) {
		const struct tl_book_run *run = &book->runs[i];

		if (run == best || !run->shown[a])
			continue;
		if (!n++)
			tl_element(&page->to, "h2", NULL, "In other runs");
		if (n <= MOST) {
			proof(page, run, a);
			continue;
		}
		if (n == MOST + 1) {
			tl_open(&page->to, "p");
			tl_words(&page->to, "And: ");
		}
		tl_words(&page->to, n > MOST + 1 ? ", " : "");
		tl_book_place(page, run, -1, 0);
	}
	if (n > MOST)
		tl_close(&page->to);
}

static void evidence(struct tl_book_page *page, const struct tl_arc *arc, size_t a)
{
	const struct tl_book_run *best = tl_book_best(page->book, a);
	int phase;

	tl_element(&page->to, "h2", NULL, "Shown by this run");
	if (!best) {
		tl_element(&page->to, "p", NULL, arc->linux_has ? "No run of this book shows it." :
			   "No run of this book proves that Linux has no such way.");
		return;
	}
	proof(page, best, a);
	phase = best->arcs[a].phase;
	if (phase >= 0 && (size_t)phase < best->n_phases) {
		tl_element(&page->to, "h3", NULL, "What passed in that phase");
		tl_book_pre(&page->to, "ladder", &best->phases[phase].ladder);
		tl_book_pre(&page->to, NULL, &best->phases[phase].table);
	}
	others(page, a, best);
}

static void sentences(struct tl_book_page *page, const struct tl_arc *arc)
{
	tl_open_class(&page->to, "p", "gist");
	tl_book_link(page, tl_state_figure(arc->from), "state/%s.html", tl_state_name(arc->from));
	tl_words(&page->to, " → ");
	tl_book_link(page, tl_state_figure(arc->to), "state/%s.html", tl_state_name(arc->to));
	tl_wordsf(&page->to, ": %s%s%s", arc->event, arc->sends[0] ? ", sends " : "", arc->sends);
	tl_close(&page->to);
	tl_element(&page->to, "p", NULL, arc->how);
	if (arc->differs) {
		tl_open(&page->to, "p");
		tl_element(&page->to, "b", NULL, "On Linux: ");
		tl_words(&page->to, arc->differs);
		tl_close(&page->to);
	}
	tl_elementf(&page->to, "p", "dim", "RFC 9293 %s%s", arc->section,
		    arc->kind == TL_ARC_DRAWN ? ", an arrow of Figure 5" : "");
}

static void write(struct tl_book *book, const struct tl_arc *arc, size_t a)
{
	struct tl_book_page page = { .book = book };
	struct tl_buf title = { 0 }, also = { 0 };

	tl_buf_fmt(&title, "Arrow %s", arc->id);
	tl_buf_fmt(&also, "%s|%s->%s|%s to %s", arc->id, tl_state_figure(arc->from),
		   tl_state_figure(arc->to), tl_state_figure(arc->from), tl_state_figure(arc->to));
	tl_book_begin(&page, arc->kind == TL_ARC_DRAWN ? "An arrow of Figure 5" :
		      "A way beside Figure 5", tl_buf_text(&title), "arrow/%s.html", arc->id);
	title.len = 0;
	tl_buf_fmt(&title, "%s → %s", tl_state_figure(arc->from), tl_state_figure(arc->to));
	tl_book_found(book, tl_buf_text(&page.path), "arrow", tl_buf_text(&title),
		      tl_buf_text(&also), arc->event);
	sentences(&page, arc);
	evidence(&page, arc, a);
	tl_book_end(&page);
	tl_buf_release(&also);
	tl_buf_release(&title);
}

static void list_row(struct tl_book_page *page, const struct tl_arc *arc, size_t a)
{
	const struct tl_book_run *run = tl_book_best(page->book, a);

	tl_open(&page->to, "tr");
	tl_open(&page->to, "th");
	tl_attr(&page->to, "scope", "row");
	tl_book_link(page, arc->id, "arrow/%s.html", arc->id);
	tl_close(&page->to);
	tl_elementf(&page->to, "td", NULL, "%s → %s: %s", tl_state_figure(arc->from),
		    tl_state_figure(arc->to), arc->event);
	tl_element(&page->to, "td", run ? "good" : "dim",
		   run ? tl_shown_name(page->book->best[a].how) :
		   "not shown");
	tl_open(&page->to, "td");
	if (run)
		tl_book_place(page, run, run->arcs[a].phase, run->arcs[a].step);
	tl_close(&page->to);
	tl_close(&page->to);
}

static void list_arrows(struct tl_book_page *page)
{
	static const char *const columns[] = { "Arrow", "From and to", "Shown", "By which run", NULL };
	size_t n;
	const struct tl_arc *arcs = tl_arcs(&n);

	tl_open_class(&page->to, "table", "list");
	tl_open(&page->to, "thead");
	tl_heads(&page->to, columns);
	tl_close(&page->to);
	tl_open(&page->to, "tbody");
	for (size_t i = 0; i < n; i++)
		list_row(page, &arcs[i], i);
	tl_close(&page->to);
	tl_close(&page->to);
}

/* The states and the arrows on one page. */
static void list(struct tl_book *book)
{
	struct tl_book_page page = { .book = book };

	tl_book_begin(&page, NULL, "States and arrows", "states.html");
	tl_element(&page.to, "h2", NULL, "The eleven states");
	tl_open_class(&page.to, "dl", "names");
	for (enum tl_state i = 1; i < TL_STATE_MAX; i++) {
		tl_open(&page.to, "dt");
		tl_book_link(&page, tl_state_figure(i), "state/%s.html", tl_state_name(i));
		tl_close(&page.to);
		tl_element(&page.to, "dd", NULL, tl_state_info(i)->meaning);
	}
	tl_close(&page.to);
	tl_element(&page.to, "h2", NULL, "The arrows between them");
	tl_element(&page.to, "p", NULL,
		   "Observed: a run shows both states and what led from the first to the "
		   "second. Inferred: a socket must have come this way, but a state or the "
		   "cause was not seen. Forced: the scenario itself ended the socket. Absent: a "
		   "run proves that Linux has no such way.");
	list_arrows(&page);
	tl_book_end(&page);
}

void tl_book_arrows(struct tl_book *book)
{
	size_t n;
	const struct tl_arc *arcs = tl_arcs(&n);

	for (size_t i = 0; i < n; i++)
		write(book, &arcs[i], i);
	list(book);
}
