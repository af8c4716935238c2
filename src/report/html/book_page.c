/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the pages of a book have in common: frame, search, links, and entries of the lexicon. */
#include "html.h"

#include "book_parts.h"
#include "html_assets.h"

#include <stdarg.h>
#include <string.h>

#include "tcplab/text.h"

void tl_book_link(struct tl_book_page *page, const char *text, const char *path, ...)
{
	struct tl_buf href = { 0 };
	va_list ap;

	tl_buf_str(&href, page->root);
	va_start(ap, path);
	tl_buf_vfmt(&href, path, ap);
	va_end(ap);
	tl_open(&page->to, "a");
	tl_attr(&page->to, "href", tl_buf_text(&href));
	tl_isolated(&page->to, text);
	tl_close(&page->to);
	page->to.failed |= href.failed;
	tl_buf_release(&href);
}

static void script(struct tl_book_page *page, const char *file)
{
	tl_open(&page->to, "script");
	tl_attr(&page->to, "defer", "defer");
	tl_attrf(&page->to, "src", "%s%s", page->root, file);
	tl_close(&page->to);
}

static void head(struct tl_book_page *page, const char *title)
{
	tl_head(&page->to);
	tl_html_shared(&page->to, page->root);
	tl_meta(&page->to, "viewport", "width=device-width, initial-scale=1");
	tl_meta(&page->to, "color-scheme", "light dark");
	tl_meta(&page->to, "generator", "tcplab " TCPLAB_VERSION);
	tl_elementf(&page->to, "title", NULL, "%s · TCP states", title);
	script(page, TL_HTML_WORDS);
	script(page, TL_HTML_BOOK_JS);
	tl_close(&page->to);
}

/* The script shows it; without one the lists lead everywhere. */
static void search(struct tl_book_page *page)
{
	struct tl_markup *to = &page->to;

	tl_open(to, "div");
	tl_attr(to, "role", "search");
	tl_attr(to, "class", "search");
	tl_attr(to, "data-root", page->root);
	tl_open(to, "label");
	tl_attr(to, "for", "find");
	tl_words(to, "Search");
	tl_close(to);
	tl_open(to, "input");
	tl_attr(to, "type", "search");
	tl_attr(to, "id", "find");
	tl_attr(to, "autocomplete", "off");
	tl_attr(to, "placeholder", "FIN_WAIT2, connection reset ...");
	tl_attr(to, "aria-controls", "found");
	tl_close_void(to);
	tl_open(to, "div");
	tl_attr(to, "id", "found");
	tl_attr(to, "role", "status");
	tl_attr(to, "hidden", "hidden");
	tl_close(to);
	tl_close(to);
}

static void list_link(struct tl_book_page *page, const char *file, const char *name)
{
	tl_open(&page->to, "li");
	tl_open(&page->to, "a");
	tl_attrf(&page->to, "href", "%s%s", page->root, file);
	if (!strcmp(file, tl_buf_text(&page->path)))
		tl_attr(&page->to, "aria-current", "page");
	tl_words(&page->to, name);
	tl_close(&page->to);
	tl_close(&page->to);
}

void tl_book_begin(struct tl_book_page *page, const char *kind, const char *title,
		   const char *path, ...)
{
	struct tl_markup *to = &page->to;
	va_list ap;

	va_start(ap, path);
	tl_buf_vfmt(&page->path, path, ap);
	va_end(ap);
	page->root = strchr(tl_buf_text(&page->path), '/') ? "../" : "";
	tl_raw(to, "<!DOCTYPE html>\n");
	tl_open(to, "html");
	tl_attr(to, "lang", "en");
	head(page, title);
	tl_open_class(to, "body", "book");
	tl_open(to, "header");
	tl_link(to, "skip", "To the text", "#text");
	tl_open(to, "nav");
	tl_attr(to, "aria-label", "Parts of the book");
	tl_open(to, "ul");
	list_link(page, "index.html", "TCP states");
#define X(file, name, gist) list_link(page, file, name);
	TL_BOOK_LISTS(X)
#undef X
	tl_close(to);
	tl_close(to);
	search(page);
	tl_close(to);
	tl_open(to, "main");
	tl_attr(to, "id", "text");
	if (kind)
		tl_element(to, "p", "kind", kind);
	tl_element(to, "h1", NULL, title);
}

/* Where the evidence comes from. */
static void foot(struct tl_book_page *page)
{
	const struct tl_book *book = page->book;

	tl_open(&page->to, "footer");
	tl_wordsf(&page->to, "%zu run%s, made with tcplab " TCPLAB_VERSION, book->n_runs,
		  book->n_runs == 1 ? "" : "s");
	if (book->n_runs)
		tl_wordsf(&page->to, " on %s", tl_buf_text(&book->runs[0].kernel));
	tl_words(&page->to, ". All evidence on these pages comes from these runs.");
	tl_close(&page->to);
}

void tl_book_end(struct tl_book_page *page)
{
	struct tl_buf bytes = { 0 };

	tl_close(&page->to); /* main */
	foot(page);
	if (!page->book->failed)
		page->book->failed = tl_markup_finish(&page->to, &bytes, page->book->err);
	tl_book_store(page->book, tl_buf_text(&page->path), &bytes);
	page->book->size.pages++;
	tl_buf_release(&bytes);
	tl_buf_release(&page->path);
	tl_markup_release(&page->to);
}

void tl_book_quote(struct tl_buf *out, const char *text)
{
	struct tl_buf safe = { 0 };

	tl_text_line(&safe, text);
	tl_buf_str(out, "\"");
	tl_text_json(out, tl_buf_text(&safe));
	tl_buf_str(out, "\"");
	out->failed |= safe.failed;
	tl_buf_release(&safe);
}

void tl_book_found(struct tl_book *book, const char *path, const char *kind, const char *title,
		   const char *also, const char *gist)
{
	const char *const texts[] = { path, kind, title, also, gist };
	struct tl_buf *out = &book->words.bytes;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		tl_buf_str(out, i ? "," : "[");
		tl_book_quote(out, texts[i] ? texts[i] : "");
	}
	tl_buf_str(out, "],\n");
}

void tl_book_place(struct tl_book_page *page, const struct tl_book_run *run, int phase, size_t step)
{
	const char *slug = tl_buf_text(&run->slug), *name = tl_buf_text(&run->name);

	if (step)
		tl_book_link(page, name, "run/%s.html#step-%zu", slug, step);
	else if (phase >= 0 && (size_t)phase < run->n_phases)
		tl_book_link(page, name, "run/%s.html#phase-%d", slug, phase + 1);
	else
		tl_book_link(page, name, "run/%s.html", slug);
	if (phase < 0 || (size_t)phase >= run->n_phases)
		return;
	tl_wordsf(&page->to, ", phase %d: ", phase + 1);
	tl_isolated(&page->to, tl_buf_text(&run->phases[phase].title));
}

void tl_book_pre(struct tl_markup *to, const char *class, const struct tl_buf *text)
{
	if (!text->len)
		return;
	tl_open_class(to, "pre", class);
	tl_attr(to, "tabindex", "0"); /* it may be wider than the window */
	tl_lines(to, tl_buf_text(text));
	tl_close(to);
}

void tl_book_lines(struct tl_markup *to, const char *term, const struct tl_buf *text)
{
	if (!text->len)
		return;
	tl_element(to, "dt", NULL, term);
	tl_open(to, "dd");
	tl_book_pre(to, NULL, text);
	tl_close(to);
}

void tl_book_phase(struct tl_book_page *page, const struct tl_book_run *run, size_t i)
{
	const struct tl_book_phase *it = &run->phases[i];

	tl_open(&page->to, "h3");
	tl_wordsf(&page->to, "%zu ", i + 1);
	if (it->step)
		tl_book_link(page, tl_buf_text(&it->title), "run/%s.html#step-%zu",
			     tl_buf_text(&run->slug), it->step);
	else
		tl_isolated(&page->to, tl_buf_text(&it->title));
	tl_close(&page->to);
	tl_book_pre(&page->to, "ladder", &it->ladder);
	tl_book_pre(&page->to, NULL, &it->table);
}

void tl_book_entry_path(struct tl_buf *out, const struct tl_entry *entry)
{
	if (entry->topic == TL_TOPIC_STATE) {
		tl_buf_fmt(out, "state/%s.html", tl_state_name(entry->state));
		return;
	}
	tl_buf_str(out, "word/");
	tl_html_slug(out, entry->name);
	tl_buf_str(out, ".html");
}

static void row(struct tl_markup *to, const char *term, const char *text)
{
	tl_element(to, "dt", NULL, term);
	tl_element(to, "dd", NULL, text);
}

/* Commands are for copying: each on a line. */
static void commands(struct tl_markup *to, const struct tl_entry *entry)
{
	struct tl_buf lines = { 0 };

	tl_entry_commands(&lines, entry, "\n");
	tl_buf_str(&lines, "\n");
	tl_book_lines(to, "On your host", &lines);
	tl_buf_release(&lines);
}

void tl_book_entry(struct tl_book_page *page, const struct tl_entry *entry)
{
	struct tl_markup *to = &page->to;
	struct tl_buf text = { 0 };

	tl_entry_says(&text, entry);
	tl_element(to, "p", "says", tl_buf_text(&text));
	text.len = 0;
	tl_open_class(to, "dl", "looks");
	if (!entry->row) {
		row(to, "In netstat", entry->netstat);
	} else {
		tl_buf_fmt(&text, "%s\n%s", tl_report_netstat_head(), entry->row);
		tl_book_lines(to, "In netstat", &text);
	}
	row(to, "In ss", entry->ss);
	commands(to, entry);
	if (entry->preset)
		row(to, "By default", entry->preset);
	row(to, "Source", entry->source);
	tl_close(to);
	tl_buf_release(&text);
}

void tl_book_entry_runs(struct tl_book_page *page, const struct tl_entry *entry)
{
	if (!*entry->runs)
		return;
	tl_element(&page->to, "h2", NULL, "Runs that show it");
	tl_open(&page->to, "ul");
	for (const char *const *name = entry->runs; *name; name++) {
		const struct tl_book_run *run = tl_book_find_run(page->book, *name);

		tl_open(&page->to, "li");
		if (run) {
			tl_book_place(page, run, -1, 0);
			tl_words(&page->to, ": ");
			tl_isolated(&page->to, tl_buf_text(&run->title));
		} else {
			tl_wordsf(&page->to, "tcplab run %s", *name);
		}
		tl_close(&page->to);
	}
	tl_close(&page->to);
}
