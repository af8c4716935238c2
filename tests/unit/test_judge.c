/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The result of a whole run, and traces nobody should have written. */
#include <criterion/criterion.h>
#include <limits.h>
#include <string.h>

#include "stage.h"

static struct stage st;

static void open_stage(void)
{
	stage_open(&st);
	PHASE(&st, WANT_LISTENER);
	PHASE(&st, WANT_LISTENER, WANT_CLIENT(ESTABLISHED));
	CLAIM(&st, { .kind = TL_EVIDENCE_SAW, .row = WANT_LISTENER, .phase = -1 });
}

static void close_stage(void)
{
	stage_close(&st);
}

TestSuite(judge, .init = open_stage, .fini = close_stage);

static void first_phase(void)
{
	stage_enter(&st);
	stage_wait(&st, 5);
	LOOK(&st, LISTENER);
}

static void both_phases(enum tl_state last)
{
	first_phase();
	stage_enter(&st);
	stage_wait(&st, 10);
	LOOK(&st, LISTENER, stage_row(2, REPLICA, MASTER, 53525, 6379, last));
}

#define ASSERT_RESULT(want_result, want)                                                     \
	do {                                                                                 \
		stage_judge(&st);                                                            \
		cr_assert_eq(st.verdict.result, TL_RESULT_##want_result, "%s: %s",           \
			     tl_result_name(st.verdict.result), st.verdict.reason);          \
		cr_assert_str_eq(st.verdict.reason ? st.verdict.reason : "", want, "%s",     \
				 st.verdict.reason);                                         \
	} while (0)

Test(judge, passed)
{
	both_phases(TL_ESTABLISHED);
	stage_end(&st, TL_END_COMPLETE);
	ASSERT_RESULT(PASSED, "");
	cr_assert_null(st.verdict.reason, "nothing to explain");
	cr_assert_eq(st.verdict.took_ns, 15000000, "from first to last event");
	cr_assert_eq(tl_result_status(st.verdict.result), 0, "exit status");
}

Test(judge, failed_by_a_phase)
{
	both_phases(TL_SYN_SENT);
	stage_end(&st, TL_END_UNMET);
	ASSERT_RESULT(FAILED, "phase 2: expected replica -> master ESTABLISHED, saw SYN_SENT");
}

/* What a run says about itself is not believed against what it saw. */
Test(judge, failed_though_complete)
{
	both_phases(TL_SYN_SENT);
	stage_end(&st, TL_END_COMPLETE);
	ASSERT_RESULT(FAILED, "phase 2: expected replica -> master ESTABLISHED, saw SYN_SENT");
}

Test(judge, unmet_though_all_met)
{
	both_phases(TL_ESTABLISHED);
	stage_end(&st, TL_END_UNMET);
	ASSERT_RESULT(FAILED, "an expectation did not come true in time");
}

Test(judge, complete_but_for_a_phase)
{
	first_phase();
	stage_end(&st, TL_END_COMPLETE);
	ASSERT_RESULT(FAILED, "phase 2 was not reached");
}

Test(judge, error)
{
	first_phase();
	stage_enter(&st);
	stage_fault(&st, "start replica: it died");
	stage_end(&st, TL_END_FAULT);
	ASSERT_RESULT(ERROR, "phase 2: start replica: it died");
	cr_assert_eq(tl_result_status(st.verdict.result), 3, "exit status");
}

Test(judge, error_without_a_word)
{
	stage_end(&st, TL_END_FAULT);
	ASSERT_RESULT(ERROR, "the lab failed here");
	cr_assert_eq(st.verdict.phases[0].outcome, TL_OUTCOME_NOT_REACHED, "before phase 1");
}

Test(judge, skipped)
{
	stage_fault(&st, "this kernel has no sock_diag for TCP");
	stage_end(&st, TL_END_UNSUPPORTED);
	ASSERT_RESULT(SKIPPED, "this kernel has no sock_diag for TCP");
	cr_assert_eq(tl_result_status(st.verdict.result), 77, "exit status");
}

Test(judge, interrupted)
{
	first_phase();
	stage_end(&st, TL_END_INTERRUPTED);
	ASSERT_RESULT(INTERRUPTED, "phase 1: the run was interrupted here");
}

Test(judge, killed)
{
	both_phases(TL_ESTABLISHED);
	ASSERT_RESULT(INTERRUPTED, "phase 2: the trace is cut short here");
}

Test(judge, cut_in_the_middle_of_a_line)
{
	both_phases(TL_ESTABLISHED);
	stage_end(&st, TL_END_COMPLETE);
	st.trace.cut = true;
	ASSERT_RESULT(INTERRUPTED, "phase 2: the trace is cut short here");
}

/* An outlaw does not make an error of the lab a failure of the scenario. */
Test(judge, how_it_ended_comes_first)
{
	both_phases(TL_TIME_WAIT);
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED));
	stage_end(&st, TL_END_INTERRUPTED);
	ASSERT_RESULT(INTERRUPTED, "phase 2: the run was interrupted here");
	cr_assert_not(st.verdict.lives[1].legal, "it is told all the same");
}

Test(judge, end_is_the_last_word)
{
	both_phases(TL_ESTABLISHED);
	stage_end(&st, TL_END_COMPLETE);
	LOOK(&st, LISTENER);
	ASSERT_RESULT(INTERRUPTED, "phase 2: the trace is cut short here");
}

Test(judge, an_end_of_no_kind)
{
	both_phases(TL_ESTABLISHED);
	stage_end(&st, (enum tl_end)99);
	ASSERT_RESULT(ERROR, "phase 2: the run ended here");
}

Test(judge, an_empty_trace)
{
	tl_trace_release(&st.trace);
	ASSERT_RESULT(INTERRUPTED, "the trace is cut short here");
	cr_assert_eq(st.verdict.n_lives, 0, "nothing was seen");
	cr_assert_eq(st.verdict.took_ns, 0, "in no time");
}

Test(judge, an_empty_plan)
{
	struct tl_plan plan = { 0 };
	struct tl_verdict verdict = { 0 };
	struct tl_film film;
	struct tl_err err;

	both_phases(TL_ESTABLISHED);
	cr_assert_eq(tl_film_init(&film, &plan, &st.trace, &err), 0, "it is a film");
	cr_assert_eq(tl_judge(&film, &verdict, &err), 0, "it can be judged");
	cr_assert_eq(verdict.n_phases, 0, "no phase, though the trace has two");
	cr_assert_eq(verdict.n_lives, 0, "snapshots of no phase are left out");
	tl_verdict_release(&verdict, &plan);
	tl_film_release(&film);
}

Test(judge, phases_there_are_none_of)
{
	static const int none[] = { 2, 1000, INT_MAX, -2, INT_MIN };

	both_phases(TL_ESTABLISHED);
	for (size_t i = 0; i < COUNT(none); i++) {
		st.phase = none[i];
		LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
		stage_emit(&st,
			   (struct tl_event){ .kind = TL_EVENT_STEP, .step.step = INT_MAX });
		stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_PHASE });
	}
	stage_end(&st, TL_END_COMPLETE);
	ASSERT_RESULT(PASSED, "");
	cr_assert_eq(st.verdict.lives[1].n_hops, 3, "the table of a phase unknown is left out");
}

Test(judge, rows_of_nobody_and_of_no_state)
{
	struct tl_row odd[] = {
		stage_row(0, INT_MAX, INT_MIN, 1, 2, TL_ESTABLISHED),
		stage_row(UINT64_MAX, -5, 2, 65535, 65535, TL_SYN_RECV),
		stage_row(5, MASTER, REPLICA, 6379, 7, (enum tl_state)12),
		stage_row(6, MASTER, REPLICA, 6379, 7, (enum tl_state)0),
		stage_row(6, MASTER, REPLICA, 6379, 7, (enum tl_state)-1),
	};

	first_phase();
	stage_look(&st, odd, COUNT(odd));
	stage_look(&st, odd, COUNT(odd));
	ENTER(&st, LISTENER, CLIENT(ESTABLISHED));
	stage_finish(&st, TL_END_COMPLETE);
	cr_assert_eq(st.verdict.result, TL_RESULT_FAILED, "nobody expected them");
	cr_assert_not_null(strstr(st.verdict.reason, "127.0.0.1:1 -> 127.0.0.1:2 ESTABLISHED"),
			   "%s", st.verdict.reason);
	cr_assert_not_null(strstr(st.verdict.reason, "master -> replica ?"), "%s",
			   st.verdict.reason);
	cr_assert_eq(st.verdict.n_lives, 4, "no state, no life: %zu", st.verdict.n_lives);
}

/* The same cookie twice in one table: the first row stands for it. */
Test(judge, a_cookie_twice)
{
	first_phase();
	ENTER(&st, LISTENER, CLIENT(ESTABLISHED), CLIENT(TIME_WAIT));
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED));
	stage_end(&st, TL_END_COMPLETE);
	ASSERT_RESULT(PASSED, "");
}

Test(judge, a_self_connection)
{
	struct tl_row row = stage_row(4, MASTER, MASTER, 6379, 6379, TL_ESTABLISHED);

	first_phase();
	LOOK(&st, row);
	ENTER(&st, LISTENER, CLIENT(ESTABLISHED));
	stage_finish(&st, TL_END_COMPLETE);
	cr_assert(st.verdict.lives[1].cookie == 4 && st.verdict.lives[1].legal,
		  "it has a life");
}

Test(judge, time_that_runs_backwards)
{
	stage_wait(&st, 1000);
	st.plan->phases[1].for_ns = 1;
	both_phases(TL_ESTABLISHED);
	st.now_ns = 0;
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED));
	stage_finish(&st, TL_END_COMPLETE);
	cr_assert_eq(st.verdict.took_ns, 0, "no time, not all of it");
	cr_assert_eq(st.verdict.phases[1].outcome, TL_OUTCOME_UNMET, "nor did it stay");
}

Test(judge, phases_in_any_order)
{
	st.phase = 1;
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED));
	st.phase = 0;
	LOOK(&st, LISTENER);
	stage_finish(&st, TL_END_COMPLETE);
	cr_assert_eq(st.verdict.phases_met, 2, "each has its look");
	cr_assert_eq(st.verdict.phases[1].rows[0].change, TL_CHANGE_SAME,
		     "one after the other");
}

Test(judge, evidence_of_no_phase)
{
	struct tl_evidence *ev = st.plan->claims[0].check;

	both_phases(TL_ESTABLISHED);
	stage_end(&st, TL_END_COMPLETE);
	ev->phase = 7;
	for (int kind = TL_EVIDENCE_SAW; kind <= TL_EVIDENCE_COUNTER + 1; kind++) {
		ev->kind = kind;
		stage_judge(&st);
		cr_assert_eq(st.verdict.claims[0].stands, TL_FACT_UNSEEN, "kind %d", kind);
	}
}

/* A verdict can be had twice, and released twice. */
Test(judge, again)
{
	both_phases(TL_ESTABLISHED);
	stage_finish(&st, TL_END_COMPLETE);
	stage_judge(&st);
	tl_verdict_release(&st.verdict, st.plan);
	cr_assert_null(st.verdict.phases, "nothing is left");
}
