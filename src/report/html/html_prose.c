/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An author's prose on the page: the words in it that the lexicon explains lead to that. */
#include "html.h"

#include <string.h>

#include "tcplab/lexicon.h"
#include "tcplab/text.h"

/* A state has its place on every page; of a book all others have a page of their own. */
static void put_href(struct tl_html *page, const struct tl_entry *entry)
{
	struct tl_buf slug = { 0 };

	tl_html_slug(&slug, entry->name);
	if (entry->topic == TL_TOPIC_STATE) {
		page->led.states |= 1u << entry->state;
		tl_attrf(&page->to, "href", "#state-%s", tl_state_name(entry->state));
	} else if (page->book) {
		tl_attrf(&page->to, "href", "%sword/%s.html", page->book, tl_buf_text(&slug));
	} else {
		tl_attrf(&page->to, "href", "#word-%s", tl_buf_text(&slug));
	}
	page->to.failed |= slug.failed;
	tl_buf_release(&slug);
}

void tl_html_term(struct tl_html *page, const struct tl_entry *entry, const char *text)
{
	size_t n, i = entry - tl_lexicon(&n);

	if (entry->topic != TL_TOPIC_STATE && i < TL_HTML_TERMS)
		page->terms[i] = true;
	tl_open_class(&page->to, "a", "term");
	put_href(page, entry);
	tl_words(&page->to, text);
	tl_close(&page->to);
}

void tl_html_mention(struct tl_html *page, enum tl_segment_kind kind)
{
	/* a flag has its place on every page, and the others are words of any sentence */
	static const uint32_t plain = 1u << TL_SEGMENT_SYN | 1u << TL_SEGMENT_FIN |
				      1u << TL_SEGMENT_RST | 1u << TL_SEGMENT_ACK |
				      1u << TL_SEGMENT_DATA | 1u << TL_SEGMENT_ANY;
	const struct tl_entry *entry =
		plain & 1u << kind ? NULL : tl_lexicon_find(tl_segment_kind_name(kind));
	size_t n, i = entry ? entry - tl_lexicon(&n) : TL_HTML_TERMS;

	if (i < TL_HTML_TERMS)
		page->terms[i] = true;
}

void tl_html_line(struct tl_html *page, const char *text)
{
	bool told[TL_HTML_TERMS] = { false };
	const struct tl_entry *entry;
	size_t n, at, len, plain = 0;

	while ((entry = tl_lexicon_next(text + plain, &at, &len))) {
		size_t i = entry - tl_lexicon(&n);
		struct tl_buf word = { 0 };

		tl_wordsf(&page->to, "%.*s", (int)(plain + at), text);
		text += plain + at;
		plain = 0;
		tl_buf_add(&word, text, len);
		if (i >= TL_HTML_TERMS || told[i])
			tl_words(&page->to, tl_buf_text(&word));
		else
			tl_html_term(page, entry, tl_buf_text(&word));
		told[i < TL_HTML_TERMS ? i : 0] = true;
		tl_buf_release(&word);
		text += len;
	}
	tl_words(&page->to, text);
}

static void told_paragraph(void *arg, const char *text)
{
	struct tl_html *page = arg;

	tl_open(&page->to, "bdi");
	tl_html_line(page, text);
	tl_close(&page->to);
}

void tl_html_prose(struct tl_html *page, const char *class, const char *text)
{
	tl_paragraphs_by(&page->to, class, text, told_paragraph, page);
}

/* Where it stands on one's own host; each command on a line. */
static void looks(struct tl_markup *to, const struct tl_entry *entry)
{
	struct tl_buf commands = { 0 };

	tl_open_class(to, "p", "dim");
	tl_wordsf(to, "In netstat: %s. In ss: %s. On your host: ",
		  entry->row ? entry->row : entry->netstat, entry->ss);
	tl_entry_commands(&commands, entry, "; ");
	tl_element(to, "code", NULL, tl_buf_text(&commands));
	tl_close(to);
	tl_buf_release(&commands);
}

void tl_html_terms(struct tl_html *page)
{
	struct tl_markup *to = &page->to;
	size_t n, told = 0;
	const struct tl_entry *entries = tl_lexicon(&n);

	for (size_t i = 0; !page->book && i < n && i < TL_HTML_TERMS; i++) {
		struct tl_buf slug = { 0 };

		if (!page->terms[i])
			continue;
		if (!told++)
			tl_element(to, "h2", NULL, "Words of this page");
		tl_html_slug(&slug, entries[i].name);
		tl_open(to, "details");
		tl_attrf(to, "id", "word-%s", tl_buf_text(&slug));
		tl_open(to, "summary");
		tl_element(to, "b", NULL, entries[i].name);
		tl_words(to, " ");
		tl_element(to, "span", "meaning", entries[i].gist);
		tl_close(to);
		tl_element(to, "p", NULL, entries[i].more);
		looks(to, &entries[i]);
		tl_close(to);
		to->failed |= slug.failed;
		tl_buf_release(&slug);
	}
}
