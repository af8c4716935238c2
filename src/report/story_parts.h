/* SPDX-License-Identifier: GPL-2.0-or-later */
/* story, inside: the trace as it is read, and the states of its lines. */
#ifndef TCPLAB_REPORT_STORY_PARTS_H
#define TCPLAB_REPORT_STORY_PARTS_H

#include "story.h"

/* The trace being read. */
struct reel {
	struct tl_story *story;
	const struct tl_trace *trace;
	size_t phase_at;          /* the first event of the phase that is being read */
	size_t at;                /* the event that is being read */
	size_t steps;             /* how many steps have begun */
	int speaker;              /* the actor that the last of them has send; -1: none */
	size_t conn, line;        /* where that is told */
	bool spoken;              /* it is */
};

/*
 * story_turns - which states of a line are news to who reads line by line: before the first
 * line of a phase stands the table of the phase before
 * @line: of @conn, the last
 */
void story_turns(struct tl_line *line, const struct tl_conn *conn, const struct reel *reel);

/*
 * story_let_go_in - the state of one end when a held segment was let go: looked up then, or else
 * as it was last seen
 * @shot: it was let go
 * @end: 0 for its sender's
 * @was: the state when it was held
 */
enum tl_state story_let_go_in(const struct reel *reel, const struct tl_shot *shot, int end,
			      enum tl_state was);

/*
 * story_is_old - was it held until its two ends had begun another connection?
 * @frame: of it; all before it was let go has been read
 */
bool story_is_old(const struct tl_story *story, const struct tl_frame *frame);

#endif
