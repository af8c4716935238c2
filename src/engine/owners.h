/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose a socket is. */
#ifndef TCPLAB_ENGINE_OWNERS_H
#define TCPLAB_ENGINE_OWNERS_H

#include "tcplab/actor.h"
#include "tcplab/sock.h"
#include "tcplab/table.h"

struct known;

/*
 * What has been learnt of the sockets of a run. Zeroed except for the first four, all borrowed,
 * and for @turn it is empty.
 */
struct owners {
	const struct tl_plan *plan;
	struct tl_actor *const *actors; /* those of the plan */
	struct tl_table *table;         /* to ask whether a listener is still there */
	size_t n_actors;
	int turn;                       /* the actor of the step under way, -1 for none */
	void *by_cookie;                /* trees of tsearch(3), of struct known */
	void *by_ends;                  /* only the youngest of each two ends */
	struct known **listeners;       /* those that listen, as far as is known */
	size_t n_listeners;
};

void owners_release(struct owners *owners);

/*
 * owners_told - a process of @actor has told what it made
 *
 * Return: 0 or -ENOMEM with @err.
 */
int owners_told(struct owners *owners, int actor, const struct tl_told *told,
		struct tl_err *err);

/* owners_given - a descriptor of it was passed to @actor, which has it open as well */
void owners_given(struct owners *owners, int actor, uint64_t cookie);

/*
 * owners_let_go - @actor has closed it: who else has it open is asked for when next it is seen
 * owners_exited - the same of all that an actor had
 */
void owners_let_go(struct owners *owners, int actor, uint64_t cookie);
void owners_exited(struct owners *owners, int actor);

/*
 * owners_attribute - turn the whole table into rows with owner, peer and holders, sorted for
 * display
 * @socks: every row that is watched
 * @rows: *@rows gets as many rows as @socks has (returned owned; NULL for none)
 */
int owners_attribute(struct owners *owners, const struct tl_socks *socks, struct tl_row **rows,
		     struct tl_err *err);

/*
 * owners_attribute_one - the same for one socket, found by itself; its holders are not asked
 * for where its owner is known
 */
int owners_attribute_one(struct owners *owners, const struct tl_sock *sock, struct tl_row *row,
			 struct tl_err *err);

/* owners_of - who has, or last had, the end @local of a connection to @remote; -1 for nobody */
int owners_of(struct owners *owners, const struct tl_endpoint *local,
	      const struct tl_endpoint *remote);

/* owners_have_seen - has there been a socket of these two ends? */
bool owners_have_seen(const struct owners *owners, const struct tl_endpoint *local,
		      const struct tl_endpoint *remote);

#endif
