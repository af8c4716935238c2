/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A listener and a client whose wire is seen, and how the life of a socket is told. */
#ifndef TESTS_CAUSES_H
#define TESTS_CAUSES_H

#include <string.h>

#include "one_phase.h"

/* The socket whose life it is, and whose step: the client's or the accepted one. */
enum { LISTENING = 1, CLIENTS = 2, SERVERS = 3 };

static inline void open_listening(void)
{
	open_wired();
	stage_peers(&st);
	stage_step(&st, TL_VERB_LISTEN, MASTER, LISTENING, NULL);
	LOOK(&st, LISTENER);
}

static inline void handshake(void)
{
	stage_step(&st, TL_VERB_CONNECT, REPLICA, CLIENTS, NULL);
	stage_opening(&st);
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
}

static inline void tell_life(uint64_t cookie, const char *want, bool legal)
{
	const char *told;

	stage_finish(&st, TL_END_COMPLETE);
	told = stage_tell(&st, cookie);
	cr_expect_not_null(strstr(told, want), "%s, not %s", told, want);
	cr_expect_eq(stage_life(&st, cookie)->legal, legal, "%s", stage_life(&st, cookie)->reason);
}

#endif
