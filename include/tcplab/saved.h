/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 2, host: a look out of what ss or netstat printed elsewhere. */
#ifndef TCPLAB_SAVED_H
#define TCPLAB_SAVED_H

#include <stddef.h>

#include "tcplab/host.h"

struct tl_sieve;

/* Lines that look like rows of TCP and cannot be read; and those that are of another table. */
struct tl_unread {
	size_t n;
	size_t line; /* the first of them, counted from 1 */
	size_t twice; /* others, of a socket that has a row in the text already */
	size_t cut; /* these or others, with an IPv6 address that netstat may have cut off */
};

/*
 * tl_saved_read - read what "ss -tanpoieO" or "netstat -tanop" printed
 * @text: nothing in it is believed; flags may be missing, and lines broken as without -O, by a
 *	mail in which they are quoted, or wherever a terminal was full; several tables may follow
 *	each other, and a socket that is in more than one is one row
 * @sieve: as tl_host_arrange()
 * @look: zeroed; arranged; says what the text has; to be released, also after an error
 * @unread: gets the lines that were left out
 *
 * The rows of BSD's netstat are read as well (TL_HOST_BSD); it has queues, ends and states
 * alone. Colours, and blanks before every line, do no harm. Settings and counters are not
 * known. A port or an address that is a name (no -n) cannot be read. Of netstat a listener's
 * backlog is not known.
 *
 * Return: 0; -EINVAL with what it may be instead where no line is a row; -ENOMEM.
 * Source: misc/ss.c of iproute2 4.9 to 6.15, netstat.c of net-tools 2.10; netstat(1) of FreeBSD.
 */
int tl_saved_read(const char *text, size_t len, const struct tl_sieve *sieve,
		  struct tl_host *look, struct tl_unread *unread, struct tl_err *err);

#endif
