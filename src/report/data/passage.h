/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: what each segment found at its two ends, and what it left there. */
#ifndef TCPLAB_REPORT_PASSAGE_H
#define TCPLAB_REPORT_PASSAGE_H

#include "../story.h"

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
	bool unseen;  /* the receiver is not seen any more: @is is not known */
};

struct tl_passage {
	struct tl_passage_end ends[2]; /* the sender's first */
	bool arrives;                  /* else it leaves the receiver as it was */
};

/*
 * tl_passages - read them off a trace that was judged
 * @passages: *@passages gets an array, one for each of @film's frames; for free()
 *
 * Return: 0 or -ENOMEM.
 */
int tl_passages(struct tl_passage **passages, const struct tl_story *story,
		const struct tl_report *report, struct tl_err *err);

#endif
