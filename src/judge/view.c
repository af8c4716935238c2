/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

bool view_knows(const struct view *view, int phase)
{
	return phase == -1 || (phase >= 0 && (size_t)phase < view->plan->n_phases);
}

int view_actor(const struct view *view, int actor)
{
	return actor >= 0 && (size_t)actor < view->plan->n_actors ? actor : -1;
}

static bool take_events(struct view *view)
{
	const struct tl_trace *trace = view->trace;
	size_t n_phases = view->plan->n_phases;

	view->last = -1;
	view->reached = calloc(n_phases + 1, sizeof(*view->reached));
	view->missed = calloc(n_phases + 1, sizeof(*view->missed));
	view->snaps = calloc(trace->n + 1, sizeof(*view->snaps));
	if (!view->reached || !view->missed || !view->snaps)
		return false;
	for (size_t i = 0; i < trace->n; i++) {
		const struct tl_event *ev = &trace->events[i];
		int phase = view_knows(view, ev->phase) ? ev->phase : -1;

		if (phase >= 0)
			view->reached[phase] = true;
		if (phase > view->last)
			view->last = phase;
		if (ev->kind == TL_EVENT_SNAPSHOT && ev->phase == phase)
			view->snaps[view->n_snaps++] = ev;
		if (ev->kind == TL_EVENT_MISSED && phase >= 0 && !view->missed[phase])
			view->missed[phase] = ev;
		if (ev->kind == TL_EVENT_FAULT)
			view->fault = ev;
	}
	if (trace->n && !trace->cut && trace->events[trace->n - 1].kind == TL_EVENT_END)
		view->end = &trace->events[trace->n - 1];
	return true;
}

bool view_init(struct view *view, const struct tl_plan *plan, const struct tl_trace *trace)
{
	*view = (struct view){ .plan = plan, .trace = trace };
	if (!take_events(view) || !take_segments(view) || !take_sightings(view) ||
	    !take_trails(view) || !take_pairs(view))
		return false;
	take_senders(view);
	return true;
}

void view_release(struct view *view)
{
	free(view->snaps);
	free(view->reached);
	free(view->missed);
	free(view->sightings);
	free(view->trails);
	free(view->listeners);
	free(view->pairs);
	free(view->segments);
	*view = (struct view){ 0 };
}

bool view_came_to_end(const struct view *view)
{
	return view->end &&
	       (view->end->end.how == TL_END_COMPLETE || view->end->end.how == TL_END_UNMET);
}

bool view_finished(const struct view *view, int phase)
{
	size_t n_phases = view->plan->n_phases;

	if (phase >= 0)
		return (size_t)phase < n_phases && view->reached[phase] &&
		       (phase < view->last || view_came_to_end(view));
	for (size_t i = 0; i < n_phases; i++)
		if (!view->reached[i])
			return false;
	return view->end && view->end->end.how == TL_END_COMPLETE;
}

int view_look(const struct view *view, int phase)
{
	int i = view->n_snaps - 1;

	while (i >= 0 && view->snaps[i]->phase != phase)
		i--;
	return i;
}

/* The segment that goes on with @ev: just sent and let through, or held and let go; or NULL. */
static const struct tl_event *arriving(const struct view *view, const struct tl_event *ev)
{
	const struct tl_event *sent = ev;

	if (ev->kind == TL_EVENT_SEGMENT)
		return ev->segment.fate == TL_FATE_PASSED ? ev : NULL;
	if (ev->kind != TL_EVENT_LETGO || ev->letgo.dropped)
		return NULL;
	while (sent > view->trace->events)
		if ((--sent)->kind == TL_EVENT_SEGMENT && sent->segment.id == ev->letgo.id)
			return sent;
	return NULL;
}

static bool carries(const struct tl_segment *seg, unsigned flags)
{
	return seg->flags & flags || (flags & VIEW_DATA && seg->len);
}

bool view_came(const struct view *view, const struct tl_sock *sock, unsigned flags,
	       const struct tl_event *from, const struct tl_event *to)
{
	for (const struct tl_event *ev = from; ev <= to; ev++) {
		const struct tl_event *sent = arriving(view, ev);

		if (sent && (!flags || carries(&sent->segment.seg, flags)) &&
		    tl_endpoint_equal(&sent->segment.seg.from, &sock->remote) &&
		    tl_endpoint_equal(&sent->segment.seg.to, &sock->local))
			return true;
	}
	return false;
}

bool view_heard(const struct view *view, const struct tl_sock *sock,
		const struct tl_event *from, const struct tl_event *to)
{
	return !view_saw_wire(view, to->phase) || view_came(view, sock, 0, from, to);
}

static const char *setting(const struct tl_setting *settings, size_t n, const char *name,
			   const char *otherwise)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(settings[i].name, name))
			otherwise = settings[i].value;
	return otherwise;
}

const char *view_sysctl(const struct view *view, const char *name, const struct tl_event *ev)
{
	const struct tl_plan *plan = view->plan;
	const char *value = setting(plan->sysctls, plan->n_sysctls, name, NULL);

	for (const struct tl_event *done = view->trace->events; done <= ev; done++) {
		const struct tl_step *step =
			done->kind == TL_EVENT_DONE ? view_step(view, done) : NULL;

		if (step && step->verb == TL_VERB_SYSCTL)
			value = setting(step->settings, step->n_settings, name, value);
	}
	return value;
}

bool view_is_peer(const struct view *view, int actor)
{
	return view_actor(view, actor) >= 0 &&
	       view->plan->actors[actor].kind == TL_ACTOR_KIND_PEER;
}

const struct tl_step *view_step(const struct view *view, const struct tl_event *ev)
{
	const struct tl_phase *phase;

	if ((ev->kind != TL_EVENT_STEP && ev->kind != TL_EVENT_DONE) || ev->phase < 0 ||
	    !view_knows(view, ev->phase))
		return NULL;
	phase = &view->plan->phases[ev->phase];
	return ev->step.step >= 0 && (size_t)ev->step.step < phase->n_steps ?
		       &phase->steps[ev->step.step] :
		       NULL;
}

bool view_exited(int actor, const struct tl_event *from, const struct tl_event *to)
{
	for (const struct tl_event *ev = from; ev <= to; ev++)
		if (ev->kind == TL_EVENT_ACTOR && ev->actor.actor == actor &&
		    ev->actor.change == TL_ACTOR_EXITED)
			return true;
	return false;
}

bool view_acted(const struct view *view, int actor, uint64_t verbs, const struct tl_event *from,
		const struct tl_event *to)
{
	if (!view_is_peer(view, actor) || view_exited(actor, from, to))
		return true;
	for (const struct tl_event *ev = from; ev <= to; ev++) {
		const struct tl_step *step = view_step(view, ev);

		if (ev->kind == TL_EVENT_STEP && step && step->actor == actor &&
		    verbs & UINT64_C(1) << step->verb)
			return true;
	}
	return false;
}

bool view_saw_wire(const struct view *view, int phase)
{
	if (!view->tap.tapped)
		return false;
	return view->tap.lossy_from > (phase < 0 ? INT_MAX - 1 : phase);
}

bool view_was_blind(const struct view *view, int phase)
{
	if (view->plan->wire != TL_WIRE_TAP || view_saw_wire(view, phase))
		return false;
	return view->tap.tapped || view->tap.refused;
}

int view_next(const struct view *view, const struct tl_event *ev)
{
	int low = 0, high = view->n_snaps;

	while (low < high) {
		int mid = low + (high - low) / 2;

		if (view->snaps[mid] <= ev)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}
