/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Things in the order of their numbers; of those that were taken the room is used again. */
#include "tcplab/shelf.h"

#include <stdlib.h>
#include <string.h>

#include "tcplab/bisect.h"
#include "tcplab/grow.h"

static struct tl_shelf_head *at(const struct tl_shelf *shelf, size_t i)
{
	return (struct tl_shelf_head *)((char *)shelf->v + i * shelf->size);
}

static size_t place_of(const struct tl_shelf *shelf, const void *one)
{
	return (size_t)((const char *)one - (const char *)shelf->v) / shelf->size;
}

/* The place of the first with a number greater than this. */
static size_t place_after(const struct tl_shelf *shelf, uint32_t number)
{
	return TL_BISECT(i, shelf->first, shelf->n, at(shelf, i)->number <= number);
}

static void *first_from(const struct tl_shelf *shelf, size_t i)
{
	while (i < shelf->n && at(shelf, i)->taken)
		i++;
	return i < shelf->n ? at(shelf, i) : NULL;
}

static void close_ranks(struct tl_shelf *shelf)
{
	size_t n = 0;

	for (size_t i = shelf->first; i < shelf->n; i++)
		if (!at(shelf, i)->taken)
			memmove(at(shelf, n++), at(shelf, i), shelf->size);
	shelf->n = n;
	shelf->first = 0;
}

/* Where half of them were taken their room is enough: so each is moved but a few times. */
static bool make_room(struct tl_shelf *shelf)
{
	bool full = !(shelf->n & (shelf->n - 1)); /* as in grow.h */
	void *v;

	if (full && shelf->live <= shelf->n / 2)
		close_ranks(shelf);
	v = tl_grown(shelf->v, shelf->n, shelf->size);
	if (!v)
		return false;
	shelf->v = v;
	return true;
}

void *tl_shelf_add(struct tl_shelf *shelf, size_t size, uint32_t number)
{
	struct tl_shelf_head *one;

	shelf->size = size;
	if (!make_room(shelf))
		return NULL;
	one = at(shelf, shelf->n++);
	memset(one, 0, shelf->size);
	one->number = number;
	shelf->live++;
	return one;
}

void *tl_shelf_find(const struct tl_shelf *shelf, uint32_t number)
{
	size_t i = place_after(shelf, number);
	struct tl_shelf_head *one = i > shelf->first ? at(shelf, i - 1) : NULL;

	return one && one->number == number && !one->taken ? one : NULL;
}

void *tl_shelf_after(const struct tl_shelf *shelf, uint32_t number)
{
	return first_from(shelf, place_after(shelf, number));
}

void *tl_shelf_next(const struct tl_shelf *shelf, const void *one)
{
	return first_from(shelf, place_of(shelf, one) + 1);
}

void tl_shelf_take(struct tl_shelf *shelf, void *one)
{
	((struct tl_shelf_head *)one)->taken = true;
	shelf->live--;
	while (shelf->first < shelf->n && at(shelf, shelf->first)->taken)
		shelf->first++;
}

void tl_shelf_release(struct tl_shelf *shelf)
{
	free(shelf->v);
	*shelf = (struct tl_shelf){ 0 };
}
