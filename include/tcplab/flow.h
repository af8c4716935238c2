/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: what a segment is called, in the light of those that came before it. */
#ifndef TCPLAB_FLOW_H
#define TCPLAB_FLOW_H

#include <stddef.h>
#include <stdint.h>

#include "tcplab/plan.h"
#include "tcplab/segment.h"

/*
 * The SYN and FIN of each direction seen so far, to tell what an ACK acknowledges. Zeroed
 * is empty; owns its memory.
 */
struct tl_flows {
	struct tl_flow *v;
	size_t n;
	size_t cap;
};

/* tl_flows_release - takes zeroed, twice is fine */
void tl_flows_release(struct tl_flows *flows);

/*
 * tl_flows_see - take note of a segment and say what it can be called
 *
 * A SYN begins its direction anew, so a port that is used again is no trouble.
 *
 * Return: a set of bits 1 << TL_SEGMENT_*, TL_SEGMENT_ANY always among them; 0 when memory
 * ran out.
 */
uint32_t tl_flows_see(struct tl_flows *flows, const struct tl_segment *segment);

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
