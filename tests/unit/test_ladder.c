/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The diagrams of segments, in a terminal and in Markdown: their order, width and marks. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "told.h"
#include "tcplab/text.h"

TestSuite(ladder, .fini = clean_up);

/* The order of the lines that begin with these, all of which are there. */
static void in_order(const struct tl_buf *buf, const char *const *lines)
{
	const char *at = tl_buf_text(buf);

	for (size_t i = 0; lines[i]; i++) {
		at = strstr(at, lines[i]);
		cr_assert_not_null(at, "no \"%s\" in its place in:\n%s", lines[i],
				   tl_buf_text(buf));
	}
}

/* Within a step each keeps its lines together; a late ACK goes with what it acknowledges. */
Test(ladder, connections_take_turns_step_by_step)
{
	static const char *const turns[] = {
		"   replica:20001", "ACK of SYN", "and the same again", "   replica:20001", "──FIN──", "ACK of FIN", "   replica:20002", "──FIN──", NULL
	};

	shoot_open(&st, 1);
	stage_step(&st, TL_VERB_CONNECT, REPLICA, 0, NULL);
	shoot_handshake(&st, 20001);
	stage_step(&st, TL_VERB_CONNECT, REPLICA, 0, NULL);
	shoot_handshake(&st, 20002);
	stage_step(&st, TL_VERB_CLOSE, REPLICA, 0, NULL);
	SHOOT(&st, REPLICA, FIN, 101, 501, 0, TL_FIN_WAIT1, TL_ESTABLISHED, .port = 20001);
	stage_step(&st, TL_VERB_CLOSE, REPLICA, 0, NULL);
	SHOOT(&st, REPLICA, FIN, 101, 501, 0, TL_FIN_WAIT1, TL_ESTABLISHED, .port = 20002);
	SHOOT(&st, MASTER, ACK, 501, 102, 0, TL_CLOSE_WAIT, TL_FIN_WAIT1, .port = 20001);
	tell("text");
	in_order(&text, turns);
	cr_assert_eq(count_of(&text, "   replica:2000"), 3, "%s", text.data);
}

/* From the master on to somebody who is not an actor. */
static void pass_on(void)
{
	struct tl_row way = stage_row(9, MASTER, -1, 20000, 9999, TL_SYN_SENT);
	struct tl_event ev = { .kind = TL_EVENT_SEGMENT };

	ev.segment.id = 4;
	ev.segment.from = MASTER;
	ev.segment.to = -1;
	ev.segment.seg = (struct tl_segment){ .from = way.sock.local, .to = way.sock.remote,
					      .flags = TL_FLAG_SYN, .seq = 7, .wscale = -1 };
	ev.segment.ends[0] = way;
	stage_emit(&st, ev);
}

Test(ladder, the_legs_of_a_proxy_stand_side_by_side_where_there_is_room)
{
	struct tl_buf wide;

	shoot_connection(&st);
	pass_on();
	stage_finish(&st, TL_END_COMPLETE);
	wide = shoot_render(&st, "text", false, 132);
	text = shoot_render(&st, "text", false, 80);
	has(&wide, "   replica                                            master           "
		   "                                                 127.0.0.1:9999\n"
		   "   SYN_SENT     ──SYN──────────────────────────────▶  LISTEN\n");
	has(&wide, "\n                                                                     "
		   "SYN_SENT     ──SYN──────────────────────────────▶  CLOSED\n");
	has(&text, "   replica            states while");
	tl_buf_release(&wide);
	stage_close(&st);
}

Test(ladder, talk_alone_is_no_diagram_in_a_terminal)
{
	shoot_open(&st, 2);
	stage_enter(&st);
	shoot_talk(&st, 2);
	tell("text");
	lacks(&text, "ACK");
}

Test(ladder, what_is_held_is_drawn_where_it_stopped_and_where_it_went_on)
{
	int syn, answer;

	shoot_open(&st, 3);
	LOOK(&st, LISTENER);
	syn = SHOOT(&st, REPLICA, TL_FLAG_SYN, 100, 0, 0, TL_SYN_SENT, TL_LISTEN, TL_FATE_HELD);
	SHOOT(&st, REPLICA, TL_FLAG_SYN, 100, 0, 0, TL_SYN_SENT, TL_LISTEN, TL_FATE_ABSORBED,
	      syn);
	LOOK(&st, LISTENER, CLIENT(SYN_SENT));
	stage_enter(&st);
	shoot_letgo(&st, syn, false);
	answer = SHOOT(&st, MASTER, TL_FLAG_SYN | ACK, 500, 101, 0, TL_SYN_RECV, TL_SYN_SENT,
		       TL_FATE_HELD);
	LOOK(&st, LISTENER, CLIENT(SYN_SENT), SERVER(SYN_RECV));
	stage_enter(&st);
	shoot_letgo(&st, answer, true);
	tell("text");
	has(&text, "   SYN_SENT     ──SYN───────────────────┤ held until phase 2         LISTEN\n");
	has(&text, "   SYN_SENT     ──SYN, released───────────────────────────────────▶  LISTEN\n"
		   "   SYN_SENT      held, dropped in phase 3 ├───────────────SYN+ACK──  SYN_RECV\n");
	has(&text, "   SYN_SENT                       dropped ✗───────────────SYN+ACK──  SYN_RECV\n");
	lacks(&text, "Still held");
}

Test(ladder, a_hold_that_is_over_at_once_is_one_line)
{
	shoot_open(&st, 1);
	shoot_letgo(&st, SHOOT(&st, REPLICA, TL_FLAG_SYN, 100, 0, 0, TL_SYN_SENT, TL_LISTEN,
			  TL_FATE_HELD), true);
	for (int i = 0; i < 3; i++)
		SHOOT(&st, REPLICA, TL_FLAG_SYN, 100, 0, 0, TL_SYN_SENT, TL_LISTEN);
	shoot_letgo(&st, SHOOT(&st, MASTER, TL_FLAG_SYN | ACK, 500, 101, 0, TL_SYN_RECV, TL_SYN_SENT,
			  TL_FATE_HELD), false);
	tell("text");
	has(&text, "──SYN───────────────────✗ held and dropped");
	has(&text, "──SYN again, 3 times──");
	has(&text, "──SYN+ACK, held and released──");
}

Test(ladder, what_is_held_to_the_end_is_named_beside_the_verdict)
{
	struct tl_buf md;

	shoot_connection(&st);
	SHOOT(&st, REPLICA, FIN, 101, 501, 0, TL_FIN_WAIT1, TL_ESTABLISHED, TL_FATE_HELD);
	SHOOT(&st, MASTER, ACK, 501, 101, 7, TL_ESTABLISHED, TL_FIN_WAIT1, TL_FATE_HELD);
	stage_finish(&st, TL_END_COMPLETE);
	text = shoot_render(&st, "text", false, 80);
	md = shoot_render(&st, "md", false, 80);
	has(&text, "──FIN───────────────────┤ held to the end");
	has(&text, "held to the end ├─────────data, 7 bytes──");
	has(&text, "\nStill held at the end: FIN from replica (phase 1), data from master "
		   "(phase 1).\n");
	has(&md, "\nStill held at the end: FIN from replica (phase 1), data from master "
		 "(phase 1).\n");
	tl_buf_release(&md);
	stage_close(&st);
}

Test(ladder, a_reset_and_what_doubts_it_are_told)
{
	shoot_connection(&st);
	shoot_talk(&st, 1);
	SHOOT(&st, REPLICA, RST, 105, 501, 0, 0, TL_ESTABLISHED);
	SHOOT(&st, MASTER, ACK, 501, 111, 0, TL_ESTABLISHED, 0);
	SHOOT(&st, REPLICA, RST, 111, 501, 0, 0, TL_ESTABLISHED);
	tell("text");
	has(&text, "   CLOSED       ──RST─────────────────────────────────────────────▶  ESTABLISHED\n"
		   "   CLOSED       ◀───────────────────────────────────challenge ACK──  ESTABLISHED\n"
		   "   CLOSED       ──RST─────────────────────────────────────────────▶  ESTABLISHED\n");
}

Test(ladder, connections_of_the_same_actors_are_told_apart_by_their_ports)
{
	shoot_open(&st, 1);
	shoot_handshake(&st, 50001);
	SHOOT(&st, REPLICA, TL_FLAG_SYN, 100, 0, 0, TL_SYN_SENT, 0, .port = 50002);
	tell("text");
	has(&text, "   replica:50001      states while each segment is on its way        master:6379\n");
	has(&text, "\n   replica:50002                                                     master:6379\n");
}

static void move_end(struct tl_endpoint *ep, uint16_t port)
{
	if (ep->port == port && ep->addr[0] == 127)
		ep->addr[3] = 2;
}

/* From event @from on the end at @port has another address, and both have other sockets. */
static void move(size_t from, uint16_t port)
{
	for (struct tl_event *ev = st.trace.events + from; ev < st.trace.events + st.trace.n; ev++) {
		move_end(&ev->segment.seg.from, port);
		move_end(&ev->segment.seg.to, port);
		for (int i = 0; i < 2; i++) {
			move_end(&ev->segment.ends[i].sock.local, port);
			move_end(&ev->segment.ends[i].sock.remote, port);
			ev->segment.ends[i].sock.cookie += ev->segment.ends[i].sock.remote.port ? 10 : 0;
		}
	}
}

/* Where a port is not enough, the address is said as well. */
Test(ladder, connections_of_the_same_ports_have_their_addresses)
{
	static const char *const formats[] = { "text", "md" };

	for (int i = 0; i < 2; i++) {
		size_t first;

		shoot_connection(&st);
		first = st.trace.n;
		shoot_handshake(&st, 0);
		SHOOT(&st, REPLICA, FIN, 101, 501, 0, TL_FIN_WAIT1, TL_ESTABLISHED);
		move(first, CLIENT_PORT);
		tell(formats[i]);
		has(&text, "replica 127.0.0.1:53525  ");
		has(&text, "replica 127.0.0.2:53525  ");
		has(&text, i ? "`replica -> master (127.0.0.2:53525)`" :
			       "replica -> master (127.0.0.2:53525)  CLOSED SYN_SENT");
		cr_expect_null(strstr(text.data, "master 127.0.0.1"), "%s", text.data);
		if (i)
			has(&text, "participant L as replica 127.0.0.2:53525\n");
	}
}

/* And the other end, where these have the same address and port. */
Test(ladder, connections_from_the_same_end_have_both_addresses)
{
	size_t first;

	shoot_connection(&st);
	first = st.trace.n;
	shoot_handshake(&st, 0);
	move(first, 6379);
	tell("text");
	has(&text, "replica -> master (127.0.0.1:53525, 127.0.0.1:6379)");
	has(&text, "replica -> master (127.0.0.1:53525, 127.0.0.2:6379)");
}

/* When the SYN was sent nobody was known there; its answer says who it was. */
Test(ladder, an_end_has_the_name_that_its_answer_has)
{
	shoot_connection(&st);
	for (size_t i = 0; i < st.trace.n; i++)
		if (st.trace.events[i].kind == TL_EVENT_SEGMENT &&
		    st.trace.events[i].segment.seg.flags == TL_FLAG_SYN)
			st.trace.events[i].segment.to = -1;
	tell("text");
	has(&text, "   replica            states while each segment is on its way        master\n");
}

/* A SYN to a port where nobody listens. */
static void refused(uint16_t port, uint32_t seq)
{
	SHOOT(&st, REPLICA, TL_FLAG_SYN, seq, 0, 0, TL_SYN_SENT, 0, .port = port);
	SHOOT(&st, MASTER, RST, 0, seq + 1, 0, 0, TL_SYN_SENT, .port = port);
}

Test(ladder, connections_that_went_alike_are_drawn_once)
{
	struct tl_buf md;

	shoot_open(&st, 1);
	for (int i = 0; i < 9; i++)
		refused(0, 1000 * i);
	shoot_handshake(&st, 0);
	stage_finish(&st, TL_END_COMPLETE);
	text = shoot_render(&st, "text", false, 80);
	md = shoot_render(&st, "md", false, 80);
	cr_assert_eq(count_of(&text, "RST──"), 1, "%s", text.data);
	cr_assert_eq(count_of(&text, "SYN+ACK──"), 1, "%s", text.data);
	has(&text, "· and the same again ·\n");
	has(&md, "· and the same again ·\n");
	tl_buf_release(&md);
	stage_close(&st);
}

/* What is news of the first, and stands out there, need be none of the next. */
Test(ladder, what_is_alike_is_so_in_colour_too)
{
	shoot_open(&st, 2);
	LOOK(&st, LISTENER, CLIENT(SYN_SENT));
	stage_enter(&st);
	refused(0, 7);
	refused(20001, 7);
	tell_as("text", true, 80);
	has(&text, "· and the same again ·");
}

/* Alike are only connections of the same two. */
Test(ladder, another_s_connection_is_drawn_though_it_went_alike)
{
	size_t first;

	shoot_open(&st, 1);
	refused(0, 7);
	first = st.trace.n;
	refused(40000, 7);
	st.trace.events[first].segment.from = st.trace.events[first + 1].segment.to = MASTER;
	st.trace.events[first].segment.ends[0].owner = MASTER;
	tell("text");
	lacks(&text, "and the same again");
	cr_assert_eq(count_of(&text, "RST──"), 2, "%s", text.data);
}

/* What goes on after its turn is one connection all the same. */
Test(ladder, connections_that_are_left_out_are_counted_once)
{
	shoot_open(&st, 1);
	for (int turn = 0; turn < 2; turn++)
		for (int i = 0; i < 50; i++)
			if (!turn || i % 2)
				refused(20000 + i, 7);
	tell("text");
	has(&text, "· 44 more connections ·\n");
}

Test(ladder, a_phase_of_many_connections_stays_short)
{
	shoot_open(&st, 1);
	for (int i = 0; i < 1000; i++) {
		refused(20000 + i, 7);
		if (i % 2)
			SHOOT(&st, REPLICA, TL_FLAG_SYN, 7, 0, 0, TL_SYN_SENT, 0,
			      .port = 20000 + i);
	}
	tell("text");
	has(&text, "· 994 more connections ·\n");
	cr_assert_lt(count_of(&text, "\n"), 60, "%s", text.data);
}

Test(ladder, a_diagram_of_many_lines_stays_short)
{
	struct tl_buf head = { 0 };
	const char *cut;

	shoot_connection(&st);
	for (int i = 0; i < 5000; i++)
		SHOOT(&st, REPLICA, ACK, 101 + i, 501, 1, TL_ESTABLISHED, TL_ESTABLISHED,
		      TL_FATE_HELD);
	for (int i = 0; i < 5000; i++)
		shoot_letgo(&st, 4 + i, i % 2);
	tell("text");
	has(&text, "· and so on ·\n");
	has(&text, "LISTEN\n");
	cut = strstr(text.data, "· and so on ·");
	tl_buf_add(&head, text.data, cut - text.data);
	cr_assert_eq(count_of(&head, "──▶") + count_of(&head, "┤") + count_of(&head, "✗ dropped"),
		     14, "%s", head.data);
	tl_buf_release(&head);
	cr_assert_eq(count_of(&text, "──▶") + count_of(&text, "┤") + count_of(&text, "✗ dropped"), 22,
		     "%s", text.data);
}

Test(ladder, who_is_unknown_is_shown_by_its_endpoint)
{
	shoot_connection(&st);
	for (size_t i = 0; i < st.trace.n; i++)
		if (st.trace.events[i].kind == TL_EVENT_SEGMENT) {
			st.trace.events[i].segment.from = -1;
			st.trace.events[i].segment.to = 77;
		}
	tell("text");
	has(&text, "   127.0.0.1:53525");
	has(&text, "  127.0.0.1:6379\n");
}

Test(ladder, the_opener_stands_at_the_left_though_its_syn_was_missed)
{
	shoot_open(&st, 1);
	SHOOT(&st, MASTER, TL_FLAG_SYN | ACK, 500, 101, 0, TL_SYN_RECV, TL_SYN_SENT);
	stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_LOSSY, .lossy.n = 1 });
	tell("text");
	has(&text, "   SYN_SENT     ◀─────────────────────────────────────────SYN+ACK──  SYN_RECV\n");
	has(&text, "\n   1 segment passed unseen in this phase.\n");
	has(&text, "\n1 segment passed unseen: what this report says about segments has gaps.\n");
}

Test(ladder, why_nothing_was_tapped_is_said_where_it_was_to_be)
{
	for (int off = 0; off < 2; off++) {
		struct tl_buf md;

		shoot_open(&st, 1);
		st.plan->wire = off ? TL_WIRE_OFF : TL_WIRE_TAP;
		free(st.trace.events[1].wire.text);
		st.trace.events[1].wire.tapped = false;
		st.trace.events[1].wire.text = strdup("this kernel has no NFQUEUE");
		stage_finish(&st, TL_END_COMPLETE);
		text = shoot_render(&st, "text", false, 80);
		md = shoot_render(&st, "md", false, 80);
		cr_assert_eq(count_of(&text, "\nNo segments were recorded: this kernel has no NFQUEUE. "), !off);
		cr_assert_eq(count_of(&md, "\nNo segments were recorded: this kernel has no NFQUEUE. "), !off);
		tl_buf_release(&text);
		tl_buf_release(&md);
		stage_close(&st);
	}
}

Test(ladder, diagrams_keep_to_the_width_whatever_the_names)
{
	static const char *const longer = "nominated-in-a-committee-of-many-members";
	int syn;

	shoot_open(&st, 2);
	for (int i = 0; i < N_ACTORS; i++) {
		free(st.plan->actors[i].name);
		st.plan->actors[i].name = strdup(longer);
	}
	syn = SHOOT(&st, REPLICA, TL_FLAG_SYN, 100, 0, 12345, TL_SYN_SENT, TL_LISTEN,
		    TL_FATE_HELD);
	for (int i = 0; i < 11; i++)
		SHOOT(&st, REPLICA, TL_FLAG_SYN, 100, 0, 0, TL_SYN_SENT, TL_LISTEN,
		      TL_FATE_ABSORBED, syn);
	stage_enter(&st);
	shoot_letgo(&st, syn, true);
	stage_finish(&st, TL_END_COMPLETE);
	for (int width = 75; width < 140; width += 7) {
		text = shoot_render(&st, "text", false, width);
		has(&text, "held, dropped in phase 2");
		cr_assert_leq(widest(&text), width, "at %d:\n%s", width, text.data);
		tl_buf_release(&text);
	}
	stage_close(&st);
}

Test(ladder, a_state_stands_out_where_it_is_news)
{
	shoot_open(&st, 2);
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	stage_enter(&st);
	SHOOT(&st, REPLICA, FIN, 101, 501, 0, TL_FIN_WAIT1, TL_ESTABLISHED);
	tell_as("text", true, 80);
	has(&text, "\033[1;36mFIN_WAIT1\033[0m");
	has(&text, "\033[2mESTABLISHED\033[0m");
}

/* CLOSE_WAIT was caught on the way, LAST_ACK is drawn, TIME_WAIT stands in the table. */
Test(ladder, a_state_that_only_chance_has_caught_stands_in_parentheses)
{
	shoot_open(&st, 2);
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	stage_enter(&st);
	SHOOT(&st, REPLICA, FIN, 101, 501, 0, 0, 0);
	SHOOT(&st, MASTER, ACK, 501, 102, 0, 0, 0);
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT2), SERVER(CLOSE_WAIT));
	st.trace.events[st.trace.n - 1].snapshot.look = TL_LOOK_WAITING;
	SHOOT(&st, MASTER, FIN, 501, 102, 0, TL_LAST_ACK, TL_FIN_WAIT2);
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
	tell("text");
	has(&text, "ESTABLISHED (CLOSE_WAIT) LAST_ACK CLOSED\n");
	has(&text, "ESTABLISHED (FIN_WAIT1) FIN_WAIT2 TIME_WAIT\n");
	has(&text, "In parentheses: not seen, but inferred from what was");
}

Test(ladder, nothing_hostile_gets_into_a_diagram)
{
	shoot_open(&st, 1);
	free(st.plan->actors[REPLICA].name);
	st.plan->actors[REPLICA].name = strdup("a\x1b[31m\n```\n# b\xe2\x80\xae");
	shoot_handshake(&st, 0);
	stage_finish(&st, TL_END_COMPLETE);
	for (int i = 0; i < 2; i++) {
		text = shoot_render(&st, i ? "md" : "text", false, 80);
		lacks(&text, "\x1b");
		lacks(&text, "\xe2\x80\xae");
		lacks(&text, "\n# b");
		has(&text, "\\x1b[31m");
		tl_buf_release(&text);
	}
	stage_close(&st);
}

/* Ids that do not count upwards, of segments that are not there, twice over. */
Test(ladder, a_trace_that_contradicts_itself_is_rendered_all_the_same)
{
	static const char *const formats[] = { "text", "html",  "md",
						"json", "junit", "tap" };

	shoot_open(&st, 2);
	shoot_letgo(&st, 1, false);
	SHOOT(&st, REPLICA, TL_FLAG_SYN, 100, 0, 0, TL_SYN_SENT, 0, TL_FATE_ABSORBED, 1);
	SHOOT(&st, REPLICA, TL_FLAG_SYN, 100, 0, 0, TL_SYN_SENT, 0, TL_FATE_ABSORBED, 99);
	SHOOT(&st, MASTER, 0xff, 0xffffffff, 0, 0xffffffff, 0, 0, TL_FATE_HELD);
	st.trace.events[st.trace.n - 1].segment.id = -5;
	shoot_letgo(&st, -5, true);
	shoot_letgo(&st, -5, false);
	shoot_letgo(&st, 2, true);
	st.phase = 7;
	SHOOT(&st, MASTER, 0, 0, 0, 0, 0, 0, TL_FATE_HELD);
	st.phase = -1;
	SHOOT(&st, REPLICA, FIN, 0, 0, 0, 0, 0, TL_FATE_HELD);
	stage_finish(&st, TL_END_COMPLETE);
	for (size_t i = 0; i < COUNT(formats); i++) {
		text = shoot_render(&st, formats[i], false, 80);
		cr_assert_gt(text.len, 0);
		tl_buf_release(&text);
	}
	stage_close(&st);
}
