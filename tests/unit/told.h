/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run, and what one renderer makes of it. */
#ifndef TESTS_TOLD_H
#define TESTS_TOLD_H

#include "shoot.h"
#include "text_of.h"

static struct stage st;
static struct tl_buf text; /* until the next is told */

static inline void clean_up(void)
{
	tl_buf_release(&text);
}

/* The run ends here, and is told so. */
static inline void tell_as(const char *renderer, bool color, int width)
{
	tl_buf_release(&text);
	stage_finish(&st, TL_END_COMPLETE);
	text = shoot_render(&st, renderer, color, width);
	stage_close(&st);
}

static inline void tell(const char *renderer)
{
	tell_as(renderer, false, 80);
}

#endif
