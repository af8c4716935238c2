/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: which segments, and which rows of the table, a scenario means. */
#ifndef TCPLAB_SELECT_H
#define TCPLAB_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcplab/buf.h"
#include "tcplab/sock.h"

/* A place in the scenario's text; both count from 1, columns in bytes. */
struct tl_where {
	int line;
	int col;
};

/*
 * What a segment can be called. X(identifier, name, of, help)
 *
 * Each is also of the kind in the third column, and all are ANY. Every FIN carries an ACK;
 * FIN+ACK is the one that is first to acknowledge the other end's FIN. Source: RFC 9293
 * 3.8.4 (keepalive), 3.8.6.1 (window probes), RFC 5961 (challenge ACK), RFC 5681 2
 * (duplicate ACK).
 */
#define TL_SEGMENT_KINDS(X)                                                                  \
	X(ANY, "any", ANY, "every segment")                                                  \
	X(SYN, "SYN", ANY, "it opens a connection, and acknowledges nothing")                \
	X(SYN_ACK, "SYN+ACK", ANY, "the answer to a SYN")                                    \
	X(ACK, "ACK", ANY, "any segment that is only an ACK, including those below")         \
	X(ACK_OF_SYN, "ACK of SYN", ACK, "the third segment of the handshake")               \
	X(ACK_OF_FIN, "ACK of FIN", ACK, "the answer to a FIN")                              \
	X(CHALLENGE_ACK, "challenge ACK", ACK,                                               \
	  "the answer to a RST or a SYN that its receiver does not trust (RFC 5961)")        \
	X(DUPLICATE_ACK, "duplicate ACK", ACK,                                               \
	  "it repeats the last acknowledgment: a segment is missing, or came twice")         \
	X(KEEPALIVE_PROBE, "keepalive probe", ACK,                                           \
	  "it repeats an old sequence number, so that the other end must answer")            \
	X(KEEPALIVE_ACK, "keepalive ACK", ACK, "the answer to a keepalive probe")            \
	X(WINDOW_PROBE, "window probe", ACK,                                                 \
	  "it repeats an old sequence number while the other end's window is zero")          \
	X(WINDOW_PROBE_ACK, "window probe ACK", ACK,                                         \
	  "the answer to a window probe: the window is still zero")                          \
	X(WINDOW_UPDATE, "window update", ACK,                                               \
	  "it repeats the last acknowledgment, with another window")                         \
	X(DATA, "data", ANY, "it carries bytes")                                             \
	X(DATA_ACK_OF_FIN, "data + ACK of FIN", DATA,                                        \
	  "it carries bytes, and is the first to acknowledge the other end's FIN")           \
	X(FIN, "FIN", ANY, "its sender has no more to send")                                 \
	X(FIN_ACK, "FIN+ACK", FIN,                                                           \
	  "a FIN that is the first to acknowledge the other end's")                          \
	X(RST, "RST", ANY, "the connection is over at once, or there is none")

enum tl_segment_kind {
#define X(id, name, of, help) TL_SEGMENT_##id,
	TL_SEGMENT_KINDS(X)
#undef X
};

enum {
#define X(id, name, of, help) + 1
	TL_N_SEGMENT_KINDS = 0 TL_SEGMENT_KINDS(X)
#undef X
};

const char *tl_segment_kind_name(enum tl_segment_kind kind);

/* tl_segment_kind_is - is every segment of @kind one of @other as well? */
bool tl_segment_kind_is(enum tl_segment_kind kind, enum tl_segment_kind other);

/*
 * "[all ]<kind> from <actor>[ to <actor>][ #N]": which segments a step is about.
 *
 * HOLD stops the next such segment from now on, or the @nth, or with @all every one until a
 * PASS that covers it; LOSE likewise, but drops it at once. AWAIT, RELEASE and DROP wait
 * until such a segment is held, or @nth of them are; then RELEASE and DROP act on the oldest,
 * or the @nth oldest, with @all on every one held by then. PASS takes back the holds whose
 * segments are all such, and lets go what is held of them. Whatever no step asked for goes
 * through.
 */
struct tl_selector {
	enum tl_segment_kind kind;
	bool all;      /* every one; else the next one that comes, or the oldest held */
	int from;
	int to;        /* -1: whoever */
	int nth;       /* of those that come from now on, or are held; 1 when not given */
};

/*
 * What a row can be asked besides its state. X(identifier, name, help)
 *
 * TIMER is a kind of timer, and how long until it fires, in milliseconds.
 */
#define TL_MEASURES(X)                                                                       \
	X(RECV_Q, "recv-q", "unread bytes; for a listener, connections that wait")           \
	X(SEND_Q, "send-q", "unacknowledged bytes; for a listener, its backlog")             \
	X(RETRANS, "retrans", "how often its timer has fired")                               \
	X(TIMER, "timer", "which timer runs, and how much time it has left")

enum tl_measure {
#define X(id, name, help) TL_MEASURE_##id,
	TL_MEASURES(X)
#undef X
	TL_N_MEASURES, /* how many there are */
};

const char *tl_measure_name(enum tl_measure measure);

/* Both ends count. */
struct tl_bounds {
	uint64_t least;
	uint64_t most;     /* UINT64_MAX for no upper bound */
};

/* "<actor>[ -> <actor>] STATE[|STATE...][ <measure> <bounds>...][ xN]": as netstat shows rows. */
struct tl_pattern {
	int owner;
	int peer;          /* -1: whoever */
	uint32_t states;   /* bit 1 << state; 0 fits any state */
	int count;         /* N, 1 when not given */
	char *text;        /* as tcplab spells it: "replica -> master TIME_WAIT" */
	struct tl_where where;
	uint32_t measured; /* bit 1 << measure; of no other the bounds count */
	struct tl_bounds bounds[TL_N_MEASURES];
	enum tl_timer timer; /* where TIMER is measured */
};

/*
 * tl_match - hold an expectation against a table, one row to one pattern
 * @others_ignore: rows left over are not a failure
 * @row_expect: room for @n ints or NULL; the pattern each row answers, or -1
 * @seen: room for @np ints or NULL; how many rows answer each pattern, at most its count
 *
 * The assignment is the largest there is, so overlapping patterns do not steal rows.
 *
 * Return: every pattern has its count of rows and no row is left over; false, with no row
 * expected and none seen, when memory runs out.
 */
bool tl_match(const struct tl_pattern *patterns, size_t np, bool others_ignore,
	      const struct tl_row *rows, size_t n, int *row_expect, int *seen);

/* tl_pattern_fits - could this row answer this pattern? */
bool tl_pattern_fits(const struct tl_pattern *pattern, const struct tl_row *row);

/*
 * tl_pattern_say_measured - what @sock has of all that @pattern measures: " recv-q 2 send-q 3"
 */
void tl_pattern_say_measured(const struct tl_pattern *pattern, const struct tl_sock *sock,
			     struct tl_buf *out);

#endif
