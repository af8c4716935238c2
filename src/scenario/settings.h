/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario, inside: names with values, of the kernel and of Redis. */
#ifndef TCPLAB_SCENARIO_SETTINGS_H
#define TCPLAB_SCENARIO_SETTINGS_H

#include "reader.h"

/* scn_read_sysctls - a mapping of kernel parameters; *@settings is returned owned */
void scn_read_sysctls(struct scn_reader *r, const struct scn_node *map,
		      struct tl_setting **settings, size_t *n);

/* scn_read_config - a mapping of Redis settings; *@settings is returned owned */
void scn_read_config(struct scn_reader *r, const struct scn_node *map,
		     struct tl_setting **settings, size_t *n);

#endif
