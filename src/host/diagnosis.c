/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each rule asked of each group, and what comes of it. */
#include "tcplab/diagnosis.h"

#include <errno.h>
#include <stdlib.h>

#include "tcplab/grow.h"
#include "telling.h"

const char *tl_remark_label(enum tl_remark_kind kind)
{
	static const char *const labels[] = {
#define X(id, label) [TL_REMARK_##id] = label,
		TL_REMARKS(X)
#undef X
	};

	return labels[kind];
}

const struct tl_rule *tl_group_rule(const struct tl_host *look, const struct tl_group *group)
{
	size_t n;
	const struct tl_rule *rules = tl_rules(&n);

	for (size_t i = 0; i < n; i++) {
		const struct tl_rule *rule = &rules[i];

		if (group->state < TL_STATE_NUMBERS && rule->states & 1u << group->state &&
		    (!rule->owners || rule->owners & 1u << group->owner) &&
		    (look->says & rule->needs) == rule->needs && rule->applies(look, group))
			return rule;
	}
	return NULL;
}

/* What it is stands before what to do, also where the rule has said the latter with its evidence. */
static void say_so(struct tl_telling *telling, const char *so)
{
	struct tl_remark *end = &telling->finding->remarks[telling->finding->n_remarks], kept;

	tl_tell(telling, TL_REMARK_SO, "%s", so);
	if (telling->finding->n_remarks < 2 || end[-1].kind != TL_REMARK_NOW)
		return;
	kept = end[-1];
	end[-1] = end[0];
	end[0] = kept;
}

static void tell(struct tl_telling *telling)
{
	const struct tl_rule *rule = telling->finding->rule;

	telling->about = NULL;
	rule->tell(telling);
	if (rule->so)
		say_so(telling, rule->so);
	if (rule->now)
		tl_tell(telling, TL_REMARK_NOW, "%s", rule->now);
	tl_tell(telling, TL_REMARK_SEE, "tcplab explain %s; tcplab run %s",
		tl_state_name(telling->group->state),
		tl_lead(rule->lead)->scenarios[0]);
}

/* Of one cause, one finding: ports are used up towards one end, whatever the states. */
static bool is_told(const struct tl_host *look, const struct tl_diagnoses *findings,
		    const struct tl_rule *rule, const struct tl_group *group)
{
	for (size_t i = 0; i < findings->n && !group->incoming; i++) {
		const struct tl_group *told = &look->groups[findings->v[i].group];

		if (findings->v[i].rule == rule && told->owner == group->owner &&
		    told->state != group->state && told->kin == group->kin &&
		    tl_endpoint_equal(&told->end, &group->end))
			return true;
	}
	return false;
}

int tl_diagnoses_make(struct tl_host *look, struct tl_diagnoses *findings, struct tl_err *err)
{
	struct tl_telling telling = { .look = look };

	for (size_t i = 0; i < look->n_groups && !telling.failed; i++) {
		const struct tl_rule *rule = tl_group_rule(look, &look->groups[i]);

		if (!rule || is_told(look, findings, rule, &look->groups[i]))
			continue;
		if (!TL_GROW(findings->v, findings->n)) {
			telling.failed = true;
			break;
		}
		telling.group = &look->groups[i];
		telling.finding = &findings->v[findings->n++];
		*telling.finding = (struct tl_diagnosis){ .rule = rule, .group = i,
							.n = look->groups[i].n };
		tell(&telling);
	}
	return telling.failed ? tl_err_set(err, ENOMEM, "no memory for what was found") : 0;
}

void tl_diagnoses_release(struct tl_diagnoses *findings)
{
	for (size_t i = 0; i < findings->n; i++) {
		free(findings->v[i].head);
		for (size_t j = 0; j < findings->v[i].n_remarks; j++)
			free(findings->v[i].remarks[j].text);
	}
	free(findings->v);
	*findings = (struct tl_diagnoses){ 0 };
}
