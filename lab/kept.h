/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run: recorded, judged, kept, read back, and told. */
#ifndef TCPLAB_LAB_KEPT_H
#define TCPLAB_LAB_KEPT_H

#include "files.h"
#include "lab.h"
#include "tcplab/event.h"
#include "tcplab/film.h"
#include "tcplab/trace.h"
#include "tcplab/verdict.h"

/* record.c */

/* Somebody who watches a run as it happens and is asked about its segments. */
struct lab_watcher {
	/* An event has come. @control: takes the lines that engine.h describes. */
	void (*event)(void *arg, const struct tl_event *ev, int control);
	/* Is there a question whose answer standard input may have? */
	bool (*wants_input)(void *arg);
	/* It has something, or has ended. */
	void (*input)(void *arg, int control);
	/* Whoever watches has ended the run: then there is no report to be told. */
	const bool *has_quit;
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
	char among[PATH_MAX]; /* the runs below this, which a page shows beside it; empty: none */
};

/* lab_kept_release - takes zeroed */
void lab_kept_release(struct lab_kept *kept);

/*
 * lab_keep - run kept->plan, save its trace and reports below @out, and judge it
 * @kept: zeroed except for the plan; to be released, whatever is returned
 *
 * Return: 0, whatever the run found; -errno with @err, -EOPNOTSUPP where this host cannot.
 */
int lab_keep(struct lab_kept *kept, const struct lab_dir *out, const struct lab_options *options,
	     const struct lab_watcher *watcher, struct tl_err *err);

/*
 * lab_keep_pair - write the page of a run that passed, which nobody has open, anew: with the runs
 * that it can be compared with and that are kept below @out as well
 *
 * Return: 0 or -errno with @err.
 */
int lab_keep_pair(const char *name, const struct lab_dir *out, const struct lab_options *options,
		  struct tl_err *err);

/*
 * lab_kept_read - read a saved trace, with the scenario in it, and judge it
 * @kept: zeroed; to be released, whatever is returned; if the trace lies where a run keeps it, a
 *	page shows the other runs as the run's own does
 *
 * Return: 0 or -errno with @err.
 */
int lab_kept_read(struct lab_kept *kept, const char *path, struct tl_err *err);

/*
 * lab_was_run - is a run of @name that went through every phase kept below @out?
 * @took_ns: gets how long it took, where it is
 */
bool lab_was_run(const char *out, const char *name, uint64_t *took_ns);

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
 * lab_github_stop - what is printed from now on is not a command to the runner
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

#endif
