/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of the page: what each of them is told to have brought about. */
#include <criterion/criterion.h>
#include <string.h>

#include "shoot.h"
#include "text_of.h"

/* A segment of the replica's second connection, from its port 53526. */
static void send_second(struct stage *st, int by, uint8_t flags, uint32_t seq, uint32_t ack,
			enum tl_state mine, enum tl_state theirs)
{
	struct tl_row client = stage_row(12, REPLICA, MASTER, 53526, 6379, TL_ESTABLISHED);
	struct tl_row server = stage_row(13, MASTER, REPLICA, 6379, 53526, TL_ESTABLISHED);
	struct tl_event ev = { .kind = TL_EVENT_SEGMENT };
	bool up = by == REPLICA;

	ev.segment.seg = (struct tl_segment){
		.from = up ? client.sock.local : client.sock.remote,
		.to = up ? client.sock.remote : client.sock.local,
		.flags = flags, .seq = seq, .ack = ack, .wscale = -1,
	};
	ev.segment.id = ++st->segments;
	ev.segment.from = by;
	ev.segment.to = up ? MASTER : REPLICA;
	ev.segment.ends[0] = up ? client : server;
	ev.segment.ends[0].sock.state = mine;
	ev.segment.ends[1] = theirs == TL_LISTEN ? LISTENER : up ? server : client;
	ev.segment.ends[1].sock.state = theirs;
	stage_emit(st, ev);
}

/*
 * The last ACK of one connection is held, and let go before that connection says more. What
 * another says meanwhile is not told as if it came after, and so changed nothing.
 */
static struct tl_buf held_ack(bool meanwhile)
{
	struct stage st;
	int ack;

	shoot_open(&st, 1);
	stage_opening(&st);
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	SEND(&st, S_FIN_ACK, ENDS(LAST_ACK, FIN_WAIT1));
	ack = SEND(&st, S_ACK_OF_FIN, ENDS(TIME_WAIT, LAST_ACK), .fate = TL_FATE_HELD);
	if (meanwhile) {
		send_second(&st, REPLICA, TL_FLAG_SYN, 900, 0, TL_SYN_SENT, TL_LISTEN);
		send_second(&st, MASTER, TL_FLAG_SYN | TL_FLAG_ACK, 700, 901, TL_SYN_RECV,
			    TL_SYN_SENT);
		send_second(&st, REPLICA, TL_FLAG_ACK, 901, 701, TL_ESTABLISHED, TL_SYN_RECV);
	}
	stage_letgo(&st, ack, false);
	if (meanwhile)
		LOOK(&st, LISTENER, CLIENT(TIME_WAIT),
		     stage_row(12, REPLICA, MASTER, 53526, 6379, TL_ESTABLISHED),
		     stage_row(13, MASTER, REPLICA, 6379, 53526, TL_ESTABLISHED));
	else
		LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
	return curtain(&st, "html");
}

Test(moments, what_is_held_while_others_speak_is_two_steps)
{
	struct tl_buf page = held_ack(true);

	cr_assert_eq(count_of(&page, ", and changes no state"), 0, "%s", tl_buf_text(&page));
	cr_assert_geq(count_of(&page, "ACK of FIN from replica to master, held<"), 1);
	cr_assert_geq(count_of(&page, "ACK of FIN from replica to master, released<"), 1);
	tl_buf_release(&page);
}

Test(moments, what_is_held_and_let_go_at_once_is_one_step)
{
	struct tl_buf page = held_ack(false);

	cr_assert_eq(count_of(&page, ", and changes no state"), 0);
	cr_assert_geq(count_of(&page, "ACK of FIN from replica to master, held and released<"), 1);
	tl_buf_release(&page);
}
