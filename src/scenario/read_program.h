/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario, inside: the reading of an actor, as the kinds of it share it. */
#ifndef TCPLAB_SCENARIO_PROGRAM_H
#define TCPLAB_SCENARIO_PROGRAM_H

#include "reader.h"

/* actors.c, into the actor: a port that no other has; one address */
void scn_read_port(struct scn_reader *r, const struct scn_node *node, void *into);
void scn_read_bind(struct scn_reader *r, const struct scn_node *node, void *into);

/* read_program.c, likewise: the mapping behind "program" */
void scn_read_program(struct scn_reader *r, const struct scn_node *node, void *into);

/* scn_signal - "HUP" or "SIGHUP"; 0 after a mistake */
int scn_signal(struct scn_reader *r, const struct scn_node *node, const char *what);

#endif
