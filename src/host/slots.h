/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Indices by hash: a table with open addressing and linear probing, from which nothing goes. */
#ifndef TCPLAB_HOST_SLOTS_H
#define TCPLAB_HOST_SLOTS_H

#include <stdbool.h>
#include <stdlib.h>

#include "tcplab/host.h"

struct tl_slots {
	uint32_t *v; /* an index + 1; 0: free. Owned. */
	uint32_t mask;
};

/* What tl_slots_at() finds in a free slot */
#define TL_SLOT_FREE UINT32_MAX

/* tl_slots_make - @slots with room for @n, less than half full. Return: 0 or -ENOMEM. */
int tl_slots_make(struct tl_slots *slots, size_t n);

void tl_slots_release(struct tl_slots *slots);

/*
 * tl_slots_at - the index that a slot holds
 * @at: a hash, then one more each time: what has this hash comes before the first free slot
 * @index: gets it, or TL_SLOT_FREE
 *
 * Return: false where the slot is free.
 */
static inline bool tl_slots_at(const struct tl_slots *slots, uint32_t at, uint32_t *index)
{
	*index = slots->v[at & slots->mask] - 1;
	return *index != TL_SLOT_FREE;
}

/* tl_slots_put - an index into the first free slot from @at on */
void tl_slots_put(struct tl_slots *slots, uint32_t at, uint32_t index);

/* tl_slots_rows - made of the rows of a look, by their cookies. Return: 0 or -ENOMEM. */
int tl_slots_rows(struct tl_slots *slots, const struct tl_host *look);

/*
 * tl_slots_sock - the row of a look that has this cookie and state
 * @state: 0 for any
 *
 * Return: borrowed from @look, of which tl_slots_rows() made @slots; NULL for none.
 */
const struct tl_sock *tl_slots_sock(const struct tl_slots *slots, const struct tl_host *look,
				    uint64_t cookie, enum tl_state state);

#endif
