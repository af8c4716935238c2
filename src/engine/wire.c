/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Every segment of the watched ports stops here on its way out and waits for a word from
 * us. While it waits the world stands still as far as this connection goes, so both ends
 * are looked up now, exactly, not by a dump; then the segment is recorded, and then let
 * go, unless a "hold" asks for it.
 *
 * A hold is for the next segment of its kind and is used up by it; with "all" it stays
 * until "pass". "lose" is a hold whose segment is dropped at once. A segment may be repeated
 * while it is held, and so may the answer that the other end keeps giving to a segment let
 * go before: a copy of a held segment adds nothing to the film and would spoil it when let
 * go, so it is absorbed: recorded and dropped. Once the original is dropped a copy is no
 * copy any more but the repair.
 *
 * An echo is the like of it, a moment later. A kernel whose segment is held wants to
 * repeat it, sees that it has not even left the host, and tries again twice a second
 * (TCP_RESOURCE_PROBE_INTERVAL). A try that falls between the release and its answer
 * succeeds. It is absorbed as well: on this wire nothing is lost but what we drop.
 */
#include "engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/grow.h"

/* Twice the time after which the kernel has tried again. */
#define ECHO_NS (1000 * 1000000ULL)

static bool kind_fits(enum tl_segment_kind kind, uint32_t kinds)
{
	return kinds & (1u << kind);
}

static bool fits(const struct tl_selector *select, uint32_t kinds, int from, int to)
{
	return kind_fits(select->kind, kinds) && select->from == from &&
	       (select->to < 0 || select->to == to);
}

/* The listener that takes a SYN to @local. Return: 0, -ENOENT, or -errno with @err. */
static int find_listener(struct engine *e, const struct tl_endpoint *local,
			 struct tl_sock *sock, struct tl_err *err)
{
	struct tl_socks found = { 0 };
	int ret = tl_table_dump(e->table, &local->port, 1, &found, err);
	bool hit = false;

	for (size_t i = 0; !ret && !hit && i < found.n; i++) {
		hit = found.v[i].state == TL_LISTEN &&
		      tl_endpoint_accepts(&found.v[i].local, local);
		*sock = found.v[i];
	}
	tl_socks_release(&found);
	return ret ? ret : hit ? 0 : -ENOENT;
}

/* The row of the socket at @local towards @remote; for a SYN's goal, of its listener. */
static int look_up_end(struct engine *e, const struct tl_endpoint *local,
		       const struct tl_endpoint *remote, bool listener, struct tl_row *row,
		       struct tl_err *err)
{
	struct tl_sock sock;
	int ret = tl_table_find(e->table, local, remote, &sock, err);

	if (ret == -ENOENT && listener)
		ret = find_listener(e, local, &sock, err);
	*row = (struct tl_row){ .owner = -1, .peer = -1 };
	if (ret == -ENOENT)
		return 0;
	return ret ? ret :
		     owners_attribute_one(&e->owners, e->actors, e->plan->n_actors, &sock, row,
					  err);
}

static void remember(struct engine_wire *w, const struct engine *e, uint32_t kinds, int from)
{
	snprintf(w->came[w->n_came++ % CAME_MAX], sizeof(w->came[0]), "%s from %.30s",
		 tl_flows_name(kinds), tl_plan_actor_name(e->plan, from));
}

static const struct held *find_original(const struct engine_wire *w,
					const struct tl_segment *seg)
{
	for (size_t i = 0; i < w->n_held; i++)
		if (tl_segment_is_copy(&w->held[i].seg, seg))
			return &w->held[i];
	return NULL;
}

static int note_release(struct engine_wire *w, const struct held *held, struct tl_err *err)
{
	if (!w->released)
		w->released = calloc(RELEASED_MAX, sizeof(*w->released));
	if (!w->released)
		return tl_err_set(err, ENOMEM, "no memory for a released segment");
	w->released[w->n_released++ % RELEASED_MAX] =
		(struct released){ held->seg, held->id, uv_hrtime() };
	return 0;
}

/* The segment whose echo this is: its id, or 0. While somebody is asked, echoes come late. */
static int find_echoed(const struct engine *e, const struct tl_segment *seg)
{
	const struct engine_wire *w = &e->wire;
	uint64_t now = uv_hrtime();

	for (size_t i = 0; i < w->n_released && i < RELEASED_MAX; i++)
		if (tl_segment_is_copy(&w->released[i].seg, seg) &&
		    (ask_is_waiting(e) || now - w->released[i].at < ECHO_NS))
			return w->released[i].id;
	return 0;
}

/* Is this segment to be held, or @lost? What asked for just this one is used up. */
static bool take_hold(struct engine_wire *w, uint32_t kinds, int from, int to, bool *lost)
{
	for (size_t i = 0; i < w->n_holds; i++) {
		struct hold *hold = &w->holds[i];

		if (!fits(&hold->select, kinds, from, to) || --hold->to_come > 0)
			continue;
		*lost = hold->lose;
		if (hold->select.all)
			hold->to_come = 1;
		else
			memmove(hold, hold + 1, (--w->n_holds - i) * sizeof(*hold));
		return true;
	}
	return false;
}

static int keep(struct engine_wire *w, const struct held *held, struct tl_err *err)
{
	if (!TL_GROW(w->held, w->n_held))
		return tl_err_set(err, ENOMEM, "no memory for a held segment");
	w->held[w->n_held++] = *held;
	return 0;
}

/* Which of the held ones a step is about: the oldest. NULL for none. */
static struct held *find_held(struct engine_wire *w, const struct tl_selector *select)
{
	for (size_t i = 0; i < w->n_held; i++)
		if (fits(select, w->held[i].kinds, w->held[i].from, w->held[i].to))
			return &w->held[i];
	return NULL;
}

static int let_go(struct engine *e, struct held *held, bool drop, struct tl_err *err)
{
	struct engine_wire *w = &e->wire;
	struct held gone = *held;

	memmove(held, held + 1, (size_t)(w->held + --w->n_held - held) * sizeof(*held));
	engine_emit(e, (struct tl_event){ .kind = TL_EVENT_LETGO, .letgo = { gone.id, drop } });
	if (drop)
		tl_flows_lose(&w->flows, &gone.seg);
	else
		tl_flows_arrive(&w->flows, &gone.seg);
	if (drop)
		return tl_wire_drop(w->wire, gone.queue_id, err);
	if (note_release(w, &gone, err))
		return -err->code;
	return tl_wire_release(w->wire, gone.queue_id, err);
}

static int let_all_go(struct engine *e, const struct tl_selector *select, bool drop,
		      struct tl_err *err)
{
	struct held *held;
	int ret = 0;

	while (!ret && (held = find_held(&e->wire, select)))
		ret = let_go(e, held, drop, err);
	return ret;
}

int wire_let_go(struct engine *e, int id, bool drop, struct tl_err *err)
{
	for (size_t i = 0; i < e->wire.n_held; i++)
		if (e->wire.held[i].id == id)
			return let_go(e, &e->wire.held[i], drop, err);
	return 0;
}

/* A step that waited has what it waited for, if it has. */
static void look_at_step(struct engine *e)
{
	const struct tl_step *step;
	struct tl_err err;
	int ret;

	if (!e->wire.awaiting || ask_is_waiting(e) || e->doing == ENGINE_ENDED)
		return;
	step = &e->plan->phases[e->phase].steps[e->step];
	ret = wire_step(e, step, &err);
	if (ret)
		steps_wire_done(e, ret < 0 ? &err : NULL);
}

void wire_answered(struct engine *e)
{
	look_at_step(e);
}

/* Both ends, while the segment is in flight. */
static int look_up_ends(struct engine *e, struct tl_event *ev, struct tl_err *err)
{
	const struct tl_segment *seg = &ev->segment.seg;
	bool first = (seg->flags & (TL_FLAG_SYN | TL_FLAG_ACK)) == TL_FLAG_SYN;
	struct tl_row *ends = ev->segment.ends;
	int ret = look_up_end(e, &seg->from, &seg->to, false, &ends[0], err);

	if (!ret)
		ret = look_up_end(e, &seg->to, &seg->from, first, &ends[1], err);
	if (ret)
		return ret;
	/* An end without a socket still has an actor, where the addresses were seen before. */
	ev->segment.from = owners_of(&e->owners, &seg->from, &seg->to);
	ev->segment.to = owners_of(&e->owners, &seg->to, &seg->from);
	ends[0].peer = ev->segment.to;
	if (ends[1].sock.state && ends[1].sock.state != TL_LISTEN)
		ends[1].peer = ev->segment.from;
	return 0;
}

/* What is to become of a segment, before anybody is asked. */
static enum tl_fate decide(struct engine *e, struct tl_event *ev, uint32_t kinds, bool *lost)
{
	const struct held *original = find_original(&e->wire, &ev->segment.seg);

	ev->segment.copy_of = original ? original->id : find_echoed(e, &ev->segment.seg);
	if (ev->segment.copy_of)
		return TL_FATE_ABSORBED;
	remember(&e->wire, e, kinds, ev->segment.from);
	return take_hold(&e->wire, kinds, ev->segment.from, ev->segment.to, lost) ?
		       TL_FATE_HELD :
		       TL_FATE_PASSED;
}

/* Decide, record, and then do it. */
static int handle(struct engine *e, uint32_t queue_id, struct tl_event *ev, uint32_t kinds,
		  struct tl_err *err)
{
	const struct held held = { queue_id, ev->segment.id,   ev->segment.seg,
				   kinds,    ev->segment.from, ev->segment.to };
	bool lost = false;
	enum tl_fate fate = decide(e, ev, kinds, &lost);
	int ret = 0;

	if (fate != TL_FATE_ABSORBED && !lost) {
		ret = ask_about(e, ev->segment.id, fate == TL_FATE_HELD, err);
		if (ret > 0)
			fate = TL_FATE_HELD;
	}
	if (ret >= 0 && fate == TL_FATE_HELD)
		ret = keep(&e->wire, &held, err);
	ev->segment.fate = fate;
	engine_emit(e, *ev);
	if (ret < 0 || e->doing == ENGINE_ENDED)
		return ret < 0 ? ret : 0;
	switch (fate) {
	case TL_FATE_PASSED:
		tl_flows_arrive(&e->wire.flows, &held.seg);
		return tl_wire_release(e->wire.wire, queue_id, err);
	case TL_FATE_ABSORBED:
		tl_flows_lose(&e->wire.flows, &held.seg);
		return tl_wire_drop(e->wire.wire, queue_id, err);
	case TL_FATE_HELD:
		return lost ? wire_let_go(e, ev->segment.id, true, err) : 0;
	}
	return 0;
}

/* Data goes back and forth between a replica and its master; the last word is the replica's. */
static void note_owing(struct engine *e, const struct tl_event *ev, uint32_t kinds)
{
	int from = ev->segment.from, to = ev->segment.to;

	if (!kind_fits(TL_SEGMENT_DATA, kinds) || from < 0 || to < 0)
		return;
	if (e->plan->actors[from].replicaof == to)
		e->wire.owing &= ~(UINT64_C(1) << from);
	else if (e->plan->actors[to].replicaof == from)
		e->wire.owing |= UINT64_C(1) << to;
}

bool wire_owes(const struct engine *e, int actor)
{
	return actor >= 0 && e->wire.owing & UINT64_C(1) << actor;
}

static void on_stopped(void *arg, uint32_t queue_id, const struct tl_segment *segment,
		       const struct tl_packet *packet)
{
	struct engine *e = arg;
	struct tl_event ev = { .kind = TL_EVENT_SEGMENT,
			       .segment = { .seg = *segment, .packet = *packet } };
	uint32_t kinds;
	struct tl_err err;

	if (e->doing == ENGINE_ENDED)
		return;
	ev.segment.id = ++e->wire.last_id;
	kinds = tl_flows_see(&e->wire.flows, segment);
	if (!kinds)
		tl_err_set(&err, ENOMEM, "no memory for a connection's sequence numbers");
	if (!kinds || look_up_ends(e, &ev, &err) || handle(e, queue_id, &ev, kinds, &err)) {
		engine_fault(e, &err, -1);
		return;
	}
	note_owing(e, &ev, kinds);
	if (ev.segment.fate == TL_FATE_HELD)
		look_at_step(e);
}

static void on_lossy(void *arg, uint64_t n)
{
	struct engine *e = arg;

	if (e->doing != ENGINE_ENDED)
		engine_emit(e, (struct tl_event){ .kind = TL_EVENT_LOSSY, .lossy.n = n });
}

static void on_broken(void *arg, const struct tl_err *err)
{
	engine_fault(arg, err, -1);
}

int wire_open(struct engine *e, struct tl_err *err)
{
	const struct tl_wire_options options = { .loop = &e->loop,
						 .ports = e->plan->watch,
						 .n_ports = e->plan->n_watch,
						 .stopped = on_stopped,
						 .lossy = on_lossy,
						 .broken = on_broken,
						 .arg = e };
	struct tl_err why;
	const char *text;
	int ret;

	if (e->plan->wire == TL_WIRE_OFF)
		return 0;
	ret = tl_wire_open(&e->wire.wire, &options, &why);
	if (ret && (ret != -EOPNOTSUPP || tl_plan_holds(e->plan) ||
		    tl_plan_needs(e->plan, TL_NEED_WIRE))) {
		*err = why;
		return ret;
	}
	text = ret ? why.text : tl_wire_rule_name(tl_wire_rule(e->wire.wire));
	engine_emit(e, (struct tl_event){ .kind = TL_EVENT_WIRE,
					  .wire = { .tapped = !ret, .text = (char *)text } });
	return 0;
}

static void on_wire_closed(void *arg)
{
	(void)arg;
}

void wire_close(struct engine *e)
{
	if (e->wire.wire)
		tl_wire_close(e->wire.wire, on_wire_closed, e);
	e->wire.wire = NULL;
}

void wire_release_memory(struct engine *e)
{
	tl_flows_release(&e->wire.flows);
	free(e->wire.holds);
	free(e->wire.held);
	free(e->wire.released);
}

void wire_new_phase(struct engine *e)
{
	e->wire.n_came = 0;
}

static int add_hold(struct engine_wire *w, const struct tl_step *step, struct tl_err *err)
{
	if (!TL_GROW(w->holds, w->n_holds))
		return tl_err_set(err, ENOMEM, "no memory for a hold");
	w->holds[w->n_holds++] = (struct hold){ step->select, step->select.nth,
						step->verb == TL_VERB_LOSE };
	return 1;
}

/* Take back the holds that @select covers, then let go what they caught, oldest first. */
static int pass(struct engine *e, const struct tl_selector *select, struct tl_err *err)
{
	struct engine_wire *w = &e->wire;
	size_t kept = 0;
	int ret;

	for (size_t i = 0; i < w->n_holds; i++) {
		const struct tl_selector *hold = &w->holds[i].select;

		if (!tl_segment_kind_is(hold->kind, select->kind) || select->from != hold->from ||
		    (select->to >= 0 && select->to != hold->to))
			w->holds[kept++] = w->holds[i];
	}
	w->n_holds = kept;
	ret = let_all_go(e, select, false, err);
	return ret ? ret : 1;
}

int wire_step(struct engine *e, const struct tl_step *step, struct tl_err *err)
{
	struct engine_wire *w = &e->wire;
	bool drop = step->verb == TL_VERB_DROP;
	struct held *held;
	int ret;

	if (step->verb == TL_VERB_HOLD || step->verb == TL_VERB_LOSE)
		return add_hold(w, step, err);
	if (step->verb == TL_VERB_PASS)
		return pass(e, &step->select, err);
	held = find_held(w, &step->select);
	w->awaiting = !held;
	if (!held || step->verb == TL_VERB_AWAIT)
		return held != NULL;
	if (step->select.all)
		ret = let_all_go(e, &step->select, drop, err);
	else
		ret = let_go(e, held, drop, err);
	return ret ? ret : 1;
}

void wire_missed(struct engine *e, const struct tl_step *step, struct tl_buf *out)
{
	const struct engine_wire *w = &e->wire;
	unsigned n = w->n_came < CAME_MAX ? w->n_came : CAME_MAX;

	tl_buf_fmt(out, "%s: no such segment was held in time; ", step->text);
	if (!n)
		tl_buf_str(out, "none came in this phase");
	else if (n < w->n_came)
		tl_buf_fmt(out, "the last %u of the %u that came:", n, w->n_came);
	else
		tl_buf_str(out, "what came:");
	for (unsigned i = w->n_came - n; i < w->n_came; i++)
		tl_buf_fmt(out, "%s %s", i > w->n_came - n ? "," : "", w->came[i % CAME_MAX]);
}
