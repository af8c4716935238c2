/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * What there is to draw comes from the tables of states and arcs; here is only where. The
 * places are those of the RFC's drawing, which draws CLOSED twice, at its top and at its
 * foot, so that time runs down. An arc without a place becomes a stub, so that a new row of
 * the table is seen at once.
 */
#include "diagram.h"

#include <string.h>

#define LEFT   20
#define WIDTH  600
#define HEIGHT 566
#define HALF_W 58  /* of a state's box */
#define HALF_H 19

struct place {
	enum tl_state state;
	int x, y; /* the middle of its box */
};

static const struct place places[] = {
	{ TL_CLOSE, 300, 30 },       { TL_LISTEN, 300, 112 },
	{ TL_SYN_RECV, 90, 202 },    { TL_SYN_SENT, 510, 202 },
	{ TL_ESTABLISHED, 300, 288 },
	{ TL_FIN_WAIT1, 90, 360 },   { TL_CLOSE_WAIT, 510, 360 },
	{ TL_FIN_WAIT2, 90, 452 },   { TL_CLOSING, 300, 424 },
	{ TL_LAST_ACK, 510, 452 },   { TL_TIME_WAIT, 300, 522 },
	{ TL_CLOSE, 510, 536 },
};

#define N_PLACES (sizeof(places) / sizeof(places[0]))

/* Where an arc runs, and where its words stand: "start", "middle" or "end" at x. */
struct course {
	const char *id, *path;
	int x, y;
	const char *anchor;
};

static const struct course courses[] = {
	{ "1", "M288 49V91", 281, 74, "end" },
	{ "2", "M358 24C470 24 532 88 532 181", 492, 58, "start" },
	{ "3", "M312 93V51", 319, 74, "start" },
	{ "4", "M266 131C254 172 204 192 150 194", 208, 152, "end" },
	{ "5", "M334 131C346 172 396 192 450 194", 392, 152, "start" },
	{ "6", "M494 183C494 110 440 38 360 37", 440, 108, "end" },
	{ "7", "M452 203H150", 300, 197, "middle" },
	{ "8", "M452 212C400 214 346 230 334 267", 398, 248, "start" },
	{ "9", "M148 212C200 214 254 230 266 267", 202, 248, "end" },
	{ "10", "M76 221V339", 83, 284, "start" },
	{ "11", "M70 183C70 130 140 110 240 110", 96, 120, "end" },
	{ "12", "M266 307C254 340 204 350 150 351", 204, 322, "end" },
	{ "13", "M334 307C346 340 396 350 450 351", 396, 322, "start" },
	{ "14", "M76 379V431", 83, 420, "start" },
	{ "15", "M148 364C220 366 272 376 288 403", 254, 372, "start" },
	{ "16", "M76 471C76 510 150 528 240 528", 104, 530, "end" },
	{ "17", "M300 443V501", 307, 476, "start" },
	{ "18", "M510 379V431", 517, 404, "start" },
	{ "19", "M510 471V515", 517, 497, "start" },
	{ "20", "M358 524C400 524 412 536 450 536", 404, 516, "middle" },
	{ "N2", "M132 379C172 426 196 480 241 506", 190, 462, "start" },
	{ "N3", "M336 307C380 360 384 460 352 503", 372, 440, "start" },
	{ "X8", "M300 131V267", 306, 236, "start" },
};

#define N_COURSES (sizeof(courses) / sizeof(courses[0]))

static const struct course *course_of(const struct tl_arc *arc)
{
	for (size_t i = 0; i < N_COURSES; i++)
		if (!strcmp(courses[i].id, arc->id))
			return &courses[i];
	return NULL;
}

static const struct place *place_of(enum tl_state state)
{
	for (size_t i = 0; i < N_PLACES; i++)
		if (places[i].state == state)
			return &places[i];
	return NULL;
}

/* The heads of arrows: one for each colour an arc can have. */
static void heads(struct tl_markup *to)
{
	static const char *const names[] = { "idle", "walked", "taken" };

	tl_open(to, "defs");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		tl_open(to, "marker");
		tl_attrf(to, "id", "head-%s", names[i]);
		tl_attr(to, "viewBox", "0 0 8 8");
		tl_attr(to, "refX", "6");
		tl_attr(to, "refY", "4");
		tl_attr(to, "markerWidth", "8");
		tl_attr(to, "markerHeight", "8");
		tl_attr(to, "markerUnits", "userSpaceOnUse");
		tl_attr(to, "orient", "auto");
		tl_open(to, "path");
		tl_attr(to, "d", "M0 .5L8 4L0 7.5z");
		tl_close(to);
		tl_close(to);
	}
	tl_close(to);
}

static void label(struct tl_markup *to, int x, int y, const char *anchor, const char *class,
		  const char *text)
{
	tl_open(to, "text");
	tl_attrf(to, "x", "%d", x);
	tl_attrf(to, "y", "%d", y);
	tl_attr(to, "text-anchor", anchor);
	if (class)
		tl_attr(to, "class", class);
	tl_words(to, text);
	tl_close(to);
}

/* In three sentences at most: what it is, what makes it happen, what Linux does. */
static void title(struct tl_markup *to, const struct tl_arc *arc, const struct tl_buf *more)
{
	tl_open(to, "title");
	tl_wordsf(to, "Arc %s, from %s to %s: %s%s%s. %s%s%s", arc->id,
		  tl_state_info(arc->from)->rfc, tl_state_info(arc->to)->rfc, arc->event,
		  arc->sends[0] ? ", sends " : "", arc->sends, arc->how,
		  arc->differs ? " Linux: " : "", arc->differs ? arc->differs : "");
	if (more->len)
		tl_wordsf(to, " %s", tl_buf_text(more));
	tl_close(to);
}

static void draw_course(struct tl_markup *to, const struct tl_arc *arc,
			const struct course *course)
{
	tl_open(to, "path");
	tl_attr(to, "d", course->path);
	tl_close(to);
	label(to, course->x, course->y, course->anchor, "event", arc->event);
	if (arc->sends[0]) {
		struct tl_buf sends = { 0 };

		tl_buf_fmt(&sends, "sends %s", arc->sends);
		label(to, course->x, course->y + (!strcmp(arc->id, "7") ? 18 : 13),
		      course->anchor, "sends", tl_buf_text(&sends));
		tl_buf_release(&sends);
	}
}

/* It leaves at the box's upper left, the @nth of its state beside the one before. */
static void draw_stub(struct tl_markup *to, const struct tl_arc *arc, int nth)
{
	const struct place *from = place_of(arc->from);
	int x = from->x - HALF_W + 8 + 20 * nth, y = from->y - HALF_H;

	tl_open(to, "path");
	tl_attrf(to, "d", "M%d %dl-6 -13", x, y);
	tl_close(to);
	label(to, x - 8, y - 16, "middle", "cross", "✕");
}

static void draw_arcs(struct tl_markup *to, const struct tl_diagram *how)
{
	const struct tl_arc *arcs;
	int stubs[TL_STATE_MAX] = { 0 };
	size_t n;

	arcs = tl_arcs(&n);
	for (size_t i = 0; i < n; i++) {
		const struct course *course = course_of(&arcs[i]);
		struct tl_buf more = { 0 };
		const char *class = how->arc(how->arg, &arcs[i], &more);

		tl_open(to, "g");
		tl_attrf(to, "class", "arc %s%s%s%s", tl_arc_kind_name(arcs[i].kind),
			 course ? "" : " stub", *class ? " " : "", class);
		tl_attr(to, "data-arc", arcs[i].id);
		title(to, &arcs[i], &more);
		if (course)
			draw_course(to, &arcs[i], course);
		else
			draw_stub(to, &arcs[i], stubs[arcs[i].from]++);
		tl_close(to);
		to->failed |= more.failed;
		tl_buf_release(&more);
	}
}

static void draw_state(struct tl_markup *to, const struct tl_diagram *how,
		       const struct place *at)
{
	const struct tl_state_info *info = tl_state_info(at->state);
	struct tl_buf who = { 0 };
	const char *class = how->state(how->arg, at->state, &who);

	tl_open(to, how->links ? "a" : "g");
	if (how->links)
		tl_attrf(to, "href", "#state-%s", info->name);
	tl_attrf(to, "class", "node s-%s%s%s", info->name, *class ? " " : "", class);
	tl_attr(to, "data-state", info->name);
	tl_open(to, "rect");
	tl_attrf(to, "x", "%d", at->x - HALF_W);
	tl_attrf(to, "y", "%d", at->y - HALF_H);
	tl_attrf(to, "width", "%d", 2 * HALF_W);
	tl_attrf(to, "height", "%d", 2 * HALF_H);
	tl_attr(to, "rx", "9");
	tl_close(to);
	/* in RFC 9293's picture there are no rows that netstat could spell */
	label(to, at->x, at->y + 4, "middle", "name",
	      at->state == TL_CLOSE ? "CLOSED" : info->name);
	label(to, at->x, at->y + 12, "middle", "who", tl_buf_text(&who));
	tl_close(to);
	to->failed |= who.failed;
	tl_buf_release(&who);
}

void tl_diagram(struct tl_markup *to, const struct tl_diagram *how)
{
	tl_open(to, "svg");
	tl_attr(to, "class", "figure");
	tl_attrf(to, "viewBox", "%d 0 %d %d", LEFT, WIDTH, HEIGHT);
	tl_attr(to, "preserveAspectRatio", "xMidYMin meet");
	tl_attr(to, "role", "group");
	tl_attr(to, "aria-label", how->label);
	heads(to);
	draw_arcs(to, how);
	for (size_t i = 0; i < N_PLACES; i++)
		draw_state(to, how, &places[i]);
	tl_close(to);
}
