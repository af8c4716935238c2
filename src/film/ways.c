/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The segments of a film by their way, from one end to another: what was sent, what arrived. */
#include "parts.h"

#include <stdlib.h>

int film_way_cmp(const struct tl_endpoint *from, const struct tl_endpoint *to,
		 const struct tl_endpoint *other_from, const struct tl_endpoint *other_to)
{
	int order = tl_endpoint_cmp(from, other_from);

	return order ? order : tl_endpoint_cmp(to, other_to);
}

static int way_cmp(const struct tl_segment *x, const struct tl_segment *y)
{
	return film_way_cmp(&x->from, &x->to, &y->from, &y->to);
}

static int by_sent(const void *a, const void *b)
{
	const struct tl_shot *x = *(const struct tl_shot *const *)a;
	const struct tl_shot *y = *(const struct tl_shot *const *)b;
	int order = way_cmp(&x->ev->segment.seg, &y->ev->segment.seg);

	return order ? order : FILM_CMP(x->ev, y->ev);
}

static int by_arrived(const void *a, const void *b)
{
	const struct tl_shot *x = *(const struct tl_shot *const *)a;
	const struct tl_shot *y = *(const struct tl_shot *const *)b;
	int order = way_cmp(&x->ev->segment.seg, &y->ev->segment.seg);

	return order ? order : FILM_CMP(tl_shot_went(x), tl_shot_went(y));
}

bool film_take_ways(struct tl_film *film)
{
	film->sent = calloc(film->n_shots + 1, sizeof(*film->sent));
	film->arrived = calloc(film->n_shots + 1, sizeof(*film->arrived));
	if (!film->sent || !film->arrived)
		return false;
	for (size_t i = 0; i < film->n_shots; i++) {
		film->sent[i] = &film->shots[i];
		if (tl_shot_went(&film->shots[i]))
			film->arrived[film->n_arrived++] = &film->shots[i];
	}
	qsort(film->sent, film->n_shots, sizeof(*film->sent), by_sent);
	qsort(film->arrived, film->n_arrived, sizeof(*film->arrived), by_arrived);
	return true;
}

/* When a segment counts: when it was sent, or when it went on. */
typedef const struct tl_event *(*moment_fn)(const struct tl_shot *shot);

static const struct tl_event *when_sent(const struct tl_shot *shot)
{
	return shot->ev;
}

static bool is_before(const struct tl_shot *shot, moment_fn when, const struct tl_endpoint *from,
		      const struct tl_endpoint *to, const struct tl_event *ev)
{
	const struct tl_segment *seg = &shot->ev->segment.seg;
	int order = film_way_cmp(&seg->from, &seg->to, from, to);

	return order < 0 || (!order && when(shot) < ev);
}

/* The first of @v from @low on that is @from -> @to at @ev or later; or that comes after. */
static size_t search(const struct tl_shot **v, size_t low, size_t high, moment_fn when,
		     const struct tl_endpoint *from, const struct tl_endpoint *to,
		     const struct tl_event *ev)
{
	return TL_BISECT(i, low, high, is_before(v[i], when, from, to, ev));
}

const struct tl_shot **tl_film_sent(const struct tl_film *film,
				    const struct tl_endpoint *sender,
				    const struct tl_endpoint *receiver,
				    const struct tl_event *from, const struct tl_event *to,
				    size_t *n)
{
	size_t low = search(film->sent, 0, film->n_shots, when_sent, sender, receiver, from);

	*n = search(film->sent, low, film->n_shots, when_sent, sender, receiver, to + 1) - low;
	return film->sent + low;
}

const struct tl_shot **tl_film_arrived(const struct tl_film *film,
				       const struct tl_endpoint *sender,
				       const struct tl_endpoint *receiver,
				       const struct tl_event *from, const struct tl_event *to,
				       size_t *n)
{
	size_t low = search(film->arrived, 0, film->n_arrived, tl_shot_went, sender, receiver,
			    from);

	*n = search(film->arrived, low, film->n_arrived, tl_shot_went, sender, receiver,
		    to + 1) - low;
	return film->arrived + low;
}

static bool carries(const struct tl_segment *seg, unsigned flags)
{
	return !flags || seg->flags & flags || (flags & TL_FILM_DATA && seg->len);
}

bool tl_film_came(const struct tl_film *film, const struct tl_sock *sock, unsigned flags,
		  const struct tl_event *from, const struct tl_event *to)
{
	size_t n;
	const struct tl_shot **came =
		tl_film_arrived(film, &sock->remote, &sock->local, from, to, &n);

	for (size_t i = 0; i < n; i++)
		if (carries(&came[i]->ev->segment.seg, flags))
			return true;
	return false;
}
