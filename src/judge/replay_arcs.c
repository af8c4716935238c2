/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Along which arc a call, or what the socket has sent itself, proves that it went. */
#include "replay_items.h"

static const struct tl_arc *reset_from(enum tl_state state)
{
	static const enum tl_arc_id ids[NS] = {
		[TL_SYN_RECV] = TL_ARC_ID_R_SYN_RECV,
		[TL_ESTABLISHED] = TL_ARC_ID_R_ESTABLISHED,
		[TL_FIN_WAIT1] = TL_ARC_ID_R_FIN_WAIT1,
		[TL_FIN_WAIT2] = TL_ARC_ID_R_FIN_WAIT2,
		[TL_CLOSE_WAIT] = TL_ARC_ID_R_CLOSE_WAIT,
		[TL_LAST_ACK] = TL_ARC_ID_R_LAST_ACK,
	};

	return ids[state] ? tl_arc(ids[state]) : NULL;
}

const struct tl_arc *replay_closed_from(enum tl_state state)
{
	static const enum tl_arc_id ids[NS] = {
		[TL_LISTEN] = TL_ARC_ID_3,       [TL_SYN_SENT] = TL_ARC_ID_6,
		[TL_SYN_RECV] = TL_ARC_ID_10,    [TL_ESTABLISHED] = TL_ARC_ID_12,
		[TL_CLOSE_WAIT] = TL_ARC_ID_18,
	};

	return ids[state] ? tl_arc(ids[state]) : NULL;
}

static const struct tl_arc *aborted_from(enum tl_state state)
{
	if (state == TL_CLOSING)
		return tl_arc(TL_ARC_ID_A_CLOSING);
	if (state == TL_LAST_ACK)
		return tl_arc(TL_ARC_ID_A_LAST_ACK);
	if (state == TL_LISTEN || state == TL_SYN_SENT)
		return replay_closed_from(state);
	return reset_from(state);
}

const struct tl_arc *replay_told_arc(const struct tl_act *act, enum tl_state state)
{
	if (!act->step)
		return replay_closed_from(state);
	switch (act->step->verb) {
	case TL_VERB_CONNECT:
		return state == TL_CLOSE ? tl_arc(TL_ARC_ID_2) : NULL;
	case TL_VERB_LISTEN:
		return state == TL_CLOSE ? tl_arc(TL_ARC_ID_1) : NULL;
	case TL_VERB_ABORT:
		return aborted_from(state);
	case TL_VERB_SHUTDOWN:
		/* a listener leaves LISTEN with its reading end, others are half-closed */
		return state == TL_LISTEN || act->step->call.how != 0 ?
			       replay_closed_from(state) : NULL;
	case TL_VERB_CLOSE:
	case TL_VERB_REAP:
	case TL_VERB_STOP:
	case TL_VERB_TERMINATE:
	case TL_VERB_KILL:
		return replay_closed_from(state);
	case TL_VERB_START:
	case TL_VERB_FAIL:
	case TL_VERB_EXITS:
	case TL_VERB_FREEZE:
	case TL_VERB_THAW:
	case TL_VERB_COMMAND:
	case TL_VERB_SYSCTL:
	case TL_VERB_LAUNCH:
	case TL_VERB_READY:
	case TL_VERB_PAUSE:
	case TL_VERB_DESTROY:
	case TL_VERB_HOLD:
	case TL_VERB_AWAIT:
	case TL_VERB_RELEASE:
	case TL_VERB_DROP:
	case TL_VERB_LOSE:
	case TL_VERB_PASS:
	case TL_VERB_CONNECTED:
	case TL_VERB_ANSWERED:
	case TL_VERB_ACCEPT:
	case TL_VERB_SEND:
	case TL_VERB_RECEIVE:
	case TL_VERB_SET:
	case TL_VERB_DUP:
	case TL_VERB_FORK:
	case TL_VERB_GIVE:
	case TL_N_VERBS:
		break;
	}
	return NULL; /* no other call or command moves a socket */
}

const struct tl_arc *replay_listener_arc(const struct tl_act *act, enum tl_state state)
{
	bool ends = !act->step || act->step->verb == TL_VERB_CLOSE ||
		    act->step->verb == TL_VERB_ABORT || act->step->verb == TL_VERB_STOP ||
		    act->step->verb == TL_VERB_KILL || act->step->verb == TL_VERB_TERMINATE ||
		    act->step->verb == TL_VERB_SHUTDOWN;

	return ends && state == TL_SYN_RECV ? tl_arc(TL_ARC_ID_X10) : NULL;
}

const struct tl_arc *replay_own_reset(const struct replay *r, enum tl_state state)
{
	const struct tl_sock *sock = r->s->sock;

	if (state == TL_SYN_RECV && r->s->listener)
		return tl_arc(TL_ARC_ID_X11);
	if (sock->retrans && tl_timer_waits(sock->timer) && !replay_has_come(r, false) &&
	    !replay_may_have_acted(r))
		return NULL;
	if ((state == TL_FIN_WAIT1 || state == TL_FIN_WAIT2) && !replay_has_come(r, true) &&
	    !replay_may_have_acted(r))
		return NULL;
	return reset_from(state);
}
