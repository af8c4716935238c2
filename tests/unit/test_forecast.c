/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a segment will do to its receiver, said before it does. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/socket.h>

#include "tcplab/forecast.h"

static struct tl_flows flows;
static struct tl_forecast_host host;
static struct tl_forecast last;

static void begin(void)
{
	host = (struct tl_forecast_host){ .listens = true, .has_room = true };
}

static void forget(void)
{
	tl_flows_release(&flows);
}

TestSuite(forecast, .init = begin, .fini = forget);

#define SYN TL_FLAG_SYN
#define ACK TL_FLAG_ACK
#define FIN TL_FLAG_FIN
#define RST TL_FLAG_RST

#define PROGRAM 7 /* an inode: a program holds the socket */
#define ORPHAN	0

static struct tl_endpoint end(uint16_t port)
{
	return (struct tl_endpoint){ .family = AF_INET, .addr = { 127, 0, 0, 1 }, .port = port };
}

static struct tl_event segment(uint16_t from, unsigned flags, uint32_t seq, uint32_t ack,
			       uint32_t len)
{
	return (struct tl_event){ .kind = TL_EVENT_SEGMENT,
				  .segment.seg = { .from = end(from), .to = end(3 - from),
						   .flags = flags, .seq = seq, .ack = ack,
						   .len = len, .window = 500, .wscale = -1 } };
}

/* It goes on at once. */
static void pass(uint16_t from, unsigned flags, uint32_t seq, uint32_t ack, uint32_t len)
{
	struct tl_event ev = segment(from, flags, seq, ack, len);

	tl_flows_see(&flows, &ev.segment.seg);
	tl_flows_arrive(&flows, &ev.segment.seg);
}

/* "ESTABLISHED -> CLOSE_WAIT", "stays", "nobody" or "not known" */
static const char *meets(enum tl_state state, uint32_t inode, struct tl_event ev)
{
	static char text[64];
	uint32_t kinds = tl_flows_see(&flows, &ev.segment.seg);

	ev.segment.ends[1].sock.state = state;
	ev.segment.ends[1].sock.inode = inode;
	ev.segment.ends[1].sock.sendq = state == TL_LISTEN ? 3 : 0;
	ev.segment.ends[1].sock.recvq = state == TL_LISTEN && !host.has_room ? 4 : 0;
	last = tl_forecast(&flows, &ev, kinds, &host);
	switch (last.kind) {
	case TL_FORECAST_STAYS:
		return "stays";
	case TL_FORECAST_NOBODY:
		return "nobody";
	case TL_FORECAST_UNKNOWN:
		return "not known";
	case TL_FORECAST_GOES:
		break;
	}
	snprintf(text, sizeof(text), "%s -> %s", tl_state_figure(last.from),
		 tl_state_figure(last.to));
	return text;
}

#define MEETS(state, inode, flags, seq, ack, len, will, answer)                              \
	do {                                                                                 \
		cr_expect_str_eq(meets(TL_##state, inode, segment(1, flags, seq, ack, len)), \
				 will);                                                      \
		cr_expect_str_eq(last.sends, answer);                                        \
	} while (0)

/* Port 1 is the client, at 101; port 2 the server, at 501. */
static void open_it(void)
{
	pass(1, SYN, 100, 0, 0);
	pass(2, SYN | ACK, 500, 101, 0);
	pass(1, ACK, 101, 501, 0);
}

Test(forecast, nobody_is_there)
{
	cr_expect_str_eq(meets(0, 0, segment(1, SYN, 100, 0, 0)), "nobody");
	cr_expect_str_eq(last.sends, "RST");
	cr_expect_str_eq(meets(0, 0, segment(1, RST, 100, 0, 0)), "nobody");
	cr_expect_str_eq(last.sends, "");
}

Test(forecast, a_listener)
{
	MEETS(LISTEN, PROGRAM, SYN, 100, 0, 0, "LISTEN -> SYN_RECV", "SYN+ACK");
	MEETS(LISTEN, PROGRAM, ACK, 100, 7, 0, "stays", "RST");
	MEETS(LISTEN, PROGRAM, ACK, 100, 7, 9, "stays", "RST");
	MEETS(LISTEN, PROGRAM, RST, 100, 7, 0, "stays", "");
	MEETS(LISTEN, PROGRAM, SYN | FIN, 100, 0, 0, "stays", "");
}

Test(forecast, a_full_accept_queue)
{
	host.has_room = false;
	MEETS(LISTEN, PROGRAM, SYN, 100, 0, 0, "stays", "");
	pass(1, SYN, 100, 0, 0);
	pass(2, SYN | ACK, 500, 101, 0);
	MEETS(SYN_RECV, ORPHAN, ACK, 101, 501, 0, "not known", "");
}

Test(forecast, a_listener_with_as_many_requests_as_it_has_room_for)
{
	host.has_requests = true;
	MEETS(LISTEN, PROGRAM, SYN, 100, 0, 0, "not known", "");
	host.always_cookies = true;
	MEETS(LISTEN, PROGRAM, SYN, 100, 0, 0, "stays", "SYN+ACK");
}

Test(forecast, a_listener_that_waits_for_data)
{
	pass(1, SYN, 100, 0, 0);
	pass(2, SYN | ACK, 500, 101, 0);
	host.defers = true;
	MEETS(SYN_RECV, ORPHAN, ACK, 101, 501, 0, "not known", "");
	MEETS(SYN_RECV, ORPHAN, ACK, 101, 501, 9, "SYN_RECV -> ESTABLISHED", "");
}

Test(forecast, a_request_whose_listener_is_closed)
{
	pass(1, SYN, 100, 0, 0);
	pass(2, SYN | ACK, 500, 101, 0);
	host.listens = false;
	MEETS(SYN_RECV, ORPHAN, ACK, 101, 501, 0, "SYN_RECV -> CLOSED", "RST");
	MEETS(SYN_RECV, PROGRAM, ACK, 101, 501, 0, "SYN_RECV -> ESTABLISHED", "");
	host.unwatched = true;
	MEETS(SYN_RECV, ORPHAN, ACK, 101, 501, 0, "not known", "");
	MEETS(TIME_WAIT, ORPHAN, SYN, 900, 0, 0, "not known", "");
}

/* Data in FIN_WAIT are read, where the program does; shutdown(SHUT_RDWR) makes them a RST. */
Test(forecast, data_for_a_program_that_may_read_no_more)
{
	open_it();
	pass(2, FIN | ACK, 501, 101, 0);
	MEETS(FIN_WAIT1, PROGRAM, ACK, 101, 501, 5, "stays", "");
	MEETS(FIN_WAIT2, PROGRAM, ACK, 101, 502, 5, "stays", "");
	host.stops_reading = true;
	MEETS(FIN_WAIT1, PROGRAM, ACK, 101, 501, 5, "not known", "");
	MEETS(FIN_WAIT2, PROGRAM, ACK, 101, 502, 5, "not known", "");
	MEETS(FIN_WAIT2, PROGRAM, ACK, 101, 502, 0, "stays", "");
}

Test(forecast, a_syn_cookie)
{
	host.always_cookies = true;
	MEETS(LISTEN, PROGRAM, SYN, 100, 0, 0, "stays", "SYN+ACK");
	pass(2, SYN | ACK, 500, 101, 0);
	MEETS(LISTEN, PROGRAM, ACK, 101, 501, 0, "LISTEN -> ESTABLISHED", "");
	MEETS(LISTEN, PROGRAM, ACK, 101, 502, 0, "stays", "RST");
}

Test(forecast, an_opening_end)
{
	pass(2, SYN, 500, 0, 0);
	MEETS(SYN_SENT, PROGRAM, RST, 0, 0, 0, "stays", "");
	MEETS(SYN_SENT, PROGRAM, RST | ACK, 0, 501, 0, "SYN_SENT -> CLOSED", "");
	MEETS(SYN_SENT, PROGRAM, ACK, 7, 400, 0, "stays", "RST");
	MEETS(SYN_SENT, PROGRAM, SYN, 100, 0, 0, "SYN_SENT -> SYN_RECV", "SYN+ACK");
	MEETS(SYN_SENT, PROGRAM, SYN | ACK, 100, 501, 0, "SYN_SENT -> ESTABLISHED", "ACK");
	MEETS(SYN_SENT, PROGRAM, SYN | ACK, 100, 400, 0, "stays", "RST");
}

Test(forecast, a_request)
{
	pass(1, SYN, 100, 0, 0);
	pass(2, SYN | ACK, 500, 101, 0);
	MEETS(SYN_RECV, ORPHAN, ACK, 101, 501, 0, "SYN_RECV -> ESTABLISHED", "");
	MEETS(SYN_RECV, ORPHAN, ACK, 101, 501, 9, "SYN_RECV -> ESTABLISHED", "");
	MEETS(SYN_RECV, ORPHAN, ACK, 101, 400, 0, "stays", "RST");
	MEETS(SYN_RECV, ORPHAN, SYN, 100, 0, 0, "stays", "SYN+ACK");
	MEETS(SYN_RECV, ORPHAN, RST, 101, 0, 0, "SYN_RECV -> LISTEN", "");
	MEETS(SYN_RECV, ORPHAN, RST, 105, 0, 0, "stays", "challenge ACK");
	MEETS(SYN_RECV, ORPHAN, FIN | ACK, 101, 501, 0, "SYN_RECV -> CLOSE_WAIT", "ACK");
}

/* RFC 5961: exactly the next, another in the window, one outside. */
Test(forecast, a_rst)
{
	open_it();
	MEETS(ESTABLISHED, PROGRAM, RST, 102, 0, 0, "stays", "challenge ACK");
	MEETS(ESTABLISHED, PROGRAM, RST, 601, 0, 0, "stays", "challenge ACK");
	MEETS(ESTABLISHED, PROGRAM, RST, 602, 0, 0, "stays", "");
	MEETS(ESTABLISHED, PROGRAM, RST, 100, 0, 0, "stays", "");
	MEETS(ESTABLISHED, PROGRAM, RST, 101, 0, 0, "ESTABLISHED -> CLOSED", "");
	MEETS(CLOSE_WAIT, PROGRAM, RST, 100, 0, 0, "CLOSE_WAIT -> CLOSED", "");
	MEETS(TIME_WAIT, ORPHAN, RST, 101, 0, 0, "TIME_WAIT -> CLOSED", "");
	MEETS(TIME_WAIT, ORPHAN, RST, 102, 0, 0, "stays", "");
	host.keeps_time_wait = true;
	MEETS(TIME_WAIT, ORPHAN, RST, 101, 0, 0, "stays", "");
}

/* The data before it is held: it is the first RST of an abort. */
Test(forecast, a_rst_behind_a_hole)
{
	struct tl_event data;

	open_it();
	data = segment(1, ACK, 101, 501, 5);
	tl_flows_see(&flows, &data.segment.seg);
	MEETS(ESTABLISHED, PROGRAM, RST | ACK, 106, 501, 0, "stays", "challenge ACK");
	pass(1, ACK, 106, 501, 5);
	MEETS(ESTABLISHED, PROGRAM, RST | ACK, 111, 501, 0, "not known", "");
}

Test(forecast, a_syn_where_there_is_a_connection)
{
	open_it();
	MEETS(ESTABLISHED, PROGRAM, SYN, 900, 0, 0, "stays", "challenge ACK");
	MEETS(TIME_WAIT, ORPHAN, SYN, 900, 0, 0, "TIME_WAIT -> SYN_RECV", "SYN+ACK");
	host.listens = false;
	MEETS(TIME_WAIT, ORPHAN, SYN, 950, 0, 0, "stays", "challenge ACK");
}

Test(forecast, a_fin)
{
	open_it();
	MEETS(ESTABLISHED, PROGRAM, FIN | ACK, 101, 501, 0, "ESTABLISHED -> CLOSE_WAIT", "ACK");
	MEETS(ESTABLISHED, PROGRAM, FIN | ACK, 110, 501, 0, "stays", "");
	pass(2, FIN | ACK, 501, 101, 0);
	MEETS(FIN_WAIT1, PROGRAM, FIN | ACK, 101, 501, 0, "FIN_WAIT1 -> CLOSING", "ACK");
	MEETS(FIN_WAIT1, PROGRAM, FIN | ACK, 101, 502, 0, "FIN_WAIT1 -> TIME_WAIT", "ACK");
	MEETS(FIN_WAIT2, PROGRAM, FIN | ACK, 101, 502, 0, "FIN_WAIT2 -> TIME_WAIT", "ACK");
	host.no_time_wait = true;
	MEETS(FIN_WAIT2, PROGRAM, FIN | ACK, 101, 502, 0, "FIN_WAIT2 -> CLOSED", "ACK");
	MEETS(CLOSING, PROGRAM, ACK, 102, 502, 0, "CLOSING -> CLOSED", "");
}

Test(forecast, an_ack_of_a_fin)
{
	open_it();
	pass(2, FIN | ACK, 501, 101, 0);
	MEETS(FIN_WAIT1, PROGRAM, ACK, 101, 501, 0, "stays", "");
	MEETS(FIN_WAIT1, PROGRAM, ACK, 101, 502, 0, "FIN_WAIT1 -> FIN_WAIT2", "");
	MEETS(FIN_WAIT1, PROGRAM, ACK, 101, 502, 6, "FIN_WAIT1 -> FIN_WAIT2", "");
	MEETS(CLOSING, PROGRAM, ACK, 101, 502, 0, "CLOSING -> TIME_WAIT", "");
	MEETS(LAST_ACK, ORPHAN, ACK, 101, 502, 0, "LAST_ACK -> CLOSED", "");
	MEETS(LAST_ACK, ORPHAN, ACK, 50, 502, 0, "stays", "ACK");
}

Test(forecast, data_for_an_orphan)
{
	open_it();
	pass(2, FIN | ACK, 501, 101, 0);
	MEETS(FIN_WAIT2, PROGRAM, ACK, 101, 502, 5, "stays", "");
	MEETS(FIN_WAIT2, ORPHAN, ACK, 101, 502, 5, "FIN_WAIT2 -> CLOSED", "RST");
	MEETS(FIN_WAIT1, ORPHAN, ACK, 101, 501, 5, "FIN_WAIT1 -> CLOSED", "RST");
}

Test(forecast, what_was_never_sent)
{
	open_it();
	MEETS(CLOSE_WAIT, PROGRAM, ACK, 101, 777, 0, "stays", "challenge ACK");
	MEETS(ESTABLISHED, PROGRAM, ACK, 101, 777, 0, "not known", ""); /* 6.9 drops it */
}

Test(forecast, whose_beginning_was_not_seen)
{
	MEETS(ESTABLISHED, PROGRAM, ACK, 101, 501, 5, "not known", "");
}
