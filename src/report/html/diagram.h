/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: RFC 9293's Figure 5 as an SVG. */
#ifndef TCPLAB_REPORT_DIAGRAM_H
#define TCPLAB_REPORT_DIAGRAM_H

#include "tcplab/markup.h"
#include "tcplab/state.h"

/* What a page makes of the figure. All borrowed. */
struct tl_diagram {
	const char *label;  /* what it shows, for who does not see it */
	bool brief;         /* an arc's title names it, and does not explain it */
	const char *to;     /* a state leads to this, its name, and */
	const char *behind; /* this: "#state-", ""; NULL: nowhere */
	/*
	 * The classes of an arc beside the figure's own, "" for none; NULL: it is left out. What
	 * it appends to @title is told when a pointer rests on the arc, and @href is where that
	 * leads.
	 */
	const char *(*arc)(void *arg, const struct tl_arc *arc, struct tl_buf *title,
			   struct tl_buf *href);
	/* The same of a state, or NULL; what it appends to @who stands below the state's name. */
	const char *(*state)(void *arg, enum tl_state state, struct tl_buf *who);
	void *arg;
};

/*
 * tl_arrow_head - write the <marker> of an arrow's head, "@id-@kind"
 * @size: of the square that @path is drawn in; @tip: where its tip is, from the left
 */
void tl_arrow_head(struct tl_markup *to, const char *id, const char *kind, int size, int tip,
		   const char *path);

/*
 * tl_diagram - write the figure: an <svg class="figure">
 *
 * An arc of tl_arcs() is in it as <g class="arc KIND ..." data-arc="ID">: those of the
 * figure and its notes as they are drawn there, the others, which all lead to CLOSED, as a
 * stub at the state they leave. A state is <g class="node s-NAME ..." data-state="NAME">.
 * Colours are the style sheet's (html/page.css), which also leaves out the
 * arcs that are not arrows of Figure 5 unless they have class "walked".
 *
 * Source: RFC 9293 3.3.2, Figure 5 and its notes.
 */
void tl_diagram(struct tl_markup *to, const struct tl_diagram *how);

#endif
