/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run in a sentence: programs, environment, result. */
#include "words.h"

#include <string.h>

#include "tcplab/enum_names.h"

const char *tl_report_program(const struct tl_trace *trace, size_t actor)
{
	for (size_t i = 0; i < trace->n; i++) {
		const struct tl_event *ev = &trace->events[i];

		if (ev->kind == TL_EVENT_ACTOR && ev->actor.change == TL_ACTOR_READY &&
		    ev->actor.actor == (int)actor && ev->actor.program)
			return ev->actor.program;
	}
	return NULL;
}

/* The next actor from @i on that ran a program; the number of all where there is none. */
static size_t next_with(const struct tl_report *report, size_t i, const char *program)
{
	for (; i < report->plan->n_actors; i++) {
		const char *its = tl_report_program(report->trace, i);

		if (its && !strcmp(its, program))
			break;
	}
	return i;
}

void tl_report_programs(struct tl_buf *out, const struct tl_report *report)
{
	const struct tl_plan *plan = report->plan;
	size_t start = out->len;

	for (size_t i = 0; i < plan->n_actors; i++) {
		const char *program = tl_report_program(report->trace, i);

		if (!program || next_with(report, 0, program) < i)
			continue;
		tl_buf_fmt(out, "%s%s (%s", out->len > start ? "; " : "", program,
			   plan->actors[i].name);
		for (size_t j = i; (j = next_with(report, j + 1, program)) < plan->n_actors;)
			tl_buf_fmt(out, ", %s", plan->actors[j].name);
		tl_buf_str(out, ")");
	}
}

void tl_report_environment(struct tl_buf *out, const struct tl_report *report)
{
	size_t start = out->len;

	tl_report_programs(out, report);
	tl_buf_fmt(out, "%s%s", out->len > start ? " on " : "", tl_report_kernel(report));
}

TL_NAMES_BY(TL_X_THIRD, tl_report_result, enum tl_result, TL_RESULTS)

static void counts(struct tl_buf *out, const struct tl_report *report)
{
	const struct tl_verdict *verdict = report->verdict;
	size_t confirmed = 0, n = verdict->n_claims;

	for (size_t i = 0; i < n; i++)
		confirmed += verdict->claims[i].stands == TL_FACT_SO;
	if (verdict->phases_expected)
		tl_buf_fmt(out, "%zu of %zu phase%s as expected", verdict->phases_met,
			   verdict->phases_expected, verdict->phases_expected == 1 ? "" : "s");
	else
		tl_buf_fmt(out, "%zu phase%s shown, nothing expected", verdict->n_phases,
			   verdict->n_phases == 1 ? "" : "s");
	if (n)
		tl_buf_fmt(out, ", %zu of %zu finding%s confirmed", confirmed, n,
			   n == 1 ? "" : "s");
}

static void verdict(struct tl_buf *out, const struct tl_report *report, const char *reason)
{
	const struct tl_verdict *verdict = report->verdict;

	tl_buf_str(out, verdict->result == TL_RESULT_PASSED ? "in " : "after ");
	tl_report_duration(out, verdict->took_ns);
	tl_buf_str(out, ": ");
	if (reason)
		tl_buf_fmt(out, "%s.", reason);
	if (verdict->result == TL_RESULT_SKIPPED)
		return;
	if (reason)
		tl_buf_str(out, " ");
	counts(out, report);
	tl_buf_str(out, ".");
}

void tl_report_verdict(struct tl_buf *out, const struct tl_report *report)
{
	verdict(out, report, report->verdict->result == TL_RESULT_PASSED ? NULL :
									   report->verdict->reason);
}

/* The step that an event of @phase says did not come out; NULL for none. */
static const struct tl_step *stuck_at(const struct tl_report *report, size_t phase)
{
	const struct tl_phase *plan = &report->plan->phases[phase];

	for (size_t i = 0; i < report->trace->n; i++) {
		const struct tl_event *ev = &report->trace->events[i];
		int step = -1;

		if (ev->phase != (int)phase)
			continue;
		if (ev->kind == TL_EVENT_MISSED)
			step = ev->missed.step;
		else if (ev->kind == TL_EVENT_FAULT)
			step = ev->fault.step;
		if (step >= 0 && (size_t)step < plan->n_steps)
			return &plan->steps[step];
	}
	return NULL;
}

const struct tl_where *tl_report_where(const struct tl_report *report, size_t phase)
{
	const struct tl_phase *plan = &report->plan->phases[phase];
	const struct tl_phase_verdict *verdict = &report->verdict->phases[phase];
	const struct tl_step *step = stuck_at(report, phase);

	if (step)
		return &step->where;
	for (size_t i = 0; verdict->look && i < plan->n_expects; i++)
		if (verdict->seen[i] != plan->expects[i].count)
			return &plan->expects[i].where;
	return &plan->where;
}

/*
 * The place of what the run failed by: the first phase that did not come out, or else the
 * evidence that was not so; NULL where it is of no place.
 */
static const struct tl_where *failed_at(const struct tl_report *report)
{
	const struct tl_verdict *v = report->verdict;

	if (v->result == TL_RESULT_PASSED || v->result == TL_RESULT_SKIPPED)
		return NULL;
	for (size_t i = 0; i < v->n_phases; i++)
		if (v->phases[i].outcome == TL_OUTCOME_UNMET ||
		    v->phases[i].outcome == TL_OUTCOME_UNFINISHED)
			return tl_report_where(report, i);
	return v->failed_by ? &v->failed_by->where : NULL;
}

bool tl_report_place(struct tl_buf *out, const struct tl_report *report)
{
	const struct tl_where *where = failed_at(report);

	if (!where || !where->line || !report->plan->file)
		return false;
	tl_buf_fmt(out, "%s:%d:%d: ", report->plan->file, where->line, where->col);
	return true;
}

bool tl_report_failure(struct tl_buf *place, struct tl_buf *out, const struct tl_report *report)
{
	if (!report->verdict->reason || !tl_report_place(place, report))
		return false;
	tl_buf_str(place, report->verdict->reason);
	verdict(out, report, NULL);
	return true;
}
