/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The diagram of RFC 9293 on the page, with what this run walked. */
#include "html.h"

#include "diagram.h"
#include "../words.h"

static const char *arc_class(void *arg, const struct tl_arc *arc, struct tl_buf *title,
			     struct tl_buf *href)
{
	const struct tl_html *page = arg;

	(void)title;
	(void)href;
	if (!page->report)
		return "";
	if (tl_report_walked(page->report->verdict, arc))
		return "walked";
	return arc->kind == TL_ARC_DRAWN ? "" : NULL; /* of the others those that are walked */
}

static const char *state_class(void *arg, enum tl_state state, struct tl_buf *who)
{
	const struct tl_html *page = arg;

	if (!page->report)
		return "";
	tl_html_who_briefly(who, page, state);
	return who->len ? "now" : "";
}

void tl_html_figure(struct tl_html *page)
{
	if (page->report)
		tl_world_rewind(&page->world);
	for (size_t i = 0; i < page->moments.n; i++)
		tl_world_step(&page->world, i);
	tl_diagram(&page->to, &(struct tl_diagram){
		.label = "The states of a TCP connection and the arrows between them, as in "
			 "Figure 5 of RFC 9293",
		.to = "#state-",
		.behind = "",
		.arc = arc_class,
		.state = state_class,
		.arg = page,
	});
}

void tl_html_to_figure(struct tl_html *page)
{
	tl_link(&page->to, NULL, "The figure of RFC 9293", "%sindex.html", page->book);
}
