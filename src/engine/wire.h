/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The segments of a run: recorded, held, let go. */
#ifndef TCPLAB_ENGINE_WIRE_H
#define TCPLAB_ENGINE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcplab/buf.h"
#include "tcplab/flow.h"
#include "tcplab/plan.h"
#include "tcplab/wire.h"

/* A "hold" or "lose" that has not been filled, or, with all, not been taken back. */
struct hold {
	struct tl_selector select;
	int to_come; /* the to_come'th that comes is the one; 1 is the next */
	bool lose;
};

/* A segment that stays where it is until somebody says otherwise. */
struct held {
	uint32_t queue_id; /* tl_wire_release() */
	int id;            /* in the trace */
	struct tl_segment seg;
	uint32_t kinds;    /* tl_flows_see() */
	int from, to;      /* actors */
};

/* A segment that was held and then went on, to know its echo by. */
struct released {
	struct tl_segment seg;
	int id;
	uint64_t at; /* uv_hrtime() */
};

/* More than can be on its way, or be repeated, at once. */
#define RELEASED_MAX 1024

/* How many segments a step that waited in vain names. */
#define CAME_MAX 8

/* All of it belongs to one run; zeroed before wire_open(). */
struct engine_wire {
	struct tl_wire *wire;   /* NULL: nothing is seen of the wire */
	struct tl_flows flows;
	int last_id;
	struct hold *holds;
	size_t n_holds;
	struct held *held;      /* in the order they came */
	size_t n_held;
	struct released *released; /* a ring of RELEASED_MAX; NULL before the first */
	size_t n_released;
	uint64_t owing;         /* bits 1 << actor: see wire_owes() */
	bool awaiting;          /* the step under way is one that waits for a held segment */
	char came[CAME_MAX][48]; /* the last ones, as a person calls them; a ring */
	unsigned n_came;
};

struct engine;

/* wire_open - put the wire in place, if the scenario wants it. Return: 0 or -errno with @err. */
int wire_open(struct engine *e, struct tl_err *err);

/* wire_close - what is still held is lost; ends by itself on the loop */
void wire_close(struct engine *e);

/* wire_release_memory - after the loop has run dry */
void wire_release_memory(struct engine *e);

/* wire_new_phase - what came before does not count as having come */
void wire_new_phase(struct engine *e);

/*
 * wire_step - carry out a step of the wire
 *
 * Return: 1 when it is done; 0 when it waits for a segment, then steps_wire_done() follows;
 * -errno with @err.
 */
int wire_step(struct engine *e, const struct tl_step *step, struct tl_err *err);

/*
 * wire_owes - has this replica still to say that it has got what its master sent last?
 *
 * A replica is up a moment before it sends its first REPLCONF ACK, and a master that is
 * stopped in that moment answers it with a RST. Always false where the wire is not seen.
 */
bool wire_owes(const struct engine *e, int actor);

/* wire_let_go - release or drop a held segment by its id; nothing if it is not held any more */
int wire_let_go(struct engine *e, int id, bool drop, struct tl_err *err);

/* wire_answered - somebody has said what is to become of a segment: steps may go on */
void wire_answered(struct engine *e);

/* wire_missed - why a step waits still: what is held and what came, for a person */
void wire_missed(struct engine *e, const struct tl_step *step, struct tl_buf *out);

#endif
