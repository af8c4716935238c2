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
 * the others say is folded as well, except for what was held, and the looks tell their states.
 * Data and ACKs that were held one like the other are told except for the first of them as if
 * they had not been; nobody steps through ten thousand. Whatever it is, from MOST moments on
 * there are looks alone, with one moment before each that says how much more there was.
 */
#include "moments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/enum_names.h"
#include "tcplab/grow.h"

TL_NAMES(tl_moment_name, enum tl_moment_kind, TL_MOMENTS)

#define MOST	      400 /* moments, so that a page stays below 5 MB, */
#define MOST_LOOKS    100 /* looks beside them */
#define MOST_CONNS    100
#define MOST_ALIKE    10 /* held segments in a row that are told one by one */
#define MOST_TROUBLES 20 /* faults and the like: who has seen these has seen them all */

static struct tl_moment *add(struct tl_moments *moments, enum tl_moment_kind kind,
			     const struct tl_event *ev)
{
	if (!TL_GROW(moments->v, moments->n))
		return NULL;
	moments->v[moments->n] = (struct tl_moment){ .kind = kind, .phase = ev->phase, .ev = ev };
	return &moments->v[moments->n++];
}

/*
 * What is only counted, in a moment of its own: each phase's stands before its look. Once
 * there are no more looks one is enough. NULL: without memory.
 */
static struct tl_moment *more(struct tl_moments *moments, const struct tl_event *ev)
{
	struct tl_moment *last = moments->n ? &moments->v[moments->n - 1] : NULL;

	if (!last || last->kind != TL_MOMENT_MORE ||
	    (last->phase != ev->phase && moments->looks < MOST_LOOKS))
		last = add(moments, TL_MOMENT_MORE, ev);
	if (last)
		last->ev = ev;
	return last;
}

static bool is_full(const struct tl_moments *moments)
{
	return moments->n >= MOST;
}

static bool count_segment(struct tl_moments *moments, const struct tl_event *ev)
{
	struct tl_moment *moment = more(moments, ev);

	if (moment)
		moment->segments++;
	return moment;
}

static bool is_of_crowd(const struct tl_frame *frame)
{
	return frame->conn >= MOST_CONNS && frame->ev->segment.fate != TL_FATE_HELD;
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
		if (last->crowd ? is_of_crowd(frame) : last->frame->conn == frame->conn)
			return last;
	}
	return NULL;
}

static bool see_chatter(struct tl_moments *moments, const struct tl_frame *frame)
{
	struct tl_moment *run = chatter_before(moments, frame);

	if (!run && is_full(moments))
		return count_segment(moments, frame->ev);
	if (!run)
		run = add(moments, TL_MOMENT_CHATTER, frame->ev);
	if (!run)
		return false;
	run->frame = frame;
	run->crowd = is_of_crowd(frame);
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
	if (!frame->told || is_of_crowd(frame) || is_uniform(&moments->story, frame))
		return see_chatter(moments, frame);
	if (is_full(moments))
		return count_segment(moments, ev);
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
	bool apart;

	if (!frame)
		return true;
	line = letgo_line(story, frame);
	moment = came(moments, frame);
	if (!moment)
		return true;
	apart = !line && moment + 1 < moments->v + moments->n;
	moment->until = line || apart ? moments->n : 0;
	if ((!line && !apart) || is_full(moments))
		return true;
	line = line ? line : moment->line;
	moment->apart = apart;
	moment = add(moments, TL_MOMENT_LETGO, ev);
	if (!moment)
		return false;
	moment->frame = frame;
	moment->line = line;
	moment->apart = apart;
	return true;
}

struct tl_line tl_moment_line(const struct tl_moment *moment)
{
	struct tl_line line = *moment->line;

	if (!moment->apart)
		return line;
	line.at_once = false;
	if (moment->kind == TL_MOMENT_LETGO) {
		line.kind = TL_LINE_LETGO;
		line.again = line.since = false;
		line.times = 0;
	}
	return line;
}

/* A step that the reader should see happen; what the wire is told shows in the segments. */
static bool is_shown(const struct tl_film *film, const struct tl_event *ev)
{
	const struct tl_step *step = tl_film_step(film, ev);

	return step && !tl_verb_is_of_wire(step->verb);
}

static bool is_settled(const struct tl_verdict *verdict, const struct tl_event *ev)
{
	return ev->phase >= 0 && (size_t)ev->phase < verdict->n_phases &&
	       verdict->phases[ev->phase].look == ev;
}

static bool see_step(struct tl_moments *moments, const struct tl_event *ev)
{
	struct tl_moment *moment = is_full(moments) ? more(moments, ev) :
						      add(moments, TL_MOMENT_DO, ev);

	if (moment && moment->kind == TL_MOMENT_MORE)
		moment->steps++;
	return moment;
}

static bool see_look(struct tl_moments *moments, const struct tl_event *ev)
{
	if (is_full(moments) && moments->looks++ >= MOST_LOOKS)
		return true;
	return add(moments, TL_MOMENT_LOOK, ev);
}

static bool see_trouble(struct tl_moments *moments, enum tl_moment_kind kind,
			const struct tl_event *ev)
{
	struct tl_moment *moment;

	if (!is_full(moments) && moments->troubles++ < MOST_TROUBLES)
		return add(moments, kind, ev);
	moment = more(moments, ev);
	if (!moment)
		return false;
	moment->gaps += kind == TL_MOMENT_LOSSY;
	moment->troubles += kind == TL_MOMENT_TROUBLE;
	return true;
}

static bool see(struct tl_moments *moments, const struct tl_report *report,
		const struct tl_event *ev, size_t *segments)
{
	switch (ev->kind) {
	case TL_EVENT_STEP:
		return !is_shown(report->film, ev) || see_step(moments, ev);
	case TL_EVENT_SEGMENT:
		return see_segment(moments, &moments->story.frames[(*segments)++]);
	case TL_EVENT_LETGO:
		return see_letgo(moments, ev);
	case TL_EVENT_SNAPSHOT:
		return !is_settled(report->verdict, ev) || see_look(moments, ev);
	case TL_EVENT_LOSSY:
		return see_trouble(moments, TL_MOMENT_LOSSY, ev);
	case TL_EVENT_MISSED:
	case TL_EVENT_FAULT:
		return see_trouble(moments, TL_MOMENT_TROUBLE, ev);
	case TL_EVENT_RUN:
	case TL_EVENT_PHASE:
	case TL_EVENT_DONE:
	case TL_EVENT_ACTOR:
	case TL_EVENT_PUSHED:
	case TL_EVENT_OUTPUT:
	case TL_EVENT_WIRE:
	case TL_EVENT_WITNESS:
	case TL_EVENT_COUNTERS:
	case TL_EVENT_END:
		break;
	}
	return true;
}

int tl_moments_socket(const struct tl_moments *moments, const struct tl_event *ev,
		      uint64_t cookie)
{
	const struct tl_socket *socket = tl_film_socket(moments->story.film, ev, cookie);

	return socket ? (int)(socket - moments->sockets) : -1;
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
