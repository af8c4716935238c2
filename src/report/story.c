/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A learner wants to see the connection open and close, not Redis's talk. So each SYN, FIN
 * and RST and what acknowledges it is a line of its own, and so is all that was held; data
 * and plain ACKs between two open ends are chatter, and a run of them is one line. Of what a
 * peer was told to send the first segment has a line as well: it is what the step did.
 *
 * A segment that was held is told where it was stopped and again where it was let go,
 * unless nothing happened between. A segment says itself which states both ends were in;
 * of the moment it is let go only what was last seen of them is known.
 *
 * The same two ends may connect more than once: a SYN that is not the one seen before
 * begins a new connection.
 */
#include "story_parts.h"

#include <errno.h>
#include <stdlib.h>

#include "tcplab/grow.h"

/* Ends in these have nothing to learn from an ACK: they have heard the other's SYN. */
#define OPEN                                                                                 \
	(1u << TL_ESTABLISHED | 1u << TL_FIN_WAIT1 | 1u << TL_FIN_WAIT2 | 1u << TL_CLOSING | \
	 1u << TL_TIME_WAIT | 1u << TL_CLOSE_WAIT | 1u << TL_LAST_ACK)

/* 0: the left end sent it, 1: the right one. Two equal ends talk to themselves. */
static int sender(const struct tl_conn *conn, const struct tl_segment *s)
{
	return tl_endpoint_equal(&conn->ends[0], &s->from) ? 0 : 1;
}

static bool is_syn(const struct tl_segment *s)
{
	return (s->flags & (TL_FLAG_SYN | TL_FLAG_ACK)) == TL_FLAG_SYN;
}

/* A SYN of its own, where one went the same way before, or more than that happened. */
static bool begins_anew(const struct tl_conn *conn, const struct tl_segment *s)
{
	int from = sender(conn, s);

	if (!is_syn(s))
		return false;
	if (conn->has_syn[from])
		return conn->syn[from] != s->seq;
	return conn->has_fin[0] || conn->has_fin[1];
}

/* The connection that the segment before it between the same ends was of; NULL: it is the first. */
static struct tl_conn *conn_before(struct tl_story *story, const struct tl_shot *shot)
{
	const struct tl_shot *before = shot->before;

	while (before && before->ev->segment.fate == TL_FATE_ABSORBED)
		before = before->before;
	return before ? &story->conns[tl_story_frame(story, before)->conn] : NULL;
}

/* Whose an end is may be known only when it answers: it may not have connected before. */
static struct tl_conn *learn(struct tl_conn *conn, const struct tl_event *ev)
{
	bool swapped = !tl_endpoint_equal(&conn->ends[0], &ev->segment.seg.from);

	if (conn->actors[swapped] < 0)
		conn->actors[swapped] = ev->segment.from;
	if (conn->actors[!swapped] < 0)
		conn->actors[!swapped] = ev->segment.to;
	return conn;
}

static struct tl_conn *conn_of(struct tl_story *story, const struct tl_frame *frame)
{
	const struct tl_event *ev = frame->ev;
	const struct tl_segment *s = &ev->segment.seg;
	/* of an answer to a SYN nobody saw, the opener is the other */
	bool swapped = (s->flags & TL_FLAG_SYN) && (s->flags & TL_FLAG_ACK);
	struct tl_conn *conn = conn_before(story, frame->shot);

	if (conn && !begins_anew(conn, s))
		return learn(conn, ev);
	if (!TL_GROW(story->conns, story->n_conns))
		return NULL;
	conn = &story->conns[story->n_conns++];
	*conn = (struct tl_conn){ 0 };
	conn->ends[swapped] = s->from;
	conn->ends[!swapped] = s->to;
	conn->actors[swapped] = ev->segment.from;
	conn->actors[!swapped] = ev->segment.to;
	return conn;
}

static bool is_open(enum tl_state state)
{
	return state && state < TL_STATE_MAX && (OPEN & 1u << state);
}

/* Worth a line of its own? */
static bool is_told(const struct tl_story *story, const struct tl_conn *conn,
		    const struct tl_frame *frame)
{
	const enum tl_state *ends = frame->shot->ends;
	const struct tl_line *last = conn->n_lines ? &conn->lines[conn->n_lines - 1] : NULL;
	const struct tl_frame *before;

	if (frame->ev->segment.fate == TL_FATE_HELD ||
	    !(tl_frame_is_talk(frame) || tl_frame_is(frame, TL_SEGMENT_ACK_OF_SYN)))
		return true;
	if (!is_open(ends[0]) || !is_open(ends[1]))
		return true;
	if (!last || last->kind == TL_LINE_CHATTER || frame->ev->segment.seg.len)
		return false;
	/* the answer to a repeated SYN+ACK, say, or to what was let go too late to be news */
	before = &story->frames[last->frame];
	if (last->kind == TL_LINE_LETGO && tl_frame_is(frame, TL_SEGMENT_DUPLICATE_ACK) &&
	    tl_endpoint_equal(&before->ev->segment.seg.to, &frame->ev->segment.seg.from))
		return true;
	return tl_frame_is(before, TL_SEGMENT_RST) || tl_frame_is(before, TL_SEGMENT_SYN);
}

/* Is it a SYN, a FIN or data that went before? Takes note of it either way. */
static bool is_again(struct tl_conn *conn, const struct tl_shot *shot)
{
	const struct tl_segment *s = &shot->ev->segment.seg;
	int from = sender(conn, s);
	bool again = shot->again && s->len;

	if (s->flags & TL_FLAG_SYN) {
		again = conn->has_syn[from] && conn->syn[from] == s->seq &&
			conn->syn_flags[from] == s->flags; /* when SYNs cross, a SYN+ACK follows */
		if (!again)
			conn->began[from] = shot->ev->phase;
		conn->has_syn[from] = true;
		conn->syn[from] = s->seq;
		conn->syn_flags[from] = s->flags;
	} else if (s->flags & TL_FLAG_FIN) {
		uint32_t seq = s->seq + s->len;

		again = conn->has_fin[from] && conn->fin[from] == seq;
		if (!again)
			conn->began[from] = shot->ev->phase;
		conn->has_fin[from] = true;
		conn->fin[from] = seq;
	}
	return again;
}

/* Is it data that did not go before? Takes note of it either way. */
static bool is_new_data(struct tl_conn *conn, const struct tl_segment *s, size_t step)
{
	int from = sender(conn, s);
	uint32_t end = s->seq + s->len;

	if (!s->len || (conn->has_data[from] && (int32_t)(end - conn->data[from]) <= 0))
		return false;
	conn->has_data[from] = true;
	conn->data[from] = end;
	conn->data_step[from] = step;
	return true;
}

/* A FIN with the rest of the data that a step sends: where the kernel cuts them is chance. */
static bool is_rest(const struct tl_conn *conn, const struct tl_segment *s, size_t step)
{
	int from = sender(conn, s);

	return s->flags & TL_FLAG_FIN && s->len && conn->has_data[from] &&
	       conn->data_step[from] == step;
}

/* Is it what the step under way has its peer send? The first of it is told, and that it is. */
static bool is_spoken(struct reel *reel, const struct tl_conn *conn, const struct tl_frame *frame)
{
	if (reel->speaker < 0 || frame->ev->segment.from != reel->speaker)
		return false;
	if (!reel->spoken) {
		reel->conn = conn - reel->story->conns;
		reel->line = conn->n_lines;
		reel->spoken = true;
		return true;
	}
	if (reel->conn == (size_t)(conn - reel->story->conns) && reel->line < conn->n_lines)
		conn->lines[reel->line].part = true;
	return false;
}

static struct tl_line *add_line(struct tl_conn *conn, enum tl_line_kind kind,
				const struct reel *reel)
{
	if (!TL_GROW(conn->lines, conn->n_lines))
		return NULL;
	conn->lines[conn->n_lines] = (struct tl_line){
		.kind = kind, .phase = reel->trace->events[reel->at].phase,
		.step = reel->steps, .at = reel->at
	};
	return &conn->lines[conn->n_lines++];
}

static bool add_chatter(const struct reel *reel, struct tl_conn *conn, const struct tl_event *ev)
{
	struct tl_line *line = conn->n_lines ? &conn->lines[conn->n_lines - 1] : NULL;

	if (!line || line->kind != TL_LINE_CHATTER || line->phase != ev->phase)
		line = add_line(conn, TL_LINE_CHATTER, reel);
	if (!line)
		return false;
	line->data |= ev->segment.seg.len > 0;
	return true;
}

static bool add_told(struct reel *reel, struct tl_conn *conn, struct tl_frame *frame, bool rest)
{
	const struct tl_event *ev = frame->ev;
	struct tl_line *line = add_line(conn, TL_LINE_CAME, reel);
	int from = sender(conn, &ev->segment.seg);

	if (!line)
		return false;
	line->frame = frame - reel->story->frames;
	line->rightward = !from;
	line->states[from] = frame->shot->ends[0];
	line->states[!from] = frame->shot->ends[1];
	line->again = is_again(conn, frame->shot);
	line->since = line->again && ev->segment.seg.flags & (TL_FLAG_SYN | TL_FLAG_FIN) &&
		      conn->began[from] != ev->phase;
	line->times = 1;
	line->held = ev->segment.fate == TL_FATE_HELD;
	line->part = rest;
	story_turns(line, conn, reel);
	frame->line = conn->n_lines - 1;
	return true;
}

/* Of what a kernel sends again: what came last before it, a copy that arrived or a loss. */
static const struct tl_shot *reason(const struct tl_shot *shot)
{
	const struct tl_shot *b = shot->again && shot->ev->segment.fate == TL_FATE_PASSED ?
					  shot->before : NULL;

	while (b && b->end != TL_SHOT_LOST &&
	       !(tl_segment_is_copy(&b->ev->segment.seg, &shot->ev->segment.seg) &&
		 tl_shot_went(b)))
		b = b->before;
	return b;
}

/*
 * A FIN that a kernel sends again although it had arrived, and nothing since was lost: its ACK
 * took longer than the timer, as on a slow machine, and it changes nothing. One that met SYN_SENT
 * was dropped there.
 */
static bool is_needless(const struct tl_shot *shot)
{
	const struct tl_shot *why = reason(shot);

	return why && shot->kinds & 1u << TL_SEGMENT_FIN && why->end != TL_SHOT_LOST &&
	       why->ends[1] != TL_SYN_SENT;
}

/* Data that a kernel sends again because the scenario lost them, or their ACK. */
static bool is_repair(const struct tl_shot *shot)
{
	const struct tl_shot *why = reason(shot);

	return why && shot->ev->segment.seg.len && why->end == TL_SHOT_LOST;
}

static bool see_segment(struct reel *reel, struct tl_frame *frame)
{
	struct tl_story *story = reel->story;
	struct tl_conn *conn;
	const struct tl_segment *seg = &frame->ev->segment.seg;
	bool spoken, rest;

	/* when a kernel repeats what we keep from it, and how often, is a matter of chance */
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): each frame has its event */
	frame->absorbed = frame->ev->segment.fate == TL_FATE_ABSORBED;
	if (frame->absorbed)
		return true;
	conn = conn_of(story, frame);
	if (!conn)
		return false;
	frame->conn = conn - story->conns;
	rest = is_rest(conn, seg, reel->steps);
	spoken = is_new_data(conn, seg, reel->steps) && is_spoken(reel, conn, frame);
	frame->told = (is_told(story, conn, frame) || spoken || is_repair(frame->shot)) &&
		      !is_needless(frame->shot);
	return frame->told ? add_told(reel, conn, frame, rest) : add_chatter(reel, conn, frame->ev);
}

static bool see_letgo(struct reel *reel, const struct tl_event *ev)
{
	const struct tl_shot *shot = tl_film_letgo(reel->story->film, ev);
	const struct tl_frame *frame = shot ? tl_story_frame(reel->story, shot) : NULL;
	struct tl_conn *conn;
	struct tl_line *line, held;
	bool old;
	int left;

	if (!frame)
		return true;
	conn = &reel->story->conns[frame->conn];
	left = sender(conn, &shot->ev->segment.seg);
	held = conn->lines[frame->line];
	old = story_is_old(reel->story, frame);
	if (!old && frame->line + 1 == conn->n_lines && held.phase == ev->phase) {
		conn->lines[frame->line].at_once = true;
		return true;
	}
	line = add_line(conn, TL_LINE_LETGO, reel);
	if (!line)
		return false;
	line->frame = held.frame;
	line->rightward = held.rightward;
	line->old = old;
	for (int i = 0; i < 2; i++)
		line->states[i] = story_let_go_in(reel, shot, i == left ? 0 : 1, held.states[i]);
	story_turns(line, conn, reel);
	return true;
}

static void see_step(struct reel *reel, const struct tl_event *ev)
{
	const struct tl_step *step = tl_film_step(reel->story->film, ev);

	reel->steps++;
	reel->speaker = step && step->verb == TL_VERB_SEND ? step->actor : -1;
	reel->spoken = false;
}

/* A story is of segments, and of the steps that they belong to. */
static bool see(struct reel *reel, size_t *frame)
{
	const struct tl_event *ev = &reel->trace->events[reel->at];

	if (ev->kind == TL_EVENT_SEGMENT)
		return see_segment(reel, &reel->story->frames[(*frame)++]);
	if (ev->kind == TL_EVENT_LETGO)
		return see_letgo(reel, ev);
	if (ev->kind == TL_EVENT_STEP)
		see_step(reel, ev);
	return true;
}

int tl_story_init(struct tl_story *story, const struct tl_report *report, struct tl_err *err)
{
	const struct tl_film *film = report->film;
	struct reel reel = { .story = story, .trace = report->trace, .speaker = -1 };
	size_t frame = 0;
	bool ok;

	story->film = film;
	story->n_frames = film->n_shots;
	story->frames = calloc(film->n_shots + 1, sizeof(*story->frames));
	ok = story->frames;
	for (size_t i = 0; ok && i < film->n_shots; i++)
		story->frames[i] = (struct tl_frame){
			.shot = &film->shots[i], .ev = film->shots[i].ev,
			.name = tl_segment_kind_name(film->shots[i].name),
		};
	for (size_t i = 0; ok && i < report->trace->n; i++) {
		if (i && report->trace->events[i].phase != report->trace->events[i - 1].phase)
			reel.phase_at = i;
		reel.at = i;
		ok = see(&reel, &frame);
	}
	ok = ok && tl_story_order(story);
	return ok ? 0 : tl_err_set(err, ENOMEM, "no memory for the report");
}

void tl_story_release(struct tl_story *story)
{
	for (size_t i = 0; i < story->n_conns; i++)
		free(story->conns[i].lines);
	free(story->conns);
	free(story->frames);
	*story = (struct tl_story){ 0 };
}
