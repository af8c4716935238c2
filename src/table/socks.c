/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows in memory, and their order. */
#include <errno.h>
#include <stdlib.h>

#include "diag.h"
#include "tcplab/grow.h"

void tl_socks_release(struct tl_socks *socks)
{
	free(socks->v);
	*socks = (struct tl_socks){ 0 };
}

int tl_socks_add(struct tl_socks *socks, const struct tl_sock *sock, struct tl_err *err)
{
	if (!TL_GROW(socks->v, socks->n))
		return tl_err_set(err, ENOMEM, "no memory for %zu sockets", socks->n + 1);
	socks->v[socks->n++] = *sock;
	return 0;
}

static int by_cookie(const void *a, const void *b)
{
	uint64_t x = ((const struct tl_sock *)a)->cookie;
	uint64_t y = ((const struct tl_sock *)b)->cookie;

	return (x > y) - (x < y);
}

void tl_socks_sort(struct tl_socks *socks)
{
	if (socks->n)
		qsort(socks->v, socks->n, sizeof(*socks->v), by_cookie);
}

bool tl_socks_agree(const struct tl_socks *a, const struct tl_socks *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!tl_sock_same(&a->v[i], &b->v[i]))
			return false;
	return true;
}

static void swap(struct tl_socks *a, struct tl_socks *b)
{
	struct tl_socks kept = *a;

	*a = *b;
	*b = kept;
}

int tl_diag_read(int (*dump)(void *arg, struct tl_socks *out, bool *torn, struct tl_err *err),
		 void *arg, unsigned tries, struct tl_socks *before, struct tl_socks *out,
		 struct tl_err *err)
{
	bool comparable = false;

	for (unsigned i = 0; i < tries; i++) {
		bool torn = false;
		int rc;

		swap(before, out);
		rc = dump(arg, out, &torn, err);
		if (rc)
			return rc;
		tl_socks_sort(out);
		if (comparable && !torn && tl_socks_agree(before, out))
			return 0;
		comparable = !torn;
	}
	return tl_err_set(err, EAGAIN, "the socket table changed during each of %u dumps", tries);
}
