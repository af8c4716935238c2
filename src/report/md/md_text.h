/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: foreign text in Markdown, where it can be nothing but text. */
#ifndef TCPLAB_REPORT_MD_TEXT_H
#define TCPLAB_REPORT_MD_TEXT_H

#include <stdbool.h>

#include "tcplab/buf.h"

/*
 * tl_md_inline - @text on one line, with everything escaped that GitHub would act on
 *
 * Also what backslashes do not stop: mentions, issue numbers, emoji names, addresses that
 * become links by themselves. Source: GitHub Flavored Markdown 0.29, 2.4 and 6.9.
 */
void tl_md_inline(struct tl_buf *out, const char *text);

/* tl_md_quote - @text as a block quote, its paragraphs kept; ends with a newline */
void tl_md_quote(struct tl_buf *out, const char *text);

/* tl_md_paragraphs - @text with its paragraphs kept; ends with an empty line */
void tl_md_paragraphs(struct tl_buf *out, const char *text);

/* tl_md_code - @text as a code span, on one line; @cell: inside a table */
void tl_md_code(struct tl_buf *out, const char *text, bool cell);

/* tl_md_fence - @text as a code block of its own, the fence longer than any in it */
void tl_md_fence(struct tl_buf *out, const char *text);

#endif
