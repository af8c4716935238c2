/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * The kernel names a socket's owner only while a process has it open: by the inode, which
 * is also the name of a link in /proc/PID/fd. A request socket, a connection nobody has
 * accepted, an orphan and a TIME_WAIT have none. The cookie is what stays the same from
 * the first SYN to the end of TIME_WAIT, so what an inode tells is kept by cookie.
 *
 * A socket first seen without an inode came in through a listener (then it is its owner's)
 * or has closed before anybody looked (then nobody knows, and we say so).
 *
 * The peer of a row is the owner of the row with the ends swapped, now or earlier, or,
 * before the other end has one, of the listener the connection is made to; where nobody
 * has ever been seen there, the actor whose port the scenario says it is.
 */
#include "owners.h"

#include <errno.h>
#include <stdlib.h>

#include "tcplab/grow.h"

struct known {
	uint64_t cookie;
	struct tl_endpoint local, remote;
	enum tl_state state;     /* last seen */
	int owner;
	pid_t pid;
	uint32_t inode;          /* by which it was learnt; 0: through its listener */
};

/* The sockets of one live process, one of an actor's. */
struct holding {
	int actor;
	pid_t pid;
	uint32_t *inodes;
	size_t n;
};

struct holdings {
	struct holding *v;
	size_t n;
};

void owners_release(struct owners *owners)
{
	free(owners->known);
	*owners = (struct owners){ .plan = owners->plan };
}

static struct known *find_cookie(struct owners *owners, uint64_t cookie)
{
	for (size_t i = 0; i < owners->n; i++)
		if (owners->known[i].cookie == cookie)
			return &owners->known[i];
	return NULL;
}

static struct known *learn(struct owners *owners, const struct tl_sock *sock)
{
	struct known *k = find_cookie(owners, sock->cookie);

	if (k)
		return k;
	if (!TL_GROW(owners->known, owners->n))
		return NULL;
	k = &owners->known[owners->n++];
	*k = (struct known){ .cookie = sock->cookie, .owner = -1 };
	return k;
}

static int add_holding(struct holdings *h, int actor, pid_t pid, struct tl_err *err)
{
	if (!TL_GROW(h->v, h->n))
		return tl_err_set(err, ENOMEM, "no memory for the socket table");
	h->v[h->n] = (struct holding){ .actor = actor, .pid = pid };
	h->n++;
	return tl_table_inodes(pid, &h->v[h->n - 1].inodes, &h->v[h->n - 1].n, err);
}

/* Read every actor's file descriptors, once for all the rows that ask: its own process's first. */
static int read_holdings(struct tl_actor *const *actors, size_t n_actors, struct holdings *h,
			 struct tl_err *err)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < n_actors; i++) {
		pid_t *pids;
		size_t n;

		ret = tl_actor_processes(actors[i], &pids, &n, err);
		for (size_t j = 0; !ret && j < n; j++)
			ret = add_holding(h, (int)i, pids[j], err);
		free(pids);
	}
	return ret;
}

static void release_holdings(struct holdings *h)
{
	for (size_t i = 0; i < h->n; i++)
		free(h->v[i].inodes);
	free(h->v);
}

static const struct holding *find_inode(const struct holdings *h, uint32_t inode)
{
	for (size_t i = 0; i < h->n; i++)
		for (size_t j = 0; j < h->v[i].n; j++)
			if (h->v[i].inodes[j] == inode)
				return &h->v[i];
	return NULL;
}

/* The owner of a listener, of those seen in this run, that takes segments to @ep. */
static const struct known *find_listener(const struct owners *owners,
					 const struct tl_endpoint *ep)
{
	for (size_t i = owners->n; i-- > 0;)
		if (owners->known[i].state == TL_LISTEN && owners->known[i].owner >= 0 &&
		    tl_endpoint_accepts(&owners->known[i].local, ep))
			return &owners->known[i];
	return NULL;
}

static int whose_port(const struct tl_plan *plan, const struct tl_endpoint *ep)
{
	for (size_t i = 0; i < plan->n_actors; i++) {
		struct tl_endpoint reach = tl_plan_reach(plan, (int)i);

		if (plan->actors[i].port && tl_endpoint_equal(&reach, ep))
			return (int)i;
	}
	return -1;
}

int owners_of(const struct owners *owners, const struct tl_endpoint *local,
	      const struct tl_endpoint *remote)
{
	const struct known *listener;

	for (size_t i = owners->n; i-- > 0;)
		if (owners->known[i].owner >= 0 &&
		    tl_endpoint_equal(&owners->known[i].local, local) &&
		    tl_endpoint_equal(&owners->known[i].remote, remote))
			return owners->known[i].owner;
	listener = find_listener(owners, local);
	return listener ? listener->owner : whose_port(owners->plan, local);
}

static bool needs_inodes(struct owners *owners, const struct tl_socks *socks)
{
	for (size_t i = 0; i < socks->n; i++) {
		const struct known *k = find_cookie(owners, socks->v[i].cookie);

		if (socks->v[i].inode && (!k || k->inode != socks->v[i].inode))
			return true;
	}
	return false;
}

/* Keep what is known of each row; listeners first, for the others may have come through. */
static int learn_all(struct owners *owners, const struct holdings *h,
		     const struct tl_socks *socks, bool listeners, struct tl_err *err)
{
	for (size_t i = 0; i < socks->n; i++) {
		const struct tl_sock *s = &socks->v[i];
		const struct holding *holder;
		const struct known *listener;
		struct known *k;

		if ((s->state == TL_LISTEN) != listeners)
			continue;
		k = learn(owners, s);
		if (!k)
			return tl_err_set(err, ENOMEM, "no memory for the socket table");
		k->local = s->local;
		k->remote = s->remote;
		k->state = s->state;
		if (s->inode && k->inode != s->inode) {
			holder = find_inode(h, s->inode);
			if (holder) {
				k->owner = holder->actor;
				k->pid = holder->pid;
				k->inode = s->inode;
			}
		}
		listener = k->owner < 0 && !listeners ? find_listener(owners, &s->local) : NULL;
		if (listener) {
			k->owner = listener->owner;
			k->pid = listener->pid;
		}
	}
	return 0;
}

static void fill_row(struct owners *owners, const struct tl_sock *sock, struct tl_row *row)
{
	const struct known *k = find_cookie(owners, sock->cookie);

	row->sock = *sock;
	row->owner = k->owner;
	row->peer = sock->state == TL_LISTEN ? -1 :
					       owners_of(owners, &sock->remote, &sock->local);
	row->pid = k->owner < 0 ? 0 : k->pid;
	if (k->owner < 0)
		row->by = TL_KNOWN_BY_NOTHING;
	else if (!k->inode)
		row->by = TL_KNOWN_BY_LISTENER;
	else
		row->by = k->inode == sock->inode ? TL_KNOWN_BY_INODE : TL_KNOWN_BY_COOKIE;
}

/* Learn what the sockets tell, reading the actors' file descriptors where one has to. */
static int learn_from(struct owners *owners, struct tl_actor *const *actors, size_t n_actors,
		      const struct tl_socks *socks, struct tl_err *err)
{
	struct holdings h = { 0 };
	int ret = 0;

	if (needs_inodes(owners, socks))
		ret = read_holdings(actors, n_actors, &h, err);
	if (!ret)
		ret = learn_all(owners, &h, socks, true, err);
	if (!ret)
		ret = learn_all(owners, &h, socks, false, err);
	release_holdings(&h);
	return ret;
}

int owners_attribute(struct owners *owners, struct tl_actor *const *actors, size_t n_actors,
		     const struct tl_socks *socks, struct tl_row **rows, struct tl_err *err)
{
	int ret = learn_from(owners, actors, n_actors, socks, err);

	*rows = NULL;
	if (ret || !socks->n)
		return ret;
	*rows = calloc(socks->n, sizeof(**rows));
	if (!*rows)
		return tl_err_set(err, ENOMEM, "no memory for the socket table");
	for (size_t i = 0; i < socks->n; i++)
		fill_row(owners, &socks->v[i], &(*rows)[i]);
	qsort(*rows, socks->n, sizeof(**rows), tl_row_cmp);
	return 0;
}

int owners_attribute_one(struct owners *owners, struct tl_actor *const *actors, size_t n_actors,
			 const struct tl_sock *sock, struct tl_row *row, struct tl_err *err)
{
	struct tl_sock copy = *sock;
	const struct tl_socks socks = { &copy, 1, 1 };
	int ret = learn_from(owners, actors, n_actors, &socks, err);

	if (!ret)
		fill_row(owners, sock, row);
	return ret;
}
