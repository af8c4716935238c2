/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What segments are called, and what they do to their receiver. */
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

static struct tl_segment last;

/* From port @from to the other of 1 and 2; @arrives: at once, else nothing is known of it yet. */
static const char *say(bool arrives, uint16_t from, unsigned flags, uint32_t seq, uint32_t ack,
		       uint32_t len, uint16_t window)
{
	uint32_t kinds;

	last = (struct tl_segment){ .from = end(from), .to = end(3 - from), .flags = flags,
				    .seq = seq, .ack = ack, .len = len, .window = window,
				    .wscale = -1 };
	kinds = tl_flows_see(&flows, &last);
	if (arrives)
		tl_flows_arrive(&flows, &last);
	return tl_flows_name(kinds);
}

#define WINDOW 500

static const char *see(uint16_t from, unsigned flags, uint32_t seq, uint32_t ack, uint32_t len)
{
	return say(true, from, flags, seq, ack, len, WINDOW);
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

/* Four segments: the FIN that comes last does not acknowledge anything first. */
Test(flow, opened_and_closed)
{
	open_it();
	cr_expect_str_eq(see(1, ACK, 101, 501, 5), "data");
	cr_expect_str_eq(see(2, ACK, 501, 106, 0), "ACK");
	cr_expect_str_eq(see(1, FIN | ACK, 106, 501, 0), "FIN");
	cr_expect_str_eq(see(2, ACK, 501, 107, 0), "ACK of FIN");
	cr_expect_str_eq(see(2, FIN | ACK, 501, 107, 0), "FIN");
	cr_expect_str_eq(see(1, ACK, 107, 502, 0), "ACK of FIN");
}

Test(flow, closed_in_three)
{
	open_it();
	cr_expect_str_eq(see(1, FIN | ACK, 101, 501, 0), "FIN");
	cr_expect_str_eq(see(2, FIN | ACK, 501, 102, 0), "FIN+ACK");
	cr_expect_str_eq(see(2, FIN | ACK, 501, 102, 0), "FIN+ACK", "the same again");
	cr_expect_str_eq(see(1, ACK, 102, 502, 0), "ACK of FIN");
}

/* Where the ACK of a FIN is lost, the FIN behind it is the first that tells. */
Test(flow, an_ack_of_a_fin_is_lost)
{
	open_it();
	see(1, FIN | ACK, 101, 501, 0);
	cr_expect_str_eq(say(false, 2, ACK, 501, 102, 0, WINDOW), "ACK of FIN");
	tl_flows_lose(&flows, &last);
	cr_expect_str_eq(see(2, FIN | ACK, 501, 102, 0), "FIN+ACK");
}

Test(flow, a_fin_again_is_acknowledged_again)
{
	open_it();
	see(1, FIN | ACK, 101, 501, 0);
	cr_expect_str_eq(see(2, ACK, 501, 102, 0), "ACK of FIN");
	see(1, FIN | ACK, 101, 501, 0);
	cr_expect_str_eq(see(2, ACK, 501, 102, 0), "ACK of FIN");
	cr_expect_str_eq(see(2, ACK, 501, 102, 0), "duplicate ACK", "nobody asked");
}

Test(flow, data_that_acknowledges_a_fin)
{
	open_it();
	see(1, FIN | ACK, 101, 501, 0);
	cr_expect_str_eq(see(2, ACK, 501, 102, 6), "data + ACK of FIN");
	cr_expect_str_eq(see(2, ACK, 507, 102, 6), "data", "the FIN is acknowledged by now");
	cr_expect_str_eq(see(2, ACK, 501, 102, 6), "data + ACK of FIN", "the first again");
	cr_expect_str_eq(see(1, ACK, 102, 513, 0), "ACK");
	cr_expect_str_eq(see(2, FIN | ACK, 513, 102, 0), "FIN");
}

/* It says no more than the SYN+ACK did: it asks about a RST. */
Test(flow, a_servers_challenge)
{
	open_it();
	cr_expect_str_eq(see(1, RST | ACK, 106, 501, 0), "RST");
	cr_expect_str_eq(see(2, ACK, 501, 101, 0), "challenge ACK");
	cr_expect_str_eq(see(2, ACK, 501, 101, 0), "duplicate ACK", "one RST, one challenge");
}

/* Who has acknowledged more than the SYN has heard that its own is: an old one is challenged. */
Test(flow, a_syn_ack_of_long_ago_is_challenged)
{
	for (int past = 0; past < 2; past++) {
		see(1, SYN, 100, 0, 0);
		see(2, SYN | ACK, 500, 101, 0);
		say(false, 1, ACK, 101, 501, 0, WINDOW);
		tl_flows_lose(&flows, &last);
		if (past) {
			see(1, ACK, 101, 501, 5);
			see(2, ACK, 501, 106, 0);
		}
		see(2, SYN | ACK, 500, 101, 0);
		cr_expect_str_eq(see(1, ACK, 101 + 5 * past, 501, 0),
				 past ? "challenge ACK" : "ACK of SYN");
		tl_flows_release(&flows);
	}
}

/* Of two SYNs that cross one comes late: its receiver is open already, and doubts it. */
Test(flow, a_late_syn_of_a_simultaneous_open_is_challenged)
{
	struct tl_segment syn;

	cr_expect_str_eq(see(1, SYN, 100, 0, 0), "SYN");
	cr_expect_str_eq(say(false, 2, SYN, 500, 0, 0, WINDOW), "SYN");
	syn = last;
	cr_expect_str_eq(see(2, SYN | ACK, 500, 101, 0), "SYN+ACK");
	cr_expect_str_eq(see(1, ACK, 101, 501, 0), "ACK of SYN");
	tl_flows_arrive(&flows, &syn);
	cr_expect_str_eq(see(1, ACK, 101, 501, 0), "challenge ACK");
}

/* It says no more than the ACK of the SYN did. */
Test(flow, a_clients_challenge)
{
	open_it();
	say(false, 2, ACK, 501, 101, 5, WINDOW);
	cr_expect_str_eq(see(2, RST | ACK, 506, 101, 0), "RST");
	cr_expect_str_eq(see(1, ACK, 101, 501, 0), "challenge ACK");
}

/* A RST that has not arrived asks for nothing; from before the SYN it does when it arrives. */
Test(flow, challenged_when_the_rst_arrives)
{
	struct tl_segment rst;

	open_it();
	say(false, 1, RST | ACK, 106, 501, 0, WINDOW);
	rst = last;
	cr_expect_str_eq(see(2, ACK, 501, 101, 0), "duplicate ACK");
	cr_expect_str_eq(see(1, SYN, 900, 0, 0), "SYN");
	cr_expect_str_eq(see(2, SYN | ACK, 700, 901, 0), "SYN+ACK");
	cr_expect_str_eq(see(1, ACK, 901, 701, 0), "ACK of SYN");
	tl_flows_arrive(&flows, &rst);
	cr_expect_str_eq(see(2, ACK, 701, 901, 0), "challenge ACK");
}

/* Half-open, RFC 9293 3.5.1: the end that does not know about it opens anew. */
Test(flow, a_syn_is_challenged)
{
	open_it();
	see(1, ACK, 101, 501, 5);
	see(2, ACK, 501, 106, 0);
	cr_expect_str_eq(see(1, SYN, 900, 0, 0), "SYN");
	cr_expect_str_eq(see(2, ACK, 501, 106, 0), "challenge ACK");
	cr_expect_str_eq(see(1, RST, 106, 0, 0), "RST");
}

/* A SYN+ACK that comes again, because the ACK was lost or the accept queue is full. */
Test(flow, a_syn_ack_again)
{
	open_it();
	see(1, ACK, 101, 501, 5);
	cr_expect_str_eq(see(2, SYN | ACK, 500, 101, 0), "SYN+ACK");
	cr_expect_str_eq(see(1, ACK, 106, 501, 0), "ACK of SYN");
	cr_expect_str_eq(see(1, ACK, 106, 501, 0), "duplicate ACK");
}

/* RFC 5961 4: a SYN in a synchronized state is challenged, whatever its number. */
Test(flow, an_old_syn_ack_is_challenged)
{
	open_it();
	see(2, ACK, 501, 101, 5);
	cr_expect_str_eq(see(1, ACK, 101, 506, 0), "ACK");
	cr_expect_str_eq(see(2, SYN | ACK, 500, 101, 0), "SYN+ACK");
	cr_expect_str_eq(see(1, ACK, 101, 506, 0), "challenge ACK");
}

Test(flow, acknowledges_what_was_never_sent)
{
	open_it();
	cr_expect_str_eq(see(1, ACK, 101, 777, 0), "ACK");
	cr_expect_str_eq(see(2, ACK, 501, 101, 0), "challenge ACK");
}

Test(flow, is_anybody_there)
{
	open_it();
	cr_expect_str_eq(see(1, ACK, 101, 501, 5), "data");
	cr_expect_str_eq(see(2, ACK, 501, 106, 0), "ACK");
	cr_expect_str_eq(see(1, ACK, 105, 501, 0), "keepalive probe");
	cr_expect_str_eq(see(2, ACK, 501, 106, 0), "keepalive ACK");
	cr_expect_str_eq(see(2, ACK, 500, 106, 0), "keepalive probe", "the other way");
	cr_expect_str_eq(see(1, ACK, 106, 501, 0), "keepalive ACK");
	see(1, FIN | ACK, 106, 501, 0);
	cr_expect_str_eq(see(2, ACK, 501, 107, 0), "ACK of FIN");
	cr_expect_str_eq(see(2, ACK, 500, 107, 0), "keepalive probe", "in CLOSE_WAIT");
	cr_expect_str_eq(see(1, ACK, 107, 501, 0), "keepalive ACK");
}

Test(flow, a_shut_window)
{
	open_it();
	cr_expect_str_eq(see(1, ACK, 101, 501, 5), "data");
	cr_expect_str_eq(say(true, 2, ACK, 501, 106, 0, 0), "ACK");
	cr_expect_str_eq(see(1, ACK, 105, 501, 0), "window probe");
	cr_expect_str_eq(say(true, 2, ACK, 501, 106, 0, 0), "window probe ACK");
	cr_expect_str_eq(say(true, 2, ACK, 501, 106, 0, 300), "window update", "it was read");
	cr_expect_str_eq(see(1, ACK, 105, 501, 0), "keepalive probe");
}

/* The update was lost, the answer to the next probe has it too. */
Test(flow, a_window_opens_at_a_probe)
{
	open_it();
	see(1, ACK, 101, 501, 5);
	say(true, 2, ACK, 501, 106, 0, 0);
	cr_expect_str_eq(see(1, ACK, 105, 501, 0), "window probe");
	cr_expect_str_eq(say(true, 2, ACK, 501, 106, 0, 300), "window update");
}

Test(flow, something_is_missing)
{
	open_it();
	say(false, 1, ACK, 101, 501, 5, WINDOW);
	tl_flows_lose(&flows, &last);
	see(1, ACK, 106, 501, 5);
	cr_expect_str_eq(see(2, ACK, 501, 101, 0), "duplicate ACK");
	cr_expect_str_eq(see(1, ACK, 101, 501, 5), "data");
	cr_expect_str_eq(see(2, ACK, 501, 111, 0), "ACK");
	cr_expect_str_eq(see(1, ACK, 101, 501, 5), "data", "too late");
	cr_expect_str_eq(see(2, ACK, 501, 111, 0), "duplicate ACK");
}

/* A SYN's window is not scaled: 65483 bytes are 512 times 128, less what is rounded up. */
Test(flow, a_scaled_window_is_no_update)
{
	struct tl_segment syn_ack = { .from = end(2), .to = end(1), .flags = SYN | ACK,
				      .seq = 500, .ack = 101, .window = 65483, .wscale = 7 };

	see(1, SYN, 100, 0, 0);
	tl_flows_see(&flows, &syn_ack);
	tl_flows_arrive(&flows, &syn_ack);
	see(1, ACK, 101, 501, 0);
	cr_expect_str_eq(say(true, 2, ACK, 501, 101, 0, 512), "duplicate ACK");
	cr_expect_str_eq(say(true, 2, ACK, 501, 101, 0, 600), "window update");
}

/*
 * Fast Open: data went with the SYN, was not taken, and is not a probe when it is short of it.
 */
Test(flow, a_syn_with_data)
{
	cr_expect_str_eq(see(1, SYN, 100, 0, 1), "SYN");
	cr_expect_str_eq(see(2, SYN | ACK, 500, 101, 0), "SYN+ACK");
	cr_expect_str_eq(see(1, ACK, 101, 501, 0), "ACK of SYN");
}

Test(flow, crossed)
{
	cr_expect_str_eq(see(1, SYN, 100, 0, 0), "SYN");
	cr_expect_str_eq(see(2, SYN, 500, 0, 0), "SYN");
	cr_expect_str_eq(see(1, SYN | ACK, 100, 501, 0), "SYN+ACK");
	cr_expect_str_eq(see(2, SYN | ACK, 500, 101, 0), "SYN+ACK");
	cr_expect_str_eq(see(1, ACK, 101, 501, 0), "ACK of SYN");
	cr_expect_str_eq(see(2, ACK, 501, 101, 0), "ACK of SYN");
	cr_expect_str_eq(see(1, FIN | ACK, 101, 501, 0), "FIN");
	cr_expect_str_eq(see(2, FIN | ACK, 501, 101, 0), "FIN");
	cr_expect_str_eq(see(1, ACK, 102, 502, 0), "ACK of FIN");
	cr_expect_str_eq(see(2, ACK, 502, 102, 0), "ACK of FIN");
}

Test(flow, the_same_ends_again)
{
	open_it();
	cr_expect_str_eq(see(1, FIN | ACK, 101, 501, 0), "FIN");
	cr_expect_str_eq(see(1, SYN, 900, 0, 0), "SYN");
	cr_expect_str_eq(see(2, ACK, 501, 102, 0), "challenge ACK", "of a FIN that is no more");
}

/* As a trace has it: what was held arrives when it is let go. */
Test(flow, a_trace)
{
	struct tl_event ev = { .kind = TL_EVENT_SEGMENT,
			       .segment = { .id = 7, .fate = TL_FATE_HELD } };
	const struct tl_event letgo = { .kind = TL_EVENT_LETGO, .letgo = { .id = 7 } };
	const struct tl_event other = { .kind = TL_EVENT_PHASE };

	open_it();
	say(false, 1, RST | ACK, 106, 501, 0, WINDOW);
	ev.segment.seg = last;
	cr_expect_str_eq(tl_flows_name(tl_flows_take(&flows, &ev)), "RST");
	cr_expect_str_eq(see(2, ACK, 501, 101, 0), "duplicate ACK");
	cr_expect(tl_flows_take(&flows, &letgo));
	cr_expect_str_eq(see(2, ACK, 501, 101, 0), "challenge ACK");
	cr_expect(tl_flows_take(&flows, &letgo), "a second time, for nothing");
	cr_expect(tl_flows_take(&flows, &other));
}

Test(flow, each_kind_is_of_the_one_above)
{
	cr_expect(tl_segment_kind_is(TL_SEGMENT_CHALLENGE_ACK, TL_SEGMENT_ACK));
	cr_expect(tl_segment_kind_is(TL_SEGMENT_CHALLENGE_ACK, TL_SEGMENT_ANY));
	cr_expect(tl_segment_kind_is(TL_SEGMENT_FIN_ACK, TL_SEGMENT_FIN));
	cr_expect(tl_segment_kind_is(TL_SEGMENT_DATA_ACK_OF_FIN, TL_SEGMENT_DATA));
	cr_expect_not(tl_segment_kind_is(TL_SEGMENT_ACK, TL_SEGMENT_ACK_OF_SYN));
	cr_expect_not(tl_segment_kind_is(TL_SEGMENT_CHALLENGE_ACK, TL_SEGMENT_ACK_OF_SYN));
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
		for (int kind = 0; kind < TL_N_SEGMENT_KINDS; kind++) {
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
		for (int kind = 0; kind < TL_N_SEGMENT_KINDS; kind++)
			for (int acks = 0; acks < 2; acks++)
				if (!strcmp(becomes(arc->from, inode,
						    1u << kind | (acks ? TL_FLOW_ACKS_FIN : 0)),
					    arc->id))
					return true;
	return false;
}

/*
 * What a segment brings about only with a setting of the kernel, or what is not a segment of
 * TCP.
 */
static bool depends(const struct tl_arc *arc)
{
	static const enum tl_arc_id ids[] = {
		TL_ARC_ID_X8, TL_ARC_ID_X9, TL_ARC_ID_X9_FIN_WAIT1, TL_ARC_ID_X9_CLOSING,
		TL_ARC_ID_X11, TL_ARC_ID_X12, TL_ARC_ID_X12_SYN_RECV,
	};

	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		if (arc == tl_arc(ids[i]))
			return true;
	return false;
}

Test(flow, every_arc_that_segments_make)
{
	size_t n;
	const struct tl_arc *arcs = tl_arcs(&n);

	for (size_t i = 0; i < n; i++)
		if (arcs[i].cause == TL_BY_SEGMENT && !depends(&arcs[i]))
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
	const uint32_t fin_ack = 1u << TL_SEGMENT_FIN | 1u << TL_SEGMENT_FIN_ACK |
				 TL_FLOW_ACKS_FIN;

	cr_expect_str_eq(becomes(TL_FIN_WAIT1, 7, fin_ack), "N2");
	cr_expect_str_eq(becomes(TL_FIN_WAIT2, 0, fin_ack), "16");
	cr_expect_str_eq(becomes(TL_ESTABLISHED, 7, 1u << TL_SEGMENT_DATA), "nothing");
	cr_expect_str_eq(becomes(TL_LAST_ACK, 0, 1u << TL_SEGMENT_FIN), "nothing");
	cr_expect_str_eq(becomes(TL_LISTEN, 7, 1u << TL_SEGMENT_RST), "nothing");
}
