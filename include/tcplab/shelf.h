/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: what is kept until its number is called. */
#ifndef TCPLAB_SHELF_H
#define TCPLAB_SHELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first member of what is kept. */
struct tl_shelf_head {
	uint32_t number;
	bool taken;
};

/*
 * Of one kind, in the order of their numbers; each is taken in its time, whatever the order. To
 * add, find and take very many costs no more for each than for a few, except a binary search.
 * Zeroed is empty; it owns its memory.
 */
struct tl_shelf {
	void *v;
	size_t size;  /* of one */
	size_t n;     /* with those that were taken, and are there until there is need of room */
	size_t first; /* before it all were taken */
	size_t live;  /* how many are kept */
};

/*
 * tl_shelf_add - keep one more
 * @size: of each, the same every time
 * @number: greater than all before
 *
 * Return: it, zeroed except for its number (borrowed until the next is added), or NULL without
 * memory.
 */
void *tl_shelf_add(struct tl_shelf *shelf, size_t size, uint32_t number);

/* tl_shelf_find - the one of this number that is still kept, or NULL (borrowed) */
void *tl_shelf_find(const struct tl_shelf *shelf, uint32_t number);

/* tl_shelf_after - the first one still kept whose number is greater, or NULL (borrowed) */
void *tl_shelf_after(const struct tl_shelf *shelf, uint32_t number);

/* tl_shelf_next - the one after @one, which may have been taken meanwhile, or NULL (borrowed) */
void *tl_shelf_next(const struct tl_shelf *shelf, const void *one);

/* tl_shelf_take - it is kept no longer */
void tl_shelf_take(struct tl_shelf *shelf, void *one);

/* tl_shelf_release - a zeroed one and a second call are fine */
void tl_shelf_release(struct tl_shelf *shelf);

#endif
