/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A trace out of unknown hands: decoded, its scenario parsed, judged, and told in one of the
 * formats. For libFuzzer; "make fuzz" builds and runs it on what is small of the golden traces.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mutate.h"
#include "tcplab/judge.h"
#include "tcplab/report.h"
#include "tcplab/scenario.h"
#include "tcplab/trace.h"

/* What libFuzzer calls; its own header is not installed everywhere. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);

/* The scenario is parsed once for each text that comes; most inputs share one. */
static struct tl_plan *plan_of(const struct tl_event *run)
{
	static struct tl_plan *kept;
	static char *text;
	struct tl_buf messages = { 0 };
	struct tl_err err;

	if (text && !strcmp(text, run->run.text))
		return kept;
	tl_plan_free(kept);
	free(text);
	kept = NULL;
	text = strdup(run->run.text);
	if (tl_scenario_parse_variant(run->run.file, run->run.text, strlen(run->run.text),
				      run->run.variant, &kept, &messages, &err))
		kept = NULL;
	tl_buf_release(&messages);
	return kept;
}

/* Which renderer an input goes through depends on its bytes alone. */
static unsigned sum(const uint8_t *data, size_t size)
{
	unsigned hash = 2166136261u;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ data[i]) * 16777619u;
	return hash >> 8;
}

/* One each; the page, which takes as long as all others, in its turn only every fourth time. */
static void render(const struct tl_report *report, unsigned which)
{
	const struct tl_report_style style = { .width = 80 };
	size_t n;
	const struct tl_renderer *renderers = tl_renderers(&n), *renderer = &renderers[which % n];
	struct tl_buf out = { 0 };
	struct tl_err err;

	if (!strcmp(renderer->name, "html") && which / n % 4)
		renderer = tl_renderer_find("text");
	if (renderer->render(report, &style, &out, &err))
		abort(); /* whatever a trace holds can be shown */
	tl_buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tl_trace trace = { 0 };
	struct tl_verdict verdict = { 0 };
	struct tl_film film = { 0 };
	const struct tl_event *run;
	struct tl_plan *plan = NULL;
	struct tl_err err;

	if (!tl_trace_decode("fuzz", (const char *)data, size, &trace, &err)) {
		run = tl_trace_run(&trace);
		plan = run && run->run.file && run->run.text ? plan_of(run) : NULL;
	}
	if (plan && !tl_film_init(&film, plan, &trace, &err) && !tl_judge(&film, &verdict, &err))
		render(&(struct tl_report){ plan, &trace, &film, &verdict }, sum(data, size));
	if (plan)
		tl_verdict_release(&verdict, plan);
	tl_film_release(&film);
	tl_trace_release(&trace);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	return fuzz_mutate_trace(data, size, max, seed);
}
