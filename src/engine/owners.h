/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose a socket is. */
#ifndef TCPLAB_ENGINE_OWNERS_H
#define TCPLAB_ENGINE_OWNERS_H

#include "tcplab/actor.h"
#include "tcplab/sock.h"
#include "tcplab/table.h"

struct known;

/* What has been learnt of the sockets of a run, by cookie. Zeroed but for @plan it is empty. */
struct owners {
	const struct tl_plan *plan; /* borrowed */
	struct known *known;
	size_t n;
};

void owners_release(struct owners *owners);

/*
 * owners_attribute - turn kernel rows into rows with owner and peer, sorted for display
 * @actors: those of the plan, @n_actors of them
 * @rows: *@rows gets as many rows as @socks has (returned owned; NULL for none)
 */
int owners_attribute(struct owners *owners, struct tl_actor *const *actors, size_t n_actors,
		     const struct tl_socks *socks, struct tl_row **rows, struct tl_err *err);

/* owners_attribute_one - the same for one socket, found by itself */
int owners_attribute_one(struct owners *owners, struct tl_actor *const *actors, size_t n_actors,
			 const struct tl_sock *sock, struct tl_row *row, struct tl_err *err);

/* owners_of - who has, or last had, the end @local of a connection to @remote; -1 for nobody */
int owners_of(const struct owners *owners, const struct tl_endpoint *local,
	      const struct tl_endpoint *remote);

#endif
