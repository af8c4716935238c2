/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: the options that a scenario can set on a peer's socket. */
#ifndef TCPLAB_OPTION_H
#define TCPLAB_OPTION_H

#include <stdbool.h>
#include <stdint.h>

/* What an option takes in a scenario, and in which unit the kernel gets it. */
enum tl_takes {
	TL_TAKES_SWITCH,       /* yes or no */
	TL_TAKES_NUMBER,
	TL_TAKES_SECONDS,      /* a time */
	TL_TAKES_MILLISECONDS, /* a time */
};

/*
 * X(identifier, key, level, name of setsockopt(2), takes, help)
 *
 * They are set before the socket is bound, or, of an accepted one, at once.
 * Source: socket(7), tcp(7), ip(7), ipv6(7).
 */
#define TL_OPTIONS(X)                                                                        \
	X(KEEPALIVE, "keepalive", SOL_SOCKET, SO_KEEPALIVE, SWITCH,                          \
	  "probe an idle connection; or { idle: 1s, interval: 1s, probes: 3 }")              \
	X(KEEP_IDLE, "idle", IPPROTO_TCP, TCP_KEEPIDLE, SECONDS,                             \
	  "for keepalive: how long idle before the first probe")                             \
	X(KEEP_INTERVAL, "interval", IPPROTO_TCP, TCP_KEEPINTVL, SECONDS,                    \
	  "for keepalive: the time from one probe to the next")                              \
	X(KEEP_PROBES, "probes", IPPROTO_TCP, TCP_KEEPCNT, NUMBER,                           \
	  "for keepalive: how many unanswered probes end the connection")                    \
	X(USER_TIMEOUT, "user-timeout", IPPROTO_TCP, TCP_USER_TIMEOUT, MILLISECONDS,         \
	  "how long sent data may stay without an acknowledgment")                           \
	X(NO_DELAY, "no-delay", IPPROTO_TCP, TCP_NODELAY, SWITCH,                            \
	  "send small segments at once, without Nagle's algorithm")                          \
	X(CORK, "cork", IPPROTO_TCP, TCP_CORK, SWITCH, "send full segments only")            \
	X(QUICK_ACK, "quick-ack", IPPROTO_TCP, TCP_QUICKACK, SWITCH,                         \
	  "acknowledge at once, for a while; no: delay the ACK")                             \
	X(LINGER, "linger", SOL_SOCKET, SO_LINGER, SECONDS,                                  \
	  "how long close() waits until all is acknowledged; 0s: it sends a RST")            \
	X(DEFER_ACCEPT, "defer-accept", IPPROTO_TCP, TCP_DEFER_ACCEPT, SECONDS,              \
	  "a connection enters the accept queue with its first data, or after this time")    \
	X(REUSE_PORT, "reuse-port", SOL_SOCKET, SO_REUSEPORT, SWITCH,                        \
	  "several sockets of one user may be bound to the port")                            \
	X(FAST_OPEN, "fast-open", IPPROTO_TCP, TCP_FASTOPEN, NUMBER,                         \
	  "listener: how many requests with data in the SYN; connect, yes: send data in it") \
	X(BIND_NO_PORT, "bind-no-port", IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, SWITCH,         \
	  "bind to an address, and let connect() choose the port")                           \
	X(V6_ONLY, "v6-only", IPPROTO_IPV6, IPV6_V6ONLY, SWITCH,                             \
	  "a listener on :: takes no IPv4 connections")

enum tl_option {
#define X(id, ...) TL_OPTION_##id,
	TL_OPTIONS(X)
#undef X
	TL_N_OPTIONS, /* how many there are */
};

/* Those that are set, and to what: as the kernel takes it, except for LINGER, in seconds. */
struct tl_options {
	uint32_t set;               /* bit 1 << option */
	uint32_t value[TL_N_OPTIONS];
};

const char *tl_option_key(enum tl_option option);
enum tl_takes tl_option_takes(enum tl_option option);

/*
 * tl_options_apply - set them on a socket
 * @connects: it is one that connects (FAST_OPEN is another option there)
 *
 * Return: 0 or -errno of the first that the kernel refuses.
 */
int tl_options_apply(const struct tl_options *options, int fd, bool connects);

#endif
