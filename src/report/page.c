/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A page of a terminal: inks, columns, wrapping. */
#include "page.h"

#include <string.h>

#include "tcplab/text.h"

static const char *const sgr[] = {
#define X(id, parameters) [TL_INK_##id] = parameters,
	TL_INKS(X)
#undef X
};

static void write_run(struct tl_page *page, enum tl_ink ink, const char *text, size_t len)
{
	bool inked = page->color && ink != TL_INK_PLAIN;

	if (!len)
		return;
	if (inked)
		tl_buf_fmt(page->out, "\033[%sm", sgr[ink]);
	if (page->ascii)
		tl_text_ascii(page->out, text, len);
	else
		tl_buf_add(page->out, text, len);
	if (inked)
		tl_buf_str(page->out, "\033[0m");
	page->col += tl_text_columns(text, len);
	page->blank = text[len - 1] == ' ';
}

void tl_page_end(struct tl_page *page)
{
	if (page->col)
		tl_buf_str(page->out, "\n");
	page->col = 0;
}

void tl_page_gap(struct tl_page *page)
{
	tl_page_end(page);
	tl_buf_str(page->out, "\n");
}

void tl_page_to(struct tl_page *page, int col)
{
	if (col <= page->col)
		return;
	tl_buf_pad(page->out, ' ', col - page->col);
	page->col = col;
	page->blank = true;
}

void tl_page_put(struct tl_page *page, enum tl_ink ink, const char *text)
{
	struct tl_buf line = { 0 };

	tl_text_lines(&line, text);
	for (size_t i = 0; i < line.len; i++)
		if (line.data[i] == '\n')
			line.data[i] = ' ';
	write_run(page, ink, tl_buf_text(&line), line.len);
	tl_buf_release(&line);
}

/* One line's worth of words is one run of ink; returns how many bytes it took. */
static size_t flow_line(struct tl_page *page, enum tl_ink ink, const char *text)
{
	bool gap = page->col > page->indent && !page->blank;
	int room = page->width - page->col - gap;
	size_t used = tl_text_words(text, strlen(text), room);

	if (!used && page->col <= page->indent)
		used = tl_text_fitting(text, strcspn(text, " "), room);
	if (used && gap)
		tl_page_to(page, page->col + 1);
	write_run(page, ink, text, used);
	return used;
}

void tl_page_flow(struct tl_page *page, enum tl_ink ink, const char *text)
{
	struct tl_buf words = { 0 };
	const char *at;

	tl_text_line(&words, text);
	at = tl_buf_text(&words);
	tl_page_to(page, page->indent);
	for (;;) {
		at += flow_line(page, ink, at);
		at += *at == ' ';
		if (!*at)
			break;
		tl_page_end(page);
		tl_page_to(page, page->indent);
	}
	tl_buf_release(&words);
}

void tl_page_line(struct tl_page *page, enum tl_ink ink, const char *text)
{
	if (*text)
		tl_page_flow(page, ink, text);
	tl_page_end(page);
}

/* The bytes of a paragraph that begins at @text: up to an empty line. */
static size_t paragraph(const char *text)
{
	const char *p = text;

	for (; *p; p++)
		if (*p == '\n' && p[1 + strspn(p + 1, " \t\r")] == '\n')
			break;
	return p - text;
}

void tl_page_paragraphs(struct tl_page *page, enum tl_ink ink, const char *text)
{
	struct tl_buf one = { 0 };

	for (size_t n; text += strspn(text, " \t\r\n"), *text; text += n) {
		n = paragraph(text);
		if (one.len)
			tl_page_gap(page);
		one.len = 0;
		tl_buf_add(&one, text, n);
		tl_page_line(page, ink, tl_buf_text(&one));
	}
	tl_buf_release(&one);
}

/* Blanks are kept, except for those where a line is broken. */
static void one_line(struct tl_page *page, enum tl_ink ink, const char *text, size_t len)
{
	for (size_t at = 0, n; at < len; at += n + strspn(text + at + n, " ")) {
		const char *blank;

		n = tl_text_fitting(text + at, len - at, page->width - page->indent);
		blank = at + n < len ? memrchr(text + at, ' ', n) : NULL;
		if (blank && blank > text + at)
			n = blank - (text + at);
		tl_page_to(page, page->indent);
		write_run(page, ink, text + at, n);
		tl_page_end(page);
	}
}

void tl_page_lines(struct tl_page *page, enum tl_ink ink, const char *text)
{
	struct tl_buf safe = { 0 };
	const char *at;

	tl_text_lines(&safe, text);
	at = tl_buf_text(&safe);
	while (*at) {
		size_t n = strcspn(at, "\n");

		one_line(page, ink, at, n);
		at += n;
		at += *at == '\n';
	}
	tl_buf_release(&safe);
}
