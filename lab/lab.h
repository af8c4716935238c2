/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program: the only place that prints to a terminal, writes files or exits. */
#ifndef TCPLAB_LAB_LAB_H
#define TCPLAB_LAB_LAB_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tcplab/buf.h"
#include "tcplab/event.h"
#include "tcplab/plan.h"
#include "tcplab/report.h"
#include "tcplab/state.h"
#include "tcplab/verdict.h"

/* Exit statuses; those of a run are in verdict.h. */
#define LAB_OK 0
#define LAB_FAILED 1
#define LAB_USAGE 2
#define LAB_ERROR 3
#define LAB_UNSUPPORTED 77

#define LAB_WITNESSES 8
#define LAB_TAGS 8
#define LAB_JOBS_MOST 256

#define LAB_TAG_SLOW "slow" /* waits long on purpose: begun first */

#define LAB_DEFAULT_SCENARIO "redis/walkthrough"

/* What the command line said. Strings are borrowed from argv. */
struct lab_options {
	char **args;              /* what is no option, NULL-terminated */
	int n_args;
	const char *out;          /* --out: where runs are kept, "out" by default */
	const char *format;       /* --format: a renderer's name */
	const char *witness[LAB_WITNESSES]; /* --witness */
	size_t n_witness;
	const char *skip[LAB_TAGS]; /* --skip, --only: tags */
	size_t n_skip;
	const char *only[LAB_TAGS];
	size_t n_only;
	int jobs;                 /* --jobs: how many scenarios at a time; 0: as many as processors */
	unsigned shard, shards;   /* --shard: which, from 1, of how many; 0 of 0: all */
	struct tl_report_style style;
	const char *reports;      /* --report: names of renderers, with commas; NULL: all */
	const char *redis;        /* --redis: what every redis actor runs; NULL: as scenarios say */
	bool github;              /* --github */
	bool parts;               /* of a suite, whose own documents need JSON and JUnit of each */
	bool all;
	bool aside;               /* what is told of scenarios goes to stderr: stdout is wanted */
	bool color_always, color_never;
	bool json;
	bool mock;
	bool require;
	bool quiet;
	bool verbose;
};

/* A command: one row of the table in main.c, one file. */
struct lab_command {
	const char *name;
	const char *args;     /* in the synopsis */
	const char *help;
	const char *options;  /* the short letters of the options it takes */
	int (*run)(const struct lab_options *options);
};

/* An option: one row of the table in main.c. */
struct lab_option {
	char letter;     /* what getopt_long() returns and what commands list */
	bool has_letter; /* the letter can be typed */
	const char *name;
	const char *value; /* what stands for its value in the help; NULL: it has none */
	const char *help;
};

/* The tables, for those who tell of them; *@n gets the length. */
const struct lab_command *lab_commands(size_t *n);
const struct lab_option *lab_option_table(size_t *n);

/* lab_option_help - append what an option does, and which names it takes if they are known */
void lab_option_help(const struct lab_option *option, struct tl_buf *out);

/* lab_renderer_names - append "html, md", or with @saved those that are saved as a file */
void lab_renderer_names(struct tl_buf *out, bool saved, const char *between);

/* lab_takes - does a command take this option? All take --help and --version. */
bool lab_takes(const struct lab_command *command, char letter);

int lab_run(const struct lab_options *options);
int lab_step(const struct lab_options *options);
int lab_report(const struct lab_options *options);
int lab_list(const struct lab_options *options);
int lab_check(const struct lab_options *options);
int lab_explain(const struct lab_options *options);
int lab_coverage(const struct lab_options *options);
int lab_doctor(const struct lab_options *options);
int lab_completion(const struct lab_options *options);

/* lab_typed - the program as it can be typed: "tcplab", "build/tcplab" */
const char *lab_typed(void);

/* lab_complain - "tcplab: <printf text>" on stderr */
void lab_complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* lab_print - a finished document to stdout. Return: 0, or LAB_ERROR when it cannot be written. */
int lab_print(const struct tl_buf *text);

/* wrap.c */

/* lab_width - the columns of the terminal that @fd is, 80 for what is none */
int lab_width(int fd);

/* lab_wrap - append text of paragraphs divided by blank lines, wrapped and indented */
void lab_wrap(struct tl_buf *out, const char *text, int width, int indent);

/* lab_hang - the same behind what stands in the first @indent columns of its first line */
void lab_hang(struct tl_buf *out, const char *text, int width, int indent);

/* scenarios.c */

/*
 * lab_load - find a scenario by name or file and parse it, complaining on stderr
 * Return: the plan (owned), or NULL.
 */
struct tl_plan *lab_load(const char *name);

/* lab_scenario_names - the shipped scenarios, sorted; *@names and each are owned. Return: count */
size_t lab_scenario_names(char ***names);

/* files.c: where an @err is taken, each returns 0 or -errno with it */

/* lab_file_url - append "file://" and the absolute path, for a browser or a terminal's link */
void lab_file_url(const char *path, struct tl_buf *out);

/* lab_read_file - append a whole file */
int lab_read_file(const char *path, struct tl_buf *out, struct tl_err *err);

/* lab_save_file - write a whole file */
int lab_save_file(const char *path, const struct tl_buf *text, struct tl_err *err);

/* lab_make_dirs - mkdir -p */
int lab_make_dirs(const char *path, struct tl_err *err);

/* record.c */

/* Somebody who watches a run as it happens and is asked about its segments. */
struct lab_watcher {
	/* An event has come. @control: takes the lines that engine.h describes. */
	void (*event)(void *arg, const struct tl_event *ev, int control);
	/* Is there a question whose answer standard input may have? */
	bool (*wants_input)(void *arg);
	/* It has something, or has ended. */
	void (*input)(void *arg, int control);
	void *arg;
};

/*
 * lab_record - run a plan in a sandbox, its trace to @path as it happens
 * @watcher: NULL for nobody
 * @trace: zeroed; gets the events
 *
 * Return: 0, whatever the run found; -errno with @err when there is no trace to look at.
 */
int lab_record(const struct tl_plan *plan, const struct lab_options *options,
	       const struct lab_watcher *watcher, const char *path, struct tl_trace *trace,
	       struct tl_err *err);

/* run.c */

/* A run, recorded or read back. Owns all of it. */
struct lab_film {
	struct tl_plan *plan;
	struct tl_trace trace;
	struct tl_film film;
	struct tl_verdict verdict;
	char dir[PATH_MAX]; /* where it is kept; "" for one that was read back */
};

/* lab_film_release - takes zeroed */
void lab_film_release(struct lab_film *film);

/*
 * lab_read_back - read a saved trace, with the scenario in it, and judge it
 * @film: zeroed; to be released, whatever is returned
 *
 * Return: 0 or -errno with @err.
 */
int lab_read_back(struct lab_film *film, const char *path, struct tl_err *err);

/* lab_tell_github - annotations on stdout, Markdown to the summary (github.c). Return: status */
int lab_tell_github(const struct lab_film *film, const struct lab_options *options);

/* What a run came to. */
struct lab_outcome {
	enum tl_result result;
	uint64_t took_ns;
	bool saved;        /* its reports are in --out */
	char reason[1024]; /* a sentence; "" where it has passed */
};

/* lab_wants_report - is the report of this renderer to be saved? */
bool lab_wants_report(const char *name, const struct lab_options *options);

/* lab_run_silent - run one scenario (taken), save trace and reports, print nothing */
void lab_run_silent(struct tl_plan *plan, const struct lab_options *options,
		    struct lab_outcome *outcome);

/* lab_result_status - the exit status for a result, with --require in mind */
int lab_result_status(enum tl_result result, const struct lab_options *options);

/* lab_worse - of two exit statuses the one that says more */
int lab_worse(int a, int b);

/* lab_run_one - run one scenario (taken) and print its report. Return: the exit status. */
int lab_run_one(struct tl_plan *plan, const struct lab_options *options,
		const struct lab_watcher *watcher);

/* coverage.c */

/* How an arc was shown, from the least to the most. X(identifier, name) */
#define LAB_SHOWN(X)                                                                             \
	X(NOT, NULL)                                                                         \
	X(INFERRED, "inferred")                                                              \
	X(FORCED, "forced") /* observed, and it was the scenario that ended the socket */    \
	X(OBSERVED, "observed")                                                              \
	X(ABSENT, "absent") /* proved that Linux does not have it */

enum lab_shown {
#define X(id, name) LAB_SHOWN_##id,
	LAB_SHOWN(X)
#undef X
};

/* The best showing of an arc so far. */
struct lab_showing {
	enum lab_shown how;
	bool about;      /* the scenario has a claim about it that stands */
	char *scenario;  /* owned */
	char *title;     /* of the phase; owned */
	char *because;   /* ABSENT: what the claim finds; owned */
	int phase;
};

/* What traces have shown of the diagram. */
struct lab_coverage {
	const struct tl_arc *arcs;
	size_t n;
	struct lab_showing *shown; /* one for each arc */
	size_t traces;
	int status;                /* LAB_USAGE where a trace could not be read */
};

/* lab_coverage_init - Return: 0 or -ENOMEM; lab_coverage_release - takes a failed one */
int lab_coverage_init(struct lab_coverage *coverage);
void lab_coverage_release(struct lab_coverage *coverage);

/* lab_coverage_add - look at one more trace */
void lab_coverage_add(struct lab_coverage *coverage, const char *path);

/* lab_coverage_arcs - the same as tl_suite_html() wants it (returned owned; borrows) */
struct tl_suite_arc *lab_coverage_arcs(const struct lab_coverage *coverage);

/* jobs.c */

/* A scenario to be run beside others. */
struct lab_job {
	struct tl_plan *plan;       /* borrowed */
	bool done;
	struct lab_outcome outcome; /* when @done */
	pid_t pid;                  /* while it runs; else 0 */
	int pipe;                   /* its outcome comes out of it */
	struct tl_buf told;         /* what has come so far */
};

/*
 * lab_run_jobs - run each job in a process of its own, as many at a time as options->jobs has it
 * @order: the jobs' indices in the order in which to begin them
 * @finished: called after each; may be NULL
 *
 * The first SIGINT or SIGTERM ends all in order and begins no more, the second at once.
 */
void lab_run_jobs(struct lab_job *jobs, const size_t *order, size_t n,
		  const struct lab_options *options, void (*finished)(void *arg), void *arg);

/* suite.c */

/* lab_run_suite - several scenarios, or --all. Return: the exit status. */
int lab_run_suite(const struct lab_options *options);

/* progress.c */

/* What a long wait is about; fed with the trace's events. */
struct lab_progress {
	const struct tl_plan *plan;
	bool shown;              /* a line is on the terminal */
	bool wanted;             /* stderr is a terminal */
	int phase;
	int step;                /* -1: waiting for the expectation */
	bool holding;
	unsigned long long since_ms;
	/* A row whose own timer is what the wait is about, if any: when the kernel ends it. */
	enum tl_state timed; /* 0: none */
	int timed_owner, timed_peer;
	unsigned long long timed_until_ms;
};

/* lab_now_ms - the monotonic clock */
unsigned long long lab_now_ms(void);

/* lab_progress_line - replace the terminal's last line, on stderr; "" takes it away */
void lab_progress_line(const char *text);

void lab_progress_init(struct lab_progress *progress, const struct tl_plan *plan, bool wanted);
void lab_progress_event(struct lab_progress *progress, const struct tl_event *ev);
void lab_progress_show(struct lab_progress *progress);
void lab_progress_clear(struct lab_progress *progress);

#endif
