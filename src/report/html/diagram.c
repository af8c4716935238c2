/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * What there is to draw comes from the tables of states and arcs; here is only where. The
 * places are those of the RFC's drawing, which draws CLOSED twice, at its top and at its
 * foot, so that time runs down. It is taller than wide, as the pane is that it stands in. An
 * arc without a place becomes a cross at the edge of the state that it ends, so that a new
 * row of the table is seen at once.
 */
#include "diagram.h"

#include <string.h>

#include "tcplab/text.h"

#define WIDTH  500
#define HEIGHT 644
#define HALF_W 56  /* of a state's box */
#define HALF_H 20
#define CROSS  8   /* the radius of a cross */

/* Letters of an event: this many on one line, or on each of several. */
#define ONE_LINE      16
#define SEVERAL_LINES 12

struct place {
	enum tl_state state;
	int x, y;         /* the middle of its box */
	int dx, dy;       /* on which side of it crosses stand: no arc ends there */
};

static const struct place places[] = {
	{ TL_CLOSE, 250, 26, 0, 0 },
	{ TL_LISTEN, 250, 120, 0, 0 },
	{ TL_SYN_RECV, 88, 224, -1, 0 },
	{ TL_SYN_SENT, 412, 224, 1, 0 },
	{ TL_ESTABLISHED, 250, 318, -1, 0 },
	{ TL_FIN_WAIT1, 88, 402, -1, 0 },
	{ TL_CLOSE_WAIT, 412, 402, 1, 0 },
	{ TL_FIN_WAIT2, 88, 510, -1, 0 },
	{ TL_CLOSING, 250, 474, 1, 0 },
	{ TL_LAST_ACK, 412, 510, 1, 0 },
	{ TL_TIME_WAIT, 250, 604, 0, 1 },
	{ TL_CLOSE, 412, 604, 0, 0 },
};

#define N_PLACES (sizeof(places) / sizeof(places[0]))

/* Where an arc runs, and where its words stand: "start", "middle" or "end" at x. */
struct course {
	const char *path; /* NULL: it is not drawn */
	int x, y;
	const char *anchor;
};

static const struct course courses[TL_N_ARCS] = {
	[TL_ARC_ID_1] = { "M236 46V98", 229, 77, "end" },
	[TL_ARC_ID_2] = { "M306 20C400 20 434 90 434 202", 408, 46, "start" },
	[TL_ARC_ID_3] = { "M264 100V48", 271, 77, "start" },
	[TL_ARC_ID_4] = { "M218 140C212 178 190 204 147 214", 194, 162, "end" },
	[TL_ARC_ID_5] = { "M282 140C288 178 310 204 353 214", 310, 152, "start" },
	[TL_ARC_ID_6] = { "M398 204C398 120 370 50 309 34", 364, 104, "end" },
	[TL_ARC_ID_7] = { "M356 226H147", 250, 207, "middle" },
	[TL_ARC_ID_8] = { "M356 234C310 238 288 264 280 296", 304, 272, "start" },
	[TL_ARC_ID_9] = { "M144 234C190 238 212 264 220 296", 196, 272, "end" },
	[TL_ARC_ID_10] = { "M72 244V380", 79, 310, "start" },
	[TL_ARC_ID_11] = { "M72 204C72 150 120 120 192 120", 96, 138, "end" },
	[TL_ARC_ID_12] = { "M218 338C212 370 188 390 147 396", 186, 358, "end" },
	[TL_ARC_ID_13] = { "M282 338C288 370 312 390 353 396", 314, 358, "start" },
	[TL_ARC_ID_14] = { "M72 422V488", 79, 474, "start" },
	[TL_ARC_ID_15] = { "M144 406C190 408 222 426 234 452", 226, 412, "start" },
	[TL_ARC_ID_16] = { "M72 530C72 584 120 606 192 606", 98, 602, "end" },
	[TL_ARC_ID_17] = { "M250 494V582", 257, 548, "start" },
	[TL_ARC_ID_18] = { "M412 422V488", 419, 452, "start" },
	[TL_ARC_ID_19] = { "M412 530V582", 405, 572, "end" },
	[TL_ARC_ID_20] = { "M306 604H354", 330, 638, "middle" },
	[TL_ARC_ID_N2] = { "M140 422C196 460 206 534 222 582", 204, 544, "end" },
	[TL_ARC_ID_N3] = { "M270 338C330 396 344 534 294 583", 345, 446, "start" },
	[TL_ARC_ID_X8] = { "M250 140V296", 257, 179, "start" },
};

static const struct course *course_of(const struct tl_arc *arc)
{
	size_t n;
	const struct course *course = &courses[arc - tl_arcs(&n)];

	return course->path ? course : NULL;
}

static const struct place *place_of(enum tl_state state)
{
	for (size_t i = 0; i < N_PLACES; i++)
		if (places[i].state == state)
			return &places[i];
	return NULL;
}

void tl_arrow_head(struct tl_markup *to, const char *id, const char *kind, int size, int tip,
		   const char *path)
{
	tl_open(to, "marker");
	tl_attrf(to, "id", "%s-%s", id, kind);
	tl_attrf(to, "viewBox", "0 0 %d %d", size, size);
	tl_attrf(to, "refX", "%d", tip);
	tl_attrf(to, "refY", "%d", size / 2);
	tl_attrf(to, "markerWidth", "%d", size);
	tl_attrf(to, "markerHeight", "%d", size);
	tl_attr(to, "markerUnits", "userSpaceOnUse");
	tl_attr(to, "orient", "auto");
	tl_open(to, "path");
	tl_attr(to, "d", path);
	tl_close(to);
	tl_close(to);
}

/* The heads of arrows: one for each colour an arc can have. */
static void heads(struct tl_markup *to)
{
	static const char *const names[] = { "idle", "walked", "taken" };

	tl_open(to, "defs");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		tl_arrow_head(to, "head", names[i], 8, 6, "M0 .5L8 4L0 7.5z");
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
static void title(struct tl_markup *to, const struct tl_arc *arc, const struct tl_buf *more,
		  bool brief)
{
	tl_open(to, "title");
	tl_wordsf(to, "Arrow %s, from %s to %s", arc->id, tl_state_info(arc->from)->rfc,
		  tl_state_info(arc->to)->rfc);
	if (!brief)
		tl_wordsf(to, ": %s%s%s. %s%s%s", arc->event, arc->sends[0] ? ", sends " : "",
			  arc->sends, arc->how, arc->differs ? " Linux: " : "",
			  arc->differs ? arc->differs : "");
	if (more->len)
		tl_wordsf(to, " %s", tl_buf_text(more));
	tl_close(to);
}

/* The words of an arc, a line each; an event of many words takes more. */
static void draw_words(struct tl_markup *to, const struct tl_arc *arc,
		       const struct course *course)
{
	const char *event = arc->event;
	int room = strlen(event) > ONE_LINE ? SEVERAL_LINES : ONE_LINE, y = course->y;
	struct tl_buf words = { 0 };

	for (size_t n; *event; event += n, event += *event == ' ', y += 13) {
		n = tl_text_words(event, strlen(event), room);
		n = n ? n : strlen(event);
		words.len = 0;
		tl_buf_add(&words, event, n);
		label(to, course->x, y, course->anchor, "event", tl_buf_text(&words));
	}
	words.len = 0;
	tl_buf_fmt(&words, "sends %s", arc->sends);
	if (arc->sends[0])
		label(to, course->x, y, course->anchor, "sends", tl_buf_text(&words));
	to->failed |= words.failed;
	tl_buf_release(&words);
}

/* A cross on the edge of the box, the @nth of its state beside the one before. */
static void draw_cross(struct tl_markup *to, const struct tl_arc *arc, int nth)
{
	const struct place *from = place_of(arc->from);
	int along = 2 * CROSS * (nth - 1);
	int x = from->x + (from->dx ? from->dx * (HALF_W + CROSS) : along);
	int y = from->y + (from->dy ? from->dy * (HALF_H + CROSS) : along);

	tl_open(to, "circle");
	tl_attrf(to, "cx", "%d", x);
	tl_attrf(to, "cy", "%d", y);
	tl_attrf(to, "r", "%d", CROSS);
	tl_close(to);
	label(to, x, y + 4, "middle", "cross", "✕");
}

static void draw_arc(struct tl_markup *to, const struct tl_diagram *how,
		     const struct tl_arc *arc, int *crosses)
{
	const struct course *course = course_of(arc);
	struct tl_buf more = { 0 }, href = { 0 };
	const char *class = how->arc(how->arg, arc, &more, &href);

	if (!class)
		return;
	tl_open(to, href.len ? "a" : "g");
	if (href.len)
		tl_attr(to, "href", tl_buf_text(&href));
	tl_attrf(to, "class", "arc %s%s%s%s", tl_arc_kind_name(arc->kind),
		 course ? "" : " stub", *class ? " " : "", class);
	tl_attr(to, "data-arc", arc->id);
	title(to, arc, &more, how->brief);
	if (course) {
		tl_open(to, "path");
		tl_attr(to, "d", course->path);
		tl_close(to);
		draw_words(to, arc, course);
	} else {
		draw_cross(to, arc, crosses[arc->from]++);
	}
	tl_close(to);
	to->failed |= more.failed || href.failed;
	tl_buf_release(&href);
	tl_buf_release(&more);
}

/* The rare lie below the words of the others, and crosses on the boxes. */
enum layer { RARE, DRAWN, CROSSES };

static enum layer layer_of(const struct tl_arc *arc)
{
	if (!course_of(arc))
		return CROSSES;
	return arc->kind == TL_ARC_DRAWN ? DRAWN : RARE;
}

static void draw_arcs(struct tl_markup *to, const struct tl_diagram *how, enum layer layer)
{
	int crosses[TL_STATE_MAX] = { 0 };
	const struct tl_arc *arcs;
	size_t n;

	arcs = tl_arcs(&n);
	for (size_t i = 0; i < n; i++)
		if (layer_of(&arcs[i]) == layer)
			draw_arc(to, how, &arcs[i], crosses);
}

static void draw_state(struct tl_markup *to, const struct tl_diagram *how,
		       const struct place *at)
{
	const struct tl_state_info *info = tl_state_info(at->state);
	struct tl_buf who = { 0 };
	const char *class = how->state ? how->state(how->arg, at->state, &who) : "";

	tl_open(to, how->to ? "a" : "g");
	if (how->to)
		tl_attrf(to, "href", "%s%s%s", how->to, info->name, how->behind);
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
	label(to, at->x, at->y + 5, "middle", "name",
	      at->state == TL_CLOSE ? "CLOSED" : info->name);
	label(to, at->x, at->y + 13, "middle", "who", tl_buf_text(&who));
	tl_close(to);
	to->failed |= who.failed;
	tl_buf_release(&who);
}

void tl_diagram(struct tl_markup *to, const struct tl_diagram *how)
{
	tl_open_class(to, "svg", "figure");
	tl_attrf(to, "viewBox", "0 0 %d %d", WIDTH, HEIGHT);
	tl_attr(to, "preserveAspectRatio", "xMidYMin meet");
	tl_attr(to, "role", "group");
	tl_attr(to, "aria-label", how->label);
	heads(to);
	draw_arcs(to, how, RARE);
	draw_arcs(to, how, DRAWN);
	for (size_t i = 0; i < N_PLACES; i++)
		draw_state(to, how, &places[i]);
	draw_arcs(to, how, CROSSES);
	tl_close(to);
}
