/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: where the lifelines of a sequence diagram stand. */
#ifndef TCPLAB_REPORT_STAGE_H
#define TCPLAB_REPORT_STAGE_H

#include "../moments.h"

/* More sockets of one actor at a time share the last lane. */
#define TL_STAGE_LANES 6

/* All lifelines of one actor, side by side; x counts in per mille of the width. */
struct tl_column {
	int actor;    /* -1: whose ends are nobody's of the plan */
	int x;        /* the middle */
	int lanes;    /* how many sockets it has at once, at most; at least 1 */
};

struct tl_stage {
	struct tl_column *columns; /* from left to right */
	size_t n;
	int *lanes;                /* of each socket, within its column */
};

/*
 * tl_stage_init - give each actor that shows up a column and each socket a lane
 * @stage: zeroed; to be released, also after an error
 *
 * The end that opened a connection stands left of the end that answered. A socket's lane is
 * free again when its row is gone. Return: 0 or -ENOMEM.
 */
int tl_stage_init(struct tl_stage *stage, const struct tl_moments *moments, struct tl_err *err);
void tl_stage_release(struct tl_stage *stage);

/* tl_stage_column - an actor's column; NULL for none (borrowed) */
const struct tl_column *tl_stage_column(const struct tl_stage *stage, int actor);

/* tl_stage_x - where a lane of a column runs, in per mille of the width */
int tl_stage_x(const struct tl_stage *stage, const struct tl_column *column, int lane);

/* tl_stage_band - how wide a band in a lane is, in per mille of the width */
int tl_stage_band(const struct tl_column *column);

/* tl_stage_half - from a column's middle to the edge of its outermost band */
int tl_stage_half(const struct tl_column *column);

#endif
