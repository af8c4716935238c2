/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * netstat's columns, and below each row whose it is, what became of it, and whether it was
 * expected. Of a table in which little changes only what changed is told at every step: a
 * thousand rows in TIME_WAIT say no more than their number.
 */
#include "html.h"

#include <stdlib.h>

#include "../words.h"

/* How many rows that did not change are shown: in the table a phase ended on, at a step */
#define MOST_LOOK 400 /* between two looks, and where there are more than MANY steps. */
#define MOST_SAME 12
#define MOST_MANY 2
#define MANY	  150

/* Of those that did MOST_LOOK; once tables have had so many rows too many, few of either. */
#define MOST_ROWS 1500

/* A row to be shown, and where it comes from. */
struct shown {
	struct tl_row row;            /* first: tl_row_cmp() looks at it */
	size_t socket;
	const struct tl_known *known;
};

/* All but the state, which is written apart. */
static void netstat_cells(struct tl_markup *to, const struct tl_sock *sock)
{
	struct tl_netstat_cells cells;

	tl_report_netstat_cells(sock, &cells);
	const char *const texts[] = { cells.proto, cells.recvq, cells.sendq, cells.local,
				      cells.remote };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		tl_element(to, "td", NULL, texts[i]);
}

static void head_cell(struct tl_markup *to, const char *id, const char *name, bool leads)
{
	tl_open(to, "th");
	if (leads)
		tl_link(to, NULL, name, "#column-%s", id);
	else
		tl_words(to, name);
	tl_close(to);
}

/* On a page of a book the script finds by the first one what the others lead to. */
static void head(struct tl_html *page)
{
	bool leads = !page->book || !page->tables;
	struct tl_markup *to = &page->to;

	tl_open(to, "thead");
	tl_open(to, "tr");
#define X(id, name, meaning)                                                                 \
	page->led.columns |= (uint32_t)leads << TL_HTML_COLUMN_##id;                         \
	head_cell(to, #id, name, leads);
	TL_HTML_COLUMNS(X)
#undef X
	tl_close(to);
	tl_close(to);
	page->tables++;
}

/* Does the pattern say what the row does, and no more than that there are several? */
static bool says_the_row(const struct tl_pattern *pattern, const struct tl_row *row)
{
	return pattern->owner == row->owner && pattern->peer == row->peer &&
	       pattern->states == 1u << row->sock.state && !pattern->measured;
}

/* The pattern a row answers is told where it says other than the row. */
static void as_expected(struct tl_html *page, const struct tl_row *row,
			const struct tl_pattern *pattern)
{
	tl_open_class(&page->to, "span", "good");
	tl_words(&page->to, "✓ expected");
	if (!says_the_row(pattern, row)) {
		tl_words(&page->to, ": ");
		tl_isolated(&page->to, pattern->text);
	} else if (pattern->count > 1) {
		tl_wordsf(&page->to, ", one of %d", pattern->count);
	}
	tl_close(&page->to);
}

static void expected(struct tl_html *page, const struct tl_moment *moment,
		     const struct tl_row *row)
{
	const struct tl_phase *phase = &page->report->plan->phases[moment->phase];
	const struct tl_phase_verdict *verdict =
		&page->report->verdict->phases[moment->phase];
	int expect;

	if (!tl_phase_has_expectation(phase))
		return;
	for (size_t i = 0; i < verdict->look->snapshot.n; i++) {
		if (verdict->look->snapshot.rows[i].sock.cookie != row->sock.cookie ||
		    verdict->look->snapshot.rows[i].sock.state != row->sock.state)
			continue;
		expect = verdict->rows[i].expect;
		if (expect >= 0 && (size_t)expect < phase->n_expects) {
			as_expected(page, row, &phase->expects[expect]);
		} else {
			tl_element(&page->to, "span", phase->others_ignore ? "dim" : "bad",
				   phase->others_ignore ? "not asked for" :
				   "✗ unexpected row");
		}
		return;
	}
}

/* Whose a row is, and a way to what such a row means. */
static void whose(struct tl_html *page, enum tl_html_row row, const char *owner)
{
	static const char *const names[] = {
#define X(id, name, meaning) #id,
		TL_HTML_ROWS(X)
#undef X
	};
	struct tl_markup *to = &page->to;

	page->led.rows |= 1u << row;
	tl_open(to, "a");
	tl_attrf(to, "href", "#row-%s", names[row]);
	tl_isolated(to, owner);
	tl_close(to);
}

static void open_cell(struct tl_markup *to, const char *columns)
{
	tl_open(to, "td");
	tl_attr(to, "colspan", columns);
}

/* Below netstat's own line: what became of the row, and whose it is; its last cell stays open. */
static void begin_below(struct tl_html *page, const char *change, enum tl_html_row row,
			int owner, int peer, const struct tl_endpoint *remote)
{
	struct tl_buf text = { 0 };

	tl_report_owner(&text, page->report->plan, owner, peer, remote);
	tl_open_class(&page->to, "tr", "below");
	open_cell(&page->to, "3");
	if (*change)
		tl_element(&page->to, "span", "change", change);
	tl_close(&page->to);
	open_cell(&page->to, "3");
	whose(page, row, tl_buf_text(&text));
	tl_buf_release(&text);
}

static void remarks(struct tl_html *page, const struct tl_moment *moment,
		    const struct shown *shown, const struct tl_buf *changed)
{
	char note[TL_SOCK_NOTE];

	begin_below(page, tl_buf_text(changed),
		    shown->row.sock.state == TL_LISTEN ? TL_HTML_ROW_LISTENER : TL_HTML_ROW_END,
		    shown->row.owner, shown->row.peer, &shown->row.sock.remote);
	/* Between looks a state can be known that is newer than the queues beside it. */
	if (moment->kind == TL_MOMENT_LOOK && *tl_report_note(&shown->row.sock, note)) {
		tl_words(&page->to, " ");
		tl_element(&page->to, "span", "dim", note);
	}
	if (moment->kind == TL_MOMENT_LOOK) {
		tl_words(&page->to, " ");
		expected(page, moment, &shown->row);
	}
	tl_close(&page->to);
	tl_close(&page->to);
}

/* Which socket it is, for who reads the page with a program; a book is for people. */
static void cookie(struct tl_html *page, const struct tl_sock *sock)
{
	if (!page->book)
		tl_attrf(&page->to, "data-cookie", "%llu", (unsigned long long)sock->cookie);
}

static void row_class(struct tl_markup *to, const struct tl_known *known)
{
	if (known->changed || !known->fresh)
		tl_attrf(to, "class", "%s%s%s", known->changed ? "changed" : "",
			 known->changed && !known->fresh ? " " : "", known->fresh ? "" : "older");
}

static void table_row(struct tl_html *page, const struct tl_moment *moment,
		      const struct shown *shown)
{
	struct tl_buf changed = { 0 };

	tl_report_change(&changed, shown->known->changed, shown->known->was);
	tl_open(&page->to, "tbody");
	row_class(&page->to, shown->known);
	cookie(page, &shown->row.sock);
	tl_open(&page->to, "tr");
	netstat_cells(&page->to, &shown->row.sock);
	tl_open(&page->to, "td");
	tl_html_state(page, shown->row.sock.state);
	tl_close(&page->to);
	tl_close(&page->to);
	remarks(page, moment, shown, &changed);
	tl_close(&page->to);
	tl_buf_release(&changed);
}

/* Does a row say nothing new? In a look all are seen anew. */
static bool is_quiet(const struct tl_known *known, bool look)
{
	return !known->changed && (look || !known->fresh);
}

/* Does netstat print the same of both? Their states are another matter. */
static bool reads_alike(const struct tl_row *a, const struct tl_row *b)
{
	return a && b && tl_report_netstat_alike(&a->sock, &b->sock);
}

bool tl_html_stands(const struct tl_html *page, size_t socket)
{
	const struct tl_html_placed *placed = &page->placed[socket];
	const struct tl_known *known = &page->world.known[socket];

	return !known->changed && placed->table == page->tables &&
	       reads_alike(placed->row, known->row);
}

/*
 * Of a book: is a row the one of the table before, where it stood at *@at? It remembers where this
 * one stands.
 */
static bool stands_before(struct tl_html *page, const struct shown *shown, size_t here, size_t *at)
{
	struct tl_html_placed *placed = &page->placed[shown->socket];
	bool same = placed->table + 1 == page->tables && is_quiet(shown->known, false) &&
		    reads_alike(placed->row, shown->known->row);

	*at = placed->at;
	*placed = (struct tl_html_placed){ page->tables, here, shown->known->row };
	return same;
}

/* A book says a row once: where it stands as it stood, its script takes it from there. */
static void row_of_table(struct tl_html *page, const struct tl_moment *moment,
			 const struct shown *shown, size_t here)
{
	size_t at;

	if (!page->book || !stands_before(page, shown, here, &at) ||
	    moment->kind == TL_MOMENT_LOOK) {
		table_row(page, moment, shown);
		return;
	}
	tl_open(&page->to, "tbody");
	tl_attrf(&page->to, "data-as", "%zu", at);
	tl_close(&page->to);
}

static void gone_row(struct tl_html *page, const struct tl_moment *moment,
		     const struct tl_known *known, size_t socket)
{
	const struct tl_socket *it = &page->moments.sockets[socket];
	const struct tl_sock *sock = &it->first->sock;
	struct tl_buf words = { 0 };

	tl_report_gone(&words, page->report, moment->ev, sock, known->was);
	tl_open_class(&page->to, "tbody", "changed gone");
	cookie(page, sock);
	begin_below(page, "gone", TL_HTML_ROW_GONE, it->owner, it->peer, &sock->remote);
	tl_wordsf(&page->to, " %s", tl_buf_text(&words));
	tl_close(&page->to);
	tl_close(&page->to);
	tl_close(&page->to);
	tl_buf_release(&words);
}

/* What was expected and has no row, or too few. */
static void missing(struct tl_html *page, const struct tl_moment *moment)
{
	const struct tl_phase *phase = &page->report->plan->phases[moment->phase];
	const struct tl_phase_verdict *verdict =
		&page->report->verdict->phases[moment->phase];

	for (size_t i = 0; i < phase->n_expects; i++) {
		if (verdict->seen[i] >= phase->expects[i].count)
			continue;
		tl_open_class(&page->to, "tbody", "missing");
		tl_open(&page->to, "tr");
		open_cell(&page->to, "6");
		tl_words(&page->to, "✗ expected: ");
		tl_isolated(&page->to, phase->expects[i].text);
		tl_wordsf(&page->to, phase->expects[i].count == 1 ? ", and there is none" :
			  ", and there are %d", verdict->seen[i]);
		tl_close(&page->to);
		tl_close(&page->to);
		tl_close(&page->to);
	}
}

/* How many rows of either kind a table has room for. */
static size_t room(const struct tl_html *page, bool look)
{
	if (look && page->rows < MOST_ROWS)
		return MOST_LOOK;
	return !look && page->moments.n > MANY ? MOST_MANY : MOST_SAME;
}

/* The rows of a table that are shown, in netstat's order, and how many there are beside. */
struct picked {
	struct shown v[2 * MOST_LOOK];
	size_t n, more_quiet, more_loud;
};

static void collect(const struct tl_html *page, struct picked *picked, bool look)
{
	const struct tl_world *world = &page->world;
	size_t quiet = 0, loud = 0, most = room(page, look);
	size_t most_loud = page->rows < MOST_ROWS ? MOST_LOOK : MOST_SAME;

	for (size_t i = 0; i < world->top && quiet + loud < world->rows; i++) {
		const struct tl_known *known = &world->known[i];

		if (!known->row || (is_quiet(known, look) ? quiet++ >= most : loud++ >= most_loud))
			continue;
		picked->v[picked->n] = (struct shown){ *known->row, i, known };
		picked->v[picked->n].row.sock.state = known->state;
		picked->v[picked->n].row.owner = page->moments.sockets[i].owner;
		picked->v[picked->n++].row.peer = page->moments.sockets[i].peer;
	}
	picked->more_quiet = quiet > most ? quiet - most : 0;
	picked->more_loud = loud > most_loud ? loud - most_loud : 0;
	qsort(picked->v, picked->n, sizeof(*picked->v), tl_row_cmp);
}

static void rest(struct tl_markup *to, size_t n, const char *what)
{
	if (!n)
		return;
	tl_open(to, "tbody");
	tl_open(to, "tr");
	open_cell(to, "6");
	tl_attr(to, "class", "dim");
	tl_wordsf(to, "and %zu more row%s, %s", n, n == 1 ? "" : "s", what);
	tl_close(to);
	tl_close(to);
	tl_close(to);
}

static void gone_rows(struct tl_html *page, const struct tl_moment *moment)
{
	size_t n = 0, most = page->rows < MOST_ROWS ? MOST_LOOK : MOST_SAME;

	for (size_t k = 0; k < page->world.n_touched; k++) {
		size_t i = page->world.touched[k];
		const struct tl_known *known = &page->world.known[i];

		if (known->changed && !known->state && n++ < most)
			gone_row(page, moment, known, i);
	}
	rest(&page->to, n > most ? n - most : 0, "gone");
	page->rows += n < most ? n : most;
}

void tl_html_table(struct tl_html *page, const struct tl_moment *moment)
{
	struct picked *picked = calloc(1, sizeof(*picked));
	bool look = moment->kind == TL_MOMENT_LOOK;

	page->to.failed |= !picked;
	if (!picked)
		return;
	collect(page, picked, look);
	tl_open_class(&page->to, "table", "netstat");
	tl_element(&page->to, "caption", NULL, look ? "What netstat shows" :
		   "The table now (as last seen)");
	head(page);
	for (size_t i = 0; i < picked->n; i++)
		row_of_table(page, moment, &picked->v[i], i);
	rest(&page->to, picked->more_loud, "new or in another state");
	rest(&page->to, picked->more_quiet, "as before");
	page->rows += picked->n > MOST_SAME ? picked->n - MOST_SAME : 0;
	gone_rows(page, moment);
	if (look)
		missing(page, moment);
	tl_close(&page->to);
	if (!picked->n)
		tl_element(&page->to, "p", "dim", "The table has no row.");
	free(picked);
}
