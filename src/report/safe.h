/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: text from traces and scenarios, made harmless before anybody shows it. */
#ifndef TCPLAB_REPORT_SAFE_H
#define TCPLAB_REPORT_SAFE_H

#include <stddef.h>
#include <stdint.h>

#include "tcplab/buf.h"

/*
 * tl_report_rune - read one code point of UTF-8
 * @cp: gets it, or U+FFFD where the bytes are not UTF-8
 *
 * Return: how many bytes it took, at least 1 while *@text is not the closing NUL; else 0.
 */
size_t tl_report_rune(const char *text, uint32_t *cp);

/*
 * tl_report_columns - how many columns of a terminal @len bytes of harmless text take;
 * tl_report_buf_columns - the same of all that is in @buf
 */
int tl_report_columns(const char *text, size_t len);
int tl_report_buf_columns(const struct tl_buf *buf);

/*
 * tl_report_safe - append @text as one line without anything that acts
 *
 * White space of any kind and length becomes one blank, none at either end. What a
 * terminal, a browser or a reader's eye could be steered by (control characters, marks
 * that turn the direction of writing, invisible characters) and what XML has no place for
 * is spelt out: "\x1b", "\u202e". NULL is an empty text.
 */
void tl_report_safe(struct tl_buf *out, const char *text);

/* tl_report_safe_lines - the same, but keep line ends and blanks; a tab becomes a blank */
void tl_report_safe_lines(struct tl_buf *out, const char *text);

/*
 * tl_report_ascii - append @len bytes of harmless text in as many columns of ASCII: what a
 * page is drawn with by what comes near it, all else by question marks
 */
void tl_report_ascii(struct tl_buf *out, const char *text, size_t len);

/* tl_report_utf8 - append @text with U+FFFD for bytes that are not UTF-8, else unchanged */
void tl_report_utf8(struct tl_buf *out, const char *text);

#endif
