/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of the table room: sock_diag's bytes, taken apart and put together without I/O. */
#ifndef TCPLAB_TABLE_DIAG_H
#define TCPLAB_TABLE_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>

#include "tcplab/table.h"

/*
 * tl_diag_decode - the bytes of one answer to a socket
 * @nlh: the message, aligned as netlink aligns; nothing in it is believed
 * @len: bytes that may be read from @nlh on
 * @sock: filled, on success only
 *
 * Return: 0, or -EPROTO with what is wrong.
 * Source: struct inet_diag_msg of linux/inet_diag.h.
 */
int tl_diag_decode(const struct nlmsghdr *nlh, size_t len, struct tl_sock *sock,
		   struct tl_err *err);

/*
 * tl_diag_info - what a message that tl_diag_decode() has taken says about tcp_info, if it does
 */
void tl_diag_info(const struct nlmsghdr *nlh, struct tl_sock_info *info);

/* What has come so far in answer to one request. */
struct tl_reply {
	uint32_t seq;           /* of the request; messages of another one are skipped */
	uint32_t portid;        /* of our socket, the same */
	struct tl_socks *socks; /* gets the rows (borrowed) */
	bool complete;          /* nothing more will come */
	bool torn;              /* the kernel says that its table changed under the dump */
	int refused;            /* the errno the kernel answered with instead, 0 for none */
	int rc;                 /* 0, or the first thing that went wrong here: -errno */
};

/*
 * tl_reply_feed - take in one datagram
 * @bytes: aligned as netlink aligns; nothing in it is believed
 *
 * A bad row is noted in reply->rc and the rest is read on, so that the kernel's dump
 * comes to its end and the socket can be used again.
 *
 * Source: netlink(7).
 */
void tl_reply_feed(struct tl_reply *reply, const void *bytes, size_t len, struct tl_err *err);

/*
 * tl_diag_read - dump until two dumps in a row agree (tl_sock_same() row by row)
 * @dump: replaces what @out holds; *@torn: the kernel says that its table changed meanwhile
 * @before: room for the other one of the two
 *
 * Return: 0; -EAGAIN when of @tries dumps no two in a row agreed; what @dump returned.
 */
int tl_diag_read(int (*dump)(void *arg, struct tl_socks *out, bool *torn, struct tl_err *err),
		 void *arg, unsigned tries, struct tl_socks *before, struct tl_socks *out,
		 struct tl_err *err);

/* The two ways to ask for one connection; each appends to, or replaces, @rows. */
struct tl_diag_ways {
	/* The kernel's own lookup: the connection, its listener, or nothing. */
	int (*look_up)(void *arg, const struct tl_endpoint *local,
		       const struct tl_endpoint *remote, struct tl_socks *rows,
		       struct tl_err *err);
	/* Every row with this local or remote port. */
	int (*dump)(void *arg, uint16_t port, struct tl_socks *rows, struct tl_err *err);
	void *arg;
};

/*
 * tl_diag_find - a connection, by a lookup whose miss is looked into, unless it is @fresh
 * @listener: written where there is no connection and a listener takes what is sent to @local
 *
 * Return: 0 with @out; -ENOENT; other -errno.
 */
int tl_diag_find(const struct tl_diag_ways *ways, const struct tl_endpoint *local,
		 const struct tl_endpoint *remote, bool fresh, struct tl_sock *out,
		 struct tl_sock *listener, struct tl_err *err);

/* How many operations a filter for @n ports takes. */
#define TL_FILTER_OPS(n) (6 * (n)-1)

/*
 * tl_filter_ports - the program "local or remote port is one of these" for the kernel
 * @n: 1 to TL_TABLE_PORTS_MAX
 * @ops: room for TL_FILTER_OPS(@n)
 *
 * Return: how many bytes of @ops to send.
 * Source: struct inet_diag_bc_op of linux/inet_diag.h.
 */
size_t tl_filter_ports(const uint16_t *ports, size_t n, struct inet_diag_bc_op *ops);

/* tl_socks_add - append a copy of @sock. Return: 0 or -ENOMEM. */
int tl_socks_add(struct tl_socks *socks, const struct tl_sock *sock, struct tl_err *err);

/* tl_socks_sort - by cookie */
void tl_socks_sort(struct tl_socks *socks);

/* tl_socks_agree - the same sockets, by tl_sock_same(); both sorted */
bool tl_socks_agree(const struct tl_socks *a, const struct tl_socks *b);

#endif
