/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * The terminal's rendering is a page read from top to bottom: what this is, the film frame
 * by frame, the lives the frames add up to, the claims they bear out, the verdict.
 *
 * A frame shows netstat's rows byte for byte and unindented, so that they can be compared
 * with netstat's own, by eye or by diff. What tcplab has to say about a row stands beside it
 * where the terminal is wide enough for all of them, else on a line below it, in columns
 * that follow netstat's: what changed under Proto and the queues, whose it is under Local
 * Address, what it means under Foreign Address.
 *
 * Colour repeats what words and marks say already; nothing is lost without it.
 */
#include "../render.h"
#include "text_report.h"

#include <errno.h>
#include <string.h>

#include "tcplab/text.h"

#define WIDEST    100 /* prose is hard to read on longer lines */
#define NARROWEST 40
#define CLAIM_INDENT 2

static void heading(struct tl_text *text)
{
	const struct tl_plan *plan = text->report->plan;
	struct tl_page *page = &text->page;
	int name = tl_text_columns(plan->name, strlen(plan->name));

	tl_page_flow(page, TL_INK_BOLD, plan->title);
	if (page->col + 2 + name > page->width)
		tl_page_end(page);
	else
		tl_page_to(page, page->width - name);
	tl_page_put(page, TL_INK_DIM, plan->name);
	tl_page_gap(page);
}

static void head(struct tl_text *text)
{
	const struct tl_report *report = text->report;
	struct tl_page *page = &text->page;
	struct tl_buf environment = { 0 }, unsafe = { 0 }, untapped = { 0 };

	heading(text);
	if (report->plan->about) {
		tl_page_paragraphs(page, TL_INK_PLAIN, report->plan->about);
		tl_page_gap(page);
	}
	tl_report_environment(&environment, report);
	tl_page_line(page, TL_INK_DIM, tl_buf_text(&environment));
	if (tl_report_is_mock(report))
		tl_page_line(page, TL_INK_PLAIN, TL_REPORT_MOCK);
	tl_report_unsafe(&unsafe, report);
	tl_page_line(page, TL_INK_BAD, tl_buf_text(&unsafe));
	tl_report_untapped(&untapped, report);
	tl_page_line(page, TL_INK_PLAIN, tl_buf_text(&untapped));
	tl_page_gap(page);
	tl_buf_release(&untapped);
	tl_buf_release(&unsafe);
	tl_buf_release(&environment);
}

static void one_life(struct tl_text *text, size_t i, int column)
{
	const struct tl_life *life = &text->report->verdict->lives[i];
	struct tl_page *page = &text->page;
	struct tl_buf buf = { 0 };
	bool aside;

	tl_report_life_owner(&buf, text->report, i);
	tl_page_flow(page, TL_INK_PLAIN, tl_buf_text(&buf));
	page->indent = column;
	for (size_t j = 0; j < life->n_hops; j++) {
		buf.len = 0;
		tl_report_hop(&buf, life, j);
		aside = tl_report_is_aside(life, j);
		tl_page_flow(page, aside ? TL_INK_DIM : TL_INK_STATE, tl_buf_text(&buf));
	}
	tl_page_end(page);
	if (!life->legal) {
		tl_page_flow(page, TL_INK_BAD, "✗ not a path through RFC 9293's diagram:");
		tl_page_line(page, TL_INK_PLAIN, life->reason ? life->reason : "");
	}
	page->indent = 0;
	tl_buf_release(&buf);
}

static void lives(struct tl_text *text)
{
	const struct tl_verdict *verdict = text->report->verdict;
	struct tl_page *page = &text->page;
	struct tl_buf owner = { 0 };
	size_t picks[TL_REPORT_LIVES], n = tl_report_pick_lives(text->report, picks);
	int widest = 0;

	if (!n)
		return;
	for (size_t i = 0; i < n; i++) {
		owner.len = 0;
		tl_report_life_owner(&owner, text->report, picks[i]);
		if (tl_buf_columns(&owner) > widest)
			widest = tl_buf_columns(&owner);
	}
	tl_page_put(page, TL_INK_BOLD, "The life of each socket");
	tl_page_gap(page);
	for (size_t i = 0; i < n; i++)
		one_life(text, picks[i], widest < page->width / 2 ? widest + 2 : TL_TEXT_INDENT);
	tl_text_more(text, verdict->n_lives, n, "socket");
	if (tl_report_has_asides(text->report))
		tl_page_flow(page, TL_INK_DIM, TL_REPORT_ASIDES);
	tl_page_gap(page);
	tl_buf_release(&owner);
}

static const struct tl_sign facts[] = {
	[TL_FACT_SO] = { "✓ ", TL_INK_GOOD },
	[TL_FACT_NOT_SO] = { "✗ ", TL_INK_BAD },
	[TL_FACT_UNSEEN] = { "- ", TL_INK_DIM },
};

static void evidence(struct tl_text *text, size_t i)
{
	const struct tl_claim *claim = &text->report->plan->claims[i];
	const struct tl_claim_verdict *verdict = &text->report->verdict->claims[i];
	struct tl_page *page = &text->page;
	int column = page->indent;

	for (size_t j = 0; j < claim->n_check; j++) {
		const struct tl_sign *sign = &facts[verdict->check[j].fact];

		tl_page_to(page, column);
		tl_page_put(page, sign->ink, sign->text);
		page->indent = page->col;
		tl_page_flow(page, TL_INK_DIM, tl_report_side(claim, &claim->check[j]));
		tl_page_line(page, TL_INK_DIM, verdict->check[j].text);
	}
	page->indent = column;
}

/* What was said, and by whom; then the ruling, why, and the evidence; the name comes last. */
static void one_claim(struct tl_text *text, size_t i)
{
	const struct tl_claim *claim = &text->report->plan->claims[i];
	const struct tl_claim_verdict *verdict = &text->report->verdict->claims[i];
	struct tl_page *page = &text->page;
	struct tl_buf buf = { 0 };
	const struct tl_sign *sign = &facts[verdict->stands];
	/* what holds as it was said needs no more words here; other formats have them */
	bool plain = verdict->stands == TL_FACT_SO && claim->finding == TL_FINDING_HOLDS;

	tl_buf_fmt(&buf, "\"%s\"", claim->says);
	tl_page_flow(page, TL_INK_PLAIN, tl_buf_text(&buf));
	if (claim->source) {
		buf.len = 0;
		tl_buf_fmt(&buf, "(%s)", claim->source);
		tl_page_flow(page, TL_INK_DIM, tl_buf_text(&buf));
	}
	tl_page_end(page);
	tl_page_to(page, CLAIM_INDENT);
	tl_page_put(page, sign->ink, sign->text);
	page->indent = page->col;
	buf.len = 0;
	tl_report_ruling(&buf, claim, verdict);
	/* of what is borne out, what differs from the claim is worth an eye */
	tl_page_flow(page, verdict->stands == TL_FACT_SO && !plain ? TL_INK_CHANGE : sign->ink,
		     tl_buf_text(&buf));
	if (!plain && claim->n_check)
		tl_page_end(page);
	if (claim->because && verdict->stands == TL_FACT_SO && !plain)
		tl_page_line(page, TL_INK_PLAIN, claim->because);
	if (!plain)
		evidence(text, i);
	buf.len = 0;
	tl_buf_fmt(&buf, "[%s]", claim->id);
	tl_page_line(page, TL_INK_DIM, tl_buf_text(&buf));
	page->indent = 0;
	tl_buf_release(&buf);
}

/* Of a claim that was not borne out, or not observed, a line does not tell enough. */
static bool one_or_line(struct tl_text *text, size_t i, bool briefly)
{
	if (briefly && text->report->verdict->claims[i].stands == TL_FACT_SO)
		return tl_text_claim_line(text, i);
	one_claim(text, i);
	return false;
}

/* @wrong: those alone that do not stand */
static void claims(struct tl_text *text, bool wrong, bool briefly)
{
	const struct tl_report *report = text->report;
	bool starred = false;

	if (!report->plan->n_claims)
		return;
	tl_page_put(&text->page, TL_INK_BOLD, "What people say about TCP");
	tl_page_put(&text->page, TL_INK_DIM,
		    briefly ? ", checked against this run; ✓ is as expected" :
		    ", checked against this run");
	tl_page_gap(&text->page);
	for (size_t i = 0; i < report->plan->n_claims; i++)
		if (!wrong || report->verdict->claims[i].stands != TL_FACT_SO)
			starred |= one_or_line(text, i, briefly);
	if (starred) {
		tl_page_flow(&text->page, TL_INK_DIM, "* the scenario's own word: evidence "
						      "for it or against it is missing");
		tl_page_end(&text->page);
	}
	tl_page_gap(&text->page);
}

static void verdict_line(struct tl_text *text)
{
	static const struct tl_sign signs[] = {
		[TL_RESULT_PASSED] = { "✓ ", TL_INK_GOOD },
		[TL_RESULT_FAILED] = { "✗ ", TL_INK_BADLY },
		[TL_RESULT_ERROR] = { "✗ ", TL_INK_BADLY },
		[TL_RESULT_SKIPPED] = { "- ", TL_INK_BOLD },
		[TL_RESULT_INTERRUPTED] = { "✗ ", TL_INK_BADLY },
	};
	enum tl_result result = text->report->verdict->result;
	struct tl_page *page = &text->page;
	struct tl_buf place = { 0 }, buf = { 0 };
	const struct tl_sign *sign = &signs[result];

	if (tl_report_failure(&place, &buf, text->report))
		tl_page_line(page, TL_INK_BAD, tl_buf_text(&place));
	else
		tl_report_verdict(&buf, text->report);
	tl_page_put(page, sign->ink, sign->text);
	page->indent = page->col;
	tl_page_put(page, sign->ink, tl_report_result(result));
	tl_page_line(page, TL_INK_PLAIN, tl_buf_text(&buf));
	tl_buf_release(&buf);
	tl_buf_release(&place);
}

static void outputs(struct tl_text *text)
{
	struct tl_page *page = &text->page;
	struct tl_buf said = { 0 };

	tl_report_outputs(&said, text->report);
	if (said.len) {
		tl_page_put(page, TL_INK_BOLD, TL_REPORT_OUTPUTS);
		tl_page_gap(page);
		tl_page_lines(page, TL_INK_PLAIN, tl_buf_text(&said));
		tl_page_gap(page);
	}
	page->out->failed |= said.failed;
	tl_buf_release(&said);
}

/* What the run has to confess of the wire. */
static void confessions(struct tl_text *text)
{
	struct tl_page *page = &text->page;
	struct tl_buf held = { 0 }, lossy = { 0 };

	tl_report_held(&held, text->report);
	tl_report_gaps(&lossy, text->report);
	tl_page_line(page, TL_INK_CHANGE, tl_buf_text(&held));
	tl_page_line(page, TL_INK_BAD, tl_buf_text(&lossy));
	if (held.len || lossy.len)
		tl_page_gap(page);
	tl_buf_release(&lossy);
	tl_buf_release(&held);
}

static void hint(struct tl_text *text, const char *program)
{
	bool passed = text->report->verdict->result == TL_RESULT_PASSED;
	struct tl_buf next = { 0 }, here = { 0 }, ask = { 0 };

	program = program ? program : "tcplab";
	if (passed)
		tl_buf_fmt(&next, "Next: %s explain %s", program, tl_report_next(text->report));
	tl_report_ask(&ask, text->report);
	if (ask.len)
		tl_buf_fmt(&here, "On your own host: %s %s", program, tl_buf_text(&ask));
	tl_page_line(&text->page, TL_INK_DIM, tl_buf_text(&next));
	tl_page_line(&text->page, TL_INK_DIM, tl_buf_text(&here));
	tl_buf_release(&ask);
	tl_buf_release(&here);
	tl_buf_release(&next);
}

/* All that lies between the head and the verdict; nothing of a run that was skipped. */
static void film(struct tl_text *text, bool briefly)
{
	const struct tl_verdict *verdict = text->report->verdict;

	if (verdict->result == TL_RESULT_SKIPPED)
		return;
	tl_text_faults(text, -1);
	for (size_t i = 0; i < verdict->n_phases; i++)
		tl_text_phase(text, i);
	lives(text);
	claims(text, false, briefly);
}

/* What went wrong alone: the phases that did not come out; or else what was found in the end. */
static void failure(struct tl_text *text)
{
	const struct tl_verdict *verdict = text->report->verdict;
	bool legal = true, told = false;

	tl_text_faults(text, -1);
	for (size_t i = 0; i < verdict->n_phases; i++) {
		if (verdict->phases[i].outcome != TL_OUTCOME_UNMET &&
		    verdict->phases[i].outcome != TL_OUTCOME_UNFINISHED)
			continue;
		tl_text_phase(text, i);
		told = true;
	}
	for (size_t i = 0; i < verdict->n_lives; i++)
		legal = legal && verdict->lives[i].legal;
	if (!legal)
		lives(text);
	else if (!told)
		claims(text, true, false);
}

int tl_report_text(const struct tl_report *report, const struct tl_report_style *style,
		   struct tl_buf *out, struct tl_err *err)
{
	int width = style->width < NARROWEST ? NARROWEST : style->width;
	struct tl_text text = { .report = report, .width = width };
	/* what went wrong is told in full */
	bool recap = style->recap && report->verdict->result == TL_RESULT_PASSED;
	int ret = -ENOMEM;

	text.page.out = out;
	text.page.color = style->color;
	text.page.ascii = style->ascii;
	text.page.width = width > WIDEST ? WIDEST : width;
	if (tl_story_init(&text.story, report, err))
		goto out;
	tl_text_layout(&text);
	if (style->brief && report->verdict->result != TL_RESULT_PASSED &&
	    report->verdict->result != TL_RESULT_SKIPPED) {
		heading(&text);
		failure(&text);
	} else {
		head(&text);
		film(&text, recap);
		confessions(&text);
	}
	outputs(&text);
	if (recap)
		tl_text_recap(&text, style->recap);
	verdict_line(&text);
	hint(&text, style->program);
	ret = tl_report_done(out, err);
out:
	tl_story_release(&text.story);
	return ret;
}
