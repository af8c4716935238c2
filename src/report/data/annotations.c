/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What failed, as annotations that GitHub shows beside the scenario's own line: a workflow
 * command a line on standard output. Source: GitHub Docs, "Workflow commands for GitHub
 * Actions"; the escapes are those of actions/toolkit, packages/core/src/command.ts.
 */
#include "../render.h"
#include "../words.h"

#include <string.h>

#include "tcplab/text.h"

/* @property: what stands before the "::", where ":" and "," mean something as well. */
static void escape(struct tl_buf *out, const char *text, bool property)
{
	struct tl_buf safe = { 0 };

	(property ? tl_text_line : tl_text_lines)(&safe, text);
	for (const char *c = tl_buf_text(&safe); *c; c++) {
		bool special = *c == '%' || *c == '\n' ||
			       (property && (*c == ':' || *c == ','));

		if (special)
			tl_buf_fmt(out, "%%%02X", (unsigned char)*c);
		else
			tl_buf_add(out, c, 1);
	}
	out->failed |= safe.failed;
	tl_buf_release(&safe);
}

static void annotate(struct tl_buf *out, const struct tl_report *report, const char *level,
		     const struct tl_where *where, const char *title, const char *message)
{
	const struct tl_plan *plan = report->plan;

	tl_buf_fmt(out, "::%s file=", level);
	escape(out, plan->file ? plan->file : plan->name, true);
	if (where && where->line)
		tl_buf_fmt(out, ",line=%d,col=%d", where->line, where->col);
	tl_buf_str(out, ",title=");
	escape(out, plan->name, true);
	tl_buf_str(out, "%3A ");
	escape(out, title, true);
	tl_buf_str(out, "::");
	escape(out, message ? message : title, false);
	tl_buf_str(out, "\n");
}

static const char *why_not(const struct tl_claim *claim, const struct tl_claim_verdict *verdict)
{
	for (size_t i = 0; i < claim->n_check; i++)
		if (verdict->check[i].fact == TL_FACT_NOT_SO)
			return verdict->check[i].text;
	return NULL;
}

static void failures(struct tl_buf *out, const struct tl_report *report)
{
	const struct tl_verdict *verdict = report->verdict;
	const struct tl_plan *plan = report->plan;

	for (size_t i = 0; i < plan->n_phases; i++)
		if (verdict->phases[i].outcome == TL_OUTCOME_UNMET)
			annotate(out, report, "error", tl_report_where(report, i),
				 plan->phases[i].title, verdict->phases[i].reason);
	for (size_t i = 0; i < verdict->n_lives; i++)
		if (!verdict->lives[i].legal)
			annotate(out, report, "error", NULL, "not a path through RFC 9293's "
							     "diagram",
				 verdict->lives[i].reason);
	for (size_t i = 0; i < plan->n_claims; i++)
		if (verdict->claims[i].stands == TL_FACT_NOT_SO)
			annotate(out, report, "error", &plan->claims[i].where, plan->claims[i].id,
				 why_not(&plan->claims[i], &verdict->claims[i]));
}

/* Where in the scenario a run broke off; NULL before its first phase. */
static const struct tl_where *broke_off(const struct tl_report *report)
{
	for (size_t i = 0; i < report->verdict->n_phases; i++)
		if (report->verdict->phases[i].outcome == TL_OUTCOME_UNFINISHED)
			return tl_report_where(report, i);
	return NULL;
}

/* Why the lab failed, and what its programs wrote. */
static void lab_failed(struct tl_buf *out, const struct tl_report *report)
{
	struct tl_buf text = { 0 }, said = { 0 };

	tl_report_outputs(&said, report);
	tl_buf_fmt(&text, "%s%s%s", report->verdict->reason, said.len ? "\n" : "",
		   tl_buf_text(&said));
	annotate(out, report, "error", broke_off(report), "the lab failed", tl_buf_text(&text));
	out->failed |= text.failed || said.failed;
	tl_buf_release(&said);
	tl_buf_release(&text);
}

int tl_report_github(const struct tl_report *report, const struct tl_report_style *style,
		     struct tl_buf *out, struct tl_err *err)
{
	const struct tl_verdict *verdict = report->verdict;

	(void)style;
	switch (verdict->result) {
	case TL_RESULT_PASSED:
		break;
	case TL_RESULT_FAILED:
		failures(out, report);
		break;
	case TL_RESULT_SKIPPED:
		annotate(out, report, "warning", NULL, "skipped", verdict->reason);
		break;
	case TL_RESULT_ERROR:
		lab_failed(out, report);
		break;
	case TL_RESULT_INTERRUPTED:
		annotate(out, report, "error", broke_off(report), "interrupted",
			 verdict->reason);
		break;
	}
	return tl_report_done(out, err);
}
