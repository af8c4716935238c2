/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What actors were told, when their processes ended, and how the kernel was set. */
#include "parts.h"

#include <stdlib.h>
#include <string.h>

#include "tcplab/answer.h"

static int act_cmp(const void *a, const void *b)
{
	const struct tl_act *x = a, *y = b;

	return x->actor != y->actor ? FILM_CMP(x->actor, y->actor) : FILM_CMP(x->ev, y->ev);
}

static bool is_exit(const struct tl_event *ev)
{
	return ev->kind == TL_EVENT_ACTOR && ev->actor.change == TL_ACTOR_EXITED;
}

/* Steps are done one after the other; what ends in between is a process. */
static void end_act(struct tl_film *film, const struct tl_step *step, const struct tl_event *ev)
{
	size_t i = film->n_acts;

	while (i > 0 && !film->acts[i - 1].step)
		i--;
	if (!i || film->acts[i - 1].step != step)
		return;
	film->acts[i - 1].done = ev;
	film->acts[i - 1].cookie = ev->step.socket.cookie;
}

static void take_act(struct tl_film *film, const struct tl_event *ev)
{
	const struct tl_step *step = tl_film_step(film, ev);

	if (ev->kind == TL_EVENT_DONE && step)
		end_act(film, step, ev);
	if (is_exit(ev))
		film->acts[film->n_acts++] =
			(struct tl_act){ .ev = ev, .actor = ev->actor.actor };
	else if (step && ev->kind == TL_EVENT_STEP)
		film->acts[film->n_acts++] =
			(struct tl_act){ .ev = ev, .step = step, .actor = step->actor };
	else if (step && step->verb == TL_VERB_SYSCTL)
		film->sysctls[film->n_sysctls++] = ev;
}

bool film_take_acts(struct tl_film *film)
{
	const struct tl_trace *trace = film->trace;
	size_t n = 0;

	for (size_t i = 0; i < trace->n; i++)
		n += trace->events[i].kind == TL_EVENT_STEP ||
		     trace->events[i].kind == TL_EVENT_DONE || is_exit(&trace->events[i]);
	film->acts = calloc(n + 1, sizeof(*film->acts));
	film->sysctls = calloc(n + 1, sizeof(*film->sysctls));
	if (!film->acts || !film->sysctls)
		return false;
	for (size_t i = 0; i < trace->n; i++)
		take_act(film, &trace->events[i]);
	qsort(film->acts, film->n_acts, sizeof(*film->acts), act_cmp);
	return true;
}

static const char *setting(const struct tl_setting *settings, size_t n, const char *name,
			   const char *otherwise)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(settings[i].name, name))
			otherwise = settings[i].value;
	return otherwise;
}

int tl_film_answer(const struct tl_event *done)
{
	const char *reply = done->step.reply;

	return reply ? tl_answer_parse(reply, strlen(reply)) : 0;
}

uint64_t tl_film_sysctl(const struct tl_film *film, const char *name, const struct tl_event *ev,
			uint64_t otherwise)
{
	const struct tl_plan *plan = film->plan;
	const char *value = setting(plan->sysctls, plan->n_sysctls, name, NULL);

	for (size_t i = 0; i < film->n_sysctls && film->sysctls[i] <= ev; i++) {
		const struct tl_step *step = tl_film_step(film, film->sysctls[i]);

		value = setting(step->settings, step->n_settings, name, value);
	}
	return value ? strtoull(value, NULL, 10) : otherwise;
}

/* The first act of @actor at @ev or later; with @after, later than it. */
static size_t search(const struct tl_film *film, int actor, const struct tl_event *ev,
		     bool after)
{
	const struct tl_act key = { .ev = ev, .actor = actor };

	return TL_BISECT(i, 0, film->n_acts, act_cmp(&film->acts[i], &key) < (after ? 1 : 0));
}

const struct tl_act *tl_film_acts(const struct tl_film *film, int actor,
				  const struct tl_event *from, const struct tl_event *to,
				  size_t *n)
{
	size_t first = search(film, actor, from, false), end = search(film, actor, to, true);

	*n = end > first ? end - first : 0;
	return film->acts + first;
}

bool tl_film_exited(const struct tl_film *film, int actor, const struct tl_event *from,
		    const struct tl_event *to)
{
	size_t n;
	const struct tl_act *acts = tl_film_acts(film, actor, from, to, &n);

	for (size_t i = 0; i < n; i++)
		if (!acts[i].step)
			return true;
	return false;
}

bool tl_film_acted(const struct tl_film *film, int actor, unsigned does,
		   const struct tl_event *from, const struct tl_event *to)
{
	size_t n;
	const struct tl_act *acts = tl_film_acts(film, actor, from, to, &n);

	if (!tl_film_is_peer(film, actor))
		return true;
	for (size_t i = 0; i < n; i++)
		if (!acts[i].step || tl_verb_does(acts[i].step->verb, does))
			return true;
	return false;
}
