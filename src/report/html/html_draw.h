/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: the sequence diagram of the HTML report, row by row. */
#ifndef TCPLAB_REPORT_HTML_DRAW_H
#define TCPLAB_REPORT_HTML_DRAW_H

#include "html.h"

/* How high a row is, in pixels: of a segment, of whatever else, and of each further line. */
#define TL_HTML_TALL  48
#define TL_HTML_SHORT 32
#define TL_HTML_LINE  14

/* Letters that fit side by side into the narrowest diagram. */
#define TL_HTML_LETTERS 46

/* All places across are in per mille of the width, all heights in pixels. */

/* tl_html_at - an attribute that says where across */
void tl_html_at(struct tl_markup *to, const char *name, int per_mille);

/* tl_html_text - a line of text; @anchor "start" or "end" stands at @x; NULL: the middle */
void tl_html_text(struct tl_markup *to, int x, int y, const char *anchor, const char *class,
		  const char *text);

/*
 * tl_html_fitting - the bytes of @text that fit into @room letters, up to a blank
 * @cut: gets whether a single word is too long, and ends there
 */
size_t tl_html_fitting(const char *text, int room, bool *cut);

/*
 * tl_html_lines - text in as many lines as it takes around @x
 * @to: NULL: only count
 * @text: harmless (text.h)
 * @lines: gets how many
 */
void tl_html_lines(struct tl_markup *to, int x, const char *class, const char *text,
		   int *lines);

/* tl_html_column - an actor's column, or nobody's; NULL for none (borrowed) */
const struct tl_column *tl_html_column(const struct tl_html *page, int actor);

/*
 * tl_html_threads - the lifelines themselves, and tl_html_lanes_of_all - what they and the bands
 *                   are in each row, said once
 */
void tl_html_threads(struct tl_html *page);
void tl_html_lanes_of_all(struct tl_html *page);

/*
 * tl_html_bands - the sockets on them, and the names of states that are news
 * @middle: of the names, from the top
 * @busy: the middle of the arrow that names must keep clear of
 */
void tl_html_bands(struct tl_html *page, int middle, int busy);

/* tl_html_names_height - what these names take */
int tl_html_names_height(const struct tl_html *page);

/* tl_html_segment - a segment that came or went on; tl_html_chatter - a run of them */
void tl_html_segment(struct tl_html *page, const struct tl_moment *moment, int height);
void tl_html_chatter(struct tl_html *page, const struct tl_moment *moment, int height);

#endif
