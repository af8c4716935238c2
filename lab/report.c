/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcplab report: tell about a run from its saved trace, as the run itself told it. */
#include "suite.h"

#include <errno.h>
#include <unistd.h>

/* Of a terminal of 24 lines, those that what stands below the tables leaves to them. */
#define RECAP_LINES 11

/* Which renderer answers on standard output. NULL, with a complaint, for an unknown name. */
static const struct tl_renderer *chosen(const struct lab_options *options)
{
	const char *name = options->json ? "json" : options->format ? options->format : "text";
	const struct tl_renderer *renderer = tl_renderer_find(name);
	struct tl_buf known = { 0 };

	if (renderer)
		return renderer;
	lab_renderer_names(&known, false, ", ");
	lab_complain("there is no format \"%s\"; there are %s", name, tl_buf_text(&known));
	tl_buf_release(&known);
	return NULL;
}

int lab_tell(const struct lab_kept *kept, const struct lab_options *options, bool recap)
{
	const struct tl_renderer *renderer = chosen(options);
	struct tl_report_style style = options->style;
	struct tl_buf text = { 0 };
	struct tl_err err;
	int status;

	if (!renderer)
		return LAB_USAGE;
	if (renderer->binary && isatty(STDOUT_FILENO))
		return lab_refuse("%s is binary: redirect it to a file", renderer->name);
	style.brief = options->quiet;
	if (recap && !options->verbose && isatty(STDOUT_FILENO))
		style.recap = RECAP_LINES; /* "report" tells it in full */
	if (lab_kept_render(kept, renderer, &style, &text, &err))
		status = lab_fail("%s", err.text);
	else
		status = lab_print(&text);
	tl_buf_release(&text);
	return status;
}

static int needs_trace(void)
{
	return lab_refuse("report needs one trace, such as out/" LAB_DEFAULT_SCENARIO
			  "/trace.ndjson");
}

int lab_report(const struct lab_options *options)
{
	struct lab_kept kept = { 0 };
	struct tl_err err;
	int status;

	if (options->n_args != 1)
		return needs_trace();
	status = lab_report_looks(options);
	if (status >= 0)
		return status;
	status = lab_kept_read(&kept, options->args[0], &err);
	if (status == -EISDIR) {
		status = needs_trace();
	} else if (status) {
		status = lab_refuse("%s", err.text);
	} else {
		status = lab_tell(&kept, options, false);
		if (!status)
			status = lab_result_status(kept.verdict.result, options);
	}
	lab_kept_release(&kept);
	return status;
}
