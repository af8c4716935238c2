/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A segment shows both ends while it is in flight: the sender has sent it, the receiver does
 * not know about it yet. What the sender was before is what was seen of it last; what becomes
 * of the receiver is what is seen of it next. Each of these sightings is a place in a life,
 * which the judge has told (hop_at).
 *
 * A look whose table lacks an end, and a segment that finds no socket there, show that there
 * is none. A listener is the end of nobody in particular, and never changes.
 */
#include "passage.h"

#include "../words.h"

/* What is seen of an end: a place in a life; without one, that there is no socket. */
struct view {
	bool seen;
	const struct tl_life *life;
	size_t hop;
};

/* A pair of addresses, from one end. */
struct end {
	const struct tl_report *report;
	const struct tl_endpoint *local, *remote;
};

static struct view place(const struct end *end, const struct tl_sighting *s)
{
	const struct tl_verdict *verdict = end->report->verdict;

	return (struct view){ true, &verdict->lives[s->socket],
			      verdict->hop_at[s - end->report->film->sightings] };
}

/*
 * Does a segment show no socket at this end? The row of a listener is not the end's own, and
 * of what was absorbed no row was looked up.
 */
static bool lacks(const struct end *end, const struct tl_shot *shot)
{
	int at = !tl_endpoint_equal(&shot->ev->segment.seg.from, end->local);
	enum tl_state state = shot->ev->segment.ends[at].sock.state;

	return state == TL_LISTEN || (!state && shot->ev->segment.fate != TL_FATE_ABSORBED);
}

/* Was there no socket, at a look or a segment from @from to @to, neither of which shows it? */
static bool was_gone(const struct end *end, const struct tl_event *from,
		     const struct tl_event *to)
{
	const struct tl_film *film = end->report->film;
	int snap = tl_film_next(film, from - 1);

	if (from > to)
		return false;
	if (snap < film->n_snaps && film->snaps[snap] <= to)
		return true;
	for (int back = 0; back < 2; back++) {
		size_t n;
		const struct tl_shot **sent =
			tl_film_sent(film, back ? end->remote : end->local,
				     back ? end->local : end->remote, from, to, &n);

		for (size_t i = 0; i < n; i++)
			if (lacks(end, sent[i]))
				return true;
	}
	return false;
}

static struct view seen_until(const struct end *end, const struct tl_event *ev)
{
	size_t n;
	const struct tl_event *first = end->report->trace->events;
	const struct tl_sighting **s =
		tl_film_pair(end->report->film, end->local, end->remote, first, ev, &n);

	if (!n || was_gone(end, s[n - 1]->ev + 1, ev))
		return (struct view){ .seen = true };
	return place(end, s[n - 1]);
}

static struct view seen_after(const struct end *end, const struct tl_event *ev)
{
	size_t n;
	const struct tl_trace *trace = end->report->trace;
	const struct tl_event *last = trace->events + trace->n - 1;
	const struct tl_sighting **s =
		tl_film_pair(end->report->film, end->local, end->remote, ev + 1, last, &n);

	if (was_gone(end, ev + 1, n ? s[0]->ev - 1 : last))
		return (struct view){ .seen = true };
	return n ? place(end, s[0]) : (struct view){ 0 };
}

/* A life that is over. Where the run ends before it does, it goes on unseen. */
static size_t last_hop(const struct tl_life *life, size_t hop)
{
	enum tl_state state = life->hops[life->n_hops - 1].state;

	return state == TL_CLOSE || state == TL_LISTEN ? life->n_hops - 1 : hop;
}

static void go(struct tl_passage_end *end, const struct view *was, const struct view *is)
{
	if (was->life && was->life == is->life) {
		end->was = (struct tl_leg){ was->life, was->hop, is->hop };
		return;
	}
	if (was->life)
		end->was = (struct tl_leg){ was->life, was->hop,
					    is->seen ? last_hop(was->life, was->hop) : was->hop };
	if (is->life)
		end->is = (struct tl_leg){ is->life, 0, is->hop };
}

/* Looked up too late: it was where what it sent says. Return: false: that is nowhere told. */
static bool was_there(const struct view *was, enum tl_state state, struct view *is)
{
	if (!was->life)
		return false;
	for (size_t i = was->hop; i < was->life->n_hops; i++)
		if (was->life->hops[i].state == state) {
			*is = (struct view){ true, was->life, i };
			return true;
		}
	return false;
}

static void send(const struct end *end, const struct tl_shot *shot, struct tl_passage_end *sender)
{
	struct view was = seen_until(end, shot->ev - 1), is = seen_until(end, shot->ev);

	sender->listens = shot->ends[0] == TL_LISTEN;
	if (sender->listens && shot->ev->segment.seg.flags & TL_FLAG_RST)
		return; /* whatever socket of these ends there was */
	if (!is.life && shot->ends[0] && shot->ends[0] != TL_LISTEN)
		sender->unknown = !was_there(&was, shot->ends[0], &is);
	if (sender->unknown)
		is = was;
	go(sender, &was, &is);
}

/*
 * What is seen next may have another cause than the segment that arrives: what came before it,
 * whose effect had not been seen, and what has come since.
 */
static void leave_others(struct tl_leg *leg, const struct tl_event *went,
			 const struct tl_event *reset)
{
	const struct tl_hop *hops = leg->life ? leg->life->hops : NULL;
	size_t to = leg->from;

	while (to < leg->to && hops[to + 1].cause && hops[to + 1].cause < went)
		leg->from = ++to;
	while (to < leg->to && (!hops[to + 1].cause || hops[to + 1].cause == went ||
				hops[to + 1].cause == reset))
		to++;
	leg->to = to;
}

static void receive(const struct end *end, const struct tl_shot *shot,
		    struct tl_passage_end *receiver)
{
	const struct tl_event *went = tl_shot_went(shot);
	struct view was = seen_until(end, went), is = seen_after(end, went);

	receiver->unseen = !is.seen;
	go(receiver, &was, &is);
	leave_others(&receiver->was, went, tl_report_reset(end->report, shot));
}

struct tl_passage tl_passage(const struct tl_report *report, const struct tl_shot *shot)
{
	const struct tl_segment *s = &shot->ev->segment.seg;
	struct end sender = { report, &s->from, &s->to }, receiver = { report, &s->to, &s->from };
	const struct tl_event *went = tl_shot_went(shot);
	struct tl_passage passage = { .arrives = went };

	send(&sender, shot, &passage.ends[0]);
	passage.ends[0].listens |= (s->flags & TL_FLAG_SYN) && (s->flags & TL_FLAG_ACK);
	passage.ends[1].listens = tl_shot_reached(shot) == TL_LISTEN;
	if (went) {
		receive(&receiver, shot, &passage.ends[1]);
	} else {
		struct view is = seen_until(&receiver, shot->ev);

		go(&passage.ends[1], &is, &is);
	}
	return passage;
}
