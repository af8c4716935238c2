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
	X(PROBE, 4, "probe")                                                                 \
	X(DELACK, 5, "delack")

/* A newer kernel may have more of them: any number up to TL_NUMBER_MAX is kept as it is. */
enum tl_timer {
#define X(id, number, name) TL_TIMER_##id = number,
	TL_TIMERS(X)
#undef X
};

/* tl_timer_name - "none" .. "delack"; its number where it has no name here (static) */
const char *tl_timer_name(enum tl_timer timer);

/* tl_timer_parse - what tl_timer_name() spells. Return: a timer, or -1 when it is none. */
int tl_timer_parse(const char *text);

/*
 * tl_timer_waits - does the connection wait for this timer? Not so a delayed ACK, which only
 * says that an answer is being put off, nor one that is not known here.
 */
bool tl_timer_waits(enum tl_timer timer);

/*
 * What the kernel says about one socket: struct inet_diag_msg in host order.
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
	uint32_t interface;        /* it is bound to, as ends in fe80::/10 are; 0: to none */
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

/* So many of the processes that have one socket open are named. */
#define TL_HOLDERS_MAX 4

/* A row with its owner; actors are indices into plan->actors, -1 where unknown. */
struct tl_row {
	struct tl_sock sock;
	int owner;
	int peer; /* the owner of the other end, the first that was known */
	uint64_t peers; /* 1 << index: the actors that have the other end open, where @peer is not
			   the only one, because its descriptor was passed on; else 0 */
	pid_t pid; /* of the owner, as seen inside the sandbox; 0 where unknown */
	enum tl_known_by by;
	/*
	 * The processes that have it open at this look, @pid among them where it does: the
	 * owner's own and those it has forked. @n_holders counts all of them; 0 where nobody
	 * has, or where nobody looked: at the ends of a segment, unless several actors have it.
	 */
	pid_t holders[TL_HOLDERS_MAX];
	uint16_t n_holders;
	uint64_t shared_by; /* the actors they are of, 1 << index, where they are of several */
};

/*
 * A socket as the process that has it open tells about it: getsockname(2), getpeername(2),
 * SO_COOKIE of socket(7), fstat(2).
 */
struct tl_told {
	uint64_t cookie;           /* 0: nothing was told; the rest means nothing then */
	struct tl_endpoint local;  /* as bound, or the wildcard */
	struct tl_endpoint remote; /* the wildcard where it has none */
	uint32_t inode;
};

/*
 * tl_row_cmp - the order of every table tcplab shows: listeners, then by the lower of
 * the two ports, local port first; stable from run to run. For qsort().
 */
int tl_row_cmp(const void *a, const void *b);

/* tl_sock_has_other - is there another end? Not of a listener, nor of what is only bound. */
bool tl_sock_has_other(const struct tl_sock *sock);

/* tl_sock_same - equal except for what runs on by itself: timers and queues */
bool tl_sock_same(const struct tl_sock *a, const struct tl_sock *b);

/*
 * tl_sock_unread - how many bytes of Recv-Q are data; tl_sock_unacked - how many of Send-Q: neither
 * of a listener
 */
uint32_t tl_sock_unread(const struct tl_sock *sock);
uint32_t tl_sock_unacked(const struct tl_sock *sock);

/*
 * tl_sock_has_asked - false: it is in SYN_SENT, and has sent no SYN. With TCP_FASTOPEN_CONNECT that
 * goes with the first data; until then Send-Q is the sequence number that it will have
 *
 * Source: tcp_v4_connect() and tcp_connect_init() of the kernel: snd_una is 0 before a SYN is made.
 */
bool tl_sock_has_asked(const struct tl_sock *sock);

/* Room for what tl_sock_note() writes. */
#define TL_SOCK_NOTE 192

/* What can be believed of a row, for its note. */
#define TL_NOTE_BACKLOG 1u /* a listener's Send-Q is its backlog */
#define TL_NOTE_INODE   2u /* an inode of 0 means that no program has it */
#define TL_NOTE_COUNTS  4u /* how often its timer has fired is told as well */

/*
 * tl_sock_note - what a row's queues, timer and inode say beside its state: "3 wait for accept(),
 * with a backlog of 128", "5 bytes before its FIN are not acknowledged either"
 * @out: TL_SOCK_NOTE bytes
 *
 * The lab's reports, its page, snap and why all say it so. Without TL_NOTE_COUNTS nothing is in
 * it that differs from one run to the next of the same film.
 *
 * Return: @out; "" where they say nothing more.
 */
const char *tl_sock_note(const struct tl_sock *sock, unsigned says, char *out);

#endif
