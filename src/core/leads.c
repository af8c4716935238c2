/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a diagnosis of a host to the scenarios that show it, and back. */
#include "tcplab/leads.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct tl_lead leads[] = {
#define X(id, name, ask, scenarios) [TL_LEAD_##id] = { name, ask, "why " ask, scenarios },
	TL_LEADS(X)
#undef X
};

const struct tl_lead *tl_lead(enum tl_lead_id id)
{
	return &leads[id];
}

/* Is the word of @len bytes one of the list's? */
static bool has_word(const char *list, const char *word, size_t len)
{
	for (; *list; list += strspn(list, " ")) {
		size_t one = strcspn(list, " ");

		if (one == len && !memcmp(list, word, len))
			return true;
		list += one;
	}
	return false;
}

const struct tl_lead *tl_lead_from(const char *scenarios)
{
	for (size_t len; *scenarios; scenarios += len + strspn(scenarios + len, " ")) {
		len = strcspn(scenarios, " ");
		for (size_t i = 0; len && i < TL_N_LEADS; i++)
			if (has_word(leads[i].scenarios, scenarios, len))
				return &leads[i];
	}
	return NULL;
}

const char *tl_lead_command(const char *scenarios)
{
	static const struct {
		const char *command, *scenarios;
	} sights[] = {
#define X(command, of) { command, of },
		TL_SIGHTS(X)
#undef X
	};
	const struct tl_lead *lead = tl_lead_from(scenarios);

	if (lead)
		return lead->command;
	for (size_t len; *scenarios; scenarios += len + strspn(scenarios + len, " ")) {
		len = strcspn(scenarios, " ");
		for (size_t i = 0; len && i < sizeof(sights) / sizeof(*sights); i++)
			if (has_word(sights[i].scenarios, scenarios, len))
				return sights[i].command;
	}
	return NULL;
}

const char *tl_subject(const char *scenario)
{
	static const struct {
		const char *word, *scenarios;
	} subjects[] = {
#define X(word, of) { word, of },
		TL_SUBJECTS(X)
#undef X
	};
	const char *slash = strchr(scenario, '/'), *variant = slash ? strchr(slash + 1, '/') : NULL;
	size_t len = variant ? (size_t)(variant - scenario) : strlen(scenario);

	for (size_t i = 0; i < sizeof(subjects) / sizeof(*subjects); i++)
		if (has_word(subjects[i].scenarios, scenario, len))
			return subjects[i].word;
	return NULL;
}

const char *tl_lead_scenario(const struct tl_lead *lead, char *out)
{
	snprintf(out, TL_LEAD_SCENARIO, "%.*s", (int)strcspn(lead->scenarios, " "),
		 lead->scenarios);
	return out;
}
