/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcplab run: one scenario, told whole; several are suite.c's. */
#include "suite.h"

#include <errno.h>
#include <stdio.h>

int lab_result_status(enum tl_result result, const struct lab_options *options)
{
	if (result == TL_RESULT_SKIPPED && options->require)
		return LAB_ERROR;
	return tl_result_status(result);
}

/* About this run's own subject, as it can be typed. */
static void say_next(const struct tl_plan *plan, const struct lab_options *options)
{
	int lesson = lab_lesson_of(plan->name);
	const char *name = options->n_args ? options->args[0] : plan->name;

	lab_mention("Segment by segment, under your control: %s step %s", lab_typed(), name);
	if (lesson && lab_lesson_after(lesson))
		lab_mention("The next lesson, %d of 10: %s run %s", lesson + 1, lab_typed(),
			    lab_lesson_after(lesson));
}

/* What there is to look at next, as it can be typed or clicked. */
static void say_where(const struct lab_kept *run, const struct lab_options *options,
		      const struct lab_watcher *watcher)
{
	struct tl_buf page = { 0 };

	lab_mention("\nTrace and reports: %s/", run->dir.path);
	if (lab_wants_report("html", options)) {
		lab_file_url(&run->dir, "report.html", &page);
		lab_mention("Step by step, in a browser: %s", tl_buf_text(&page));
	}
	if (!watcher)
		say_next(run->plan, options);
	tl_buf_release(&page);
}

static int tell_github(const struct lab_kept *run, const struct lab_options *options)
{
	struct tl_buf notes = { 0 }, summary = { 0 };
	struct tl_err err;
	int status;

	if (lab_github_render(run, options, &notes, &summary, &err))
		status = lab_fail("%s", err.text);
	else
		status = lab_github_tell(run->plan->name, &notes, &summary);
	tl_buf_release(&summary);
	tl_buf_release(&notes);
	return status;
}

static int tell(const struct lab_kept *run, const struct lab_options *options,
		const struct lab_watcher *watcher)
{
	int status = LAB_OK;

	if (watcher && *watcher->has_quit) {
		say_where(run, options, watcher);
		lab_mention("All of it, without stopping: %s run %s", lab_typed(), run->plan->name);
		return LAB_OK;
	}
	if (!options->quiet || run->verdict.result != TL_RESULT_PASSED)
		status = lab_tell(run, options, true);
	if (options->github)
		status = lab_worse(status, tell_github(run, options));
	if (!status)
		status = lab_result_status(run->verdict.result, options);
	if (!options->quiet)
		say_where(run, options, watcher);
	return status;
}

int lab_run_one(struct tl_plan *plan, const struct lab_options *options,
		const struct lab_watcher *watcher)
{
	struct lab_kept run = { .plan = plan };
	struct lab_dir out;
	struct tl_err err;
	int status, ret = -1;

	if (!lab_out_open(&out, options->out, true, &err)) {
		if (!watcher)
			snprintf(run.among, sizeof(run.among), "%s", out.path);
		ret = lab_keep(&run, &out, options, watcher, &err);
	}
	if (ret) {
		lab_complain("%s: %s", run.plan->name, err.text);
		status = err.code == EOPNOTSUPP && !options->require ? LAB_UNSUPPORTED : LAB_ERROR;
	} else {
		status = tell(&run, options, watcher);
	}
	lab_kept_release(&run);
	lab_dir_close(&out);
	return status;
}

int lab_run(const struct lab_options *options)
{
	const char *name = options->n_args ? options->args[0] : LAB_DEFAULT_SCENARIO;
	struct tl_plan **plans, *plan = NULL;
	size_t n;

	if (options->all || options->n_args > 1 || options->shards || options->n_skip ||
	    options->n_only)
		return lab_run_suite(options, NULL);
	n = lab_load_all(name, &plans);
	if (n == 1)
		plan = plans[--n];
	lab_free_plans(plans, n);
	if (plan)
		return lab_run_one(plan, options, NULL);
	return n ? lab_run_suite(options, NULL) : lab_unread();
}
