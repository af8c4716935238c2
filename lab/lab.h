/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program: the only place that prints to a terminal, writes files or exits. */
#ifndef TCPLAB_LAB_LAB_H
#define TCPLAB_LAB_LAB_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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
	unsigned unsafe;          /* --unsafe-...: bits 1 << TL_UNSAFE_* */
	bool github;              /* --github */
	bool all;
	bool aside;               /* what is told of scenarios goes to stderr: stdout is wanted */
	bool color_always, color_never;
	bool json;
	bool rows, listen, bare;  /* of snap */
	const char *every, *for_time, *fail_if, *metrics; /* of watch; NULL: not said */
	const char *record;       /* --record: of snap and watch; NULL: not said */
	pid_t pid;                /* --pid: whose network namespace is looked at; 0: our own */
	bool entered;             /* it is ours already */
	bool mock;
	bool require;
	bool predict;             /* --predict */
	bool quiet;
	bool verbose;
};

/* A command: one row of the table in main.c, one file. */
struct lab_command {
	const char *name;
	const char *args;     /* in the synopsis */
	const char *help;     /* NULL: it is not for people */
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

/* The commands that tcplab carries out without tcplab-lab, and their options. */
#define LAB_HOST_COMMANDS                                                                    \
	{ "snap", "[-] [FILTER...]", "your own host: sockets by state, process and other end, " \
	  "and what looks wrong", "LBtkapJc", lab_snap },                                    \
	{ "why", "[-] [FILTER...]", "what looks wrong on your own host, the evidence, what to do", \
	  "apJc", lab_why },                                                                 \
	{ "watch", "[FILTER...]", "how the sockets of your own host change", "eDiMkpJcq", lab_watch }

#define LAB_HOST_OPTIONS                                                                     \
	{ 'a', false, "all", NULL, "every scenario that comes with tcplab; every network namespace " \
	  "of this host" },                                                                  \
	{ 'J', false, "json", NULL, "the JSON document on standard output, nothing else" },  \
	{ 't', false, "rows", NULL, "the table as netstat prints it, with age, process and meaning" }, \
	{ 'L', false, "listen", NULL, "listeners with their queues" },                       \
	{ 'B', false, "bare", NULL, "with --rows, only the columns of netstat, as fast as possible" }, \
	{ 'p', false, "pid", "PID", "look at the network namespace of this process" },       \
	{ 'e', false, "every", "TIME", "the time from one look to the next (10s)" },         \
	{ 'D', false, "for", "TIME", "end after this time" },                                \
	{ 'i', false, "fail-if", "CONDITION", "end with status 1 when it becomes true: "     \
	  "CLOSE_WAIT > 100 for 60s" },                                                      \
	{ 'M', false, "metrics", "FILE", "write OpenMetrics text there, for Prometheus" },   \
	{ 'k', false, "record", "FILE", "keep each look there, whole, for \"tcplab report\"; or a " \
	  "directory" },                                                                     \
	{ 'c', false, "color", "WHEN", "auto, always or never; NO_COLOR is heeded" },        \
	{ 'q', true, "quiet", NULL, "only what went wrong" }

/* start.c */

/* lab_begin - before a word is said or a file opened: standard streams, and no SIGXFSZ */
void lab_begin(void);

/* lab_set_style - how wide and how colourful, by options, environment and terminal */
void lab_set_style(struct lab_options *options);

/* lab_worse - of two exit statuses the one that says more */
int lab_worse(int a, int b);

/*
 * lab_set_host_option - take one of LAB_HOST_OPTIONS
 *
 * Return: 0, 1 for an option that is none of them, -1 after a complaint about its value.
 */
int lab_set_host_option(struct lab_options *options, int letter, const char *value);

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
/* lab_report_looks - the same of looks at a host; -1: the file holds none */
int lab_report_looks(const struct lab_options *options);
int lab_learn(const struct lab_options *options);
int lab_list(const struct lab_options *options);
int lab_check(const struct lab_options *options);
int lab_new(const struct lab_options *options);
int lab_explain(const struct lab_options *options);
int lab_coverage(const struct lab_options *options);
int lab_book(const struct lab_options *options);
int lab_snap(const struct lab_options *options);
int lab_watch(const struct lab_options *options);
int lab_why(const struct lab_options *options);
int lab_doctor(const struct lab_options *options);
int lab_manual(const struct lab_options *options);

/* help.c */

/* lab_help - what --help says, of a command or, for NULL, of all */
void lab_help(FILE *file, const struct lab_command *command);

/* print.c */

/* lab_set_typed - take the program's name from argv[0] */
void lab_set_typed(const char *name);

/* lab_typed - the program as it can be typed: "tcplab", "build/tcplab" */
const char *lab_typed(void);

/* lab_complain - "tcplab: <printf text>" on stderr */
void lab_complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * lab_mention - a line on stderr, beside the result; lab_answer - one on stdout, which is it
 *
 * As with lab_complain() nothing in them steers a terminal, whatever they name. Return: 0, or
 * LAB_ERROR when it cannot be written.
 */
void lab_mention(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int lab_answer(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* lab_print - a finished document to stdout. Return: 0, or LAB_ERROR when it cannot be written. */
int lab_print(const struct tl_buf *text);

/* lab_flush - whatever was printed on stdout is out now. Return: the same. */
int lab_flush(void);

/* wrap.c */

/* lab_width - the columns of the terminal that @fd is, 80 for what is none */
int lab_width(int fd);

/* lab_wrap - append text of paragraphs divided by blank lines, wrapped and indented */
void lab_wrap(struct tl_buf *out, const char *text, int width, int indent);

/* lab_hang - the same behind what stands in the first @indent columns of its first line */
void lab_hang(struct tl_buf *out, const char *text, int width, int indent);

/* figure.c */

/*
 * lab_figure - append a piece of RFC 9293's Figure 5, an arrow a line
 * @mark: the state that is marked; 0: none
 * @arcs: ids of what is shown, with blanks between; NULL: the figure's arrows at @mark
 */
void lab_figure(struct tl_buf *out, enum tl_state mark, const char *arcs,
		const struct tl_report_style *style);

/* scenarios.c */

/*
 * lab_load - find one scenario by name or file and parse it, complaining on stderr
 * Return: the plan (owned), or NULL.
 */
struct tl_plan *lab_load(const char *name);

/*
 * lab_load_all - the same of one that may be several ("vary"); "NAME/VARIANT" is one of them
 * Return: how many; *@plans and each are owned. 0 where one of them has a mistake.
 */
size_t lab_load_all(const char *name, struct tl_plan ***plans);

/* lab_scenario_names - the shipped scenarios, sorted; *@names and each are owned. Return: count */
size_t lab_scenario_names(char ***names);

#define LAB_SCHEMA_PATH (PATH_MAX + 64)

/* lab_find_schema - that of scenarios. @out: LAB_SCHEMA_PATH bytes. Return: found */
bool lab_find_schema(char *out);

/* files.c: where an @err is taken, each returns 0 or -errno with it */

/* lab_file_url - append "file://" and the absolute path, for a browser or a terminal's link */
void lab_file_url(const char *path, struct tl_buf *out);

/* lab_read - hand a file to @take piece by piece, until it returns other than 0 */
int lab_read(const char *path,
	     int (*take)(void *arg, const char *bytes, size_t n, struct tl_err *err), void *arg,
	     struct tl_err *err);

/* lab_read_file - append a whole file of at most 64 MiB */
int lab_read_file(const char *path, struct tl_buf *out, struct tl_err *err);

/* lab_write_all - write it all to a descriptor. Return: 0 or -errno. */
int lab_write_all(int fd, const void *data, size_t len);

/* lab_write_new - a file, with the directories above it; -EEXIST where one is there */
int lab_write_new(const char *path, const struct tl_buf *text, struct tl_err *err);

/* A directory that we write to, locked for as long as it is open. */
struct lab_dir {
	int fd;
	char path[PATH_MAX]; /* for messages */
};

/*
 * lab_out_open - make and open what --out names; -EBUSY where another run has it
 * @shared: others may write to directories below it, not to it
 */
int lab_out_open(struct lab_dir *dir, const char *out, bool shared, struct tl_err *err);

/* lab_dir_open - make and open one below it, never through a link; -EBUSY as above */
int lab_dir_open(struct lab_dir *dir, const struct lab_dir *out, const char *name,
		 struct tl_err *err);

/* lab_dir_close - after a failure to open, too */
void lab_dir_close(struct lab_dir *dir);

/* lab_save - write a file, wholly or not at all; -EEXIST where one that is not ours is there */
int lab_save(const struct lab_dir *dir, const char *file, const struct tl_buf *text,
	     struct tl_err *err);

/* lab_save_at - the same of a path that somebody named; nothing is locked */
int lab_save_at(const char *path, const struct tl_buf *text, struct tl_err *err);

/* lab_create - begin a file, which is there at once; *@fd gets it (owned) */
int lab_create(const struct lab_dir *dir, const char *file, int *fd, struct tl_err *err);

/* lab_forget - take a file of ours away, if there is one; -EEXIST as above */
int lab_forget(const struct lab_dir *dir, const char *file, struct tl_err *err);

/* record.c */

/* Somebody who watches a run as it happens and is asked about its segments. */
struct lab_watcher {
	/* An event has come. @control: takes the lines that engine.h describes. */
	void (*event)(void *arg, const struct tl_event *ev, int control);
	/* Is there a question whose answer standard input may have? */
	bool (*wants_input)(void *arg);
	/* It has something, or has ended. */
	void (*input)(void *arg, int control);
	/* Has whoever watches ended the run? Then there is no report to be told. */
	bool (*has_quit)(void *arg);
	void *arg;
};

/*
 * lab_record - run a plan in a sandbox, its trace to @file as it happens
 * @watcher: NULL for nobody
 * @file: empty, open for writing; borrowed
 * @path: its name, for messages
 * @trace: zeroed; gets the events
 *
 * Return: 0, whatever the run found and however it ended; -errno with @err when there is no
 * trace to look at, or it could not be written.
 */
int lab_record(const struct tl_plan *plan, const struct lab_options *options,
	       const struct lab_watcher *watcher, int file, const char *path,
	       struct tl_trace *trace, struct tl_err *err);

/* kept.c */

/* A run, recorded or read back. Owns all of it. */
struct lab_kept {
	struct tl_plan *plan;
	struct tl_trace trace;
	struct tl_film film;
	struct tl_verdict verdict;
	struct lab_dir dir; /* where it is kept; zeroed for one that was read back */
};

/* lab_kept_release - takes zeroed */
void lab_kept_release(struct lab_kept *kept);

/*
 * lab_keep - run kept->plan, save its trace and reports below @out, and judge it
 * @kept: zeroed but for the plan; to be released, whatever is returned
 *
 * Return: 0, whatever the run found; -errno with @err, -EOPNOTSUPP where this host cannot.
 */
int lab_keep(struct lab_kept *kept, const struct lab_dir *out, const struct lab_options *options,
	     const struct lab_watcher *watcher, struct tl_err *err);

/*
 * lab_kept_read - read a saved trace, with the scenario in it, and judge it
 * @kept: zeroed; to be released, whatever is returned
 *
 * Return: 0 or -errno with @err.
 */
int lab_kept_read(struct lab_kept *kept, const char *path, struct tl_err *err);

/*
 * lab_whole_run - is this the trace of a run that went through every phase?
 * @took_ns: gets how long it took, where it is
 */
bool lab_whole_run(const char *path, uint64_t *took_ns);

/* lab_each_trace - hand the path of each trace below a directory to @take, in their order */
void lab_each_trace(const char *below, void (*take)(void *arg, const char *path), void *arg);

/* lab_kept_report - what renderers are given of it; borrows */
struct tl_report lab_kept_report(const struct lab_kept *kept);

/* lab_kept_render - append its report by one renderer. Return: 0 or -errno with @err. */
int lab_kept_render(const struct lab_kept *kept, const struct tl_renderer *renderer,
		    const struct tl_report_style *style, struct tl_buf *out, struct tl_err *err);

/* lab_wants_report - is the report of this renderer to be saved? */
bool lab_wants_report(const char *name, const struct lab_options *options);

/* github.c */

/*
 * lab_github_stop - what is printed from now on is no command to the runner
 * lab_github_go_on - the last word: commands of those who come after us are obeyed again
 *
 * Return: 0 or -errno with @err.
 */
int lab_github_stop(struct tl_err *err);
void lab_github_go_on(void);

/* lab_github_render - append annotations, and Markdown for the summary. Return: 0 or -errno. */
int lab_github_render(const struct lab_kept *kept, const struct lab_options *options,
		      struct tl_buf *notes, struct tl_buf *summary, struct tl_err *err);

/* lab_github_tell - the former to stdout, the latter to the job's summary. Return: status */
int lab_github_tell(const char *name, const struct tl_buf *notes, const struct tl_buf *summary);

/* report.c */

/*
 * lab_tell - the report that was asked for, on stdout
 * @recap: at a terminal claims in a line each, and the tables once more (tl_report_style)
 *
 * Return: status.
 */
int lab_tell(const struct lab_kept *kept, const struct lab_options *options, bool recap);

/* learn.c */

/*
 * lab_lesson_after - the number of the lesson that follows the one about @scenario; 0: none does
 * lab_lesson - the scenario of a lesson, by its number from 1
 * lab_lesson_of - the number of the lesson about @scenario; 0: none is
 */
int lab_lesson_after(const char *scenario);
const char *lab_lesson(int number);
int lab_lesson_of(const char *scenario);

/* run.c */

/* lab_result_status - the exit status for a result, with --require in mind */
int lab_result_status(enum tl_result result, const struct lab_options *options);

/* lab_run_one - run one scenario (taken) and print its report. Return: the exit status. */
int lab_run_one(struct tl_plan *plan, const struct lab_options *options,
		const struct lab_watcher *watcher);

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

/* lab_coverage_add - one more run, by what lab_show_arcs() has said of it */
void lab_coverage_add(struct lab_coverage *coverage, const struct tl_plan *plan,
		      const struct tl_buf *shown);

/* lab_coverage_arcs - the same as tl_suite_html() wants it (returned owned; borrows) */
struct tl_suite_arc *lab_coverage_arcs(const struct lab_coverage *coverage);

/* jobs.c */

/* What a run of several hands to the suite, beside what it came to. X(identifier) */
#define LAB_PARTS(X)                                                                         	X(JUNIT)   /* its <testsuite> */                                                     	X(JSON)    /* its report, with --json */                                             	X(ARCS)    /* lab_show_arcs() */                                                     	X(NOTES)   /* lab_github_render(), with --github */                                  	X(SUMMARY)

enum lab_part {
#define X(id) LAB_PART_##id,
	LAB_PARTS(X)
#undef X
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
	bool done;
	struct lab_outcome outcome; /* when @done */
	struct tl_buf part[LAB_N_PARTS]; /* when @done; owned */
	pid_t pid;                  /* while it runs; else 0 */
	int pipe;                   /* its outcome and its parts come out of it */
	struct tl_buf told;         /* what has come so far */
};

/*
 * lab_run_jobs - run each job in a process of its own, as many at a time as options->jobs has it
 * @out: where they are kept
 * @order: the jobs' indices in the order in which to begin them
 * @finished: called after each; may be NULL
 *
 * The first SIGINT or SIGTERM ends all in order and begins no more, the second at once.
 */
void lab_run_jobs(struct lab_job *jobs, const size_t *order, size_t n, const struct lab_dir *out,
		  const struct lab_options *options, void (*finished)(void *arg), void *arg);

/* suite.c */

/*
 * lab_run_suite - several scenarios, or --all
 * @coverage: gets what they show; NULL: not asked for
 *
 * Return: the exit status.
 */
int lab_run_suite(const struct lab_options *options, struct lab_coverage *coverage);

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
/* lab_progress_say - append what the wait is about; there has to be a phase */
void lab_progress_say(const struct lab_progress *progress, struct tl_buf *out);

void lab_progress_event(struct lab_progress *progress, const struct tl_event *ev);
void lab_progress_show(struct lab_progress *progress);
void lab_progress_clear(struct lab_progress *progress);

#endif
