/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Patterns against rows, the largest assignment. */
#include <criterion/criterion.h>

#include "stage.h"

#define EITHER(state1, state2, n)                                                            \
	((struct tl_pattern){ .owner = MASTER, .peer = ANYBODY, .count = (n),                \
			      .states = 1u << TL_##state1 | 1u << TL_##state2 })

static int expect[8], seen[8];

#define MATCH(patterns, others, rows)                                                        \
	tl_match(patterns, COUNT(patterns), others, rows, COUNT(rows), expect, seen)

Test(match, what_fits)
{
	struct tl_row listener = LISTENER, server = SERVER(ESTABLISHED);

	cr_assert(tl_pattern_fits(&WANT_LISTENER, &listener), "as it is");
	cr_assert(tl_pattern_fits(&WANT_SERVER(ESTABLISHED), &server), "as it is");
	cr_assert(tl_pattern_fits(&PATTERN(MASTER, ANYBODY, ESTABLISHED, 1), &server),
		  "whoever");
	cr_assert_not(tl_pattern_fits(&WANT_SERVER(TIME_WAIT), &server), "the state");
	cr_assert_not(tl_pattern_fits(&WANT_CLIENT(ESTABLISHED), &server), "the owner");
	cr_assert_not(tl_pattern_fits(&PATTERN(MASTER, MASTER, ESTABLISHED, 1), &server),
		      "the peer");
	cr_assert(tl_pattern_fits(&(struct tl_pattern){ .owner = MASTER, .peer = REPLICA },
				  &server), "no states are all states");
}

Test(match, one_socket_in_several_hands)
{
	struct tl_row server = SERVER(ESTABLISHED);

	/* of actors 0 and 5, and its other end of 1 and 5 */
	server.shared_by = UINT64_C(1) << MASTER | UINT64_C(1) << 5;
	server.peers = UINT64_C(1) << 5;
	cr_assert(tl_pattern_fits(&WANT_SERVER(ESTABLISHED), &server), "by its first names");
	cr_assert(tl_pattern_fits(&PATTERN(5, REPLICA, ESTABLISHED, 1), &server),
		  "the other owner");
	cr_assert(tl_pattern_fits(&PATTERN(MASTER, 5, ESTABLISHED, 1), &server),
		  "who has the other end as well");
	cr_assert_not(tl_pattern_fits(&PATTERN(REPLICA, 5, ESTABLISHED, 1), &server),
		      "one who has neither");
	cr_assert_not(tl_pattern_fits(&PATTERN(MASTER, MASTER, ESTABLISHED, 1), &server),
		      "who has this end alone");
}

Test(match, what_never_fits)
{
	struct tl_row row = SERVER(ESTABLISHED);
	struct tl_pattern nobody = { .owner = -1, .peer = -1 };

	row.owner = -1;
	cr_assert_not(tl_pattern_fits(&nobody, &row), "unknown is not equal to unknown");
	row = SERVER(ESTABLISHED);
	row.sock.state = 0;
	cr_assert_not(tl_pattern_fits(&WANT_SERVER(ESTABLISHED), &row), "no state");
	row.sock.state = (enum tl_state)1000;
	cr_assert_not(tl_pattern_fits(&WANT_SERVER(ESTABLISHED), &row), "no state");
}

Test(match, one_row_one_pattern)
{
	struct tl_pattern want[] = { WANT_LISTENER, WANT_SERVER(ESTABLISHED) };
	struct tl_row rows[] = { SERVER(ESTABLISHED), LISTENER };

	cr_assert(MATCH(want, false, rows), "all there");
	cr_assert_eq(expect[0], 1, "the connection");
	cr_assert_eq(expect[1], 0, "the listener");
	cr_assert(seen[0] == 1 && seen[1] == 1, "once each");
}

Test(match, a_row_too_many)
{
	struct tl_pattern want[] = { WANT_LISTENER };
	struct tl_row rows[] = { LISTENER, SERVER(CLOSE_WAIT) };

	cr_assert_not(MATCH(want, false, rows), "nobody expected it");
	cr_assert_eq(expect[1], -1, "nobody's");
	cr_assert(MATCH(want, true, rows), "unless others are ignored");
	cr_assert_eq(expect[1], -1, "still nobody's");
}

Test(match, a_row_too_few)
{
	struct tl_pattern want[] = { WANT_LISTENER, WANT_SERVER(ESTABLISHED) };
	struct tl_row rows[] = { LISTENER };

	cr_assert_not(MATCH(want, true, rows), "ignoring others does not help");
	cr_assert(seen[0] == 1 && seen[1] == 0, "the one is missing");
}

Test(match, count)
{
	struct tl_pattern want[] = { PATTERN(MASTER, ANYBODY, ESTABLISHED, 2) };
	struct tl_row rows[] = { SERVER(ESTABLISHED), SERVER(ESTABLISHED),
				 SERVER(ESTABLISHED) };

	cr_assert(tl_match(want, 1, false, rows, 2, expect, seen), "two are two");
	cr_assert_eq(seen[0], 2, "both");
	cr_assert_not(tl_match(want, 1, false, rows, 3, expect, seen), "three are not");
	cr_assert_eq(seen[0], 2, "at most its count");
	cr_assert_not(tl_match(want, 1, false, rows, 1, expect, seen), "nor is one");
	cr_assert_eq(seen[0], 1, "the one");
}

/* The first pattern could take the only row that the second can. */
Test(match, patterns_do_not_steal)
{
	struct tl_pattern want[] = { EITHER(ESTABLISHED, CLOSE_WAIT, 1),
				     WANT_SERVER(ESTABLISHED) };
	struct tl_row rows[] = { SERVER(ESTABLISHED), SERVER(CLOSE_WAIT) };
	struct tl_row turned[] = { rows[1], rows[0] };

	cr_assert(MATCH(want, false, rows), "it gives the row up");
	cr_assert(expect[0] == 1 && expect[1] == 0, "and takes the other");
	cr_assert(MATCH(want, false, turned), "in any order");
}

/* Giving up a row moves a second pattern, and that a third. */
Test(match, a_chain_of_three)
{
	struct tl_pattern want[] = { EITHER(ESTABLISHED, CLOSE_WAIT, 1),
				     EITHER(CLOSE_WAIT, LAST_ACK, 1),
				     WANT_SERVER(ESTABLISHED) };
	struct tl_row rows[] = { SERVER(ESTABLISHED), SERVER(CLOSE_WAIT), SERVER(LAST_ACK) };

	cr_assert(MATCH(want, false, rows), "there is one way, and it is found");
	cr_assert(expect[0] == 2 && expect[1] == 0 && expect[2] == 1, "this one");
}

Test(match, counts_and_overlaps)
{
	struct tl_pattern want[] = { EITHER(ESTABLISHED, CLOSE_WAIT, 2),
				     PATTERN(MASTER, ANYBODY, ESTABLISHED, 2) };
	struct tl_row rows[] = { SERVER(ESTABLISHED), SERVER(ESTABLISHED), SERVER(CLOSE_WAIT),
				 SERVER(CLOSE_WAIT) };

	cr_assert(MATCH(want, false, rows), "two and two");
	rows[3] = SERVER(ESTABLISHED);
	cr_assert(MATCH(want, false, rows), "three and one");
	rows[2] = rows[1] = rows[0] = SERVER(CLOSE_WAIT);
	cr_assert_not(MATCH(want, false, rows), "one ESTABLISHED is too few");
	cr_assert(seen[0] == 2 && seen[1] == 1, "and the largest matching says so");
}

Test(match, nothing_at_all)
{
	struct tl_row rows[] = { LISTENER };

	cr_assert(tl_match(NULL, 0, false, NULL, 0, NULL, NULL),
		  "nothing wanted, nothing there");
	cr_assert_not(tl_match(NULL, 0, false, rows, 1, NULL, NULL), "a row too many");
	cr_assert(tl_match(NULL, 0, true, rows, 1, NULL, NULL), "but who cares");
	cr_assert_not(tl_match(&WANT_LISTENER, 1, false, NULL, 0, NULL, NULL), "a row too few");
}

Test(sock, same_but_for_what_runs_on)
{
	struct tl_sock a = { .cookie = 7, .state = TL_ESTABLISHED, .inode = 11, .uid = 0 }, b = a;

	b.timer = TL_TIMER_KEEPALIVE;
	b.timer_ms = 5000;
	b.recvq = 12;
	cr_assert(tl_sock_same(&a, &b), "queues and timers run on by themselves");
	b.inode = 0;
	cr_assert(!tl_sock_same(&a, &b), "its program has closed it");
	b = a;
	b.cookie++;
	cr_assert(!tl_sock_same(&a, &b), "it is another socket");
	b = a;
	b.state = TL_CLOSE_WAIT;
	cr_assert(!tl_sock_same(&a, &b), "it is in another state");
}

/* One row of a listener with two in its queue of three. */
static bool fits(struct tl_pattern pattern)
{
	const struct tl_row row = { .sock = { .state = TL_LISTEN, .recvq = 2, .sendq = 3 },
				    .owner = 0, .peer = -1 };

	pattern.states = 1u << TL_LISTEN;
	pattern.peer = -1;
	return tl_pattern_fits(&pattern, &row);
}

static struct tl_pattern measured(enum tl_measure what, uint64_t least, uint64_t most)
{
	struct tl_pattern pattern = { .measured = 1u << what };

	pattern.bounds[what] = (struct tl_bounds){ least, most };
	return pattern;
}

Test(match, measures)
{
	struct tl_pattern both = measured(TL_MEASURE_RECV_Q, 2, 2);

	cr_assert(fits(measured(TL_MEASURE_RECV_Q, 2, 2)), "just so many");
	cr_assert(fits(measured(TL_MEASURE_RECV_Q, 1, UINT64_MAX)), "at least");
	cr_assert_not(fits(measured(TL_MEASURE_RECV_Q, 3, UINT64_MAX)), "too few");
	cr_assert_not(fits(measured(TL_MEASURE_RECV_Q, 0, 1)), "too many");
	cr_assert(fits(measured(TL_MEASURE_SEND_Q, 3, 3)), "the other queue");
	cr_assert_not(fits(measured(TL_MEASURE_SEND_Q, 2, 2)), "and no other");
	both.measured |= 1u << TL_MEASURE_SEND_Q;
	both.bounds[TL_MEASURE_SEND_Q] = (struct tl_bounds){ 4, 9 };
	cr_assert_not(fits(both), "both must be so");
}

Test(match, timers)
{
	struct tl_pattern pattern = { .peer = -1, .measured = 1u << TL_MEASURE_TIMER,
				      .timer = TL_TIMER_KEEPALIVE };
	struct tl_row row = { .sock = { .state = TL_ESTABLISHED, .timer = TL_TIMER_KEEPALIVE,
					.timer_ms = 900 }, .peer = -1 };

	pattern.bounds[TL_MEASURE_TIMER] = (struct tl_bounds){ 0, 1000 };
	cr_assert(tl_pattern_fits(&pattern, &row), "its kind, and in time");
	row.sock.timer_ms = 1001;
	cr_assert_not(tl_pattern_fits(&pattern, &row), "later");
	row.sock.timer_ms = 900;
	row.sock.timer = TL_TIMER_RETRANSMIT;
	cr_assert_not(tl_pattern_fits(&pattern, &row), "another kind");
}
