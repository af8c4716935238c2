/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Two items of "do" are not steps, but stand for several:
 *
 *   open: client to server       whatever is missing of start, listen, connect and accept
 *   repeat: 3, do: [...]         these steps three times; $n is 1, 2, 3 in them
 *
 * Both are written out before they are read: what follows sees steps alone, all of one
 * place in the text. A mistake in a repeated step is reported only for the first time round.
 */
#include "expand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scan.h"
#include "tcplab/grow.h"

/* As many as one phase may have; each is some hundred bytes of the plan and of the trace. */
#define STEPS_MOST 20000

static struct tl_step *add_step(struct scn_reader *r, const struct scn_node *at,
				struct tl_phase *phase)
{
	if (phase->n_steps == STEPS_MOST) {
		scn_mistake(r, at->at, "a phase has %d steps at most", STEPS_MOST);
		return NULL;
	}
	if (!TL_GROW(phase->steps, phase->n_steps)) {
		r->oom = true;
		return NULL;
	}
	phase->steps[phase->n_steps] = (struct tl_step){ 0 };
	return &phase->steps[phase->n_steps++];
}

static void read_one(struct scn_reader *r, const struct scn_node *node, struct tl_phase *phase)
{
	struct tl_step *step = add_step(r, node, phase);

	if (step)
		scn_read_step(r, node, step);
}

/* "+52000" or "-1" behind the n of "$(n+52000)"; 0 where there is none. */
static bool read_offset(const char **at, long *offset)
{
	char sign = **at;
	int digits = 0;

	*offset = 0;
	if (sign != '+' && sign != '-')
		return true;
	for (++*at; **at >= '0' && **at <= '9'; ++*at, digits++)
		*offset = 10 * *offset + (**at - '0');
	if (sign == '-')
		*offset = -*offset;
	return digits > 0 && digits < 10;
}

/* The counter at @at, "$n" or "$(n+52000)": how long it is written, 0 for none. */
static size_t find_counter(const char *at, long *offset)
{
	const char *from = at;

	*offset = 0;
	if (at[0] != '$')
		return 0;
	if (at[1] == 'n')
		return 2;
	if (at[1] != '(' || at[2] != 'n')
		return 0;
	at += 3;
	return read_offset(&at, offset) && *at == ')' ? (size_t)(at + 1 - from) : 0;
}

/* A scalar of nothing but a counter is a number then. */
static void count_in(struct scn_reader *r, const struct scn_node *node, long n,
		     struct scn_node *copy)
{
	struct tl_buf text = { 0 };
	bool whole = false;
	long offset;

	for (size_t at = 0; at < node->len;) {
		size_t len = find_counter(node->text + at, &offset);

		whole |= len == node->len;
		if (len)
			tl_buf_fmt(&text, "%ld", n + offset);
		else
			tl_buf_add(&text, node->text + at, 1);
		at += len ? len : 1;
	}
	copy->kind = whole ? SCN_NUMBER : node->kind;
	copy->len = text.len;
	copy->text = scn_take(r, &text);
}

/* A copy of a piece of the text, with the counter filled in (returned owned in @copy). */
static void fill_in(struct scn_reader *r, const struct scn_node *node, long n,
		    struct scn_node *copy)
{
	size_t items = node->kind == SCN_MAP ? 2 * node->n : node->n;

	*copy = (struct scn_node){ .kind = node->kind, .at = node->at };
	if (node->text && node->kind == SCN_TEXT && strchr(node->text, '$')) {
		count_in(r, node, n, copy);
	} else if (node->text) {
		copy->text = scn_strndup(r, node->text, node->len);
		copy->len = node->len;
	}
	if (!items)
		return;
	copy->items = scn_calloc(r, items, sizeof(*copy->items));
	for (size_t i = 0; copy->items && i < items; i++)
		fill_in(r, &node->items[i], n, &copy->items[i]);
	copy->n = copy->items ? node->n : 0;
}

static struct scn_node scalar(const struct scn_node *at, const char *text)
{
	return (struct scn_node){ .kind = SCN_TEXT, .at = at->at, .text = (char *)text,
				  .len = strlen(text) };
}

/*
 * The step { verb: words[0] }, or, of several, { verb: { words[0]: words[1], ... } }; @from, if
 * any, is the value of a further key of that name.
 */
static void write_step(struct scn_reader *r, const struct scn_node *at, struct tl_phase *phase,
		       const char *verb, const char *const *words, size_t n,
		       const struct scn_node *from)
{
	struct scn_node items[8], pair[2] = { scalar(at, verb), scalar(at, words[0]) };
	const struct scn_node step = { .kind = SCN_MAP, .at = at->at, .items = pair, .n = 1 };

	for (size_t i = 0; i < n; i++)
		items[i] = scalar(at, words[i]);
	if (from) {
		items[n++] = scalar(at, "from");
		items[n++] = *from;
	}
	if (n > 1)
		pair[1] = (struct scn_node){ .kind = SCN_MAP, .at = at->at, .items = items,
					     .n = n / 2 };
	read_one(r, &step, phase);
}

/* What the steps so far have made of an actor: does it run, does it listen? */
static void look_back(const struct tl_plan *plan, int actor, bool *runs, bool *listens)
{
	struct tl_step_at at = { 0 };
	const struct tl_step *step;

	*runs = *listens = false;
	while ((step = tl_plan_next_step(plan, &at))) {
		enum tl_makes makes = tl_verbs[step->verb].makes;

		if (step->actor != actor || !step->text)
			continue;
		if (step->verb == TL_VERB_LISTEN)
			*listens = true;
		if (makes == TL_MAKES_ENDED)
			*runs = *listens = false;
		else if (makes != TL_MAKES_NOTHING)
			*runs = true;
	}
}

/* What "open" names. */
struct opening {
	int client;
	int server;
	char *as;
	const struct scn_node *from; /* of the connect; borrowed from the text */
};

/* What it may be is the affair of a connect. */
static void read_from(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct opening *opening = into;

	(void)r;
	opening->from = node;
}

/* "client to server" */
static void read_ends(struct scn_reader *r, const struct scn_node *node, struct opening *opening)
{
	struct scn_scan s;
	struct scn_word by, to;

	if (!scn_scan_begin(&s, r, node, "open"))
		return;
	by = scn_scan_word(&s, "");
	if (!scn_scan_keyword(&s, "to", NULL)) {
		scn_mistake(r, node->at, "two actors are opened: write \"open: client to server\"");
		return;
	}
	to = scn_scan_word(&s, "");
	opening->client = scn_actor(r, by.text, by.len, by.at);
	opening->server = scn_actor(r, to.text, to.len, to.at);
	scn_scan_expect_end(&s, "further keys need { by: client, to: server, as: NAME }");
}

/* Whatever of it is missing; only a peer is told to listen and to accept. */
static void open_up(struct scn_reader *r, const struct scn_node *at,
		    const struct opening *opening, struct tl_phase *phase)
{
	const struct tl_actor_spec *actors = r->plan->actors;
	const char *client = actors[opening->client].name, *server = actors[opening->server].name;
	const char *connect[] = { "by", client, "to", server, "as", opening->as };
	const char *accept[] = { "by", server, "as", opening->as };
	size_t named = opening->as ? 2 : 0;
	bool peer = actors[opening->server].kind == TL_ACTOR_KIND_PEER;
	bool runs, listens;

	look_back(r->plan, opening->server, &runs, &listens);
	if (!runs)
		write_step(r, at, phase, "start", &server, 1, NULL);
	if (peer && !listens)
		write_step(r, at, phase, "listen", &server, 1, NULL);
	look_back(r->plan, opening->client, &runs, &listens);
	if (!runs)
		write_step(r, at, phase, "start", &client, 1, NULL);
	write_step(r, at, phase, "connect", connect, 4 + named, opening->from);
	if (peer)
		write_step(r, at, phase, "accept", named ? accept : &server, named ? 4 : 1, NULL);
}

static void read_open(struct scn_reader *r, const struct scn_node *map, struct tl_phase *phase)
{
	static const struct scn_key keys[] = {
		{ "by", true, SCN_INTO(struct opening, client, SCN_ACTOR) },
		{ "to", true, SCN_INTO(struct opening, server, SCN_ACTOR) },
		{ "as", false, SCN_INTO(struct opening, as, SCN_LINE) },
		{ "from", false, read_from },
	};
	const struct scn_node *node = scn_find(map, "open", NULL);
	struct opening opening = { -1, -1, NULL, NULL };
	size_t before = scn_trouble(r);

	if (map->n > 1)
		scn_mistake(r, map->items[2].at,
			    "a step has one verb: begin the next step with \"- \"");
	if (node->kind == SCN_MAP)
		SCN_READ_MAP(r, node, "an open", keys, &opening);
	else
		read_ends(r, node, &opening);
	if (scn_trouble(r) == before && opening.client >= 0 && opening.server >= 0)
		open_up(r, map, &opening, phase);
	else
		add_step(r, map, phase); /* one that could not be read */
	free(opening.as);
}

static void read_item(struct scn_reader *r, const struct scn_node *node, struct tl_phase *phase)
{
	if (node->kind == SCN_MAP && scn_find(node, "open", NULL))
		read_open(r, node, phase);
	else
		read_one(r, node, phase);
}

static void read_round(struct scn_reader *r, const struct scn_node *list, long n,
		       struct tl_phase *phase)
{
	struct scn_node copy;

	fill_in(r, list, n, &copy);
	for (size_t i = 0; i < copy.n && !r->oom; i++) {
		const struct scn_node *item = &copy.items[i];

		if (item->kind == SCN_MAP && scn_find(item, "repeat", NULL))
			scn_mistake(r, item->at, "a repeat cannot contain another");
		else
			read_item(r, item, phase);
	}
	scn_node_release(&copy);
}

static void read_repeat(struct scn_reader *r, const struct scn_node *map, struct tl_phase *phase)
{
	const struct scn_node *times = scn_find(map, "repeat", NULL);
	const struct scn_node *list = scn_find(map, "do", NULL);
	size_t before = scn_trouble(r);
	long n = 1;

	for (size_t i = 0; i < map->n; i++)
		if (&map->items[2 * i + 1] != times && &map->items[2 * i + 1] != list)
			scn_mistake(r, map->items[2 * i].at,
				    "\"repeat\" goes with \"do\" alone: { repeat: 3, do: [...] }");
	if (!list)
		scn_mistake(r, map->at, "the steps to repeat are missing: add \"do\"");
	scn_number(r, times, "repeat", 1, STEPS_MOST, &n);
	if (list && scn_is(r, list, SCN_LIST, "do"))
		for (long k = 1; k <= n && (k == 1 || scn_trouble(r) == before) && !r->oom; k++)
			read_round(r, list, k, phase);
	if (scn_trouble(r) != before)
		add_step(r, map, phase); /* one that could not be read */
}

void scn_read_do(struct scn_reader *r, const struct scn_node *list, struct tl_phase *phase)
{
	if (!scn_is(r, list, SCN_LIST, "do")) {
		add_step(r, list, phase); /* one that could not be read */
		return;
	}
	for (size_t i = 0; i < list->n && !r->oom; i++) {
		const struct scn_node *item = &list->items[i];

		if (item->kind == SCN_MAP && scn_find(item, "repeat", NULL))
			read_repeat(r, item, phase);
		else
			read_item(r, item, phase);
	}
}
