/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: what passed between the looks, as lines of diagrams, one a connection. */
#ifndef TCPLAB_REPORT_STORY_H
#define TCPLAB_REPORT_STORY_H

#include "tcplab/report.h"

/* Where a segment is told. */
struct tl_frame {
	const struct tl_shot *shot;   /* what is known of it (borrowed from the film) */
	const struct tl_event *ev;    /* SEGMENT (borrowed from the trace) */
	const char *name;             /* "SYN", "ACK of FIN" (static) */
	size_t conn, line;            /* where it is told; of no meaning for ABSORBED */
	bool told;                    /* on a line of its own */
	bool absorbed;                /* told nowhere; else chatter */
};

enum tl_line_kind {
	TL_LINE_CAME,    /* a segment: it passed, or was held */
	TL_LINE_LETGO,   /* one held before goes on, or is lost */
	TL_LINE_CHATTER, /* a run of data and ACKs that nobody asked for and that change nothing */
};

struct tl_line {
	enum tl_line_kind kind;
	int phase;
	size_t step;            /* how many steps of the run had begun */
	size_t at;              /* its event, or the first of them, in the trace */
	size_t frame;           /* CAME, LETGO */
	enum tl_state states[2]; /* of the left and the right end meanwhile; 0: no socket;
				    perhaps TL_STATE_UNKNOWN */
	bool turned[2];         /* and the line or table before it shows another */
	bool rightward;
	bool again;             /* the kernel sends it once more */
	size_t times;           /* and so often, with nothing else between */
	bool since;             /* and has done so since a phase before: how often, here, is chance */
	bool held;              /* CAME */
	bool old;               /* LETGO: its ends have a newer connection by then */
	bool at_once;           /* held, and let go before anything else happened */
	bool part;              /* CAME: more data of the same step followed, or a FIN's went before */
	bool data;              /* CHATTER: not mere ACKs alone */
};

/* One connection, from one SYN to the next between the same two ends. */
struct tl_conn {
	struct tl_endpoint ends[2]; /* left: the one that sent the SYN, or spoke first */
	int actors[2];              /* -1 where unknown */
	struct tl_line *lines;      /* in the order of the trace, so phase by phase */
	size_t n_lines;
	bool has_syn[2], has_fin[2]; /* from the left, from the right */
	bool has_data[2];
	uint32_t syn[2], fin[2];     /* their sequence numbers */
	uint32_t data[2];            /* the number after the last byte that was sent, */
	size_t data_step[2];         /* and in which step */
	int began[2];                /* in which phase the last SYN or FIN was sent first */
	uint8_t syn_flags[2];
};

struct tl_story {
	const struct tl_film *film;
	struct tl_frame *frames; /* one for each of the film's shots, in their order */
	size_t n_frames;
	struct tl_conn *conns;   /* in order of first appearance */
	size_t n_conns;
};

/*
 * tl_story_init - read the film off a trace that was judged
 * @film: zeroed; to be released with tl_story_release(), after an error too
 *
 * Return: 0 or -ENOMEM.
 */
int tl_story_init(struct tl_story *story, const struct tl_report *report, struct tl_err *err);

/*
 * tl_story_order - what both ends repeat, each by its own timer: one end's first, then the other's
 *
 * The last part of tl_story_init(). Return: false without memory.
 */
bool tl_story_order(struct tl_story *story);

/* tl_story_release - a zeroed one and a second call are fine */
void tl_story_release(struct tl_story *story);

/* tl_story_phase - the lines of @conn in @phase; *@n gets how many (borrowed) */
const struct tl_line *tl_story_phase(const struct tl_conn *conn, size_t phase, size_t *n);

/*
 * tl_story_port - what tells an end of @conn from others of its actor: "53525", or, where another
 * connection has the same ports at another address, "127.0.0.2:53525"
 * @out: TL_ENDPOINT_TEXT bytes
 *
 * Return: has it the address?
 */
bool tl_story_port(const struct tl_story *story, const struct tl_conn *conn, int end, char *out);

/* tl_story_is_told - are these lines a story? Chatter alone is none. */
bool tl_story_is_told(const struct tl_line *lines, size_t n);

/*
 * tl_story_is_drawn - is a line of @conn drawn? Of chatter not all is.
 *
 * What is said before a connection opens or closes is somebody's heartbeat, and mere ACKs come
 * when a kernel gets round to them: whether there are any is a matter of chance. What a program
 * says is its answer, or what a proxy passes on.
 */
bool tl_story_is_drawn(const struct tl_story *story, const struct tl_conn *conn,
		       const struct tl_line *line);

/* tl_conn_follows - are these the legs of a proxy: does @left lead to whom @right comes from? */
bool tl_conn_follows(const struct tl_conn *left, const struct tl_conn *right);

/*
 * tl_story_actors - whose an end of @conn was in these @n lines of it, 1 << index
 *
 * Several actors where its descriptor was passed on; 0 where nobody is known.
 */
uint64_t tl_story_actors(const struct tl_story *story, const struct tl_line *lines, size_t n,
			 int end);

/* Lines of one connection that are read before those of another. */
struct tl_block {
	const struct tl_conn *conn; /* borrowed from the story */
	size_t first, n;            /* of its lines */
};

struct tl_blocks {
	struct tl_block *v;
	size_t n;
};

/*
 * tl_blocks_init - the lines of all connections in @phase in the order of what happened
 * @blocks: zeroed; to be released with tl_blocks_release(), after an error too
 *
 * Step by step; within a step each connection's lines stay together, as which of two programs
 * was quicker is a matter of chance; so is which of two timers ran out first, and of those that
 * begin with a repetition the older connection's come first.
 *
 * Return: false without memory.
 */
bool tl_blocks_init(struct tl_blocks *blocks, const struct tl_story *story, size_t phase);
void tl_blocks_release(struct tl_blocks *blocks);

/* tl_story_frame - where a segment is told (borrowed) */
const struct tl_frame *tl_story_frame(const struct tl_story *story, const struct tl_shot *shot);

/* tl_line_is_lost_at_once - was it held and dropped, and nothing else happened meanwhile? */
bool tl_line_is_lost_at_once(const struct tl_story *story, const struct tl_line *line);

/* tl_line_state - the state of one end, as a line says it: "CLOSED" where there is no socket */
const char *tl_line_state(const struct tl_line *line, int end);

/* tl_frame_is - is this its name? */
bool tl_frame_is(const struct tl_frame *frame, enum tl_segment_kind kind);

/* tl_frame_is_talk - is it what open connections say all the time: data, and what answers it? */
bool tl_frame_is_talk(const struct tl_frame *frame);

#endif
