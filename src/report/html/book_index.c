/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of a book: its first page, the figure of RFC 9293 with each arrow leading to its run. */
#include "html.h"

#include "book_parts.h"
#include "diagram.h"

#include <string.h>

/* The run that shows it best, at the step that does; where none does, the arrow's own page. */
static const char *arc_class(void *arg, const struct tl_arc *arc, struct tl_buf *title,
			     struct tl_buf *href)
{
	const struct tl_book *book = arg;
	size_t n, a = arc - tl_arcs(&n);
	const struct tl_suite_arc *it = &book->best[a];
	const struct tl_book_run *run = tl_book_best(book, a);

	if (!run) {
		tl_buf_fmt(href, "arrow/%s.html", arc->id);
		return "";
	}
	tl_buf_fmt(title, "%s: %s, phase %d", tl_shown_name(it->how), it->scenario, it->phase + 1);
	tl_buf_fmt(href, "run/%s.html#step-%zu", tl_buf_text(&run->slug), run->arcs[a].step);
	return it->how == TL_SHOWN_INFERRED ? "walked inferred" :
	       it->how == TL_SHOWN_ABSENT ? "absent" : "walked";
}

static void lists(struct tl_book_page *page)
{
	tl_open_class(&page->to, "dl", "names");
#define X(file, name, gist)                                                                  \
	tl_open(&page->to, "dt");                                                            \
	tl_book_link(page, name, file);                                                      \
	tl_close(&page->to);                                                                 \
	tl_element(&page->to, "dd", NULL, gist);
	TL_BOOK_LISTS(X)
#undef X
	tl_close(&page->to);
}

static void count(struct tl_book_page *page)
{
	size_t n, passed = 0, shown = 0;

	tl_arcs(&n);
	for (size_t i = 0; i < n; i++)
		shown += page->book->best[i].how != TL_SHOWN_NOT;
	for (size_t i = 0; i < page->book->n_runs; i++)
		passed += page->book->runs[i].result == TL_RESULT_PASSED;
	tl_elementf(&page->to, "p", NULL,
		    "%zu run%s, of which %zu passed, and %zu of %zu arrows shown.",
		    page->book->n_runs, page->book->n_runs == 1 ? "" : "s", passed, shown, n);
}

void tl_book_index(struct tl_book *book)
{
	struct tl_book_page page = { .book = book };

	tl_book_begin(&page, NULL, "The states of TCP, each with a run that shows it",
		      "index.html");
	tl_open_class(&page.to, "div", "beside");
	tl_open(&page.to, "div");
	tl_element(&page.to, "p", "gist",
		   "A TCP connection passes through eleven states; netstat shows you three. "
		   "tcplab runs real programs, stops their segments one at a time, and reads "
		   "the kernel's own table at each step.");
	tl_element(&page.to, "p", NULL,
		   "Each arrow of the figure leads to the step of a run that shows it, each box "
		   "to what the state means and where it was seen. A state, an error message, a "
		   "setting: the search above knows them in any spelling.");
	count(&page);
	lists(&page);
	tl_close(&page.to);
	tl_open_class(&page.to, "div", "index");
	tl_diagram(&page.to, &(struct tl_diagram){
		.label = "The states of a TCP connection; each arrow leads to a run that shows it",
		.to = "state/",
		.behind = ".html",
		.arc = arc_class,
		.arg = book,
	});
	tl_element(&page.to, "p", "dim",
		   "Dark arrows were observed, dashed ones inferred; dotted ones Linux does not "
		   "have. A cross is a way to CLOSED that the figure does not draw.");
	tl_close(&page.to);
	tl_close(&page.to);
	tl_book_end(&page);
}
