/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: asking the kernel over netlink; nothing in an answer is believed. */
#ifndef TCPLAB_NETLINK_H
#define TCPLAB_NETLINK_H

#include <stddef.h>

#include "tcplab/err.h"

struct mnl_socket;
struct nlmsghdr;

/*
 * tl_netlink_open - a socket that only the kernel can send to
 * @bus: NETLINK_SOCK_DIAG and so on; @flags: SOCK_NONBLOCK or 0
 *
 * Return: 0 and *@nl for mnl_socket_close(); -errno, without a sentence: -EPROTONOSUPPORT
 * where the kernel has no such bus.
 * Source: netlink(7).
 */
int tl_netlink_open(int bus, int flags, struct mnl_socket **nl);

/* What is left of a datagram; aligned as netlink aligns. */
struct tl_netlink_bytes {
	const void *at;
	size_t left;
};

/*
 * tl_netlink_next - step over the next message of a datagram
 * @nlh: gets it, whole (borrowed from the datagram)
 *
 * Return: 1; 0 at the end; -EPROTO where it is cut short.
 */
int tl_netlink_next(struct tl_netlink_bytes *bytes, const struct nlmsghdr **nlh,
		    struct tl_err *err);

/* A request and who hears the answers. All borrowed for the call. */
struct tl_netlink_ask {
	const char *whom;    /* for messages: "netfilter" */
	const void *request;
	size_t len;
	void *buf;           /* for one datagram, aligned; may be where the request is */
	size_t size;
	/*
	 * Takes one datagram; NULL where the kernel had no room for what it had to say.
	 * Return: 1 to hear more, 0 when that was all, -errno to hear no more.
	 */
	int (*hear)(void *arg, const void *bytes, size_t len, struct tl_err *err);
	void *arg;
};

/*
 * tl_netlink_ask - send a request and read until the answer is complete, or, of a socket
 * that does not block, until nothing more is there
 *
 * Return: 0; -errno of the socket, or of hear().
 */
int tl_netlink_ask(struct mnl_socket *nl, const struct tl_netlink_ask *ask, struct tl_err *err);

#endif
