/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan and a trace made in memory, as a judge would get them: nothing runs. */
#ifndef TESTS_STAGE_H
#define TESTS_STAGE_H

#include "tcplab/buf.h"
#include "tcplab/judge.h"

enum { MASTER, REPLICA, N_ACTORS };

struct stage {
	struct tl_plan *plan;
	struct tl_trace trace;
	struct tl_film film;
	struct tl_verdict verdict;
	uint64_t now_ns;
	int phase;
	int segments; /* so many have been sent */
	struct tl_buf told; /* by stage_tell() */
};

/* stage_open - two actors, no phase; the trace has its RUN event */
void stage_open(struct stage *st);
void stage_close(struct stage *st);

/* stage_phase - one more phase with these expectations (copied) */
struct tl_phase *stage_phase(struct stage *st, const struct tl_pattern *expects, size_t n);

/* stage_claim - one more claim with this evidence (copied, its order and segments too) */
struct tl_claim *stage_claim(struct stage *st, const struct tl_evidence *check, size_t n);

/* stage_pattern_text - the pattern as the scenario reader spells it (returned owned) */
char *stage_pattern_text(const struct tl_pattern *pattern);

/* stage_emit - append an event with the time and phase of now */
void stage_emit(struct stage *st, struct tl_event ev);

/* stage_enter - the next phase begins; stage_wait - time passes */
void stage_enter(struct stage *st);
void stage_wait(struct stage *st, unsigned ms);

/* stage_look - a snapshot of these rows (copied, sorted) */
void stage_look(struct stage *st, const struct tl_row *rows, size_t n);

/* stage_wire - the wire is tapped, where @untapped is NULL; else why not */
void stage_wire(struct stage *st, const char *untapped);

/* One segment between 127.0.0.1:53525, the replica's, and 127.0.0.1:6379, the master's. */
struct sent {
	int by;                   /* REPLICA or MASTER */
	uint8_t flags;
	uint32_t seq, ack, len;
	enum tl_state mine;       /* the sender's row; 0 for no socket */
	enum tl_state theirs;     /* LISTEN stands for the listener */
	enum tl_fate fate;
	int copy_of;
};

/* stage_send - a segment is stopped; returns its id */
int stage_send(struct stage *st, const struct sent *sent);

/* stage_letgo - a held segment goes on, or is lost */
void stage_letgo(struct stage *st, int id, bool dropped);

/* stage_peers - both actors are peers, which make the calls they are told and no others */
void stage_peers(struct stage *st);

/*
 * stage_step - a step of this phase, begun and done
 * @cookie: of the socket that the call was made on; 0: the trace does not say
 * @reply: NULL for none
 *
 * Return: the step of the plan, until the next is made.
 */
struct tl_step *stage_step(struct stage *st, enum tl_verb verb, int actor, uint64_t cookie,
			   const char *reply);

/* stage_fault - a fault with this sentence; stage_end - the END event */
void stage_fault(struct stage *st, const char *text);
void stage_end(struct stage *st, enum tl_end how);

/* stage_judge - judge, again if need be; stage_finish - the END event, then judge */
void stage_judge(struct stage *st);
void stage_finish(struct stage *st, enum tl_end how);

/* stage_row - a row of 127.0.0.1, a listener where @remote is 0: then of 0.0.0.0 */
struct tl_row stage_row(uint64_t cookie, int owner, int peer, uint16_t local, uint16_t remote,
			enum tl_state state);

/* stage_timed - the same with a timewait timer that still has @left_ms */
struct tl_row stage_timed(struct tl_row row, uint32_t left_ms);

#define COUNT(...)     (sizeof((__VA_ARGS__)) / sizeof((__VA_ARGS__)[0]))
#define ROWS(...)      ((struct tl_row[]){ __VA_ARGS__ })
#define LOOK(st, ...)  stage_look(st, ROWS(__VA_ARGS__), COUNT(ROWS(__VA_ARGS__)))
/* The next phase begins, and is looked at. */
#define ENTER(st, ...)                                                                       \
	do {                                                                                 \
		stage_enter(st);                                                             \
		LOOK(st, __VA_ARGS__);                                                       \
	} while (0)
#define PATTERNS(...)  ((struct tl_pattern[]){ __VA_ARGS__ })
#define PHASE(st, ...) stage_phase(st, PATTERNS(__VA_ARGS__), COUNT(PATTERNS(__VA_ARGS__)))
#define EVIDENCE(...)  ((struct tl_evidence[]){ __VA_ARGS__ })
#define CLAIM(st, ...) stage_claim(st, EVIDENCE(__VA_ARGS__), COUNT(EVIDENCE(__VA_ARGS__)))

#define SEND(st, ...)  stage_send(st, &(struct sent){ __VA_ARGS__ })

/*
 * The segments of the walkthrough, each with the states of its ends. The replica counts
 * from 100, the master from 500, and neither sends data.
 */
#define S_SYN	       .by = REPLICA, .flags = TL_FLAG_SYN, .seq = 100
#define S_SYN_ACK      .by = MASTER, .flags = TL_FLAG_SYN | TL_FLAG_ACK, .seq = 500, .ack = 101
#define S_ACK_OF_SYN   .by = REPLICA, .flags = TL_FLAG_ACK, .seq = 101, .ack = 501
#define S_FIN	       .by = REPLICA, .flags = TL_FLAG_FIN | TL_FLAG_ACK, .seq = 101, .ack = 501
#define S_FIN_ACK      .by = MASTER, .flags = TL_FLAG_FIN | TL_FLAG_ACK, .seq = 501, .ack = 102
#define S_ACK_OF_FIN   .by = REPLICA, .flags = TL_FLAG_ACK, .seq = 102, .ack = 502
#define S_RST(who) .by = (who), .flags = TL_FLAG_RST | TL_FLAG_ACK, .seq = 600, .ack = 102

/* An ACK, or a FIN, of @who with these numbers. */
#define S_ACK(who, from, acks) .by = (who), .flags = TL_FLAG_ACK, .seq = (from), .ack = (acks)
#define S_FIN_OF(who, from, acks)                                                            \
	.by = (who), .flags = TL_FLAG_FIN | TL_FLAG_ACK, .seq = (from), .ack = (acks)

/* The states of the sender and of the receiver. */
#define ENDS(own, other) .mine = TL_##own, .theirs = TL_##other

/*
 * stage_opening - the three segments of the handshake
 * stage_closing - the three of a close by a program that closes at end of file, before the
 * delayed ACK goes out
 */
void stage_opening(struct stage *st);
void stage_closing(struct stage *st);

/* "owner -> peer STATE"; ANYBODY in place of the peer for "owner STATE". */
#define ANYBODY	       -1
#define PATTERN(own, other, state, n)                                                        \
	((struct tl_pattern){ .owner = (own), .peer = (other), .states = 1u << TL_##state,   \
			      .count = (n) })

/* stage_life - of a cookie, once judged; the test fails where there is none */
const struct tl_life *stage_life(const struct stage *st, uint64_t cookie);

/*
 * stage_tell - a life with its arcs: "(CLOSE) -2-> (SYN_SENT) -8-> ESTABLISHED", inferred
 * ones in brackets; borrowed until the next call
 */
const char *stage_tell(struct stage *st, uint64_t cookie);

/* For a struct stage st: the life is @want, and legal. */
#define ASSERT_LIFE(cookie, want)                                                            \
	do {                                                                                 \
		const char *told_ = stage_tell(&st, cookie);                                 \
		cr_assert_str_eq(told_, want, "%s", told_);                                  \
		cr_assert(stage_life(&st, cookie)->legal, "%s",                              \
			  stage_life(&st, cookie)->reason);                                  \
	} while (0)

/* The walkthrough's three sockets. */
#define LISTENER      stage_row(1, MASTER, -1, 6379, 0, TL_LISTEN)
#define CLIENT(state) stage_row(2, REPLICA, MASTER, 53525, 6379, TL_##state)
#define SERVER(state) stage_row(3, MASTER, REPLICA, 6379, 53525, TL_##state)

#define WANT_LISTENER	   PATTERN(MASTER, ANYBODY, LISTEN, 1)
#define WANT_CLIENT(state) PATTERN(REPLICA, MASTER, state, 1)
#define WANT_SERVER(state) PATTERN(MASTER, REPLICA, state, 1)

#endif
