/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * The steps of a scenario are all known beforehand, and so is what each makes of its
 * actor: the actors' lives are gone through on paper, and a step that could never be
 * done is a mistake before anything runs. After a mistake the step is taken as done, and
 * after a step that could not be read every actor's stage is uncertain and nothing is held
 * against it, so that one slip is reported once.
 */
#include "reader.h"

#include <stdlib.h>
#include <string.h>

enum stage { UNSTARTED, RUNNING, FROZEN, ENDED, UNCERTAIN };

#define BIT(stage) (1u << (stage))

/* Where an actor is in its life, and the line of the step that brought it there. */
struct life {
	enum stage stage;
	int line;
	bool ready; /* a step was done when it answered; or perhaps one was */
};

/* The stages of an actor that a verb can be done in, as bits. */
static unsigned before(enum tl_needs needs)
{
	switch (needs) {
	case TL_NEEDS_DOWN:
		return BIT(UNSTARTED) | BIT(ENDED);
	case TL_NEEDS_RUNNING:
	case TL_NEEDS_ANSWERS:
		return BIT(RUNNING);
	case TL_NEEDS_FROZEN:
		return BIT(FROZEN);
	case TL_NEEDS_ALIVE:
		return BIT(RUNNING) | BIT(FROZEN);
	case TL_NEEDS_BEGUN:
		return BIT(RUNNING) | BIT(ENDED);
	case TL_NEEDS_NOTHING:
		break;
	}
	return ~0u;
}

/* The one that it leads to. */
static enum stage after(enum tl_makes makes)
{
	switch (makes) {
	case TL_MAKES_FROZEN:
		return FROZEN;
	case TL_MAKES_ENDED:
		return ENDED;
	case TL_MAKES_NOTHING:
	case TL_MAKES_LAUNCHED:
	case TL_MAKES_READY:
	case TL_MAKES_THAWED:
		break;
	}
	return RUNNING;
}

static void refuse(struct scn_reader *r, const struct tl_step *step, const struct life *life)
{
	const char *actor = tl_plan_actor_name(r->plan, step->actor);
	const char *first = step->verb == TL_VERB_READY ? "launch" : "start";
	struct scn_span at = scn_step_place(r, step);

	switch (life->stage) {
	case UNSTARTED:
		scn_mistake(r, at, "%s is not started yet: begin with \"%s: %s\"", actor,
			    first, actor);
		break;
	case RUNNING:
		if (tl_verbs[step->verb].needs == TL_NEEDS_FROZEN)
			scn_mistake(r, at, "%s is not frozen: \"freeze: %s\" must come first",
				    actor, actor);
		else
			scn_mistake(r, at, "%s is running already, since line %d", actor,
				    life->line);
		break;
	case FROZEN:
		scn_mistake(r, at, "%s is frozen since line %d: \"thaw: %s\" must come first",
			    actor, life->line, actor);
		break;
	case ENDED:
		scn_mistake(r, at, "%s has ended in line %d: \"%s: %s\" must come first",
			    actor, life->line, first, actor);
		break;
	case UNCERTAIN:
		break;
	}
}

/* What was launched may be asked nothing before it is ready. */
static void check_ready(struct scn_reader *r, const struct tl_step *step,
			const struct life *life)
{
	const char *actor = tl_plan_actor_name(r->plan, step->actor);

	if (life->stage != RUNNING)
		return;
	if (tl_verbs[step->verb].needs == TL_NEEDS_ANSWERS && !life->ready)
		scn_mistake(r, scn_step_place(r, step),
			    "%s is launched in line %d and not ready yet: \"ready: %s\" must "
			    "come first",
			    actor, life->line, actor);
}

/* A replica is ready when its link is up: its master must be able to answer. */
static void check_master(struct scn_reader *r, const struct tl_step *step,
			 const struct life *lives)
{
	int master = r->plan->actors[step->actor].replicaof;

	if (tl_verbs[step->verb].makes != TL_MAKES_READY)
		return;
	if (master < 0 || (BIT(lives[master].stage) & (BIT(RUNNING) | BIT(UNCERTAIN))))
		return;
	scn_mistake(r, scn_step_place(r, step),
		    "%s cannot become ready: its master %s is not running at this point",
		    tl_plan_actor_name(r->plan, step->actor),
		    tl_plan_actor_name(r->plan, master));
}

static void walk_step(struct scn_reader *r, const struct tl_step *step, struct life *lives)
{
	const struct tl_verb_row *verb = &tl_verbs[step->verb];
	enum stage stage = after(verb->makes);
	struct life *life;

	for (size_t i = 0; !step->text && i < r->plan->n_actors; i++)
		lives[i] = (struct life){ .stage = UNCERTAIN, .ready = true };
	if (!step->text || step->actor < 0)
		return;
	life = &lives[step->actor];
	if (!((before(verb->needs) | BIT(UNCERTAIN)) & BIT(life->stage)))
		refuse(r, step, life);
	if (verb->needs == TL_NEEDS_BEGUN)
		return;
	check_ready(r, step, life);
	check_master(r, step, lives);
	if (life->stage != stage) {
		life->stage = stage;
		life->line = step->where.line;
	}
	if (verb->makes == TL_MAKES_LAUNCHED)
		life->ready = false;
	else if (verb->makes == TL_MAKES_READY || verb->needs == TL_NEEDS_ANSWERS)
		life->ready = true;
}

void scn_check_order(struct scn_reader *r)
{
	struct life *lives = scn_calloc(r, r->plan->n_actors, sizeof(*lives));
	struct tl_step_at at = { 0 };
	const struct tl_step *step;

	while (lives && (step = tl_plan_next_step(r->plan, &at)))
		walk_step(r, step, lives);
	free(lives);
}
