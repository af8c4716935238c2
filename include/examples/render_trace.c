/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A saved run, judged and rendered again: render_trace NAME <out/NAME/trace.ndjson */
#include <stdio.h>

#include "tcplab/film.h"
#include "tcplab/judge.h"
#include "tcplab/report.h"
#include "tcplab/scenario.h"
#include "tcplab/trace.h"

int main(int argc, char **argv)
{
	const struct tl_renderer *renderer = tl_renderer_find(argc == 2 ? argv[1] : "text");
	struct tl_buf text = { 0 }, out = { 0 };
	struct tl_err err = { .text = "there is no such renderer" };
	struct tl_verdict verdict = { 0 };
	struct tl_trace trace = { 0 };
	struct tl_film film = { 0 };
	struct tl_plan *plan = NULL;
	bool bad = !renderer;

	for (int c; !bad && (c = getchar()) != EOF;)
		tl_buf_add(&text, &(char){ c }, 1);
	bad = bad || tl_trace_decode("stdin", tl_buf_text(&text), text.len, &trace, &err) ||
	      tl_scenario_of_run(&trace, &plan, NULL, &err) ||
	      tl_film_init(&film, plan, &trace, &err) || tl_judge(&film, &verdict, &err) ||
	      renderer->render(&(struct tl_report){ plan, &trace, &film, &verdict },
			       &(struct tl_report_style){ .width = 80 }, &out, &err);
	if (bad)
		fprintf(stderr, "render_trace: %s\n", err.text);
	else
		fwrite(tl_buf_text(&out), 1, out.len, stdout);
	tl_verdict_release(&verdict, plan);
	tl_film_release(&film);
	tl_plan_free(plan);
	tl_trace_release(&trace);
	tl_buf_release(&text);
	tl_buf_release(&out);
	return bad;
}
