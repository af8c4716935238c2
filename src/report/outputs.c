/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the programs of a run that failed wrote, and when. */
#include "words.h"

#include <string.h>

#define MOST_LINES 40 /* the last of them */

static size_t lines_of(const char *text)
{
	size_t n = 0;

	for (; *text; n++) {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return n;
}

static void heading(struct tl_buf *out, const struct tl_plan *plan, const struct tl_event *ev,
		    bool part)
{
	tl_buf_fmt(out, "%s, ", tl_plan_actor_name(plan, ev->output.actor));
	if (ev->phase >= 0)
		tl_buf_fmt(out, "phase %d, ", ev->phase + 1);
	tl_buf_str(out, "after ");
	tl_report_duration(out, ev->t_ns);
	tl_buf_str(out, part ? ", the end of it:\n" : ":\n");
}

/* All lines but the first @skip. */
static void quote(struct tl_buf *out, const char *text, size_t skip)
{
	for (size_t i = 0; *text; i++) {
		size_t n = strcspn(text, "\n");

		if (i >= skip)
			tl_buf_fmt(out, "  %.*s\n", (int)n, text);
		text += n;
		text += *text == '\n';
	}
}

void tl_report_outputs(struct tl_buf *out, const struct tl_report *report)
{
	const struct tl_trace *trace = report->trace;
	enum tl_result result = report->verdict->result;
	size_t total = 0, skip;

	if (result == TL_RESULT_PASSED || result == TL_RESULT_SKIPPED)
		return;
	for (size_t i = 0; i < trace->n; i++)
		if (trace->events[i].kind == TL_EVENT_OUTPUT)
			total += lines_of(trace->events[i].output.text);
	skip = total > MOST_LINES ? total - MOST_LINES : 0;
	for (size_t i = 0; i < trace->n; i++) {
		const struct tl_event *ev = &trace->events[i];
		size_t n = ev->kind == TL_EVENT_OUTPUT ? lines_of(ev->output.text) : 0;

		if (n > skip) {
			heading(out, report->plan, ev, skip || ev->output.left_out);
			quote(out, ev->output.text, skip);
		}
		skip -= n < skip ? n : skip;
	}
}
