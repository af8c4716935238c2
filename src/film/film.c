/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The film as a whole: events by kind, and what a run as a whole came to. */
#include "parts.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

bool tl_film_knows(const struct tl_film *film, int phase)
{
	return phase == -1 || (phase >= 0 && (size_t)phase < film->plan->n_phases);
}

int tl_film_actor(const struct tl_film *film, int actor)
{
	return actor >= 0 && (size_t)actor < film->plan->n_actors ? actor : -1;
}

bool tl_film_is_peer(const struct tl_film *film, int actor)
{
	return tl_film_actor(film, actor) >= 0 &&
	       film->plan->actors[actor].kind == TL_ACTOR_KIND_PEER;
}

static void take_event(struct tl_film *film, const struct tl_event *ev)
{
	int phase = tl_film_knows(film, ev->phase) ? ev->phase : -1;

	if (phase >= 0)
		film->reached[phase] = true;
	if (phase > film->last)
		film->last = phase;
	if (ev->kind == TL_EVENT_SNAPSHOT && ev->phase == phase) {
		if (phase >= 0)
			film->looks[phase] = film->n_snaps;
		film->snaps[film->n_snaps++] = ev;
	}
	if (ev->kind == TL_EVENT_MISSED && phase >= 0 && !film->missed[phase])
		film->missed[phase] = ev;
	if (ev->kind == TL_EVENT_FAULT)
		film->fault = ev;
}

static bool take_events(struct tl_film *film)
{
	const struct tl_trace *trace = film->trace;
	size_t n_phases = film->plan->n_phases;

	film->last = -1;
	film->reached = calloc(n_phases + 1, sizeof(*film->reached));
	film->looks = calloc(n_phases + 1, sizeof(*film->looks));
	film->missed = calloc(n_phases + 1, sizeof(*film->missed));
	film->snaps = calloc(trace->n + 1, sizeof(*film->snaps));
	if (!film->reached || !film->looks || !film->missed || !film->snaps)
		return false;
	for (size_t i = 0; i < n_phases; i++)
		film->looks[i] = -1;
	for (size_t i = 0; i < trace->n; i++)
		take_event(film, &trace->events[i]);
	if (trace->n && !trace->cut && trace->events[trace->n - 1].kind == TL_EVENT_END)
		film->end = &trace->events[trace->n - 1];
	return true;
}

int tl_film_init(struct tl_film *film, const struct tl_plan *plan,
		 const struct tl_trace *trace, struct tl_err *err)
{
	*film = (struct tl_film){ .plan = plan, .trace = trace };
	if (!take_events(film) || !film_take_acts(film) || !film_take_shots(film) ||
	    !film_take_sightings(film) || !film_take_sockets(film) || !film_take_pairs(film))
		return tl_err_set(err, ENOMEM, "no memory for the run");
	film_take_actors(film);
	if (!film_take_successors(film))
		return tl_err_set(err, ENOMEM, "no memory for the run");
	return 0;
}

void tl_film_release(struct tl_film *film)
{
	free(film->snaps);
	free(film->reached);
	free(film->looks);
	free(film->missed);
	free(film->shots);
	free(film->sent);
	free(film->arrived);
	free(film->letgos);
	free(film->sightings);
	free(film->pairs);
	free(film->sockets);
	free(film->listeners);
	free(film->acts);
	free(film->sysctls);
	*film = (struct tl_film){ 0 };
}

bool tl_film_came_to_end(const struct tl_film *film)
{
	return film->end &&
	       (film->end->end.how == TL_END_COMPLETE || film->end->end.how == TL_END_UNMET);
}

bool tl_film_finished(const struct tl_film *film, int phase)
{
	size_t n_phases = film->plan->n_phases;

	if (phase >= 0)
		return (size_t)phase < n_phases && film->reached[phase] &&
		       (phase < film->last || tl_film_came_to_end(film));
	for (size_t i = 0; i < n_phases; i++)
		if (!film->reached[i])
			return false;
	return tl_film_came_to_end(film);
}

int tl_film_next(const struct tl_film *film, const struct tl_event *ev)
{
	return TL_BISECT(i, 0, film->n_snaps, film->snaps[i] <= ev);
}

const struct tl_step *tl_film_step(const struct tl_film *film, const struct tl_event *ev)
{
	const struct tl_phase *phase;

	if ((ev->kind != TL_EVENT_STEP && ev->kind != TL_EVENT_DONE) || ev->phase < 0 ||
	    !tl_film_knows(film, ev->phase))
		return NULL;
	phase = &film->plan->phases[ev->phase];
	return ev->step.step >= 0 && (size_t)ev->step.step < phase->n_steps ?
		       &phase->steps[ev->step.step] :
		       NULL;
}

bool tl_film_saw_wire(const struct tl_film *film, int phase)
{
	if (!film->tap.tapped)
		return false;
	return film->tap.lossy_from > (phase < 0 ? INT_MAX - 1 : phase);
}

bool tl_film_was_blind(const struct tl_film *film, int phase)
{
	return film->plan->wire == TL_WIRE_TAP && !tl_film_saw_wire(film, phase);
}

bool tl_film_is_excused(const struct tl_film *film)
{
	return tl_film_was_blind(film, -1) && (film->tap.tapped || film->tap.refused);
}
