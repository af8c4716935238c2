/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What runs come to: one, several side by side, and what they show of the diagram. */
#ifndef TCPLAB_LAB_SUITE_H
#define TCPLAB_LAB_SUITE_H

#include "kept.h"

/* run.c */

/* lab_result_status - the exit status for a result, with --require in mind */
int lab_result_status(enum tl_result result, const struct lab_options *options);

/* lab_run_one - run one scenario (taken) and print its report. Return: the exit status. */
int lab_run_one(struct tl_plan *plan, const struct lab_options *options,
		const struct lab_watcher *watcher);

/* tags.c */

/* The tags that are known; zeroed to begin with. */
struct lab_tags {
	char **names; /* owned, each as well */
	size_t n;
	bool all;     /* those of the shipped scenarios are among them */
};

/* lab_tags_add - those of @plan; lab_tags_release - takes a zeroed one */
void lab_tags_add(struct lab_tags *tags, const struct tl_plan *plan);
void lab_tags_release(struct lab_tags *tags);

/*
 * lab_tags_known - is each tag of --skip and --only that of one scenario, of those added or of
 * those that come with the program? If not, complains.
 */
bool lab_tags_known(struct lab_tags *tags, const struct lab_options *options);

/* coverage.c */

/* How one run shows an arc. */
struct lab_showing {
	enum tl_shown how;
	int phase;
	int claim; /* of the plan, about it, that stands; -1: none */
};

/* lab_show_arcs - append a struct lab_showing for each of tl_arcs() */
void lab_show_arcs(const struct lab_kept *kept, struct tl_buf *out);

/* The best showing of an arc so far; its strings are owned. */
struct lab_best {
	struct lab_showing showing;
	char *scenario;
	char *title;   /* of the phase */
	char *because; /* ABSENT: what the claim finds */
};

/* What runs have shown of the diagram. */
struct lab_coverage {
	const struct tl_arc *arcs;
	size_t n;
	struct lab_best *best; /* one for each arc */
	size_t traces;
	int status;            /* LAB_USAGE where a trace could not be read */
};

/* lab_coverage_init - Return: 0 or -ENOMEM; lab_coverage_release - takes a failed one */
int lab_coverage_init(struct lab_coverage *coverage);
void lab_coverage_release(struct lab_coverage *coverage);

/* lab_coverage_add - one more run, by what lab_show_arcs() has said about it */
void lab_coverage_add(struct lab_coverage *coverage, const struct tl_plan *plan,
		      const struct tl_buf *shown);

/* lab_coverage_arcs - the same as tl_suite_html() wants it (returned owned; borrows) */
struct tl_suite_arc *lab_coverage_arcs(const struct lab_coverage *coverage);

/* jobs.c */

/* What a run of several hands to the suite, beside what it came to. */
enum lab_part {
	LAB_PART_JUNIT, /* its <testsuite> */
	LAB_PART_JSON,  /* its report, with --json */
	LAB_PART_ARCS,  /* lab_show_arcs() */
	LAB_PART_NOTES, /* lab_github_render(), with --github */
	LAB_PART_SUMMARY,
	LAB_N_PARTS
};

/* What a run came to. */
struct lab_outcome {
	enum tl_result result;
	uint64_t took_ns;
	struct tl_junit_totals totals;
	bool kept;         /* there is a trace, and the parts below */
	char reason[1024]; /* a sentence; "" where it has passed */
	size_t len[LAB_N_PARTS];
};

/* A scenario to be run beside others. */
struct lab_job {
	struct tl_plan *plan;       /* borrowed */
	bool begun, done;
	struct lab_outcome outcome; /* when @done */
	struct tl_buf part[LAB_N_PARTS]; /* when @done; owned */
	pid_t pid;                  /* while it runs; else 0 */
	int pipe;                   /* its outcome and its parts come out of it */
	struct tl_buf told;         /* what has come so far */
};

/*
 * lab_run_jobs - run each job in a process of its own, as many at a time as options->jobs has it
 * @out: where they are kept
 * @finished: called after each
 *
 * The first SIGINT or SIGTERM ends all in order and begins no more, the second at once.
 */
void lab_run_jobs(struct lab_job *jobs, size_t n, const struct lab_dir *out,
		  const struct lab_options *options, void (*finished)(void *arg), void *arg);

/* suite.c */

/*
 * lab_run_suite - several scenarios, or --all
 * @coverage: gets what they show; NULL: not asked for
 *
 * Return: the exit status.
 */
int lab_run_suite(const struct lab_options *options, struct lab_coverage *coverage);

#endif
