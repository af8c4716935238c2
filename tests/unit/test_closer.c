/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands beside a row that closes, or has: which end was the first, and what is left. */
#include <criterion/criterion.h>
#include <string.h>

#include "told.h"

#define LINGERS "; lingers 60 s in case the last ACK was lost\n"

TestSuite(closer, .fini = clean_up);

#define ASSERT_COUNT(what, n)                                                                \
	cr_assert_eq(count_of(&text, what), n, "not %d times \"%s\" in:\n%s", n, what,          \
		     tl_buf_text(&text))

/* Two FINs cross: neither end was the first, in FIN_WAIT1 as little as in TIME_WAIT. */
Test(closer, both_at_once)
{
	int fins[2];

	shoot_open(&st, 2);
	stage_opening(&st);
	fins[0] = SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED), .fate = TL_FATE_HELD);
	fins[1] = SEND(&st, S_FIN_OF(MASTER, 501, 101), ENDS(FIN_WAIT1, FIN_WAIT1),
		       .fate = TL_FATE_HELD);
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT1), SERVER(FIN_WAIT1));
	stage_enter(&st);
	stage_letgo(&st, fins[0], false);
	stage_letgo(&st, fins[1], false);
	SEND(&st, S_ACK(MASTER, 502, 102), ENDS(CLOSING, CLOSING));
	SEND(&st, S_ACK_OF_FIN, ENDS(CLOSING, CLOSING));
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT), SERVER(TIME_WAIT));
	tell_as("text", false, 200);
	ASSERT_COUNT("both closed at once; its FIN is not acknowledged yet", 2);
	ASSERT_COUNT("both closed at once" LINGERS, 2);
	ASSERT_COUNT("closed first", 0);
}

/* The second FIN is sent while the first is on its way: until then the other end is open. */
Test(closer, not_yet_both)
{
	shoot_open(&st, 2);
	stage_opening(&st);
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED), .fate = TL_FATE_HELD);
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT1), SERVER(ESTABLISHED));
	stage_enter(&st);
	SEND(&st, S_FIN_OF(MASTER, 501, 101), ENDS(FIN_WAIT1, FIN_WAIT1));
	LOOK(&st, LISTENER, CLIENT(CLOSING), SERVER(FIN_WAIT1));
	tell_as("text", false, 200);
	ASSERT_COUNT("closed first; its FIN is not acknowledged yet", 1);
	ASSERT_COUNT("both closed at once; its FIN is not acknowledged yet", 1);
}

/* The other end was open when this one closed, and had its FIN before it closed as well. */
Test(closer, one_after_the_other)
{
	int fin;

	shoot_open(&st, 2);
	stage_opening(&st);
	fin = SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED), .fate = TL_FATE_HELD);
	LOOK(&st, LISTENER, CLIENT(FIN_WAIT1), SERVER(ESTABLISHED));
	stage_enter(&st);
	stage_letgo(&st, fin, false);
	SEND(&st, S_FIN_ACK, ENDS(LAST_ACK, FIN_WAIT1));
	SEND(&st, S_ACK_OF_FIN, ENDS(TIME_WAIT, LAST_ACK));
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
	tell_as("text", false, 200);
	ASSERT_COUNT("closed first; its FIN is not acknowledged yet", 1);
	ASSERT_COUNT("closed first" LINGERS, 1);
}

/* A row whose other end nobody saw: the state alone does not prove which closed first. */
Test(closer, a_row_alone)
{
	shoot_open_untapped(&st, 2, "a reason");
	LOOK(&st, CLIENT(FIN_WAIT1));
	ENTER(&st, CLIENT(TIME_WAIT));
	tell_as("text", false, 200);
	ASSERT_COUNT("its FIN is not acknowledged; the other's has not come", 1);
	ASSERT_COUNT("closed first, or both at once; waits 60 s in case its ACK was lost\n",
		     1);
}

/* A listener is gone: that nobody listens on its port is said where nobody does. */
Test(closer, a_listener_is_gone)
{
	for (int other = 0; other < 2; other++) {
		shoot_open(&st, 2);
		LOOK(&st, LISTENER);
		stage_enter(&st);
		if (other)
			LOOK(&st, stage_row(9, MASTER, -1, 6379, 0, TL_LISTEN));
		else
			LOOK(&st, stage_row(9, MASTER, -1, 6380, 0, TL_LISTEN));
		tell_as("text", false, 200);
		ASSERT_COUNT("was LISTEN; nobody listens on that port now\n", !other);
		ASSERT_COUNT("was LISTEN; another socket listens on that port\n", other);
	}
}
