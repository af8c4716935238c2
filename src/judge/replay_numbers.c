/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the numbers of a segment that arrives are such as its receiver acts upon. */
#include "replay_items.h"

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

/* A SYN begins anew, but a repeated one: that may lack the data which the first one had. */
static void send(struct item *known, const struct tl_segment *own)
{
	bool begins = own->flags & TL_FLAG_SYN && !(known->syn && known->syn->seq == own->seq);

	if (own->flags & TL_FLAG_SYN)
		known->syn = own;
	if (begins || tl_seq_after(tl_segment_end(own), known->sent))
		known->sent = tl_segment_end(own);
}

/* What it has sent by then: its last SYN, and how far it came. */
static struct item known_at(const struct replay *r, const struct tl_endpoint *from,
			    const struct tl_endpoint *to, const struct tl_event *at)
{
	struct item known = { .syn = NULL };
	size_t n;
	const struct tl_shot **sent = tl_film_sent(r->film, from, to, r->film->trace->events, at, &n);

	for (size_t i = 0; i < n; i++)
		send(&known, &sent[i]->ev->segment.seg);
	return known;
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
	if (!known->windowed || tl_seq_after(own->ack, known->next))
		known->next = own->ack;
	if (!known->windowed || tl_seq_after(edge, known->end))
		known->end = edge;
	known->windowed = true;
}

/* As far as what came goes on from @to without a gap. @but: not with this one; @gap: out */
static uint32_t without_gap(const struct tl_shot **came, size_t n, const struct tl_shot *but,
			    uint32_t to, bool *gap)
{
	bool more = true;

	while (more) {
		more = *gap = false;
		for (size_t i = 0; i < n; i++) {
			const struct tl_segment *seg = &came[i]->ev->segment.seg;

			/* a SYN that comes later is of another connection */
			if (came[i] == but || seg->flags & TL_FLAG_SYN ||
			    !tl_seq_after(tl_segment_end(seg), to))
				continue;
			if (tl_seq_after(seg->seq, to)) {
				*gap = true;
			} else {
				to = tl_segment_end(seg);
				more = true;
			}
		}
	}
	return to;
}

/* What comes before the SYN does, of what was sent behind it, is dropped (RFC 9293 3.10.7.3). */
static void skip_before_syn(const struct tl_shot ***came, size_t *n)
{
	size_t i = 0;

	while (i < *n && !((*came)[i]->ev->segment.seg.flags & TL_FLAG_SYN))
		i++;
	/* a connection may be older than what was seen of it */
	if (i == *n)
		return;
	*came += i;
	*n -= i;
}

/* What had come before this one; and is there a FIN behind the gap that this one fills? */
static void count(const struct replay *r, struct item *item, const struct tl_segment *theirs)
{
	const struct tl_endpoint *local = &r->s->sock->local, *remote = &r->s->sock->remote;
	uint32_t from = item->windowed ? item->next : theirs ? tl_segment_end(theirs) : 0, to;
	size_t n;
	const struct tl_shot **came = tl_film_arrived(r->film, remote, local, r->s->since, item->ev,
						      &n);
	bool gap;

	skip_before_syn(&came, &n);
	item->counted = item->windowed || theirs;
	item->got = without_gap(came, n, item->shot, from, &item->gap);
	if (!item->gap)
		return;
	to = without_gap(came, n, NULL, item->got, &gap);
	for (size_t i = 0; i < n; i++) {
		const struct tl_segment *seg = &came[i]->ev->segment.seg;

		if (came[i] != item->shot && seg->flags & TL_FLAG_FIN &&
		    tl_seq_after(seg->seq, item->got) && !tl_seq_after(seg->seq, to))
			item->fills = true;
	}
}

/* It may be told by what has come before: a FIN, a RST, and what may fill a gap before a FIN. */
static bool is_counted(const struct replay *r, const struct item *item)
{
	if (item->kind != ARRIVES)
		return false;
	return item->shot->ev->segment.seg.flags & (TL_FLAG_FIN | TL_FLAG_RST) ||
	       (r->fin && r->fin < item->ev);
}

void replay_take_numbers(struct replay *r)
{
	const struct tl_endpoint *local = &r->s->sock->local, *remote = &r->s->sock->remote;
	const struct tl_event *since = r->s->since, *last = r->items[r->n - 1].ev;
	struct item known = known_at(r, local, remote, since);
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
			send(&known, own);
			hear(&known, own, theirs);
			s++;
		}
		item->syn = known.syn;
		item->windowed = known.windowed;
		item->next = known.next;
		item->end = known.end;
		item->sent = known.sent;
		if (is_counted(r, item))
			count(r, item, theirs);
	}
}

/*
 * RFC 9293 3.10.7.3 and 3.10.7.4: an ACK of less than our SYN brings no connection about, nor
 * does one of what was never sent.
 */
static bool acknowledges_our_syn(const struct item *item)
{
	const struct tl_segment *seg = &item->shot->ev->segment.seg;

	return !item->syn ||
	       (seg->flags & TL_FLAG_ACK && !tl_seq_after(item->syn->seq + 1, seg->ack) &&
		!tl_seq_after(seg->ack, item->sent));
}

/* An ACK of what was never sent is answered, and dropped with all that comes along. */
static bool acknowledges_what_was_sent(const struct item *item)
{
	const struct tl_segment *seg = &item->shot->ev->segment.seg;

	return !item->syn || !(seg->flags & TL_FLAG_ACK) || !tl_seq_after(seg->ack, item->sent);
}

/*
 * What is outside of the window is dropped (RFC 9293 3.10.7.4). What has arrived is not behind
 * what we have acknowledged, and the window ends where we have once said that it does.
 */
static bool is_in_window(const struct item *item)
{
	const struct tl_segment *seg = &item->shot->ev->segment.seg;

	return !item->windowed || item->end == item->next ||
	       (!tl_seq_after(item->next, tl_segment_end(seg)) &&
		!tl_seq_after(seg->seq, item->end));
}

/*
 * tcp_reset_check() of net/ipv4/tcp_input.c: behind a FIN of its own the other end may send a RST
 * with the FIN's number, as one does that answers a segment from before the FIN had come.
 */
static bool resets_at_its_fin(enum tl_state state, const struct item *item)
{
	return (state == TL_CLOSE_WAIT || state == TL_LAST_ACK || state == TL_CLOSING) &&
	       item->counted && item->shot->ev->segment.seg.seq + 1 == item->got;
}

/*
 * A RST in the window ends a connection only where it is the very next (RFC 5961): with one that
 * is ahead of what has come nothing happens but a challenge ACK. Sockets of no program, and what
 * is acknowledged selectively, are exempt.
 */
static bool is_ahead(enum tl_state state, const struct item *item)
{
	return state != TL_SYN_RECV && state != TL_FIN_WAIT2 && state != TL_TIME_WAIT &&
	       item->counted && !item->gap &&
	       tl_seq_after(item->shot->ev->segment.seg.seq, item->got);
}

bool replay_fin_is_out(const struct item *item)
{
	const struct tl_segment *seg = &item->shot->ev->segment.seg;

	return seg->flags & TL_FLAG_FIN && item->counted &&
	       (tl_seq_after(seg->seq, item->got) || !tl_seq_after(tl_segment_end(seg), item->got));
}

/* A listener makes a request of a SYN that has found no other socket: others it does not get. */
static bool found_nobody(const struct tl_shot *shot)
{
	enum tl_state found = tl_shot_reached(shot);

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
		return (is_in_window(item) && !is_ahead(state, item)) ||
		       resets_at_its_fin(state, item);
	if (!(seg->flags & TL_FLAG_SYN) &&
	    !(is_in_window(item) && acknowledges_what_was_sent(item)))
		return false;
	return state != TL_SYN_RECV || acknowledges_our_syn(item);
}
