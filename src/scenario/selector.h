/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario, inside: segments as a scenario writes them. */
#ifndef TCPLAB_SCENARIO_SELECTOR_H
#define TCPLAB_SCENARIO_SELECTOR_H

#include "reader.h"

/* Why "all" and "#2" make no sense in this place; NULL where they do. */
struct scn_selector_rules {
	const char *no_all;
	const char *no_nth;
};

/* What a step has that is about no segment. */
#define SCN_NO_SELECTOR ((struct tl_selector){ .from = -1, .to = -1, .nth = 1 })

/*
 * scn_read_selector - read "[all ]<kind> from <actor>[ to <actor>][ #N]" into @select
 * @spelt: gets it as tcplab spells it
 *
 * Return: false after a mistake, which is placed at the very word inside the scalar.
 */
bool scn_read_selector(struct scn_reader *r, const struct scn_node *node,
		       const struct scn_selector_rules *rules, struct tl_selector *select,
		       struct tl_buf *spelt);

/* scn_spell_selector - "all ACK of FIN from master to replica" */
void scn_spell_selector(const struct tl_plan *plan, const struct tl_selector *select,
			struct tl_buf *out);

#endif
