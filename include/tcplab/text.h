/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: text from elsewhere: characters, columns, and what may be shown of it. */
#ifndef TCPLAB_TEXT_H
#define TCPLAB_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcplab/buf.h"

/* One character as a reader sees it: a code point and what belongs to it, or a bad byte. */
struct tl_glyph {
	uint32_t code; /* its first code point; the byte where !valid */
	bool valid;    /* well-formed UTF-8 */
	bool plain;    /* shown as it is, not spelled out */
	size_t bytes;  /* it takes in the text, at least 1 */
	int columns;   /* it takes on a terminal, as it is shown */
};

/*
 * tl_glyph_read - read the character at the start of @len bytes, at least 1
 *
 * What a terminal, a browser or a reader's eye could be steered by is not plain: control
 * characters, marks that turn the direction of writing, invisible characters,
 * noncharacters. Those that join an emoji of several code points are part of it.
 *
 * Source: RFC 3629; Unicode Standard Annexes 9, 11 and 29, Technical Standard 51.
 */
struct tl_glyph tl_glyph_read(const char *text, size_t len);

/* Room for what tl_glyph_spell() writes. */
#define TL_GLYPH_SPELLED 16

/*
 * tl_glyph_spell - its first code point: "\x1b", "\u202e"; a byte that is not UTF-8: "\xff"
 * @out: TL_GLYPH_SPELLED bytes
 *
 * Return: @out.
 */
const char *tl_glyph_spell(const struct tl_glyph *glyph, char *out);

/* tl_glyph_show - append it: as it stands in @text where it is plain, else spelled out */
void tl_glyph_show(struct tl_buf *out, const char *text, const struct tl_glyph *glyph);

/* Room for what tl_text_quote() writes. */
#define TL_QUOTE_TEXT 128

/*
 * tl_text_quote - a piece of a text in quotes, safe to show, cut where it is long
 * @out: TL_QUOTE_TEXT bytes
 *
 * tl_text_quote_name - the same of a word that can only be ASCII: what is not is spelled out,
 * since one letter can look like the other
 *
 * Return: @out.
 */
const char *tl_text_quote(char *out, const char *text, size_t len);
const char *tl_text_quote_name(char *out, const char *text, size_t len);

/*
 * tl_text_line - append @text as one line that only shows
 *
 * White space of any kind and length becomes one blank, none at either end. What is not
 * plain is spelled out. NULL is an empty text.
 */
void tl_text_line(struct tl_buf *out, const char *text);

/* tl_text_lines - the same, but keep line ends and blanks; a tab becomes a blank */
void tl_text_lines(struct tl_buf *out, const char *text);

/* tl_text_columns - how many columns of a terminal @len bytes of plain text take */
int tl_text_columns(const char *text, size_t len);

/* tl_buf_columns - the same of all that is in @buf */
int tl_buf_columns(const struct tl_buf *buf);

/* tl_text_fitting - how many bytes of plain text fill at most @room columns; one character
 * at least */
size_t tl_text_fitting(const char *text, size_t len, int room);

/*
 * tl_text_words - the bytes of those words of plain text that fill at most @room columns,
 * with the single blanks between them; 0 where the first is longer
 */
size_t tl_text_words(const char *text, size_t len, int room);

/*
 * tl_text_ascii - append @len bytes of plain text in as many columns of ASCII: what a page
 * is drawn with by what comes near it, all else by question marks
 */
void tl_text_ascii(struct tl_buf *out, const char *text, size_t len);

/* tl_text_wrap - append text of paragraphs divided by blank lines, wrapped and indented */
void tl_text_wrap(struct tl_buf *out, const char *text, int width, int indent);

/* tl_text_hang - the same behind what stands in the first @indent columns of its first line */
void tl_text_hang(struct tl_buf *out, const char *text, int width, int indent);

/*
 * tl_text_paragraph - the next paragraph of a text; empty lines part them
 * @text: what is left; moved behind the paragraph
 *
 * Return: its length, with @at where it begins; 0 at the end.
 */
size_t tl_text_paragraph(const char **text, const char **at);

/*
 * tl_text_json - append @text as what stands between the quotes of a string in JSON, in ASCII
 *
 * A byte that is not UTF-8 becomes U+FFFD.
 */
void tl_text_json(struct tl_buf *out, const char *text);

/* tl_text_utf8 - append @text with U+FFFD for bytes that are not UTF-8, else unchanged */
void tl_text_utf8(struct tl_buf *out, const char *text);

#endif
