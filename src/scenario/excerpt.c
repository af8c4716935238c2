/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line of the scenario with a caret below it. */
#include "source.h"

#include <stdio.h>

#include "tcplab/text.h"

/* Columns of the source line that are shown, and how many of them before the place. */
#define SHOWN  80
#define BEFORE 32

#define TAB 8

/* A line laid out in columns; of those only [first, last) are shown. */
struct layout {
	const char *text;
	size_t len;
	int first;
	int last;
};

/* The character at *@at as it is laid out at column @col; moves *@at behind it. */
static struct tl_glyph glyph_at(const struct layout *line, size_t *at, int col)
{
	struct tl_glyph g = tl_glyph_read(line->text + *at, line->len - *at);

	if (g.valid && g.code == '\t')
		g.columns = TAB - col % TAB;
	*at += g.bytes;
	return g;
}

/* The column where the byte @to of the line stands. */
static int column(const struct layout *line, size_t to)
{
	int col = 0;

	for (size_t at = 0; at < to && at < line->len;)
		col += glyph_at(line, &at, col).columns;
	return col;
}

/* What of [@from, @to) lies within the columns shown. */
static int overlap(const struct layout *line, int from, int to)
{
	if (from < line->first)
		from = line->first;
	if (to > line->last)
		to = line->last;
	return to > from ? to - from : 0;
}

/* A character cut through by the edge, and a tab, are shown as blanks. */
static void show_line(const struct layout *line, struct tl_buf *out)
{
	int col = 0;

	for (size_t at = 0; at < line->len && col < line->last;) {
		const char *from = line->text + at;
		struct tl_glyph g = glyph_at(line, &at, col);
		int seen = overlap(line, col, col + g.columns);

		if (seen < g.columns || *from == '\t')
			tl_buf_pad(out, ' ', seen);
		else if (col >= line->first)
			tl_glyph_show(out, from, &g);
		col += g.columns;
	}
}

/* Leave out the blanks at the end of what was appended since @from. */
static void trim(struct tl_buf *out, size_t from)
{
	while (!out->failed && out->len > from && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
}

void scn_excerpt(const struct scn_source *src, struct scn_span at, struct tl_buf *out)
{
	int number = scn_where(src, at.at).line;
	struct scn_span whole = scn_line(src, number);
	struct layout line = { .text = src->text + whole.at, .len = whole.len };
	size_t offset = at.at - whole.at;
	int from = column(&line, offset), to = column(&line, offset + at.len);
	int end = column(&line, line.len);
	char gutter[16];
	int width = snprintf(gutter, sizeof(gutter), "%5d", number);
	size_t begin = out->len;

	if (from > BEFORE && end > SHOWN)
		line.first = from - BEFORE < end - SHOWN ? from - BEFORE : end - SHOWN;
	line.last = end - line.first > SHOWN ? line.first + SHOWN : end;
	tl_buf_fmt(out, "%s | %s", gutter, line.first ? "..." : "");
	show_line(&line, out);
	tl_buf_str(out, line.last < end ? "..." : "");
	trim(out, begin);
	tl_buf_fmt(out, "\n%*s | ", width, "");
	tl_buf_pad(out, ' ', from - line.first + (line.first ? 3 : 0));
	tl_buf_str(out, "^");
	tl_buf_pad(out, '~', overlap(&line, from + 1, to));
	tl_buf_str(out, "\n");
}
