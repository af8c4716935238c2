/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the numbers of a segment that arrives are such as its receiver acts upon. */
#include "replay_items.h"

/* Is @a further on than @b? */
static bool is_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

/* The last SYN, with or without ACK, from one end to the other before @at; NULL: none was seen. */
static const struct tl_segment *last_syn(const struct replay *r, const struct tl_endpoint *from,
					 const struct tl_endpoint *to, const struct tl_event *at)
{
	size_t n;
	const struct tl_shot **sent = tl_film_sent(r->film, from, to, r->film->trace->events, at, &n);

	while (n && !(sent[n - 1]->ev->segment.seg.flags & TL_FLAG_SYN))
		n--;
	return n ? &sent[n - 1]->ev->segment.seg : NULL;
}

/* RFC 9293 3.10.7.3 and 3.10.7.4: an ACK of less than our SYN brings no connection about. */
static bool acknowledges_our_syn(const struct replay *r, const struct tl_segment *seg,
				 const struct tl_event *at)
{
	const struct tl_sock *sock = r->s->sock;
	const struct tl_segment *syn = last_syn(r, &sock->local, &sock->remote, at);

	return !syn || (seg->flags & TL_FLAG_ACK && !is_after(syn->seq + 1, seg->ack));
}

/* How far our windows are scaled: where both SYNs say so; as far as can be where none was seen. */
static unsigned scale(const struct replay *r, const struct tl_event *at)
{
	const struct tl_sock *sock = r->s->sock;
	const struct tl_segment *ours = last_syn(r, &sock->local, &sock->remote, at);
	const struct tl_segment *theirs = last_syn(r, &sock->remote, &sock->local, at);

	if (!ours || !theirs)
		return 14;
	return ours->wscale >= 0 && theirs->wscale >= 0 ? ours->wscale : 0;
}

/*
 * A RST outside of the window is dropped (RFC 9293 3.10.7.4). What has arrived is not behind
 * what we have acknowledged, and the window ends where we have once said that it does.
 */
static bool is_in_window(const struct replay *r, const struct tl_segment *seg,
			 const struct tl_event *at)
{
	const struct tl_sock *sock = r->s->sock;
	unsigned by = scale(r, at);
	uint32_t next = 0, end = 0;
	bool known = false;
	size_t n;
	const struct tl_shot **sent =
		tl_film_sent(r->film, &sock->local, &sock->remote, r->s->since, at, &n);

	for (size_t i = 0; i < n; i++) {
		const struct tl_segment *own = &sent[i]->ev->segment.seg;
		uint32_t edge = own->ack + ((uint32_t)own->window << (own->flags & TL_FLAG_SYN ? 0 : by));

		if (!(own->flags & TL_FLAG_ACK) || own->flags & TL_FLAG_RST)
			continue;
		next = !known || is_after(own->ack, next) ? own->ack : next;
		end = !known || is_after(edge, end) ? edge : end;
		known = true;
	}
	return !known || end == next || seg->seq - next <= end - next;
}

bool replay_numbers_fit(const struct replay *r, enum tl_state state, const struct item *item)
{
	const struct tl_segment *seg = &item->shot->ev->segment.seg;
	bool rst = seg->flags & TL_FLAG_RST;

	if (state == TL_LISTEN)
		return true;
	if (state == TL_SYN_SENT)
		return (seg->flags & TL_FLAG_SYN && !(seg->flags & TL_FLAG_ACK)) ||
		       acknowledges_our_syn(r, seg, item->ev);
	if (rst)
		return is_in_window(r, seg, item->ev);
	return state != TL_SYN_RECV || acknowledges_our_syn(r, seg, item->ev);
}
