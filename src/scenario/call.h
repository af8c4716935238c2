/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario, inside: a call of a peer being read; what call.c and its two helpers share. */
#ifndef TCPLAB_SCENARIO_CALL_H
#define TCPLAB_SCENARIO_CALL_H

#include "reader.h"

/* How a call is written; the schema says it as well. */
struct scn_call_shape {
	const char *alone; /* the definition of what stands for a mapping; NULL: nothing does */
	const struct scn_key *keys;
	size_t n;
	const char *rules; /* of the schema, on the mapping, in YAML; NULL for none */
};

/* scn_call_shape - of a verb of peers */
const struct scn_call_shape *scn_call_shape(enum tl_verb verb);

/* scn_call_map - a call that is written as a mapping; @step has its verb */
void scn_call_map(struct scn_reader *r, const struct scn_node *node, struct tl_step *step);

/* scn_call_goal - what follows "to": an actor, or an address and a port; of a give a peer */
void scn_call_goal(struct scn_reader *r, const char *text, size_t len, struct scn_span at,
		   struct tl_step *step);

/* Readers of keys: "to"; "port"; "address"; "from". Each is given the step. */
void scn_call_to(struct scn_reader *r, const struct scn_node *node, void *into);
void scn_call_port(struct scn_reader *r, const struct scn_node *node, void *into);
void scn_call_address(struct scn_reader *r, const struct scn_node *node, void *into);
void scn_call_from(struct scn_reader *r, const struct scn_node *node, void *into);

/* scn_call_from_where - a local port alone is of the address that the connect leads to, where
 * that is of IPv6 and the peer's own is not */
void scn_call_from_where(struct tl_call *call);

/* What is sent: keys "text", "line" and "hex" of a step, @into. */
void scn_said_text(struct scn_reader *r, const struct scn_node *node, void *into);
void scn_said_line(struct scn_reader *r, const struct scn_node *node, void *into);
void scn_said_hex(struct scn_reader *r, const struct scn_node *node, void *into);

#endif
