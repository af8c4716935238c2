/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 2, host: sock:inet_sock_set_state, by which the kernel tells root of changes of states. */
#ifndef TCPLAB_TRACEPOINT_H
#define TCPLAB_TRACEPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcplab/err.h"
#include "tcplab/host.h"

/* Ring buffers of the kernel's, one for each processor. */
struct tl_tracepoint;

/* One change of a state. */
struct tl_change_told {
	uint64_t ns;                      /* on a clock of the kernel's, which can stand still, */
	size_t nth;                       /* and then: as it was read */
	enum tl_state from, to;
	struct tl_endpoint local, remote; /* IPv4 as IPv4, whatever the socket is of */
};

/* What was told since the look before, the earliest first. */
struct tl_told_changes {
	struct tl_change_told *v;
	size_t n;
	uint64_t lost; /* that the kernel has counted, and not told */
};

/*
 * tl_tracepoint_open - *@tp gets the tracepoint, to be closed (returned owned)
 *
 * Nothing of the host is changed: tracefs is mounted nowhere, and what listens ends with this
 * process. It tells about every network namespace of the host, not of TIME_WAIT and not of
 * requests.
 *
 * Return: 0; -errno with a sentence: not permitted, or not in this kernel.
 * Source: perf_event_open(2); events/sock/inet_sock_set_state/format of tracefs.
 */
int tl_tracepoint_open(struct tl_tracepoint **tp, struct tl_err *err);

/* tl_tracepoint_read - append to @out what was told since the last time. Return: 0 or -ENOMEM. */
int tl_tracepoint_read(struct tl_tracepoint *tp, struct tl_told_changes *out, struct tl_err *err);

/* tl_tracepoint_close - takes NULL */
void tl_tracepoint_close(struct tl_tracepoint *tp);

/* What the second witness says beside a look. */
struct tl_witnessed {
	size_t told;              /* changes before the look, */
	uint64_t lost;            /* and so many that were not told: then nothing is held */
	size_t agree;             /* sockets whose last change led to the state in the table */
	size_t differ;            /* sockets for which it led to another one */
	struct tl_change_told to; /* the first of these, and its state in the table */
	enum tl_state table;
};

/*
 * tl_witness - hold the changes that were told against the table
 * @before: told before the dump began; @during: told while it ran: these sockets are left out
 *
 * CLOSED beside a row of FIN_WAIT2 or TIME_WAIT is none: there the socket has become a
 * minisocket, of which the tracepoint does not tell.
 *
 * Return: 0 or -ENOMEM.
 */
int tl_witness(const struct tl_host *look, const struct tl_told_changes *before,
	       const struct tl_told_changes *during, struct tl_witnessed *witnessed,
	       struct tl_err *err);

void tl_told_changes_release(struct tl_told_changes *changes);

#endif
