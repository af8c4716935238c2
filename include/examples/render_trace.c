/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A saved run, judged and rendered again: what "tcplab report" does. The trace has the text of
 * its scenario with it, so that nothing else is needed.
 *
 *	build/include/examples/render_trace NAME <out/redis/walkthrough/trace.ndjson
 */
#include <stdio.h>
#include <string.h>

#include "tcplab/film.h"
#include "tcplab/judge.h"
#include "tcplab/report.h"
#include "tcplab/scenario.h"
#include "tcplab/trace.h"

int main(int argc, char **argv)
{
	const struct tl_renderer *renderer = argc == 2 ? tl_renderer_find(argv[1]) : NULL;
	const struct tl_report_style style = { .width = 80 };
	struct tl_err err = { .text = "this is no trace" };
	struct tl_buf text = { 0 }, messages = { 0 }, out = { 0 };
	struct tl_verdict verdict = { 0 };
	struct tl_trace trace = { 0 };
	struct tl_film film = { 0 };
	struct tl_plan *plan = NULL;
	const struct tl_event *run;
	bool done;

	for (int c; renderer && (c = getchar()) != EOF;)
		tl_buf_add(&text, &(char){ c }, 1);
	done = renderer &&
	       !tl_trace_decode("stdin", tl_buf_text(&text), text.len, &trace, &err) &&
	       (run = tl_trace_run(&trace)) &&
	       !tl_scenario_parse_variant(run->run.file, run->run.text, strlen(run->run.text),
					  run->run.variant, &plan, &messages, &err) &&
	       !tl_film_init(&film, plan, &trace, &err) && !tl_judge(&film, &verdict, &err) &&
	       !renderer->render(&(struct tl_report){ plan, &trace, &film, &verdict }, &style,
				 &out, &err);
	if (done)
		fwrite(tl_buf_text(&out), 1, out.len, stdout);
	else
		fprintf(stderr, "render_trace: %s\n",
			renderer ? err.text : "which renderer: text, md, html, json, junit ...?");
	if (plan)
		tl_verdict_release(&verdict, plan);
	tl_film_release(&film);
	tl_plan_free(plan);
	tl_trace_release(&trace);
	tl_buf_release(&messages);
	tl_buf_release(&text);
	tl_buf_release(&out);
	return done ? 0 : 1;
}
