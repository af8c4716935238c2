/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of a book: a page for each complaint of the field: what you see, why, what to do, and proof. */
#include "html.h"

#include "book_parts.h"

static bool is_complaint(const struct tl_book_run *run)
{
	return run->complaint[TL_COMPLAINT_SEES].len;
}

static void parts(struct tl_book_page *page, const struct tl_book_run *run)
{
	for (size_t i = 0; i < TL_N_COMPLAINT_PARTS; i++) {
		if (!run->complaint[i].len)
			continue;
		tl_element(&page->to, "h2", NULL, tl_complaint_head(i));
		tl_paragraphs(&page->to, "said", tl_buf_text(&run->complaint[i]));
	}
}

static void claims(struct tl_book_page *page, const struct tl_book_run *run)
{
	if (!run->n_claims)
		return;
	tl_element(&page->to, "h2", NULL, "What people say about it");
	tl_open(&page->to, "ul");
	for (size_t i = 0; i < run->n_claims; i++) {
		const struct tl_book_claim *claim = &run->claims[i];

		tl_open(&page->to, "li");
		tl_book_link(page, tl_buf_text(&claim->says), "claim/%s.html",
			     tl_buf_text(&claim->slug));
		tl_wordsf(&page->to, " (%s)", tl_buf_text(&claim->ruling));
		tl_close(&page->to);
	}
	tl_close(&page->to);
}

static void write(struct tl_book *book, const struct tl_book_run *run)
{
	struct tl_book_page page = { .book = book };

	tl_book_begin(&page, "A complaint", tl_buf_text(&run->title), "complaint/%s.html",
		      tl_buf_text(&run->slug));
	tl_book_found(book, tl_buf_text(&page.path), "complaint", tl_buf_text(&run->title),
		      tl_buf_text(&run->name), tl_buf_text(&run->complaint[TL_COMPLAINT_SEES]));
	parts(&page, run);
	tl_element(&page.to, "h2", NULL, "Seen in this run");
	tl_open(&page.to, "p");
	tl_book_place(&page, run, -1, 0);
	tl_wordsf(&page.to, ", with %s. By hand: ", tl_buf_text(&run->environment));
	tl_elementf(&page.to, "code", NULL, "tcplab step %s", tl_buf_text(&run->name));
	tl_close(&page.to);
	if (run->reason.len)
		tl_element(&page.to, "p", "bad", tl_buf_text(&run->reason));
	for (size_t i = 0; i < run->n_phases; i++) {
		tl_book_phase(&page, run, i);
		tl_paragraphs(&page.to, "note", tl_buf_text(&run->phases[i].note));
	}
	claims(&page, run);
	tl_book_end(&page);
}

static void list(struct tl_book *book)
{
	struct tl_book_page page = { .book = book };

	tl_book_begin(&page, NULL, "Complaints", "complaints.html");
	tl_element(&page.to, "p", NULL, "What goes wrong in the field, each out of an issue "
					"tracker, made again by a run: what you see, why, and "
					"what to do.");
	tl_open_class(&page.to, "dl", "names wide-names");
	for (size_t i = 0; i < book->n_runs; i++) {
		const struct tl_book_run *run = &book->runs[i];

		if (!is_complaint(run))
			continue;
		tl_open(&page.to, "dt");
		tl_book_link(&page, tl_buf_text(&run->title), "complaint/%s.html",
			     tl_buf_text(&run->slug));
		tl_close(&page.to);
		tl_isolated_in(&page.to, "dd", "said",
			       tl_buf_text(&run->complaint[TL_COMPLAINT_SEES]));
	}
	tl_close(&page.to);
	tl_book_end(&page);
}

void tl_book_complaints(struct tl_book *book)
{
	for (size_t i = 0; i < book->n_runs; i++)
		if (is_complaint(&book->runs[i]))
			write(book, &book->runs[i]);
	list(book);
}
