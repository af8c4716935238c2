/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tracepoint told, held against the table of a look. */
#include <errno.h>
#include <stdlib.h>

#include "arrange.h"
#include "tcplab/tracepoint.h"

/* By the two ends of a socket: the index + 1 of the last change that was told about it. */
struct last {
	const struct tl_told_changes *told;
	uint32_t *slots;
	uint32_t mask;
};

static uint32_t place(const struct last *last, const struct tl_endpoint *local,
		      const struct tl_endpoint *remote)
{
	uint32_t hash = tl_host_hash(2166136261u, local->addr, sizeof(local->addr));

	hash = tl_host_hash(hash, remote->addr, sizeof(remote->addr));
	hash = tl_host_hash(hash, &local->port, sizeof(local->port));
	return tl_host_hash(hash, &remote->port, sizeof(remote->port)) & last->mask;
}

/* The slot of these two ends, or the free one where they would be. */
static uint32_t *slot(const struct last *last, const struct tl_endpoint *local,
		      const struct tl_endpoint *remote)
{
	uint32_t at = place(last, local, remote);

	for (; last->slots[at]; at = (at + 1) & last->mask) {
		const struct tl_change_told *it = &last->told->v[last->slots[at] - 1];

		if (tl_endpoint_equal(&it->local, local) && tl_endpoint_equal(&it->remote, remote))
			break;
	}
	return &last->slots[at];
}

static int fill(struct last *last, const struct tl_told_changes *told)
{
	*last = (struct last){ .told = told, .mask = tl_host_mask(told->n) };
	last->slots = calloc((size_t)last->mask + 1, sizeof(*last->slots));
	if (!last->slots)
		return -ENOMEM;
	for (size_t i = 0; i < told->n; i++)
		*slot(last, &told->v[i].local, &told->v[i].remote) = i + 1;
	return 0;
}

/* A minisocket is what is left of a socket that was closed. */
static bool agrees(enum tl_state told, const struct tl_sock *sock)
{
	return told == sock->state ||
	       (told == TL_CLOSE && (sock->state == TL_TIME_WAIT || sock->state == TL_FIN_WAIT2));
}

static void hold(const struct tl_host *look, const struct last *before, const struct last *during,
		 struct tl_witnessed *witnessed)
{
	for (size_t i = 0; i < look->n; i++) {
		const struct tl_sock *sock = &look->rows[i].sock;
		struct tl_endpoint local = tl_endpoint_plain(&sock->local);
		struct tl_endpoint remote = tl_endpoint_plain(&sock->remote);
		uint32_t at = *slot(before, &local, &remote);

		/* A request has the ends of the socket that it will be; a listener has none. */
		if (!at || !tl_sock_has_other(sock) || sock->state == TL_SYN_RECV ||
		    *slot(during, &local, &remote))
			continue;
		if (agrees(before->told->v[at - 1].to, sock)) {
			witnessed->agree++;
		} else if (!witnessed->differ++) {
			witnessed->to = before->told->v[at - 1];
			witnessed->table = sock->state;
		}
	}
}

int tl_witness(const struct tl_host *look, const struct tl_told_changes *before,
	       const struct tl_told_changes *during, struct tl_witnessed *witnessed,
	       struct tl_err *err)
{
	struct last first = { 0 }, second = { 0 };
	int rc = fill(&first, before);

	rc = rc ? rc : fill(&second, during);
	*witnessed = (struct tl_witnessed){ .told = before->n, .lost = before->lost };
	/* what came before what was lost may not be the last word */
	if (!rc && !before->lost)
		hold(look, &first, &second, witnessed);
	free(first.slots);
	free(second.slots);
	return rc ? tl_err_set(err, ENOMEM, "no memory for what the tracepoint tells") : 0;
}
