/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of saved text, one for each socket, in however many tables it stands. */
#include <errno.h>
#include <stdlib.h>

#include "arrange.h"
#include "piece.h"
#include "tcplab/grow.h"

/* Rows whose text has no inode get one of their own where they have a process. */
#define MADE_INODE 0x80000000u

/* What a table says about all its rows; of several tables only what each of them says counts. */
enum {
	OF_A_TABLE = TL_HOST_INODES | TL_HOST_PROCESSES | TL_HOST_BACKLOG | TL_HOST_TIMERS |
		     TL_HOST_INFO
};

static uint32_t hash_of(const struct tl_sock *sock)
{
	return tl_hash_ends(&sock->local, &sock->remote);
}

/* The row of another table that is the same socket. Return: its index, or look->n. */
static size_t find_again(const struct tl_saved *saved, const struct tl_sock *sock)
{
	uint32_t at = hash_of(sock), i;

	for (; tl_slots_at(&saved->ends, at, &i); at++) {
		const struct tl_sock *other = &saved->look->rows[i].sock;

		if (saved->kept[i].table != saved->n_tables &&
		    (tl_sock_has_other(sock) || sock->state == other->state) &&
		    tl_endpoint_equal(&sock->local, &other->local) &&
		    tl_endpoint_equal(&sock->remote, &other->remote))
			return i;
	}
	return saved->look->n;
}

static int add_row(struct tl_saved *saved, const struct tl_saved_row *row, struct tl_err *err)
{
	struct tl_host *look = saved->look;

	if (look->n * 2 >= saved->ends.mask) {
		tl_slots_release(&saved->ends);
		if (tl_slots_make(&saved->ends, 2 * look->n))
			return tl_err_set(err, ENOMEM, "no memory for %zu rows", look->n);
		for (size_t i = 0; i < look->n; i++)
			tl_slots_put(&saved->ends, hash_of(&look->rows[i].sock), i);
	}
	if (!TL_GROW(saved->kept, look->n))
		return tl_err_set(err, ENOMEM, "no memory for %zu rows", look->n);
	tl_slots_put(&saved->ends, hash_of(&row->sock), look->n);
	return tl_host_add(look, &row->sock, &row->info, err);
}

/*
 * The row's holds get its inode, now that the whole line was read. Of two rows that are the same
 * socket in two tables the one is kept of which more was read.
 */
int tl_saved_keep(struct tl_saved *saved, struct tl_saved_row *row, struct tl_err *err)
{
	struct tl_processes *all = &saved->look->processes;
	size_t i = saved->look->n ? find_again(saved, &row->sock) : 0;
	size_t holds = all->n_holds - row->first_hold;
	bool again = i < saved->look->n;
	int rc = 0;

	saved->twice += again;
	if (again && row->facts <= saved->kept[i].facts) {
		all->n_holds = row->first_hold;
		return 0;
	}
	if (!row->has_inode && holds)
		row->sock.inode = MADE_INODE | i;
	if (again)
		for (size_t h = 0; h < saved->kept[i].holds; h++)
			all->holds[saved->kept[i].first_hold + h].inode = 0;
	for (size_t h = row->first_hold; h < all->n_holds; h++)
		all->holds[h].inode = row->sock.inode;
	if (again)
		saved->look->rows[i] = (struct tl_seen){ .sock = row->sock, .info = row->info };
	else
		rc = add_row(saved, row, err);
	if (!rc)
		saved->kept[i] = (struct tl_saved_kept){ saved->n_tables, row->first_hold, holds,
							 row->facts };
	return rc;
}

int tl_saved_end_table(struct tl_saved *saved)
{
	if (!TL_GROW(saved->tables, saved->n_tables))
		return -ENOMEM;
	saved->tables[saved->n_tables++] = saved->look->says & OF_A_TABLE;
	saved->look->says &= ~OF_A_TABLE;
	return 0;
}

int tl_saved_end_tables(struct tl_saved *saved)
{
	unsigned says = OF_A_TABLE;
	int rc = tl_saved_end_table(saved);

	for (size_t i = 0; !rc && i < saved->look->n; i++)
		says &= saved->tables[saved->kept[i].table];
	saved->look->says |= rc ? 0 : says;
	tl_slots_release(&saved->ends);
	free(saved->kept);
	free(saved->tables);
	return rc;
}
