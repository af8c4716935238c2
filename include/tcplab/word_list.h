/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: lists that stand in tables, each with its end in it. */
#ifndef TCPLAB_WORD_LIST_H
#define TCPLAB_WORD_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "tcplab/buf.h"

/* TL_LIST("a", "b"), TL_NO_LIST - words, for a field of type const char *const *; NULL ends them */
#define TL_LIST(...) (const char *const[]){ __VA_ARGS__, NULL }
#define TL_NO_LIST   (const char *const[]){ NULL }

/* tl_list_has - is the word of @len bytes one of the list's? */
bool tl_list_has(const char *const *list, const char *word, size_t len);

/* tl_buf_list - append the words of a list, with @between between them */
void tl_buf_list(struct tl_buf *buf, const char *const *list, const char *between);

#endif
