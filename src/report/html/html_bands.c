/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lifelines of the sequence diagram: a band for each socket, in its state's colour. */
#include "html_draw.h"

#include <stdio.h>
#include <string.h>

#define NAME 12 /* pixels: the height of one */

const struct tl_column *tl_html_column(const struct tl_html *page, int actor)
{
	const struct tl_column *column = tl_stage_column(&page->stage, actor);

	return column ? column : tl_stage_column(&page->stage, -1);
}

/*
 * Are names of states written left of a column? Outwards they are, and beside one between
 * others away from the arrow, whose middle is @busy.
 */
static bool names_left(const struct tl_stage *stage, const struct tl_column *column, int busy)
{
	if (column == &stage->columns[stage->n - 1])
		return false;
	return column == stage->columns || busy > column->x;
}

/* How many sockets of a column came into each state; 0 is CLOSED. */
static void count_turns(const struct tl_html *page, const struct tl_column *column,
			size_t *turned)
{
	memset(turned, 0, TL_STATE_MAX * sizeof(*turned));
	for (size_t k = 0; k < page->world.n_touched; k++) {
		size_t i = page->world.touched[k];
		const struct tl_known *known = &page->world.known[i];

		if (known->changed && page->stage.lanes[i] >= 0 &&
		    tl_html_column(page, page->moments.sockets[i].owner) == column)
			turned[known->state]++;
	}
}

static int turn_lines(const size_t *turned)
{
	int lines = 0;

	for (enum tl_state state = 0; state < TL_STATE_MAX; state++)
		lines += turned[state] > 1 ? 2 : turned[state] > 0;
	return lines;
}

/* Beside a column's bands: the states that sockets of it came into, and how many did. */
static void turns(struct tl_html *page, const struct tl_column *column, const size_t *turned,
		  int middle, int busy)
{
	bool left = names_left(&page->stage, column, busy);
	int off = tl_stage_half(column) + 15, x = left ? column->x - off : column->x + off;
	int y = middle + 4 - NAME / 2 * (turn_lines(turned) - 1);

	for (enum tl_state state = 0; state < TL_STATE_MAX; state++) {
		char class[40], times[24];

		if (!turned[state])
			continue;
		snprintf(class, sizeof(class), "turn ink-%s",
			 tl_state_name(state ? state : TL_CLOSE));
		tl_html_text(&page->to, x, y, left ? "end" : "start", class,
			     state ? tl_state_name(state) : "CLOSED");
		y += NAME;
		if (turned[state] == 1)
			continue;
		snprintf(times, sizeof(times), "×%zu", turned[state]);
		tl_html_text(&page->to, x, y, left ? "end" : "start", class, times);
		y += NAME;
	}
}

static void band(struct tl_html *page, const struct tl_column *column, int lane,
		 enum tl_state state)
{
	tl_open(&page->to, "use");
	tl_attrf(&page->to, "href", "#l%zu-%d", column - page->stage.columns, lane);
	tl_attrf(&page->to, "class", "band s-%s", tl_state_name(state));
	tl_close(&page->to);
}

/*
 * The bands of a column's sockets that have a row, and the names of states that are news.
 * Where several share a lane the last to come is seen.
 */
static void bands_of(struct tl_html *page, const struct tl_column *column, int middle, int busy)
{
	bool drawn[TL_STAGE_LANES] = { false };
	size_t turned[TL_STATE_MAX];

	for (size_t i = page->world.top; i-- > 0;) {
		const struct tl_known *known = &page->world.known[i];
		int lane = page->stage.lanes[i];

		if (lane < 0 || tl_html_column(page, page->moments.sockets[i].owner) != column)
			continue;
		if (known->state && !drawn[lane])
			band(page, column, lane, known->state);
		drawn[lane] |= known->state != 0;
	}
	count_turns(page, column, turned);
	turns(page, column, turned, middle, busy);
}

void tl_html_bands(struct tl_html *page, int middle, int busy)
{
	for (size_t i = 0; i < page->stage.n; i++)
		bands_of(page, &page->stage.columns[i], middle, busy);
}

/* The threads on which the bands hang. */
static void threads(struct tl_html *page)
{
	tl_open(&page->to, "g");
	tl_attr(&page->to, "id", "threads");
	for (size_t i = 0; i < page->stage.n; i++) {
		tl_open_class(&page->to, "line", "thread");
		tl_html_at(&page->to, "x1", page->stage.columns[i].x);
		tl_html_at(&page->to, "x2", page->stage.columns[i].x);
		tl_attr(&page->to, "y2", "100%");
		tl_close(&page->to);
	}
	tl_close(&page->to);
}

static void lane_of(struct tl_html *page, size_t column, int lane)
{
	const struct tl_column *it = &page->stage.columns[column];
	int width = tl_stage_band(it);

	tl_open(&page->to, "rect");
	tl_attrf(&page->to, "id", "l%zu-%d", column, lane);
	tl_html_at(&page->to, "x", tl_stage_x(&page->stage, it, lane) - width / 2);
	tl_html_at(&page->to, "width", width);
	tl_attr(&page->to, "height", "100%");
	tl_close(&page->to);
}

void tl_html_lanes_of_all(struct tl_html *page)
{
	threads(page);
	for (size_t i = 0; i < page->stage.n; i++)
		for (int lane = 0; lane < page->stage.columns[i].lanes; lane++)
			lane_of(page, i, lane);
}

void tl_html_threads(struct tl_html *page)
{
	tl_open(&page->to, "use");
	tl_attr(&page->to, "href", "#threads");
	tl_close(&page->to);
}

int tl_html_names_height(const struct tl_html *page)
{
	int most = 0;

	for (size_t i = 0; i < page->stage.n; i++) {
		size_t turned[TL_STATE_MAX];
		int lines;

		count_turns(page, &page->stage.columns[i], turned);
		lines = turn_lines(turned);
		most = lines > most ? lines : most;
	}
	return most ? NAME * most + 8 : 0;
}
