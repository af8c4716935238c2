/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events into NDJSON. */
#include "tcplab/trace.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/text.h"

/*
 * Bytes as a JSON string; what is not UTF-8 becomes U+FFFD, a byte at a time, so that
 * a log line in another encoding cannot make a trace unreadable.
 */
static json_t *text(const char *s)
{
	struct tl_buf clean = { 0 };
	json_t *json;

	tl_text_utf8(&clean, s);
	json = clean.failed ? NULL : json_stringn(tl_buf_text(&clean), clean.len);
	tl_buf_release(&clean);
	return json;
}

static json_t *encode_actors(uint64_t which)
{
	json_t *actors = json_array();

	for (int i = 0; actors && i < 64; i++)
		if (which >> i & 1)
			json_array_append_new(actors, json_integer(i));
	return actors;
}

/* The processes that are named, and how many there are. */
static json_t *encode_holders(const struct tl_row *row)
{
	json_t *pids = json_array();

	for (int i = 0; pids && i < row->n_holders && i < TL_HOLDERS_MAX; i++)
		json_array_append_new(pids, json_integer(row->holders[i]));
	if (!row->shared_by)
		return json_pack("{s:i, s:o}", "n", (int)row->n_holders, "pids", pids);
	return json_pack("{s:i, s:o, s:o}", "n", (int)row->n_holders, "pids", pids, "actors",
			 encode_actors(row->shared_by));
}

static json_t *encode_row(const struct tl_row *row)
{
	char local[TL_ENDPOINT_TEXT], remote[TL_ENDPOINT_TEXT];
	const struct tl_sock *s = &row->sock;
	json_t *json;

	json = json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:s, s:I, s:i,"
			 " s:i, s:i, s:i, s:s}",
			 "state", tl_state_name(s->state),
			 "local", tl_endpoint_text(&s->local, local),
			 "remote", tl_endpoint_text(&s->remote, remote),
			 "recvq", (json_int_t)s->recvq,
			 "sendq", (json_int_t)s->sendq,
			 "cookie", (json_int_t)s->cookie,
			 "inode", (json_int_t)s->inode,
			 "uid", (json_int_t)s->uid,
			 "timer", tl_timer_name(s->timer),
			 "timer_ms", (json_int_t)s->timer_ms,
			 "retrans", (int)s->retrans,
			 "owner", row->owner,
			 "peer", row->peer,
			 "pid", (int)row->pid,
			 "known_by", tl_known_by_name(row->by));
	/* The usual case, its owner alone, goes without saying. */
	if ((row->n_holders > 1 && json_object_set_new(json, "holders", encode_holders(row))) ||
	    (row->peers && json_object_set_new(json, "peers", encode_actors(row->peers)))) {
		json_decref(json);
		return NULL;
	}
	return json;
}

static json_t *encode_rows(const struct tl_event *ev)
{
	json_t *rows = json_array();

	for (size_t i = 0; rows && i < ev->snapshot.n; i++)
		if (json_array_append_new(rows, encode_row(&ev->snapshot.rows[i]))) {
			json_decref(rows);
			return NULL;
		}
	return rows;
}

static json_t *encode_end(const struct tl_row *row)
{
	return row->sock.state ? encode_row(row) : json_null();
}

static json_t *encode_ends(const struct tl_row ends[2])
{
	return json_pack("[o, o]", encode_end(&ends[0]), encode_end(&ends[1]));
}

static json_t *encode_told(const struct tl_told *told)
{
	char local[TL_ENDPOINT_TEXT], remote[TL_ENDPOINT_TEXT];

	return json_pack("{s:s, s:s, s:I, s:I}",
			 "local", tl_endpoint_text(&told->local, local),
			 "remote", tl_endpoint_text(&told->remote, remote),
			 "cookie", (json_int_t)told->cookie,
			 "inode", (json_int_t)told->inode);
}

/* All flags, PSH too, in the order of TL_FLAGS. */
static json_t *encode_flags(uint8_t flags)
{
	struct tl_buf names = { 0 };
	json_t *json;

#define X(id, bit, name, meaning)                                                            \
	if (flags & (bit))                                                                   \
		tl_buf_fmt(&names, "%s%s", names.len ? "+" : "", name);
	TL_FLAGS(X)
#undef X
	json = json_string(tl_buf_text(&names));
	tl_buf_release(&names);
	return json;
}

static int encode_options(json_t *line, const struct tl_segment *seg)
{
	int bad = 0;

	if (seg->mss)
		bad |= json_object_set_new(line, "mss", json_integer(seg->mss));
	if (seg->wscale >= 0)
		bad |= json_object_set_new(line, "wscale", json_integer(seg->wscale));
	if (seg->sack_ok)
		bad |= json_object_set_new(line, "sack_ok", json_true());
	if (seg->has_ts) {
		bad |= json_object_set_new(line, "ts_val", json_integer(seg->ts_val));
		bad |= json_object_set_new(line, "ts_ecr", json_integer(seg->ts_ecr));
	}
	if (seg->n_sack)
		bad |= json_object_set_new(line, "n_sack", json_integer(seg->n_sack));
	return bad;
}

static int encode_packet(json_t *line, const struct tl_packet *packet)
{
	static const char digits[] = "0123456789abcdef";
	char hex[2 * TL_PACKET_SNAP];
	int bad;

	if (!packet->bytes)
		return 0;
	for (uint32_t i = 0; i < packet->have; i++) {
		hex[2 * i] = digits[packet->bytes[i] >> 4];
		hex[2 * i + 1] = digits[packet->bytes[i] & 0xf];
	}
	bad = json_object_set_new(line, "packet", json_stringn(hex, 2 * packet->have));
	bad |= json_object_set_new(line, "packet_len", json_integer(packet->total));
	return bad;
}

static int encode_segment(json_t *line, const struct tl_event *ev)
{
	const struct tl_segment *seg = &ev->segment.seg;
	char local[TL_ENDPOINT_TEXT], remote[TL_ENDPOINT_TEXT];
	int bad = 0;

	bad |= json_object_set_new(line, "id", json_integer(ev->segment.id));
	bad |= json_object_set_new(line, "from", json_integer(ev->segment.from));
	bad |= json_object_set_new(line, "to", json_integer(ev->segment.to));
	bad |= json_object_set_new(line, "local", text(tl_endpoint_text(&seg->from, local)));
	bad |= json_object_set_new(line, "remote", text(tl_endpoint_text(&seg->to, remote)));
	bad |= json_object_set_new(line, "flags", encode_flags(seg->flags));
	bad |= json_object_set_new(line, "seq", json_integer(seg->seq));
	bad |= json_object_set_new(line, "ack", json_integer(seg->ack));
	bad |= json_object_set_new(line, "len", json_integer(seg->len));
	bad |= json_object_set_new(line, "window", json_integer(seg->window));
	bad |= encode_options(line, seg);
	bad |= encode_packet(line, &ev->segment.packet);
	bad |= json_object_set_new(line, "ends", encode_ends(ev->segment.ends));
	bad |= json_object_set_new(line, "fate", text(tl_fate_name(ev->segment.fate)));
	if (ev->segment.copy_of)
		bad |= json_object_set_new(line, "copy_of", json_integer(ev->segment.copy_of));
	return bad;
}

static json_t *encode_counters(const struct tl_event *ev)
{
	json_t *counters = json_object();

	for (size_t i = 0; counters && i < ev->counters.n; i++)
		if (json_object_set_new(counters, ev->counters.v[i].name,
					json_integer(ev->counters.v[i].value))) {
			json_decref(counters);
			return NULL;
		}
	return counters;
}

static json_t *encode_unsafe(unsigned unsafe)
{
	json_t *names = json_array();

#define X(id, name, follows)                                                                 \
	if (unsafe & 1u << TL_UNSAFE_##id)                                                   \
		json_array_append_new(names, json_string(name));
	TL_UNSAFE(X)
#undef X
	return names;
}

/* Add what this kind of event says to @line. json_object_set_new() fails on a NULL value. */
static int encode_body(json_t *line, const struct tl_event *ev)
{
	int bad = 0;

	switch (ev->kind) {
	case TL_EVENT_RUN:
		bad |= json_object_set_new(line, "version", json_integer(ev->run.version));
		bad |= json_object_set_new(line, "tcplab", text(ev->run.tcplab));
		bad |= json_object_set_new(line, "kernel", text(ev->run.kernel));
		if (ev->run.wall_ns)
			bad |= json_object_set_new(line, "wall_ns",
						   json_integer(ev->run.wall_ns));
		bad |= json_object_set_new(line, "mock", json_boolean(ev->run.mock));
		if (ev->run.redis)
			bad |= json_object_set_new(line, "redis", text(ev->run.redis));
		if (ev->run.unsafe)
			bad |= json_object_set_new(line, "unsafe", encode_unsafe(ev->run.unsafe));
		bad |= json_object_set_new(line, "file", text(ev->run.file));
		bad |= json_object_set_new(line, "scenario", text(ev->run.text));
		if (ev->run.variant)
			bad |= json_object_set_new(line, "variant", text(ev->run.variant));
		break;
	case TL_EVENT_STEP:
	case TL_EVENT_DONE:
		bad |= json_object_set_new(line, "step", json_integer(ev->step.step));
		if (ev->kind == TL_EVENT_DONE && ev->step.reply)
			bad |= json_object_set_new(line, "reply", text(ev->step.reply));
		if (ev->kind == TL_EVENT_DONE && ev->step.socket.cookie)
			bad |= json_object_set_new(line, "socket",
						   encode_told(&ev->step.socket));
		break;
	case TL_EVENT_ACTOR:
		bad |= json_object_set_new(line, "actor", json_integer(ev->actor.actor));
		bad |= json_object_set_new(line, "change",
					   text(tl_actor_change_name(ev->actor.change)));
		bad |= json_object_set_new(line, "pid", json_integer(ev->actor.pid));
		if (ev->actor.change == TL_ACTOR_EXITED) {
			bad |= json_object_set_new(line, "status",
						   json_integer(ev->actor.status));
			bad |= json_object_set_new(line, "signal",
						   json_integer(ev->actor.signal));
		}
		if (ev->actor.program)
			bad |= json_object_set_new(line, "program", text(ev->actor.program));
		break;
	case TL_EVENT_SNAPSHOT:
		bad |= json_object_set_new(line, "look", text(tl_look_name(ev->snapshot.look)));
		bad |= json_object_set_new(line, "rows", encode_rows(ev));
		break;
	case TL_EVENT_WIRE:
		bad |= json_object_set_new(line, "tapped", json_boolean(ev->wire.tapped));
		bad |= json_object_set_new(line, "text", text(ev->wire.text));
		break;
	case TL_EVENT_SEGMENT:
		bad |= encode_segment(line, ev);
		break;
	case TL_EVENT_LETGO:
		bad |= json_object_set_new(line, "id", json_integer(ev->letgo.id));
		bad |= json_object_set_new(line, "dropped", json_boolean(ev->letgo.dropped));
		if (ev->letgo.rejected)
			bad |= json_object_set_new(line, "rejected", json_true());
		if (ev->letgo.looked)
			bad |= json_object_set_new(line, "ends", encode_ends(ev->letgo.ends));
		break;
	case TL_EVENT_LOSSY:
		bad |= json_object_set_new(line, "n", json_integer(ev->lossy.n));
		break;
	case TL_EVENT_MISSED:
		bad |= json_object_set_new(line, "step", json_integer(ev->missed.step));
		bad |= json_object_set_new(line, "text", text(ev->missed.text));
		break;
	case TL_EVENT_PUSHED:
		bad |= json_object_set_new(line, "actor", json_integer(ev->pushed.actor));
		bad |= json_object_set_new(line, "text", text(ev->pushed.text));
		break;
	case TL_EVENT_OUTPUT:
		bad |= json_object_set_new(line, "actor", json_integer(ev->output.actor));
		bad |= json_object_set_new(line, "text", text(ev->output.text));
		bad |= json_object_set_new(line, "left_out",
					   json_integer((json_int_t)ev->output.left_out));
		break;
	case TL_EVENT_WITNESS:
		bad |= json_object_set_new(line, "command", text(ev->witness.command));
		bad |= json_object_set_new(line, "output", text(ev->witness.output));
		break;
	case TL_EVENT_COUNTERS:
		bad |= json_object_set_new(line, "counters", encode_counters(ev));
		break;
	case TL_EVENT_FAULT:
		bad |= json_object_set_new(line, "step", json_integer(ev->fault.step));
		bad |= json_object_set_new(line, "text",
					   ev->fault.text ? text(ev->fault.text) : json_null());
		break;
	case TL_EVENT_END:
		bad |= json_object_set_new(line, "how", text(tl_end_name(ev->end.how)));
		break;
	case TL_EVENT_PHASE:
		break;
	}
	return bad;
}

int tl_trace_encode(const struct tl_event *ev, struct tl_buf *out, struct tl_err *err)
{
	json_t *line = json_object();
	char *dump = NULL;
	int bad = 0;

	bad |= json_object_set_new(line, "event", text(tl_event_name(ev->kind)));
	bad |= json_object_set_new(line, "t_ns", json_integer(ev->t_ns));
	bad |= json_object_set_new(line, "phase", json_integer(ev->phase));
	bad |= encode_body(line, ev);
	if (!bad)
		dump = json_dumps(line, JSON_COMPACT);
	json_decref(line);
	if (!dump)
		return tl_err_set(err, ENOMEM, "no memory for a trace event");
	tl_buf_str(out, dump);
	tl_buf_add(out, "\n", 1);
	free(dump);
	return out->failed ? tl_err_set(err, ENOMEM, "no memory for a trace event") : 0;
}
