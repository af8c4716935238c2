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

/* The stages a verb can be done in, and the one it leads to. */
struct effect {
	unsigned from;
	enum stage to;
	bool talks; /* over the actor's socket: it must be ready */
};

static struct effect effect(enum tl_verb verb)
{
	switch (verb) {
	case TL_VERB_START:
	case TL_VERB_LAUNCH:
		return (struct effect){ BIT(UNSTARTED) | BIT(ENDED), RUNNING };
	case TL_VERB_FAIL:
		return (struct effect){ BIT(UNSTARTED) | BIT(ENDED), ENDED };
	case TL_VERB_STOP:
		return (struct effect){ BIT(RUNNING), ENDED, .talks = true };
	case TL_VERB_TERMINATE:
		return (struct effect){ BIT(RUNNING), ENDED };
	case TL_VERB_KILL:
		return (struct effect){ BIT(RUNNING) | BIT(FROZEN), ENDED };
	case TL_VERB_FREEZE:
		return (struct effect){ BIT(RUNNING), FROZEN };
	case TL_VERB_THAW:
		return (struct effect){ BIT(FROZEN), RUNNING };
	case TL_VERB_COMMAND:
	case TL_VERB_LISTEN:
	case TL_VERB_CONNECT:
	case TL_VERB_CONNECTED:
	case TL_VERB_ACCEPT:
	case TL_VERB_SEND:
	case TL_VERB_RECEIVE:
	case TL_VERB_SHUTDOWN:
	case TL_VERB_CLOSE:
	case TL_VERB_ABORT:
		return (struct effect){ BIT(RUNNING), RUNNING, .talks = true };
	case TL_VERB_READY:
	case TL_VERB_SYSCTL:
	case TL_VERB_DESTROY:
	case TL_VERB_HOLD:
	case TL_VERB_AWAIT:
	case TL_VERB_RELEASE:
	case TL_VERB_DROP:
	case TL_VERB_LOSE:
	case TL_VERB_PASS:
		break;
	}
	return (struct effect){ BIT(RUNNING), RUNNING };
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
		if (step->verb == TL_VERB_THAW)
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
static void check_ready(struct scn_reader *r, const struct tl_step *step, struct effect e,
			const struct life *life)
{
	const char *actor = tl_plan_actor_name(r->plan, step->actor);

	if (life->stage != RUNNING)
		return;
	if (e.talks && !life->ready)
		scn_mistake(r, scn_step_place(r, step),
			    "%s is only launched, in line %d: \"ready: %s\" must come first",
			    actor, life->line, actor);
}

/* A replica is ready when its link is up: its master must be able to answer. */
static void check_master(struct scn_reader *r, const struct tl_step *step,
			 const struct life *lives)
{
	int master = r->plan->actors[step->actor].replicaof;

	if (step->verb != TL_VERB_START && step->verb != TL_VERB_READY)
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
	struct effect e = effect(step->verb);
	bool waits = step->verb == TL_VERB_READY || e.talks;
	struct life *life;

	for (size_t i = 0; !step->text && i < r->plan->n_actors; i++)
		lives[i] = (struct life){ .stage = UNCERTAIN, .ready = true };
	if (!step->text || step->actor < 0)
		return;
	life = &lives[step->actor];
	if (!((e.from | BIT(UNCERTAIN)) & BIT(life->stage)))
		refuse(r, step, life);
	check_ready(r, step, e, life);
	check_master(r, step, lives);
	if (life->stage != e.to) {
		life->stage = e.to;
		life->line = step->where.line;
	}
	if (step->verb == TL_VERB_LAUNCH)
		life->ready = false;
	else if (step->verb == TL_VERB_START || waits)
		life->ready = true;
}

void scn_check_order(struct scn_reader *r)
{
	const struct tl_plan *plan = r->plan;
	struct life *lives = scn_calloc(r, plan->n_actors, sizeof(*lives));

	for (size_t p = 0; lives && p < plan->n_phases; p++)
		for (size_t s = 0; s < plan->phases[p].n_steps; s++)
			walk_step(r, &plan->phases[p].steps[s], lives);
	free(lives);
}
