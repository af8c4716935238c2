/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What segments in flight show: of the lives of their ends, and of themselves. */
#include <criterion/criterion.h>
#include <string.h>

#include "tcplab/buf.h"
#include "one_phase.h"

TestSuite(judge_wire, .init = open_wired, .fini = close_stage);

/* No snapshot shows more than the beginning and the end. */
Test(judge_wire, the_walkthrough)
{
	LOOK(&st, LISTENER);
	stage_opening(&st);
	stage_closing(&st);
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
	judge();
	cr_assert_eq(st.verdict.n_lives, 3, "%zu lives", st.verdict.n_lives);
	ASSERT_LIFE(1, "(CLOSE) -1-> LISTEN");
	ASSERT_LIFE(2, "(CLOSE) -2-> SYN_SENT -8-> ESTABLISHED -12-> FIN_WAIT1 -N2-> "
		       "TIME_WAIT");
	ASSERT_LIFE(3, "(LISTEN) -4-> SYN_RECV -9-> ESTABLISHED -13-> (CLOSE_WAIT) -18-> "
		       "LAST_ACK -19-> (CLOSE)");
	cr_assert_eq(st.verdict.result, TL_RESULT_PASSED, "%s", st.verdict.reason);
	cr_assert(life(3)->owner == MASTER && life(3)->peer == REPLICA, "whose it is");
}

/* Each is taken where it stands in the trace, be it a snapshot or a segment. */
Test(judge_wire, snapshots_between_segments)
{
	LOOK(&st, LISTENER);
	stage_opening(&st);
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT1), SERVER(CLOSE_WAIT));
	SEND(&st, S_ACK(MASTER, 501, 102), ENDS(CLOSE_WAIT, FIN_WAIT1));
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT2), SERVER(CLOSE_WAIT));
	SEND(&st, S_FIN_ACK, ENDS(LAST_ACK, FIN_WAIT2));
	SEND(&st, S_ACK_OF_FIN, ENDS(TIME_WAIT, LAST_ACK));
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
	judge();
	ASSERT_LIFE(2, "(CLOSE) -2-> SYN_SENT -8-> ESTABLISHED -12-> FIN_WAIT1 -14-> FIN_WAIT2 "
		       "-16-> TIME_WAIT");
	ASSERT_LIFE(3,
		    "(LISTEN) -4-> SYN_RECV -9-> ESTABLISHED -13-> CLOSE_WAIT -18-> LAST_ACK "
		    "-19-> (CLOSE)");
}

/* An end may be found a moment before it is in the state that the segment announces. */
Test(judge_wire, a_state_just_before)
{
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	SEND(&st, S_FIN, ENDS(ESTABLISHED, ESTABLISHED));
	SEND(&st, S_FIN_ACK, ENDS(CLOSE_WAIT, FIN_WAIT1));
	SEND(&st, S_ACK_OF_FIN, ENDS(FIN_WAIT1, LAST_ACK));
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
	judge();
	ASSERT_LIFE(2, "(CLOSE) -?-> (SYN_SENT) -?-> ESTABLISHED -12-> FIN_WAIT1 -N2-> "
		       "TIME_WAIT");
	ASSERT_LIFE(3, "(LISTEN) -?-> (SYN_RECV) -?-> ESTABLISHED -13-> (CLOSE_WAIT) -18-> "
		       "LAST_ACK -19-> (CLOSE)");
}

/* The last ACK leaves before TIME_WAIT is entered; only then is FIN_WAIT2 no place to be. */
Test(judge_wire, a_state_in_passing)
{
	LOOK(&st, LISTENER);
	stage_opening(&st);
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	SEND(&st, S_FIN_ACK, ENDS(LAST_ACK, FIN_WAIT1));
	SEND(&st, S_ACK_OF_FIN, ENDS(FIN_WAIT2, LAST_ACK));
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
	judge();
	ASSERT_LIFE(2, "(CLOSE) -2-> SYN_SENT -8-> ESTABLISHED -12-> FIN_WAIT1 -N2-> "
		       "TIME_WAIT");
	ASSERT_LIFE(3, "(LISTEN) -4-> SYN_RECV -9-> ESTABLISHED -13-> (CLOSE_WAIT) -18-> "
		       "LAST_ACK -19-> (CLOSE)");
}

/* Half closed, the sender of this ACK may stay in FIN_WAIT2 for long. */
Test(judge_wire, a_state_to_stay_in)
{
	LOOK(&st, LISTENER);
	stage_opening(&st);
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	SEND(&st, S_ACK(MASTER, 501, 102), .len = 7);
	SEND(&st, S_ACK(REPLICA, 102, 508), ENDS(FIN_WAIT2, CLOSE_WAIT));
	judge();
	ASSERT_LIFE(2, "(CLOSE) -2-> SYN_SENT -8-> ESTABLISHED -12-> FIN_WAIT1 -14-> "
		       "FIN_WAIT2");
}

Test(judge_wire, an_outlaw_in_flight)
{
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
	SEND(&st, S_ACK_OF_SYN, .mine = TL_ESTABLISHED);
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
	judge();
	cr_assert_not(life(2)->legal, "%s", tell(2));
	cr_assert_str_eq(life(2)->reason,
			 "replica's socket 127.0.0.1:53525 -> 127.0.0.1:6379 was seen in "
			 "TIME_WAIT and then in ESTABLISHED, and RFC 9293 has no way from the "
			 "first to the second",
			 "%s", life(2)->reason);
	cr_assert_eq(st.verdict.result, TL_RESULT_FAILED, "the run fails");
}

/* Data back and forth: however often a state is seen, it is one hop. */
Test(judge_wire, the_same_again_adds_nothing)
{
	LOOK(&st, LISTENER);
	stage_opening(&st);
	for (int i = 0; i < 5000; i++) {
		SEND(&st, .by = REPLICA, .flags = TL_FLAG_ACK, .seq = 101 + i, .ack = 501,
		     .len = 1, ENDS(ESTABLISHED, ESTABLISHED));
		SEND(&st, .by = MASTER, .flags = TL_FLAG_ACK, .seq = 501, .ack = 102 + i,
		     ENDS(ESTABLISHED, ESTABLISHED));
	}
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	judge();
	ASSERT_LIFE(2, "(CLOSE) -2-> SYN_SENT -8-> ESTABLISHED");
	ASSERT_LIFE(3, "(LISTEN) -4-> SYN_RECV -9-> ESTABLISHED");
}

/* A socket that only segments saw was gone by the next snapshot, and not before. */
Test(judge_wire, between_two_snapshots)
{
	LOOK(&st, LISTENER);
	stage_opening(&st);
	stage_closing(&st);
	stage_phase(&st, NULL, 0);
	stage_enter(&st);
	stage_wait(&st, 60000);
	LOOK(&st, LISTENER);
	judge();
	ASSERT_LIFE(3, "(LISTEN) -4-> SYN_RECV -9-> ESTABLISHED -13-> (CLOSE_WAIT) -18-> "
		       "LAST_ACK -19-> (CLOSE)");
	cr_assert_eq(life(3)->hops[1].phase, 0, "where the segment was");
	cr_assert_eq(life(3)->hops[life(3)->n_hops - 1].phase, 1, "where the snapshot was");
}

/* A segment says nothing of sockets that are not its ends, nor of its own that it lacks. */
Test(judge_wire, absence_is_for_snapshots)
{
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	SEND(&st, S_FIN, 0);
	SEND(&st, S_FIN_ACK, .mine = TL_LAST_ACK);
	judge();
	ASSERT_LIFE(1, "(CLOSE) -1-> LISTEN");
	ASSERT_LIFE(2, "(CLOSE) -?-> (SYN_SENT) -?-> ESTABLISHED");
	ASSERT_LIFE(3, "(LISTEN) -?-> (SYN_RECV) -?-> ESTABLISHED -13-> (CLOSE_WAIT) -18-> "
		       "LAST_ACK");
}

Test(judge_wire, in_order_of_appearance)
{
	stage_opening(&st);
	judge();
	cr_assert_eq(st.verdict.n_lives, 3, "%zu lives", st.verdict.n_lives);
	cr_assert_eq(st.verdict.lives[0].cookie, 2, "the sender of the first segment");
	cr_assert_eq(st.verdict.lives[1].cookie, 1, "the listener it goes to");
	cr_assert_eq(st.verdict.lives[2].cookie, 3, "what came of it");
}

/* No snapshot has it, but the SYN has. */
Test(judge_wire, a_listener_known_from_a_segment)
{
	stage_look(&st, NULL, 0);
	stage_opening(&st);
	LOOK(&st, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	judge();
	ASSERT_LIFE(1, "(CLOSE) -1-> LISTEN -3-> (CLOSE)");
	ASSERT_LIFE(3, "(LISTEN) -4-> SYN_RECV -9-> ESTABLISHED");
}

Test(judge_wire, a_listener_known_from_the_snapshot_after)
{
	stage_look(&st, NULL, 0);
	SEND(&st, S_SYN, .mine = TL_SYN_SENT);
	SEND(&st, S_SYN_ACK, ENDS(SYN_RECV, SYN_SENT));
	SEND(&st, S_ACK_OF_SYN, ENDS(ESTABLISHED, SYN_RECV));
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	judge();
	ASSERT_LIFE(3, "(LISTEN) -4-> SYN_RECV -9-> ESTABLISHED");
}

/* No look near it has it: but what has sent no SYN of its own did not connect. */
Test(judge_wire, a_listener_of_long_ago)
{
	stage_look(&st, NULL, 0);
	SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN));
	LOOK(&st, CLIENT(SYN_SENT));
	SEND(&st, S_SYN_ACK, ENDS(SYN_RECV, SYN_SENT));
	judge();
	ASSERT_LIFE(3, "(LISTEN) -4-> SYN_RECV");
	stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_LOSSY, .lossy.n = 1 });
	judge();
	ASSERT_LIFE(3, "(CLOSE) -2-> (SYN_SENT) -7-> SYN_RECV");
}

/* Bound, but not listening before the connection was there. */
Test(judge_wire, a_listener_to_be)
{
	LOOK(&st, stage_row(1, MASTER, -1, 6379, 0, TL_CLOSE), SERVER(ESTABLISHED));
	LOOK(&st, LISTENER, SERVER(ESTABLISHED));
	judge();
	ASSERT_LIFE(1, "CLOSE -1-> LISTEN");
	ASSERT_LIFE(3, "(CLOSE) -?-> (SYN_SENT) -?-> ESTABLISHED");
}

/* Not refused: that somebody listened is known from the SYN alone. */
Test(judge_wire, given_up_with_the_listener_there)
{
	stage_look(&st, NULL, 0);
	SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN));
	stage_look(&st, NULL, 0);
	judge();
	ASSERT_LIFE(2, "(CLOSE) -2-> SYN_SENT -6-> (CLOSE)");
}

Test(judge_wire, an_owner_learnt_late)
{
	struct tl_event *ev;

	SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN));
	ev = &st.trace.events[st.trace.n - 1];
	ev->segment.ends[0].owner = ev->segment.ends[0].peer = -1;
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED));
	judge();
	cr_assert(life(2)->owner == REPLICA && life(2)->peer == MASTER, "whose it is");
}

/* The other end lives on, so that nothing but the RST tells. */
Test(judge_wire, reset_by_what_was_in_flight)
{
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT1), SERVER(ESTABLISHED));
	SEND(&st, S_RST(MASTER), ENDS(ESTABLISHED, FIN_WAIT1));
	LOOK(&st, LISTENER, SERVER(ESTABLISHED));
	judge();
	cr_assert_not_null(strstr(tell(2), "FIN_WAIT1 -R-FIN_WAIT1-> (CLOSE)"), "%s", tell(2));
}

Test(judge_wire, a_reset_that_was_lost)
{
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT1), SERVER(ESTABLISHED));
	SEND(&st, S_RST(MASTER), ENDS(ESTABLISHED, FIN_WAIT1), .fate = TL_FATE_HELD);
	stage_letgo(&st, 1, true);
	LOOK(&st, LISTENER, SERVER(ESTABLISHED));
	judge();
	cr_assert_not_null(strstr(tell(2), "FIN_WAIT1 -?-> (CLOSE)"), "%s", tell(2));
}

Test(judge_wire, a_reset_that_is_still_held)
{
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT1), SERVER(ESTABLISHED));
	SEND(&st, S_RST(MASTER), ENDS(ESTABLISHED, FIN_WAIT1), .fate = TL_FATE_HELD);
	LOOK(&st, LISTENER, SERVER(ESTABLISHED));
	judge();
	cr_assert_null(strstr(tell(2), "-R-"), "%s", tell(2));
}

/* An inexact RST is answered with an ACK, and changes nothing. */
Test(judge_wire, a_reset_that_was_survived)
{
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	SEND(&st, S_RST(MASTER), ENDS(ESTABLISHED, ESTABLISHED));
	stage_closing(&st);
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
	judge();
	ASSERT_LIFE(2, "(CLOSE) -?-> (SYN_SENT) -?-> ESTABLISHED -12-> FIN_WAIT1 -N2-> "
		       "TIME_WAIT");
}

/* Whoever sends a RST from an open connection is closed, even if it never arrives. */
Test(judge_wire, reset_by_itself)
{
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(CLOSE_WAIT));
	SEND(&st, S_RST(MASTER), .theirs = TL_ESTABLISHED, .fate = TL_FATE_HELD);
	stage_letgo(&st, 1, true);
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED));
	judge();
	cr_assert_not_null(strstr(tell(3), "CLOSE_WAIT -R-CLOSE_WAIT-> (CLOSE)"), "%s",
			   tell(3));
}

/* It was there when its RST had left, and so not closed by it. */
Test(judge_wire, not_reset_by_itself)
{
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT1), SERVER(ESTABLISHED));
	SEND(&st, S_RST(REPLICA), ENDS(FIN_WAIT1, ESTABLISHED));
	LOOK(&st, LISTENER, SERVER(ESTABLISHED));
	judge();
	cr_assert_not_null(strstr(tell(2), "FIN_WAIT1 -?-> (CLOSE)"), "%s", tell(2));
}

/* A RST to the same end from another, and one from when it was gone. */
Test(judge_wire, resets_of_others)
{
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(CLOSE_WAIT));
	SEND(&st, S_RST(MASTER), .theirs = TL_ESTABLISHED);
	st.trace.events[st.trace.n - 1].segment.seg.from.port = 6380;
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED));
	SEND(&st, S_RST(MASTER), .theirs = TL_ESTABLISHED);
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED));
	judge();
	cr_assert_not_null(strstr(tell(3), "CLOSE_WAIT -?-> (CLOSE)"), "%s",
			   tell(3));
}

/* Nothing had come that it could have answered: its program closed with bytes unread. */
Test(judge_wire, a_reset_from_last_ack)
{
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(LAST_ACK));
	SEND(&st, S_RST(MASTER), .theirs = TL_ESTABLISHED);
	LOOK(&st, LISTENER);
	judge();
	cr_assert_not_null(strstr(tell(3), "LAST_ACK -R-LAST_ACK-> (CLOSE)"), "%s", tell(3));
}

Test(judge_wire, time_wait_is_reset)
{
	LOOK(&st, LISTENER, stage_timed(CLIENT(TIME_WAIT), 60000));
	SEND(&st, S_RST(MASTER), .theirs = TL_TIME_WAIT);
	st.trace.events[st.trace.n - 1].segment.ends[1] =
		stage_timed(CLIENT(TIME_WAIT), 59000);
	LOOK(&st, LISTENER);
	judge();
	cr_assert_not_null(strstr(tell(2), "TIME_WAIT -R-TIME_WAIT-> (CLOSE)"), "%s", tell(2));
}

/* Its successor came and went between two snapshots. */
Test(judge_wire, time_wait_is_taken_over)
{
	struct tl_event *ev;

	LOOK(&st, LISTENER, stage_timed(CLIENT(TIME_WAIT), 60000));
	SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN));
	ev = &st.trace.events[st.trace.n - 1];
	ev->segment.ends[0].sock.cookie = 9;
	LOOK(&st, LISTENER);
	judge();
	cr_assert_not_null(strstr(tell(2), "TIME_WAIT -X1-> (CLOSE)"), "%s", tell(2));
}

/* Both ends are one socket. */
Test(judge_wire, a_self_connection)
{
	struct tl_row row = stage_row(4, MASTER, MASTER, 40000, 40000, TL_SYN_SENT);
	struct tl_event ev = { .kind = TL_EVENT_SEGMENT };

	ev.segment.seg.from = ev.segment.seg.to = row.sock.local;
	ev.segment.seg.flags = TL_FLAG_SYN;
	ev.segment.ends[0] = ev.segment.ends[1] = row;
	stage_emit(&st, ev);
	ev.segment.seg.flags |= TL_FLAG_ACK;
	ev.segment.seg.ack = 1;
	ev.segment.ends[0].sock.state = ev.segment.ends[1].sock.state = TL_SYN_RECV;
	stage_emit(&st, ev);
	ev.segment.seg.flags = TL_FLAG_ACK;
	ev.segment.ends[0].sock.state = ev.segment.ends[1].sock.state = TL_ESTABLISHED;
	stage_emit(&st, ev);
	judge();
	ASSERT_LIFE(4, "(CLOSE) -2-> SYN_SENT -7-> SYN_RECV -9-> ESTABLISHED");
}

/* The state that the life has where a socket was sighted for the @i-th time. */
static enum tl_state at(uint64_t cookie, size_t i)
{
	const struct tl_socket *socket = tl_film_socket(&st.film, st.trace.events, cookie);

	return life(cookie)->hops[st.verdict.hop_at[socket->from + i]].state;
}

/* Each sighting is a place in a life: of a sender, the one that what it sent speaks about. */
Test(judge_wire, a_sighting_is_a_place_in_a_life)
{
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	SEND(&st, S_FIN, ENDS(ESTABLISHED, ESTABLISHED));
	SEND(&st, S_ACK(MASTER, 501, 102), ENDS(CLOSE_WAIT, FIN_WAIT1));
	SEND(&st, S_FIN_ACK, ENDS(LAST_ACK, FIN_WAIT2));
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
	judge();
	cr_expect_eq(at(2, 0), TL_ESTABLISHED);
	cr_expect_eq(at(2, 1), TL_FIN_WAIT1, "a FIN, looked up a moment too early");
	cr_expect_eq(at(2, 2), TL_FIN_WAIT1);
	cr_expect_eq(at(2, 3), TL_FIN_WAIT2);
	cr_expect_eq(at(2, 4), TL_TIME_WAIT);
	cr_expect_eq(at(3, 1), TL_ESTABLISHED);
	cr_expect_eq(at(3, 3), TL_LAST_ACK);
}
