/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A trace line by line, as its pieces come: a long run's file is read without keeping it. */
#include "tcplab/trace.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static bool is_tapped(const struct tl_trace *trace)
{
	for (size_t i = 0; i < trace->n; i++)
		if (trace->events[i].kind == TL_EVENT_WIRE)
			return trace->events[i].wire.tapped;
	return false;
}

/* Move @ev to the end of @trace, if it can come there: what is not so, no run has written. */
static int append(struct tl_trace *trace, struct tl_event *ev, struct tl_err *err)
{
	if ((ev->kind == TL_EVENT_RUN) != (trace->n == 0))
		return tl_err_set(err, EINVAL, "\"run\" must be the first event, and only that");
	if (trace->n && ev->t_ns < trace->events[trace->n - 1].t_ns)
		return tl_err_set(err, EINVAL, "\"t_ns\" must not be less than in the event "
				  "before, %" PRIu64, trace->events[trace->n - 1].t_ns);
	if (ev->kind == TL_EVENT_SEGMENT && !is_tapped(trace))
		return tl_err_set(err, EINVAL, "before the first \"segment\" there must be a "
				  "\"wire\" event that has \"tapped\": true");
	return tl_trace_append(trace, ev, err);
}

static int take_line(struct tl_trace_reader *reader, const char *text, size_t len,
		     struct tl_err *err)
{
	struct tl_event ev = { 0 };
	int ret = tl_trace_decode_event(text, len, &ev, err);

	reader->lines++;
	if (!ret)
		ret = append(reader->trace, &ev, err);
	tl_event_release(&ev);
	if (!ret || ret == -ENOMSG)
		return 0;
	return tl_err_prefix(err, "%s:%zu", reader->name, reader->lines);
}

/* What there is of a line up to @end is kept until the rest of it comes. */
static int keep(struct tl_trace_reader *reader, const char *at, const char *end,
		struct tl_err *err)
{
	if (reader->rest.len + (end - at) > TL_TRACE_LINE_MOST)
		return tl_err_set(err, EINVAL, "%s:%zu: a line of more than %u MiB", reader->name,
				  reader->lines + 1, TL_TRACE_LINE_MOST >> 20);
	tl_buf_add(&reader->rest, at, end - at);
	return reader->rest.failed ? tl_err_set(err, ENOMEM, "no memory for the trace") : 0;
}

int tl_trace_feed(struct tl_trace_reader *reader, const char *bytes, size_t len,
		  struct tl_err *err)
{
	const char *at = bytes, *end = bytes + len, *newline;
	int ret = 0;

	for (; !ret && (newline = memchr(at, '\n', end - at)); at = newline + 1) {
		if (!reader->rest.len) {
			ret = take_line(reader, at, newline - at, err);
			continue;
		}
		ret = keep(reader, at, newline, err);
		if (!ret)
			ret = take_line(reader, reader->rest.data, reader->rest.len, err);
		reader->rest.len = 0;
	}
	return ret ? ret : keep(reader, at, end, err);
}

int tl_trace_finish(struct tl_trace_reader *reader, int ret, struct tl_err *err)
{
	reader->trace->cut = reader->rest.len > 0;
	tl_buf_release(&reader->rest);
	if (!ret && !reader->trace->n)
		ret = tl_err_set(err, EINVAL, "%s: not a trace: no line of it is complete",
				 reader->name);
	if (ret)
		tl_trace_release(reader->trace);
	return ret;
}

int tl_trace_decode(const char *name, const char *text, size_t len, struct tl_trace *trace,
		    struct tl_err *err)
{
	struct tl_trace_reader reader = { .name = name, .trace = trace };

	return tl_trace_finish(&reader, tl_trace_feed(&reader, text, len, err), err);
}
