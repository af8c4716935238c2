/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking at the table until it is as the phase expects it.
 *
 * Nothing announces a change of state, so the table is read again after a pause that
 * grows from 1 ms to LONGEST_PAUSE_MS. Only what differs from the last snapshot is
 * recorded, and the one the phase ends on, always.
 */
#include "engine_run.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_PAUSE_MS 1
#define LONGEST_PAUSE_MS 16
#define HOLDING_PAUSE_MS 20

/* How long bytes between two open ends may keep a look from being the one: find_unrest(). */
#define CALM_NS (1000 * 1000000ULL)

/* How long what a replica owes its master may: three heartbeats. */
#define OWED_NS (3 * CALM_NS)

/* Two readings have to agree; a table that will not hold still is tried again later. */
#define READ_TRIES 8

static const struct tl_phase *current(const struct engine *e)
{
	return &e->plan->phases[e->phase];
}

int look_read(struct engine *e, struct tl_row **rows, size_t *n, struct tl_err *err)
{
	int ret = tl_table_read(e->table, e->plan->watch, e->plan->n_watch, READ_TRIES,
				&e->socks, err);

	if (ret)
		return ret;
	ret = owners_attribute(&e->owners, &e->socks, rows, err);
	*n = ret ? 0 : e->socks.n;
	return ret;
}

int look_learn(struct engine *e, struct tl_err *err)
{
	bool by_itself = false;
	struct tl_row *rows;
	int ret;

	for (size_t i = 0; i < e->plan->n_actors; i++)
		by_itself |= e->plan->actors[i].kind != TL_ACTOR_KIND_PEER;
	if (e->wire.wire || !by_itself)
		return 0;
	ret = tl_table_dump(e->table, e->plan->watch, e->plan->n_watch, &e->socks, err);
	if (ret == -EAGAIN)
		return 0;
	if (!ret)
		ret = owners_attribute(&e->owners, &e->socks, &rows, err);
	if (!ret)
		free(rows);
	return ret;
}

bool look_same(const struct engine *e, const struct tl_row *rows, size_t n)
{
	if (!e->emitted || n != e->n_rows)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!tl_sock_same(&rows[i].sock, &e->rows[i].sock) ||
		    rows[i].owner != e->rows[i].owner || rows[i].peer != e->rows[i].peer ||
		    rows[i].shared_by != e->rows[i].shared_by ||
		    rows[i].peers != e->rows[i].peers)
			return false;
	return true;
}

void look_emit(struct engine *e, enum tl_look look, struct tl_row *rows, size_t n)
{
	engine_emit(e, (struct tl_event){ .kind = TL_EVENT_SNAPSHOT,
					  .snapshot = { .look = look, .rows = rows, .n = n } });
	free(e->rows);
	e->rows = rows;
	e->n_rows = n;
	e->emitted = true;
}

void look_last(struct engine *e)
{
	struct tl_row *rows;
	struct tl_err unused;
	size_t n;

	if (!e->failed && !look_read(e, &rows, &n, &unused))
		look_emit(e, TL_LOOK_SETTLED, rows, n);
}

static void settle(struct engine *e, struct tl_row *rows, size_t n, bool met)
{
	look_emit(e, TL_LOOK_SETTLED, rows, n);
	if (met)
		witness_begin(e);
	else
		engine_end(e, TL_END_UNMET);
}

static void on_tick(uv_timer_t *timer);

static void look_again(struct engine *e)
{
	unsigned pause = e->doing == ENGINE_HOLDING ? HOLDING_PAUSE_MS : e->pause_ms;

	e->pause_ms = e->pause_ms * 2 > LONGEST_PAUSE_MS ? LONGEST_PAUSE_MS : e->pause_ms * 2;
	uv_timer_start(&e->tick, on_tick, pause, 0);
}

/* Record the rows if they are news, and look again later. */
static void go_on(struct engine *e, enum tl_look look, struct tl_row *rows, size_t n)
{
	if (look_same(e, rows, n))
		free(rows);
	else
		look_emit(e, look, rows, n);
	if (e->doing != ENGINE_ENDED)
		look_again(e);
}

static bool any_frozen(const struct engine *e)
{
	for (size_t i = 0; i < e->plan->n_actors; i++)
		if (tl_actor_is_frozen(e->actors[i]))
			return true;
	return false;
}

/* A twin has no heartbeat, and answers its master nothing. */
static bool owes(const struct engine *e, int actor)
{
	return !e->options->mock && wire_owes(e, actor);
}

/* It reads and sends nothing that a step has not told it. */
static bool is_peer(const struct engine *e, int actor)
{
	return actor >= 0 && e->plan->actors[actor].kind == TL_ACTOR_KIND_PEER;
}

/* Does the phase itself measure this row's queue? Then it was made on purpose. */
static bool is_asked_for(const struct tl_phase *phase, const struct tl_row *row)
{
	const uint32_t queues = 1u << TL_MEASURE_RECV_Q | 1u << TL_MEASURE_SEND_Q;

	for (size_t i = 0; i < phase->n_expects; i++)
		if ((phase->expects[i].measured & queues) &&
		    tl_pattern_fits(&phase->expects[i], row))
			return true;
	return false;
}

/* Does somebody read, accept or acknowledge here by itself, and has not yet? */
static bool is_behind(const struct engine *e, const struct tl_row *row)
{
	if (is_asked_for(current(e), row))
		return false;
	if (row->sock.state == TL_LISTEN)
		return row->sock.recvq && !is_peer(e, row->owner);
	if (row->sock.state != TL_ESTABLISHED || is_peer(e, row->owner))
		return false;
	return row->sock.recvq || row->sock.sendq;
}

/* Why a table that is as expected is not yet the one. */
enum unrest {
	UNREST_NONE,
	UNREST_BYTES, /* not read, not accepted, not acknowledged */
	UNREST_OWED,  /* a replica has still to answer its master */
};

/*
 * Redis says something of its own accord now and then, and a look could fall into the
 * moment between the bytes and their ACK, or between a connection and its accept(): the
 * same table, except for a queue. Nor is all said while a replica owes its master an answer
 * that it has not sent yet. So that every run shows the same, and that nothing unread
 * turns the close that may come next into a RST, such a moment is waited out. Not for ever,
 * as a queue may be just what a scenario is about; and not at all where the phase asks for
 * that queue, or while the scenario holds a segment or an actor still, which is how queues are
 * made on purpose.
 */
static enum unrest find_unrest(const struct engine *e, const struct tl_row *rows, size_t n)
{
	enum unrest found = UNREST_NONE;

	if (e->wire.holds.held.live || any_frozen(e))
		return UNREST_NONE;
	for (size_t i = 0; i < n; i++) {
		if (rows[i].sock.state == TL_ESTABLISHED && owes(e, rows[i].owner))
			return UNREST_OWED;
		if (is_behind(e, &rows[i]))
			found = UNREST_BYTES;
	}
	return found;
}

/*
 * Is there time to wait for it? A replica's ACK comes with its next heartbeat at the latest,
 * a second from now. What is waited for after that, the ACK's own acknowledgement, has its
 * time from then on.
 */
static bool wait_out(struct engine *e, enum unrest unrest)
{
	uint64_t now = engine_now(e);

	switch (unrest) {
	case UNREST_NONE:
		return false;
	case UNREST_OWED:
		if (!e->owed_by)
			e->owed_by = now + OWED_NS;
		e->calm_by = 0;
		if (now >= e->owed_by)
			return false;
		break;
	case UNREST_BYTES:
		if (!e->calm_by)
			e->calm_by = now + CALM_NS;
		if (now >= e->calm_by)
			return false;
		break;
	}
	e->pause_ms = FIRST_PAUSE_MS;
	return true;
}

static bool is_as_expected(const struct tl_phase *phase, const struct tl_row *rows, size_t n)
{
	return !tl_phase_has_expectation(phase) ||
	       tl_match(phase->expects, phase->n_expects, phase->others_ignore, rows, n, NULL,
			NULL);
}

static void judge_by_deadline(struct engine *e, struct tl_row *rows, size_t n)
{
	const struct tl_phase *phase = current(e);
	bool as_expected = is_as_expected(phase, rows, n);
	bool late = engine_now(e) >= e->until;

	if (e->doing == ENGINE_HOLDING) {
		if (late || !as_expected)
			settle(e, rows, n, as_expected);
		else
			go_on(e, TL_LOOK_HOLDING, rows, n);
	} else if (as_expected && !late && wait_out(e, find_unrest(e, rows, n))) {
		go_on(e, TL_LOOK_WAITING, rows, n);
	} else if (as_expected && phase->for_ns) {
		e->doing = ENGINE_HOLDING;
		look_emit(e, TL_LOOK_HOLDING, rows, n);
		e->until = engine_now(e) + phase->for_ns; /* of what is recorded, not less */
		look_again(e);
	} else if (as_expected || late) {
		settle(e, rows, n, as_expected);
	} else {
		go_on(e, TL_LOOK_WAITING, rows, n);
	}
}

/*
 * The table; where it is as expected, with nothing waiting to be read that was sent before it
 * was so: who sends a RST does it before its row is gone. Programs that talk without end are
 * not waited for. Return: 0, or -errno with @err, also when the run has ended.
 */
static int read_settled(struct engine *e, struct tl_row **rows, size_t *n, struct tl_err *err)
{
	for (int tries = 0;; tries++) {
		int last = e->wire.last_id, ret = look_read(e, rows, n, err);

		if (ret || tries == READ_TRIES || !is_as_expected(current(e), *rows, *n))
			return ret;
		ret = wire_read_out(e, err);
		if (ret >= 0 && e->doing != ENGINE_ENDED && last == e->wire.last_id)
			return 0;
		free(*rows);
		if (ret < 0 || e->doing == ENGINE_ENDED)
			return ret < 0 ? ret : -ECANCELED;
	}
}

static void look_once(struct engine *e)
{
	struct tl_row *rows;
	struct tl_err err;
	size_t n;
	int ret;

	if (ask_is_waiting(e)) {
		look_again(e);
		return;
	}
	ret = read_settled(e, &rows, &n, &err);
	if (!ret)
		judge_by_deadline(e, rows, n);
	else if (e->doing == ENGINE_ENDED)
		return;
	else if (ret == -EAGAIN && engine_now(e) < e->until)
		look_again(e);
	else
		engine_fault(e, &err, -1);
}

static void on_tick(uv_timer_t *timer)
{
	look_once(timer->data);
}

void look_begin(struct engine *e)
{
	e->doing = ENGINE_LOOKING;
	e->pause_ms = FIRST_PAUSE_MS;
	e->calm_by = e->owed_by = 0;
	e->until = engine_now(e) + current(e)->within_ns;
	look_once(e);
}
