/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is shelf until its number is called. */
#include <criterion/criterion.h>

#include "tcplab/shelf.h"

struct thing {
	struct tl_shelf_head head;
	uint32_t twice;
};

static struct tl_shelf shelf;

static void clean_up(void)
{
	tl_shelf_release(&shelf);
}

TestSuite(shelf, .fini = clean_up);

static void add(uint32_t number)
{
	struct thing *thing = tl_shelf_add(&shelf, sizeof(*thing), number);

	cr_assert_not_null(thing);
	thing->twice = 2 * number;
}

static void take(uint32_t number)
{
	struct thing *thing = tl_shelf_find(&shelf, number);

	cr_assert_not_null(thing, "%u", number);
	cr_assert_eq(thing->twice, 2 * number);
	tl_shelf_take(&shelf, thing);
	cr_assert_null(tl_shelf_find(&shelf, number), "%u", number);
}

Test(shelf, nothing_is_in_what_is_empty)
{
	cr_assert_null(tl_shelf_find(&shelf, 0));
	cr_assert_null(tl_shelf_after(&shelf, 0));
	tl_shelf_release(&shelf);
}

Test(shelf, each_is_found_by_its_number_until_it_is_taken)
{
	const struct thing *thing;

	for (uint32_t i = 10; i <= 100; i += 10)
		add(i);
	cr_assert_null(tl_shelf_find(&shelf, 55));
	cr_assert_null(tl_shelf_find(&shelf, 9));
	cr_assert_null(tl_shelf_find(&shelf, 101));
	take(10);
	take(60);
	take(100);
	thing = tl_shelf_after(&shelf, 0);
	cr_assert_eq(thing->head.number, 20);
	thing = tl_shelf_after(&shelf, 50);
	cr_assert_eq(thing->head.number, 70);
	thing = tl_shelf_next(&shelf, thing);
	cr_assert_eq(thing->head.number, 80);
	cr_assert_null(tl_shelf_after(&shelf, 90));
	cr_assert_eq(shelf.live, 7);
	add(110);
	thing = tl_shelf_after(&shelf, 90);
	cr_assert_eq(thing->head.number, 110);
}

/* One that stays from the first to the last, and a million that come and go, take no room. */
Test(shelf, the_room_of_what_was_taken_is_used_again)
{
	add(1);
	for (uint32_t i = 2; i < 1000000; i++) {
		add(i);
		take(i);
	}
	cr_assert_leq(shelf.n, 16, "%zu", shelf.n);
	take(1);
}

/* In any order, and each with no walk through those that are shelf: with one it would not end. */
Test(shelf, very_many_are_taken_from_either_end_and_the_middle, .timeout = 60)
{
	enum { N = 600000, STEP = 7919 };

	for (uint32_t i = 1; i <= N; i++)
		add(i);
	for (uint32_t i = 0; i < N; i++)
		take(1 + (uint32_t)((uint64_t)i * STEP % N));
	cr_assert_eq(shelf.live, 0);
	for (uint32_t i = N + 1; i <= 2 * N; i++)
		add(i);
	for (const struct thing *thing = tl_shelf_after(&shelf, 0); thing;
	     thing = tl_shelf_after(&shelf, thing->head.number))
		take(thing->head.number);
	cr_assert_eq(shelf.live, 0);
	cr_assert_eq(shelf.first, shelf.n);
}
