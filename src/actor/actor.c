/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * An actor is a place for one process at a time. A task (start, end, freeze, ...) is
 * asked of it, and finishes exactly once, from the loop: through actor_finish(), either
 * by what the kind of actor hears on its line to the process, or by the process's exit.
 *
 * Exit is the one event that can come at any moment. It finishes STARTING with an error
 * that quotes the log, ENDING with success, and any other task with an error; with no
 * task under way it is only told to the host, for a process may well end by itself.
 *
 * To start is to launch and then to become ready; a scenario may ask for both at once or
 * for one after the other, when something is to happen in between.
 */
#include "actor_kind.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How often a condition is looked at that nothing announces. */
#define RETRY_MS 1

/* How often an output is read for what somebody waits to read in it. */
#define HEAR_MS 4

/* How much of a log is read and how many of its lines are quoted when a program failed. */
#define LOG_TAIL 700
#define LOG_LINES 5

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

void tl_actor_quote_log(const struct tl_actor *actor, struct tl_err *err)
{
	char path[ACTOR_PATH], tail[LOG_TAIL + 1];
	int fd = open(actor_path(actor, "log", path), O_RDONLY | O_CLOEXEC);
	size_t len = strlen(err->text);
	const char *from;
	off_t size;
	ssize_t n;

	if (fd < 0)
		return;
	size = lseek(fd, 0, SEEK_END);
	n = pread(fd, tail, LOG_TAIL, size > LOG_TAIL ? size - LOG_TAIL : 0);
	close(fd);
	while (n > 0 && tail[n - 1] == '\n')
		n--;
	if (n <= 0)
		return;
	tail[n] = '\0';
	from = tail + n;
	for (int lines = 0; from > tail; from--)
		if (from[-1] == '\n' && ++lines == LOG_LINES)
			break;
	snprintf(err->text + len, sizeof(err->text) - len, "\nits last words:\n%s", from);
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

static void close_handles(struct tl_actor *actor)
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
	/* SIGKILL ends a stopped process too; its exit goes on with close_handles(). */
	if (actor->running)
		uv_process_kill(&actor->process, SIGKILL);
	else if (!actor->respawning)
		close_handles(actor);
}

/* How a process ended, as a sentence about @actor. */
static void describe_exit(const struct tl_actor *actor, int status, int signal,
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
	tl_actor_quote_log(actor, err);
}

/* It has ended, as somebody wanted to know. */
/* "signal 9 (Killed)", "status 0" */
static void spell_end(char *out, size_t size, int signal, int status)
{
	if (signal)
		snprintf(out, size, "signal %d (%s)", signal, strsignal(signal));
	else
		snprintf(out, size, "status %d", status);
}

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
	tl_actor_quote_log(actor, &err);
	actor_finish(actor, &err, NULL);
}

static void on_exit_(uv_process_t *process, int64_t status, int signal)
{
	struct tl_actor *actor = process->data;
	enum actor_task task = actor->task;
	struct tl_err err;
	bool done;

	if (actor->closing) {
		actor->running = false;
		close_handles(actor);
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
	} else if (task == ACTOR_HEARING && actor->kind->has_said(actor, actor->awaited)) {
		actor_finish(actor, NULL, NULL);
	} else if (task == ACTOR_OUTLASTING) {
		tell_end(actor);
	} else if (task != ACTOR_IDLE) {
		describe_exit(actor, (int)status, signal, &err);
		if (task == ACTOR_HEARING) /* the scenario's failure, and not the lab's */
			err.code = EREMOTEIO;
		actor_finish(actor, &err, NULL);
	}
}

/* @running: whether the process has to run, or must not */
static int begin(struct tl_actor *actor, enum actor_task task, bool running,
		 tl_actor_done *done, struct tl_err *err)
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

/* Give up a task that did not get under way. Return: ret. */
static int abandon(struct tl_actor *actor, int ret)
{
	actor->task = ACTOR_IDLE;
	actor->done = NULL;
	return ret;
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
		close_handles(actor);
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
	int ret = begin(actor, task, false, done, err);

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
		return abandon(actor, ret);
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
	int ret = begin(actor, ACTOR_STARTING, true, done, err);

	if (!ret)
		actor->kind->await_ready(actor);
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
	int ret = begin(actor, ACTOR_ENDING, true, done, err);

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
	return ret ? abandon(actor, ret) : 0;
}

static int read_tree(const struct tl_actor *actor, struct tree *tree, struct tl_err *err)
{
	return tree_read(actor->process.pid, !actor->kind->below, tree, err);
}

int tl_actor_processes(const struct tl_actor *actor, pid_t **pids, size_t *n,
		       struct tl_err *err)
{
	struct tree tree = { 0 };
	int ret = actor->running ? read_tree(actor, &tree, err) : 0;

	*pids = tree.pids;
	*n = tree.n;
	return ret;
}

static int signal_now(const struct tl_actor *actor, int signal, struct tl_err *err)
{
	struct tree tree = { 0 };
	int ret = read_tree(actor, &tree, err);

	tree_signal(&tree, signal);
	tree_release(&tree);
	return ret;
}

/* One that was forked while the others were being stopped is found by the next reading. */
static void look_if_frozen(struct tl_actor *actor)
{
	struct tree tree = { 0 };
	struct tl_err err;
	int ret = read_tree(actor, &tree, &err);

	if (ret) {
		actor_finish(actor, &err, NULL);
	} else if (tree_is_stopped(&tree)) {
		actor_finish(actor, NULL, NULL);
	} else {
		tree_signal(&tree, SIGSTOP);
		actor_retry(actor, look_if_frozen, RETRY_MS);
	}
	tree_release(&tree);
}

int tl_actor_freeze(struct tl_actor *actor, tl_actor_done *done, struct tl_err *err)
{
	int ret = begin(actor, ACTOR_FREEZING, true, done, err);

	if (ret)
		return ret;
	ret = signal_now(actor, SIGSTOP, err);
	if (ret)
		return abandon(actor, ret);
	actor->frozen = true;
	actor_retry(actor, look_if_frozen, 0);
	return 0;
}

static void thawed(struct tl_actor *actor)
{
	actor_finish(actor, NULL, NULL);
}

int tl_actor_thaw(struct tl_actor *actor, tl_actor_done *done, struct tl_err *err)
{
	int ret = begin(actor, ACTOR_THAWING, true, done, err);

	if (ret)
		return ret;
	ret = signal_now(actor, SIGCONT, err);
	if (ret)
		return abandon(actor, ret);
	actor->frozen = false;
	actor_retry(actor, thawed, 0);
	return 0;
}

/* Of what cannot be read now nothing is said: the moment passes, and the run goes on. */
void tl_actor_pause(struct tl_actor *actor)
{
	struct tl_err unused;

	if (actor->running)
		signal_now(actor, SIGSTOP, &unused);
}

void tl_actor_resume(struct tl_actor *actor)
{
	struct tl_err unused;

	if (actor->running && !actor->frozen)
		signal_now(actor, SIGCONT, &unused);
}

void tl_actor_set_frozen(struct tl_actor *actor, bool frozen)
{
	actor->frozen = frozen;
	if (frozen)
		tl_actor_pause(actor);
	else
		tl_actor_resume(actor);
}

bool tl_actor_is_frozen(const struct tl_actor *actor)
{
	return actor->frozen;
}

static void look_if_ended(struct tl_actor *actor)
{
	tell_end(actor);
}

int tl_actor_signal(struct tl_actor *actor, int signal, struct tl_err *err)
{
	pid_t pid = tl_actor_pid(actor);

	if (!pid || kill(pid, signal))
		return tl_err_set(err, ESRCH, "%s does not run", actor->spec->name);
	return 0;
}

static void hear(struct tl_actor *actor)
{
	if (actor->task != ACTOR_HEARING)
		return;
	if (actor->kind->has_said(actor, actor->awaited))
		actor_finish(actor, NULL, NULL);
	else
		actor_retry(actor, hear, HEAR_MS);
}

int tl_actor_hear(struct tl_actor *actor, const char *text, tl_actor_done *done,
		  struct tl_err *err)
{
	int ret = actor->kind->has_said ? begin(actor, ACTOR_HEARING, true, done, err) :
					  tl_err_set(err, EINVAL, "%s has no output",
						     actor->spec->name);

	if (ret)
		return ret;
	actor->awaited = text;
	actor_retry(actor, hear, 0);
	return 0;
}

int tl_actor_outlast(struct tl_actor *actor, int status, int signal, tl_actor_done *done,
		     struct tl_err *err)
{
	int ret = begin(actor, ACTOR_OUTLASTING, actor->running || !actor->ended, done, err);

	if (ret)
		return ret;
	actor->expect = status;
	actor->expect_signal = signal;
	if (!actor->running)
		actor_retry(actor, look_if_ended, 0);
	return 0;
}

int tl_actor_command(struct tl_actor *actor, char *const *argv, size_t argc,
		     tl_actor_done *done, struct tl_err *err)
{
	int ret;

	if (!actor->kind->command)
		return tl_err_set(err, EOPNOTSUPP, "%s knows no Redis commands",
				  actor->spec->name);
	ret = begin(actor, ACTOR_COMMANDING, true, done, err);
	if (ret)
		return ret;
	ret = actor->kind->command(actor, argv, argc, err);
	return ret ? abandon(actor, ret) : 0;
}

int tl_actor_call(struct tl_actor *actor, enum tl_verb verb, const struct tl_call *call,
		  tl_actor_done *done, struct tl_err *err)
{
	int ret;

	if (!actor->kind->call)
		return tl_err_set(err, EOPNOTSUPP, "%s is not a peer", actor->spec->name);
	ret = begin(actor, ACTOR_CALLING, true, done, err);
	if (ret)
		return ret;
	ret = actor->kind->call(actor, verb, call, err);
	return ret ? abandon(actor, ret) : 0;
}
