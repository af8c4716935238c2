/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcplab run, of several scenarios: which, in which order, and what is told of them. */
#include "lab.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JUNIT_FILE "junit.xml"
#define INDEX_FILE "index.html"

struct suite {
	const struct lab_options *options;
	struct lab_job *jobs; /* in the order they are told of */
	size_t n;
	size_t told;          /* how many of the lines have been printed */
	unsigned long long since_ms;
	int status;
};

/* By its name alone, so that a scenario stays in its shard whichever others come or go. */
static unsigned shard_of(const char *name, unsigned shards)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return hash % shards + 1;
}

static bool has_any(const struct tl_plan *plan, const char *const *tags, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (tl_plan_has_tag(plan, tags[i]))
			return true;
	return false;
}

static bool is_chosen(const struct tl_plan *plan, const struct lab_options *options)
{
	if (options->n_only && !has_any(plan, options->only, options->n_only))
		return false;
	if (has_any(plan, options->skip, options->n_skip))
		return false;
	return !options->shards || shard_of(plan->name, options->shards) == options->shard;
}

/* Two scenarios of one name would write to the same place. */
static bool is_there(const struct suite *suite, const char *name)
{
	for (size_t i = 0; i < suite->n; i++)
		if (!strcmp(suite->jobs[i].plan->name, name))
			return true;
	return false;
}

static void add(struct suite *suite, const char *name)
{
	struct tl_plan *plan = lab_load(name);

	if (!plan) {
		suite->status = LAB_USAGE;
	} else if (!is_chosen(plan, suite->options)) {
		tl_plan_free(plan);
	} else if (is_there(suite, plan->name)) {
		lab_complain("%s: there is another scenario called %s among those to run", name,
			     plan->name);
		suite->status = LAB_USAGE;
		tl_plan_free(plan);
	} else {
		suite->jobs[suite->n++].plan = plan;
	}
}

/* All are read before any is run. Sets suite->status where one has mistakes. */
static void gather(struct suite *suite)
{
	static char *fallback[] = { LAB_DEFAULT_SCENARIO };
	const struct lab_options *options = suite->options;
	char **names = options->n_args ? options->args : fallback, **shipped = NULL;
	size_t n = options->n_args ? options->n_args : 1;

	if (options->all) {
		n = lab_scenario_names(&shipped);
		names = shipped;
	}
	suite->jobs = calloc(n + 1, sizeof(*suite->jobs));
	if (!suite->jobs || !n) {
		lab_complain(n ? "no memory for the scenarios" :
				 "no scenarios beside the program");
		suite->status = LAB_ERROR;
	}
	for (size_t i = 0; i < n; i++) {
		if (suite->jobs)
			add(suite, names[i]);
		if (shipped)
			free(shipped[i]);
	}
	free(shipped);
	if (!suite->status && !suite->n && !options->shards) {
		lab_complain("no scenario has the tags asked for; \"%s list\" shows them", lab_typed());
		suite->status = LAB_USAGE;
	}
}

static void as_case(const struct lab_job *job, struct tl_suite_case *one)
{
	*one = (struct tl_suite_case){ .name = job->plan->name,
				       .title = job->plan->title,
				       .result = job->outcome.result,
				       .took_ns = job->outcome.took_ns,
				       .reason = job->outcome.reason[0] ? job->outcome.reason :
									  NULL };
}

/* Only what went wrong? Aside, where the results are not what was asked for, as well. */
static bool is_terse(const struct lab_options *options)
{
	return options->quiet || options->aside;
}

static int say(const struct suite *suite, const struct tl_buf *text)
{
	if (!suite->options->aside)
		return lab_print(text);
	fputs(tl_buf_text(text), stderr);
	return LAB_OK;
}

/* Print the lines there are, in order: those before the first that has not finished. */
static void print_lines(void *arg)
{
	struct suite *suite = arg;
	const struct lab_options *options = suite->options;
	struct tl_buf text = { 0 };

	for (; suite->told < suite->n && suite->jobs[suite->told].done; suite->told++) {
		struct tl_suite_case one;

		as_case(&suite->jobs[suite->told], &one);
		if (!options->json && (!is_terse(options) || one.result != TL_RESULT_PASSED))
			tl_suite_line(&one, &options->style, &text);
	}
	if (say(suite, &text))
		suite->status = LAB_ERROR;
	tl_buf_release(&text);
}

/* A report that a scenario has left, as it is in its directory. */
static int read_report(const struct lab_job *job, const struct lab_options *options,
		       const char *format, struct tl_buf *out, struct tl_err *err)
{
	char path[PATH_MAX];

	if (!job->outcome.saved)
		return 0;
	snprintf(path, sizeof(path), "%s/%s/%s", options->out, job->plan->name,
		 tl_renderer_find(format)->file);
	return lab_read_file(path, out, err);
}

static void trace_of(const struct suite *suite, const struct lab_job *job, char *path)
{
	snprintf(path, PATH_MAX, "%s/%s/trace.ndjson", suite->options->out, job->plan->name);
}

/* The page of all runs; where no pages are wanted, none. */
static int save_index(const struct suite *suite, struct tl_suite *of, struct tl_err *err)
{
	struct lab_coverage coverage;
	struct tl_suite_arc *arcs = NULL;
	struct tl_buf page = { 0 };
	char path[PATH_MAX];
	int ret = lab_coverage_init(&coverage) ? tl_err_set(err, ENOMEM, "no memory for the arcs") :
						 0;

	for (size_t i = 0; !ret && i < suite->n; i++) {
		trace_of(suite, &suite->jobs[i], path);
		if (suite->jobs[i].outcome.saved)
			lab_coverage_add(&coverage, path);
	}
	if (!ret)
		of->arcs = arcs = lab_coverage_arcs(&coverage);
	if (!ret)
		ret = tl_suite_html(of, &page, err);
	snprintf(path, sizeof(path), "%s/" INDEX_FILE, suite->options->out);
	if (!ret)
		ret = lab_save_file(path, &page, err);
	tl_buf_release(&page);
	of->arcs = NULL;
	free(arcs);
	lab_coverage_release(&coverage);
	return ret;
}

/* What is told of the lot at its end. */
static int conclude(const struct suite *suite, struct tl_suite *of, struct tl_err *err)
{
	const struct lab_options *options = suite->options;
	struct tl_buf junit = { 0 }, text = { 0 };
	char path[PATH_MAX];
	int ret = tl_suite_junit(of, &junit, err);

	snprintf(path, sizeof(path), "%s/" JUNIT_FILE, options->out);
	if (!ret)
		ret = lab_save_file(path, &junit, err);
	if (!ret && lab_wants_report("html", options))
		ret = save_index(suite, of, err);
	if (!ret && options->json)
		ret = tl_suite_json(of, &text, err);
	else if (!is_terse(options) || suite->status)
		tl_suite_summary(of, &options->style, &text);
	if (!ret && say(suite, &text))
		ret = tl_err_set(err, EIO, "the results could not be printed");
	if (!ret && !is_terse(options))
		fprintf(stderr, "traces and reports: %s/; of the lot: %s/" INDEX_FILE ", " JUNIT_FILE "\n",
			options->out, options->out);
	tl_buf_release(&text);
	tl_buf_release(&junit);
	return ret;
}

/* Annotations and summary of one, from the trace that it has left. */
static int tell_github(const struct suite *suite, const struct lab_job *job)
{
	struct lab_film film = { 0 };
	char path[PATH_MAX];
	struct tl_err err;
	int status = LAB_ERROR;

	if (!suite->options->github || !job->outcome.saved)
		return LAB_OK;
	trace_of(suite, job, path);
	if (lab_read_back(&film, path, &err))
		lab_complain("%s", err.text);
	else
		status = lab_tell_github(&film, suite->options);
	lab_film_release(&film);
	return status;
}

/* Gather what each has left and tell of the lot. */
static int tell(struct suite *suite, struct tl_err *err)
{
	struct tl_suite_case *cases = calloc(suite->n + 1, sizeof(*cases));
	struct tl_buf *reports = calloc(2 * suite->n + 1, sizeof(*reports));
	struct tl_suite of = { .cases = cases, .n = suite->n,
			       .formats = suite->options->reports,
			       .took_ns = (lab_now_ms() - suite->since_ms) * 1000000 };
	int ret = 0;

	if (!cases || !reports)
		ret = tl_err_set(err, ENOMEM, "no memory for the results");
	for (size_t i = 0; !ret && i < suite->n; i++) {
		struct lab_job *job = &suite->jobs[i];

		as_case(job, &cases[i]);
		cases[i].json = &reports[2 * i];
		cases[i].junit = &reports[2 * i + 1];
		suite->status = lab_worse(suite->status, lab_result_status(cases[i].result,
									   suite->options));
		suite->status = lab_worse(suite->status, tell_github(suite, job));
		ret = read_report(job, suite->options, "json", &reports[2 * i], err);
		if (!ret)
			ret = read_report(job, suite->options, "junit", &reports[2 * i + 1],
					  err);
	}
	if (!ret)
		ret = conclude(suite, &of, err);
	for (size_t i = 0; reports && i < 2 * suite->n; i++)
		tl_buf_release(&reports[i]);
	free(reports);
	free(cases);
	return ret;
}

/* The slow ones begin first, so that nothing is left to wait for but them. */
static void fill_order(const struct suite *suite, size_t *order)
{
	size_t n = 0;

	for (int slow = 1; slow >= 0; slow--)
		for (size_t i = 0; i < suite->n; i++)
			if (tl_plan_has_tag(suite->jobs[i].plan, LAB_TAG_SLOW) == slow)
				order[n++] = i;
}

static int run_gathered(struct suite *suite, struct tl_err *err)
{
	size_t *order = calloc(suite->n + 1, sizeof(*order));
	char path[PATH_MAX];
	int ret = order ? lab_make_dirs(suite->options->out, err) :
			  tl_err_set(err, ENOMEM, "no memory for the scenarios");

	if (ret)
		goto out;
	snprintf(path, sizeof(path), "%s/" JUNIT_FILE, suite->options->out);
	unlink(path); /* that of the suite before, and its page */
	snprintf(path, sizeof(path), "%s/" INDEX_FILE, suite->options->out);
	unlink(path);
	fill_order(suite, order);
	lab_run_jobs(suite->jobs, order, suite->n, suite->options, print_lines, suite);
	print_lines(suite);
	ret = tell(suite, err);
out:
	free(order);
	return ret;
}

int lab_run_suite(const struct lab_options *options)
{
	struct suite suite = { .options = options, .since_ms = lab_now_ms() };
	struct tl_err err;

	if (options->all && options->n_args) {
		lab_complain("--all are all there are, so it takes no names");
		return LAB_USAGE;
	}
	gather(&suite);
	if (!suite.status && run_gathered(&suite, &err)) {
		lab_complain("%s", err.text);
		suite.status = LAB_ERROR;
	}
	for (size_t i = 0; i < suite.n; i++)
		tl_plan_free(suite.jobs[i].plan);
	free(suite.jobs);
	return suite.status;
}
