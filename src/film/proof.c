/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A sender is looked up when its segment is read, and by then it may have gone on, or may not
 * yet have come to be what it announces: tcp_fin() in net/ipv4/tcp_input.c sends the ACK of a
 * FIN before it leaves FIN_WAIT1 or FIN_WAIT2. Which of them is seen is a matter of chance. But
 * the segment itself says where its sender was, by its flags, by whether it acknowledges the
 * other end's FIN, and by whether its own has been sent before or comes after:
 *
 *   a SYN                      SYN_SENT
 *   a FIN                      FIN_WAIT1; LAST_ACK or CLOSING where it acknowledges a FIN
 *   a SYN+ACK                  SYN_RECV; LISTEN where there is no request: it is a SYN cookie
 *   a RST                      CLOSED, where the connection was open: nobody sends one and stays;
 *                              LISTEN where it answers what had reached a listener
 *   anything else that
 *     acknowledges a FIN       CLOSE_WAIT, as long as its own FIN comes after it
 *     does not, though one     ESTABLISHED, likewise: it was sent before that FIN had come
 *     has gone to it
 *
 * What none of these says is as it was looked up; where there was no socket any more, not known.
 *
 * A receiver is as it was looked up. But one that had closed by then, and whose FIN was waiting
 * to be read as well, is where the next segment it had sent says: what is told in one order is
 * told in one order of states.
 */
#include "parts.h"

#include <stdlib.h>

/* States in which a RST is the last thing that a socket sends. */
#define OPEN                                                                                 \
	(1u << TL_ESTABLISHED | 1u << TL_FIN_WAIT1 | 1u << TL_FIN_WAIT2 | 1u << TL_CLOSING | \
	 1u << TL_CLOSE_WAIT | 1u << TL_LAST_ACK)

/* Of one segment: what its sender had sent before, and is still to send. */
struct said {
	struct tl_shot *shot;
	bool had_fin;      /* its FIN had been sent, */
	bool fin_acks;     /* and acknowledged the other end's */
	bool has_next;     /* its FIN is still to be sent, */
	uint32_t next_fin; /* with this number, */
	bool next_alone;   /* apart from the data in front of it: that had been sent by then */
	const struct tl_shot *answer; /* what its receiver sends next; NULL: nothing */
};

static int by_pair(const void *a, const void *b)
{
	const struct tl_shot *x = ((const struct said *)a)->shot;
	const struct tl_shot *y = ((const struct said *)b)->shot;
	int order = film_pair_cmp(&x->ev->segment.seg, &y->ev->segment.seg);

	return order ? order : FILM_CMP(x->ev, y->ev);
}

/* 0 or 1: which way between its two ends */
static int way_of(const struct tl_segment *seg)
{
	return tl_endpoint_cmp(&seg->from, &seg->to) > 0;
}

/* Of the segments between two ends: which come after the sender's FIN. */
static void take_past(struct said *v, size_t n)
{
	struct said ways[2] = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct tl_segment *seg = &v[i].shot->ev->segment.seg;
		struct said *way = &ways[way_of(seg)];

		if (v[i].shot->kinds & (1u << TL_SEGMENT_SYN | 1u << TL_SEGMENT_SYN_ACK) &&
		    !v[i].shot->again)
			*way = (struct said){ 0 };
		v[i].had_fin = way->had_fin;
		v[i].fin_acks = way->fin_acks;
		if (!way->had_fin && v[i].shot->kinds & 1u << TL_SEGMENT_FIN) {
			way->had_fin = true;
			way->fin_acks = v[i].shot->kinds & TL_FLOW_ACKS_FIN;
		}
	}
}

/* And which come before it. */
static void take_future(struct said *v, size_t n)
{
	const struct tl_shot *next[2] = { NULL };
	struct said ways[2] = { 0 };

	for (size_t i = n; i-- > 0;) {
		const struct tl_segment *seg = &v[i].shot->ev->segment.seg;
		struct said *way = &ways[way_of(seg)];

		v[i].has_next = way->has_next;
		v[i].next_fin = way->next_fin;
		way->next_alone |= way->has_next && way->next_fin == tl_segment_end(seg);
		v[i].next_alone = way->next_alone;
		v[i].answer = next[!way_of(seg)];
		next[way_of(seg)] = v[i].shot;
		if (v[i].shot->kinds & (1u << TL_SEGMENT_SYN | 1u << TL_SEGMENT_SYN_ACK))
			*way = (struct said){ 0 };
		if (v[i].shot->kinds & 1u << TL_SEGMENT_FIN)
			*way = (struct said){ .has_next = true,
					      .next_fin = tl_segment_end(seg) - 1 };
	}
}

/* Something of these kinds had come to the sender of @s before. */
static bool has_heard(const struct tl_shot *s, uint32_t kinds)
{
	for (const struct tl_shot *b = s->before; b && !(b->kinds & 1u << TL_SEGMENT_SYN);
	     b = b->before)
		if (b->kinds & kinds && tl_shot_went(b) && tl_shot_went(b) < s->ev &&
		    tl_endpoint_equal(&b->ev->segment.seg.from, &s->ev->segment.seg.to))
			return true;
	return false;
}

/* A FIN acknowledges the other end's where that had come: then its sender closes second. */
static enum tl_state fin_from(const struct said *said, enum tl_state seen)
{
	if (said->shot->kinds & TL_FLOW_ACKS_FIN)
		return said->had_fin && !said->fin_acks ? TL_CLOSING : TL_LAST_ACK;
	/* the other end's may have passed unseen */
	return seen == TL_LAST_ACK || seen == TL_CLOSE_WAIT ? TL_LAST_ACK : TL_FIN_WAIT1;
}

static enum tl_state as_seen(enum tl_state seen)
{
	return seen && seen != TL_CLOSE ? seen : TL_STATE_UNKNOWN;
}

/* Data, or a mere ACK, of a sender whose FIN had been sent. */
static enum tl_state closer(const struct tl_film *film, const struct tl_shot *s,
			    enum tl_state seen)
{
	uint64_t most = tl_film_sysctl(film, "net.ipv4.tcp_max_tw_buckets", s->ev, UINT64_MAX);

	if (!(s->kinds & 1u << TL_SEGMENT_ACK_OF_FIN))
		return as_seen(seen);
	if (seen == TL_FIN_WAIT1 && !has_heard(s, TL_FLOW_ACKS_FIN))
		return TL_CLOSING;
	if (seen == TL_FIN_WAIT1 || seen == TL_FIN_WAIT2)
		return most ? TL_TIME_WAIT : TL_STATE_UNKNOWN;
	return as_seen(seen);
}

/*
 * Data, or a mere ACK. That no FIN waited behind data, which would have taken it along, is what the
 * FIN's number says.
 */
static enum tl_state talk_from(const struct tl_film *film, const struct said *said,
			       enum tl_state seen)
{
	const struct tl_shot *s = said->shot;
	bool open = said->next_alone;

	if (said->had_fin)
		return closer(film, s, seen);
	if (s->kinds & TL_FLOW_ACKS_FIN)
		return open || seen != TL_LAST_ACK ? TL_CLOSE_WAIT : seen;
	if ((seen == TL_CLOSE_WAIT || seen == TL_LAST_ACK) && has_heard(s, 1u << TL_SEGMENT_FIN))
		return TL_ESTABLISHED;
	if ((seen == TL_FIN_WAIT1 && open) ||
	    (s->kinds & 1u << TL_SEGMENT_ACK_OF_SYN && as_seen(seen) == TL_STATE_UNKNOWN))
		return TL_ESTABLISHED;
	return as_seen(seen);
}

/* Of what was absorbed nobody looked up the ends. */
static bool is_unseen(const struct tl_shot *shot, int end)
{
	return shot->ev->segment.fate == TL_FATE_ABSORBED &&
	       !shot->ev->segment.ends[end].sock.state;
}

enum tl_state tl_shot_reached(const struct tl_shot *shot)
{
	return shot->letgo && shot->letgo->letgo.looked ? shot->letgo->letgo.ends[1].sock.state :
							  shot->ev->segment.ends[1].sock.state;
}

/* A RST without a socket: a listener's, where it answers what had come to it. */
static enum tl_state rst_from(const struct film_resets *resets, const struct tl_shot *rst)
{
	const struct tl_shot *to = film_reset_answers(resets, rst);

	return to && tl_shot_reached(to) == TL_LISTEN ? TL_LISTEN : 0;
}

static enum tl_state state_of(const struct tl_film *film, const struct film_resets *resets,
			      const struct said *said)
{
	enum tl_state seen = said->shot->ev->segment.ends[0].sock.state;
	uint8_t flags = said->shot->ev->segment.seg.flags;

	if (is_unseen(said->shot, 0) && flags & (TL_FLAG_RST | TL_FLAG_ACK) &&
	    !(flags & TL_FLAG_FIN))
		return TL_STATE_UNKNOWN;
	if (flags & TL_FLAG_RST && !seen)
		return rst_from(resets, said->shot);
	if (flags & TL_FLAG_RST)
		return tl_state_info(seen) && OPEN & 1u << seen ? 0 : seen;
	if (flags & TL_FLAG_SYN && flags & TL_FLAG_ACK)
		return seen && seen != TL_LISTEN && seen != TL_CLOSE ? TL_SYN_RECV : TL_LISTEN;
	if (flags & TL_FLAG_SYN)
		return TL_SYN_SENT;
	return flags & TL_FLAG_FIN ? fin_from(said, seen) : talk_from(film, said, seen);
}

/* Of its receiver, where that had closed and its FIN had not been read. */
static enum tl_state receiver_of(const struct said *said)
{
	enum tl_state seen = said->shot->ev->segment.ends[1].sock.state;
	const struct tl_shot *answer = said->answer;

	if (is_unseen(said->shot, 1))
		return TL_STATE_UNKNOWN;
	if ((seen != TL_FIN_WAIT1 && seen != TL_LAST_ACK) || !answer || answer->again)
		return seen;
	if (answer->ends[0] == TL_ESTABLISHED || answer->ends[0] == TL_CLOSE_WAIT)
		return answer->ends[0];
	if (!(answer->kinds & 1u << TL_SEGMENT_FIN) || answer->ev->segment.seg.len)
		return seen; /* its FIN may follow data */
	return answer->ends[0] == TL_LAST_ACK && has_heard(answer, 1u << TL_SEGMENT_FIN) &&
			       seen == TL_LAST_ACK ?
		       TL_CLOSE_WAIT : TL_ESTABLISHED;
}

bool film_take_states(struct tl_film *film)
{
	struct said *v = calloc(film->n_shots + 1, sizeof(*v));
	struct film_resets resets = { 0 };
	size_t from = 0;
	bool ok = false;

	if (!v || !film_resets_take(&resets, film))
		goto out;
	for (size_t i = 0; i < film->n_shots; i++)
		v[i].shot = &film->shots[i];
	qsort(v, film->n_shots, sizeof(*v), by_pair);
	for (size_t i = 1; i <= film->n_shots; i++) {
		const struct tl_segment *first = &v[from].shot->ev->segment.seg;

		if (i < film->n_shots && !film_pair_cmp(first, &v[i].shot->ev->segment.seg))
			continue;
		take_past(v + from, i - from);
		take_future(v + from, i - from);
		from = i;
	}
	for (size_t i = 0; i < film->n_shots; i++)
		v[i].shot->ends[0] = state_of(film, &resets, &v[i]);
	for (size_t i = 0; i < film->n_shots; i++)
		v[i].shot->ends[1] = receiver_of(&v[i]);
	ok = true;
out:
	film_resets_release(&resets);
	free(v);
	return ok;
}
