/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An open hash table of indices, and the one of the rows of a look. */
#include "slots.h"

#include <errno.h>

int tl_slots_make(struct tl_slots *slots, size_t n)
{
	size_t size = 64;

	while (size < 2 * n + 2)
		size *= 2;
	*slots = (struct tl_slots){ .v = calloc(size, sizeof(*slots->v)), .mask = size - 1 };
	return slots->v ? 0 : -ENOMEM;
}

void tl_slots_release(struct tl_slots *slots)
{
	free(slots->v);
	*slots = (struct tl_slots){ 0 };
}

void tl_slots_put(struct tl_slots *slots, uint32_t at, uint32_t index)
{
	for (uint32_t there; tl_slots_at(slots, at, &there);)
		at++;
	slots->v[at & slots->mask] = index + 1;
}

static uint32_t hash(uint64_t cookie)
{
	return cookie * 0x9e3779b97f4a7c15u >> 32;
}

/* Where no row has a cookie, all have the same: of those alike one is enough. */
int tl_slots_rows(struct tl_slots *slots, const struct tl_host *look)
{
	int rc = tl_slots_make(slots, look->n);

	for (size_t i = 0; !rc && i < look->n; i++) {
		const struct tl_sock *sock = &look->rows[i].sock;

		if (!tl_slots_sock(slots, look, sock->cookie, sock->state))
			tl_slots_put(slots, hash(sock->cookie), i);
	}
	return rc;
}

const struct tl_sock *tl_slots_sock(const struct tl_slots *slots, const struct tl_host *look,
				    uint64_t cookie, enum tl_state state)
{
	for (uint32_t at = hash(cookie), i; tl_slots_at(slots, at, &i); at++) {
		const struct tl_sock *sock = &look->rows[i].sock;

		if (sock->cookie == cookie && (!state || sock->state == state))
			return sock;
	}
	return NULL;
}
