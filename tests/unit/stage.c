/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run put together event by event, for the judge and the renderers. */
#include "stage.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/buf.h"

static struct tl_err err;

void stage_open(struct stage *st)
{
	struct tl_event run = { .kind = TL_EVENT_RUN, .run.version = TL_TRACE_VERSION };

	*st = (struct stage){ .phase = -1 };
	st->plan = calloc(1, sizeof(*st->plan));
	st->plan->actors = calloc(N_ACTORS, sizeof(*st->plan->actors));
	st->plan->n_actors = N_ACTORS;
	st->plan->actors[MASTER].name = strdup("master");
	st->plan->actors[REPLICA].name = strdup("replica");
	run.run.file = strdup("stage.yaml");
	stage_emit(st, run);
}

void stage_close(struct stage *st)
{
	tl_buf_release(&st->told);
	tl_verdict_release(&st->verdict, st->plan);
	tl_film_release(&st->film);
	tl_trace_release(&st->trace);
	tl_plan_free(st->plan);
}

char *stage_pattern_text(const struct tl_pattern *pattern)
{
	static const char *const names[] = { "master", "replica" };
	struct tl_buf out = { 0 };
	const char *between = " ";
	char *text;

	tl_buf_str(&out, names[pattern->owner]);
	if (pattern->peer >= 0)
		tl_buf_fmt(&out, " -> %s", names[pattern->peer]);
	for (int state = 1; state < TL_STATE_MAX; state++) {
		if (!(pattern->states & 1u << state))
			continue;
		tl_buf_fmt(&out, "%s%s", between, tl_state_name(state));
		between = "|";
	}
	if (pattern->count > 1)
		tl_buf_fmt(&out, " x%d", pattern->count);
	text = strdup(tl_buf_text(&out));
	tl_buf_release(&out);
	return text;
}

struct tl_phase *stage_phase(struct stage *st, const struct tl_pattern *expects, size_t n)
{
	struct tl_plan *plan = st->plan;
	struct tl_phase *phase;

	plan->phases = realloc(plan->phases, (plan->n_phases + 1) * sizeof(*plan->phases));
	phase = &plan->phases[plan->n_phases++];
	*phase = (struct tl_phase){ .title = strdup("a phase"), .n_expects = n };
	phase->expects = calloc(n + 1, sizeof(*phase->expects));
	for (size_t i = 0; i < n; i++) {
		phase->expects[i] = expects[i];
		phase->expects[i].text = stage_pattern_text(&expects[i]);
	}
	return phase;
}

static void *copy(const void *from, size_t size)
{
	void *to = malloc(size + 1);

	if (size)
		memcpy(to, from, size);
	return to;
}

struct tl_claim *stage_claim(struct stage *st, const struct tl_evidence *check, size_t n)
{
	struct tl_plan *plan = st->plan;
	struct tl_claim *claim;

	plan->claims = realloc(plan->claims, (plan->n_claims + 1) * sizeof(*plan->claims));
	claim = &plan->claims[plan->n_claims++];
	*claim = (struct tl_claim){ .id = strdup("C"),
				    .says = strdup("it is so"),
				    .n_check = n };
	claim->check = calloc(n + 1, sizeof(*claim->check));
	for (size_t i = 0; i < n; i++) {
		size_t size = check[i].n_order * sizeof(*check[i].order);

		claim->check[i] = check[i];
		claim->check[i].row.text = stage_pattern_text(&check[i].row);
		claim->check[i].order = copy(check[i].order, size);
		size = check[i].n_segments * sizeof(*check[i].segments);
		claim->check[i].segments = copy(check[i].segments, size);
	}
	return claim;
}

void stage_emit(struct stage *st, struct tl_event ev)
{
	ev.t_ns = st->now_ns;
	ev.phase = st->phase;
	cr_assert_eq(tl_trace_append(&st->trace, &ev, &err), 0, "%s", err.text);
}

void stage_enter(struct stage *st)
{
	st->phase++;
	stage_emit(st, (struct tl_event){ .kind = TL_EVENT_PHASE });
}

void stage_wait(struct stage *st, unsigned ms)
{
	st->now_ns += (uint64_t)ms * 1000000;
}

void stage_look(struct stage *st, const struct tl_row *rows, size_t n)
{
	struct tl_event ev = { .kind = TL_EVENT_SNAPSHOT, .snapshot.look = TL_LOOK_SETTLED };

	ev.snapshot.n = n;
	ev.snapshot.rows = n ? calloc(n, sizeof(*rows)) : NULL;
	if (n) {
		memcpy(ev.snapshot.rows, rows, n * sizeof(*rows));
		qsort(ev.snapshot.rows, n, sizeof(*rows), tl_row_cmp);
	}
	stage_emit(st, ev);
}

void stage_wire(struct stage *st, const char *untapped)
{
	stage_emit(st, (struct tl_event){
			       .kind = TL_EVENT_WIRE,
			       .wire = { .tapped = !untapped,
					 .text = strdup(untapped ? untapped : "queue") } });
}

static struct tl_row end_row(int who, enum tl_state state)
{
	if (!state)
		return (struct tl_row){ .owner = -1, .peer = -1 };
	if (who == REPLICA)
		return stage_row(2, REPLICA, MASTER, 53525, 6379, state);
	if (state == TL_LISTEN)
		return LISTENER;
	return stage_row(3, MASTER, REPLICA, 6379, 53525, state);
}

int stage_send(struct stage *st, const struct sent *sent)
{
	struct tl_row from = stage_row(0, -1, -1, 53525, 6379, TL_CLOSE);
	struct tl_event ev = { .kind = TL_EVENT_SEGMENT };
	bool by_master = sent->by == MASTER;

	ev.segment.id = ++st->segments;
	ev.segment.from = sent->by;
	ev.segment.to = by_master ? REPLICA : MASTER;
	ev.segment.fate = sent->fate;
	ev.segment.copy_of = sent->copy_of;
	ev.segment.ends[0] = end_row(sent->by, sent->mine);
	ev.segment.ends[1] = end_row(ev.segment.to, sent->theirs);
	ev.segment.seg = (struct tl_segment){
		.from = by_master ? from.sock.remote : from.sock.local,
		.to = by_master ? from.sock.local : from.sock.remote,
		.flags = sent->flags,
		.seq = sent->seq,
		.ack = sent->ack,
		.len = sent->len,
		.wscale = -1,
	};
	stage_emit(st, ev);
	return st->segments;
}

void stage_letgo(struct stage *st, int id, bool dropped)
{
	stage_emit(st, (struct tl_event){ .kind = TL_EVENT_LETGO,
					  .letgo = { .id = id, .dropped = dropped } });
}

void stage_peers(struct stage *st)
{
	for (size_t i = 0; i < st->plan->n_actors; i++)
		st->plan->actors[i].kind = TL_ACTOR_KIND_PEER;
}

struct tl_step *stage_step(struct stage *st, enum tl_verb verb, int actor, uint64_t cookie,
			   const char *reply)
{
	struct tl_phase *phase = &st->plan->phases[st->phase];
	struct tl_event done = { .kind = TL_EVENT_DONE };
	int at = (int)phase->n_steps++;

	phase->steps = realloc(phase->steps, phase->n_steps * sizeof(*phase->steps));
	cr_assert_not_null(phase->steps, "memory");
	phase->steps[at] =
		(struct tl_step){ .verb = verb, .actor = actor, .text = strdup("a step") };
	stage_emit(st, (struct tl_event){ .kind = TL_EVENT_STEP, .step.step = at });
	done.step.step = at;
	done.step.reply = reply ? strdup(reply) : NULL;
	done.step.socket.cookie = cookie;
	stage_emit(st, done);
	return &phase->steps[at];
}

void stage_fault(struct stage *st, const char *text)
{
	stage_emit(st, (struct tl_event){ .kind = TL_EVENT_FAULT,
					  .fault = { .text = strdup(text), .step = -1 } });
}

void stage_end(struct stage *st, enum tl_end how)
{
	stage_emit(st, (struct tl_event){ .kind = TL_EVENT_END, .end.how = how });
}

void stage_judge(struct stage *st)
{
	tl_verdict_release(&st->verdict, st->plan);
	tl_film_release(&st->film);
	cr_assert_eq(tl_film_init(&st->film, st->plan, &st->trace, &err), 0, "%s", err.text);
	cr_assert_eq(tl_judge(&st->film, &st->verdict, &err), 0, "%s", err.text);
}

void stage_finish(struct stage *st, enum tl_end how)
{
	stage_end(st, how);
	stage_judge(st);
}

struct tl_row stage_row(uint64_t cookie, int owner, int peer, uint16_t local, uint16_t remote,
			enum tl_state state)
{
	struct tl_row row = { .owner = owner, .peer = peer };
	char text[TL_ENDPOINT_TEXT];

	row.sock.cookie = cookie;
	row.sock.state = state;
	snprintf(text, sizeof(text), "%s:%u", remote ? "127.0.0.1" : "0.0.0.0", local);
	cr_assert_eq(tl_endpoint_parse(text, &row.sock.local, &err), 0, "%s", err.text);
	snprintf(text, sizeof(text), remote ? "127.0.0.1:%u" : "0.0.0.0:*", remote);
	cr_assert_eq(tl_endpoint_parse(text, &row.sock.remote, &err), 0, "%s", err.text);
	return row;
}

struct tl_row stage_timed(struct tl_row row, uint32_t left_ms)
{
	row.sock.timer = TL_TIMER_TIMEWAIT;
	row.sock.timer_ms = left_ms;
	return row;
}

const struct tl_life *stage_life(const struct stage *st, uint64_t cookie)
{
	for (size_t i = 0; i < st->verdict.n_lives; i++)
		if (st->verdict.lives[i].cookie == cookie)
			return &st->verdict.lives[i];
	cr_assert_fail("no life of cookie %d", (int)cookie);
	return NULL;
}

const char *stage_tell(struct stage *st, uint64_t cookie)
{
	const struct tl_life *life = stage_life(st, cookie);

	tl_buf_release(&st->told);
	for (size_t i = 0; i < life->n_hops; i++) {
		const struct tl_hop *hop = &life->hops[i];
		bool inferred = hop->kind == TL_HOP_INFERRED;

		if (i)
			tl_buf_fmt(&st->told, " -%s-> ", hop->arc ? hop->arc->id : "?");
		tl_buf_fmt(&st->told, inferred ? "(%s)" : "%s", tl_state_name(hop->state));
	}
	return tl_buf_text(&st->told);
}

void stage_opening(struct stage *st)
{
	SEND(st, S_SYN, ENDS(SYN_SENT, LISTEN));
	SEND(st, S_SYN_ACK, ENDS(SYN_RECV, SYN_SENT));
	SEND(st, S_ACK_OF_SYN, ENDS(ESTABLISHED, SYN_RECV));
}

void stage_closing(struct stage *st)
{
	SEND(st, S_FIN, ENDS(FIN_WAIT1, ESTABLISHED));
	SEND(st, S_FIN_ACK, ENDS(LAST_ACK, FIN_WAIT1));
	SEND(st, S_ACK_OF_FIN, ENDS(TIME_WAIT, LAST_ACK));
}
