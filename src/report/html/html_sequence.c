/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * The diagram is a list, a row for each moment, and each row an SVG of its own as wide as
 * the list. All places across are percentages, so that the rows fit any page and together
 * look like one drawing; the browser draws only those in sight, a printer breaks between
 * two of them, and without scripts a row is a link to its step.
 */
#include "html_draw.h"

#include "diagram.h"

#include "../words.h"
#include "tcplab/text.h"

/* Where what is said about all stands clear of the names of states. */
static int clearing(const struct tl_stage *stage)
{
	if (stage->n == 1)
		return stage->columns[0].x / 2;
	return stage->n > 2 ? (stage->columns[0].x + stage->columns[1].x) / 2 : 500;
}

/* Something done or said about one actor, or all; its words and the place for them. */
static int say_words(const struct tl_html *page, const struct tl_moment *moment,
		     struct tl_buf *text)
{
	const struct tl_report *report = page->report;
	const struct tl_column *column = NULL;

	if (moment->kind == TL_MOMENT_DO) {
		const struct tl_step *step =
			&report->plan->phases[moment->phase].steps[moment->ev->step.step];

		column = tl_stage_column(&page->stage, step->actor);
		tl_text_line(text, step->text);
	} else if (moment->kind == TL_MOMENT_LOOK) {
		tl_buf_fmt(text, "table %s",
			   tl_report_outcome(report->verdict->phases[moment->phase].outcome));
	} else {
		struct tl_buf title = { 0 };

		tl_html_title(&title, page, moment - page->moments.v);
		tl_text_line(text, tl_buf_text(&title));
		tl_buf_release(&title);
	}
	if (moment->kind == TL_MOMENT_LOOK)
		return clearing(&page->stage);
	return column ? column->x : 500;
}

static void draw_words(struct tl_html *page, const struct tl_moment *moment, int height)
{
	bool missed = moment->kind == TL_MOMENT_LOOK &&
		      page->report->verdict->phases[moment->phase].outcome != TL_OUTCOME_MET;
	struct tl_buf text = { 0 };
	int x = say_words(page, moment, &text), lines, middle = height / 2;

	/* A step's words stand on its actor's lifelines: names come below them. */
	if (moment->kind == TL_MOMENT_DO)
		middle = height - tl_html_names_height(page) / 2;
	tl_html_bands(page, middle, 0);
	tl_html_lines(&page->to, x, missed ? "look bad" : tl_moment_name(moment->kind),
		      tl_buf_text(&text), &lines);
	page->to.failed |= text.failed;
	tl_buf_release(&text);
}

static int height_of_words(const struct tl_html *page, const struct tl_moment *moment)
{
	struct tl_buf text = { 0 };
	int x = say_words(page, moment, &text), lines;

	tl_html_lines(NULL, x, NULL, tl_buf_text(&text), &lines);
	tl_buf_release(&text);
	return TL_HTML_SHORT + TL_HTML_LINE * (lines ? lines - 1 : 0);
}

static int height_of(const struct tl_html *page, const struct tl_moment *moment)
{
	int height = TL_HTML_SHORT, names;

	switch (moment->kind) {
	case TL_MOMENT_CAME:
	case TL_MOMENT_LETGO:
		height = TL_HTML_TALL;
		break;
	case TL_MOMENT_CHATTER:
		break;
	case TL_MOMENT_DO:
		return height_of_words(page, moment) + tl_html_names_height(page);
	case TL_MOMENT_LOOK:
	case TL_MOMENT_LOSSY:
	case TL_MOMENT_TROUBLE:
	case TL_MOMENT_MORE:
		height = height_of_words(page, moment);
		break;
	}
	names = tl_html_names_height(page);
	return height > names ? height : names;
}

static void draw(struct tl_html *page, const struct tl_moment *moment)
{
	int height = height_of(page, moment);

	tl_open(&page->to, "svg");
	tl_attr(&page->to, "width", "100%");
	tl_attrf(&page->to, "height", "%d", height);
	tl_html_threads(page);
	switch (moment->kind) {
	case TL_MOMENT_CAME:
	case TL_MOMENT_LETGO:
		tl_html_segment(page, moment, height);
		break;
	case TL_MOMENT_CHATTER:
		tl_html_chatter(page, moment, height);
		break;
	case TL_MOMENT_DO:
	case TL_MOMENT_LOOK:
	case TL_MOMENT_LOSSY:
	case TL_MOMENT_TROUBLE:
	case TL_MOMENT_MORE:
		draw_words(page, moment, height);
		break;
	}
	tl_close(&page->to);
}

static void row(struct tl_html *page, size_t i)
{
	const struct tl_moment *moment = &page->moments.v[i];
	struct tl_buf title = { 0 };

	tl_html_title(&title, page, i);
	tl_open(&page->to, "li");
	tl_attrf(&page->to, "class", "row %s", tl_moment_name(moment->kind));
	if (moment->until)
		tl_attrf(&page->to, "data-until", "%zu",
			 moment->until == TL_MOMENT_NEVER ? page->moments.n + 1 :
							    moment->until + 1);
	tl_open(&page->to, "a");
	tl_attrf(&page->to, "href", "#step-%zu", i + 1);
	tl_attrf(&page->to, "aria-label", "Step %zu: %s", i + 1, tl_buf_text(&title));
	draw(page, moment);
	tl_close(&page->to);
	tl_close(&page->to);
	tl_buf_release(&title);
}

static void heading(struct tl_html *page, int phase)
{
	if (phase < 0 || (size_t)phase >= page->report->plan->n_phases)
		return;
	tl_open_class(&page->to, "li", "phase");
	tl_attrf(&page->to, "data-phase", "%d", phase);
	tl_wordsf(&page->to, "%d ", phase + 1);
	tl_isolated(&page->to, page->report->plan->phases[phase].title);
	tl_close(&page->to);
}

/* Whose lifelines a column's are; a long name is cut, it is told in full elsewhere. */
static void name(struct tl_html *page, const struct tl_column *column)
{
	const char *whole = column->actor < 0 ?
				    "elsewhere" :
				    tl_plan_actor_name(page->report->plan, column->actor);
	int room = 36 / (int)page->stage.n;
	struct tl_buf text = { 0 };
	bool cut;

	tl_buf_add(&text, whole, tl_html_fitting(whole, room, &cut));
	tl_buf_str(&text, cut ? "…" : "");
	tl_html_text(&page->to, column->x, 19, NULL, "actor", tl_buf_text(&text));
	tl_buf_release(&text);
}

static void names(struct tl_html *page)
{
	tl_open_class(&page->to, "svg", "names");
	tl_attr(&page->to, "width", "100%");
	tl_attr(&page->to, "height", "30");
	for (size_t i = 0; i < page->stage.n; i++)
		name(page, &page->stage.columns[i]);
	tl_close(&page->to);
}

/* What each row uses: heads of arrows, threads and lanes. */
static void heads(struct tl_html *page)
{
	static const char *const kinds[] = { "passed", "released" };

	tl_open_class(&page->to, "svg", "defs");
	tl_attr(&page->to, "width", "0");
	tl_attr(&page->to, "height", "0");
	tl_attr(&page->to, "aria-hidden", "true");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		tl_arrow_head(&page->to, "tip", kinds[i], 10, 9, "M0 1L10 5L0 9z");
	tl_html_lanes_of_all(page);
	tl_close(&page->to);
}

void tl_html_sequence(struct tl_html *page)
{
	int phase = -1;

	heads(page);
	names(page);
	tl_open_class(&page->to, "ol", "rows");
	tl_world_rewind(&page->world);
	for (size_t i = 0; i < page->moments.n; i++) {
		tl_world_step(&page->world, i);
		if (page->moments.v[i].phase != phase) {
			phase = page->moments.v[i].phase;
			heading(page, phase);
		}
		row(page, i);
	}
	tl_close(&page->to);
}
