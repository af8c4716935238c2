/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Patterns of rows: "replica -> master TIME_WAIT x2". */
#include "measure.h"
#include "pattern.h"
#include "scan.h"

#include <string.h>

#define COUNT_MOST 100000

static int read_actor(struct scn_scan *s, const char *shape)
{
	struct scn_word w = scn_scan_actor(s);

	if (!w.len) {
		scn_mistake(s->r, w.at, "an actor is missing here, %s", shape);
		return -1;
	}
	if (tl_state_parse(w.text, w.len)) {
		scn_mistake(s->r, w.at, "%s is a state: an actor comes first, %s",
			    SCN_QUOTE_NAME(w.text, w.len), shape);
		s->at = s->node->len; /* what follows a state makes no sense here */
		return -1;
	}
	return scn_actor(s->r, w.text, w.len, w.at);
}

static void read_ends(struct scn_scan *s, struct tl_pattern *row, const char *shape)
{
	row->owner = read_actor(s, shape);
	if (scn_scan_sign(s, "->"))
		row->peer = read_actor(s, shape);
}

/* "server <- client", "server to client": which way the row looks has one sign. */
static bool is_other_arrow(const struct scn_word *w)
{
	static const char *const arrows[] = { "to", "<-", "<->", "=>", "-",   "--",
					     ">",  "-->", "<=>", "→", "⇒", "—>" };

	for (size_t i = 0; i < sizeof(arrows) / sizeof(arrows[0]); i++)
		if (scn_word_is(w, arrows[i]))
			return true;
	return false;
}

static void unknown_state(struct scn_scan *s, const struct scn_word *w)
{
	struct scn_unknown u = { .word = w->text, .len = w->len, .words = SCN_VALUES };

	for (int state = 1; state < TL_STATE_MAX; state++)
		if (state != TL_CLOSE)
			scn_unknown_try(&u, tl_state_name(state));
	scn_unknown_report(s->r, &u, w->at, "state");
}

/* "server client CLOSE_WAIT" */
static bool is_actor(const struct scn_scan *s, const struct scn_word *w)
{
	const struct tl_plan *plan = s->r->plan;

	for (size_t i = 0; i < plan->n_actors; i++)
		if (scn_word_is(w, plan->actors[i].name))
			return true;
	return false;
}

/* One state, checked against what is known of the row so far; 0 after a mistake. */
static enum tl_state read_state(struct scn_scan *s, const struct tl_pattern *row,
				const char *signs, struct scn_word *w)
{
	enum tl_state state;
	const char *say;

	*w = scn_scan_word(s, signs);
	state = tl_state_parse(w->text, w->len);
	if (!state && scn_is_synonym(SCN_VALUES, w->text, w->len, "CLOSED", &say))
		state = TL_CLOSE;
	if (!w->len)
		scn_mistake(s->r, w->at, "a state is missing here, such as ESTABLISHED");
	else if (!state && row->peer < 0 && is_other_arrow(w))
		scn_mistake(s->r, w->at,
			    "%s is not an arrow: a row looks from its owner to the other end, "
			    "as in \"master -> replica ESTABLISHED\"",
			    SCN_QUOTE_NAME(w->text, w->len));
	else if (!state && row->peer < 0 && is_actor(s, w))
		scn_mistake(s->r, w->at,
			    "\"->\" is missing before %s: a row looks from its owner to the "
			    "other end, as in \"master -> replica ESTABLISHED\"",
			    SCN_QUOTE_NAME(w->text, w->len));
	else if (!state && tl_state_parse(w->text, w->len - 1))
		scn_mistake(s->r, w->at,
			    "unexpected \"%c\": a row in one of two states is "
			    "\"FIN_WAIT1|FIN_WAIT2\"",
			    w->text[w->len - 1]);
	else if (!state)
		unknown_state(s, w);
	else if (state == TL_CLOSE)
		scn_mistake(s->r, w->at,
			    "a closed connection has no row in the table and cannot be seen "
			    "there: leave it out");
	else if (state == TL_LISTEN && row->owner >= 0 && row->peer >= 0)
		scn_mistake(s->r, w->at, "a listener has no peer: write \"%s LISTEN\"",
			    tl_plan_actor_name(s->r->plan, row->owner));
	else
		return state;
	return 0;
}

static void read_states(struct scn_scan *s, struct tl_pattern *row)
{
	struct scn_word w;

	do {
		enum tl_state state = read_state(s, row, "|", &w);

		if (state && (row->states & (1u << state)))
			scn_mistake(s->r, w.at, "%s is named twice", tl_state_name(state));
		row->states |= 1u << state;
	} while (scn_scan_sign(s, "|"));
	row->states &= ~1u;
}

static void read_count(struct scn_scan *s, struct tl_pattern *row, const struct scn_word *w)
{
	row->count = scn_word_number(w, COUNT_MOST);
	if (!row->count)
		scn_mistake(s->r, w->at, "%s is not a count: write x2 for two, up to x%d",
			    SCN_QUOTE_NAME(w->text, w->len), COUNT_MOST);
}

/* What follows the states is told apart by its first word. */
static void read_rest(struct scn_scan *s, struct tl_pattern *row)
{
	struct scn_word w;

	while (!scn_scan_failed(s) && !scn_scan_at_end(s)) {
		w = scn_scan_word(s, "");
		if (w.text[0] == 'x') {
			read_count(s, row, &w);
			return;
		}
		if (scn_read_measure(s, row, &w))
			continue;
		if (scn_mistaken_measure(s, &w))
			return;
		scn_mistake(s->r, w.at,
			    "unexpected %s after the state: a row is \"actor -> actor "
			    "STATE\", or \"STATE|STATE\", or \"STATE recv-q >0\", or \"STATE "
			    "x2\"",
			    SCN_QUOTE_NAME(w.text, w.len));
	}
}

static void spell_ends(const struct scn_scan *s, const struct tl_pattern *row,
		       struct tl_buf *out)
{
	tl_buf_str(out, tl_plan_actor_name(s->r->plan, row->owner));
	if (row->peer >= 0)
		tl_buf_fmt(out, " -> %s", tl_plan_actor_name(s->r->plan, row->peer));
}

static void spell_states(const struct tl_pattern *row, struct tl_buf *out)
{
	const char *between = " ";

	for (int state = 1; state < TL_STATE_MAX; state++) {
		if (!(row->states & (1u << state)))
			continue;
		tl_buf_fmt(out, "%s%s", between, tl_state_name(state));
		between = "|";
	}
	scn_spell_measures(row, out);
	if (row->count != 1)
		tl_buf_fmt(out, " x%d", row->count);
}

static bool begin(struct scn_scan *s, struct scn_reader *r, const struct scn_node *node,
		  const char *what, struct tl_pattern *row)
{
	*row = (struct tl_pattern){ .owner = -1, .peer = -1, .count = 1 };
	if (!scn_scan_begin(s, r, node, what))
		return false;
	row->where = scn_where(&r->src, node->at.at);
	return true;
}

void scn_read_row(struct scn_reader *r, const struct scn_node *node, struct tl_pattern *row)
{
	struct tl_buf spelt = { 0 };
	struct scn_scan s;

	if (!begin(&s, r, node, "a row", row))
		return;
	read_ends(&s, row, "as in \"master LISTEN\"");
	if (!scn_scan_failed(&s) || !scn_scan_at_end(&s))
		read_states(&s, row);
	read_rest(&s, row);
	if (!scn_scan_failed(&s))
		scn_scan_expect_end(&s, "nothing follows the count of rows");
	if (scn_scan_failed(&s))
		return;
	spell_ends(&s, row, &spelt);
	spell_states(row, &spelt);
	row->text = scn_take(r, &spelt);
}

/* @both: the other end has to be named as well */
static void read_actors(struct scn_reader *r, const struct scn_node *node, struct tl_pattern *row,
			const char *what, bool both, const char *shape)
{
	struct tl_buf spelt = { 0 };
	struct scn_scan s;

	if (!begin(&s, r, node, what, row))
		return;
	read_ends(&s, row, both ? "as in \"master -> replica\"" : "as in \"silent: master\"");
	if (!scn_scan_failed(&s) && row->peer < 0 && both)
		scn_mistake(r, node->at,
			    "a connection has two ends, as in \"master -> replica\"");
	if (!scn_scan_failed(&s))
		scn_scan_expect_end(&s, shape);
	if (scn_scan_failed(&s))
		return;
	spell_ends(&s, row, &spelt);
	row->text = scn_take(r, &spelt);
}

void scn_read_ends(struct scn_reader *r, const struct scn_node *node, struct tl_pattern *row)
{
	read_actors(r, node, row, "a connection", true,
		    "a connection is two actors, as in \"master -> replica\"");
}

void scn_read_sender(struct scn_reader *r, const struct scn_node *node, struct tl_pattern *row)
{
	read_actors(r, node, row, "silent", false,
		    "silent is an actor, or \"master -> replica\": to whom it sends nothing");
}

void scn_read_life(struct scn_reader *r, const struct scn_node *node, struct tl_pattern *row,
		   enum tl_state **states, size_t *n, int *count_out)
{
	struct tl_buf spelt = { 0 };
	struct scn_word w;
	struct scn_scan s;

	if (!begin(&s, r, node, "an order", row))
		return;
	*states = scn_calloc(r, node->len, sizeof(**states));
	if (!*states)
		return;
	read_ends(&s, row, "as in \"master ESTABLISHED, TIME_WAIT\"");
	if (scn_scan_failed(&s) && scn_scan_at_end(&s))
		return;
	if (!scn_scan_failed(&s))
		spell_ends(&s, row, &spelt);
	do {
		enum tl_state state = read_state(&s, row, ",", &w);

		if (*n && state && state == (*states)[*n - 1])
			scn_mistake(r, w.at, "%s comes twice in succession", tl_state_name(state));
		tl_buf_fmt(&spelt, "%s%s", *n ? ", " : " ", tl_state_name(state));
		(*states)[(*n)++] = state;
	} while (scn_scan_sign(&s, ","));
	if (!scn_scan_failed(&s) && !scn_scan_at_end(&s) && node->text[s.at] == 'x') {
		w = scn_scan_word(&s, "");
		read_count(&s, row, &w);
		*count_out = row->count;
		tl_buf_fmt(&spelt, " x%d", row->count);
	}
	if (!scn_scan_failed(&s))
		scn_scan_expect_end(&s, "put a comma between two states");
	row->text = scn_take(r, &spelt);
}
