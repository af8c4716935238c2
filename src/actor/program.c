/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Any command, as the scenario gives it. It has a directory of its own, which is also its
 * HOME and the one for temporary files, with the files that the scenario writes there. It
 * runs below a launcher (launcher.c), so that whatever it starts is found and ends with it.
 *
 * Nothing announces that a program is ready. So it is asked for again, after a pause that
 * grows, until its port has a listener, or its output holds what it is to say.
 *
 * To stop it its own process gets the signal of the scenario's choice. What it leaves behind
 * gets the same signal, once; who is still there when the grace is over is killed.
 */
#include "line.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tcplab/buf.h"

#define FIRST_PAUSE_MS 1
#define LONGEST_PAUSE_MS 16

/* A longer line than this is not looked for in the output. */
#define OUTPUT_MOST (1 << 20)

#define HOME "home"
#define INPUT "input"

static int write_whole(const char *path, const char *text, mode_t mode, struct tl_err *err)
{
	size_t len = strlen(text);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	int ret = 0;

	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		ret = tl_err_set(err, errno ? errno : EIO, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ret;
}

/* The folders that lead to @path; they may be there. */
static int make_folders(char *path, struct tl_err *err)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		int ret;

		*slash = '\0';
		ret = mkdir(path, 0700) && errno != EEXIST ? errno : 0;
		*slash = '/';
		if (ret)
			return tl_err_set(err, ret, "%s: %s", path, strerror(ret));
	}
	return 0;
}

/* One that begins with "#!" is a program itself. */
static int write_file(const char *home, const struct tl_setting *file, struct tl_err *err)
{
	struct tl_buf path = { 0 };
	int ret;

	tl_buf_fmt(&path, "%s/%s", home, file->name);
	if (path.failed)
		return tl_err_set(err, ENOMEM, "no memory for the name of a file");
	ret = make_folders(path.data, err);
	if (!ret)
		ret = write_whole(path.data, file->value,
				  strncmp(file->value, "#!", 2) ? 0600 : 0700, err);
	tl_buf_release(&path);
	return ret;
}

static int program_prepare(struct tl_actor *actor, const char **argv, struct tl_err *err)
{
	const struct tl_program *program = actor->spec->program;
	char home[ACTOR_PATH], input[ACTOR_PATH];
	int ret;

	actor_path(actor, HOME, home);
	if (mkdir(home, 0700) && errno != EEXIST)
		return tl_err_set(err, errno, "%s: %s", home, strerror(errno));
	for (size_t i = 0; i < program->n_files; i++) {
		ret = write_file(home, &program->files[i], err);
		if (ret)
			return ret;
	}
	if (program->input) {
		ret = write_whole(actor_path(actor, INPUT, input), program->input, 0600, err);
		if (ret)
			return ret;
	}
	ret = line_prepare(actor, argv, err);
	if (ret)
		return ret;
	argv[1] = TL_LAUNCHER_COMMAND;
	for (size_t i = 0; i < program->argc; i++)
		argv[2 + i] = program->argv[i];
	argv[2 + program->argc] = NULL;
	return 0;
}

/* "NAME=value" (returned owned), NULL without memory */
static char *variable(const char *name, const char *value)
{
	char *text = NULL;

	return asprintf(&text, "%s=%s", name, value) < 0 ? NULL : text;
}

/* Ours, except for what is its own: HOME, TMPDIR, and what the scenario sets. */
static char **make_environment(const struct tl_program *program, const char *home)
{
	size_t n = 0, n_own = program->n_env + 2;
	char **env;

	while (environ[n])
		n++;
	env = calloc(n + n_own + 1, sizeof(*env));
	if (!env)
		return NULL;
	env[0] = variable("HOME", home);
	env[1] = variable("TMPDIR", home);
	for (size_t i = 0; i < program->n_env; i++)
		env[2 + i] = variable(program->env[i].name, program->env[i].value);
	n = n_own;
	for (char **theirs = environ; *theirs; theirs++) {
		size_t name = strcspn(*theirs, "=") + 1;
		bool replaced = false;

		for (size_t i = 0; i < n_own; i++)
			replaced |= env[i] && !strncmp(env[i], *theirs, name);
		if (!replaced)
			env[n++] = strdup(*theirs);
	}
	return env;
}

/* Beside the scenario's file, where it is not an absolute path (returned owned). */
static char *working_directory(const struct tl_actor *actor, const char *home)
{
	const char *cwd = actor->spec->program->cwd, *file = actor->host->plan->file;
	const char *slash = strrchr(file, '/');
	char *path = NULL;

	if (!cwd)
		return strdup(home);
	if (cwd[0] == '/' || !slash)
		return strdup(cwd);
	return asprintf(&path, "%.*s/%s", (int)(slash - file), file, cwd) < 0 ? NULL : path;
}

static int program_furnish(struct tl_actor *actor, uv_process_options_t *options,
			   struct tl_err *err)
{
	const struct tl_program *program = actor->spec->program;
	char home[ACTOR_PATH], input[ACTOR_PATH];

	actor_path(actor, HOME, home);
	free(actor->cwd);
	actor->cwd = working_directory(actor, home);
	actor->env = make_environment(program, home);
	if (!actor->cwd || !actor->env)
		return tl_err_set(err, ENOMEM, "no memory for actor %s", actor->spec->name);
	options->cwd = actor->cwd;
	options->env = actor->env;
	if (!program->input)
		return 0;
	options->stdio[0].flags = UV_INHERIT_FD;
	options->stdio[0].data.fd = open(actor_path(actor, INPUT, input), O_RDONLY | O_CLOEXEC);
	return options->stdio[0].data.fd < 0 ?
		       tl_err_set(err, errno, "%s: %s", input, strerror(errno)) :
		       0;
}

/* Does the output hold @text by now? */
static bool has_said(const struct tl_actor *actor, const char *text)
{
	char path[ACTOR_PATH];
	int fd = open(actor_path(actor, "log", path), O_RDONLY | O_CLOEXEC);
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	off_t from = size > OUTPUT_MOST ? size - OUTPUT_MOST : 0;
	char *all = fd < 0 ? NULL : malloc(size - from + 1);
	ssize_t n = all ? pread(fd, all, size - from, from) : 0;
	bool said = n > 0 && memmem(all, n, text, strlen(text));

	free(all);
	if (fd >= 0)
		close(fd);
	return said;
}

static bool is_ready(const struct tl_actor *actor)
{
	const struct tl_program *program = actor->spec->program;

	if (!actor->main_pid)
		return false;
	switch (program->ready) {
	case TL_READY_LISTENS:
		return actor->host->listens(actor->host->arg, actor);
	case TL_READY_SAYS:
		return has_said(actor, program->says);
	case TL_READY_EXITS:
		return false; /* its exit tells */
	case TL_READY_AT_ONCE:
		break;
	}
	return true;
}

static bool program_was_ready(struct tl_actor *actor)
{
	return actor->spec->program->ready == TL_READY_EXITS ? !actor->status : is_ready(actor);
}

/* After a pause that grows. */
static void look_again(struct tl_actor *actor, void (*look)(struct tl_actor *actor))
{
	actor_retry(actor, look, actor->pause_ms);
	if (actor->pause_ms < LONGEST_PAUSE_MS)
		actor->pause_ms *= 2;
}

static void look_if_ready(struct tl_actor *actor)
{
	if (actor->task != ACTOR_STARTING)
		return;
	if (is_ready(actor)) {
		actor_finish(actor, NULL, NULL);
		return;
	}
	look_again(actor, look_if_ready);
}

/* It could not be executed: @why is what execvp(3) said in the directory the program has. */
static void say_missing(const struct tl_actor *actor, const char *file, int why, struct tl_err *err)
{
	bool elsewhere = file[0] != '/' && strchr(file, '/'); /* our own directory is another */

	/* said about a folder in PATH that it may not search, as one of root's */
	if (why == EACCES && !strchr(file, '/') && !tl_program_is_in_path(file))
		why = ENOENT;
	if (why != ENOENT)
		tl_err_set(err, why ? why : EPROTO, "cannot run %s: %s", file, strerror(why));
	else if (elsewhere)
		tl_err_set(err, EOPNOTSUPP, "%s is not in %s", file, actor->cwd);
	else if (!tl_program_find(file, err))
		tl_err_set(err, EOPNOTSUPP, "%s exists, but the interpreter that it needs "
					    "does not",
			   file);
}

/* The launcher has said how it went. */
static void on_launcher(struct tl_actor *actor, const char *said)
{
	const char *file = actor->spec->program->argv[0];
	struct tl_err err;
	int why = 0;

	if (sscanf(said, "pid %d", &actor->main_pid) == 1) {
		const char *base = strrchr(file, '/');

		free(actor->program);
		actor->program = strdup(base ? base + 1 : file);
		line_tell(actor, "go on");
		actor_launched(actor);
		look_if_ready(actor);
		return;
	}
	sscanf(said, "errno %d", &why);
	say_missing(actor, file, why, &err);
	line_tell(actor, "go on");
	actor_finish(actor, &err, NULL);
}

static void program_launched(struct tl_actor *actor)
{
	actor->main_pid = 0;
	actor->asked_rest = false;
	line_expect(actor, on_launcher);
	line_open(actor);
}

static void program_await_ready(struct tl_actor *actor)
{
	actor->pause_ms = FIRST_PAUSE_MS;
	actor_retry(actor, look_if_ready, 0);
}

/* Its own process is gone, but not all of what it has started; or the grace is over. */
static void look_if_ended(struct tl_actor *actor)
{
	const struct tl_program *program = actor->spec->program;
	bool late = uv_now(actor->host->loop) >= actor->grace_until;
	struct tree tree = { 0 };
	struct tl_err err;

	if (tree_read(actor->process.pid, false, &tree, &err)) {
		actor_finish(actor, &err, NULL);
		return;
	}
	if (late)
		tree_signal(&tree, SIGKILL);
	else if (!actor->asked_rest && !tree_has(&tree, actor->main_pid)) {
		tree_signal(&tree, program->stop_signal);
		actor->asked_rest = true;
	}
	tree_release(&tree);
	look_again(actor, look_if_ended);
}

/* One that was frozen obeys when it goes on; that is the scenario's affair. */
static int program_signal(struct tl_actor *actor, int signal, struct tl_err *err)
{
	if (!actor->main_pid)
		return tl_err_set(err, ESRCH, "%s does not exist yet", actor->spec->name);
	actor->pause_ms = FIRST_PAUSE_MS;
	/* Somebody who takes their time at each segment has it stand still for as long. */
	actor->grace_until = actor->host->patient ?
				     UINT64_MAX :
				     uv_now(actor->host->loop) +
					     actor->spec->program->grace_ns / 1000000;
	if (signal == SIGKILL)
		actor->grace_until = 0;
	else
		kill(actor->main_pid, signal);
	actor_retry(actor, look_if_ended, 0);
	return 0;
}

static int program_ask_to_end(struct tl_actor *actor, struct tl_err *err)
{
	return program_signal(actor, actor->spec->program->stop_signal, err);
}

static void program_hang_up(struct tl_actor *actor)
{
	for (char **variable = actor->env; variable && *variable; variable++)
		free(*variable);
	free(actor->env);
	free(actor->cwd);
	actor->env = NULL;
	actor->cwd = NULL;
	line_hang_up(actor);
}

const struct actor_kind actor_program = {
	.below = true,
	.prepare = program_prepare,
	.furnish = program_furnish,
	.launched = program_launched,
	.await_ready = program_await_ready,
	.was_ready = program_was_ready,
	.has_said = has_said,
	.ask_to_end = program_ask_to_end,
	.signal = program_signal,
	.hang_up = program_hang_up,
};
