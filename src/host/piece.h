/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of reading saved text: a line in words, and what rows are made of. */
#ifndef TCPLAB_HOST_PIECE_H
#define TCPLAB_HOST_PIECE_H

#include <stdbool.h>
#include <stddef.h>

#include "slots.h"
#include "tcplab/host.h"
#include "tcplab/saved.h"

/* A piece of the text, not ended by a NUL. */
struct tl_piece {
	const char *at;
	size_t len;
};

/* A row that was read. */
struct tl_saved_kept {
	size_t table;
	size_t first_hold, holds;
	size_t facts;
};

/* What is being read. */
struct tl_saved {
	struct tl_host *look;
	struct tl_slots pids; /* processes by their numbers; grows with them */
	struct tl_unread unread;
	size_t stateless; /* rows of ss without that column */
	size_t windows;   /* lines of that system's netstat */
	size_t proc;      /* headings of /proc/net/tcp */
	size_t cut;       /* rows with an address that netstat may have cut off */
	bool wide;        /* it was asked not to */
	size_t facts;     /* holders, timers and numbers that were read beside the ends */
	struct tl_slots ends; /* rows by both their ends */
	struct tl_saved_kept *kept; /* about each row */
	unsigned *tables; /* what each says, of TL_HOST_* */
	size_t n_tables;  /* that have ended */
	size_t twice;     /* rows of a socket that had one */
	bool can_be_broken; /* by a terminal, wherever a line was full */
	bool mostly_full; /* most lines that go on in the next, and all that can */
};

/* One row on its way. */
struct tl_saved_row {
	struct tl_sock sock;
	struct tl_sock_info info;
	bool has_inode;
	size_t first_hold; /* the holds that were added for it */
	size_t facts;
};

/* tl_piece_next - the next word, blanks around it skipped; length 0 at the end */
struct tl_piece tl_piece_next(struct tl_piece *line);

/* tl_piece_trimmed - without blanks and ends of lines behind it */
struct tl_piece tl_piece_trimmed(struct tl_piece piece);

bool tl_piece_is(struct tl_piece piece, const char *word);
bool tl_piece_begins(struct tl_piece piece, const char *word);

/* tl_piece_take - @word off the beginning. Return: false where it does not begin so. */
bool tl_piece_take(struct tl_piece *piece, const char *word);

/* tl_piece_after - what follows the first @word; at NULL where it is not there */
struct tl_piece tl_piece_after(struct tl_piece piece, const char *word);

/* tl_piece_queue - one of the two queues; ss of iproute2 prints those above 2^31 as negative */
bool tl_piece_queue(struct tl_piece piece, uint32_t *bytes);

/* tl_piece_number - all of it, or with @rest as far as it goes. Return: false for none. */
bool tl_piece_number(struct tl_piece piece, uint64_t most, uint64_t *value,
		     struct tl_piece *rest);

/* tl_saved_holder - the row is held by this process. Return: 0 or -ENOMEM. */
int tl_saved_holder(struct tl_saved *saved, pid_t pid, struct tl_piece name, int fd);

/* tl_saved_ends - read queues and ends of a row. Return: 1; 0: it is not a row; -EINVAL */
int tl_saved_ends(struct tl_piece *line, struct tl_sock *sock);

/*
 * tl_saved_keep - a row that was read goes to the look, with its holds; of two of one socket that
 * of which more was read
 *
 * Return: 0 or -ENOMEM.
 */
int tl_saved_keep(struct tl_saved *saved, struct tl_saved_row *row, struct tl_err *err);

/*
 * tl_saved_end_table - what follows is of another table; tl_saved_end_tables - nothing follows
 *
 * What only one of them says about its rows is not said about the look. Return: 0 or -ENOMEM.
 */
int tl_saved_end_table(struct tl_saved *saved);
int tl_saved_end_tables(struct tl_saved *saved);

/*
 * tl_saved_ss - read a row of ss; tl_saved_netstat - one of netstat
 *
 * Return: 1 for a row; 0 for what is none; -EINVAL for one that cannot be read; -ENOMEM.
 */
int tl_saved_ss(struct tl_saved *saved, struct tl_piece line, struct tl_saved_row *row);
int tl_saved_netstat(struct tl_saved *saved, struct tl_piece line, struct tl_saved_row *row);

#endif
