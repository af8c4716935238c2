/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario, inside: the text being read, and places in it. */
#ifndef TCPLAB_SCENARIO_SOURCE_H
#define TCPLAB_SCENARIO_SOURCE_H

#include <stddef.h>

#include "tcplab/buf.h"
#include "tcplab/plan.h"

/* A run of bytes of the text; empty where something is missing. */
struct scn_span {
	size_t at;
	size_t len;
};

/* The text, borrowed, and where its lines begin, owned. */
struct scn_source {
	const char *file;
	const char *text;
	size_t len;
	size_t *lines;
	size_t n_lines; /* at least 1 */
};

/* scn_source_init - find the lines of @text; Return: 0 or -ENOMEM */
int scn_source_init(struct scn_source *src, const char *file, const char *text, size_t len);

/* scn_source_release - a zeroed one and a second call are fine */
void scn_source_release(struct scn_source *src);

/* scn_where - line and column of a byte, both from 1 */
struct tl_where scn_where(const struct scn_source *src, size_t at);

/* scn_line - a line of the text (from 1) without its line break */
struct scn_span scn_line(const struct scn_source *src, int line);

/*
 * scn_excerpt - append the line where @at begins and carets below it
 *
 * What a terminal would not show as one glyph is shown as an escape, a long line is cut
 * around the place, tabs are expanded: the carets stand right, and no byte of a hostile
 * text has an effect.
 */
void scn_excerpt(const struct scn_source *src, struct scn_span at, struct tl_buf *out);

#endif
