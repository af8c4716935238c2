/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: what becomes of a socket when a segment arrives, said before it does. */
#ifndef TCPLAB_FORECAST_H
#define TCPLAB_FORECAST_H

#include <stdbool.h>

#include "tcplab/event.h"
#include "tcplab/flow.h"
#include "tcplab/state.h"

/* What the host is set to, as far as it matters, and what is known of the receiver's listener. */
struct tl_forecast_host {
	bool no_time_wait;      /* net.ipv4.tcp_max_tw_buckets is 0 */
	bool few_time_waits;    /* it is set to anything else */
	bool always_cookies;    /* net.ipv4.tcp_syncookies is 2 */
	bool keeps_time_wait;   /* net.ipv4.tcp_rfc1337 is 1 */
	bool defers;            /* a listener has TCP_DEFER_ACCEPT, or may have it */
	bool stops_reading;     /* the receiver's program has shut down reading, or may have */
	bool listens;           /* somebody does, where the segment goes, */
	bool unwatched;         /* or may, for the table does not show that port */
	bool has_room;          /* and its accept queue has surely room for one more */
	bool has_requests;      /* as many in SYN_RECV as its backlog, or more */
};

enum tl_forecast_kind {
	TL_FORECAST_STAYS,
	TL_FORECAST_GOES,    /* from @from to @to */
	TL_FORECAST_NOBODY,  /* there is no socket for it */
	TL_FORECAST_UNKNOWN, /* @because says why */
};

struct tl_forecast {
	enum tl_forecast_kind kind;
	enum tl_state from, to;   /* GOES; LISTEN: of the new socket */
	const struct tl_arc *arc; /* GOES: NULL where none of the table is meant */
	const char *sends;        /* what the receiver answers at once, "" for nothing */
	const char *because;      /* part of a sentence, "" for what goes without saying */
};

/*
 * tl_forecast - what a segment that is stopped will do to its receiver
 * @flows: has seen it, and the arrival of all that arrived before
 * @ev: a SEGMENT event: the row of its receiver is as it is now
 * @kinds: of that segment, from tl_flows_see()
 *
 * What a program does then is not foreseen. All strings are static.
 *
 * Source: RFC 9293 3.10.7, RFC 5961; tcp_validate_incoming(), tcp_check_req() and
 * tcp_timewait_state_process() of Linux 6.x where it differs.
 */
struct tl_forecast tl_forecast(const struct tl_flows *flows, const struct tl_event *ev,
			       uint32_t kinds, const struct tl_forecast_host *host);

#endif
