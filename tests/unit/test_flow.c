/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What segments are called, and what they make of who gets them. */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>

#include "tcplab/flow.h"

static struct tl_flows flows;

static void forget(void)
{
	tl_flows_release(&flows);
}

TestSuite(flow, .fini = forget);

static struct tl_endpoint end(uint16_t port)
{
	return (struct tl_endpoint){ .family = AF_INET, .addr = { 127, 0, 0, 1 }, .port = port };
}

/* From port @from to the other of 1 and 2. */
static const char *see(uint16_t from, unsigned flags, uint32_t seq, uint32_t ack, uint32_t len)
{
	const struct tl_segment s = { .from = end(from), .to = end(3 - from), .flags = flags,
				      .seq = seq, .ack = ack, .len = len };

	return tl_flows_name(tl_flows_see(&flows, &s));
}

#define SYN TL_FLAG_SYN
#define ACK TL_FLAG_ACK
#define FIN TL_FLAG_FIN
#define RST TL_FLAG_RST

static void open_it(void)
{
	cr_expect_str_eq(see(1, SYN, 100, 0, 0), "SYN");
	cr_expect_str_eq(see(2, SYN | ACK, 500, 101, 0), "SYN+ACK");
	cr_expect_str_eq(see(1, ACK, 101, 501, 0), "ACK of SYN");
}

Test(flow, opened_and_closed)
{
	open_it();
	cr_expect_str_eq(see(1, ACK, 101, 501, 5), "data");
	cr_expect_str_eq(see(2, ACK, 501, 106, 0), "ACK");
	cr_expect_str_eq(see(1, FIN | ACK, 106, 501, 0), "FIN");
	cr_expect_str_eq(see(2, ACK, 501, 107, 0), "ACK of FIN");
	cr_expect_str_eq(see(2, FIN | ACK, 501, 107, 0), "FIN+ACK");
	cr_expect_str_eq(see(1, ACK, 107, 502, 0), "ACK of FIN");
}

/* The server's mere ACK says no more than the SYN+ACK did: it asks about a RST, say. */
Test(flow, a_challenge_is_no_ack_of_a_syn)
{
	open_it();
	cr_expect_str_eq(see(1, RST | ACK, 106, 501, 0), "RST");
	cr_expect_str_eq(see(2, ACK, 501, 101, 0), "ACK");
}

Test(flow, crossed)
{
	cr_expect_str_eq(see(1, SYN, 100, 0, 0), "SYN");
	cr_expect_str_eq(see(2, SYN, 500, 0, 0), "SYN");
	cr_expect_str_eq(see(1, SYN | ACK, 100, 501, 0), "SYN+ACK");
	cr_expect_str_eq(see(2, SYN | ACK, 500, 101, 0), "SYN+ACK");
	cr_expect_str_eq(see(1, FIN | ACK, 101, 501, 0), "FIN");
	cr_expect_str_eq(see(2, FIN | ACK, 501, 101, 0), "FIN");
}

Test(flow, the_same_ends_again)
{
	open_it();
	cr_expect_str_eq(see(1, FIN | ACK, 101, 501, 0), "FIN");
	cr_expect_str_eq(see(1, SYN, 900, 0, 0), "SYN");
	cr_expect_str_eq(see(2, ACK, 501, 102, 0), "ACK", "of a FIN that is no more");
}

static const char *becomes(enum tl_state state, uint32_t inode, uint32_t kinds)
{
	const struct tl_sock sock = { .state = state, .inode = inode };
	const struct tl_arc *arc = tl_flows_arc(&sock, kinds);

	return arc ? arc->id : "nothing";
}

/* Whoever gets a segment walks an arc that begins where he is. */
Test(flow, arcs_begin_where_one_is)
{
	for (int state = 1; state < TL_STATE_MAX; state++)
		for (int kind = TL_SEGMENT_ANY; kind <= TL_SEGMENT_RST; kind++) {
			const struct tl_sock sock = { .state = state };
			const struct tl_arc *arc = tl_flows_arc(&sock, 1u << kind);

			cr_expect(!arc || ((int)arc->from == state && arc->linux_has &&
					   arc->cause == TL_BY_SEGMENT), "%s, %s",
				  tl_state_name(state), tl_segment_kind_name(kind));
		}
}

/* Is there a segment that makes a socket walk this arc? */
static bool can_be_made(const struct tl_arc *arc)
{
	for (uint32_t inode = 0; inode < 2; inode++)
		for (int kind = TL_SEGMENT_ANY; kind <= TL_SEGMENT_RST; kind++)
			if (!strcmp(becomes(arc->from, inode, 1u << kind), arc->id))
				return true;
	return false;
}

/* But for what depends on a setting of the kernel. */
Test(flow, every_arc_that_segments_make)
{
	size_t n;
	const struct tl_arc *arcs = tl_arcs(&n);

	for (size_t i = 0; i < n; i++)
		if (arcs[i].cause == TL_BY_SEGMENT && strcmp(arcs[i].id, "X8") &&
		    strcmp(arcs[i].id, "X9"))
			cr_expect(can_be_made(&arcs[i]), "arc %s", arcs[i].id);
}

Test(flow, a_request_and_a_socket_of_a_program)
{
	cr_expect_str_eq(becomes(TL_SYN_RECV, 0, 1u << TL_SEGMENT_RST), "11");
	cr_expect_str_eq(becomes(TL_SYN_RECV, 7, 1u << TL_SEGMENT_RST), "R-SYN_RECV");
}

/* Of a segment that is several things. */
Test(flow, the_first_that_fits)
{
	const uint32_t fin_ack = 1u << TL_SEGMENT_FIN | 1u << TL_SEGMENT_FIN_ACK;

	cr_expect_str_eq(becomes(TL_FIN_WAIT1, 7, fin_ack), "N2");
	cr_expect_str_eq(becomes(TL_FIN_WAIT2, 0, fin_ack), "16");
	cr_expect_str_eq(becomes(TL_ESTABLISHED, 7, 1u << TL_SEGMENT_DATA), "nothing");
	cr_expect_str_eq(becomes(TL_LAST_ACK, 0, 1u << TL_SEGMENT_FIN), "nothing");
	cr_expect_str_eq(becomes(TL_LISTEN, 7, 1u << TL_SEGMENT_RST), "nothing");
}
