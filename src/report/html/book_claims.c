/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of a book: a page for each claim, with who said it, the ruling and its evidence; their list. */
#include "html.h"

#include "book_parts.h"

#include <string.h>

static void evidence(struct tl_book_page *page, const struct tl_book_run *run,
		     const struct tl_book_evidence *it)
{
	tl_open(&page->to, "li");
	tl_wordsf(&page->to, "%s ", tl_html_mark(it->fact));
	if (it->step)
		tl_book_link(page, tl_buf_text(&it->text), "run/%s.html#step-%zu",
			     tl_buf_text(&run->slug), it->step);
	else
		tl_book_link(page, tl_buf_text(&it->text), "run/%s.html#lives",
			     tl_buf_text(&run->slug));
	tl_close(&page->to);
}

static void write(struct tl_book *book, const struct tl_book_run *run,
		  const struct tl_book_claim *claim)
{
	struct tl_book_page page = { .book = book };

	tl_book_begin(&page, "A claim, checked against a run", tl_buf_text(&claim->says),
		      "claim/%s.html", tl_buf_text(&claim->slug));
	tl_book_found(book, tl_buf_text(&page.path), "claim", tl_buf_text(&claim->says),
		      tl_buf_text(&claim->id), tl_buf_text(&claim->ruling));
	if (claim->source.len)
		tl_element(&page.to, "p", "dim", tl_buf_text(&claim->source));
	tl_elementf(&page.to, "p", claim->stands == TL_FACT_SO ? "gist" : "gist bad", "%s %s",
		    tl_html_mark(claim->stands), tl_buf_text(&claim->ruling));
	tl_paragraphs(&page.to, NULL, tl_buf_text(&claim->because));
	tl_element(&page.to, "h2", NULL, "The evidence");
	tl_open(&page.to, "p");
	tl_book_place(&page, run, -1, 0);
	tl_words(&page.to, ": ");
	tl_isolated(&page.to, tl_buf_text(&run->title));
	tl_close(&page.to);
	tl_open_class(&page.to, "ul", "proofs");
	for (size_t i = 0; i < claim->n; i++)
		evidence(&page, run, &claim->check[i]);
	tl_close(&page.to);
	tl_open_class(&page.to, "p", "dim");
	tl_words(&page.to, "Claim ");
	tl_isolated(&page.to, tl_buf_text(&claim->id));
	tl_close(&page.to);
	tl_book_end(&page);
}

static void list_of(struct tl_book_page *page, enum tl_finding finding, const char *heading)
{
	const struct tl_book *book = page->book;

	tl_element(&page->to, "h2", NULL, heading);
	tl_open(&page->to, "ul");
	for (size_t i = 0; i < book->n_runs; i++)
		for (size_t k = 0; k < book->runs[i].n_claims; k++) {
			const struct tl_book_claim *claim = &book->runs[i].claims[k];

			if (claim->finding != finding)
				continue;
			tl_open(&page->to, "li");
			tl_book_link(page, tl_buf_text(&claim->says), "claim/%s.html",
				     tl_buf_text(&claim->slug));
			if (claim->stands != TL_FACT_SO)
				tl_element(&page->to, "span", "bad", " (not so in this run)");
			tl_close(&page->to);
		}
	tl_close(&page->to);
}

void tl_book_claims(struct tl_book *book)
{
	struct tl_book_page page = { .book = book };

	for (size_t i = 0; i < book->n_runs; i++)
		for (size_t k = 0; k < book->runs[i].n_claims; k++)
			write(book, &book->runs[i], &book->runs[i].claims[k]);
	tl_book_begin(&page, NULL, "Claims", "claims.html");
	tl_element(&page.to, "p", NULL, "What people say about TCP, each checked against a run.");
	list_of(&page, TL_FINDING_REFUTED, "Refuted");
	list_of(&page, TL_FINDING_REFINED, "True, and not the whole truth");
	list_of(&page, TL_FINDING_HOLDS, "True");
	tl_book_end(&page);
}
