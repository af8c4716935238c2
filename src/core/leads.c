/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a diagnosis of a host to the scenarios that show it, and back. */
#include "tcplab/leads.h"

#include <stdbool.h>
#include <string.h>

static const struct tl_lead leads[] = {
#define X(id, name, ask, scenarios) [TL_LEAD_##id] = { name, ask, "why " ask, scenarios },
	TL_LEADS(X)
#undef X
};

/* What explain says about some scenarios. */
struct said {
	const char *what;
	const char *const *scenarios;
};

static const struct said sights[] = {
#define X(command, scenarios) { command, scenarios },
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

const char *tl_lead_command(const char *const *scenarios)
{
	const struct tl_lead *lead = tl_lead_from(scenarios);
	const char *command = lead ? lead->command : NULL;

	for (; !command && *scenarios; scenarios++)
		command = said_of(sights, sizeof(sights) / sizeof(*sights), *scenarios,
				  strlen(*scenarios));
	return command;
}

const char *tl_subject(const char *scenario)
{
	const char *slash = strchr(scenario, '/'), *variant = slash ? strchr(slash + 1, '/') : NULL;
	size_t len = variant ? (size_t)(variant - scenario) : strlen(scenario);

	return said_of(subjects, sizeof(subjects) / sizeof(*subjects), scenario, len);
}
