/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario, inside: what a row's line asks besides its state, "recv-q >0 timer keepalive". */
#ifndef TCPLAB_SCENARIO_MEASURE_H
#define TCPLAB_SCENARIO_MEASURE_H

#include "scan.h"

/*
 * scn_read_measure - the bounds behind @name, its name
 *
 * Return: false where @name is not a measure; nothing is taken and nothing reported then.
 */
bool scn_read_measure(struct scn_scan *s, struct tl_pattern *row, const struct scn_word *name);

/* scn_mistaken_measure - a mistake, where @word may be meant as a measure; false: it may not */
bool scn_mistaken_measure(struct scn_scan *s, const struct scn_word *word);

/* scn_read_bounds - "3", ">0", "<=5" or "1..3", of a number; a mistake where it is none */
void scn_read_bounds(struct scn_reader *r, const struct scn_node *node, const char *what,
		     struct tl_bounds *bounds);

/* scn_spell_measures - as tcplab spells them, each with a blank before it */
void scn_spell_measures(const struct tl_pattern *row, struct tl_buf *out);

#endif
