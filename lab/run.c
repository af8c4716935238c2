/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcplab run: record, judge, render; tcplab report: the same from a saved trace. */
#include "lab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tcplab/judge.h"
#include "tcplab/scenario.h"
#include "tcplab/trace.h"

/* Lay out what was recorded, and judge it. */
static int judge(struct lab_film *run, struct tl_err *err)
{
	int ret = tl_film_init(&run->film, run->plan, &run->trace, err);

	return ret ? ret : tl_judge(&run->film, &run->verdict, err);
}

void lab_film_release(struct lab_film *run)
{
	if (run->plan)
		tl_verdict_release(&run->verdict, run->plan);
	tl_film_release(&run->film);
	tl_trace_release(&run->trace);
	tl_plan_free(run->plan);
}

static int render(const struct lab_film *run, const struct tl_renderer *renderer,
		  const struct tl_report_style *style, struct tl_buf *out, struct tl_err *err)
{
	const struct tl_report report = { run->plan, &run->trace, &run->film,
					 &run->verdict };
	int ret = renderer->render(&report, style, out, err);

	if (!ret && out->failed)
		ret = tl_err_set(err, ENOMEM, "no memory for the %s report", renderer->name);
	return ret;
}

static int in_dir(const struct lab_film *run, const char *file, char *path, struct tl_err *err)
{
	int n = snprintf(path, PATH_MAX, "%s/%s", run->dir, file);

	if (n < 0 || n >= PATH_MAX)
		return tl_err_set(err, ENAMETOOLONG, "%s: %s", run->dir, strerror(ENAMETOOLONG));
	return 0;
}

/* The directory of the run, without the reports of a run before. */
static int prepare_dir(struct lab_film *run, const char *out, struct tl_err *err)
{
	size_t n;
	const struct tl_renderer *r = tl_renderers(&n);
	char path[PATH_MAX];
	int ret;

	if (snprintf(run->dir, sizeof(run->dir), "%s/%s", out, run->plan->name) >=
	    (int)sizeof(run->dir))
		return tl_err_set(err, ENAMETOOLONG, "%s: %s", out, strerror(ENAMETOOLONG));
	ret = lab_make_dirs(run->dir, err);
	for (size_t i = 0; !ret && i < n; i++)
		if (r[i].file && !in_dir(run, r[i].file, path, err) && unlink(path) &&
		    errno != ENOENT)
			ret = tl_err_set(err, errno, "%s: %s", path, strerror(errno));
	return ret;
}

bool lab_wants_report(const char *name, const struct lab_options *options)
{
	if (!options->reports ||
	    (options->parts && (!strcmp(name, "json") || !strcmp(name, "junit"))))
		return true;
	return tl_renderer_among(name, options->reports);
}

static int save_reports(const struct lab_film *run, const struct lab_options *options,
			struct tl_err *err)
{
	size_t n;
	const struct tl_renderer *r = tl_renderers(&n);

	for (size_t i = 0; i < n; i++) {
		struct tl_buf text = { 0 };
		char path[PATH_MAX];
		int ret;

		if (!r[i].file || !lab_wants_report(r[i].name, options))
			continue;
		ret = render(run, &r[i], &options->style, &text, err);
		if (!ret)
			ret = in_dir(run, r[i].file, path, err);
		if (!ret)
			ret = lab_save_file(path, &text, err);
		tl_buf_release(&text);
		if (ret)
			return ret;
	}
	return 0;
}

int lab_result_status(enum tl_result result, const struct lab_options *options)
{
	if (result == TL_RESULT_SKIPPED && options->require)
		return LAB_ERROR;
	return tl_result_status(result);
}

/* Record, judge and save one scenario. Return: 0 or -errno with @err. */
static int carry_out(struct lab_film *run, const struct lab_options *options,
		     const struct lab_watcher *watcher, struct tl_err *err)
{
	char path[PATH_MAX];
	int ret = prepare_dir(run, options->out, err);

	if (!ret)
		ret = in_dir(run, "trace.ndjson", path, err);
	if (!ret)
		ret = lab_record(run->plan, options, watcher, path, &run->trace, err);
	if (!ret)
		ret = judge(run, err);
	if (!ret)
		ret = save_reports(run, options, err);
	return ret;
}

static void unknown_format(const char *name)
{
	struct tl_buf known = { 0 };

	lab_renderer_names(&known, false, ", ");
	lab_complain("there is no format \"%s\"; there are %s", name, tl_buf_text(&known));
	tl_buf_release(&known);
}

/* Which renderer answers on standard output. NULL, with a complaint, for an unknown name. */
static const struct tl_renderer *chosen(const struct lab_options *options)
{
	const char *name = options->json ? "json" : options->format ? options->format : "text";
	const struct tl_renderer *renderer = tl_renderer_find(name);

	if (!renderer)
		unknown_format(name);
	return renderer;
}

static int print_run(const struct lab_film *run, const struct lab_options *options)
{
	const struct tl_renderer *renderer = chosen(options);
	struct tl_buf text = { 0 };
	struct tl_err err;
	int status = LAB_ERROR;

	if (!renderer)
		return LAB_USAGE;
	if (renderer->binary && isatty(STDOUT_FILENO)) {
		lab_complain("%s is not for a terminal: send it to a file", renderer->name);
		return LAB_USAGE;
	}
	if (render(run, renderer, &options->style, &text, &err))
		lab_complain("%s", err.text);
	else
		status = lab_print(&text);
	tl_buf_release(&text);
	return status;
}

/* What there is to look at next, as it can be typed or clicked. */
static void say_where(const struct lab_film *run, const struct lab_options *options)
{
	struct tl_buf page = { 0 };
	char path[PATH_MAX];
	struct tl_err err;

	fprintf(stderr, "\nTrace and reports: %s/\n", run->dir);
	if (lab_wants_report("html", options) && !in_dir(run, "report.html", path, &err)) {
		lab_file_url(path, &page);
		fprintf(stderr, "Step by step, in a browser: %s\n", tl_buf_text(&page));
	}
	if (!options->n_args)
		fprintf(stderr, "One segment at a time, in your hands: %s step\n", lab_typed());
	tl_buf_release(&page);
}

int lab_run_one(struct tl_plan *plan, const struct lab_options *options,
		const struct lab_watcher *watcher)
{
	struct lab_film run = { .plan = plan };
	struct tl_err err;
	int status;

	if (carry_out(&run, options, watcher, &err)) {
		lab_complain("%s: %s", run.plan->name, err.text);
		status = err.code == EOPNOTSUPP && !options->require ? LAB_UNSUPPORTED : LAB_ERROR;
	} else {
		status = LAB_OK;
		if (!options->quiet || run.verdict.result != TL_RESULT_PASSED)
			status = print_run(&run, options);
		if (options->github)
			status = lab_worse(status, lab_tell_github(&run, options));
		if (!status)
			status = lab_result_status(run.verdict.result, options);
		if (!options->quiet)
			say_where(&run, options);
	}
	lab_film_release(&run);
	return status;
}

void lab_run_silent(struct tl_plan *plan, const struct lab_options *options,
		    struct lab_outcome *outcome)
{
	struct lab_film run = { .plan = plan };
	struct tl_err err;

	*outcome = (struct lab_outcome){ 0 };
	if (carry_out(&run, options, NULL, &err)) {
		outcome->result = err.code == EOPNOTSUPP ? TL_RESULT_SKIPPED : TL_RESULT_ERROR;
		snprintf(outcome->reason, sizeof(outcome->reason), "%s", err.text);
	} else {
		outcome->result = run.verdict.result;
		outcome->took_ns = run.verdict.took_ns;
		outcome->saved = true;
		snprintf(outcome->reason, sizeof(outcome->reason), "%s",
			 run.verdict.reason ? run.verdict.reason : "");
	}
	lab_film_release(&run);
}

/* An error before a failure before a skip. */
int lab_worse(int a, int b)
{
	static const int order[] = { LAB_ERROR, LAB_USAGE, LAB_FAILED, LAB_UNSUPPORTED };

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return LAB_OK;
}

int lab_run(const struct lab_options *options)
{
	const char *name = options->n_args ? options->args[0] : LAB_DEFAULT_SCENARIO;
	struct tl_plan *plan;

	if (options->all || options->n_args > 1 || options->shards || options->n_skip ||
	    options->n_only)
		return lab_run_suite(options);
	plan = lab_load(name);
	return plan ? lab_run_one(plan, options, NULL) : LAB_USAGE;
}

/* The plan a trace was recorded for is in its first line. */
int lab_read_back(struct lab_film *run, const char *path, struct tl_err *err)
{
	struct tl_buf text = { 0 }, messages = { 0 };
	const struct tl_event *first;
	int ret = lab_read_file(path, &text, err);

	if (!ret)
		ret = tl_trace_decode(path, tl_buf_text(&text), text.len, &run->trace, err);
	first = ret ? NULL : tl_trace_run(&run->trace);
	if (first)
		ret = tl_scenario_parse(first->run.file, first->run.text,
					strlen(first->run.text), &run->plan, &messages, err);
	if (ret && messages.len)
		fputs(tl_buf_text(&messages), stderr);
	if (!ret)
		ret = judge(run, err);
	tl_buf_release(&messages);
	tl_buf_release(&text);
	return ret;
}

int lab_report(const struct lab_options *options)
{
	struct lab_film run = { 0 };
	struct tl_err err;
	int status;

	if (options->n_args != 1) {
		lab_complain("report takes one trace, such as out/" LAB_DEFAULT_SCENARIO
			     "/trace.ndjson");
		return LAB_USAGE;
	}
	if (lab_read_back(&run, options->args[0], &err)) {
		lab_complain("%s", err.text);
		status = LAB_USAGE;
	} else {
		status = print_run(&run, options);
		if (!status)
			status = lab_result_status(run.verdict.result, options);
	}
	lab_film_release(&run);
	return status;
}
