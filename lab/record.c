/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Two processes and a pipe. Inside the sandbox the engine writes a line for each event;
 * out here each line goes to the trace file at once and is kept for the judge. The pipe's
 * end is the end of the run, whatever ended it: a trace cut short is still a trace.
 *
 * Ctrl-C is ours alone, as the sandbox is a session of its own. The first one asks the
 * engine to end (SIGTERM); the second kills pid 1 inside, and with it everything. SIGTERM
 * is blocked across the clone, and unblocked by the engine once it has a handler: pid 1
 * of a namespace would otherwise ignore one that comes too early.
 */
#include "lab.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tcplab/engine.h"
#include "tcplab/sandbox.h"
#include "tcplab/trace.h"

/* A wait gets a progress line once it is longer than a person would not notice. */
#define PROGRESS_MS 250

struct inside {
	const struct tl_plan *plan;
	const struct lab_options *options;
	struct tl_sandbox sandbox;
	int pipe[2];
	int control[2]; /* for a watcher's answers; else -1 */
};

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= n;
	}
	return 0;
}

static int emit(void *arg, const struct tl_event *ev, struct tl_err *err)
{
	const struct inside *in = arg;
	struct tl_buf line = { 0 };
	int ret = tl_trace_encode(ev, &line, err);

	if (!ret)
		ret = write_all(in->pipe[1], line.data, line.len);
	tl_buf_release(&line);
	return ret;
}

static int run_inside(void *arg)
{
	struct inside *in = arg;
	struct tl_engine_options options = { .mock = in->options->mock,
					     .redis = in->options->redis,
					     .witness = in->options->witness,
					     .n_witness = in->options->n_witness,
					     .control = in->control[0],
					     .emit = emit,
					     .arg = in };
	struct tl_err err;

	setsid();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_DFL);
	close(in->pipe[0]);
	if (in->control[1] >= 0)
		close(in->control[1]);
	return tl_engine_run(in->plan, &in->sandbox, &options, &err) ? LAB_ERROR : LAB_OK;
}

static volatile sig_atomic_t interrupts;

static void on_interrupt(int signum)
{
	(void)signum;
	interrupts++;
}

/* What is being received. */
struct receiver {
	const struct lab_options *options;
	const struct lab_watcher *watcher;
	int control;
	struct lab_progress progress;
	struct tl_buf text;
	size_t lines;     /* how much of @text has been looked at */
	int file;
	const char *path;
};

/* Tell the progress line, and -v, of the whole lines that have come. */
static void look_at_lines(struct receiver *r)
{
	const char *newline;

	while ((newline = memchr(r->text.data + r->lines, '\n', r->text.len - r->lines))) {
		size_t len = newline + 1 - (r->text.data + r->lines);
		struct tl_event ev = { 0 };
		struct tl_err err;

		if (r->options->verbose)
			fwrite(r->text.data + r->lines, 1, len, stderr);
		if (!tl_trace_decode_event(r->text.data + r->lines, len - 1, &ev, &err)) {
			lab_progress_event(&r->progress, &ev);
			if (r->watcher)
				r->watcher->event(r->watcher->arg, &ev, r->control);
		}
		tl_event_release(&ev);
		r->lines += len;
	}
}

/* Read until the pipe ends. Return: 0 or -errno with @err. */
static int receive(struct receiver *r, int fd, pid_t pid, const sigset_t *mask,
		   struct tl_err *err)
{
	const struct timespec pause = { .tv_nsec = PROGRESS_MS * 1000000L };
	struct pollfd poll[2] = {
		{ .fd = fd, .events = POLLIN },
		{ .events = POLLIN },
	};
	char room[65536];
	int told = 0;
	ssize_t n;

	for (;;) {
		bool asked = r->watcher && r->watcher->wants_input(r->watcher->arg);
		int ready;

		poll[1].fd = asked ? STDIN_FILENO : -1;
		ready = ppoll(poll, 2, &pause, mask);

		if (interrupts > told) {
			kill(pid, told ? SIGKILL : SIGTERM);
			told++;
		}
		if (ready < 0 && errno != EINTR)
			return tl_err_set(err, errno, "waiting for the run: %s", strerror(errno));
		if (ready <= 0) {
			lab_progress_show(&r->progress);
			continue;
		}
		if (asked && poll[1].revents)
			r->watcher->input(r->watcher->arg, r->control);
		if (!poll[0].revents)
			continue;
		n = read(fd, room, sizeof(room));
		if (n == 0)
			return 0;
		if (n < 0)
			return tl_err_set(err, errno, "reading from the run: %s",
					  strerror(errno));
		lab_progress_clear(&r->progress);
		tl_buf_add(&r->text, room, n);
		if (r->text.failed)
			return tl_err_set(err, ENOMEM, "no memory for the trace");
		if (write_all(r->file, room, n))
			return tl_err_set(err, errno, "%s: %s", r->path, strerror(errno));
		look_at_lines(r);
	}
}

/* Why there is nothing in the trace, when there is nothing. */
static int explain_silence(int status, struct tl_err *err)
{
	if (WIFSIGNALED(status))
		return tl_err_set(err, ECHILD, "the run was killed by signal %d (%s)",
				  WTERMSIG(status), strsignal(WTERMSIG(status)));
	return tl_err_set(err, ECHILD, "the run ended with status %d and told nothing",
			  WEXITSTATUS(status));
}

static int spawn_blocked(struct inside *in, sigset_t *before, struct tl_err *err)
{
	struct sigaction action = { .sa_handler = on_interrupt };
	sigset_t block;
	int ret;

	interrupts = 0;
	sigemptyset(&block);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGINT);
	sigprocmask(SIG_BLOCK, &block, before);
	ret = tl_sandbox_spawn(&in->sandbox, run_inside, in, err);
	/* Both stay blocked but for the time spent in ppoll(). */
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	return ret;
}

static int receive_run(struct inside *in, struct receiver *r, struct tl_err *err)
{
	sigset_t before;
	int ret, status;

	ret = spawn_blocked(in, &before, err);
	close(in->pipe[1]);
	if (r->watcher)
		close(in->control[0]);
	if (!ret) {
		pid_t pid = in->sandbox.pid;

		ret = receive(r, in->pipe[0], pid, &before, err);
		if (ret)
			kill(pid, SIGKILL);
		status = tl_sandbox_wait(&in->sandbox);
		if (!ret && !r->lines)
			ret = explain_silence(status, err);
	}
	close(in->pipe[0]);
	if (r->watcher)
		close(in->control[1]);
	lab_progress_clear(&r->progress);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ret;
}

int lab_record(const struct tl_plan *plan, const struct lab_options *options,
	       const struct lab_watcher *watcher, const char *path, struct tl_trace *trace,
	       struct tl_err *err)
{
	struct inside in = { .plan = plan, .options = options, .control = { -1, -1 } };
	struct receiver r = { .options = options, .watcher = watcher, .path = path };
	int ret = 0;

	lab_progress_init(&r.progress, plan,
			  isatty(STDERR_FILENO) && !options->quiet && !watcher);
	r.file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (r.file < 0)
		return tl_err_set(err, errno, "%s: %s", path, strerror(errno));
	if (pipe2(in.pipe, O_CLOEXEC) || (watcher && pipe2(in.control, O_CLOEXEC)))
		ret = tl_err_set(err, errno, "pipe: %s", strerror(errno));
	r.control = in.control[1];
	if (!ret)
		ret = receive_run(&in, &r, err);
	if (!ret)
		ret = tl_trace_decode(path, tl_buf_text(&r.text), r.text.len, trace, err);
	close(r.file);
	tl_buf_release(&r.text);
	return ret;
}
