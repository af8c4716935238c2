/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One arrow of a diagram: its words, and how a terminal shows it. */
#include "arrow.h"

#include <stdarg.h>

#include "tcplab/text.h"

static void stops(struct tl_arrow *arrow, enum tl_arrow_end end, const char *how)
{
	arrow->end = end;
	tl_buf_str(&arrow->remark, how);
}

__attribute__((format(printf, 2, 3)))
static void more(struct tl_arrow *arrow, const char *fmt, ...)
{
	va_list ap;

	tl_buf_str(&arrow->more, arrow->more.len ? ", " : "");
	va_start(ap, fmt);
	tl_buf_vfmt(&arrow->more, fmt, ap);
	va_end(ap);
}

/* What came of a segment that was held: on the line where it was stopped. */
static void held(struct tl_arrow *arrow, const struct tl_line *line,
		 const struct tl_frame *frame)
{
	const struct tl_event *letgo = frame->shot->letgo;

	if (line->at_once && !letgo->letgo.dropped)
		more(arrow, "held and released");
	else if (line->at_once)
		stops(arrow, TL_ARROW_LOST, letgo->letgo.rejected ? "held; ICMP: unreachable" :
								    "held and dropped");
	else
		stops(arrow, TL_ARROW_HELD, letgo ? "held" : "held to the end");
	if (letgo && letgo->phase != line->phase)
		tl_buf_fmt(&arrow->remark, "%s phase %d",
			   letgo->letgo.rejected ? ", ICMP in" :
			   letgo->letgo.dropped	 ? ", dropped in" : " until",
			   letgo->phase + 1);
}

/* In how many pieces data travel is a matter of chance: of one of several no number is said. */
static void amount(struct tl_arrow *arrow, const struct tl_line *line,
		   const struct tl_frame *frame)
{
	uint32_t len = frame->ev->segment.seg.len;
	const char *plural = len == 1 ? "" : "s";

	if (line->part && frame->ev->segment.seg.flags & TL_FLAG_FIN)
		tl_buf_str(&arrow->about, " with data");
	if (line->part)
		return;
	if (len && tl_frame_is(frame, TL_SEGMENT_DATA))
		more(arrow, "%u byte%s", len, plural);
	else if (len)
		tl_buf_fmt(&arrow->about, " with %u byte%s", len, plural);
}

void tl_arrow_init(struct tl_arrow *arrow, const struct tl_story *story,
		   const struct tl_line *line)
{
	const struct tl_frame *frame = &story->frames[line->frame];

	*arrow = (struct tl_arrow){ .name = frame->name, .rightward = line->rightward };
	amount(arrow, line, frame);
	if (line->again)
		tl_buf_str(arrow->more.len ? &arrow->more : &arrow->about, " again");
	if (line->times > 1)
		more(arrow, "%zu times", line->times);
	else if (line->since && tl_line_is_lost_at_once(story, line))
		more(arrow, "once or more");
	if (line->old)
		more(arrow, "of an old connection");
	if (line->kind == TL_LINE_LETGO && frame->shot->end == TL_SHOT_LOST)
		stops(arrow, TL_ARROW_LOST, frame->shot->letgo->letgo.rejected ?
						    "ICMP: unreachable" : "dropped");
	else if (line->kind == TL_LINE_LETGO)
		more(arrow, "released");
	else if (frame->ev->segment.fate == TL_FATE_HELD)
		held(arrow, line, frame);
}

void tl_arrow_label(struct tl_buf *out, const struct tl_arrow *arrow)
{
	tl_buf_fmt(out, "%s%s%s%s", arrow->name, tl_buf_text(&arrow->about),
		   arrow->more.len ? ", " : "", tl_buf_text(&arrow->more));
}

enum tl_ink tl_arrow_ink(const struct tl_arrow *arrow)
{
	static const enum tl_ink inks[] = {
		[TL_ARROW_ARRIVES] = TL_INK_DIM,
		[TL_ARROW_HELD] = TL_INK_CHANGE,
		[TL_ARROW_LOST] = TL_INK_BAD,
	};

	return inks[arrow->end];
}

static void put_head(struct tl_page *page, const struct tl_arrow *arrow)
{
	static const char *const heads[][2] = { /* leftward, rightward */
		[TL_ARROW_ARRIVES] = { "◀", "▶" },
		[TL_ARROW_HELD] = { "├", "┤" },
		[TL_ARROW_LOST] = { "✗", "✗" },
	};

	tl_page_put(page, tl_arrow_ink(arrow), heads[arrow->end][arrow->rightward]);
}

static void dashes(struct tl_page *page, int n)
{
	struct tl_buf run = { 0 };

	while (n-- > 0)
		tl_buf_str(&run, "─");
	tl_page_put(page, TL_INK_DIM, tl_buf_text(&run));
	tl_buf_release(&run);
}

/* The label stands near the end that sent it. */
static void draw_shaft(struct tl_page *page, const struct tl_arrow *arrow,
		       const struct tl_buf *label, int shaft)
{
	int rest = shaft - 3 - tl_buf_columns(label);

	if (!arrow->rightward)
		put_head(page, arrow);
	dashes(page, arrow->rightward ? 2 : rest);
	tl_page_put(page, TL_INK_PLAIN, tl_buf_text(label));
	dashes(page, arrow->rightward ? rest : 2);
	if (arrow->rightward)
		put_head(page, arrow);
}

static void put_remark(struct tl_page *page, const struct tl_arrow *arrow, int column)
{
	tl_page_to(page, column);
	tl_page_put(page, tl_arrow_ink(arrow), tl_buf_text(&arrow->remark));
}

bool tl_arrow_draw(struct tl_page *page, const struct tl_arrow *arrow, int room)
{
	bool arrives = arrow->end == TL_ARROW_ARRIVES, beside;
	int from = page->col, remark = tl_buf_columns(&arrow->remark), shaft = room, least;
	struct tl_buf label = { 0 };

	tl_arrow_label(&label, arrow);
	least = tl_buf_columns(&label) + 5;
	beside = !remark || (!arrives && least + 1 + remark <= room);
	if (!arrives)
		shaft = beside && room - 1 - remark < room / 2 ? room - 1 - remark : room / 2;
	if (shaft < least)
		shaft = least;
	if (!arrow->rightward && beside && remark)
		put_remark(page, arrow, from + room - shaft - 1 - remark);
	if (!arrow->rightward)
		tl_page_to(page, from + room - shaft);
	draw_shaft(page, arrow, &label, shaft);
	if (arrow->rightward && beside && remark)
		put_remark(page, arrow, page->col + 1);
	tl_buf_release(&label);
	return beside;
}

void tl_arrow_release(struct tl_arrow *arrow)
{
	tl_buf_release(&arrow->remark);
	tl_buf_release(&arrow->more);
	tl_buf_release(&arrow->about);
}
