/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line that says what a long wait is about: progress.c. */
#ifndef TCPLAB_LAB_PROGRESS_H
#define TCPLAB_LAB_PROGRESS_H

#include "lab.h"
#include "tcplab/event.h"

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

/* lab_left_s - the seconds left of a wait that has a limit */
unsigned long long lab_left_s(unsigned long long waited_ms, unsigned long long limit_ns);

/* lab_progress_line - replace the terminal's last line, on stderr; "" takes it away */
void lab_progress_line(const char *text);

void lab_progress_init(struct lab_progress *progress, const struct tl_plan *plan, bool wanted);
/* lab_progress_say - append what the wait is about; there has to be a phase */
void lab_progress_say(const struct lab_progress *progress, struct tl_buf *out);

void lab_progress_event(struct lab_progress *progress, const struct tl_event *ev);
void lab_progress_show(struct lab_progress *progress);
void lab_progress_clear(struct lab_progress *progress);

#endif
