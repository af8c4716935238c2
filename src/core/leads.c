/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a diagnosis of a host to the scenarios that show it, and back. */
#include "tcplab/leads.h"

#include <stdbool.h>
#include <string.h>

static const struct tl_lead leads[] = {
#define X(id, name, state, ask, scenarios)                                                   \
	[TL_LEAD_##id] = { name, TL_##state, "why " ask, scenarios },
	TL_LEADS(X)
#undef X
};

/* What explain says about some scenarios. */
struct said {
	const char *what;
	const char *const *scenarios;
};

/* What shows one of some scenarios on a host where nothing is wrong. */
static const struct sight {
	enum tl_state state;
	const char *command;
	const char *const *scenarios;
} sights[] = {
#define X(state, command, scenarios) { TL_##state, command, scenarios },
	TL_SIGHTS(X)
#undef X
};

static const struct said subjects[] = {
#define X(word, scenarios) { word, scenarios },
	TL_SUBJECTS(X)
#undef X
};

const struct tl_lead *tl_lead(enum tl_lead_id id)
{
	return &leads[id];
}

const struct tl_lead *tl_lead_from(const char *const *scenarios)
{
	for (; *scenarios; scenarios++)
		for (size_t i = 0; i < TL_N_LEADS; i++)
			if (tl_list_has(leads[i].scenarios, *scenarios, strlen(*scenarios)))
				return &leads[i];
	return NULL;
}

/* What the first row that has it says about a scenario, a name of @len bytes; or NULL. */
static const char *said_of(const struct said *rows, size_t n, const char *scenario, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (tl_list_has(rows[i].scenarios, scenario, len))
			return rows[i].what;
	return NULL;
}

static const struct sight *sight_of(const char *const *scenarios)
{
	for (; *scenarios; scenarios++)
		for (size_t i = 0; i < sizeof(sights) / sizeof(*sights); i++)
			if (tl_list_has(sights[i].scenarios, *scenarios, strlen(*scenarios)))
				return &sights[i];
	return NULL;
}

const char *tl_lead_command(const char *const *scenarios)
{
	const struct tl_lead *lead = tl_lead_from(scenarios);
	const struct sight *sight = sight_of(scenarios);

	return lead ? lead->command : sight ? sight->command : NULL;
}

enum tl_state tl_lead_state(const char *const *scenarios)
{
	const struct tl_lead *lead = tl_lead_from(scenarios);
	const struct sight *sight = sight_of(scenarios);

	return lead ? lead->state : sight ? sight->state : TL_CLOSE;
}

const char *tl_subject(const char *scenario)
{
	const char *slash = strchr(scenario, '/'), *variant = slash ? strchr(slash + 1, '/') : NULL;
	size_t len = variant ? (size_t)(variant - scenario) : strlen(scenario);

	return said_of(subjects, sizeof(subjects) / sizeof(*subjects), scenario, len);
}
