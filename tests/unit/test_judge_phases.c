/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Did each phase's table come out as expected? */
#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#include "stage.h"

static struct stage st;

static void open_stage(void)
{
	stage_open(&st);
}

static void close_stage(void)
{
	stage_close(&st);
}

TestSuite(judge_phases, .init = open_stage, .fini = close_stage);

static const struct tl_phase_verdict *phase(size_t i)
{
	cr_assert_lt(i, st.verdict.n_phases, "phase %zu", i);
	return &st.verdict.phases[i];
}

#define ASSERT_OUTCOME(i, want)                                                              \
	cr_assert_eq(phase(i)->outcome, TL_OUTCOME_##want, "phase %d: %s, %s", (int)(i),     \
		     tl_outcome_name(phase(i)->outcome), phase(i)->reason)

/* One phase, one look, judged. */
#define ONE_LOOK(...)                                                                        \
	do {                                                                                 \
		stage_enter(&st);                                                            \
		LOOK(&st, __VA_ARGS__);                                                      \
		stage_finish(&st, TL_END_UNMET);                                             \
	} while (0)

#define ASSERT_REASON(i, want)                                                               \
	do {                                                                                 \
		ASSERT_OUTCOME(i, UNMET);                                                    \
		cr_assert_str_eq(phase(i)->reason, want, "%s", phase(i)->reason);            \
	} while (0)

Test(judge_phases, the_walkthrough)
{
	const struct tl_phase_verdict *pv;

	PHASE(&st, WANT_LISTENER);
	PHASE(&st, WANT_LISTENER, WANT_SERVER(ESTABLISHED), WANT_CLIENT(ESTABLISHED));
	PHASE(&st, WANT_LISTENER, WANT_CLIENT(TIME_WAIT));
	ENTER(&st, LISTENER);
	ENTER(&st, LISTENER, SERVER(ESTABLISHED), CLIENT(ESTABLISHED));
	ENTER(&st, LISTENER, SERVER(CLOSE_WAIT), CLIENT(FIN_WAIT2));
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
	stage_finish(&st, TL_END_COMPLETE);

	cr_assert_eq(st.verdict.phases_expected, 3, "%zu expected", st.verdict.phases_expected);
	cr_assert_eq(st.verdict.phases_met, 3, "%zu met", st.verdict.phases_met);
	pv = phase(0);
	cr_assert_eq(pv->rows[0].change, TL_CHANGE_NEW, "the first table is all new");
	cr_assert_eq(pv->n_gone, 0, "and nothing is gone");
	pv = phase(1);
	cr_assert_eq(pv->rows[0].change, TL_CHANGE_SAME, "the listener stays");
	cr_assert_eq(pv->rows[1].change, TL_CHANGE_NEW, "the server's end");
	cr_assert_eq(pv->rows[1].expect, 1, "is the second row expected");
	cr_assert_eq(pv->rows[2].expect, 2, "and the client's the third");
	pv = phase(2);
	cr_assert_eq(pv->look->snapshot.n, 2, "the last snapshot is the look");
	cr_assert_eq(pv->rows[1].change, TL_CHANGE_STATE, "the client's end has moved");
	cr_assert_eq(pv->rows[1].was, TL_ESTABLISHED, "since the table of the phase before");
	cr_assert_eq(pv->n_gone, 1, "the server's end");
	cr_assert_eq(pv->gone[0].sock.cookie, 3, "is gone");
}

Test(judge_phases, another_state)
{
	PHASE(&st, WANT_LISTENER, WANT_CLIENT(TIME_WAIT));
	ONE_LOOK(LISTENER, CLIENT(FIN_WAIT2));
	ASSERT_REASON(0, "expected replica -> master TIME_WAIT, saw FIN_WAIT2");
	cr_assert_eq(phase(0)->rows[1].expect, -1, "the row in its place is nobody's");
	cr_assert_eq(phase(0)->seen[1], 0, "the row expected is missing");
}

Test(judge_phases, a_row_too_many)
{
	PHASE(&st, WANT_LISTENER);
	ONE_LOOK(LISTENER, SERVER(CLOSE_WAIT));
	ASSERT_REASON(0, "unexpected: master -> replica CLOSE_WAIT");
}

Test(judge_phases, a_row_too_few)
{
	PHASE(&st, WANT_LISTENER, WANT_SERVER(ESTABLISHED));
	ONE_LOOK(SERVER(ESTABLISHED));
	ASSERT_REASON(0, "expected master LISTEN, not seen");
}

Test(judge_phases, too_few_of_several)
{
	PHASE(&st, PATTERN(MASTER, REPLICA, ESTABLISHED, 3));
	ONE_LOOK(SERVER(ESTABLISHED));
	ASSERT_REASON(0, "expected master -> replica ESTABLISHED x3, saw 1 of 3");
}

Test(judge_phases, several_complaints)
{
	PHASE(&st, WANT_LISTENER, WANT_CLIENT(TIME_WAIT));
	ONE_LOOK(CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	ASSERT_REASON(0,
		      "expected master LISTEN, not seen; expected replica -> master TIME_WAIT, saw "
		      "ESTABLISHED; unexpected: master -> replica ESTABLISHED");
}

Test(judge_phases, equal_rows_are_said_once)
{
	struct tl_row rows[9];

	for (int i = 0; i < 9; i++)
		rows[i] = stage_row(i + 1, MASTER, REPLICA, 6379, 50000 + i, TL_TIME_WAIT);
	PHASE(&st, WANT_LISTENER);
	stage_enter(&st);
	stage_look(&st, rows, 9);
	stage_finish(&st, TL_END_UNMET);
	ASSERT_REASON(0, "expected master LISTEN, not seen; unexpected: master -> replica TIME_WAIT "
			 "x9");
}

Test(judge_phases, a_long_list_is_cut)
{
	static const enum tl_state states[] = { TL_ESTABLISHED, TL_SYN_SENT, TL_SYN_RECV,
						TL_FIN_WAIT1, TL_FIN_WAIT2, TL_TIME_WAIT,
						TL_CLOSE_WAIT, TL_LAST_ACK, TL_CLOSING };
	struct tl_row rows[9];
	const char *tail;

	for (int i = 0; i < 9; i++)
		rows[i] = stage_row(i + 1, MASTER, REPLICA, 6379, 50000 + i, states[i]);
	PHASE(&st, WANT_LISTENER);
	stage_enter(&st);
	stage_look(&st, rows, 9);
	stage_finish(&st, TL_END_UNMET);
	tail = strrchr(phase(0)->reason, ';');
	cr_assert_str_eq(tail, "; and 5 more", "%s", phase(0)->reason);
}

Test(judge_phases, rows_of_nobody_have_addresses)
{
	struct tl_row row = stage_row(9, -1, 77, 6379, 50000, TL_TIME_WAIT);

	PHASE(&st, WANT_LISTENER);
	ONE_LOOK(LISTENER, row);
	ASSERT_REASON(0, "unexpected: 127.0.0.1:6379 -> 127.0.0.1:50000 TIME_WAIT");
}

Test(judge_phases, overlapping_patterns)
{
	struct tl_pattern either = WANT_SERVER(ESTABLISHED);

	either.states |= 1u << TL_CLOSE_WAIT;
	PHASE(&st, either, WANT_SERVER(ESTABLISHED));
	ONE_LOOK(SERVER(ESTABLISHED),
		 stage_row(4, MASTER, REPLICA, 6379, 53526, TL_CLOSE_WAIT));
	ASSERT_OUTCOME(0, MET);
	cr_assert(phase(0)->rows[0].expect == 1 && phase(0)->rows[1].expect == 0, "not stolen");
}

Test(judge_phases, others_ignore)
{
	PHASE(&st, WANT_LISTENER)->others_ignore = true;
	ONE_LOOK(LISTENER, SERVER(CLOSE_WAIT));
	ASSERT_OUTCOME(0, MET);
	cr_assert_eq(phase(0)->rows[1].expect, -1, "it is still nobody's");
}

Test(judge_phases, others_are_not_complained_of)
{
	PHASE(&st, WANT_LISTENER)->others_ignore = true;
	ONE_LOOK(SERVER(CLOSE_WAIT));
	ASSERT_REASON(0, "expected master LISTEN, not seen");
}

Test(judge_phases, a_listener_whose_port_is_not_watched)
{
	st.plan->actors[MASTER].port = 6379;
	st.plan->watch = calloc(1, sizeof(*st.plan->watch));
	st.plan->watch[0] = 6380;
	st.plan->n_watch = 1;
	PHASE(&st, WANT_LISTENER)->others_ignore = true;
	ONE_LOOK(SERVER(CLOSE_WAIT));
	ASSERT_REASON(0, "expected master LISTEN, not seen (port 6379 is not watched)");
}

/* A listener is never what is left of a connection, nor the other way round. */
Test(judge_phases, a_listener_stands_for_nothing)
{
	PHASE(&st, PATTERN(MASTER, ANYBODY, TIME_WAIT, 1));
	ONE_LOOK(LISTENER);
	ASSERT_REASON(0, "expected master TIME_WAIT, not seen; unexpected: master LISTEN");
}

Test(judge_phases, expects_empty)
{
	stage_phase(&st, NULL, 0)->expects_empty = true;
	stage_phase(&st, NULL, 0)->expects_empty = true;
	stage_enter(&st);
	stage_look(&st, NULL, 0);
	ONE_LOOK(LISTENER);
	ASSERT_OUTCOME(0, MET);
	ASSERT_REASON(1, "unexpected: master LISTEN");
	cr_assert_eq(st.verdict.phases_expected, 2, "no row is an expectation");
}

Test(judge_phases, nothing_expected)
{
	stage_phase(&st, NULL, 0);
	ONE_LOOK(LISTENER, SERVER(CLOSE_WAIT));
	ASSERT_OUTCOME(0, SHOWN);
	cr_assert_eq(st.verdict.phases_expected, 0, "it says nothing of the table");
	cr_assert_null(phase(0)->reason, "nothing to complain of");
}

Test(judge_phases, never_looked)
{
	PHASE(&st, WANT_LISTENER);
	stage_enter(&st);
	stage_finish(&st, TL_END_COMPLETE);
	ASSERT_REASON(0, "the table was not read in this phase");
	cr_assert_null(phase(0)->look, "no look");
	cr_assert_null(phase(0)->rows, "no rows");
}

/* The phase before without a look does not count: the one before that does. */
Test(judge_phases, changes_since_the_last_look)
{
	PHASE(&st, WANT_CLIENT(ESTABLISHED));
	stage_phase(&st, NULL, 0);
	PHASE(&st, WANT_CLIENT(TIME_WAIT));
	ENTER(&st, CLIENT(ESTABLISHED));
	stage_enter(&st);
	ONE_LOOK(CLIENT(TIME_WAIT));
	ASSERT_OUTCOME(1, SHOWN);
	cr_assert_eq(phase(2)->rows[0].change, TL_CHANGE_STATE, "it has changed");
	cr_assert_eq(phase(2)->rows[0].was, TL_ESTABLISHED, "from this");
}

/* The same addresses and state, but another socket. */
Test(judge_phases, identity_is_the_cookie)
{
	PHASE(&st, WANT_CLIENT(ESTABLISHED));
	PHASE(&st, WANT_CLIENT(ESTABLISHED));
	ENTER(&st, CLIENT(ESTABLISHED));
	ONE_LOOK(stage_row(9, REPLICA, MASTER, 53525, 6379, TL_ESTABLISHED));
	cr_assert_eq(phase(1)->rows[0].change, TL_CHANGE_NEW, "it is another one");
	cr_assert_eq(phase(1)->n_gone, 1, "and the one before is gone");
	cr_assert_eq(phase(1)->gone[0].sock.cookie, 2, "this one");
}

static void hold(unsigned ms1, unsigned ms2)
{
	PHASE(&st, WANT_LISTENER)->for_ns = 2000000000;
	ENTER(&st, LISTENER);
	stage_wait(&st, ms1);
	LOOK(&st, LISTENER);
	stage_wait(&st, ms2);
	LOOK(&st, LISTENER);
	stage_finish(&st, TL_END_COMPLETE);
}

Test(judge_phases, it_stayed_long_enough)
{
	hold(500, 1500);
	ASSERT_OUTCOME(0, MET);
}

Test(judge_phases, it_stayed_too_short)
{
	hold(500, 1499);
	ASSERT_REASON(0, "it came true, but lasted only 1999 ms instead of 2000 ms");
}

Test(judge_phases, staying_was_interrupted)
{
	PHASE(&st, WANT_LISTENER)->for_ns = 2000000000;
	ENTER(&st, LISTENER);
	stage_wait(&st, 1500);
	LOOK(&st, LISTENER, SERVER(SYN_RECV));
	stage_wait(&st, 500);
	LOOK(&st, LISTENER);
	stage_wait(&st, 500);
	ONE_LOOK(LISTENER);
	cr_assert_eq(st.verdict.n_phases, 1, "one phase");
	ASSERT_OUTCOME(0, UNMET);
}

Test(judge_phases, unfinished_by_a_fault)
{
	PHASE(&st, WANT_LISTENER);
	PHASE(&st, WANT_LISTENER);
	PHASE(&st, WANT_LISTENER);
	ENTER(&st, LISTENER);
	ENTER(&st, LISTENER);
	stage_fault(&st, "start replica: redis-server is not to be found");
	stage_finish(&st, TL_END_FAULT);
	ASSERT_OUTCOME(0, MET);
	ASSERT_OUTCOME(1, UNFINISHED);
	cr_assert_str_eq(phase(1)->reason, "start replica: redis-server is not to be found",
			 "%s", phase(1)->reason);
	cr_assert_not_null(phase(1)->look, "what was seen is shown");
	ASSERT_OUTCOME(2, NOT_REACHED);
	cr_assert_null(phase(2)->reason, "that says it all");
	cr_assert_eq(st.verdict.phases_met, 1, "one of three");
	cr_assert_eq(st.verdict.phases_expected, 3, "of three");
}

Test(judge_phases, unfinished_by_a_cut)
{
	PHASE(&st, WANT_LISTENER);
	ENTER(&st, LISTENER);
	stage_judge(&st);
	ASSERT_OUTCOME(0, UNFINISHED);
	cr_assert_str_eq(phase(0)->reason, "the trace is cut short here", "%s",
			 phase(0)->reason);
}

Test(judge_phases, unfinished_by_somebody)
{
	PHASE(&st, WANT_LISTENER);
	stage_enter(&st);
	stage_finish(&st, TL_END_INTERRUPTED);
	ASSERT_OUTCOME(0, UNFINISHED);
	cr_assert_str_eq(phase(0)->reason, "the run was interrupted here", "%s",
			 phase(0)->reason);
	cr_assert_null(phase(0)->look, "nothing was seen");
}

static void miss(const char *text)
{
	struct tl_event ev = { .kind = TL_EVENT_MISSED };

	ev.missed.text = text ? strdup(text) : NULL;
	stage_emit(&st, ev);
}

/* The table is as expected, and yet the segment that a step awaited did not come. */
Test(judge_phases, missed)
{
	PHASE(&st, WANT_LISTENER);
	PHASE(&st, WANT_LISTENER);
	PHASE(&st, WANT_LISTENER);
	ENTER(&st, LISTENER);
	ENTER(&st, LISTENER);
	miss("FIN from replica did not come within 5 s; what came was SYN from replica");
	miss("nor did this");
	stage_finish(&st, TL_END_UNMET);
	ASSERT_OUTCOME(0, MET);
	ASSERT_REASON(1, "FIN from replica did not come within 5 s; what came was SYN from "
			 "replica");
	cr_assert_eq(phase(1)->rows[0].expect, 0, "the table is shown all the same");
	ASSERT_OUTCOME(2, NOT_REACHED);
	cr_assert_eq(st.verdict.result, TL_RESULT_FAILED, "the run fails");
	cr_assert_str_eq(st.verdict.reason,
			 "phase 2: FIN from replica did not come within 5 s; what came was SYN "
			 "from replica",
			 "%s", st.verdict.reason);
}

Test(judge_phases, missed_where_nothing_was_expected)
{
	stage_phase(&st, NULL, 0);
	stage_enter(&st);
	miss(NULL);
	stage_finish(&st, TL_END_UNMET);
	ASSERT_REASON(0, "the segment that a step awaited did not come");
	cr_assert_null(phase(0)->look, "no look");
}

/* Whatever the run says about its end. */
Test(judge_phases, missed_though_complete)
{
	PHASE(&st, WANT_LISTENER);
	stage_enter(&st);
	miss("it did not come");
	LOOK(&st, LISTENER);
	stage_finish(&st, TL_END_COMPLETE);
	ASSERT_REASON(0, "it did not come");
	cr_assert_eq(st.verdict.phases_met, 0, "none met");
}

Test(judge_phases, missed_in_a_run_broken_off)
{
	PHASE(&st, WANT_LISTENER);
	stage_enter(&st);
	miss("it did not come");
	stage_judge(&st);
	ASSERT_OUTCOME(0, UNFINISHED);
}

/* How near it came, and for how long: the look that lacked least, until the next. */
Test(judge_phases, a_near_miss)
{
	PHASE(&st, WANT_LISTENER, WANT_CLIENT(ESTABLISHED), WANT_SERVER(ESTABLISHED));
	ENTER(&st, LISTENER);
	stage_wait(&st, 40);
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED));
	stage_wait(&st, 3100);
	LOOK(&st, LISTENER);
	stage_wait(&st, 60000);
	LOOK(&st, LISTENER);
	stage_finish(&st, TL_END_UNMET);
	ASSERT_REASON(0, "expected replica -> master ESTABLISHED, not seen; expected master -> "
			 "replica ESTABLISHED, not seen; for 3.1 s all but master -> replica "
			 "ESTABLISHED");
}

/* Of two spells that lacked as much, the longer is told, whichever came first. */
Test(judge_phases, near_for_longer)
{
	PHASE(&st, WANT_LISTENER, WANT_CLIENT(TIME_WAIT));
	ENTER(&st, LISTENER);
	stage_wait(&st, 700);
	LOOK(&st, CLIENT(TIME_WAIT));
	stage_wait(&st, 200);
	LOOK(&st, CLIENT(TIME_WAIT));
	stage_finish(&st, TL_END_UNMET);
	ASSERT_REASON(0, "expected master LISTEN, not seen; for 700 ms all but replica -> master "
			 "TIME_WAIT");
}

Test(judge_phases, near_for_longer_later)
{
	PHASE(&st, WANT_LISTENER, WANT_CLIENT(TIME_WAIT));
	ENTER(&st, CLIENT(TIME_WAIT));
	stage_wait(&st, 200);
	LOOK(&st, LISTENER);
	stage_wait(&st, 700);
	LOOK(&st, LISTENER);
	stage_finish(&st, TL_END_UNMET);
	ASSERT_REASON(0, "expected replica -> master TIME_WAIT, not seen; for 700 ms all but "
			 "replica -> master TIME_WAIT");
}

/* The same for as long as it stayed so, however often it was looked at. */
Test(judge_phases, near_to_the_end)
{
	PHASE(&st, WANT_LISTENER, WANT_CLIENT(TIME_WAIT));
	ENTER(&st, LISTENER, CLIENT(FIN_WAIT1));
	stage_wait(&st, 200);
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT2));
	stage_wait(&st, 300);
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT2));
	stage_finish(&st, TL_END_UNMET);
	ASSERT_REASON(0, "expected replica -> master TIME_WAIT, saw FIN_WAIT2; for 500 ms all but "
			 "replica -> master TIME_WAIT");
}

Test(judge_phases, near_but_for_a_row_too_many)
{
	PHASE(&st, WANT_LISTENER);
	ENTER(&st, LISTENER, SERVER(CLOSE_WAIT));
	stage_wait(&st, 1000);
	LOOK(&st, LISTENER, SERVER(CLOSE_WAIT));
	stage_finish(&st, TL_END_UNMET);
	ASSERT_REASON(0, "unexpected: master -> replica CLOSE_WAIT; for 1.0 s all, and beside it "
			 "master -> replica CLOSE_WAIT");
}

/* Where nothing of it was there, or next to nothing, that is not a near miss. */
Test(judge_phases, not_near)
{
	PHASE(&st, WANT_CLIENT(TIME_WAIT));
	ENTER(&st, LISTENER);
	stage_wait(&st, 1000);
	LOOK(&st, LISTENER);
	stage_finish(&st, TL_END_UNMET);
	ASSERT_REASON(0, "expected replica -> master TIME_WAIT, not seen; unexpected: master LISTEN");
}

/* A phase has come to something only where each of its steps is in the trace, and done. */
Test(judge_phases, a_step_left_out)
{
	static const struct {
		enum tl_event_kind out; /* taken out of the trace; TL_EVENT_END: neither */
		const char *reply;
		int expect;
		const char *reason; /* NULL: as expected */
	} steps[] = {
		{ TL_EVENT_END, "5 bytes", 0, NULL },
		{ TL_EVENT_END, "ECONNRESET", ECONNRESET, NULL },
		{ TL_EVENT_STEP, "5 bytes", 0, "a step: the trace does not show that it was begun" },
		{ TL_EVENT_DONE, "5 bytes", 0, "a step: the trace does not show that it was done" },
		{ TL_EVENT_END, "ECONNRESET", 0,
		  "a step: the answer was ECONNRESET, expected success" },
		{ TL_EVENT_END, NULL, ECONNRESET,
		  "a step: the answer was success, expected ECONNRESET" },
	};

	for (size_t i = 0; i < COUNT(steps); i++) {
		close_stage();
		open_stage();
		PHASE(&st, WANT_LISTENER);
		stage_peers(&st);
		stage_enter(&st);
		stage_step(&st, TL_VERB_RECEIVE, REPLICA, 2, steps[i].reply)->call.expect =
			steps[i].expect;
		for (size_t k = 0; k < st.trace.n; k++)
			if (steps[i].out != TL_EVENT_END &&
			    st.trace.events[k].kind == steps[i].out)
				st.trace.events[k].step.step = -1;
		LOOK(&st, LISTENER);
		stage_finish(&st, TL_END_COMPLETE);
		cr_expect_eq(st.verdict.phases[0].outcome,
			     steps[i].reason ? TL_OUTCOME_UNMET : TL_OUTCOME_MET, "case %zu", i);
		if (steps[i].reason)
			cr_expect_str_eq(st.verdict.phases[0].reason, steps[i].reason);
		cr_expect(!steps[i].reason || st.verdict.result == TL_RESULT_FAILED, "case %zu", i);
	}
}
