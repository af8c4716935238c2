/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The states that the two ends of a line are told to be in, and which of them are news. */
#include "story_parts.h"

/* What a look says about one end; a listener stands for it only while it did before. */
static enum tl_state in_table(const struct tl_film *film, int snap,
			      const struct tl_endpoint *local,
			      const struct tl_endpoint *remote, enum tl_state was)
{
	const struct tl_event *look = film->snaps[snap];
	size_t n;
	const struct tl_sighting **row = tl_film_pair(film, local, remote, look, look, &n);

	if (n)
		return row[0]->row->sock.state;
	return was == TL_LISTEN && tl_film_listened(film, snap, snap, local) ? TL_LISTEN : 0;
}

/* The state an end was last seen in before @ev: in a look, or at an end of @shot or before. */
static enum tl_state last_seen(const struct tl_film *film, const struct tl_event *ev,
			       const struct tl_shot *shot, const struct tl_endpoint *local,
			       const struct tl_endpoint *remote, enum tl_state was)
{
	int snap = tl_film_next(film, ev - 1) - 1;

	while (shot && shot->ev >= ev)
		shot = shot->before;
	if (snap >= 0 && (!shot || film->snaps[snap] > shot->ev))
		return in_table(film, snap, local, remote, was);
	if (!shot)
		return 0;
	return shot->ends[!tl_endpoint_equal(&shot->ev->segment.seg.from, local)];
}

/* The line before @line in its phase that shows states; NULL for none. */
static const struct tl_line *line_before(const struct tl_conn *conn, const struct tl_line *line)
{
	for (size_t i = line - conn->lines; i > 0 && conn->lines[i - 1].phase == line->phase; i--)
		if (conn->lines[i - 1].kind != TL_LINE_CHATTER)
			return &conn->lines[i - 1];
	return NULL;
}

void story_turns(struct tl_line *line, const struct tl_conn *conn, const struct reel *reel)
{
	const struct tl_line *before = line_before(conn, line);

	for (int i = 0; i < 2; i++) {
		enum tl_state was = before ? before->states[i] :
				    last_seen(reel->story->film,
					      reel->trace->events + reel->phase_at,
					      reel->story->frames[line->frame].shot,
					      &conn->ends[i], &conn->ends[!i],
					      line->states[i]);

		line->turned[i] = line->states[i] != was;
	}
}

/* The last segment between the same ends that came before a held one of them was let go. */
static const struct tl_shot *last_before(const struct tl_film *film, const struct tl_shot *shot)
{
	const struct tl_segment *s = &shot->ev->segment.seg;
	const struct tl_shot *last = shot;

	for (int back = 0; back < 2; back++) {
		size_t n;
		const struct tl_shot **sent =
			tl_film_sent(film, back ? &s->to : &s->from, back ? &s->from : &s->to,
				     shot->ev, shot->letgo, &n);

		if (n && sent[n - 1] > last)
			last = sent[n - 1];
	}
	return last;
}

bool story_is_old(const struct tl_story *story, const struct tl_frame *frame)
{
	const struct tl_shot *last = last_before(story->film, frame->shot);

	while (last != frame->shot && tl_story_frame(story, last)->absorbed)
		last = last->before;
	return tl_story_frame(story, last)->conn != frame->conn;
}

enum tl_state story_let_go_in(const struct reel *reel, const struct tl_shot *shot, int end,
			      enum tl_state was)
{
	const struct tl_segment *s = &shot->ev->segment.seg;
	enum tl_state now = shot->letgo->letgo.ends[end].sock.state;

	if (shot->letgo->letgo.looked && (now || was != TL_LISTEN))
		return now;
	return last_seen(reel->story->film, shot->letgo,
			 last_before(reel->story->film, shot), end ? &s->to : &s->from,
			 end ? &s->from : &s->to, was);
}
