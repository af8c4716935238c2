/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: numbers for ordered pairs of endpoints, found by hash. */
#ifndef TCPLAB_PAIRS_H
#define TCPLAB_PAIRS_H

#include "tcplab/endpoint.h"

/* Each pair has a number, from 0 in order of first appearance. Zeroed is empty; owns its memory. */
struct tl_pairs {
	struct tl_pair {
		struct tl_endpoint from, to;
	} *v;
	size_t n;
	uint32_t *slots;   /* 1 + an index into @v; 0: free */
	size_t n_slots;    /* a power of two, or 0 */
};

/* No number of a pair. */
#define TL_PAIRS_NONE SIZE_MAX

/* tl_pairs_find - the number of a pair, or TL_PAIRS_NONE */
size_t tl_pairs_find(const struct tl_pairs *pairs, const struct tl_endpoint *from,
		     const struct tl_endpoint *to);

/* tl_pairs_add - its number, a new one where it has none; TL_PAIRS_NONE without memory */
size_t tl_pairs_add(struct tl_pairs *pairs, const struct tl_endpoint *from,
		    const struct tl_endpoint *to);

/* tl_pairs_release - a zeroed one and a second call are fine */
void tl_pairs_release(struct tl_pairs *pairs);

#endif
