/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A run is a walk over the plan on one uv loop, in one thread:
 *
 *   phase:  its steps, one after the other     steps.c
 *           then looks at the table until it   look.c
 *           is as expected, or time is up
 *           then witnesses, where asked for    witness.c
 *   next phase
 *
 * Each part calls the next when it is done, so what the engine is doing is always exactly
 * one thing (enum engine_doing). Nothing sleeps: a step ends with its actor's callback or
 * its deadline, a look with a matching table or its deadline.
 *
 * There are four ways out: all phases done, an expectation unmet, a fault, SIGTERM. Each
 * goes through engine_end(), which says so in the trace and closes what is open; the loop
 * runs dry when the last process is gone.
 */
#include "engine_run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

/* Does what programs have written by then come before an event of this kind? */
static bool is_after_output(enum tl_event_kind kind)
{
	switch (kind) {
	case TL_EVENT_PHASE:
	case TL_EVENT_STEP:
	case TL_EVENT_DONE:
	case TL_EVENT_ACTOR:
	case TL_EVENT_SNAPSHOT:
	case TL_EVENT_MISSED:
	case TL_EVENT_FAULT:
	case TL_EVENT_END:
		return true;
	case TL_EVENT_RUN:
	case TL_EVENT_PUSHED:
	case TL_EVENT_OUTPUT:
	case TL_EVENT_WIRE:
	case TL_EVENT_SEGMENT:
	case TL_EVENT_LETGO:
	case TL_EVENT_LOSSY:
	case TL_EVENT_WITNESS:
	case TL_EVENT_COUNTERS:
		break;
	}
	return false;
}

/* What cannot be read of an output is left for the next time: a run does not fail by it. */
static void tell_outputs(struct engine *e)
{
	for (size_t i = 0; i < e->plan->n_actors; i++) {
		struct tl_event ev = { .kind = TL_EVENT_OUTPUT, .output.actor = (int)i };
		struct tl_buf text = { 0 };
		struct tl_err unused;

		if (e->actors[i] &&
		    !tl_actor_output(e->actors[i], &text, &ev.output.left_out, &unused) &&
		    (text.len || ev.output.left_out)) {
			ev.output.text = (char *)tl_buf_text(&text);
			engine_emit(e, ev);
		}
		tl_buf_release(&text);
	}
}

void engine_emit(struct engine *e, struct tl_event ev)
{
	if (e->failed)
		return;
	if (is_after_output(ev.kind))
		tell_outputs(e);
	ev.t_ns = uv_hrtime() - e->t0;
	ev.phase = e->phase;
	e->failed = e->options->emit(e->options->arg, &ev, e->err);
	if (e->failed)
		engine_end(e, TL_END_FAULT);
}

static void on_actor_closed(void *arg)
{
	(void)arg;
}

uint64_t engine_now(const struct engine *e)
{
	uint64_t now = uv_hrtime();

	return now - ask_stood_still(e, now);
}

/* Has the table been read for the phase that ends so? */
static bool has_looked(const struct engine *e, enum tl_end how)
{
	switch (e->doing) {
	case ENGINE_STEPPING:
		return false;
	case ENGINE_LOOKING:
	case ENGINE_HOLDING:
		return how == TL_END_UNMET;
	case ENGINE_WITNESSING:
	case ENGINE_ENDED:
		break;
	}
	return true;
}

/* A phase that fails shows its table as well, and what the counters have come to. */
static void look_back(struct engine *e, enum tl_end how)
{
	if (how == TL_END_COMPLETE || e->phase < 0)
		return;
	if (!has_looked(e, how))
		look_last(e);
	if (how == TL_END_UNMET)
		counters_emit(e);
}

void engine_end(struct engine *e, enum tl_end how)
{
	if (e->doing == ENGINE_ENDED)
		return;
	look_back(e, how);
	if (e->doing == ENGINE_ENDED)
		return;
	engine_emit(e, (struct tl_event){ .kind = TL_EVENT_END, .end.how = how });
	e->doing = ENGINE_ENDED;
	uv_close((uv_handle_t *)&e->term, NULL);
	uv_close((uv_handle_t *)&e->tick, NULL);
	uv_close((uv_handle_t *)&e->deadline, NULL);
	uv_close((uv_handle_t *)&e->wire.again, NULL);
	witness_stop(e);
	wire_close(e);
	ask_close(e);
	for (size_t i = 0; i < e->plan->n_actors; i++)
		if (e->actors[i])
			tl_actor_close(e->actors[i], on_actor_closed, e);
}

/* Root may wonder about what is denied to root. */
static void explain_lowered(struct tl_buf *text, const struct engine *e, const struct tl_err *err)
{
	tl_buf_str(text, err->text);
	if (e->sandbox->lowered && err->code == EACCES)
		tl_buf_fmt(text, "; what root starts runs as user %u, who may not; see "
				 "--unsafe-root", e->sandbox->uid);
}

void engine_fault(struct engine *e, const struct tl_err *err, int step)
{
	struct tl_buf text = { 0 };

	explain_lowered(&text, e, err);
	engine_emit(e, (struct tl_event){ .kind = TL_EVENT_FAULT,
					  .fault = { .text = (char *)tl_buf_text(&text),
						     .step = step } });
	tl_buf_release(&text);
	engine_end(e, err->code == EOPNOTSUPP ? TL_END_UNSUPPORTED : TL_END_FAULT);
}

void engine_next_phase(struct engine *e)
{
	if (e->doing == ENGINE_ENDED)
		return;
	counters_emit(e);
	if (e->doing == ENGINE_ENDED)
		return;
	if (e->phase + 1 == (int)e->plan->n_phases) {
		engine_end(e, TL_END_COMPLETE);
		return;
	}
	e->phase++;
	wire_new_phase(e);
	engine_emit(e, (struct tl_event){ .kind = TL_EVENT_PHASE });
	steps_begin(e);
}

static void on_term(uv_signal_t *handle, int signum)
{
	(void)signum;
	engine_end(handle->data, TL_END_INTERRUPTED);
}

/* What the clock on the wall said when the run began. */
static uint64_t wall_ns(const struct engine *e)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now))
		return 0;
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec - (uv_hrtime() - e->t0);
}

static void emit_run(struct engine *e)
{
	struct utsname host;
	char kernel[sizeof(host.sysname) + sizeof(host.release) + 2] = "?";

	if (!uname(&host))
		snprintf(kernel, sizeof(kernel), "%s %s", host.sysname, host.release);
	engine_emit(e, (struct tl_event){ .kind = TL_EVENT_RUN,
					  .run = { .version = TL_TRACE_VERSION,
						   .tcplab = TCPLAB_VERSION,
						   .file = e->plan->file,
						   .text = e->plan->text,
						   .variant = e->plan->variant,
						   .kernel = kernel,
						   .wall_ns = wall_ns(e),
						   .mock = e->options->mock,
						   .redis = (char *)e->options->redis,
						   .unsafe = e->sandbox->unsafe } });
}

/* A table that cannot be read now is read again by whoever waits, until a deadline. */
static bool listens(void *arg, const struct tl_actor *actor)
{
	struct engine *e = arg;
	struct tl_endpoint at = tl_plan_reach(e->plan, tl_actor_index(actor));
	struct tl_socks socks = { 0 };
	struct tl_err unused;
	bool found = false;

	if (!tl_table_dump(e->table, &at.port, 1, &socks, &unused))
		for (size_t i = 0; i < socks.n; i++)
			found |= socks.v[i].state == TL_LISTEN &&
				 tl_endpoint_accepts(&socks.v[i].local, &at);
	tl_socks_release(&socks);
	return found;
}

/* One that stands still cannot reap its child, and a program's children are its own affair. */
static bool alone(void *arg, int index)
{
	struct engine *e = arg;
	const struct tl_actor *actor = e->actors[index];
	struct tl_err unused;
	pid_t *pids;
	size_t n;
	int ret = tl_actor_processes(actor, &pids, &n, &unused);

	free(pids);
	return (!ret && n <= 1) || tl_actor_is_frozen(actor) ||
	       e->plan->actors[index].kind != TL_ACTOR_KIND_REDIS;
}

/* Everything that has to be there before the first phase. */
static int set_up(struct engine *e, struct tl_err *err)
{
	int ret = 0;

	if (e->options->mock && e->plan->no_mock)
		return tl_err_set(err, EOPNOTSUPP, "the scenario is about what Redis itself does "
				  "(\"mock: no\"); run without --mock");
	ret = tl_sandbox_enter(e->sandbox, err);
	if (!ret)
		ret = ask_open(e, err);
	if (!ret)
		ret = wire_open(e, err);
	if (!ret)
		ret = needs_check(e, err);
	if (!ret)
		ret = tl_sandbox_sysctl(e->plan->sysctls, e->plan->n_sysctls, err);
	if (!ret && e->plan->quickack)
		ret = tl_sandbox_quickack(err);
	if (!ret)
		ret = tl_table_open(&e->table, err);
	if (!ret)
		ret = settle_open(e, err);
	if (ret)
		return ret;
	e->owners.table = e->table;
	e->host = (struct tl_actor_host){ .loop = &e->loop,
					  .home = e->sandbox->home,
					  .plan = e->plan,
					  .mock = e->options->mock,
					  .servers = e->servers,
					  .patient = e->ask != NULL,
					  .started = news_started,
					  .exited = news_exited,
					  .pushed = news_pushed,
					  .listens = listens,
					  .alone = alone,
					  .arg = e };
	for (size_t i = 0; i < e->plan->n_actors; i++) {
		e->actors[i] = tl_actor_new(&e->host, (int)i, err);
		if (!e->actors[i])
			return -err->code;
	}
	return 0;
}

static int open_loop(struct engine *e)
{
	int ret = uv_loop_init(&e->loop);
	sigset_t term;

	if (ret)
		return tl_err_set(e->err, -ret, "event loop: %s", uv_strerror(ret));
	uv_signal_init(&e->loop, &e->term);
	uv_timer_init(&e->loop, &e->tick);
	uv_timer_init(&e->loop, &e->deadline);
	uv_timer_init(&e->loop, &e->wire.again);
	e->term.data = e->tick.data = e->deadline.data = e->wire.again.data = e;
	uv_signal_start(&e->term, on_term, SIGTERM);
	/* The caller may have it blocked, so that one that came early has been kept. */
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_UNBLOCK, &term, NULL);
	return 0;
}

int tl_engine_run(const struct tl_plan *plan, struct tl_sandbox *sandbox,
		  const struct tl_engine_options *options, struct tl_err *err)
{
	struct engine e = { .plan = plan, .options = options, .sandbox = sandbox,
			    .owners = { .plan = plan, .turn = -1 }, .phase = -1 };
	struct tl_err why;
	int ret;

	e.err = err;
	e.t0 = uv_hrtime();
	e.actors = calloc(plan->n_actors ? plan->n_actors : 1, sizeof(struct tl_actor *));
	if (!e.actors)
		return tl_err_set(err, ENOMEM, "no memory for the actors");
	e.owners.actors = e.actors;
	e.owners.n_actors = plan->n_actors;
	ret = open_loop(&e);
	if (ret)
		goto out;
	emit_run(&e);
	if (set_up(&e, &why))
		engine_fault(&e, &why, -1);
	else
		engine_next_phase(&e);
	uv_run(&e.loop, UV_RUN_DEFAULT);
	ret = e.failed;
	if (uv_loop_close(&e.loop) && !ret)
		ret = tl_err_set(err, EBUSY, "the event loop was left with open handles");
out:
	tl_table_close(e.table);
	tl_socks_release(&e.socks);
	settle_close(&e);
	free(e.reply);
	owners_release(&e.owners);
	wire_release_memory(&e);
	free(e.rows);
	free(e.servers);
	free(e.actors);
	return ret;
}
