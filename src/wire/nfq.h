/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of the wire room: netlink's bytes, the talk with netfilter, the rule. */
#ifndef TCPLAB_WIRE_NFQ_H
#define TCPLAB_WIRE_NFQ_H

#include <stddef.h>
#include <stdint.h>

#include "tcplab/netlink.h"
#include "tcplab/wire.h"

struct mnl_socket;

/* message.c: what the kernel says, taken apart without I/O. */

enum tl_nfq_kind {
	TL_NFQ_PACKET, /* it has been stopped */
	TL_NFQ_ANSWER, /* to a request of ours */
	TL_NFQ_OTHER,  /* nothing to us */
};

struct tl_nfq_message {
	enum tl_nfq_kind kind;
	uint32_t id;        /* of the packet; of an answer: the request's sequence number */
	int refused;        /* an answer: 0 for yes, else why not, an errno */
	struct tl_packet packet; /* (borrowed from the datagram) */
	bool unsummed;      /* its TCP checksum is left to be filled in later */
};

/*
 * tl_nfq_next - read the next message of a datagram and step over it
 *
 * Return: 1 with *@out filled; 0 at the end; -EPROTO with what is wrong.
 * Source: netlink(7), linux/netfilter/nfnetlink_queue.h.
 */
int tl_nfq_next(struct tl_netlink_bytes *bytes, struct tl_nfq_message *out, struct tl_err *err);

/* nl.c: one socket to netfilter, which answers while it is being asked. */

/* What went by or was lost without our doing. Zeroed except for @next_id it is empty. */
struct tl_nfq_losses {
	uint32_t next_id; /* the kernel counts from 1 on */
	uint64_t gaps;    /* ids that never came */
	uint64_t drops;   /* the socket's own count */
	uint64_t astray;  /* let go unread, or gone when the verdict came */
	uint64_t told;    /* how many of all these have been told */
};

/* tl_nfq_came - a packet of this id has come: those before it that have not never will */
void tl_nfq_came(struct tl_nfq_losses *losses, uint32_t id);

/*
 * tl_nfq_untold - how many losses have not been told; they count as told from now on
 *
 * A packet that the socket had no room for is missing among the ids and counted by the socket:
 * whichever of the two is further on is true.
 */
uint64_t tl_nfq_untold(struct tl_nfq_losses *losses);

/* More than any message to us is long: of a packet the kernel copies TL_PACKET_SNAP bytes. */
#define TL_NFQ_DATAGRAM 8192

/*
 * tl_nl_open - a nonblocking netlink socket that only the kernel can send to
 *
 * Return: 0 and *@nl for mnl_socket_close(); -EOPNOTSUPP where there is no netfilter.
 */
int tl_nl_open(struct mnl_socket **nl, struct tl_err *err);

/*
 * tl_nl_ask - send @len bytes of messages and read the answers
 * @refused: 0 where the kernel agrees to all of them, else the first errno it says
 *
 * One of the messages at least must ask for an answer (NLM_F_ACK).
 *
 * Return: 0; -errno where it could not be asked.
 */
int tl_nl_ask(struct mnl_socket *nl, const void *bytes, size_t len, int *refused,
	      struct tl_err *err);

/* rule.c: what sends segments into the queue. */

/*
 * tl_rule_install - stop what leaves from or for one of @ports, and put it in @queue
 * @n_ports: 0 for all TCP
 *
 * The rule stays until the network namespace ends, or another one takes its place. Where
 * nobody has bound @queue it does nothing.
 *
 * Return: 0; -ENOENT where the kernel knows no such rule, -EOPNOTSUPP where it has no
 * nftables, both with the remedy; other -errno.
 */
int tl_rule_install(enum tl_wire_rule rule, uint16_t queue, const uint16_t *ports,
		    size_t n_ports, struct tl_err *err);

/* tl_rule_try - as tl_rule_install(), up to the point where it would take effect */
int tl_rule_try(enum tl_wire_rule rule, struct tl_err *err);

#endif
