/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The film: what segments are called, what became of them, and what each proves of its ends. */
#include <criterion/criterion.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/buf.h"
#include "one_phase.h"

TestSuite(film, .init = open_wired, .fini = close_stage);

/* NULL where the event is not a segment. */
static const char *name(size_t event)
{
	const struct tl_event *ev = &st.trace.events[event];
	const struct tl_shot *shot = tl_film_shot(&st.film, ev);

	return shot && shot->ev == ev ? tl_segment_kind_name(shot->name) : NULL;
}

/* So many segments ended so; the first few have their ids in @ids. */
static size_t ended(enum tl_shot_end end, int *ids, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < st.film.n_shots; i++)
		if (st.film.shots[i].end == end && n++ < max)
			ids[n - 1] = st.film.shots[i].ev->segment.id;
	return n;
}

Test(film, names)
{
	static const char *const want[] = { "SYN",  "SYN+ACK",    "ACK of SYN", "data",
					    "ACK",  "FIN",        "ACK of FIN", "FIN",
					    "ACK of FIN", "RST" };
	size_t first = st.trace.n;

	stage_opening(&st);
	SEND(&st, S_ACK(MASTER, 501, 101), .len = 7);
	SEND(&st, S_ACK(REPLICA, 101, 508));
	SEND(&st, S_FIN, 0);
	SEND(&st, S_ACK(MASTER, 508, 102));
	SEND(&st, S_FIN_ACK, 0);
	SEND(&st, S_ACK_OF_FIN, 0);
	SEND(&st, S_RST(REPLICA), 0);
	judge();
	for (size_t i = 0; i < COUNT(want); i++)
		cr_assert_str_eq(name(first + i), want[i], "%zu: %s", i, name(first + i));
	for (size_t i = 0; i < first; i++)
		cr_assert_null(name(i), "no segment");
	cr_assert_null(name(st.trace.n - 1), "nor is the end");
}

#define HELD   .fate = TL_FATE_HELD
#define COPY_OF(id) .fate = TL_FATE_ABSORBED, .copy_of = (id)

static void assert_held(const int *ids, size_t n)
{
	int held[8];
	size_t n_held = ended(TL_SHOT_HELD, held, COUNT(held));

	cr_assert_eq(n_held, n, "%zu held", n_held);
	for (size_t i = 0; i < n; i++)
		cr_assert_eq(held[i], ids[i], "held %d", held[i]);
}

#define ASSERT_HELD(...) assert_held((int[]){ __VA_ARGS__ }, COUNT((int[]){ __VA_ARGS__ }))

Test(film, held_and_absorbed)
{
	for (int i = 0; i < 4; i++)
		SEND(&st, S_SYN, HELD);
	SEND(&st, S_SYN, COPY_OF(1));
	SEND(&st, S_SYN, COPY_OF(1));
	stage_letgo(&st, 2, false);
	stage_letgo(&st, 3, true);
	judge();
	ASSERT_HELD(1, 4);
	cr_assert_eq(ended(TL_SHOT_ABSORBED, NULL, 0), 2, "both copies");
	cr_assert_eq(st.film.shots[0].copies, 2, "of the first");
	cr_assert_eq(st.film.shots[5].copy_of, &st.film.shots[0], "as they say themselves");
	cr_assert_eq(ended(TL_SHOT_LOST, NULL, 0), 1, "the third was dropped");
	cr_assert_eq(st.verdict.result, TL_RESULT_PASSED, "nothing wrong in itself");
}

/* A LETGO of what was not held, of what is not yet there, of the same id again. */
Test(film, letgo_of_nothing)
{
	stage_letgo(&st, 1, false);
	stage_letgo(&st, INT_MIN, true);
	SEND(&st, S_SYN, HELD);
	SEND(&st, S_SYN_ACK, 0);
	SEND(&st, S_SYN, HELD);
	stage_letgo(&st, 2, false);
	stage_letgo(&st, 3, false);
	stage_letgo(&st, 3, true);
	stage_letgo(&st, INT_MAX, false);
	judge();
	ASSERT_HELD(1);
}

/* Of two with one id the later is meant, of those that had come by then. */
Test(film, an_id_twice)
{
	for (int i = 0; i < 3; i++) {
		st.segments = 6;
		SEND(&st, S_SYN, HELD);
		if (i == 1)
			stage_letgo(&st, 7, false);
	}
	judge();
	ASSERT_HELD(7, 7);
	cr_assert_eq(st.film.shots[1].end, TL_SHOT_ARRIVED, "the second went on");
}

Test(film, tapped)
{
	judge();
	cr_assert(st.film.tap.tapped, "it was");
	cr_assert_null(st.film.tap.because, "so there is no why not");
	cr_assert_eq(st.film.tap.lossy, 0, "nothing was lost");
	cr_assert_eq(ended(TL_SHOT_HELD, NULL, 0), 0, "nothing is held");
}

#define ASSERT_UNTAPPED(want)                                                                \
	do {                                                                                 \
		stage_judge(&st);                                                            \
		cr_assert_not(st.film.tap.tapped, "tapped");                             \
		cr_assert_str_eq(st.film.tap.because, want, "%s",               \
				 st.film.tap.because);                          \
	} while (0)

Test(film, untapped)
{
	st.trace.n--; /* the phase, which owns nothing */
	tl_event_release(&st.trace.events[--st.trace.n]);
	ASSERT_UNTAPPED("the trace does not mention the wire");
	st.plan->wire = TL_WIRE_OFF;
	ASSERT_UNTAPPED("the scenario leaves the wire alone");
	stage_wire(&st, "this kernel has no NFQUEUE");
	ASSERT_UNTAPPED("this kernel has no NFQUEUE");
	stage_wire(&st, NULL);
	ASSERT_UNTAPPED("this kernel has no NFQUEUE");
}

Test(film, untapped_without_a_word)
{
	stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_WIRE });
	ASSERT_UNTAPPED("no reason is given");
}

Test(film, lossy)
{
	stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_LOSSY, .lossy.n = 5 });
	stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_LOSSY, .lossy.n = 7 });
	judge();
	cr_assert_eq(st.film.tap.lossy, 12, "all of them");
	cr_assert_eq(st.verdict.result, TL_RESULT_PASSED, "no failure by itself");
	stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_LOSSY, .lossy.n = UINT64_MAX });
	stage_judge(&st);
	cr_assert_eq(st.film.tap.lossy, UINT64_MAX, "more than can be counted");
}

/* Segments of phases there are none of are named, and that is all. */
Test(film, phases_there_are_none_of)
{
	static const int none[] = { 1, 1000, INT_MAX, -2, INT_MIN };

	LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
	for (size_t i = 0; i < COUNT(none); i++) {
		st.phase = none[i];
		SEND(&st, S_ACK_OF_SYN, ENDS(ESTABLISHED, ESTABLISHED), HELD);
		stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_LOSSY, .lossy.n = 1 });
		stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_MISSED });
	}
	st.phase = 0;
	judge();
	cr_assert_eq(st.verdict.result, TL_RESULT_PASSED, "%s", st.verdict.reason);
	cr_assert_eq(st.verdict.n_lives, 2, "%zu lives", st.verdict.n_lives);
	cr_assert_eq(ended(TL_SHOT_HELD, NULL, 0), COUNT(none), "they are held all the same");
}

/* Rows, actors, fates and flags of no kind. */
Test(film, ends_of_no_kind)
{
	static const int odd[] = { -1, 12, 31, 32, 1000, INT_MAX, INT_MIN };

	for (size_t i = 0; i < COUNT(odd); i++) {
		struct tl_event *ev;

		SEND(&st, .by = REPLICA, .flags = 0xff, .mine = TL_LISTEN,
		     .theirs = TL_CLOSING, .fate = (enum tl_fate)odd[i]);
		ev = &st.trace.events[st.trace.n - 1];
		ev->segment.from = ev->segment.ends[0].owner = odd[i];
		ev->segment.to = ev->segment.ends[1].peer = odd[i];
		ev->segment.ends[i & 1].sock.state = (enum tl_state)odd[i];
		ev->segment.ends[1].sock.cookie = UINT64_MAX;
		ev->segment.id = odd[i];
		stage_letgo(&st, odd[i], true);
	}
	stage_look(&st, NULL, 0);
	judge();
	cr_assert_eq(ended(TL_SHOT_HELD, NULL, 0), 0, "none was held");
	cr_assert_eq(st.film.n_shots, COUNT(odd), "they are segments");
}

/* An ACK of data is read when the FIN behind that data has arrived, or even been answered. */
Test(film, an_ack_sent_before_the_fin_came)
{
	for (int late = 0; late < 3; late++) {
		static const enum tl_state then[] = { TL_ESTABLISHED, TL_CLOSE_WAIT, TL_LAST_ACK };

		if (late)
			reopen_stage(open_wired);
		stage_opening(&st);
		SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
		SEND(&st, S_ACK(MASTER, 501, 101), .mine = then[late], .theirs = TL_FIN_WAIT1);
		SEND(&st, S_FIN_ACK, ENDS(LAST_ACK, FIN_WAIT1));
		SEND(&st, S_ACK_OF_FIN, ENDS(TIME_WAIT, LAST_ACK));
		LOOK(&st, CLIENT(TIME_WAIT));
		judge();
		cr_expect_eq(st.film.shots[4].ends[0], TL_ESTABLISHED, "sent in ESTABLISHED");
		ASSERT_LIFE(3, "(LISTEN) -4-> SYN_RECV -9-> ESTABLISHED -13-> (CLOSE_WAIT) "
			       "-18-> LAST_ACK -19-> (CLOSE)");
	}
}

/* The ACK of a FIN proves CLOSE_WAIT, whatever its sender has done by the time it is read. */
Test(film, an_ack_of_a_fin_comes_from_close_wait)
{
	static const enum tl_state then[] = { TL_CLOSE_WAIT, TL_LAST_ACK };

	for (int late = 0; late < 2; late++) {
		if (late)
			reopen_stage(open_wired);
		stage_opening(&st);
		SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
		SEND(&st, S_ACK(MASTER, 501, 102), .mine = then[late], .theirs = TL_FIN_WAIT1);
		SEND(&st, S_FIN_ACK, ENDS(LAST_ACK, FIN_WAIT2));
		SEND(&st, S_ACK_OF_FIN, ENDS(TIME_WAIT, LAST_ACK));
		LOOK(&st, CLIENT(TIME_WAIT));
		judge();
		cr_expect_eq(st.film.shots[4].ends[0], TL_CLOSE_WAIT, "sent in CLOSE_WAIT");
		cr_expect(life(3)->hops[4].first, "and that is shown");
	}
}

/* Another program's CLOSE_WAIT is a matter of when one looks. */
Test(film, a_receiver_in_close_wait)
{
	stage_opening(&st);
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, CLOSE_WAIT));
	SEND(&st, S_FIN_ACK, ENDS(LAST_ACK, FIN_WAIT1));
	SEND(&st, S_ACK_OF_FIN, ENDS(TIME_WAIT, LAST_ACK));
	LOOK(&st, CLIENT(TIME_WAIT));
	judge();
	for (size_t i = 0; i < life(3)->n_hops; i++)
		if (life(3)->hops[i].state == TL_CLOSE_WAIT)
			cr_expect(!life(3)->hops[i].first, "met by chance");
}

/* One that sends the ACK of a FIN is on its way out of FIN_WAIT1: CLOSING comes just after. */
Test(film, an_ack_that_enters_closing)
{
	stage_opening(&st);
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	SEND(&st, S_FIN_OF(MASTER, 501, 101), ENDS(FIN_WAIT1, FIN_WAIT1));
	SEND(&st, S_ACK_OF_FIN, ENDS(FIN_WAIT1, CLOSING));
	judge();
	cr_expect_eq(st.film.shots[5].ends[0], TL_CLOSING, "and so it is told");
}

/* Both have closed at once, and its FIN is repeated: by now it acknowledges the other's. */
Test(film, a_fin_from_closing)
{
	stage_opening(&st);
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	SEND(&st, S_FIN_OF(MASTER, 501, 101), ENDS(FIN_WAIT1, FIN_WAIT1));
	SEND(&st, S_FIN_OF(REPLICA, 101, 502), ENDS(CLOSING, FIN_WAIT1));
	judge();
	cr_expect_eq(st.film.shots[5].ends[0], TL_CLOSING, "not LAST_ACK");
}

/* Where it was when it sent them nobody knows. */
Test(film, data_of_who_was_gone)
{
	stage_opening(&st);
	SEND(&st, S_ACK(MASTER, 501, 101), .len = 5, ENDS(CLOSE, ESTABLISHED));
	judge();
	cr_expect_eq(st.film.shots[3].ends[0], TL_STATE_UNKNOWN, "and not CLOSED");
}

/* What a segment proves of its sender is not contradicted by a look that came too late. */
Test(film, looked_up_too_late)
{
	SEND(&st, S_SYN, ENDS(ESTABLISHED, LISTEN));
	SEND(&st, S_SYN_ACK, ENDS(ESTABLISHED, ESTABLISHED));
	SEND(&st, S_ACK_OF_SYN, .theirs = TL_ESTABLISHED);
	SEND(&st, S_FIN, .theirs = TL_ESTABLISHED);
	SEND(&st, S_FIN_ACK, .mine = 0);
	SEND(&st, S_RST(MASTER), .mine = 0);
	judge();
	cr_expect_eq(st.film.shots[0].ends[0], TL_SYN_SENT, "a SYN is sent in SYN_SENT");
	cr_expect_eq(st.film.shots[1].ends[0], TL_SYN_RECV, "a SYN+ACK in SYN_RECV");
	cr_expect_eq(st.film.shots[2].ends[0], TL_ESTABLISHED, "the ACK of a SYN in ESTABLISHED");
	cr_expect_eq(st.film.shots[3].ends[0], TL_FIN_WAIT1, "the first FIN in FIN_WAIT1");
	cr_expect_eq(st.film.shots[4].ends[0], TL_LAST_ACK, "the second in LAST_ACK");
	cr_expect_eq(st.film.shots[5].ends[0], 0, "a RST is sent from nowhere");
}

#define DATA(seq_, n) .by = REPLICA, .flags = TL_FLAG_ACK, .seq = (seq_), .ack = 501, .len = (n)

/* What went on later has arrived later, whichever was sent first. */
Test(film, arrivals_are_in_their_own_order)
{
	const struct tl_shot **came;
	const struct tl_segment *seg;
	size_t n;
	int id;

	stage_opening(&st);
	id = SEND(&st, DATA(101, 5), ENDS(ESTABLISHED, ESTABLISHED), HELD);
	SEND(&st, DATA(106, 5), ENDS(ESTABLISHED, ESTABLISHED));
	stage_letgo(&st, id, false);
	judge();
	seg = &st.film.shots[3].ev->segment.seg;
	came = tl_film_arrived(&st.film, &seg->from, &seg->to, st.trace.events,
			       st.trace.events + st.trace.n - 1, &n);
	cr_assert_eq(n, 4, "%zu arrived", n);
	cr_expect_eq(came[2], &st.film.shots[4], "the second is the first to arrive");
	cr_expect_eq(came[3], &st.film.shots[3]);
	came = tl_film_arrived(&st.film, &seg->from, &seg->to, st.film.shots[4].ev,
			       st.film.shots[4].ev, &n);
	cr_expect(n == 1 && came[0] == &st.film.shots[4], "at that moment it alone");
}

Test(film, a_bare_ack_brings_no_data)
{
	const struct tl_row server = SERVER(ESTABLISHED);
	const struct tl_event *last;

	stage_opening(&st);
	judge();
	last = st.trace.events + st.trace.n - 1;
	cr_expect_not(tl_film_came(&st.film, &server.sock, TL_FILM_DATA, st.trace.events, last));
	cr_expect(tl_film_came(&st.film, &server.sock, 0, st.trace.events, last));
	SEND(&st, DATA(101, 1), ENDS(ESTABLISHED, ESTABLISHED));
	stage_judge(&st);
	last = st.trace.events + st.trace.n - 1;
	cr_expect(tl_film_came(&st.film, &server.sock, TL_FILM_DATA, st.trace.events, last));
}

/* A FIN with less data in front of it is another segment, though it begins at the same byte. */
Test(film, what_is_said_again_is_as_long)
{
	stage_opening(&st);
	SEND(&st, S_FIN, .len = 5, ENDS(FIN_WAIT1, ESTABLISHED));
	SEND(&st, S_FIN, .len = 7, ENDS(FIN_WAIT1, ESTABLISHED));
	SEND(&st, S_FIN, .len = 7, ENDS(FIN_WAIT1, ESTABLISHED));
	judge();
	cr_expect_not(st.film.shots[4].again || st.film.shots[4].repeats, "two more bytes");
	cr_expect(st.film.shots[5].again && st.film.shots[5].repeats, "the same");
}

/* A SYN of long ago that comes again begins nothing: its sender's FIN has been sent. */
Test(film, a_syn_again_begins_nothing)
{
	stage_opening(&st);
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	SEND(&st, S_ACK(MASTER, 501, 102), ENDS(CLOSE_WAIT, FIN_WAIT1));
	SEND(&st, S_SYN, ENDS(FIN_WAIT2, CLOSE_WAIT));
	SEND(&st, S_FIN_ACK, ENDS(LAST_ACK, FIN_WAIT2));
	SEND(&st, S_ACK_OF_FIN, ENDS(FIN_WAIT2, LAST_ACK));
	judge();
	cr_assert(st.film.shots[5].again);
	cr_expect_eq(st.film.shots[7].ends[0], TL_TIME_WAIT, "%s",
		     tl_state_name(st.film.shots[7].ends[0]));
}

/* Where the kernel keeps no TIME_WAIT, the last ACK is of a socket that is in none. */
Test(film, no_time_wait_where_there_is_room_for_none)
{
	static const char *const most[] = { "0", "4096" };

	for (int i = 0; i < 2; i++) {
		if (i)
			reopen_stage(open_wired);
		st.plan->sysctls = calloc(1, sizeof(*st.plan->sysctls));
		st.plan->sysctls[0] = (struct tl_setting){ strdup("net.ipv4.tcp_max_tw_buckets"),
							   strdup(most[i]) };
		st.plan->n_sysctls = 1;
		stage_opening(&st);
		SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
		SEND(&st, S_ACK(MASTER, 501, 102), ENDS(CLOSE_WAIT, FIN_WAIT1));
		SEND(&st, S_FIN_ACK, ENDS(LAST_ACK, FIN_WAIT2));
		SEND(&st, S_ACK_OF_FIN, ENDS(FIN_WAIT2, LAST_ACK));
		judge();
		cr_expect_eq(st.film.shots[6].ends[0], i ? TL_TIME_WAIT : TL_STATE_UNKNOWN,
			     "%s: %s", most[i], tl_state_name(st.film.shots[6].ends[0]));
	}
}

/* A FIN apart from the data in front of it: all before it was sent by one that had not closed. */
Test(film, what_is_sent_before_data_and_a_fin)
{
	for (unsigned len = 0; len < 2; len++) {
		if (len)
			reopen_stage(open_wired);
		stage_opening(&st);
		SEND(&st, S_ACK(REPLICA, 101, 501), ENDS(FIN_WAIT1, ESTABLISHED));
		SEND(&st, DATA(101, 5), ENDS(FIN_WAIT1, ESTABLISHED));
		SEND(&st, S_FIN_OF(REPLICA, 106, 501), .len = len, ENDS(FIN_WAIT1, ESTABLISHED));
		judge();
		for (int i = 3; i < 5; i++)
			cr_expect_eq(st.film.shots[i].ends[0], len ? TL_FIN_WAIT1 : TL_ESTABLISHED,
				     "%u: %s", len, tl_state_name(st.film.shots[i].ends[0]));
	}
}

/* Its FIN may come after data that it has still to send: then it had closed. */
Test(film, a_receiver_whose_fin_is_behind_data)
{
	for (unsigned len = 0; len < 2; len++) {
		if (len)
			reopen_stage(open_wired);
		stage_opening(&st);
		SEND(&st, S_ACK(MASTER, 501, 101), .len = 4, ENDS(ESTABLISHED, FIN_WAIT1));
		SEND(&st, S_FIN_OF(REPLICA, 101, 505), .len = len, ENDS(FIN_WAIT1, ESTABLISHED));
		judge();
		cr_expect_eq(st.film.shots[3].ends[1], len ? TL_FIN_WAIT1 : TL_ESTABLISHED,
			     "%u: %s", len, tl_state_name(st.film.shots[3].ends[1]));
	}
}

/* What is still held has not been heard: both have closed, and one's FIN is not acknowledged. */
Test(film, what_is_held_has_not_been_heard)
{
	int id;

	stage_opening(&st);
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	SEND(&st, S_FIN_OF(MASTER, 501, 101), ENDS(FIN_WAIT1, FIN_WAIT1));
	id = SEND(&st, S_ACK(MASTER, 502, 102), ENDS(CLOSING, FIN_WAIT1), HELD);
	SEND(&st, S_ACK_OF_FIN, ENDS(FIN_WAIT1, CLOSING));
	stage_letgo(&st, id, false);
	judge();
	cr_expect_eq(st.film.shots[6].ends[0], TL_CLOSING, "%s",
		     tl_state_name(st.film.shots[6].ends[0]));
}

/* A descriptor that is passed on leaves a socket its first holder's name, and adds the next's. */
Test(film, a_socket_keeps_its_first_holder)
{
	struct tl_row mine = CLIENT(ESTABLISHED), theirs = CLIENT(ESTABLISHED);
	const struct tl_event *first;

	mine.by = theirs.by = TL_KNOWN_BY_INODE;
	mine.shared_by = 1u << REPLICA;
	theirs.owner = MASTER;
	theirs.shared_by = 1u << MASTER;
	LOOK(&st, LISTENER, mine);
	LOOK(&st, LISTENER, theirs);
	judge();
	first = st.film.snaps[0];
	cr_expect_eq(tl_film_owner(&st.film, first, 2), REPLICA);
	cr_expect_eq(tl_film_holders(&st.film, first, 2), 1u << REPLICA, "as it was then");
	cr_expect_eq(tl_film_holders(&st.film, st.film.snaps[1], 2), 1u << REPLICA | 1u << MASTER);
}
