/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line on standard error while a wait is long: what is awaited, and since when. */
#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

unsigned long long lab_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

void lab_progress_init(struct lab_progress *progress, const struct tl_plan *plan, bool wanted)
{
	*progress = (struct lab_progress){ .plan = plan, .wanted = wanted, .phase = -1,
					   .step = -1, .since_ms = lab_now_ms() };
}

/* The row in TIME_WAIT, or in an orphan's FIN_WAIT2, that the kernel keeps the longest. */
static void find_timed(struct lab_progress *progress, const struct tl_event *ev)
{
	unsigned long long now = lab_now_ms();

	progress->timed = 0;
	for (size_t i = 0; i < ev->snapshot.n; i++) {
		const struct tl_row *row = &ev->snapshot.rows[i];
		unsigned long long until = now + row->sock.timer_ms;

		if (row->sock.timer != TL_TIMER_TIMEWAIT ||
		    (progress->timed && until <= progress->timed_until_ms))
			continue;
		progress->timed = row->sock.state;
		progress->timed_owner = row->owner;
		progress->timed_peer = row->peer;
		progress->timed_until_ms = until;
	}
}

void lab_progress_event(struct lab_progress *progress, const struct tl_event *ev)
{
	if (ev->kind == TL_EVENT_SNAPSHOT)
		find_timed(progress, ev);
	if (ev->kind == TL_EVENT_STEP) {
		progress->step = ev->step.step;
	} else if (ev->kind == TL_EVENT_DONE || ev->kind == TL_EVENT_PHASE) {
		progress->step = -1;
		progress->holding = false;
	} else if (ev->kind == TL_EVENT_SNAPSHOT && ev->snapshot.look == TL_LOOK_HOLDING &&
		   !progress->holding) {
		progress->holding = true;
	} else {
		return;
	}
	progress->phase = ev->phase;
	progress->since_ms = lab_now_ms();
}

void lab_progress_clear(struct lab_progress *progress)
{
	if (progress->shown)
		lab_progress_line("");
	progress->shown = false;
}

unsigned long long lab_left_s(unsigned long long waited_ms, unsigned long long limit_ns)
{
	unsigned long long limit_ms = limit_ns / 1000000;

	return limit_ms > waited_ms ? (limit_ms - waited_ms + 999) / 1000 : 0;
}

void lab_progress_say(const struct lab_progress *progress, struct tl_buf *out)
{
	const struct tl_phase *phase = &progress->plan->phases[progress->phase];
	unsigned long long waited = lab_now_ms() - progress->since_ms;

	if (progress->step >= 0 && (size_t)progress->step < phase->n_steps) {
		tl_buf_fmt(out, "%s, for %llu s so far", phase->steps[progress->step].text,
			   waited / 1000);
	} else if (progress->holding) {
		tl_buf_fmt(out, "%llu s left in which it must not change",
			   lab_left_s(waited, phase->for_ns));
	} else if (progress->timed && progress->timed_until_ms > lab_now_ms()) {
		tl_buf_fmt(out, "%llu s left of %s -> %s %s, by the kernel's timer",
			   (progress->timed_until_ms - lab_now_ms() + 999) / 1000,
			   tl_plan_actor_name(progress->plan, progress->timed_owner),
			   tl_plan_actor_name(progress->plan, progress->timed_peer),
			   tl_state_name(progress->timed));
	} else {
		tl_buf_fmt(out, "%llu s left, waiting for %s", lab_left_s(waited, phase->within_ns),
			   phase->n_expects ? phase->expects[0].text : "an empty table");
		if (phase->n_expects > 1)
			tl_buf_fmt(out, " and %zu more", phase->n_expects - 1);
	}
}

/* A line that wraps could not be taken back. */
void lab_progress_line(const char *text)
{
	fprintf(stderr, "\r\033[K%.*s", *text ? lab_width(STDERR_FILENO) - 1 : 0, text);
}

void lab_progress_show(struct lab_progress *progress)
{
	const struct tl_plan *plan = progress->plan;
	struct tl_buf line = { 0 };

	if (!progress->wanted || progress->phase < 0 || (size_t)progress->phase >= plan->n_phases)
		return;
	tl_buf_fmt(&line, "%s, phase %d of %zu: ", plan->name, progress->phase + 1,
		   plan->n_phases);
	lab_progress_say(progress, &line);
	lab_progress_line(tl_buf_text(&line));
	progress->shown = true;
	tl_buf_release(&line);
}
