/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside core: what flow.c knows of each direction, for forecast.c as well. */
#ifndef TCPLAB_CORE_FLOW_NUMBERS_H
#define TCPLAB_CORE_FLOW_NUMBERS_H

#include <stdbool.h>

#include "tcplab/flow.h"

#define BIT(kind) (1u << TL_SEGMENT_##kind)

/* What can be answered with an ACK that says nothing new. */
enum ask {
	ASK_NOTHING,
	ASK_RST,
	ASK_SYN,
	ASK_UNSENT, /* it acknowledges what was never sent */
	ASK_KEEPALIVE,
	ASK_WINDOW,
	ASK_FIN,
	ASK_DATA,
	N_ASKS
};

/* One direction of one connection. */
struct tl_flow {
	struct tl_endpoint from, to;
	bool has_syn, has_syn_ack, has_fin, has_ack;
	uint32_t syn_end, fin_end; /* the ack that acknowledges it */
	uint32_t next;             /* the number after all that was sent */
	uint32_t ack;              /* the latest acknowledgment */
	uint16_t window;           /* what it came with, as in the header; a SYN's scaled */
	unsigned asks[N_ASKS];     /* arrived, and not answered yet */
	enum ask last;
	uint32_t got;              /* in order, what has arrived; of the life before, if !has_got */
	bool has_got, had_got;     /* the SYN has arrived; that of the life before had */
	bool has_hole;             /* and more than @got has */
	uint16_t syn_window;       /* not scaled; 0 once a segment without SYN was sent */
	int8_t wscale;             /* that the SYN offered; -1 for none */
	bool past_syn;             /* it has said what nobody says whose SYN is not acknowledged */
	bool mere_syn;             /* of its SYNs the last to arrive acknowledged nothing */
	unsigned fin_acks;         /* the other end's that acknowledge its FIN, except those lost */
	enum tl_segment_kind first; /* what the first of them was: ACK, DATA or FIN */
	uint32_t first_seq;
};

/* tl_flow_find - a direction, NULL where nothing went that way */
struct tl_flow *tl_flow_find(const struct tl_flows *flows, const struct tl_endpoint *from,
			     const struct tl_endpoint *to);

#endif
