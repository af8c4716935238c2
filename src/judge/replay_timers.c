/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which timers can have run out: there was time, and what the kernel repeats was repeated. */
#include "replay_items.h"

#include <stdlib.h>

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

/* The kernel had asked again, or could not: its segment was held, for longer than it waits. */
static bool gave_up(const struct replay *r, unsigned flags)
{
	return (tl_timer_waits(r->s->sock->timer) && r->s->sock->retrans) ||
	       r->asked_again & flags || r->timed_out ||
	       (r->held & flags && span(r->s->since, r->s->until) >= SECOND_NS / 5);
}

/* A setting of the namespace, or what Linux has where the scenario says nothing. */
static uint64_t setting(const struct replay *r, const char *name, uint64_t otherwise)
{
	return tl_film_sysctl(r->film, name, r->s->until, otherwise);
}

/* Of a peer it is known what it was told: did any of its sockets get a time limit of its own? */
static bool has_user_timeout(const struct replay *r)
{
	for (size_t i = 0; i < r->film->n_acts; i++) {
		const struct tl_act *act = &r->film->acts[i];

		if (act->actor == r->s->owner && act->step &&
		    act->step->call.options.set & 1u << TL_OPTION_USER_TIMEOUT)
			return true;
	}
	return false;
}

/* retransmits_timed_out() of net/ipv4/tcp_timer.c: as long as that many retries take. */
static uint64_t retries_take(const struct replay *r, uint64_t retries)
{
	uint64_t base = setting(r, "net.ipv4.tcp_rto_min_us", 200000) * 1000;
	uint64_t most = setting(r, "net.ipv4.tcp_rto_max_ms", 120000) * 1000000, thresh = 0;

	while (thresh < 32 && base << (thresh + 1) <= most)
		thresh++;
	if (retries <= thresh)
		return ((UINT64_C(2) << retries) - 1) * base;
	return ((UINT64_C(2) << thresh) - 1) * base +
	       (retries < 1000 ? retries - thresh : 1000) * most;
}

/* The least time in which the kernel gives up; 0: as short as one likes. */
static uint64_t gives_up_after(const struct replay *r, enum tl_arc_id id)
{
	uint64_t held = retries_take(r, setting(r, "net.ipv4.tcp_retries2", 15));
	uint64_t orphans = setting(r, "net.ipv4.tcp_orphan_retries", 0), n;
	bool resends = r->s->sock->timer == TL_TIMER_RETRANSMIT;

	orphans = retries_take(r, orphans ? orphans : 8);
	switch ((int)id) {
	case TL_ARC_ID_X3:
	case TL_ARC_ID_X5_OWNED:
		return (1 + setting(r, "net.ipv4.tcp_syn_retries", 6)) * SECOND_NS;
	case TL_ARC_ID_X5:
		/* with many requests the kernel repeats each less often, but twice */
		n = setting(r, "net.ipv4.tcp_synack_retries", 5);
		return (1 + (n < 2 ? n : 2)) * SECOND_NS;
	case TL_ARC_ID_X4_FIN_WAIT1:
	case TL_ARC_ID_X4_CLOSING:
	case TL_ARC_ID_X4_LAST_ACK:
		if (!resends)
			return 0;
		return r->s->sock->inode && !r->acted ? held : orphans;
	case TL_ARC_ID_X6_ESTABLISHED:
	case TL_ARC_ID_X6_CLOSE_WAIT:
		return resends ? held : 0;
	}
	return 0;
}

static bool had_time(const struct replay *r, enum tl_arc_id id)
{
	return has_user_timeout(r) || r->timed_out ||
	       span(r->s->since, r->s->until) + SLACK_NS >= gives_up_after(r, id);
}

bool replay_is_early_for(const struct replay *r, const struct tl_arc *arc)
{
	return !had_time(r, (enum tl_arc_id)(arc - tl_arc(0)));
}

/* The row's timer, where it was read there; else @ns from when it came there. */
static bool ran_out(const struct replay *r, size_t i, enum tl_state state, uint64_t ns)
{
	const struct tl_sock *sock = r->s->sock;
	uint64_t had = stayed(r, i, state) + SLACK_NS;

	if (sock->state == state && !sock->inode &&
	    (sock->timer == TL_TIMER_TIMEWAIT || sock->timer == TL_TIMER_KEEPALIVE))
		return had >= (uint64_t)sock->timer_ms * 1000000;
	return (sock->state != state || state == TL_TIME_WAIT) && had >= ns;
}

/* Since when no program has had it, of one that was last seen with a program; NULL: it has one. */
static const struct tl_event *left_alone(const struct replay *r, size_t i)
{
	if (!tl_film_is_peer(r->film, r->s->owner))
		return r->s->from;
	while (i-- > 0) {
		const struct item *item = &r->items[i];

		if (item->kind == TOLD && replay_closes(item->act))
			return item->ev;
	}
	return NULL;
}

/* tcp_fin_timeout is for what no program has any more: from then on, or from FIN_WAIT2 on. */
static bool fin_timed_out(const struct replay *r, size_t i)
{
	uint64_t ns = setting(r, "net.ipv4.tcp_fin_timeout", 60) * SECOND_NS;
	const struct tl_event *alone = left_alone(r, i);

	if (!r->s->sock->inode)
		return ran_out(r, i, TL_FIN_WAIT2, ns);
	if (!alone)
		return false;
	return span(alone, r->s->until) + SLACK_NS >= ns &&
	       stayed(r, i, TL_FIN_WAIT2) + SLACK_NS >=
		       (r->s->sock->state == TL_FIN_WAIT2 ? 0 : ns);
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

bool replay_is_time_for(const struct replay *r, size_t i, const struct tl_arc *arc)
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
		return fin_timed_out(r, i);
	for (size_t k = 0; k < sizeof(in_vain) / sizeof(*in_vain); k++)
		if (in_vain[k].arc == id)
			return is_whose(r, id) && gave_up(r, in_vain[k].flags) &&
			       (had_time(r, id) || !tl_film_is_peer(r->film, r->s->owner));
	return false;
}
