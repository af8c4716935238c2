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

/* A window's end is not behind one that was told before, nor is what has come. */
static void hear(struct item *known, const struct tl_segment *own, const struct tl_segment *theirs)
{
	/* scaled where both SYNs say so; as far as can be where one of them was not seen */
	unsigned by = !known->syn || !theirs				 ? 14 :
		      known->syn->wscale < 0 || theirs->wscale < 0 ? 0 :
								     (unsigned)known->syn->wscale;
	uint32_t edge = own->ack + ((uint32_t)own->window << (own->flags & TL_FLAG_SYN ? 0 : by));

	if (!(own->flags & TL_FLAG_ACK) || own->flags & TL_FLAG_RST)
		return;
	known->next = !known->windowed || is_after(own->ack, known->next) ? own->ack : known->next;
	known->end = !known->windowed || is_after(edge, known->end) ? edge : known->end;
	known->windowed = true;
}

void replay_take_numbers(struct replay *r)
{
	const struct tl_endpoint *local = &r->s->sock->local, *remote = &r->s->sock->remote;
	const struct tl_event *since = r->s->since, *last = r->items[r->n - 1].ev;
	struct item known = { .syn = last_syn(r, local, remote, since) };
	const struct tl_segment *theirs = last_syn(r, remote, local, since);
	size_t n, n_back, s = 0, b = 0;
	const struct tl_shot **sent = tl_film_sent(r->film, local, remote, since, last, &n);
	const struct tl_shot **back = tl_film_sent(r->film, remote, local, since, last, &n_back);

	for (size_t i = 0; i < r->n; i++) {
		struct item *item = &r->items[i];

		while (s < n && sent[s]->ev <= item->ev) {
			const struct tl_segment *own = &sent[s]->ev->segment.seg;

			for (; b < n_back && back[b]->ev < sent[s]->ev; b++)
				if (back[b]->ev->segment.seg.flags & TL_FLAG_SYN)
					theirs = &back[b]->ev->segment.seg;
			known.syn = own->flags & TL_FLAG_SYN ? own : known.syn;
			hear(&known, own, theirs);
			s++;
		}
		item->syn = known.syn;
		item->windowed = known.windowed;
		item->next = known.next;
		item->end = known.end;
	}
}

/* RFC 9293 3.10.7.3 and 3.10.7.4: an ACK of less than our SYN brings no connection about. */
static bool acknowledges_our_syn(const struct item *item)
{
	const struct tl_segment *seg = &item->shot->ev->segment.seg;

	return !item->syn ||
	       (seg->flags & TL_FLAG_ACK && !is_after(item->syn->seq + 1, seg->ack));
}

/*
 * A RST outside of the window is dropped (RFC 9293 3.10.7.4). What has arrived is not behind
 * what we have acknowledged, and the window ends where we have once said that it does.
 */
static bool is_in_window(const struct item *item)
{
	uint32_t seq = item->shot->ev->segment.seg.seq;

	return !item->windowed || item->end == item->next ||
	       seq - item->next <= item->end - item->next;
}

/* A listener makes a request of a SYN that has found no other socket: others it does not get. */
static bool found_nobody(const struct tl_shot *shot)
{
	const struct tl_event *letgo = shot->letgo;
	enum tl_state found = letgo && letgo->letgo.looked ? letgo->letgo.ends[1].sock.state :
							     shot->ev->segment.ends[1].sock.state;

	return !tl_state_info(found) || found == TL_LISTEN || found == TL_TIME_WAIT ||
	       found == TL_CLOSE;
}

bool replay_numbers_fit(enum tl_state state, const struct item *item)
{
	const struct tl_segment *seg = &item->shot->ev->segment.seg;

	if (state == TL_LISTEN)
		return found_nobody(item->shot);
	if (state == TL_SYN_SENT)
		return (seg->flags & TL_FLAG_SYN && !(seg->flags & TL_FLAG_ACK)) ||
		       acknowledges_our_syn(item);
	if (seg->flags & TL_FLAG_RST)
		return is_in_window(item);
	return state != TL_SYN_RECV || acknowledges_our_syn(item);
}
