/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Was each socket's sequence of states a path through RFC 9293's diagram? */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "one_phase.h"
#include "tcplab/buf.h"
#include "tcplab/state.h"

TestSuite(judge_lives, .init = open_stage, .fini = close_stage);

#define ASSERT_OUTLAW(cookie, want, why)                                                     \
	do {                                                                                 \
		cr_assert_str_eq(tell(cookie), want, "%s", tell(cookie));                    \
		cr_assert_not(life(cookie)->legal, "legal");                                 \
		cr_assert_str_eq(life(cookie)->reason, why, "%s", life(cookie)->reason);     \
		cr_assert_eq(st.verdict.result, TL_RESULT_FAILED, "the run fails");          \
		cr_assert_str_eq(st.verdict.reason, why, "%s", st.verdict.reason);           \
	} while (0)

Test(judge_lives, the_walkthrough)
{
	LOOK(&st, LISTENER);
	LOOK(&st, LISTENER, SERVER(ESTABLISHED), CLIENT(ESTABLISHED));
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
	judge();
	cr_assert_eq(st.verdict.n_lives, 3, "%zu lives", st.verdict.n_lives);
	ASSERT_LIFE(1, "(CLOSE) -1-> LISTEN");
	ASSERT_LIFE(2, "(CLOSE) -2-> (SYN_SENT) -8-> ESTABLISHED -12-> (FIN_WAIT1) -?-> "
		       "TIME_WAIT");
	ASSERT_LIFE(3, "(LISTEN) -4-> (SYN_RECV) -9-> ESTABLISHED -13-> (CLOSE_WAIT) -18-> "
		       "(LAST_ACK) -19-> (CLOSE)");
	cr_assert_eq(st.verdict.result, TL_RESULT_PASSED, "%s", st.verdict.reason);
	cr_assert(life(3)->owner == MASTER && life(3)->peer == REPLICA, "whose it is");
	cr_assert(life(3)->local.port == 6379 && life(3)->remote.port == 53525, "its ends");
}

Test(judge_lives, in_order_of_appearance)
{
	LOOK(&st, CLIENT(SYN_SENT));
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(SYN_RECV));
	judge();
	cr_assert_eq(st.verdict.lives[0].cookie, 2, "the first seen");
	cr_assert_eq(st.verdict.lives[1].cookie, 1, "then as the table has them");
	cr_assert_eq(st.verdict.lives[2].cookie, 3, "then as the table has them");
}

Test(judge_lives, every_state_seen)
{
	LOOK(&st, LISTENER, CLIENT(SYN_SENT));
	LOOK(&st, LISTENER, CLIENT(SYN_SENT), SERVER(SYN_RECV));
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(SYN_RECV));
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT1), SERVER(ESTABLISHED));
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT2), SERVER(CLOSE_WAIT));
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT2), SERVER(LAST_ACK));
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT), SERVER(LAST_ACK));
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
	judge();
	ASSERT_LIFE(2, "(CLOSE) -2-> SYN_SENT -8-> ESTABLISHED -12-> FIN_WAIT1 -14-> FIN_WAIT2 "
		       "-16-> TIME_WAIT");
	ASSERT_LIFE(3,
		    "(LISTEN) -4-> SYN_RECV -9-> ESTABLISHED -13-> CLOSE_WAIT -18-> LAST_ACK "
		    "-19-> (CLOSE)");
}

Test(judge_lives, phases_of_hops)
{
	const struct tl_hop *hops;

	LOOK(&st, LISTENER, CLIENT(ESTABLISHED));
	stage_phase(&st, NULL, 0);
	ENTER(&st, LISTENER, CLIENT(ESTABLISHED));
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
	judge();
	hops = life(2)->hops;
	cr_assert_eq(life(2)->n_hops, 5, "%zu hops", life(2)->n_hops);
	cr_assert_eq(hops[2].phase, 0, "ESTABLISHED was first seen in the first phase");
	cr_assert_eq(hops[3].phase, 1, "FIN_WAIT1 must have been by the second");
	cr_assert_eq(hops[4].phase, 1, "where TIME_WAIT was seen");
}

Test(judge_lives, simultaneous_open_and_close)
{
	struct tl_row a = stage_row(7, MASTER, REPLICA, 40001, 40002, TL_SYN_SENT);
	struct tl_row b = stage_row(8, REPLICA, MASTER, 40002, 40001, TL_SYN_SENT);
	static const enum tl_state states[] = { TL_SYN_SENT, TL_SYN_RECV, TL_ESTABLISHED,
						TL_FIN_WAIT1, TL_CLOSING, TL_TIME_WAIT };

	for (size_t i = 0; i < COUNT(states); i++) {
		a.sock.state = b.sock.state = states[i];
		LOOK(&st, a, b);
	}
	judge();
	ASSERT_LIFE(7, "(CLOSE) -2-> SYN_SENT -7-> SYN_RECV -9-> ESTABLISHED -12-> FIN_WAIT1 "
		       "-15-> CLOSING -17-> TIME_WAIT");
	ASSERT_LIFE(8, "(CLOSE) -2-> SYN_SENT -7-> SYN_RECV -9-> ESTABLISHED -12-> FIN_WAIT1 "
		       "-15-> CLOSING -17-> TIME_WAIT");
}

Test(judge_lives, the_listener_may_be_gone_meanwhile)
{
	LOOK(&st, LISTENER);
	LOOK(&st, SERVER(TIME_WAIT));
	judge();
	ASSERT_LIFE(1, "(CLOSE) -1-> LISTEN -3-> (CLOSE)");
	ASSERT_LIFE(3, "(LISTEN) -4-> (SYN_RECV) -9-> (ESTABLISHED) -12-> (FIN_WAIT1) -?-> "
		       "TIME_WAIT");
}

Test(judge_lives, a_bound_socket)
{
	LOOK(&st, CLIENT(CLOSE));
	LOOK(&st, CLIENT(SYN_SENT));
	LOOK(&st, CLIENT(CLOSE));
	judge();
	ASSERT_LIFE(2, "CLOSE -2-> SYN_SENT -6-> CLOSE");
}

Test(judge_lives, a_gap_is_no_end)
{
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED));
	LOOK(&st, LISTENER);
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
	judge();
	ASSERT_LIFE(2, "(CLOSE) -2-> (SYN_SENT) -8-> ESTABLISHED -12-> (FIN_WAIT1) -?-> "
		       "TIME_WAIT");
}

/* A life that begins with @first and is gone in the next look, which has only @other. */
static void vanish(struct tl_row first, unsigned ms, struct tl_row other)
{
	LOOK(&st, first);
	stage_wait(&st, ms);
	LOOK(&st, other);
	judge();
}

/* A listener somewhere else, for a table that must not be empty. */
#define NOBODY stage_row(99, -1, -1, 4000, 0, TL_LISTEN)

Test(judge_lives, time_wait_passes)
{
	LOOK(&st, stage_timed(CLIENT(TIME_WAIT), 60000));
	stage_wait(&st, 60000);
	LOOK(&st, NOBODY);
	judge();
	ASSERT_LIFE(2, "(CLOSE) -2-> (SYN_SENT) -8-> (ESTABLISHED) -12-> (FIN_WAIT1) -?-> "
		       "TIME_WAIT -20-> (CLOSE)");
}

/* Removed, or reset: no one has seen it. */
Test(judge_lives, time_wait_is_gone_too_soon)
{
	vanish(stage_timed(CLIENT(TIME_WAIT), 60000), 30000, NOBODY);
	cr_assert_not_null(strstr(tell(2), "TIME_WAIT -?-> (CLOSE)"), "%s", tell(2));
}

Test(judge_lives, time_wait_is_taken_over)
{
	struct tl_row next = stage_row(9, REPLICA, MASTER, 53525, 6379, TL_ESTABLISHED);

	vanish(stage_timed(CLIENT(TIME_WAIT), 60000), 2000, next);
	cr_assert_not_null(strstr(tell(2), "TIME_WAIT -X1-> (CLOSE)"), "%s", tell(2));
	ASSERT_LIFE(9, "(CLOSE) -2-> (SYN_SENT) -8-> ESTABLISHED");
}

/* That there was another connection of these two ends before takes nothing over. */
Test(judge_lives, time_wait_has_a_predecessor)
{
	LOOK(&st, stage_row(9, REPLICA, MASTER, 53525, 6379, TL_ESTABLISHED));
	vanish(stage_timed(CLIENT(TIME_WAIT), 60000), 30000, NOBODY);
	cr_assert_not_null(strstr(tell(2), "TIME_WAIT -?-> (CLOSE)"), "%s", tell(2));
}

/* By a table that lacks it: whose other end is in TIME_WAIT has sent its FIN, and had the other's. */
Test(judge_lives, closed_second_and_gone)
{
	vanish(SERVER(CLOSE_WAIT), 10, CLIENT(TIME_WAIT));
	cr_assert_not_null(strstr(tell(3), "CLOSE_WAIT -18-> (LAST_ACK) -19-> (CLOSE)"), "%s",
			   tell(3));
}

/* A reset, a timeout or the last ACK: where nobody saw the wire no table tells them apart. */
Test(judge_lives, how_it_ended_is_not_known)
{
	const struct {
		struct tl_row first;
		unsigned ms;
		struct tl_row other;
	} ends[] = {
		{ CLIENT(SYN_SENT), 1, NOBODY },
		{ CLIENT(SYN_SENT), 1, LISTENER },
		{ SERVER(SYN_RECV), 5000, CLIENT(ESTABLISHED) },
		{ SERVER(ESTABLISHED), 10, NOBODY },
		{ CLIENT(ESTABLISHED), 1, SERVER(ESTABLISHED) },
		{ CLIENT(ESTABLISHED), 2000, SERVER(CLOSE_WAIT) },
		{ CLIENT(FIN_WAIT1), 120000, NOBODY },
		{ CLIENT(FIN_WAIT2), 2000, SERVER(CLOSE_WAIT) },
		{ CLIENT(FIN_WAIT2), 61000, NOBODY },
		{ SERVER(CLOSE_WAIT), 10, CLIENT(FIN_WAIT2) },
		{ SERVER(LAST_ACK), 10, NOBODY },
		{ CLIENT(CLOSING), 10, SERVER(TIME_WAIT) },
	};

	for (size_t i = 0; i < COUNT(ends); i++) {
		char want[32];

		reopen_stage(open_stage);
		snprintf(want, sizeof(want), "%s -?-> (CLOSE)",
			 tl_state_name(ends[i].first.sock.state));
		vanish(ends[i].first, ends[i].ms, ends[i].other);
		cr_expect_not_null(strstr(tell(ends[i].first.sock.cookie), want), "%zu: %s", i,
				   tell(ends[i].first.sock.cookie));
	}
}

/* Whoever sends a SYN is the active opener, even from a port that is listened on. */
Test(judge_lives, from_a_listening_port)
{
	struct tl_row row = stage_row(2, MASTER, REPLICA, 6379, 6389, TL_SYN_SENT);

	LOOK(&st, LISTENER, row);
	judge();
	ASSERT_LIFE(2, "(CLOSE) -2-> SYN_SENT");
}

Test(judge_lives, back_from_the_dead)
{
	LOOK(&st, CLIENT(TIME_WAIT));
	LOOK(&st, CLIENT(ESTABLISHED));
	judge();
	ASSERT_OUTLAW(
		2,
		"(CLOSE) -2-> (SYN_SENT) -8-> (ESTABLISHED) -12-> (FIN_WAIT1) -?-> "
		"TIME_WAIT -?-> ESTABLISHED",
		"replica's socket 127.0.0.1:53525 -> 127.0.0.1:6379 was seen in TIME_WAIT "
		"and then in ESTABLISHED, and RFC 9293 has no way from the first to the second");
}

Test(judge_lives, a_listener_that_moves)
{
	struct tl_row moved = LISTENER;

	moved.sock.state = TL_ESTABLISHED;
	LOOK(&st, LISTENER);
	LOOK(&st, moved);
	judge();
	ASSERT_OUTLAW(
		1, "(CLOSE) -1-> LISTEN -?-> ESTABLISHED",
		"master's socket 0.0.0.0:6379 -> 0.0.0.0:* was seen in LISTEN and then in "
		"ESTABLISHED, and a listener's own socket leaves LISTEN only for CLOSED");
}

/* The tables have the client's port alone: that they lack the listener says nothing of it. */
Test(judge_lives, a_listener_on_a_port_that_is_not_watched_does_not_end)
{
	st.plan->watch = calloc(1, sizeof(*st.plan->watch));
	st.plan->watch[0] = 53525;
	st.plan->n_watch = 1;
	stage_opening(&st);
	LOOK(&st, SERVER(ESTABLISHED), CLIENT(ESTABLISHED));
	judge();
	ASSERT_LIFE(1, "(CLOSE) -1-> LISTEN");
	ASSERT_LIFE(2, "(CLOSE) -2-> SYN_SENT -8-> ESTABLISHED");
}

Test(judge_lives, active_and_passive_closer)
{
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT2));
	LOOK(&st, LISTENER, CLIENT(CLOSE_WAIT));
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT2));
	judge();
	ASSERT_OUTLAW(
		2,
		"(CLOSE) -2-> (SYN_SENT) -8-> (ESTABLISHED) -12-> (FIN_WAIT1) -14-> "
		"FIN_WAIT2 -?-> CLOSE_WAIT -?-> FIN_WAIT2",
		"replica's socket 127.0.0.1:53525 -> 127.0.0.1:6379 was seen in FIN_WAIT2 "
		"and then in CLOSE_WAIT, and RFC 9293 has no way from the first to the second");
}

/* What is known of the owner at any time is known of the whole life. */
Test(judge_lives, an_owner_learnt_late)
{
	struct tl_row row = CLIENT(SYN_SENT);

	row.owner = row.peer = -1;
	LOOK(&st, row);
	LOOK(&st, CLIENT(ESTABLISHED));
	row.sock.state = TL_TIME_WAIT;
	row.owner = 1000;
	LOOK(&st, row);
	judge();
	cr_assert(life(2)->owner == REPLICA && life(2)->peer == MASTER, "whose it is");
}

/* The other port is somebody else's later; and who has it open counts before who listened. */
Test(judge_lives, keeps_its_names)
{
	struct tl_row first = CLIENT(ESTABLISHED), then = CLIENT(CLOSE_WAIT);
	struct tl_row heard = SERVER(ESTABLISHED), held = SERVER(ESTABLISHED);

	then.peer = REPLICA;
	heard.by = TL_KNOWN_BY_LISTENER;
	held.owner = REPLICA;
	held.by = TL_KNOWN_BY_INODE;
	LOOK(&st, first, heard);
	LOOK(&st, then, held);
	judge();
	cr_assert_eq(stage_life(&st, 2)->peer, MASTER, "as it was");
	cr_assert_eq(stage_life(&st, 3)->owner, REPLICA, "whose descriptor it is");
}
