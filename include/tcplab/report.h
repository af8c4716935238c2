/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 2, report: film and verdict in, bytes out. One renderer a file. */
#ifndef TCPLAB_REPORT_H
#define TCPLAB_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "tcplab/buf.h"
#include "tcplab/film.h"
#include "tcplab/verdict.h"

/* What a renderer is given. All borrowed. */
struct tl_report {
	const struct tl_plan *plan;
	const struct tl_trace *trace;
	const struct tl_film *film;   /* of both */
	const struct tl_verdict *verdict;
};

/* How the terminal renderer may write, and what a page is part of; others take no notice. */
struct tl_report_style {
	bool color;  /* ANSI colours */
	int width;   /* columns, 80 for a pipe */
	bool ascii;  /* the locale has no UTF-8 */
	bool brief;  /* on the terminal, of a run that failed: what went wrong alone */
	size_t recap; /* on the terminal: claims in a line each, and the tables once more in at
			 most so many lines; 0: in full, and once */
	const char *program; /* as it can be typed; borrowed; NULL: "tcplab" */
	const char *book;    /* of a page: the way to the root of the book (book.h) that it is
				in, whose style sheet and script it shares; NULL: it stands alone */
	const struct tl_report *others; /* of a page that stands alone: runs that it shows beside
					   its own, if tl_report_other() names them; borrowed */
	size_t n_others;
};

/* tl_report_other - the @i-th run that one by @name can be compared with; NULL: no more (static) */
const char *tl_report_other(const char *name, size_t i);

#define TL_REPORT_OTHERS 3 /* no run has more */

/* Renders a run in one format, appended to @out. Return: 0 or -errno. */
typedef int tl_render(const struct tl_report *report, const struct tl_report_style *style,
		      struct tl_buf *out, struct tl_err *err);

/* One format. Static; all pointers borrowed. */
struct tl_renderer {
	const char *name;  /* as the user names it: "text", "md", "json", "junit" */
	const char *file;  /* what it is saved as: "report.md"; NULL: it is not saved */
	const char *help;
	bool binary;       /* not for a terminal */
	tl_render *render;
};

/*
 * tl_report_place - append "mine.yaml:26:9: ", the place in the scenario of what a run failed by
 *
 * Return: false, with nothing appended, where it did not fail or that is of no place.
 */
bool tl_report_place(struct tl_buf *out, const struct tl_report *report);

/* tl_renderers - the whole table; *@n gets its length */
const struct tl_renderer *tl_renderers(size_t *n);

/* tl_renderer_find - by name; NULL for none */
const struct tl_renderer *tl_renderer_find(const char *name);

/* tl_renderer_among - is it in a list, "html,junit"? */
bool tl_renderer_among(const char *name, const char *list);

/*
 * tl_report_netstat_row - one row exactly as "netstat -an" (net-tools 2.10) prints it,
 * without trailing blanks and without newline
 */
void tl_report_netstat_row(const struct tl_sock *sock, struct tl_buf *out);

/* tl_report_netstat_ends - the same up to its last column, the state */
void tl_report_netstat_ends(const struct tl_sock *sock, struct tl_buf *out);

/* Room for an address and a port as netstat cuts them, and a NUL. */
#define TL_NETSTAT_CELL 24

/* The columns of a row. */
struct tl_netstat_cells {
	const char *proto;
	char recvq[11], sendq[11];
	char local[TL_NETSTAT_CELL], remote[TL_NETSTAT_CELL];
	const char *state;
};

/* tl_report_netstat_cells - the columns of that row, each for itself */
void tl_report_netstat_cells(const struct tl_sock *sock, struct tl_netstat_cells *out);

/* tl_report_netstat_alike - are these columns the same of both, except for the state? */
bool tl_report_netstat_alike(const struct tl_sock *a, const struct tl_sock *b);

/* tl_report_duration - append "0.4 ms", "41 ms", "5.03 s", "2 min 5 s" */
void tl_report_duration(struct tl_buf *out, uint64_t ns);

/* tl_report_netstat_head - netstat's line of column names, without newline */
const char *tl_report_netstat_head(void);

/*
 * tl_report_shows_hop - can a reader be pointed at this state of a life: in the table a
 * phase ended on, or at an end of a segment? True as well of where a life begins, and of
 * the CLOSED it ends in, as that there is no row shows it. False for what was inferred, and
 * for what a look in between met by chance: the next run may not.
 */
bool tl_report_shows_hop(const struct tl_life *life, size_t hop);

/* What JUnit counts of a scenario: its cases, and how many of them did not pass. */
struct tl_junit_totals {
	size_t tests, failures, errors, skipped;
};

/* tl_junit_suite - append a scenario's <testsuite>, as it stands in a document; its totals */
int tl_junit_suite(const struct tl_report *report, struct tl_buf *out,
		   struct tl_junit_totals *totals, struct tl_err *err);

/* What became of one scenario of several. All borrowed. */
struct tl_suite_case {
	const char *name;
	const char *title;
	enum tl_result result;
	bool kept;                  /* its trace and its reports are beside the page */
	const char *reason;         /* a sentence where it has not passed; else NULL */
	uint64_t took_ns;
	const struct tl_buf *json;  /* its own report as JSON; empty where there is none */
	const struct tl_buf *junit; /* what tl_junit_suite() wrote of it; empty: nothing */
	struct tl_junit_totals totals;
	const struct tl_plan *plan; /* for what it needs; NULL where it is not known */
};

/* How an arc was shown, from the least to the most. X(identifier, name) */
#define TL_SHOWN(X)                                                                          \
	X(NOT, NULL)                                                                         \
	X(INFERRED, "inferred")                                                              \
	X(FORCED, "forced") /* observed, and it was the scenario that ended the socket */    \
	X(OBSERVED, "observed")                                                              \
	X(ABSENT, "absent") /* proved that Linux does not have it */

enum tl_shown {
#define X(id, name) TL_SHOWN_##id,
	TL_SHOWN(X)
#undef X
};

/* tl_shown_name - NULL for NOT */
const char *tl_shown_name(enum tl_shown how);

/* The run that showed an arc of the state diagram best. All borrowed. */
struct tl_suite_arc {
	enum tl_shown how;
	const char *scenario;
	const char *title;    /* of the phase */
	int phase;
};

/* Several scenarios. */
struct tl_suite {
	const struct tl_suite_case *cases;
	size_t n;
	const struct tl_suite_arc *arcs; /* one for each of tl_arcs(); NULL: not looked for */
	const char *formats; /* of which there are files, "html,md,json"; NULL: all */
	uint64_t took_ns; /* all of it: less than the sum where they ran side by side */
};

/* tl_suite_line - one scenario for a terminal: a line, and below it the reason, wrapped */
void tl_suite_line(const struct tl_suite_case *one, const struct tl_report_style *style,
		   struct tl_buf *out);

/* tl_suite_summary - "11 scenarios in 2.1 s: 10 passed, 1 failed", a line */
void tl_suite_summary(const struct tl_suite *suite, const struct tl_report_style *style,
		      struct tl_buf *out);

/*
 * tl_suite_json - one array: of each scenario its report (scenarios/schema/report.v1.json);
 * where there is none, an object of that report's scenario.name, result, status, reason and
 * took_ns alone
 */
int tl_suite_json(const struct tl_suite *suite, struct tl_buf *out, struct tl_err *err);

/* tl_suite_html - a page of all runs, their files beside it, and of the arcs they showed */
int tl_suite_html(const struct tl_suite *suite, struct tl_buf *out, struct tl_err *err);

/* tl_suite_junit - one <testsuites> of them all, a <testsuite> a scenario */
int tl_suite_junit(const struct tl_suite *suite, struct tl_buf *out, struct tl_err *err);

#endif
