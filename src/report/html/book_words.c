/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of a book: a page for each word of the lexicon that is not a state, and their two lists. */
#include "html.h"

#include "book_parts.h"

#include <string.h>

#include "tcplab/answer.h"

/* So many answers are shown. */
#define MOST 12

static void answers(struct tl_book_page *page, const struct tl_entry *entry)
{
	const struct tl_book *book = page->book;
	int error = tl_answer_parse(entry->name, strlen(entry->name));
	size_t n = 0;

	for (size_t i = 0; error && i < book->n_runs; i++)
		for (size_t k = 0; k < book->runs[i].n_answers; k++) {
			const struct tl_book_answer *answer = &book->runs[i].answers[k];

			if (answer->error != error || n++ >= MOST)
				continue;
			if (n == 1) {
				tl_element(&page->to, "h2", NULL, "Seen in these runs");
				tl_open_class(&page->to, "ul", "proofs");
			}
			tl_open(&page->to, "li");
			tl_open(&page->to, "p");
			tl_book_place(page, &book->runs[i], answer->phase, answer->step);
			tl_close(&page->to);
			tl_elementf(&page->to, "pre", NULL, "%s: %s",
				    tl_buf_text(&answer->call), entry->name);
			tl_close(&page->to);
		}
	if (n)
		tl_close(&page->to);
}

static void about(struct tl_book_page *page, const struct tl_entry *entry)
{
	if (entry->state) {
		tl_open(&page->to, "p");
		tl_words(&page->to, "Look at the state ");
		tl_book_link(page, tl_state_figure(entry->state), "state/%s.html",
			     tl_state_name(entry->state));
		tl_close(&page->to);
	}
	if (!entry->arcs)
		return;
	tl_open(&page->to, "p");
	tl_words(&page->to, "Arrows:");
	for (const enum tl_arc_id *id = entry->arcs; *id != TL_N_ARCS; id++) {
		tl_words(&page->to, " ");
		tl_book_link(page, tl_arc(*id)->id, "arrow/%s.html", tl_arc(*id)->id);
	}
	tl_close(&page->to);
}

static void write(struct tl_book *book, const struct tl_entry *entry)
{
	struct tl_book_page page = { .book = book };
	struct tl_buf path = { 0 }, also = { 0 };

	tl_book_entry_path(&path, entry);
	if (entry->message)
		tl_buf_fmt(&also, "%s|", entry->message);
	tl_buf_list(&also, entry->also, "|");
	tl_book_begin(&page, tl_topic_noun(entry->topic), entry->name, "%s", tl_buf_text(&path));
	tl_book_found(book, tl_buf_text(&path), tl_topic_noun(entry->topic), entry->name,
		      tl_buf_text(&also), entry->gist);
	if (entry->topic == TL_TOPIC_ERROR)
		tl_elementf(&page.to, "p", "gist", "\"%s\"", entry->message);
	tl_book_entry(&page, entry);
	about(&page, entry);
	if (entry->topic == TL_TOPIC_ERROR)
		answers(&page, entry);
	tl_book_entry_runs(&page, entry);
	tl_book_end(&page);
	tl_buf_release(&also);
	tl_buf_release(&path);
}

/* The words of one topic, each with its first sentence. */
static void list_topic(struct tl_book_page *page, enum tl_topic topic)
{
	size_t n;
	const struct tl_entry *entries = tl_lexicon(&n);

	tl_element(&page->to, "h2", NULL, tl_topic_heading(topic));
	tl_open_class(&page->to, "dl", "names");
	for (size_t i = 0; i < n; i++) {
		struct tl_buf path = { 0 };

		if (entries[i].topic != topic)
			continue;
		tl_book_entry_path(&path, &entries[i]);
		tl_open(&page->to, "dt");
		tl_book_link(page, entries[i].name, "%s", tl_buf_text(&path));
		tl_close(&page->to);
		tl_element(&page->to, "dd", NULL, entries[i].gist);
		tl_buf_release(&path);
	}
	tl_close(&page->to);
}

void tl_book_words(struct tl_book *book)
{
	struct tl_book_page words = { .book = book }, errors = { .book = book };
	size_t n;
	const struct tl_entry *entries = tl_lexicon(&n);

	for (size_t i = 0; i < n; i++)
		if (entries[i].topic != TL_TOPIC_STATE)
			write(book, &entries[i]);
	tl_book_begin(&words, NULL, "Words", "words.html");
	for (enum tl_topic topic = 0; topic < TL_N_TOPICS; topic++)
		if (topic != TL_TOPIC_STATE && topic != TL_TOPIC_ERROR)
			list_topic(&words, topic);
	tl_book_end(&words);
	tl_book_begin(&errors, NULL, "Errors", "errors.html");
	list_topic(&errors, TL_TOPIC_ERROR);
	tl_book_end(&errors);
}
