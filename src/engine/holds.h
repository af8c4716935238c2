/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which segments are held, lost, absorbed, let go. Pure: no socket, no clock, no trace. */
#ifndef TCPLAB_ENGINE_HOLDS_H
#define TCPLAB_ENGINE_HOLDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcplab/buf.h"
#include "tcplab/event.h"
#include "tcplab/shelf.h"
#include "tcplab/pairs.h"
#include "tcplab/plan.h"

/* A "hold" or "lose" that has not been filled, or, with all, not been taken back. */
struct hold {
	struct tl_selector select;
	int to_come; /* the to_come'th that comes is the one; 1 is the next */
	bool lose;
};

/* A segment that was stopped. */
struct stopped {
	uint32_t queue_id; /* tl_wire_release() */
	int id;            /* in the trace */
	struct tl_segment seg;
	uint32_t kinds;    /* tl_flows_see() */
	int from, to;      /* actors */
	uint64_t froms, tos; /* 1 << index: those that have its ends open as well */
	uint64_t since;    /* when it was read, ns: it had been sent by then */
	bool orphan;       /* its sender has no socket any more */
};

/* A segment that went on, and may be sent again. */
struct gone {
	struct tl_segment seg;
	int id;
	bool was_held;
	bool owed;         /* the other end's kernel has still to acknowledge it */
	bool by_reset;     /* what answered it is a RST */
	uint64_t since;    /* when it went on, ns */
	uint64_t acked;    /* when its answer did; 0: not yet */
};

/* More than can be on its way from one end to another, or be repeated, at once: a power of two. */
#define GONE_MAX 256

struct way;

/* One that stands still. */
struct held {
	struct tl_shelf_head head; /* by its id */
	struct stopped stopped;
};

/* How many segments a step that waited in vain names. */
#define CAME_MAX 8

/* All of it belongs to one run; zeroed it is empty. */
struct holds {
	struct hold *v;
	size_t n;
	struct tl_shelf held;   /* of struct held */
	struct tl_pairs pairs; /* the two ends of those that were held or went on, */
	struct way *ways;      /* and what did between each */
	size_t n_owed;
	char came[CAME_MAX][64]; /* the last ones, as a person calls them; a ring */
	unsigned n_came;
};

/* What is to become of a segment that comes. */
struct holds_fate {
	enum tl_fate fate;
	bool lost;   /* HELD, and to be dropped at once */
	int copy_of; /* ABSORBED: the id of the other */
};

void holds_release(struct holds *holds);

/* holds_add - a HOLD or LOSE step. Return: 0 or -ENOMEM with @err. */
int holds_add(struct holds *holds, const struct tl_selector *select, bool lose,
	      struct tl_err *err);

/*
 * holds_decide - what is to become of a segment; a hold for just this one is used up
 * @stood_still: the world has been made to wait for a person: whatever the kernel repeats
 *               meanwhile is for want of an answer that we keep back
 *
 * Absorbed are the kernel's own repetitions that a hold is the reason for, and nothing else:
 * of a segment that is held now; of one whose answer, an ACK or a RST, is held now; of one that
 * has arrived, where something that the same end has sent after it is held now; of one that
 * was held and has gone on, before the other end's kernel has acknowledged it (the timer ran
 * out while it was held); and of one whose answer had not left our queue when the repetition was
 * sent (we were slow): where the answer was a RST, and the sender has no socket any more, that
 * must be so. None of them is a mere ACK or a RST: no kernel repeats those, a second one is
 * another answer. Once a segment, or its acknowledgment, is lost, a copy is not a copy but the
 * repair.
 */
struct holds_fate holds_decide(struct holds *holds, const struct stopped *seg, bool stood_still);

/* holds_absorb - is that what is to become of it? @came: when it was read, ns */
bool holds_absorb(const struct holds *holds, const struct tl_segment *seg, uint64_t came,
		  bool stood_still);

/* holds_keep - it is held. Return: 0 or -ENOMEM with @err. */
int holds_keep(struct holds *holds, const struct stopped *seg, struct tl_err *err);

/* holds_find - the oldest held one, or the nth, that a step is about; NULL for none (borrowed) */
const struct stopped *holds_find(const struct holds *holds, const struct tl_selector *select);

/* holds_find_after - the next after the one of this id, whatever its number (borrowed) */
const struct stopped *holds_find_after(const struct holds *holds, const struct tl_selector *select,
				       int id);

/* holds_take - the one of this id, held no longer. Return: was it held? */
bool holds_take(struct holds *holds, int id, struct stopped *out);

/*
 * holds_went_on - a segment has been let go
 * @was_held: and not at once
 * @owed: it has arrived at a socket whose kernel acknowledges it, now or a moment later
 *
 * Return: 0 or -ENOMEM with @err.
 */
int holds_went_on(struct holds *holds, const struct stopped *seg, bool was_held, bool owed,
		  uint64_t now, struct tl_err *err);

/* holds_answered - a segment has come: what it acknowledges is owed no longer */
void holds_answered(struct holds *holds, const struct tl_segment *seg);

/*
 * holds_owed - is there a segment whose acknowledgment has still to come?
 * @of: of the connection of this socket, either way; NULL: of any
 * @after: one that went on at this moment or earlier is not waited for any more
 */
bool holds_owed(struct holds *holds, const struct tl_told *of, uint64_t after);

/* holds_pass - a PASS step: take back the holds that @select covers */
void holds_pass(struct holds *holds, const struct tl_selector *select);

/* holds_came - remember it as having come; holds_new_phase - what came before does not count */
void holds_came(struct holds *holds, const struct stopped *seg, enum tl_fate fate,
		const char *from);
void holds_new_phase(struct holds *holds);

/* holds_say_came - "what came: SYN from client, data from server (absorbed)" */
void holds_say_came(const struct holds *holds, struct tl_buf *out);

#endif
