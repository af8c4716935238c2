/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pattern.h"

#include <string.h>

#define COUNT_MOST 1000

/* Going through the words of one scalar. @failed: a mistake was reported. */
struct scan {
	struct scn_reader *r;
	const struct scn_node *node;
	size_t at;
	bool failed;
};

/* A piece of the scalar: @text points into it. */
struct word {
	const char *text;
	size_t len;
	struct scn_span at;
};

#define BLANKS " \t\n"

static void skip_blanks(struct scan *s)
{
	s->at += strspn(s->node->text + s->at, BLANKS);
}

/* The next @len bytes as a word. */
static struct word take(struct scan *s, size_t len)
{
	struct word w = {
		.text = s->node->text + s->at,
		.len = len,
		.at = scn_inside(s->r, s->node, s->at, len),
	};

	s->at += len;
	return w;
}

static bool take_sign(struct scan *s, const char *sign)
{
	skip_blanks(s);
	if (strncmp(s->node->text + s->at, sign, strlen(sign)))
		return false;
	take(s, strlen(sign));
	return true;
}

static bool at_end(struct scan *s)
{
	skip_blanks(s);
	return s->at == s->node->len;
}

/* Up to the next blank or to one of @signs. */
static struct word take_word(struct scan *s, const char *signs)
{
	const char *text;
	size_t len = 0;

	skip_blanks(s);
	text = s->node->text + s->at;
	while (text[len] && !strchr(BLANKS, text[len]) && !strchr(signs, text[len]))
		len++;
	return take(s, len);
}

/* Up to the next blank or arrow. Actors' names may hold a '-', but not before a '>'. */
static struct word take_actor(struct scan *s)
{
	const char *text;
	size_t len = 0;

	skip_blanks(s);
	text = s->node->text + s->at;
	while (text[len] && !strchr(BLANKS, text[len]) && strncmp(text + len, "->", 2))
		len++;
	return take(s, len);
}

static int fail(struct scan *s)
{
	s->failed = true;
	return -1;
}

static int read_actor(struct scan *s, const char *shape)
{
	struct word w = take_actor(s);
	int actor;

	if (!w.len) {
		scn_mistake(s->r, w.at, "an actor is missing here, %s", shape);
		return fail(s);
	}
	if (tl_state_parse(w.text, w.len)) {
		scn_mistake(s->r, w.at, "%s is a state: an actor comes first, %s",
			    SCN_QUOTE(w.text, w.len), shape);
		s->at = s->node->len; /* what follows a state makes no sense here */
		return fail(s);
	}
	actor = scn_actor(s->r, w.text, w.len, w.at);
	return actor < 0 ? fail(s) : actor;
}

static void read_ends(struct scan *s, struct tl_pattern *row, const char *shape)
{
	row->owner = read_actor(s, shape);
	if (take_sign(s, "->"))
		row->peer = read_actor(s, shape);
}

static void unknown_state(struct scan *s, const struct word *w)
{
	struct scn_unknown u = { .word = w->text, .len = w->len };

	for (int state = 1; state < TL_STATE_MAX; state++)
		if (state != TL_CLOSE)
			scn_unknown_try(&u, tl_state_name(state));
	scn_unknown_report(s->r, &u, w->at, "state");
}

/* One state, checked against what is known of the row so far; 0 after a mistake. */
static enum tl_state read_state(struct scan *s, const struct tl_pattern *row, const char *signs,
				struct word *w)
{
	enum tl_state state;

	*w = take_word(s, signs);
	state = tl_state_parse(w->text, w->len);
	if (!w->len)
		scn_mistake(s->r, w->at, "a state is missing here, such as ESTABLISHED");
	else if (!state)
		unknown_state(s, w);
	else if (state == TL_CLOSE)
		scn_mistake(s->r, w->at,
			    "a closed connection has no row in the table, and cannot be seen "
			    "there: leave it out");
	else if (state == TL_LISTEN && row->owner >= 0 && row->peer >= 0)
		scn_mistake(s->r, w->at, "a listener has no peer: write \"%s LISTEN\"",
			    tl_plan_actor_name(s->r->plan, row->owner));
	else
		return state;
	fail(s);
	return 0;
}

static void read_states(struct scan *s, struct tl_pattern *row)
{
	struct word w;

	do {
		enum tl_state state = read_state(s, row, "|", &w);

		if (state && (row->states & (1u << state))) {
			scn_mistake(s->r, w.at, "%s is named twice", tl_state_name(state));
			fail(s);
		}
		row->states |= 1u << state;
	} while (take_sign(s, "|"));
	row->states &= ~1u;
}

/* The number behind an 'x', 0 where it is none or out of bounds. */
static int count(const struct word *w)
{
	int n = 0;

	for (size_t i = 1; i < w->len; i++) {
		if (w->text[i] < '0' || w->text[i] > '9' || n > COUNT_MOST)
			return 0;
		n = 10 * n + w->text[i] - '0';
	}
	return n > COUNT_MOST ? 0 : n;
}

static void read_count(struct scan *s, struct tl_pattern *row)
{
	struct word w = take_word(s, "");

	if (w.text[0] != 'x') {
		scn_mistake(s->r, w.at,
			    "unexpected %s behind the state: a row is "
			    "\"actor -> actor STATE\", or \"STATE|STATE\", or \"STATE x2\"",
			    SCN_QUOTE(w.text, w.len));
		fail(s);
		return;
	}
	row->count = count(&w);
	if (row->count)
		return;
	scn_mistake(s->r, w.at, "%s is no count of rows: write x2 for two, up to x%d",
		    SCN_QUOTE(w.text, w.len), COUNT_MOST);
	fail(s);
}

static void expect_end(struct scan *s, const char *shape)
{
	struct word rest;

	if (s->failed || at_end(s))
		return;
	rest = take(s, s->node->len - s->at);
	scn_mistake(s->r, rest.at, "unexpected %s: %s", SCN_QUOTE(rest.text, rest.len), shape);
	fail(s);
}

static void spell_ends(const struct scan *s, const struct tl_pattern *row, struct tl_buf *out)
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
	if (row->count != 1)
		tl_buf_fmt(out, " x%d", row->count);
}

/* Begin with a scalar: is it text at all? */
static bool begin(struct scan *s, struct scn_reader *r, const struct scn_node *node,
		  const char *what, struct tl_pattern *row)
{
	*s = (struct scan){ .r = r, .node = node };
	*row = (struct tl_pattern){ .owner = -1, .peer = -1, .count = 1 };
	if (!scn_is(r, node, SCN_TEXT, what))
		return false;
	if (strlen(node->text) != node->len) {
		scn_mistake(r, node->at, "%s must hold no NUL byte", what);
		return false;
	}
	row->where = scn_where(&r->src, node->at.at);
	return true;
}

void scn_read_row(struct scn_reader *r, const struct scn_node *node, struct tl_pattern *row)
{
	struct tl_buf spelt = { 0 };
	struct scan s;

	if (!begin(&s, r, node, "a row", row))
		return;
	read_ends(&s, row, "as in \"master LISTEN\"");
	if (!s.failed || !at_end(&s))
		read_states(&s, row);
	if (!s.failed && !at_end(&s))
		read_count(&s, row);
	expect_end(&s, "nothing follows the count of rows");
	if (s.failed)
		return;
	spell_ends(&s, row, &spelt);
	spell_states(row, &spelt);
	row->text = scn_take(r, &spelt);
}

void scn_read_ends(struct scn_reader *r, const struct scn_node *node, struct tl_pattern *row)
{
	struct tl_buf spelt = { 0 };
	struct scan s;

	if (!begin(&s, r, node, "a connection", row))
		return;
	read_ends(&s, row, "as in \"master -> replica\"");
	if (!s.failed && row->peer < 0) {
		scn_mistake(r, node->at,
			    "a connection has two ends, as in \"master -> replica\"");
		fail(&s);
	}
	expect_end(&s, "a connection is two actors, as in \"master -> replica\"");
	if (s.failed)
		return;
	spell_ends(&s, row, &spelt);
	row->text = scn_take(r, &spelt);
}

void scn_read_life(struct scn_reader *r, const struct scn_node *node, struct tl_pattern *row,
		   enum tl_state **states, size_t *n)
{
	struct tl_buf spelt = { 0 };
	struct word w;
	struct scan s;

	if (!begin(&s, r, node, "an order", row))
		return;
	*states = scn_calloc(r, node->len, sizeof(**states));
	if (!*states)
		return;
	read_ends(&s, row, "as in \"master ESTABLISHED, TIME_WAIT\"");
	if (s.failed && at_end(&s))
		return;
	if (!s.failed)
		spell_ends(&s, row, &spelt);
	do {
		enum tl_state state = read_state(&s, row, ",", &w);

		if (*n && state && state == (*states)[*n - 1]) {
			scn_mistake(r, w.at, "%s comes twice in a row", tl_state_name(state));
			fail(&s);
		}
		tl_buf_fmt(&spelt, "%s%s", *n ? ", " : " ", tl_state_name(state));
		(*states)[(*n)++] = state;
	} while (take_sign(&s, ","));
	expect_end(&s, "put a comma between two states");
	row->text = scn_take(r, &spelt);
}
