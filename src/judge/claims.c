/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a claim's evidence adds up to. */
#include "questions.h"

#include <stdlib.h>

/* Without evidence nothing bears the claim out, which is not to say that it is wrong. */
static enum tl_fact add_up(const struct tl_claim_verdict *cv, size_t n)
{
	enum tl_fact stands = n ? TL_FACT_SO : TL_FACT_UNSEEN;

	for (size_t i = 0; i < n; i++) {
		if (cv->check[i].fact == TL_FACT_NOT_SO)
			return TL_FACT_NOT_SO;
		if (cv->check[i].fact == TL_FACT_UNSEEN)
			stands = TL_FACT_UNSEEN;
	}
	return stands;
}

static bool judge_claim(const struct tl_film *film, const struct tl_verdict *verdict,
			const struct tl_claim *claim, struct tl_claim_verdict *cv)
{
	cv->check = calloc(claim->n_check + 1, sizeof(*cv->check));
	if (!cv->check)
		return false;
	for (size_t i = 0; i < claim->n_check; i++)
		if (!judge_evidence(film, verdict, &claim->check[i], &cv->check[i]))
			return false;
	cv->stands = add_up(cv, claim->n_check);
	return true;
}

bool judge_claims(const struct tl_film *film, struct tl_verdict *verdict)
{
	size_t n = film->plan->n_claims;

	verdict->claims = calloc(n + 1, sizeof(*verdict->claims));
	if (!verdict->claims)
		return false;
	verdict->n_claims = n;
	for (size_t i = 0; i < n; i++)
		if (!judge_claim(film, verdict, &film->plan->claims[i],
				 &verdict->claims[i]))
			return false;
	return true;
}
