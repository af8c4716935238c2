/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What RFC 9293 and Linux allow, and what neither does. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "one_phase.h"
#include "tcplab/state.h"

TestSuite(judge_theory, .init = open_stage, .fini = close_stage);

/* The run ends here, and this is in the life of the socket. */
static void expect_told(uint64_t cookie, const char *want)
{
	judge();
	cr_expect_not_null(strstr(tell(cookie), want), "%s, not %s", tell(cookie), want);
}

/* A step of the one phase there is, begun and done. */
static struct tl_step *step(enum tl_verb verb, int actor, const char *reply)
{
	struct tl_phase *phase = &st.plan->phases[0];
	struct tl_step *more = realloc(phase->steps, (phase->n_steps + 1) * sizeof(*more));
	int at = (int)phase->n_steps;

	cr_assert_not_null(more, "memory");
	phase->steps = more;
	phase->steps[phase->n_steps++] =
		(struct tl_step){ .verb = verb, .actor = actor, .text = strdup("a step") };
	stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_STEP, .step.step = at });
	stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_DONE,
					   .step = { at, reply ? strdup(reply) : NULL } });
	return &phase->steps[at];
}

static void set(const char *name, const char *value)
{
	st.plan->sysctls = calloc(1, sizeof(*st.plan->sysctls));
	st.plan->n_sysctls = 1;
	st.plan->sysctls[0].name = strdup(name);
	st.plan->sysctls[0].value = strdup(value);
}

static void make_peers(void)
{
	for (size_t i = 0; i < st.plan->n_actors; i++)
		st.plan->actors[i].kind = TL_ACTOR_KIND_PEER;
}

/* A peer has asked, and the wire is seen. */
static void ask(void)
{
	make_peers();
	stage_wire(&st, NULL);
	LOOK(&st, LISTENER, CLIENT(SYN_SENT));
}

#define B(state) (1u << TL_##state)

/*
 * Which states one socket can be seen in later than in another, written down a second time:
 * by the figure, its notes and Linux, however much passed unseen.
 */
static const struct {
	enum tl_state first;
	uint32_t then;
} ways[] = {
	{ TL_SYN_SENT, B(SYN_RECV) | B(ESTABLISHED) | B(FIN_WAIT1) | B(FIN_WAIT2) | B(CLOSING) |
			       B(TIME_WAIT) | B(CLOSE_WAIT) | B(LAST_ACK) },
	{ TL_SYN_RECV, B(ESTABLISHED) | B(FIN_WAIT1) | B(FIN_WAIT2) | B(CLOSING) |
			       B(TIME_WAIT) | B(CLOSE_WAIT) | B(LAST_ACK) },
	{ TL_ESTABLISHED, B(FIN_WAIT1) | B(FIN_WAIT2) | B(CLOSING) | B(TIME_WAIT) |
				  B(CLOSE_WAIT) | B(LAST_ACK) },
	{ TL_FIN_WAIT1, B(FIN_WAIT2) | B(CLOSING) | B(TIME_WAIT) },
	{ TL_FIN_WAIT2, B(TIME_WAIT) },
	{ TL_CLOSING, B(TIME_WAIT) },
	{ TL_CLOSE_WAIT, B(LAST_ACK) },
	{ TL_LAST_ACK, 0 },
	{ TL_TIME_WAIT, 0 },
	{ TL_LISTEN, 0 },
};

/* Each state after each other one, in a trace of its own: most of them cannot be. */
Test(judge_theory, every_pair)
{
	for (size_t i = 0; i < COUNT(ways); i++)
		for (size_t j = 0; j < COUNT(ways); j++) {
			enum tl_state from = ways[i].first, to = ways[j].first;
			bool can = ways[i].then & 1u << to;

			if (i == j)
				continue;
			reopen_stage(open_stage);
			LOOK(&st, stage_row(2, REPLICA, MASTER, 53525, 6379, from));
			LOOK(&st, stage_row(2, REPLICA, MASTER, 53525, 6379, to));
			judge();
			cr_expect_eq(stage_life(&st, 2)->legal, can, "%s to %s: %s",
				     tl_state_name(from), tl_state_name(to), tell(2));
			cr_expect_eq(st.verdict.result,
				     can ? TL_RESULT_PASSED : TL_RESULT_FAILED, "%s to %s",
				     tl_state_name(from), tl_state_name(to));
		}
}

/* No way goes through CLOSED, or takes what Linux does not have. */
Test(judge_theory, possible)
{
	const struct tl_arc *path[TL_STATE_MAX];

	for (int from = 1; from < TL_STATE_MAX; from++)
		for (int to = 1; to < TL_STATE_MAX; to++) {
			int n = tl_arc_path(from, to, false, path);

			for (int i = 0; i + 1 < n; i++)
				cr_expect_neq(path[i]->to, TL_CLOSE, "through CLOSED");
			for (int i = 0; i < n; i++)
				cr_expect(path[i]->linux_has, "arc %s", path[i]->id);
		}
}

Test(judge_theory, closed_before_it_was_open)
{
	stage_wire(&st, NULL);
	SEND(&st, S_SYN, .mine = TL_SYN_SENT);
	SEND(&st, .by = MASTER, .flags = TL_FLAG_SYN, .seq = 500, .theirs = TL_SYN_SENT);
	LOOK(&st, CLIENT(SYN_RECV));
	LOOK(&st, CLIENT(FIN_WAIT1));
	expect_told(2, "SYN_RECV -10-> FIN_WAIT1");
}

Test(judge_theory, closed_after_it_was_open)
{
	stage_wire(&st, NULL);
	LOOK(&st, CLIENT(SYN_RECV));
	SEND(&st, S_SYN_ACK, .theirs = TL_SYN_RECV);
	LOOK(&st, CLIENT(FIN_WAIT1));
	expect_told(2, "SYN_RECV -9-> (ESTABLISHED) -12-> FIN_WAIT1");
}

Test(judge_theory, a_held_segment_counts_when_it_is_let_go)
{
	int id;

	stage_wire(&st, NULL);
	id = SEND(&st, S_SYN_ACK, .theirs = TL_SYN_RECV, .fate = TL_FATE_HELD);
	LOOK(&st, CLIENT(SYN_RECV));
	stage_letgo(&st, id, false);
	LOOK(&st, CLIENT(FIN_WAIT1));
	expect_told(2, "SYN_RECV -9-> (ESTABLISHED) -12-> FIN_WAIT1");
}

Test(judge_theory, a_dropped_segment_does_not)
{
	int id;

	stage_wire(&st, NULL);
	id = SEND(&st, S_SYN_ACK, .theirs = TL_SYN_RECV, .fate = TL_FATE_HELD);
	LOOK(&st, CLIENT(SYN_RECV));
	stage_letgo(&st, id, true);
	LOOK(&st, CLIENT(FIN_WAIT1));
	expect_told(2, "SYN_RECV -10-> FIN_WAIT1");
}

/* Who does not see the wire cannot say that nothing came. */
Test(judge_theory, unheard_only_where_the_wire_was_seen)
{
	LOOK(&st, CLIENT(SYN_RECV));
	LOOK(&st, CLIENT(FIN_WAIT1));
	expect_told(2, "SYN_RECV -9-> (ESTABLISHED) -12-> FIN_WAIT1");
}

Test(judge_theory, syn_cookies)
{
	set("net.ipv4.tcp_syncookies", "2");
	LOOK(&st, LISTENER);
	LOOK(&st, LISTENER, SERVER(ESTABLISHED), CLIENT(ESTABLISHED));
	judge();
	ASSERT_LIFE(3, "(LISTEN) -X8-> ESTABLISHED");
}

/* Cookies are a matter of a full queue then, and the queue is not known. */
Test(judge_theory, syn_cookies_when_needed)
{
	set("net.ipv4.tcp_syncookies", "1");
	LOOK(&st, LISTENER);
	LOOK(&st, LISTENER, SERVER(ESTABLISHED), CLIENT(ESTABLISHED));
	judge();
	ASSERT_LIFE(3, "(LISTEN) -4-> (SYN_RECV) -9-> ESTABLISHED");
}

Test(judge_theory, no_room_for_time_wait)
{
	set("net.ipv4.tcp_max_tw_buckets", "0");
	stage_wire(&st, NULL);
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT2), SERVER(CLOSE_WAIT));
	SEND(&st, S_FIN_ACK, ENDS(LAST_ACK, FIN_WAIT2));
	LOOK(&st, LISTENER, SERVER(LAST_ACK));
	expect_told(2, "FIN_WAIT2 -X9-> (CLOSE)");
}

Test(judge_theory, a_sysctl_of_a_later_step_does_not_count)
{
	struct tl_step *later;

	LOOK(&st, LISTENER);
	LOOK(&st, LISTENER, SERVER(ESTABLISHED), CLIENT(ESTABLISHED));
	later = step(TL_VERB_SYSCTL, -1, NULL);
	later->settings = calloc(1, sizeof(*later->settings));
	later->n_settings = 1;
	later->settings[0].name = strdup("net.ipv4.tcp_syncookies");
	later->settings[0].value = strdup("2");
	LOOK(&st, LISTENER, SERVER(ESTABLISHED), CLIENT(ESTABLISHED));
	judge();
	ASSERT_LIFE(3, "(LISTEN) -4-> (SYN_RECV) -9-> ESTABLISHED");
}

/* A peer that was told nothing closed nothing; but nobody saw the kernel ask again. */
Test(judge_theory, given_up_by_the_kernel)
{
	ask();
	LOOK(&st, LISTENER);
	expect_told(2, "SYN_SENT -?-> (CLOSE)");
}

Test(judge_theory, given_up_by_the_program)
{
	ask();
	step(TL_VERB_CLOSE, REPLICA, NULL);
	LOOK(&st, LISTENER);
	expect_told(2, "SYN_SENT -6-> (CLOSE)");
}

Test(judge_theory, given_up_by_its_end)
{
	ask();
	stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_ACTOR,
					   .actor = { .actor = REPLICA,
						      .change = TL_ACTOR_EXITED } });
	LOOK(&st, LISTENER);
	expect_told(2, "SYN_SENT -6-> (CLOSE)");
}

Test(judge_theory, another_was_closed)
{
	ask();
	stage_step(&st, TL_VERB_CLOSE, REPLICA, 77, NULL);
	LOOK(&st, LISTENER);
	expect_told(2, "SYN_SENT -?-> (CLOSE)");
}

/*
 * A Redis does what it likes: it has closed, as nothing else can have been; the stop proves
 * nothing.
 */
Test(judge_theory, a_server_was_told_to_stop)
{
	stage_wire(&st, NULL);
	LOOK(&st, LISTENER, CLIENT(SYN_SENT));
	step(TL_VERB_STOP, REPLICA, NULL);
	LOOK(&st, LISTENER);
	expect_told(2, "SYN_SENT -6-> (CLOSE)");
	cr_expect_not(tl_life_proves(&st.verdict.lives[1], st.verdict.lives[1].n_hops - 1));
}

/* Where no segment was seen what its program was told is all there is. */
Test(judge_theory, told_and_nothing_seen)
{
	make_peers();
	LOOK(&st, LISTENER, CLIENT(SYN_SENT));
	stage_step(&st, TL_VERB_CLOSE, REPLICA, 2, NULL);
	LOOK(&st, LISTENER);
	expect_told(2, "SYN_SENT -6-> (CLOSE)");
}

Test(judge_theory, another_was_told_and_nothing_seen)
{
	make_peers();
	LOOK(&st, LISTENER, CLIENT(SYN_SENT));
	stage_step(&st, TL_VERB_CLOSE, REPLICA, 77, NULL);
	LOOK(&st, LISTENER);
	expect_told(2, "SYN_SENT -?-> (CLOSE)");
}

Test(judge_theory, a_server_was_told_and_nothing_seen)
{
	LOOK(&st, LISTENER, CLIENT(SYN_SENT));
	step(TL_VERB_STOP, REPLICA, NULL);
	LOOK(&st, LISTENER);
	expect_told(2, "SYN_SENT -?-> (CLOSE)");
}

Test(judge_theory, nothing_came_any_more)
{
	stage_wire(&st, NULL);
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT), SERVER(LAST_ACK));
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
	expect_told(3, "LAST_ACK -?-> (CLOSE)");
}

Test(judge_theory, a_request_is_reset)
{
	stage_wire(&st, NULL);
	LOOK(&st, LISTENER);
	LOOK(&st, LISTENER, SERVER(SYN_RECV), CLIENT(ESTABLISHED));
	SEND(&st, S_RST(REPLICA), .theirs = TL_SYN_RECV);
	LOOK(&st, LISTENER);
	expect_told(3, "SYN_RECV -11-> (LISTEN)");
}

Test(judge_theory, by_force)
{
	struct tl_step *forced;

	LOOK(&st, LISTENER, stage_timed(CLIENT(TIME_WAIT), 60000));
	forced = step(TL_VERB_DESTROY, -1, NULL);
	forced->row = WANT_CLIENT(TIME_WAIT);
	LOOK(&st, LISTENER);
	expect_told(2, "TIME_WAIT -X7-> CLOSE");
	cr_expect_eq(stage_life(&st, 2)->hops[stage_life(&st, 2)->n_hops - 1].kind, TL_HOP_FORCED,
		     "it was forced");
}

/* Arrow X7 is that of a TIME_WAIT: by what way another state was left nobody can say. */
Test(judge_theory, by_force_from_another_state)
{
	const struct tl_life *life;

	LOOK(&st, LISTENER, CLIENT(ESTABLISHED));
	step(TL_VERB_DESTROY, -1, NULL)->row = WANT_CLIENT(ESTABLISHED);
	LOOK(&st, LISTENER);
	judge();
	life = stage_life(&st, 2);
	cr_expect_eq(life->hops[life->n_hops - 1].kind, TL_HOP_FORCED);
	cr_expect_null(life->hops[life->n_hops - 1].arc);
}

/* What is destroyed beside it does not make another's end forced. */
Test(judge_theory, another_by_force)
{
	struct tl_step *forced;

	LOOK(&st, LISTENER, stage_timed(CLIENT(TIME_WAIT), 60000));
	forced = step(TL_VERB_DESTROY, -1, NULL);
	forced->row = WANT_SERVER(TIME_WAIT);
	LOOK(&st, LISTENER);
	judge();
	cr_expect_eq(stage_life(&st, 2)->hops[stage_life(&st, 2)->n_hops - 1].kind,
		     TL_HOP_INFERRED, "it was not forced");
}

/* The evidence of an answer: by that peer, with that error, in that phase. */
Test(judge_theory, answers)
{
	make_peers();
	LOOK(&st, LISTENER);
	step(TL_VERB_SEND, MASTER, "EPIPE");
	step(TL_VERB_CONNECT, REPLICA, NULL);
	LOOK(&st, LISTENER);
	CLAIM(&st, { .kind = TL_EVIDENCE_ANSWER, .answer = EPIPE, .row.owner = MASTER, .phase = 0 });
	CLAIM(&st, { .kind = TL_EVIDENCE_ANSWER, .answer = EPIPE, .row.owner = REPLICA,
		     .phase = -1 });
	CLAIM(&st, { .kind = TL_EVIDENCE_ANSWER, .answer = EISCONN, .row.owner = MASTER,
		     .phase = -1 });
	judge();
	cr_expect_eq(st.verdict.claims[0].stands, TL_FACT_SO, "%s",
		     st.verdict.claims[0].check[0].text);
	cr_expect_eq(st.verdict.claims[1].stands, TL_FACT_NOT_SO, "another peer's");
	cr_expect_eq(st.verdict.claims[2].stands, TL_FACT_NOT_SO, "another error");
	cr_expect_str_eq(st.verdict.claims[0].check[0].text,
			 "answered with EPIPE in phase 1: a step", "%s",
			 st.verdict.claims[0].check[0].text);
}

/* A RST came for it, and it is gone; in TIME_WAIT, a minute before its time. */
Test(judge_theory, resets_received)
{
	static const enum tl_state states[] = { TL_SYN_SENT,  TL_SYN_RECV,   TL_ESTABLISHED,
						TL_FIN_WAIT1, TL_FIN_WAIT2,  TL_CLOSING,
						TL_TIME_WAIT, TL_CLOSE_WAIT, TL_LAST_ACK };

	for (size_t i = 0; i < COUNT(states); i++) {
		struct tl_row row = stage_row(2, REPLICA, MASTER, 53525, 6379, states[i]);
		char want[64];

		reopen_stage(open_stage);
		stage_wire(&st, NULL);
		LOOK(&st, LISTENER, states[i] == TL_TIME_WAIT ? stage_timed(row, 60000) : row);
		SEND(&st, S_RST(MASTER), .theirs = states[i]);
		LOOK(&st, LISTENER);
		snprintf(want, sizeof(want), "%s -R-%s-> (CLOSE)", tl_state_name(states[i]),
			 tl_state_name(states[i]));
		expect_told(2, want);
	}
}

/* A challenge ACK is all that the first one brought (RFC 5961). */
Test(judge_theory, a_reset_that_is_not_believed)
{
	stage_wire(&st, NULL);
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	SEND(&st, S_RST(REPLICA), .theirs = TL_ESTABLISHED);
	SEND(&st, S_ACK(MASTER, 501, 101), .mine = TL_ESTABLISHED);
	LOOK(&st, LISTENER, SERVER(ESTABLISHED));
	SEND(&st, S_RST(REPLICA), .theirs = TL_ESTABLISHED);
	LOOK(&st, LISTENER);
	judge();
	ASSERT_LIFE(3, "(LISTEN) -?-> (SYN_RECV) -?-> ESTABLISHED -R-ESTABLISHED-> (CLOSE)");
}

/* Linux does so on close() with bytes unread. */
Test(judge_theory, a_reset_sent_from_close_wait)
{
	stage_wire(&st, NULL);
	LOOK(&st, LISTENER, CLIENT(CLOSE_WAIT), SERVER(FIN_WAIT2));
	SEND(&st, S_RST(REPLICA), .theirs = TL_FIN_WAIT2);
	LOOK(&st, LISTENER);
	expect_told(2, "CLOSE_WAIT -R-CLOSE_WAIT-> (CLOSE)");
	cr_expect_not_null(strstr(tell(3), "FIN_WAIT2 -R-FIN_WAIT2-> (CLOSE)"), "%s", tell(3));
}

/* A minisocket in FIN_WAIT2 answers bytes with a RST, and is gone. */
Test(judge_theory, a_reset_sent_for_bytes)
{
	stage_wire(&st, NULL);
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT2), SERVER(CLOSE_WAIT));
	SEND(&st, S_ACK(MASTER, 501, 102), .len = 5,
	     .theirs = TL_FIN_WAIT2, .mine = TL_CLOSE_WAIT);
	SEND(&st, S_RST(REPLICA), .theirs = TL_CLOSE_WAIT);
	LOOK(&st, LISTENER);
	expect_told(2, "FIN_WAIT2 -R-FIN_WAIT2-> (CLOSE)");
}

/* Without bytes the RST is for the FIN that came too late. */
Test(judge_theory, a_reset_sent_for_a_late_fin)
{
	stage_wire(&st, NULL);
	LOOK(&st, LISTENER, stage_timed(CLIENT(FIN_WAIT2), 60000), SERVER(CLOSE_WAIT));
	stage_wait(&st, 61000);
	SEND(&st, S_FIN_ACK, .mine = TL_LAST_ACK);
	SEND(&st, S_RST(REPLICA), .theirs = TL_LAST_ACK);
	LOOK(&st, LISTENER, SERVER(LAST_ACK));
	expect_told(2, "FIN_WAIT2 -X2-> (CLOSE)");
}

static struct tl_row asking(struct tl_row row, int retrans)
{
	row.sock.timer = TL_TIMER_KEEPALIVE;
	row.sock.timer_ms = 1000;
	row.sock.retrans = retrans;
	return row;
}

/* The server asks, hears nothing and says RST; of itself, or because its program aborts. */
static void ask_in_vain(int retrans, bool exits)
{
	stage_wire(&st, NULL);
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), asking(SERVER(ESTABLISHED), retrans));
	if (exits)
		stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_ACTOR,
						   .actor = { .actor = MASTER,
							      .change = TL_ACTOR_EXITED } });
	SEND(&st, S_RST(MASTER), .theirs = TL_ESTABLISHED);
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED));
	judge();
}

Test(judge_theory, keepalive_gives_up)
{
	ask_in_vain(3, false);
	expect_told(3, "ESTABLISHED -X6-ESTABLISHED-> (CLOSE)");
}

Test(judge_theory, keepalive_had_not_asked)
{
	ask_in_vain(0, false);
	expect_told(3, "ESTABLISHED -R-ESTABLISHED-> (CLOSE)");
}

Test(judge_theory, keepalive_had_asked_and_the_program_ended)
{
	ask_in_vain(3, true);
	expect_told(3, "ESTABLISHED -R-ESTABLISHED-> (CLOSE)");
}

/* No process owns a request, nor what is left of a socket; the cookie says whose it is. */
Test(judge_theory, requests_and_minisockets)
{
	static const enum tl_state states[] = { TL_SYN_RECV, TL_ESTABLISHED, TL_FIN_WAIT1,
						TL_FIN_WAIT2, TL_TIME_WAIT };

	for (size_t i = 0; i < COUNT(states); i++) {
		struct tl_row row = stage_row(3, -1, -1, 6379, 53525, states[i]);

		if (states[i] == TL_ESTABLISHED) {
			row.owner = MASTER;
			row.peer = REPLICA;
			row.sock.inode = 7;
		}
		LOOK(&st, LISTENER, row);
	}
	judge();
	ASSERT_LIFE(3, "(LISTEN) -4-> SYN_RECV -9-> ESTABLISHED -12-> FIN_WAIT1 -14-> FIN_WAIT2 "
		       "-16-> TIME_WAIT");
	cr_expect(stage_life(&st, 3)->owner == MASTER && stage_life(&st, 3)->peer == REPLICA,
		  "the owner it had in between");
}

/* FIN, FIN+ACK, ACK: one state of the figure is left out at each end. */
Test(judge_theory, closed_with_three_segments)
{
	stage_wire(&st, NULL);
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	stage_closing(&st);
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
	judge();
	ASSERT_LIFE(2, "(CLOSE) -?-> (SYN_SENT) -?-> ESTABLISHED -12-> FIN_WAIT1 -N2-> TIME_WAIT");
	ASSERT_LIFE(3, "(LISTEN) -?-> (SYN_RECV) -?-> ESTABLISHED -13-> (CLOSE_WAIT) -18-> "
		       "LAST_ACK -19-> (CLOSE)");
}
