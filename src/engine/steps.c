/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps of a phase: one verb after the other, each with a deadline.
 *
 * A step begins, runs until its answer is there, and settles (settle.c). steps_go() alone goes
 * from one stage to the next, in a loop: it is called again when an answer has come, and a
 * moment after anything else has that a step may wait for. So however many steps are done at
 * once, none is begun from inside another.
 */
#include "engine_run.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Long enough for a loaded machine; a Redis shutting down may wait ten seconds itself. */
#define STEP_DEADLINE_MS 20000

/* How often it is asked whether a step has settled, where nothing announces it. */
#define SETTLE_PAUSE_MS 1

static void steps_go(struct engine *e);

static const struct tl_step *current(const struct engine *e)
{
	return &e->plan->phases[e->phase].steps[e->step];
}

/* A step failed: say which. */
static void step_failed(struct engine *e, const struct tl_err *err)
{
	struct tl_err text = *err;

	tl_err_prefix(&text, "%s", current(e)->text);
	engine_fault(e, &text, (int)e->step);
}

/* Something came, or did not, that the scenario counted on: seen, and no fault of the lab's. */
static void miss(struct engine *e, const struct tl_buf *text)
{
	engine_emit(e, (struct tl_event){ .kind = TL_EVENT_MISSED,
					  .missed = { .step = (int)e->step,
						      .text = (char *)tl_buf_text(text) } });
	engine_end(e, TL_END_UNMET);
}

/* What the step under way waits for has not come in its time. */
static void miss_in_time(struct engine *e)
{
	struct tl_buf text = { 0 };

	if (tl_verb_is_of_wire(current(e)->verb))
		wire_missed(e, current(e), &text);
	else if (current(e)->verb == TL_VERB_EXITS)
		tl_buf_fmt(&text, "%s: it is still running", current(e)->text);
	else if (current(e)->verb == TL_VERB_SAYS)
		tl_buf_fmt(&text, "%s: it has not", current(e)->text);
	else
		tl_buf_fmt(&text, "%s: there was no answer in time", current(e)->text);
	miss(e, &text);
	tl_buf_release(&text);
}

/* A peer's call has another answer, a program another end, than the scenario expects. */
static void miss_answer(struct engine *e, const struct tl_err *err)
{
	struct tl_buf text = { 0 };

	tl_buf_fmt(&text, "%s: %s", current(e)->text, err->text);
	miss(e, &text);
	tl_buf_release(&text);
}

/* Its time is that of the phase's table: it waits for what others do. */
static bool waits_for_others(enum tl_verb verb)
{
	return tl_verb_is_of_wire(verb) || tl_verb_is_of_peer(verb) || verb == TL_VERB_EXITS ||
	       verb == TL_VERB_SAYS;
}

/* The step under way has its answer; what it brought about may still be on its way. */
static int answered(struct engine *e, const char *reply, struct tl_err *err)
{
	const struct tl_step *step = current(e);
	bool calls = tl_verb_is_of_peer(step->verb);
	const struct tl_told *told = calls ? tl_actor_told(e->actors[step->actor]) : NULL;

	news_step_done(e, step);
	e->reply = reply ? strdup(reply) : NULL;
	if (reply && !e->reply)
		return tl_err_set(err, ENOMEM, "no memory for an answer");
	e->stage = STAGE_SETTLES;
	if (settle_begin(e, step, told, err))
		return -err->code;
	if (!told || !told->cookie)
		return 0;
	if (owners_told(&e->owners, step->actor, told, err))
		return -err->code;
	if (step->verb == TL_VERB_GIVE)
		owners_given(&e->owners, step->call.to, told->cookie);
	if (tl_verb_does(step->verb, TL_DOES_CLOSE))
		owners_let_go(&e->owners, step->actor, told->cookie);
	return 0;
}

static void on_done(void *arg, const struct tl_err *err, const char *reply)
{
	struct engine *e = arg;
	struct tl_err why;

	if (e->doing == ENGINE_ENDED)
		return;
	uv_timer_stop(&e->deadline);
	if (err && err->code == EREMOTEIO) {
		miss_answer(e, err);
		return;
	}
	if (!err && answered(e, reply, &why))
		err = &why;
	if (err)
		step_failed(e, err);
	else
		steps_go(e);
}

/* The start of an actor that is to fail has: what it said is the answer. */
static void on_failed(void *arg, const struct tl_err *err, const char *reply)
{
	struct engine *e = arg;
	struct tl_buf text = { 0 };

	(void)reply;
	if (e->doing == ENGINE_ENDED)
		return;
	if (err) {
		on_done(e, err->code == ECHILD || err->code == EREMOTEIO ? NULL : err, err->text);
		return;
	}
	uv_timer_stop(&e->deadline);
	tl_buf_fmt(&text, "%s: it has started, but it was expected to end", current(e)->text);
	miss(e, &text);
	tl_buf_release(&text);
}

static void on_deadline(uv_timer_t *timer);

/* Of what is left of the step's time; a clock that stands still leaves all of it. */
static void start_deadline(struct engine *e)
{
	uint64_t now = engine_now(e);
	uint64_t left = e->until > now ? e->until - now : 0;

	uv_timer_start(&e->deadline, on_deadline, left / 1000000 + 1, 0);
}

static void on_deadline(uv_timer_t *timer)
{
	struct engine *e = timer->data;
	struct tl_err err;

	if (ask_is_waiting(e) || engine_now(e) < e->until) {
		start_deadline(e);
		return;
	}
	if (current(e)->verb == TL_VERB_PAUSE) {
		on_done(e, NULL, NULL); /* that was all */
		return;
	}
	if (waits_for_others(current(e)->verb)) {
		miss_in_time(e);
		return;
	}
	tl_err_set(&err, ETIMEDOUT, "it did not finish within %d s", STEP_DEADLINE_MS / 1000);
	if (current(e)->actor >= 0)
		tl_actor_explain(e->actors[current(e)->actor], &err);
	step_failed(e, &err);
}

/* End what the row of the step says, all of it. Return: 1 when that is done, or -errno. */
static int destroy(struct engine *e, const struct tl_step *step, struct tl_err *err)
{
	struct tl_row *rows = NULL;
	size_t n = 0, found = 0;
	int ret = look_read(e, &rows, &n, err);

	for (size_t i = 0; !ret && i < n; i++) {
		if (!tl_pattern_fits(&step->row, &rows[i]))
			continue;
		found++;
		ret = tl_table_destroy(e->table, &rows[i].sock, err);
		if (ret == -ENOENT)
			ret = 0; /* it has just ended by itself */
	}
	free(rows);
	if (!ret && !found)
		ret = tl_err_set(err, EREMOTEIO, "there is no such row");
	return ret ? ret : 1;
}

static int stop(struct tl_actor *actor, tl_actor_done *done, struct tl_err *err)
{
	return tl_actor_end(actor, TL_ACTOR_END_STOP, done, err);
}

static int terminate(struct tl_actor *actor, tl_actor_done *done, struct tl_err *err)
{
	return tl_actor_end(actor, TL_ACTOR_END_TERMINATE, done, err);
}

static int kill_it(struct tl_actor *actor, tl_actor_done *done, struct tl_err *err)
{
	return tl_actor_end(actor, TL_ACTOR_END_KILL, done, err);
}

/* The verbs whose argument is an actor: what is asked of it, and who hears the answer. */
#define ASKS(X)                                                                              \
	X(START, tl_actor_start, on_done)                                                    \
	X(FAIL, tl_actor_start, on_failed)                                                   \
	X(STOP, stop, on_done)                                                               \
	X(TERMINATE, terminate, on_done)                                                     \
	X(KILL, kill_it, on_done)                                                            \
	X(FREEZE, tl_actor_freeze, on_done)                                                  \
	X(THAW, tl_actor_thaw, on_done)                                                      \
	X(LAUNCH, tl_actor_launch, on_done)                                                  \
	X(READY, tl_actor_ready, on_done)

static const struct {
	int (*ask)(struct tl_actor *actor, tl_actor_done *done, struct tl_err *err);
	tl_actor_done *done;
} asks[TL_N_VERBS] = {
#define X(id, ask, done) [TL_VERB_##id] = { ask, done },
	ASKS(X)
#undef X
};

/* A row for each of them, and for no other: both sets are the same. */
#define ASKED(id, ask, done) | UINT64_C(1) << TL_VERB_##id
#define OF_ACTOR(id, name, group, argument, ...)                                             \
	| (uint64_t)(TL_ARGUMENT_##argument == TL_ARGUMENT_ACTOR) << TL_VERB_##id
static_assert((0 ASKS(ASKED)) == (0 TL_VERBS(OF_ACTOR)),
	      "asks has no row for a verb whose argument is an actor, or one too many");

/* Start the current step. Return: as the actor's function, or 1 when it is done already. */
static int start_step(struct engine *e, struct tl_err *err)
{
	const struct tl_step *step = current(e);
	struct tl_actor *actor = step->actor >= 0 ? e->actors[step->actor] : NULL;
	int ret;

	switch (tl_verbs[step->verb].argument) {
	case TL_ARGUMENT_ACTOR:
		return asks[step->verb].ask(actor, asks[step->verb].done, err);
	case TL_ARGUMENT_END:
		return tl_actor_outlast(actor, step->status, step->signal, on_done, err);
	case TL_ARGUMENT_SIGNAL:
		ret = tl_actor_signal(actor, step->signal, err);
		return ret ? ret : 1;
	case TL_ARGUMENT_TEXT:
		return tl_actor_hear(actor, step->argv[0], on_done, err);
	case TL_ARGUMENT_COMMAND:
		return tl_actor_command(actor, step->argv, step->argc, on_done, err);
	case TL_ARGUMENT_SYSCTLS:
		ret = tl_sandbox_sysctl(step->settings, step->n_settings, err);
		return ret ? ret : 1;
	case TL_ARGUMENT_TIME:
		return 0; /* its deadline is what is waited for */
	case TL_ARGUMENT_ROW:
		return destroy(e, step, err);
	case TL_ARGUMENT_SEGMENT:
	case TL_ARGUMENT_HELD:
	case TL_ARGUMENT_COVERED:
	case TL_ARGUMENT_NEXT:
		return wire_step(e, step, err);
	case TL_ARGUMENT_CALL:
		return tl_actor_call(actor, step->verb, &step->call, on_done, err);
	}
	return tl_err_set(err, EINVAL, "a verb that the engine does not know");
}

uint64_t tl_engine_patience(const struct tl_phase *phase, size_t step)
{
	const struct tl_step *s = &phase->steps[step];

	if (s->verb == TL_VERB_PAUSE)
		return s->time_ns;
	if (waits_for_others(s->verb))
		return phase->within_ns;
	return STEP_DEADLINE_MS * UINT64_C(1000000);
}

/* @ret: of start_step() or wire_step(). Return: is the step on its way to the next stage? */
static bool goes_on(struct engine *e, int ret, struct tl_err *err)
{
	if (ret > 0) {
		uv_timer_stop(&e->deadline);
		ret = answered(e, NULL, err);
		if (!ret)
			return true;
	}
	if (ret == -EREMOTEIO)
		miss_answer(e, err);
	else if (ret < 0)
		step_failed(e, err);
	return false;
}

static void on_tick(uv_timer_t *tick)
{
	steps_go(tick->data);
}

/* @ret: of settle_now() or settle_for(). Return: is it settled? If not it is asked again. */
static bool is_settled(struct engine *e, int ret, struct tl_err *err)
{
	if (e->doing == ENGINE_ENDED)
		return false;
	if (!ret)
		uv_timer_start(&e->tick, on_tick, SETTLE_PAUSE_MS, 0);
	if (ret < 0)
		engine_fault(e, err, -1);
	return ret > 0;
}

/* What came before has been read by then: a hold is for what comes after it. */
static bool begin_step(struct engine *e)
{
	struct tl_err err;

	if (!is_settled(e, settle_for(e, current(e), &err), &err))
		return false;
	engine_emit(e, (struct tl_event){ .kind = TL_EVENT_STEP, .step.step = (int)e->step });
	if (e->doing == ENGINE_ENDED)
		return false;
	e->stage = STAGE_RUNS;
	e->owners.turn = current(e)->actor;
	e->until = engine_now(e) + tl_engine_patience(&e->plan->phases[e->phase], e->step);
	start_deadline(e);
	return goes_on(e, start_step(e, &err), &err);
}

/* One that waits for a segment may have it now. */
static bool run_step(struct engine *e)
{
	struct tl_err err;

	if (!tl_verb_is_of_wire(current(e)->verb) || ask_is_waiting(e))
		return false;
	return goes_on(e, wire_step(e, current(e), &err), &err);
}

static bool settle_step(struct engine *e)
{
	struct tl_err err;

	if (!is_settled(e, settle_now(e, &err), &err))
		return false;
	if (look_learn(e, &err)) {
		step_failed(e, &err);
		return false;
	}
	engine_emit(e, (struct tl_event){ .kind = TL_EVENT_DONE,
					  .step = { (int)e->step, e->reply,
						    e->settling.told } });
	free(e->reply);
	e->reply = NULL;
	e->step++;
	e->stage = STAGE_BEGINS;
	return true;
}

static bool end_steps(struct engine *e)
{
	struct tl_err err;

	if (is_settled(e, settle_for(e, NULL, &err), &err)) {
		uv_timer_stop(&e->tick);
		look_begin(e);
	}
	return false;
}

static void steps_go(struct engine *e)
{
	bool more = true;

	while (more && e->doing == ENGINE_STEPPING) {
		switch (e->stage) {
		case STAGE_BEGINS:
			more = e->step < e->plan->phases[e->phase].n_steps ? begin_step(e) :
									     end_steps(e);
			break;
		case STAGE_RUNS:
			more = run_step(e);
			break;
		case STAGE_SETTLES:
			more = settle_step(e);
			break;
		}
	}
}

void steps_poke(struct engine *e)
{
	if (e->doing == ENGINE_STEPPING)
		uv_timer_start(&e->tick, on_tick, 0, 0);
}

void steps_begin(struct engine *e)
{
	e->doing = ENGINE_STEPPING;
	e->step = 0;
	e->stage = STAGE_BEGINS;
	e->settling.since = engine_now(e);
	steps_go(e);
}
