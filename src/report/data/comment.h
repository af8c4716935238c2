/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: what a reader of a capture wants to know of one segment. */
#ifndef TCPLAB_REPORT_COMMENT_H
#define TCPLAB_REPORT_COMMENT_H

#include "tcplab/report.h"

/*
 * tl_comment - append a few lines: which segment, during which step; each end's state before
 * and after, and by which arcs; what became of it
 * @step: the STEP event that is under way; NULL for none
 */
void tl_comment(struct tl_buf *out, const struct tl_report *report,
		const struct tl_shot *shot, const struct tl_event *step);

#endif
