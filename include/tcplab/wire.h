/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 1, wire: every segment of the watched ports, stopped on its way out. */
#ifndef TCPLAB_WIRE_H
#define TCPLAB_WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "tcplab/err.h"
#include "tcplab/segment.h"

/* An NFQUEUE of the network namespace it was opened in, and the rule that fills it. */
struct tl_wire;

/* How the kernel took the rule. X(identifier, name) */
#define TL_WIRE_RULES(X)                                                                     \
	X(QUEUE, "queue")    /* nftables' own expression */                                  \
	X(TARGET, "target")  /* xtables' NFQUEUE target, through nft's compat expression */

enum tl_wire_rule {
#define X(id, name) TL_WIRE_RULE_##id,
	TL_WIRE_RULES(X)
#undef X
};

const char *tl_wire_rule_name(enum tl_wire_rule rule);

/* Every call but read_out must be there; each may close the wire, where that has not begun. */
struct tl_wire_options {
	uv_loop_t *loop;
	const uint16_t *ports;  /* stop segments from or to one of these; none: all TCP */
	size_t n_ports;
	/*
	 * A segment has been stopped; it stays where it is until its id is given to
	 * tl_wire_release() or tl_wire_drop(), which may be inside this call.
	 * @packet: borrowed; where it is whole its TCP checksum is right, which the kernel
	 * leaves to be filled in later
	 */
	void (*stopped)(void *arg, uint32_t id, const struct tl_segment *segment,
			const struct tl_packet *packet);
	/*
	 * The loop has seen that there were some, and for the moment there are no more, or so
	 * many have come that the loop wants its turn. NULL: nobody wants to know.
	 */
	void (*read_out)(void *arg);
	/*
	 * @n segments more went by or were lost without our doing: stopped when nobody could
	 * be told about them, let go because they could not be read, or dropped by the kernel
	 * while they were held. It can come once more inside tl_wire_close().
	 */
	void (*lossy)(void *arg, uint64_t n);
	/* The queue cannot be read any more: what is stopped now stays so until the close. */
	void (*broken)(void *arg, const struct tl_err *err);
	void *arg;
};

/*
 * tl_wire_open - bind the queue, then put the rule in place
 * @wire: *@wire gets it, for tl_wire_close()
 * @options: copied; the ports it points to are read in this call only
 *
 * The rule hooks OUTPUT, IPv4 and IPv6: there a segment still belongs to its sender, so the
 * kernel sends no second copy of it, except of a request's SYN+ACK. Its timers run on, and in
 * the end it counts as lost. What is no TCP segment we can read is let go at once, and counts
 * as lossy().
 *
 * Return: 0; -EOPNOTSUPP, with the remedy, where the kernel has no NFQUEUE; -EPERM where we
 * may not, or where this network namespace has a wire already; other -errno.
 * Source: libnetfilter_queue, libnftnl; linux/netfilter/nfnetlink_queue.h, xt_NFQUEUE.h.
 */
int tl_wire_open(struct tl_wire **wire, const struct tl_wire_options *options,
		 struct tl_err *err);

/*
 * tl_wire_unreachable - tell the sender of a segment by ICMP that the host is unreachable
 *
 * As a router does that has no way there: ICMP 3/1, or ICMPv6 1/3, with the beginning of that
 * segment. The kernel of the sender has it when this returns, and what it does then is up to it.
 *
 * Return: 0 or -errno. Source: RFC 792, RFC 4443 3.1; raw(7).
 */
int tl_wire_unreachable(const struct tl_segment *segment, struct tl_err *err);

/*
 * tl_wire_close - stop no more; what is still held is dropped by the kernel, and sent again
 * by TCP
 * @closed: called once, from the loop, when nothing is left
 */
void tl_wire_close(struct tl_wire *wire, void (*closed)(void *arg), void *arg);

/*
 * tl_wire_release - let a stopped segment go on; tl_wire_drop - let it be lost
 *
 * Any time later, in any order, once. On a loopback what it brings about has most often
 * happened when tl_wire_release() returns, up to the next segment that is stopped.
 *
 * Return: 0; -ENOENT where no segment of this id is held; other -errno.
 */
int tl_wire_release(struct tl_wire *wire, uint32_t id, struct tl_err *err);
int tl_wire_drop(struct tl_wire *wire, uint32_t id, struct tl_err *err);

/*
 * tl_wire_read - read what is stopped until there is no more, or much has been read; stopped()
 * is called for each, read_out() is not
 *
 * What a system call sends has been stopped when that call returns, and what a release brings
 * about most often when that returns. Not to be called from stopped(), lossy() or broken().
 *
 * Return: how many announcements there were, or -errno.
 */
int tl_wire_read(struct tl_wire *wire, struct tl_err *err);

/* tl_wire_rule - which of the two rules this kernel took */
enum tl_wire_rule tl_wire_rule(const struct tl_wire *wire);

/*
 * tl_wire_probe - would this kernel take @rule in this network namespace? Changes nothing.
 * For doctor.
 *
 * Return: 0; -ENOENT where it lacks this rule alone, -EOPNOTSUPP where it takes none, both naming
 * what to load; -EPERM where we may not.
 */
int tl_wire_probe(enum tl_wire_rule rule, struct tl_err *err);

#endif
