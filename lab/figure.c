/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A piece of RFC 9293's Figure 5 on a terminal: an arrow a line, one state marked. */
#include "lab.h"

#include <string.h>

#include "tcplab/text.h"

/* The most arrows of one piece; a state has fewer. */
#define MOST 24

/* What stands beside two states and an arrow's text, in columns. */
#define AROUND 12

struct piece {
	const struct tl_arc *arcs[MOST];
	size_t n;
	enum tl_state mark; /* 0: none */
	bool sends;         /* there is room for what is sent */
	bool apart;         /* there is none for an arrow on one line */
};

static void label(const struct piece *p, const struct tl_arc *arc, struct tl_buf *out)
{
	tl_buf_fmt(out, "%s  %s", arc->id, arc->event);
	if (p->sends && arc->sends[0])
		tl_buf_fmt(out, " / snd %s", arc->sends);
}

static int label_columns(const struct piece *p, const struct tl_arc *arc)
{
	struct tl_buf text = { 0 };
	int columns;

	label(p, arc, &text);
	columns = tl_buf_columns(&text);
	tl_buf_release(&text);
	return columns;
}

static int widest_label(const struct piece *p)
{
	int widest = 0;

	for (size_t i = 0; i < p->n; i++) {
		int columns = label_columns(p, p->arcs[i]);

		widest = columns > widest ? columns : widest;
	}
	return widest;
}

/* With the marks of the marked one around it. */
static int name_columns(const struct piece *p, enum tl_state state)
{
	return strlen(tl_state_figure(state)) + (state == p->mark ? 2 : 0);
}

static int widest_name(const struct piece *p, bool to)
{
	int widest = 0;

	for (size_t i = 0; i < p->n; i++) {
		int columns = name_columns(p, to ? p->arcs[i]->to : p->arcs[i]->from);

		widest = columns > widest ? columns : widest;
	}
	return widest;
}

static void name(const struct piece *p, enum tl_state state, const struct tl_report_style *style,
		 struct tl_buf *out)
{
	bool marked = state == p->mark, bold = marked && style->color;

	tl_buf_fmt(out, "%s%s%s%s%s", bold ? "\033[1m" : "", marked ? "[" : "",
		   tl_state_figure(state), marked ? "]" : "", bold ? "\033[0m" : "");
}

/* In a narrow terminal: a state, the arrow, a state, each on a line. */
static void draw_apart(const struct piece *p, const struct tl_arc *arc,
		       const struct tl_report_style *style, struct tl_buf *out)
{
	tl_buf_str(out, "  ");
	name(p, arc->from, style, out);
	tl_buf_str(out, style->ascii ? "\n  -- " : "\n  ── ");
	label(p, arc, out);
	tl_buf_str(out, style->ascii ? "\n  -> " : "\n  ─▶ ");
	name(p, arc->to, style, out);
	tl_buf_str(out, "\n");
}

static void draw(const struct piece *p, const struct tl_report_style *style, struct tl_buf *out)
{
	int from = widest_name(p, false), text = widest_label(p);

	for (size_t i = 0; i < p->n; i++) {
		const struct tl_arc *arc = p->arcs[i];

		if (p->apart) {
			draw_apart(p, arc, style, out);
			continue;
		}
		tl_buf_str(out, "  ");
		name(p, arc->from, style, out);
		tl_buf_pad(out, ' ', from - name_columns(p, arc->from));
		tl_buf_str(out, style->ascii ? " -- " : " ── ");
		label(p, arc, out);
		tl_buf_str(out, " ");
		for (int j = label_columns(p, arc); j < text + 1; j++)
			tl_buf_str(out, style->ascii ? "-" : "─");
		tl_buf_str(out, style->ascii ? "> " : "▶ ");
		name(p, arc->to, style, out);
		tl_buf_str(out, "\n");
	}
}

static void add(struct piece *p, const struct tl_arc *arc)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->arcs[i] == arc)
			return;
	if (p->n < MOST)
		p->arcs[p->n++] = arc;
}

/* The arrows of the figure into a state and out of it, and the shortcut of its note 2. */
static void add_around(struct piece *p, enum tl_state state)
{
	size_t n;
	const struct tl_arc *arcs = tl_arcs(&n);

	for (int into = 1; into >= 0; into--)
		for (size_t i = 0; i < n; i++)
			if ((into ? arcs[i].to : arcs[i].from) == state &&
			    (arcs[i].kind == TL_ARC_DRAWN || &arcs[i] == tl_arc(TL_ARC_ID_N2)))
				add(p, &arcs[i]);
}

static bool fits(const struct piece *p, int width)
{
	return widest_name(p, false) + widest_label(p) + widest_name(p, true) + AROUND <= width;
}

void lab_figure(struct tl_buf *out, enum tl_state mark, const struct tl_arc *const *arcs,
		size_t n, const struct tl_report_style *style)
{
	struct piece p = { .mark = mark, .sends = true };

	for (size_t i = 0; i < n; i++)
		add(&p, arcs[i]);
	if (!n)
		add_around(&p, mark);
	p.sends = fits(&p, style->width);
	p.apart = !p.sends && !fits(&p, style->width);
	draw(&p, style, out);
}
