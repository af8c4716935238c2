/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A book is a folder of pages that can be served, or read from a disk, as it is. Each run has the
 * page that its report has, with the style sheet and the script beside all of them instead of in
 * each; while it is written, what the other pages tell about it is remembered (book_gather.c).
 * These come last, when it is known which run shows what: a page for each state, arrow,
 * complaint, error, claim and word, whose texts are the lexicon's and whose evidence is of
 * these very runs.
 *
 * Nothing is loaded from elsewhere. Without a script all of it can be read by its lists; with one
 * there is a search over words.js, which is a script because a file:// page may read nothing else.
 */
#include "html.h"

#include "book_parts.h"
#include "html_assets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct tl_book *tl_book_new(tl_book_save *save, void *arg)
{
	struct tl_book *book = calloc(1, sizeof(*book));

	if (!book)
		return NULL;
	book->save = save;
	book->arg = arg;
	return book;
}

void tl_book_free(struct tl_book *book)
{
	if (!book)
		return;
	for (size_t i = 0; i < book->n_runs; i++)
		tl_book_run_release(&book->runs[i]);
	free(book->runs);
	tl_markup_release(&book->words);
	free(book);
}

void tl_book_store(struct tl_book *book, const char *path, const struct tl_buf *bytes)
{
	if (!book->failed && bytes->failed)
		book->failed = tl_err_set(book->err, ENOMEM, "no memory for %s", path);
	if (!book->failed)
		book->failed = book->save(book->arg, path, bytes, book->err);
	book->size.bytes += bytes->len;
}

static void store_run(struct tl_book *book, struct tl_html *page, struct tl_err *err)
{
	struct tl_book_run *run = &book->runs[book->n_runs - 1];
	struct tl_buf path = { 0 }, bytes = { 0 };

	tl_buf_fmt(&path, "run/%s.html", tl_buf_text(&run->slug));
	book->failed = tl_html_write(page, &bytes, err);
	tl_book_store(book, tl_buf_text(&path), &bytes);
	book->size.pages++;
	tl_buf_release(&bytes);
	tl_buf_release(&path);
}

int tl_book_add(struct tl_book *book, const struct tl_report *report,
		const struct tl_suite_arc *arcs, struct tl_err *err)
{
	struct tl_html page = { .report = report, .book = "../" };

	book->err = err;
	book->failed = tl_html_prepare(&page, err);
	if (!book->failed)
		book->failed = tl_book_gather(book, &page, arcs, err);
	if (!book->failed)
		store_run(book, &page, err);
	tl_html_release(&page);
	return book->failed;
}

bool tl_book_is_run(const char *name, const char *run)
{
	size_t len = strlen(run);

	return !strncmp(name, run, len) && (!name[len] || name[len] == '/');
}

const struct tl_book_run *tl_book_find_run(const struct tl_book *book, const char *name)
{
	for (size_t i = 0; i < book->n_runs; i++)
		if (tl_book_is_run(tl_buf_text(&book->runs[i].name), name))
			return &book->runs[i];
	return NULL;
}

const struct tl_book_run *tl_book_best(const struct tl_book *book, size_t arc)
{
	for (size_t i = 0; book->best[arc].how && i < book->n_runs; i++)
		if (book->runs[i].shown[arc] &&
		    !strcmp(tl_buf_text(&book->runs[i].name), book->best[arc].scenario))
			return &book->runs[i];
	return NULL;
}

/* Pages lead to the runs that show a loss; where the book lacks one, it says how to make it. */
static void store_missing(struct tl_book *book)
{
	const char *name;

	for (size_t i = 0; (name = tl_html_loss(i)); i++) {
		struct tl_book_page page = { .book = book };
		struct tl_buf slug = { 0 };

		if (tl_book_find_run(book, name))
			continue;
		tl_html_slug(&slug, name);
		tl_book_begin(&page, NULL, name, "run/%s.html", tl_buf_text(&slug));
		tl_element(&page.to, "p", NULL, "This book was made without this run.");
		tl_elementf(&page.to, "pre", NULL, "tcplab run %s", name);
		tl_book_end(&page);
		tl_buf_release(&slug);
	}
}

static void store_parts(struct tl_book *book)
{
	struct tl_buf bytes = { 0 };

	tl_buf_str(&bytes, "// What tcplab's run.js puts onto the page of each run.\n");
	tl_html_parts(&bytes);
	tl_book_store(book, TL_HTML_PARTS, &bytes);
	tl_buf_release(&bytes);
}

static void store_text(struct tl_book *book, const char *path, const char *a, const char *b)
{
	struct tl_buf bytes = { 0 };

	tl_buf_str(&bytes, "/* tcplab " TCPLAB_VERSION " */\n");
	tl_buf_str(&bytes, a);
	tl_buf_str(&bytes, b);
	tl_book_store(book, path, &bytes);
	tl_buf_release(&bytes);
}

static void store_words(struct tl_book *book)
{
	struct tl_buf bytes = { 0 };

	tl_buf_str(&bytes, "// What tcplab's book.js searches: page, kind, title, other spellings, "
			   "gist.\nconst words = [\n");
	tl_buf_add(&bytes, book->words.bytes.data, book->words.bytes.len);
	tl_buf_str(&bytes, "];\n");
	bytes.failed |= book->words.failed || book->words.bytes.failed;
	tl_book_store(book, TL_HTML_WORDS, &bytes);
	tl_buf_release(&bytes);
}

int tl_book_finish(struct tl_book *book, const struct tl_suite_arc *best,
		   struct tl_book_size *size, struct tl_err *err)
{
	static void (*const kinds[])(struct tl_book *book) = {
		tl_book_index,	tl_book_states, tl_book_arrows, tl_book_complaints,
		tl_book_claims, tl_book_words,	tl_book_runs,	tl_book_pairs,
	};

	book->err = err;
	book->best = best;
	book->failed = 0;
	for (size_t i = 0; !book->failed && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		kinds[i](book);
	store_missing(book);
	store_words(book);
	store_parts(book);
	store_text(book, TL_HTML_CSS, tl_html_assets.css, tl_html_assets.book_css);
	store_text(book, TL_HTML_JS, tl_html_assets.js, "");
	store_text(book, TL_HTML_BOOK_JS, tl_html_assets.book_js, "");
	book->size.runs = book->n_runs;
	*size = book->size;
	return book->failed;
}
