/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Do the segments that passed, and the states their ends were in, bear a claim out? */
#include <criterion/criterion.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "two_phases.h"

TestSuite(judge_segments, .init = open_stage, .fini = close_stage);

#define FINDS(name, ...) Test(judge_segments, name) FINDING(__VA_ARGS__)

Test(judge_segments, of_a_phase)
{
	CHECK(1, LIST(CLOSING));
	whole_run();
	ASSERT_FACT(SO, 1, CLOSED);
	cr_assert_eq(st.verdict.result, TL_RESULT_PASSED, "%s", st.verdict.reason);
}

FINDS(of_the_whole_run, CHECK(-1, LIST(OPENING, CLOSING)),
      whole_run, SO, -1, "passed in the whole run: SYN from replica, SYN+ACK from master, ACK "
      "of SYN from replica, FIN from replica, FIN+ACK from master, ACK of FIN from replica")

/* Every FIN+ACK is a FIN, every ACK of a FIN an ACK. */
FINDS(by_any_of_its_names,
      CHECK(1, LIST(FROM(FIN, REPLICA), FROM(FIN, MASTER), FROM(ACK, REPLICA))),
      whole_run, SO, 1, CLOSED)

Test(judge_segments, not_by_another)
{
	CHECK(1, LIST(FROM(FIN_ACK, REPLICA), FROM(FIN_ACK, MASTER), FROM(ACK, REPLICA)));
	whole_run();
	ASSERT_FACT(NOT_SO, 1, CLOSED);
	cr_assert_eq(st.verdict.result, TL_RESULT_FAILED, "it fails the run");
	cr_assert_str_eq(st.verdict.reason, "claim C: " CLOSED, "%s", st.verdict.reason);
}

FINDS(one_too_many, CHECK(1, LIST(FROM(FIN, REPLICA), FROM(FIN_ACK, MASTER))),
      whole_run, NOT_SO, 1, CLOSED)
FINDS(one_too_few, CHECK(1, LIST(CLOSING, FROM(RST, MASTER))),
      whole_run, NOT_SO, 1, CLOSED)
FINDS(in_another_order,
      CHECK(1, LIST(FROM(FIN_ACK, MASTER), FROM(FIN, REPLICA), FROM(ACK_OF_FIN, REPLICA))),
      whole_run, NOT_SO, 1, CLOSED)
FINDS(from_the_other_end,
      CHECK(1, LIST(FROM(FIN, MASTER), FROM(FIN_ACK, REPLICA), FROM(ACK_OF_FIN, MASTER))),
      whole_run, NOT_SO, 1, CLOSED)
FINDS(in_another_phase, CHECK(0, LIST(CLOSING)),
      whole_run, NOT_SO, 0,
      "sent in phase 1: SYN from replica, SYN+ACK from master, ACK of SYN from replica")

Test(judge_segments, none_at_all)
{
	CHECK(1, LIST(FROM(RST, REPLICA)));
	tapped_opening();
	end();
	ASSERT_FACT(NOT_SO, 1, "no such segment was sent in phase 2");
}

Test(judge_segments, an_empty_list)
{
	CHECK(1, .n_segments = 0);
	whole_run();
	ASSERT_FACT(NOT_SO, 1, CLOSED);
	st.plan->claims[0].check[0].phase = 0;
	tl_trace_release(&st.trace);
	st.phase = -1;
	stage_wire(&st, NULL);
	ENTER(&st, LISTENER);
	stage_enter(&st);
	end();
	ASSERT_FACT(SO, 0, "no segment at all was sent in phase 1");
}

#define DATA(who, from, acks, n)                                                             \
	.by = (who), .flags = TL_FLAG_ACK | TL_FLAG_PSH, .seq = (from), .ack = (acks),       \
	.len = (n)

/* Data and its ACKs are not news, a FIN with data is a FIN, but data can acknowledge a FIN. */
Test(judge_segments, data_is_passed_over)
{
	CHECK(1, LIST(FROM(FIN, REPLICA), FROM(DATA_ACK_OF_FIN, MASTER), FROM(FIN, MASTER),
		      FROM(ACK_OF_FIN, REPLICA)));
	tapped_opening();
	SEND(&st, DATA(REPLICA, 101, 501, 14), 0);
	SEND(&st, S_ACK(MASTER, 501, 115), 0);
	SEND(&st, DATA(MASTER, 501, 115, 7), 0);
	SEND(&st, S_ACK(REPLICA, 115, 508), 0);
	SEND(&st, S_FIN_OF(REPLICA, 115, 508), .len = 5);
	SEND(&st, DATA(MASTER, 508, 121, 9), 0);
	SEND(&st, S_FIN_OF(MASTER, 517, 121));
	SEND(&st, S_ACK(REPLICA, 121, 518), 0);
	end();
	ASSERT_FACT(SO, 1,
		    "sent in phase 2: FIN from replica, data + ACK of FIN from master, FIN "
		    "from master, ACK of FIN from replica");
}

/* A Redis that its machine does not let run in time: its kernel does not wait for it. */
Test(judge_segments, the_machine_was_too_slow)
{
	CHECK(1, LIST(CLOSING));
	tapped_opening();
	closing_slowly();
	end();
	stage_judge(&st);
	cr_assert_eq(check()->fact, TL_FACT_UNSEEN, "%s", check()->text);
	cr_assert(check()->slow, "it speaks against the claim");
	cr_assert_str_eq(check()->text, "not observed: the machine was too slow (the ACK went 13 ms "
			 "before the FIN)", "%s", check()->text);
	cr_assert_eq(st.verdict.result, TL_RESULT_PASSED, "%s", st.verdict.reason);
}

static void hand(enum tl_actor_change change)
{
	stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_ACTOR,
					   .actor = { .actor = MASTER, .change = change } });
}

/* Frozen at "tcplab step", by somebody of whom the scenario knows nothing. */
Test(judge_segments, somebody_froze_it)
{
	CHECK(1, LIST(CLOSING));
	tapped_opening();
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	hand(TL_ACTOR_FROZEN);
	SEND(&st, S_ACK(MASTER, 501, 102), ENDS(CLOSE_WAIT, FIN_WAIT1));
	st.now_ns += 100 * 1000000;
	hand(TL_ACTOR_THAWED);
	SEND(&st, S_FIN_ACK);
	SEND(&st, S_ACK_OF_FIN, ENDS(TIME_WAIT, LAST_ACK));
	end();
	stage_judge(&st);
	ASSERT_FACT(UNSEEN, 1, "not observed: master was frozen (the ACK went 100 ms before the "
			       "FIN)");
	cr_assert(check()->slow, "it speaks against the claim");
}

/* What the scenario froze and let go again has nothing but the machine to wait for. */
Test(judge_segments, too_slow_after_a_thaw)
{
	CHECK(1, LIST(CLOSING));
	tapped_opening();
	stage_step(&st, TL_VERB_FREEZE, MASTER, 0, NULL);
	stage_step(&st, TL_VERB_THAW, MASTER, 0, NULL);
	closing_slowly();
	end();
	stage_judge(&st);
	cr_assert_eq(check()->fact, TL_FACT_UNSEEN, "%s", check()->text);
	cr_assert(check()->slow);
}

/* Slow or not, something else is missing. */
Test(judge_segments, slowness_excuses_nothing_else)
{
	CHECK(1, LIST(FROM(FIN, REPLICA), FROM(FIN_ACK, MASTER), FROM(RST, REPLICA)));
	tapped_opening();
	closing_slowly();
	end();
	stage_judge(&st);
	cr_assert_eq(check()->fact, TL_FACT_NOT_SO, "%s", check()->text);
}

/* What neither opens nor closes is counted where the list has it. */
Test(judge_segments, a_challenge_that_is_asked_for)
{
	CHECK(1, LIST(FROM(RST, REPLICA), FROM(CHALLENGE_ACK, MASTER)));
	tapped_opening();
	SEND(&st, .by = REPLICA, .flags = TL_FLAG_RST, .seq = 120);
	SEND(&st, S_ACK(MASTER, 501, 101), 0);
	end();
	ASSERT_FACT(SO, 1, "sent in phase 2: RST from replica, challenge ACK from master");
}

#define HELD	    .fate = TL_FATE_HELD
#define COPY_OF(id) .fate = TL_FATE_ABSORBED, .copy_of = (id)

Test(judge_segments, held_and_let_go)
{
	int id;

	CHECK(1, LIST(CLOSING));
	tapped_opening();
	id = SEND(&st, S_FIN, HELD);
	SEND(&st, S_FIN, COPY_OF(id));
	stage_letgo(&st, id, false);
	closing();
	ASSERT_FACT(SO, 1, CLOSED);
}

/* Sent is sent: where it is held is where it is shown. */
Test(judge_segments, held_at_the_end)
{
	CHECK(1, LIST(FROM(FIN, REPLICA)));
	tapped_opening();
	SEND(&st, S_FIN, HELD);
	end();
	ASSERT_FACT(SO, 1, "sent in phase 2: FIN from replica");
}

Test(judge_segments, dropped)
{
	CHECK(1, LIST(FROM(FIN, REPLICA)));
	tapped_opening();
	stage_letgo(&st, SEND(&st, S_FIN, HELD), true);
	end();
	ASSERT_FACT(NOT_SO, 1, "no such segment was sent in phase 2");
}

/* What went on cannot be dropped any more. */
Test(judge_segments, dropped_too_late)
{
	int id;

	CHECK(1, LIST(FROM(FIN, REPLICA)));
	tapped_opening();
	id = SEND(&st, S_FIN, HELD);
	stage_letgo(&st, id, false);
	stage_letgo(&st, id, true);
	end();
	ASSERT_FACT(SO, 1, "sent in phase 2: FIN from replica");
}

/* The retransmission repairs what was dropped: it is the first to pass. */
Test(judge_segments, dropped_and_sent_again)
{
	CHECK(1, LIST(CLOSING));
	tapped_opening();
	stage_letgo(&st, SEND(&st, S_FIN, HELD), true);
	closing();
	ASSERT_FACT(SO, 1, CLOSED);
}

Test(judge_segments, sent_again)
{
	CHECK(1, LIST(CLOSING));
	tapped_opening();
	SEND(&st, S_SYN_ACK, 0);
	SEND(&st, S_ACK_OF_SYN, 0);
	SEND(&st, S_FIN, 0);
	SEND(&st, S_FIN, 0);
	SEND(&st, S_FIN_ACK, 0);
	SEND(&st, S_FIN_ACK, 0);
	SEND(&st, S_ACK_OF_FIN, 0);
	closing();
	ASSERT_FACT(SO, 1, CLOSED);
}

/* With data sent since, the ACK that a second SYN+ACK gets has another number. */
Test(judge_segments, acknowledged_again)
{
	CHECK(0, LIST(OPENING));
	stage_wire(&st, NULL);
	stage_enter(&st);
	SEND(&st, S_SYN, 0);
	SEND(&st, S_SYN_ACK, 0);
	SEND(&st, S_ACK_OF_SYN, 0);
	SEND(&st, DATA(REPLICA, 101, 501, 14), 0);
	SEND(&st, S_SYN_ACK, 0);
	SEND(&st, S_ACK(REPLICA, 115, 501), 0);
	stage_enter(&st);
	end();
	ASSERT_FACT(SO, 0,
		    "sent in phase 1: SYN from replica, SYN+ACK from master, ACK of SYN from "
		    "replica");
}

/* A FIN that comes once more, though it was answered with a FIN, gets a mere ACK. */
Test(judge_segments, acknowledged_once_more)
{
	CHECK(1, LIST(CLOSING));
	tapped_opening();
	SEND(&st, S_FIN, 0);
	SEND(&st, S_FIN_ACK, 0);
	SEND(&st, S_FIN, 0);
	SEND(&st, S_ACK(MASTER, 502, 102), 0);
	SEND(&st, S_ACK_OF_FIN, 0);
	closing();
	ASSERT_FACT(SO, 1, CLOSED);
}

/* The other way round there are four. */
Test(judge_segments, acknowledged_and_then_answered)
{
	CHECK(1, LIST(CLOSING));
	tapped_opening();
	SEND(&st, S_FIN, 0);
	SEND(&st, S_ACK(MASTER, 501, 102), 0);
	SEND(&st, S_FIN_ACK, 0);
	SEND(&st, S_ACK_OF_FIN, 0);
	end();
	ASSERT_FACT(NOT_SO, 1,
		    "sent in phase 2: FIN from replica, ACK of FIN from master, FIN from "
		    "master, ACK of FIN from replica");
}

/* One RST for each segment that comes too late, unless it is the same one. */
Test(judge_segments, resets_are_told_apart)
{
	CHECK(1, LIST(FROM(RST, REPLICA), FROM(RST, REPLICA), FROM(RST, REPLICA)));
	tapped_opening();
	SEND(&st, RST(REPLICA, 101, 501), 0);
	SEND(&st, RST(REPLICA, 101, 508), 0);
	SEND(&st, RST(REPLICA, 101, 501), 0);
	SEND(&st, RST(REPLICA, 102, 501), 0);
	end();
	ASSERT_FACT(SO, 1,
		    "sent in phase 2: RST from replica, RST from replica, RST from replica");
}

/* The second connection of the same two ends has numbers of its own. */
Test(judge_segments, the_same_ends_again)
{
	CHECK(-1, LIST(OPENING, FROM(RST, REPLICA), FROM(SYN, REPLICA)));
	tapped_opening();
	SEND(&st, RST(REPLICA, 101, 501), 0);
	SEND(&st, .by = REPLICA, .flags = TL_FLAG_SYN, .seq = 9000);
	end();
	ASSERT_FACT(SO, -1,
		    "passed in the whole run: SYN from replica, SYN+ACK from master, ACK of "
		    "SYN from replica, RST from replica, SYN from replica");
}

/* A third actor, whose segments are those of the replica except for the port. */
enum { OTHER = N_ACTORS };

static void add_other(void)
{
	struct tl_plan *plan = st.plan;

	plan->actors = realloc(plan->actors, (N_ACTORS + 1) * sizeof(*plan->actors));
	plan->actors[OTHER] = (struct tl_actor_spec){ .name = strdup("other") };
	plan->n_actors = N_ACTORS + 1;
}

static void send_other(const struct sent *sent, int from, int to)
{
	struct tl_event *ev;

	stage_send(&st, sent);
	ev = &st.trace.events[st.trace.n - 1];
	ev->segment.from = from;
	ev->segment.to = to;
	(sent->by == REPLICA ? &ev->segment.seg.from : &ev->segment.seg.to)->port = 53526;
}

static void another_connection(void)
{
	add_other();
	tapped_opening();
	send_other(&(struct sent){ S_FIN }, OTHER, MASTER);
	send_other(&(struct sent){ RST(MASTER, 501, 102) }, MASTER, OTHER);
	closing();
}

/* The FIN that came late is another connection's: this one's never came. */
Test(judge_segments, another_connections_fin_is_not_slow)
{
	CHECK(1, LIST(FROM(FIN, REPLICA), FROM(FIN_ACK, MASTER)));
	add_other();
	tapped_opening();
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	SEND(&st, S_ACK(MASTER, 501, 102), ENDS(CLOSE_WAIT, FIN_WAIT1));
	st.now_ns += 13 * 1000000;
	send_other(&(struct sent){ S_FIN_ACK }, MASTER, OTHER);
	end();
	stage_judge(&st);
	cr_assert_not(check()->slow, "%s", check()->text);
}

FINDS(of_actors_nobody_named, CHECK(1, LIST(CLOSING)),
      another_connection, SO, 1, CLOSED)
FINDS(of_all_who_are_named, CHECK(1, LIST(FROM(FIN, OTHER), FROM(RST, MASTER))),
      another_connection, SO, 1, "sent in phase 2: FIN from other, RST from master")

/* Where one is named alone, the other end is whoever. */
FINDS(of_one_alone, CHECK(1, LIST(FROM(FIN, OTHER))),
      another_connection, NOT_SO, 1, "sent in phase 2: FIN from other, RST from master")

/* A receiver makes the pair: the other connections of both do not matter. */
FINDS(to_whom,
      CHECK(1,
	    LIST(FROM_TO(FIN, REPLICA, MASTER), FROM_TO(FIN_ACK, MASTER, REPLICA),
		 FROM_TO(ACK_OF_FIN, REPLICA, MASTER))),
      another_connection, SO, 1, "sent in phase 2: FIN from replica to master, FIN+ACK from "
      "master to replica, ACK of FIN from replica to master")

Test(judge_segments, to_somebody_else)
{
	CHECK(1, LIST(FROM_TO(FIN, OTHER, MASTER), FROM_TO(RST, MASTER, REPLICA),
		      FROM_TO(FIN, REPLICA, MASTER), FROM_TO(FIN_ACK, MASTER, REPLICA),
		      FROM_TO(ACK_OF_FIN, REPLICA, MASTER)));
	another_connection();
	stage_judge(&st);
	cr_assert_eq(check()->fact, TL_FACT_NOT_SO, "%s", check()->text);
	cr_assert_str_eq(check()->text,
			 "sent in phase 2: FIN from other to master, RST from master to "
			 "other, FIN from replica to master, FIN+ACK from master to replica, "
			 "ACK of FIN from replica to master",
			 "%s", check()->text);
}

/* The sender was not known then, but its socket is. */
Test(judge_segments, an_owner_learnt_late)
{
	CHECK(1, LIST(CLOSING));
	whole_run();
	for (size_t i = 0; i < st.trace.n; i++) {
		struct tl_event *ev = &st.trace.events[i];

		if (ev->kind == TL_EVENT_SEGMENT)
			ev->segment.from = ev->segment.to = INT_MAX;
	}
	ASSERT_FACT(SO, 1, CLOSED);
}

Test(judge_segments, of_nobody_known)
{
	CHECK(1, LIST(FROM(RST, MASTER)));
	tapped_opening();
	SEND(&st, RST(REPLICA, 101, 501), 0);
	st.trace.events[st.trace.n - 1].segment.from = -1;
	end();
	ASSERT_FACT(NOT_SO, 1, "sent in phase 2: RST from 127.0.0.1:53525");
}

Test(judge_segments, a_long_list_is_cut)
{
	const char *tail;

	CHECK(1, LIST(CLOSING));
	tapped_opening();
	for (int i = 0; i < 20; i++)
		SEND(&st, RST(REPLICA, i, 501), 0);
	end();
	stage_judge(&st);
	tail = strrchr(check()->text, ',');
	cr_assert_str_eq(tail, ", and 8 more", "%s", check()->text);
}
