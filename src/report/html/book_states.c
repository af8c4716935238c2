/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of a book: a page for each state, with where the runs show it, and their list. */
#include "html.h"

#include "book_parts.h"
#include "diagram.h"

/* So many runs are shown with the row; the others are named. */
#define MOST 5

static const char *near_class(void *arg, const struct tl_arc *arc, struct tl_buf *title,
			      struct tl_buf *href)
{
	enum tl_state state = *(const enum tl_state *)arg;

	(void)title;
	tl_buf_fmt(href, "../arrow/%s.html", arc->id);
	if (arc->from == state || arc->to == state)
		return "walked";
	return arc->kind == TL_ARC_DRAWN ? "" : NULL;
}

static const char *is_it(void *arg, enum tl_state state, struct tl_buf *who)
{
	(void)who;
	return *(const enum tl_state *)arg == state ? "now" : "";
}

static void figure(struct tl_book_page *page, enum tl_state state)
{
	struct tl_buf label = { 0 };

	tl_buf_fmt(&label, "%s in the state diagram of RFC 9293", tl_state_figure(state));
	tl_diagram(&page->to, &(struct tl_diagram){
		.label = tl_buf_text(&label),
		.brief = true,
		.to = "",
		.behind = ".html",
		.arc = near_class,
		.state = is_it,
		.arg = &state,
	});
	tl_buf_release(&label);
}

static void proof(struct tl_book_page *page, const struct tl_book_run *run,
		  const struct tl_book_place *place)
{
	tl_open(&page->to, "li");
	tl_open(&page->to, "p");
	tl_book_place(page, run, place->phase, place->step);
	tl_close(&page->to);
	tl_isolated_in(&page->to, "p", "dim", tl_buf_text(&place->whose));
	tl_book_pre(&page->to, NULL, &place->row);
	tl_close(&page->to);
}

static bool is_named(const struct tl_entry *entry, const struct tl_book_run *run)
{
	return tl_list_has(entry->runs, tl_buf_text(&run->name), run->name.len);
}

/* First those that the lexicon names; then the others. */
static void proofs(struct tl_book_page *page, const struct tl_entry *entry, bool brief)
{
	const struct tl_book *book = page->book;
	size_t n = 0;

	for (int named = 1; named >= 0; named--)
		for (size_t i = 0; i < book->n_runs; i++) {
			const struct tl_book_run *run = &book->runs[i];
			const struct tl_book_place *place = &run->states[entry->state];

			if (!place->there || is_named(entry, run) != named ||
			    (n++ < MOST) == brief)
				continue;
			if (!brief)
				proof(page, run, place);
			if (brief && n > MOST + 1)
				tl_words(&page->to, ", ");
			if (brief)
				tl_book_place(page, run, -1, 0);
		}
}

static size_t count(const struct tl_book *book, enum tl_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < book->n_runs; i++)
		n += book->runs[i].states[state].there;
	return n;
}

static void evidence(struct tl_book_page *page, const struct tl_entry *entry)
{
	size_t n = count(page->book, entry->state);

	tl_element(&page->to, "h2", NULL, "Seen in these runs");
	if (!n) {
		tl_element(&page->to, "p", NULL, entry->state == TL_CLOSE ?
			   "A closed socket has no row: each arrow that leads here ends with one "
			   "that is gone." : "No run of this book shows it.");
		return;
	}
	tl_open_class(&page->to, "ul", "proofs");
	proofs(page, entry, false);
	tl_close(&page->to);
	if (n <= MOST)
		return;
	tl_open(&page->to, "p");
	tl_wordsf(&page->to, "And in %zu more: ", n - MOST);
	proofs(page, entry, true);
	tl_words(&page->to, ".");
	tl_close(&page->to);
}

static void arrows(struct tl_book_page *page, enum tl_state state, bool into)
{
	size_t n;
	const struct tl_arc *arcs = tl_arcs(&n);

	tl_element(&page->to, "h2", NULL, into ? "How it is entered" : "How it is left");
	tl_open(&page->to, "ul");
	for (size_t i = 0; i < n; i++) {
		if ((into ? arcs[i].to : arcs[i].from) != state)
			continue;
		tl_open(&page->to, "li");
		tl_book_link(page, arcs[i].id, "arrow/%s.html", arcs[i].id);
		tl_wordsf(&page->to, " %s %s: %s%s%s%s", into ? "from" : "to",
			  tl_state_figure(into ? arcs[i].from : arcs[i].to), arcs[i].event,
			  arcs[i].sends[0] ? ", sends " : "", arcs[i].sends,
			  arcs[i].linux_has ? "" : " (not on Linux)");
		tl_close(&page->to);
	}
	tl_close(&page->to);
}

static void write(struct tl_book *book, const struct tl_entry *entry)
{
	const struct tl_state_info *info = tl_state_info(entry->state);
	struct tl_book_page page = { .book = book };
	struct tl_buf also = { 0 };

	tl_buf_list(&also, entry->also, "|");
	tl_buf_fmt(&also, "|%s|%s|%s|%s", info->name, info->ss, info->rfc, info->post);
	tl_book_begin(&page, "A state", entry->name, "state/%s.html", info->name);
	tl_book_found(book, tl_buf_text(&page.path), "state", entry->name, tl_buf_text(&also),
		      info->meaning);
	tl_element(&page.to, "p", "gist", info->meaning);
	tl_open_class(&page.to, "div", "beside");
	tl_open(&page.to, "div");
	tl_book_entry(&page, entry);
	tl_elementf(&page.to, "p", "dim", "%s in netstat, %s in ss, %s in RFC 9293 (%s).",
		    info->name, info->ss, info->rfc, info->section);
	tl_close(&page.to);
	figure(&page, entry->state);
	tl_close(&page.to);
	evidence(&page, entry);
	tl_element(&page.to, "h2", NULL, "The whole story");
	tl_paragraphs(&page.to, NULL, info->story);
	arrows(&page, entry->state, true);
	arrows(&page, entry->state, false);
	tl_book_end(&page);
	tl_buf_release(&also);
}

void tl_book_states(struct tl_book *book)
{
	for (enum tl_state i = 1; i < TL_STATE_MAX; i++)
		if (tl_lexicon_state(i))
			write(book, tl_lexicon_state(i));
}
