/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A page that is stepped through wants few steps, each of which shows something. What is a
 * line of the film is a step, and so is what the scenario does, the table each phase ended
 * on, and trouble. Data and ACKs between two open ends are folded: a run of them on one
 * connection is one step, until anything else happens, whatever other connections say
 * meanwhile. So a bulk transfer of ten thousand segments is a handful of steps. Where there
 * are more connections than anybody steps through, the first of them stand for all: what
 * the others say is folded as well, but for what was held, and the looks tell their states.
 * Data and ACKs that were held one like the other are told but for the first of them as if
 * they had not been; nobody steps through ten thousand.
 *
 * The world at a moment is the last that was seen of each socket: a segment shows its two
 * ends, a look the whole table. Between two looks a row may be older than the moment, and
 * says so. What a socket went through from one sighting to the next is for the judge to say.
 * A hop of which the trace proves the cause is taken at the moment of that cause, as when a
 * segment arrives; any other when it is seen.
 */
#include "moments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/grow.h"

const char *tl_moment_name(enum tl_moment_kind kind)
{
	switch (kind) {
#define X(id, name) case TL_MOMENT_##id: return name;
	TL_MOMENTS(X)
#undef X
	}
	return "?";
}

#define MOST_CONNS 100
#define MOST_ALIKE 10   /* held segments in a row that are told one by one */
#define MOST_TOLD  1000 /* moments, before what a crowd had held is folded as well */

static struct tl_moment *add(struct tl_moments *moments, enum tl_moment_kind kind,
			     const struct tl_event *ev)
{
	if (!TL_GROW(moments->v, moments->n))
		return NULL;
	moments->v[moments->n] = (struct tl_moment){ .kind = kind, .phase = ev->phase, .ev = ev };
	return &moments->v[moments->n++];
}

static bool is_of_crowd(const struct tl_moments *moments, const struct tl_frame *frame)
{
	return frame->conn >= MOST_CONNS && (frame->ev->segment.fate != TL_FATE_HELD ||
					     moments->n >= MOST_TOLD);
}

/* Does it show what the lines before it have shown often enough? */
static bool is_uniform(const struct tl_story *story, const struct tl_frame *frame)
{
	const struct tl_line *lines = story->conns[frame->conn].lines;
	const struct tl_line *line = &lines[frame->line];
	size_t alike = 0;

	if (!line->held || !tl_frame_is_talk(frame))
		return false;
	for (size_t i = frame->line; i-- > 0 && alike < MOST_ALIKE;) {
		const struct tl_frame *before = &story->frames[lines[i].frame];

		if (lines[i].kind == TL_LINE_CHATTER || !tl_frame_is_talk(before) ||
		    lines[i].states[0] != line->states[0] ||
		    lines[i].states[1] != line->states[1])
			return false;
		alike += lines[i].kind == TL_LINE_CAME && lines[i].held &&
			 lines[i].rightward == line->rightward &&
			 tl_frame_is(before, frame->shot->name);
	}
	return alike == MOST_ALIKE;
}

/* The run of chatter that this segment goes on with; NULL: it begins one. */
static struct tl_moment *chatter_before(const struct tl_moments *moments,
					const struct tl_frame *frame)
{
	for (size_t i = moments->n; i-- > 0;) {
		struct tl_moment *last = &moments->v[i];

		if (last->kind != TL_MOMENT_CHATTER || last->phase != frame->ev->phase)
			return NULL;
		if (last->crowd ? is_of_crowd(moments, frame) : last->frame->conn == frame->conn)
			return last;
	}
	return NULL;
}

static bool see_chatter(struct tl_moments *moments, const struct tl_frame *frame)
{
	struct tl_moment *run = chatter_before(moments, frame);

	if (!run)
		run = add(moments, TL_MOMENT_CHATTER, frame->ev);
	if (!run)
		return false;
	run->frame = frame;
	run->crowd = is_of_crowd(moments, frame);
	run->ev = frame->ev;
	run->held += frame->ev->segment.fate == TL_FATE_HELD;
	if (frame->ev->segment.seg.len)
		run->data++;
	else
		run->acks++;
	run->bytes += frame->ev->segment.seg.len;
	return true;
}

/* Is this the first segment of its line? The film folds what the kernel repeats. */
static bool opens_line(const struct tl_story *story, const struct tl_frame *frame)
{
	return &story->frames[story->conns[frame->conn].lines[frame->line].frame] == frame;
}

static bool see_segment(struct tl_moments *moments, const struct tl_frame *frame)
{
	const struct tl_event *ev = frame->ev;
	struct tl_moment *moment;

	if (frame->absorbed || (frame->told && !opens_line(&moments->story, frame)))
		return true;
	if (!frame->told || is_of_crowd(moments, frame) || is_uniform(&moments->story, frame))
		return see_chatter(moments, frame);
	moment = add(moments, TL_MOMENT_CAME, ev);
	if (!moment)
		return false;
	moment->frame = frame;
	moment->line = &moments->story.conns[frame->conn].lines[frame->line];
	if (moment->line->held)
		moment->until = TL_MOMENT_NEVER;
	return true;
}

/* The line on which a segment that was held goes on; NULL: on the one it came on. */
static const struct tl_line *letgo_line(const struct tl_story *story,
					 const struct tl_frame *frame)
{
	const struct tl_conn *conn = &story->conns[frame->conn];

	for (size_t i = frame->line + 1; i < conn->n_lines; i++)
		if (conn->lines[i].kind == TL_LINE_LETGO &&
		    &story->frames[conn->lines[i].frame] == frame)
			return &conn->lines[i];
	return NULL;
}

/* The moment at which a held segment came; NULL: it is folded. */
static struct tl_moment *came(const struct tl_moments *moments, const struct tl_frame *frame)
{
	for (size_t i = moments->n; i-- > 0;)
		if (moments->v[i].kind == TL_MOMENT_CAME && moments->v[i].frame == frame)
			return &moments->v[i];
	return NULL;
}

static bool see_letgo(struct tl_moments *moments, const struct tl_event *ev)
{
	const struct tl_story *story = &moments->story;
	const struct tl_shot *shot = tl_film_letgo(story->film, ev);
	const struct tl_frame *frame = shot ? tl_story_frame(story, shot) : NULL;
	const struct tl_line *line;
	struct tl_moment *moment;

	if (!frame)
		return true;
	line = letgo_line(story, frame);
	moment = came(moments, frame);
	if (!moment)
		return true;
	moment->until = line || moment + 1 < moments->v + moments->n ? moments->n : 0;
	if (!line)
		return true;
	moment = add(moments, TL_MOMENT_LETGO, ev);
	if (!moment)
		return false;
	moment->frame = frame;
	moment->line = line;
	return true;
}

/* A step that the reader should see happen; what the wire is told shows in the segments. */
static bool is_shown(const struct tl_plan *plan, const struct tl_event *ev)
{
	const struct tl_phase *phase;

	if (ev->phase < 0 || (size_t)ev->phase >= plan->n_phases)
		return false;
	phase = &plan->phases[ev->phase];
	return ev->step.step >= 0 && (size_t)ev->step.step < phase->n_steps &&
	       !tl_verb_is_of_wire(phase->steps[ev->step.step].verb);
}

static bool is_settled(const struct tl_verdict *verdict, const struct tl_event *ev)
{
	return ev->phase >= 0 && (size_t)ev->phase < verdict->n_phases &&
	       verdict->phases[ev->phase].look == ev;
}

static bool see(struct tl_moments *moments, const struct tl_report *report,
		const struct tl_event *ev, size_t *segments)
{
	switch (ev->kind) {
	case TL_EVENT_STEP:
		return !is_shown(report->plan, ev) || add(moments, TL_MOMENT_DO, ev);
	case TL_EVENT_SEGMENT:
		return see_segment(moments, &moments->story.frames[(*segments)++]);
	case TL_EVENT_LETGO:
		return see_letgo(moments, ev);
	case TL_EVENT_SNAPSHOT:
		return !is_settled(report->verdict, ev) || add(moments, TL_MOMENT_LOOK, ev);
	case TL_EVENT_LOSSY:
		return add(moments, TL_MOMENT_LOSSY, ev);
	case TL_EVENT_MISSED:
	case TL_EVENT_FAULT:
		return add(moments, TL_MOMENT_TROUBLE, ev);
	case TL_EVENT_RUN:
	case TL_EVENT_PHASE:
	case TL_EVENT_DONE:
	case TL_EVENT_ACTOR:
	case TL_EVENT_PUSHED:
	case TL_EVENT_WIRE:
	case TL_EVENT_WITNESS:
	case TL_EVENT_COUNTERS:
	case TL_EVENT_END:
		break;
	}
	return true;
}

int tl_moments_socket(const struct tl_moments *moments, uint64_t cookie)
{
	const struct tl_socket *socket = tl_film_socket(moments->story.film, cookie);

	return socket ? (int)(socket - moments->sockets) : -1;
}

/* Does it show rows: the table of a look, the two ends of a segment? */
static bool shows_rows(const struct tl_moment *moment)
{
	return moment->kind == TL_MOMENT_LOOK || moment->kind == TL_MOMENT_CAME ||
	       moment->kind == TL_MOMENT_CHATTER;
}

int tl_moments_init(struct tl_moments *moments, const struct tl_report *report,
		    struct tl_err *err)
{
	size_t segments = 0;
	int rc = tl_story_init(&moments->story, report, err);
	bool ok = true;

	if (rc)
		return rc;
	moments->sockets = report->film->sockets;
	moments->n_sockets = report->film->n_sockets;
	moments->verdict = report->verdict;
	for (size_t i = 0; ok && i < report->trace->n; i++)
		ok = see(moments, report, &report->trace->events[i], &segments);
	return ok ? 0 : tl_err_set(err, ENOMEM, "no memory for the report");
}

void tl_moments_release(struct tl_moments *moments)
{
	free(moments->v);
	tl_story_release(&moments->story);
	*moments = (struct tl_moments){ 0 };
}

static int turn_cmp(const void *a, const void *b)
{
	const struct tl_turn *x = a, *y = b;

	if (x->ev != y->ev)
		return x->ev < y->ev ? -1 : 1;
	return (x->hop > y->hop) - (x->hop < y->hop);
}

static bool take_turns(struct tl_world *world)
{
	const struct tl_verdict *verdict = world->moments->verdict;

	for (size_t i = 0; i < verdict->n_lives; i++)
		for (size_t k = 0; k < verdict->lives[i].n_hops; k++) {
			const struct tl_event *cause = verdict->lives[i].hops[k].cause;

			if (!cause)
				continue;
			if (!TL_GROW(world->turns, world->n_turns))
				return false;
			world->turns[world->n_turns++] = (struct tl_turn){ cause, i, k };
		}
	if (world->n_turns)
		qsort(world->turns, world->n_turns, sizeof(*world->turns), turn_cmp);
	return true;
}

int tl_world_init(struct tl_world *world, const struct tl_moments *moments, struct tl_err *err)
{
	world->moments = moments;
	world->known = calloc(moments->n_sockets + 1, sizeof(*world->known));
	return world->known && take_turns(world) ? 0 :
		tl_err_set(err, ENOMEM, "no memory for the report");
}

void tl_world_release(struct tl_world *world)
{
	free(world->known);
	free(world->turns);
	*world = (struct tl_world){ 0 };
}

void tl_world_rewind(struct tl_world *world)
{
	memset(world->known, 0, (world->moments->n_sockets + 1) * sizeof(*world->known));
	world->next = 0;
}

/* CLOSED has no row; and where a RST leads a request back to LISTEN, no row comes of it. */
static bool is_over(const struct tl_hop *hop)
{
	return hop->kind != TL_HOP_OBSERVED &&
	       (hop->state == TL_CLOSE || hop->state == TL_LISTEN);
}

/* A socket comes to a hop of its life; it never goes back. */
static void come_to(struct tl_world *world, size_t socket, size_t hop)
{
	const struct tl_hop *it = &world->moments->verdict->lives[socket].hops[hop];
	struct tl_known *known = &world->known[socket];

	if (hop < known->hop)
		return;
	known->hop = hop;
	known->state = is_over(it) ? 0 : it->state;
	if (is_over(it))
		known->row = NULL;
}

static void sight(struct tl_world *world, const struct tl_event *ev, const struct tl_row *row)
{
	const struct tl_film *film = world->moments->story.film;
	const struct tl_sighting *s = tl_film_seen(film, ev, row->sock.cookie);

	if (!s)
		return;
	world->known[s->socket].fresh = true;
	world->known[s->socket].row = row;
	come_to(world, s->socket, world->moments->verdict->hop_at[s - film->sightings]);
}

static void lose(struct tl_world *world, size_t i)
{
	const struct tl_life *life = &world->moments->verdict->lives[i];
	struct tl_known *known = &world->known[i];

	known->row = NULL;
	known->state = 0;
	if (life->n_hops && life->hops[life->n_hops - 1].state == TL_CLOSE)
		known->hop = life->n_hops - 1;
}

/* A look shows all rows: what it lacks is gone. */
static void lose_the_unseen(struct tl_world *world)
{
	for (size_t i = 0; i < world->moments->n_sockets; i++)
		if (world->known[i].state && !world->known[i].fresh)
			lose(world, i);
}

/* A segment whose end has no socket: the one that was there is gone. */
static void lose_end(struct tl_world *world, const struct tl_endpoint *local,
		     const struct tl_endpoint *remote)
{
	for (size_t i = 0; i < world->moments->n_sockets; i++) {
		const struct tl_row *row = world->known[i].row ? world->known[i].row :
								 world->moments->sockets[i].first;

		if (world->known[i].state && tl_endpoint_equal(&row->sock.local, local) &&
		    tl_endpoint_equal(&row->sock.remote, remote))
			lose(world, i);
	}
}

static void lose_ends(struct tl_world *world, const struct tl_event *ev)
{
	const struct tl_segment *s = &ev->segment.seg;

	if (!ev->segment.ends[0].sock.state)
		lose_end(world, &s->from, &s->to);
	if (!ev->segment.ends[1].sock.state)
		lose_end(world, &s->to, &s->from);
}

void tl_world_step(struct tl_world *world, size_t i)
{
	const struct tl_moment *moment = &world->moments->v[i];
	const struct tl_row *rows = NULL;
	size_t n = 0;

	for (size_t j = 0; j < world->moments->n_sockets; j++) {
		struct tl_known *known = &world->known[j];

		known->was = known->state;
		known->fresh = false;
		known->hop_was = known->hop;
	}
	if (shows_rows(moment))
		rows = tl_film_rows(world->moments->story.film, moment->ev, &n);
	for (size_t j = 0; j < n; j++)
		sight(world, moment->ev, &rows[j]);
	if (moment->kind == TL_MOMENT_LOOK)
		lose_the_unseen(world);
	else if (n)
		lose_ends(world, moment->ev);
	for (; world->next < world->n_turns && world->turns[world->next].ev <= moment->ev;
	     world->next++)
		come_to(world, world->turns[world->next].socket, world->turns[world->next].hop);
	for (size_t j = 0; j < world->moments->n_sockets; j++) {
		struct tl_known *known = &world->known[j];

		known->changed = known->was != known->state;
	}
}
