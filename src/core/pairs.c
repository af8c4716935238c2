/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pairs of endpoints in an open hash table that is never more than half full. */
#include "tcplab/pairs.h"

#include <stdlib.h>

#include "tcplab/grow.h"

#define FIRST_SLOTS 32

/* FNV-1a over what an address is compared by. */
static uint32_t mix(uint32_t hash, const struct tl_endpoint *ep)
{
	const uint8_t port[2] = { ep->port >> 8, ep->port };
	const struct tl_endpoint plain = tl_endpoint_plain(ep);

	for (size_t i = 0; i < sizeof(plain.addr); i++)
		hash = (hash ^ plain.addr[i]) * 16777619u;
	for (size_t i = 0; i < sizeof(port); i++)
		hash = (hash ^ port[i]) * 16777619u;
	return hash;
}

/* The slot of a pair: where it is, or the free one where it belongs. */
static size_t slot_of(const struct tl_pairs *pairs, const struct tl_endpoint *from,
		      const struct tl_endpoint *to)
{
	size_t mask = pairs->n_slots - 1, i = mix(mix(2166136261u, from), to) & mask;

	while (pairs->slots[i]) {
		const struct tl_pair *pair = &pairs->v[pairs->slots[i] - 1];

		if (tl_endpoint_equal(&pair->from, from) && tl_endpoint_equal(&pair->to, to))
			break;
		i = (i + 1) & mask;
	}
	return i;
}

size_t tl_pairs_find(const struct tl_pairs *pairs, const struct tl_endpoint *from,
		     const struct tl_endpoint *to)
{
	size_t at = pairs->n_slots ? pairs->slots[slot_of(pairs, from, to)] : 0;

	return at ? at - 1 : TL_PAIRS_NONE;
}

static bool make_slots(struct tl_pairs *pairs)
{
	size_t n = pairs->n_slots ? 2 * pairs->n_slots : FIRST_SLOTS;
	uint32_t *slots;

	if (2 * (pairs->n + 1) <= pairs->n_slots)
		return true;
	slots = calloc(n, sizeof(*slots));
	if (!slots)
		return false;
	free(pairs->slots);
	pairs->slots = slots;
	pairs->n_slots = n;
	for (size_t i = 0; i < pairs->n; i++)
		slots[slot_of(pairs, &pairs->v[i].from, &pairs->v[i].to)] = i + 1;
	return true;
}

size_t tl_pairs_add(struct tl_pairs *pairs, const struct tl_endpoint *from,
		    const struct tl_endpoint *to)
{
	size_t at = tl_pairs_find(pairs, from, to);

	if (at != TL_PAIRS_NONE)
		return at;
	if (!make_slots(pairs) || !TL_GROW(pairs->v, pairs->n))
		return TL_PAIRS_NONE;
	pairs->v[pairs->n] = (struct tl_pair){ *from, *to };
	pairs->slots[slot_of(pairs, from, to)] = ++pairs->n;
	return pairs->n - 1;
}

void tl_pairs_release(struct tl_pairs *pairs)
{
	free(pairs->v);
	free(pairs->slots);
	*pairs = (struct tl_pairs){ 0 };
}
