/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: what a segment found at its two ends, and what it left there. */
#ifndef TCPLAB_REPORT_PASSAGE_H
#define TCPLAB_REPORT_PASSAGE_H

#include "tcplab/report.h"

/* A part of a socket's life. */
struct tl_leg {
	const struct tl_life *life; /* NULL: there is no socket (borrowed) */
	size_t from, to;            /* hops of it; the same where nothing changed */
};

/*
 * One of a segment's ends. Of the sender: from what was seen of it last to what it is once
 * it has sent; of the receiver: from what it is when the segment comes to what is seen of
 * it next. Where one socket takes the place of another, both have a leg.
 */
struct tl_passage_end {
	struct tl_leg was, is;
	bool listens; /* no socket, but a listener that answers for it */
	bool unknown; /* the sender was there, and nothing says in which state */
	bool unseen;  /* the receiver is not seen any more: @is is not known */
};

struct tl_passage {
	struct tl_passage_end ends[2]; /* the sender's first */
	bool arrives;                  /* else it leaves the receiver as it was */
};

/* tl_passage - look them up: each sighting is a place in a life that the judge has told */
struct tl_passage tl_passage(const struct tl_report *report, const struct tl_shot *shot);

#endif
