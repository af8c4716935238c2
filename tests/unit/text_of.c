/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in a text, and how often: what tests of renderers ask. */
#include "text_of.h"

#include <criterion/criterion.h>
#include <string.h>

#include "tcplab/text.h"

void has(const struct tl_buf *buf, const char *text)
{
	cr_assert_not_null(strstr(tl_buf_text(buf), text), "no \"%s\" in:\n%s", text,
			   tl_buf_text(buf));
}

void lacks(const struct tl_buf *buf, const char *text)
{
	cr_assert_null(strstr(tl_buf_text(buf), text), "\"%s\" in:\n%s", text,
		       tl_buf_text(buf));
}

int count_of(const struct tl_buf *buf, const char *text)
{
	int n = 0;

	for (const char *p = tl_buf_text(buf); (p = strstr(p, text)); p += strlen(text))
		n++;
	return n;
}

int widest(const struct tl_buf *text)
{
	int most = 0;

	for (const char *p = tl_buf_text(text); *p;) {
		size_t n = strcspn(p, "\n");
		int columns = tl_text_columns(p, n);

		most = columns > most ? columns : most;
		p += n + (p[n] == '\n');
	}
	return most;
}
