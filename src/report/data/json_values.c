/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of that document, and how they are written. */
#include "json.h"

#include "tcplab/text.h"

json_t *tl_json_text(const char *s)
{
	struct tl_buf clean = { 0 };
	json_t *json = NULL;

	if (!s)
		return json_null();
	tl_text_utf8(&clean, s);
	if (!clean.failed)
		json = json_stringn(tl_buf_text(&clean), clean.len);
	tl_buf_release(&clean);
	return json;
}

json_t *tl_json_taken(struct tl_buf *buf)
{
	json_t *json = buf->failed ? NULL : tl_json_text(tl_buf_text(buf));

	tl_buf_release(buf);
	return json;
}

json_t *tl_json_number(uint64_t n)
{
	return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

json_t *tl_json_ordinal(int index)
{
	return index < 0 ? json_null() : json_integer(index + 1);
}

json_t *tl_json_actor(const struct tl_report *report, int index)
{
	if (index < 0 || (size_t)index >= report->plan->n_actors)
		return json_null();
	return tl_json_text(report->plan->actors[index].name);
}

json_t *tl_json_endpoint(const struct tl_endpoint *ep)
{
	char out[TL_ENDPOINT_TEXT];

	return tl_json_text(tl_endpoint_text(ep, out));
}

json_t *tl_json_cookie(uint64_t value)
{
	struct tl_buf buf = { 0 };

	tl_buf_fmt(&buf, "%llx", (unsigned long long)value);
	return tl_json_taken(&buf);
}

json_t *tl_json_array(const struct tl_report *report, const void *of, size_t n,
		      tl_json_of *make)
{
	json_t *all = json_array();

	for (size_t i = 0; all && i < n; i++)
		if (json_array_append_new(all, make(report, of, i))) {
			json_decref(all);
			all = NULL;
		}
	return all;
}

enum { INDENT = 2 };

/* jansson has escaped what a value has of newlines: those that come are its layout. */
static int append(const char *bytes, size_t len, void *data)
{
	struct tl_json *to = data;

	for (size_t i = 0; i < len; i++) {
		/* A terminal may be reading: DEL goes out as \uXXXX too. */
		if (bytes[i] == 0x7f)
			tl_buf_str(to->out, "\\u007f");
		else
			tl_buf_add(to->out, bytes + i, 1);
		if (bytes[i] == '\n')
			tl_buf_pad(to->out, ' ', INDENT * to->depth);
	}
	return 0;
}

/* Up to where the next value begins. */
static void lead(struct tl_json *to, const char *key)
{
	if (to->depth)
		tl_buf_str(to->out, to->any ? ",\n" : "\n");
	tl_buf_pad(to->out, ' ', INDENT * to->depth);
	if (key)
		tl_buf_fmt(to->out, "\"%s\": ", key);
	to->any = true;
}

void tl_json_begin(struct tl_json *to, const char *key, char bracket)
{
	lead(to, key);
	tl_buf_add(to->out, &bracket, 1);
	to->depth++;
	to->any = false;
}

void tl_json_end(struct tl_json *to, char bracket)
{
	to->depth--;
	if (to->any)
		tl_buf_str(to->out, "\n");
	if (to->any)
		tl_buf_pad(to->out, ' ', INDENT * to->depth);
	tl_buf_add(to->out, &bracket, 1);
	to->any = true;
}

void tl_json_put(struct tl_json *to, const char *key, json_t *value)
{
	lead(to, key);
	to->out->failed |= !value;
	if (value)
		json_dump_callback(value, append, to,
				   JSON_INDENT(INDENT) | JSON_ENSURE_ASCII | JSON_ENCODE_ANY);
	json_decref(value);
}

void tl_json_list(struct tl_json *to, const char *key, const struct tl_report *report,
		  const void *of, size_t n, tl_json_of *make)
{
	tl_json_begin(to, key, '[');
	for (size_t i = 0; i < n && !to->out->failed; i++)
		tl_json_put(to, NULL, make(report, of, i));
	tl_json_end(to, ']');
}

void tl_json_list_events(struct tl_json *to, const char *key, const struct tl_report *report,
			 enum tl_event_kind kind, tl_json_of_event *make)
{
	const struct tl_trace *trace = report->trace;

	tl_json_begin(to, key, '[');
	for (size_t i = 0; i < trace->n && !to->out->failed; i++)
		if (trace->events[i].kind == kind)
			tl_json_put(to, NULL, make(report, &trace->events[i]));
	tl_json_end(to, ']');
}
