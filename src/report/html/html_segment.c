/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Segments in the sequence diagram: from lane to lane, and how far they got. */
#include "html_draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../arrow.h"
#include "tcplab/text.h"

/* The last socket there was between two ends; -1 for none. */
static int socket_between(const struct tl_html *page, const struct tl_endpoint *local,
			  const struct tl_endpoint *remote)
{
	for (size_t k = page->world.n_touched; k-- > 0;) {
		size_t i = page->world.touched[k];
		const struct tl_sock *sock = &page->moments.sockets[i].first->sock;

		if (page->world.known[i].changed && page->stage.lanes[i] >= 0 &&
		    tl_endpoint_equal(&sock->local, local) &&
		    tl_endpoint_equal(&sock->remote, remote))
			return (int)i;
	}
	return -1;
}

/*
 * Where an end of a segment is drawn: on its socket's lane, on that of one that is gone
 * with it, or on its actor's thread.
 */
static int place_end(const struct tl_html *page, const struct tl_event *ev, int end)
{
	const struct tl_row *row = &ev->segment.ends[end];
	const struct tl_shot *shot = tl_film_shot(page->report->film, ev);
	const struct tl_frame *frame = tl_story_frame(&page->moments.story, shot);
	const struct tl_conn *conn = &page->moments.story.conns[frame->conn];
	const struct tl_endpoint *me = end ? &ev->segment.seg.to : &ev->segment.seg.from;
	const struct tl_endpoint *other = end ? &ev->segment.seg.from : &ev->segment.seg.to;
	int i = tl_state_info(row->sock.state) ?
			tl_moments_socket(&page->moments, ev, row->sock.cookie) :
			socket_between(page, me, other);
	const struct tl_column *column;

	if (i >= 0 && page->stage.lanes[i] >= 0) {
		column = tl_html_column(page, page->moments.sockets[i].owner);
		if (column)
			return tl_stage_x(&page->stage, column, page->stage.lanes[i]);
	}
	column = tl_html_column(page, conn->actors[tl_endpoint_equal(&conn->ends[1], me)]);
	return column ? column->x : end ? 730 : 270;
}

static void line(struct tl_markup *to, int from, int goal, int y, const char *class)
{
	tl_open_class(to, "line", class);
	tl_html_at(to, "x1", from);
	tl_html_at(to, "x2", goal);
	tl_attrf(to, "y1", "%d", y);
	tl_attrf(to, "y2", "%d", y);
	tl_close(to);
}

/* It crosses the bands between its ends in a gap of its own. */
static void shaft(struct tl_markup *to, int from, int goal, int y, const char *manner)
{
	char class[32];

	snprintf(class, sizeof(class), "shaft %s", manner);
	line(to, from, goal, y, "gap");
	line(to, from, goal, y, class);
}

/* A path whose places are pixels, except for @x, where it begins. */
static void put_path(struct tl_markup *to, int x, const char *class, const char *path, int y)
{
	tl_open_class(to, "svg", "spot");
	tl_html_at(to, "x", x);
	tl_attrf(to, "y", "%d", y);
	tl_open_class(to, "path", class);
	tl_attr(to, "d", path);
	tl_close(to);
	tl_close(to);
}

/* Where it ends that does not arrive: held at a bar, lost at a cross. */
static void stop(struct tl_markup *to, int x, int y, enum tl_arrow_end end)
{
	bool lost = end == TL_ARROW_LOST;

	put_path(to, x, lost ? "cross" : "bar", lost ? "M-5 -5l10 10m-10 0l10 -10" : "M0 -7v14",
		 y);
}

static const char *manner(const struct tl_moment *moment, const struct tl_arrow *arrow)
{
	switch (arrow->end) {
	case TL_ARROW_HELD:
		return "held";
	case TL_ARROW_LOST:
		return "lost";
	case TL_ARROW_ARRIVES:
		break;
	}
	return moment->frame->ev->segment.fate == TL_FATE_HELD ? "released" : "passed";
}

/* The words above an arrow and below it: what finds no room above goes below. */
struct words {
	struct tl_buf above, below;
};

static void share(struct words *words, const struct tl_arrow *arrow, int room)
{
	const char *between = "";

	tl_arrow_label(&words->above, arrow);
	if (tl_buf_columns(&words->above) > room && arrow->more.len) {
		words->above.len = 0;
		tl_buf_fmt(&words->above, "%s%s", arrow->name, tl_buf_text(&arrow->about));
		tl_buf_str(&words->below, tl_buf_text(&arrow->more));
		between = arrow->remark.len ? ", " : "";
	}
	tl_buf_fmt(&words->below, "%s%s", between, tl_buf_text(&arrow->remark));
}

static void draw_arrow(struct tl_html *page, const struct tl_moment *moment,
		       const struct tl_arrow *arrow, const struct words *words, int from,
		       int to)
{
	bool arrives = arrow->end == TL_ARROW_ARRIVES;
	int sign = to > from ? 1 : -1, y = TL_HTML_TALL / 2 + 3;
	int goal = arrives ? to - sign * 12 : from + (to - from) * 62 / 100;

	tl_html_mention(page, moment->frame->shot->name);
	shaft(&page->to, from + sign * 10, goal, y, manner(moment, arrow));
	if (!arrives)
		stop(&page->to, goal, y, arrow->end);
	tl_html_text(&page->to, (from + to) / 2, y - 8, NULL, "label",
		     tl_buf_text(&words->above));
	if (words->below.len)
		tl_html_text(&page->to, (from + to) / 2, y + 16, NULL, "remark",
			     tl_buf_text(&words->below));
}

/* A socket that is connected to itself: out on the side without names, and back. */
static void draw_loop(struct tl_html *page, const struct tl_moment *moment,
		      const struct tl_arrow *arrow, const struct words *words, int x,
		      bool leftward)
{
	int off = leftward ? -60 : 60, y = TL_HTML_TALL / 2 - 1;
	char class[32];

	snprintf(class, sizeof(class), "shaft %s", manner(moment, arrow));
	put_path(&page->to, x, class,
		 leftward ? "M-5 -8h-24a8 8 0 0 0 0 16h22" : "M5 -8h24a8 8 0 0 1 0 16h-22", y);
	if (arrow->end != TL_ARROW_ARRIVES)
		stop(&page->to, x + off, y, arrow->end);
	tl_html_text(&page->to, x + off * 2, words->below.len ? y - 2 : y + 4,
		     leftward ? "end" : "start", "label", tl_buf_text(&words->above));
	if (words->below.len)
		tl_html_text(&page->to, x + off * 2, y + 13, leftward ? "end" : "start",
			     "remark", tl_buf_text(&words->below));
}

static bool is_last(const struct tl_html *page, int x)
{
	const struct tl_stage *stage = &page->stage;

	return stage->n && x >= stage->columns[stage->n - 1].x -
					tl_stage_half(&stage->columns[stage->n - 1]);
}

void tl_html_segment(struct tl_html *page, const struct tl_moment *moment, int height)
{
	const struct tl_event *ev = moment->frame->ev;
	int from = place_end(page, ev, 0), to = place_end(page, ev, 1);
	struct tl_line told = tl_moment_line(moment);
	struct words words = { 0 };
	struct tl_arrow arrow;

	tl_html_bands(page, height / 2, (from + to) / 2);
	tl_arrow_init(&arrow, &page->moments.story, &told);
	share(&words, &arrow,
	      from == to ? TL_HTML_LETTERS / 4 : abs(to - from) * TL_HTML_LETTERS / 1000);
	if (from == to)
		draw_loop(page, moment, &arrow, &words, from, is_last(page, from));
	else
		draw_arrow(page, moment, &arrow, &words, from, to);
	page->to.failed |= words.above.failed || words.below.failed;
	tl_buf_release(&words.above);
	tl_buf_release(&words.below);
	tl_arrow_release(&arrow);
}

/* "14 segments, 518 bytes", or but the latter. */
static void say_chatter(struct tl_buf *text, const struct tl_moment *moment, bool briefly)
{
	size_t n = moment->data + moment->acks;

	if (moment->crowd) {
		tl_buf_fmt(text, "%zu of further connections", n);
		return;
	}
	if (!moment->data) {
		tl_buf_fmt(text, "%zu ACK%s", n, n == 1 ? "" : "s");
		return;
	}
	if (!briefly)
		tl_buf_fmt(text, "%zu segment%s, ", n, n == 1 ? "" : "s");
	tl_buf_fmt(text, "%llu byte%s", (unsigned long long)moment->bytes,
		   moment->bytes == 1 ? "" : "s");
}

void tl_html_chatter(struct tl_html *page, const struct tl_moment *moment, int height)
{
	int a = place_end(page, moment->ev, 0), b = place_end(page, moment->ev, 1);
	struct tl_buf text = { 0 };

	tl_html_bands(page, height / 2, (a + b) / 2);
	say_chatter(&text, moment, page->stage.n > 2);
	if (a == b) {
		tl_html_text(&page->to, is_last(page, a) ? a - 30 : a + 30,
			     TL_HTML_SHORT / 2 + 4, is_last(page, a) ? "end" : "start", "aside",
			     tl_buf_text(&text));
	} else {
		int sign = b > a ? 1 : -1;

		shaft(&page->to, a + sign * 10, b - sign * 10, TL_HTML_SHORT / 2 + 5, "folded");
		tl_html_text(&page->to, (a + b) / 2, TL_HTML_SHORT / 2 - 1, NULL, "aside",
			     tl_buf_text(&text));
	}
	page->to.failed |= text.failed;
	tl_buf_release(&text);
}
