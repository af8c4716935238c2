/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one step of the page says in words. */
#include "html.h"

#include "../words.h"
#include "tcplab/text.h"

void tl_html_state(struct tl_html *page, enum tl_state state)
{
	const struct tl_state_info *info = tl_state_info(state ? state : TL_CLOSE);

	if (!info)
		return;
	page->led.states |= 1u << info->state;
	tl_link(&page->to, NULL, state ? info->name : "CLOSED", "#state-%s", info->name);
}

size_t tl_html_look(const struct tl_html *page, int phase)
{
	for (size_t i = 0; i < page->moments.n; i++)
		if (page->moments.v[i].kind == TL_MOMENT_LOOK &&
		    page->moments.v[i].phase == phase)
			return i + 1;
	return 0;
}

/* The arc of RFC 9293 by which a state was reached, in words. */
static void arc(struct tl_html *page, const struct tl_life *life, size_t hop)
{
	const struct tl_arc *it = life->hops[hop].arc;
	struct tl_markup *to = &page->to;

	if (!it)
		return;
	tl_open(to, page->book ? "a" : "span"); /* a book has a page that tells the rest */
	tl_attr(to, "class", "arc-words");
	if (page->book)
		tl_attrf(to, "href", "%sarrow/%s.html", page->book, it->id);
	tl_wordsf(to, "%s%s%s%s%s: ", tl_life_proves(life, hop) ? "" : "not proved, but likely: ",
		  it->kind == TL_ARC_DRAWN ? "arrow " : "", it->id,
		  it->sends[0] ? ", sends " : "", it->sends);
	tl_element(to, "em", NULL, it->event);
	if (!page->book) {
		tl_words(to, ". ");
		tl_html_line(page, it->how);
		tl_words(to, it->differs ? " Linux: " : "");
		tl_html_line(page, it->differs ? it->differs : "");
	}
	tl_close(to);
}

/* A listener and an accepted socket are born in different places of the figure. */
static enum tl_state before(const struct tl_life *life, const struct tl_known *known)
{
	return known->was ? known->was : life->n_hops ? life->hops[0].state : TL_CLOSE;
}

/* And where it is now; 0: CLOSED. A request that a RST took back to LISTEN has no row either. */
static enum tl_state after(const struct tl_life *life, const struct tl_known *known)
{
	bool back = !known->state && known->hop && life->hops[known->hop].state == TL_LISTEN;

	return back ? TL_LISTEN : known->state;
}

static void arcs_walked(struct tl_html *page, const struct tl_known *known,
			const struct tl_life *life)
{
	struct tl_buf ids = { 0 };

	for (size_t k = known->hop_was + 1; k <= known->hop; k++)
		if (life->hops[k].arc)
			tl_buf_fmt(&ids, "%s%s", ids.len ? " " : "", life->hops[k].arc->id);
	tl_attr(&page->to, "data-arcs", tl_buf_text(&ids));
	tl_buf_release(&ids);
}

static void changed(struct tl_html *page, size_t i)
{
	const struct tl_known *known = &page->world.known[i];
	const struct tl_life *life = &page->moments.verdict->lives[i];
	struct tl_buf owner = { 0 };
	enum tl_state from = before(life, known), to = after(life, known);

	tl_report_owner(&owner, page->report->plan, page->moments.sockets[i].owner,
			page->moments.sockets[i].peer,
			&page->moments.sockets[i].first->sock.remote);
	tl_open(&page->to, "li");
	arcs_walked(page, known, life);
	tl_attr(&page->to, "data-who", tl_buf_text(&owner));
	tl_attr(&page->to, "data-from", tl_state_figure(from ? from : TL_CLOSE));
	tl_attr(&page->to, "data-to", tl_state_figure(to ? to : TL_CLOSE));
	tl_isolated(&page->to, tl_buf_text(&owner));
	tl_words(&page->to, ": ");
	tl_html_state(page, from == TL_CLOSE ? 0 : from);
	for (size_t k = known->hop_was + 1; k < known->hop; k++) {
		tl_words(&page->to, " → (");
		tl_html_state(page, life->hops[k].state);
		tl_words(&page->to, ")");
	}
	tl_words(&page->to, " → ");
	tl_html_state(page, to);
	for (size_t k = known->hop_was + 1; k <= known->hop; k++)
		arc(page, life, k);
	tl_close(&page->to);
	tl_buf_release(&owner);
}

#define MOST_CHANGES 1500 /* on the page */
#define MOST_AT_ONCE 100  /* in a look, and once there were so many */
#define MOST_THEN    5

static void changes(struct tl_html *page)
{
	const struct tl_world *world = &page->world;
	size_t most = page->changes < MOST_CHANGES ? MOST_AT_ONCE : MOST_THEN, n = 0;

	for (size_t k = 0; k < world->n_touched; k++) {
		if (!world->known[world->touched[k]].changed || n++ >= most)
			continue;
		if (n == 1) {
			tl_open_class(&page->to, "ul", "changes");
		}
		changed(page, world->touched[k]);
		page->changes++;
	}
	if (n > most)
		tl_elementf(&page->to, "li", NULL, "and %zu more", n - most);
	if (n)
		tl_close(&page->to);
}

/* "master, replica", and "replica ×3" where one has three sockets in it */
static void who_is_in(struct tl_buf *out, const struct tl_html *page, enum tl_state state)
{
	int n = (int)page->report->plan->n_actors;
	size_t start = out->len;

	/* those that are nobody's come last */
	for (int i = 0; i <= n; i++) {
		int owner = i == n ? -1 : i;
		size_t count = tl_world_in(&page->world, owner, state);

		if (!count)
			continue;
		tl_buf_fmt(out, "%s%s", out->len > start ? ", " : "",
			   owner < 0 ? "?" : page->report->plan->actors[owner].name);
		if (count > 1)
			tl_buf_fmt(out, " ×%zu", count);
	}
}

#define BOX 16 /* letters that fit into a box of the figure */

static size_t sockets_in(const struct tl_html *page, enum tl_state state)
{
	size_t n = 0;

	for (int owner = -1; owner < (int)page->report->plan->n_actors; owner++)
		n += tl_world_in(&page->world, owner, state);
	return n;
}

bool tl_html_who_briefly(struct tl_buf *out, const struct tl_html *page, enum tl_state state)
{
	struct tl_buf who = { 0 };
	bool whole;

	who_is_in(&who, page, state);
	whole = tl_buf_columns(&who) <= BOX;
	if (whole)
		tl_buf_str(out, tl_buf_text(&who));
	else
		tl_buf_fmt(out, "%zu sockets", sockets_in(page, state));
	out->failed |= who.failed;
	tl_buf_release(&who);
	return whole;
}

/* Every end's state in words, for readers and for the script that lights the figure. */
static void lit(struct tl_html *page)
{
	tl_open_class(&page->to, "ul", "lit");
	tl_attr(&page->to, "aria-label", "States now");
	for (enum tl_state state = 1; state < TL_STATE_MAX; state++) {
		struct tl_buf who = { 0 }, brief = { 0 };

		who_is_in(&who, page, state);
		if (who.len) {
			tl_open(&page->to, "li");
			tl_attr(&page->to, "data-state", tl_state_name(state));
			if (!tl_html_who_briefly(&brief, page, state))
				tl_attr(&page->to, "data-who", tl_buf_text(&brief));
			tl_element(&page->to, "bdi", NULL, tl_buf_text(&who));
			tl_words(&page->to, " ");
			tl_open(&page->to, "b");
			tl_attrf(&page->to, "class", "ink-%s", tl_state_name(state));
			tl_words(&page->to, tl_state_name(state));
			tl_close(&page->to);
			tl_close(&page->to);
		}
		tl_buf_release(&brief);
		tl_buf_release(&who);
	}
	tl_close(&page->to);
}

#define MOST_HELD 3 /* segments that are named */

/* What is on the wire now and does not move. */
static void held_now(struct tl_html *page, size_t now)
{
	struct tl_buf text = { 0 };
	size_t n = 0;

	for (size_t i = 0; i <= now; i++) {
		const struct tl_moment *moment = &page->moments.v[i];

		if (moment->until <= now || n++ >= MOST_HELD)
			continue;
		tl_buf_fmt(&text, "%s%s from %s", n == 1 ? "Held now: " : "; ",
			   moment->frame->name, tl_html_end(page, moment->frame, 0));
	}
	if (n > MOST_HELD)
		tl_buf_fmt(&text, "; and %zu more", n - MOST_HELD);
	if (n)
		tl_element(&page->to, "p", "held-now", tl_buf_text(&text));
	page->to.failed |= text.failed;
	tl_buf_release(&text);
}

/* After the last look of a phase: what its author has to say, and what went wrong. */
static void afterwords(struct tl_html *page, const struct tl_moment *moment)
{
	const struct tl_phase_verdict *verdict =
		&page->report->verdict->phases[moment->phase];
	const struct tl_phase *phase = &page->report->plan->phases[moment->phase];

	if (verdict->reason)
		tl_isolated_in(&page->to, "p", "bad", verdict->reason);
	tl_html_prose(page, "note", phase->note);
}

/* Where a moment begins for what programs write: a failure with what stands right before it. */
static const struct tl_event *begins(const struct tl_html *page, size_t i)
{
	const struct tl_trace *trace = page->report->trace;
	const struct tl_event *ev = trace->events + trace->n;

	if (i < page->moments.n)
		ev = page->moments.v[i].ev;
	if (i < page->moments.n && page->moments.v[i].kind == TL_MOMENT_TROUBLE)
		while (ev > trace->events && ev[-1].kind == TL_EVENT_OUTPUT)
			ev--;
	return ev;
}

static void written(struct tl_html *page, size_t i)
{
	const struct tl_event *end = begins(page, i + 1);

	for (const struct tl_event *ev = begins(page, i); ev < end; ev++) {
		if (ev->kind != TL_EVENT_OUTPUT)
			continue;
		tl_open_class(&page->to, "details", "written");
		tl_open(&page->to, "summary");
		tl_wordsf(&page->to, "%s wrote",
			  tl_plan_actor_name(page->report->plan, ev->output.actor));
		if (ev->output.left_out)
			tl_wordsf(&page->to, " %llu bytes, and then",
				  (unsigned long long)ev->output.left_out);
		tl_close(&page->to);
		tl_open(&page->to, "pre");
		tl_lines(&page->to, ev->output.text);
		tl_close(&page->to);
		tl_close(&page->to);
	}
}

/* Where the trace says so; of chatter, the last of it. */
static size_t line_of(const struct tl_html *page, const struct tl_moment *moment)
{
	return moment->ev - page->report->trace->events + 1;
}

static void where(struct tl_html *page, size_t i)
{
	const struct tl_moment *moment = &page->moments.v[i];
	struct tl_buf time = { 0 };

	tl_report_duration(&time, moment->ev->t_ns);
	tl_open_class(&page->to, "p", "where");
	tl_open(&page->to, "a");
	tl_attrf(&page->to, "href", "#step-%zu", i + 1);
	tl_wordsf(&page->to, "Step %zu of %zu", i + 1, page->moments.n);
	tl_close(&page->to);
	if (moment->phase >= 0)
		tl_wordsf(&page->to, " · phase %d", moment->phase + 1);
	tl_wordsf(&page->to, " · after %s", tl_buf_text(&time));
	if (!page->book) /* which has no traces */
		tl_wordsf(&page->to, " · line %zu of the trace", line_of(page, moment));
	tl_close(&page->to);
	tl_buf_release(&time);
}

/*
 * Of the many pages of a book none says a table again in which nothing has changed: there the
 * script shows the one before.
 */
static bool says_as_before(const struct tl_html *page, size_t i)
{
	const struct tl_world *world = &page->world;

	if (!page->book || !i || page->moments.v[i].kind == TL_MOMENT_LOOK ||
	    page->moments.v[i - 1].kind == TL_MOMENT_LOOK)
		return false;
	for (size_t k = 0; k < world->n_touched; k++)
		if (!tl_html_stands(page, world->touched[k]))
			return false;
	return true;
}

static void step(struct tl_html *page, size_t i)
{
	const struct tl_moment *moment = &page->moments.v[i];
	bool of_segment = moment->kind == TL_MOMENT_CAME || moment->kind == TL_MOMENT_LETGO;
	struct tl_buf title = { 0 };

	tl_html_title(&title, page, i);
	tl_open(&page->to, "section");
	tl_attrf(&page->to, "class", "step %s", tl_moment_name(moment->kind));
	tl_attrf(&page->to, "id", "step-%zu", i + 1);
	tl_attrf(&page->to, "data-phase", "%d", moment->phase);
	if (!page->book)
		tl_attrf(&page->to, "data-line", "%zu", line_of(page, moment));
	tl_attrf(&page->to, "aria-labelledby", "title-%zu", i + 1);
	where(page, i);
	tl_open(&page->to, "h3");
	tl_attrf(&page->to, "id", "title-%zu", i + 1);
	tl_isolated(&page->to, tl_buf_text(&title));
	tl_close(&page->to);
	tl_html_says(page, i);
	changes(page);
	if (of_segment)
		tl_html_header(page, moment->frame);
	held_now(page, i);
	if (says_as_before(page, i)) {
		tl_element(&page->to, "p", "as-before", "The table is as before.");
	} else {
		lit(page);
		tl_html_table(page, moment);
	}
	written(page, i);
	if (moment->kind == TL_MOMENT_LOOK)
		afterwords(page, moment);
	if (!i)
		tl_html_intro(page);
	tl_close(&page->to);
	tl_buf_release(&title);
}

void tl_html_steps(struct tl_html *page)
{
	tl_world_rewind(&page->world);
	for (size_t i = 0; i < page->moments.n; i++) {
		tl_world_step(&page->world, i);
		step(page, i);
	}
}
