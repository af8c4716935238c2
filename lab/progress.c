/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line on standard error while a wait is long: what is awaited, and since when. */
#include "lab.h"

#include <stdio.h>
#include <time.h>

static unsigned long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

void lab_progress_init(struct lab_progress *progress, const struct tl_plan *plan, bool wanted)
{
	*progress = (struct lab_progress){ .plan = plan, .wanted = wanted, .phase = -1,
					   .step = -1, .since_ms = now_ms() };
}

void lab_progress_event(struct lab_progress *progress, const struct tl_event *ev)
{
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
	progress->since_ms = now_ms();
}

void lab_progress_clear(struct lab_progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}

/* The wait's own length, where it has one. */
static void print_limit(unsigned long long waited_ms, unsigned long long limit_ns)
{
	unsigned long long limit_ms = limit_ns / 1000000;
	unsigned long long left_ms = limit_ms > waited_ms ? limit_ms - waited_ms : 0;

	fprintf(stderr, ", %llu s left", (left_ms + 999) / 1000);
}

void lab_progress_show(struct lab_progress *progress)
{
	const struct tl_plan *plan = progress->plan;
	unsigned long long waited = now_ms() - progress->since_ms;
	const struct tl_phase *phase;

	if (!progress->wanted || progress->phase < 0 || (size_t)progress->phase >= plan->n_phases)
		return;
	phase = &plan->phases[progress->phase];
	fprintf(stderr, "\r\033[K%s: phase %d of %zu: ", plan->name, progress->phase + 1,
		plan->n_phases);
	if (progress->step >= 0 && (size_t)progress->step < phase->n_steps) {
		fprintf(stderr, "%.40s, for %llu s", phase->steps[progress->step].text,
			waited / 1000);
	} else if (progress->holding) {
		fputs("it must stay as it is", stderr);
		print_limit(waited, phase->for_ns);
	} else {
		fprintf(stderr, "waiting for %.40s",
			phase->n_expects ? phase->expects[0].text : "an empty table");
		if (phase->n_expects > 1)
			fprintf(stderr, " and %zu more", phase->n_expects - 1);
		print_limit(waited, phase->within_ns);
	}
	progress->shown = true;
}
