/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Each scenario has a process of its own out here, a worker, which is the parent of its
 * sandbox just as tcplab is when it runs but one: so the sandbox has a parent with a single
 * thread that lives as long as it does. A worker asks to be killed when the suite ends, and
 * its sandbox when the worker ends; SIGKILL of the suite takes all of it along.
 *
 * A worker tells its outcome over a pipe, and what the suite makes its own documents of, and
 * ends. All of it comes out of the pipe, or the worker did not live to tell. Pid 1 of the
 * sandbox has the pipe's other end as well, so at the end of file both are gone.
 *
 * Workers have a process group of their own: a Ctrl-C reaches the suite alone, which passes
 * it on, once. It comes in while ppoll() waits and at no other time.
 */
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "progress.h"

#define PROGRESS_MS 250

/* A worker that has not ended its run by then will not. */
#define TO_END_MS 10000

struct jobs {
	struct lab_job *jobs;
	size_t n;
	size_t running;
	size_t done;
	const struct lab_dir *out;
	const struct lab_options *options;
	unsigned long long asked_ms; /* when they were asked to end; 0: they were not */
	sigset_t before;   /* the signal mask that workers, and ppoll(), have */
	unsigned long long since_ms;
	bool wants_line;
};

/* The slow ones begin first, so that nothing is left to wait for but them. NULL: all have begun */
static struct lab_job *next(const struct jobs *all)
{
	struct lab_job *found = NULL;

	for (struct lab_job *job = all->jobs; job < all->jobs + all->n; job++)
		if (!job->begun && (!found || (tl_plan_has_tag(job->plan, LAB_TAG_SLOW) &&
					       !tl_plan_has_tag(found->plan, LAB_TAG_SLOW))))
			found = job;
	return found;
}

static void settle(struct jobs *all, struct lab_job *job, enum tl_result result,
		   const char *reason)
{
	job->begun = true;
	job->outcome = (struct lab_outcome){ .result = result };
	snprintf(job->outcome.reason, sizeof(job->outcome.reason), "%s", reason);
	job->done = true;
	all->done++;
}

/* What the suite needs of a run. Return: 0 or -errno with @err. */
static int fill(struct lab_job *job, const struct lab_kept *kept,
		const struct lab_options *options, struct tl_err *err)
{
	const struct tl_report report = lab_kept_report(kept);
	struct tl_buf *part = job->part;
	int ret = tl_junit_suite(&report, &part[LAB_PART_JUNIT], &job->outcome.totals, err);

	if (!ret && options->json)
		ret = lab_kept_render(kept, tl_renderer_find("json"), &options->style,
				      &part[LAB_PART_JSON], err);
	if (!ret && options->github)
		ret = lab_github_render(kept, options, &part[LAB_PART_NOTES],
					&part[LAB_PART_SUMMARY], err);
	if (!ret)
		lab_show_arcs(kept, &part[LAB_PART_ARCS]);
	if (!ret && part[LAB_PART_ARCS].failed)
		ret = tl_err_set(err, ENOMEM, "no memory for the arrows");
	return ret;
}

/* Run it, and find out what there is to tell. */
static void carry_out(struct lab_job *job, const struct lab_dir *out,
		      const struct lab_options *options)
{
	struct lab_kept kept = { .plan = job->plan };
	struct lab_outcome *outcome = &job->outcome;
	struct tl_buf place = { 0 };
	struct tl_report report;
	struct tl_err err;

	*outcome = (struct lab_outcome){ 0 };
	if (lab_keep(&kept, out, options, NULL, &err) || fill(job, &kept, options, &err)) {
		outcome->result = err.code == EOPNOTSUPP ? TL_RESULT_SKIPPED : TL_RESULT_ERROR;
		snprintf(outcome->reason, sizeof(outcome->reason), "%s", err.text);
		return;
	}
	outcome->result = kept.verdict.result;
	outcome->took_ns = kept.verdict.took_ns;
	outcome->kept = true;
	report = lab_kept_report(&kept);
	tl_report_place(&place, &report);
	snprintf(outcome->reason, sizeof(outcome->reason), "%s%s",
		 place.len ? tl_buf_text(&place) : "",
		 kept.verdict.reason ? kept.verdict.reason : "");
	tl_buf_release(&place);
}

/* In the worker, which ends without tidying up its memory. */
__attribute__((noreturn)) static void work(const struct jobs *all, struct lab_job *job,
					   pid_t suite, int out)
{
	struct lab_options options = *all->options;
	int ret;

	setpgid(0, 0);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != suite)
		_exit(LAB_ERROR);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	sigprocmask(SIG_SETMASK, &all->before, NULL);
	options.quiet = true; /* the progress line is the suite's */
	carry_out(job, all->out, &options);
	for (int i = 0; i < LAB_N_PARTS; i++)
		job->outcome.len[i] = job->part[i].len;
	ret = lab_write_all(out, &job->outcome, sizeof(job->outcome));
	for (int i = 0; !ret && i < LAB_N_PARTS; i++)
		ret = lab_write_all(out, job->part[i].data, job->outcome.len[i]);
	_exit(ret ? LAB_ERROR : LAB_OK);
}

static void begin(struct jobs *all, struct lab_job *job)
{
	pid_t suite = getpid();
	int pipe[2];

	job->begun = true;
	if (pipe2(pipe, O_CLOEXEC)) {
		settle(all, job, TL_RESULT_ERROR, strerror(errno));
		return;
	}
	fflush(NULL);
	job->pid = fork();
	if (!job->pid) {
		close(pipe[0]);
		work(all, job, suite, pipe[1]);
	}
	close(pipe[1]);
	if (job->pid < 0) {
		settle(all, job, TL_RESULT_ERROR, strerror(errno));
		job->pid = 0;
		close(pipe[0]);
		return;
	}
	job->pipe = pipe[0];
	all->running++;
}

/* Take what a worker has told apart. Return: whether that was all of it. */
static bool take_apart(struct lab_job *job)
{
	struct lab_outcome *outcome = &job->outcome;
	const struct tl_buf *told = &job->told;
	size_t at = sizeof(*outcome);

	if (told->failed || told->len < at)
		return false;
	memcpy(outcome, told->data, at);
	for (int i = 0; i < LAB_N_PARTS; i++) {
		if (outcome->len[i] > told->len - at)
			return false;
		tl_buf_add(&job->part[i], told->data + at, outcome->len[i]);
		at += outcome->len[i];
	}
	return at == told->len;
}

/* The pipe has ended: what did it say? */
static void finish(struct jobs *all, struct lab_job *job)
{
	char reason[128];
	int status = 0;

	while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(job->pipe);
	job->pid = 0;
	all->running--;
	if (take_apart(job)) {
		job->done = true;
		all->done++;
	} else if (lab_interrupts) {
		settle(all, job, TL_RESULT_INTERRUPTED, "it was stopped before it could "
							"report how it ended");
	} else {
		if (WIFSIGNALED(status))
			snprintf(reason, sizeof(reason),
				 "the process that ran it was killed by signal %d (%s)",
				 WTERMSIG(status), strsignal(WTERMSIG(status)));
		else
			snprintf(reason, sizeof(reason),
				 "the process that ran it ended with status %d and reported "
				 "nothing",
				 WEXITSTATUS(status));
		settle(all, job, TL_RESULT_ERROR, reason);
	}
	tl_buf_release(&job->told);
}

/* Something has come from a worker. Return: has it finished? */
static bool listen_to(struct jobs *all, struct lab_job *job)
{
	char room[65536];
	ssize_t n = read(job->pipe, room, sizeof(room));

	if (n > 0)
		tl_buf_add(&job->told, room, n);
	if (n > 0 || (n < 0 && errno == EINTR))
		return false;
	finish(all, job);
	return true;
}

static void show_line(const struct jobs *all)
{
	struct tl_buf line = { 0 };
	const char *before = ": ";

	if (!all->wants_line)
		return;
	tl_buf_fmt(&line, "%zu of %zu done after %llu s, %zu running", all->done, all->n,
		   (lab_now_ms() - all->since_ms) / 1000, all->running);
	for (size_t i = 0; i < all->n; i++) {
		if (!all->jobs[i].pid)
			continue;
		tl_buf_fmt(&line, "%s%s", before, all->jobs[i].plan->name);
		before = ", ";
	}
	lab_progress_line(tl_buf_text(&line));
	tl_buf_release(&line);
}

static void tell_workers(const struct jobs *all, int signum)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->jobs[i].pid)
			kill(all->jobs[i].pid, signum);
}

/* Ctrl-C: what has not begun will not, what runs is asked to end; each time anew. */
static void interrupt(struct jobs *all)
{
	struct lab_job *job;

	tell_workers(all, SIGTERM);
	tell_workers(all, SIGCONT);
	if (!all->asked_ms)
		all->asked_ms = lab_now_ms();
	while ((job = next(all)))
		settle(all, job, TL_RESULT_INTERRUPTED, "it was not started");
}

/* Wait until something happens to a worker. Return: has any finished? */
static bool wait_for_any(struct jobs *all, int *told)
{
	const struct timespec pause = { .tv_nsec = PROGRESS_MS * 1000000L };
	struct pollfd polls[LAB_JOBS_MOST];
	struct lab_job *of[LAB_JOBS_MOST];
	bool finished = false;
	size_t n = 0;
	int ready;

	for (size_t i = 0; i < all->n; i++) {
		if (!all->jobs[i].pid)
			continue;
		of[n] = &all->jobs[i];
		polls[n++] = (struct pollfd){ .fd = all->jobs[i].pipe, .events = POLLIN };
	}
	ready = ppoll(polls, n, &pause, &all->before);
	while (*told < lab_interrupts) {
		interrupt(all);
		(*told)++;
	}
	if (all->asked_ms && lab_now_ms() - all->asked_ms > TO_END_MS)
		tell_workers(all, SIGKILL);
	for (size_t i = 0; ready > 0 && i < n; i++)
		if (polls[i].revents)
			finished |= listen_to(all, of[i]);
	return finished;
}

static size_t at_a_time(const struct lab_options *options)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (options->jobs)
		return options->jobs;
	return processors < 1 ? 1 : processors > LAB_JOBS_MOST ? LAB_JOBS_MOST : processors;
}

static void run_all(struct jobs *all, void (*finished)(void *arg), void *arg)
{
	size_t most = at_a_time(all->options);
	struct lab_job *job;
	int told = 0;

	while (all->done < all->n) {
		while (all->running < most && (job = next(all)))
			begin(all, job);
		show_line(all);
		if (!all->running || !wait_for_any(all, &told))
			continue;
		if (all->wants_line)
			lab_progress_line("");
		finished(arg);
	}
}

void lab_run_jobs(struct lab_job *jobs, size_t n, const struct lab_dir *out,
		  const struct lab_options *options, void (*finished)(void *arg), void *arg)
{
	struct sigaction old_int, old_term;
	struct jobs all = { .jobs = jobs, .n = n, .out = out,
			    .options = options,
			    .since_ms = lab_now_ms(),
			    .wants_line = isatty(STDERR_FILENO) && !options->quiet };

	sigaction(SIGINT, NULL, &old_int);
	sigaction(SIGTERM, NULL, &old_term);
	lab_count_interrupts(&all.before);
	run_all(&all, finished, arg);
	if (all.wants_line)
		lab_progress_line("");
	sigaction(SIGINT, &old_int, NULL);
	sigaction(SIGTERM, &old_term, NULL);
	sigprocmask(SIG_SETMASK, &all.before, NULL);
}
