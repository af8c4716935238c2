/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may have had an effect on a socket in a stretch of its life, in the order of time. */
#include "replay_items.h"

#include <errno.h>
#include <stdlib.h>

#include "tcplab/grow.h"

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
	while (acts > r->film->acts && acts[-1].actor == actor && acts[-1].step &&
	       (!acts[-1].done || acts[-1].done >= begin)) {
		acts--;
		n++;
	}
	for (size_t i = 0; i < n; i++)
		if (!acts[i].cookie || acts[i].cookie == cookie)
			add(r, (struct item){ .kind = kind, .ev = acts[i].ev, .act = &acts[i] });
}

/* A call on it may be anyone's who has it open, or had. */
static void add_told(struct replay *r)
{
	uint64_t cookie = r->s->sock->cookie;
	uint64_t owners = tl_film_holders(r->film, r->s->until, cookie);

	for (size_t i = 0; i < r->film->plan->n_actors; i++)
		if (((int)i == r->s->owner || (i < 64 && owners >> i & 1)) &&
		    tl_film_is_peer(r->film, (int)i))
			add_acts(r, (int)i, TOLD, cookie, r->s->from);
}

/*
 * Cookies are sent where they always are, and where a SYN+ACK leaves no request behind. Of one
 * that was absorbed nobody looked.
 */
static bool sent_cookie(const struct replay *r)
{
	uint64_t cookies = tl_film_sysctl(r->film, "net.ipv4.tcp_syncookies", r->s->until, 1);

	if (cookies == 2)
		return true;
	for (size_t i = 0; cookies && i < r->n; i++)
		if (r->items[i].kind == SENT && r->items[i].ev <= r->s->until &&
		    r->items[i].shot->kinds & 1u << TL_SEGMENT_SYN_ACK &&
		    r->items[i].shot->end != TL_SHOT_ABSORBED &&
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

/* Did its program do anything that may have sent a RST? */
static bool may_have_acted(const struct replay *r)
{
	if (!tl_film_is_peer(r->film, r->s->owner))
		return r->s->sock->inode || tl_film_exited(r->film, r->s->owner, r->s->from,
							   r->s->until);
	for (size_t i = 0; i < r->n; i++) {
		const struct item *item = &r->items[i];

		if (item->kind == TOLD && replay_closes(item->act))
			return true;
	}
	return false;
}

/* Does this SYN+ACK have the SYN's timestamp, so that it answers no other? */
static bool echoes(const struct tl_segment *answer, const struct tl_segment *syn)
{
	return answer && answer->has_ts && syn->has_ts && answer->ts_ecr == syn->ts_val;
}

/*
 * A listener answers the SYN that it takes, at once. One that is repeated and had no answer was
 * dropped, as where the accept queue is full: the request comes of a later one. Of several that
 * were let go at once the answer says which it is for.
 */
static void find_unanswered(struct replay *r)
{
	const struct tl_segment *answer = NULL;
	bool repeated = false;

	for (size_t i = r->n; i-- > 0;) {
		struct item *item = &r->items[i];
		uint32_t kinds = item->shot ? item->shot->kinds : 0;

		if (item->kind == SENT && kinds & 1u << TL_SEGMENT_SYN_ACK) {
			answer = &item->shot->ev->segment.seg;
			repeated = false;
		}
		if (item->kind != ARRIVES || !(kinds & 1u << TL_SEGMENT_SYN))
			continue;
		item->unanswered = repeated && !echoes(answer, &item->shot->ev->segment.seg);
		repeated = true;
	}
}

/* Of all items together: each is gone through for each state, so it is found out once. */
static void sum_up(struct replay *r)
{
	r->acted = may_have_acted(r);
	for (size_t i = 0; i < r->n; i++) {
		const struct item *item = &r->items[i];
		const struct tl_event *done = item->act ? item->act->done : NULL;
		int answer = done && done <= r->s->until ? tl_film_answer(done) : 0;

		r->come |= item->kind == ARRIVES;
		r->data_come |= item->kind == ARRIVES && item->shot->ev->segment.seg.len;
		r->timed_out |= answer == ETIMEDOUT;
		r->unreachable |= answer == EHOSTUNREACH || answer == ENETUNREACH;
	}
}

/* So many events come between a look and what was on its way to be read then. */
#define BEHIND 16

const struct tl_event *replay_read_by(const struct tl_film *film, enum tl_state state,
				      const struct tl_event *ev)
{
	const struct tl_event *end = film->trace->events + film->trace->n - 1;

	if (state != TL_SYN_SENT && ev->kind == TL_EVENT_SNAPSHOT &&
	    ev->snapshot.look == TL_LOOK_SETTLED)
		return ev;
	return end - ev < BEHIND ? end : ev + BEHIND;
}

void replay_collect(struct replay *r)
{
	const struct tl_sock *sock = r->s->sock;
	const struct tl_event *last = r->s->until;
	const struct tl_shot **shots;
	size_t n;

	shots = tl_film_arrived(r->film, &sock->remote, &sock->local, r->s->heard, last, &n);
	for (size_t i = 0; i < n; i++)
		if (tl_shot_went(shots[i]) < last || !r->s->to_segment)
			add(r, (struct item){ .kind = ARRIVES, .ev = tl_shot_went(shots[i]),
					      .shot = shots[i] });
	shots = tl_film_sent(r->film, &sock->local, &sock->remote, r->s->from, r->s->read_by, &n);
	for (size_t i = 0; i < n; i++)
		/* it was there when that RST had left; a FIN may be seen before its state is */
		if ((shots[i]->ev > r->s->from || !r->s->from_segment ||
		     !(shots[i]->ev->segment.seg.flags & TL_FLAG_RST)) &&
		    !answers_later(r, shots[i]))
			send_item(r, shots[i]);
	r->cookie = sent_cookie(r);
	add_told(r);
	/* a request may outlive its listener, until its timer fires */
	if (r->s->listener && r->s->listener->owner >= 0)
		add_acts(r, r->s->listener->owner, ITS_LISTENER, r->s->listener->cookie,
			 r->s->since);
	shots = tl_film_arrived(r->film, &sock->remote, &sock->local, r->s->since, r->s->until, &n);
	for (size_t i = 0; i < n; i++) {
		const struct tl_segment *seg = &shots[i]->ev->segment.seg;

		if (!r->fin && seg->flags & TL_FLAG_FIN)
			r->fin = tl_shot_went(shots[i]);
		r->fast_open |= seg->flags & TL_FLAG_SYN && seg->len;
	}
	shots = tl_film_sent(r->film, &sock->local, &sock->remote, r->s->since, r->s->until, &n);
	for (size_t i = 0; i < n; i++) {
		const struct tl_event *ev = shots[i]->ev;
		uint64_t from = ev->segment.ends[0].sock.cookie;

		if (shots[i]->again)
			r->asked_again |= ev->segment.seg.flags;
		/* a request before this one may have had the same SYN */
		if (shots[i]->letgo && shots[i]->letgo <= r->s->until &&
		    (!from || from == sock->cookie))
			r->unreachable |= shots[i]->letgo->letgo.rejected;
		if (ev->segment.fate == TL_FATE_HELD &&
		    (!shots[i]->letgo || shots[i]->letgo > r->s->until))
			r->held |= ev->segment.seg.flags;
	}
	sum_up(r);
	if (!r->n || r->failed)
		return;
	qsort(r->items, r->n, sizeof(*r->items), item_cmp);
	find_unanswered(r);
	replay_take_numbers(r);
}
