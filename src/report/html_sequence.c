/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * The diagram is a list, a row for each moment, and each row an SVG of its own as wide as
 * the list. All places across are percentages, so that the rows fit any page and together
 * look like one drawing; the browser draws only those in sight, a printer breaks between
 * two of them, and without scripts a row is a link to its step.
 */
#include "html.h"

#include "arrow.h"
#include "words.h"

#define TALL  46 /* pixels: a segment, */
#define SHORT 32 /* and whatever else */

static void at(struct tl_markup *to, const char *name, int per_mille)
{
	tl_attrf(to, name, "%d.%d%%", per_mille / 10, per_mille % 10);
}

static void put_text(struct tl_markup *to, int x, int y, const char *anchor,
		     const char *class, const char *text)
{
	tl_open(to, "text");
	at(to, "x", x);
	tl_attrf(to, "y", "%d", y);
	tl_attr(to, "text-anchor", anchor);
	tl_attr(to, "class", class);
	tl_words(to, text);
	tl_close(to);
}

static const struct tl_column *column_of(const struct tl_html *page, int actor)
{
	const struct tl_column *column = tl_stage_column(&page->stage, actor);

	return column ? column : tl_stage_column(&page->stage, -1);
}

/*
 * Where the state of a socket that changed is written: beside its actor's lanes, outwards,
 * and of one between others away from the arrow, whose middle is @busy.
 */
static void turn(struct tl_html *page, const struct tl_column *column,
		 const struct tl_known *known, int height, int busy, int nth)
{
	bool last = column == &page->stage.columns[page->stage.n - 1];
	bool first = !last && (column == page->stage.columns || busy > column->x);
	int half = column->lanes * TL_STAGE_APART / 2 + 8;
	const char *state = known->row ? tl_state_name(known->row->sock.state) : "CLOSED";
	char class[40];

	snprintf(class, sizeof(class), "turn ink-%s",
		 known->row ? state : "CLOSE");
	put_text(&page->to, first ? column->x - half : column->x + half,
		 height / 2 + 4 + 13 * nth, first ? "end" : "start", class, state);
}

/*
 * The bands of the sockets that have a row, and the names of states that are news. Where
 * several share a lane the last to come is seen.
 */
static void bands(struct tl_html *page, int height, int busy)
{
	bool drawn[64][TL_STAGE_LANES] = { { false } };
	int turns[64] = { 0 };

	for (size_t i = page->moments.n_sockets; i-- > 0;) {
		const struct tl_known *known = &page->world.known[i];
		const struct tl_column *column =
			column_of(page, page->moments.sockets[i].owner);
		size_t nth = column ? (size_t)(column - page->stage.columns) % 64 : 0;

		if (!column || page->stage.lanes[i] < 0)
			continue;
		if (known->row && !drawn[nth][page->stage.lanes[i]]) {
			drawn[nth][page->stage.lanes[i]] = true;
			tl_open(&page->to, "rect");
			tl_attrf(&page->to, "class", "band s-%s",
				 tl_state_name(known->row->sock.state));
			at(&page->to, "x", tl_stage_x(&page->stage, column,
				page->stage.lanes[i]) - TL_STAGE_BAND / 2);
			at(&page->to, "width", TL_STAGE_BAND);
			tl_attrf(&page->to, "height", "%d", height);
			tl_close(&page->to);
		}
		if (known->changed)
			turn(page, column, known, height, busy, turns[nth]++);
	}
}

/* The threads on which the bands hang. */
static void threads(struct tl_html *page, int height)
{
	for (size_t i = 0; i < page->stage.n; i++) {
		tl_open(&page->to, "line");
		tl_attr(&page->to, "class", "thread");
		at(&page->to, "x1", page->stage.columns[i].x);
		at(&page->to, "x2", page->stage.columns[i].x);
		tl_attr(&page->to, "y1", "0");
		tl_attrf(&page->to, "y2", "%d", height);
		tl_close(&page->to);
	}
}

/* Where an end of a segment is drawn: on its socket's lane, or on its actor's thread. */
static int place_end(const struct tl_html *page, const struct tl_event *ev, int end)
{
	const struct tl_row *row = &ev->segment.ends[end];
	const struct tl_frame *frame = tl_film_find(&page->moments.film, ev->segment.id);
	const struct tl_conn *conn = frame ? &page->moments.film.conns[frame->conn] : NULL;
	int i = tl_state_info(row->sock.state) ?
		tl_moments_socket(&page->moments, row->sock.cookie) : -1;
	const struct tl_endpoint *me = end ? &ev->segment.seg.to : &ev->segment.seg.from;
	const struct tl_column *column;

	if (i >= 0) {
		column = column_of(page, page->moments.sockets[i].owner);
		if (column)
			return tl_stage_x(&page->stage, column, page->stage.lanes[i]);
	}
	if (!conn)
		return 500;
	column = column_of(page, conn->actors[tl_endpoint_equal(&conn->ends[1], me)]);
	return column ? column->x : end ? 730 : 270;
}

static void shaft(struct tl_markup *to, int from, int goal, int y, const char *class)
{
	tl_open(to, "line");
	tl_attrf(to, "class", "shaft %s", class);
	at(to, "x1", from);
	at(to, "x2", goal);
	tl_attrf(to, "y1", "%d", y);
	tl_attrf(to, "y2", "%d", y);
	tl_close(to);
}

/* Held: it stops at a bar. Lost: at a cross. */
static const char *manner(const struct tl_moment *moment, const struct tl_arrow *arrow)
{
	if (arrow->arrives)
		return moment->frame->ev->segment.fate == TL_FATE_HELD ? "released" : "passed";
	return arrow->ink == TL_INK_BAD ? "lost" : "held";
}

static void draw_segment(struct tl_html *page, const struct tl_moment *moment)
{
	const struct tl_event *ev = moment->frame->ev;
	int from = place_end(page, ev, 0), to = place_end(page, ev, 1);
	int goal = to > from ? to - 14 : to + 14, y = TALL / 2 + 6;
	struct tl_arrow arrow;

	tl_arrow_init(&arrow, &page->moments.film, moment->line);
	if (from == to)
		goal = to + 60;
	if (!arrow.arrives)
		goal = from + (to - from) * 62 / 100;
	shaft(&page->to, from, goal, y, manner(moment, &arrow));
	bands(page, TALL, (from + to) / 2);
	if (!arrow.arrives)
		put_text(&page->to, goal, y + 5, "middle",
			 arrow.ink == TL_INK_BAD ? "cross" : "bar",
			 arrow.ink == TL_INK_BAD ? "✕" : "❙");
	put_text(&page->to, (from + to) / 2, y - 8, "middle", "label",
		 tl_buf_text(&arrow.label));
	if (arrow.remark.len)
		put_text(&page->to, (from + to) / 2, y + 15, "middle", "remark",
			 tl_buf_text(&arrow.remark));
	tl_arrow_release(&arrow);
}

static void draw_chatter(struct tl_html *page, const struct tl_moment *moment)
{
	int a = place_end(page, moment->ev, 0), b = place_end(page, moment->ev, 1);
	size_t n = moment->data + moment->acks;
	struct tl_buf text = { 0 };

	if (moment->crowd)
		tl_buf_fmt(&text, "%zu of further connections", n);
	else if (moment->data)
		tl_buf_fmt(&text, "%zu segment%s, %llu byte%s", n, n == 1 ? "" : "s",
			   (unsigned long long)moment->bytes, moment->bytes == 1 ? "" : "s");
	else
		tl_buf_fmt(&text, "%zu ACK%s", n, n == 1 ? "" : "s");
	shaft(&page->to, a, b, SHORT / 2 + 4, "folded");
	bands(page, SHORT, (a + b) / 2);
	put_text(&page->to, (a + b) / 2, SHORT / 2 - 2, "middle", "aside", tl_buf_text(&text));
	tl_buf_release(&text);
}

/* Something done or said about one actor, or all. */
static void draw_words(struct tl_html *page, const struct tl_moment *moment)
{
	const struct tl_report *report = page->report;
	const struct tl_column *column = NULL;
	struct tl_buf text = { 0 };

	bands(page, SHORT, 0);
	if (moment->kind == TL_MOMENT_DO) {
		const struct tl_step *step =
			&report->plan->phases[moment->phase].steps[moment->ev->step.step];

		column = tl_stage_column(&page->stage, step->actor);
		tl_buf_str(&text, step->text);
	} else if (moment->kind == TL_MOMENT_LOOK) {
		tl_buf_fmt(&text, "table %s", tl_report_outcome(
			report->verdict->phases[moment->phase].outcome));
	} else {
		tl_html_title(&text, page, moment - page->moments.v);
	}
	put_text(&page->to, column ? column->x : 500, SHORT / 2 + 4, "middle",
		 tl_moment_name(moment->kind), tl_buf_text(&text));
	tl_buf_release(&text);
}

static void draw(struct tl_html *page, const struct tl_moment *moment)
{
	bool tall = moment->kind == TL_MOMENT_CAME || moment->kind == TL_MOMENT_LETGO;
	int height = tall ? TALL : SHORT;

	tl_open(&page->to, "svg");
	tl_attr(&page->to, "width", "100%");
	tl_attrf(&page->to, "height", "%d", height);
	tl_attr(&page->to, "aria-hidden", "true");
	threads(page, height);
	switch (moment->kind) {
	case TL_MOMENT_CAME:
	case TL_MOMENT_LETGO:
		draw_segment(page, moment);
		break;
	case TL_MOMENT_CHATTER:
		draw_chatter(page, moment);
		break;
	case TL_MOMENT_DO:
	case TL_MOMENT_LOOK:
	case TL_MOMENT_LOSSY:
	case TL_MOMENT_TROUBLE:
		draw_words(page, moment);
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
	tl_open(&page->to, "li");
	tl_attr(&page->to, "class", "phase");
	tl_wordsf(&page->to, "%d ", phase + 1);
	tl_isolated(&page->to, page->report->plan->phases[phase].title);
	tl_close(&page->to);
}

/* Whose lifelines they are. */
static void names(struct tl_html *page)
{
	tl_open(&page->to, "svg");
	tl_attr(&page->to, "class", "names");
	tl_attr(&page->to, "width", "100%");
	tl_attr(&page->to, "height", "30");
	for (size_t i = 0; i < page->stage.n; i++)
		put_text(&page->to, page->stage.columns[i].x, 19, "middle", "actor",
			 page->stage.columns[i].actor < 0 ? "elsewhere" :
			 tl_plan_actor_name(page->report->plan, page->stage.columns[i].actor));
	tl_close(&page->to);
}

static void heads(struct tl_html *page)
{
	static const char *const kinds[] = { "passed", "released" };

	tl_open(&page->to, "svg");
	tl_attr(&page->to, "class", "defs");
	tl_attr(&page->to, "width", "0");
	tl_attr(&page->to, "height", "0");
	tl_attr(&page->to, "aria-hidden", "true");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		tl_open(&page->to, "marker");
		tl_attrf(&page->to, "id", "tip-%s", kinds[i]);
		tl_attr(&page->to, "viewBox", "0 0 10 10");
		tl_attr(&page->to, "refX", "9");
		tl_attr(&page->to, "refY", "5");
		tl_attr(&page->to, "markerWidth", "10");
		tl_attr(&page->to, "markerHeight", "10");
		tl_attr(&page->to, "markerUnits", "userSpaceOnUse");
		tl_attr(&page->to, "orient", "auto");
		tl_open(&page->to, "path");
		tl_attr(&page->to, "d", "M0 1L10 5L0 9z");
		tl_close(&page->to);
		tl_close(&page->to);
	}
	tl_close(&page->to);
}

void tl_html_sequence(struct tl_html *page)
{
	int phase = -1;

	heads(page);
	names(page);
	tl_open(&page->to, "ol");
	tl_attr(&page->to, "class", "rows");
	tl_html_rewind(page);
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
