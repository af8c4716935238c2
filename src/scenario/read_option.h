/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario, inside: the keys of a call that are options of its socket. */
#ifndef TCPLAB_SCENARIO_OPTION_H
#define TCPLAB_SCENARIO_OPTION_H

#include "reader.h"

/* Rows for a table of struct scn_key; @into is the step. @fast_open: what that can be there */
#define SCN_OPTION_KEYS(fast_open)                                                           \
	{ "keepalive", false, scn_option_keepalive, "keepalive" },                           \
	{ "user-timeout", false, scn_option_user_timeout, "duration" },                      \
	{ "no-delay", false, scn_option_no_delay, "yes-no" },                                \
	{ "cork", false, scn_option_cork, "yes-no" },                                        \
	{ "quick-ack", false, scn_option_quick_ack, "yes-no" },                              \
	{ "linger", false, scn_option_linger, "duration" },                                  \
	{ "defer-accept", false, scn_option_defer_accept, "duration" },                      \
	{ "reuse-port", false, scn_option_reuse_port, "yes-no" },                            \
	{ "fast-open", false, scn_option_fast_open, fast_open },                             \
	{ "bind-no-port", false, scn_option_bind_no_port, "yes-no" },                        \
	{ "v6-only", false, scn_option_v6_only, "yes-no" }

typedef void scn_option_reader(struct scn_reader *r, const struct scn_node *node, void *into);

scn_option_reader scn_option_keepalive, scn_option_user_timeout, scn_option_no_delay,
	scn_option_cork, scn_option_quick_ack, scn_option_linger, scn_option_defer_accept,
	scn_option_reuse_port, scn_option_fast_open, scn_option_bind_no_port, scn_option_v6_only;

#endif
