/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of one look: whose each is, which way it came, and where its other end is. */
#include "tcplab/host.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "arrange.h"
#include "slots.h"
#include "tcplab/enum_names.h"
#include "tcplab/grow.h"
#include "tcplab/sieve.h"

TL_NAMES(tl_owner_name, enum tl_owner, TL_OWNERS)

unsigned tl_host_note_says(const struct tl_host *look)
{
	return (look->says & TL_HOST_BACKLOG ? TL_NOTE_BACKLOG : 0) |
	       (look->says & TL_HOST_INODES ? TL_NOTE_INODE : 0) | TL_NOTE_COUNTS;
}

int tl_host_add(struct tl_host *look, const struct tl_sock *sock,
		const struct tl_sock_info *info, struct tl_err *err)
{
	if (look->n >= UINT32_MAX / 2 || !TL_GROW(look->rows, look->n))
		return tl_err_set(err, ENOMEM, "no memory for %zu rows", look->n);
	look->rows[look->n++] = (struct tl_seen){ .sock = *sock, .info = *info };
	return 0;
}

/* Listeners by their port, so that no row looks through all of them. */
int tl_host_index_listeners(struct tl_host *look)
{
	look->ports = calloc(UINT16_MAX + 1, sizeof(*look->ports));
	look->chain = calloc(look->n + 1, sizeof(*look->chain));
	if (!look->ports || !look->chain)
		return -ENOMEM;
	for (size_t i = look->n; i-- > 0;) {
		const struct tl_sock *sock = &look->rows[i].sock;

		if (sock->state != TL_LISTEN)
			continue;
		look->chain[i] = look->ports[sock->local.port];
		look->ports[sock->local.port] = i + 1;
	}
	return 0;
}

uint32_t tl_host_listener(const struct tl_host *look, const struct tl_endpoint *to)
{
	uint32_t wild = 0;

	for (uint32_t at = look->ports ? look->ports[to->port] : 0; at; at = look->chain[at - 1]) {
		const struct tl_endpoint *there = &look->rows[at - 1].sock.local;

		if (!tl_endpoint_accepts(there, to))
			continue;
		if (!tl_endpoint_is_any(there))
			return at;
		wild = wild ? wild : at;
	}
	return wild;
}

/* Does this one listen at the same address, with something in its queue? */
static bool is_alike(const struct tl_host *look, uint32_t at, const struct tl_seen *listener)
{
	const struct tl_sock *sock = &look->rows[at - 1].sock;

	return sock->recvq && tl_endpoint_equal(&sock->local, &listener->sock.local);
}

size_t tl_host_listeners_alike(const struct tl_host *look, const struct tl_seen *listener)
{
	size_t n = 0;

	for (uint32_t at = look->ports[listener->sock.local.port]; at; at = look->chain[at - 1])
		n += is_alike(look, at, listener);
	return n;
}

/* Of several that share an address a row waits in one that has something in its queue. */
static uint32_t with_queue(const struct tl_host *look, uint32_t listener)
{
	const struct tl_seen *first = &look->rows[listener - 1];

	for (uint32_t at = look->ports[first->sock.local.port]; at; at = look->chain[at - 1])
		if (is_alike(look, at, first))
			return at;
	return listener;
}

/* Without a process: the kernel's own, or in the queue of its listener. */
static enum tl_owner owner_of_none(const struct tl_host *look, const struct tl_seen *row)
{
	enum tl_state state = row->sock.state;

	if (state == TL_TIME_WAIT || state == TL_SYN_RECV || row->sock.timer == TL_TIMER_TIMEWAIT)
		return TL_OWNER_KERNEL;
	if (!(look->says & TL_HOST_INODES))
		return TL_OWNER_UNTOLD;
	return (state == TL_ESTABLISHED || state == TL_CLOSE_WAIT) &&
	       tl_host_listener(look, &row->sock.local) ? TL_OWNER_QUEUE : TL_OWNER_KERNEL;
}

static bool looks_like_service(const struct tl_host *look, const struct tl_sock *sock)
{
	const struct tl_knobs *knobs = &look->knobs;
	bool local = sock->local.port >= knobs->port_low && sock->local.port <= knobs->port_high;
	bool remote = sock->remote.port >= knobs->port_low && sock->remote.port <= knobs->port_high;

	if (local != remote)
		return remote;
	return sock->local.port < sock->remote.port;
}

static void find_way(const struct tl_host *look, struct tl_seen *row)
{
	if (!tl_sock_has_other(&row->sock))
		return;
	row->listener = tl_host_listener(look, &row->sock.local);
	row->incoming = row->listener || (row->sock.state != TL_SYN_SENT &&
					  !tl_host_listener(look, &row->sock.remote) &&
					  looks_like_service(look, &row->sock));
	if (row->owner == TL_OWNER_QUEUE && !look->rows[row->listener - 1].sock.recvq)
		row->listener = with_queue(look, row->listener);
}

static uint32_t hash_end(uint32_t hash, const struct tl_endpoint *end)
{
	struct tl_endpoint plain = tl_endpoint_plain(end);

	hash = tl_host_hash(hash, plain.addr, plain.family == AF_INET ? 4 : sizeof(plain.addr));
	return tl_host_hash(hash, &plain.port, sizeof(plain.port));
}

uint32_t tl_hash_ends(const struct tl_endpoint *a, const struct tl_endpoint *b)
{
	return hash_end(hash_end(TL_HOST_HASH, a), b);
}

/* Pairs of rows that name each other. */
static int find_others(struct tl_host *look)
{
	struct tl_slots slots;

	if (tl_slots_make(&slots, look->n))
		return -ENOMEM;
	for (size_t i = 0; i < look->n; i++) {
		struct tl_seen *row = &look->rows[i];
		const struct tl_endpoint *here = &row->sock.local, *there = &row->sock.remote;
		uint32_t at, j;

		if (!tl_sock_has_other(&row->sock))
			continue;
		for (at = tl_hash_ends(there, here); tl_slots_at(&slots, at, &j); at++) {
			struct tl_seen *other = &look->rows[j];

			if (!tl_endpoint_equal(&other->sock.local, there) ||
			    !tl_endpoint_equal(&other->sock.remote, here))
				continue;
			row->other = j + 1;
			other->other = i + 1;
			break;
		}
		tl_slots_put(&slots, tl_hash_ends(here, there), i);
	}
	tl_slots_release(&slots);
	return 0;
}

size_t tl_row_holders(const struct tl_host *look, const struct tl_seen *row)
{
	uint32_t last = UINT32_MAX;
	size_t n = 0;

	/* Those of one process are side by side: dup() makes no other holder. */
	TL_EACH_HOLD(hold, look, row) {
		n += hold->process != last;
		last = hold->process;
	}
	return n;
}

void tl_host_own(struct tl_host *look, const struct tl_sieve *sieve, struct tl_seen *row)
{
	row->hold = tl_processes_find(&look->processes, row->sock.inode);
	if (row->hold)
		row->owner = TL_OWNER_PROCESS;
	else if (row->sock.inode)
		row->owner = TL_OWNER_UNSEEN;
	else
		row->owner = owner_of_none(look, row);
	row->left_out = sieve && !tl_sieve_passes(sieve, &row->sock);
	/* Of a process that is asked for it may be, and nobody knows. */
	look->unseen += !row->left_out && row->owner == TL_OWNER_UNSEEN;
	row->left_out |= sieve && !tl_sieve_holds(sieve, &look->processes, row->hold);
	if (row->left_out)
		return;
	if (row->sock.state < TL_STATE_NUMBERS)
		look->count[row->sock.state]++;
	look->mptcp += row->info.mptcp && row->sock.state != TL_LISTEN;
}

int tl_host_arrange(struct tl_host *look, const struct tl_sieve *sieve, struct tl_err *err)
{
	int rc = tl_host_index_listeners(look);

	for (size_t i = 0; !rc && i < look->n; i++) {
		tl_host_own(look, sieve, &look->rows[i]);
		find_way(look, &look->rows[i]);
	}
	rc = rc ? rc : find_others(look);
	rc = rc ? rc : tl_host_group(look);
	return rc ? tl_err_set(err, -rc, "no memory for %zu rows", look->n) : 0;
}

void tl_host_release(struct tl_host *look)
{
	free(look->rows);
	free(look->groups);
	free(look->ports);
	free(look->chain);
	tl_processes_release(&look->processes);
	*look = (struct tl_host){ 0 };
}
