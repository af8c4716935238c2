/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which sockets of a run are known: by cookie, by their two ends, and those that listen. */
#include "known.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>

#include "tcplab/grow.h"

static int by_cookie(const void *a, const void *b)
{
	uint64_t x = ((const struct known *)a)->cookie, y = ((const struct known *)b)->cookie;

	return (x > y) - (x < y);
}

static int by_ends(const void *a, const void *b)
{
	const struct known *x = a, *y = b;
	int order = tl_endpoint_cmp(&x->local, &y->local);

	return order ? order : tl_endpoint_cmp(&x->remote, &y->remote);
}

static void forget_ends(void *node)
{
	(void)node; /* freed by its cookie */
}

void owners_release(struct owners *o)
{
	tdestroy(o->by_ends, forget_ends);
	tdestroy(o->by_cookie, free);
	free(o->listeners);
	o->by_ends = o->by_cookie = NULL;
	o->listeners = NULL;
	o->n_listeners = 0;
}

struct known *known_find(const struct owners *o, uint64_t cookie)
{
	const struct known key = { .cookie = cookie };
	struct known **node = tfind(&key, &o->by_cookie, by_cookie);

	return node ? *node : NULL;
}

struct known *known_between(const struct owners *o, const struct tl_endpoint *local,
			       const struct tl_endpoint *remote)
{
	const struct known key = { .local = tl_endpoint_plain(local),
				   .remote = tl_endpoint_plain(remote) };
	struct known **node = tfind(&key, &o->by_ends, by_ends);

	return node ? *node : NULL;
}

int known_no_memory(struct tl_err *err)
{
	return tl_err_set(err, ENOMEM, "no memory for the socket table");
}

static void displace(struct owners *o, struct known *k)
{
	struct known **node = tfind(k, &o->by_ends, by_ends), *at;

	if (*node == k && !k->older) {
		tdelete(k, &o->by_ends, by_ends);
	} else if (*node == k) {
		*node = k->older;
	} else {
		for (at = *node; at->older != k; at = at->older)
			;
		at->older = k->older;
	}
	k->older = NULL;
	k->placed = false;
}

int known_place(struct owners *o, struct known *k, const struct tl_endpoint *local,
		 const struct tl_endpoint *remote, struct tl_err *err)
{
	const struct known now = { .local = tl_endpoint_plain(local),
				   .remote = tl_endpoint_plain(remote) };
	struct known **node;

	if (k->placed && !by_ends(k, &now))
		return 0;
	if (k->placed)
		displace(o, k);
	k->local = now.local;
	k->remote = now.remote;
	node = tsearch(k, &o->by_ends, by_ends);
	if (!node)
		return known_no_memory(err);
	if (*node != k) {
		k->older = *node;
		*node = k;
	}
	k->placed = true;
	return 0;
}

struct known *known_learn(struct owners *o, uint64_t cookie)
{
	struct known *k = known_find(o, cookie);

	if (k)
		return k;
	k = calloc(1, sizeof(*k));
	if (!k)
		return NULL;
	k->cookie = cookie;
	k->owner = k->peer = -1;
	if (!tsearch(k, &o->by_cookie, by_cookie)) {
		free(k);
		return NULL;
	}
	return k;
}

void known_stops(struct owners *o, struct known *k)
{
	for (size_t i = 0; i < o->n_listeners; i++)
		if (o->listeners[i] == k)
			o->listeners[i] = o->listeners[--o->n_listeners];
	k->listens = false;
}

int known_listens(struct owners *o, struct known *k, bool listens, struct tl_err *err)
{
	if (k->listens && !listens)
		known_stops(o, k);
	if (k->listens || !listens)
		return 0;
	if (!TL_GROW(o->listeners, o->n_listeners))
		return known_no_memory(err);
	o->listeners[o->n_listeners++] = k;
	k->listens = true;
	return 0;
}
