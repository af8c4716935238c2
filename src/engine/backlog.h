/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a loaded kernel has put off: segments in the backlogs of its processors. */
#ifndef TCPLAB_ENGINE_BACKLOG_H
#define TCPLAB_ENGINE_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcplab/err.h"

struct backlog {
	int stat;      /* softnet_stat; -1 where there is none */
	char *text;    /* room to read it; owned */
	uint32_t *due; /* of each processor: the count that its backlog is done at; owned */
	size_t n;
};

/*
 * backlog_open - for backlog_note() and backlog_is_done()
 * @path: /proc/net/softnet_stat; where it cannot be read nothing is known to be put off
 *
 * Return: 0, or -ENOMEM with @err; backlog_close() in either case.
 */
int backlog_open(struct backlog *backlog, const char *path, struct tl_err *err);
void backlog_close(struct backlog *backlog);

/* backlog_note - what is in the backlogs now has to be dealt with; -ENOMEM with @err */
int backlog_note(struct backlog *backlog, struct tl_err *err);

/* backlog_is_done - has all of that been dealt with? */
bool backlog_is_done(const struct backlog *backlog);

#endif
