/* SPDX-License-Identifier: GPL-2.0-or-later */
/* judge, inside: what a replay goes through, and what each of it may bring. */
#ifndef JUDGE_REPLAY_ITEMS_H
#define JUDGE_REPLAY_ITEMS_H

#include "replay.h"

#define NS	    TL_STATE_MAX /* of arrays by state */

#define SECOND_NS   UINT64_C(1000000000)
#define TIMEWAIT_NS (60 * SECOND_NS)
/* A timer is read in whole jiffies and counted in milliseconds. */
#define SLACK_NS    (SECOND_NS / 10)

enum item_kind { IDLE, ARRIVES, SENT, TOLD, ITS_LISTENER };

/* Something that may have had an effect on the socket. */
struct item {
	enum item_kind kind;
	const struct tl_event *ev;
	const struct tl_shot *shot; /* ARRIVES, SENT */
	const struct tl_act *act;   /* TOLD, ITS_LISTENER */
	bool unanswered;            /* ARRIVES: a SYN, and before the next no SYN+ACK was sent */
	/* ARRIVES: what its receiver had said by then */
	const struct tl_segment *syn; /* its last SYN; NULL: none was seen */
	bool windowed;                /* and what it waits for is known: */
	uint32_t next, end;           /* from here on, the window's end */
	uint32_t sent;                /* where @syn is known: what it sends next */
	/* ARRIVES, a FIN, a RST, or after a FIN: what has come by then without a gap */
	bool counted, gap;            /* it is known; more has come behind a gap */
	bool fills;                   /* which this one fills, and there is a FIN */
	uint32_t got;
};

/* replay_closes - is its program told to close or abort it, or has the process ended? */
static inline bool replay_closes(const struct tl_act *act)
{
	return !act->step || tl_verb_does(act->step->verb, TL_DOES_CLOSE);
}

/* A stretch being gone through. */
struct replay {
	const struct tl_film *film;
	const struct stretch *s;
	struct item *items;
	size_t n;
	struct place *places;         /* of item i in state s: places[i * NS + s] */
	uint8_t sent;                 /* flags of what it sent in this stretch, */
	uint8_t asked_again;          /* of what it sent again, */
	uint8_t held;                 /* and of what was held until after it was gone */
	bool cookie;                  /* its SYN was answered with one: there was no request */
	bool fast_open;               /* its SYN had data: a program may have it in SYN_RECV */
	const struct tl_event *fin;   /* with which the first FIN has come; NULL: none has */
	bool come, data_come;         /* a segment has arrived, or one with bytes */
	bool acted;                   /* its program may have done what sends a RST */
	bool timed_out, unreachable;  /* a call of its program's had that answer, or ICMP came */
	bool failed;
};

/* replay_collect - fill in what r->s had to do with; r->failed: memory ran out */
void replay_collect(struct replay *r);

/* replay_take_numbers - of each item that arrives: what its receiver had said by then */
void replay_take_numbers(struct replay *r);

/*
 * replay_numbers_fit - does a socket in @state act upon what arrives, by its numbers, as far as
 * they are known? replay_numbers.c
 * replay_fin_is_out - is it a FIN out of its turn: behind bytes that have not come, or of old?
 */
bool replay_numbers_fit(enum tl_state state, const struct item *item);
bool replay_fin_is_out(const struct item *item);

/* The arc, or NULL for none, that a socket in @state goes along: replay_arcs.c */

/* replay_closed_from - when its program closes it */
const struct tl_arc *replay_closed_from(enum tl_state state);

/* replay_told_arc - when its program is told @act */
const struct tl_arc *replay_told_arc(const struct tl_act *act, enum tl_state state);

/* replay_listener_arc - when its listener's program is: the kernel drops the request silently */
const struct tl_arc *replay_listener_arc(const struct tl_act *act, enum tl_state state);

/*
 * replay_own_reset - when it has sent a RST. Where its timer had fired and nothing came, the
 * kernel has given up and says so; and from FIN_WAIT on the RST may be for what came when it was
 * gone, unless there were bytes for nobody, or a program to close or abort.
 */
const struct tl_arc *replay_own_reset(const struct replay *r, enum tl_state state);

/*
 * replay_is_time_for - can the timer of @arc have run out in this stretch, once the socket was in
 * @arc's state before item @i? False of all arcs that no timer is the cause of: replay_timers.c
 */
bool replay_is_time_for(const struct replay *r, size_t i, const struct tl_arc *arc);

/*
 * replay_is_early_for - would the kernel have waited longer, by its settings? Programs, of which
 * nobody knows what they have asked of their sockets, may have set another time.
 */
bool replay_is_early_for(const struct replay *r, const struct tl_arc *arc);

#endif
