/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Causes by evidence: what a life is told to have come through, by a trace that shows it. */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>

#include "causes.h"

TestSuite(judge_causes, .init = open_listening, .fini = close_stage);

static void set(const char *name, const char *value)
{
	st.plan->sysctls = calloc(1, sizeof(*st.plan->sysctls));
	st.plan->n_sysctls = 1;
	st.plan->sysctls[0] =
		(struct tl_setting){ .name = strdup(name), .value = strdup(value) };
}

static const struct tl_hop *last_hop(uint64_t cookie)
{
	const struct tl_life *life = stage_life(&st, cookie);

	return &life->hops[life->n_hops - 1];
}

/* Of the last life, which has its cookie from one before it. */
static void tell_second(const char *want)
{
	const struct tl_life *life = &st.verdict.lives[st.verdict.n_lives - 1];
	struct stage one = st;
	const char *told;

	one.verdict.lives = (struct tl_life *)life;
	one.verdict.n_lives = 1;
	told = stage_tell(&one, life->cookie);
	cr_expect_str_eq(told, want, "%s, not %s", told, want);
	st.told = one.told;
	cr_expect(life->legal, "%s", life->reason);
}

Test(judge_causes, each_hop_knows_its_events)
{
	const struct tl_life *life;

	handshake();
	tell_life(CLIENTS, "(CLOSE) -2-> SYN_SENT -8-> ESTABLISHED", true);
	life = stage_life(&st, CLIENTS);
	cr_assert_eq(life->hops[1].cause->segment.id, 1, "its SYN says that it connects");
	cr_assert_eq(life->hops[1].first->segment.id, 1, "the SYN shows SYN_SENT first");
	cr_assert_eq(life->hops[1].last->segment.id, 2, "the SYN+ACK last");
	cr_assert_eq(life->hops[2].cause->segment.id, 2, "and brings ESTABLISHED");
	cr_assert_eq(life->hops[2].first->segment.id, 3, "which its answer shows");
	cr_assert_eq(life->hops[2].last->kind, TL_EVENT_SNAPSHOT, "and the table");
	cr_assert(tl_life_proves(life, 2), "the trace proves it");
}

/* Every FIN of a close taken out: nothing explains what is left. */
/* The first SYN was dropped, for the accept queue was full: the listener has taken the second. */
Test(judge_causes, a_request_comes_of_the_syn_that_was_answered)
{
	const struct tl_life *life;
	int taken;

	stage_step(&st, TL_VERB_CONNECT, REPLICA, CLIENTS, NULL);
	SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN));
	LOOK(&st, LISTENER, CLIENT(SYN_SENT));
	taken = SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN));
	SEND(&st, S_SYN_ACK, ENDS(SYN_RECV, SYN_SENT));
	SEND(&st, S_SYN, ENDS(SYN_SENT, SYN_RECV));
	SEND(&st, S_ACK_OF_SYN, ENDS(ESTABLISHED, SYN_RECV));
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	tell_life(SERVERS, "SYN_RECV", true);
	life = stage_life(&st, SERVERS);
	cr_assert_eq(life->hops[1].state, TL_SYN_RECV);
	cr_assert_eq(life->hops[1].cause->segment.id, taken);
}

Test(judge_causes, a_close_without_a_fin)
{
	handshake();
	stage_step(&st, TL_VERB_CLOSE, REPLICA, CLIENTS, NULL);
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT1), SERVER(ESTABLISHED));
	SEND(&st, S_ACK(MASTER, 501, 102), ENDS(CLOSE_WAIT, FIN_WAIT1));
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT2), SERVER(CLOSE_WAIT));
	tell_life(SERVERS, "ESTABLISHED -?-> CLOSE_WAIT", false);
	cr_expect_not_null(strstr(stage_life(&st, SERVERS)->reason, "explains it"), "%s",
			   stage_life(&st, SERVERS)->reason);
}

/* Nor with every segment taken out, though the states alone would be a path. */
Test(judge_causes, a_close_without_a_segment)
{
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	stage_step(&st, TL_VERB_CLOSE, REPLICA, CLIENTS, NULL);
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT2), SERVER(CLOSE_WAIT));
	tell_life(CLIENTS, "ESTABLISHED -?-> FIN_WAIT2", false);
}

/* A SYN+ACK that no SYN has asked for. */
Test(judge_causes, a_request_without_a_syn)
{
	stage_step(&st, TL_VERB_CONNECT, REPLICA, CLIENTS, NULL);
	SEND(&st, S_SYN_ACK, ENDS(SYN_RECV, SYN_SENT));
	SEND(&st, S_ACK_OF_SYN, ENDS(ESTABLISHED, SYN_RECV));
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	tell_life(SERVERS, "(LISTEN) -?-> SYN_RECV", false);
}

/* What a socket has sent says where it cannot be any more, whatever a table shows. */
Test(judge_causes, a_table_that_cannot_be)
{
	static const struct {
		enum tl_state client, server;
		const char *why;
	} looks[] = { { TL_FIN_WAIT2, TL_CLOSE_WAIT, NULL },
		      { TL_ESTABLISHED, TL_CLOSE_WAIT, "it had sent its FIN before" },
		      { TL_FIN_WAIT2, TL_ESTABLISHED, "acknowledged the other end's FIN before" } };

	for (size_t i = 0; i < COUNT(looks); i++) {
		const struct tl_life *life;

		reopen_stage(open_listening);
		handshake();
		SEND(&st, S_FIN, ENDS(ESTABLISHED, ESTABLISHED));
		SEND(&st, S_ACK(MASTER, 501, 102), ENDS(ESTABLISHED, ESTABLISHED));
		LOOK(&st, LISTENER, stage_row(CLIENTS, REPLICA, MASTER, 53525, 6379, looks[i].client),
		     stage_row(SERVERS, MASTER, REPLICA, 6379, 53525, looks[i].server));
		stage_finish(&st, TL_END_COMPLETE);
		life = stage_life(&st, looks[i].client == TL_ESTABLISHED ? CLIENTS : SERVERS);
		cr_expect_eq(life->legal, !looks[i].why, "%s", life->reason);
		cr_expect(!looks[i].why || (life->reason && strstr(life->reason, looks[i].why)), "%s",
			  life->reason);
	}
}

/* A SYN that an old connection got, and challenged, makes no request: the next one does. */
Test(judge_causes, the_syn_that_found_the_listener)
{
	const struct tl_life *life;
	size_t second;

	SEND(&st, S_SYN, ENDS(SYN_SENT, ESTABLISHED));
	st.trace.events[st.trace.n - 1].segment.ends[1].sock.cookie = 77;
	SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN));
	second = st.trace.n - 1;
	SEND(&st, S_SYN_ACK, ENDS(SYN_RECV, SYN_SENT));
	SEND(&st, S_ACK_OF_SYN, ENDS(ESTABLISHED, SYN_RECV));
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	tell_life(SERVERS, "(LISTEN) -4-> SYN_RECV -9-> ESTABLISHED", true);
	life = stage_life(&st, SERVERS);
	cr_expect_eq(life->hops[1].cause, &st.trace.events[second]);
}

/* The ACK of a cookie is lost, and the data behind it says the same. Without one nothing does. */
Test(judge_causes, data_that_bring_a_cookie_back)
{
	set("net.ipv4.tcp_syncookies", "2");
	SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN));
	SEND(&st, S_SYN_ACK, ENDS(LISTEN, SYN_SENT));
	SEND(&st, S_ACK_OF_SYN, .len = 5, ENDS(ESTABLISHED, LISTEN));
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	tell_life(SERVERS, "(LISTEN) -X8-> ESTABLISHED", true);
}

Test(judge_causes, no_cookie_was_sent)
{
	set("net.ipv4.tcp_syncookies", "0");
	SEND(&st, S_ACK_OF_SYN, ENDS(ESTABLISHED, LISTEN));
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	tell_life(SERVERS, "(LISTEN) -?-> ESTABLISHED", false);
}

Test(judge_causes, aborted_in_last_ack)
{
	handshake();
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	stage_step(&st, TL_VERB_SHUTDOWN, MASTER, SERVERS, NULL)->call.how = 1;
	SEND(&st, S_FIN_ACK, ENDS(LAST_ACK, FIN_WAIT1), .fate = TL_FATE_HELD);
	stage_step(&st, TL_VERB_ABORT, MASTER, SERVERS, NULL);
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT1));
	tell_life(SERVERS, "LAST_ACK -A-LAST_ACK-> (CLOSE)", true);
}

/* Not by its own FIN's acknowledgment, which is on its way still. */
Test(judge_causes, closed_with_bytes_unread_in_last_ack)
{
	handshake();
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	stage_step(&st, TL_VERB_SHUTDOWN, MASTER, SERVERS, NULL)->call.how = 1;
	SEND(&st, S_FIN_ACK, ENDS(LAST_ACK, FIN_WAIT1), .fate = TL_FATE_HELD);
	stage_step(&st, TL_VERB_CLOSE, MASTER, SERVERS, NULL);
	SEND(&st, S_RST(MASTER), .theirs = TL_FIN_WAIT1, .fate = TL_FATE_HELD);
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT1));
	tell_life(SERVERS, "LAST_ACK -R-LAST_ACK-> (CLOSE)", true);
}

/* close() with bytes unread: a RST and no FIN, and so no LAST_ACK in between. */
Test(judge_causes, closed_with_bytes_unread_in_close_wait)
{
	handshake();
	stage_step(&st, TL_VERB_CLOSE, REPLICA, CLIENTS, NULL);
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	SEND(&st, S_ACK(MASTER, 501, 102), ENDS(CLOSE_WAIT, FIN_WAIT1));
	stage_step(&st, TL_VERB_CLOSE, MASTER, SERVERS, NULL);
	SEND(&st, S_RST(MASTER), .theirs = TL_FIN_WAIT2);
	LOOK(&st, LISTENER);
	tell_life(SERVERS, "CLOSE_WAIT -R-CLOSE_WAIT-> (CLOSE)", true);
}

/* Data came a moment ago: not tcp_fin_timeout. */
Test(judge_causes, data_for_an_orphan)
{
	handshake();
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	SEND(&st, S_ACK(MASTER, 501, 102), ENDS(CLOSE_WAIT, FIN_WAIT1));
	LOOK(&st, LISTENER, stage_timed(CLIENT(FIN_WAIT2), 60000), SERVER(CLOSE_WAIT));
	SEND(&st, S_ACK(MASTER, 501, 102), .len = 7, ENDS(CLOSE_WAIT, FIN_WAIT2));
	SEND(&st, S_RST(REPLICA), .theirs = TL_CLOSE_WAIT);
	LOOK(&st, LISTENER);
	tell_life(CLIENTS, "FIN_WAIT2 -R-FIN_WAIT2-> (CLOSE)", true);
	cr_expect_eq(last_hop(CLIENTS)->cause->segment.id, 7, "its RST says so");
}

Test(judge_causes, an_orphan_times_out)
{
	handshake();
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	SEND(&st, S_ACK(MASTER, 501, 102), ENDS(CLOSE_WAIT, FIN_WAIT1));
	LOOK(&st, LISTENER, stage_timed(CLIENT(FIN_WAIT2), 2000), SERVER(CLOSE_WAIT));
	stage_wait(&st, 2000);
	LOOK(&st, LISTENER, SERVER(CLOSE_WAIT));
	tell_life(CLIENTS, "FIN_WAIT2 -X2-> (CLOSE)", true);
}

/* Half of its time had passed, and nothing came: nobody knows. */
Test(judge_causes, an_orphan_is_gone_too_soon)
{
	handshake();
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	SEND(&st, S_ACK(MASTER, 501, 102), ENDS(CLOSE_WAIT, FIN_WAIT1));
	LOOK(&st, LISTENER, stage_timed(CLIENT(FIN_WAIT2), 2000), SERVER(CLOSE_WAIT));
	stage_wait(&st, 1000);
	LOOK(&st, LISTENER, SERVER(CLOSE_WAIT));
	tell_life(CLIENTS, "FIN_WAIT2 -?-> (CLOSE)", false);
	cr_expect_not(tl_life_proves(stage_life(&st, CLIENTS),
				     stage_life(&st, CLIENTS)->n_hops - 1),
		      "what is not known is not proved");
}

/* tcp_fin_timeout is for a socket that no program holds: one that is held stays in FIN_WAIT2. */
Test(judge_causes, half_closed_is_no_orphan)
{
	for (int closed = 0; closed < 2; closed++) {
		struct tl_row client = CLIENT(FIN_WAIT2);

		reopen_stage(open_listening);
		handshake();
		stage_step(&st, TL_VERB_SHUTDOWN, REPLICA, CLIENTS, NULL)->call.how = SHUT_WR;
		SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
		SEND(&st, S_ACK(MASTER, 501, 102), ENDS(CLOSE_WAIT, FIN_WAIT1));
		client.sock.inode = 7;
		LOOK(&st, LISTENER, client, SERVER(CLOSE_WAIT));
		if (closed)
			stage_step(&st, TL_VERB_CLOSE, REPLICA, CLIENTS, NULL);
		stage_wait(&st, 61000);
		LOOK(&st, LISTENER, SERVER(CLOSE_WAIT));
		tell_life(CLIENTS, closed ? "FIN_WAIT2 -X2-> (CLOSE)" : "FIN_WAIT2 -?-> (CLOSE)",
			  closed);
	}
}

/* With no room for a row the close of a half-closed socket is its end, not the FIN after it. */
Test(judge_causes, half_closed_and_no_room)
{
	struct tl_row client = CLIENT(FIN_WAIT2);

	set("net.ipv4.tcp_max_tw_buckets", "0");
	handshake();
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	SEND(&st, S_ACK(MASTER, 501, 102), ENDS(CLOSE_WAIT, FIN_WAIT1));
	client.sock.inode = 7;
	LOOK(&st, LISTENER, client, SERVER(CLOSE_WAIT));
	stage_step(&st, TL_VERB_CLOSE, REPLICA, CLIENTS, NULL);
	SEND(&st, S_FIN_ACK, .mine = TL_LAST_ACK);
	LOOK(&st, LISTENER);
	tell_life(CLIENTS, "FIN_WAIT2 -X9-> (CLOSE)", true);
	cr_expect_eq(last_hop(CLIENTS)->cause->kind, TL_EVENT_STEP, "by the call");
}

/* close() with unread data sends a RST, from CLOSING as well. */
Test(judge_causes, closed_with_unread_data_in_closing)
{
	for (int closed = 0; closed < 2; closed++) {
		reopen_stage(open_listening);
		handshake();
		SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
		SEND(&st, S_FIN_OF(MASTER, 501, 101), ENDS(FIN_WAIT1, FIN_WAIT1));
		LOOK(&st, LISTENER, CLIENT(CLOSING), SERVER(CLOSING));
		if (closed)
			stage_step(&st, TL_VERB_CLOSE, REPLICA, CLIENTS, NULL);
		SEND(&st, .by = REPLICA, .flags = TL_FLAG_RST, .seq = 102, .theirs = TL_CLOSING);
		LOOK(&st, LISTENER);
		tell_life(CLIENTS, closed ? "CLOSING -R-CLOSING-> (CLOSE)" :
					    "CLOSING -?-> (CLOSE)", closed);
	}
}

/* Its FIN was repeated before it was gone; without that nobody knows. */
static void fin_in_vain(bool again)
{
	handshake();
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED), .fate = TL_FATE_HELD);
	stage_letgo(&st, st.segments, true);
	stage_wait(&st, 300);
	if (again) {
		SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED), .fate = TL_FATE_HELD);
		stage_letgo(&st, st.segments, true);
	}
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT1), SERVER(ESTABLISHED));
	stage_wait(&st, 300);
	LOOK(&st, LISTENER, SERVER(ESTABLISHED));
}

/* The RST that answers an ACK which came afterwards is nobody's, and no cause. */
Test(judge_causes, given_up_before_its_ack_came)
{
	int ack;

	handshake();
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	stage_step(&st, TL_VERB_CLOSE, MASTER, SERVERS, NULL);
	SEND(&st, S_FIN_ACK, ENDS(LAST_ACK, FIN_WAIT1));
	ack = SEND(&st, S_ACK_OF_FIN, ENDS(TIME_WAIT, LAST_ACK), .fate = TL_FATE_HELD);
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT), SERVER(LAST_ACK));
	stage_wait(&st, 300);
	SEND(&st, S_FIN_ACK, .fate = TL_FATE_ABSORBED, .copy_of = ack - 1);
	stage_wait(&st, 300);
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
	stage_letgo(&st, ack, false);
	SEND(&st, .by = MASTER, .flags = TL_FLAG_RST, .seq = 502, .theirs = TL_TIME_WAIT);
	LOOK(&st, LISTENER);
	tell_life(SERVERS, "LAST_ACK -X4-LAST_ACK-> (CLOSE)", true);
}

/* How long the kernel repeats is known: by default eight times for an orphan, which takes 102 s. */
Test(judge_causes, giving_up_takes_its_time)
{
	static const struct {
		unsigned ms;
		const char *end;
	} waits[] = { { 2000, "FIN_WAIT1 -?-> (CLOSE)" },
		      { 110000, "FIN_WAIT1 -X4-FIN_WAIT1-> (CLOSE)" } };

	for (size_t i = 0; i < COUNT(waits); i++) {
		struct tl_row client = CLIENT(FIN_WAIT1);

		reopen_stage(open_listening);
		handshake();
		stage_step(&st, TL_VERB_CLOSE, REPLICA, CLIENTS, NULL);
		stage_letgo(&st, SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED),
				      .fate = TL_FATE_HELD), true);
		client.sock.timer = TL_TIMER_RETRANSMIT;
		client.sock.retrans = 1;
		LOOK(&st, LISTENER, client, SERVER(ESTABLISHED));
		stage_wait(&st, waits[i].ms);
		LOOK(&st, LISTENER, SERVER(ESTABLISHED));
		tell_life(CLIENTS, waits[i].end, i == 1);
	}
}

/* A step begins, and is not done. */
static void begin(enum tl_verb verb, int actor, const char *text)
{
	struct tl_phase *phase = &st.plan->phases[0];
	int at = (int)phase->n_steps++;

	phase->steps = realloc(phase->steps, phase->n_steps * sizeof(*phase->steps));
	cr_assert_not_null(phase->steps, "memory");
	phase->steps[at] = (struct tl_step){ .verb = verb, .actor = actor, .text = strdup(text) };
	stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_STEP, .step.step = at });
}

/* SO_LINGER makes close() wait, and the first window probe is sent before the call */
Test(judge_causes, a_call_that_goes_on)
{
	handshake();
	begin(TL_VERB_CLOSE, REPLICA, "close replica");
	SEND(&st, S_ACK(REPLICA, 100, 501), ENDS(ESTABLISHED, ESTABLISHED));
	SEND(&st, S_ACK(REPLICA, 100, 501), ENDS(FIN_WAIT1, ESTABLISHED));
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT1), SERVER(ESTABLISHED));
	tell_life(CLIENTS, "ESTABLISHED -12-> FIN_WAIT1", true);
}

/* Who waits in recv() has not sent the RST: keepalive has given up. */
Test(judge_causes, a_receive_that_goes_on)
{
	struct tl_row row = CLIENT(ESTABLISHED);

	row.sock.timer = TL_TIMER_KEEPALIVE;
	row.sock.timer_ms = 1000;
	row.sock.retrans = 1;
	handshake();
	begin(TL_VERB_RECEIVE, REPLICA, "receive replica");
	LOOK(&st, LISTENER, row, SERVER(ESTABLISHED));
	stage_wait(&st, 1000);
	SEND(&st, .by = REPLICA, .flags = TL_FLAG_RST | TL_FLAG_ACK, .seq = 101, .ack = 501,
	     .theirs = TL_ESTABLISHED);
	LOOK(&st, LISTENER, SERVER(ESTABLISHED));
	tell_life(CLIENTS, "ESTABLISHED -X6-ESTABLISHED-> (CLOSE)", true);
}

/*
 * A listener's request does not belong to a program: what the accepted socket is told
 * afterwards does not count.
 */
Test(judge_causes, nobody_closes_a_request)
{
	SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN));
	SEND(&st, S_SYN_ACK, ENDS(SYN_RECV, SYN_SENT));
	stage_step(&st, TL_VERB_CLOSE, MASTER, SERVERS, NULL);
	SEND(&st, S_FIN_OF(MASTER, 501, 101), ENDS(FIN_WAIT1, ESTABLISHED));
	LOOK(&st, LISTENER, CLIENT(CLOSE_WAIT), SERVER(FIN_WAIT1));
	tell_life(SERVERS, "SYN_RECV -?-> FIN_WAIT1", false);
}

Test(judge_causes, a_fin_repeated_in_vain)
{
	fin_in_vain(true);
	tell_life(CLIENTS, "FIN_WAIT1 -X4-FIN_WAIT1-> (CLOSE)", true);
}

Test(judge_causes, a_fin_in_vain_once)
{
	fin_in_vain(false);
	tell_life(CLIENTS, "FIN_WAIT1 -?-> (CLOSE)", false);
}

/* The last ACK taken out: nothing explains that LAST_ACK has ended. */
Test(judge_causes, a_last_ack_that_did_not_come)
{
	for (int comes = 0; comes < 2; comes++) {
		reopen_stage(open_listening);
		handshake();
		SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
		SEND(&st, S_FIN_ACK, ENDS(LAST_ACK, FIN_WAIT1));
		if (comes)
			SEND(&st, S_ACK_OF_FIN, ENDS(TIME_WAIT, LAST_ACK));
		LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
		tell_life(SERVERS, comes ? "LAST_ACK -19-> (CLOSE)" : "LAST_ACK -?-> (CLOSE)",
			  comes);
	}
	reopen_stage(open_listening);
	LOOK(&st, LISTENER);
	LOOK(&st);
	tell_life(LISTENING, "LISTEN -?-> (CLOSE)", false);
	cr_expect_not_null(strstr(stage_life(&st, LISTENING)->reason, "LISTEN and then it was gone"),
			   "%s", stage_life(&st, LISTENING)->reason);
}

Test(judge_causes, the_listener_closes_under_a_request)
{
	SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN));
	SEND(&st, S_SYN_ACK, ENDS(SYN_RECV, SYN_SENT));
	SEND(&st, S_ACK_OF_SYN, ENDS(ESTABLISHED, SYN_RECV), .fate = TL_FATE_HELD);
	stage_step(&st, TL_VERB_CLOSE, MASTER, LISTENING, NULL);
	LOOK(&st, CLIENT(ESTABLISHED), SERVER(SYN_RECV));
	LOOK(&st, CLIENT(ESTABLISHED));
	tell_life(SERVERS, "SYN_RECV -X10-> (CLOSE)", true);
}

/* The same two ports again: the second SYN is not for the request that a RST took back. */
Test(judge_causes, a_request_of_the_same_ports_before)
{
	struct tl_event *ev;

	SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN));
	SEND(&st, S_SYN_ACK, ENDS(SYN_RECV, SYN_SENT));
	SEND(&st, S_RST(REPLICA), .theirs = TL_SYN_RECV);
	SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN));
	SEND(&st, S_SYN_ACK, ENDS(SYN_RECV, SYN_SENT));
	ev = &st.trace.events[st.trace.n - 1];
	ev->segment.ends[0].sock.cookie = 9;
	LOOK(&st, LISTENER);
	tell_life(SERVERS, "(LISTEN) -4-> SYN_RECV -11-> (LISTEN)", true);
	cr_expect_eq(stage_life(&st, 9)->n_hops, 3, "%s", stage_tell(&st, 9));
}

Test(judge_causes, a_full_queue_resets)
{
	set("net.ipv4.tcp_abort_on_overflow", "1");
	stage_opening(&st);
	SEND(&st, S_RST(MASTER), .theirs = TL_ESTABLISHED);
	LOOK(&st, LISTENER);
	tell_life(SERVERS, "SYN_RECV -X11-> (CLOSE)", true);
}

/* tcp_check_req(): a new SYN in the window resets the request; no queue has to be full. */
Test(judge_causes, a_syn_in_the_window_resets_a_request)
{
	SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN));
	SEND(&st, S_SYN_ACK, ENDS(SYN_RECV, SYN_SENT), .fate = TL_FATE_HELD);
	LOOK(&st, LISTENER, SERVER(SYN_RECV));
	SEND(&st, .by = REPLICA, .flags = TL_FLAG_SYN, .seq = 900, ENDS(SYN_SENT, SYN_RECV));
	SEND(&st, .by = MASTER, .flags = TL_FLAG_RST | TL_FLAG_ACK, .ack = 901,
	     .theirs = TL_SYN_SENT);
	LOOK(&st, LISTENER);
	tell_life(SERVERS, "SYN_RECV -R-SYN_RECV-> (CLOSE)", true);
}

Test(judge_causes, no_room_after_closing)
{
	set("net.ipv4.tcp_max_tw_buckets", "0");
	handshake();
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED), .fate = TL_FATE_HELD);
	SEND(&st, S_FIN_OF(MASTER, 501, 101), ENDS(FIN_WAIT1, FIN_WAIT1));
	LOOK(&st, LISTENER, CLIENT(CLOSING), SERVER(FIN_WAIT1));
	stage_letgo(&st, 4, false);
	SEND(&st, S_ACK(MASTER, 502, 102), ENDS(CLOSING, CLOSING));
	LOOK(&st, LISTENER, SERVER(CLOSING));
	tell_life(CLIENTS, "CLOSING -X9-CLOSING-> (CLOSE)", true);
}

/* A program has no time limit that is known; sooner than the kernel's it has closed, more likely. */
Test(judge_causes, a_program_gives_up_sooner_than_the_kernel)
{
	for (int late = 0; late < 2; late++) {
		reopen_stage(open_listening);
		st.plan->actors[REPLICA].kind = TL_ACTOR_KIND_PROGRAM;
		SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN), .fate = TL_FATE_HELD);
		LOOK(&st, LISTENER, CLIENT(SYN_SENT));
		stage_wait(&st, late ? 130000 : 2000);
		LOOK(&st, LISTENER);
		tell_life(CLIENTS, late ? "SYN_SENT -X3-> (CLOSE)" : "SYN_SENT -6-> (CLOSE)", true);
		cr_expect_eq(tl_life_proves(stage_life(&st, CLIENTS), 2), late);
	}
}

Test(judge_causes, icmp_ends_a_syn)
{
	stage_step(&st, TL_VERB_CONNECT, REPLICA, 0, NULL);
	SEND(&st, S_SYN, .mine = TL_SYN_SENT);
	LOOK(&st, LISTENER, CLIENT(SYN_SENT));
	stage_step(&st, TL_VERB_CONNECTED, REPLICA, CLIENTS, "EHOSTUNREACH");
	LOOK(&st, LISTENER);
	tell_life(CLIENTS, "SYN_SENT -X12-> (CLOSE)", true);
}

/* The call may have its answer much later than the row is gone. */
Test(judge_causes, icmp_before_the_call_is_answered)
{
	for (int rejected = 0; rejected < 2; rejected++) {
		reopen_stage(open_listening);
		stage_step(&st, TL_VERB_CONNECT, REPLICA, 0, NULL);
		stage_letgo(&st, SEND(&st, S_SYN, .mine = TL_SYN_SENT, .fate = TL_FATE_HELD), true);
		st.trace.events[st.trace.n - 1].letgo.rejected = rejected;
		LOOK(&st, LISTENER, CLIENT(SYN_SENT));
		LOOK(&st, LISTENER);
		stage_step(&st, TL_VERB_CONNECTED, REPLICA, CLIENTS, "EHOSTUNREACH");
		tell_life(CLIENTS, rejected ? "SYN_SENT -X12-> (CLOSE)" : "SYN_SENT -?-> (CLOSE)",
			  rejected);
	}
}

/* tcp_req_err() of net/ipv4/tcp_ipv4.c: it ends a listener's request, and tcp_v4_err() a program's. */
Test(judge_causes, icmp_ends_a_request)
{
	for (int rejected = 0; rejected < 2; rejected++) {
		int syn_ack;

		reopen_stage(open_listening);
		LOOK(&st, LISTENER);
		SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN));
		syn_ack = SEND(&st, S_SYN_ACK, ENDS(SYN_RECV, SYN_SENT), .fate = TL_FATE_HELD);
		LOOK(&st, LISTENER, CLIENT(SYN_SENT), SERVER(SYN_RECV));
		stage_letgo(&st, syn_ack, true);
		st.trace.events[st.trace.n - 1].letgo.rejected = rejected;
		LOOK(&st, LISTENER, CLIENT(SYN_SENT));
		tell_life(SERVERS, rejected ? "SYN_RECV -X12-SYN_RECV-> (CLOSE)" :
					      "SYN_RECV -?-> (CLOSE)", rejected);
	}
}

/* Of a SYN+ACK that was absorbed nobody looked: it was no SYN cookie for that. */
Test(judge_causes, a_request_after_one_that_icmp_ended)
{
	int syn_ack;

	LOOK(&st, LISTENER);
	SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN));
	syn_ack = SEND(&st, S_SYN_ACK, ENDS(SYN_RECV, SYN_SENT), .fate = TL_FATE_HELD);
	SEND(&st, S_SYN_ACK, .fate = TL_FATE_ABSORBED);
	stage_letgo(&st, syn_ack, true);
	st.trace.events[st.trace.n - 1].letgo.rejected = true;
	LOOK(&st, LISTENER, CLIENT(SYN_SENT));
	SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN));
	SEND(&st, S_SYN_ACK, ENDS(SYN_RECV, SYN_SENT));
	st.trace.events[st.trace.n - 1].segment.ends[0].sock.cookie = 77;
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED));
	tell_life(SERVERS, "SYN_RECV -X12-SYN_RECV-> (CLOSE)", true);
	tell_life(77, "(LISTEN) -4-> SYN_RECV -?-> (CLOSE)", false);
}

/* The table may have a socket whose SYN is not read yet; from its port another one closed. */
Test(judge_causes, seen_before_its_syn_is_read)
{
	struct tl_row next = CLIENT(SYN_SENT);

	next.sock.cookie = 4;
	handshake();
	stage_step(&st, TL_VERB_CLOSE, REPLICA, CLIENTS, NULL);
	stage_closing(&st);
	LOOK(&st, LISTENER);
	LOOK(&st, LISTENER, next);
	SEND(&st, .by = REPLICA, .flags = TL_FLAG_SYN, .seq = 900, .mine = TL_SYN_SENT);
	st.trace.events[st.trace.n - 1].segment.ends[0].sock.cookie = 4;
	LOOK(&st, LISTENER, next);
	tell_life(4, "SYN_SENT", true);
}

static void assert_missing(uint64_t cookie, const char *flag)
{
	const struct tl_life *life;

	stage_finish(&st, TL_END_COMPLETE);
	life = stage_life(&st, cookie);
	cr_assert_not(life->legal);
	cr_expect_not_null(strstr(life->reason, flag), "%s, not %s", life->reason, flag);
}

/* With the next look that a phase ends on it is read, or it was not sent. */
Test(judge_causes, its_syn_is_in_no_trace)
{
	LOOK(&st, LISTENER, CLIENT(SYN_SENT));
	LOOK(&st, LISTENER, CLIENT(SYN_SENT));
	assert_missing(CLIENTS, "and no segment of the trace is its SYN");
}

/* As with TCP_FASTOPEN_CONNECT: the row is there, its SYN goes with the first data. */
Test(judge_causes, a_syn_that_waits_for_data)
{
	struct tl_row asked = CLIENT(SYN_SENT);

	asked.sock.sendq = 1u << 30;
	stage_step(&st, TL_VERB_CONNECT, REPLICA, CLIENTS, NULL);
	LOOK(&st, LISTENER, asked);
	LOOK(&st, LISTENER, asked);
	tell_life(CLIENTS, "(CLOSE) -?-> SYN_SENT", true);
}

Test(judge_causes, the_syn_is_the_next_ones)
{
	struct tl_row next = CLIENT(SYN_SENT);

	next.sock.cookie = 4;
	st.plan->actors[REPLICA].kind = TL_ACTOR_KIND_REDIS; /* what it does nobody is told */
	LOOK(&st, LISTENER, CLIENT(SYN_SENT));
	SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN));
	st.trace.events[st.trace.n - 1].segment.ends[0].sock.cookie = 4;
	LOOK(&st, LISTENER, next);
	assert_missing(CLIENTS, "and no segment of the trace is its SYN");
}

/* Closed, with so many bytes to send, and the other end's window: what has become of its FIN? */
static void close_with(uint32_t sendq, uint16_t window)
{
	struct tl_row closing = CLIENT(FIN_WAIT1);

	closing.sock.sendq = sendq;
	handshake();
	SEND(&st, S_ACK(MASTER, 501, 101), ENDS(ESTABLISHED, ESTABLISHED));
	st.trace.events[st.trace.n - 1].segment.seg.window = window;
	stage_step(&st, TL_VERB_CLOSE, REPLICA, CLIENTS, NULL);
	LOOK(&st, LISTENER, closing, SERVER(ESTABLISHED));
	LOOK(&st, LISTENER, closing, SERVER(ESTABLISHED));
}

Test(judge_causes, its_fin_is_in_no_trace)
{
	close_with(1, 512);
	assert_missing(CLIENTS, "was seen in FIN_WAIT1, and no segment of the trace is its FIN");
}

Test(judge_causes, a_fin_that_waits_behind_data)
{
	close_with(2, 512);
	tell_life(CLIENTS, "ESTABLISHED -12-> FIN_WAIT1", true);
}

Test(judge_causes, a_fin_that_waits_for_a_window)
{
	close_with(1, 0);
	tell_life(CLIENTS, "ESTABLISHED -12-> FIN_WAIT1", true);
}

/* So it is with the first of a program, whose call nobody sees. */
Test(judge_causes, its_syn_is_read_next)
{
	LOOK(&st, LISTENER, CLIENT(SYN_SENT));
	st.trace.events[st.trace.n - 1].snapshot.look = TL_LOOK_WAITING;
	SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN));
	SEND(&st, S_SYN_ACK, ENDS(SYN_RECV, SYN_SENT));
	SEND(&st, S_ACK_OF_SYN, ENDS(ESTABLISHED, SYN_RECV));
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	tell_life(CLIENTS, "(CLOSE) -2-> SYN_SENT -8-> ESTABLISHED", true);
}

/* The step says who connected, though a listener is there as well. */
Test(judge_causes, who_connected_is_not_passive)
{
	stage_step(&st, TL_VERB_CONNECT, MASTER, SERVERS, NULL)->call.opens = true;
	LOOK(&st, LISTENER, SERVER(ESTABLISHED));
	tell_life(SERVERS, "(CLOSE) -?-> (SYN_SENT) -?-> ESTABLISHED", true);
}

/* A listener that was shut down connects: one socket, two lives. */
Test(judge_causes, a_listeners_descriptor_connects)
{
	struct tl_row now = stage_row(LISTENING, MASTER, REPLICA, 6379, 53525, TL_ESTABLISHED);

	stage_step(&st, TL_VERB_SHUTDOWN, MASTER, LISTENING, NULL)->call.how = 0;
	stage_step(&st, TL_VERB_CONNECT, MASTER, LISTENING, NULL);
	LOOK(&st, now);
	tell_life(LISTENING, "(CLOSE) -1-> LISTEN -3-> (CLOSE)", true);
	cr_assert_eq(st.verdict.n_lives, 2);
	tell_second("(CLOSE) -?-> (SYN_SENT) -?-> ESTABLISHED");
	cr_assert_eq(st.verdict.lives[1].remote.port, 53525);
}

/* So it is with one that is refused and connects once more, to the same port from the same. */
Test(judge_causes, a_refused_descriptor_connects_again)
{
	for (uint32_t seq = 100; seq <= 300; seq += 200) {
		stage_step(&st, TL_VERB_CONNECT, REPLICA, CLIENTS, NULL);
		SEND(&st, .by = REPLICA, .flags = TL_FLAG_SYN, .seq = seq, .mine = TL_SYN_SENT);
		SEND(&st, .by = MASTER, .flags = TL_FLAG_RST | TL_FLAG_ACK, .seq = 0,
		     .ack = seq + 1, .theirs = TL_SYN_SENT);
	}
	LOOK(&st, LISTENER);
	tell_life(CLIENTS, "(CLOSE) -2-> SYN_SENT -R-SYN_SENT-> (CLOSE)", true);
	cr_assert_eq(st.verdict.n_lives, 3);
	cr_assert_eq(st.verdict.lives[2].cookie, CLIENTS);
	cr_assert_eq(st.verdict.lives[2].n_hops, 3);
	cr_assert(st.verdict.lives[2].legal, "%s", st.verdict.lives[2].reason);
}
