/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * The kernel's own lookup is a hundred times cheaper than a dump. It answers with the
 * connection, or with the listener that a segment between these ends would reach, or with
 * nothing. A hit is believed. A miss may be none: the lookup takes no lock, and misses a socket
 * in the very moment it becomes another (a request a full socket, a full socket a
 * minisocket): the new one stands in the chain before the old one, not yet to be used. A dump
 * locks the chain, so a miss is looked into with one.
 */
#include <errno.h>

#include "diag.h"

static bool same_end(const struct tl_endpoint *a, const struct tl_endpoint *b)
{
	struct tl_endpoint x = tl_endpoint_plain(a), y = tl_endpoint_plain(b);

	return tl_endpoint_equal(&x, &y);
}

static const struct tl_sock *pick(const struct tl_socks *rows, const struct tl_endpoint *local,
				  const struct tl_endpoint *remote)
{
	for (size_t i = 0; i < rows->n; i++)
		if (same_end(&rows->v[i].local, local) && same_end(&rows->v[i].remote, remote))
			return &rows->v[i];
	return NULL;
}

static void pick_listener(const struct tl_socks *rows, const struct tl_endpoint *local,
			  struct tl_sock *listener)
{
	for (size_t i = 0; i < rows->n; i++)
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there are @n of them */
		if (rows->v[i].state == TL_LISTEN &&
		    tl_endpoint_accepts(&rows->v[i].local, local))
			*listener = rows->v[i];
}

int tl_diag_find(const struct tl_diag_ways *ways, const struct tl_endpoint *local,
		 const struct tl_endpoint *remote, bool fresh, struct tl_sock *out,
		 struct tl_sock *listener, struct tl_err *err)
{
	/* The higher of the two is most often the one that no other connection has. */
	uint16_t rare = local->port > remote->port ? local->port : remote->port;
	struct tl_socks rows = { 0 };
	const struct tl_sock *hit;
	int rc;

	rc = ways->look_up(ways->arg, local, remote, &rows, err);
	hit = rc ? NULL : pick(&rows, local, remote);
	if (!rc && !hit)
		pick_listener(&rows, local, listener);
	if (!rc && !hit && !fresh) {
		rc = ways->dump(ways->arg, rare, &rows, err);
		hit = rc ? NULL : pick(&rows, local, remote);
	}
	if (hit)
		*out = *hit;
	tl_socks_release(&rows);
	return rc ? rc : hit ? 0 : -ENOENT;
}
