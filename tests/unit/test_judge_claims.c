/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does the evidence bear each claim's finding out? */
#include <criterion/criterion.h>
#include <string.h>

#include "one_claim.h"

/* Three phases: the listener alone, the connection, its end; every phase as seen. */
static void open_stage(void)
{
	stage_open(&st);
	st.plan->wire = TL_WIRE_OFF;
	for (int i = 0; i < 3; i++)
		stage_phase(&st, NULL, 0);
}

/* The wire was to be tapped, and was, where @untapped is NULL. */
static void tap(const char *untapped)
{
	st.plan->wire = TL_WIRE_TAP;
	stage_wire(&st, untapped);
}

TestSuite(judge_claims, .init = open_stage, .fini = close_stage);

static void two_phases(void)
{
	ENTER(&st, LISTENER);
	ENTER(&st, LISTENER, CLIENT(SYN_SENT));
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
}

static void whole_run(void)
{
	two_phases();
	ENTER(&st, LISTENER, CLIENT(FIN_WAIT2), SERVER(CLOSE_WAIT));
	LOOK(&st, LISTENER, stage_timed(CLIENT(TIME_WAIT), 59960));
	stage_wait(&st, 20000);
	LOOK(&st, LISTENER, stage_timed(CLIENT(TIME_WAIT), 39960));
	stage_end(&st, TL_END_COMPLETE);
}

#define FINDS(name, ...) Test(judge_claims, name) FINDING(__VA_ARGS__)

/* One piece of evidence; the rest as designated initialisers. */
#define CHECK(evidence_kind, pattern, ...)                                                   \
	CLAIM(&st, { .kind = TL_EVIDENCE_##evidence_kind, .row = (pattern),                  \
		     .at_most_ns = UINT64_MAX, __VA_ARGS__ })

#define S_NS UINT64_C(1000000000)

Test(judge_claims, saw)
{
	CHECK(SAW, WANT_CLIENT(TIME_WAIT), .phase = -1);
	whole_run();
	ASSERT_FACT(SO, 2, "seen in phase 3: replica -> master TIME_WAIT");
	cr_assert_eq(st.verdict.result, TL_RESULT_PASSED, "%s", st.verdict.reason);
}

/* Before the look is seen as well. */
FINDS(saw_in_passing, CHECK(SAW, WANT_CLIENT(SYN_SENT), .phase = 1),
      whole_run, SO, 1, "seen in phase 2: replica -> master SYN_SENT")

Test(judge_claims, saw_it_not)
{
	CHECK(SAW, WANT_SERVER(TIME_WAIT), .phase = -1);
	whole_run();
	ASSERT_FACT(NOT_SO, -1, "never seen: master -> replica TIME_WAIT; last seen in CLOSE_WAIT");
	cr_assert_eq(st.verdict.result, TL_RESULT_FAILED, "it fails the run");
	cr_assert_str_eq(st.verdict.reason, "claim C: never seen: master -> replica TIME_WAIT; last seen in CLOSE_WAIT",
			 "%s", st.verdict.reason);
}

FINDS(saw_it_in_another_phase, CHECK(SAW, WANT_CLIENT(TIME_WAIT), .phase = 1),
      whole_run, NOT_SO, 1,
      "not seen in phase 2: replica -> master TIME_WAIT; last seen in ESTABLISHED")
FINDS(saw_too_few, CHECK(SAW, PATTERN(REPLICA, MASTER, TIME_WAIT, 2), .phase = -1),
      whole_run, NOT_SO, -1, "never seen: replica -> master TIME_WAIT x2; at most 1 at a time")

Test(judge_claims, saw_before_the_cut)
{
	CHECK(SAW, WANT_CLIENT(ESTABLISHED), .phase = 1);
	two_phases();
	ASSERT_FACT(SO, 1, "seen in phase 2: replica -> master ESTABLISHED");
	cr_assert_eq(st.verdict.result, TL_RESULT_INTERRUPTED, "the run is not whole");
}

FINDS(saw_unseen, CHECK(SAW, WANT_CLIENT(TIME_WAIT), .phase = 2),
      two_phases, UNSEEN, 2, "not observed: the run did not get through phase 3")
FINDS(never, CHECK(NEVER, WANT_SERVER(TIME_WAIT), .phase = -1),
      whole_run, SO, -1, "never seen: master -> replica TIME_WAIT")
FINDS(never_in_a_phase, CHECK(NEVER, WANT_CLIENT(TIME_WAIT), .phase = 1),
      whole_run, SO, 1, "not seen in phase 2: replica -> master TIME_WAIT")

/* In passing is not never. */
FINDS(never_but_once, CHECK(NEVER, WANT_CLIENT(FIN_WAIT2), .phase = -1),
      whole_run, NOT_SO, 2, "seen in phase 3: replica -> master FIN_WAIT2")

FINDS(never_in_a_run_cut_short, CHECK(NEVER, WANT_SERVER(TIME_WAIT), .phase = -1),
      two_phases, UNSEEN, -1, "not observed: the run did not go through all phases")

/* The phase before the one that was cut was looked at in whole. */
FINDS(never_in_a_finished_phase, CHECK(NEVER, WANT_CLIENT(TIME_WAIT), .phase = 0),
      two_phases, SO, 0, "not seen in phase 1: replica -> master TIME_WAIT")

Test(judge_claims, never_without_a_table)
{
	CHECK(NEVER, WANT_CLIENT(TIME_WAIT), .phase = 0);
	stage_enter(&st);
	stage_enter(&st);
	ASSERT_FACT(UNSEEN, 0, "not observed: phase 1 shows no table");
}

Test(judge_claims, never_without_any_table)
{
	CHECK(NEVER, WANT_CLIENT(TIME_WAIT), .phase = -1);
	for (int i = 0; i < 3; i++)
		stage_enter(&st);
	stage_end(&st, TL_END_COMPLETE);
	ASSERT_FACT(UNSEEN, -1, "not observed: no phase shows a table");
}

FINDS(order,
      CHECK(ORDER, CLIENT_END, .phase = -1,
	    ORDER_OF(TL_SYN_SENT, TL_ESTABLISHED, TL_FIN_WAIT2, TL_TIME_WAIT)),
      whole_run, SO, -1,
      "replica -> master was seen in SYN_SENT, ESTABLISHED, FIN_WAIT2, TIME_WAIT")
FINDS(order_in_a_phase,
      CHECK(ORDER, CLIENT_END, .phase = 2, ORDER_OF(TL_FIN_WAIT2, TL_TIME_WAIT)),
      whole_run, SO, 2, "replica -> master was seen in FIN_WAIT2, TIME_WAIT")
FINDS(order_and_no_others,
      CHECK(ORDER, CLIENT_END, .phase = -1, ORDER_OF(TL_SYN_SENT, TL_ESTABLISHED, TL_TIME_WAIT)),
      whole_run, NOT_SO, -1,
      "replica -> master was seen in SYN_SENT, ESTABLISHED, FIN_WAIT2, TIME_WAIT")
FINDS(order_that_stops_short, CHECK(ORDER, CLIENT_END, .phase = 2, ORDER_OF(TL_FIN_WAIT2)),
      whole_run, NOT_SO, 2, "replica -> master was seen in FIN_WAIT2, TIME_WAIT")
FINDS(order_that_goes_on,
      CHECK(ORDER, CLIENT_END, .phase = 2, ORDER_OF(TL_FIN_WAIT2, TL_TIME_WAIT, TL_LAST_ACK)),
      whole_run, NOT_SO, 2, "replica -> master was seen in FIN_WAIT2, TIME_WAIT")

/* What one of two sockets of the same end has done is not what that end does. */
Test(judge_claims, order_of_one_of_two)
{
	CHECK(ORDER, CLIENT_END, .phase = 0, ORDER_OF(TL_ESTABLISHED, TL_CLOSE_WAIT));
	ENTER(&st, CLIENT(ESTABLISHED),
	      stage_row(9, REPLICA, MASTER, 53526, 6379, TL_ESTABLISHED));
	LOOK(&st, CLIENT(ESTABLISHED),
	     stage_row(9, REPLICA, MASTER, 53526, 6379, TL_CLOSE_WAIT));
	stage_enter(&st);
	ASSERT_FACT(NOT_SO, 0, "1 of 2 sockets replica -> master was seen in ESTABLISHED");
}

/* Where the scenario asks for one, one is enough, and two are too many. */
Test(judge_claims, order_of_so_many)
{
	CHECK(ORDER, CLIENT_END, .phase = 0, .count = 1, ORDER_OF(TL_ESTABLISHED));
	ENTER(&st, CLIENT(ESTABLISHED),
	      stage_row(9, REPLICA, MASTER, 53526, 6379, TL_ESTABLISHED));
	LOOK(&st, CLIENT(ESTABLISHED),
	     stage_row(9, REPLICA, MASTER, 53526, 6379, TL_CLOSE_WAIT));
	stage_enter(&st);
	ASSERT_FACT(SO, 0, "1 of 2 sockets replica -> master was seen in ESTABLISHED");
	st.plan->claims[0].check[0].count = 2;
	ASSERT_FACT(NOT_SO, 0, "1 of 2 sockets replica -> master was seen in ESTABLISHED, expected "
			       "of 2 of them");
}

/* What was otherwise is so, wherever the run ended; what was as said so far is not known. */
Test(judge_claims, order_so_far)
{
	CHECK(ORDER, CLIENT_END, .phase = -1, ORDER_OF(TL_SYN_SENT, TL_FIN_WAIT1));
	two_phases();
	ASSERT_FACT(NOT_SO, -1, "replica -> master was seen in SYN_SENT, ESTABLISHED");
	st.plan->claims[0].check[0].order[1] = TL_ESTABLISHED;
	ASSERT_FACT(UNSEEN, -1, "not observed: the run did not go through all phases");
}

Test(judge_claims, order_of_both)
{
	CHECK(ORDER, CLIENT_END, .phase = 0, ORDER_OF(TL_ESTABLISHED));
	ENTER(&st, CLIENT(ESTABLISHED),
	      stage_row(9, REPLICA, MASTER, 53526, 6379, TL_ESTABLISHED));
	stage_enter(&st);
	ASSERT_FACT(SO, 0, "each of 2 sockets replica -> master was seen in ESTABLISHED");
}

FINDS(order_of_nobody, CHECK(ORDER, CLIENT_END, .phase = 0, ORDER_OF(TL_ESTABLISHED)),
      whole_run, NOT_SO, 0, "no socket was seen of replica -> master")
FINDS(order_unseen, CHECK(ORDER, CLIENT_END, .phase = 1, ORDER_OF(TL_SYN_SENT, TL_ESTABLISHED)),
      two_phases, UNSEEN, 1, "not observed: the run did not get through phase 2")

/* A timer is read when the row is new; that it runs down later is not news. */
Test(judge_claims, timer)
{
	CHECK(TIMER, WANT_CLIENT(TIME_WAIT), .phase = -1, .at_least_ns = 55 * S_NS);
	st.plan->claims[0].check[0].at_most_ns = 60 * S_NS;
	whole_run();
	ASSERT_FACT(SO, 2, "replica -> master TIME_WAIT had 60.0 s left in phase 3");
}

Test(judge_claims, timer_too_long)
{
	CHECK(TIMER, WANT_CLIENT(TIME_WAIT), .phase = -1);
	st.plan->claims[0].check[0].at_most_ns = 59 * S_NS;
	whole_run();
	ASSERT_FACT(NOT_SO, 2,
		    "replica -> master TIME_WAIT had 60.0 s left in phase 3, expected "
		    "at most 59.0 s");
}

FINDS(timer_too_short,
      CHECK(TIMER, WANT_CLIENT(TIME_WAIT), .phase = -1, .at_least_ns = 240 * S_NS),
      whole_run, NOT_SO, 2,
      "replica -> master TIME_WAIT had 60.0 s left in phase 3, expected at least 240.0 s")
FINDS(timer_that_is_none, CHECK(TIMER, WANT_SERVER(CLOSE_WAIT), .phase = -1),
      whole_run, NOT_SO, 2, "master -> replica CLOSE_WAIT had no timer in phase 3")
FINDS(timer_of_nobody, CHECK(TIMER, WANT_SERVER(LAST_ACK), .phase = -1),
      whole_run, NOT_SO, -1,
      "never seen, so no timer was seen either: master -> replica LAST_ACK")

/* Every socket has to be within bounds, not one of them. */
Test(judge_claims, timer_of_two)
{
	CHECK(TIMER, WANT_CLIENT(TIME_WAIT), .phase = 0, .at_least_ns = 55 * S_NS);
	ENTER(&st, stage_timed(CLIENT(TIME_WAIT), 60000),
	      stage_timed(stage_row(9, REPLICA, MASTER, 53526, 6379, TL_TIME_WAIT), 1000));
	stage_enter(&st);
	ASSERT_FACT(NOT_SO, 0,
		    "replica -> master TIME_WAIT had 1.0 s left in phase 1, expected "
		    "at least 55.0 s");
}

/* A timer that shows more than before has started anew, which only segments make it do. */
static void two_minutes(unsigned left_ms)
{
	two_phases();
	ENTER(&st, LISTENER, stage_timed(CLIENT(TIME_WAIT), 59900));
	LOOK(&st, LISTENER, stage_timed(CLIENT(TIME_WAIT), 59800));
	LOOK(&st, LISTENER, stage_timed(CLIENT(TIME_WAIT), left_ms));
	stage_end(&st, TL_END_COMPLETE);
}

Test(judge_claims, timer_started_anew)
{
	tap(NULL);
	CHECK(TIMER, WANT_CLIENT(TIME_WAIT), .phase = -1, .anew = TL_ANEW_YES);
	two_minutes(59990);
	ASSERT_FACT(SO, 2,
		    "replica -> master TIME_WAIT had 60.0 s left when it had started again in "
		    "phase 3");
	st.plan->claims[0].check[0].anew = TL_ANEW_NO;
	ASSERT_FACT(NOT_SO, 2,
		    "replica -> master TIME_WAIT had 60.0 s left when it had started again in "
		    "phase 3");
}

/* The sighting before is one of the phase before. */
Test(judge_claims, timer_started_anew_since_the_phase_before)
{
	tap(NULL);
	CHECK(TIMER, WANT_CLIENT(TIME_WAIT), .phase = 2, .anew = TL_ANEW_YES);
	two_phases();
	LOOK(&st, LISTENER, stage_timed(CLIENT(TIME_WAIT), 59500));
	ENTER(&st, LISTENER, stage_timed(CLIENT(TIME_WAIT), 59990));
	stage_end(&st, TL_END_COMPLETE);
	ASSERT_FACT(SO, 2,
		    "replica -> master TIME_WAIT had 60.0 s left when it had started again in "
		    "phase 3");
}

Test(judge_claims, timer_never_started_anew)
{
	tap(NULL);
	CHECK(TIMER, WANT_CLIENT(TIME_WAIT), .phase = -1, .anew = TL_ANEW_YES);
	two_minutes(59700);
	ASSERT_FACT(NOT_SO, 2,
		    "replica -> master TIME_WAIT had 59.9 s left in phase 3, and never started again");
	st.plan->claims[0].check[0].anew = TL_ANEW_NO;
	ASSERT_FACT(SO, 2, "replica -> master TIME_WAIT had 59.9 s left in phase 3");
}

/* Between two looks it may have, if nobody saw the segments. */
Test(judge_claims, timer_started_anew_unseen)
{
	tap("no NFQUEUE");
	CHECK(TIMER, WANT_CLIENT(TIME_WAIT), .phase = -1, .anew = TL_ANEW_NO);
	two_minutes(59700);
	ASSERT_FACT(UNSEEN, -1, "not observed: the wire was not tapped: no NFQUEUE");
}

/* An end's first sighting is not when another's timer started anew. */
Test(judge_claims, timer_of_another_started_anew)
{
	struct tl_row other = stage_row(9, REPLICA, MASTER, 53526, 6379, TL_TIME_WAIT);

	CHECK(TIMER, WANT_CLIENT(TIME_WAIT), .phase = 0, .at_least_ns = 55 * S_NS);
	ENTER(&st, stage_timed(CLIENT(TIME_WAIT), 58000), stage_timed(other, 1000));
	LOOK(&st, stage_timed(CLIENT(TIME_WAIT), 60000), stage_timed(other, 900));
	stage_enter(&st);
	ASSERT_FACT(NOT_SO, 0,
		    "replica -> master TIME_WAIT had 1.0 s left in phase 1, expected at least "
		    "55.0 s");
}

FINDS(timer_unseen, CHECK(TIMER, WANT_CLIENT(TIME_WAIT), .phase = -1),
      two_phases, UNSEEN, -1, "not observed: the run did not go through all phases")

/* Within bounds so far, but the next socket may not be. */
Test(judge_claims, timer_not_seen_out)
{
	CHECK(TIMER, WANT_CLIENT(TIME_WAIT), .phase = -1);
	two_phases();
	LOOK(&st, LISTENER, stage_timed(CLIENT(TIME_WAIT), 60000));
	ASSERT_FACT(UNSEEN, -1, "not observed: the run did not go through all phases");
}

FINDS(rows, CHECK(ROWS, CLIENT_END, .phase = 1, .count = 2),
      whole_run, SO, 1, "2 rows in phase 2 for the connection replica -> master")

/* The table a phase ends on counts, not those on the way. */
FINDS(rows_of_the_look, CHECK(ROWS, CLIENT_END, .phase = 2, .count = 1),
      whole_run, SO, 2, "1 row in phase 3 for the connection replica -> master")

FINDS(rows_named_from_the_other_end, CHECK(ROWS, SERVER_END, .phase = 2, .count = 1),
      whole_run, SO, 2, "1 row in phase 3 for the connection master -> replica")
FINDS(rows_another_number, CHECK(ROWS, CLIENT_END, .phase = 2, .count = 2),
      whole_run, NOT_SO, 2, "1 row in phase 3 for the connection replica -> master, expected 2")
FINDS(rows_none, CHECK(ROWS, CLIENT_END, .phase = 0, .count = 0),
      whole_run, SO, 0, "0 rows in phase 1 for the connection replica -> master")
FINDS(rows_in_any_phase, CHECK(ROWS, CLIENT_END, .phase = -1, .count = 2),
      whole_run, SO, 1, "2 rows in phase 2 for the connection replica -> master")

/* Two connections have four rows, but each of them two. */
Test(judge_claims, rows_are_counted_by_connection)
{
	CHECK(ROWS, CLIENT_END, .phase = 0, .count = 2);
	ENTER(&st, CLIENT(ESTABLISHED), SERVER(ESTABLISHED),
	      stage_row(8, REPLICA, MASTER, 53526, 6379, TL_ESTABLISHED),
	      stage_row(9, MASTER, REPLICA, 6379, 53526, TL_ESTABLISHED));
	stage_enter(&st);
	ASSERT_FACT(SO, 0, "2 rows in phase 1 for the connection replica -> master");
}

FINDS(rows_of_whomever,
      CHECK(ROWS, ((struct tl_pattern){ .owner = MASTER, .peer = ANYBODY, .count = 1 }),
	    .phase = 1, .count = 2),
      whole_run, SO, 1, "2 rows in phase 2 for the connection master")

/* A phase that was broken off has no table that it ended on. */
FINDS(rows_of_an_unfinished_phase, CHECK(ROWS, CLIENT_END, .phase = 1, .count = 2),
      two_phases, UNSEEN, 1, "not observed: the run did not get through phase 2")

FINDS(rows_unseen, CHECK(ROWS, CLIENT_END, .phase = 2, .count = 1),
      two_phases, UNSEEN, 2, "not observed: the run did not get through phase 3")

Test(judge_claims, all_evidence_counts)
{
	CLAIM(&st, { .kind = TL_EVIDENCE_SAW, .row = WANT_LISTENER, .phase = 0 },
	      { .kind = TL_EVIDENCE_SAW, .row = WANT_CLIENT(TIME_WAIT), .phase = 2 });
	CLAIM(&st, { .kind = TL_EVIDENCE_SAW, .row = WANT_CLIENT(TIME_WAIT), .phase = 2 },
	      { .kind = TL_EVIDENCE_NEVER, .row = WANT_LISTENER, .phase = 0 });
	two_phases();
	stage_judge(&st);
	cr_assert_eq(st.verdict.claims[0].stands, TL_FACT_UNSEEN, "one so, one unseen");
	cr_assert_eq(st.verdict.claims[1].stands, TL_FACT_NOT_SO, "one unseen, one not so");
	ENTER(&st, CLIENT(TIME_WAIT));
	stage_finish(&st, TL_END_COMPLETE);
	cr_assert_eq(st.verdict.claims[0].stands, TL_FACT_SO, "both so");
	cr_assert_eq(st.verdict.claims[1].stands, TL_FACT_NOT_SO, "one so, one not so");
}

Test(judge_claims, a_claim_without_evidence)
{
	stage_claim(&st, NULL, 0);
	whole_run();
	stage_judge(&st);
	cr_assert_eq(st.verdict.claims[0].stands, TL_FACT_UNSEEN, "nothing bears it out");
	cr_assert_eq(st.verdict.result, TL_RESULT_FAILED, "a whole run has seen all");
	cr_assert_str_eq(st.verdict.reason, "claim C: it names no evidence", "%s",
			 st.verdict.reason);
}

/* The phase that begins next is phase 0: what the counter stands at when another has ended. */
static void count(uint64_t value)
{
	struct tl_counter *counter = calloc(1, sizeof(*counter));

	*counter = (struct tl_counter){ strdup("ListenDrops"), value };
	stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_COUNTERS,
					   .counters = { counter, 1 } });
}

static void counted_run(void)
{
	count(40);
	ENTER(&st, LISTENER);
	count(40);
	ENTER(&st, LISTENER);
	count(43);
	ENTER(&st, LISTENER);
	count(45);
	stage_end(&st, TL_END_COMPLETE);
}

#define COUNTER(kernels, most, ...)                                                          \
	CLAIM(&st, { .kind = TL_EVIDENCE_COUNTER, .counter = strdup(kernels),                \
		     .at_most = (most), __VA_ARGS__ })

FINDS(counter_rises_in_a_phase, COUNTER("ListenDrops", UINT64_MAX, .phase = 1, .at_least = 3),
      counted_run, SO, 1, "ListenDrops rose by 3 in phase 2")
FINDS(counter_does_not_rise_so_much,
      COUNTER("ListenDrops", UINT64_MAX, .phase = 1, .at_least = 4),
      counted_run, NOT_SO, 1, "ListenDrops rose by 3 in phase 2, expected at least 4")
FINDS(counter_that_should_rest, COUNTER("ListenDrops", 0, .phase = 0),
      counted_run, SO, 0, "ListenDrops rose by 0 in phase 1")
FINDS(counter_of_the_whole_run, COUNTER("ListenDrops", 4, .phase = -1),
      counted_run, NOT_SO, -1, "ListenDrops rose by 5 in the whole run, expected at most 4")
FINDS(counter_that_the_kernel_lacks, COUNTER("NoSuchThing", 0, .phase = 1),
      counted_run, UNSEEN, 1,
      "not observed: the trace has no counter NoSuchThing of the kernel")

Test(judge_claims, counter_of_a_phase_that_did_not_end)
{
	COUNTER("ListenDrops", 0, .phase = 2);
	count(40);
	two_phases();
	stage_end(&st, TL_END_INTERRUPTED);
	ASSERT_FACT(UNSEEN, 2, "not observed: the run did not get through phase 3");
}

/* A counter that stands lower than before was set anew: it says nothing of the rise. */
Test(judge_claims, counter_that_falls)
{
	COUNTER("ListenDrops", UINT64_MAX, .phase = 0, .at_least = 1);
	count(43);
	ENTER(&st, LISTENER);
	count(40);
	stage_enter(&st);
	stage_enter(&st);
	stage_end(&st, TL_END_COMPLETE);
	ASSERT_FACT(UNSEEN, 0, "not observed: the trace has no counter ListenDrops of the kernel");
}

/* Of any state, some pass so quickly that without the wire nobody can say never. */
Test(judge_claims, never_in_any_state)
{
	CHECK(NEVER, ((struct tl_pattern){ .owner = MASTER, .peer = MASTER, .count = 1 }),
	      .phase = -1);
	st.plan->wire = TL_WIRE_OFF;
	whole_run();
	stage_judge(&st);
	cr_assert_eq(check()->fact, TL_FACT_UNSEEN, "%s", check()->text);
}

/* The first connection that has another number of rows speaks for all. */
Test(judge_claims, rows_of_each_connection)
{
	struct tl_row lone = stage_row(7, REPLICA, MASTER, 40000, 6379, TL_ESTABLISHED);

	CHECK(ROWS, CLIENT_END, .phase = 1, .count = 2);
	ENTER(&st, LISTENER);
	ENTER(&st, LISTENER, lone, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	ENTER(&st, LISTENER);
	stage_end(&st, TL_END_COMPLETE);
	ASSERT_FACT(NOT_SO, 1, "1 row in phase 2 for the connection replica -> master, expected 2");
}

/* A jiffy more is how timers are read, and no new start. */
Test(judge_claims, timer_that_shows_a_jiffy_more)
{
	tap(NULL);
	CHECK(TIMER, WANT_CLIENT(TIME_WAIT), .phase = 2, .anew = TL_ANEW_NO);
	two_phases();
	ENTER(&st, LISTENER, stage_timed(CLIENT(TIME_WAIT), 59000));
	LOOK(&st, LISTENER, stage_timed(CLIENT(TIME_WAIT), 59010));
	stage_end(&st, TL_END_COMPLETE);
	ASSERT_FACT(SO, 2, "replica -> master TIME_WAIT had 59.0 s left in phase 3");
}
