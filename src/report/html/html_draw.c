/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts of the sequence diagram: where they stand, and what room they have. */
#include "html_draw.h"

#include <string.h>

#include "tcplab/text.h"

void tl_html_at(struct tl_markup *to, const char *name, int per_mille)
{
	if (per_mille % 10)
		tl_attrf(to, name, "%d.%d%%", per_mille / 10, per_mille % 10);
	else
		tl_attrf(to, name, "%d%%", per_mille / 10);
}

void tl_html_text(struct tl_markup *to, int x, int y, const char *anchor, const char *class,
		  const char *text)
{
	tl_open(to, "text");
	tl_html_at(to, "x", x);
	tl_attrf(to, "y", "%d", y);
	tl_attrf(to, "class", anchor ? "%s %s" : "%s", class, anchor);
	tl_words(to, text);
	tl_close(to);
}

/* How many letters there is room for around @x. */
static int room_around(int x)
{
	return 2 * (x < 500 ? x : 1000 - x) * TL_HTML_LETTERS / 1000;
}

size_t tl_html_fitting(const char *text, int room, bool *cut)
{
	size_t len = strlen(text), n = tl_text_words(text, len, room);

	*cut = len && !n;
	return *cut ? tl_text_fitting(text, strcspn(text, " "), room) : n;
}

void tl_html_lines(struct tl_markup *to, int x, const char *class, const char *text, int *lines)
{
	struct tl_buf line = { 0 };

	for (*lines = 0; *text; ++*lines) {
		bool cut;
		size_t n = tl_html_fitting(text, room_around(x), &cut);

		line.len = 0;
		tl_buf_add(&line, text, n);
		tl_buf_str(&line, cut ? "…" : "");
		if (to)
			tl_html_text(to, x, TL_HTML_SHORT / 2 + 4 + TL_HTML_LINE * *lines,
				     NULL, class, tl_buf_text(&line));
		text += cut ? strcspn(text, " ") : n;
		text += strspn(text, " ");
	}
	if (to)
		to->failed |= line.failed;
	tl_buf_release(&line);
}
