/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The segments in it. */
#include "json.h"

json_t *tl_json_trouble(const struct tl_report *report, const struct tl_event *ev)
{
	bool missed = ev->kind == TL_EVENT_MISSED;

	(void)report;
	return json_pack("{s:o, s:o, s:o, s:o}",
			 "t_ns", tl_json_number(ev->t_ns),
			 "phase", tl_json_ordinal(ev->phase),
			 "step", tl_json_ordinal(missed ? ev->missed.step : ev->fault.step),
			 "text", tl_json_text(missed ? ev->missed.text : ev->fault.text));
}

/* The ids of the segments that were still held when the run ended. */
static void put_held(struct tl_json *to, const struct tl_film *film)
{
	tl_json_begin(to, "held", '[');
	for (size_t i = 0; i < film->n_shots && !to->out->failed; i++)
		if (film->shots[i].end == TL_SHOT_HELD)
			tl_json_put(to, NULL, json_integer(film->shots[i].ev->segment.id));
	tl_json_end(to, ']');
}

static json_t *absorbed(const struct tl_film *film)
{
	size_t n = 0;

	for (size_t i = 0; i < film->n_shots; i++)
		n += film->shots[i].end == TL_SHOT_ABSORBED;
	return tl_json_number(n);
}

/* The kernel's rule that stopped the segments; NULL where nothing is known of one. */
static const char *rule(const struct tl_report *report)
{
	for (size_t i = 0; i < report->trace->n; i++)
		if (report->trace->events[i].kind == TL_EVENT_WIRE &&
		    report->trace->events[i].wire.tapped)
			return report->trace->events[i].wire.text;
	return NULL;
}

void tl_json_wire(struct tl_json *to, const char *key, const struct tl_report *report)
{
	const struct tl_tap *tap = &report->film->tap;

	tl_json_begin(to, key, '{');
	tl_json_put(to, "mode", tl_json_text(tl_wire_mode_name(report->plan->wire)));
	tl_json_put(to, "tapped", json_boolean(tap->tapped));
	tl_json_put(to, "rule", tl_json_text(rule(report)));
	tl_json_put(to, "untapped_because", tl_json_text(tap->because));
	put_held(to, report->film);
	tl_json_put(to, "absorbed", absorbed(report->film));
	tl_json_put(to, "lossy", tl_json_number(tap->lossy));
	tl_json_list_events(to, "missed", report, TL_EVENT_MISSED, tl_json_trouble);
	tl_json_end(to, '}');
}

static json_t *flags(const struct tl_segment *s)
{
	json_t *all = json_array();

#define X(id, bit, name, meaning)                                                            \
	if ((s->flags & TL_FLAG_##id) && json_array_append_new(all, json_string(name)))      \
		goto fail;
	TL_FLAGS(X)
#undef X
	return all;
fail:
	json_decref(all);
	return NULL;
}

/* What is absent is null. */
static json_t *options(const struct tl_segment *s)
{
	return json_pack("{s:o, s:o, s:b, s:o, s:o, s:i}",
			 "mss", s->mss ? json_integer(s->mss) : json_null(),
			 "wscale", s->wscale >= 0 ? json_integer(s->wscale) : json_null(),
			 "sack_ok", s->sack_ok,
			 "ts_val", s->has_ts ? tl_json_number(s->ts_val) : json_null(),
			 "ts_ecr", s->has_ts ? tl_json_number(s->ts_ecr) : json_null(),
			 "sack_blocks", (int)s->n_sack);
}

static json_t *end(const struct tl_report *report, const void *of, size_t i)
{
	const struct tl_sock *sock = &((const struct tl_row *)of)[i].sock;

	(void)report;
	if (!sock->state)
		return json_null();
	return json_pack("{s:s, s:o}",
			 "state", tl_state_name(sock->state),
			 "cookie", tl_json_cookie(sock->cookie));
}

static json_t *letgo(const struct tl_event *ev)
{
	if (!ev)
		return json_null();
	return json_pack("{s:o, s:o, s:b, s:b}",
			 "t_ns", tl_json_number(ev->t_ns),
			 "phase", tl_json_ordinal(ev->phase),
			 "dropped", ev->letgo.dropped,
			 "rejected", ev->letgo.rejected);
}

static json_t *segment(const struct tl_report *report, const struct tl_shot *shot)
{
	const struct tl_event *ev = shot->ev;
	const struct tl_segment *s = &ev->segment.seg;

	return json_pack("{s:i, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:o,"
			 " s:o, s:s, s:o, s:o}",
			 "id", ev->segment.id,
			 "t_ns", tl_json_number(ev->t_ns),
			 "name", tl_segment_kind_name(shot->name),
			 "from", tl_json_actor(report, shot->from),
			 "to", tl_json_actor(report, shot->to),
			 "local", tl_json_endpoint(&s->from),
			 "remote", tl_json_endpoint(&s->to),
			 "flags", flags(s),
			 "seq", tl_json_number(s->seq),
			 "ack", s->flags & TL_FLAG_ACK ? tl_json_number(s->ack) : json_null(),
			 "len", tl_json_number(s->len),
			 "window", (int)s->window,
			 "options", options(s),
			 "ends", tl_json_array(report, ev->segment.ends, 2, end),
			 "fate", tl_fate_name(ev->segment.fate),
			 "copy_of", ev->segment.fate == TL_FATE_ABSORBED ?
					    json_integer(ev->segment.copy_of) : json_null(),
			 "letgo", letgo(shot->letgo));
}

void tl_json_segments(struct tl_json *to, const char *key, const struct tl_report *report,
		      size_t phase)
{
	const struct tl_film *film = report->film;

	tl_json_begin(to, key, '[');
	for (size_t i = 0; i < film->n_shots && !to->out->failed; i++)
		if (film->shots[i].ev->phase == (int)phase)
			tl_json_put(to, NULL, segment(report, &film->shots[i]));
	tl_json_end(to, ']');
}
