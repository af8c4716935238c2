/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: the story, drawn as sequence diagrams. */
#ifndef TCPLAB_REPORT_LADDER_H
#define TCPLAB_REPORT_LADDER_H

#include "story.h"
#include "page.h"

/*
 * tl_ladder - draw what passed in @phase, the connections in the order of what happened
 * @page: drawn on from page->indent to page->width, an empty line before each diagram
 * @width: of the terminal: the legs of a proxy stand side by side where that is wide enough
 *
 * Return: was there anything to draw?
 */
bool tl_ladder(struct tl_page *page, const struct tl_report *report,
	       const struct tl_story *story, size_t phase, int width);

/* What a run of data and ACKs is called; how they were cut differs from run to run. */
#define TL_LADDER_CHATTER "data"

#endif
