/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 2, host: what changed from one look to the next, and conditions on it. */
#ifndef TCPLAB_CHANGE_H
#define TCPLAB_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcplab/buf.h"
#include "tcplab/err.h"
#include "tcplab/host.h"
#include "tcplab/version.h"

/* One group at the later of two looks, or one that is there no more. All is borrowed. */
struct tl_change {
	const struct tl_host *look;    /* which has the group: the later one, or the earlier */
	const struct tl_group *group;
	size_t now;                    /* rows in it; 0: there is none of it any more */
	size_t added;                  /* rows that were not in that state before */
	size_t gone;                   /* rows that were there before and are not now */
	/* Of its processes the one that runs out of descriptors first, at the pace between the two
	 * looks; NULL: none does, or it is not known. */
	const struct tl_process *next;
	uint32_t grew;                 /* descriptors that this one has more than before */
};

struct tl_changes {
	struct tl_change *v; /* every group of the later look, in its order, then those that went */
	size_t n;
};

/*
 * tl_changes_make - compare two looks, by cookies and by what groups are about
 * @before, @now: arranged; borrowed for as long as @changes. With TL_HOST_HERE, /proc is asked
 *                for the limits of processes whose descriptors became more.
 * @changes: zeroed; to be released with tl_changes_release()
 *
 * What came and went between the two is in neither.
 *
 * Return: 0 or -ENOMEM.
 */
int tl_changes_make(const struct tl_host *before, struct tl_host *now,
		    struct tl_changes *changes, struct tl_err *err);

void tl_changes_release(struct tl_changes *changes);

/* "CLOSE_WAIT > 100 for 60s": a number of rows in a state, for a time without a break. */
struct tl_condition {
	enum tl_state state;
	enum tl_comparison compare;
	uint32_t number;
	uint64_t for_ms;
};

/* tl_condition_parse - Return: 0; -EINVAL with what would be right */
int tl_condition_parse(const char *text, struct tl_condition *condition, struct tl_err *err);

/* tl_condition_holds - of one look */
bool tl_condition_holds(const struct tl_condition *condition, const struct tl_host *look);

/* tl_time_parse - "500ms", "10s", "5m", "1h", "10": seconds. Return: 0 or -EINVAL. */
int tl_time_parse(const char *text, size_t len, uint64_t *ms);

/* tl_host_metrics - sums and groups as OpenMetrics text, for Prometheus' textfile collector */
void tl_host_metrics(const struct tl_host *look, struct tl_buf *out);

/* So many groups of a look have a line of text each. */
enum { TL_CHANGES_TOLD = 40 };

/* tl_changes_left_text - append "and 12 more groups of 340 rows: --json has all", a line; none for 0 */
void tl_changes_left_text(size_t groups, size_t rows, struct tl_buf *out);

/*
 * tl_change_text - append "+12 -0 (1.2/s)"
 * @seconds: from one look to the other
 */
void tl_change_text(const struct tl_change *change, double seconds, struct tl_buf *out);

/*
 * tl_change_seconds_left - until a process of a group that grows has no descriptor left, at the
 * rate at which its descriptors became more; below 0: never, or not known
 */
double tl_change_seconds_left(const struct tl_change *change, double seconds);

/*
 * tl_change_json - append the change as a JSON object
 * @seconds: from one look to the other
 */
void tl_change_json(const struct tl_change *change, double seconds, struct tl_buf *out);

#endif
