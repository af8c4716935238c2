/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcplab run, of several scenarios: which, in which order, and what is told about them. */
#include "suite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "progress.h"
#include "tcplab/grow.h"

#define JUNIT_FILE "junit.xml"
#define INDEX_FILE "index.html"

struct suite {
	const struct lab_options *options;
	struct lab_dir out;
	struct lab_coverage *coverage;
	struct lab_tags tags; /* of all that were read */
	struct lab_job *jobs; /* in the order they are told about */
	size_t n;
	size_t n_read;        /* those that are not chosen, too */
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

/* @plan: taken */
static void add_plan(struct suite *suite, const char *name, struct tl_plan *plan)
{
	if (!is_chosen(plan, suite->options)) {
		tl_plan_free(plan);
	} else if (is_there(suite, plan->name)) {
		suite->status = lab_refuse("%s: there is another scenario called %s among those "
					   "to run", name, plan->name);
		tl_plan_free(plan);
	} else if (TL_GROW(suite->jobs, suite->n)) {
		suite->jobs[suite->n++] = (struct lab_job){ .plan = plan };
	} else {
		suite->status = lab_fail("no memory for the scenarios");
		tl_plan_free(plan);
	}
}

static void add(struct suite *suite, const char *name)
{
	struct tl_plan **plans;
	size_t n = lab_load_all(name, &plans);

	if (!n)
		suite->status = lab_unread();
	for (size_t i = 0; i < n; i++) {
		lab_tags_add(&suite->tags, plans[i]);
		add_plan(suite, name, plans[i]);
	}
	suite->n_read += n;
	free(plans);
}

/*
 * Those named, or all that come with the program: read before any is run. Sets suite->status
 * where one has mistakes.
 */
static void gather(struct suite *suite)
{
	char **shipped = NULL;
	size_t n_shipped = suite->options->n_args ? 0 : lab_scenario_names(&shipped);

	if (!suite->options->n_args && !n_shipped)
		suite->status = lab_fail("no scenarios beside the program");
	for (int i = 0; i < suite->options->n_args; i++)
		add(suite, suite->options->args[i]);
	for (size_t i = 0; i < n_shipped; i++)
		add(suite, shipped[i]);
	lab_free_names(shipped, n_shipped);
	if (!suite->status && !lab_tags_known(&suite->tags, suite->options))
		suite->status = LAB_USAGE;
	if (!suite->status && !suite->n)
		suite->status = lab_refuse("--only, --skip and --shard choose none of %zu "
					   "scenario%s; \"%s list\" shows their tags",
					   suite->n_read,
					   suite->n_read == 1 ? "" : "s", lab_typed());
}

static void as_case(const struct lab_job *job, struct tl_suite_case *one)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): as many as there are jobs */
	*one = (struct tl_suite_case){ .name = job->plan->name,
				       .plan = job->plan,
				       .title = job->plan->title,
				       .result = job->outcome.result,
				       .kept = job->outcome.kept,
				       .took_ns = job->outcome.took_ns,
				       .totals = job->outcome.totals,
				       .json = &job->part[LAB_PART_JSON],
				       .junit = &job->part[LAB_PART_JUNIT],
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

static int save(const struct suite *suite, const struct tl_suite *of, const char *file,
		int (*render)(const struct tl_suite *of, struct tl_buf *out, struct tl_err *err),
		struct tl_err *err)
{
	struct tl_buf text = { 0 };
	int ret = render(of, &text, err);

	if (!ret)
		ret = lab_save(&suite->out, file, &text, err);
	tl_buf_release(&text);
	return ret;
}

/* The page of all runs. */
static int save_index(const struct suite *suite, struct tl_suite *of, struct tl_err *err)
{
	struct tl_suite_arc *arcs = lab_coverage_arcs(suite->coverage);
	int ret;

	of->arcs = arcs;
	ret = arcs ? save(suite, of, INDEX_FILE, tl_suite_html, err) :
		     tl_err_set(err, ENOMEM, "no memory for the arrows");
	of->arcs = NULL;
	free(arcs);
	return ret;
}

/* Where all of it is, for a terminal that makes links of addresses. */
static void say_where(const struct suite *suite)
{
	struct tl_buf page = { 0 };

	if (lab_wants_report("junit", suite->options))
		lab_mention("Traces and reports: %s/, %s/" JUNIT_FILE, suite->out.path,
			    suite->out.path);
	else
		lab_mention("Traces and reports: %s/", suite->out.path);
	lab_file_url(&suite->out, INDEX_FILE, &page);
	if (lab_wants_report("html", suite->options))
		lab_mention("All of them, in a browser: %s", tl_buf_text(&page));
	tl_buf_release(&page);
}

/* What is told about them together at the end. */
static int conclude(const struct suite *suite, struct tl_suite *of, struct tl_err *err)
{
	const struct lab_options *options = suite->options;
	struct tl_buf text = { 0 };
	int ret = 0;

	if (lab_wants_report("junit", options))
		ret = save(suite, of, JUNIT_FILE, tl_suite_junit, err);
	if (!ret && lab_wants_report("html", options))
		ret = save_index(suite, of, err);
	if (!ret && options->json)
		ret = tl_suite_json(of, &text, err);
	else if (!ret && (!is_terse(options) || suite->status))
		tl_suite_summary(of, &options->style, &text);
	if (!ret && say(suite, &text))
		ret = tl_err_set(err, EIO, "the results could not be printed");
	if (!ret && !is_terse(options))
		say_where(suite);
	tl_buf_release(&text);
	return ret;
}

/* Gather what each has told and tell about them together. */
static int tell(struct suite *suite, struct tl_err *err)
{
	struct tl_suite_case *cases = calloc(suite->n + 1, sizeof(*cases));
	struct tl_suite of = { .cases = cases, .n = suite->n,
			       .formats = suite->options->reports,
			       .took_ns = (lab_now_ms() - suite->since_ms) * 1000000 };
	int ret = cases ? 0 : tl_err_set(err, ENOMEM, "no memory for the results");

	for (size_t i = 0; !ret && i < suite->n; i++) {
		const struct lab_job *job = &suite->jobs[i];
		int status = lab_result_status(job->outcome.result, suite->options);

		as_case(job, &cases[i]);
		if (job->outcome.kept)
			lab_coverage_add(suite->coverage, job->plan, &job->part[LAB_PART_ARCS]);
		if (job->outcome.kept && suite->options->github)
			status = lab_worse(status, lab_github_tell(job->plan->name,
								   &job->part[LAB_PART_NOTES],
								   &job->part[LAB_PART_SUMMARY]));
		suite->status = lab_worse(suite->status, status);
	}
	if (!ret)
		ret = conclude(suite, &of, err);
	free(cases);
	return ret;
}

/* Now that all have come to their end: two that can be compared are on each other's page. */
static int save_pairs(const struct suite *suite, struct tl_err *err)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < suite->n; i++)
		if (suite->jobs[i].plan)
			ret = lab_keep_pair(suite->jobs[i].plan->name, &suite->out, suite->options,
					    err);
	return ret;
}

static int run_gathered(struct suite *suite, struct tl_err *err)
{
	int ret = lab_out_open(&suite->out, suite->options->out, false, err);

	if (!ret) /* those of the suite before */
		ret = lab_forget(&suite->out, JUNIT_FILE, err);
	if (!ret)
		ret = lab_forget(&suite->out, INDEX_FILE, err);
	if (!ret) {
		lab_run_jobs(suite->jobs, suite->n, &suite->out, suite->options, print_lines,
			     suite);
		print_lines(suite);
		ret = save_pairs(suite, err);
	}
	return ret ? ret : tell(suite, err);
}

static void release(struct suite *suite)
{
	for (size_t i = 0; i < suite->n; i++) {
		for (int j = 0; j < LAB_N_PARTS; j++)
			tl_buf_release(&suite->jobs[i].part[j]);
		tl_plan_free(suite->jobs[i].plan);
	}
	free(suite->jobs);
	lab_tags_release(&suite->tags);
	lab_dir_close(&suite->out);
}

static int run_covered(struct suite *suite)
{
	struct tl_err err;

	gather(suite);
	if (!suite->status && run_gathered(suite, &err))
		suite->status = lab_fail("%s", err.text);
	release(suite);
	return suite->status;
}

int lab_run_suite(const struct lab_options *options, struct lab_coverage *coverage)
{
	struct suite suite = { .options = options, .out.fd = -1, .since_ms = lab_now_ms(),
			       .coverage = coverage };
	struct lab_coverage own;
	int status;

	if (options->all && options->n_args)
		return lab_refuse("--all already means every scenario, so it takes no names");
	if (coverage)
		return run_covered(&suite);
	suite.coverage = &own;
	if (lab_coverage_init(&own))
		status = lab_fail("no memory for the arrows");
	else
		status = run_covered(&suite);
	lab_coverage_release(&own);
	return status;
}
