/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: one arrow of a diagram. */
#ifndef TCPLAB_REPORT_ARROW_H
#define TCPLAB_REPORT_ARROW_H

#include "story.h"
#include "page.h"

enum tl_arrow_end {
	TL_ARROW_ARRIVES,
	TL_ARROW_HELD, /* it stops short of the other side */
	TL_ARROW_LOST,
};

/* What it is called, how it ends, and words about that. Owns its three texts. */
struct tl_arrow {
	const char *name;     /* of the segment (static) */
	struct tl_buf about;  /* follows the name at once: " with 3 bytes" */
	struct tl_buf more;   /* follows after a comma, if there is any: "14 bytes, released" */
	struct tl_buf remark; /* how it ends */
	enum tl_arrow_end end;
	bool rightward;
};

/* tl_arrow_init - the arrow of a line that is not chatter */
void tl_arrow_init(struct tl_arrow *arrow, const struct tl_story *story,
		   const struct tl_line *line);

/* tl_arrow_label - append name, about and more */
void tl_arrow_label(struct tl_buf *out, const struct tl_arrow *arrow);

/* tl_arrow_ink - of its head and its remark */
enum tl_ink tl_arrow_ink(const struct tl_arrow *arrow);

/* tl_arrow_release - free its texts */
void tl_arrow_release(struct tl_arrow *arrow);

/*
 * tl_arrow_draw - draw it in @room columns from here on
 *
 * Return: false when the remark found no room beside it.
 */
bool tl_arrow_draw(struct tl_page *page, const struct tl_arrow *arrow, int room);

#endif
