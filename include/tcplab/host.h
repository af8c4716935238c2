/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 2, host: one look at a host's sockets: rows, whose they are, and what belongs together. */
#ifndef TCPLAB_HOST_H
#define TCPLAB_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcplab/err.h"
#include "tcplab/processes.h"
#include "tcplab/sock.h"
#include "tcplab/table.h"

/* Whose a row is. X(identifier, word) */
#define TL_OWNERS(X)                                                                         \
	X(PROCESS, "process") /* a process has it among its descriptors */                   \
	X(QUEUE, "queue")     /* its listener's: it waits there for accept() */              \
	X(KERNEL, "kernel")   /* closed by its process, or not yet anybody's */              \
	X(UNSEEN, "unseen")   /* a process has it, which we may not see or did not */        \
	X(UNTOLD, "untold")   /* the text that was read does not say */

enum tl_owner {
#define X(id, word) TL_OWNER_##id,
	TL_OWNERS(X)
#undef X
};

const char *tl_owner_name(enum tl_owner owner);

/* What a look can say; saved text says less than the kernel does. */
#define TL_HOST_INODES   1u  /* an inode of 0 means that nobody has it */
#define TL_HOST_PROCESSES 2u /* processes were looked for */
#define TL_HOST_BACKLOG  4u  /* a listener's Send-Q is its backlog */
#define TL_HOST_TIMERS   8u  /* rows have their timers */
#define TL_HOST_INFO     16u /* tcp_info, as far as a row has one */
#define TL_HOST_WATCHED  32u /* epoll sets were read */
#define TL_HOST_HERE     64u /* of this host, now: /proc can be asked more */
#define TL_HOST_BSD      256u /* saved by netstat of BSD or macOS */
#define TL_HOST_NAMED    512u /* saved without -n: some lines have names, and are left out */
#define TL_HOST_FOREIGN  1024u /* saved in a language that is not known here, the same */

/* Since when: milliseconds; a bound that is not known is -1. */
struct tl_age {
	int64_t at_least;
	int64_t at_most;
};

/* A row of the table, and what is known of it beside. */
struct tl_seen {
	struct tl_sock sock;
	struct tl_sock_info info;
	const struct tl_hold *hold; /* the first of its holders; NULL: none that is known */
	enum tl_owner owner;
	bool incoming;     /* it came in at a port that listens (or that looks like a service's) */
	uint32_t listener; /* the row of the listener it came in through, + 1; 0: none */
	uint32_t other;    /* the row of its other end, + 1, where that is here as well; 0: none */
	uint32_t next;     /* the next row of its group, + 1; 0: the last */
	bool left_out;     /* by the filter: in no group, and not counted */
};

/* Settings and counters; -1 where not known. X(identifier, folder, file: below /proc/sys/net) */
#define TL_KNOBS(X)                                                                          \
	X(FIN_TIMEOUT, "ipv4", "tcp_fin_timeout")                                            \
	X(TW_REUSE, "ipv4", "tcp_tw_reuse")                                                  \
	X(TIMESTAMPS, "ipv4", "tcp_timestamps")                                              \
	X(SOMAXCONN, "core", "somaxconn")                                                    \
	X(SYN_BACKLOG, "ipv4", "tcp_max_syn_backlog")                                        \
	X(SYNCOOKIES, "ipv4", "tcp_syncookies")                                              \
	X(MAX_TW_BUCKETS, "ipv4", "tcp_max_tw_buckets")                                      \
	X(MAX_ORPHANS, "ipv4", "tcp_max_orphans")                                            \
	X(KEEPALIVE_TIME, "ipv4", "tcp_keepalive_time")                                      \
	X(KEEPALIVE_INTVL, "ipv4", "tcp_keepalive_intvl")                                    \
	X(KEEPALIVE_PROBES, "ipv4", "tcp_keepalive_probes")                                  \
	X(RETRIES2, "ipv4", "tcp_retries2")                                                  \
	X(ORPHAN_RETRIES, "ipv4", "tcp_orphan_retries")                                      \
	X(SYN_RETRIES, "ipv4", "tcp_syn_retries")                                            \
	X(SYN_LINEAR, "ipv4", "tcp_syn_linear_timeouts")

enum tl_knob {
#define X(id, folder, name) TL_KNOB_##id,
	TL_KNOBS(X)
#undef X
	TL_N_KNOBS
};

/* X(identifier, the kernel's name) */
#define TL_HOST_COUNTERS(X)                                                                  \
	X(OVERFLOWS, "ListenOverflows")                                                      \
	X(DROPS, "ListenDrops")                                                              \
	X(COOKIES, "SyncookiesSent")                                                         \
	X(REQUESTS_DROPPED, "TCPReqQFullDrop")                                               \
	X(TW_OVERFLOW, "TCPTimeWaitOverflow")                                                \
	X(ABORT_TIMEOUT, "TCPAbortOnTimeout")                                                \
	X(SYN_REPEATED, "TCPSynRetrans")

enum tl_host_counter {
#define X(id, name) TL_HOST_COUNTER_##id,
	TL_HOST_COUNTERS(X)
#undef X
	TL_N_HOST_COUNTERS
};

struct tl_knobs {
	int64_t setting[TL_N_KNOBS];
	int64_t counter[TL_N_HOST_COUNTERS];
	int port_low, port_high; /* ip_local_port_range; 0: not known */
	int ports_reserved;      /* so many of these are in ip_local_reserved_ports */
};

/* Rows that belong together: one state, one owner, one way, one other end. */
struct tl_group {
	enum tl_state state;
	enum tl_owner owner;
	uint32_t kin;              /* the first holder's; UINT32_MAX where there is none */
	uint32_t process;          /* of these, all of one name, the one with most descriptors */
	size_t processes;          /* how many first holders there are */
	bool incoming;
	struct tl_endpoint end;    /* incoming: the local one; else the remote one */
	uint32_t listener;         /* as in struct tl_seen, of its first row */
	uint32_t first, last;      /* rows, + 1 */
	size_t n;
	size_t held;               /* how many processes hold its first row */
	struct tl_age youngest;    /* bounds of the youngest row and of the oldest */
	struct tl_age oldest;
	uint64_t recvq, sendq;
	uint32_t most_left_ms;     /* of their timers */
	struct tl_endpoint peer;   /* the other address of its first row, without a port */
	bool many_peers;           /* rows have others */
};

struct tl_host {
	unsigned says;             /* TL_HOST_... */
	struct tl_seen *rows;
	size_t n;
	struct tl_processes processes;
	struct tl_knobs knobs;
	struct tl_group *groups;   /* largest first, those that belong together side by side */
	size_t n_groups;
	uint32_t count[TL_STATE_NUMBERS]; /* rows that are not left out, by state */
	size_t unseen;             /* rows of a process that was not seen, left out or not for that */
	size_t mptcp;              /* and those that carry MPTCP, listeners aside */
	bool root;                 /* of this host, now: no process is hidden by its owner */
	bool torn;                 /* the kernel said so */
	bool partly;               /* saved text: it has rows that could not be read */
	bool blind;                /* /proc is not there: no process, setting or counter */
	bool unset;                /* no setting was seen, as where /proc has processes alone */
	uint64_t overflowed;       /* connections that found a full queue while it looked */
	uint32_t *ports;           /* by port: the first listener there, + 1 */
	uint32_t *chain;           /* by row: the next listener on its port, + 1 */
};

static inline const struct tl_seen *tl_row_at(const struct tl_host *look, uint32_t at)
{
	return at ? &look->rows[at - 1] : NULL;
}

/* TL_EACH_ROW - @row is each row of a group, from its first on */
#define TL_EACH_ROW(row, look, group)                                             \
	for (const struct tl_seen *row = tl_row_at(look, (group)->first); row;    \
	     row = tl_row_at(look, row->next))

/* TL_EACH_HOLD - @hold is each descriptor that is this row */
#define TL_EACH_HOLD(hold, look, row)                                             \
	for (const struct tl_hold *hold = (row)->hold; hold;                      \
	     hold = tl_hold_next(&(look)->processes, hold))

/* tl_host_add - append a row (copied). Return: 0 or -ENOMEM. */
int tl_host_add(struct tl_host *look, const struct tl_sock *sock,
		const struct tl_sock_info *info, struct tl_err *err);

struct tl_sieve;

/*
 * tl_host_arrange - find owners, ways, other ends and groups, when all rows are there
 * @sieve: rows that do not pass are left out; NULL: none is
 *
 * look->processes has its index. Pure: nothing is read.
 *
 * Return: 0 or -ENOMEM.
 */
int tl_host_arrange(struct tl_host *look, const struct tl_sieve *sieve, struct tl_err *err);

void tl_host_release(struct tl_host *look);

/*
 * tl_age_of - since when a row is in its state, so far as timers and tcp_info bound it
 * @knobs: for what a FIN_WAIT2 without a process counts down from
 */
struct tl_age tl_age_of(const struct tl_sock *sock, const struct tl_sock_info *info,
			const struct tl_knobs *knobs);

/* tl_knobs_unknown - everything -1 */
void tl_knobs_unknown(struct tl_knobs *knobs);

/*
 * tl_host_look - look at this network namespace now
 * @wants: TL_HOST_INFO, TL_HOST_PROCESSES, TL_HOST_WATCHED
 * @sieve: as tl_host_arrange()
 * @look: zeroed; arranged; to be released, also after an error
 *
 * Sockets that are bound and neither listen nor connect are rows in TL_CLOSE, where the kernel
 * tells about them.
 *
 * It opens a netlink socket and files below /proc, and nothing else.
 *
 * Return: 0 or -errno.
 */
int tl_host_look(unsigned wants, const struct tl_sieve *sieve, struct tl_host *look,
		 struct tl_err *err);

/*
 * tl_host_each_row - the same, of which nothing is kept but processes, sums and listeners
 * @take: called for each row that passes, which has its owner and nothing else that is looked for;
 *        it is borrowed. What it returns other than 0 ends the look. It can be called in another
 *        thread than this one, never in two at once, and not any more when this returns.
 * @look: zeroed; to be released, also after an error; not arranged
 *
 * Return: 0 or -errno, or what @take returned.
 */
int tl_host_each_row(const struct tl_sieve *sieve, struct tl_host *look,
		     int (*take)(void *arg, const struct tl_seen *row, struct tl_err *err),
		     void *arg, struct tl_err *err);

/* tl_host_note_says - what tl_sock_note() may believe of the rows of a look: TL_NOTE_... */
unsigned tl_host_note_says(const struct tl_host *look);

#endif
