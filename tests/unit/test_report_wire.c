/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the renderers make of segments: diagrams in text and Markdown, arrays in JSON. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stage.h"
#include "tcplab/report.h"
#include "tcplab/text.h"

#define CLIENT_PORT 53525
#define SERVER_PORT 6379

#define FIN (TL_FLAG_FIN | TL_FLAG_ACK)
#define RST (TL_FLAG_RST | TL_FLAG_ACK)
#define ACK TL_FLAG_ACK

/* One segment between the replica's port and the master's. */
struct shot {
	int by;
	uint8_t flags;
	uint32_t seq, ack, len;
	enum tl_state mine, theirs; /* the sender's state and the receiver's */
	enum tl_fate fate;
	int copy_of;
	uint16_t port;              /* the replica's, CLIENT_PORT when 0 */
};

static struct tl_row row_of(int owner, const struct tl_segment *s, enum tl_state state)
{
	uint16_t port = s->from.port == SERVER_PORT ? s->to.port : s->from.port;

	if (!state)
		return (struct tl_row){ .owner = -1, .peer = -1 };
	if (state == TL_LISTEN)
		return LISTENER;
	if (owner == MASTER)
		return stage_row(3, MASTER, REPLICA, SERVER_PORT, port, state);
	return stage_row(2, REPLICA, MASTER, port, SERVER_PORT, state);
}

static int shoot(struct stage *st, const struct shot *shot)
{
	uint16_t port = shot->port ? shot->port : CLIENT_PORT;
	bool up = shot->by == REPLICA;
	struct tl_row way = stage_row(9, shot->by, -1, up ? port : SERVER_PORT,
				      up ? SERVER_PORT : port, TL_ESTABLISHED);
	struct tl_event ev = { .kind = TL_EVENT_SEGMENT };
	struct tl_segment *s = &ev.segment.seg;
	int id = 1;

	for (size_t i = 0; i < st->trace.n; i++)
		id += st->trace.events[i].kind == TL_EVENT_SEGMENT;
	*s = (struct tl_segment){ .from = way.sock.local, .to = way.sock.remote,
				  .flags = shot->flags, .seq = shot->seq, .ack = shot->ack,
				  .len = shot->len, .wscale = -1 };
	ev.segment.id = id;
	ev.segment.from = shot->by;
	ev.segment.to = up ? MASTER : REPLICA;
	ev.segment.ends[0] = row_of(shot->by, s, shot->mine);
	ev.segment.ends[1] = row_of(ev.segment.to, s, shot->theirs);
	ev.segment.fate = shot->fate;
	ev.segment.copy_of = shot->copy_of;
	stage_emit(st, ev);
	return id;
}

#define SHOOT(st, ...) shoot(st, &(struct shot){ __VA_ARGS__ })

static void let_go(struct stage *st, int id, bool dropped)
{
	stage_emit(st, (struct tl_event){ .kind = TL_EVENT_LETGO,
					  .letgo = { .id = id, .dropped = dropped } });
}

static void handshake(struct stage *st, uint16_t port)
{
	SHOOT(st, REPLICA, TL_FLAG_SYN, 100, 0, 0, TL_SYN_SENT, TL_LISTEN, .port = port);
	SHOOT(st, MASTER, TL_FLAG_SYN | ACK, 500, 101, 0, TL_SYN_RECV, TL_SYN_SENT,
	      .port = port);
	SHOOT(st, REPLICA, ACK, 101, 501, 0, TL_ESTABLISHED, TL_SYN_RECV, .port = port);
}

/* @n times some data and its ACK. */
static void talk(struct stage *st, int n)
{
	for (int i = 0; i < n; i++) {
		SHOOT(st, REPLICA, ACK, 101 + 10 * i, 501, 10, TL_ESTABLISHED, TL_ESTABLISHED);
		SHOOT(st, MASTER, ACK, 501, 111 + 10 * i, 0, TL_ESTABLISHED, TL_ESTABLISHED);
	}
}

static void open_stage(struct stage *st, int phases)
{
	stage_open(st);
	st->plan->name = strdup("a/name");
	st->plan->title = strdup("a title");
	for (int i = 0; i < phases; i++)
		stage_phase(st, NULL, 0);
	stage_emit(st, (struct tl_event){ .kind = TL_EVENT_WIRE,
					  .wire = { true, strdup("queue") } });
	stage_enter(st);
}

static struct tl_buf render(struct stage *st, const char *name, bool color, int width)
{
	struct tl_report_style style = { color, width };
	struct tl_report report = { st->plan, &st->trace, &st->film, &st->verdict };
	struct tl_buf out = { 0 };
	struct tl_err err = { 0 };

	cr_assert_eq(tl_renderer_find(name)->render(&report, &style, &out, &err), 0, "%s",
		     err.text);
	return out;
}

/* The run ends, is judged and rendered, and the stage cleared. */
static struct tl_buf curtain(struct stage *st, const char *name)
{
	struct tl_buf out;

	stage_end(st, TL_END_COMPLETE);
	stage_judge(st);
	out = render(st, name, false, 80);
	stage_close(st);
	return out;
}

static void has(const struct tl_buf *buf, const char *text)
{
	cr_assert_not_null(strstr(tl_buf_text(buf), text), "no \"%s\" in:\n%s", text,
			   tl_buf_text(buf));
}

static void lacks(const struct tl_buf *buf, const char *text)
{
	cr_assert_null(strstr(tl_buf_text(buf), text), "\"%s\" in:\n%s", text,
		       tl_buf_text(buf));
}

static int count(const struct tl_buf *buf, const char *text)
{
	int n = 0;

	for (const char *p = tl_buf_text(buf); (p = strstr(p, text)); p += strlen(text))
		n++;
	return n;
}

Test(report_wire, a_connection_is_a_diagram_and_talk_is_one_line)
{
	struct stage st;
	struct tl_buf text;

	open_stage(&st, 1);
	handshake(&st, 0);
	talk(&st, 5000);
	text = curtain(&st, "text");
	has(&text, "   replica            states while each segment is on its way        master\n"
		   "   SYN_SENT     ──SYN─────────────────────────────────────────────▶  LISTEN\n"
		   "   SYN_SENT     ◀─────────────────────────────────────────SYN+ACK──  SYN_RECV\n"
		   "   ESTABLISHED  ──ACK of SYN──────────────────────────────────────▶  SYN_RECV\n"
		   "                                     · data ·\n");
	cr_assert_lt(count(&text, "\n"), 40);
	tl_buf_release(&text);
}

/* Both ends' timers run out; @left_first: the left one's is the sooner. */
static struct tl_buf both_repeat(bool left_first, const char *renderer)
{
	struct stage st;

	open_stage(&st, 1);
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
		cr_assert_eq(count(&one, "SYN again, 2 times"), i ? 4 : 2, "%s", one.data);
		tl_buf_release(&one);
		tl_buf_release(&other);
	}
}

/* Two connections' data, then a phase in which both repeat theirs: @first the sooner. */
static struct tl_buf two_repeat(uint16_t first)
{
	const uint16_t ports[] = { 20001, 20002, first, 20001 + 20002 - first };
	struct stage st;

	open_stage(&st, 2);
	handshake(&st, 20001);
	handshake(&st, 20002);
	for (int i = 0; i < 4; i++) {
		if (i == 2)
			stage_enter(&st);
		let_go(&st, SHOOT(&st, REPLICA, ACK, 101, 501, ports[i] - 20000, TL_ESTABLISHED,
				  TL_ESTABLISHED, TL_FATE_HELD, .port = ports[i]), true);
	}
	return curtain(&st, "text");
}

Test(report_wire, which_connection_s_timer_was_the_sooner_makes_no_difference)
{
	struct tl_buf one = two_repeat(20001), other = two_repeat(20002);

	cr_assert_str_eq(one.data, other.data, "%s\n%s", one.data, other.data);
	cr_assert_eq(count(&one, "data, 2 bytes"), 2, "%s", one.data);
	tl_buf_release(&one);
	tl_buf_release(&other);
}

/* Data that repair a loss are told; those that a slow machine repeats for no need are talk. */
Test(report_wire, data_again_after_a_loss_is_a_line)
{
	for (int lost = 0; lost < 2; lost++) {
		struct stage st;
		struct tl_buf text;

		open_stage(&st, 1);
		handshake(&st, 0);
		talk(&st, 1);
		SHOOT(&st, REPLICA, ACK, 111, 501, 10, TL_ESTABLISHED, TL_ESTABLISHED);
		let_go(&st, SHOOT(&st, MASTER, ACK, 501, 121, 0, TL_ESTABLISHED, TL_ESTABLISHED,
				  .fate = TL_FATE_HELD), lost);
		for (int i = 0; i < 2; i++)
			SHOOT(&st, REPLICA, ACK, 111, 501, 10, TL_ESTABLISHED, TL_ESTABLISHED);
		text = curtain(&st, "text");
		cr_assert_eq(count(&text, "data, 10 bytes again"), lost, "%s", text.data);
		tl_buf_release(&text);
	}
}

/* What a listener is sent that is no SYN it answers itself; who aborts is CLOSED. */
Test(report_wire, a_listeners_reset)
{
	struct stage st;
	struct tl_buf text;

	open_stage(&st, 1);
	handshake(&st, 0);
	SHOOT(&st, MASTER, TL_FLAG_RST | ACK, 501, 101, 0, 0, TL_ESTABLISHED, TL_FATE_HELD);
	SHOOT(&st, REPLICA, ACK, 101, 501, 5, TL_ESTABLISHED, TL_LISTEN);
	SHOOT(&st, MASTER, TL_FLAG_RST, 501, 0, 0, 0, TL_ESTABLISHED);
	text = curtain(&st, "text");
	cr_assert_eq(count(&text, "RST──  CLOSED"), 1, "%s", text.data);
	cr_assert_eq(count(&text, "RST──  LISTEN"), 1, "%s", text.data);
	tl_buf_release(&text);
}

/* What was held of a connection reaches the one that the same two ends have begun since. */
Test(report_wire, what_is_old_when_it_is_released_is_called_so)
{
	for (int later = 0; later < 2; later++) {
		struct stage st;
		struct tl_buf text;
		int id;

		open_stage(&st, 2);
		handshake(&st, 0);
		id = SHOOT(&st, REPLICA, TL_FLAG_RST | ACK, 101, 501, 0, 0, TL_ESTABLISHED,
			   TL_FATE_HELD);
		SHOOT(&st, MASTER, TL_FLAG_RST | ACK, 501, 101, 0, 0, 0);
		if (later)
			stage_enter(&st);
		SHOOT(&st, REPLICA, TL_FLAG_SYN, 9100, 0, 0, TL_SYN_SENT, TL_LISTEN);
		SHOOT(&st, MASTER, TL_FLAG_SYN | ACK, 9500, 9101, 0, TL_SYN_RECV, TL_SYN_SENT);
		SHOOT(&st, REPLICA, ACK, 9101, 9501, 0, TL_ESTABLISHED, TL_SYN_RECV);
		let_go(&st, id, false);
		text = curtain(&st, "text");
		cr_assert_eq(count(&text, "──RST, of an old connection, released──"), 1, "%s",
			     text.data);
		lacks(&text, "held and released");
		tl_buf_release(&text);
	}
}

/* It finds the two ends as they were looked up when it went on: here both are gone. */
Test(report_wire, what_is_released_when_both_ends_are_gone)
{
	for (int looked = 0; looked < 2; looked++) {
		struct stage st;
		struct tl_buf text;
		int id;

		open_stage(&st, 2);
		handshake(&st, 0);
		id = SHOOT(&st, MASTER, TL_FLAG_RST | ACK, 501, 101, 0, 0, TL_ESTABLISHED,
			   .fate = TL_FATE_HELD);
		stage_enter(&st);
		stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_LETGO,
						   .letgo = { .id = id, .looked = looked } });
		text = curtain(&st, "text");
		has(&text, looked ? "   CLOSED       ◀──" : "   ESTABLISHED  ◀──");
		tl_buf_release(&text);
	}
}

/* That its ACK took longer than the timer is not news either; that it was lost is. */
Test(report_wire, a_fin_again_that_was_needless_is_no_line)
{
	for (int lost = 0; lost < 2; lost++) {
		struct stage st;
		struct tl_buf text;
		int ack;

		open_stage(&st, 1);
		SHOOT(&st, REPLICA, FIN, 101, 501, 0, TL_FIN_WAIT1, TL_ESTABLISHED);
		if (lost) {
			ack = SHOOT(&st, MASTER, ACK, 501, 102, 0, TL_CLOSE_WAIT, TL_FIN_WAIT1,
				    TL_FATE_HELD);
			let_go(&st, ack, true);
		}
		SHOOT(&st, REPLICA, FIN, 101, 501, 0, TL_FIN_WAIT1, TL_CLOSE_WAIT);
		SHOOT(&st, MASTER, FIN, 501, 102, 0, TL_LAST_ACK, TL_FIN_WAIT1);
		text = curtain(&st, "text");
		cr_assert_eq(count(&text, "FIN again"), lost, "%s", text.data);
		tl_buf_release(&text);
	}
}

/* Where the kernel cuts what a program writes is chance, and so is how much goes with the FIN. */
Test(report_wire, of_a_fin_with_the_rest_of_the_data_no_number_is_said)
{
	for (int rest = 0; rest < 2; rest++) {
		struct stage st;
		struct tl_buf text;

		open_stage(&st, 1);
		handshake(&st, 0);
		if (rest)
			talk(&st, 2);
		SHOOT(&st, REPLICA, FIN, rest ? 121 : 101, 501, 7, TL_FIN_WAIT1, TL_ESTABLISHED);
		text = curtain(&st, "text");
		cr_assert_eq(count(&text, "FIN with data"), rest, "%s", text.data);
		cr_assert_eq(count(&text, "FIN with 7 bytes"), !rest, "%s", text.data);
		tl_buf_release(&text);
	}
}

/* A FIN repeated since the phase before: how many of the copies fall into this one is chance. */
Test(report_wire, of_a_series_that_began_earlier_no_number_is_said)
{
	for (int i = 0; i < 6; i++) {
		struct stage st;
		struct tl_buf text;
		int n = 1 + i / 2, earlier = i % 2;

		open_stage(&st, 1 + earlier);
		SHOOT(&st, REPLICA, FIN, 101, 501, 0, TL_FIN_WAIT1, TL_ESTABLISHED);
		let_go(&st, SHOOT(&st, MASTER, ACK, 501, 102, 0, TL_CLOSE_WAIT, TL_FIN_WAIT1,
				  TL_FATE_HELD), true);
		if (earlier)
			stage_enter(&st);
		for (int k = 0; k < n; k++)
			let_go(&st, SHOOT(&st, REPLICA, FIN, 101, 501, 0, TL_FIN_WAIT1,
					  TL_CLOSE_WAIT, TL_FATE_HELD), true);
		text = curtain(&st, "text");
		cr_assert_eq(count(&text, "FIN again"), earlier ? 1 : n, "%s", text.data);
		cr_assert_eq(count(&text, "again, once or more"), earlier, "%s", text.data);
		tl_buf_release(&text);
	}
}

/* How often a kernel repeats what stands still, or is slow to be read, is a matter of chance. */
Test(report_wire, what_is_absorbed_is_no_line)
{
	struct stage st;
	struct tl_buf text;
	int fin;

	open_stage(&st, 1);
	fin = SHOOT(&st, REPLICA, FIN, 101, 501, 0, TL_FIN_WAIT1, TL_ESTABLISHED);
	SHOOT(&st, REPLICA, FIN, 101, 501, 0, TL_FIN_WAIT1, TL_ESTABLISHED, TL_FATE_ABSORBED, fin);
	SHOOT(&st, MASTER, FIN, 501, 102, 0, TL_LAST_ACK, TL_FIN_WAIT1);
	text = curtain(&st, "text");
	lacks(&text, "again");
	lacks(&text, "absorbed");
	tl_buf_release(&text);
}

Test(report_wire, markdown_is_as_brief_about_talk)
{
	struct stage st;
	struct tl_buf text;

	open_stage(&st, 2);
	handshake(&st, 0);
	talk(&st, 3);
	stage_enter(&st);
	talk(&st, 1);
	text = curtain(&st, "md");
	cr_assert_eq(count(&text, "· data ·\n"), 1, "%s", text.data);
	cr_assert_eq(count(&text, "Note over L,R: data\n"), 1, "%s", text.data);
	cr_assert_eq(count(&text, "states while"), 1, "explained once:\n%s", text.data);
	tl_buf_release(&text);
}

/* A heartbeat may fall before a FIN or after it; data whose ACK is held belongs to that. */
Test(report_wire, talk_that_leads_to_nothing_is_no_line_in_a_terminal)
{
	struct stage st;
	struct tl_buf text;

	open_stage(&st, 2);
	SHOOT(&st, REPLICA, ACK, 101, 501, 10, TL_ESTABLISHED, TL_ESTABLISHED);
	SHOOT(&st, MASTER, ACK, 501, 111, 0, TL_ESTABLISHED, TL_ESTABLISHED, TL_FATE_HELD);
	stage_enter(&st);
	talk(&st, 1);
	SHOOT(&st, REPLICA, FIN, 111, 501, 0, TL_FIN_WAIT1, TL_ESTABLISHED);
	text = curtain(&st, "text");
	has(&text, "· data ·\n   ESTABLISHED            held to the end ├───────────────────ACK──");
	has(&text, "master\n   FIN_WAIT1    ──FIN──");
	cr_assert_eq(count(&text, "· data"), 1, "%s", text.data);
	tl_buf_release(&text);
}

/* In how many pieces a kernel sends it is a matter of chance; that it was sent is none. */
Test(report_wire, what_a_step_sends_has_an_arrow)
{
	struct stage st;
	struct tl_buf text;

	open_stage(&st, 3);
	stage_step(&st, TL_VERB_SEND, REPLICA, 0, "10 bytes");
	talk(&st, 1);
	stage_enter(&st);
	stage_step(&st, TL_VERB_SEND, REPLICA, 0, "30 bytes");
	SHOOT(&st, REPLICA, ACK, 111, 501, 20, TL_ESTABLISHED, TL_ESTABLISHED);
	SHOOT(&st, REPLICA, ACK, 131, 501, 10, TL_ESTABLISHED, TL_ESTABLISHED);
	stage_enter(&st);
	stage_step(&st, TL_VERB_RECEIVE, MASTER, 0, "30 bytes");
	SHOOT(&st, REPLICA, ACK, 141, 501, 10, TL_ESTABLISHED, TL_ESTABLISHED);
	text = curtain(&st, "text");
	has(&text, "   ESTABLISHED  ──data, 10 bytes──────");
	has(&text, "   ESTABLISHED  ──data──────");
	has(&text, "▶  ESTABLISHED\n                                     · data ·\n");
	cr_assert_eq(count(&text, "──data"), 2, "%s", text.data);
	tl_buf_release(&text);
}

Test(report_wire, what_a_kernel_repeats_is_not_what_the_step_sends)
{
	struct stage st;
	struct tl_buf text;

	open_stage(&st, 1);
	talk(&st, 1);
	stage_step(&st, TL_VERB_SEND, REPLICA, 0, "5 bytes");
	SHOOT(&st, REPLICA, ACK, 101, 501, 10, TL_ESTABLISHED, TL_ESTABLISHED);
	SHOOT(&st, REPLICA, ACK, 111, 501, 5, TL_ESTABLISHED, TL_ESTABLISHED);
	text = curtain(&st, "text");
	has(&text, "──data, 5 bytes──");
	cr_assert_eq(count(&text, "──data"), 1, "%s", text.data);
	tl_buf_release(&text);
}

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
Test(report_wire, connections_take_turns_step_by_step)
{
	static const char *const turns[] = {
		"   replica:20001", "ACK of SYN", "and the same again", "   replica:20001", "──FIN──", "ACK of FIN", "   replica:20002", "──FIN──", NULL
	};
	struct stage st;
	struct tl_buf text;

	open_stage(&st, 1);
	stage_step(&st, TL_VERB_CONNECT, REPLICA, 0, NULL);
	handshake(&st, 20001);
	stage_step(&st, TL_VERB_CONNECT, REPLICA, 0, NULL);
	handshake(&st, 20002);
	stage_step(&st, TL_VERB_CLOSE, REPLICA, 0, NULL);
	SHOOT(&st, REPLICA, FIN, 101, 501, 0, TL_FIN_WAIT1, TL_ESTABLISHED, .port = 20001);
	stage_step(&st, TL_VERB_CLOSE, REPLICA, 0, NULL);
	SHOOT(&st, REPLICA, FIN, 101, 501, 0, TL_FIN_WAIT1, TL_ESTABLISHED, .port = 20002);
	SHOOT(&st, MASTER, ACK, 501, 102, 0, TL_CLOSE_WAIT, TL_FIN_WAIT1, .port = 20001);
	text = curtain(&st, "text");
	in_order(&text, turns);
	cr_assert_eq(count(&text, "   replica:2000"), 3, "%s", text.data);
	tl_buf_release(&text);
}

/* From the master on to somebody who is not an actor. */
static void pass_on(struct stage *st)
{
	struct tl_row way = stage_row(9, MASTER, -1, 20000, 9999, TL_SYN_SENT);
	struct tl_event ev = { .kind = TL_EVENT_SEGMENT };

	ev.segment.id = 4;
	ev.segment.from = MASTER;
	ev.segment.to = -1;
	ev.segment.seg = (struct tl_segment){ .from = way.sock.local, .to = way.sock.remote,
					      .flags = TL_FLAG_SYN, .seq = 7, .wscale = -1 };
	ev.segment.ends[0] = way;
	stage_emit(st, ev);
}

Test(report_wire, the_legs_of_a_proxy_stand_side_by_side_where_there_is_room)
{
	struct stage st;
	struct tl_buf wide, text;

	open_stage(&st, 1);
	handshake(&st, 0);
	pass_on(&st);
	stage_end(&st, TL_END_COMPLETE);
	stage_judge(&st);
	wide = render(&st, "text", false, 132);
	text = render(&st, "text", false, 80);
	has(&wide, "   replica                                            master           "
		   "                                                 127.0.0.1:9999\n"
		   "   SYN_SENT     ──SYN──────────────────────────────▶  LISTEN\n");
	has(&wide, "\n                                                                     "
		   "SYN_SENT     ──SYN──────────────────────────────▶  CLOSED\n");
	has(&text, "   replica            states while");
	tl_buf_release(&text);
	tl_buf_release(&wide);
	stage_close(&st);
}

Test(report_wire, talk_alone_is_no_diagram_in_a_terminal)
{
	struct stage st;
	struct tl_buf text;

	open_stage(&st, 2);
	stage_enter(&st);
	talk(&st, 2);
	text = curtain(&st, "text");
	lacks(&text, "ACK");
	tl_buf_release(&text);
}

Test(report_wire, what_is_held_is_drawn_where_it_stopped_and_where_it_went_on)
{
	struct stage st;
	struct tl_buf text;
	int syn, answer;

	open_stage(&st, 3);
	LOOK(&st, LISTENER);
	syn = SHOOT(&st, REPLICA, TL_FLAG_SYN, 100, 0, 0, TL_SYN_SENT, TL_LISTEN, TL_FATE_HELD);
	SHOOT(&st, REPLICA, TL_FLAG_SYN, 100, 0, 0, TL_SYN_SENT, TL_LISTEN, TL_FATE_ABSORBED,
	      syn);
	LOOK(&st, LISTENER, CLIENT(SYN_SENT));
	stage_enter(&st);
	let_go(&st, syn, false);
	answer = SHOOT(&st, MASTER, TL_FLAG_SYN | ACK, 500, 101, 0, TL_SYN_RECV, TL_SYN_SENT,
		       TL_FATE_HELD);
	LOOK(&st, LISTENER, CLIENT(SYN_SENT), SERVER(SYN_RECV));
	stage_enter(&st);
	let_go(&st, answer, true);
	text = curtain(&st, "text");
	has(&text, "   SYN_SENT     ──SYN───────────────────┤ held until phase 2         LISTEN\n");
	has(&text, "   SYN_SENT     ──SYN, released───────────────────────────────────▶  LISTEN\n"
		   "   SYN_SENT      held, dropped in phase 3 ├───────────────SYN+ACK──  SYN_RECV\n");
	has(&text, "   SYN_SENT                       dropped ✗───────────────SYN+ACK──  SYN_RECV\n");
	lacks(&text, "Still held");
	tl_buf_release(&text);
}

Test(report_wire, a_hold_that_is_over_at_once_is_one_line)
{
	struct stage st;
	struct tl_buf text;

	open_stage(&st, 1);
	let_go(&st, SHOOT(&st, REPLICA, TL_FLAG_SYN, 100, 0, 0, TL_SYN_SENT, TL_LISTEN,
			  TL_FATE_HELD), true);
	for (int i = 0; i < 3; i++)
		SHOOT(&st, REPLICA, TL_FLAG_SYN, 100, 0, 0, TL_SYN_SENT, TL_LISTEN);
	let_go(&st, SHOOT(&st, MASTER, TL_FLAG_SYN | ACK, 500, 101, 0, TL_SYN_RECV, TL_SYN_SENT,
			  TL_FATE_HELD), false);
	text = curtain(&st, "text");
	has(&text, "──SYN───────────────────✗ held and dropped");
	has(&text, "──SYN again, 3 times──");
	has(&text, "──SYN+ACK, held and released──");
	tl_buf_release(&text);
}

Test(report_wire, what_is_held_to_the_end_is_named_beside_the_verdict)
{
	struct stage st;
	struct tl_buf text, md;

	open_stage(&st, 1);
	handshake(&st, 0);
	SHOOT(&st, REPLICA, FIN, 101, 501, 0, TL_FIN_WAIT1, TL_ESTABLISHED, TL_FATE_HELD);
	SHOOT(&st, MASTER, ACK, 501, 101, 7, TL_ESTABLISHED, TL_FIN_WAIT1, TL_FATE_HELD);
	stage_end(&st, TL_END_COMPLETE);
	stage_judge(&st);
	text = render(&st, "text", false, 80);
	md = render(&st, "md", false, 80);
	has(&text, "──FIN───────────────────┤ held to the end");
	has(&text, "held to the end ├─────────data, 7 bytes──");
	has(&text, "\nStill held at the end: FIN from replica (phase 1), data from master "
		   "(phase 1).\n");
	has(&md, "\nStill held at the end: FIN from replica (phase 1), data from master "
		 "(phase 1).\n");
	tl_buf_release(&text);
	tl_buf_release(&md);
	stage_close(&st);
}

Test(report_wire, a_reset_and_what_doubts_it_are_told)
{
	struct stage st;
	struct tl_buf text;

	open_stage(&st, 1);
	handshake(&st, 0);
	talk(&st, 1);
	SHOOT(&st, REPLICA, RST, 105, 501, 0, 0, TL_ESTABLISHED);
	SHOOT(&st, MASTER, ACK, 501, 111, 0, TL_ESTABLISHED, 0);
	SHOOT(&st, REPLICA, RST, 111, 501, 0, 0, TL_ESTABLISHED);
	text = curtain(&st, "text");
	has(&text, "   CLOSED       ──RST─────────────────────────────────────────────▶  ESTABLISHED\n"
		   "   CLOSED       ◀───────────────────────────────────challenge ACK──  ESTABLISHED\n"
		   "   CLOSED       ──RST─────────────────────────────────────────────▶  ESTABLISHED\n");
	tl_buf_release(&text);
}

Test(report_wire, connections_of_the_same_actors_are_told_apart_by_their_ports)
{
	struct stage st;
	struct tl_buf text;

	open_stage(&st, 1);
	handshake(&st, 50001);
	SHOOT(&st, REPLICA, TL_FLAG_SYN, 100, 0, 0, TL_SYN_SENT, 0, .port = 50002);
	text = curtain(&st, "text");
	has(&text, "   replica:50001      states while each segment is on its way        master:6379\n");
	has(&text, "\n   replica:50002                                                     master:6379\n");
	tl_buf_release(&text);
}

static void move_end(struct tl_endpoint *ep)
{
	if (ep->port == CLIENT_PORT)
		ep->addr[3] = 2;
}

/* From event @from on the replica's address is another one, and its sockets are others. */
static void move(struct stage *st, size_t from)
{
	for (struct tl_event *ev = st->trace.events + from; ev < st->trace.events + st->trace.n; ev++) {
		move_end(&ev->segment.seg.from);
		move_end(&ev->segment.seg.to);
		for (int i = 0; i < 2; i++) {
			move_end(&ev->segment.ends[i].sock.local);
			move_end(&ev->segment.ends[i].sock.remote);
			ev->segment.ends[i].sock.cookie += ev->segment.ends[i].sock.remote.port ? 10 : 0;
		}
	}
}

/* Where a port is not enough, the address is said as well. */
Test(report_wire, connections_of_the_same_ports_have_their_addresses)
{
	static const char *const formats[] = { "text", "md" };

	for (int i = 0; i < 2; i++) {
		struct stage st;
		struct tl_buf text;
		size_t first;

		open_stage(&st, 1);
		handshake(&st, 0);
		first = st.trace.n;
		handshake(&st, 0);
		SHOOT(&st, REPLICA, FIN, 101, 501, 0, TL_FIN_WAIT1, TL_ESTABLISHED);
		move(&st, first);
		text = curtain(&st, formats[i]);
		has(&text, "replica 127.0.0.1:53525  ");
		has(&text, "replica 127.0.0.2:53525  ");
		has(&text, i ? "`replica -> master (127.0.0.2:53525)`" :
			       "replica -> master (127.0.0.2:53525)  CLOSED SYN_SENT");
		cr_expect_null(strstr(text.data, "master 127.0.0.1"), "%s", text.data);
		if (i)
			has(&text, "participant L as replica 127.0.0.2:53525\n");
		tl_buf_release(&text);
	}
}

/* A SYN to a port where nobody listens. */
static void refused(struct stage *st, uint16_t port, uint32_t seq)
{
	SHOOT(st, REPLICA, TL_FLAG_SYN, seq, 0, 0, TL_SYN_SENT, 0, .port = port);
	SHOOT(st, MASTER, RST, 0, seq + 1, 0, 0, TL_SYN_SENT, .port = port);
}

Test(report_wire, connections_that_went_alike_are_drawn_once)
{
	struct stage st;
	struct tl_buf text, md;

	open_stage(&st, 1);
	for (int i = 0; i < 9; i++)
		refused(&st, 0, 1000 * i);
	handshake(&st, 0);
	stage_end(&st, TL_END_COMPLETE);
	stage_judge(&st);
	text = render(&st, "text", false, 80);
	md = render(&st, "md", false, 80);
	cr_assert_eq(count(&text, "RST──"), 1, "%s", text.data);
	cr_assert_eq(count(&text, "SYN+ACK──"), 1, "%s", text.data);
	has(&text, "· and the same again ·\n");
	has(&md, "· and the same again ·\n");
	tl_buf_release(&text);
	tl_buf_release(&md);
	stage_close(&st);
}

Test(report_wire, a_phase_of_many_connections_stays_short)
{
	struct stage st;
	struct tl_buf text;

	open_stage(&st, 1);
	for (int i = 0; i < 1000; i++) {
		refused(&st, 20000 + i, 7);
		if (i % 2)
			SHOOT(&st, REPLICA, TL_FLAG_SYN, 7, 0, 0, TL_SYN_SENT, 0,
			      .port = 20000 + i);
	}
	text = curtain(&st, "text");
	has(&text, "· 994 more connections ·\n");
	cr_assert_lt(count(&text, "\n"), 60, "%s", text.data);
	tl_buf_release(&text);
}

Test(report_wire, a_diagram_of_many_lines_stays_short)
{
	struct stage st;
	struct tl_buf text;

	open_stage(&st, 1);
	handshake(&st, 0);
	for (int i = 0; i < 5000; i++)
		SHOOT(&st, REPLICA, ACK, 101 + i, 501, 1, TL_ESTABLISHED, TL_ESTABLISHED,
		      TL_FATE_HELD);
	for (int i = 0; i < 5000; i++)
		let_go(&st, 4 + i, i % 2);
	text = curtain(&st, "text");
	has(&text, "· and so on ·\n");
	has(&text, "LISTEN\n");
	cr_assert_eq(count(&text, "──▶") + count(&text, "┤") + count(&text, "✗ dropped"), 22,
		     "%s", text.data);
	tl_buf_release(&text);
}

Test(report_wire, who_is_unknown_is_shown_by_its_endpoint)
{
	struct stage st;
	struct tl_buf text;

	open_stage(&st, 1);
	handshake(&st, 0);
	for (size_t i = 0; i < st.trace.n; i++)
		if (st.trace.events[i].kind == TL_EVENT_SEGMENT) {
			st.trace.events[i].segment.from = -1;
			st.trace.events[i].segment.to = 77;
		}
	text = curtain(&st, "text");
	has(&text, "   127.0.0.1:53525");
	has(&text, "  127.0.0.1:6379\n");
	tl_buf_release(&text);
}

Test(report_wire, the_opener_stands_at_the_left_though_its_syn_was_missed)
{
	struct stage st;
	struct tl_buf text;

	open_stage(&st, 1);
	SHOOT(&st, MASTER, TL_FLAG_SYN | ACK, 500, 101, 0, TL_SYN_RECV, TL_SYN_SENT);
	stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_LOSSY, .lossy.n = 1 });
	text = curtain(&st, "text");
	has(&text, "   SYN_SENT     ◀─────────────────────────────────────────SYN+ACK──  SYN_RECV\n");
	has(&text, "\n   1 segment passed unseen in this phase.\n");
	has(&text, "\n1 segment passed unseen: what this report says about segments has gaps.\n");
	tl_buf_release(&text);
}

Test(report_wire, why_nothing_was_tapped_is_said_where_it_was_to_be)
{
	for (int off = 0; off < 2; off++) {
		struct stage st;
		struct tl_buf text, md;

		open_stage(&st, 1);
		st.plan->wire = off ? TL_WIRE_OFF : TL_WIRE_TAP;
		free(st.trace.events[1].wire.text);
		st.trace.events[1].wire.tapped = false;
		st.trace.events[1].wire.text = strdup("this kernel has no NFQUEUE");
		stage_end(&st, TL_END_COMPLETE);
		stage_judge(&st);
		text = render(&st, "text", false, 80);
		md = render(&st, "md", false, 80);
		cr_assert_eq(count(&text, "\nNo segments were recorded: this kernel has no NFQUEUE. "), !off);
		cr_assert_eq(count(&md, "\nNo segments were recorded: this kernel has no NFQUEUE. "), !off);
		tl_buf_release(&text);
		tl_buf_release(&md);
		stage_close(&st);
	}
}

static int widest(const struct tl_buf *text)
{
	int most = 0;

	for (const char *p = tl_buf_text(text); *p;) {
		size_t n = strcspn(p, "\n");
		int columns = tl_text_columns(p, n);

		most = columns > most ? columns : most;
		p += n + (p[n] == '\n');
	}
	return most;
}

Test(report_wire, diagrams_keep_to_the_width_whatever_the_names)
{
	static const char *const longer = "nominated-in-a-committee-of-many-members";
	struct stage st;
	int syn;

	open_stage(&st, 2);
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
	let_go(&st, syn, true);
	stage_end(&st, TL_END_COMPLETE);
	stage_judge(&st);
	for (int width = 75; width < 140; width += 7) {
		struct tl_buf text = render(&st, "text", false, width);

		has(&text, "held, dropped in phase 2");
		cr_assert_leq(widest(&text), width, "at %d:\n%s", width, text.data);
		tl_buf_release(&text);
	}
	stage_close(&st);
}

Test(report_wire, a_state_stands_out_where_it_is_news)
{
	struct stage st;
	struct tl_buf text;

	open_stage(&st, 2);
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	stage_enter(&st);
	SHOOT(&st, REPLICA, FIN, 101, 501, 0, TL_FIN_WAIT1, TL_ESTABLISHED);
	stage_end(&st, TL_END_COMPLETE);
	stage_judge(&st);
	text = render(&st, "text", true, 80);
	has(&text, "\033[1;36mFIN_WAIT1\033[0m");
	has(&text, "\033[2mESTABLISHED\033[0m");
	tl_buf_release(&text);
	stage_close(&st);
}

/* CLOSE_WAIT was caught on the way, LAST_ACK is drawn, TIME_WAIT stands in the table. */
Test(report_wire, a_state_that_only_chance_has_caught_stands_in_parentheses)
{
	struct stage st;
	struct tl_buf text;

	open_stage(&st, 2);
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	stage_enter(&st);
	SHOOT(&st, REPLICA, FIN, 101, 501, 0, 0, 0);
	SHOOT(&st, MASTER, ACK, 501, 102, 0, 0, 0);
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT2), SERVER(CLOSE_WAIT));
	st.trace.events[st.trace.n - 1].snapshot.look = TL_LOOK_WAITING;
	SHOOT(&st, MASTER, FIN, 501, 102, 0, TL_LAST_ACK, TL_FIN_WAIT2);
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
	text = curtain(&st, "text");
	has(&text, "ESTABLISHED (CLOSE_WAIT) LAST_ACK CLOSED\n");
	has(&text, "ESTABLISHED (FIN_WAIT1) FIN_WAIT2 TIME_WAIT\n");
	has(&text, "In parentheses: not seen, but the only way there");
	tl_buf_release(&text);
}

Test(report_wire, nothing_hostile_gets_into_a_diagram)
{
	struct stage st;

	open_stage(&st, 1);
	free(st.plan->actors[REPLICA].name);
	st.plan->actors[REPLICA].name = strdup("a\x1b[31m\n```\n# b\xe2\x80\xae");
	handshake(&st, 0);
	stage_end(&st, TL_END_COMPLETE);
	stage_judge(&st);
	for (int i = 0; i < 2; i++) {
		struct tl_buf text = render(&st, i ? "md" : "text", false, 80);

		lacks(&text, "\x1b");
		lacks(&text, "\xe2\x80\xae");
		lacks(&text, "\n# b");
		has(&text, "\\x1b[31m");
		tl_buf_release(&text);
	}
	stage_close(&st);
}

/* Ids that do not count upwards, of segments that are not there, twice over. */
Test(report_wire, a_trace_that_contradicts_itself_is_rendered_all_the_same)
{
	static const char *const formats[] = { "text", "html",  "md",
						"json", "junit", "tap" };
	struct stage st;

	open_stage(&st, 2);
	let_go(&st, 1, false);
	SHOOT(&st, REPLICA, TL_FLAG_SYN, 100, 0, 0, TL_SYN_SENT, 0, TL_FATE_ABSORBED, 1);
	SHOOT(&st, REPLICA, TL_FLAG_SYN, 100, 0, 0, TL_SYN_SENT, 0, TL_FATE_ABSORBED, 99);
	SHOOT(&st, MASTER, 0xff, 0xffffffff, 0, 0xffffffff, 0, 0, TL_FATE_HELD);
	st.trace.events[st.trace.n - 1].segment.id = -5;
	let_go(&st, -5, true);
	let_go(&st, -5, false);
	let_go(&st, 2, true);
	st.phase = 7;
	SHOOT(&st, MASTER, 0, 0, 0, 0, 0, 0, TL_FATE_HELD);
	st.phase = -1;
	SHOOT(&st, REPLICA, FIN, 0, 0, 0, 0, 0, TL_FATE_HELD);
	stage_end(&st, TL_END_COMPLETE);
	stage_judge(&st);
	for (size_t i = 0; i < COUNT(formats); i++) {
		struct tl_buf text = render(&st, formats[i], false, 80);

		cr_assert_gt(text.len, 0);
		tl_buf_release(&text);
	}
	stage_close(&st);
}

Test(report_wire, json_has_every_segment)
{
	const char *name, *fate, *state;
	json_t *json, *phase, *segment;
	int copy_of, dropped, letgo, absorbed, held;
	struct stage st;
	struct tl_buf text;
	json_error_t error;
	int syn;

	open_stage(&st, 2);
	syn = SHOOT(&st, REPLICA, TL_FLAG_SYN, 4294967295, 0, 0, TL_SYN_SENT, TL_LISTEN,
		    TL_FATE_HELD);
	SHOOT(&st, REPLICA, TL_FLAG_SYN, 4294967295, 0, 0, TL_SYN_SENT, 0, TL_FATE_ABSORBED,
	      syn);
	stage_enter(&st);
	let_go(&st, syn, true);
	SHOOT(&st, REPLICA, TL_FLAG_SYN, 4294967295, 0, 0, TL_SYN_SENT, TL_LISTEN,
	      TL_FATE_HELD);
	text = curtain(&st, "json");
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
	tl_buf_release(&text);
}
