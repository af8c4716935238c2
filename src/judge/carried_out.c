/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the trace shows each step of a phase begun and done, with the answer that it expects. */
#include "questions.h"

#include <stdlib.h>

#include "tcplab/answer.h"

bool judge_take_steps(const struct tl_film *film, struct steps *steps)
{
	const struct tl_plan *plan = film->plan;
	size_t n = tl_plan_count_steps(plan);

	steps->begun = calloc(n + 1, sizeof(*steps->begun));
	steps->done = calloc(n + 1, sizeof(*steps->done));
	steps->first = calloc(plan->n_phases + 1, sizeof(*steps->first));
	if (!steps->begun || !steps->done || !steps->first)
		return false;
	for (size_t i = 0; i < plan->n_phases; i++)
		steps->first[i + 1] = steps->first[i] + plan->phases[i].n_steps;
	for (size_t i = 0; i < film->trace->n; i++) {
		const struct tl_event *ev = &film->trace->events[i];
		size_t at;

		if (!tl_film_step(film, ev))
			continue;
		at = steps->first[ev->phase] + (size_t)ev->step.step;
		if (ev->kind == TL_EVENT_STEP)
			steps->begun[at] = ev;
		else if (steps->begun[at])
			steps->done[at] = ev;
	}
	return true;
}

void judge_steps_release(struct steps *steps)
{
	free(steps->begun);
	free(steps->done);
	free(steps->first);
}

static const char *answer_name(int answer)
{
	return answer ? tl_answer_name(answer) : "success";
}

bool judge_left_out(const struct tl_film *film, const struct steps *steps, int phase,
		    struct tl_buf *why)
{
	const struct tl_phase *ph = &film->plan->phases[phase];

	for (size_t i = 0; i < ph->n_steps; i++) {
		const struct tl_step *step = &ph->steps[i];
		size_t at = steps->first[phase] + i;
		int got;

		if (!steps->done[at]) {
			tl_buf_fmt(why, "%s: the trace does not show that it was %s", step->text,
				   steps->begun[at] ? "done" : "begun");
			return true;
		}
		got = tl_film_answer(steps->done[at]);
		if (tl_verb_is_of_peer(step->verb) && got != step->call.expect) {
			tl_buf_fmt(why, "%s: the answer was %s, expected %s", step->text,
				   answer_name(got), answer_name(step->call.expect));
			return true;
		}
	}
	return false;
}
