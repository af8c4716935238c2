/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 1, table: the kernel's TCP socket table, read over NETLINK_SOCK_DIAG. */
#ifndef TCPLAB_TABLE_H
#define TCPLAB_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tcplab/buf.h"
#include "tcplab/err.h"
#include "tcplab/sock.h"

/* An open sock_diag socket of the network namespace it was opened in. */
struct tl_table;

/* Rows read from the kernel. Zeroed is empty; owned by the caller. */
struct tl_socks {
	struct tl_sock *v;
	size_t n;
};

/* The most ports one dump can be filtered by. */
#define TL_TABLE_PORTS_MAX 1024

/* tl_socks_release - free the rows; a zeroed one and a second call are fine */
void tl_socks_release(struct tl_socks *socks);

/*
 * tl_table_open - *@table gets a table to be closed with tl_table_close() (returned owned)
 *
 * Return: 0 or -errno: EOPNOTSUPP where the kernel has no sock_diag for TCP.
 * Source: sock_diag(7).
 */
int tl_table_open(struct tl_table **table, struct tl_err *err);

/* tl_table_close - takes NULL */
void tl_table_close(struct tl_table *table);

/*
 * tl_table_dump - read every TCP socket, IPv4 and IPv6, in all states
 * @ports: rows with one of these as local or remote port only, filtered in the kernel;
 *         @n_ports 0 means all rows
 * @out: gets the rows in the kernel's order; what it held before is replaced, its memory kept
 *
 * The dump is not atomic: sockets that change while it runs can appear twice or not at
 * all, and two ends of a connection are read at different moments. Where the kernel
 * says so itself (NLM_F_DUMP_INTR) the dump is taken anew.
 *
 * Return: 0; -EINVAL for more than TL_TABLE_PORTS_MAX ports; -EAGAIN when the kernel
 * interrupted every try; other -errno. On failure @out holds some rows or none.
 * Source: INET_DIAG_REQ_BYTECODE of linux/inet_diag.h; states 0xfff as ss(8) and
 * /proc/net/tcp show them.
 */
int tl_table_dump(struct tl_table *table, const uint16_t *ports, size_t n_ports,
		  struct tl_socks *out, struct tl_err *err);

/*
 * tl_table_dump_mptcp - the same of the sockets of Multipath TCP, whose rows are not among TCP's
 *
 * Its state is that of the connection above its TCP ones: FIN_WAIT1 until its DATA_FIN is
 * acknowledged, CLOSE_WAIT when the other end's has been taken. It has no TIME_WAIT.
 * Older kernels leave its listeners out.
 *
 * Return: as tl_table_dump(); -EOPNOTSUPP where the kernel cannot show them.
 * Source: INET_DIAG_REQ_PROTOCOL of linux/inet_diag.h; net/mptcp/mptcp_diag.c; RFC 8684, 3.3.
 */
int tl_table_dump_mptcp(struct tl_table *table, const uint16_t *ports, size_t n_ports,
			struct tl_socks *out, struct tl_err *err);

/* What struct tcp_info adds to the row of a full socket, as far as it tells about its age. */
struct tl_sock_info {
	bool known;                 /* false: it is not a full socket, or nobody asked */
	uint32_t data_sent_ms;      /* since it last sent data, or since it was made */
	uint32_t data_received_ms;  /* the same of data that came */
	uint32_t ack_received_ms;   /* since anything came that carried an ACK */
	uint8_t probes;             /* window or keepalive probes without an answer */
	uint8_t backoff;            /* how often the time-out was doubled */
	bool mptcp;                 /* it carries an MPTCP connection, which has a state of its own */
	bool has_window;            /* since Linux 5.4 */
	uint32_t window;            /* bytes that the other end takes */
};

/* A dump that nobody keeps: each row is handed on as it comes. */
struct tl_stream {
	/*
	 * Bit 1 << state; 0: all that netstat shows. With TL_CLOSE, sockets that are bound and
	 * neither listen nor connect, where the kernel tells about them: since Linux 6.8.
	 */
	uint32_t states;
	bool info;       /* ask for tcp_info, which costs as much as the rest of the row */
	/* Return: 0 for more; anything else ends the stream, and is what it returns. */
	int (*take)(void *arg, const struct tl_sock *sock, const struct tl_sock_info *info,
		    struct tl_err *err);
	void *arg;
};

/*
 * tl_table_stream - every TCP socket of this network namespace, IPv4 and IPv6, row by row
 * @torn: set where the kernel says that its table changed under the dump
 *
 * Those that listen come first. It has a netlink socket of its own, and only the C library. It is
 * no more atomic than tl_table_dump(), and is not taken anew: rows that were handed on cannot be
 * taken back.
 *
 * Return: 0; what take() returned; -EOPNOTSUPP where the kernel has no sock_diag for TCP;
 * -EPROTO for an answer that is none; other -errno.
 * Source: sock_diag(7); tcp_info of linux/tcp.h.
 */
int tl_table_stream(const struct tl_stream *stream, bool *torn, struct tl_err *err);

/*
 * tl_deaths_open - a descriptor that is readable when a full TCP socket has died
 * @fd: gets it, for close(2); it does not block
 *
 * Return: 0; -errno.
 * Source: SKNLGRP_INET_TCP_DESTROY of linux/sock_diag.h. Nothing is told when a TIME_WAIT ends.
 */
int tl_deaths_open(int *fd, struct tl_err *err);

/*
 * tl_deaths_count - add those since the last time to @deaths
 * @lost: set where they were more than the kernel had room for
 *
 * Return: 0 or -errno.
 */
int tl_deaths_count(int fd, uint64_t *deaths, bool *lost);

/*
 * tl_table_read - dump until two dumps in a row agree (tl_sock_same() row by row)
 * @tries: give up after so many dumps, at least 2
 * @out: as tl_table_dump(), but in order of the cookie
 *
 * Return: 0; -EAGAIN when no two in a row agreed (@out has the last); other -errno.
 */
int tl_table_read(struct tl_table *table, const uint16_t *ports, size_t n_ports,
		  unsigned tries, struct tl_socks *out, struct tl_err *err);

/*
 * tl_table_destroy - end a socket, whatever state it is in, as "ss -K" does
 * @sock: as the table gave it: by its addresses and its cookie
 *
 * Return: 0; -ENOENT where it is gone already; -EOPNOTSUPP where the kernel has no such
 * request (CONFIG_INET_DIAG_DESTROY) or not for that state; other -errno.
 * Source: SOCK_DESTROY of linux/sock_diag.h, tcp_abort() of net/ipv4/tcp.c.
 */
int tl_table_destroy(struct tl_table *table, const struct tl_sock *sock, struct tl_err *err);

/*
 * tl_table_find - look one connection up; a hit takes no dump, a miss is confirmed by one
 * @local, @remote: the connection as its owner sees it
 *
 * The kernel answers with the listener where no connection matches; that counts as
 * not found. A listener itself is found by its own endpoint and the wildcard, port 0.
 *
 * An IPv4 connection that came in through a listener on :: is found by its IPv4
 * addresses; *@out then has the ::ffff:a.b.c.d ones, as a dump does.
 *
 * Return: 0; -ENOENT when there is none; other -errno.
 */
int tl_table_find(struct tl_table *table, const struct tl_endpoint *local,
		  const struct tl_endpoint *remote, struct tl_sock *out, struct tl_err *err);

/*
 * tl_table_reach - who gets a segment that is sent to @local from @remote: as tl_table_find(),
 * or else the listener there
 * @fresh: no socket of these two ends has been seen before, so that none can be about to
 *         become another: a miss is believed, and costs no dump
 */
int tl_table_reach(struct tl_table *table, const struct tl_endpoint *local,
		   const struct tl_endpoint *remote, bool fresh, struct tl_sock *out,
		   struct tl_err *err);

/*
 * tl_table_inodes - the sockets among a process's file descriptors
 * @inodes: *@inodes gets @n inode numbers (returned owned; NULL for none)
 *
 * Return: 0 (a process that is gone, exits, or is a zombie has none); -errno: ENOMEM, EACCES.
 * Source: proc(5), /proc/PID/fd; PF_EXITING in the flags of /proc/PID/stat.
 */
int tl_table_inodes(pid_t pid, uint32_t **inodes, size_t *n, struct tl_err *err);

/*
 * tl_table_is_newest - does a process have this socket, and among its newest descriptors?
 *
 * Cheap however many it has. False says nothing: it may have it all the same.
 * Source: proc(5), /proc/PID/fd; open(2): a descriptor is the lowest number that is free.
 */
bool tl_table_is_newest(pid_t pid, uint32_t inode);

/*
 * tl_table_counters - append the counters of the network namespace, as the kernel writes them
 *
 * Return: 0; -errno.
 * Source: /proc/net/netstat and /proc/net/snmp, net/ipv4/proc.c.
 */
int tl_table_counters(struct tl_buf *out, struct tl_err *err);

/*
 * tl_counter_find - read one counter off such a text
 * @name: as the kernel spells it: "ListenDrops"
 *
 * Return: false where there is none of that name; then *@value says nothing.
 */
bool tl_counter_find(const char *text, const char *name, uint64_t *value);

#endif
