/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is claimed where not everything was seen, and of states that only segments show. */
#include <criterion/criterion.h>
#include <string.h>

#include "two_phases.h"

TestSuite(judge_blind, .init = open_stage, .fini = close_stage);

#define FINDS(name, ...) Test(judge_blind, name) FINDING(__VA_ARGS__)

Test(judge_blind, phases_there_are_none_of)
{
	CHECK(-1, LIST(OPENING, CLOSING));
	whole_run();
	st.trace.n--;
	st.phase = 2;
	SEND(&st, RST(REPLICA, 102, 502), 0);
	st.phase = 1;
	stage_finish(&st, TL_END_COMPLETE);
	cr_assert_eq(check()->fact, TL_FACT_SO, "%s", check()->text);
}

Test(judge_blind, unfinished)
{
	CHECK(1, LIST(CLOSING));
	tapped_opening();
	SEND(&st, S_FIN, 0);
	SEND(&st, S_FIN_ACK, 0);
	SEND(&st, S_ACK_OF_FIN, 0);
	ASSERT_FACT(UNSEEN, 1, "not observed: the run did not get through phase 2");
	st.plan->claims[0].check[0].phase = -1;
	ASSERT_FACT(NOT_SO, -1,
		    "passed so far: SYN from replica, SYN+ACK from master, ACK of SYN from replica, "
		    "FIN from replica, FIN+ACK from master, ACK of FIN from replica");
}

/* A claim that the run had no means to look into is not held against it. */
Test(judge_blind, untapped)
{
	CHECK(1, LIST(CLOSING));
	stage_wire(&st, "this kernel has no NFQUEUE");
	opening();
	closing();
	ASSERT_FACT(UNSEEN, 1,
		    "not observed: the wire was not tapped: this kernel has no NFQUEUE");
	cr_assert_eq(st.verdict.result, TL_RESULT_PASSED, "%s", st.verdict.reason);
}

/* But one that the scenario itself leaves no means for is. */
Test(judge_blind, untapped_on_purpose)
{
	CHECK(1, LIST(CLOSING));
	st.plan->wire = TL_WIRE_OFF;
	opening();
	closing();
	ASSERT_FACT(UNSEEN, 1,
		    "not observed: the wire was not tapped: the scenario leaves the wire "
		    "alone");
	cr_assert_eq(st.verdict.result, TL_RESULT_FAILED, "it was never to be seen");
	stage_wire(&st, "off");
	stage_end(&st, TL_END_COMPLETE);
	ASSERT_FACT(UNSEEN, 1, "not observed: the wire was not tapped: off");
	cr_assert_eq(st.verdict.result, TL_RESULT_FAILED, "whatever the run says");
}

Test(judge_blind, untapped_without_a_word)
{
	CHECK(1, LIST(CLOSING));
	opening();
	closing();
	ASSERT_FACT(UNSEEN, 1, "not observed: the trace does not mention the wire");
	cr_assert_eq(st.verdict.result, TL_RESULT_FAILED, "nothing excuses it");
}

/* Nor does what no look shows then speak against a row, or for there being none. */
Test(judge_blind, rows_without_a_word)
{
	CLAIM(&st, { .kind = TL_EVIDENCE_SAW, .row = WANT_CLIENT(FIN_WAIT2), .phase = -1 });
	opening();
	end();
	ASSERT_FACT(UNSEEN, -1, "not observed: the trace does not mention the wire");
	st.plan->claims[0].check[0].kind = TL_EVIDENCE_NEVER;
	ASSERT_FACT(UNSEEN, -1, "not observed: the trace does not mention the wire");
	cr_assert_eq(st.verdict.result, TL_RESULT_FAILED, "nothing excuses it");
}

/* What is held when the run breaks off may be lost later: it is neither listed nor not. */
Test(judge_blind, held_when_the_run_breaks_off)
{
	CHECK(1, LIST(FROM(FIN_ACK, MASTER)));
	CLAIM(&st, { .kind = TL_EVIDENCE_SEGMENT, .row = WANT_LISTENER, .phase = 1,
		     LIST(FROM(FIN, REPLICA)), .counted = 1u << TL_COUNT_LOST });
	stage_phase(&st, NULL, 0);
	tapped_opening();
	SEND(&st, S_FIN, .fate = TL_FATE_HELD, ENDS(FIN_WAIT1, ESTABLISHED));
	SEND(&st, S_FIN_ACK, ENDS(LAST_ACK, FIN_WAIT1));
	LOOK(&st, LISTENER);
	ASSERT_FACT(UNSEEN, 1, "not observed: the run did not get through phase 2");
	stage_enter(&st);
	ASSERT_FACT(UNSEEN, 1,
		    "not observed: a segment was still held when the run broke off");
	cr_assert_eq(st.verdict.claims[1].stands, TL_FACT_UNSEEN, "it may be lost");
	st.plan->claims[0].check[0].segments[0].kind = TL_SEGMENT_RST;
	ASSERT_FACT(NOT_SO, 1, "sent in phase 2: FIN from replica, FIN+ACK from master");
	stage_finish(&st, TL_END_COMPLETE);
	cr_assert_eq(st.verdict.claims[1].stands, TL_FACT_SO, "it was not");
}

static void lossy_run(int phase)
{
	tapped_opening();
	st.phase = phase;
	stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_LOSSY, .lossy.n = 1 });
	st.phase = 1;
	closing();
}

Test(judge_blind, lossy)
{
	CHECK(1, LIST(CLOSING));
	lossy_run(1);
	ASSERT_FACT(UNSEEN, 1, "not observed: segments passed unseen");
	cr_assert_eq(st.verdict.result, TL_RESULT_PASSED, "%s", st.verdict.reason);
}

/* What a segment is called depends on those before it. */
Test(judge_blind, lossy_before)
{
	CHECK(1, LIST(CLOSING));
	lossy_run(0);
	ASSERT_FACT(UNSEEN, 1, "not observed: segments passed unseen");
}

Test(judge_blind, lossy_twice)
{
	CHECK(0, LIST(OPENING));
	tapped_opening();
	st.phase = 0;
	for (; st.phase < 2; st.phase++)
		stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_LOSSY, .lossy.n = 1 });
	st.phase = 1;
	closing();
	ASSERT_FACT(UNSEEN, 0, "not observed: segments passed unseen");
}

Test(judge_blind, lossy_afterwards)
{
	CHECK(0, LIST(OPENING));
	lossy_run(1);
	ASSERT_FACT(SO, 0,
		    "sent in phase 1: SYN from replica, SYN+ACK from master, ACK of SYN from "
		    "replica");
	st.plan->claims[0].check[0].phase = -1;
	ASSERT_FACT(UNSEEN, -1, "not observed: segments passed unseen");
}

/* The other kinds of evidence, where they speak about states that only segments show. */

#define CHECK_ROW(evidence_kind, pattern, ...)                                               \
	CLAIM(&st, { .kind = TL_EVIDENCE_##evidence_kind, .row = (pattern), .phase = -1,     \
		     __VA_ARGS__ })

FINDS(order, CHECK_ROW(ORDER, SERVER_END, ORDER_OF(TL_SYN_RECV, TL_ESTABLISHED, TL_LAST_ACK)),
      whole_run, SO, -1, "master -> replica was seen in SYN_RECV, ESTABLISHED, LAST_ACK")

/* An end that its machine lets close too late has been in CLOSE_WAIT meanwhile. */
Test(judge_blind, order_of_a_slow_end)
{
	CHECK_ROW(ORDER, SERVER_END, ORDER_OF(TL_SYN_RECV, TL_ESTABLISHED, TL_LAST_ACK));
	tapped_opening();
	closing_slowly();
	end();
	stage_judge(&st);
	cr_assert_eq(check()->fact, TL_FACT_UNSEEN, "%s", check()->text);
	cr_assert(check()->slow, "%s", check()->text);
}

FINDS(order_of_snapshots_alone, CHECK_ROW(ORDER, SERVER_END, ORDER_OF(TL_ESTABLISHED)),
      whole_run, NOT_SO, -1, "master -> replica was seen in SYN_RECV, ESTABLISHED, LAST_ACK")

/* Where the last ACK finds its sender makes no difference. */
Test(judge_blind, order_without_what_is_in_passing)
{
	CHECK_ROW(ORDER, CLIENT_END,
		  ORDER_OF(TL_SYN_SENT, TL_ESTABLISHED, TL_FIN_WAIT1, TL_TIME_WAIT));
	CHECK_ROW(NEVER, WANT_CLIENT(FIN_WAIT2), .count = 0);
	tapped_opening();
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	SEND(&st, S_FIN_ACK, ENDS(LAST_ACK, FIN_WAIT1));
	SEND(&st, S_ACK_OF_FIN, ENDS(FIN_WAIT2, LAST_ACK));
	end();
	ASSERT_FACT(SO, -1,
		    "replica -> master was seen in SYN_SENT, ESTABLISHED, FIN_WAIT1, "
		    "TIME_WAIT");
	cr_assert_eq(st.verdict.claims[1].stands, TL_FACT_SO, "nor is it a state seen");
}

FINDS(saw, CHECK_ROW(SAW, WANT_SERVER(LAST_ACK)),
      whole_run, SO, 1, "seen in phase 2: master -> replica LAST_ACK")
FINDS(never, CHECK_ROW(NEVER, WANT_SERVER(LAST_ACK)),
      whole_run, NOT_SO, 1, "seen in phase 2: master -> replica LAST_ACK")

/* How many rows there are at a time only a table can tell. */
Test(judge_blind, saw_several)
{
	struct tl_pattern both = PATTERN(MASTER, MASTER, SYN_SENT, 2);
	struct tl_event *ev;

	CHECK_ROW(SAW, both);
	tapped_opening();
	SEND(&st, S_SYN, 0);
	ev = &st.trace.events[st.trace.n - 1];
	ev->segment.ends[0] = ev->segment.ends[1] =
		stage_row(4, MASTER, MASTER, 40000, 40000, TL_SYN_SENT);
	end();
	ASSERT_FACT(NOT_SO, -1, "never seen: master -> master SYN_SENT x2; at most 1 at a time");
}

Test(judge_blind, timer)
{
	CHECK_ROW(TIMER, WANT_CLIENT(TIME_WAIT), .at_least_ns = UINT64_C(59000000000),
		  .at_most_ns = UINT64_MAX);
	tapped_opening();
	SEND(&st, S_ACK_OF_FIN, 0);
	st.trace.events[st.trace.n - 1].segment.ends[0] =
		stage_timed(CLIENT(TIME_WAIT), 60000);
	LOOK(&st, LISTENER, stage_timed(CLIENT(TIME_WAIT), 30000));
	end();
	ASSERT_FACT(SO, 1, "replica -> master TIME_WAIT had 60.0 s left in phase 2");
}

/* Blind: what is missing may have gone by; what is there is there. */

static void blind_run(void)
{
	stage_wire(&st, "this kernel has no NFQUEUE");
	ENTER(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	ENTER(&st, LISTENER, CLIENT(FIN_WAIT1), SERVER(CLOSE_WAIT));
	end();
}

#define BLIND "not observed: the wire was not tapped: this kernel has no NFQUEUE"

Test(judge_blind, order_blind)
{
	CHECK_ROW(ORDER, SERVER_END,
		  ORDER_OF(TL_SYN_RECV, TL_ESTABLISHED, TL_CLOSE_WAIT, TL_LAST_ACK));
	blind_run();
	ASSERT_FACT(UNSEEN, -1, BLIND);
	cr_assert_eq(st.verdict.result, TL_RESULT_PASSED, "%s", st.verdict.reason);
}

FINDS(order_blind_and_yet_so,
      CHECK_ROW(ORDER, SERVER_END, ORDER_OF(TL_ESTABLISHED, TL_CLOSE_WAIT)),
      blind_run, SO, -1, "master -> replica was seen in ESTABLISHED, CLOSE_WAIT")

Test(judge_blind, order_blind_and_yet_not_so)
{
	CHECK_ROW(ORDER, SERVER_END, ORDER_OF(TL_SYN_RECV, TL_CLOSE_WAIT, TL_ESTABLISHED));
	blind_run();
	ASSERT_FACT(NOT_SO, -1, "master -> replica was seen in ESTABLISHED, CLOSE_WAIT");
	cr_assert_eq(st.verdict.result, TL_RESULT_FAILED, "nothing excuses it");
}

FINDS(order_of_nobody_blind,
      CHECK_ROW(ORDER, ((struct tl_pattern){ .owner = REPLICA, .peer = REPLICA, .count = 1 }),
		ORDER_OF(TL_SYN_RECV)),
      blind_run, UNSEEN, -1, BLIND)

Test(judge_blind, saw_blind)
{
	CHECK_ROW(SAW, WANT_SERVER(LAST_ACK));
	blind_run();
	ASSERT_FACT(UNSEEN, -1, BLIND);
	cr_assert_eq(st.verdict.result, TL_RESULT_PASSED, "%s", st.verdict.reason);
}

FINDS(never_blind, CHECK_ROW(NEVER, WANT_SERVER(TIME_WAIT)),
      blind_run, SO, -1, "never seen: master -> replica TIME_WAIT")

Test(judge_blind, no_evidence_blind)
{
	stage_claim(&st, NULL, 0);
	blind_run();
	stage_judge(&st);
	cr_assert_eq(st.verdict.result, TL_RESULT_FAILED, "that is the scenario's own fault");
}

/*
 * Not every segment was seen. A RST from a socket that had closed may answer what came when it was
 * gone; one that reaches a request leads back to LISTEN, and one that reaches an opener to CLOSED.
 */
Test(judge_blind, which_reset_ended_it)
{
	static const struct {
		int by;
		enum tl_state state;
		const char *end;
	} ends[] = {
		{ REPLICA, TL_FIN_WAIT2, "FIN_WAIT2 -?-> (CLOSE)" },
		{ REPLICA, TL_ESTABLISHED, "ESTABLISHED -R-ESTABLISHED-> (CLOSE)" },
		{ MASTER, TL_SYN_RECV, "SYN_RECV -R-SYN_RECV-> (CLOSE)" },
	};

	for (size_t i = 0; i < COUNT(ends); i++) {
		struct tl_row client = stage_row(2, REPLICA, MASTER, 53525, 6379, ends[i].state);

		close_stage();
		open_stage();
		stage_wire(&st, NULL);
		stage_enter(&st);
		stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_LOSSY, .lossy.n = 1 });
		if (ends[i].state == TL_SYN_RECV)
			LOOK(&st, CLIENT(SYN_SENT));
		LOOK(&st, client);
		SEND(&st, S_RST(ends[i].by), .mine = 0, .theirs = 0);
		stage_look(&st, NULL, 0);
		stage_finish(&st, TL_END_COMPLETE);
		cr_expect_not_null(strstr(stage_tell(&st, 2), ends[i].end), "%zu: %s", i,
				   stage_tell(&st, 2));
	}
}
