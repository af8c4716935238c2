/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An actor's process begins, and ends: launched, announced, launched again, and how it ended.
 */
#include "actor_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* How often an output is read for what somebody waits to read in it. */
#define HEAR_MS 4

/* How a process ended, as a sentence about @actor. */
static void describe_exit(struct tl_actor *actor, int status, int signal,
			  struct tl_err *err)
{
	if (signal)
		tl_err_set(err, ECHILD, "%s was ended by signal %d (%s)", actor->spec->name,
			   signal, strsignal(signal));
	else
		tl_err_set(err, ECHILD, "%s ended with status %d", actor->spec->name, status);
	/* Its end was to be a good one: that is the scenario's failure, and not the lab's. */
	if (actor->spec->program && actor->spec->program->ready == TL_READY_EXITS)
		err->code = EREMOTEIO;
	tl_actor_explain(actor, err);
}

/* "signal 9 (Killed)", "status 0" */
static void spell_end(char *out, size_t size, int signal, int status)
{
	if (signal)
		snprintf(out, size, "signal %d (%s)", signal, strsignal(signal));
	else
		snprintf(out, size, "status %d", status);
}

/* It has ended, as somebody wanted to know. */
static void tell_end(struct tl_actor *actor)
{
	int expect = actor->expect, expect_signal = actor->expect_signal;
	char how[64], expected[64];
	struct tl_err err;

	spell_end(how, sizeof(how), actor->signal, actor->status);
	if (expect_signal ? actor->signal == expect_signal :
			    expect < 0 || (!actor->signal && actor->status == expect)) {
		actor_finish(actor, NULL, how);
		return;
	}
	spell_end(expected, sizeof(expected), expect_signal, expect);
	tl_err_set(&err, EREMOTEIO, "it ended with %s, expected %s", how, expected);
	tl_actor_explain(actor, &err);
	actor_finish(actor, &err, NULL);
}

/* It has ended, and has not said it: the scenario's failure, and not the lab's. */
static void describe_silence(struct tl_actor *actor, struct tl_err *err)
{
	describe_exit(actor, actor->status, actor->signal, err);
	err->code = EREMOTEIO;
}

static void hear(struct tl_actor *actor)
{
	struct tl_err err;

	if (actor->task != ACTOR_HEARING)
		return;
	if (actor->kind->has_said(actor, actor->awaited)) {
		actor_finish(actor, NULL, NULL);
	} else if (actor->running) {
		actor_retry(actor, hear, HEAR_MS);
	} else {
		describe_silence(actor, &err);
		actor_finish(actor, &err, NULL);
	}
}

static void on_exit_(uv_process_t *process, int64_t status, int signal)
{
	struct tl_actor *actor = process->data;
	enum actor_task task = actor->task;
	struct tl_err err;
	bool done;

	if (actor->closing) {
		actor->running = false;
		actor_close_handles(actor);
		return;
	}
	actor->host->exited(actor->host->arg, actor, signal ? -1 : (int)status, signal);
	actor->running = actor->frozen = false;
	actor->ended = true;
	actor->status = signal ? -1 : (int)status;
	actor->signal = signal;
	actor->kind->hang_up(actor);
	done = task == ACTOR_ENDING || (task == ACTOR_STARTING && actor->kind->was_ready &&
					actor->kind->was_ready(actor));
	if (done) {
		actor_finish(actor, NULL, NULL);
	} else if (task == ACTOR_HEARING) {
		hear(actor);
	} else if (task == ACTOR_OUTLASTING) {
		tell_end(actor);
	} else if (task != ACTOR_IDLE) {
		describe_exit(actor, (int)status, signal, &err);
		actor_finish(actor, &err, NULL);
	}
}

static int spawn(struct tl_actor *actor, struct tl_err *err)
{
	const char *argv[ACTOR_ARGV] = { NULL };
	uv_stdio_container_t stdio[4] = { { .flags = UV_IGNORE } };
	uv_process_options_t options = { .stdio = stdio, .exit_cb = on_exit_ };
	char path[ACTOR_PATH];
	int log, ret;

	ret = actor->kind->prepare(actor, argv, err);
	if (ret)
		return ret;
	log = open(actor_path(actor, "log", path), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
		   0600);
	if (log < 0)
		return tl_err_set(err, errno, "%s: %s", path, strerror(errno));
	stdio[1] = stdio[2] = (uv_stdio_container_t){ .flags = UV_INHERIT_FD, .data.fd = log };
	options.stdio_count = 3;
	if (actor->line) {
		stdio[3].flags = UV_CREATE_PIPE | UV_READABLE_PIPE | UV_WRITABLE_PIPE;
		stdio[3].data.stream = (uv_stream_t *)actor->line;
		options.stdio_count = 4;
	}
	options.file = argv[0];
	options.args = (char **)argv;
	actor->process.data = actor;
	ret = actor->kind->furnish ? actor->kind->furnish(actor, &options, err) : 0;
	if (ret) {
		close(log);
		return ret;
	}
	ret = uv_spawn(actor->host->loop, &actor->process, &options);
	close(log);
	if (stdio[0].flags == UV_INHERIT_FD)
		close(stdio[0].data.fd);
	actor->spawned = true;
	if ((ret == UV_ENOENT || ret == UV_EACCES) && tl_program_find(argv[0], err))
		return -err->code;
	if (ret)
		return tl_err_set(err, -ret, "cannot run %s: %s", argv[0], uv_strerror(ret));
	actor->running = true;
	return 0;
}

static void launched(struct tl_actor *actor)
{
	actor_finish(actor, NULL, NULL);
}

void actor_launched(struct tl_actor *actor)
{
	actor->host->started(actor->host->arg, actor);
	if (actor->task == ACTOR_LAUNCHING)
		actor_retry(actor, launched, 0);
}

/* The process runs. */
static void spawned(struct tl_actor *actor)
{
	actor->kind->launched(actor);
	if (!actor->kind->below)
		actor_launched(actor);
	if (actor->task == ACTOR_STARTING)
		actor->kind->await_ready(actor);
}

/* The handle of the process before is closed: start the next one. */
static void on_respawn(uv_handle_t *handle)
{
	struct tl_actor *actor = handle->data;
	struct tl_err err;

	actor->respawning = false;
	if (actor->closing) {
		actor_close_handles(actor);
		return;
	}
	if (spawn(actor, &err))
		actor_finish(actor, &err, NULL);
	else
		spawned(actor);
}

/* Launch the process, and with ACTOR_STARTING go on until it is ready. */
static int launch(struct tl_actor *actor, enum actor_task task, tl_actor_done *done,
		  struct tl_err *err)
{
	int ret = actor_begin(actor, task, false, done, err);

	if (ret)
		return ret;
	if (actor->spawned) {
		actor->spawned = false;
		actor->respawning = true;
		uv_close((uv_handle_t *)&actor->process, on_respawn);
		return 0;
	}
	ret = spawn(actor, err);
	if (ret) {
		actor->kind->hang_up(actor);
		return actor_abandon(actor, ret);
	}
	spawned(actor);
	return 0;
}

int tl_actor_start(struct tl_actor *actor, tl_actor_done *done, struct tl_err *err)
{
	return launch(actor, ACTOR_STARTING, done, err);
}

int tl_actor_launch(struct tl_actor *actor, tl_actor_done *done, struct tl_err *err)
{
	return launch(actor, ACTOR_LAUNCHING, done, err);
}

int tl_actor_ready(struct tl_actor *actor, tl_actor_done *done, struct tl_err *err)
{
	int ret = actor_begin(actor, ACTOR_STARTING, true, done, err);

	if (!ret)
		actor->kind->await_ready(actor);
	return ret;
}

static void look_if_ended(struct tl_actor *actor)
{
	tell_end(actor);
}

int tl_actor_outlast(struct tl_actor *actor, int status, int signal, tl_actor_done *done,
		     struct tl_err *err)
{
	int ret = actor_begin(actor, ACTOR_OUTLASTING, actor->running || !actor->ended, done, err);

	if (ret)
		return ret;
	actor->expect = status;
	actor->expect_signal = signal;
	if (!actor->running)
		actor_retry(actor, look_if_ended, 0);
	return 0;
}

int tl_actor_hear(struct tl_actor *actor, const char *text, tl_actor_done *done,
		  struct tl_err *err)
{
	bool runs = actor->running || !actor->ended; /* what it has said before its end counts */
	int ret = actor->kind->has_said ? actor_begin(actor, ACTOR_HEARING, runs, done, err) :
					  tl_err_set(err, EINVAL, "%s has no output",
						     actor->spec->name);

	if (ret)
		return ret;
	actor->awaited = text;
	actor_retry(actor, hear, 0);
	return 0;
}
