/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mistakes of a text: gathered, then shown in order of place. */
#include "mistake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/grow.h"
#include "tcplab/text.h"

/* Nobody reads more than a few; and what a hostile text makes us keep must be bounded. */
#define SHOWN 100
#define KEPT  10000

void scn_mistakes_add(struct scn_mistakes *list, struct scn_span at, const char *fmt,
		      va_list ap)
{
	const struct scn_mistake *last;
	char *text;

	if (list->n == KEPT) {
		list->total++;
		return;
	}
	if (!TL_GROW(list->v, list->n) || vasprintf(&text, fmt, ap) < 0) {
		list->failed = true;
		return;
	}
	last = list->n ? &list->v[list->n - 1] : NULL;
	/* A step that is repeated is wrong as often, and in one way. */
	if (last && last->at.at == at.at && !strcmp(last->text, text)) {
		free(text);
		return;
	}
	list->total++;
	list->v[list->n++] = (struct scn_mistake){
		.at = at,
		.found = list->total,
		.text = text,
	};
}

/* Two mistakes of one place stay in the order they were found in. */
static int by_place(const void *a, const void *b)
{
	const struct scn_mistake *ma = a, *mb = b;

	if (ma->at.at != mb->at.at)
		return ma->at.at < mb->at.at ? -1 : 1;
	return ma->found < mb->found ? -1 : 1;
}

/* Names out of the scenario, and its own, must not reach the terminal raw. */
static void show_safe(const char *text, struct tl_buf *out)
{
	for (size_t left = strlen(text); left;) {
		struct tl_glyph g = tl_glyph_read(text, left);

		tl_glyph_show(out, text, &g);
		text += g.bytes;
		left -= g.bytes;
	}
}

/* Typographic ones, U+2018 to U+201F. */
static bool has_quote(const struct scn_source *src, struct scn_span in)
{
	static const char quotes[] = "\xe2\x80";

	for (size_t i = in.at; i + 2 < in.at + in.len; i++)
		if (!memcmp(src->text + i, quotes, 2) && (src->text[i + 2] & 0xf8) == 0x98)
			return true;
	return false;
}

void scn_mistakes_show(struct scn_mistakes *list, const struct scn_source *src,
		       struct tl_buf *out)
{
	size_t n = list->n < SHOWN ? list->n : SHOWN;

	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), by_place);
	for (size_t i = 0; i < n; i++) {
		struct scn_span at = list->v[i].at;
		struct tl_where where = scn_where(src, at.at);

		show_safe(src->file, out);
		tl_buf_fmt(out, ":%d:%d: error: ", where.line, where.col);
		show_safe(list->v[i].text, out);
		if (has_quote(src, at.len ? at : scn_line(src, where.line)))
			tl_buf_str(out, " (the quotes of YAML are \" and ')");
		tl_buf_str(out, "\n");
		scn_excerpt(src, at, out);
	}
	if (list->total > n) {
		show_safe(src->file, out);
		tl_buf_fmt(out, ": %zu more mistakes are not shown\n", list->total - n);
	}
}

void scn_mistakes_release(struct scn_mistakes *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i].text);
	free(list->v);
	*list = (struct scn_mistakes){ 0 };
}
