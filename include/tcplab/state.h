/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: the states of a TCP connection and the arcs between them, RFC 9293 3.3.2. */
#ifndef TCPLAB_STATE_H
#define TCPLAB_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * X(identifier, Linux's number, netstat, ss, RFC 9293, the 2013 post, after KB 137984)
 *
 * netstat's spelling is the canonical one; all are read. The numbers are those of the
 * kernel's include/net/tcp_states.h, so a sock_diag row needs no translation.
 */
#define TL_STATES(X)                                                                         \
	X(ESTABLISHED, 1, "ESTABLISHED", "ESTAB", "ESTABLISHED", "ESTABLISHED")              \
	X(SYN_SENT, 2, "SYN_SENT", "SYN-SENT", "SYN-SENT", "SYN_SEND")                       \
	X(SYN_RECV, 3, "SYN_RECV", "SYN-RECV", "SYN-RECEIVED", "SYN_RECEIVED")               \
	X(FIN_WAIT1, 4, "FIN_WAIT1", "FIN-WAIT-1", "FIN-WAIT-1", "FIN_WAIT_1")               \
	X(FIN_WAIT2, 5, "FIN_WAIT2", "FIN-WAIT-2", "FIN-WAIT-2", "FIN_WAIT_2")               \
	X(TIME_WAIT, 6, "TIME_WAIT", "TIME-WAIT", "TIME-WAIT", "TIME_WAIT")                  \
	X(CLOSE, 7, "CLOSE", "UNCONN", "CLOSED", "CLOSED")                                   \
	X(CLOSE_WAIT, 8, "CLOSE_WAIT", "CLOSE-WAIT", "CLOSE-WAIT", "CLOSE_WAIT")             \
	X(LAST_ACK, 9, "LAST_ACK", "LAST-ACK", "LAST-ACK", "LAST_ACK")                       \
	X(LISTEN, 10, "LISTEN", "LISTEN", "LISTEN", "LISTEN")                                \
	X(CLOSING, 11, "CLOSING", "CLOSING", "CLOSING", "CLOSING")

enum tl_state {
#define X(id, number, ...) TL_##id = number,
	TL_STATES(X)
#undef X
};

#define TL_STATE_MAX 12 /* one more than the largest number; 0 is not a state */

/*
 * A newer kernel may have more of them. Such a state has no row above and no arc; it is shown
 * by its number, and nothing is told about it. A set of states has a bit for each up to here.
 */
#define TL_STATE_NUMBERS 32

/* The largest number that a name stands for, in tl_number_name(). */
#define TL_NUMBER_MAX 255

/* tl_number_name - "0" .. "255", static; "?" beyond */
const char *tl_number_name(unsigned number);

/* What tcplab explains of a state: all borrowed, static. */
struct tl_state_info {
	enum tl_state state;
	const char *name;    /* netstat */
	const char *ss;
	const char *rfc;
	const char *post;    /* the post "TCP Connection States with an Example", 2013 */
	const char *meaning; /* a few words, to stand beside a table row */
	const char *story;   /* who enters it, how, and how it ends: several paragraphs */
	const char *section; /* of RFC 9293 */
};

/* tl_state_info - the row of a state; NULL for a number that is none */
const struct tl_state_info *tl_state_info(enum tl_state state);

/* tl_state_name - netstat's spelling; its number where it has none here */
const char *tl_state_name(enum tl_state state);

/*
 * tl_state_figure - its name in Figure 5, as netstat spells it, but CLOSED: RFC 9293's word,
 * where there is no row that netstat could have spelt CLOSE
 */
const char *tl_state_figure(enum tl_state state);

/*
 * tl_state_parse - read any spelling, in any case, with '-', '_' or nothing between words
 *
 * Return: the state, or 0 when @text (of @len bytes) is none.
 */
enum tl_state tl_state_parse(const char *text, size_t len);

/*
 * Where an arc comes from. The judge prefers DRAWN arcs when it infers what was not seen.
 * X(identifier, name)
 */
#define TL_ARC_KINDS(X)                                                                      \
	X(DRAWN, "drawn")     /* an arrow of Figure 5 */                                     \
	X(NOTE, "note")       /* in the notes below the figure, or in the text */            \
	X(RESET, "reset")     /* note 3: a RST was sent or received */                       \
	X(TIMEOUT, "timeout") /* the kernel gave up, where the figure has no arrow */

enum tl_arc_kind {
#define X(id, name) TL_ARC_##id,
	TL_ARC_KINDS(X)
#undef X
};

/* All arcs, in the order of tl_arcs(): those of the rows of arcs.h. */
enum tl_arc_id {
#define ARC(number, ...) TL_ARC_ID_##number,
#define DRAWN ARC
#define NOTE ARC
#define TIMEOUT ARC
#define RESET(from, ...) TL_ARC_ID_R_##from,
#include "tcplab/arcs.h"
#undef ARC
#undef DRAWN
#undef NOTE
#undef TIMEOUT
#undef RESET
	TL_N_ARCS
};

/* Who makes a socket walk an arc. */
enum tl_cause {
	TL_BY_PROGRAM, /* a call, or the program's end */
	TL_BY_SEGMENT, /* something came from the other end */
	TL_BY_TIMER,   /* nothing came, for long enough */
};

const char *tl_arc_kind_name(enum tl_arc_kind kind);

/* One transition. Static; all pointers borrowed. */
struct tl_arc {
	const char *id;      /* "1".."20" for the drawn ones, else "N2", "X9-CLOSING" and such */
	enum tl_state from;
	enum tl_state to;
	enum tl_arc_kind kind;
	enum tl_cause cause;
	const char *event;   /* what happens: "rcv SYN", "CLOSE", "2 MSL pass" */
	const char *sends;   /* what is sent in answer, "" for nothing */
	const char *section; /* of RFC 9293 */
	bool linux_has;      /* false: in the RFC, but no Linux socket ever takes it */
	int cost;            /* for tl_arc_path(): the likelier, the cheaper; above 0 */
	const char *how;     /* what makes it happen, or what it brings: a sentence */
	const char *differs; /* what Linux does otherwise; NULL: nothing */
};

/* tl_arcs - the whole table; *@n gets its length */
const struct tl_arc *tl_arcs(size_t *n);

/* tl_arc - the row of an arc */
const struct tl_arc *tl_arc(enum tl_arc_id id);

/* tl_arc_find - the arc of an id, in any case; NULL for an id that is none */
const struct tl_arc *tl_arc_find(const char *id);

/* tl_arc_reset - the arc of a RST, received or sent in this state; NULL where there is none */
const struct tl_arc *tl_arc_reset(enum tl_state from);

/*
 * tl_arc_path - the likeliest way from one state to another, for one socket on Linux
 * @skip_reset: leave out the arcs that a RST makes a socket take (TL_ARC_RESET, and 11)
 * @path: room for TL_STATE_MAX arcs, filled in walking order (borrowed, static)
 *
 * Drawn arcs cost less than the others, so a reset or a timeout is only named where no
 * orderly way exists. A way may begin or end in CLOSED or LISTEN, but never leads through
 * either: a closed socket is no more, and a listener stays one. Arcs that Linux does not
 * have are never taken.
 *
 * Return: the number of arcs, 0 when @from equals @to, or -1 when there is no way.
 */
int tl_arc_path(enum tl_state from, enum tl_state to, bool skip_reset,
		const struct tl_arc **path);

#endif
