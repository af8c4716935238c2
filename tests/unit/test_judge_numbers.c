/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a segment brings by its numbers: what it acknowledges, its place, the window. */
#include "causes.h"

TestSuite(judge_numbers, .init = open_listening, .fini = close_stage);

/* What was sent so far has left room for a thousand bytes. */
static void narrow_windows(void)
{
	for (size_t i = 0; i < st.trace.n; i++)
		if (st.trace.events[i].kind == TL_EVENT_SEGMENT)
			st.trace.events[i].segment.seg.window = 1000;
}

/* An ACK of less than its SYN opens nothing, and a RST outside of the window ends nothing. */
Test(judge_numbers, an_ack_of_what_was_before)
{
	SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN));
	SEND(&st, S_SYN_ACK, ENDS(SYN_RECV, SYN_SENT));
	SEND(&st, S_ACK(REPLICA, 101, 500), ENDS(ESTABLISHED, SYN_RECV));
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	tell_life(SERVERS, "SYN_RECV -?-> ESTABLISHED", false);
}

Test(judge_numbers, a_reset_outside_of_the_window)
{
	static const struct {
		uint32_t seq;
		const char *end;
	} resets[] = { { 501, "ESTABLISHED -R-ESTABLISHED-> (CLOSE)" },
		       { 500, "ESTABLISHED -?-> (CLOSE)" },
		       { 501 + 2000, "ESTABLISHED -?-> (CLOSE)" } };

	for (size_t i = 0; i < COUNT(resets); i++) {
		reopen_stage(open_listening);
		handshake();
		narrow_windows();
		SEND(&st, .by = MASTER, .flags = TL_FLAG_RST, .seq = resets[i].seq,
		     .theirs = TL_ESTABLISHED);
		LOOK(&st, LISTENER, SERVER(ESTABLISHED));
		tell_life(CLIENTS, resets[i].end, i == 0);
	}
}

/* RFC 9293 3.10.7.4: what acknowledges more than was sent, or is behind the window, is dropped. */
Test(judge_numbers, an_ack_of_what_was_never_sent)
{
	static const struct {
		uint32_t seq, ack;
		bool opens;
	} acks[] = { { 101, 501, true }, { 101, 502, false }, { 101, 500, false }, { 100, 501, false } };

	for (size_t i = 0; i < COUNT(acks); i++) {
		reopen_stage(open_listening);
		stage_step(&st, TL_VERB_CONNECT, REPLICA, CLIENTS, NULL);
		SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN));
		SEND(&st, S_SYN_ACK, ENDS(SYN_RECV, SYN_SENT));
		SEND(&st, S_ACK(REPLICA, acks[i].seq, acks[i].ack), ENDS(ESTABLISHED, SYN_RECV));
		narrow_windows();
		LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
		tell_life(SERVERS, acks[i].opens ? "SYN_RECV -9-> ESTABLISHED" :
						   "SYN_RECV -?-> ESTABLISHED", acks[i].opens);
	}
}

/* A FIN counts when all that is in front of it has come: with it, or after it. */
Test(judge_numbers, a_fin_in_its_turn)
{
	static const struct {
		uint32_t fin;
		int data; /* 0: none, 1: before the FIN, 2: after it */
		bool closes;
	} fins[] = { { 101, 0, true }, { 100, 0, false }, { 102, 0, false }, { 106, 0, false },
		     { 106, 1, true }, { 106, 2, true }, { 107, 1, false }, { 107, 2, false } };

	for (size_t i = 0; i < COUNT(fins); i++) {
		reopen_stage(open_listening);
		handshake();
		for (int k = 0; k < 3; k++) {
			if (k == 1)
				SEND(&st, S_FIN_OF(REPLICA, fins[i].fin, 501), ENDS(FIN_WAIT1, ESTABLISHED));
			else if (k == 2 * (fins[i].data - 1))
				SEND(&st, S_ACK(REPLICA, 101, 501), .len = 5, .theirs = TL_ESTABLISHED);
		}
		LOOK(&st, LISTENER, CLIENT(FIN_WAIT1), SERVER(CLOSE_WAIT));
		tell_life(SERVERS, fins[i].closes ? "ESTABLISHED -13-> CLOSE_WAIT" :
						    "ESTABLISHED -?-> CLOSE_WAIT", fins[i].closes);
	}
}

/* What overtakes the SYN+ACK is dropped: its FIN has come only when it comes again. */
Test(judge_numbers, a_fin_ahead_of_the_syn_ack)
{
	for (int again = 0; again < 2; again++) {
		reopen_stage(open_listening);
		stage_step(&st, TL_VERB_CONNECT, REPLICA, CLIENTS, NULL);
		SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN));
		SEND(&st, S_FIN_OF(MASTER, 501, 101), ENDS(FIN_WAIT1, SYN_SENT));
		SEND(&st, S_SYN_ACK, ENDS(FIN_WAIT1, SYN_SENT));
		SEND(&st, S_ACK_OF_SYN, ENDS(ESTABLISHED, FIN_WAIT1));
		LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(FIN_WAIT1));
		if (again)
			SEND(&st, S_FIN_OF(MASTER, 501, 101), ENDS(FIN_WAIT1, ESTABLISHED));
		LOOK(&st, LISTENER, CLIENT(CLOSE_WAIT), SERVER(FIN_WAIT1));
		tell_life(CLIENTS, again ? "ESTABLISHED -13-> CLOSE_WAIT" :
					   "ESTABLISHED -?-> CLOSE_WAIT", again);
	}
}

/* RFC 5961: a RST ahead of what has come is challenged, and ends nothing. */
Test(judge_numbers, a_reset_ahead_of_what_has_come)
{
	for (int ahead = 0; ahead < 2; ahead++) {
		reopen_stage(open_listening);
		handshake();
		narrow_windows();
		SEND(&st, S_ACK(MASTER, 501, 101), .len = 5, ENDS(ESTABLISHED, ESTABLISHED));
		SEND(&st, .by = MASTER, .flags = TL_FLAG_RST, .seq = (uint32_t)(506 + ahead),
		     .theirs = TL_ESTABLISHED);
		LOOK(&st, LISTENER, SERVER(ESTABLISHED));
		tell_life(CLIENTS, ahead ? "ESTABLISHED -?-> (CLOSE)" :
					   "ESTABLISHED -R-ESTABLISHED-> (CLOSE)", !ahead);
	}
}

/* A request with data is repeated without them: the first one's may be acknowledged still. */
Test(judge_numbers, data_of_a_repeated_syn)
{
	for (uint32_t ack = 110; ack <= 111; ack++) {
		reopen_stage(open_listening);
		stage_step(&st, TL_VERB_CONNECT, REPLICA, CLIENTS, NULL);
		SEND(&st, S_SYN, .len = 9, ENDS(SYN_SENT, LISTEN));
		SEND(&st, S_SYN, .mine = TL_SYN_SENT);
		SEND(&st, .by = MASTER, .flags = TL_FLAG_SYN | TL_FLAG_ACK, .seq = 500, .ack = ack,
		     ENDS(SYN_RECV, SYN_SENT));
		LOOK(&st, LISTENER, CLIENT(ESTABLISHED));
		tell_life(CLIENTS, ack == 110 ? "SYN_SENT -8-> ESTABLISHED" :
						"SYN_SENT -?-> ESTABLISHED", ack == 110);
	}
}

/* tcp_reset_check() of Linux: behind its FIN the other end's RST may have the FIN's number. */
Test(judge_numbers, a_reset_with_the_number_of_the_fin)
{
	for (uint32_t seq = 500; seq <= 501; seq++) {
		reopen_stage(open_listening);
		handshake();
		stage_step(&st, TL_VERB_CLOSE, REPLICA, CLIENTS, NULL);
		SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED), .fate = TL_FATE_HELD);
		SEND(&st, S_FIN_OF(MASTER, 501, 101), ENDS(FIN_WAIT1, FIN_WAIT1));
		SEND(&st, S_ACK_OF_FIN, .mine = TL_CLOSING);
		narrow_windows();
		LOOK(&st, LISTENER, CLIENT(CLOSING));
		stage_letgo(&st, 4, false);
		SEND(&st, .by = MASTER, .flags = TL_FLAG_RST, .seq = seq, .theirs = TL_CLOSING);
		LOOK(&st, LISTENER);
		tell_life(CLIENTS, seq == 501 ? "CLOSING -R-CLOSING-> (CLOSE)" :
						"CLOSING -?-> (CLOSE)", seq == 501);
	}
}
