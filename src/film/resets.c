/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which segment a RST answers that no socket has sent. */
#include "parts.h"

#include <stdlib.h>

/*
 * RFC 9293 3.10.7.1: the numbers of such a RST are taken from what it answers, its own number
 * from that ACK; where there is none the RST begins at 0 and acknowledges all of it.
 */
struct film_arrival {
	const struct tl_endpoint *from, *to;
	bool acks;                   /* it has an ACK, */
	uint32_t number;             /* this one, or else this is its end */
	const struct tl_event *went; /* when it arrived */
	const struct tl_shot *shot;
};

static int arrival_cmp(const void *a, const void *b)
{
	const struct film_arrival *x = a, *y = b;
	int order = film_way_cmp(x->from, x->to, y->from, y->to);

	order = order ? order : FILM_CMP(x->acks, y->acks);
	order = order ? order : FILM_CMP(x->number, y->number);
	return order ? order : FILM_CMP(x->went, y->went);
}

bool film_resets_take(struct film_resets *resets, const struct tl_film *film)
{
	resets->v = calloc(film->n_arrived + 1, sizeof(*resets->v));
	if (!resets->v)
		return false;
	for (size_t i = 0; i < film->n_arrived; i++) {
		const struct tl_shot *shot = film->arrived[i];
		const struct tl_segment *seg = &shot->ev->segment.seg;
		bool acks = seg->flags & TL_FLAG_ACK;

		if (!(seg->flags & TL_FLAG_RST))
			resets->v[resets->n++] = (struct film_arrival){
				.from = &seg->from, .to = &seg->to, .acks = acks,
				.number = acks ? seg->ack : tl_segment_end(seg),
				.went = tl_shot_went(shot), .shot = shot,
			};
	}
	qsort(resets->v, resets->n, sizeof(*resets->v), arrival_cmp);
	return true;
}

const struct tl_shot *film_reset_answers(const struct film_resets *resets,
					 const struct tl_shot *rst)
{
	const struct tl_segment *seg = &rst->ev->segment.seg;
	bool acks = seg->flags & TL_FLAG_ACK;
	struct film_arrival key = { .from = &seg->to, .to = &seg->from, .acks = !acks,
				    .number = acks ? seg->ack : seg->seq, .went = rst->ev };
	size_t at;

	if (acks && seg->seq)
		return NULL;
	at = TL_BISECT(i, 0, resets->n, arrival_cmp(&resets->v[i], &key) < 0);
	if (!at)
		return NULL;
	key.went = resets->v[at - 1].went;
	return arrival_cmp(&resets->v[at - 1], &key) ? NULL : resets->v[at - 1].shot;
}

void film_resets_release(struct film_resets *resets)
{
	free(resets->v);
}
