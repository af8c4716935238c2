/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processes have which sockets open, at one moment. */
#ifndef TCPLAB_ENGINE_HOLDERS_H
#define TCPLAB_ENGINE_HOLDERS_H

#include "tcplab/actor.h"

/* One process that has one socket open. */
struct holder {
	uint32_t inode;
	int actor;
	int rank;  /* of the process among its actor's: 0 is the actor's own */
	pid_t pid;
};

/* Zeroed is empty. */
struct holders {
	struct holder *v; /* by inode, and for one inode by actor and rank */
	size_t n;
};

/*
 * holders_read - the file descriptors of every process of every actor
 * @only: of this actor alone; -1: of all
 *
 * What @holders had is replaced. Return: 0 or -errno with @err.
 */
int holders_read(struct holders *holders, struct tl_actor *const *actors, size_t n_actors,
		 int only, struct tl_err *err);

/*
 * holders_guess - @inode alone, where @actor's own process has just made it; else none
 *
 * Return: 0 or -ENOMEM with @err.
 */
int holders_guess(struct holders *holders, const struct tl_actor *actor, int index,
		  uint32_t inode, struct tl_err *err);

void holders_release(struct holders *holders);

/* holders_of - those of @inode: the first of *@n, NULL where there is none (borrowed) */
const struct holder *holders_of(const struct holders *holders, uint32_t inode, size_t *n);

#endif
