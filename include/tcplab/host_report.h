/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 2, host: a look and what was found in it, told as text and as JSON. */
#ifndef TCPLAB_HOST_REPORT_H
#define TCPLAB_HOST_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "tcplab/buf.h"
#include "tcplab/diagnosis.h"
#include "tcplab/host.h"

struct tl_sieve;

/* Who looked, when, and how it is told. Strings are borrowed. */
struct tl_host_told {
	const char *host;    /* its name, or where saved text came from */
	const char *time;    /* "10:54:10"; NULL: not known */
	double took_ms;      /* below 0: not measured */
	const char *program; /* as it was typed: "tcplab" */
	int network;         /* the process whose network namespace it is; 0: our own */
	int64_t unix_ms;     /* the same as a number; 0: not known */
	int64_t up_ms;       /* since the host began, on a clock that nobody sets; 0: not known */
	int width;           /* of a line */
	bool color;
	bool root;           /* could see every process */
};

/* tl_host_place - append which host, and which network of it: "db-3, network of process 48" */
void tl_host_place(const struct tl_host_told *told, struct tl_buf *out);

/* tl_host_snap_text - sums by state, groups with what looks wrong marked, what was not seen */
void tl_host_snap_text(const struct tl_host *look, const struct tl_diagnoses *findings,
		       const struct tl_host_told *told, struct tl_buf *out);

/* tl_host_sums_text - the sums alone: "LISTEN 2   CLOSE_WAIT 450 !" */
void tl_host_sums_text(const struct tl_host *look, const struct tl_diagnoses *findings,
		       const struct tl_host_told *told, struct tl_buf *out);

/* A table with a line for a row, which needs no other row, or none: @say appends it. */
struct tl_host_table {
	const char *head;
	void (*say)(struct tl_buf *out, const struct tl_host *look, const struct tl_seen *row,
		    const struct tl_host_told *told);
};

/* netstat's, with age, process and meaning beside each row; listeners with their queues */
extern const struct tl_host_table tl_host_rows_table, tl_host_listen_table;

/* tl_host_table_text - all of it, and what was not seen */
void tl_host_table_text(const struct tl_host_table *table, const struct tl_host *look,
			const struct tl_host_told *told, struct tl_buf *out);

/*
 * tl_host_why_text - each finding with its evidence, numbered
 * @sieve: groups that have a row that passes and no finding are told in a line; NULL: the findings
 *         and nothing else, of each state the first ten, and how many more there are
 */
void tl_host_why_text(const struct tl_host *look, const struct tl_diagnoses *findings,
			const struct tl_sieve *sieve, const struct tl_host_told *told,
			struct tl_buf *out);

/* tl_host_json - all of it as one JSON object, scenarios/schema/host.v1.json, and a newline */
void tl_host_json(const struct tl_host *look, const struct tl_diagnoses *findings,
		  const struct tl_host_told *told, struct tl_buf *out);

/* tl_looks_are - is it what tl_host_json() writes, by its first bytes? */
bool tl_looks_are(const char *bytes, size_t len);

/* tl_host_not_seen - append what could not be seen, a line each, or nothing */
void tl_host_not_seen(const struct tl_host *look, const struct tl_host_told *told,
		      struct tl_buf *out);

#endif
