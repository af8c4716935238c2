/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: what a segment is called, in the light of those that came before it. */
#ifndef TCPLAB_FLOW_H
#define TCPLAB_FLOW_H

#include <stddef.h>
#include <stdint.h>

#include "tcplab/event.h"
#include "tcplab/pairs.h"
#include "tcplab/plan.h"
#include "tcplab/segment.h"

/*
 * The numbers of each direction seen so far, to tell what an ACK acknowledges and answers.
 * Zeroed is empty; owns its memory.
 */
struct tl_flows {
	struct tl_flow *v;            /* one for each of @pairs */
	struct tl_pairs pairs;
	void *held;                   /* tl_flows_take(): those not let go yet, a tree of <search.h> */
};

/* Beside the kinds of a segment: it acknowledges the other end's FIN, first to do so or not. */
#define TL_FLOW_ACKS_FIN (UINT32_C(1) << 31)

/* tl_flows_release - a zeroed one and a second call are fine */
void tl_flows_release(struct tl_flows *flows);

/*
 * tl_flows_see - take note of a segment that was sent, and say what it can be called
 *
 * A SYN begins its direction anew, so a port that is used again does no harm. What becomes
 * of the segment is for one of the next two to say: names that come after depend on it.
 *
 * Return: a set of bits 1 << TL_SEGMENT_*, TL_SEGMENT_ANY always among them, and perhaps
 * TL_FLOW_ACKS_FIN; 0 when memory ran out.
 */
uint32_t tl_flows_see(struct tl_flows *flows, const struct tl_segment *segment);

/* tl_flows_arrive - a segment that was seen goes on to its receiver */
void tl_flows_arrive(struct tl_flows *flows, const struct tl_segment *segment);

/* tl_flows_lose - a segment that was seen is lost: what it acknowledges it does not */
void tl_flows_lose(struct tl_flows *flows, const struct tl_segment *segment);

/*
 * tl_flows_take - the three of them, as a trace's SEGMENT and LETGO events have it
 * @ev: any event, in the trace's order
 *
 * Return: of a SEGMENT as tl_flows_see() does; of any other event not 0.
 */
uint32_t tl_flows_take(struct tl_flows *flows, const struct tl_event *ev);

/* tl_flows_kind - the most telling of @kinds, by which a segment is called */
enum tl_segment_kind tl_flows_kind(uint32_t kinds);

/*
 * tl_flows_name - the most telling of the names in @kinds: "ACK of FIN" rather than "ACK",
 * "FIN+ACK" rather than "FIN" (static)
 */
const char *tl_flows_name(uint32_t kinds);

/*
 * tl_flows_arc - what becomes of a socket when a segment of @kinds arrives
 *
 * Numbers are not looked at: that a RST is exact, or that a SYN to TIME_WAIT is of a new
 * connection, is taken for granted.
 *
 * Return: the arc it walks (static), or NULL where it stays as it is.
 */
const struct tl_arc *tl_flows_arc(const struct tl_sock *sock, uint32_t kinds);

#endif
