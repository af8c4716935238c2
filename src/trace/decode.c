/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NDJSON into events; none of it is believed. */
#include "decode.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/enum_names.h"
#include "tcplab/trace.h"

/* Of one segment: the kernel hands on several as one, of half a MiB at most (gso_ipv6_max_size). */
#define MOST_BYTES (1 << 20)

static const char *const event_names[] = { TL_EVENTS(TL_X_NAME) NULL };
static const char *const change_names[] = { TL_ACTOR_CHANGES(TL_X_NAME) NULL };
static const char *const look_names[] = { TL_LOOKS(TL_X_NAME) NULL };
static const char *const fate_names[] = { TL_FATES(TL_X_NAME) NULL };
static const char *const end_names[] = { TL_ENDS(TL_X_NAME) NULL };
static const char *const known_by_names[] = { TL_KNOWN_BY(TL_X_NAME) NULL };

/* A list of actors as bits; none where there is no list. */
static int decode_actors(const struct line *line, json_t *actors, const char *key, uint64_t *out)
{
	for (size_t i = 0; i < json_array_size(actors); i++) {
		json_int_t actor = json_integer_value(json_array_get(actors, i));

		if (actor < 0 || actor > 63)
			return value_bad(line, key, "a list of actors");
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
	if (value_int(line, holders, "n", 0, &n))
		return -line->err->code;
	pids = json_object_get(holders, "pids");
	if (!json_is_array(pids))
		return value_bad(line, "pids", "a list of processes");
	row->n_holders = n > UINT16_MAX ? UINT16_MAX : n;
	for (size_t i = 0; i < json_array_size(pids) && i < TL_HOLDERS_MAX; i++) {
		json_int_t pid = json_integer_value(json_array_get(pids, i));

		if (pid <= 0 || pid > INT_MAX)
			return value_bad(line, "pids", "a list of processes");
		row->holders[i] = pid;
	}
	return decode_actors(line, json_object_get(holders, "actors"), "actors", &row->shared_by);
}

static int decode_row(const struct line *line, json_t *json, struct tl_row *row)
{
	struct tl_sock *s = &row->sock;
	int retrans, pid, by;
	json_int_t cookie;

	if (value_state(line, json, &s->state) ||
	    value_endpoint(line, json, "local", &s->local) ||
	    value_endpoint(line, json, "remote", &s->remote) ||
	    value_u32(line, json, "recvq", &s->recvq) ||
	    value_u32(line, json, "sendq", &s->sendq) ||
	    value_number(line, json, "cookie", 0, INT64_MAX, &cookie) ||
	    value_u32(line, json, "inode", &s->inode) || value_u32(line, json, "uid", &s->uid) ||
	    value_timer(line, json, &s->timer) ||
	    value_u32(line, json, "timer_ms", &s->timer_ms) ||
	    value_int(line, json, "retrans", 0, &retrans) ||
	    value_int(line, json, "owner", -1, &row->owner) ||
	    value_int(line, json, "peer", -1, &row->peer) ||
	    value_int(line, json, "pid", 0, &pid) ||
	    value_name(line, json, "known_by", known_by_names, &by) ||
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

	if (value_name(line, line->json, "look", look_names, &look))
		return -line->err->code;
	if (!json_is_array(rows))
		return value_bad(line, "rows", "a list of rows");
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

static int decode_options(const struct line *line, struct tl_segment *seg)
{
	json_int_t mss, wscale, ts_val, ts_ecr, n_sack;

	if (value_option(line, "mss", UINT16_MAX, 0, &mss) ||
	    value_option(line, "wscale", INT8_MAX, -1, &wscale) ||
	    value_option(line, "ts_val", UINT32_MAX, 0, &ts_val) ||
	    value_option(line, "ts_ecr", UINT32_MAX, 0, &ts_ecr) ||
	    value_option(line, "n_sack", UINT8_MAX, 0, &n_sack) ||
	    value_bool(line, "sack_ok", &seg->sack_ok))
		return -line->err->code;
	seg->mss = mss;
	seg->wscale = wscale;
	seg->has_ts = json_object_get(line->json, "ts_val") != NULL;
	seg->ts_val = ts_val;
	seg->ts_ecr = ts_ecr;
	seg->n_sack = n_sack;
	return 0;
}

static int decode_packet(const struct line *line, struct tl_packet *packet)
{
	json_int_t total;
	const char *hex;
	size_t n;

	if (!json_object_get(line->json, "packet"))
		return 0;
	if (value_text(line, line->json, "packet", &hex))
		return -line->err->code;
	n = strlen(hex);
	if (!n || n % 2 || n / 2 > TL_PACKET_SNAP)
		return value_bad(line, "packet", "1 to 256 bytes, two hexadecimal digits each");
	if (value_number(line, line->json, "packet_len", n / 2, UINT32_MAX, &total))
		return -line->err->code;
	packet->bytes = malloc(n / 2);
	if (!packet->bytes)
		return tl_err_set(line->err, ENOMEM, "no memory for the trace");
	packet->have = n / 2;
	packet->total = total;
	if (!value_hex(hex, packet->bytes, packet->have))
		return value_bad(line, "packet",
				 "two hexadecimal digits, 0 to 9 and a to f, a byte");
	return 0;
}

static int decode_ends(const struct line *line, struct tl_row rows[2])
{
	json_t *ends = json_object_get(line->json, "ends");

	if (!json_is_array(ends) || json_array_size(ends) != 2)
		return value_bad(line, "ends", "the rows of both ends, null where there is none");
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
	json_int_t window, len;
	int fate;

	if (value_int(line, json, "id", 1, &ev->segment.id) ||
	    value_int(line, json, "from", -1, &ev->segment.from) ||
	    value_int(line, json, "to", -1, &ev->segment.to) ||
	    value_endpoint(line, json, "local", &seg->from) ||
	    value_endpoint(line, json, "remote", &seg->to) || value_flags(line, &seg->flags) ||
	    value_u32(line, json, "seq", &seg->seq) || value_u32(line, json, "ack", &seg->ack) ||
	    value_number(line, json, "len", 0, MOST_BYTES, &len) ||
	    value_number(line, json, "window", 0, UINT16_MAX, &window) ||
	    decode_options(line, seg) || decode_packet(line, &ev->segment.packet) ||
	    decode_ends(line, ev->segment.ends) ||
	    value_name(line, json, "fate", fate_names, &fate))
		return -line->err->code;
	seg->len = len;
	seg->window = window;
	ev->segment.fate = (enum tl_fate)fate;
	if (json_object_get(json, "copy_of"))
		return value_int(line, json, "copy_of", 1, &ev->segment.copy_of);
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

	if (value_int(line, line->json, "version", 1, &ev->run.version))
		return -line->err->code;
	if (ev->run.version > TL_TRACE_VERSION)
		return tl_err_set(line->err, EINVAL,
				  "this trace is of version %d, and this tcplab reads up to "
				  "version %d",
				  ev->run.version, TL_TRACE_VERSION);
	ev->run.unsafe = decode_unsafe(json_object_get(line->json, "unsafe"));
	if (value_bool(line, "mock", &ev->run.mock) ||
	    value_option(line, "wall_ns", INT64_MAX, 0, &wall_ns) ||
	    (json_object_get(line->json, "redis") && value_copy(line, "redis", &ev->run.redis)) ||
	    (json_object_get(line->json, "variant") &&
	     value_copy(line, "variant", &ev->run.variant)) ||
	    value_copy(line, "tcplab", &ev->run.tcplab) ||
	    value_copy(line, "kernel", &ev->run.kernel) ||
	    value_copy(line, "file", &ev->run.file) ||
	    value_copy(line, "scenario", &ev->run.text))
		return -line->err->code;
	ev->run.wall_ns = wall_ns;
	return 0;
}

static int decode_step(const struct line *line, struct tl_event *ev)
{
	struct tl_told *told = &ev->step.socket;
	json_t *socket = json_object_get(line->json, "socket");
	json_int_t cookie;

	if (value_int(line, line->json, "step", 0, &ev->step.step) ||
	    (json_object_get(line->json, "reply") && value_copy(line, "reply", &ev->step.reply)))
		return -line->err->code;
	if (!socket)
		return 0;
	if (value_endpoint(line, socket, "local", &told->local) ||
	    value_endpoint(line, socket, "remote", &told->remote) ||
	    value_u32(line, socket, "inode", &told->inode) ||
	    value_number(line, socket, "cookie", 1, INT64_MAX, &cookie))
		return -line->err->code;
	told->cookie = cookie;
	return 0;
}

static int decode_letgo(const struct line *line, struct tl_event *ev)
{
	if (value_bool(line, "dropped", &ev->letgo.dropped) ||
	    value_bool(line, "rejected", &ev->letgo.rejected))
		return -line->err->code;
	ev->letgo.looked = json_object_get(line->json, "ends");
	if (ev->letgo.looked && decode_ends(line, ev->letgo.ends))
		return -line->err->code;
	return value_int(line, line->json, "id", 1, &ev->letgo.id);
}

static int decode_actor(const struct line *line, struct tl_event *ev)
{
	json_t *json = line->json;
	int change, pid;

	if (value_int(line, json, "actor", 0, &ev->actor.actor) ||
	    value_name(line, json, "change", change_names, &change) ||
	    value_int(line, json, "pid", 0, &pid))
		return -line->err->code;
	ev->actor.change = (enum tl_actor_change)change;
	ev->actor.pid = pid;
	if (ev->actor.change == TL_ACTOR_EXITED &&
	    (value_int(line, json, "status", -1, &ev->actor.status) ||
	     value_int(line, json, "signal", 0, &ev->actor.signal)))
		return -line->err->code;
	if (json_object_get(json, "program"))
		return value_copy(line, "program", &ev->actor.program);
	return 0;
}

static int decode_counters(const struct line *line, struct tl_event *ev)
{
	json_t *counters = json_object_get(line->json, "counters"), *value;
	const char *name;

	if (!json_is_object(counters))
		return value_bad(line, "counters", "an object");
	ev->counters.v = calloc(json_object_size(counters) + 1, sizeof(*ev->counters.v));
	if (!ev->counters.v)
		return tl_err_set(line->err, ENOMEM, "no memory for the kernel's counters");
	json_object_foreach(counters, name, value) {
		struct tl_counter *counter = &ev->counters.v[ev->counters.n];

		if (!json_is_integer(value) || json_integer_value(value) < 0)
			return value_bad(line, "counters", "of numbers from 0 on");
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

	if (value_int(line, line->json, "actor", 0, &ev->output.actor) ||
	    value_number(line, line->json, "left_out", 0, INT64_MAX, &left_out))
		return -line->err->code;
	ev->output.left_out = left_out;
	return value_copy(line, "text", &ev->output.text);
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
		ret = value_bool(line, "tapped", &ev->wire.tapped);
		return ret ? ret : value_copy(line, "text", &ev->wire.text);
	case TL_EVENT_SEGMENT:
		return decode_segment(line, ev);
	case TL_EVENT_LETGO:
		return decode_letgo(line, ev);
	case TL_EVENT_LOSSY:
		ret = value_number(line, line->json, "n", 0, INT64_MAX, &n);
		if (!ret)
			ev->lossy.n = n;
		return ret;
	case TL_EVENT_MISSED:
		ret = value_int(line, line->json, "step", 0, &ev->missed.step);
		return ret ? ret : value_copy(line, "text", &ev->missed.text);
	case TL_EVENT_PUSHED:
		ret = value_int(line, line->json, "actor", 0, &ev->pushed.actor);
		return ret ? ret : value_copy(line, "text", &ev->pushed.text);
	case TL_EVENT_OUTPUT:
		return decode_output(line, ev);
	case TL_EVENT_WITNESS:
		ret = value_copy(line, "command", &ev->witness.command);
		return ret ? ret : value_copy(line, "output", &ev->witness.output);
	case TL_EVENT_COUNTERS:
		return decode_counters(line, ev);
	case TL_EVENT_FAULT:
		ret = value_int(line, line->json, "step", -1, &ev->fault.step);
		return ret ? ret : value_copy(line, "text", &ev->fault.text);
	case TL_EVENT_END:
		ret = value_name(line, line->json, "how", end_names, &how);
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

	if (value_text(line, line->json, "event", &name))
		return -line->err->code;
	for (kind = 0; event_names[kind] && strcmp(event_names[kind], name); kind++)
		;
	if (!event_names[kind])
		return tl_err_set(line->err, ENOMSG, "\"%s\" is not an event that this "
						     "tcplab knows", name);
	if (value_number(line, line->json, "t_ns", 0, INT64_MAX, &t_ns) ||
	    value_int(line, line->json, "phase", -1, &ev->phase))
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
