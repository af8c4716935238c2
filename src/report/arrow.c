/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arrow.h"

#include "tcplab/text.h"

static void copies(struct tl_buf *out, size_t n)
{
	if (n)
		tl_buf_fmt(out, "%s%zu cop%s absorbed", out->len ? ", " : "", n,
			   n == 1 ? "y" : "ies");
}

static void lost(struct tl_arrow *arrow, const char *how)
{
	arrow->arrives = false;
	arrow->head = "✗";
	arrow->ink = TL_INK_BAD;
	tl_buf_str(&arrow->remark, how);
}

/* What came of a segment that was held: on the line where it was stopped. */
static void held(struct tl_arrow *arrow, const struct tl_line *line,
		 const struct tl_frame *frame)
{
	const struct tl_event *letgo = frame->shot->letgo;

	if (line->at_once && !letgo->letgo.dropped) {
		tl_buf_str(&arrow->label, ", held and released");
	} else if (line->at_once) {
		lost(arrow, "held and dropped");
	} else {
		lost(arrow, letgo ? "held" : "held to the end");
		arrow->head = line->rightward ? "┤" : "├";
		arrow->ink = TL_INK_CHANGE;
	}
	if (letgo && letgo->phase != line->phase)
		tl_buf_fmt(&arrow->remark, "%s phase %d",
			   letgo->letgo.dropped ? ", dropped in" : " until", letgo->phase + 1);
	copies(&arrow->remark, frame->shot->copies);
}

void tl_arrow_init(struct tl_arrow *arrow, const struct tl_story *story,
		   const struct tl_line *line)
{
	const struct tl_frame *frame = &story->frames[line->frame];
	uint32_t len = frame->ev->segment.seg.len;

	*arrow = (struct tl_arrow){ .ink = TL_INK_DIM, .rightward = line->rightward };
	arrow->arrives = true;
	arrow->head = line->rightward ? "▶" : "◀";
	tl_buf_str(&arrow->label, frame->name);
	if (len)
		tl_buf_fmt(&arrow->label, "%s%u byte%s",
			   tl_frame_is(frame, TL_SEGMENT_DATA) ? ", " : " with ", len,
			   len == 1 ? "" : "s");
	if (line->again)
		tl_buf_str(&arrow->label, " again");
	if (line->times > 1)
		tl_buf_fmt(&arrow->label, ", %zu times", line->times);
	if (line->kind == TL_LINE_LETGO && frame->shot->end == TL_SHOT_LOST)
		lost(arrow, "dropped");
	else if (line->kind == TL_LINE_LETGO)
		tl_buf_str(&arrow->label, ", released");
	else if (frame->ev->segment.fate == TL_FATE_HELD)
		held(arrow, line, frame);
	else if (frame->ev->segment.fate == TL_FATE_ABSORBED)
		lost(arrow, "absorbed");
}

static void dashes(struct tl_page *page, int n)
{
	struct tl_buf run = { 0 };

	while (n-- > 0)
		tl_buf_str(&run, "─");
	tl_page_put(page, TL_INK_DIM, tl_buf_text(&run));
	tl_buf_release(&run);
}

static void draw_rightward(struct tl_page *page, const struct tl_arrow *arrow, int shaft)
{
	dashes(page, 2);
	tl_page_put(page, TL_INK_PLAIN, tl_buf_text(&arrow->label));
	dashes(page, shaft - 3 - tl_buf_columns(&arrow->label));
	tl_page_put(page, arrow->ink, arrow->head);
}

static void draw_leftward(struct tl_page *page, const struct tl_arrow *arrow, int shaft)
{
	tl_page_put(page, arrow->ink, arrow->head);
	dashes(page, shaft - 3 - tl_buf_columns(&arrow->label));
	tl_page_put(page, TL_INK_PLAIN, tl_buf_text(&arrow->label));
	dashes(page, 2);
}

bool tl_arrow_draw(struct tl_page *page, const struct tl_arrow *arrow, int room)
{
	int from = page->col, least = tl_buf_columns(&arrow->label) + 5;
	int remark = tl_buf_columns(&arrow->remark), shaft = room;
	bool beside = !remark || (!arrow->arrives && least + 1 + remark <= room);

	if (!arrow->arrives)
		shaft = beside && room - 1 - remark < room / 2 ? room - 1 - remark : room / 2;
	if (shaft < least)
		shaft = least;
	if (arrow->rightward) {
		draw_rightward(page, arrow, shaft);
		if (!beside || !remark)
			return beside;
		tl_page_to(page, page->col + 1);
		tl_page_put(page, arrow->ink, tl_buf_text(&arrow->remark));
		return true;
	}
	if (beside && remark) {
		tl_page_to(page, from + room - shaft - 1 - remark);
		tl_page_put(page, arrow->ink, tl_buf_text(&arrow->remark));
	}
	tl_page_to(page, from + room - shaft);
	draw_leftward(page, arrow, shaft);
	return beside;
}

void tl_arrow_release(struct tl_arrow *arrow)
{
	tl_buf_release(&arrow->remark);
	tl_buf_release(&arrow->label);
}
