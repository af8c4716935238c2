/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hosts made of text that netstat or ss could have printed, and sockets. */
#ifndef HOST_FIXTURE_H
#define HOST_FIXTURE_H

#include "tcplab/host.h"

/* host_read_saved - a look of @want rows, none of which is skipped; to be released */
struct tl_host host_read_saved(const char *text, size_t want);

/* host_sock - "CLOSE_WAIT", "10.0.0.1:80", "10.0.0.9:4000" */
struct tl_sock host_sock(const char *state, const char *local, const char *remote);

#endif
