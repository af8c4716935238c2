/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in a text. */
#ifndef TESTS_TEXT_OF_H
#define TESTS_TEXT_OF_H

#include "tcplab/buf.h"

/* has, lacks - the test fails where @text is not in @buf, or is; count_of - how often it is */
void has(const struct tl_buf *buf, const char *text);
void lacks(const struct tl_buf *buf, const char *text);
int count_of(const struct tl_buf *buf, const char *text);

/* widest - the columns of its longest line */
int widest(const struct tl_buf *text);

#endif
