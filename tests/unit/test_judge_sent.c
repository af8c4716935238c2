/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often was a segment sent, and what became of it; who sent nothing; what arrived when? */
#include <criterion/criterion.h>
#include <string.h>

#include "one_claim.h"

/* Two phases: the connection is made and the FIN is held, then what becomes of it. */
static void open_stage(void)
{
	stage_open(&st);
	stage_phase(&st, NULL, 0);
	stage_phase(&st, NULL, 0);
	stage_wire(&st, NULL);
}

TestSuite(judge_sent, .init = open_stage, .fini = close_stage);

#define ONE(id, who) LIST(FROM(id, who))
#define COUNTED(id, low, high)                                                               \
	.counted = 1u << TL_COUNT_##id, .counts[TL_COUNT_##id] = { (low), (high) }
#define CHECK(which, ...)                                                                    \
	CLAIM(&st, { .kind = TL_EVIDENCE_SEGMENT, .row = WANT_LISTENER, .phase = (which),    \
		     __VA_ARGS__ })
#define SEGMENTS(which, ...)                                                                 \
	CLAIM(&st, { .kind = TL_EVIDENCE_SEGMENTS, .row = WANT_LISTENER, .phase = (which),   \
		     LIST(__VA_ARGS__) })
#define SILENT(who, whom, which, ...)                                                        \
	CLAIM(&st, { .kind = TL_EVIDENCE_SILENT, .row = { .owner = (who), .peer = (whom) },  \
		     .phase = (which), __VA_ARGS__ })
#define MANY UINT64_MAX

#define FINDS(name, evidence, run, want_fact, want)                                          \
	Test(judge_sent, name)                                                               \
	{                                                                                    \
		evidence;                                                                    \
		run();                                                                       \
		ASSERT_SAYS(want_fact, want);                                                \
	}

static void opening(void)
{
	stage_enter(&st);
	stage_opening(&st);
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
}

/* The FIN is held, repeated meanwhile, then dropped, and sent again. */
static void fin_lost(void)
{
	int id;

	opening();
	id = SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED), .fate = TL_FATE_HELD);
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED), .fate = TL_FATE_ABSORBED, .copy_of = id);
	stage_enter(&st);
	stage_letgo(&st, id, true);
	id = SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED), .fate = TL_FATE_HELD);
	stage_letgo(&st, id, false);
	SEND(&st, S_FIN_ACK, ENDS(LAST_ACK, FIN_WAIT1));
	SEND(&st, S_ACK_OF_FIN, ENDS(TIME_WAIT, LAST_ACK));
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
}

static void whole_run(void)
{
	fin_lost();
	stage_end(&st, TL_END_COMPLETE);
}

FINDS(twice, CHECK(-1, ONE(FIN, REPLICA), COUNTED(SENT, 2, 2)),
      whole_run, SO, "FIN from replica: sent twice in the whole run")
FINDS(not_so_often, CHECK(-1, ONE(FIN, REPLICA), COUNTED(SENT, 3, 3)),
      whole_run, NOT_SO, "FIN from replica: sent twice (expected 3) in the whole run")
FINDS(too_often, CHECK(-1, ONE(FIN, REPLICA), COUNTED(SENT, 0, 1)),
      whole_run, NOT_SO, "FIN from replica: sent twice (expected at most 1) in the whole run")
FINDS(in_a_phase, CHECK(0, ONE(FIN, REPLICA), COUNTED(SENT, 1, 1)),
      whole_run, SO, "FIN from replica: sent once in phase 1")

/* The one that is held in the first phase never arrives, and the other one does in the second. */
Test(judge_sent, arrived_in_a_phase)
{
	CHECK(0, ONE(FIN, REPLICA), COUNTED(ARRIVED, 0, 0));
	CHECK(1, ONE(FIN, REPLICA), COUNTED(ARRIVED, 1, 1));
	whole_run();
	ASSERT_SAYS(SO, "FIN from replica: never arrived in phase 1");
	cr_assert_eq(st.verdict.claims[1].stands, TL_FACT_SO, "%s",
		     st.verdict.claims[1].check[0].text);
}

FINDS(all_that_became_of_it,
      CHECK(-1, ONE(FIN, REPLICA),
	    .counted = 1u << TL_COUNT_REPEATED | 1u << TL_COUNT_ABSORBED | 1u << TL_COUNT_LOST,
	    .counts = { [TL_COUNT_REPEATED] = { 1, 1 }, [TL_COUNT_ABSORBED] = { 1, MANY },
			[TL_COUNT_LOST] = { 1, 1 } }),
      whole_run, SO,
      "FIN from replica: sent again once, absorbed once, lost once in the whole run")

/* One count that is not so is enough. */
FINDS(one_of_several,
      CHECK(-1, ONE(FIN, REPLICA),
	    .counted = 1u << TL_COUNT_SENT | 1u << TL_COUNT_LOST | 1u << TL_COUNT_ARRIVED,
	    .counts = { [TL_COUNT_SENT] = { 2, 2 }, [TL_COUNT_LOST] = { 2, MANY },
			[TL_COUNT_ARRIVED] = { 1, 3 } }),
      whole_run, NOT_SO, "FIN from replica: sent twice, lost once (expected at least 2), "
      "arrived once in the whole run")

/* By any of its names, as everywhere. */
FINDS(by_its_kind, CHECK(-1, ONE(ACK, REPLICA), COUNTED(SENT, 2, 2)),
      whole_run, SO, "ACK from replica: sent twice in the whole run")

/* What was seen is so, wherever the run ended. */
Test(judge_sent, a_run_cut_short)
{
	CHECK(-1, ONE(FIN, REPLICA), COUNTED(SENT, 2, MANY));
	fin_lost();
	ASSERT_SAYS(SO, "FIN from replica: sent twice so far");
	st.plan->claims[0].check[0].counts[TL_COUNT_SENT] = (struct tl_bounds){ 0, 1 };
	ASSERT_SAYS(NOT_SO, "FIN from replica: sent twice (expected at most 1) so far");
	st.plan->claims[0].check[0].counts[TL_COUNT_SENT] = (struct tl_bounds){ 2, 2 };
	ASSERT_SAYS(UNSEEN, "not observed: the run did not go through all phases");
}

static void lossy_run(void)
{
	opening();
	stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_LOSSY, .lossy.n = 1 });
	stage_enter(&st);
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	stage_end(&st, TL_END_COMPLETE);
}

Test(judge_sent, some_went_by_unseen)
{
	CHECK(-1, ONE(FIN, REPLICA), COUNTED(SENT, 1, 1));
	lossy_run();
	ASSERT_SAYS(UNSEEN, "not observed: segments passed unseen");
	st.plan->claims[0].check[0].counts[TL_COUNT_SENT].most = MANY;
	ASSERT_SAYS(SO, "FIN from replica: sent once in the whole run");
}

Test(judge_sent, the_wire_was_not_seen)
{
	CHECK(-1, ONE(RST, REPLICA), COUNTED(SENT, 0, 0));
	tl_trace_release(&st.trace);
	stage_wire(&st, "no NFQUEUE");
	ENTER(&st, LISTENER);
	ENTER(&st, LISTENER);
	stage_end(&st, TL_END_COMPLETE);
	ASSERT_SAYS(UNSEEN, "not observed: the wire was not tapped: no NFQUEUE");
}

Test(judge_sent, silent)
{
	SILENT(MASTER, -1, 1, .n_segments = 0);
	opening();
	stage_enter(&st);
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	stage_end(&st, TL_END_COMPLETE);
	ASSERT_SAYS(SO, "master sent nothing in phase 2");
}

FINDS(not_silent, SILENT(MASTER, -1, -1, .n_segments = 0),
      whole_run, NOT_SO, "master sent SYN+ACK in phase 1")

/* To whom: nobody else counts. */
Test(judge_sent, silent_to_another)
{
	SILENT(REPLICA, REPLICA, -1, .n_segments = 0);
	SILENT(REPLICA, MASTER, -1, .n_segments = 0);
	whole_run();
	ASSERT_SAYS(SO, "replica sent nothing to replica in the whole run");
	cr_assert_eq(st.verdict.claims[1].stands, TL_FACT_NOT_SO, "%s",
		     st.verdict.claims[1].check[0].text);
}

FINDS(silent_after_its_own, SILENT(MASTER, -1, -1, ONE(FIN_ACK, MASTER)),
      whole_run, SO, "master sent nothing after FIN+ACK from master in the whole run")

/* What has not arrived cannot be answered: the silence begins when it has. */
Test(judge_sent, silent_after_what_arrived)
{
	int id;

	SILENT(MASTER, -1, -1, ONE(FIN, REPLICA));
	opening();
	id = SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED), .fate = TL_FATE_HELD);
	SEND(&st, S_ACK(MASTER, 501, 101), .len = 5, ENDS(ESTABLISHED, FIN_WAIT1));
	stage_enter(&st);
	stage_letgo(&st, id, false);
	stage_end(&st, TL_END_COMPLETE);
	ASSERT_SAYS(SO, "master sent nothing after FIN from replica in the whole run");
}

FINDS(answered, SILENT(MASTER, -1, -1, ONE(FIN, REPLICA)),
      whole_run, NOT_SO, "master sent FIN+ACK after FIN from replica in phase 2")

/* A silence after what never came is none. */
FINDS(silent_after_nothing, SILENT(MASTER, -1, -1, ONE(RST, REPLICA)),
      whole_run, NOT_SO, "no RST from replica arrived in the whole run")

Test(judge_sent, silent_as_far_as_it_went)
{
	SILENT(MASTER, -1, 1, .n_segments = 0);
	opening();
	stage_enter(&st);
	ASSERT_SAYS(UNSEEN, "not observed: the run did not get through phase 2");
	SEND(&st, S_FIN_ACK, ENDS(LAST_ACK, FIN_WAIT1));
	ASSERT_SAYS(NOT_SO, "master sent FIN in phase 2");
}

/* A list by when they arrived, which is another order than that in which they were sent. */
Test(judge_sent, listed_by_arrival)
{
	int id;

	CLAIM(&st, { .kind = TL_EVIDENCE_SEGMENTS, .row = WANT_LISTENER, .phase = 1,
		     .arrived = true,
		     .segments = (struct tl_selector[]){ { TL_SEGMENT_FIN, .from = MASTER, .to = -1 },
							 { TL_SEGMENT_FIN, .from = REPLICA,
							   .to = -1 } },
		     .n_segments = 2 });
	opening();
	id = SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED), .fate = TL_FATE_HELD);
	stage_enter(&st);
	SEND(&st, S_FIN_OF(MASTER, 501, 101), ENDS(FIN_WAIT1, FIN_WAIT1));
	stage_letgo(&st, id, false);
	stage_end(&st, TL_END_COMPLETE);
	ASSERT_SAYS(SO, "arrived in phase 2: FIN from master, FIN from replica");
	st.plan->claims[0].check[0].arrived = false;
	ASSERT_SAYS(NOT_SO, "sent in phase 2: FIN from master");
}

/* Nothing at all means data and mere ACKs as well, and what was lost. */
Test(judge_sent, an_empty_list)
{
	CLAIM(&st, { .kind = TL_EVIDENCE_SEGMENTS, .row = WANT_LISTENER, .phase = 1 });
	opening();
	stage_enter(&st);
	stage_end(&st, TL_END_COMPLETE);
	ASSERT_SAYS(SO, "no segment at all was sent in phase 2");
	tl_trace_release(&st.trace);
	st.phase = -1;
	stage_wire(&st, NULL);
	opening();
	stage_enter(&st);
	SEND(&st, S_ACK(MASTER, 501, 101), .len = 5, ENDS(ESTABLISHED, ESTABLISHED));
	stage_end(&st, TL_END_COMPLETE);
	ASSERT_SAYS(NOT_SO, "sent in phase 2: data from master");
}

/* What came and is not listed speaks against it, though the run ended before its end. */
Test(judge_sent, a_list_that_came_otherwise)
{
	SEGMENTS(-1, FROM(SYN, REPLICA), FROM(RST, MASTER));
	opening();
	ASSERT_SAYS(NOT_SO, "passed so far: SYN from replica, SYN+ACK from master, ACK of "
			    "SYN from replica");
	st.plan->claims[0].check[0].segments[1].kind = TL_SEGMENT_SYN_ACK;
	ASSERT_SAYS(NOT_SO, "passed so far: SYN from replica, SYN+ACK from master, ACK of "
			    "SYN from replica");
}

/* What came so far is as listed: nobody knows how it would have gone on. */
FINDS(a_list_cut_short,
      SEGMENTS(-1, FROM(SYN, REPLICA), FROM(SYN_ACK, MASTER), FROM(ACK_OF_SYN, REPLICA),
	       FROM(FIN, REPLICA)),
      opening, UNSEEN, "not observed: the run did not go through all phases")

/* Of two counts one may not be known, and the other refute the claim. */
Test(judge_sent, what_is_not_known_hides_nothing)
{
	CHECK(-1, ONE(FIN, REPLICA), .counted = 1u << TL_COUNT_SENT | 1u << TL_COUNT_LOST,
	      .counts = { [TL_COUNT_SENT] = { 2, 2 }, [TL_COUNT_LOST] = { 0, 0 } });
	fin_lost();
	stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_LOSSY, .lossy.n = 1 });
	stage_finish(&st, TL_END_COMPLETE);
	cr_assert_eq(check()->fact, TL_FACT_NOT_SO, "%s", check()->text);
}

/* Silence begins with the first that arrives, not with the first that was sent. */
Test(judge_sent, silence_begins_with_the_first_that_arrives)
{
	int id;

	SILENT(MASTER, -1, -1, ONE(DATA, REPLICA));
	opening();
	id = SEND(&st, S_ACK(REPLICA, 101, 501), .len = 5, ENDS(ESTABLISHED, ESTABLISHED),
		  .fate = TL_FATE_HELD);
	SEND(&st, S_ACK(REPLICA, 106, 501), .len = 5, ENDS(ESTABLISHED, ESTABLISHED));
	SEND(&st, S_ACK(MASTER, 501, 101), ENDS(ESTABLISHED, ESTABLISHED));
	stage_letgo(&st, id, false);
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	stage_enter(&st);
	stage_finish(&st, TL_END_COMPLETE);
	cr_assert_eq(check()->fact, TL_FACT_NOT_SO, "%s", check()->text);
}
