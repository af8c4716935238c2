/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks that were kept as one page with all in it. It reads without scripts, a section for each
 * look; the script shows one at a time. Names of processes are text that markup.c has escaped,
 * and the page's Content-Security-Policy runs nothing but the script of just these bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "looks_told.h"
#include "tcplab/host_words.h"
#include "tcplab/markup.h"
#include "tcplab/version.h"

/* The Makefile writes it: looks_css, looks_css_hash, looks_js, looks_js_hash. */
#include "looks_assets.inc"

/* Of one look so many groups and changes are shown; the JSON has all. */
enum { ROWS_MOST = 200 };

/* The page, and the table of sums that ends it, which grows with each look. */
struct page {
	struct tl_markup to;
	struct tl_markup sums;
};

static void head(struct tl_markup *to, const char *host)
{
	tl_head(to);
	tl_policy(to, looks_css_hash, looks_js_hash);
	tl_meta(to, "viewport", "width=device-width, initial-scale=1");
	tl_meta(to, "color-scheme", "light dark");
	tl_meta(to, "generator", "tcplab " TCPLAB_VERSION);
	tl_elementf(to, "title", NULL, "TCP sockets of %s", host);
	tl_open(to, "style");
	tl_raw(to, looks_css);
	tl_close(to);
	tl_close(to);
}

static void player(struct tl_markup *to)
{
	tl_open_class(to, "div", "player");
	tl_attr(to, "role", "group");
	tl_attr(to, "aria-label", "Looks");
	tl_attr(to, "hidden", "hidden");
	tl_button(to, "back", "The look before (left arrow)", "◀");
	tl_button(to, "next", "The next look (right arrow)", "▶");
	tl_range(to, "Look", 1);
	tl_close(to);
}

static void columns(struct tl_markup *to, const char *const *names)
{
	tl_open_class(to, "div", "scroll");
	tl_open(to, "table");
	tl_heads(to, names);
}

static void number(struct tl_markup *to, size_t n)
{
	tl_elementf(to, "td", "n", "%zu", n);
}

/* @text becomes a cell, and is emptied. */
static void cell(struct tl_markup *to, struct tl_buf *text)
{
	tl_element(to, "td", NULL, text->len ? tl_buf_text(text) : "");
	text->len = 0;
}

static void begin_sums(struct tl_markup *sums)
{
	static const char *names[TL_STATE_MAX + 2] = { "Look" };

	for (int state = 1; state < TL_STATE_MAX; state++)
		names[state] = tl_state_name(state);
	tl_element(sums, "h2", NULL, "All looks");
	columns(sums, names);
}

void tl_looks_html_begin(struct tl_looks_told *to, const struct tl_kept_look *first)
{
	struct page *page = calloc(1, sizeof(*page));

	to->own = page;
	if (!page) {
		to->out->failed = true;
		return;
	}
	tl_raw(&page->to, "<!DOCTYPE html>\n");
	tl_open(&page->to, "html");
	tl_attr(&page->to, "lang", "en");
	head(&page->to, first->told.host);
	tl_open(&page->to, "body");
	tl_open(&page->to, "h1");
	tl_words(&page->to, "TCP sockets of ");
	tl_isolated(&page->to, first->told.host);
	tl_close(&page->to);
	player(&page->to);
	begin_sums(&page->sums);
}

static void sums_row(struct tl_markup *to, size_t n, const struct tl_kept_look *look)
{
	tl_open(to, "tr");
	tl_attrf(to, "data-look", "%zu", n);
	tl_open(to, "td");
	tl_link(to, NULL, look->told.time ? look->told.time : "look", "#look-%zu", n);
	tl_close(to);
	for (int state = 1; state < TL_STATE_MAX; state++)
		number(to, look->look.count[state]);
	tl_close(to);
}

static void groups(struct tl_markup *to, const struct tl_host *look)
{
	static const char *const names[] = { "Rows", "State", "Whose", "Way", "Age",
					     "Looks wrong", NULL };
	struct tl_buf text = { 0 };

	if (!look->n) {
		tl_element(to, "p", "dim", "no TCP socket");
		return;
	}
	columns(to, names);
	for (size_t i = 0; i < look->n_groups && i < ROWS_MOST; i++) {
		const struct tl_group *group = &look->groups[i];
		const struct tl_rule *rule = tl_group_rule(look, group);

		tl_open(to, "tr");
		number(to, group->n);
		tl_element(to, "td", NULL, tl_state_name(group->state));
		tl_say_owner(&text, look, group);
		cell(to, &text);
		tl_say_way(&text, group);
		cell(to, &text);
		tl_say_age(&text, look, group);
		cell(to, &text);
		tl_element(to, "td", "bad", rule ? tl_lead(rule->lead)->id : "");
		tl_close(to);
	}
	tl_close(to);
	tl_close(to);
	if (look->n_groups > ROWS_MOST)
		tl_elementf(to, "p", NULL, "and %zu more groups", look->n_groups - ROWS_MOST);
	tl_buf_release(&text);
}

static void turn_of(struct tl_markup *to, const struct tl_turn *turn)
{
	struct tl_buf text = { 0 };
	size_t n = 0;

	tl_element(to, "h3", NULL, "Since the look before");
	tl_open(to, "ul");
	for (size_t i = 0; i < turn->n_moves; i++) {
		text.len = 0;
		tl_move_text(&turn->moves[i], &text);
		tl_element(to, "li", turn->moves[i].arcs < 0 ? "bad" : NULL, tl_buf_text(&text));
		n++;
	}
	for (size_t i = 0; i < turn->changes.n && n < ROWS_MOST; i++) {
		if (!turn->changes.v[i].added && !turn->changes.v[i].gone)
			continue;
		text.len = 0;
		tl_look_change_text(&turn->changes.v[i], turn->seconds, &text);
		tl_element(to, "li", NULL, tl_buf_text(&text));
		n++;
	}
	if (!n)
		tl_element(to, "li", "dim", "nothing came or went");
	tl_close(to);
	tl_buf_release(&text);
}

static void findings(struct tl_markup *to, const struct tl_diagnoses *found)
{
	if (!found->n)
		tl_element(to, "p", "dim", "Nothing looks wrong.");
	for (size_t i = 0; i < found->n; i++) {
		const struct tl_diagnosis *one = &found->v[i];

		tl_element(to, "h3", "bad", one->head);
		tl_open(to, "dl");
		for (size_t k = 0; k < one->n_remarks; k++) {
			tl_element(to, "dt", NULL, tl_remark_label(one->remarks[k].kind));
			tl_element(to, "dd", NULL, one->remarks[k].text);
		}
		tl_close(to);
	}
}

void tl_looks_html_look(struct tl_looks_told *to, const struct tl_kept_look *look,
			const struct tl_turn *turn)
{
	struct page *page = to->own;
	struct tl_markup *out;
	struct tl_buf text = { 0 };

	if (!page)
		return;
	out = &page->to;
	tl_open_class(out, "section", "look");
	tl_attrf(out, "id", "look-%zu", to->n);
	tl_open(out, "h2");
	tl_wordsf(out, "Look %zu", to->n);
	if (look->told.time)
		tl_wordsf(out, ", %s", look->told.time);
	if (look->told.network || to->places > 1) {
		tl_host_place(&look->told, &text);
		tl_words(out, ", ");
		tl_isolated(out, tl_buf_text(&text));
		text.len = 0;
	}
	tl_close(out);
	findings(out, &look->findings);
	if (turn)
		turn_of(out, turn);
	tl_element(out, "h3", NULL, "What is there");
	groups(out, &look->look);
	tl_host_not_seen(&look->look, &look->told, &text);
	if (text.len)
		tl_element(out, "p", "dim", tl_buf_text(&text));
	tl_close(out);
	sums_row(&page->sums, to->n, look);
	tl_buf_release(&text);
}

void tl_looks_html_end(struct tl_looks_told *to, const struct tl_kept_look *lasts)
{
	struct page *page = to->own;
	struct tl_buf sums = { 0 };
	struct tl_err err;

	(void)lasts;
	if (!page)
		return;
	if (tl_markup_finish(&page->sums, &sums, &err))
		to->out->failed = true;
	tl_raw(&page->to, tl_buf_text(&sums));
	tl_open(&page->to, "script");
	tl_raw(&page->to, looks_js);
	tl_close(&page->to);
	if (tl_markup_finish(&page->to, to->out, &err))
		to->out->failed = true;
	tl_markup_release(&page->to);
	tl_markup_release(&page->sums);
	tl_buf_release(&sums);
	free(page);
	to->own = NULL;
}
