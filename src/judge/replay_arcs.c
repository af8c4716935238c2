/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Along which arc a call, or what the socket has sent itself, proves that it went. */
#include "replay_items.h"

/* By a RST that it sends: in these two states it only gets one. */
static const struct tl_arc *reset_from(enum tl_state state)
{
	return state == TL_SYN_SENT || state == TL_TIME_WAIT ? NULL : tl_arc_reset(state);
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
	/* a process that is gone has closed what it had open */
	switch (act->step ? tl_verbs[act->step->verb].does : TL_DOES_CLOSES) {
	case TL_DOES_CONNECTS:
		return state == TL_CLOSE ? tl_arc(TL_ARC_ID_2) : NULL;
	case TL_DOES_LISTENS:
		return state == TL_CLOSE ? tl_arc(TL_ARC_ID_1) : NULL;
	case TL_DOES_ABORTS:
		return aborted_from(state);
	case TL_DOES_SHUTS:
		/* a listener leaves LISTEN with its reading end, others are half-closed */
		return state == TL_LISTEN || act->step->call.how != 0 ?
			       replay_closed_from(state) : NULL;
	case TL_DOES_CLOSES:
		return replay_closed_from(state);
	case TL_DOES_NOTHING:
	case TL_DOES_ACCEPTS:
		break;
	}
	return NULL;
}

const struct tl_arc *replay_listener_arc(const struct tl_act *act, enum tl_state state)
{
	bool ends = !act->step ||
		    tl_verb_does(act->step->verb, TL_DOES_CLOSE | 1u << TL_DOES_SHUTS);

	return ends && state == TL_SYN_RECV ? tl_arc(TL_ARC_ID_X10) : NULL;
}

const struct tl_arc *replay_own_reset(const struct replay *r, enum tl_state state)
{
	const struct tl_sock *sock = r->s->sock;

	/* else a SYN in the window has met the request: tcp_check_req() of Linux resets it */
	if (state == TL_SYN_RECV && r->s->listener &&
	    tl_film_sysctl(r->film, "net.ipv4.tcp_abort_on_overflow", r->s->until, 0))
		return tl_arc(TL_ARC_ID_X11);
	if (sock->retrans && tl_timer_waits(sock->timer) && !r->come &&
	    !r->acted)
		return NULL;
	if ((state == TL_FIN_WAIT1 || state == TL_FIN_WAIT2 || state == TL_CLOSING) &&
	    !r->data_come && !r->acted)
		return NULL;
	return reset_from(state);
}
