/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcplab step --predict: which state will a segment lead to? The reader says so first.
 *
 * What is right is what the forecast says, which tests hold against what happens; once the
 * segment has gone the table is looked at, and a question whose forecast did not come true
 * does not count. What the forecast does not know is not asked.
 */
#include "step.h"

#include <stdlib.h>
#include <string.h>

#include "tcplab/lexicon.h"
#include "tcplab/text.h"

/* By the numbers that may be typed instead, in the order of Figure 5. */
static const enum tl_state listed[] = {
	TL_CLOSE,      TL_LISTEN,    TL_SYN_SENT, TL_SYN_RECV, TL_ESTABLISHED, TL_FIN_WAIT1,
	TL_CLOSE_WAIT, TL_FIN_WAIT2, TL_CLOSING,  TL_LAST_ACK, TL_TIME_WAIT,
};

#define N_LISTED ((int)(sizeof(listed) / sizeof(listed[0])))

/* Where it leads, by the forecast. */
static enum tl_state leads_to(const struct question *q)
{
	return q->forecast.kind == TL_FORECAST_GOES ? q->forecast.to :
						      q->ev.segment.ends[1].sock.state;
}

/* A segment that leaves an open connection or a listener as it is needs no question. */
bool predict_asks(const struct stepper *s, const struct question *q)
{
	enum tl_state there = q->ev.segment.ends[1].sock.state;

	if (!s->guess.on)
		return false;
	return q->forecast.kind == TL_FORECAST_GOES ||
	       (q->forecast.kind == TL_FORECAST_STAYS && there && there != TL_ESTABLISHED &&
		there != TL_LISTEN);
}

void tell_riddle(struct stepper *s, const struct question *q)
{
	struct tl_buf list = { 0 };

	s->guess.open = true;
	for (int i = 0; i < N_LISTED; i++)
		tl_buf_fmt(&list, "%s%d=%s", i ? " " : "", i + 1, tl_state_figure(listed[i]));
	lab_wrap(&s->out, s->style.width, 0,
		 "Which state will %s's %ssocket be in if it arrives now?",
		 tl_plan_actor_name(s->plan, q->ev.segment.to),
		 q->ev.segment.ends[1].sock.state == TL_LISTEN ? "new " : "");
	tl_text_wrap(&s->out, tl_buf_text(&list), s->style.width, 2);
	tl_buf_release(&list);
}

/* A state in any spelling that explain takes, or its number; 0: neither. */
static enum tl_state state_of(const char *text)
{
	const struct tl_entry *entry;
	char *end;
	long number = strtol(text, &end, 10);

	if (*text && !*end)
		return number >= 1 && number <= N_LISTED ? listed[number - 1] : 0;
	entry = tl_lexicon_find(text);
	return entry && entry->topic == TL_TOPIC_STATE ? entry->state : 0;
}

static void say_score(struct stepper *s)
{
	tl_buf_fmt(&s->out, "%zu of %zu right", s->guess.right, s->guess.all);
}

/* What makes it so, as explain says it. */
static void say_arrow(struct stepper *s, const struct tl_arc *arc)
{
	if (arc)
		lab_wrap(&s->out, lab_prose_width(&s->style), 2, "Arrow %s (RFC 9293 %s): %s",
			 arc->id, arc->section, arc->how);
}

void predict_reveal(struct stepper *s, const struct question *q)
{
	s->guess.open = false;
	tell_forecast(s, q);
	say_arrow(s, q->forecast.arc);
}

bool predict_take(struct stepper *s, const char *text)
{
	const struct question *q = s->questions;
	enum tl_state said;

	if (!is_asked(s) || !s->guess.open)
		return false;
	said = state_of(text);
	if (!said)
		return false;
	s->guess.was_right = said == leads_to(q);
	s->guess.right += s->guess.was_right;
	s->guess.all++;
	s->guess.counts = true;
	tl_buf_fmt(&s->out, s->guess.was_right ? "Right: %s.\n" : "Not %s.\n",
		   tl_state_figure(said));
	predict_reveal(s, q);
	say_score(s);
	tl_buf_str(&s->out, s->guess.all == 1 ? ". An empty line lets the segment go.\n" : ".\n");
	s->last = 's';
	return true;
}

void predict_let_go(struct stepper *s, bool lost)
{
	const struct question *q = s->questions;

	if (s->guess.open && !lost)
		predict_reveal(s, q);
	s->guess.open = false;
	s->guess.id = s->guess.counts && !lost ? q->ev.segment.id : 0;
	s->guess.counts = false;
	s->guess.local = q->ev.segment.seg.to;
	s->guess.remote = q->ev.segment.seg.from;
	s->guess.to = leads_to(q);
	s->guess.actor = q->ev.segment.to;
}

void predict_arrived(struct stepper *s, int id)
{
	s->guess.arrived |= id && id == s->guess.id;
}

/* Has its program gone on from there, by a call? */
static bool goes_on(enum tl_state from, enum tl_state to)
{
	const struct tl_arc *arcs;
	size_t n;

	arcs = tl_arcs(&n);
	for (size_t i = 0; i < n; i++)
		if (arcs[i].from == from && arcs[i].to == to && arcs[i].cause == TL_BY_PROGRAM)
			return true;
	return false;
}

void predict_look(struct stepper *s, const struct tl_event *ev)
{
	enum tl_state seen = TL_CLOSE;
	const char *who = tl_plan_actor_name(s->plan, s->guess.actor);

	if (!s->guess.arrived)
		return;
	s->guess.arrived = false;
	s->guess.id = 0;
	for (size_t i = 0; i < ev->snapshot.n; i++)
		if (tl_endpoint_equal(&ev->snapshot.rows[i].sock.local, &s->guess.local) &&
		    tl_endpoint_equal(&ev->snapshot.rows[i].sock.remote, &s->guess.remote))
			seen = ev->snapshot.rows[i].sock.state;
	if (seen == s->guess.to) {
		tl_buf_fmt(&s->out, "   As foreseen: %s is in %s.\n", who, tl_state_figure(seen));
	} else if (goes_on(s->guess.to, seen)) {
		tl_buf_fmt(&s->out, "   As foreseen; since then %s has gone on to %s.\n", who,
			   tl_state_figure(seen));
	} else {
		tl_buf_fmt(&s->out, "   Not as foreseen: %s is in %s. This question does not count.\n",
			   who, tl_state_figure(seen));
		s->guess.all--;
		s->guess.right -= s->guess.was_right;
	}
}

void predict_end(struct stepper *s)
{
	if (!s->guess.all)
		return;
	tl_buf_str(&s->out, "\nYour predictions: ");
	say_score(s);
	tl_buf_str(&s->out, ".\n");
}
