/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose RST answers the ACK of a request whose listener may have closed, and from which state. */
#include <criterion/criterion.h>

#include "stage.h"

enum { FIRST = 1, SECOND = 9 };

#define OTHER_LISTENER stage_row(SECOND, MASTER, -1, 6379, 0, TL_LISTEN)

/*
 * A request's ACK is held meanwhile, and then answered with a RST.
 * @closes: its listener closes
 * @listens: another listens, and @early is seen before the ACK goes on; @gone: never again
 */
static enum tl_state rst_from(bool closes, bool listens, bool early, bool gone)
{
	struct stage st;
	enum tl_state state;
	int ack;

	stage_open(&st);
	PHASE(&st, WANT_LISTENER);
	st.plan->phases[0].n_expects = 0;
	stage_peers(&st);
	stage_wire(&st, NULL);
	stage_enter(&st);
	stage_step(&st, TL_VERB_LISTEN, MASTER, FIRST, NULL);
	LOOK(&st, LISTENER);
	stage_step(&st, TL_VERB_CONNECT, REPLICA, 2, NULL);
	SEND(&st, S_SYN, ENDS(SYN_SENT, LISTEN));
	SEND(&st, S_SYN_ACK, ENDS(SYN_RECV, SYN_SENT));
	ack = SEND(&st, S_ACK_OF_SYN, ENDS(ESTABLISHED, SYN_RECV), .fate = TL_FATE_HELD);
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(SYN_RECV));
	if (closes)
		stage_step(&st, TL_VERB_CLOSE, MASTER, FIRST, NULL);
	if (listens)
		stage_step(&st, TL_VERB_LISTEN, MASTER, SECOND, NULL);
	if (early)
		LOOK(&st, OTHER_LISTENER, CLIENT(ESTABLISHED), SERVER(SYN_RECV));
	stage_letgo(&st, ack, false);
	SEND(&st, .by = MASTER, .flags = TL_FLAG_RST, .seq = 501, .theirs = TL_ESTABLISHED);
	if (gone)
		stage_look(&st, NULL, 0);
	else if (listens && closes)
		LOOK(&st, OTHER_LISTENER);
	else if (listens)
		LOOK(&st, LISTENER, OTHER_LISTENER);
	else if (!closes)
		LOOK(&st, LISTENER);
	stage_finish(&st, TL_END_COMPLETE);
	state = st.film.shots[st.film.n_shots - 1].ends[0];
	cr_assert_eq(st.film.shots[st.film.n_shots - 1].from, MASTER);
	st.plan->phases[0].n_expects = 1;
	stage_close(&st);
	return state;
}

Test(successor, it_answers_what_reached_it_in_place_of_the_request)
{
	cr_assert_eq(rst_from(true, true, false, false), TL_LISTEN);
	cr_assert_eq(rst_from(true, true, true, false), TL_LISTEN);
}

Test(successor, nobody_listens_or_its_own_listener_still_does)
{
	cr_assert_eq(rst_from(true, false, false, false), 0);
	cr_assert_eq(rst_from(false, false, false, false), 0);
	cr_assert_eq(rst_from(false, true, false, false), 0, "it may be for a full queue");
}

/* It was seen before the RST and not after it: it may have closed as well by then. */
Test(successor, who_is_not_seen_again_has_not_answered)
{
	cr_assert_neq(rst_from(true, true, true, true), TL_LISTEN);
}
