/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan: the names of its parts, what it owns, and questions to it. */
#include "tcplab/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/enum_names.h"

TL_NAMES(tl_segment_kind_name, enum tl_segment_kind, TL_SEGMENT_KINDS)
TL_NAMES(tl_wire_mode_name, enum tl_wire_mode, TL_WIRE_MODES)
TL_NAMES(tl_need_name, enum tl_need_kind, TL_NEED_KINDS)
TL_NAMES(tl_evidence_name, enum tl_evidence_kind, TL_EVIDENCE_KINDS)
TL_NAMES(tl_count_name, enum tl_count, TL_COUNTS)
TL_NAMES_BY(TL_X_THIRD, tl_count_became, enum tl_count, TL_COUNTS)
TL_NAMES(tl_finding_name, enum tl_finding, TL_FINDINGS)
TL_NAMES(tl_measure_name, enum tl_measure, TL_MEASURES)
TL_NAMES(tl_ready_name, enum tl_ready, TL_READIES)
TL_NAMES(tl_complaint_head, enum tl_complaint_part, TL_COMPLAINT_PARTS)

bool tl_segment_kind_is(enum tl_segment_kind kind, enum tl_segment_kind other)
{
	static const enum tl_segment_kind of[] = {
#define X(id, name, of, help) TL_SEGMENT_##of,
		TL_SEGMENT_KINDS(X)
#undef X
	};

	while (kind != other && kind != TL_SEGMENT_ANY)
		kind = of[kind];
	return kind == other;
}

bool tl_plan_needs(const struct tl_plan *plan, enum tl_need_kind kind)
{
	for (size_t i = 0; i < plan->n_needs; i++)
		if (plan->needs[i].kind == kind)
			return true;
	return false;
}

void tl_plan_say_needs(const struct tl_plan *plan, struct tl_buf *out)
{
	for (size_t i = 0; i < plan->n_needs; i++)
		tl_buf_fmt(out, "%s%s", i ? ", " : "", plan->needs[i].text);
}

struct tl_step *tl_plan_next_step(const struct tl_plan *plan, struct tl_step_at *at)
{
	for (; at->phase < plan->n_phases; at->phase++, at->step = 0)
		if (at->step < plan->phases[at->phase].n_steps)
			return &plan->phases[at->phase].steps[at->step++];
	return NULL;
}

size_t tl_plan_count_steps(const struct tl_plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n_phases; i++)
		n += plan->phases[i].n_steps;
	return n;
}

bool tl_plan_holds(const struct tl_plan *plan)
{
	struct tl_step_at at = { 0 };
	const struct tl_step *step;

	while ((step = tl_plan_next_step(plan, &at)))
		if (tl_verb_is_of_wire(step->verb))
			return true;
	return false;
}

bool tl_evidence_is_of_wire(enum tl_evidence_kind kind)
{
	static const bool of_wire[] = { TL_EVIDENCE_KINDS(TL_X_THIRD) };

	return of_wire[kind];
}

const char *tl_claim_lacks(const struct tl_claim *claim)
{
	bool pro = false, con = false;

	for (size_t i = 0; claim->tied && i < claim->n_check; i++)
		if (claim->check[i].against)
			con = true;
		else
			pro = true;
	if (claim->finding != TL_FINDING_REFINED || (pro && con))
		return NULL;
	return pro ? "evidence against it" : con ? "evidence for it" : "evidence for or against it";
}

void tl_claim_finding(struct tl_buf *out, const struct tl_claim *claim)
{
	const char *lacks = tl_claim_lacks(claim);

	tl_buf_fmt(out, "%s%s%s", tl_finding_name(claim->finding), lacks ? ", without " : "",
		   lacks ? lacks : "");
}

bool tl_plan_watches(const struct tl_plan *plan, uint16_t port)
{
	for (size_t i = 0; i < plan->n_watch; i++)
		if (plan->watch[i] == port)
			return true;
	return !plan->n_watch;
}

const char *tl_plan_actor_name(const struct tl_plan *plan, int actor)
{
	if (actor < 0 || (size_t)actor >= plan->n_actors)
		return "?";
	return plan->actors[actor].name;
}

bool tl_plan_has_tag(const struct tl_plan *plan, const char *tag)
{
	for (size_t i = 0; i < plan->n_tags; i++)
		if (!strcmp(plan->tags[i], tag))
			return true;
	return false;
}

struct tl_endpoint tl_plan_reach(const struct tl_plan *plan, int actor)
{
	const struct tl_actor_spec *spec = &plan->actors[actor];
	const char *first = spec->bind + strspn(spec->bind, " \t");
	char text[TL_ENDPOINT_TEXT];
	struct tl_endpoint ep;
	struct tl_err unused;

	snprintf(text, sizeof(text), "%.*s:%u", (int)strcspn(first, " \t"), first, spec->port);
	if (tl_endpoint_parse(text, &ep, &unused)) /* the address was checked when it was read */
		return ep;
	return tl_endpoint_reach(&ep);
}

bool tl_phase_has_expectation(const struct tl_phase *phase)
{
	return phase->n_expects || phase->expects_empty;
}

static void free_settings(struct tl_setting *settings, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(settings[i].name);
		free(settings[i].value);
	}
	free(settings);
}

static void free_program(struct tl_program *program)
{
	if (!program)
		return;
	for (size_t i = 0; i < program->argc; i++)
		free(program->argv[i]);
	free(program->argv);
	free_settings(program->files, program->n_files);
	free_settings(program->env, program->n_env);
	free(program->cwd);
	free(program->input);
	free(program->says);
	free(program);
}

static void free_step(struct tl_step *step)
{
	for (size_t i = 0; i < step->argc; i++)
		free(step->argv[i]);
	free(step->argv);
	free_settings(step->settings, step->n_settings);
	free(step->call.on);
	free(step->call.listener);
	free(step->call.given_to);
	free(step->call.given_as);
	free(step->call.text);
	free(step->row.text);
	free(step->text);
}

static void free_phase(struct tl_phase *phase)
{
	for (size_t i = 0; i < phase->n_steps; i++)
		free_step(&phase->steps[i]);
	for (size_t i = 0; i < phase->n_expects; i++)
		free(phase->expects[i].text);
	free(phase->steps);
	free(phase->expects);
	free(phase->title);
	free(phase->note);
}

static void free_claim(struct tl_claim *claim)
{
	for (size_t i = 0; i < claim->n_check; i++) {
		free(claim->check[i].row.text);
		free(claim->check[i].order);
		free(claim->check[i].segments);
		free(claim->check[i].counter);
	}
	free(claim->check);
	free(claim->arcs);
	free(claim->id);
	free(claim->says);
	free(claim->source);
	free(claim->because);
}

void tl_plan_free(struct tl_plan *plan)
{
	if (!plan)
		return;
	for (size_t i = 0; i < plan->n_actors; i++) {
		free(plan->actors[i].name);
		free(plan->actors[i].bind);
		free(plan->actors[i].binary);
		free_settings(plan->actors[i].config, plan->actors[i].n_config);
		free_program(plan->actors[i].program);
	}
	for (size_t i = 0; i < plan->n_phases; i++)
		free_phase(&plan->phases[i]);
	for (size_t i = 0; i < plan->n_claims; i++)
		free_claim(&plan->claims[i]);
	for (size_t i = 0; i < plan->n_tags; i++)
		free(plan->tags[i]);
	for (size_t i = 0; i < plan->n_needs; i++) {
		free(plan->needs[i].versions);
		free(plan->needs[i].program);
		free(plan->needs[i].text);
	}
	free(plan->needs);
	free_settings(plan->sysctls, plan->n_sysctls);
	free(plan->tags);
	free(plan->actors);
	free(plan->phases);
	free(plan->claims);
	free(plan->watch);
	free(plan->file);
	free(plan->text);
	free(plan->name);
	free(plan->variant);
	for (size_t i = 0; i < plan->n_variants; i++)
		free(plan->variants[i]);
	free(plan->variants);
	free(plan->title);
	free(plan->about);
	for (size_t i = 0; i < TL_N_COMPLAINT_PARTS; i++)
		free(plan->complaint[i]);
	free(plan);
}
