/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each rule asked of each group, and what comes of it. */
#include "tcplab/diagnosis.h"

#include <errno.h>
#include <stdlib.h>

#include "tcplab/enum_names.h"
#include "tcplab/grow.h"
#include "tcplab/host_words.h"
#include "tcplab/sieve.h"
#include "rules.h"

TL_NAMES(tl_remark_label, enum tl_remark_kind, TL_REMARKS)

static bool applies(const struct tl_rule *rule, const struct tl_host *look,
		    const struct tl_group *group)
{
	return rule->applies ? rule->applies(look, group) : tl_count_rows(look, group, rule->about);
}

const struct tl_rule *tl_group_rule(const struct tl_host *look, const struct tl_group *group)
{
	size_t n;
	const struct tl_rule *rules = tl_rules(&n);

	for (size_t i = 0; i < n; i++) {
		const struct tl_rule *rule = &rules[i];

		if (group->state < TL_STATE_NUMBERS && rule->states & 1u << group->state &&
		    (!rule->owners || rule->owners & 1u << group->owner) &&
		    (look->says & rule->needs) == rule->needs && applies(rule, look, group))
			return rule;
	}
	return NULL;
}

static void say_far(struct tl_buf *out, const struct tl_group *group, const char *end)
{
	char peer[TL_ENDPOINT_TEXT];

	if (!group->incoming)
		tl_buf_str(out, end);
	else if (group->many_peers)
		tl_buf_fmt(out, "the clients of %s", end);
	else
		tl_buf_fmt(out, "%s, the client of %s",
			   tl_endpoint_addr_text(&group->peer, peer), end);
}

static void tell(struct tl_telling *telling)
{
	const struct tl_rule *rule = telling->finding->rule;
	struct tl_buf owner = { 0 }, far = { 0 };
	char end[TL_ENDPOINT_TEXT];

	telling->end = tl_endpoint_text(&telling->group->end, end);
	if (telling->group->owner == TL_OWNER_UNTOLD)
		tl_buf_str(&owner, "an unnamed program");
	else
		tl_say_owner(&owner, telling->look, telling->group);
	say_far(&far, telling->group, end);
	telling->owner = tl_buf_text(&owner);
	telling->far = tl_buf_text(&far);
	telling->failed |= owner.failed || far.failed;
	telling->about = rule->about;
	telling->unsent = false;
	rule->tell(telling);
	tl_buf_release(&owner);
	tl_buf_release(&far);
	if (rule->so)
		tl_tell(telling, TL_REMARK_SO, "%s", !telling->unsent ? rule->so :
			"it is not sent, as where a firewall rule of this host drops it, no route "
			"leads there or a link is down. It is not the other end.");
	if (rule->now)
		tl_tell(telling, TL_REMARK_NOW, "%s", !telling->unsent ? rule->now :
			"look at nft list ruleset, ip route get ADDRESS and ip link, here; the "
			"kernel gives up by itself");
	tl_tell(telling, TL_REMARK_SEE, "tcplab explain %s; tcplab run %s",
		tl_state_name(telling->group->state),
		tl_lead(rule->lead)->scenarios[0]);
}

/* Of one cause, one finding: ports are used up towards one end, by whatever has them. */
static bool tells(const struct tl_host *look, const struct tl_diagnosis *finding,
		  const struct tl_group *group)
{
	return finding->rule->lead == TL_LEAD_NO_PORT_LEFT && !group->incoming &&
	       tl_share_ports(look, &look->groups[finding->group], group);
}

static bool is_told(const struct tl_host *look, const struct tl_diagnoses *findings,
		    const struct tl_rule *rule, const struct tl_group *group)
{
	for (size_t i = 0; i < findings->n; i++)
		if (findings->v[i].rule == rule && tells(look, &findings->v[i], group))
			return true;
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

static void release(struct tl_diagnosis *finding)
{
	free(finding->head);
	for (size_t i = 0; i < finding->n_remarks; i++)
		free(finding->remarks[i].text);
}

bool tl_group_passes(const struct tl_host *look, const struct tl_group *group,
		     const struct tl_sieve *sieve)
{
	TL_EACH_ROW(row, look, group) {
		if (tl_sieve_passes(sieve, &row->sock) &&
		    tl_sieve_holds(sieve, &look->processes, row->hold))
			return true;
	}
	return false;
}

void tl_diagnoses_pick(struct tl_diagnoses *findings, const struct tl_host *look,
		       const struct tl_sieve *sieve)
{
	size_t n = 0;

	for (size_t i = 0; i < findings->n; i++) {
		struct tl_diagnosis *finding = &findings->v[i];
		bool passes = tl_group_passes(look, &look->groups[finding->group], sieve);

		for (size_t g = 0; !passes && g < look->n_groups; g++)
			passes = tells(look, finding, &look->groups[g]) &&
				 tl_group_passes(look, &look->groups[g], sieve);
		if (passes)
			findings->v[n++] = *finding;
		else
			release(finding);
	}
	findings->n = n;
}

void tl_diagnoses_release(struct tl_diagnoses *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		release(&findings->v[i]);
	free(findings->v);
	*findings = (struct tl_diagnoses){ 0 };
}
