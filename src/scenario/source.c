/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of a scenario by lines and columns. */
#include "source.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

/* Does a line end before @at? A line ends with LF, CR LF, or CR alone (YAML 1.2, 5.4). */
static bool begins_line(const char *text, size_t at)
{
	return text[at - 1] == '\n' || (text[at - 1] == '\r' && text[at] != '\n');
}

int scn_source_init(struct scn_source *src, const char *file, const char *text, size_t len)
{
	size_t n = 1;

	*src = (struct scn_source){ .file = file, .text = text, .len = len };
	for (size_t at = 1; at < len; at++)
		n += begins_line(text, at);
	src->lines = calloc(n, sizeof(*src->lines));
	if (!src->lines)
		return -ENOMEM;
	src->n_lines = 1;
	for (size_t at = 1; at < len; at++)
		if (begins_line(text, at))
			src->lines[src->n_lines++] = at;
	return 0;
}

void scn_source_release(struct scn_source *src)
{
	free(src->lines);
	*src = (struct scn_source){ 0 };
}

struct tl_where scn_where(const struct scn_source *src, size_t at)
{
	size_t low = 0, high = src->n_lines;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (src->lines[middle] <= at)
			low = middle;
		else
			high = middle;
	}
	return (struct tl_where){ .line = low + 1, .col = at - src->lines[low] + 1 };
}

struct scn_span scn_line(const struct scn_source *src, int line)
{
	size_t at = src->lines[line - 1];
	size_t end = (size_t)line < src->n_lines ? src->lines[line] : src->len;

	while (end > at && (src->text[end - 1] == '\n' || src->text[end - 1] == '\r'))
		end--;
	return (struct scn_span){ .at = at, .len = end - at };
}
