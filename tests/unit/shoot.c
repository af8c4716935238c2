/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Segments by the dozen, and what a renderer makes of them. */
#include "shoot.h"

#include <criterion/criterion.h>
#include <string.h>

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

int shoot(struct stage *st, const struct shot *shot)
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

void shoot_letgo(struct stage *st, int id, bool dropped)
{
	stage_emit(st, (struct tl_event){ .kind = TL_EVENT_LETGO,
					  .letgo = { .id = id, .dropped = dropped } });
}

void shoot_handshake(struct stage *st, uint16_t port)
{
	SHOOT(st, REPLICA, TL_FLAG_SYN, 100, 0, 0, TL_SYN_SENT, TL_LISTEN, .port = port);
	SHOOT(st, MASTER, TL_FLAG_SYN | ACK, 500, 101, 0, TL_SYN_RECV, TL_SYN_SENT,
	      .port = port);
	SHOOT(st, REPLICA, ACK, 101, 501, 0, TL_ESTABLISHED, TL_SYN_RECV, .port = port);
}

/* @n times some data and its ACK. */
void shoot_talk(struct stage *st, int n)
{
	for (int i = 0; i < n; i++) {
		SHOOT(st, REPLICA, ACK, 101 + 10 * i, 501, 10, TL_ESTABLISHED, TL_ESTABLISHED);
		SHOOT(st, MASTER, ACK, 501, 111 + 10 * i, 0, TL_ESTABLISHED, TL_ESTABLISHED);
	}
}

void shoot_open_untapped(struct stage *st, int phases, const char *why)
{
	stage_open(st);
	st->plan->name = strdup("a/name");
	st->plan->title = strdup("a title");
	for (int i = 0; i < phases; i++)
		stage_phase(st, NULL, 0);
	stage_wire(st, why);
	stage_enter(st);
}

void shoot_open(struct stage *st, int phases)
{
	shoot_open_untapped(st, phases, NULL);
}

void shoot_connection(struct stage *st)
{
	shoot_open(st, 1);
	shoot_handshake(st, 0);
}

struct tl_buf shoot_render(struct stage *st, const char *name, bool color, int width)
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
struct tl_buf curtain(struct stage *st, const char *name)
{
	struct tl_buf out;

	stage_finish(st, TL_END_COMPLETE);
	out = shoot_render(st, name, false, 80);
	stage_close(st);
	return out;
}
