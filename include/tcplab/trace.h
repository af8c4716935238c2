/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 1, trace: everything a run saw, as events in memory and as NDJSON. */
#ifndef TCPLAB_TRACE_H
#define TCPLAB_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "tcplab/buf.h"
#include "tcplab/event.h"

/*
 * tl_trace_encode - append @ev to @out as one JSON object and a newline
 *
 * The format is scenarios/schema/trace.v1.json. Bytes that are not UTF-8 become U+FFFD.
 *
 * Return: 0, or -ENOMEM.
 */
int tl_trace_encode(const struct tl_event *ev, struct tl_buf *out, struct tl_err *err);

/*
 * tl_trace_decode_event - read one line, without its newline
 * @ev: zeroed; filled; to be released with tl_event_release(), after an error too
 *
 * Return: 0; -ENOMSG for an event this version does not know; -EINVAL or -ENOMEM.
 */
int tl_trace_decode_event(const char *text, size_t len, struct tl_event *ev,
			  struct tl_err *err);

/*
 * tl_trace_decode - read a trace, whole or cut short
 * @name: the file's name, for messages
 * @trace: zeroed; filled; to be released with tl_trace_release()
 *
 * A last line without its newline is what a killed run leaves: it is dropped and
 * trace->cut set. Any other malformed line is an error that names its number. Unknown
 * keys are ignored, unknown events are skipped, so that newer traces still read.
 *
 * Return: 0, -EINVAL or -ENOMEM.
 */
int tl_trace_decode(const char *name, const char *text, size_t len, struct tl_trace *trace,
		    struct tl_err *err);

#endif
