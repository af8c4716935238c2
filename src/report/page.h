/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: a page of a terminal: inks, columns, wrapping. */
#ifndef TCPLAB_REPORT_PAGE_H
#define TCPLAB_REPORT_PAGE_H

#include <stdbool.h>

#include "tcplab/buf.h"

/* X(identifier, SGR parameters) */
#define TL_INKS(X)                                                                           \
	X(PLAIN, "")                                                                         \
	X(BOLD, "1")                                                                         \
	X(DIM, "2")                                                                          \
	X(STATE, "36")                                                                       \
	X(TURN, "1;36")                                                                       \
	X(CHANGE, "33")                                                                      \
	X(GOOD, "32")                                                                        \
	X(BAD, "31")                                                                         \
	X(BADLY, "1;31")

enum tl_ink {
#define X(id, sgr) TL_INK_##id,
	TL_INKS(X)
#undef X
};

/*
 * Whatever is written goes through tl_text_line*(), so that no text of a scenario or a
 * trace can steer the terminal: inks are the only escape sequences on a page.
 */
struct tl_page {
	struct tl_buf *out; /* borrowed */
	bool color;
	bool ascii;         /* nothing else can be shown */
	int width;          /* for prose; tables may be wider */
	int indent;         /* where wrapped lines begin */
	int col;            /* where the next character goes, from 0 */
	bool blank;         /* what stands before it is a blank */
};

/* tl_page_put - write @text as it stands, on this line */
void tl_page_put(struct tl_page *page, enum tl_ink ink, const char *text);

/*
 * tl_page_flow - write @text word by word, wrapped at page->width, later lines at
 * page->indent; a word longer than a line is broken
 */
void tl_page_flow(struct tl_page *page, enum tl_ink ink, const char *text);

/* tl_page_line - tl_page_flow(), and the line ends; of an empty text the line alone */
void tl_page_line(struct tl_page *page, enum tl_ink ink, const char *text);

/* tl_page_to - go on at column @col: blanks up to it, or nothing when it is passed */
void tl_page_to(struct tl_page *page, int col);

/* tl_page_end - end the line, if anything is on it; tl_page_gap - and leave one empty */
void tl_page_end(struct tl_page *page);
void tl_page_gap(struct tl_page *page);

/*
 * tl_page_paragraphs - flow @text, keeping the empty lines between its paragraphs, all
 * of it at page->indent
 */
void tl_page_paragraphs(struct tl_page *page, enum tl_ink ink, const char *text);

/* tl_page_lines - write @text line by line at page->indent, broken where too long */
void tl_page_lines(struct tl_page *page, enum tl_ink ink, const char *text);

#endif
