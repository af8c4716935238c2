/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario, inside: the steps of a phase, those that "open" and "repeat" stand for among them. */
#ifndef TCPLAB_SCENARIO_EXPAND_H
#define TCPLAB_SCENARIO_EXPAND_H

#include "reader.h"

/* scn_read_do - the value of "do"; where it is not a list, one step that could not be read */
void scn_read_do(struct scn_reader *r, const struct scn_node *list, struct tl_phase *phase);

#endif
