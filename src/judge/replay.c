/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Where every segment was seen, nothing that a socket went through has to be guessed. Between
 * two sightings of it the trace has, in order, what arrived at it, what it sent, and what its
 * program was told. Each of these can take it along arcs: a segment that arrives along those
 * of tl_flows_arc(); a FIN or RST of its own proves that the program closed or aborted; a call
 * does what calls do. A timer may run out wherever there was time for it, and a repetition
 * where the kernel repeats before it gives up.
 *
 * So the way from one state to the next is a way through these items: each is walked along,
 * or passed over as of no effect (a RST that is not exact, a call on another socket of the
 * same program). The cheapest way is taken, and to pass over what could have had an effect is
 * dear. Each arc of it has its cause in the trace.
 *
 * Programs that are no peers do as they please, unseen. An arc that is theirs may be taken
 * without a cause in the trace, but only where there is no other way.
 */
#include "replay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/grow.h"

#define SECOND_NS   UINT64_C(1000000000)
#define TIMEWAIT_NS (60 * SECOND_NS)
/* A timer is read in whole jiffies and counted in milliseconds. */
#define SLACK_NS    (SECOND_NS / 10)

/* Costs, beside those of the arcs: what is dearer is taken only where the rest fails. */
#define IGNORED	    400   /* passing over what could have had an effect */
#define INEXACT	    40    /* a RST or SYN the kernel did not believe; a call on another socket */
#define EXPIRED	    60    /* a timer that had the time */
#define LATE	    30    /* a FIN that had arrived before the data in front of it */
#define UNSEEN	    5000  /* what a program may have done, without a trace */

#define NO_WAY	    INT32_MAX
#define NS	    TL_STATE_MAX

enum item_kind { IDLE, ARRIVES, SENT, TOLD, ITS_LISTENER };

/* Something that may have had an effect on the socket. */
struct item {
	enum item_kind kind;
	const struct tl_event *ev;
	const struct tl_shot *shot; /* ARRIVES, SENT */
	const struct tl_act *act;   /* TOLD, ITS_LISTENER */
};

/* How a place was reached: @state before item @item. */
struct place {
	int32_t cost;
	uint8_t from;                 /* the state before */
	bool same_item;               /* that was before the same item */
	const struct tl_arc *arcs[2]; /* NULL: none */
	const struct tl_event *cause;
};

struct replay {
	const struct tl_film *film;
	const struct stretch *s;
	struct item *items;
	size_t n;
	struct place *places;         /* of item i in state s: places[i * NS + s] */
	uint8_t sent;                 /* flags of what it sent in this stretch, */
	uint8_t asked_again;          /* of what it sent again, */
	uint8_t held;                 /* and of what was held until after it was gone */
	bool cookie;                  /* its SYN was answered with one: there was no request */
	bool fin_waits;               /* a FIN has come whose turn it was not yet */
	bool failed;
};

static void add(struct replay *r, struct item item)
{
	if (!TL_GROW(r->items, r->n)) {
		r->failed = true;
		return;
	}
	r->items[r->n++] = item;
}

static void send_item(struct replay *r, const struct tl_shot *shot)
{
	add(r, (struct item){ .kind = SENT, .ev = shot->ev, .shot = shot });
	r->sent |= shot->ev->segment.seg.flags;
}

static int item_cmp(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->ev != y->ev)
		return x->ev < y->ev ? -1 : 1;
	return (int)x->kind - (int)y->kind;
}

/* What @actor was told that is about the socket @cookie, as far as is known. */
static void add_acts(struct replay *r, int actor, enum item_kind kind, uint64_t cookie,
		     const struct tl_event *begin)
{
	size_t n;
	const struct tl_act *acts = tl_film_acts(r->film, actor, begin, r->s->until, &n);

	/* what was told before may have been done since */
	while (n && acts > r->film->acts && acts[-1].actor == actor && acts[-1].step &&
	       (!acts[-1].done || acts[-1].done >= begin)) {
		acts--;
		n++;
	}
	for (size_t i = 0; i < n; i++)
		if (!acts[i].cookie || acts[i].cookie == cookie)
			add(r, (struct item){ .kind = kind, .ev = acts[i].ev, .act = &acts[i] });
}

/* Cookies are sent where they always are, and where a SYN+ACK leaves no request behind. */
static bool sent_cookie(const struct replay *r)
{
	const char *set = tl_film_sysctl(r->film, "net.ipv4.tcp_syncookies", r->s->until);

	if (set && !strcmp(set, "2"))
		return true;
	for (size_t i = 0; i < r->n && !(set && !strcmp(set, "0")); i++)
		if (r->items[i].kind == SENT && r->items[i].ev <= r->s->until &&
		    r->items[i].shot->kinds & 1u << TL_SEGMENT_SYN_ACK &&
		    (!r->items[i].ev->segment.ends[0].sock.state ||
		     r->items[i].ev->segment.ends[0].sock.state == TL_LISTEN))
			return true;
	return false;
}

/*
 * A RST for what arrived when the socket had been seen gone: nobody's. Such a RST begins where
 * that segment's acknowledgment ends, and acknowledges nothing itself.
 */
static bool answers_later(const struct replay *r, const struct tl_shot *shot)
{
	const struct tl_sock *sock = r->s->sock;
	const struct tl_segment *rst = &shot->ev->segment.seg;
	const struct tl_shot **shots;
	size_t n;

	if (shot->ev <= r->s->until || !(rst->flags & TL_FLAG_RST) || rst->flags & TL_FLAG_ACK)
		return false;
	shots = tl_film_arrived(r->film, &sock->remote, &sock->local, r->s->until, shot->ev, &n);
	for (size_t i = 0; i < n; i++)
		if (tl_shot_went(shots[i]) > r->s->until &&
		    shots[i]->ev->segment.seg.ack == rst->seq)
			return true;
	return false;
}

static void collect(struct replay *r)
{
	const struct tl_sock *sock = r->s->sock;
	const struct tl_event *first = r->film->trace->events, *last = r->s->until;
	const struct tl_shot **shots;
	size_t n;

	shots = tl_film_arrived(r->film, &sock->remote, &sock->local, r->s->heard, last, &n);
	for (size_t i = 0; i < n; i++)
		if (tl_shot_went(shots[i]) < last || !r->s->to_segment)
			add(r, (struct item){ .kind = ARRIVES, .ev = tl_shot_went(shots[i]),
					      .shot = shots[i] });
	/* the sender may be looked at when it has sent more than is read yet */
	last += 16;
	if (last >= first + r->film->trace->n)
		last = first + r->film->trace->n - 1;
	shots = tl_film_sent(r->film, &sock->local, &sock->remote, r->s->from, last, &n);
	for (size_t i = 0; i < n; i++)
		/* it was there when that RST had left; a FIN may be seen before its state is */
		if ((shots[i]->ev > r->s->from || !r->s->from_segment ||
		     !(shots[i]->ev->segment.seg.flags & TL_FLAG_RST)) &&
		    !answers_later(r, shots[i]))
			send_item(r, shots[i]);
	r->cookie = sent_cookie(r);
	if (tl_film_is_peer(r->film, r->s->owner))
		add_acts(r, r->s->owner, TOLD, sock->cookie, r->s->from);
	/* a request may outlive its listener, until its timer fires */
	if (r->s->listener && r->s->listener->owner >= 0)
		add_acts(r, r->s->listener->owner, ITS_LISTENER, r->s->listener->cookie,
			 r->s->since);
	shots = tl_film_arrived(r->film, &sock->remote, &sock->local, r->s->since, r->s->until, &n);
	for (size_t i = 0; i < n && !r->fin_waits; i++)
		r->fin_waits = shots[i]->ev->segment.seg.flags & TL_FLAG_FIN;
	shots = tl_film_sent(r->film, &sock->local, &sock->remote, r->s->since, r->s->until, &n);
	for (size_t i = 0; i < n; i++) {
		const struct tl_event *ev = shots[i]->ev;

		if (shots[i]->again)
			r->asked_again |= ev->segment.seg.flags;
		if (ev->segment.fate == TL_FATE_HELD &&
		    (!shots[i]->letgo || shots[i]->letgo > r->s->until))
			r->held |= ev->segment.seg.flags;
	}
	if (r->n && !r->failed)
		qsort(r->items, r->n, sizeof(*r->items), item_cmp);
}

static struct place *at(struct replay *r, size_t i, enum tl_state state)
{
	return &r->places[i * NS + state];
}

/* A way to @to before item @i (or after the last) that costs so much. */
static bool offer(struct replay *r, size_t i, enum tl_state to, struct place way)
{
	struct place *p = at(r, i, to);

	if (way.cost >= p->cost)
		return false;
	*p = way;
	return true;
}

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

static const struct tl_arc *closed_from(enum tl_state state)
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
		return closed_from(state);
	return reset_from(state);
}

/* What a program that is told so does to a socket in @state. */
static const struct tl_arc *told_arc(const struct replay *r, const struct tl_act *act,
				     enum tl_state state)
{
	if (!act->step)
		return closed_from(state);
	switch (act->step->verb) {
	case TL_VERB_CONNECT:
		return state == TL_CLOSE ? tl_arc(TL_ARC_ID_2) : NULL;
	case TL_VERB_LISTEN:
		return state == TL_CLOSE ? tl_arc(TL_ARC_ID_1) : NULL;
	case TL_VERB_ABORT:
		return aborted_from(state);
	case TL_VERB_SHUTDOWN:
		/* a listener leaves LISTEN with its reading end, others are half-closed */
		return state == TL_LISTEN || act->step->call.how != 0 ? closed_from(state) : NULL;
	case TL_VERB_CLOSE:
	case TL_VERB_REAP:
	case TL_VERB_STOP:
	case TL_VERB_TERMINATE:
	case TL_VERB_KILL:
		return closed_from(state);
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
	(void)r;
	return NULL; /* no other call or command moves a socket */
}

/* Does the listener's end take this request along? The kernel drops it without a word. */
static const struct tl_arc *listener_arc(const struct tl_act *act, enum tl_state state)
{
	bool ends = !act->step || act->step->verb == TL_VERB_CLOSE ||
		    act->step->verb == TL_VERB_ABORT || act->step->verb == TL_VERB_STOP ||
		    act->step->verb == TL_VERB_KILL || act->step->verb == TL_VERB_TERMINATE ||
		    act->step->verb == TL_VERB_SHUTDOWN;

	return ends && state == TL_SYN_RECV ? tl_arc(TL_ARC_ID_X10) : NULL;
}

static bool has_room_for_timewait(const struct replay *r, const struct tl_event *ev)
{
	const char *most = tl_film_sysctl(r->film, "net.ipv4.tcp_max_tw_buckets", ev);

	/* how many rows there are in all is not known: what was set low is taken at its word */
	return !most || strtoull(most, NULL, 10) > 16;
}

/* What it can come to instead, where the kernel keeps no more rows in TIME_WAIT. */
static const struct tl_arc *without_room(const struct tl_arc *arc)
{
	if (arc->from == TL_FIN_WAIT2 && arc->to == TL_TIME_WAIT)
		return tl_arc(TL_ARC_ID_X9);
	if (arc->from == TL_FIN_WAIT1 && (arc->to == TL_TIME_WAIT || arc->to == TL_FIN_WAIT2))
		return tl_arc(TL_ARC_ID_X9_FIN_WAIT1);
	if (arc->from == TL_CLOSING && arc->to == TL_TIME_WAIT)
		return tl_arc(TL_ARC_ID_X9_CLOSING);
	return NULL;
}

/* A segment arrives at a socket in @state: offer what it may bring. True: it brings something. */
static bool arrive(struct replay *r, size_t i, enum tl_state state)
{
	const struct item *item = &r->items[i];
	struct place way = { .cost = at(r, i, state)->cost, .from = state, .cause = item->ev };
	struct tl_sock sock = *r->s->sock;
	const struct tl_arc *arc, *instead;
	uint32_t kinds = item->shot->kinds;

	sock.state = state;
	sock.inode = !r->s->listener;
	arc = r->cookie && state == TL_LISTEN ? NULL : tl_flows_arc(&sock, kinds);
	if (!arc && r->fin_waits && item->shot->ev->segment.seg.len) {
		arc = tl_flows_arc(&sock, 1u << TL_SEGMENT_FIN);
		way.cost += LATE;
	}
	if (!arc && state == TL_LISTEN && kinds & 1u << TL_SEGMENT_ACK)
		arc = tl_arc(TL_ARC_ID_X8);
	if (!arc)
		return false;
	way.cost += arc->cost > INEXACT ? INEXACT : arc->cost;
	way.arcs[0] = arc;
	/* a request that a RST took back to LISTEN is gone: no SYN is for it any more */
	offer(r, i + 1, arc == tl_arc(TL_ARC_ID_11) ? REPLAY_TAKEN_BACK : arc->to, way);
	instead = has_room_for_timewait(r, item->ev) ? NULL : without_room(arc);
	if (instead) {
		way.arcs[0] = instead;
		offer(r, i + 1, instead->to, way);
		way.arcs[0] = arc;
	}
	if (arc->to == TL_ESTABLISHED && kinds & (1u << TL_SEGMENT_FIN | 1u << TL_SEGMENT_FIN_ACK)) {
		way.arcs[1] = tl_arc(TL_ARC_ID_13);
		offer(r, i + 1, TL_CLOSE_WAIT, way);
	}
	return true;
}

/* Did its program do anything, as far as the trace can tell, that may have sent a RST? */
static bool may_have_acted(const struct replay *r)
{
	if (!tl_film_is_peer(r->film, r->s->owner))
		return r->s->sock->inode || tl_film_exited(r->film, r->s->owner, r->s->from,
							   r->s->until);
	for (size_t i = 0; i < r->n; i++)
		if (r->items[i].kind == TOLD)
			return true;
	return false;
}

static bool has_come(const struct replay *r, bool data)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->items[i].kind == ARRIVES &&
		    (!data || r->items[i].shot->ev->segment.seg.len))
			return true;
	return false;
}

/*
 * It sent a RST. Where its timer had fired and nothing came, the kernel has given up and says
 * so; and from FIN_WAIT on the RST may be for what came when it was gone, unless there were
 * bytes for nobody, or a program to close or abort.
 */
static const struct tl_arc *own_reset(const struct replay *r, enum tl_state state)
{
	const struct tl_sock *sock = r->s->sock;

	if (state == TL_SYN_RECV && r->s->listener)
		return tl_arc(TL_ARC_ID_X11);
	if (sock->retrans && tl_timer_waits(sock->timer) && !has_come(r, false) &&
	    !may_have_acted(r))
		return NULL;
	if ((state == TL_FIN_WAIT1 || state == TL_FIN_WAIT2) && !has_come(r, true) &&
	    !may_have_acted(r))
		return NULL;
	return reset_from(state);
}

/* It sent a FIN or a RST, a SYN: what must have come before. */
static bool send_off(struct replay *r, size_t i, enum tl_state state)
{
	const struct item *item = &r->items[i];
	struct place way = { .cost = at(r, i, state)->cost, .from = state, .cause = item->ev };
	uint8_t flags = item->shot->ev->segment.seg.flags;
	const struct tl_arc *arc = NULL;

	if (flags & TL_FLAG_RST)
		arc = own_reset(r, state);
	else if (flags & TL_FLAG_FIN)
		arc = state == TL_LISTEN ? NULL : closed_from(state);
	else if (flags & TL_FLAG_SYN && !(flags & TL_FLAG_ACK))
		arc = state == TL_CLOSE	    ? tl_arc(TL_ARC_ID_2) :
		      state == TL_TIME_WAIT ? tl_arc(TL_ARC_ID_X1) :
					      NULL;
	else if (flags & TL_FLAG_SYN)
		arc = state == TL_LISTEN && !r->cookie ? tl_arc(TL_ARC_ID_4) : NULL;
	if (!arc)
		return false;
	way.cost += arc->cost > INEXACT ? INEXACT : arc->cost;
	way.arcs[0] = arc;
	offer(r, i + 1, arc->to, way);
	return true;
}

static bool obey(struct replay *r, size_t i, enum tl_state state)
{
	const struct item *item = &r->items[i];
	struct place way = { .cost = at(r, i, state)->cost, .from = state, .cause = item->ev };
	const struct tl_arc *arc = item->kind == TOLD ? told_arc(r, item->act, state) :
							listener_arc(item->act, state);

	if (!arc)
		return false;
	way.cost += arc->cost > INEXACT ? INEXACT : arc->cost;
	/* with bytes unread close() sends no FIN but a RST, and no state is between */
	if ((arc->to == TL_FIN_WAIT1 || arc->to == TL_LAST_ACK) && r->sent & TL_FLAG_RST &&
	    !(r->sent & TL_FLAG_FIN))
		way.cost += IGNORED;
	way.arcs[0] = arc;
	offer(r, i + 1, arc->to, way);
	return true;
}

static bool is_set(const struct replay *r, const char *name, const struct tl_event *ev)
{
	const char *set = tl_film_sysctl(r->film, name, ev);

	return set && strcmp(set, "0");
}

/* On to the next item: with what this one brings, or past it. */
static void walk(struct replay *r, size_t i, enum tl_state state, bool moves)
{
	const struct item *item = &r->items[i];
	struct place past = { .cost = at(r, i, state)->cost, .from = state };
	bool acts = false;

	switch (moves ? item->kind : IDLE) {
	case IDLE:
		break;
	case ARRIVES:
		acts = arrive(r, i, state);
		break;
	case SENT:
		acts = send_off(r, i, state);
		break;
	case TOLD:
	case ITS_LISTENER:
		acts = obey(r, i, state);
		break;
	}
	if (state == TL_SYN_RECV && r->s->listener && item->kind == ARRIVES &&
	    is_set(r, "net.ipv4.tcp_abort_on_overflow", item->ev))
		acts = false; /* the ACK it answers with a RST brings nothing */
	if (acts && item->shot && !(item->shot->ev->segment.seg.flags & (TL_FLAG_RST | TL_FLAG_SYN)))
		past.cost += IGNORED;
	else if (acts)
		past.cost += INEXACT;
	offer(r, i + 1, state, past);
}

static uint64_t span(const struct tl_event *from, const struct tl_event *to)
{
	return to->t_ns > from->t_ns ? to->t_ns - from->t_ns : 0;
}

/* How long it can have been in @state by the time of item @i, having come there by then. */
static uint64_t stayed(const struct replay *r, size_t i, enum tl_state state)
{
	const struct tl_event *since = state == r->s->sock->state || !i ? r->s->from :
									  r->items[i - 1].ev;

	return span(since, i < r->n && r->items[i].ev < r->s->until ? r->items[i].ev :
								      r->s->until);
}

static bool answered_with(const struct replay *r, const char *error)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct tl_act *act = r->items[i].act;

		if (act && act->done && act->done <= r->s->until && act->done->step.reply &&
		    !strcmp(act->done->step.reply, error))
			return true;
	}
	return false;
}

/* The kernel had asked again, or could not: its segment was held, for longer than it waits. */
static bool gave_up(const struct replay *r, unsigned flags)
{
	return (tl_timer_waits(r->s->sock->timer) && r->s->sock->retrans) ||
	       r->asked_again & flags || answered_with(r, "ETIMEDOUT") ||
	       (r->held & flags && span(r->s->since, r->s->until) >= SECOND_NS / 5);
}

/* The row's timer, where it was read there; else @ns from when it came there. */
static bool ran_out(const struct replay *r, size_t i, enum tl_state state, uint64_t ns)
{
	const struct tl_sock *sock = r->s->sock;
	uint64_t had = stayed(r, i, state) + SLACK_NS;

	if (sock->state == state &&
	    (sock->timer == TL_TIMER_TIMEWAIT || sock->timer == TL_TIMER_KEEPALIVE))
		return had >= (uint64_t)sock->timer_ms * 1000000;
	return (sock->state != state || state == TL_TIME_WAIT) && had >= ns;
}

static uint64_t fin_timeout(const struct replay *r)
{
	const char *set = tl_film_sysctl(r->film, "net.ipv4.tcp_fin_timeout", r->s->until);

	return (set ? strtoull(set, NULL, 10) : 60) * SECOND_NS;
}

/* Whose row a timer is of: in SYN_RECV a listener's or a program's, in FIN_WAIT2 a program's. */
static bool is_whose(const struct replay *r, enum tl_arc_id id)
{
	if (id == TL_ARC_ID_X5)
		return r->s->listener;
	if (id == TL_ARC_ID_X5_OWNED)
		return !r->s->listener;
	return id != TL_ARC_ID_X6_FIN_WAIT2 || r->s->sock->inode;
}

/* Could this timer have run out in this stretch? Of all other arcs none is the cause. */
static bool is_time_for(const struct replay *r, size_t i, const struct tl_arc *arc)
{
	/* What is sent again and again until the kernel gives up. */
	static const struct {
		enum tl_arc_id arc;
		uint8_t flags;
	} in_vain[] = {
		{ TL_ARC_ID_X3, TL_FLAG_SYN },		 { TL_ARC_ID_X5, TL_FLAG_SYN },
		{ TL_ARC_ID_X5_OWNED, TL_FLAG_SYN },	 { TL_ARC_ID_X4_FIN_WAIT1, TL_FLAG_FIN },
		{ TL_ARC_ID_X4_CLOSING, TL_FLAG_FIN },	 { TL_ARC_ID_X4_LAST_ACK, TL_FLAG_FIN },
		{ TL_ARC_ID_X6_ESTABLISHED, TL_FLAG_ACK }, { TL_ARC_ID_X6_CLOSE_WAIT, TL_FLAG_ACK },
		{ TL_ARC_ID_X6_FIN_WAIT2, TL_FLAG_ACK },
	};
	enum tl_arc_id id = (enum tl_arc_id)(arc - tl_arc(0));

	if (id == TL_ARC_ID_20)
		return ran_out(r, i, TL_TIME_WAIT, TIMEWAIT_NS);
	if (id == TL_ARC_ID_X2)
		return ran_out(r, i, TL_FIN_WAIT2, fin_timeout(r));
	for (size_t k = 0; k < sizeof(in_vain) / sizeof(*in_vain); k++)
		if (in_vain[k].arc == id)
			return is_whose(r, id) && gave_up(r, in_vain[k].flags);
	return false;
}

/* What no item brings: a timer that runs out, ICMP, and what programs do unseen. */
static bool wait_there(struct replay *r, size_t i, enum tl_state state)
{
	size_t n;
	const struct tl_arc *arcs = tl_arcs(&n);
	bool better = false;

	for (size_t k = 0; k < n; k++) {
		struct place way = { .cost = at(r, i, state)->cost + arcs[k].cost, .from = state,
				     .same_item = true, .arcs = { &arcs[k] } };

		if (arcs[k].from != state || !arcs[k].linux_has)
			continue;
		if (arcs[k].cause == TL_BY_TIMER && is_time_for(r, i, &arcs[k])) {
			way.cost += EXPIRED;
			way.cause = r->s->until;
		} else if (&arcs[k] == tl_arc(TL_ARC_ID_X12) &&
			   (answered_with(r, "EHOSTUNREACH") || answered_with(r, "ENETUNREACH"))) {
			way.cause = r->s->until;
		} else if (arcs[k].cause == TL_BY_PROGRAM && arcs[k].kind == TL_ARC_DRAWN &&
			   !tl_film_is_peer(r->film, r->s->owner)) {
			way.cost += UNSEEN;
		} else {
			continue;
		}
		better |= offer(r, i, arcs[k].to, way);
	}
	return better;
}

static void go_through(struct replay *r, enum tl_state from)
{
	for (size_t i = 0; i < (r->n + 1) * NS; i++)
		r->places[i].cost = NO_WAY;
	at(r, 0, from)->cost = 0;
	at(r, 0, from)->same_item = true;
	for (size_t i = 0; i <= r->n; i++) {
		bool better = true;

		/* no state is come into twice by waiting: so many rounds are enough */
		for (int round = 0; round < NS && better; round++) {
			better = false;
			for (enum tl_state s = 1; s < NS; s++)
				if (at(r, i, s)->cost != NO_WAY && (s == from || s != TL_CLOSE) &&
				    (s == from || s != TL_LISTEN))
					better |= wait_there(r, i, s);
		}
		/* no way leads through LISTEN: a listener stays one */
		for (enum tl_state s = 0; i < r->n && s < NS; s++)
			if (at(r, i, s)->cost != NO_WAY)
				walk(r, i, s, s && (s != TL_LISTEN || s == from));
	}
}

/* Write the way to @to down, from its end. */
static int retrace(struct replay *r, enum tl_state from, enum tl_state to, struct cause *path)
{
	size_t i = r->n;
	enum tl_state s = to;
	int n = 0;

	while (!(i == 0 && s == from && at(r, i, s)->cost == 0)) {
		const struct place *p = at(r, i, s);

		for (int k = 1; k >= 0; k--)
			if (p->arcs[k] && n < REPLAY_MAX)
				path[n++] = (struct cause){ p->arcs[k], p->cause };
		if (!p->same_item)
			i--;
		s = p->from;
	}
	for (int k = 0; k < n / 2; k++) {
		struct cause tmp = path[k];

		path[k] = path[n - 1 - k];
		path[n - 1 - k] = tmp;
	}
	return n;
}

int replay(const struct tl_film *film, const struct stretch *s, enum tl_state from,
	   uint32_t goals, struct cause *path)
{
	struct replay r = { .film = film, .s = s };
	enum tl_state best = NS;
	int n = -1;

	collect(&r);
	r.places = r.failed ? NULL : calloc((r.n + 1) * NS, sizeof(*r.places));
	if (r.places) {
		go_through(&r, from);
		for (enum tl_state g = 0; g < NS; g++)
			if (goals & 1u << g && at(&r, r.n, g)->cost != NO_WAY &&
			    (best == NS || at(&r, r.n, g)->cost < at(&r, r.n, best)->cost))
				best = g;
		n = best != NS ? retrace(&r, from, best, path) : -1;
	}
	free(r.items);
	if (!r.places)
		n = -ENOMEM;
	free(r.places);
	return n;
}
