/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario, inside: rows as a scenario writes them. */
#ifndef TCPLAB_SCENARIO_PATTERN_H
#define TCPLAB_SCENARIO_PATTERN_H

#include "reader.h"

/*
 * Each of these reads a scalar into @row and spells row->text as tcplab does; that
 * stays NULL after a mistake, which is placed at the very word inside the scalar.
 */

/* scn_read_row - "<actor>[ -> <actor>] STATE[|STATE...][ xN]" */
void scn_read_row(struct scn_reader *r, const struct scn_node *node, struct tl_pattern *row);

/* scn_read_ends - "<actor> -> <actor>" */
void scn_read_ends(struct scn_reader *r, const struct scn_node *node, struct tl_pattern *row);

/* scn_read_sender - "<actor>[ -> <actor>]" */
void scn_read_sender(struct scn_reader *r, const struct scn_node *node, struct tl_pattern *row);

/*
 * scn_read_life - "<actor>[ -> <actor>] STATE, STATE, ...[ xN]"
 * @states: *@states is returned owned
 * @count: N, 0 where it is not said
 */
void scn_read_life(struct scn_reader *r, const struct scn_node *node, struct tl_pattern *row,
		   enum tl_state **states, size_t *n, int *count);

#endif
