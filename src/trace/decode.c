/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NDJSON into events; none of it is believed. */
#include "tcplab/trace.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* One line being read. */
struct line {
	json_t *json;
	struct tl_err *err;
};

static int bad(const struct line *line, const char *key, const char *wanted)
{
	return tl_err_set(line->err, EINVAL, "\"%s\" must be %s", key, wanted);
}

/* A whole number within [low, high] of @object[@key]. */
static int get_number(const struct line *line, json_t *object, const char *key, json_int_t low,
		      json_int_t high, json_int_t *out)
{
	json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < low ||
	    json_integer_value(value) > high)
		return bad(line, key, "a whole number in its range");
	*out = json_integer_value(value);
	return 0;
}

static int get_int(const struct line *line, json_t *object, const char *key, int low, int *out)
{
	json_int_t value = 0;
	int ret = get_number(line, object, key, low, INT_MAX, &value);

	if (!ret)
		*out = value;
	return ret;
}

static int get_u32(const struct line *line, json_t *object, const char *key, uint32_t *out)
{
	json_int_t value = 0;
	int ret = get_number(line, object, key, 0, UINT32_MAX, &value);

	if (!ret)
		*out = value;
	return ret;
}

/* A string, borrowed from the JSON. */
static int get_text(const struct line *line, json_t *object, const char *key, const char **out)
{
	*out = json_string_value(json_object_get(object, key));
	return *out ? 0 : bad(line, key, "a string");
}

/* A string, returned owned. */
static int get_copy(const struct line *line, const char *key, char **out)
{
	const char *text;
	int ret = get_text(line, line->json, key, &text);

	if (ret)
		return ret;
	*out = strdup(text);
	return *out ? 0 : tl_err_set(line->err, ENOMEM, "no memory for the trace");
}

/* One of a table's names; @names ends with NULL, the index is the value. */
static int get_name(const struct line *line, json_t *object, const char *key,
		    const char *const *names, int *out)
{
	const char *text;
	int ret = get_text(line, object, key, &text);

	for (int i = 0; !ret && names[i]; i++)
		if (!strcmp(names[i], text)) {
			*out = i;
			return 0;
		}
	return bad(line, key, "a name this version knows");
}

#define X(id, name, ...) name,
static const char *const event_names[] = { TL_EVENTS(X) NULL };
static const char *const change_names[] = { TL_ACTOR_CHANGES(X) NULL };
static const char *const look_names[] = { TL_LOOKS(X) NULL };
static const char *const fate_names[] = { TL_FATES(X) NULL };
static const char *const end_names[] = { TL_ENDS(X) NULL };
static const char *const known_by_names[] = { TL_KNOWN_BY(X) NULL };
#undef X

/* A state or a timer that has no name here stands there as its number. */
static int get_state(const struct line *line, json_t *object, enum tl_state *state)
{
	const char *text;

	if (get_text(line, object, "state", &text))
		return -line->err->code;
	*state = tl_state_parse(text, strlen(text));
	for (int i = TL_STATE_MAX; !*state && i < TL_STATE_NUMBERS; i++)
		if (!strcmp(text, tl_number_name(i)))
			*state = (enum tl_state)i;
	return *state ? 0 : bad(line, "state", "a state of TCP");
}

static int get_timer(const struct line *line, json_t *object, enum tl_timer *out)
{
	const char *text;
	int timer;

	if (get_text(line, object, "timer", &text))
		return -line->err->code;
	timer = tl_timer_parse(text);
	if (timer < 0)
		return bad(line, "timer", "a timer of a socket");
	*out = (enum tl_timer)timer;
	return 0;
}

static int get_endpoint(const struct line *line, json_t *object, const char *key,
			struct tl_endpoint *out)
{
	struct tl_err why;
	const char *text;
	int ret = get_text(line, object, key, &text);

	if (!ret && tl_endpoint_parse(text, out, &why))
		ret = bad(line, key, "an address and a port");
	return ret;
}

/* A list of actors as bits; none where there is no list. */
static int decode_actors(const struct line *line, json_t *actors, const char *key, uint64_t *out)
{
	for (size_t i = 0; i < json_array_size(actors); i++) {
		json_int_t actor = json_integer_value(json_array_get(actors, i));

		if (actor < 0 || actor > 63)
			return bad(line, key, "a list of actors");
		*out |= UINT64_C(1) << actor;
	}
	return 0;
}

/* The processes that have a socket open. Left out where it is the owner alone, or nobody. */
static int decode_holders(const struct line *line, json_t *json, struct tl_row *row)
{
	json_t *holders = json_object_get(json, "holders"), *pids;
	int n;

	if (!holders)
		return 0;
	if (get_int(line, holders, "n", 0, &n))
		return -line->err->code;
	pids = json_object_get(holders, "pids");
	if (!json_is_array(pids))
		return bad(line, "pids", "a list of processes");
	row->n_holders = n > UINT16_MAX ? UINT16_MAX : n;
	for (size_t i = 0; i < json_array_size(pids) && i < TL_HOLDERS_MAX; i++) {
		json_int_t pid = json_integer_value(json_array_get(pids, i));

		if (pid <= 0 || pid > INT_MAX)
			return bad(line, "pids", "a list of processes");
		row->holders[i] = pid;
	}
	return decode_actors(line, json_object_get(holders, "actors"), "actors", &row->shared_by);
}

static int decode_row(const struct line *line, json_t *json, struct tl_row *row)
{
	struct tl_sock *s = &row->sock;
	int retrans, pid, by;
	json_int_t cookie;

	if (get_state(line, json, &s->state) ||
	    get_endpoint(line, json, "local", &s->local) ||
	    get_endpoint(line, json, "remote", &s->remote) ||
	    get_u32(line, json, "recvq", &s->recvq) ||
	    get_u32(line, json, "sendq", &s->sendq) ||
	    get_number(line, json, "cookie", 0, INT64_MAX, &cookie) ||
	    get_u32(line, json, "inode", &s->inode) || get_u32(line, json, "uid", &s->uid) ||
	    get_timer(line, json, &s->timer) ||
	    get_u32(line, json, "timer_ms", &s->timer_ms) ||
	    get_int(line, json, "retrans", 0, &retrans) ||
	    get_int(line, json, "owner", -1, &row->owner) ||
	    get_int(line, json, "peer", -1, &row->peer) ||
	    get_int(line, json, "pid", 0, &pid) ||
	    get_name(line, json, "known_by", known_by_names, &by) ||
	    decode_holders(line, json, row) ||
	    decode_actors(line, json_object_get(json, "peers"), "peers", &row->peers))
		return -line->err->code;
	s->cookie = cookie;
	s->retrans = retrans > UINT8_MAX ? UINT8_MAX : retrans;
	row->pid = pid;
	row->by = (enum tl_known_by)by;
	return 0;
}

static int decode_snapshot(const struct line *line, struct tl_event *ev)
{
	json_t *rows = json_object_get(line->json, "rows");
	int look, ret = 0;

	if (get_name(line, line->json, "look", look_names, &look))
		return -line->err->code;
	if (!json_is_array(rows))
		return bad(line, "rows", "a list of rows");
	ev->snapshot.look = (enum tl_look)look;
	if (!json_array_size(rows))
		return 0;
	ev->snapshot.rows = calloc(json_array_size(rows), sizeof(*ev->snapshot.rows));
	if (!ev->snapshot.rows)
		return tl_err_set(line->err, ENOMEM, "no memory for the trace");
	for (size_t i = 0; !ret && i < json_array_size(rows); i++, ev->snapshot.n++)
		ret = decode_row(line, json_array_get(rows, i), &ev->snapshot.rows[i]);
	return ret;
}

/* "SYN+ACK" */
static int get_flags(const struct line *line, uint8_t *flags)
{
	const char *names;

	if (get_text(line, line->json, "flags", &names))
		return -line->err->code;
	for (*flags = 0; *names; names += *names == '+') {
		size_t n = strcspn(names, "+");
		uint8_t bit = 0;

#define X(id, value, name, meaning)                                                          \
	if (n == strlen(name) && !strncmp(names, name, n))                                   \
		bit = value;
		TL_FLAGS(X)
#undef X
		if (!bit)
			return bad(line, "flags", "control bits joined by +");
		*flags |= bit;
		names += n;
	}
	return 0;
}

/* A number that may be left out; @absent stands for it then. */
static int get_option(const struct line *line, const char *key, json_int_t high,
		      json_int_t absent, json_int_t *out)
{
	*out = absent;
	if (!json_object_get(line->json, key))
		return 0;
	return get_number(line, line->json, key, 0, high, out);
}

static int decode_options(const struct line *line, struct tl_segment *seg)
{
	json_int_t mss, wscale, ts_val, ts_ecr, n_sack;

	if (get_option(line, "mss", UINT16_MAX, 0, &mss) ||
	    get_option(line, "wscale", INT8_MAX, -1, &wscale) ||
	    get_option(line, "ts_val", UINT32_MAX, 0, &ts_val) ||
	    get_option(line, "ts_ecr", UINT32_MAX, 0, &ts_ecr) ||
	    get_option(line, "n_sack", UINT8_MAX, 0, &n_sack))
		return -line->err->code;
	seg->mss = mss;
	seg->wscale = wscale;
	seg->sack_ok = json_is_true(json_object_get(line->json, "sack_ok"));
	seg->has_ts = json_object_get(line->json, "ts_val") != NULL;
	seg->ts_val = ts_val;
	seg->ts_ecr = ts_ecr;
	seg->n_sack = n_sack;
	return 0;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(const char *hex, uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i] = high << 4 | low;
	}
	return true;
}

static int decode_packet(const struct line *line, struct tl_packet *packet)
{
	json_int_t total;
	const char *hex;
	size_t n;

	if (!json_object_get(line->json, "packet"))
		return 0;
	if (get_text(line, line->json, "packet", &hex))
		return -line->err->code;
	n = strlen(hex);
	if (!n || n % 2 || n / 2 > TL_PACKET_SNAP)
		return bad(line, "packet", "1 to 256 bytes, two hexadecimal digits each");
	if (get_number(line, line->json, "packet_len", n / 2, UINT32_MAX, &total))
		return -line->err->code;
	packet->bytes = malloc(n / 2);
	if (!packet->bytes)
		return tl_err_set(line->err, ENOMEM, "no memory for the trace");
	packet->have = n / 2;
	packet->total = total;
	if (!read_hex(hex, packet->bytes, packet->have))
		return bad(line, "packet", "two hexadecimal digits, 0 to 9 and a to f, a byte");
	return 0;
}

static int decode_ends(const struct line *line, struct tl_row rows[2])
{
	json_t *ends = json_object_get(line->json, "ends");

	if (!json_is_array(ends) || json_array_size(ends) != 2)
		return bad(line, "ends", "the rows of both ends, null where there is none");
	for (int i = 0; i < 2; i++) {
		json_t *row = json_array_get(ends, i);

		if (!json_is_null(row) && decode_row(line, row, &rows[i]))
			return -line->err->code;
	}
	return 0;
}

static int decode_segment(const struct line *line, struct tl_event *ev)
{
	struct tl_segment *seg = &ev->segment.seg;
	json_t *json = line->json;
	uint32_t window;
	int fate;

	if (get_int(line, json, "id", 1, &ev->segment.id) ||
	    get_int(line, json, "from", -1, &ev->segment.from) ||
	    get_int(line, json, "to", -1, &ev->segment.to) ||
	    get_endpoint(line, json, "local", &seg->from) ||
	    get_endpoint(line, json, "remote", &seg->to) || get_flags(line, &seg->flags) ||
	    get_u32(line, json, "seq", &seg->seq) || get_u32(line, json, "ack", &seg->ack) ||
	    get_u32(line, json, "len", &seg->len) || get_u32(line, json, "window", &window) ||
	    decode_options(line, seg) || decode_packet(line, &ev->segment.packet) ||
	    decode_ends(line, ev->segment.ends) ||
	    get_name(line, json, "fate", fate_names, &fate))
		return -line->err->code;
	seg->window = window > UINT16_MAX ? UINT16_MAX : window;
	ev->segment.fate = (enum tl_fate)fate;
	if (json_object_get(json, "copy_of"))
		return get_int(line, json, "copy_of", 1, &ev->segment.copy_of);
	return 0;
}

/* What this version does not know of a newer one's is not told. */
static unsigned decode_unsafe(json_t *names)
{
	unsigned unsafe = 0;

	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));

#define X(id, known, follows)                                                                \
	if (name && !strcmp(name, known))                                                    \
		unsafe |= 1u << TL_UNSAFE_##id;
		TL_UNSAFE(X)
#undef X
	}
	return unsafe;
}

static int decode_run(const struct line *line, struct tl_event *ev)
{
	json_int_t wall_ns;

	if (get_int(line, line->json, "version", 1, &ev->run.version))
		return -line->err->code;
	if (ev->run.version > TL_TRACE_VERSION)
		return tl_err_set(line->err, EINVAL,
				  "this trace is of version %d, and this tcplab reads up to "
				  "version %d",
				  ev->run.version, TL_TRACE_VERSION);
	ev->run.mock = json_is_true(json_object_get(line->json, "mock"));
	ev->run.unsafe = decode_unsafe(json_object_get(line->json, "unsafe"));
	if (get_option(line, "wall_ns", INT64_MAX, 0, &wall_ns))
		return -line->err->code;
	ev->run.wall_ns = wall_ns;
	if (json_object_get(line->json, "redis") && get_copy(line, "redis", &ev->run.redis))
		return -line->err->code;
	if (json_object_get(line->json, "variant") && get_copy(line, "variant", &ev->run.variant))
		return -line->err->code;
	if (get_copy(line, "tcplab", &ev->run.tcplab) ||
	    get_copy(line, "kernel", &ev->run.kernel) || get_copy(line, "file", &ev->run.file) ||
	    get_copy(line, "scenario", &ev->run.text))
		return -line->err->code;
	return 0;
}

static int decode_step(const struct line *line, struct tl_event *ev)
{
	struct tl_told *told = &ev->step.socket;
	json_t *socket = json_object_get(line->json, "socket");
	json_int_t cookie;

	if (get_int(line, line->json, "step", 0, &ev->step.step) ||
	    (json_object_get(line->json, "reply") && get_copy(line, "reply", &ev->step.reply)))
		return -line->err->code;
	if (!socket)
		return 0;
	if (get_endpoint(line, socket, "local", &told->local) ||
	    get_endpoint(line, socket, "remote", &told->remote) ||
	    get_u32(line, socket, "inode", &told->inode) ||
	    get_number(line, socket, "cookie", 1, INT64_MAX, &cookie))
		return -line->err->code;
	told->cookie = cookie;
	return 0;
}

static int decode_letgo(const struct line *line, struct tl_event *ev)
{
	ev->letgo.dropped = json_is_true(json_object_get(line->json, "dropped"));
	ev->letgo.rejected = json_is_true(json_object_get(line->json, "rejected"));
	ev->letgo.looked = json_object_get(line->json, "ends");
	if (ev->letgo.looked && decode_ends(line, ev->letgo.ends))
		return -line->err->code;
	return get_int(line, line->json, "id", 1, &ev->letgo.id);
}

static int decode_actor(const struct line *line, struct tl_event *ev)
{
	json_t *json = line->json;
	int change, pid;

	if (get_int(line, json, "actor", 0, &ev->actor.actor) ||
	    get_name(line, json, "change", change_names, &change) ||
	    get_int(line, json, "pid", 0, &pid))
		return -line->err->code;
	ev->actor.change = (enum tl_actor_change)change;
	ev->actor.pid = pid;
	if (ev->actor.change == TL_ACTOR_EXITED &&
	    (get_int(line, json, "status", -1, &ev->actor.status) ||
	     get_int(line, json, "signal", 0, &ev->actor.signal)))
		return -line->err->code;
	if (json_object_get(json, "program"))
		return get_copy(line, "program", &ev->actor.program);
	return 0;
}

static int decode_counters(const struct line *line, struct tl_event *ev)
{
	json_t *counters = json_object_get(line->json, "counters"), *value;
	const char *name;

	if (!json_is_object(counters))
		return bad(line, "counters", "an object");
	ev->counters.v = calloc(json_object_size(counters) + 1, sizeof(*ev->counters.v));
	if (!ev->counters.v)
		return tl_err_set(line->err, ENOMEM, "no memory for the kernel's counters");
	json_object_foreach(counters, name, value) {
		struct tl_counter *counter = &ev->counters.v[ev->counters.n];

		if (!json_is_integer(value) || json_integer_value(value) < 0)
			return bad(line, "counters", "of numbers from 0 on");
		counter->value = json_integer_value(value);
		counter->name = strdup(name);
		if (!counter->name)
			return tl_err_set(line->err, ENOMEM, "no memory for the kernel's counters");
		ev->counters.n++;
	}
	return 0;
}

static int decode_output(const struct line *line, struct tl_event *ev)
{
	json_int_t left_out;
	int ret = get_int(line, line->json, "actor", 0, &ev->output.actor);

	if (!ret)
		ret = get_number(line, line->json, "left_out", 0, INT64_MAX, &left_out);
	if (ret)
		return ret;
	ev->output.left_out = left_out;
	return get_copy(line, "text", &ev->output.text);
}

static int decode_body(const struct line *line, struct tl_event *ev)
{
	json_int_t n;
	int how, ret;

	switch (ev->kind) {
	case TL_EVENT_RUN:
		return decode_run(line, ev);
	case TL_EVENT_PHASE:
		return 0;
	case TL_EVENT_STEP:
	case TL_EVENT_DONE:
		return decode_step(line, ev);
	case TL_EVENT_ACTOR:
		return decode_actor(line, ev);
	case TL_EVENT_SNAPSHOT:
		return decode_snapshot(line, ev);
	case TL_EVENT_WIRE:
		ev->wire.tapped = json_is_true(json_object_get(line->json, "tapped"));
		return get_copy(line, "text", &ev->wire.text);
	case TL_EVENT_SEGMENT:
		return decode_segment(line, ev);
	case TL_EVENT_LETGO:
		return decode_letgo(line, ev);
	case TL_EVENT_LOSSY:
		ret = get_number(line, line->json, "n", 0, INT64_MAX, &n);
		if (!ret)
			ev->lossy.n = n;
		return ret;
	case TL_EVENT_MISSED:
		ret = get_int(line, line->json, "step", 0, &ev->missed.step);
		return ret ? ret : get_copy(line, "text", &ev->missed.text);
	case TL_EVENT_PUSHED:
		ret = get_int(line, line->json, "actor", 0, &ev->pushed.actor);
		return ret ? ret : get_copy(line, "text", &ev->pushed.text);
	case TL_EVENT_OUTPUT:
		return decode_output(line, ev);
	case TL_EVENT_WITNESS:
		ret = get_copy(line, "command", &ev->witness.command);
		return ret ? ret : get_copy(line, "output", &ev->witness.output);
	case TL_EVENT_COUNTERS:
		return decode_counters(line, ev);
	case TL_EVENT_FAULT:
		ret = get_int(line, line->json, "step", -1, &ev->fault.step);
		return ret ? ret : get_copy(line, "text", &ev->fault.text);
	case TL_EVENT_END:
		ret = get_name(line, line->json, "how", end_names, &how);
		if (!ret)
			ev->end.how = (enum tl_end)how;
		return ret;
	}
	return 0;
}

/* Read what every event has, and then its own. Return: -ENOMSG for a name not known. */
static int decode_event(const struct line *line, struct tl_event *ev)
{
	json_int_t t_ns;
	const char *name;
	int kind;

	if (get_text(line, line->json, "event", &name))
		return -line->err->code;
	for (kind = 0; event_names[kind] && strcmp(event_names[kind], name); kind++)
		;
	if (!event_names[kind])
		return tl_err_set(line->err, ENOMSG, "\"%s\" is not an event that this "
						     "tcplab knows", name);
	if (get_number(line, line->json, "t_ns", 0, INT64_MAX, &t_ns) ||
	    get_int(line, line->json, "phase", -1, &ev->phase))
		return -line->err->code;
	ev->kind = (enum tl_event_kind)kind;
	ev->t_ns = t_ns;
	return decode_body(line, ev);
}

int tl_trace_decode_event(const char *text, size_t len, struct tl_event *ev, struct tl_err *err)
{
	struct line line = { .err = err };
	json_error_t why;
	int ret;

	line.json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	if (json_is_object(line.json))
		ret = decode_event(&line, ev);
	else
		ret = tl_err_set(err, EINVAL, "not a JSON object: %s",
				 line.json ? "another value" : why.text);
	json_decref(line.json);
	return ret;
}
