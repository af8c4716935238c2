/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A segment shows both ends while it is in flight: the sender has sent it, the receiver knows
 * nothing of it yet. What the sender was before is what was seen of it last; what becomes of
 * the receiver is what is seen of it next, so a segment that has arrived waits for that. What
 * a socket went through from one sighting to the next is for the judge to say: each sighting
 * is a place in a life.
 *
 * The table of a look shows of an end that it lacks that there is no socket. A listener is
 * the end of nobody in particular, and never changes.
 */
#include "passage.h"

#include <errno.h>
#include <stdlib.h>

#include "tcplab/grow.h"

/* What is known of the socket at @local towards @remote. */
struct end {
	struct tl_endpoint local, remote;
	struct tl_leg at;     /* no way, but a place: @from and @to are the same */
	size_t waiting;       /* the last frame to arrive since, counted from 1; 0: none */
};

struct reader {
	const struct tl_report *report;
	const struct tl_story *story;
	struct tl_passage *passages;
	size_t *before;       /* of each frame: the one that waits before it; 0: none */
	struct end *ends;
	size_t n_ends;
	bool failed;
};

/* NULL: there is no memory for one more. */
static struct end *end_of(struct reader *r, const struct tl_endpoint *local,
			  const struct tl_endpoint *remote)
{
	for (size_t i = r->n_ends; i-- > 0;)
		if (tl_endpoint_equal(&r->ends[i].local, local) &&
		    tl_endpoint_equal(&r->ends[i].remote, remote))
			return &r->ends[i];
	if (!TL_GROW(r->ends, r->n_ends)) {
		r->failed = true;
		return NULL;
	}
	r->ends[r->n_ends] = (struct end){ .local = *local, .remote = *remote };
	return &r->ends[r->n_ends++];
}

static const struct tl_life *life_of(const struct tl_report *report, uint64_t cookie)
{
	for (size_t i = 0; i < report->verdict->n_lives; i++)
		if (report->verdict->lives[i].cookie == cookie)
			return &report->verdict->lives[i];
	return NULL;
}

/* Where in @life, from @hop on, the socket is in @state; @hop if that is nowhere. */
static size_t walk(const struct tl_life *life, size_t hop, enum tl_state state)
{
	for (size_t i = hop; i < life->n_hops; i++)
		if (life->hops[i].state == state)
			return i;
	return hop;
}

/* A life that is over. Where the run ends before it does, it goes on unseen. */
static size_t last_hop(const struct tl_life *life, size_t hop)
{
	enum tl_state state = life->hops[life->n_hops - 1].state;

	return state == TL_CLOSE || state == TL_LISTEN ? life->n_hops - 1 : hop;
}

/* From where an end was to @state of @life, the life of the socket that it has now, if any. */
static void go_on(struct tl_leg *was, struct tl_leg *is, const struct tl_life *life,
		  enum tl_state state)
{
	if (was->life && was->life == life) {
		was->to = walk(life, was->from, state);
		return;
	}
	if (was->life)
		was->to = last_hop(was->life, was->from);
	if (life)
		*is = (struct tl_leg){ life, 0, walk(life, 0, state) };
}

/* An end as it is seen now. @sock: NULL: without a socket; @sender: gets its way here */
static void sight(struct reader *r, struct end *end, const struct tl_sock *sock,
		  struct tl_passage_end *sender)
{
	const struct tl_life *life = sock ? life_of(r->report, sock->cookie) : NULL;
	enum tl_state state = sock ? sock->state : 0;
	struct tl_leg was = end->at, is = { 0 };

	go_on(&was, &is, life, state);
	if (sender)
		*sender = (struct tl_passage_end){ .was = was, .is = is };
	for (size_t i = end->waiting; i; i = r->before[i - 1]) {
		struct tl_passage_end *receiver = &r->passages[i - 1].ends[1];

		go_on(&receiver->was, &receiver->is, life, state);
		receiver->unseen = false;
	}
	end->waiting = 0;
	end->at = !life ? is : is.life ? (struct tl_leg){ life, is.to, is.to } :
					 (struct tl_leg){ life, was.to, was.to };
}

static const struct tl_sock *socket_of(const struct tl_row *row)
{
	return row->sock.state && row->sock.state != TL_LISTEN ? &row->sock : NULL;
}

static void sight_table(struct reader *r, const struct tl_event *ev)
{
	for (size_t i = 0; i < r->n_ends; i++) {
		const struct tl_sock *found = NULL;

		for (size_t k = 0; k < ev->snapshot.n && !found; k++) {
			const struct tl_sock *s = &ev->snapshot.rows[k].sock;

			if (tl_endpoint_equal(&s->local, &r->ends[i].local) &&
			    tl_endpoint_equal(&s->remote, &r->ends[i].remote))
				found = s;
		}
		sight(r, &r->ends[i], found, NULL);
	}
}

/* It has come to the receiver, of whom is known what was seen last. */
static void arrive(struct reader *r, size_t frame)
{
	const struct tl_segment *s = &r->story->frames[frame].ev->segment.seg;
	struct tl_passage *passage = &r->passages[frame];
	struct end *receiver = end_of(r, &s->to, &s->from);

	passage->arrives = true;
	if (!receiver)
		return;
	passage->ends[1].was = receiver->at;
	passage->ends[1].unseen = true;
	r->before[frame] = receiver->waiting;
	receiver->waiting = frame + 1;
}

static void see_segment(struct reader *r, size_t frame, const struct tl_event *ev)
{
	const struct tl_segment *s = &ev->segment.seg;
	struct tl_passage_end *ends = r->passages[frame].ends;
	struct end *sender = end_of(r, &s->from, &s->to), *receiver;

	if (sender)
		sight(r, sender, socket_of(&ev->segment.ends[0]), &ends[0]);
	receiver = end_of(r, &s->to, &s->from);
	if (!receiver)
		return;
	if (receiver != sender)
		sight(r, receiver, socket_of(&ev->segment.ends[1]), NULL);
	ends[0].listens = (s->flags & TL_FLAG_SYN) && (s->flags & TL_FLAG_ACK);
	ends[1].listens = ev->segment.ends[1].sock.state == TL_LISTEN;
	ends[1].was = receiver->at;
	if (ev->segment.fate == TL_FATE_PASSED)
		arrive(r, frame);
}

static void see_letgo(struct reader *r, const struct tl_event *ev)
{
	const struct tl_shot *shot = tl_film_letgo(r->story->film, ev);

	if (shot && !ev->letgo.dropped)
		arrive(r, shot - r->story->film->shots);
}

int tl_passages(struct tl_passage **passages, const struct tl_story *story,
		const struct tl_report *report, struct tl_err *err)
{
	struct reader r = { .report = report, .story = story };
	size_t frame = 0;

	r.passages = calloc(story->n_frames + 1, sizeof(*r.passages));
	r.before = calloc(story->n_frames + 1, sizeof(*r.before));
	r.failed = !r.passages || !r.before;
	for (size_t i = 0; i < report->trace->n && !r.failed; i++) {
		const struct tl_event *ev = &report->trace->events[i];

		if (ev->kind == TL_EVENT_SEGMENT)
			see_segment(&r, frame++, ev);
		else if (ev->kind == TL_EVENT_LETGO)
			see_letgo(&r, ev);
		else if (ev->kind == TL_EVENT_SNAPSHOT)
			sight_table(&r, ev);
	}
	free(r.before);
	free(r.ends);
	if (!r.failed) {
		*passages = r.passages;
		return 0;
	}
	free(r.passages);
	return tl_err_set(err, ENOMEM, "no memory for the report");
}
