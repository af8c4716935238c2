/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prose in lines of a width. */
#include <string.h>

#include "tcplab/text.h"

void tl_text_wrap(struct tl_buf *out, const char *text, int width, int indent)
{
	int column = 0;

	while (*text) {
		int word = strcspn(text, " \n"), columns = tl_text_columns(text, word);

		if (column && column + 1 + columns > width) {
			tl_buf_str(out, "\n");
			column = 0;
		}
		if (word) {
			tl_buf_pad(out, ' ', column ? 1 : indent);
			column += column ? 1 : indent;
			tl_buf_add(out, text, word);
			column += columns;
		}
		text += word;
		if (!strncmp(text, "\n\n", 2)) {
			tl_buf_str(out, "\n\n");
			column = 0;
			text += 2;
		} else if (*text) {
			text++;
		}
	}
	tl_buf_str(out, "\n");
}

void tl_text_hang(struct tl_buf *out, const char *text, int width, int indent)
{
	struct tl_buf lines = { 0 };

	tl_text_wrap(&lines, text, width, indent);
	tl_buf_str(out, tl_buf_text(&lines) + (*text ? indent : 0));
	tl_buf_release(&lines);
}
