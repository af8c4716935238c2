/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sockets that peers have on paper: found by what a call says about them, opened, shared.
 */
#include "papers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct paper *scn_paper(const struct papers *all, int actor, const char *name)
{
	for (size_t i = 0; i < all->n; i++)
		if (!all->v[i].gone && !all->v[i].child && all->v[i].actor == actor &&
		    !strcmp(all->v[i].name, name))
			return &all->v[i];
	return NULL;
}

/* The last connection, or listener, that an actor has, and how many there are. */
static struct paper *only(const struct papers *all, int actor, bool listens, size_t *n)
{
	struct paper *last = NULL;

	*n = 0;
	for (size_t i = 0; i < all->n; i++) {
		if (all->v[i].gone || all->v[i].child || all->v[i].actor != actor ||
		    all->v[i].listens != listens)
			continue;
		last = &all->v[i];
		++*n;
	}
	return last;
}

struct scn_span scn_paper_place(const struct scn_reader *r, const struct tl_step *step)
{
	const struct tl_where *at = &step->call.on_at;

	if (!at->line || !step->call.on)
		return scn_step_place(r, step);
	return (struct scn_span){ .at = r->src.lines[at->line - 1] + at->col - 1,
				  .len = strlen(step->call.on) };
}

void scn_paper_unknown(struct scn_reader *r, const struct tl_step *step, const char *name,
		       struct scn_span at, const struct papers *all)
{
	struct scn_unknown u = { .word = name, .len = strlen(name),
				 .of = tl_plan_actor_name(r->plan, step->actor) };

	for (size_t i = 0; i < all->n; i++)
		if (!all->v[i].gone && !all->v[i].child && all->v[i].actor == step->actor)
			scn_unknown_try(&u, all->v[i].name);
	if (u.n)
		scn_unknown_report(r, &u, at, "socket");
	else
		scn_mistake(r, at, "%s has no socket at this point", u.of);
}

struct paper *scn_paper_only(struct scn_reader *r, const struct tl_step *step, bool listens,
			     const struct papers *all)
{
	const char *actor = tl_plan_actor_name(r->plan, step->actor);
	const char *kind = listens ? "listener" : "connection";
	bool closes = tl_verbs[step->verb].does == TL_DOES_CLOSES && listens;
	struct scn_span at = scn_step_place(r, step);
	size_t n;
	struct paper *paper = only(all, step->actor, listens, &n);

	if (n == 1)
		return paper;
	if (n)
		scn_mistake(r, at, "%s has %zu %ss at this point: say which, with \"on\"", actor,
			    n, kind);
	else
		scn_mistake(r, at, "%s has no %s at this point", actor, closes ? "socket" : kind);
	return NULL;
}

struct paper *scn_paper_called(struct scn_reader *r, struct tl_step *step,
			       const struct papers *all)
{
	bool closes = tl_verbs[step->verb].does == TL_DOES_CLOSES;
	struct paper *paper;
	size_t connections;

	if (step->call.on) {
		paper = scn_paper(all, step->actor, step->call.on);
		if (!paper)
			scn_paper_unknown(r, step, step->call.on, scn_paper_place(r, step), all);
		return paper;
	}
	/* Who has nothing but a listener can only mean that. */
	only(all, step->actor, false, &connections);
	paper = scn_paper_only(r, step, closes && !connections, all);
	if (paper)
		step->call.on = scn_strndup(r, paper->name, strlen(paper->name));
	return paper;
}

void scn_paper_taken(struct scn_reader *r, const struct tl_step *step, int actor,
		     const struct paper *other, const char *kind)
{
	if (other && other->line == step->where.line)
		scn_mistake(r, scn_paper_place(r, step),
			    "%s has a %s called \"%s\" from the time before: with \"as\" give "
			    "each a name of its own, such as \"c$n\"",
			    tl_plan_actor_name(r->plan, actor), kind, other->name);
	else if (other)
		scn_mistake(r, scn_paper_place(r, step),
			    "%s already has a %s called \"%s\" since line %d: give this one "
			    "another name, with \"as\"",
			    tl_plan_actor_name(r->plan, actor), kind, other->name, other->line);
}

void scn_paper_name_new(struct scn_reader *r, struct tl_step *step)
{
	const char *name =
		tl_verbs[step->verb].does == TL_DOES_LISTENS ? "listener" : "connection";

	if (!step->call.on)
		step->call.on = scn_strndup(r, name, strlen(name));
}

void scn_paper_open(struct scn_reader *r, struct tl_step *step, struct papers *all)
{
	enum tl_does does = tl_verbs[step->verb].does;
	struct tl_call *call = &step->call;

	scn_paper_name_new(r, step);
	if (!call->on)
		return;
	if (call->expect) /* then there will be none */
		return;
	scn_paper_taken(r, step, step->actor, scn_paper(all, step->actor, call->on), "socket");
	all->v[all->n++] = (struct paper){
		.actor = step->actor,
		.name = call->on,
		.listens = does == TL_DOES_LISTENS,
		.begun[TL_VERB_CONNECT] = does == TL_DOES_CONNECTS && !call->wait ?
						  step->where.line : 0,
		.shares = call->options.set & 1u << TL_OPTION_REUSE_PORT,
		.line = step->where.line,
		.at = call->at,
		.from = call->from,
		.refused = does == TL_DOES_CONNECTS && scn_foresee_refusal(r, step, all),
	};
}

const struct paper *scn_paper_goal(const struct papers *all, int actor, uint16_t port,
				   size_t *n)
{
	const struct paper *last = NULL;

	*n = 0;
	for (size_t i = 0; i < all->n; i++) {
		const struct paper *paper = &all->v[i];

		if (paper->gone || paper->actor != actor || !paper->listens ||
		    (port && paper->at.port != port))
			continue;
		last = paper;
		++*n;
	}
	return last;
}

void scn_paper_share(struct scn_reader *r, const struct tl_step *step, const struct paper *paper,
		     int actor, const char *name, struct papers *all)
{
	struct paper *copy = &all->v[all->n];

	scn_paper_taken(r, step, actor, scn_paper(all, actor, name), "socket");
	*copy = *paper;
	copy->actor = actor;
	copy->name = name;
	copy->line = step->where.line;
	memset(copy->begun, 0, sizeof(copy->begun));
	all->n++;
}

struct paper *scn_paper_child(const struct papers *all, int actor, const char *name, size_t *n)
{
	struct paper *last = NULL;

	*n = 0;
	for (size_t i = 0; i < all->n; i++) {
		if (all->v[i].gone || !all->v[i].child || all->v[i].actor != actor ||
		    (name && strcmp(all->v[i].name, name)))
			continue;
		last = &all->v[i];
		++*n;
	}
	return last;
}
