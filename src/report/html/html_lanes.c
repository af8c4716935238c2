/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long each socket was in which state: lanes along a logarithmic axis of time. */
#include "html.h"

#include <math.h>
#include <string.h>

#include "../words.h"

#define MOST_LANES 40     /* of more sockets the rest is counted */
#define UNIT_NS    100000 /* the axis is linear below, so that it has a beginning */
#define SECOND_NS  1000000000ull

/* When a hop began: when its cause was there, else when it was first seen. False: not known. */
static bool begins(const struct tl_hop *hop, uint64_t *t_ns)
{
	const struct tl_event *ev = hop->cause ? hop->cause : hop->first;

	if (!ev && hop->state == TL_CLOSE)
		ev = hop->by;
	*t_ns = ev ? ev->t_ns : 0;
	return ev;
}

/* When it was over. Of what is not known by when the whole is not told. */
static bool ends(const struct tl_html *page, const struct tl_life *life, size_t k,
		 uint64_t *t_ns)
{
	const struct tl_trace *trace = page->report->trace;

	if (k + 1 < life->n_hops)
		return begins(&life->hops[k + 1], t_ns);
	*t_ns = trace->events[trace->n - 1].t_ns;
	return true;
}

static bool lasts(const struct tl_html *page, const struct tl_life *life, size_t k,
		  uint64_t *from, uint64_t *to)
{
	return life->hops[k].state != TL_CLOSE && (k || life->hops[k].kind == TL_HOP_OBSERVED) &&
	       begins(&life->hops[k], from) && ends(page, life, k, to) && *from <= *to;
}

/* The first connection begins the axis, else the first states have no room on it. */
static uint64_t axis_begins(const struct tl_html *page)
{
	const struct tl_verdict *verdict = page->report->verdict;
	const struct tl_trace *trace = page->report->trace;
	uint64_t first = UINT64_MAX, from, to;

	for (size_t i = 0; i < verdict->n_lives; i++)
		for (size_t k = 0; k < verdict->lives[i].n_hops; k++)
			if (verdict->lives[i].hops[k].state != TL_LISTEN &&
			    lasts(page, &verdict->lives[i], k, &from, &to) && from < first)
				first = from;
	return first < trace->events[trace->n - 1].t_ns ? first : 0;
}

static double along(uint64_t t_ns, uint64_t begin_ns)
{
	return t_ns > begin_ns ? log1p((double)(t_ns - begin_ns) / UNIT_NS) : 0;
}

/* Where on the axis, in per mille. */
static double place(const struct tl_html *page, uint64_t t_ns)
{
	const struct tl_trace *trace = page->report->trace;
	double whole = along(trace->events[trace->n - 1].t_ns, page->lanes_begin_ns);

	return whole > 0 ? 1000 * along(t_ns, page->lanes_begin_ns) / whole : 0;
}

static void percent(struct tl_markup *to, const char *name, double mille)
{
	tl_attrf(to, name, "%.2f%%", mille / 10);
}

static void bar(struct tl_html *page, const struct tl_hop *hop, uint64_t from, uint64_t to)
{
	double left = place(page, from), right = place(page, to);
	const char *name = tl_state_figure(hop->state);

	tl_open(&page->to, "rect");
	tl_attrf(&page->to, "class", "band s-%s", tl_state_name(hop->state));
	percent(&page->to, "x", left);
	percent(&page->to, "width", right - left < 2 ? 2 : right - left);
	tl_attr(&page->to, "height", "18");
	tl_close(&page->to);
	if (right - left < 10 * (double)strlen(name) + 10)
		return;
	tl_open(&page->to, "text");
	percent(&page->to, "x", left + 4);
	tl_attr(&page->to, "y", "13");
	tl_words(&page->to, name);
	tl_close(&page->to);
}

static void lane(struct tl_html *page, const struct tl_life *life)
{
	uint64_t from, to;

	tl_open(&page->to, "svg");
	tl_attr(&page->to, "width", "100%");
	tl_attr(&page->to, "height", "18");
	tl_attr(&page->to, "aria-hidden", "true");
	for (size_t k = 0; k < life->n_hops; k++)
		if (lasts(page, life, k, &from, &to))
			bar(page, &life->hops[k], from, to);
	tl_close(&page->to);
}

/*
 * A state, how long it lasted, and the chance that one of netstat's looks falls into it;
 * @goes_on: the run was over before
 */
static void state(struct tl_html *page, const struct tl_hop *hop, uint64_t ns, bool goes_on)
{
	struct tl_buf time = { 0 };

	tl_report_duration(&time, ns);
	tl_html_state(page, hop->state);
	tl_wordsf(&page->to, " %s", tl_buf_text(&time));
	if (goes_on)
		tl_words(&page->to, " to the end of the run");
	else if (ns >= SECOND_NS)
		tl_words(&page->to, " (seen)");
	else
		tl_wordsf(&page->to, " (1 look in %llu)",
			  (unsigned long long)(ns ? (SECOND_NS + ns / 2) / ns : SECOND_NS));
	page->to.failed |= time.failed;
	tl_buf_release(&time);
}

static void row(struct tl_html *page, size_t i)
{
	const struct tl_life *life = &page->report->verdict->lives[i];
	struct tl_buf owner = { 0 };
	uint64_t from, to;
	bool more = false;

	tl_report_life_owner(&owner, page->report, i);
	tl_open(&page->to, "tr");
	tl_isolated_in(&page->to, "th", NULL, tl_buf_text(&owner));
	tl_open(&page->to, "td");
	lane(page, life);
	tl_open(&page->to, "p");
	for (size_t k = 0; k < life->n_hops; k++)
		if (lasts(page, life, k, &from, &to)) {
			tl_words(&page->to, more ? " · " : "");
			state(page, &life->hops[k], to - from, k + 1 == life->n_hops);
			more = true;
		}
	tl_close(&page->to);
	tl_close(&page->to);
	tl_close(&page->to);
	page->to.failed |= owner.failed;
	tl_buf_release(&owner);
}

static void axis(struct tl_html *page)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} ticks[] = {
		{ 1000000, "1 ms" }, { 10000000, "10 ms" }, { 100000000, "0.1 s" },
		{ SECOND_NS, "1 s" }, { 10 * SECOND_NS, "10 s" }, { 60 * SECOND_NS, "1 min" },
		{ 600 * SECOND_NS, "10 min" },
	};

	tl_open_class(&page->to, "svg", "axis");
	tl_attr(&page->to, "width", "100%");
	tl_attr(&page->to, "height", "16");
	for (size_t i = 0; i < sizeof(ticks) / sizeof(ticks[0]); i++) {
		double at = place(page, page->lanes_begin_ns + ticks[i].ns);

		if (at > 1000)
			break;
		tl_open(&page->to, "text");
		percent(&page->to, "x", at);
		tl_attr(&page->to, "y", "12");
		tl_attr(&page->to, "text-anchor", at > 950 ? "end" : "middle");
		tl_words(&page->to, ticks[i].text);
		tl_close(&page->to);
	}
	tl_close(&page->to);
}

void tl_html_lanes(struct tl_html *page)
{
	size_t n = page->report->verdict->n_lives;

	if (!n || !page->report->trace->n)
		return;
	page->lanes_begin_ns = axis_begins(page);
	tl_open_class(&page->to, "section", "lanes");
	tl_element(&page->to, "h2", NULL, "How long each state lasted");
	tl_element(&page->to, "p", NULL,
		   "Time runs to the right from the first segment, on a logarithmic axis. "
		   "A state that the lab held or froze lasted as long as the lab did so. In "
		   "brackets: if netstat looks once a second, how many looks it takes on "
		   "average to see the state once.");
	tl_open_class(&page->to, "div", "wide");
	tl_open(&page->to, "table");
	for (size_t i = 0; i < n && i < MOST_LANES; i++)
		row(page, i);
	tl_open(&page->to, "tr");
	tl_element(&page->to, "th", NULL, "");
	tl_open(&page->to, "td");
	axis(page);
	tl_close(&page->to);
	tl_close(&page->to);
	tl_close(&page->to);
	tl_close(&page->to);
	if (n > MOST_LANES)
		tl_elementf(&page->to, "p", NULL, "%zu more sockets are in the JSON report.",
			    n - MOST_LANES);
	tl_close(&page->to);
}
