/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: one arrow of a diagram. */
#ifndef TCPLAB_REPORT_ARROW_H
#define TCPLAB_REPORT_ARROW_H

#include "story.h"
#include "page.h"

/* What it is called, how it ends, and words about that. Owns both texts. */
struct tl_arrow {
	struct tl_buf label, remark;
	const char *head;  /* static */
	enum tl_ink ink;   /* of the head and the remark */
	bool rightward;
	bool arrives;      /* else it stops short of the other side */
};

/* tl_arrow_init - the arrow of a line that is no chatter */
void tl_arrow_init(struct tl_arrow *arrow, const struct tl_story *story,
		   const struct tl_line *line);

/* tl_arrow_release - free its texts */
void tl_arrow_release(struct tl_arrow *arrow);

/*
 * tl_arrow_draw - draw it in @room columns from here on
 *
 * Return: false when the remark found no room beside it.
 */
bool tl_arrow_draw(struct tl_page *page, const struct tl_arrow *arrow, int room);

#endif
