/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: the values that the JSON document is made of. */
#ifndef TCPLAB_REPORT_JSON_H
#define TCPLAB_REPORT_JSON_H

#include <jansson.h>

#include "tcplab/report.h"

/*
 * All return a new reference, NULL when memory runs out. jansson's functions that take a
 * NULL make NULL of it, so only the whole document needs a look.
 */

/* tl_json_text - a string, U+FFFD for what is not UTF-8; null for NULL */
json_t *tl_json_text(const char *s);

/* tl_json_taken - what is in @buf, which is released */
json_t *tl_json_taken(struct tl_buf *buf);

/* tl_json_number - at most INT64_MAX */
json_t *tl_json_number(uint64_t n);

/* tl_json_ordinal - an index counted from 1, as people count; null for one below 0 */
json_t *tl_json_ordinal(int index);

/* tl_json_actor - the name of an actor by index, null for none */
json_t *tl_json_actor(const struct tl_report *report, int index);

/* tl_json_endpoint - as netstat spells it */
json_t *tl_json_endpoint(const struct tl_endpoint *ep);

/* tl_json_cookie - as ss -e prints it: 64 bits are more than many readers of JSON keep */
json_t *tl_json_cookie(uint64_t value);

/* Makes the value of an event, or of the @i-th of what @of is or has. */
typedef json_t *tl_json_of_event(const struct tl_report *report, const struct tl_event *ev);
typedef json_t *tl_json_of(const struct tl_report *report, const void *of, size_t i);

/* tl_json_array - of @n values */
json_t *tl_json_array(const struct tl_report *report, const void *of, size_t n,
		      tl_json_of *make);

/*
 * The document as it is written. What may be long goes out value by value: all of it in
 * jansson's memory would be ten times the run.
 */
struct tl_json {
	struct tl_buf *out;
	int depth;
	bool any; /* something stands in the innermost bracket */
};

/* tl_json_begin, tl_json_end - an object or array, by its bracket; @key: NULL in an array */
void tl_json_begin(struct tl_json *to, const char *key, char bracket);
void tl_json_end(struct tl_json *to, char bracket);

/* tl_json_put - the next value (taken); without memory, of NULL, the document fails */
void tl_json_put(struct tl_json *to, const char *key, json_t *value);

/* tl_json_list - tl_json_array() as it is written */
void tl_json_list(struct tl_json *to, const char *key, const struct tl_report *report,
		  const void *of, size_t n, tl_json_of *make);

/* tl_json_list_events - an array of one value for each event of @kind */
void tl_json_list_events(struct tl_json *to, const char *key, const struct tl_report *report,
			 enum tl_event_kind kind, tl_json_of_event *make);

/* tl_json_trouble - of MISSED and of FAULT: when, at which step, and what went wrong */
tl_json_of_event tl_json_trouble;

/* tl_json_wire - write what was seen of the wire, and what was not */
void tl_json_wire(struct tl_json *to, const char *key, const struct tl_report *report);

/* tl_json_segments - write those that came in @phase, in their order */
void tl_json_segments(struct tl_json *to, const char *key, const struct tl_report *report,
		      size_t phase);

#endif
