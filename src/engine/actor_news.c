/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of actors, as events: what their processes do, and what steps make of them. */
#include "engine_run.h"

/* What a step that is done has made of its actor; that is news, unless it has been told. */
static bool change_of(enum tl_verb verb, enum tl_actor_change *change)
{
	switch (tl_verbs[verb].makes) {
	case TL_MAKES_READY:
		*change = TL_ACTOR_READY;
		return true;
	case TL_MAKES_FROZEN:
		*change = TL_ACTOR_FROZEN;
		return true;
	case TL_MAKES_THAWED:
		*change = TL_ACTOR_THAWED;
		return true;
	case TL_MAKES_LAUNCHED: /* news_started() has */
	case TL_MAKES_ENDED:    /* news_exited() has */
	case TL_MAKES_NOTHING:
		break;
	}
	return false;
}

static void emit_actor(struct engine *e, struct tl_actor *actor, enum tl_actor_change change,
		       int status, int signal)
{
	const char *program =
		change == TL_ACTOR_READY ? tl_actor_program(actor) : NULL;

	if (change == TL_ACTOR_THAWED || change == TL_ACTOR_EXITED)
		ask_is_thawed(e, tl_actor_index(actor));
	engine_emit(e, (struct tl_event){ .kind = TL_EVENT_ACTOR,
					  .actor = { .actor = tl_actor_index(actor),
						     .change = change,
						     .pid = tl_actor_pid(actor),
						     .status = status,
						     .signal = signal,
						     .program = (char *)program } });
}

void news_started(void *arg, struct tl_actor *actor)
{
	emit_actor(arg, actor, TL_ACTOR_STARTED, 0, 0);
}

void news_exited(void *arg, struct tl_actor *actor, int status, int signal)
{
	struct engine *e = arg;

	emit_actor(e, actor, TL_ACTOR_EXITED, status, signal);
	owners_exited(&e->owners, tl_actor_index(actor));
}

void news_stopped(struct engine *e, struct tl_actor *actor, bool frozen)
{
	emit_actor(e, actor, frozen ? TL_ACTOR_FROZEN : TL_ACTOR_THAWED, 0, 0);
}

void news_pushed(void *arg, struct tl_actor *actor, const char *text)
{
	engine_emit(arg, (struct tl_event){ .kind = TL_EVENT_PUSHED,
					    .pushed = { tl_actor_index(actor), (char *)text } });
}

void news_step_done(struct engine *e, const struct tl_step *step)
{
	enum tl_actor_change change;

	if (change_of(step->verb, &change))
		emit_actor(e, e->actors[step->actor], change, 0, 0);
}
