/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which segments of a film say again what was said before.
 *
 * A retransmission repeats what was said before, and whether there is one depends on the
 * clock; so that it makes no difference it is marked, unless the first one was lost. The
 * same goes for an ACK of the same SYN or FIN that is sent again with other data around it.
 */
#include "parts.h"

#include <stdlib.h>

/*
 * Equal where one repeats the other: a copy, as tl_segment_is_copy() has it, or an ACK of
 * the same from further on.
 */
static int say_cmp(const struct tl_segment *x, const struct tl_segment *y)
{
	bool bare = !x->len && !(x->flags & (TL_FLAG_SYN | TL_FLAG_FIN));
	int order = film_way_cmp(&x->from, &x->to, &y->from, &y->to);

	order = order ? order : FILM_CMP(x->flags, y->flags);
	order = order ? order : FILM_CMP(x->len, y->len);
	if (!order && bare)
		order = FILM_CMP(x->ack, y->ack);
	if (order || (bare && !(x->flags & TL_FLAG_RST)))
		return order;
	return FILM_CMP(x->seq, y->seq);
}

static int by_what_it_says(const void *a, const void *b)
{
	const struct tl_shot *x = *(struct tl_shot *const *)a;
	const struct tl_shot *y = *(struct tl_shot *const *)b;
	int order = say_cmp(&x->ev->segment.seg, &y->ev->segment.seg);

	return order ? order : FILM_CMP(x->ev, y->ev);
}

/* Equal where both acknowledge the same to the same. */
static int ack_cmp(const struct tl_segment *x, const struct tl_segment *y)
{
	int order = film_way_cmp(&x->from, &x->to, &y->from, &y->to);

	return order ? order : FILM_CMP(x->ack, y->ack);
}

static int by_what_it_acks(const void *a, const void *b)
{
	const struct tl_shot *x = *(struct tl_shot *const *)a;
	const struct tl_shot *y = *(struct tl_shot *const *)b;
	int order = ack_cmp(&x->ev->segment.seg, &y->ev->segment.seg);

	return order ? order : FILM_CMP(x->ev, y->ev);
}

static bool acks_fin(const struct tl_shot *s, bool bare)
{
	return s->kinds & (1u << TL_SEGMENT_ACK_OF_FIN | (bare ? 0 : 1u << TL_SEGMENT_FIN_ACK));
}

/* A FIN that has been acknowledged, with a FIN+ACK at that, is not so anew by a mere ACK. */
static void mark_acked_again(struct tl_shot **said, size_t n)
{
	const struct tl_shot *before = NULL;

	qsort(said, n, sizeof(*said), by_what_it_acks);
	for (size_t i = 0; i < n; i++) {
		if (!acks_fin(said[i], false))
			continue;
		if (before && acks_fin(said[i], true) &&
		    !ack_cmp(&before->ev->segment.seg, &said[i]->ev->segment.seg))
			said[i]->repeats = true;
		before = said[i];
	}
}

static bool is_gone(const struct tl_shot *s)
{
	return s->end == TL_SHOT_LOST || s->end == TL_SHOT_ABSORBED;
}

static bool is_bare(const struct tl_shot *s)
{
	return !s->ev->segment.seg.len &&
	       !(s->ev->segment.seg.flags & (TL_FLAG_SYN | TL_FLAG_FIN | TL_FLAG_RST));
}

/* No kernel repeats a mere ACK but as a probe. @said: room for all */
static void mark_copies(struct tl_film *film, struct tl_shot **said)
{
	static const uint32_t probes =
		1u << TL_SEGMENT_KEEPALIVE_PROBE | 1u << TL_SEGMENT_WINDOW_PROBE;
	size_t n = 0;

	for (size_t i = 0; i < film->n_shots; i++)
		if (!is_bare(&film->shots[i]) || film->shots[i].kinds & probes)
			said[n++] = &film->shots[i];
	qsort(said, n, sizeof(*said), by_what_it_says);
	for (size_t i = 1; i < n; i++)
		said[i]->again = !say_cmp(&said[i - 1]->ev->segment.seg, &said[i]->ev->segment.seg);
}

bool film_take_repeats(struct tl_film *film)
{
	struct tl_shot **said = calloc(film->n_shots + 1, sizeof(*said));
	size_t n = 0;

	if (!said)
		return false;
	for (size_t i = 0; i < film->n_shots; i++)
		if (tl_shot_tells(&film->shots[i]) && !is_gone(&film->shots[i]))
			said[n++] = &film->shots[i];
	qsort(said, n, sizeof(*said), by_what_it_says);
	for (size_t i = 1; i < n; i++)
		said[i]->repeats = !say_cmp(&said[i - 1]->ev->segment.seg,
					    &said[i]->ev->segment.seg);
	mark_acked_again(said, n);
	mark_copies(film, said);
	free(said);
	return true;
}
