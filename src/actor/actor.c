/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * An actor is a place for one process at a time. A task (start, end, freeze, ...) is
 * asked of it, and finishes exactly once, from the loop: through actor_finish(), either
 * by what the kind of actor hears on its line to the process, or by the process's exit.
 *
 * Exit is the one event that can come at any moment. It finishes STARTING with an error,
 * ENDING with success, and any other task with an error; with no task under way it is only
 * told to the host, for a process may well end by itself.
 *
 * To start is to launch and then to become ready; a scenario may ask for both at once or
 * for one after the other, when something is to happen in between.
 */
#include "actor_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

pid_t tl_actor_pid(const struct tl_actor *actor)
{
	if (!actor->running)
		return 0;
	return actor->kind->below ? actor->main_pid : actor->process.pid;
}

const struct tl_told *tl_actor_told(const struct tl_actor *actor)
{
	return &actor->told;
}

int tl_actor_index(const struct tl_actor *actor)
{
	return actor->index;
}

const char *tl_actor_program(const struct tl_actor *actor)
{
	return actor->program;
}

const char *actor_path(const struct tl_actor *actor, const char *file, char *out)
{
	snprintf(out, ACTOR_PATH, "%.*s/%s", (int)(ACTOR_PATH - strlen(file) - 2), actor->dir,
		 file);
	return out;
}

void actor_finish(struct tl_actor *actor, const struct tl_err *err, const char *reply)
{
	tl_actor_done *done = actor->done;

	uv_timer_stop(&actor->timer);
	actor->task = ACTOR_IDLE;
	actor->done = NULL;
	if (done && !actor->closing)
		done(actor->host->arg, err, reply);
}

static void on_timer(uv_timer_t *timer)
{
	struct tl_actor *actor = timer->data;

	actor->retry(actor);
}

void actor_retry(struct tl_actor *actor, void (*retry)(struct tl_actor *actor), unsigned ms)
{
	actor->retry = retry;
	uv_timer_start(&actor->timer, on_timer, ms, 0);
}

static const struct actor_kind *kind_of(const struct tl_actor_host *host,
					const struct tl_actor_spec *spec)
{
	switch (spec->kind) {
	case TL_ACTOR_KIND_REDIS:
		return host->mock ? &actor_mock : &actor_redis;
	case TL_ACTOR_KIND_PROGRAM:
		return &actor_program;
	case TL_ACTOR_KIND_PEER:
		break;
	}
	return &actor_peer;
}

struct tl_actor *tl_actor_new(const struct tl_actor_host *host, int index, struct tl_err *err)
{
	const struct tl_actor_spec *spec = &host->plan->actors[index];
	struct tl_actor *actor = calloc(1, sizeof(*actor));

	if (!actor) {
		tl_err_set(err, ENOMEM, "no memory for actor %s", spec->name);
		return NULL;
	}
	actor->host = host;
	actor->spec = spec;
	actor->kind = kind_of(host, spec);
	actor->index = index;
	snprintf(actor->dir, sizeof(actor->dir), "%s/%s", host->home, spec->name);
	if (mkdir(actor->dir, 0700) && errno != EEXIST) {
		tl_err_set(err, errno, "%s: %s", actor->dir, strerror(errno));
		free(actor);
		return NULL;
	}
	uv_timer_init(host->loop, &actor->timer);
	actor->timer.data = actor;
	return actor;
}

static void on_closed(uv_handle_t *handle)
{
	struct tl_actor *actor = handle->data;

	if (--actor->handles)
		return;
	actor->closed(actor->closed_arg);
	free(actor->program);
	free(actor);
}

void actor_close_handles(struct tl_actor *actor)
{
	actor->handles = 1 + actor->spawned;
	if (actor->spawned)
		uv_close((uv_handle_t *)&actor->process, on_closed);
	uv_close((uv_handle_t *)&actor->timer, on_closed);
}

void tl_actor_close(struct tl_actor *actor, void (*closed)(void *arg), void *arg)
{
	actor->closing = true;
	actor->closed = closed;
	actor->closed_arg = arg;
	uv_timer_stop(&actor->timer);
	actor->kind->hang_up(actor);
	/* SIGKILL ends a stopped process too; its exit goes on with actor_close_handles(). */
	if (actor->running)
		uv_process_kill(&actor->process, SIGKILL);
	else if (!actor->respawning)
		actor_close_handles(actor);
}

int actor_begin(struct tl_actor *actor, enum actor_task task, bool running, tl_actor_done *done,
		struct tl_err *err)
{
	if (running && !actor->running)
		return tl_err_set(err, ESRCH, "%s is not running", actor->spec->name);
	if (!running && actor->running)
		return tl_err_set(err, EALREADY, "%s is already running", actor->spec->name);
	if (actor->task != ACTOR_IDLE)
		return tl_err_set(err, EBUSY, "%s is busy with something else",
				  actor->spec->name);
	actor->task = task;
	actor->done = done;
	return 0;
}

int actor_abandon(struct tl_actor *actor, int ret)
{
	actor->task = ACTOR_IDLE;
	actor->done = NULL;
	return ret;
}

static int send_signal(struct tl_actor *actor, int signal, struct tl_err *err)
{
	int ret;

	if (actor->kind->signal)
		return actor->kind->signal(actor, signal, err);
	ret = uv_process_kill(&actor->process, signal);
	return ret ? tl_err_set(err, -ret, "%s: %s", actor->spec->name, uv_strerror(ret)) : 0;
}

int tl_actor_end(struct tl_actor *actor, enum tl_actor_end how, tl_actor_done *done,
		 struct tl_err *err)
{
	int ret = actor_begin(actor, ACTOR_ENDING, true, done, err);

	if (ret)
		return ret;
	switch (how) {
	case TL_ACTOR_END_STOP:
		ret = actor->kind->ask_to_end(actor, err);
		break;
	case TL_ACTOR_END_TERMINATE:
		ret = send_signal(actor, SIGTERM, err);
		break;
	case TL_ACTOR_END_KILL:
		ret = send_signal(actor, SIGKILL, err);
		break;
	}
	return ret ? actor_abandon(actor, ret) : 0;
}

int tl_actor_signal(struct tl_actor *actor, int signal, struct tl_err *err)
{
	pid_t pid = tl_actor_pid(actor);

	if (!pid || kill(pid, signal))
		return tl_err_set(err, ESRCH, "%s does not run", actor->spec->name);
	return 0;
}

int tl_actor_command(struct tl_actor *actor, char *const *argv, size_t argc,
		     tl_actor_done *done, struct tl_err *err)
{
	int ret;

	if (!actor->kind->command)
		return tl_err_set(err, EOPNOTSUPP, "%s knows no Redis commands",
				  actor->spec->name);
	ret = actor_begin(actor, ACTOR_COMMANDING, true, done, err);
	if (ret)
		return ret;
	ret = actor->kind->command(actor, argv, argc, err);
	return ret ? actor_abandon(actor, ret) : 0;
}

int tl_actor_call(struct tl_actor *actor, enum tl_verb verb, const struct tl_call *call,
		  tl_actor_done *done, struct tl_err *err)
{
	int ret;

	if (!actor->kind->call)
		return tl_err_set(err, EOPNOTSUPP, "%s is not a peer", actor->spec->name);
	ret = actor_begin(actor, ACTOR_CALLING, true, done, err);
	if (ret)
		return ret;
	ret = actor->kind->call(actor, verb, call, err);
	return ret ? actor_abandon(actor, ret) : 0;
}
