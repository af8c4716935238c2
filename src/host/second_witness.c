/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tracepoint told, held against the table of a look. */
#include <errno.h>

#include "arrange.h"
#include "slots.h"
#include "tcplab/tracepoint.h"

/* The last change that was told about each socket, by its two ends. */
struct last {
	const struct tl_told_changes *told;
	struct tl_slots slots;
};

static const struct tl_change_told *find(const struct last *last, const struct tl_endpoint *local,
					 const struct tl_endpoint *remote)
{
	uint32_t at, i;

	for (at = tl_hash_ends(local, remote); tl_slots_at(&last->slots, at, &i); at++) {
		const struct tl_change_told *it = &last->told->v[i];

		if (tl_endpoint_equal(&it->local, local) && tl_endpoint_equal(&it->remote, remote))
			return it;
	}
	return NULL;
}

static int fill(struct last *last, const struct tl_told_changes *told)
{
	int rc = tl_slots_make(&last->slots, told->n);

	last->told = told;
	for (size_t i = told->n; !rc && i--;) {
		const struct tl_change_told *it = &told->v[i];

		if (!find(last, &it->local, &it->remote))
			tl_slots_put(&last->slots, tl_hash_ends(&it->local, &it->remote), i);
	}
	return rc;
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
		const struct tl_change_told *it = find(before, &sock->local, &sock->remote);

		/* A request has the ends of the socket that it will be; a listener has none. */
		if (!it || !tl_sock_has_other(sock) || sock->state == TL_SYN_RECV ||
		    find(during, &sock->local, &sock->remote))
			continue;
		if (agrees(it->to, sock)) {
			witnessed->agree++;
		} else if (!witnessed->differ++) {
			witnessed->to = *it;
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
	if (!rc && !before->lost && !during->lost)
		hold(look, &first, &second, witnessed);
	tl_slots_release(&first.slots);
	tl_slots_release(&second.slots);
	return rc ? tl_err_set(err, ENOMEM, "no memory for what the tracepoint tells") : 0;
}
