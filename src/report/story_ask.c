/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is asked of the story: the lines of a phase, where a segment is told, and how a line says
 * the state of an end; and in which order the lines of several connections are read.
 */
#include "story.h"

#include <stdio.h>
#include <stdlib.h>

#include "tcplab/grow.h"

const struct tl_line *tl_story_phase(const struct tl_conn *conn, size_t phase, size_t *n)
{
	size_t first = 0, end;

	while (first < conn->n_lines && conn->lines[first].phase != (int)phase)
		first++;
	for (end = first; end < conn->n_lines && conn->lines[end].phase == (int)phase;)
		end++;
	*n = end - first;
	return conn->lines + first;
}

const struct tl_frame *tl_story_frame(const struct tl_story *story, const struct tl_shot *shot)
{
	return &story->frames[shot - story->film->shots];
}

bool tl_frame_is_talk(const struct tl_frame *frame)
{
	return tl_frame_is(frame, TL_SEGMENT_DATA) || tl_frame_is(frame, TL_SEGMENT_ACK) ||
	       tl_frame_is(frame, TL_SEGMENT_DUPLICATE_ACK) ||
	       tl_frame_is(frame, TL_SEGMENT_WINDOW_UPDATE) ||
	       tl_frame_is(frame, TL_SEGMENT_WINDOW_PROBE) ||
	       tl_frame_is(frame, TL_SEGMENT_WINDOW_PROBE_ACK);
}

bool tl_line_is_lost_at_once(const struct tl_story *story, const struct tl_line *line)
{
	return line->at_once && story->frames[line->frame].shot->end == TL_SHOT_LOST;
}

const char *tl_line_state(const struct tl_line *line, int end)
{
	if (line->states[end] == TL_STATE_UNKNOWN)
		return "not known";
	/* RFC 9293's word: without a socket there is no row that netstat could spell */
	return line->states[end] ? tl_state_name(line->states[end]) : "CLOSED";
}

bool tl_frame_is(const struct tl_frame *frame, enum tl_segment_kind kind)
{
	return tl_shot_is(frame->shot, kind);
}

/* The line by which a block takes its place: the first that is told. */
static const struct tl_line *leader(const struct tl_block *block)
{
	const struct tl_line *lines = &block->conn->lines[block->first];

	for (size_t i = 0; i < block->n; i++)
		if (lines[i].kind != TL_LINE_CHATTER)
			return &lines[i];
	return lines;
}

static bool is_program(const struct tl_story *story, int actor)
{
	const struct tl_plan *plan = story->film->plan;

	return actor >= 0 && (size_t)actor < plan->n_actors &&
	       plan->actors[actor].kind == TL_ACTOR_KIND_PROGRAM;
}

/* Is an end of @conn a program of the scenario's own? */
static bool has_program(const struct tl_story *story, const struct tl_conn *conn)
{
	return is_program(story, conn->actors[0]) || is_program(story, conn->actors[1]);
}

bool tl_conn_follows(const struct tl_conn *left, const struct tl_conn *right)
{
	return left->actors[1] >= 0 && left->actors[1] == right->actors[0] &&
	       left->actors[0] != right->actors[1];
}

uint64_t tl_story_actors(const struct tl_story *story, const struct tl_line *lines, size_t n,
			 int end)
{
	uint64_t actors = 0;

	for (size_t i = 0; i < n; i++) {
		const struct tl_shot *shot;
		int actor;

		if (lines[i].kind == TL_LINE_CHATTER)
			continue;
		shot = story->frames[lines[i].frame].shot;
		actor = lines[i].rightward == !end ? shot->from : shot->to;
		if (actor >= 0 && actor < 64)
			actors |= UINT64_C(1) << actor;
	}
	return actors;
}

/*
 * Is it something that an end did? A mere ACK goes with what it acknowledges: a kernel may
 * take its time for it. So do data, as of a heartbeat nobody knows when it comes; but those of a
 * program are its answer, or what a proxy passes on.
 */
static bool is_deed(const struct tl_story *story, const struct tl_conn *conn,
		    const struct tl_line *line)
{
	const struct tl_segment *s;

	if (line->kind == TL_LINE_CHATTER)
		return line->data && has_program(story, conn);
	s = &story->frames[line->frame].ev->segment.seg;
	return line->kind == TL_LINE_LETGO || line->held || s->len ||
	       (s->flags & (TL_FLAG_SYN | TL_FLAG_FIN | TL_FLAG_RST));
}

static bool begins_block(const struct tl_story *story, const struct tl_block *block, size_t i)
{
	const struct tl_line *lines = block->conn->lines;

	return lines[i].step != leader(block)->step && is_deed(story, block->conn, &lines[i]);
}

static int in_order(const void *x, const void *y)
{
	const struct tl_line *a = leader(x), *b = leader(y);

	if (a->step != b->step)
		return a->step < b->step ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

static int by_conn(const void *x, const void *y)
{
	const struct tl_block *a = x, *b = y;

	return a->conn < b->conn ? -1 : a->conn > b->conn;
}

/* Does it begin with what a kernel sends once more, when its timer has run out? */
static bool is_of_timer(const struct tl_story *story, const struct tl_block *block)
{
	const struct tl_line *line = leader(block);

	return line->kind == TL_LINE_CAME && story->frames[line->frame].shot->again;
}

/* Which of several timers runs out first is a matter of chance: the older connection's. */
static void order_timers(struct tl_blocks *blocks, const struct tl_story *story)
{
	for (size_t i = 0, end; i < blocks->n; i = end) {
		for (end = i; end < blocks->n && is_of_timer(story, &blocks->v[end]) &&
			      leader(&blocks->v[end])->step == leader(&blocks->v[i])->step;)
			end++;
		if (end > i)
			qsort(&blocks->v[i], end - i, sizeof(*blocks->v), by_conn);
		else
			end++;
	}
}

static bool split(struct tl_blocks *blocks, const struct tl_story *story,
		  const struct tl_conn *conn, size_t phase)
{
	size_t n, first;

	first = tl_story_phase(conn, phase, &n) - conn->lines;
	for (size_t i = first; i < first + n; i++) {
		if (i == first || begins_block(story, &blocks->v[blocks->n - 1], i)) {
			if (!TL_GROW(blocks->v, blocks->n))
				return false;
			blocks->v[blocks->n++] = (struct tl_block){ .conn = conn, .first = i };
		}
		blocks->v[blocks->n - 1].n++;
	}
	return true;
}

/* What one connection says in two steps is one block where no other speaks between. */
static void join(struct tl_blocks *blocks)
{
	size_t n = 0;

	for (size_t i = 0; i < blocks->n; i++) {
		struct tl_block *last = n ? &blocks->v[n - 1] : NULL;

		if (last && last->conn == blocks->v[i].conn)
			last->n += blocks->v[i].n;
		else
			blocks->v[n++] = blocks->v[i];
	}
	blocks->n = n;
}

bool tl_story_is_drawn(const struct tl_story *story, const struct tl_conn *conn,
		       const struct tl_line *line)
{
	const struct tl_line *end = conn->lines + conn->n_lines, *next = line + 1;

	if (line->kind != TL_LINE_CHATTER)
		return true;
	if (!line->data || (line > conn->lines && line[-1].phase == line->phase))
		return line->data;
	if (next < end && next->phase == line->phase && next->kind != TL_LINE_CHATTER &&
	    tl_frame_is_talk(&story->frames[next->frame]))
		return true;
	return has_program(story, conn);
}

bool tl_story_is_told(const struct tl_line *lines, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lines[i].kind != TL_LINE_CHATTER)
			return true;
	return false;
}

static bool is_twin(const struct tl_conn *a, int end, const struct tl_conn *b, int other)
{
	return a->actors[end] == b->actors[other] && a->actors[!end] == b->actors[!other] &&
	       a->ends[end].port == b->ends[other].port &&
	       a->ends[!end].port == b->ends[!other].port &&
	       tl_endpoint_cmp(&a->ends[end], &b->ends[other]);
}

bool tl_story_port(const struct tl_story *story, const struct tl_conn *conn, int end, char *out)
{
	for (size_t i = 0; i < story->n_conns; i++)
		if (is_twin(conn, end, &story->conns[i], 0) ||
		    is_twin(conn, end, &story->conns[i], 1)) {
			tl_endpoint_text(&conn->ends[end], out);
			return true;
		}
	snprintf(out, TL_ENDPOINT_TEXT, "%u", conn->ends[end].port);
	return false;
}

bool tl_blocks_init(struct tl_blocks *blocks, const struct tl_story *story, size_t phase)
{
	for (size_t i = 0; i < story->n_conns; i++) {
		size_t n;
		const struct tl_line *lines = tl_story_phase(&story->conns[i], phase, &n);

		if (tl_story_is_told(lines, n) && !split(blocks, story, &story->conns[i], phase))
			return false;
	}
	if (blocks->n)
		qsort(blocks->v, blocks->n, sizeof(*blocks->v), in_order);
	order_timers(blocks, story);
	join(blocks);
	return true;
}

void tl_blocks_release(struct tl_blocks *blocks)
{
	free(blocks->v);
	*blocks = (struct tl_blocks){ 0 };
}
