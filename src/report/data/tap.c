/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * TAP 14 (https://testanything.org/tap-version-14-specification.html). Each phase is a child
 * stream: that its steps were carried out, each row that it expects, and that there was no
 * other. Then come the sockets' lives and the claims, a point each. A scenario has the same
 * points on every run, whatever happens: what a run did not get to is skipped. A host that
 * cannot run it skips all of it, and the lab's own trouble bails out.
 */
#include "../render.h"
#include "../words.h"

#include <string.h>

#include "tcplab/text.h"

#define INDENT "    " /* of a child stream */

struct tap {
	struct tl_buf *out;
	const struct tl_report *report;
	const char *indent;
	size_t point; /* the last one's number in this stream */
};

/* One line, with a backslash before each of these characters. */
static void escape(struct tl_buf *out, const char *text, const char *characters)
{
	struct tl_buf safe = { 0 };

	tl_text_line(&safe, text);
	for (const char *c = tl_buf_text(&safe); *c; c++)
		tl_buf_fmt(out, "%s%c", strchr(characters, *c) ? "\\" : "", *c);
	out->failed |= safe.failed;
	tl_buf_release(&safe);
}

/* A description: TAP takes one of these for a directive, the other for an escape. */
static void describe(struct tl_buf *out, const char *text)
{
	escape(out, text, "#\\");
}

/* What the programs wrote are comments. */
static void bail_out(struct tl_buf *out, const struct tl_report *report, const char *reason)
{
	struct tl_buf said = { 0 };

	tl_report_outputs(&said, report);
	for (char *line = said.data, *end; line && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		tl_buf_str(out, "# ");
		describe(out, line);
		tl_buf_str(out, "\n");
	}
	tl_buf_str(out, "Bail out! ");
	describe(out, reason);
	tl_buf_str(out, "\n");
	out->failed |= said.failed;
	tl_buf_release(&said);
}

/* A value of a diagnostic: in double quotes, as in JSON and so in YAML. */
static void quote(struct tl_buf *out, const char *text)
{
	tl_buf_str(out, "\"");
	escape(out, text, "\"\\");
	tl_buf_str(out, "\"");
}

static void diagnose(struct tap *tap, const char *message, const struct tl_where *where)
{
	const char *file = tap->report->plan->file;

	tl_buf_fmt(tap->out, "%s  ---\n%s  message: ", tap->indent, tap->indent);
	quote(tap->out, message);
	if (where && where->line) {
		tl_buf_fmt(tap->out, "\n%s  at:\n%s    file: ", tap->indent, tap->indent);
		quote(tap->out, file ? file : tap->report->plan->name);
		tl_buf_fmt(tap->out, "\n%s    line: %d\n%s    column: %d", tap->indent,
			   where->line, tap->indent, where->col);
	}
	tl_buf_fmt(tap->out, "\n%s  ...\n", tap->indent);
}

/* A point. @skip: why it was not looked at; else @message, where it is not ok. */
static void point(struct tap *tap, bool ok, const char *text, const char *skip,
		  const char *message, const struct tl_where *where)
{
	tl_buf_fmt(tap->out, "%s%sok %zu - ", tap->indent, ok || skip ? "" : "not ", ++tap->point);
	describe(tap->out, text);
	if (skip) {
		tl_buf_str(tap->out, " # SKIP ");
		describe(tap->out, skip);
	}
	tl_buf_str(tap->out, "\n");
	if (!ok && !skip)
		diagnose(tap, message, where);
}

static bool has_stranger(const struct tl_phase_verdict *verdict)
{
	for (size_t i = 0; verdict->look && i < verdict->look->snapshot.n; i++)
		if (verdict->rows[i].expect < 0)
			return true;
	return false;
}

static bool all_seen(const struct tl_phase *phase, const struct tl_phase_verdict *verdict)
{
	for (size_t i = 0; i < phase->n_expects; i++)
		if (verdict->seen[i] != phase->expects[i].count)
			return false;
	return phase->others_ignore || !has_stranger(verdict);
}

/* Why the points of a phase were not looked at; NULL where they were. */
static const char *unlooked(const struct tl_phase_verdict *verdict)
{
	switch (verdict->outcome) {
	case TL_OUTCOME_MET:
	case TL_OUTCOME_UNMET:
	case TL_OUTCOME_SHOWN:
		return NULL;
	case TL_OUTCOME_UNFINISHED:
	case TL_OUTCOME_NOT_REACHED:
		break;
	}
	return tl_outcome_name(verdict->outcome);
}

static void rows(struct tap *tap, const struct tl_phase *phase,
		 const struct tl_phase_verdict *verdict, const char *skip)
{
	bool met = verdict->outcome == TL_OUTCOME_MET;

	for (size_t i = 0; i < phase->n_expects; i++) {
		const struct tl_pattern *row = &phase->expects[i];
		struct tl_buf seen = { 0 };

		tl_buf_fmt(&seen, "%d expected, %d seen", row->count, verdict->seen[i]);
		point(tap, met || verdict->seen[i] == row->count, row->text, skip,
		      tl_buf_text(&seen), &row->where);
		tl_buf_release(&seen);
	}
	if (tl_phase_has_expectation(phase) && !phase->others_ignore)
		point(tap, met || !has_stranger(verdict), "no other row", skip,
		      verdict->reason ? verdict->reason : "there was one", &phase->where);
}

static void phase(struct tap *tap, size_t i)
{
	const struct tl_phase *plan = &tap->report->plan->phases[i];
	const struct tl_phase_verdict *verdict = &tap->report->verdict->phases[i];
	struct tap child = { tap->out, tap->report, INDENT, 0 };
	bool unmet = verdict->outcome == TL_OUTCOME_UNMET;
	const struct tl_where *where = tl_report_where(tap->report, i);
	const char *skip = unlooked(verdict);
	/* A step that was answered otherwise is known by there being nothing else amiss. */
	bool stuck = unmet && (!verdict->look || all_seen(plan, verdict));
	struct tl_buf title = { 0 };

	tl_buf_fmt(&title, "phase %zu: %s", i + 1, plan->title);
	tl_buf_str(tap->out, "# Subtest: ");
	describe(tap->out, tl_buf_text(&title));
	tl_buf_str(tap->out, "\n");
	point(&child, !stuck, "its steps are carried out", skip, verdict->reason, where);
	rows(&child, plan, verdict, skip ? skip : stuck ? "its steps were not" : NULL);
	tl_buf_fmt(tap->out, INDENT "1..%zu\n", child.point);
	point(tap, !unmet, tl_buf_text(&title), skip, verdict->reason, where);
	tl_buf_release(&title);
}

static void lives(struct tap *tap)
{
	const struct tl_verdict *verdict = tap->report->verdict;
	const char *reason = NULL;

	for (size_t i = 0; i < verdict->n_lives && !reason; i++)
		if (!verdict->lives[i].legal)
			reason = verdict->lives[i].reason;
	point(tap, !reason, "each socket's states are a path through RFC 9293's diagram",
	      verdict->n_lives ? NULL : "no socket was seen", reason, NULL);
}

static void claim(struct tap *tap, size_t i)
{
	const struct tl_claim *plan = &tap->report->plan->claims[i];
	const struct tl_claim_verdict *verdict = &tap->report->verdict->claims[i];
	const char *message = "the evidence says otherwise";
	struct tl_buf title = { 0 };

	tl_buf_fmt(&title, "claim %s, ", plan->id);
	tl_claim_finding(&title, plan);
	tl_buf_fmt(&title, ": %s", plan->says);
	for (size_t j = plan->n_check; j-- > 0;)
		if (verdict->check[j].fact == TL_FACT_NOT_SO)
			message = verdict->check[j].text;
	point(tap, verdict->stands == TL_FACT_SO, tl_buf_text(&title),
	      verdict->stands == TL_FACT_UNSEEN ? "not observed" : NULL, message, &plan->where);
	tl_buf_release(&title);
}

static void points(struct tap *tap)
{
	const struct tl_plan *plan = tap->report->plan;

	tl_buf_fmt(tap->out, "1..%zu\n", plan->n_phases + 1 + plan->n_claims);
	for (size_t i = 0; i < plan->n_phases; i++)
		phase(tap, i);
	lives(tap);
	for (size_t i = 0; i < plan->n_claims; i++)
		claim(tap, i);
}

int tl_report_tap(const struct tl_report *report, const struct tl_report_style *style,
		  struct tl_buf *out, struct tl_err *err)
{
	const struct tl_verdict *verdict = report->verdict;
	const char *reason = verdict->reason ? verdict->reason : "the run did not end";
	struct tap tap = { out, report, "", 0 };

	(void)style;
	tl_buf_str(out, "TAP version 14\n# ");
	describe(out, report->plan->name);
	tl_buf_str(out, ": ");
	describe(out, report->plan->title);
	tl_buf_str(out, "\n");
	switch (verdict->result) {
	case TL_RESULT_PASSED:
	case TL_RESULT_FAILED:
		points(&tap);
		break;
	case TL_RESULT_SKIPPED:
		tl_buf_str(out, "1..0 # SKIP ");
		describe(out, reason);
		tl_buf_str(out, "\n");
		break;
	case TL_RESULT_ERROR:
	case TL_RESULT_INTERRUPTED:
		points(&tap);
		bail_out(out, report, reason);
		break;
	}
	return tl_report_done(out, err);
}
