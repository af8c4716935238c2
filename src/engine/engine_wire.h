/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The segments of a run: recorded, held, let go. */
#ifndef TCPLAB_ENGINE_WIRE_H
#define TCPLAB_ENGINE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "holds.h"
#include "tcplab/buf.h"
#include "tcplab/flow.h"
#include "tcplab/plan.h"
#include "tcplab/wire.h"

/* A segment that has been read, and not yet decided on. */
struct coming {
	uint32_t queue_id;
	struct tl_segment seg;
	struct tl_packet packet;  /* its bytes: room */
	uint64_t since;           /* when it was read, ns */
	uint8_t room[TL_PACKET_SNAP];
};

/* All of it belongs to one run; zeroed before wire_open(). */
struct engine_wire {
	struct tl_wire *wire;   /* NULL: nothing is seen of the wire */
	struct tl_flows flows;
	struct holds holds;
	struct coming *coming;  /* in the order they came */
	size_t n_coming, decided; /* of them, the first ones */
	uv_timer_t again;         /* some were left for the next turn of the loop */
	int last_id;
	uint64_t owing;         /* bits 1 << actor: see wire_owes() */
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
 * wire_read_out - read what is stopped, and decide on each, until there is no more
 *
 * Not to be called while a segment is being decided on.
 *
 * Return: 1 when there is no more, or where nothing is seen of the wire; 0 when there was too
 * much for one turn of the loop, which goes on by itself; -errno with @err.
 */
int wire_read_out(struct engine *e, struct tl_err *err);

/*
 * wire_step - carry out a step of the wire, as far as that can be done now
 *
 * Return: 1 when it is done; 0 when it waits for a segment; -errno with @err.
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

/* wire_missed - why a step waits still: what is held and what came, for a person */
void wire_missed(struct engine *e, const struct tl_step *step, struct tl_buf *out);

#endif
