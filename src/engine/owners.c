/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * The kernel names a socket's owner only while a process has it open: by the inode, which
 * is also the name of a link in /proc/PID/fd. A request socket, a connection nobody has
 * accepted, an orphan and a TIME_WAIT have none. The cookie is what stays the same from
 * the first SYN to the end of TIME_WAIT, so what is learnt is kept by cookie. It is learnt
 *
 *   from the process itself   a peer tells the cookie with the answer to a call
 *   by the inode              from the descriptors of all actors' processes
 *   through the listener      a socket first seen without an inode came in through the
 *                             listener that is there; the table is asked whether it still is
 *
 * When its owner closes it, or ends, others may still have it open: then it is learnt anew. Of a
 * TIME_WAIT nobody has a descriptor, whoever closes one later: it keeps the name it had.
 *
 * A socket of which none of these tells has closed before anybody looked: nobody knows whose
 * it is, and we say so.
 *
 * The peer of a row is the owner of the socket with the ends swapped. Once that is known it
 * stays so: another socket may have these ends later, and this one's life goes on under the
 * names it had. Before the other end has a socket its listener stands for it; where nobody has
 * ever been seen there, the actor whose port the scenario says it is.
 *
 * Ends are compared as tl_endpoint_plain() gives them.
 */
#include "owners.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>

#include "holders.h"
#include "known.h"
#include "tcplab/grow.h"

static uint64_t bit_of(int actor)
{
	return actor >= 0 && actor < 64 ? UINT64_C(1) << actor : 0;
}

/* The owner's own process where it has it open, else the first that has. */
static void learn_holder(struct known *k, uint32_t inode, const struct holders *h)
{
	size_t n;
	const struct holder *holder = holders_of(h, inode, &n), *first = holder;

	if (!holder)
		return;
	k->held_by = 0;
	for (size_t i = n; i-- > 0;) {
		k->held_by |= bit_of(holder[i].actor);
		if (holder[i].actor == k->owner)
			first = &holder[i];
	}
	k->owner = first->actor;
	k->pid = first->pid;
	k->inode = inode;
	k->stale = false;
}

/* It is the next one's that has it open, if it was this actor's. */
static void let_go(const struct owners *o, struct known *k, int actor)
{
	uint64_t others = k->held_by & ~bit_of(actor);

	k->stale = true;
	if (!others)
		return;
	k->held_by = others;
	for (int i = 0; k->owner == actor && i < 64; i++) {
		if (!(others & bit_of(i)))
			continue;
		k->owner = i;
		k->pid = tl_actor_pid(o->actors[i]);
	}
}

void owners_let_go(struct owners *o, int actor, uint64_t cookie)
{
	struct known *k = known_find(o, cookie);

	if (k)
		let_go(o, k, actor);
}

void owners_given(struct owners *o, int actor, uint64_t cookie)
{
	struct known *k = known_find(o, cookie);

	if (k)
		k->held_by |= bit_of(actor);
}

struct leaving {
	const struct owners *owners;
	int actor;
};

static void let_go_of(const void *node, VISIT visit, void *arg)
{
	struct known *k = *(struct known *const *)node;
	const struct leaving *leaving = arg;

	if ((visit == postorder || visit == leaf) &&
	    (k->owner == leaving->actor || k->held_by & bit_of(leaving->actor)))
		let_go(leaving->owners, k, leaving->actor);
}

void owners_exited(struct owners *o, int actor)
{
	struct leaving leaving = { o, actor };

	twalk_r(o->by_cookie, let_go_of, &leaving);
}

/* Its owner is gone: who has it now? */
static void learn_again(struct owners *o, struct known *k, uint32_t inode)
{
	struct holders h = { 0 };
	struct tl_err unused;

	if (!holders_read(&h, o->actors, o->n_actors, -1, &unused))
		learn_holder(k, inode, &h);
	holders_release(&h);
}

static bool still_listens(struct owners *o, struct known *k)
{
	struct tl_endpoint anyone = { .family = k->local.family };
	struct tl_sock sock;
	struct tl_err unused;

	if (!tl_table_find(o->table, &k->local, &anyone, &sock, &unused) &&
	    sock.cookie == k->cookie) {
		if (k->stale && sock.inode)
			learn_again(o, k, sock.inode);
		return true;
	}
	known_stops(o, k);
	return false;
}

/* The listener, of those known, that takes segments to @ep. */
static const struct known *find_listener(struct owners *o, const struct tl_endpoint *ep)
{
	const struct tl_endpoint plain = tl_endpoint_plain(ep);

	for (size_t i = o->n_listeners; i-- > 0;) {
		struct known *k = o->listeners[i];

		if (k->owner >= 0 && tl_endpoint_accepts(&k->local, &plain) &&
		    still_listens(o, k))
			return k;
	}
	return NULL;
}

static int whose_port(const struct tl_plan *plan, const struct tl_endpoint *ep)
{
	const struct tl_endpoint plain = tl_endpoint_plain(ep);

	for (size_t i = 0; i < plan->n_actors; i++) {
		struct tl_endpoint at = tl_plan_reach(plan, (int)i);
		struct tl_endpoint reach = tl_endpoint_plain(&at);

		if (plan->actors[i].port && tl_endpoint_equal(&reach, &plain))
			return (int)i;
	}
	return -1;
}

/* @sure: whether a socket says so; else it is a listener, or the scenario */
static int find_owner(struct owners *o, const struct tl_endpoint *local,
		      const struct tl_endpoint *remote, bool *sure)
{
	const struct known *k = known_between(o, local, remote);

	while (k && k->owner < 0)
		k = k->older;
	*sure = k != NULL;
	if (k)
		return k->owner;
	k = find_listener(o, local);
	return k ? k->owner : whose_port(o->plan, local);
}

int owners_of(struct owners *o, const struct tl_endpoint *local,
	      const struct tl_endpoint *remote)
{
	bool unused;

	return find_owner(o, local, remote, &unused);
}

bool owners_have_seen(const struct owners *o, const struct tl_endpoint *local,
		      const struct tl_endpoint *remote)
{
	return known_between(o, local, remote) != NULL;
}

int owners_told(struct owners *o, int actor, const struct tl_told *told, struct tl_err *err)
{
	struct known *k = known_learn(o, told->cookie);

	if (!k)
		return known_no_memory(err);
	/* of several that have it open the first keeps its name */
	if (!(k->held_by & bit_of(k->owner))) {
		k->owner = actor;
		k->pid = tl_actor_pid(o->actors[actor]);
	}
	k->held_by |= bit_of(actor);
	k->inode = told->inode;
	return told->remote.port ? known_place(o, k, &told->local, &told->remote, err) : 0;
}

/* Keep what a row tells. Of the listeners first: the others may have come through. */
static int learn_row(struct owners *o, const struct tl_sock *s, const struct holders *h,
		     struct tl_err *err)
{
	struct known *k = known_learn(o, s->cookie);
	const struct known *listener;
	int ret;

	if (!k)
		return known_no_memory(err);
	ret = known_place(o, k, &s->local, &s->remote, err);
	if (!ret)
		ret = known_listens(o, k, s->state == TL_LISTEN, err);
	if (ret)
		return ret;
	if (s->inode)
		learn_holder(k, s->inode, h);
	else /* a descriptor that is still open leads to what is left of it, not here */
		k->held_by = 0;
	listener = k->owner < 0 && s->state != TL_LISTEN ? find_listener(o, &s->local) : NULL;
	if (listener) {
		k->owner = listener->owner;
		k->pid = listener->pid;
	}
	return 0;
}

/* Not the one that another socket of the same ends has now, once its own has been known. */
static int find_peer(struct owners *o, struct known *k, const struct tl_sock *sock)
{
	bool sure;
	int peer;

	if (sock->state == TL_LISTEN)
		return -1;
	if (k->peer_sure)
		return k->peer;
	peer = find_owner(o, &sock->remote, &sock->local, &sure);
	if (peer >= 0)
		k->peer = peer;
	/* Who asks may be answered by another than had that end before. */
	k->peer_sure = sure && sock->state != TL_SYN_SENT;
	return k->peer;
}

/* Who has the other end, where its descriptor was passed on. */
static uint64_t find_peers(const struct owners *o, const struct known *k,
			   const struct tl_sock *sock)
{
	const struct known *other;

	if (sock->state == TL_LISTEN || k->peer < 0)
		return 0;
	other = known_between(o, &sock->remote, &sock->local);
	return !other || other->held_by == bit_of(k->peer) ? 0 : other->held_by;
}

static enum tl_known_by known_by(const struct known *k, const struct tl_row *row)
{
	if (k->owner < 0)
		return TL_KNOWN_BY_NOTHING;
	if (row->n_holders)
		return TL_KNOWN_BY_INODE;
	return k->inode ? TL_KNOWN_BY_COOKIE : TL_KNOWN_BY_LISTENER;
}

static void fill_row(struct owners *o, const struct tl_sock *sock, const struct holders *h,
		     struct tl_row *row)
{
	struct known *k = known_find(o, sock->cookie);
	size_t n;
	const struct holder *holder = holders_of(h, sock->inode, &n);

	*row = (struct tl_row){ .sock = *sock, .owner = k->owner,
				.peer = find_peer(o, k, sock),
				.pid = k->owner < 0 ? 0 : k->pid,
				.n_holders = n };
	row->peers = find_peers(o, k, sock);
	for (size_t i = 0; i < n && i < TL_HOLDERS_MAX; i++)
		row->holders[i] = holder[i].pid;
	for (size_t i = 0; i < n && holder[0].actor != holder[n - 1].actor; i++)
		row->shared_by |= bit_of(holder[i].actor);
	row->by = known_by(k, row);
}

/* The sockets that listened and are not in the table any more do not. */
static void look_for_listeners(struct owners *o, const struct tl_socks *socks)
{
	for (size_t i = o->n_listeners; i-- > 0;) {
		bool there = false;

		for (size_t j = 0; !there && j < socks->n; j++)
			there = socks->v[j].cookie == o->listeners[i]->cookie;
		if (!there)
			known_stops(o, o->listeners[i]);
	}
}

int owners_attribute(struct owners *o, const struct tl_socks *socks, struct tl_row **rows,
		     struct tl_err *err)
{
	struct holders h = { 0 };
	int ret = holders_read(&h, o->actors, o->n_actors, -1, err);

	*rows = NULL;
	look_for_listeners(o, socks);
	for (int listeners = 1; listeners >= 0; listeners--)
		for (size_t i = 0; !ret && i < socks->n; i++)
			if ((socks->v[i].state == TL_LISTEN) == listeners)
				ret = learn_row(o, &socks->v[i], &h, err);
	if (!ret && socks->n) {
		*rows = calloc(socks->n, sizeof(**rows));
		ret = *rows ? 0 : known_no_memory(err);
	}
	for (size_t i = 0; *rows && i < socks->n; i++)
		fill_row(o, &socks->v[i], &h, &(*rows)[i]);
	if (*rows)
		qsort(*rows, socks->n, sizeof(**rows), tl_row_cmp);
	holders_release(&h);
	return ret;
}

/*
 * Most likely it is of the actor whose turn it is, and new: with many sockets the rest costs
 * much. A peer has no children. @shared: more than one actor has it, or had.
 */
static int find_holders(const struct owners *o, uint32_t inode, bool shared, struct holders *h,
			struct tl_err *err)
{
	size_t n = 0;
	int ret = 0;

	if (shared)
		return holders_read(h, o->actors, o->n_actors, -1, err);
	if (o->turn >= 0 && o->plan->actors[o->turn].kind == TL_ACTOR_KIND_PEER)
		ret = holders_guess(h, o->actors[o->turn], o->turn, inode, err);
	if (!ret && o->turn >= 0 && !holders_of(h, inode, &n))
		ret = holders_read(h, o->actors, o->n_actors, o->turn, err);
	if (!ret && !holders_of(h, inode, &n))
		ret = holders_read(h, o->actors, o->n_actors, -1, err);
	return ret;
}

int owners_attribute_one(struct owners *o, const struct tl_sock *sock, struct tl_row *row,
			 struct tl_err *err)
{
	const struct known *k = known_find(o, sock->cookie);
	bool shared = k && k->held_by & (k->held_by - 1);
	struct holders h = { 0 };
	int ret = 0;

	if (sock->inode && (!k || k->stale || shared || k->inode != sock->inode))
		ret = find_holders(o, sock->inode, shared || (k && k->stale), &h, err);
	if (!ret)
		ret = learn_row(o, sock, &h, err);
	if (!ret) {
		fill_row(o, sock, &h, row);
		if (row->by == TL_KNOWN_BY_COOKIE && k && k->inode == sock->inode)
			row->by = TL_KNOWN_BY_INODE;
	}
	holders_release(&h);
	return ret;
}
