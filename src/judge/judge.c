/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole verdict, and why it is none better. */
#include "tcplab/judge.h"

#include <errno.h>

#include "questions.h"

/* The first phase that is not as it has to be in a run that came to its end. */
static bool phases_fail(const struct tl_film *film, const struct tl_verdict *v, struct tl_buf *why)
{
	for (size_t i = 0; i < v->n_phases; i++) {
		const struct tl_phase_verdict *pv = &v->phases[i];

		if (pv->outcome == TL_OUTCOME_UNMET) {
			tl_buf_fmt(why, "phase %zu: %s", i + 1, pv->reason);
			return true;
		}
		if (pv->outcome == TL_OUTCOME_NOT_REACHED) {
			tl_buf_fmt(why, "phase %zu was not reached", i + 1);
			return true;
		}
	}
	if (film->end->end.how != TL_END_UNMET)
		return false;
	tl_buf_str(why, "an expectation did not come true in time");
	return true;
}

static bool lives_fail(const struct tl_verdict *v, struct tl_buf *why)
{
	for (size_t i = 0; i < v->n_lives; i++)
		if (!v->lives[i].legal) {
			tl_buf_str(why, v->lives[i].reason);
			return true;
		}
	return false;
}

/* Was all that was not observed so because the machine was too slow? */
static bool was_slow(const struct tl_claim *claim, const struct tl_claim_verdict *cv)
{
	for (size_t i = 0; i < claim->n_check; i++)
		if (cv->check[i].fact == TL_FACT_UNSEEN && !cv->check[i].slow)
			return false;
	return true;
}

/*
 * A whole run has observed all there was, so what it did not observe counts as not so;
 * unless it could not observe the wire, or the machine was too slow, for which nobody's claim
 * is to blame.
 */
static bool claims_fail(const struct tl_film *film, struct tl_verdict *v, struct tl_buf *why)
{
	for (size_t i = 0; i < v->n_claims; i++) {
		const struct tl_claim_verdict *cv = &v->claims[i];
		const struct tl_claim *claim = &film->plan->claims[i];

		if (cv->stands == TL_FACT_SO)
			continue;
		if (cv->stands == TL_FACT_UNSEEN && claim->n_check &&
		    (tl_film_is_excused(film) || was_slow(claim, cv)))
			continue;
		tl_buf_fmt(why, "claim %s: ", claim->id);
		for (size_t j = 0; j < claim->n_check; j++)
			if (cv->check[j].fact == cv->stands) {
				tl_buf_str(why, cv->check[j].text);
				v->failed_by = &claim->check[j];
				return true;
			}
		tl_buf_str(why, "it names no evidence");
		return true;
	}
	return false;
}

/* The run did not come to its end: whose doing was it? */
static enum tl_result broken_off(const struct tl_film *film, struct tl_buf *why)
{
	if (film->last >= 0)
		tl_buf_fmt(why, "phase %d: ", film->last + 1);
	say_how_it_ended(why, film);
	if (!film->end)
		return TL_RESULT_INTERRUPTED;
	switch (film->end->end.how) {
	case TL_END_UNSUPPORTED:
		return TL_RESULT_SKIPPED;
	case TL_END_INTERRUPTED:
		return TL_RESULT_INTERRUPTED;
	case TL_END_FAULT:
	case TL_END_COMPLETE:
	case TL_END_UNMET:
		break;
	}
	return TL_RESULT_ERROR;
}

static enum tl_result result_of(const struct tl_film *film, struct tl_verdict *v,
				struct tl_buf *why)
{
	if (!tl_film_came_to_end(film))
		return broken_off(film, why);
	if (phases_fail(film, v, why) || lives_fail(v, why) || claims_fail(film, v, why))
		return TL_RESULT_FAILED;
	return TL_RESULT_PASSED;
}

static bool conclude(const struct tl_film *film, struct tl_verdict *verdict)
{
	const struct tl_trace *trace = film->trace;
	struct tl_buf why = { 0 };

	if (trace->n && trace->events[trace->n - 1].t_ns > trace->events[0].t_ns)
		verdict->took_ns = trace->events[trace->n - 1].t_ns - trace->events[0].t_ns;
	verdict->result = result_of(film, verdict, &why);
	if (verdict->result == TL_RESULT_PASSED) {
		tl_buf_release(&why);
		return true;
	}
	verdict->reason = say_take(&why);
	return verdict->reason;
}

int tl_judge(const struct tl_film *film, struct tl_verdict *verdict, struct tl_err *err)
{
	if (judge_phases(film, verdict) && judge_lives(film, verdict) &&
	    judge_claims(film, verdict) && conclude(film, verdict))
		return 0;
	tl_verdict_release(verdict, film->plan);
	return tl_err_set(err, ENOMEM, "no memory to judge the run");
}
