/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens at a step of the page, in a line. */
#include "html.h"

#include "../arrow.h"
#include "../words.h"

static void title_of_segment(struct tl_buf *out, const struct tl_html *page,
			     const struct tl_moment *moment)
{
	size_t copies = moment->frame->shot->copies;
	struct tl_line line = tl_moment_line(moment);
	struct tl_arrow arrow;

	tl_arrow_init(&arrow, &page->moments.story, &line);
	tl_buf_fmt(out, "%s from %s to %s", moment->frame->name,
		   tl_html_end(page, moment->frame, 0), tl_html_end(page, moment->frame, 1));
	tl_buf_str(out, tl_buf_text(&arrow.about));
	if (arrow.more.len)
		tl_buf_fmt(out, ", %s", tl_buf_text(&arrow.more));
	if (arrow.remark.len)
		tl_buf_fmt(out, ", %s", tl_buf_text(&arrow.remark));
	if (line.kind == TL_LINE_CAME && copies)
		tl_buf_fmt(out, ", %zu cop%s absorbed", copies, copies == 1 ? "y" : "ies");
	tl_arrow_release(&arrow);
}

static void title_of_chatter(struct tl_buf *out, const struct tl_html *page,
			     const struct tl_moment *moment)
{
	size_t n = moment->data + moment->acks;

	if (moment->crowd) {
		tl_buf_fmt(out, "%zu segment%s of further connections", n, n == 1 ? "" : "s");
		return;
	}
	tl_buf_fmt(out, "%s and %s exchange ", tl_html_end(page, moment->frame, 0),
		   tl_html_end(page, moment->frame, 1));
	if (moment->data)
		tl_buf_fmt(out, "data: %zu segment%s, %zu of them with data (%llu byte%s)", n,
			   n == 1 ? "" : "s", moment->data, (unsigned long long)moment->bytes,
			   moment->bytes == 1 ? "" : "s");
	else
		tl_buf_fmt(out, "%zu pure ACK%s", n, n == 1 ? "" : "s");
	if (moment->held)
		tl_buf_fmt(out, "; %zu held, like the ones before", moment->held);
}

static void title_of_trouble(struct tl_buf *out, const struct tl_event *ev)
{
	if (ev->kind == TL_EVENT_MISSED)
		tl_buf_fmt(out, "Not as awaited: %s", ev->missed.text);
	else
		tl_buf_str(out, ev->fault.text);
}

static void count(struct tl_buf *out, size_t *said, size_t n, const char *what)
{
	if (n)
		tl_buf_fmt(out, "%s%zu more %s%s", (*said)++ ? ", " : "", n, what,
			   n == 1 ? "" : "s");
}

static void title_of_more(struct tl_buf *out, const struct tl_moment *moment)
{
	size_t said = 0;

	count(out, &said, moment->steps, "step");
	count(out, &said, moment->segments, "segment");
	count(out, &said, moment->troubles, "failure");
	count(out, &said, moment->gaps, "gap");
	tl_buf_str(out, said ? ": the JSON report has them all" : "more of the same");
}

void tl_html_title(struct tl_buf *out, const struct tl_html *page, size_t i)
{
	const struct tl_moment *moment = &page->moments.v[i];

	switch (moment->kind) {
	case TL_MOMENT_DO:
		tl_report_event(out, page->report->film, moment->ev);
		return;
	case TL_MOMENT_CAME:
	case TL_MOMENT_LETGO:
		title_of_segment(out, page, moment);
		return;
	case TL_MOMENT_CHATTER:
		title_of_chatter(out, page, moment);
		return;
	case TL_MOMENT_LOOK:
		tl_buf_fmt(out, "A look at the table: %s",
			   tl_report_outcome(page->report->verdict->phases[moment->phase]
						     .outcome));
		return;
	case TL_MOMENT_LOSSY:
		tl_buf_fmt(out, "%llu segment%s passed unseen",
			   (unsigned long long)moment->ev->lossy.n,
			   moment->ev->lossy.n == 1 ? "" : "s");
		return;
	case TL_MOMENT_TROUBLE:
		title_of_trouble(out, moment->ev);
		return;
	case TL_MOMENT_MORE:
		title_of_more(out, moment);
		return;
	}
}
