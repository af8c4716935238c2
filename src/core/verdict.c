/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A verdict: the names of its parts, and what it owns. */
#include "tcplab/verdict.h"

#include <stdlib.h>

#include "tcplab/enum_names.h"

TL_NAMES(tl_result_name, enum tl_result, TL_RESULTS)
TL_NAMES(tl_outcome_name, enum tl_outcome, TL_OUTCOMES)
TL_NAMES(tl_hop_name, enum tl_hop_kind, TL_HOPS)
TL_NAMES(tl_fact_name, enum tl_fact, TL_FACTS)

int tl_result_status(enum tl_result result)
{
	switch (result) {
#define X(id, name, heading, status) case TL_RESULT_##id: return status;
	TL_RESULTS(X)
#undef X
	}
	return 3;
}

bool tl_life_proves(const struct tl_life *life, size_t hop)
{
	size_t n, ways = 0;
	const struct tl_arc *arcs = tl_arcs(&n);

	if (!hop || hop >= life->n_hops || !life->hops[hop].arc)
		return false;
	for (size_t i = 0; i < n; i++)
		ways += arcs[i].linux_has && arcs[i].from == life->hops[hop].arc->from &&
			arcs[i].to == life->hops[hop].arc->to;
	return ways == 1 || life->hops[hop].cause;
}

void tl_verdict_release(struct tl_verdict *verdict, const struct tl_plan *plan)
{
	for (size_t i = 0; i < verdict->n_phases; i++) {
		free(verdict->phases[i].rows);
		free(verdict->phases[i].seen);
		free(verdict->phases[i].gone);
		free(verdict->phases[i].reason);
	}
	for (size_t i = 0; i < verdict->n_lives; i++) {
		free(verdict->lives[i].hops);
		free(verdict->lives[i].reason);
	}
	for (size_t i = 0; i < verdict->n_claims; i++) {
		for (size_t j = 0; verdict->claims[i].check && j < plan->claims[i].n_check; j++)
			free(verdict->claims[i].check[j].text);
		free(verdict->claims[i].check);
	}
	free(verdict->phases);
	free(verdict->lives);
	free(verdict->hop_at);
	free(verdict->claims);
	free(verdict->reason);
	*verdict = (struct tl_verdict){ 0 };
}
