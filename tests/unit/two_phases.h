/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection made in one phase and closed in the next, and a claim about it. */
#ifndef TESTS_TWO_PHASES_H
#define TESTS_TWO_PHASES_H

#include "one_claim.h"

/* Two phases: the connection is made, the connection is closed. */
static inline void open_stage(void)
{
	stage_open(&st);
	stage_phase(&st, NULL, 0);
	stage_phase(&st, NULL, 0);
}

static inline void opening(void)
{
	ENTER(&st, LISTENER);
	stage_opening(&st);
	LOOK(&st, LISTENER, CLIENT(ESTABLISHED), SERVER(ESTABLISHED));
	stage_enter(&st);
}

static inline void tapped_opening(void)
{
	stage_wire(&st, NULL);
	opening();
}

static inline void end(void)
{
	LOOK(&st, LISTENER, CLIENT(TIME_WAIT));
	stage_end(&st, TL_END_COMPLETE);
}

/* The ACK of the FIN has gone alone when the other end's own FIN goes. */
static inline void closing_slowly(void)
{
	SEND(&st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	SEND(&st, S_ACK(MASTER, 501, 102), ENDS(CLOSE_WAIT, FIN_WAIT1));
	st.now_ns += 13 * 1000000;
	SEND(&st, S_FIN_ACK);
	SEND(&st, S_ACK_OF_FIN, ENDS(TIME_WAIT, LAST_ACK));
}

static inline void closing(void)
{
	stage_closing(&st);
	end();
}

static inline void whole_run(void)
{
	tapped_opening();
	closing();
}

#define CHECK(which, ...)                                                                    \
	CLAIM(&st, { .kind = TL_EVIDENCE_SEGMENTS, .row = WANT_LISTENER, .phase = (which),   \
		     __VA_ARGS__ })

#define OPENING FROM(SYN, REPLICA), FROM(SYN_ACK, MASTER), FROM(ACK_OF_SYN, REPLICA)
#define CLOSING FROM(FIN, REPLICA), FROM(FIN_ACK, MASTER), FROM(ACK_OF_FIN, REPLICA)
#define CLOSED                                                                               \
	"sent in phase 2: FIN from replica, FIN+ACK from master, ACK of FIN from replica"

#define RST(who, from, acks)                                                                 \
	.by = (who), .flags = TL_FLAG_RST | TL_FLAG_ACK, .seq = (from), .ack = (acks)

#endif
