/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: a row of the kernel's socket table, and whose it is. */
#ifndef TCPLAB_SOCK_H
#define TCPLAB_SOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tcplab/endpoint.h"
#include "tcplab/state.h"

/* X(identifier, idiag_timer of linux/inet_diag.h, name) */
#define TL_TIMERS(X)                                                                         \
	X(NONE, 0, "none")                                                                   \
	X(RETRANSMIT, 1, "retransmit")                                                       \
	X(KEEPALIVE, 2, "keepalive")                                                         \
	X(TIMEWAIT, 3, "timewait")                                                           \
	X(PROBE, 4, "probe")

enum tl_timer {
#define X(id, number, name) TL_TIMER_##id = number,
	TL_TIMERS(X)
#undef X
};

/* tl_timer_name - "none" .. "probe"; "?" for a number that is none */
const char *tl_timer_name(enum tl_timer timer);

/*
 * What the kernel says of one socket: struct inet_diag_msg in host order.
 *
 * The cookie is the identity: it survives the steps from request socket to full socket
 * to minisocket, and is never used again while the namespace lives. The inode is 0 for
 * request sockets, for minisockets (TIME_WAIT), for orphans (closed by their process)
 * and for connections nobody accepted yet.
 */
struct tl_sock {
	uint64_t cookie;
	enum tl_state state;
	struct tl_endpoint local;
	struct tl_endpoint remote; /* port 0 for a listener */
	uint32_t inode;
	uint32_t uid;
	uint32_t recvq;            /* bytes unread; a listener: connections waiting for accept */
	uint32_t sendq;            /* bytes unacknowledged; a listener: its backlog */
	enum tl_timer timer;
	uint32_t timer_ms;         /* until the timer fires */
	uint8_t retrans;           /* times it has fired */
};

/* How the owner of a row is known. X(identifier, name in the trace) */
#define TL_KNOWN_BY(X)                                                                       \
	X(NOTHING, "nothing")   /* nobody claims it */                                       \
	X(INODE, "inode")       /* the process has it among its file descriptors now */      \
	X(COOKIE, "cookie")     /* learnt by inode while it had one */                       \
	X(LISTENER, "listener") /* it came in through this actor's listener */

enum tl_known_by {
#define X(id, name) TL_KNOWN_BY_##id,
	TL_KNOWN_BY(X)
#undef X
};

const char *tl_known_by_name(enum tl_known_by by);

/* A row with its owner; actors are indices into plan->actors, -1 where unknown. */
struct tl_row {
	struct tl_sock sock;
	int owner;
	int peer; /* the owner of the other end */
	pid_t pid; /* of the owner, as seen inside the sandbox; 0 where unknown */
	enum tl_known_by by;
};

/*
 * tl_row_cmp - the order of every table tcplab shows: listeners, then by the lower of
 * the two ports, local port first; stable from run to run. For qsort().
 */
int tl_row_cmp(const void *a, const void *b);

/* tl_sock_same - equal but for what runs on by itself: timers and queues */
bool tl_sock_same(const struct tl_sock *a, const struct tl_sock *b);

/*
 * tl_sock_is_accepted - did this connection come in through a listener among @rows?
 *
 * True where a LISTEN row accepts its local endpoint.
 */
bool tl_sock_is_accepted(const struct tl_sock *sock, const struct tl_row *rows, size_t n);

#endif
