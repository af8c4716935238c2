/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program: the only place that prints to a terminal, writes files or exits. */
#ifndef TCPLAB_LAB_LAB_H
#define TCPLAB_LAB_LAB_H

#include <stdbool.h>
#include <stddef.h>

#include "tcplab/buf.h"
#include "tcplab/event.h"
#include "tcplab/plan.h"
#include "tcplab/report.h"
#include "tcplab/verdict.h"

/* Exit statuses; those of a run are in verdict.h. */
#define LAB_OK 0
#define LAB_FAILED 1
#define LAB_USAGE 2
#define LAB_ERROR 3
#define LAB_UNSUPPORTED 77

#define LAB_WITNESSES 8

#define LAB_DEFAULT_SCENARIO "redis/walkthrough"

/* What the command line said. Strings are borrowed from argv. */
struct lab_options {
	char **args;              /* what is no option, NULL-terminated */
	int n_args;
	const char *out;          /* --out: where runs are kept, "out" by default */
	const char *format;       /* --format: a renderer's name */
	const char *witness[LAB_WITNESSES]; /* --witness */
	size_t n_witness;
	struct tl_report_style style;
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

int lab_run(const struct lab_options *options);
int lab_step(const struct lab_options *options);
int lab_report(const struct lab_options *options);
int lab_list(const struct lab_options *options);
int lab_check(const struct lab_options *options);
int lab_explain(const struct lab_options *options);
int lab_doctor(const struct lab_options *options);

/* lab_complain - "tcplab: <printf text>" on stderr */
void lab_complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* lab_print - a finished document to stdout. Return: 0, or LAB_ERROR when it cannot be written. */
int lab_print(const struct tl_buf *text);

/* scenarios.c */

/*
 * lab_load - find a scenario by name or file and parse it, complaining on stderr
 * Return: the plan (owned), or NULL.
 */
struct tl_plan *lab_load(const char *name);

/* lab_read_file - a whole file. Return: 0 or -errno with @err. */
int lab_read_file(const char *path, struct tl_buf *out, struct tl_err *err);

/* lab_scenario_names - the shipped scenarios, sorted; *@names and each are owned. Return: count */
size_t lab_scenario_names(char ***names);

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

/* lab_run_one - run one scenario (taken) and print its report. Return: the exit status. */
int lab_run_one(struct tl_plan *plan, const struct lab_options *options,
		const struct lab_watcher *watcher);

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
};

void lab_progress_init(struct lab_progress *progress, const struct tl_plan *plan, bool wanted);
void lab_progress_event(struct lab_progress *progress, const struct tl_event *ev);
void lab_progress_show(struct lab_progress *progress);
void lab_progress_clear(struct lab_progress *progress);

#endif
