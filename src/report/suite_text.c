/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several scenarios at a glance, and as one JSON document. */
#include "page.h"
#include "render.h"
#include "words.h"

#include <jansson.h>
#include <stdlib.h>

#include "tcplab/enum_names.h"
#include "tcplab/text.h"

#define RESULT_COLS 12
#define NAME_COLS   48 /* where the duration stands */

TL_NAMES(tl_shown_name, enum tl_shown, TL_SHOWN)

static enum tl_ink ink_of(enum tl_result result)
{
	return result == TL_RESULT_PASSED  ? TL_INK_GOOD :
	       result == TL_RESULT_SKIPPED ? TL_INK_CHANGE : TL_INK_BADLY;
}

void tl_suite_line(const struct tl_suite_case *one, const struct tl_report_style *style,
		   struct tl_buf *out)
{
	struct tl_page page = { .out = out, .color = style->color, .ascii = style->ascii,
				.width = style->width, .indent = RESULT_COLS };
	struct tl_buf took = { 0 };

	tl_page_put(&page, ink_of(one->result), tl_result_name(one->result));
	tl_page_to(&page, RESULT_COLS);
	tl_page_put(&page, TL_INK_PLAIN, one->name);
	tl_page_put(&page, TL_INK_PLAIN, " ");
	tl_page_to(&page, NAME_COLS);
	tl_report_duration(&took, one->took_ns);
	tl_page_put(&page, TL_INK_DIM, tl_buf_text(&took));
	tl_page_end(&page);
	if (one->reason) {
		tl_page_to(&page, page.indent);
		tl_page_line(&page, TL_INK_PLAIN, one->reason);
	}
	tl_buf_release(&took);
}

void tl_suite_summary(const struct tl_suite *suite, const struct tl_report_style *style,
		      struct tl_buf *out)
{
	static const enum tl_result results[] = {
#define X(id, ...) TL_RESULT_##id,
		TL_RESULTS(X)
#undef X
	};
	struct tl_page page = { .out = out, .color = style->color, .ascii = style->ascii,
				.width = style->width };
	struct tl_buf text = { 0 };
	const char *before = ": ";

	tl_buf_fmt(&text, "%zu scenario%s in ", suite->n, suite->n == 1 ? "" : "s");
	tl_report_duration(&text, suite->took_ns);
	tl_page_put(&page, TL_INK_BOLD, tl_buf_text(&text));
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		size_t n = 0;

		for (size_t j = 0; j < suite->n; j++)
			n += suite->cases[j].result == results[i];
		if (!n)
			continue;
		text.len = 0;
		tl_buf_fmt(&text, "%zu %s", n, tl_result_name(results[i]));
		tl_page_put(&page, TL_INK_PLAIN, before);
		tl_page_put(&page, ink_of(results[i]), tl_buf_text(&text));
		before = ", ";
	}
	tl_page_end(&page);
	tl_buf_release(&text);
}

/* What there is to say about a scenario that left no report. */
static void without_report(const struct tl_suite_case *one, struct tl_buf *out)
{
	struct tl_buf reason = { 0 };
	json_t *object;
	char *text;

	tl_text_utf8(&reason, one->reason ? one->reason : "");
	object = json_pack("{s:i, s:{s:s}, s:s, s:i, s:s, s:I}", "tcplab-report", 1, "scenario",
			   "name", one->name, "result", tl_result_name(one->result), "status",
			   tl_result_status(one->result), "reason", tl_buf_text(&reason),
			   "took_ns", (json_int_t)one->took_ns);
	text = json_dumps(object, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	if (text)
		tl_buf_fmt(out, "%s\n", text);
	else
		out->failed = true;
	free(text);
	json_decref(object);
	tl_buf_release(&reason);
}

int tl_suite_json(const struct tl_suite *suite, struct tl_buf *out, struct tl_err *err)
{
	tl_buf_str(out, "[\n");
	for (size_t i = 0; i < suite->n; i++) {
		const struct tl_suite_case *one = &suite->cases[i];

		tl_buf_str(out, i ? ",\n" : "");
		if (one->json->len)
			tl_buf_add(out, one->json->data, one->json->len);
		else
			without_report(one, out);
	}
	tl_buf_str(out, "]\n");
	return tl_report_done(out, err);
}
