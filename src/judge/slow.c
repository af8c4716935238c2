/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A Redis whose client closes reads the end of file and closes as well. Its kernel puts the
 * ACK of the client's FIN off for 40 ms, so that it travels with Redis's own FIN: three
 * segments. On a machine that does not let Redis run for so long the ACK goes ahead by itself:
 * four segments, FIN_WAIT2 at one end and CLOSE_WAIT at the other. That says nothing about a
 * claim that rests on the three: it was not observed.
 */
#include "questions.h"

static bool is_sent_by(const struct tl_shot *s, int closer, int phase)
{
	return s->from == closer && s->end != TL_SHOT_LOST && s->end != TL_SHOT_ABSORBED &&
	       (phase < 0 || s->ev->phase == phase);
}

static bool is_of_same_ends(const struct tl_shot *a, const struct tl_shot *b)
{
	return tl_endpoint_equal(&a->ev->segment.seg.from, &b->ev->segment.seg.from) &&
	       tl_endpoint_equal(&a->ev->segment.seg.to, &b->ev->segment.seg.to);
}

/* A scenario that stops it means to see it stopped. */
static bool was_frozen(const struct tl_film *film, int closer, const struct tl_event *by)
{
	bool frozen = false;
	size_t n;
	const struct tl_act *acts = tl_film_acts(film, closer, film->trace->events, by, &n);

	for (size_t i = 0; i < n; i++)
		if (acts[i].step && acts[i].step->verb == TL_VERB_FREEZE)
			frozen = true;
		else if (acts[i].step && acts[i].step->verb == TL_VERB_THAW)
			frozen = false;
	return frozen;
}

/* "tcplab step" lets somebody freeze it, which the scenario does not know about. */
static bool was_frozen_by_hand(const struct tl_film *film, int closer, const struct tl_event *by)
{
	bool frozen = false;

	for (const struct tl_event *ev = film->trace->events; ev < by; ev++) {
		if (ev->kind != TL_EVENT_ACTOR || ev->actor.actor != closer)
			continue;
		frozen = ev->actor.change == TL_ACTOR_FROZEN;
	}
	return frozen;
}

bool slow_is_ack(const struct tl_shot *s)
{
	return s->kinds & 1u << TL_SEGMENT_ACK && s->kinds & 1u << TL_SEGMENT_ACK_OF_FIN;
}

/* The ACK that did not wait for the FIN, and that FIN; false: there is none. */
static bool find_ahead(const struct tl_film *film, int closer, int phase,
		       const struct tl_event **ack_out, const struct tl_event **fin_out)
{
	const struct tl_shot *end = film->shots + film->n_shots;

	if (closer < 0 || film->plan->actors[closer].kind != TL_ACTOR_KIND_REDIS)
		return false;
	for (const struct tl_shot *ack = film->shots; ack < end; ack++) {
		if (!is_sent_by(ack, closer, phase) || !slow_is_ack(ack) ||
		    was_frozen(film, closer, ack->ev))
			continue;
		for (const struct tl_shot *fin = ack + 1; fin < end; fin++) {
			if (!is_sent_by(fin, closer, phase) || !is_of_same_ends(ack, fin) ||
			    !(fin->kinds & 1u << TL_SEGMENT_FIN) ||
			    fin->ev->t_ns == ack->ev->t_ns)
				continue;
			*ack_out = ack->ev;
			*fin_out = fin->ev;
			return true;
		}
	}
	return false;
}

bool slow_to_close(const struct tl_film *film, int closer, int phase)
{
	const struct tl_event *ack, *fin;

	return find_ahead(film, closer, phase, &ack, &fin);
}

bool evidence_slow(const struct tl_film *film, int closer, int phase,
		   struct tl_evidence_verdict *out)
{
	struct tl_buf text = { 0 };
	const struct tl_event *ack, *fin;

	tl_buf_str(&text, "not observed: ");
	if (find_ahead(film, closer, phase, &ack, &fin)) {
		if (was_frozen_by_hand(film, closer, ack))
			tl_buf_fmt(&text, "%s was frozen", tl_plan_actor_name(film->plan, closer));
		else
			tl_buf_str(&text, "the machine was too slow");
		tl_buf_fmt(&text, " (the ACK went %.0f ms before the FIN)",
			   (fin->t_ns - ack->t_ns) / 1e6);
	}
	out->slow = true;
	return evidence_found(out, TL_FACT_UNSEEN, phase, &text);
}
