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

/* A trace that is read piece by piece. Zeroed, with @name and @trace, it begins. */
struct tl_trace_reader {
	const char *name;       /* the file's, for messages (borrowed) */
	struct tl_trace *trace; /* zeroed at first; gets the events (borrowed) */
	size_t lines;           /* read so far */
	struct tl_buf rest;     /* of a line that has not ended; released by tl_trace_finish() */
};

/* A line of a trace has no more bytes than this: a table of 200 000 rows. */
#define TL_TRACE_LINE_MOST (64u << 20)

/*
 * tl_trace_feed - take in the next piece of a trace
 *
 * A malformed line is an error that names its number, and so is an event that cannot come where
 * it stands: before "run", earlier than the one before it, or a segment of a wire that was not
 * tapped. Unknown keys are ignored, unknown events are skipped, so that newer traces still read.
 *
 * Return: 0, -EINVAL or -ENOMEM; after an error tl_trace_finish() alone may be called.
 */
int tl_trace_feed(struct tl_trace_reader *reader, const char *bytes, size_t len,
		  struct tl_err *err);

/*
 * tl_trace_finish - there are no more pieces
 * @ret: 0, or what tl_trace_feed() returned, with @err as it was left
 *
 * A last line without its newline is what a killed run leaves: it is dropped and trace->cut
 * set. After an error the trace is released.
 *
 * Return: @ret; or -EINVAL where there was no event.
 */
int tl_trace_finish(struct tl_trace_reader *reader, int ret, struct tl_err *err);

/*
 * tl_trace_decode - read a trace that is in memory, whole or cut short, by these two
 * @name: the file's name, for messages
 * @trace: zeroed; filled; to be released with tl_trace_release()
 */
int tl_trace_decode(const char *name, const char *text, size_t len, struct tl_trace *trace,
		    struct tl_err *err);

#endif
