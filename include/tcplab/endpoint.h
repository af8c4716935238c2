/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: one end of a TCP connection, an address and a port. */
#ifndef TCPLAB_ENDPOINT_H
#define TCPLAB_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcplab/err.h"

struct tl_endpoint {
	int family;       /* AF_INET or AF_INET6 */
	uint16_t port;    /* host order; 0 is netstat's "*" */
	uint8_t addr[16]; /* network order; IPv4 uses the first four bytes, the rest are 0 */
};

/* Room for "[ffff:...:255.255.255.255]:65535" and its NUL. */
#define TL_ENDPOINT_TEXT 64

/*
 * tl_endpoint_text - netstat's spelling: "127.0.0.1:6379", "0.0.0.0:*", ":::6379"
 * @out: at least TL_ENDPOINT_TEXT bytes
 *
 * Return: @out.
 */
const char *tl_endpoint_text(const struct tl_endpoint *ep, char *out);

/* tl_endpoint_addr_text - the address alone; @out: at least TL_ENDPOINT_TEXT bytes */
const char *tl_endpoint_addr_text(const struct tl_endpoint *ep, char *out);

/*
 * tl_endpoint_parse - read what tl_endpoint_text() writes
 *
 * The port follows the last colon, so an IPv6 address needs no brackets.
 *
 * Return: 0 or -EINVAL with a sentence that quotes @text.
 */
int tl_endpoint_parse(const char *text, struct tl_endpoint *ep, struct tl_err *err);

/* tl_endpoint_equal - same address and port, as tl_endpoint_plain() has them */
bool tl_endpoint_equal(const struct tl_endpoint *a, const struct tl_endpoint *b);

/* tl_endpoint_cmp - likewise, an order for sorting: IPv4 first, then address, then port */
int tl_endpoint_cmp(const struct tl_endpoint *a, const struct tl_endpoint *b);

/*
 * tl_endpoint_plain - the IPv4 end that ::ffff:a.b.c.d stands for, any other as it is
 *
 * Of one connection the end that came in through a listener on :: is spelt that way, and the
 * other end, and the segments between the two, are not.
 */
struct tl_endpoint tl_endpoint_plain(const struct tl_endpoint *ep);

/* tl_endpoint_is_any - the wildcard address, 0.0.0.0 or :: */
bool tl_endpoint_is_any(const struct tl_endpoint *ep);

/* tl_endpoint_is_loopback - 127.0.0.0/8, also as ::ffff:127.0.0.1, or ::1 */
bool tl_endpoint_is_loopback(const struct tl_endpoint *ep);

/* tl_endpoint_reach - where one connects to reach it: the loopback for the wildcard */
struct tl_endpoint tl_endpoint_reach(const struct tl_endpoint *ep);

/*
 * tl_endpoint_accepts - would a listener on @listener take a segment sent to @to?
 *
 * The ports are equal, and the address is equal or the listener's is the wildcard; a
 * listener on :: takes IPv4 too (bindv6only off, Linux's default).
 */
bool tl_endpoint_accepts(const struct tl_endpoint *listener, const struct tl_endpoint *to);

#endif
