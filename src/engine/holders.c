/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file descriptors of all actors in one list, to be looked up by inode. */
#include "holders.h"

#include <errno.h>
#include <stdlib.h>

#include "tcplab/bisect.h"
#include "tcplab/grow.h"
#include "tcplab/table.h"

static int by_inode(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->actor != y->actor)
		return x->actor < y->actor ? -1 : 1;
	return (x->rank > y->rank) - (x->rank < y->rank);
}

static int add(struct holders *h, const struct holder *holder, struct tl_err *err)
{
	if (!TL_GROW(h->v, h->n))
		return tl_err_set(err, ENOMEM, "no memory for the socket table");
	h->v[h->n++] = *holder;
	return 0;
}

/* A process can have one socket under several descriptors: it holds it once. */
static void leave_out_twins(struct holders *h)
{
	size_t kept = 0;

	for (size_t i = 0; i < h->n; i++)
		if (!kept || by_inode(&h->v[kept - 1], &h->v[i]))
			h->v[kept++] = h->v[i];
	h->n = kept;
}

static int read_process(struct holders *h, struct holder who, struct tl_err *err)
{
	uint32_t *inodes = NULL;
	size_t n = 0;
	int ret = tl_table_inodes(who.pid, &inodes, &n, err);

	for (size_t i = 0; !ret && i < n; i++) {
		who.inode = inodes[i];
		ret = add(h, &who, err);
	}
	free(inodes);
	return ret;
}

int holders_read(struct holders *h, struct tl_actor *const *actors, size_t n_actors, int only,
		 struct tl_err *err)
{
	int ret = 0;

	h->n = 0;
	for (size_t i = 0; !ret && i < n_actors; i++) {
		pid_t *pids;
		size_t n;

		if (only >= 0 && (int)i != only)
			continue;
		ret = tl_actor_processes(actors[i], &pids, &n, err);
		for (size_t j = 0; !ret && j < n; j++)
			ret = read_process(h, (struct holder){ 0, (int)i, (int)j, pids[j] }, err);
		free(pids);
	}
	if (h->n)
		qsort(h->v, h->n, sizeof(*h->v), by_inode);
	leave_out_twins(h);
	return ret;
}

int holders_guess(struct holders *h, const struct tl_actor *actor, int index, uint32_t inode,
		  struct tl_err *err)
{
	pid_t pid = tl_actor_pid(actor);

	h->n = 0;
	if (!pid || !tl_table_is_newest(pid, inode))
		return 0;
	return add(h, &(struct holder){ inode, index, 0, pid }, err);
}

void holders_release(struct holders *h)
{
	free(h->v);
	*h = (struct holders){ 0 };
}

const struct holder *holders_of(const struct holders *h, uint32_t inode, size_t *n)
{
	size_t first = TL_BISECT(i, 0, h->n, h->v[i].inode < inode);

	*n = 0;
	while (first + *n < h->n && h->v[first + *n].inode == inode)
		++*n;
	return *n ? &h->v[first] : NULL;
}
