/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which segments are held, lost, absorbed and let go, without a kernel. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/engine/holds.h"
#include "tcplab/flow.h"

enum { CLIENT, SERVER, OTHER };

static struct tl_flows flows;
static struct holds holds;
static struct tl_err err;
static int last_id;

static void clean_up(void)
{
	tl_flows_release(&flows);
	holds_release(&holds);
}

TestSuite(holds, .fini = clean_up);

static struct tl_endpoint end_of(int actor)
{
	struct tl_endpoint ep;

	tl_endpoint_parse(actor == SERVER ? "127.0.0.1:7000" :
			  actor == CLIENT ? "127.0.0.1:53525" :
					    "127.0.0.1:53526",
			  &ep, &err);
	return ep;
}

/* A segment that has just been stopped. */
static struct stopped sent(int from, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t len)
{
	int to = from == SERVER ? CLIENT : SERVER;
	struct stopped s = { .id = ++last_id, .from = from, .to = to,
			     .seg = { .from = end_of(from), .to = end_of(to), .flags = flags,
				      .seq = seq, .ack = ack, .len = len, .window = 500 } };

	s.kinds = tl_flows_see(&flows, &s.seg);
	return s;
}

static struct holds_fate decide(const struct stopped *s)
{
	struct holds_fate fate = holds_decide(&holds, s, false);

	if (fate.fate != TL_FATE_ABSORBED)
		holds_answered(&holds, &s->seg);
	if (fate.fate == TL_FATE_HELD && !fate.lost)
		holds_keep(&holds, s, &err);
	return fate;
}

static void hold(enum tl_segment_kind kind, int from, bool all, int nth, bool lose)
{
	const struct tl_selector select = { kind, all, from, -1, nth };

	cr_assert_eq(holds_add(&holds, &select, lose, &err), 0, "%s", err.text);
}

static void must(const struct stopped *s, enum tl_fate wanted, const char *what)
{
	struct holds_fate fate = decide(s);

	cr_assert_eq(fate.fate, wanted, "%s: %s", what, tl_fate_name(fate.fate));
}

/* One is stopped, and that is what becomes of it. */
static struct stopped sees(int from, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t len,
			   enum tl_fate wanted, const char *what)
{
	struct stopped s = sent(from, flags, seq, ack, len);

	must(&s, wanted, what);
	return s;
}

#define ACK TL_FLAG_ACK

static void handshake(void)
{
	struct stopped s = sent(CLIENT, TL_FLAG_SYN, 100, 0, 0);

	tl_flows_arrive(&flows, &s.seg);
	s = sent(SERVER, TL_FLAG_SYN | ACK, 500, 101, 0);
	tl_flows_arrive(&flows, &s.seg);
	s = sent(CLIENT, ACK, 101, 501, 0);
	tl_flows_arrive(&flows, &s.seg);
}

Test(holds, is_for_the_next_one_and_used_up_by_it)
{
	handshake();
	hold(TL_SEGMENT_DATA, CLIENT, false, 1, false);
	sees(SERVER, ACK, 501, 101, 5, TL_FATE_PASSED, "from the other end");
	sees(CLIENT, ACK, 101, 506, 5, TL_FATE_HELD, "the first");
	sees(CLIENT, ACK, 106, 506, 5, TL_FATE_PASSED, "the second");
}

Test(holds, counts_to_the_one_that_is_meant)
{
	handshake();
	hold(TL_SEGMENT_DATA, CLIENT, false, 2, false);
	sees(CLIENT, ACK, 101, 501, 5, TL_FATE_PASSED, "#1");
	sees(CLIENT, ACK, 106, 501, 5, TL_FATE_HELD, "#2");
	sees(CLIENT, ACK, 111, 501, 5, TL_FATE_PASSED, "#3");
}

Test(holds, all_stays_until_it_is_taken_back)
{
	const struct tl_selector select = { TL_SEGMENT_DATA, true, CLIENT, -1, 0 };
	struct stopped s;

	handshake();
	hold(TL_SEGMENT_DATA, CLIENT, true, 1, false);
	for (int i = 0; i < 3; i++) {
		s = sent(CLIENT, ACK, 101 + 5 * i, 501, 5);
		must(&s, TL_FATE_HELD, "all data");
	}
	holds_pass(&holds, &select);
	sees(CLIENT, ACK, 116, 501, 5, TL_FATE_PASSED, "after pass");
	cr_assert_eq(holds.held.live, 3, "pass does not take what is held");
}

Test(holds, pass_takes_back_what_it_covers)
{
	const struct tl_selector ack = { TL_SEGMENT_ACK, true, SERVER, -1, 0 };
	const struct tl_selector fin = { TL_SEGMENT_FIN, true, SERVER, -1, 0 };
	const struct tl_selector narrow = { TL_SEGMENT_ACK_OF_FIN, true, SERVER, -1, 0 };
	const struct tl_selector any = { TL_SEGMENT_ANY, true, CLIENT, -1, 0 };

	hold(TL_SEGMENT_ACK_OF_FIN, SERVER, false, 1, false);
	hold(TL_SEGMENT_ACK_OF_SYN, SERVER, false, 1, true);
	hold(TL_SEGMENT_FIN_ACK, SERVER, false, 1, false);
	hold(TL_SEGMENT_ACK_OF_FIN, CLIENT, false, 1, false);
	holds_pass(&holds, &ack);
	cr_assert_eq(holds.n, 2, "pass: ACK covers an ACK of FIN and an ACK of SYN: %zu left",
		     holds.n);
	holds_pass(&holds, &fin);
	cr_assert_eq(holds.n, 1, "pass: FIN covers FIN+ACK: %zu left", holds.n);
	hold(TL_SEGMENT_ACK, SERVER, false, 1, false);
	holds_pass(&holds, &narrow);
	cr_assert_eq(holds.n, 2, "pass: ACK of FIN does not take back a hold of any ACK");
	holds_pass(&holds, &any);
	cr_assert_eq(holds.n, 1, "any from client is of the client alone");
}

Test(holds, pass_to_one_leaves_the_hold_to_whoever)
{
	const struct tl_selector to_server = { TL_SEGMENT_DATA, true, CLIENT, SERVER, 0 };

	hold(TL_SEGMENT_DATA, CLIENT, true, 1, false);
	holds_pass(&holds, &to_server);
	cr_assert_eq(holds.n, 1, "a narrower pass takes back a wider hold");
}

Test(holds, pass_to_whoever_takes_back_the_hold_to_one)
{
	const struct tl_selector one = { TL_SEGMENT_DATA, false, CLIENT, SERVER, 1 };
	const struct tl_selector whoever = { TL_SEGMENT_DATA, true, CLIENT, -1, 0 };

	cr_assert_eq(holds_add(&holds, &one, false, &err), 0, "%s", err.text);
	holds_pass(&holds, &whoever);
	cr_assert_eq(holds.n, 0, "a wider pass leaves a narrower hold");
}

Test(holds, lose_is_dropped_at_once_and_a_copy_of_it_is_the_repair)
{
	struct stopped s;
	struct holds_fate fate;

	handshake();
	hold(TL_SEGMENT_DATA, CLIENT, false, 1, true);
	s = sent(CLIENT, ACK, 101, 501, 5);
	fate = decide(&s);
	cr_assert(fate.fate == TL_FATE_HELD && fate.lost, "not lost");
	sees(CLIENT, ACK, 101, 501, 5, TL_FATE_PASSED, "sent again");
}

Test(holds, absorbs_a_copy_of_what_is_held_now)
{
	struct stopped first, copy, out;
	struct holds_fate fate;

	hold(TL_SEGMENT_SYN_ACK, SERVER, false, 1, false);
	first = sent(CLIENT, TL_FLAG_SYN, 100, 0, 0);
	tl_flows_arrive(&flows, &first.seg);
	first = sees(SERVER, TL_FLAG_SYN | ACK, 500, 101, 0, TL_FATE_HELD, "SYN+ACK");
	copy = sent(SERVER, TL_FLAG_SYN | ACK, 500, 101, 0);
	fate = decide(&copy);
	cr_assert_eq(fate.fate, TL_FATE_ABSORBED, "%s", tl_fate_name(fate.fate));
	cr_assert_eq(fate.copy_of, first.id, "a copy of %d", fate.copy_of);
	cr_assert(holds_take(&holds, first.id, &out), "it is held");
	cr_assert_not(holds_take(&holds, first.id, &out), "it is not held any more");
	sees(SERVER, TL_FLAG_SYN | ACK, 500, 101, 0, TL_FATE_PASSED, "once it was dropped");
}

Test(holds, a_mere_ack_or_a_rst_is_never_a_copy)
{
	handshake();
	hold(TL_SEGMENT_ANY, SERVER, false, 1, false);
	sees(SERVER, ACK, 501, 101, 0, TL_FATE_HELD, "an ACK");
	sees(SERVER, ACK, 501, 101, 0, TL_FATE_PASSED, "another one");
	hold(TL_SEGMENT_RST, SERVER, false, 1, false);
	sees(SERVER, TL_FLAG_RST, 501, 0, 0, TL_FATE_HELD, "a RST");
	sees(SERVER, TL_FLAG_RST, 501, 0, 0, TL_FATE_PASSED, "another one");
}

/* One that goes on to a socket which acknowledges it. */
static void go_on(const struct stopped *s, bool was_held, uint64_t now)
{
	tl_flows_arrive(&flows, &s->seg);
	cr_assert_eq(holds_went_on(&holds, s, was_held, true, now, &err), 0, "%s", err.text);
}

/* One is stopped, passes and goes on. */
static struct stopped goes_on(int from, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t len,
			      uint64_t now)
{
	struct stopped s = sees(from, flags, seq, ack, len, TL_FATE_PASSED, "it is let through");

	go_on(&s, false, now);
	return s;
}

Test(holds, absorbs_what_is_repeated_for_want_of_an_ack_that_is_held)
{
	struct stopped ack, out;

	handshake();
	goes_on(CLIENT, TL_FLAG_FIN | ACK, 101, 501, 0, 10);
	hold(TL_SEGMENT_ACK_OF_FIN, SERVER, false, 1, false);
	ack = sees(SERVER, ACK, 501, 102, 0, TL_FATE_HELD, "its ACK");
	sees(CLIENT, TL_FLAG_FIN | ACK, 101, 501, 0, TL_FATE_ABSORBED, "the FIN again");
	holds_take(&holds, ack.id, &out);
	sees(CLIENT, TL_FLAG_FIN | ACK, 101, 501, 0, TL_FATE_PASSED, "its ACK was dropped");
}

Test(holds, lets_through_what_is_repeated_for_want_of_an_ack_that_was_lost)
{
	struct stopped data, out, other;

	handshake();
	other = sent(OTHER, ACK, 901, 801, 5); /* another one is owed something */
	go_on(&other, true, 10);
	hold(TL_SEGMENT_DATA, CLIENT, false, 1, false);
	hold(TL_SEGMENT_ACK, SERVER, false, 1, true);
	data = sees(CLIENT, ACK, 101, 501, 5, TL_FATE_HELD, "data");
	holds_take(&holds, data.id, &out);
	go_on(&data, true, 10);
	sees(SERVER, ACK, 501, 106, 0, TL_FATE_HELD, "its ACK, to be lost");
	sees(CLIENT, ACK, 101, 501, 5, TL_FATE_PASSED, "the data again");
}

Test(holds, absorbs_a_try_between_release_and_answer)
{
	struct stopped data, again, out;
	struct holds_fate fate;

	handshake();
	hold(TL_SEGMENT_DATA, CLIENT, false, 1, false);
	data = sees(CLIENT, ACK, 101, 501, 5, TL_FATE_HELD, "data");
	holds_take(&holds, data.id, &out);
	go_on(&data, true, 10);
	again = sent(CLIENT, ACK, 101, 501, 5);
	fate = decide(&again);
	cr_assert_eq(fate.fate, TL_FATE_ABSORBED, "%s", tl_fate_name(fate.fate));
	cr_assert_eq(fate.copy_of, data.id, "a copy of %d", fate.copy_of);
	sees(SERVER, ACK, 501, 106, 0, TL_FATE_PASSED, "the answer");
	sees(CLIENT, ACK, 101, 501, 5, TL_FATE_PASSED, "after the answer");
}

Test(holds, what_was_never_held_is_repeated_for_reasons_of_its_own)
{
	handshake();
	goes_on(CLIENT, ACK, 101, 501, 5, 10);
	sees(CLIENT, ACK, 101, 501, 5, TL_FATE_PASSED, "the data again");
}

Test(holds, absorbs_repetitions_while_the_world_stands_still)
{
	struct stopped again;

	handshake();
	goes_on(CLIENT, ACK, 101, 501, 5, 10);
	again = sent(CLIENT, ACK, 101, 501, 5);
	cr_assert_eq(holds_decide(&holds, &again, true).fate, TL_FATE_ABSORBED, "let through");
	again = sent(CLIENT, ACK, 106, 501, 5);
	cr_assert_eq(holds_decide(&holds, &again, true).fate, TL_FATE_PASSED, "new data");
}

Test(holds, owes_until_the_ack_comes)
{
	const struct tl_told this_one = { 1, end_of(CLIENT), end_of(SERVER), 0 };
	const struct tl_told other_end = { 2, end_of(SERVER), end_of(CLIENT), 0 };
	const struct tl_told another = { 3, end_of(OTHER), end_of(SERVER), 0 };

	handshake();
	goes_on(CLIENT, ACK, 101, 501, 5, 10);
	goes_on(CLIENT, ACK, 106, 501, 5, 20);
	cr_assert(holds_owed(&holds, NULL, 0), "nothing is owed");
	cr_assert(holds_owed(&holds, &this_one, 0), "nothing of this connection");
	cr_assert(holds_owed(&holds, &other_end, 0), "nothing, seen from the other end");
	cr_assert_not(holds_owed(&holds, &another, 0), "another connection's");
	sees(SERVER, ACK, 501, 106, 0, TL_FATE_PASSED, "an ACK of the first");
	cr_assert(holds_owed(&holds, NULL, 0), "the ACK of the first is not that of the second");
	sees(OTHER, ACK, 501, 111, 0, TL_FATE_PASSED, "an ACK of another connection");
	cr_assert(holds_owed(&holds, NULL, 0), "another connection's ACK counts");
	sees(SERVER, ACK, 501, 111, 0, TL_FATE_PASSED, "an ACK of both");
	cr_assert_not(holds_owed(&holds, NULL, 0), "it is owed still");
}

Test(holds, owes_not_for_ever_and_nothing_after_a_rst)
{
	handshake();
	goes_on(CLIENT, ACK, 101, 501, 5, 10);
	cr_assert(holds_owed(&holds, NULL, 9), "given up before its time");
	cr_assert_not(holds_owed(&holds, NULL, 10), "waited for beyond its time");
	goes_on(CLIENT, ACK, 106, 501, 5, 20);
	sees(SERVER, TL_FLAG_RST, 501, 0, 0, TL_FATE_PASSED, "a RST");
	cr_assert_not(holds_owed(&holds, NULL, 0), "owed after a RST");
}

/* A mere ACK to TCP: the DATA_ACK, or a RST, is its answer, and any other ACK is not. */
Test(holds, owes_the_acknowledgment_of_a_data_fin)
{
	struct stopped data_fin, ack;

	handshake();
	data_fin = sent(CLIENT, ACK, 101, 501, 0);
	data_fin.seg.data_fin = true;
	data_fin.seg.data_end = 2;
	cr_assert_eq(holds_went_on(&holds, &data_fin, false, false, 5, &err), 0, "%s", err.text);
	cr_assert_not(holds_owed(&holds, NULL, 0), "by a socket that is not there");
	go_on(&data_fin, false, 10);
	go_on(&data_fin, false, 20);
	cr_assert(holds_owed(&holds, NULL, 10), "it was sent again, and is not owed");
	sees(SERVER, ACK, 501, 101, 0, TL_FATE_PASSED, "an ACK of TCP");
	ack = sent(SERVER, ACK, 501, 101, 0);
	ack.seg.has_data_ack = true;
	ack.seg.data_ack = 1;
	must(&ack, TL_FATE_PASSED, "a DATA_ACK of the data before");
	cr_assert(holds_owed(&holds, NULL, 0), "that is not its acknowledgment");
	ack.seg.data_ack = 2;
	must(&ack, TL_FATE_PASSED, "the DATA_ACK");
	cr_assert_not(holds_owed(&holds, NULL, 0), "it is owed still");
	go_on(&data_fin, false, 30);
	cr_assert_not(holds_owed(&holds, NULL, 30), "waited for beyond its time");
	go_on(&data_fin, false, 40);
	sees(SERVER, TL_FLAG_RST, 501, 0, 0, TL_FATE_PASSED, "a RST");
	cr_assert_not(holds_owed(&holds, NULL, 0), "owed after a RST");
	go_on(&data_fin, false, 50);
	sees(CLIENT, TL_FLAG_RST, 101, 0, 0, TL_FATE_PASSED, "a RST of its own");
	cr_assert_not(holds_owed(&holds, NULL, 0), "owed to one that has reset it");
}

/* A SYN was answered, and what its sender sent then stands still: it is not overtaken. */
Test(holds, absorbs_what_would_overtake_what_is_held)
{
	struct stopped syn = sent(CLIENT, TL_FLAG_SYN, 100, 0, 0), rst;

	must(&syn, TL_FATE_PASSED, "a SYN");
	go_on(&syn, false, 10);
	hold(TL_SEGMENT_RST, CLIENT, false, 1, false);
	rst = sent(CLIENT, TL_FLAG_RST, 777, 0, 0);
	rst.since = 20;
	must(&rst, TL_FATE_HELD, "a RST");
	sees(CLIENT, TL_FLAG_SYN, 100, 0, 0, TL_FATE_ABSORBED, "the SYN again");
	cr_assert(holds_take(&holds, rst.id, &rst));
	sees(CLIENT, TL_FLAG_SYN, 100, 0, 0, TL_FATE_PASSED, "the SYN again, behind the RST");
}

Test(holds, absorbs_what_is_repeated_for_want_of_a_rst_that_is_held)
{
	struct stopped rst;

	handshake();
	goes_on(CLIENT, ACK, 101, 501, 5, 10);
	hold(TL_SEGMENT_RST, SERVER, false, 1, false);
	rst = sent(SERVER, TL_FLAG_RST, 501, 0, 0);
	rst.since = 20;
	must(&rst, TL_FATE_HELD, "a RST");
	sees(CLIENT, ACK, 101, 501, 5, TL_FATE_ABSORBED, "the data again");
	goes_on(CLIENT, ACK, 106, 501, 5, 30);
	sees(CLIENT, ACK, 106, 501, 5, TL_FATE_PASSED, "that the RST is older than");
}

/* The ACK is let go when the repetition is in the queue already. */
Test(holds, absorbs_what_was_repeated_because_we_were_slow)
{
	struct stopped again, ack, late;

	handshake();
	goes_on(CLIENT, TL_FLAG_FIN | ACK, 101, 501, 0, 10);
	again = sent(CLIENT, TL_FLAG_FIN | ACK, 101, 501, 0);
	again.since = 20;
	late = again;
	late.since = 40;
	ack = sees(SERVER, ACK, 501, 102, 0, TL_FATE_PASSED, "its ACK");
	cr_assert_eq(holds_went_on(&holds, &ack, false, false, 30, &err), 0, "%s", err.text);
	must(&again, TL_FATE_ABSORBED, "sent before the ACK went on");
	must(&late, TL_FATE_ABSORBED, "and read after it");
}

/* A RST need not be believed, nor is an ACK taken notice of where a queue is full. */
Test(holds, lets_through_what_is_sent_again_after_an_answer)
{
	struct stopped syn_ack, data, s;

	handshake();
	syn_ack = goes_on(SERVER, TL_FLAG_SYN | ACK, 500, 101, 0, 10);
	s = sent(CLIENT, ACK, 101, 501, 0);
	cr_assert_eq(holds_went_on(&holds, &s, false, false, 20, &err), 0, "%s", err.text);
	syn_ack.since = 30;
	must(&syn_ack, TL_FATE_PASSED, "a SYN+ACK again");
	data = goes_on(CLIENT, ACK, 101, 501, 5, 40);
	s = sent(SERVER, TL_FLAG_RST, 501, 0, 0);
	cr_assert_eq(holds_went_on(&holds, &s, false, false, 50, &err), 0, "%s", err.text);
	data.since = 60;
	must(&data, TL_FATE_PASSED, "data again");
}

/* However many connections there are, each keeps what went on between its ends. */
Test(holds, forgets_nothing_of_one_for_the_sake_of_others)
{
	struct stopped fin, ack;

	handshake();
	fin = goes_on(CLIENT, TL_FLAG_FIN | ACK, 101, 501, 0, 10);
	for (int i = 0; i < 3000; i++) {
		struct stopped other = fin;

		other.seg.from.port = 1 + i;
		go_on(&other, false, 20);
	}
	ack = sent(SERVER, ACK, 501, 102, 0);
	cr_assert_eq(holds_went_on(&holds, &ack, false, false, 40, &err), 0, "%s", err.text);
	fin.since = 30;
	must(&fin, TL_FATE_ABSORBED, "a copy");
}

Test(holds, numbers_go_round)
{
	goes_on(CLIENT, ACK, UINT32_MAX - 1, 501, 5, 10);
	sees(SERVER, ACK, 501, UINT32_MAX, 0, TL_FATE_PASSED, "an ACK of a part");
	cr_assert(holds_owed(&holds, NULL, 0), "a part is not all");
	sees(SERVER, ACK, 501, 3, 0, TL_FATE_PASSED, "an ACK of all");
	cr_assert_not(holds_owed(&holds, NULL, 0), "owed still");
}

Test(holds, finds_the_oldest_that_is_meant)
{
	const struct tl_selector select = { TL_SEGMENT_DATA, false, CLIENT, -1, 0 };
	const struct tl_selector second = { TL_SEGMENT_DATA, false, CLIENT, -1, 2 };
	const struct tl_selector third = { TL_SEGMENT_DATA, false, CLIENT, -1, 3 };
	const struct tl_selector to_other = { TL_SEGMENT_DATA, false, CLIENT, OTHER, 0 };
	struct stopped one, two;

	handshake();
	hold(TL_SEGMENT_ANY, CLIENT, true, 1, false);
	one = sees(CLIENT, ACK, 101, 501, 5, TL_FATE_HELD, "one");
	two = sees(CLIENT, ACK, 106, 501, 5, TL_FATE_HELD, "two");
	cr_assert_eq(holds_find(&holds, &select)->id, one.id, "the younger one");
	cr_assert_eq(holds_find(&holds, &second)->id, two.id, "the older one");
	cr_assert_null(holds_find(&holds, &third), "one that is not held");
	cr_assert_null(holds_find(&holds, &to_other), "one to somebody else");
}

static void says(const char *wanted)
{
	struct tl_buf text = { 0 };

	holds_say_came(&holds, &text);
	cr_assert_str_eq(tl_buf_text(&text), wanted, "%s", tl_buf_text(&text));
	tl_buf_release(&text);
}

Test(holds, says_what_came_in_this_phase)
{
	struct stopped s;

	says("none came in this phase");
	s = sent(CLIENT, TL_FLAG_SYN, 100, 0, 0);
	holds_came(&holds, &s, TL_FATE_PASSED, "client");
	says("what came: SYN from client");
	holds_came(&holds, &s, TL_FATE_ABSORBED, "client");
	says("what came: SYN from client, SYN from client (absorbed)");
	holds_new_phase(&holds);
	says("none came in this phase");
	for (int i = 0; i < CAME_MAX + 1; i++)
		holds_came(&holds, &s, TL_FATE_PASSED, i ? "client" : "the oldest");
	says("the last 8 of the 9 that came: SYN from client, SYN from client, SYN from client, "
	     "SYN from client, SYN from client, SYN from client, SYN from client, "
	     "SYN from client");
}

/* The RST has gone on, and the repetition is read when that has ended its sender: it is older. */
Test(holds, absorbs_what_was_sent_before_a_rst_that_ended_its_sender)
{
	struct stopped data, again;

	handshake();
	data = goes_on(CLIENT, ACK, 101, 501, 5, 10);
	goes_on(SERVER, TL_FLAG_RST, 501, 0, 0, 20);
	again = sent(CLIENT, ACK, 101, 501, 5);
	again.since = 30;
	must(&again, TL_FATE_PASSED, "the data of one who has not believed it");
	again.orphan = true;
	must(&again, TL_FATE_ABSORBED, "the data of one who is no more");
	data = sent(CLIENT, ACK, 106, 501, 5);
	data.orphan = true;
	must(&data, TL_FATE_PASSED, "other data");
}

/* A kernel repeats two small segments as one. */
Test(holds, absorbs_what_is_repeated_in_one_for_want_of_an_ack_that_is_held)
{
	struct stopped data, ack;

	handshake();
	hold(TL_SEGMENT_ACK, SERVER, true, 0, false);
	for (int i = 0; i < 3; i++) {
		data = sent(CLIENT, ACK, 101 + 4 * i, 501, 4);
		must(&data, TL_FATE_PASSED, "data");
		go_on(&data, false, 10);
		ack = sent(SERVER, ACK, 501, 105 + 4 * i, 0);
		must(&ack, TL_FATE_HELD, "its ACK");
	}
	sees(CLIENT, ACK, 101, 501, 12, TL_FATE_ABSORBED, "all of it in one");
	sees(CLIENT, ACK, 105, 501, 8, TL_FATE_ABSORBED, "two of them in one");
	sees(CLIENT, ACK, 105, 501, 12, TL_FATE_PASSED, "what has more than went before");
	sees(CLIENT, ACK, 103, 501, 10, TL_FATE_PASSED, "what begins nowhere");
}

/* The SYN of a port of its own for each. */
static struct stopped syn_from(uint16_t port, int id)
{
	struct stopped s = { .id = id, .from = CLIENT, .to = SERVER, .kinds = 1u << TL_SEGMENT_SYN,
			     .seg = { .from = end_of(CLIENT), .to = end_of(SERVER),
				      .flags = TL_FLAG_SYN, .seq = 100 } };

	s.seg.from.port = port;
	return s;
}

/* Beside as many that stay. With a walk through all of them for each it would take minutes. */
Test(holds, tens_of_thousands_are_held_repeated_and_let_go, .timeout = 60)
{
	enum { N = 50000 };
	const struct tl_selector syns = { TL_SEGMENT_SYN, true, CLIENT, -1, 0 };
	const struct tl_selector fins = { TL_SEGMENT_FIN, true, CLIENT, -1, 0 };
	const struct stopped *next;
	struct stopped out;
	int n = 0;

	hold(TL_SEGMENT_SYN, CLIENT, true, 0, false);
	for (int i = 1; i <= N; i++) {
		struct stopped syn = syn_from(1000 + i, 2 * i), fin = syn_from(1000 + i, 2 * i - 1);

		fin.kinds = 1u << TL_SEGMENT_FIN;
		fin.seg.flags = TL_FLAG_FIN | ACK;
		cr_assert_eq(holds_keep(&holds, &fin, &err), 0);
		must(&syn, TL_FATE_HELD, "a SYN");
		syn.id += 2 * N;
		cr_assert_eq(decide(&syn).copy_of, 2 * i);
	}
	for (next = holds_find_after(&holds, &syns, 0); next;
	     next = holds_find_after(&holds, &syns, out.id)) {
		n++;
		cr_assert_eq(next->id, 2 * n);
		cr_assert(holds_take(&holds, next->id, &out));
		cr_assert_not(holds_take(&holds, out.id, &out));
		cr_assert_eq(holds_went_on(&holds, &out, true, false, 1, &err), 0);
	}
	cr_assert_eq(n, N);
	cr_assert_null(holds_find(&holds, &syns));
	cr_assert_eq(holds_find(&holds, &fins)->id, 1);
	cr_assert_eq(holds.held.live, N);
}
