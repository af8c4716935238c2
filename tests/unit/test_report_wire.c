/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which segments the renderers tell, and in which words; JSON has them all. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

#include "told.h"

TestSuite(report_wire, .fini = clean_up);

Test(report_wire, a_connection_is_a_diagram_and_talk_is_one_line)
{
	shoot_connection(&st);
	shoot_talk(&st, 5000);
	tell("text");
	has(&text, "   replica            states while each segment is on its way        master\n"
		   "   SYN_SENT     ──SYN─────────────────────────────────────────────▶  LISTEN\n"
		   "   SYN_SENT     ◀─────────────────────────────────────────SYN+ACK──  SYN_RECV\n"
		   "   ESTABLISHED  ──ACK of SYN──────────────────────────────────────▶  SYN_RECV\n"
		   "                                     · data ·\n");
	cr_assert_lt(count_of(&text, "\n"), 40);
}

/* Both ends' timers run out; @left_first: the left one's is the sooner. */
static struct tl_buf both_repeat(bool left_first, const char *renderer)
{
	shoot_open(&st, 1);
	SHOOT(&st, REPLICA, TL_FLAG_SYN, 100, 0, 0, TL_SYN_SENT, TL_SYN_SENT);
	SHOOT(&st, MASTER, TL_FLAG_SYN, 500, 0, 0, TL_SYN_SENT, TL_SYN_SENT);
	for (int i = 0; i < 4; i++) {
		if (left_first == (i % 2 == 0))
			SHOOT(&st, REPLICA, TL_FLAG_SYN, 100, 0, 0, TL_SYN_SENT, TL_SYN_SENT);
		else
			SHOOT(&st, MASTER, TL_FLAG_SYN, 500, 0, 0, TL_SYN_SENT, TL_SYN_SENT);
	}
	return curtain(&st, renderer);
}

Test(report_wire, which_timer_was_the_sooner_makes_no_difference)
{
	static const char *const renderers[] = { "text", "md" };

	for (size_t i = 0; i < 2; i++) {
		struct tl_buf one = both_repeat(true, renderers[i]);
		struct tl_buf other = both_repeat(false, renderers[i]);

		cr_assert_str_eq(one.data, other.data, "%s", one.data);
		cr_assert_eq(count_of(&one, "SYN again, 2 times"), i ? 4 : 2, "%s", one.data);
		tl_buf_release(&one);
		tl_buf_release(&other);
	}
}

/* Two connections' data, then a phase in which both repeat theirs: @first the sooner. */
static struct tl_buf two_repeat(uint16_t first)
{
	const uint16_t ports[] = { 20001, 20002, first, 20001 + 20002 - first };
	shoot_open(&st, 2);
	shoot_handshake(&st, 20001);
	shoot_handshake(&st, 20002);
	for (int i = 0; i < 4; i++) {
		if (i == 2)
			stage_enter(&st);
		shoot_letgo(&st, SHOOT(&st, REPLICA, ACK, 101, 501, ports[i] - 20000, TL_ESTABLISHED,
				  TL_ESTABLISHED, TL_FATE_HELD, .port = ports[i]), true);
	}
	return curtain(&st, "text");
}

Test(report_wire, which_connection_s_timer_was_the_sooner_makes_no_difference)
{
	struct tl_buf one = two_repeat(20001), other = two_repeat(20002);

	cr_assert_str_eq(one.data, other.data, "%s\n%s", one.data, other.data);
	cr_assert_eq(count_of(&one, "data, 2 bytes"), 2, "%s", one.data);
	tl_buf_release(&one);
	tl_buf_release(&other);
}

/* Data that repair a loss are told; those that a slow machine repeats for no need are talk. */
Test(report_wire, data_again_after_a_loss_is_a_line)
{
	for (int lost = 0; lost < 2; lost++) {
		shoot_connection(&st);
		shoot_talk(&st, 1);
		SHOOT(&st, REPLICA, ACK, 111, 501, 10, TL_ESTABLISHED, TL_ESTABLISHED);
		shoot_letgo(&st, SHOOT(&st, MASTER, ACK, 501, 121, 0, TL_ESTABLISHED, TL_ESTABLISHED,
				  .fate = TL_FATE_HELD), lost);
		for (int i = 0; i < 2; i++)
			SHOOT(&st, REPLICA, ACK, 111, 501, 10, TL_ESTABLISHED, TL_ESTABLISHED);
		tell("text");
		cr_assert_eq(count_of(&text, "data, 10 bytes again"), lost, "%s", text.data);
	}
}

/* What a listener is sent that is no SYN it answers itself; who aborts is CLOSED. */
Test(report_wire, a_listeners_reset)
{
	shoot_connection(&st);
	SHOOT(&st, MASTER, TL_FLAG_RST | ACK, 501, 101, 0, 0, TL_ESTABLISHED, TL_FATE_HELD);
	SHOOT(&st, REPLICA, ACK, 101, 501, 5, TL_ESTABLISHED, TL_LISTEN);
	SHOOT(&st, MASTER, TL_FLAG_RST, 501, 0, 0, 0, TL_ESTABLISHED);
	tell("text");
	cr_assert_eq(count_of(&text, "RST──  CLOSED"), 1, "%s", text.data);
	cr_assert_eq(count_of(&text, "RST──  LISTEN"), 1, "%s", text.data);
}

/* What was held of a connection reaches the one that the same two ends have begun since. */
Test(report_wire, what_is_old_when_it_is_released_is_called_so)
{
	for (int later = 0; later < 2; later++) {
		int id;

		shoot_open(&st, 2);
		shoot_handshake(&st, 0);
		id = SHOOT(&st, REPLICA, TL_FLAG_RST | ACK, 101, 501, 0, 0, TL_ESTABLISHED,
			   TL_FATE_HELD);
		SHOOT(&st, MASTER, TL_FLAG_RST | ACK, 501, 101, 0, 0, 0);
		if (later)
			stage_enter(&st);
		SHOOT(&st, REPLICA, TL_FLAG_SYN, 9100, 0, 0, TL_SYN_SENT, TL_LISTEN);
		SHOOT(&st, MASTER, TL_FLAG_SYN | ACK, 9500, 9101, 0, TL_SYN_RECV, TL_SYN_SENT);
		SHOOT(&st, REPLICA, ACK, 9101, 9501, 0, TL_ESTABLISHED, TL_SYN_RECV);
		shoot_letgo(&st, id, false);
		tell("text");
		cr_assert_eq(count_of(&text, "──RST, of an old connection, released──"), 1, "%s",
			     text.data);
		lacks(&text, "held and released");
	}
}

/* It finds the two ends as they were looked up when it went on: here both are gone. */
Test(report_wire, what_is_released_when_both_ends_are_gone)
{
	for (int looked = 0; looked < 2; looked++) {
		int id;

		shoot_open(&st, 2);
		shoot_handshake(&st, 0);
		id = SHOOT(&st, MASTER, TL_FLAG_RST | ACK, 501, 101, 0, 0, TL_ESTABLISHED,
			   .fate = TL_FATE_HELD);
		stage_enter(&st);
		stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_LETGO,
						   .letgo = { .id = id, .looked = looked } });
		tell("text");
		has(&text, looked ? "   CLOSED       ◀──" : "   ESTABLISHED  ◀──");
	}
}

/* That its ACK took longer than the timer is not news either; that it was lost is. */
Test(report_wire, a_fin_again_that_was_needless_is_no_line)
{
	for (int lost = 0; lost < 2; lost++) {
		int ack;

		shoot_open(&st, 1);
		SHOOT(&st, REPLICA, FIN, 101, 501, 0, TL_FIN_WAIT1, TL_ESTABLISHED);
		if (lost) {
			ack = SHOOT(&st, MASTER, ACK, 501, 102, 0, TL_CLOSE_WAIT, TL_FIN_WAIT1,
				    TL_FATE_HELD);
			shoot_letgo(&st, ack, true);
		}
		SHOOT(&st, REPLICA, FIN, 101, 501, 0, TL_FIN_WAIT1, TL_CLOSE_WAIT);
		SHOOT(&st, MASTER, FIN, 501, 102, 0, TL_LAST_ACK, TL_FIN_WAIT1);
		tell("text");
		cr_assert_eq(count_of(&text, "FIN again"), lost, "%s", text.data);
	}
}

/* A FIN that overtakes the SYN+ACK is dropped: the next one is the first that has an effect. */
Test(report_wire, a_fin_again_that_met_no_connection_before_is_a_line)
{
	int syn_ack;

	shoot_open(&st, 1);
	SHOOT(&st, REPLICA, TL_FLAG_SYN, 100, 0, 0, TL_SYN_SENT, TL_LISTEN);
	syn_ack = SHOOT(&st, MASTER, TL_FLAG_SYN | ACK, 500, 101, 0, TL_SYN_RECV, TL_SYN_SENT,
			TL_FATE_HELD);
	SHOOT(&st, MASTER, FIN, 501, 101, 0, TL_FIN_WAIT1, TL_SYN_SENT);
	shoot_letgo(&st, syn_ack, false);
	SHOOT(&st, MASTER, FIN, 501, 101, 0, TL_FIN_WAIT1, TL_ESTABLISHED);
	tell("text");
	cr_assert_eq(count_of(&text, "FIN again"), 1, "%s", text.data);
}

/* Where the kernel cuts what a program writes is chance, and so is how much goes with the FIN. */
Test(report_wire, of_a_fin_with_the_rest_of_the_data_no_number_is_said)
{
	for (int rest = 0; rest < 2; rest++) {
		shoot_connection(&st);
		if (rest)
			shoot_talk(&st, 2);
		SHOOT(&st, REPLICA, FIN, rest ? 121 : 101, 501, 7, TL_FIN_WAIT1, TL_ESTABLISHED);
		tell("text");
		cr_assert_eq(count_of(&text, "FIN with data"), rest, "%s", text.data);
		cr_assert_eq(count_of(&text, "FIN with 7 bytes"), !rest, "%s", text.data);
	}
}

/* A FIN repeated since the phase before: how many of the copies fall into this one is chance. */
Test(report_wire, of_a_series_that_began_earlier_no_number_is_said)
{
	for (int i = 0; i < 6; i++) {
		int n = 1 + i / 2, earlier = i % 2;

		shoot_open(&st, 1 + earlier);
		SHOOT(&st, REPLICA, FIN, 101, 501, 0, TL_FIN_WAIT1, TL_ESTABLISHED);
		shoot_letgo(&st, SHOOT(&st, MASTER, ACK, 501, 102, 0, TL_CLOSE_WAIT, TL_FIN_WAIT1,
				  TL_FATE_HELD), true);
		if (earlier)
			stage_enter(&st);
		for (int k = 0; k < n; k++)
			shoot_letgo(&st, SHOOT(&st, REPLICA, FIN, 101, 501, 0, TL_FIN_WAIT1,
					  TL_CLOSE_WAIT, TL_FATE_HELD), true);
		tell("text");
		cr_assert_eq(count_of(&text, "FIN again"), earlier ? 1 : n, "%s", text.data);
		cr_assert_eq(count_of(&text, "again, once or more"), earlier, "%s", text.data);
	}
}

/* How often a kernel repeats what stands still, or is slow to be read, is a matter of chance. */
Test(report_wire, what_is_absorbed_is_no_line)
{
	int fin;

	shoot_open(&st, 1);
	fin = SHOOT(&st, REPLICA, FIN, 101, 501, 0, TL_FIN_WAIT1, TL_ESTABLISHED);
	SHOOT(&st, REPLICA, FIN, 101, 501, 0, TL_FIN_WAIT1, TL_ESTABLISHED, TL_FATE_ABSORBED, fin);
	SHOOT(&st, MASTER, FIN, 501, 102, 0, TL_LAST_ACK, TL_FIN_WAIT1);
	tell("text");
	lacks(&text, "again");
	lacks(&text, "absorbed");
}

Test(report_wire, markdown_is_as_brief_about_talk)
{
	shoot_open(&st, 2);
	shoot_handshake(&st, 0);
	shoot_talk(&st, 3);
	stage_enter(&st);
	shoot_talk(&st, 1);
	tell("md");
	cr_assert_eq(count_of(&text, "· data ·\n"), 1, "%s", text.data);
	cr_assert_eq(count_of(&text, "Note over L,R: data\n"), 1, "%s", text.data);
	cr_assert_eq(count_of(&text, "states while"), 1, "explained once:\n%s", text.data);
}

/* A heartbeat may fall before a FIN or after it; data whose ACK is held belongs to that. */
Test(report_wire, talk_that_leads_to_nothing_is_no_line_in_a_terminal)
{
	shoot_open(&st, 2);
	SHOOT(&st, REPLICA, ACK, 101, 501, 10, TL_ESTABLISHED, TL_ESTABLISHED);
	SHOOT(&st, MASTER, ACK, 501, 111, 0, TL_ESTABLISHED, TL_ESTABLISHED, TL_FATE_HELD);
	stage_enter(&st);
	shoot_talk(&st, 1);
	SHOOT(&st, REPLICA, FIN, 111, 501, 0, TL_FIN_WAIT1, TL_ESTABLISHED);
	tell("text");
	has(&text, "· data ·\n   ESTABLISHED            held to the end ├───────────────────ACK──");
	has(&text, "master\n   FIN_WAIT1    ──FIN──");
	cr_assert_eq(count_of(&text, "· data"), 1, "%s", text.data);
}

/* In how many pieces a kernel sends it is a matter of chance; that it was sent is none. */
Test(report_wire, what_a_step_sends_has_an_arrow)
{
	shoot_open(&st, 3);
	stage_step(&st, TL_VERB_SEND, REPLICA, 0, "10 bytes");
	shoot_talk(&st, 1);
	stage_enter(&st);
	stage_step(&st, TL_VERB_SEND, REPLICA, 0, "30 bytes");
	SHOOT(&st, REPLICA, ACK, 111, 501, 20, TL_ESTABLISHED, TL_ESTABLISHED);
	SHOOT(&st, REPLICA, ACK, 131, 501, 10, TL_ESTABLISHED, TL_ESTABLISHED);
	stage_enter(&st);
	stage_step(&st, TL_VERB_RECEIVE, MASTER, 0, "30 bytes");
	SHOOT(&st, REPLICA, ACK, 141, 501, 10, TL_ESTABLISHED, TL_ESTABLISHED);
	tell("text");
	has(&text, "   ESTABLISHED  ──data, 10 bytes──────");
	has(&text, "   ESTABLISHED  ──data──────");
	has(&text, "▶  ESTABLISHED\n                                     · data ·\n");
	cr_assert_eq(count_of(&text, "──data"), 2, "%s", text.data);
}

Test(report_wire, what_a_kernel_repeats_is_not_what_the_step_sends)
{
	shoot_open(&st, 1);
	shoot_talk(&st, 1);
	stage_step(&st, TL_VERB_SEND, REPLICA, 0, "5 bytes");
	SHOOT(&st, REPLICA, ACK, 101, 501, 10, TL_ESTABLISHED, TL_ESTABLISHED);
	SHOOT(&st, REPLICA, ACK, 111, 501, 5, TL_ESTABLISHED, TL_ESTABLISHED);
	tell("text");
	has(&text, "──data, 5 bytes──");
	cr_assert_eq(count_of(&text, "──data"), 1, "%s", text.data);
}

Test(report_wire, json_has_every_segment)
{
	const char *name, *fate, *state;
	json_t *json, *phase, *segment;
	int copy_of, dropped, letgo, absorbed, held;
	json_error_t error;
	int syn;

	shoot_open(&st, 2);
	syn = SHOOT(&st, REPLICA, TL_FLAG_SYN, 4294967295, 0, 0, TL_SYN_SENT, TL_LISTEN,
		    TL_FATE_HELD);
	SHOOT(&st, REPLICA, TL_FLAG_SYN, 4294967295, 0, 0, TL_SYN_SENT, 0, TL_FATE_ABSORBED,
	      syn);
	stage_enter(&st);
	shoot_letgo(&st, syn, true);
	SHOOT(&st, REPLICA, TL_FLAG_SYN, 4294967295, 0, 0, TL_SYN_SENT, TL_LISTEN,
	      TL_FATE_HELD);
	tell("json");
	json = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, &error);
	cr_assert_not_null(json, "%s", error.text);
	phase = json_array_get(json_object_get(json, "phases"), 0);
	segment = json_array_get(json_object_get(phase, "segments"), 0);
	cr_assert_eq(json_unpack(segment, "{s:s, s:s, s:{s:i, s:b}, s:[{s:s}, {}], s:n}", "name",
				 &name, "fate", &fate, "letgo", "phase", &letgo, "dropped",
				 &dropped, "ends", "state", &state, "ack"), 0);
	cr_assert_str_eq(name, "SYN");
	cr_assert_str_eq(fate, "held");
	cr_assert_str_eq(state, "SYN_SENT");
	cr_assert_eq(letgo, 2);
	cr_assert(dropped);
	cr_assert_eq(json_integer_value(json_object_get(segment, "seq")), 4294967295);
	segment = json_array_get(json_object_get(phase, "segments"), 1);
	cr_assert_eq(json_unpack(segment, "{s:i, s:[{}, n], s:n}", "copy_of", &copy_of, "ends",
				 "letgo"), 0);
	cr_assert_eq(copy_of, syn);
	cr_assert_eq(json_unpack(json, "{s:{s:i, s:[i!]}}", "wire", "absorbed", &absorbed,
				 "held", &held), 0);
	cr_assert_eq(absorbed, 1);
	cr_assert_eq(held, 3);
	json_decref(json);
}
