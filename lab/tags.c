/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tags that scenarios have: what --skip and --only can name. */
#include <stdlib.h>
#include <string.h>

#include "suite.h"
#include "tcplab/grow.h"
#include "tcplab/near.h"
#include "tcplab/text.h"

static bool has(const struct lab_tags *tags, const char *tag)
{
	for (size_t i = 0; i < tags->n; i++)
		if (!strcmp(tags->names[i], tag))
			return true;
	return false;
}

void lab_tags_add(struct lab_tags *tags, const struct tl_plan *plan)
{
	for (size_t i = 0; i < plan->n_tags; i++) {
		if (has(tags, plan->tags[i]))
			continue;
		if (!TL_GROW(tags->names, tags->n))
			return;
		tags->names[tags->n] = strdup(plan->tags[i]);
		tags->n += tags->names[tags->n] != NULL;
	}
}

void lab_tags_release(struct lab_tags *tags)
{
	while (tags->n)
		free(tags->names[--tags->n]);
	free(tags->names);
	tags->names = NULL;
}

/* Those of the scenarios that come with the program: none of them need be among those named. */
static void add_shipped(struct lab_tags *tags)
{
	char **names;
	size_t n = lab_scenario_names(&names);

	for (size_t i = 0; i < n; i++) {
		struct tl_plan **plans;
		size_t n_plans = lab_load_all(names[i], &plans);

		for (size_t k = 0; k < n_plans; k++)
			lab_tags_add(tags, plans[k]);
		lab_free_plans(plans, n_plans);
	}
	lab_free_names(names, n);
}

static const char *nearest(const struct lab_tags *tags, const char *tag)
{
	const char *best = NULL;
	unsigned least = TL_NEAR_NONE;

	for (size_t i = 0; i < tags->n; i++)
		if (tl_near(tag, strlen(tag), tags->names[i], strlen(tags->names[i]), &least))
			best = tags->names[i];
	return best;
}

static void complain(const struct lab_tags *tags, const char *option, const char *tag)
{
	char quoted[TL_QUOTE_TEXT];
	const char *meant = nearest(tags, tag);
	struct tl_buf known = { 0 };

	for (size_t i = 0; !meant && i < tags->n; i++)
		tl_buf_fmt(&known, "%s%s", i ? ", " : "; there are: ", tags->names[i]);
	lab_complain("--%s: no scenario has the tag %s%s%s%s%s", option,
		     tl_text_quote_name(quoted, tag, strlen(tag)), tl_buf_text(&known),
		     meant ? ": did you mean " : "", meant ? meant : "", meant ? "?" : "");
	tl_buf_release(&known);
}

/* Is one of them not known, even with those of the shipped scenarios? */
static bool complains(struct lab_tags *tags, const char *option, const char *const *asked, size_t n)
{
	bool complained = false;

	for (size_t i = 0; i < n; i++) {
		if (has(tags, asked[i]))
			continue;
		if (!tags->all)
			add_shipped(tags);
		tags->all = true;
		if (has(tags, asked[i]))
			continue;
		complain(tags, option, asked[i]);
		complained = true;
	}
	return complained;
}

bool lab_tags_known(struct lab_tags *tags, const struct lab_options *options)
{
	bool skip = complains(tags, "skip", options->skip, options->n_skip);
	bool only = complains(tags, "only", options->only, options->n_only);

	return !skip && !only;
}
