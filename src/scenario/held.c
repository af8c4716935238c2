/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A segment can be awaited and let go only when a hold has stopped it. What will come is
 * not known beforehand, but what each hold can stop is: the steps are gone through on
 * paper, and one that could only wait in vain is a mistake before anything runs. A hold
 * may have stopped what a step is about when some segment can be called both ways, by the
 * same sender. It can no longer when it was taken back by a pass, or when its one segment
 * was let go: that is known where no other hold is left that the step could have meant.
 * Where there is doubt, nothing is held against the step.
 */
#include "reader.h"
#include "selector.h"

#include <stdlib.h>

/* A hold on paper. */
struct held {
	struct tl_selector what;
	int line;
	int gone; /* the line of the step that left nothing of it; 0 for none */
	bool taken; /* a connect's first segment has been stopped, and a hold of one is used up */
	bool lose; /* what comes is dropped: there is never anything to await, but a pass ends it */
};

struct holds {
	struct held *v;
	size_t n;
	int *kin; /* of each actor: the first of those that may have the same sockets as it */
};

/* What one actor gives another has both their names. */
static void note_kin(const struct tl_plan *plan, const struct tl_step *step, int *kin)
{
	int a, b;

	if (step->verb != TL_VERB_GIVE || step->actor < 0 || step->call.to < 0)
		return;
	a = kin[step->actor];
	b = kin[step->call.to];
	for (size_t i = 0; i < plan->n_actors; i++)
		if (kin[i] == a || kin[i] == b)
			kin[i] = a < b ? a : b;
}

static bool may_be(const struct holds *holds, int a, int b)
{
	return a == b || (a >= 0 && b >= 0 && holds->kin[a] == holds->kin[b]);
}

/* Can a segment be of both kinds? All but an ACK that is nothing else can have data. */
static bool can_be_both(enum tl_segment_kind a, enum tl_segment_kind b)
{
	if (tl_segment_kind_is(a, b) || tl_segment_kind_is(b, a))
		return true;
	return (a == TL_SEGMENT_DATA && !tl_segment_kind_is(b, TL_SEGMENT_ACK)) ||
	       (b == TL_SEGMENT_DATA && !tl_segment_kind_is(a, TL_SEGMENT_ACK));
}

/* Can one segment be meant by both? */
static bool overlap(const struct holds *holds, const struct tl_selector *a,
		    const struct tl_selector *b)
{
	return can_be_both(a->kind, b->kind) && may_be(holds, a->from, b->from) &&
	       (a->to < 0 || b->to < 0 || may_be(holds, a->to, b->to));
}

/* Is every segment that @inner means one that @outer means? */
static bool covers(const struct tl_selector *outer, const struct tl_selector *inner)
{
	return tl_segment_kind_is(inner->kind, outer->kind) && outer->from == inner->from &&
	       (outer->to < 0 || outer->to == inner->to);
}

/* The last hold that can have stopped it, and how many there are, with those gone or not. */
static struct held *find(const struct holds *holds, const struct tl_step *step, bool gone,
			 size_t *n)
{
	const struct tl_selector *what = &step->select;
	struct held *last = NULL;

	*n = 0;
	for (size_t i = 0; i < holds->n; i++) {
		if (!overlap(holds, &holds->v[i].what, what) || (!gone && holds->v[i].gone) ||
		    (holds->v[i].lose && step->verb != TL_VERB_PASS))
			continue;
		last = &holds->v[i];
		++*n;
	}
	return last;
}

static void refuse(struct scn_reader *r, const struct tl_step *step, const struct held *gone)
{
	struct scn_span at = scn_step_place(r, step);
	struct tl_selector hold = step->select;
	struct tl_buf what = { 0 }, first = { 0 };

	hold.all |= step->verb == TL_VERB_PASS;
	if (step->verb != TL_VERB_PASS)
		hold.nth = 1;
	scn_spell_selector(r->plan, &step->select, &what);
	scn_spell_selector(r->plan, &hold, &first);
	if (gone)
		scn_mistake(r, at,
			    "\"%s\" cannot be held: what line %d holds is released in line %d",
			    tl_buf_text(&what), gone->line, gone->gone);
	else
		scn_mistake(r, at, "\"%s\" cannot be held: \"hold: %s\" must come first",
			    tl_buf_text(&what), tl_buf_text(&first));
	r->oom |= what.failed || first.failed;
	tl_buf_release(&what);
	tl_buf_release(&first);
}

/* "#3" waits for three: do the holds there are stop so many? */
static void check_number(struct scn_reader *r, const struct tl_step *step,
			 const struct holds *holds)
{
	struct tl_selector hold = step->select;
	struct tl_buf all = { 0 };
	int most = 0;

	for (size_t i = 0; i < holds->n; i++) {
		const struct held *h = &holds->v[i];

		if (h->gone || h->lose || !overlap(holds, &h->what, &step->select))
			continue;
		if (h->what.all)
			return;
		most++;
	}
	if (step->select.nth <= most || !most)
		return;
	hold.all = true;
	hold.nth = 1;
	scn_spell_selector(r->plan, &hold, &all);
	scn_mistake(r, scn_step_place(r, step),
		    "%d at most are held by then: write \"hold: %s\" before it", most,
		    tl_buf_text(&all));
	r->oom |= all.failed;
	tl_buf_release(&all);
}

/* Note of which holds nothing is left after a step. */
static void let_go(struct holds *holds, const struct tl_step *step)
{
	size_t n;
	struct held *only = find(holds, step, false, &n);

	if (step->verb == TL_VERB_PASS) {
		for (size_t i = 0; i < holds->n; i++)
			if (!holds->v[i].gone && covers(&step->select, &holds->v[i].what))
				holds->v[i].gone = step->where.line;
	} else if (step->verb != TL_VERB_AWAIT && n == 1 && !only->what.all &&
		   !step->select.all) {
		only->gone = step->where.line;
	}
}

static void walk_step(struct scn_reader *r, const struct tl_step *step, struct holds *holds)
{
	size_t n;

	if (step->verb == TL_VERB_HOLD || step->verb == TL_VERB_LOSE) {
		holds->v[holds->n++] = (struct held){
			.what = step->select,
			.line = step->where.line,
			.lose = step->verb == TL_VERB_LOSE,
		};
		return;
	}
	if (!find(holds, step, false, &n))
		refuse(r, step, find(holds, step, true, &n));
	check_number(r, step, holds);
	let_go(holds, step);
}

static bool stops(const struct tl_selector *hold, enum tl_segment_kind kind, int from, int to)
{
	return hold->from == from && (hold->to < 0 || hold->to == to) && hold->nth <= 1 &&
	       tl_segment_kind_is(kind, hold->kind);
}

/* Where the kernel has a cookie such a connect answers at once, and the SYN goes with a send. */
static bool may_send_nothing(const struct tl_call *call)
{
	return call->options.set & 1u << TL_OPTION_FAST_OPEN && !call->text;
}

/* connect(2) waits for a SYN+ACK: while it, or the SYN, is held nobody gets further. */
static void walk_connect(struct scn_reader *r, const struct tl_step *step, struct holds *holds)
{
	const struct tl_call *call = &step->call;

	for (size_t i = 0; i < holds->n && !may_send_nothing(call); i++) {
		struct held *h = &holds->v[i];
		bool syn = stops(&h->what, TL_SEGMENT_SYN, step->actor, call->to);
		bool answer = call->to >= 0 &&
			      stops(&h->what, TL_SEGMENT_SYN_ACK, call->to, step->actor);

		if (h->gone || h->lose || h->taken || (!syn && !answer))
			continue;
		h->taken = !h->what.all;
		if (!call->wait || call->expect)
			continue;
		scn_mistake(r, scn_step_place(r, step),
			    "its %s has been held since line %d, and connect() would wait for it: "
			    "add \"wait: no\", and \"connected\" after its release",
			    syn ? "SYN" : "SYN+ACK", h->line);
		return;
	}
}

/* The first step about segments where the wire is off says it for all. */
static void refuse_wire_off(struct scn_reader *r, const struct tl_step *step)
{
	scn_mistake(r, scn_step_place(r, step),
		    "\"%s\" needs the wire, which \"wire: off\" in line %d switches off",
		    tl_verb_name(step->verb), scn_where(&r->src, r->wire_off.at).line);
}

void scn_check_holds(struct scn_reader *r)
{
	const struct tl_plan *plan = r->plan;
	struct holds holds = {
		.v = scn_calloc(r, tl_plan_count_steps(plan), sizeof(*holds.v)),
		.kin = scn_calloc(r, plan->n_actors, sizeof(*holds.kin)),
	};
	struct tl_step_at at = { 0 };
	const struct tl_step *step;

	for (size_t i = 0; holds.kin && i < plan->n_actors; i++)
		holds.kin[i] = (int)i;
	/* one that could not be read may have been a hold */
	while (holds.v && holds.kin && (step = tl_plan_next_step(plan, &at)) && step->text) {
		if (step->verb == TL_VERB_CONNECT)
			walk_connect(r, step, &holds);
		note_kin(plan, step, holds.kin);
		if (!tl_verb_is_of_wire(step->verb))
			continue;
		if (r->wire_off.len) {
			refuse_wire_off(r, step);
			break;
		}
		walk_step(r, step, &holds);
	}
	free(holds.kin);
	free(holds.v);
}
