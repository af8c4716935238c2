/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers of pairs of endpoints. */
#include <criterion/criterion.h>
#include <sys/socket.h>

#include "tcplab/pairs.h"

enum { MANY = 5000 };

static struct tl_endpoint client(size_t i)
{
	return (struct tl_endpoint){ .family = AF_INET, .port = 1024 + i % 1000,
				     .addr = { 127, 0, 0, 1 + i / 1000 } };
}

Test(pairs, are_numbered_in_their_order_and_found)
{
	const struct tl_endpoint server = { .family = AF_INET, .port = 80, .addr = { 127, 0, 0, 1 } };
	struct tl_pairs pairs = { 0 };

	for (size_t i = 0; i < MANY; i++) {
		struct tl_endpoint from = client(i);

		cr_assert_eq(tl_pairs_find(&pairs, &from, &server), TL_PAIRS_NONE, "%zu", i);
		cr_assert_eq(tl_pairs_add(&pairs, &from, &server), i, "%zu", i);
	}
	for (size_t i = 0; i < MANY; i++) {
		struct tl_endpoint from = client(i);

		cr_assert_eq(tl_pairs_find(&pairs, &from, &server), i, "%zu", i);
		cr_assert_eq(tl_pairs_add(&pairs, &from, &server), i, "%zu again", i);
		cr_assert_eq(tl_pairs_find(&pairs, &server, &from), TL_PAIRS_NONE,
			     "%zu the other way", i);
	}
	cr_assert_eq(pairs.n, MANY, "%zu pairs", pairs.n);
	tl_pairs_release(&pairs);
	tl_pairs_release(&pairs);
}

/* The end of a connection that came in through a listener on :: is spelt otherwise. */
Test(pairs, an_ipv4_mapped_end_is_the_ipv4_one)
{
	const struct tl_endpoint server = { .family = AF_INET, .port = 80, .addr = { 127, 0, 0, 1 } };
	const struct tl_endpoint mapped = { .family = AF_INET6, .port = 80,
					    .addr = { [10] = 0xff, 0xff, 127, 0, 0, 1 } };
	const struct tl_endpoint other = { .family = AF_INET6, .port = 80,
					   .addr = { [10] = 0xff, 0xfe, 127, 0, 0, 1 } };
	struct tl_endpoint from = client(1);
	struct tl_pairs pairs = { 0 };

	cr_assert_eq(tl_pairs_add(&pairs, &from, &server), 0);
	cr_assert_eq(tl_pairs_find(&pairs, &from, &mapped), 0);
	cr_assert_eq(tl_pairs_find(&pairs, &from, &other), TL_PAIRS_NONE);
	cr_assert(tl_endpoint_equal(&mapped, &server));
	cr_assert(tl_endpoint_accepts(&mapped, &server));
	cr_assert(!tl_endpoint_accepts(&other, &server));
	tl_pairs_release(&pairs);
}

/* However many there are, a place is found after few steps: that is what the hash is for. */
Test(pairs, lie_spread)
{
	const struct tl_endpoint server = { .family = AF_INET, .port = 80, .addr = { 127, 0, 0, 1 } };
	struct tl_pairs pairs = { 0 };
	size_t run = 0, longest = 0;

	for (size_t i = 0; i < MANY; i++) {
		struct tl_endpoint from = client(i);

		tl_pairs_add(&pairs, &from, &server);
	}
	for (size_t i = 0; i < pairs.n_slots; i++) {
		run = pairs.slots[i] ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	cr_assert_lt(longest, 100, "%zu slots in a row are taken", longest);
	tl_pairs_release(&pairs);
}
