/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a look: what its parts share. */
#ifndef TCPLAB_HOST_ARRANGE_H
#define TCPLAB_HOST_ARRANGE_H

#include "tcplab/host.h"

/* tl_host_hash - FNV-1a, from @hash on; the first is of TL_HOST_HASH */
#define TL_HOST_HASH 2166136261u
static inline uint32_t tl_host_hash(uint32_t hash, const void *bytes, size_t n)
{
	for (const uint8_t *at = bytes; n--; at++)
		/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): words, byte by byte */
		hash = (hash ^ *at) * 16777619u;
	return hash;
}

/* tl_hash_ends - of the two ends of a connection; what tl_endpoint_equal() calls equal is alike */
uint32_t tl_hash_ends(const struct tl_endpoint *a, const struct tl_endpoint *b);

/* A setting: its folder below /proc/sys/net, and its file there. */
struct tl_knob_name {
	const char *folder, *name;
};

/* By tl_knob and by tl_host_counter: how the kernel calls them (here.c) */
extern const struct tl_knob_name tl_knob_names[TL_N_KNOBS];
extern const char *const tl_host_counter_names[TL_N_HOST_COUNTERS];

/* tl_host_index_listeners - of all rows, for tl_host_listener(). Return: 0 or -ENOMEM. */
int tl_host_index_listeners(struct tl_host *look);

/* tl_host_own - whose a row is, and whether it passes and so counts; after the index is made */
void tl_host_own(struct tl_host *look, const struct tl_sieve *sieve, struct tl_seen *row);

/* tl_host_listener - the listener that takes what comes to @to, + 1; 0: none */
uint32_t tl_host_listener(const struct tl_host *look, const struct tl_endpoint *to);

/*
 * tl_host_listeners_alike - how many listeners at the address of this one have something in their
 * queues: with SO_REUSEPORT there are several, and the kernel does not tell whose a row is
 */
size_t tl_host_listeners_alike(const struct tl_host *look, const struct tl_seen *listener);

/* tl_host_is_over - is the accept queue of a listener so full that what comes is dropped? */
static inline bool tl_host_is_over(const struct tl_sock *listener)
{
	return listener->recvq > listener->sendq;
}

/* tl_row_holders - how many processes have it open */
size_t tl_row_holders(const struct tl_host *look, const struct tl_seen *row);

/* tl_host_group - look->groups, of rows whose owners are known. Return: 0 or -ENOMEM. */
int tl_host_group(struct tl_host *look);

#endif
