/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Peers do what the steps say and nothing else. Where no program and no Redis takes part, what
 * has been sent, shut down and ended by a step is known before anything runs: a receive to
 * which nobody has sent, a FIN that is awaited and that nobody sends, the end of a peer that
 * nobody ends, would wait until the deadline. To whom somebody sent is not looked into: where
 * all that the others have sent, to anybody, is too little for a receive, it waits for certain.
 * A step that expects an error is left alone, and so are all where a descriptor was passed on
 * or inherited.
 */
#include "papers.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define UNKNOWN UINT64_MAX

/* What an actor has done by a step. */
struct deeds {
	uint64_t sent;  /* bytes, UNKNOWN for as many as fit */
	uint64_t read;  /* at least */
	bool connected; /* it has sent a SYN */
	bool closed;    /* a direction, or a socket, or itself */
	bool aborted;   /* a socket: a RST, and no FIN */
	bool sent_to_itself;
	bool signalled;
};

struct answers {
	struct deeds *v;             /* one for each actor */
	const struct tl_step **past; /* the steps gone through */
	size_t n_past;
	bool blind;                  /* others take part, or descriptors go from hand to hand */
};

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a > UNKNOWN - b ? UNKNOWN : a + b;
}

/* With a local port from a range a socket may meet itself where nobody listens. */
static bool may_meet_itself(const struct tl_plan *plan, const struct tl_step *step)
{
	const struct tl_call *call = &step->call;

	return call->to < 0 || call->to == step->actor || !call->wait || call->expect ||
	       plan->actors[call->to].kind != TL_ACTOR_KIND_PEER;
}

static void note_call(const struct tl_plan *plan, struct deeds *d, const struct tl_step *step)
{
	const struct tl_call *call = &step->call;

	switch (tl_verbs[step->verb].does) {
	case TL_DOES_CONNECTS:
		d->connected = true;
		d->sent_to_itself |= may_meet_itself(plan, step);
		break;
	case TL_DOES_SHUTS:
	case TL_DOES_CLOSES:
		d->closed = true;
		break;
	case TL_DOES_ABORTS:
		d->aborted = true;
		break;
	case TL_DOES_NOTHING:
	case TL_DOES_LISTENS:
	case TL_DOES_ACCEPTS:
		break;
	}
	if (step->verb == TL_VERB_SEND || step->verb == TL_VERB_CONNECT)
		d->sent = call->full ? UNKNOWN :
				       sum(d->sent, call->bytes + call->text_len +
							    (call->line ? 2 : 0));
	if (step->verb == TL_VERB_RECEIVE && call->wait && !call->later && !call->expect)
		d->read = sum(d->read, call->receive == TL_RECEIVE_EXACT ? call->bytes : 0);
}

static void note(struct scn_reader *r, struct answers *a, const struct tl_step *step)
{
	a->blind |= step->verb == TL_VERB_GIVE || step->verb == TL_VERB_FORK ||
		    step->verb == TL_VERB_DUP || step->verb == TL_VERB_DESTROY;
	if (step->actor < 0)
		return;
	a->blind |= r->plan->actors[step->actor].kind != TL_ACTOR_KIND_PEER;
	a->v[step->actor].signalled |= step->verb == TL_VERB_SIGNAL;
	note_call(r->plan, &a->v[step->actor], step);
}

/* What others than @actor have sent it at most, and whether one of them has ended anything. */
static uint64_t sent_by_others(const struct scn_reader *r, const struct answers *a, int actor,
			       bool *ended)
{
	uint64_t bytes = 0;

	*ended = false;
	for (size_t i = 0; i < r->plan->n_actors; i++) {
		const struct deeds *d = &a->v[i];

		if ((int)i == actor)
			continue;
		bytes = sum(bytes, d->sent);
		*ended |= d->closed || d->aborted;
	}
	return bytes;
}

/* The last step that shut a direction of the socket that @step is about; NULL for none. */
static const struct tl_step *shut_by(const struct answers *a, const struct tl_step *step, int how)
{
	for (size_t i = a->n_past; i-- > 0;) {
		const struct tl_step *it = a->past[i];

		if (it->actor != step->actor || !tl_verb_is_of_peer(it->verb) || !it->call.on ||
		    !step->call.on || strcmp(it->call.on, step->call.on))
			continue;
		if (tl_verb_does(it->verb, TL_DOES_OPEN))
			return NULL;
		if (it->verb == TL_VERB_SHUTDOWN && !it->call.expect &&
		    (it->call.how == how || it->call.how == SHUT_RDWR))
			return it;
	}
	return NULL;
}

static void foresee_receive(struct scn_reader *r, const struct answers *a,
			    const struct tl_step *step)
{
	const struct tl_call *call = &step->call;
	const struct deeds *own = &a->v[step->actor];
	bool exact = step->verb == TL_VERB_RECEIVE && call->receive == TL_RECEIVE_EXACT, ended;
	uint64_t sent = sent_by_others(r, a, step->actor, &ended);
	uint64_t left = sent == UNKNOWN ? sent : sent > own->read ? sent - own->read : 0;
	const char *who = r->plan->actors[step->actor].name;

	if (own->sent_to_itself || shut_by(a, step, SHUT_RD))
		return;
	if (call->receive == TL_RECEIVE_END && step->verb == TL_VERB_RECEIVE && !ended)
		scn_mistake(r, scn_step_place(r, step),
			    "nobody has closed or shut down a direction by now, so no end of file "
			    "comes to %s: \"shutdown\" or \"close\" of its other end must come "
			    "first",
			    who);
	else if (call->receive != TL_RECEIVE_END && !sent && !ended)
		scn_mistake(r, scn_step_place(r, step),
			    "nobody has sent anything to %s by now: \"send\" of its other end must "
			    "come first, or this must have \"wait: no, expect: EAGAIN\"",
			    who);
	else if (exact && left < call->bytes && !ended)
		scn_mistake(r, scn_step_place(r, step),
			    "%llu byte%s at most can have come to %s by now, not %llu: \"send\" of "
			    "its other end must come first",
			    (unsigned long long)left, left == 1 ? "" : "s", who,
			    (unsigned long long)call->bytes);
}

static void foresee_send(struct scn_reader *r, const struct answers *a,
			 const struct tl_step *step)
{
	const struct tl_step *shut = shut_by(a, step, SHUT_WR);

	if (shut)
		scn_mistake(r, scn_step_place(r, step),
			    "line %d has shut this direction down: leave the send out, or say "
			    "\"expect: EPIPE\"",
			    shut->where.line);
}

static void foresee_exits(struct scn_reader *r, const struct answers *a,
			  const struct tl_step *step)
{
	const struct tl_actor_spec *spec = &r->plan->actors[step->actor];

	if (spec->kind == TL_ACTOR_KIND_PEER && !a->v[step->actor].signalled)
		scn_mistake(r, scn_step_place(r, step),
			    "%s is a peer, which never ends by itself: write \"stop: %s\"",
			    spec->name, spec->name);
}

/* Which call sends a segment of this kind; NULL: it may come without any. */
static const char *call_for(enum tl_segment_kind kind, const struct deeds *d)
{
	if (kind == TL_SEGMENT_SYN)
		return d->connected ? NULL : "connect";
	if (kind == TL_SEGMENT_DATA)
		return d->sent ? NULL : "send";
	if (kind == TL_SEGMENT_FIN || kind == TL_SEGMENT_FIN_ACK)
		return d->closed ? NULL : "close";
	return NULL;
}

/* A SYN+ACK answers a SYN. */
static bool anybody_connected(const struct scn_reader *r, const struct answers *a)
{
	for (size_t i = 0; i < r->plan->n_actors; i++)
		if (a->v[i].connected)
			return true;
	return false;
}

static void foresee_await(struct scn_reader *r, const struct answers *a,
			  const struct tl_step *step)
{
	int from = step->select.from;
	bool peer = from >= 0 && r->plan->actors[from].kind == TL_ACTOR_KIND_PEER;
	const char *call = !peer ? NULL : call_for(step->select.kind, &a->v[from]);

	if (peer && step->select.kind == TL_SEGMENT_SYN_ACK && !anybody_connected(r, a))
		scn_mistake(r, scn_step_place(r, step),
			    "nobody has sent a SYN by now, which a SYN+ACK answers: a \"connect\" "
			    "must come first");
	else if (call)
		scn_mistake(r, scn_step_place(r, step),
			    "%s has sent none by now: \"%s\" of %s must come first",
			    r->plan->actors[from].name, call, r->plan->actors[from].name);
}

static void foresee(struct scn_reader *r, const struct answers *a, const struct tl_step *step)
{
	bool answers = step->call.wait && !step->call.later && !step->call.expect;

	if (step->verb == TL_VERB_EXITS)
		foresee_exits(r, a, step);
	if (a->blind)
		return;
	if (step->verb == TL_VERB_AWAIT)
		foresee_await(r, a, step);
	if (step->verb == TL_VERB_SEND && !step->call.expect)
		foresee_send(r, a, step);
	if (step->verb == TL_VERB_RECEIVE && answers)
		foresee_receive(r, a, step);
	if (step->verb == TL_VERB_ANSWERED && step->call.of == TL_VERB_RECEIVE &&
	    !step->call.expect && !shut_by(a, step, SHUT_RD))
		foresee_receive(r, a, step);
}

void scn_check_answers(struct scn_reader *r)
{
	const struct tl_plan *plan = r->plan;
	struct answers a = {
		.v = scn_calloc(r, plan->n_actors, sizeof(*a.v)),
		.past = scn_calloc(r, tl_plan_count_steps(plan), sizeof(*a.past)),
	};
	struct tl_step_at at = { 0 };
	const struct tl_step *step;

	/* one that could not be read may have been what others wait for */
	while (a.v && a.past && (step = tl_plan_next_step(plan, &at)) && step->text) {
		foresee(r, &a, step);
		note(r, &a, step);
		a.past[a.n_past++] = step;
	}
	free(a.past);
	free(a.v);
}
