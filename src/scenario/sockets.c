/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A peer opens and closes what its steps tell it and nothing else, so which sockets it has
 * at each step is known beforehand: the steps are gone through on paper. A call on a
 * socket that is not there is a mistake; one that does not say which is made on the only
 * connection there is, and the plan gets its name. So does a connect to a peer get the
 * port that the other listens on.
 *
 * A step that expects an error opens nothing. A connect that was only begun has its socket
 * from then on. A step that could not be read, or of such an actor, may have opened anything:
 * there it ends.
 */
#include "papers.h"
#include "call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void walk_listen(struct scn_reader *r, struct tl_step *step, struct papers *all)
{
	const struct tl_actor_spec *spec = &r->plan->actors[step->actor];
	struct tl_call *call = &step->call;
	uint16_t port = call->port ? call->port : spec->port;
	struct tl_err unused;
	char text[TL_ENDPOINT_TEXT + 8];

	if (!port)
		scn_mistake(r, scn_step_place(r, step),
			    "%s has no port of its own: say on which it listens, with \"port\"",
			    spec->name);
	if (!call->at.family) {
		snprintf(text, sizeof(text), "%s:0", spec->bind);
		tl_endpoint_parse(text, &call->at, &unused);
	}
	call->at.port = port;
	scn_foresee_listen(r, step, all);
	scn_paper_open(r, step, all);
}

/* Where a connect leads to, from what is known of the actor it is to. */
static void find_remote(struct scn_reader *r, struct tl_step *step, const struct papers *all)
{
	struct tl_call *call = &step->call;
	const struct tl_actor_spec *to = &r->plan->actors[call->to];
	uint16_t port = call->port ? call->port : to->port;
	const struct paper *listener;
	size_t n;

	listener = scn_paper_goal(all, call->to, port, &n);
	if (!port && n != 1) {
		scn_mistake(r, scn_step_place(r, step),
			    n ? "%s listens on several ports at this point: say which, with "
				"\"port\"" :
				"%s does not listen at this point: say to which port, with "
				"\"port\"",
			    to->name);
		return;
	}
	call->at = listener ? tl_endpoint_reach(&listener->at) :
			      tl_plan_reach(r->plan, call->to);
	call->at.port = listener ? listener->at.port : port;
	scn_call_from_where(call);
	if (call->from.family && call->from.family != call->at.family)
		scn_mistake(r, scn_step_place(r, step),
			    "IPv4 and IPv6 do not meet: \"from\" is one of them, and %s has "
			    "the other",
			    to->name);
}

static void walk_connect(struct scn_reader *r, struct tl_step *step, struct papers *all)
{
	size_t before = scn_trouble(r);

	if (step->call.to >= 0)
		find_remote(r, step, all);
	if (scn_trouble(r) == before) {
		scn_foresee_connect(r, step, all);
		scn_foresee_from(r, step, all);
	}
	all->waiting[step->call.at.port] += step->call.expect != ECONNREFUSED;
	if (step->call.opens)
		scn_paper_open(r, step, all);
	else
		scn_paper_called(r, step, all);
}

static void walk_connected(struct scn_reader *r, struct tl_step *step, struct papers *all)
{
	struct paper *paper = scn_paper_called(r, step, all);

	if (!paper)
		return;
	if (!paper->begun[TL_VERB_CONNECT])
		scn_mistake(r, scn_paper_place(r, step),
			    "the connect in line %d has already returned: \"connected\" "
			    "waits only for one with \"wait: no\"",
			    paper->line);
	scn_foresee_connected(r, step, paper);
	paper->begun[TL_VERB_CONNECT] = 0;
	paper->gone = step->call.expect;
}

/* The listener that an accept is made on; NULL after a mistake. */
static struct paper *find_accepting(struct scn_reader *r, struct tl_step *step,
				    const struct papers *all)
{
	struct tl_call *call = &step->call;
	struct paper *listener;

	if (!call->listener) {
		listener = scn_paper_only(r, step, true, all);
		if (listener)
			call->listener = scn_strndup(r, listener->name, strlen(listener->name));
		return listener;
	}
	listener = scn_paper(all, step->actor, call->listener);
	if (!listener)
		scn_paper_unknown(r, step, call->listener, scn_step_place(r, step), all);
	else if (!listener->listens)
		scn_mistake(r, scn_step_place(r, step),
			    "\"%s\" is a connection: only a listener accepts", call->listener);
	return listener && listener->listens ? listener : NULL;
}

/* A call of one kind goes on already: the next would have to wait for its end. */
static void refuse_second(struct scn_reader *r, const struct tl_step *step,
			  const struct paper *paper, enum tl_verb what)
{
	const char *name = tl_verb_name(what);

	if (paper->begun[what])
		scn_mistake(r, scn_paper_place(r, step),
			    "on \"%s\" %s %s has been going on since line %d: \"answered\" must "
			    "come first",
			    paper->name, strchr("aeiou", name[0]) ? "an" : "a", name,
			    paper->begun[what]);
}

static void take_connection(struct scn_reader *r, struct tl_step *step,
			    const struct paper *listener, struct papers *all)
{
	int *waiting = &all->waiting[listener->at.port];

	scn_foresee_accept(r, step, listener, all);
	*waiting -= !step->call.expect && *waiting > 0;
}

static void walk_accept(struct scn_reader *r, struct tl_step *step, struct papers *all)
{
	struct paper *listener = find_accepting(r, step, all);

	if (listener)
		refuse_second(r, step, listener, step->verb);
	if (!step->call.later) {
		if (listener)
			take_connection(r, step, listener, all);
		scn_paper_open(r, step, all);
		return;
	}
	scn_paper_name_new(r, step);
	step->call.opens = false; /* its answer does */
	if (listener) {
		listener->begun[step->verb] = step->where.line;
		listener->accept = &step->call;
	}
}

/* A call that neither makes nor ends a socket; it may go on while others are made. */
static void walk_other(struct scn_reader *r, struct tl_step *step, struct papers *all)
{
	struct paper *paper = scn_paper_called(r, step, all);

	if (!paper)
		return;
	refuse_second(r, step, paper, step->verb);
	if (step->call.later)
		paper->begun[step->verb] = step->where.line;
}

/* The calls that go on: of one socket where @name is not NULL, of one kind unless TL_N_VERBS. */
static struct paper *find_begun(const struct papers *all, const struct tl_step *step,
				enum tl_verb *what, size_t *n)
{
	const enum tl_verb kind = step->call.of;
	struct paper *last = NULL;

	*n = 0;
	for (size_t i = 0; i < all->n; i++) {
		struct paper *paper = &all->v[i];

		if (paper->gone || paper->actor != step->actor ||
		    (step->call.on && strcmp(paper->name, step->call.on)))
			continue;
		for (enum tl_verb verb = 0; verb < TL_N_VERBS; verb++) {
			if (!paper->begun[verb] || (kind != TL_N_VERBS && kind != verb))
				continue;
			last = paper;
			*what = verb;
			++*n;
		}
	}
	return last;
}

/* An accept's answer opens the socket that the accept names. */
static void answer_accept(struct scn_reader *r, struct tl_step *step, struct paper *listener,
			  struct papers *all)
{
	const char *name = listener->accept->on;

	free(step->call.on);
	step->call.on = name ? scn_strndup(r, name, strlen(name)) : NULL;
	step->call.listener = scn_strndup(r, listener->name, strlen(listener->name));
	step->call.opens = !step->call.expect;
	step->call.on_at.line = 0;
	take_connection(r, step, listener, all);
	scn_paper_open(r, step, all);
}

static void walk_answered(struct scn_reader *r, struct tl_step *step, struct papers *all)
{
	enum tl_verb what = TL_N_VERBS;
	size_t n;
	struct paper *paper = find_begun(all, step, &what, &n);

	if (step->call.on && !scn_paper(all, step->actor, step->call.on)) {
		scn_paper_unknown(r, step, step->call.on, scn_paper_place(r, step), all);
	} else if (n != 1) {
		scn_mistake(r, scn_paper_place(r, step),
			    n ? "several calls of %s are going on at this point: say which, "
				"with \"on\" and \"call\"" :
				"no such call of %s is going on at this point: begin it with "
				"\"wait: later\"",
			    tl_plan_actor_name(r->plan, step->actor));
	} else {
		paper->begun[what] = 0;
		step->call.of = what;
		if (tl_verbs[what].does == TL_DOES_ACCEPTS) {
			answer_accept(r, step, paper, all);
			return;
		}
		if (!step->call.on)
			step->call.on = scn_strndup(r, paper->name, strlen(paper->name));
		if (what == TL_VERB_CONNECT)
			scn_foresee_connected(r, step, paper);
		paper->gone = what == TL_VERB_CONNECT && step->call.expect;
	}
}

static void walk_close(struct scn_reader *r, struct tl_step *step, struct papers *all)
{
	struct paper *paper = scn_paper_called(r, step, all);

	if (!paper)
		return;
	for (enum tl_verb verb = 0; verb < TL_N_VERBS; verb++)
		if (tl_verbs[verb].does != TL_DOES_CONNECTS)
			refuse_second(r, step, paper, verb);
	paper->gone = true;
}

static void walk_dup(struct scn_reader *r, struct tl_step *step, struct papers *all)
{
	char *name = step->call.on;
	const struct paper *paper;

	step->call.on = step->call.listener;
	paper = scn_paper_called(r, step, all);
	step->call.listener = step->call.on;
	step->call.on = name;
	if (paper && name)
		scn_paper_share(r, step, paper, step->actor, name, all);
}

static void walk_give(struct scn_reader *r, struct tl_step *step, struct papers *all)
{
	struct tl_call *call = &step->call;
	const struct paper *paper = scn_paper_called(r, step, all);

	if (!all->runs[call->to])
		scn_mistake(r, scn_step_place(r, step),
			    "%s is not running at this point: \"start: %s\" must come first",
			    call->given_to, call->given_to);
	if (paper && !call->given_as)
		call->given_as = scn_strndup(r, paper->name, strlen(paper->name));
	if (paper && call->given_as)
		scn_paper_share(r, step, paper, call->to, call->given_as, all);
}

/* A child may hold a listener that its parent has closed: then nothing is foreseen any more. */
static void walk_fork(struct scn_reader *r, struct tl_step *step, struct papers *all)
{
	static const char name[] = "child";
	size_t n;

	if (!step->call.on)
		step->call.on = scn_strndup(r, name, strlen(name));
	if (!step->call.on)
		return;
	scn_paper_taken(r, step, step->actor,
			scn_paper_child(all, step->actor, step->call.on, &n), "child");
	all->strangers = true;
	all->v[all->n++] = (struct paper){ .actor = step->actor, .name = step->call.on,
					   .child = true, .line = step->where.line };
}

static void walk_reap(struct scn_reader *r, struct tl_step *step, struct papers *all)
{
	size_t n;
	struct paper *child = scn_paper_child(all, step->actor, step->call.on, &n);

	if (n != 1) {
		scn_mistake(r, scn_paper_place(r, step),
			    n ? "%s has several children at this point: say which, with \"child\"" :
				"%s has no such child at this point: \"fork\" makes one",
			    tl_plan_actor_name(r->plan, step->actor));
		return;
	}
	child->gone = true;
	if (!step->call.on)
		step->call.on = scn_strndup(r, child->name, strlen(child->name));
}

/* Of most calls what they do says all; these make or end something else, or by another call. */
static void (*const own_walks[TL_N_VERBS])(struct scn_reader *r, struct tl_step *step,
					   struct papers *all) = {
	[TL_VERB_CONNECTED] = walk_connected,
	[TL_VERB_ANSWERED] = walk_answered,
	[TL_VERB_DUP] = walk_dup,
	[TL_VERB_FORK] = walk_fork,
	[TL_VERB_REAP] = walk_reap,
	[TL_VERB_GIVE] = walk_give,
};

static void walk_call(struct scn_reader *r, struct tl_step *step, struct papers *all)
{
	switch (tl_verbs[step->verb].does) {
	case TL_DOES_LISTENS:
		walk_listen(r, step, all);
		break;
	case TL_DOES_CONNECTS:
		walk_connect(r, step, all);
		break;
	case TL_DOES_ACCEPTS:
		walk_accept(r, step, all);
		break;
	case TL_DOES_CLOSES:
	case TL_DOES_ABORTS:
		walk_close(r, step, all);
		break;
	case TL_DOES_NOTHING:
	case TL_DOES_SHUTS:
		walk_other(r, step, all);
		break;
	}
}

/* Who runs, and whether there is somebody among them who opens sockets unasked. */
static void note_life(const struct scn_reader *r, const struct tl_step *step, struct papers *all)
{
	const struct tl_actor_spec *spec = &r->plan->actors[step->actor];
	enum tl_makes makes = tl_verbs[step->verb].makes;

	if (makes == TL_MAKES_NOTHING || makes == TL_MAKES_FROZEN || makes == TL_MAKES_THAWED)
		return;
	all->runs[step->actor] = makes != TL_MAKES_ENDED;
	all->strangers |= spec->kind == TL_ACTOR_KIND_PROGRAM || spec->replicaof >= 0;
}

static void walk_step(struct scn_reader *r, struct tl_step *step, struct papers *all)
{
	if (step->verb == TL_VERB_COMMAND)
		all->strangers = true;
	if (step->actor >= 0)
		note_life(r, step, all);
	if (own_walks[step->verb])
		own_walks[step->verb](r, step, all);
	else if (tl_verb_is_of_peer(step->verb))
		walk_call(r, step, all);
	else if (tl_verbs[step->verb].makes == TL_MAKES_ENDED)
		for (size_t i = 0; i < all->n; i++)
			all->v[i].gone |= all->v[i].actor == step->actor;
	if (tl_verb_is_of_peer(step->verb))
		scn_foresee_v6_only(r, step);
}

void scn_check_calls(struct scn_reader *r)
{
	const struct tl_plan *plan = r->plan;
	struct papers all = { 0 };
	size_t steps = 0;

	for (size_t p = 0; p < plan->n_phases; p++)
		steps += plan->phases[p].n_steps;
	all.v = scn_calloc(r, steps, sizeof(*all.v));
	all.waiting = scn_calloc(r, UINT16_MAX + 1, sizeof(*all.waiting));
	all.runs = scn_calloc(r, plan->n_actors, sizeof(*all.runs));
	for (size_t p = 0; !r->oom && p < plan->n_phases; p++) {
		for (size_t s = 0; s < plan->phases[p].n_steps; s++) {
			struct tl_step *step = &plan->phases[p].steps[s];

			if (!step->text || (step->actor >= 0 && r->places[step->actor].unread))
				goto out;
			walk_step(r, step, &all);
		}
	}
out:
	free(all.runs);
	free(all.waiting);
	free(all.v);
}
