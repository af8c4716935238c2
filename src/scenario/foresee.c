/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A connect where nobody listens is refused, an accept to which nobody connects waits in vain,
 * and a port that is listened on cannot be listened on again. Where the scenario says that it
 * expects such an answer it means it; else it is a mistake. Of peers all calls are known
 * beforehand. A program may connect and listen as it likes, and so may a Redis that has a
 * master: once one has been started nothing of the kind is held against a step.
 */
#include "papers.h"

#include <stdlib.h>
#include <sys/socket.h>

static bool listens_on(const struct papers *all, uint16_t port)
{
	for (size_t i = 0; i < all->n; i++)
		if (!all->v[i].gone && all->v[i].listens && all->v[i].at.port == port)
			return true;
	return false;
}

/* Its SYN may meet that of the one it connects to: then nobody has to listen. */
static bool connects_too(const struct papers *all, int actor)
{
	for (size_t i = 0; i < all->n; i++)
		if (!all->v[i].gone && all->v[i].begun[TL_VERB_CONNECT] && all->v[i].actor == actor)
			return true;
	return false;
}

void scn_foresee_connect(struct scn_reader *r, const struct tl_step *step,
			 const struct papers *all)
{
	const struct tl_call *call = &step->call;
	const struct tl_actor_spec *to = call->to < 0 ? NULL : &r->plan->actors[call->to];
	bool itself = call->from.port && call->from.port == call->at.port;

	if (!to || !call->at.port || all->strangers || call->expect || !call->wait || itself ||
	    listens_on(all, call->at.port) || connects_too(all, call->to))
		return;
	if (to->kind == TL_ACTOR_KIND_PEER)
		scn_mistake(r, scn_step_place(r, step),
			    "nobody listens on port %u at this point: \"listen: %s\" must come "
			    "first, or this must have \"expect: ECONNREFUSED\"",
			    call->at.port, to->name);
	else if (to->kind == TL_ACTOR_KIND_REDIS && !all->runs[call->to])
		scn_mistake(r, scn_step_place(r, step),
			    "%s is not running at this point, and nobody listens on port %u: "
			    "\"start: %s\" must come first, or this must have \"expect: "
			    "ECONNREFUSED\"",
			    to->name, call->at.port, to->name);
}

/* Has a step before @step stopped segments? Then it is not known when a SYN comes. */
static bool wire_is_free(const struct scn_reader *r, const struct tl_step *step)
{
	struct tl_step_at at = { 0 };
	const struct tl_step *it;

	while ((it = tl_plan_next_step(r->plan, &at)) && it != step)
		if (it->verb == TL_VERB_HOLD || it->verb == TL_VERB_LOSE)
			return false;
	return true;
}

bool scn_foresee_refusal(const struct scn_reader *r, const struct tl_step *step,
			 const struct papers *all)
{
	const struct tl_call *call = &step->call;
	bool itself = call->from.port && call->from.port == call->at.port;

	return call->to >= 0 && call->at.port && !all->strangers && !itself &&
	       (!call->wait || call->later) && !listens_on(all, call->at.port) &&
	       !connects_too(all, call->to) && wire_is_free(r, step) &&
	       r->plan->actors[call->to].kind == TL_ACTOR_KIND_PEER;
}

void scn_foresee_connected(struct scn_reader *r, const struct tl_step *step,
			   const struct paper *paper)
{
	if (paper->refused && !step->call.expect)
		scn_mistake(r, scn_step_place(r, step),
			    "nobody listened on port %u when line %d connected: a \"listen\" must "
			    "come before that, or this must have \"expect: ECONNREFUSED\"",
			    paper->at.port, paper->line);
}

void scn_foresee_from(struct scn_reader *r, const struct tl_step *step,
		      const struct papers *all)
{
	const struct tl_call *call = &step->call;

	for (size_t i = 0; call->from.port && !call->expect && i < all->n; i++) {
		const struct paper *other = &all->v[i];

		if (other->gone || other->listens ||
		    !tl_endpoint_equal(&other->from, &call->from) ||
		    !tl_endpoint_equal(&other->at, &call->at))
			continue;
		scn_mistake(r, scn_step_place(r, step),
			    "from port %u \"%s\" has led to the same port %u since line %d: take "
			    "another one, close that first, or say \"expect: EADDRNOTAVAIL\"",
			    call->from.port, other->name, call->at.port, other->line);
		return;
	}
}

void scn_foresee_accept(struct scn_reader *r, const struct tl_step *step,
			const struct paper *listener, const struct papers *all)
{
	if (all->strangers || step->call.expect || all->waiting[listener->at.port] > 0)
		return;
	scn_mistake(r, scn_step_place(r, step),
		    "no connection waits at this point: a connect to port %u, where %s listens "
		    "since line %d, must come first",
		    listener->at.port, tl_plan_actor_name(r->plan, step->actor), listener->line);
}

void scn_foresee_v6_only(struct scn_reader *r, const struct tl_step *step)
{
	const struct tl_call *call = &step->call;
	bool bound = step->verb == TL_VERB_SET || step->verb == TL_VERB_ACCEPT;

	if (!(call->options.set & 1u << TL_OPTION_V6_ONLY) || call->expect)
		return;
	if (bound)
		scn_mistake(r, scn_step_place(r, step),
			    "the kernel takes v6-only before a socket is bound: it goes with "
			    "\"listen\", or with \"connect\"");
	else if (call->at.family == AF_INET)
		scn_mistake(r, scn_step_place(r, step),
			    "v6-only is of IPv6, and this socket is of IPv4: %s",
			    step->verb == TL_VERB_LISTEN ?
				    "say where it listens, with \"address: '::'\"" :
				    "leave it out, or connect to an IPv6 address");
}

void scn_foresee_listen(struct scn_reader *r, const struct tl_step *step,
			const struct papers *all)
{
	const struct tl_call *call = &step->call;
	bool shares = call->options.set & 1u << TL_OPTION_REUSE_PORT;

	for (size_t i = 0; !call->expect && i < all->n; i++) {
		const struct paper *other = &all->v[i];

		if (other->gone || !other->listens || (shares && other->shares) ||
		    !tl_endpoint_equal(&other->at, &call->at))
			continue;
		scn_mistake(r, scn_step_place(r, step),
			    "on port %u %s has listened since line %d: close that first, or "
			    "this must have \"expect: EADDRINUSE\"",
			    call->at.port, tl_plan_actor_name(r->plan, other->actor), other->line);
		return;
	}
}
