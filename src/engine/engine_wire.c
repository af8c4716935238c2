/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Every segment of the watched ports stops here on its way out and waits for a word from
 * us. While it waits the world stands still as far as this connection goes, so both ends
 * are looked up, exactly, not by a dump; then the segment is recorded, and then let
 * go, unless a "hold" asks for it (holds.c). When one that was held goes on the ends are
 * looked up again: they may have changed meanwhile.
 *
 * Of several that are waiting each is looked at when its turn has come: what is recorded of a
 * socket is in the order in which it was so. What a segment proves of its sender at an earlier
 * moment, when it was sent, it proves by itself.
 *
 * Nothing here goes on to the next step: that a step has what it waited for is found out by
 * steps.c, when the queue has been read.
 */
#include "engine_run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/grow.h"

/* The ends of a copy: where it comes from says nothing, as it is of a moment long ago. */
static const struct tl_row nobody = { .owner = -1, .peer = -1 };

/* Segments decided on before the loop gets its turn again. */
enum { AT_ONCE = 256 };

/* The row of the socket at @local towards @remote. @listener: or of the one it reaches */
static int look_up_end(struct engine *e, const struct tl_endpoint *local,
		       const struct tl_endpoint *remote, bool listener, struct tl_row *row,
		       struct tl_err *err)
{
	bool fresh = !owners_have_seen(&e->owners, local, remote);
	struct tl_sock sock;
	int ret = tl_table_reach(e->table, local, remote, fresh, &sock, err);

	*row = (struct tl_row){ .owner = -1, .peer = -1 };
	if (ret == -ENOENT || (!ret && sock.state == TL_LISTEN && !listener))
		return 0;
	return ret ? ret : owners_attribute_one(&e->owners, &sock, row, err);
}

/* Both ends, while the segment is in flight. */
static int look_up_ends(struct engine *e, const struct tl_segment *seg, struct tl_row *ends,
			struct tl_err *err)
{
	int ret = look_up_end(e, &seg->from, &seg->to, false, &ends[0], err);

	if (!ret)
		ret = look_up_end(e, &seg->to, &seg->from, true, &ends[1], err);
	return ret;
}

/* An end without a socket still has an actor, where the addresses were seen before. */
static void name_ends(struct engine *e, struct tl_event *ev)
{
	const struct tl_segment *seg = &ev->segment.seg;
	struct tl_row *ends = ev->segment.ends;

	ev->segment.from = ends[0].owner >= 0 ? ends[0].owner :
						owners_of(&e->owners, &seg->from, &seg->to);
	ev->segment.to = ends[1].owner >= 0 ? ends[1].owner :
					      owners_of(&e->owners, &seg->to, &seg->from);
	if (ends[0].peer < 0)
		ends[0].peer = ev->segment.to;
	if (ends[1].sock.state && ends[1].sock.state != TL_LISTEN && ends[1].peer < 0)
		ends[1].peer = ev->segment.from;
}

/* Its receiver's kernel acknowledges it, though it may put that off for a moment. */
static bool is_acknowledged(const struct tl_segment *seg, const struct tl_row *receiver)
{
	enum tl_state state = receiver->sock.state;

	if (seg->flags & TL_FLAG_SYN)
		return false;
	return state == TL_ESTABLISHED || state == TL_FIN_WAIT1 || state == TL_FIN_WAIT2;
}

/* Give it to its receiver. @was_held: after it had been held, and not at once */
static int send_on(struct engine *e, const struct stopped *seg, const struct tl_row *receiver,
		   bool was_held, struct tl_err *err)
{
	struct engine_wire *w = &e->wire;

	/* what its receiver has sent by now does not answer it */
	if (tl_wire_read(w->wire, err) < 0)
		return -err->code;
	tl_flows_arrive(&w->flows, &seg->seg);
	if (holds_went_on(&w->holds, seg, was_held, is_acknowledged(&seg->seg, receiver),
			  uv_hrtime(),
			  err))
		return -err->code;
	return tl_wire_release(w->wire, seg->queue_id, err);
}

static void on_again(uv_timer_t *timer);

/* @how: RELEASE, DROP or REJECT */
static int let_go(struct engine *e, int id, enum tl_verb how, struct tl_err *err)
{
	struct tl_event ev = { .kind = TL_EVENT_LETGO,
			       .letgo = { id, .dropped = how != TL_VERB_RELEASE,
					  .rejected = how == TL_VERB_REJECT, .looked = true } };
	struct stopped seg;
	int ret;

	if (!holds_take(&e->wire.holds, id, &seg))
		return 0;
	ret = look_up_ends(e, &seg.seg, ev.letgo.ends, err);
	if (ret)
		return ret;
	engine_emit(e, ev);
	if (how == TL_VERB_RELEASE) {
		ret = send_on(e, &seg, &ev.letgo.ends[1], true, err);
		if (e->wire.n_coming)
			uv_timer_start(&e->wire.again, on_again, 0, 0);
		return ret;
	}
	tl_flows_lose(&e->wire.flows, &seg.seg);
	ret = tl_wire_drop(e->wire.wire, seg.queue_id, err);
	return ret || how == TL_VERB_DROP ? ret : tl_wire_unreachable(&seg.seg, err);
}

int wire_let_go(struct engine *e, int id, bool drop, struct tl_err *err)
{
	return let_go(e, id, drop ? TL_VERB_DROP : TL_VERB_RELEASE, err);
}

static int let_all_go(struct engine *e, const struct tl_selector *select, enum tl_verb how,
		      struct tl_err *err)
{
	const struct stopped *seg = holds_find_after(&e->wire.holds, select, 0);
	int ret = 0;

	while (!ret && seg) {
		int id = seg->id;

		ret = let_go(e, id, how, err);
		seg = holds_find_after(&e->wire.holds, select, id);
	}
	return ret;
}

/* Record what has been decided, and do it. */
static int carry_out(struct engine *e, const struct stopped *seg, const struct tl_event *ev,
		     bool lost, struct tl_err *err)
{
	int ret = 0;

	if (ev->segment.fate == TL_FATE_HELD)
		ret = holds_keep(&e->wire.holds, seg, err);
	engine_emit(e, *ev);
	if (ret || e->doing == ENGINE_ENDED)
		return ret;
	switch (ev->segment.fate) {
	case TL_FATE_PASSED:
		return send_on(e, seg, &ev->segment.ends[1], false, err);
	case TL_FATE_ABSORBED:
		tl_flows_lose(&e->wire.flows, &seg->seg);
		return tl_wire_drop(e->wire.wire, seg->queue_id, err);
	case TL_FATE_HELD:
		return lost ? wire_let_go(e, seg->id, true, err) : 0;
	}
	return 0;
}

/* Decide, having asked where somebody wants to be asked. */
static int handle(struct engine *e, const struct coming *c, struct tl_event *ev, uint32_t kinds,
		  struct tl_err *err)
{
	const struct tl_row *ends = ev->segment.ends;
	const struct stopped seg = {
		.queue_id = c->queue_id, .id = ev->segment.id, .seg = ev->segment.seg,
		.kinds = kinds, .from = ev->segment.from, .to = ev->segment.to,
		.froms = ends[0].shared_by | ends[1].peers,
		.tos = ends[1].shared_by | ends[0].peers,
		.since = c->since, .orphan = !ends[0].sock.state,
	};
	struct holds *holds = &e->wire.holds;
	struct holds_fate fate = holds_decide(holds, &seg, ask_is_waiting(e));
	int ret = 0;

	ev->segment.fate = fate.fate;
	ev->segment.copy_of = fate.copy_of;
	holds_came(holds, &seg, fate.fate, tl_plan_actor_name(e->plan, seg.from));
	if (fate.fate == TL_FATE_ABSORBED) {
		ev->segment.ends[0] = ev->segment.ends[1] = nobody;
	} else {
		holds_answered(holds, &seg.seg);
		if (!fate.lost)
			ret = ask_about(e, seg.id, fate.fate == TL_FATE_HELD, err);
	}
	if (ret > 0)
		ev->segment.fate = TL_FATE_HELD;
	return ret < 0 ? ret : carry_out(e, &seg, ev, fate.lost, err);
}

/* Data goes back and forth between a replica and its master; the last word is the replica's. */
static void note_owing(struct engine *e, const struct tl_event *ev, uint32_t kinds)
{
	int from = ev->segment.from, to = ev->segment.to;

	if (!(kinds & 1u << TL_SEGMENT_DATA) || from < 0 || to < 0)
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

static int decide(struct engine *e, const struct coming *c, struct tl_err *err)
{
	struct tl_event ev = { .kind = TL_EVENT_SEGMENT,
			       .segment = { .seg = c->seg, .packet = c->packet } };
	uint32_t kinds = tl_flows_see(&e->wire.flows, &c->seg);
	int ret = 0;

	if (!kinds)
		return tl_err_set(err, ENOMEM, "no memory for a connection's sequence numbers");
	ev.segment.id = ++e->wire.last_id;
	if (holds_absorb(&e->wire.holds, &c->seg, c->since, ask_is_waiting(e)))
		ev.segment.ends[0] = ev.segment.ends[1] = nobody;
	else
		ret = look_up_ends(e, &c->seg, ev.segment.ends, err);
	if (ret)
		return ret;
	name_ends(e, &ev);
	ret = handle(e, c, &ev, kinds, err);
	note_owing(e, &ev, kinds);
	return ret;
}

/*
 * Decide on each that waits, having read first whatever else has been sent: so of each it is
 * known what had not gone on when it was sent. Those who send without end have to leave the
 * loop its turn. Return: 0 or -errno.
 */
static int decide_all(struct engine *e, struct tl_err *err)
{
	struct engine_wire *w = &e->wire;
	int ret = 0;

	for (int i = 0; !ret && i < AT_ONCE && e->doing != ENGINE_ENDED; i++) {
		struct coming c;

		if (tl_wire_read(w->wire, err) < 0)
			return -err->code;
		if (e->doing == ENGINE_ENDED)
			return 0;
		if (w->decided == w->n_coming) {
			w->decided = w->n_coming = 0;
			break;
		}
		c = w->coming[w->decided++];
		c.packet.bytes = c.room;
		ret = decide(e, &c, err);
	}
	if (w->n_coming)
		uv_timer_start(&w->again, on_again, 0, 0);
	return ret;
}

static void on_read_out(void *arg)
{
	struct engine *e = arg;
	struct tl_err err;

	if (e->doing == ENGINE_ENDED)
		return;
	if (decide_all(e, &err))
		engine_fault(e, &err, -1);
	steps_poke(e);
}

static void on_again(uv_timer_t *timer)
{
	on_read_out(timer->data);
}

static struct coming *new_coming(struct engine_wire *w, struct tl_err *err)
{
	if (TL_GROW(w->coming, w->n_coming))
		return &w->coming[w->n_coming];
	tl_err_set(err, ENOMEM, "no memory for a segment");
	return NULL;
}

static void on_stopped(void *arg, uint32_t queue_id, const struct tl_segment *segment,
		       const struct tl_packet *packet)
{
	struct engine *e = arg;
	struct coming *c;
	struct tl_err err;

	if (e->doing == ENGINE_ENDED)
		return;
	c = new_coming(&e->wire, &err);
	if (!c) {
		engine_fault(e, &err, -1);
		return;
	}
	c->queue_id = queue_id;
	c->seg = *segment;
	c->packet = *packet;
	c->since = uv_hrtime();
	memcpy(c->room, packet->bytes, packet->have);
	e->wire.n_coming++;
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
						 .read_out = on_read_out,
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
	holds_release(&e->wire.holds);
	free(e->wire.coming);
}

void wire_new_phase(struct engine *e)
{
	holds_new_phase(&e->wire.holds);
}

int wire_read_out(struct engine *e, struct tl_err *err)
{
	int ret = e->wire.wire ? decide_all(e, err) : 0;

	return ret ? ret : !e->wire.n_coming;
}

int wire_step(struct engine *e, const struct tl_step *step, struct tl_err *err)
{
	struct holds *holds = &e->wire.holds;
	const struct stopped *seg;
	int ret;

	if (step->verb == TL_VERB_HOLD || step->verb == TL_VERB_LOSE) {
		ret = holds_add(holds, &step->select, step->verb == TL_VERB_LOSE, err);
		return ret ? ret : 1;
	}
	if (step->verb == TL_VERB_PASS) {
		holds_pass(holds, &step->select);
		ret = let_all_go(e, &step->select, TL_VERB_RELEASE, err);
		return ret ? ret : 1;
	}
	seg = holds_find(holds, &step->select);
	if (!seg || step->verb == TL_VERB_AWAIT)
		return seg != NULL;
	if (step->select.all)
		ret = let_all_go(e, &step->select, step->verb, err);
	else
		ret = let_go(e, seg->id, step->verb, err);
	return ret ? ret : 1;
}

void wire_missed(struct engine *e, const struct tl_step *step, struct tl_buf *out)
{
	tl_buf_fmt(out, "%s: no such segment was held in time; ", step->text);
	holds_say_came(&e->wire.holds, out);
}
