/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Two processes and a pipe. Inside the sandbox the engine writes a line for each event;
 * out here each line goes to the trace file at once and is kept for the judge. The pipe's
 * end is the end of the run, whatever ended it: a trace cut short is still a trace. How
 * pid 1 ended, it cannot tell itself: where that is not by its own leave, the trace gets a
 * fault and an end from out here.
 *
 * Ctrl-C is ours alone, as the sandbox is a session of its own. The first one asks the
 * engine to end (SIGTERM); the second kills pid 1 inside, and with it everything, as does
 * waiting in vain. SIGTERM is blocked across the clone, and unblocked by the engine once it
 * has a handler: pid 1 of a namespace would otherwise ignore one that comes too early.
 */
#include "kept.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "progress.h"
#include "tcplab/engine.h"
#include "tcplab/sandbox.h"
#include "tcplab/trace.h"

/* A wait gets a progress line once it is longer than a person would not notice. */
#define PROGRESS_MS 250

/*
 * Signals that come so close together are one: timeout(1) sends each to the process and then
 * to its group. And how long a run may take to end in order once it has been asked to.
 */
#define ONE_SIGNAL_MS 250
#define TO_END_MS 5000

struct inside {
	const struct tl_plan *plan;
	const struct lab_options *options;
	struct tl_sandbox sandbox;
	int pipe[2];
	int control[2]; /* for a watcher's answers; else -1 */
};

static int emit(void *arg, const struct tl_event *ev, struct tl_err *err)
{
	const struct inside *in = arg;
	struct tl_buf line = { 0 };
	int ret = tl_trace_encode(ev, &line, err);

	if (!ret)
		ret = lab_write_all(in->pipe[1], line.data, line.len);
	tl_buf_release(&line);
	return ret;
}

/* The engine could not do its own work: the last thing that it can say. */
static void emit_failure(const struct inside *in, const struct tl_err *why)
{
	struct tl_err err;

	emit((void *)in, &(struct tl_event){ .kind = TL_EVENT_FAULT, .phase = -1,
					     .fault = { .text = (char *)why->text, .step = -1 } },
	     &err);
	emit((void *)in, &(struct tl_event){ .kind = TL_EVENT_END, .phase = -1,
					     .end.how = TL_END_FAULT }, &err);
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
	const int keep[] = { in->pipe[1], in->control[0] };
	struct tl_err err;

	setsid();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_DFL);
	if (!tl_sandbox_keep(keep, 2, &err) &&
	    !tl_engine_run(in->plan, &in->sandbox, &options, &err))
		return LAB_OK;
	emit_failure(in, &err);
	return LAB_ERROR;
}

/* What is being received. */
struct receiver {
	const struct lab_options *options;
	const struct lab_watcher *watcher;
	int control;
	pid_t pid;
	struct lab_progress progress;
	struct tl_buf text;     /* what has come of a line that has not ended */
	struct tl_trace *trace;
	int file;
	off_t whole;            /* how much of the file is whole lines */
	const char *path;
	int told;               /* how many of lab_interrupts have been passed on */
	unsigned long long asked_ms; /* when it was asked to end; 0: it was not */
	bool killed;            /* by us */
};

/* A whole line has come: for the judge, the progress line and whoever watches. */
static int take_line(struct receiver *r, const char *text, size_t len, struct tl_err *err)
{
	struct tl_event ev = { 0 };
	int ret = tl_trace_decode_event(text, len, &ev, err);

	if (!ret) {
		lab_progress_event(&r->progress, &ev);
		if (r->watcher)
			r->watcher->event(r->watcher->arg, &ev, r->control);
		ret = tl_trace_append(r->trace, &ev, err);
	}
	tl_event_release(&ev);
	return ret == -ENOMSG ? 0 : ret;
}

/* The whole lines that have come. */
static int take_lines(struct receiver *r, struct tl_err *err)
{
	const char *at = r->text.data, *end = at + r->text.len, *newline;
	int ret = 0;

	for (; !ret && (newline = memchr(at, '\n', end - at)); at = newline + 1) {
		if (r->options->verbose)
			lab_mention("%.*s", (int)(newline - at), at);
		r->whole += newline + 1 - at;
		ret = take_line(r, at, newline - at, err);
	}
	r->text.len = end - at;
	memmove(r->text.data, at, r->text.len);
	return ret;
}

static int take(struct receiver *r, const char *bytes, size_t n, struct tl_err *err)
{
	int ret = lab_write_all(r->file, bytes, n);

	if (ret)
		return tl_err_set(err, -ret, "%s: %s", r->path, strerror(-ret));
	tl_buf_add(&r->text, bytes, n);
	if (r->text.failed)
		return tl_err_set(err, ENOMEM, "no memory for the trace");
	return take_lines(r, err);
}

/* Pass signals on, and time. A stopped process gets to see its SIGTERM only when it goes on. */
static void pass_on(struct receiver *r)
{
	unsigned long long now = lab_now_ms();
	bool again = r->told < lab_interrupts;

	r->told = lab_interrupts;
	if (again && !r->asked_ms) {
		r->asked_ms = now;
		kill(r->pid, SIGTERM);
		kill(r->pid, SIGCONT);
	} else if (r->asked_ms && !r->killed &&
		   (now - r->asked_ms > TO_END_MS ||
		    (again && now - r->asked_ms > ONE_SIGNAL_MS))) {
		r->killed = true;
		kill(r->pid, SIGKILL);
	}
}

/* Read until the pipe ends. Return: 0 or -errno with @err. */
static int receive(struct receiver *r, int fd, const sigset_t *mask, struct tl_err *err)
{
	const struct timespec pause = { .tv_nsec = PROGRESS_MS * 1000000L };
	struct pollfd poll[2] = {
		{ .fd = fd, .events = POLLIN },
		{ .events = POLLIN },
	};
	char room[65536];
	ssize_t n;

	for (;;) {
		bool asked = r->watcher && r->watcher->wants_input(r->watcher->arg);
		int ready, ret;

		poll[1].fd = asked ? STDIN_FILENO : -1;
		ready = ppoll(poll, 2, &pause, mask);
		pass_on(r);
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
		ret = take(r, room, n, err);
		if (ret)
			return ret;
	}
}

/* How pid 1 ended; "" where it was by its own leave. */
static void say_how(const struct receiver *r, int status, char *out, size_t size)
{
	static const char what[] = "the process that ran it, pid 1 of the sandbox,";

	*out = '\0';
	if (r->killed)
		snprintf(out, size, "the run was asked to end, did not end, and was killed");
	else if (WIFSIGNALED(status))
		snprintf(out, size, "%s was killed by signal %d (%s)%s", what, WTERMSIG(status),
			 strsignal(WTERMSIG(status)),
			 WTERMSIG(status) == SIGKILL ?
				 ": by a user, or by the kernel, which was out of memory" : "");
	else if (WEXITSTATUS(status) && WEXITSTATUS(status) != LAB_ERROR)
		snprintf(out, size, "%s ended with status %d", what, WEXITSTATUS(status));
}

/* One more event, from out here, behind what has come. */
static int add(struct receiver *r, struct tl_event *ev, struct tl_err *err)
{
	const struct tl_event *last = &r->trace->events[r->trace->n - 1];
	struct tl_buf line = { 0 };
	int ret;

	ev->t_ns = last->t_ns;
	ev->phase = last->phase;
	ret = tl_trace_encode(ev, &line, err);
	if (!ret)
		ret = take(r, line.data, line.len, err);
	tl_buf_release(&line);
	return ret;
}

/*
 * The pipe has ended, and pid 1: the rest of a line that it did not finish goes, and where
 * it did not end by its own leave the trace says so.
 */
static int close_trace(struct receiver *r, int status, struct tl_err *err)
{
	struct tl_event fault = { .kind = TL_EVENT_FAULT, .fault.step = -1 };
	struct tl_event end = { .kind = TL_EVENT_END };
	char how[160];
	int ret;

	say_how(r, status, how, sizeof(how));
	if (!r->trace->n)
		return tl_err_set(err, ECHILD, "%s", *how ? how : "the run reported nothing");
	r->trace->cut = !*how && r->text.len;
	if (!*how)
		return 0;
	r->text.len = 0;
	if (ftruncate(r->file, r->whole) || lseek(r->file, r->whole, SEEK_SET) < 0)
		return tl_err_set(err, errno, "%s: %s", r->path, strerror(errno));
	fault.fault.text = how;
	end.end.how = r->killed ? TL_END_INTERRUPTED : TL_END_FAULT;
	ret = add(r, &fault, err);
	return ret ? ret : add(r, &end, err);
}

static int receive_run(struct inside *in, struct receiver *r, struct tl_err *err)
{
	sigset_t before;
	int ret, status;

	lab_count_interrupts(&before);
	ret = tl_sandbox_spawn(&in->sandbox, run_inside, in, err);
	close(in->pipe[1]);
	if (r->watcher)
		close(in->control[0]);
	if (!ret) {
		r->pid = in->sandbox.pid;
		ret = receive(r, in->pipe[0], &before, err);
		if (ret)
			kill(r->pid, SIGKILL);
		status = tl_sandbox_wait(&in->sandbox);
		if (!ret)
			ret = close_trace(r, status, err);
	}
	close(in->pipe[0]);
	if (r->watcher)
		close(in->control[1]);
	lab_progress_clear(&r->progress);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ret;
}

int lab_record(const struct tl_plan *plan, const struct lab_options *options,
	       const struct lab_watcher *watcher, int file, const char *path,
	       struct tl_trace *trace, struct tl_err *err)
{
	struct inside in = { .plan = plan, .options = options, .control = { -1, -1 },
			     .sandbox.unsafe = options->unsafe };
	struct receiver r = { .options = options, .watcher = watcher, .file = file,
			      .path = path, .trace = trace };
	int ret = 0;

	lab_progress_init(&r.progress, plan,
			  isatty(STDERR_FILENO) && !options->quiet && !watcher);
	/* Whoever writes into a socket can do without SIGPIPE. */
	if (pipe2(in.pipe, O_CLOEXEC) ||
	    (watcher && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in.control)))
		ret = tl_err_set(err, errno, "pipe: %s", strerror(errno));
	r.control = in.control[1];
	if (!ret)
		ret = receive_run(&in, &r, err);
	tl_buf_release(&r.text);
	return ret;
}
