/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The phases of a scenario. */
#include "expand.h"
#include "pattern.h"
#include "reader.h"

#include <string.h>

#define WITHIN_DEFAULT 5000000000ULL

static void read_title(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_phase *phase = into;

	phase->title = scn_text(r, node, "the title of a phase", SCN_ONE_LINE);
	if (!phase->title)
		return;
	for (struct tl_phase *other = r->plan->phases; other != phase; other++) {
		if (!other->title || strcmp(other->title, phase->title))
			continue;
		scn_mistake(r, node->at, "the phase in line %d already has this title",
			    other->where.line);
		return;
	}
}

static void read_do(struct scn_reader *r, const struct scn_node *node, void *into)
{
	scn_read_do(r, node, into);
}

static void read_expect(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_phase *phase = into;

	if (!scn_is(r, node, SCN_LIST, "expect"))
		return;
	phase->expects_empty = !node->n;
	phase->expects = scn_calloc(r, node->n, sizeof(*phase->expects));
	for (size_t i = 0; phase->expects && i < node->n; i++)
		scn_read_row(r, &node->items[i], &phase->expects[phase->n_expects++]);
}

static void read_others(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_phase *phase = into;

	phase->others_ignore = node->kind == SCN_TEXT && !strcmp(node->text, "ignore");
	if (!phase->others_ignore && node->kind != SCN_WRONG)
		scn_mistake(r, node->at,
			    "the only value of others is \"ignore\": leave the key "
			    "out to allow no other rows");
}

static void read_within(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_phase *phase = into;

	if (scn_duration(r, node, "within", &phase->within_ns) && !phase->within_ns)
		scn_mistake(r, node->at,
			    "within must be more than 0: the table is read until then");
}

/* Keys that say something of the expectation need one. */
static void check_expectation(struct scn_reader *r, const struct scn_node *node)
{
	static const char *const about[] = { "others", "within", "for" };
	struct scn_span at;

	if (scn_find(node, "expect", NULL))
		return;
	for (size_t i = 0; i < sizeof(about) / sizeof(about[0]); i++)
		if (scn_find(node, about[i], &at))
			scn_mistake(r, at,
				    "%s is about expect, which this phase does not have",
				    about[i]);
}

static void read_phase(struct scn_reader *r, const struct scn_node *node,
		       struct tl_phase *phase)
{
	static const struct scn_key keys[] = {
		{ "phase", true, read_title },
		{ "do", false, read_do },
		{ "expect", false, read_expect },
		{ "others", false, read_others },
		{ "within", false, read_within },
		{ "for", false, SCN_INTO(struct tl_phase, for_ns, SCN_TIME) },
		{ "note", false, SCN_INTO(struct tl_phase, note, SCN_LINES) },
	};

	phase->within_ns = WITHIN_DEFAULT;
	phase->where = scn_where(&r->src, node->at.at);
	if (SCN_READ_MAP(r, node, "a phase", keys, phase))
		check_expectation(r, node);
}

void scn_read_phases(struct scn_reader *r, const struct scn_node *list, void *unused)
{
	struct tl_plan *plan = r->plan;

	(void)unused;
	if (!scn_is(r, list, SCN_LIST, "phases"))
		return;
	if (!list->n)
		scn_mistake(r, list->at, "a scenario needs at least one phase");
	plan->phases = scn_calloc(r, list->n, sizeof(*plan->phases));
	for (size_t i = 0; plan->phases && i < list->n; i++)
		read_phase(r, &list->items[i], &plan->phases[plan->n_phases++]);
}
