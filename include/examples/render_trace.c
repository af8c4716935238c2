/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A saved run, judged and rendered again: what "tcplab report" does. The trace has the text of
 * its scenario with it, so that nothing else is needed.
 *
 *	build/include/examples/render_trace NAME <out/redis/walkthrough/trace.ndjson
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tcplab/film.h"
#include "tcplab/judge.h"
#include "tcplab/report.h"
#include "tcplab/scenario.h"
#include "tcplab/trace.h"

static int render(const struct tl_renderer *renderer, const struct tl_trace *trace,
		  struct tl_buf *out, struct tl_err *err)
{
	const struct tl_report_style style = { .width = 80 };
	const struct tl_event *run = tl_trace_run(trace);
	struct tl_buf messages = { 0 };
	struct tl_verdict verdict = { 0 };
	struct tl_film film = { 0 };
	struct tl_plan *plan = NULL;
	int ret = run ? 0 : tl_err_set(err, EINVAL, "this is no trace");

	if (!ret)
		ret = tl_scenario_parse_variant(run->run.file, run->run.text,
						strlen(run->run.text), run->run.variant, &plan,
						&messages, err);
	if (!ret)
		ret = tl_film_init(&film, plan, trace, err);
	if (!ret)
		ret = tl_judge(&film, &verdict, err);
	if (!ret)
		ret = renderer->render(&(struct tl_report){ plan, trace, &film, &verdict },
				       &style, out, err);
	if (plan)
		tl_verdict_release(&verdict, plan);
	tl_film_release(&film);
	tl_plan_free(plan);
	tl_buf_release(&messages);
	return ret;
}

int main(int argc, char **argv)
{
	const struct tl_renderer *renderer = argc == 2 ? tl_renderer_find(argv[1]) : NULL;
	struct tl_buf text = { 0 }, out = { 0 };
	struct tl_trace trace = { 0 };
	struct tl_err err;
	char piece[4096];
	size_t n;
	int ret;

	if (!renderer) {
		fprintf(stderr, "render_trace: which renderer: text, md, html, json, junit ...?\n");
		return 2;
	}
	while ((n = fread(piece, 1, sizeof(piece), stdin)))
		tl_buf_add(&text, piece, n);
	ret = tl_trace_decode("stdin", tl_buf_text(&text), text.len, &trace, &err);
	if (!ret)
		ret = render(renderer, &trace, &out, &err);
	if (ret)
		fprintf(stderr, "render_trace: %s\n", err.text);
	else
		fwrite(tl_buf_text(&out), 1, out.len, stdout);
	tl_trace_release(&trace);
	tl_buf_release(&text);
	tl_buf_release(&out);
	return ret ? 1 : 0;
}
