/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario, inside: one text that is several scenarios. */
#ifndef TCPLAB_SCENARIO_VARY_H
#define TCPLAB_SCENARIO_VARY_H

#include "reader.h"

/*
 * scn_vary - make the tree that of one variant
 * @wanted: its name; NULL for the first, or where nothing varies
 *
 * Return: is there such a variant? Mistakes of "vary" itself are noted, and true.
 */
bool scn_vary(struct scn_reader *r, struct scn_node *root, const char *wanted);

/* scn_name_variant - what has been read is the variant's: its name and title say so */
void scn_name_variant(struct scn_reader *r);

#endif
