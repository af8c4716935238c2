/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What owners.c knows of each socket, and how it is found again. */
#ifndef TCPLAB_ENGINE_KNOWN_H
#define TCPLAB_ENGINE_KNOWN_H

#include "owners.h"

struct known {
	uint64_t cookie;
	struct tl_endpoint local, remote; /* plain */
	struct known *older;  /* the one of these ends before it */
	bool placed;          /* it is in by_ends, or behind one that is */
	bool listens;
	int owner;
	int peer;             /* the last that was known; -1 */
	bool peer_sure;       /* by a socket that had the other end */
	pid_t pid;
	uint32_t inode;       /* by which it was learnt; 0: through its listener */
	uint64_t held_by;     /* 1 << index: the actors that have it open, as far as is known */
	bool stale;           /* one of them has let go of it: find out who still has it */
};

/* known_find - the socket of a cookie; known_between - the youngest of these ends; NULL: none */
struct known *known_find(const struct owners *o, uint64_t cookie);
struct known *known_between(const struct owners *o, const struct tl_endpoint *local,
			    const struct tl_endpoint *remote);

/* known_learn - the same, made where it was not known; NULL without memory */
struct known *known_learn(struct owners *o, uint64_t cookie);

/*
 * known_place - these are its ends now; a listener that connects gets others
 * known_listens - it listens, or does not; known_stops - it does not
 *
 * Return: 0 or -ENOMEM with @err.
 */
int known_place(struct owners *o, struct known *k, const struct tl_endpoint *local,
		const struct tl_endpoint *remote, struct tl_err *err);
int known_listens(struct owners *o, struct known *k, bool listens, struct tl_err *err);
void known_stops(struct owners *o, struct known *k);

int known_no_memory(struct tl_err *err);

#endif
