/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of words: what is in them, and all of them as one text. */
#include "tcplab/word_list.h"

#include <string.h>

bool tl_list_has(const char *const *list, const char *word, size_t len)
{
	for (; *list; list++)
		if (strlen(*list) == len && !memcmp(*list, word, len))
			return true;
	return false;
}

void tl_buf_list(struct tl_buf *buf, const char *const *list, const char *between)
{
	for (size_t i = 0; list[i]; i++) {
		tl_buf_str(buf, i ? between : "");
		tl_buf_str(buf, list[i]);
	}
}
