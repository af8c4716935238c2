/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program: the only place that prints to a terminal, writes files or exits. */
#ifndef TCPLAB_LAB_LAB_H
#define TCPLAB_LAB_LAB_H

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "tcplab/buf.h"
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
	char **args;              /* what is not an option, NULL-terminated */
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
	bool aside;               /* reports go to stderr: stdout is for the document */
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
	{ "snap", "[-] [FILTER...]", "show the sockets of this host by state, process and "  \
	  "other end, and mark what looks wrong", "LBtkapJc", lab_snap },                    \
	{ "why", "[-] [FILTER...]", "say what looks wrong on this host, with the evidence "  \
	  "and the remedy", "apJc", lab_why },                                               \
	{ "watch", "[FILTER...]", "show how the sockets of this host change", "eDiMkpJcq",   \
	  lab_watch }

#define LAB_HOST_OPTIONS                                                                     \
	{ 'a', false, "all", NULL, "with run, every scenario that comes with tcplab; with "  \
	  "snap and why, every network namespace of this host" },                            \
	{ 'J', false, "json", NULL, "print the JSON document and nothing else" },            \
	{ 't', false, "rows", NULL, "print the table as netstat does, with age, process and " \
	  "meaning" },                                                                       \
	{ 'L', false, "listen", NULL, "print listeners with their queues" },                 \
	{ 'B', false, "bare", NULL, "with --rows, print only the columns of netstat, as fast " \
	  "as possible" },                                                                   \
	{ 'p', false, "pid", "PID", "look at the network namespace of this process" },       \
	{ 'e', false, "every", "TIME", "look again after this time (10s)" },                 \
	{ 'D', false, "for", "TIME", "end after this time" },                                \
	{ 'i', false, "fail-if", "CONDITION", "end with status 1 when this becomes true, such " \
	  "as CLOSE_WAIT > 100 for 60s" },                                                   \
	{ 'M', false, "metrics", "FILE", "write OpenMetrics text to this file, for Prometheus" }, \
	{ 'k', false, "record", "FILE", "append each look to this file, or to one in this "  \
	  "directory, for \"tcplab report\"" },                                              \
	{ 'c', false, "color", "WHEN", "use colours: auto, always or never; NO_COLOR is heeded" }, \
	{ 'q', true, "quiet", NULL, "print only what went wrong" }

/* start.c */

/* lab_begin - before a word is said or a file opened: standard streams, and no SIGXFSZ */
void lab_begin(void);

/*
 * lab_count_interrupts - from now on SIGINT and SIGTERM are counted, which come while ppoll() waits
 * with @before, the mask until now, and at no other time
 */
extern volatile sig_atomic_t lab_interrupts;
void lab_count_interrupts(sigset_t *before);

/* lab_set_style - how wide and how colourful, by options, environment and terminal */
void lab_set_style(struct lab_options *options);

/* lab_worse - of two exit statuses the one that says more */
int lab_worse(int a, int b);

/*
 * lab_set_host_option - take one of LAB_HOST_OPTIONS
 *
 * Return: 0, LAB_USAGE after a complaint about its value, -1 for an option that is none of them.
 */
int lab_set_host_option(struct lab_options *options, int letter, const char *value);

/* The tables, for those who tell about them. */
extern const struct lab_command lab_commands[];
extern const struct lab_option lab_option_table[];
extern const size_t lab_n_commands, lab_n_options;

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

/* lab_refuse, lab_fail - the same, and the exit status that it comes to */
#define lab_refuse(...) (lab_complain(__VA_ARGS__), LAB_USAGE)
#define lab_fail(...) (lab_complain(__VA_ARGS__), LAB_ERROR)

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

/* lab_prose_width - the columns that prose takes, which is hard to read on longer lines */
int lab_prose_width(const struct tl_report_style *style);

/* lab_wrap - tl_text_wrap() of printf text */
void lab_wrap(struct tl_buf *out, int width, int indent, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* figure.c */

/*
 * lab_figure - append a piece of RFC 9293's Figure 5, an arrow a line
 * @mark: the state that is marked; 0: none
 * @arcs, @n: what is shown; 0: the figure's arrows at @mark
 */
void lab_figure(struct tl_buf *out, enum tl_state mark, const struct tl_arc *const *arcs,
		size_t n, const struct tl_report_style *style);

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

/*
 * lab_mentions - does the file of a scenario hold this word, in capitals or small letters?
 *
 * Return: true where it cannot be read as well: loading it says why.
 */
bool lab_mentions(const char *name, const char *word);

/* lab_free_plans - those of lab_load_all() */
void lab_free_plans(struct tl_plan **plans, size_t n);

/* lab_unread - LAB_USAGE; LAB_ERROR where one could not be loaded because something had run out */
int lab_unread(void);

/* lab_scenario_names - the shipped scenarios, sorted; *@names and each are owned. Return: count */
size_t lab_scenario_names(char ***names);

/* lab_free_names - those of lab_scenario_names() */
void lab_free_names(char **names, size_t n);

#define LAB_SUFFIX ".yaml"

/* lab_stem - the length of a path without the suffix of scenarios; where it has none, of all */
size_t lab_stem(const char *path);

#define LAB_SCHEMA_PATH (PATH_MAX + 64)

/* lab_find_schema - that of scenarios. @out: LAB_SCHEMA_PATH bytes. Return: found */
bool lab_find_schema(char *out);

/* list.c */

struct json_t;

/* lab_print_json - on stdout. Return: 0, or LAB_ERROR when it cannot be written. */
int lab_print_json(const struct json_t *document);

/* learn.c */

/* lab_lesson_of - the number of the lesson about @scenario, from 1; 0: none is */
int lab_lesson_of(const char *scenario);

/* lab_lesson_after - the scenario of the lesson that follows lesson @number; NULL: none does */
const char *lab_lesson_after(int number);

#endif
