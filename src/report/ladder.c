/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * The two ends of a connection are the two sides of the page, time runs down. A line is a
 * segment: an arrow from its sender, and at either side the state that end was in while
 * the segment was on its way. An arrow that was held stops short of the other side, one
 * that was lost ends in a cross, and words say what came of it. A state that is news
 * stands out.
 *
 *     replica                                                 master
 *     SYN_SENT     ──SYN─────────────────┤ held until phase 2  LISTEN
 *
 * Several connections take turns, in the order of what happened. Where a terminal is wide
 * enough, the two of a proxy stand side by side, with the proxy in the middle.
 *
 * A diagram stays short whatever passed: of many lines the first and the last are drawn,
 * of connections that went alike the first, and of many that did not, some.
 */
#include "ladder.h"

#include <string.h>

#include "arrow.h"
#include "words.h"
#include "tcplab/text.h"

#define STATE_COLUMNS 11 /* ESTABLISHED */
#define GAP           2
#define NARROWEST     57 /* what a diagram needs, whatever the page */

#define MOST_CONNS    6
#define MOST_DIAGRAMS 12 /* of them, where they take turns */
#define BETWEEN_LEGS  4
#define SHORTEST_LEG  30 /* columns for its arrows */
#define MOST_LINES    24
#define LAST_LINES    8  /* of those */

#define LEGEND        "states while each segment is on its way"

/* One diagram being drawn. */
struct ladder {
	struct tl_page *page;
	const struct tl_report *report;
	const struct tl_story *story;
	const struct tl_conn *conn;
	const struct tl_line *lines; /* all of the phase */
	size_t n;
	size_t first, end; /* those to draw */
	bool ports;      /* names alone do not tell it from others of the phase */
	bool legend;
	int arrow;       /* where arrows begin */
	int room;        /* for an arrow, in columns */
};

static void name_end(struct ladder *ladder, int end, struct tl_buf *out)
{
	const struct tl_endpoint *ep = &ladder->conn->ends[end];
	int actor = ladder->conn->actors[end];
	uint64_t actors = tl_story_actors(ladder->story, ladder->lines, ladder->n, end);
	char text[TL_ENDPOINT_TEXT];
	bool whole;

	if (actor < 0 || (size_t)actor >= ladder->report->plan->n_actors) {
		tl_buf_str(out, tl_endpoint_text(ep, text));
		return;
	}
	if (actors)
		tl_report_actors(out, ladder->report->plan, actors);
	else
		tl_text_line(out, ladder->report->plan->actors[actor].name);
	if (!ladder->ports)
		return;
	whole = tl_story_port(ladder->story, ladder->conn, end, text);
	tl_buf_fmt(out, "%c%s", whole ? ' ' : ':', text);
}

static void heading(struct ladder *ladder)
{
	struct tl_page *page = ladder->page;
	int right = ladder->arrow + ladder->room + GAP, edge = right + STATE_COLUMNS;
	int legend = ladder->arrow + (ladder->room - (int)strlen(LEGEND)) / 2;
	struct tl_buf left = { 0 }, other = { 0 };

	name_end(ladder, 0, &left);
	name_end(ladder, 1, &other);
	if (right + tl_buf_columns(&other) > edge)
		right = edge - tl_buf_columns(&other);
	tl_page_gap(page);
	tl_page_flow(page, TL_INK_BOLD, tl_buf_text(&left));
	if (ladder->legend && page->col + GAP <= legend &&
	    legend + (int)strlen(LEGEND) + GAP <= right) {
		tl_page_to(page, legend);
		tl_page_put(page, TL_INK_DIM, LEGEND);
	}
	if (page->col + GAP > right)
		tl_page_end(page);
	tl_page_to(page, right);
	tl_page_line(page, TL_INK_BOLD, tl_buf_text(&other));
	tl_buf_release(&other);
	tl_buf_release(&left);
}

static void draw_state(struct tl_page *page, const struct tl_line *line, int end)
{
	tl_page_put(page, line->turned[end] ? TL_INK_TURN : TL_INK_DIM, tl_line_state(line, end));
}

static void draw_segment(struct ladder *ladder, const struct tl_line *line)
{
	struct tl_page *page = ladder->page;
	struct tl_arrow arrow;
	bool beside;

	tl_arrow_init(&arrow, ladder->story, line);
	tl_page_to(page, page->indent);
	draw_state(page, line, 0);
	tl_page_to(page, ladder->arrow);
	beside = tl_arrow_draw(page, &arrow, ladder->room);
	tl_page_to(page, ladder->arrow + ladder->room + GAP);
	draw_state(page, line, 1);
	tl_page_end(page);
	if (!beside) {
		tl_page_to(page, ladder->arrow);
		tl_page_put(page, tl_arrow_ink(&arrow), tl_buf_text(&arrow.remark));
		tl_page_end(page);
	}
	tl_arrow_release(&arrow);
}

/* Between dots, in the middle between the two ends. */
static void draw_aside(struct ladder *ladder, const char *text)
{
	struct tl_buf aside = { 0 };
	int columns;

	tl_buf_fmt(&aside, "· %s ·", text);
	columns = tl_buf_columns(&aside);
	tl_page_to(ladder->page, ladder->arrow);
	if (columns < ladder->room)
		tl_page_to(ladder->page, ladder->arrow + (ladder->room - columns) / 2);
	tl_page_put(ladder->page, TL_INK_DIM, tl_buf_text(&aside));
	tl_page_end(ladder->page);
	tl_buf_release(&aside);
}

/* The next line that is drawn, from @i on; ladder->end where there is none. */
static size_t next_drawn(const struct ladder *ladder, size_t i)
{
	while (i < ladder->end &&
	       !tl_story_is_drawn(ladder->story, ladder->conn, &ladder->lines[i]))
		i++;
	return i;
}

/* All but the heading. */
static void draw(struct ladder *ladder)
{
	size_t drawn = 0, n = 0, i;

	for (i = next_drawn(ladder, ladder->first); i < ladder->end; i = next_drawn(ladder, i + 1))
		n++;
	for (i = next_drawn(ladder, ladder->first); i < ladder->end; i = next_drawn(ladder, i + 1)) {
		drawn++;
		if (n > MOST_LINES && drawn == MOST_LINES - LAST_LINES)
			draw_aside(ladder, "and so on");
		if (n > MOST_LINES && drawn >= MOST_LINES - LAST_LINES &&
		    drawn <= n - LAST_LINES)
			continue;
		if (ladder->lines[i].kind == TL_LINE_CHATTER)
			draw_aside(ladder, TL_LADDER_CHATTER);
		else
			draw_segment(ladder, &ladder->lines[i]);
	}
}

static bool same_actors(const struct tl_conn *a, const struct tl_conn *b)
{
	return (a->actors[0] == b->actors[0] && a->actors[1] == b->actors[1]) ||
	       (a->actors[0] == b->actors[1] && a->actors[1] == b->actors[0]);
}

/* Did what was held go on, or get lost, in the same way and phase? */
static bool same_fate(const struct tl_shot *a, const struct tl_shot *b)
{
	const struct tl_event *x = a->letgo, *y = b->letgo;

	if (!x || !y)
		return x == y;
	return x->phase == y->phase && x->letgo.dropped == y->letgo.dropped &&
	       x->letgo.rejected == y->letgo.rejected;
}

/* Do two lines show the same? What is news depends on what was drawn before. */
static bool same_line(const struct tl_story *story, const struct tl_line *a,
		      const struct tl_line *b)
{
	const struct tl_shot *x = story->frames[a->frame].shot, *y = story->frames[b->frame].shot;

	if (a->kind != b->kind || a->kind == TL_LINE_CHATTER)
		return a->kind == b->kind;
	return a->states[0] == b->states[0] && a->states[1] == b->states[1] &&
	       a->rightward == b->rightward && a->again == b->again && a->times == b->times &&
	       a->old == b->old && a->held == b->held && a->at_once == b->at_once &&
	       a->part == b->part && (a->since == b->since || !a->at_once) &&
	       x->name == y->name && same_fate(x, y) &&
	       (a->part || x->ev->segment.seg.len == y->ev->segment.seg.len);
}

static bool same_lines(const struct ladder *a, const struct ladder *b)
{
	size_t i = next_drawn(a, a->first), j = next_drawn(b, b->first);

	while (i < a->end && j < b->end && same_line(a->story, &a->lines[i], &b->lines[j])) {
		i = next_drawn(a, i + 1);
		j = next_drawn(b, j + 1);
	}
	return i == a->end && j == b->end;
}

static bool has_double(const struct tl_story *story, const struct tl_conn *conn, size_t phase)
{
	for (size_t i = 0; i < story->n_conns; i++) {
		const struct tl_conn *other = &story->conns[i];
		const struct tl_line *lines;
		size_t n;

		if (other == conn || !same_actors(other, conn))
			continue;
		lines = tl_story_phase(other, phase, &n);
		if (tl_story_is_told(lines, n))
			return true;
	}
	return conn->actors[0] == conn->actors[1];
}

static bool is_first(const struct tl_story *story, size_t phase)
{
	for (size_t i = 0; i < story->n_conns; i++) {
		const struct tl_conn *conn = &story->conns[i];
		size_t n = 0;

		while (n < conn->n_lines && conn->lines[n].phase < (int)phase)
			n++;
		if (tl_story_is_told(conn->lines, n))
			return false;
	}
	return true;
}

/* The diagrams of one phase, drawn one below the other. */
struct sheet {
	struct ladder ladder;
	struct ladder last;           /* that was drawn */
	size_t phase;
	size_t drawn;
	size_t conns;                 /* that have been drawn */
	size_t alike;                 /* connections since then that went the same way */
	size_t rest;                  /* too many to be drawn */
	bool cut;                     /* and some that were drawn go on */
};

/* How many attempts a phase sees is a matter of chance. */
static void tell_alike(struct sheet *sheet)
{
	if (sheet->alike)
		draw_aside(&sheet->ladder, "and the same again");
	sheet->alike = 0;
}

static void tell_rest(struct sheet *sheet)
{
	struct tl_buf text = { 0 };

	if (!sheet->rest && !sheet->cut)
		return;
	if (sheet->rest)
		tl_buf_fmt(&text, "%zu more connection%s", sheet->rest,
			   sheet->rest == 1 ? "" : "s");
	else
		tl_buf_str(&text, "and so on");
	tl_page_gap(sheet->ladder.page);
	draw_aside(&sheet->ladder, tl_buf_text(&text));
	tl_buf_release(&text);
}

static void take_block(struct ladder *ladder, const struct tl_block *block, size_t phase)
{
	ladder->conn = block->conn;
	ladder->lines = tl_story_phase(block->conn, phase, &ladder->n);
	ladder->first = &block->conn->lines[block->first] - ladder->lines;
	ladder->end = ladder->first + block->n;
}

static void add_diagram(struct sheet *sheet)
{
	struct ladder *ladder = &sheet->ladder;

	sheet->cut |= sheet->drawn == MOST_DIAGRAMS ||
		      (!ladder->first && sheet->conns == MOST_CONNS);
	if (sheet->cut) {
		sheet->rest += !ladder->first;
		return;
	}
	if (sheet->drawn && same_actors(sheet->last.conn, ladder->conn) &&
	    same_lines(&sheet->last, ladder)) {
		sheet->alike++;
		return;
	}
	tell_alike(sheet);
	ladder->ports = has_double(ladder->story, ladder->conn, sheet->phase);
	ladder->legend = !sheet->drawn && is_first(ladder->story, sheet->phase);
	heading(ladder);
	draw(ladder);
	sheet->last = *ladder;
	sheet->drawn++;
	sheet->conns += !ladder->first;
}

/* One below the other. Return: was there any? */
static bool draw_in_turn(struct ladder *ladder, const struct tl_blocks *blocks, size_t phase)
{
	struct sheet sheet = { .ladder = *ladder, .phase = phase };

	for (size_t i = 0; i < blocks->n; i++) {
		take_block(&sheet.ladder, &blocks->v[i], phase);
		add_diagram(&sheet);
	}
	tell_alike(&sheet);
	tell_rest(&sheet);
	return sheet.drawn;
}

/*
 * The two connections of a proxy: the first leads to the actor that the other comes from.
 * Return: are these all that the blocks are of?
 */
static bool find_legs(const struct tl_blocks *blocks, const struct tl_conn *legs[2])
{
	const struct tl_conn *one = blocks->n ? blocks->v[0].conn : NULL, *other = NULL;

	for (size_t i = 1; i < blocks->n; i++) {
		const struct tl_conn *conn = blocks->v[i].conn;

		if (conn != one && other && conn != other)
			return false;
		if (conn != one)
			other = conn;
	}
	if (!other || blocks->n > MOST_DIAGRAMS)
		return false;
	legs[0] = tl_conn_follows(one, other) ? one : other;
	legs[1] = legs[0] == one ? other : one;
	return tl_conn_follows(legs[0], legs[1]);
}

static void name_at(struct ladder *ladder, int column, int end)
{
	struct tl_buf name = { 0 };

	name_end(ladder, end, &name);
	if (ladder->page->col + GAP > column && ladder->page->col)
		tl_page_end(ladder->page);
	tl_page_to(ladder->page, column);
	tl_page_put(ladder->page, TL_INK_BOLD, tl_buf_text(&name));
	tl_buf_release(&name);
}

/* Side by side. */
static void draw_legs(struct ladder *ladder, const struct tl_blocks *blocks, size_t phase,
		      const struct tl_conn *const legs[2])
{
	struct tl_page *page = ladder->page;
	int left = page->indent, arrow = ladder->arrow;
	int middle = arrow + ladder->room + GAP;
	int right = middle + STATE_COLUMNS + BETWEEN_LEGS;

	tl_page_gap(page);
	ladder->conn = legs[0];
	name_at(ladder, left, 0);
	name_at(ladder, middle, 1);
	ladder->conn = legs[1];
	name_at(ladder, right + middle - left, 1);
	tl_page_end(page);
	for (size_t i = 0; i < blocks->n; i++) {
		take_block(ladder, &blocks->v[i], phase);
		page->indent = ladder->conn == legs[0] ? left : right;
		ladder->arrow = arrow + page->indent - left;
		draw(ladder);
	}
	page->indent = left;
	ladder->arrow = arrow;
}

bool tl_ladder(struct tl_page *page, const struct tl_report *report,
	       const struct tl_story *story, size_t phase, int width)
{
	int edge = page->width > page->indent + NARROWEST ? page->width : page->indent + NARROWEST;
	struct ladder ladder = { .page = page, .report = report, .story = story };
	int leg = (width - page->indent - BETWEEN_LEGS) / 2 - 2 * (STATE_COLUMNS + GAP);
	struct tl_blocks blocks = { 0 };
	const struct tl_conn *legs[2];
	bool any = true;

	ladder.arrow = page->indent + STATE_COLUMNS + GAP;
	ladder.room = edge - STATE_COLUMNS - GAP - ladder.arrow;
	page->out->failed |= !tl_blocks_init(&blocks, story, phase);
	if (leg >= SHORTEST_LEG && find_legs(&blocks, legs)) {
		ladder.room = leg;
		draw_legs(&ladder, &blocks, phase, legs);
	} else {
		any = draw_in_turn(&ladder, &blocks, phase);
	}
	tl_blocks_release(&blocks);
	return any;
}
