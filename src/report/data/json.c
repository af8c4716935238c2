/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report as one JSON document. */
#include "json.h"
#include "../render.h"
#include "../words.h"

#include <stdlib.h>

/*
 * The document is described by scenarios/schema/report.v1.json. Keys stand in the order
 * they are written here. A NULL from jansson (no memory) anywhere makes the object or array
 * it was to go into NULL as well, so that only what is written needs a look.
 */

static json_t *scenario(const struct tl_report *report)
{
	const struct tl_event *run = tl_trace_run(report->trace);
	const struct tl_plan *plan = report->plan;

	return json_pack("{s:o, s:o, s:o, s:o}",
			 "name", tl_json_text(plan->name),
			 "title", tl_json_text(plan->title),
			 "about", tl_json_text(plan->about),
			 "file", tl_json_text(run ? run->run.file : NULL));
}

static json_t *program(const struct tl_report *report, const void *of, size_t i)
{
	const char *name = tl_report_program(report->trace, i);

	(void)of;
	return json_pack("{s:o, s:o}", "actor", tl_json_actor(report, i),
			 "program", tl_json_text(name));
}

static json_t *environment(const struct tl_report *report)
{
	const struct tl_event *run = tl_trace_run(report->trace);
	struct tl_buf unsafe = { 0 };

	tl_report_unsafe(&unsafe, report);
	return json_pack("{s:o, s:o, s:b, s:o*, s:o}",
			 "tcplab", tl_json_text(run ? run->run.tcplab : NULL),
			 "kernel", tl_json_text(run ? run->run.kernel : NULL),
			 "mock", tl_report_is_mock(report),
			 "unsafe", unsafe.len ? tl_json_taken(&unsafe) : NULL,
			 "programs", tl_json_array(report, NULL, report->plan->n_actors, program));
}

static json_t *sock(const struct tl_report *report, const struct tl_row *row)
{
	const struct tl_sock *s = &row->sock;
	struct tl_buf line = { 0 };

	tl_report_netstat_row(s, &line);
	return json_pack("{s:o, s:o, s:o, s:s, s:o, s:o, s:i, s:s,"
			 " s:o, s:o, s:s, s:o, s:i, s:o, s:o, s:o}",
			 "netstat", tl_json_taken(&line),
			 "local", tl_json_endpoint(&s->local),
			 "remote", tl_json_endpoint(&s->remote),
			 "state", tl_state_name(s->state),
			 "owner", tl_json_actor(report, row->owner),
			 "peer", tl_json_actor(report, row->peer),
			 "pid", (int)row->pid,
			 "known_by", tl_known_by_name(row->by),
			 "recvq", tl_json_number(s->recvq),
			 "sendq", tl_json_number(s->sendq),
			 "timer", tl_timer_name(s->timer),
			 "timer_ms", tl_json_number(s->timer_ms),
			 "retrans", (int)s->retrans,
			 "cookie", tl_json_cookie(s->cookie),
			 "inode", tl_json_number(s->inode),
			 "uid", tl_json_number(s->uid));
}

static const char *change_name(enum tl_change_kind change)
{
	switch (change) {
	case TL_CHANGE_SAME:
		return "same";
	case TL_CHANGE_NEW:
		return "new";
	case TL_CHANGE_STATE:
		return "state";
	}
	return "?";
}

static json_t *row(const struct tl_report *report, const void *of, size_t i)
{
	size_t phase = *(const size_t *)of;
	const struct tl_phase_verdict *verdict = &report->verdict->phases[phase];
	const struct tl_row_verdict *found = &verdict->rows[i];
	json_t *json = sock(report, &verdict->look->snapshot.rows[i]);
	bool moved = found->change == TL_CHANGE_STATE;
	bool expected = found->expect >= 0;
	const struct tl_pattern *expects = report->plan->phases[phase].expects;

	if (json_object_set_new(json, "change", json_string(change_name(found->change))) ||
	    json_object_set_new(json, "was",
				tl_json_text(moved ? tl_state_name(found->was) : NULL)) ||
	    json_object_set_new(json, "expected",
				tl_json_text(expected ? expects[found->expect].text : NULL))) {
		json_decref(json);
		return NULL;
	}
	return json;
}

static json_t *gone(const struct tl_report *report, const void *of, size_t i)
{
	const struct tl_phase_verdict *verdict = of;

	return sock(report, &verdict->gone[i]);
}

static json_t *expect(const struct tl_report *report, const void *of, size_t i)
{
	size_t phase = *(const size_t *)of;
	const struct tl_pattern *pattern = &report->plan->phases[phase].expects[i];

	return json_pack("{s:o, s:i, s:i}",
			 "row", tl_json_text(pattern->text),
			 "count", pattern->count,
			 "seen", report->verdict->phases[phase].seen[i]);
}

/* When a step of the phase began and was done. */
struct told {
	const struct tl_event *begun, *done;
};

/* A phase's steps, and what the trace has of each (owned). */
struct steps {
	const struct tl_phase *phase;
	struct told *told;
};

static void tell_steps(struct steps *steps, const struct tl_trace *trace, int phase)
{
	for (size_t i = 0; i < trace->n; i++) {
		const struct tl_event *ev = &trace->events[i];
		bool begun = ev->kind == TL_EVENT_STEP;

		if (ev->phase != phase || (!begun && ev->kind != TL_EVENT_DONE) ||
		    (size_t)ev->step.step >= steps->phase->n_steps)
			continue;
		if (begun)
			steps->told[ev->step.step].begun = ev;
		else
			steps->told[ev->step.step].done = ev;
	}
}

static json_t *step(const struct tl_report *report, const void *of, size_t i)
{
	const struct steps *steps = of;
	const struct tl_event *begun = steps->told[i].begun, *done = steps->told[i].done;

	(void)report;
	return json_pack("{s:o, s:o, s:o, s:o}",
			 "step", tl_json_text(steps->phase->steps[i].text),
			 "began_ns", begun ? tl_json_number(begun->t_ns) : json_null(),
			 "done_ns", done ? tl_json_number(done->t_ns) : json_null(),
			 "reply", tl_json_text(done ? done->step.reply : NULL));
}

static void put_steps(struct tl_json *to, const struct tl_report *report, size_t phase)
{
	struct steps steps = { .phase = &report->plan->phases[phase] };

	steps.told = calloc(steps.phase->n_steps + 1, sizeof(*steps.told));
	to->out->failed |= !steps.told;
	if (!steps.told)
		return;
	tell_steps(&steps, report->trace, (int)phase);
	tl_json_list(to, "steps", report, &steps, steps.phase->n_steps, step);
	free(steps.told);
}

static void put_phase(struct tl_json *to, const struct tl_report *report, size_t i)
{
	const struct tl_phase *plan = &report->plan->phases[i];
	const struct tl_phase_verdict *verdict = &report->verdict->phases[i];
	const struct tl_event *look = verdict->look;

	tl_json_begin(to, NULL, '{');
	tl_json_put(to, "phase", tl_json_ordinal((int)i));
	tl_json_put(to, "title", tl_json_text(plan->title));
	tl_json_put(to, "outcome", tl_json_text(tl_outcome_name(verdict->outcome)));
	tl_json_put(to, "reason", tl_json_text(verdict->reason));
	tl_json_put(to, "took_ns", tl_json_number(tl_report_phase_ns(report, i)));
	tl_json_put(to, "look_ns", look ? tl_json_number(look->t_ns) : json_null());
	put_steps(to, report, i);
	tl_json_segments(to, "segments", report, i);
	tl_json_list(to, "rows", report, &i, look ? look->snapshot.n : 0, row);
	tl_json_list(to, "gone", report, verdict, verdict->n_gone, gone);
	tl_json_list(to, "expect", report, &i, plan->n_expects, expect);
	tl_json_put(to, "others_ignored", json_boolean(plan->others_ignore));
	tl_json_put(to, "note", tl_json_text(plan->note));
	tl_json_end(to, '}');
}

static json_t *hop(const struct tl_report *report, const void *of, size_t i)
{
	const struct tl_life *life = of;
	const struct tl_hop *it = &life->hops[i];
	enum tl_hop_kind known = tl_report_is_aside(life, i) ? TL_HOP_INFERRED : it->kind;

	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o}",
			 "state", tl_state_name(it->state),
			 "known", tl_hop_name(known),
			 "phase", tl_json_ordinal(it->phase),
			 "arc", tl_json_text(it->arc ? it->arc->id : NULL),
			 "by", tl_json_text(it->arc ? it->arc->event : NULL),
			 "proved", it->arc ? json_boolean(tl_life_proves(life, i)) : json_null(),
			 "cause", it->cause ? tl_json_number(it->cause - report->trace->events + 1) :
					      json_null());
}

/* Of a descriptor that was passed on: all who have had it open; NULL where it was not. */
static json_t *holders(const struct tl_report *report, const struct tl_life *it)
{
	const struct tl_event *end = report->trace->events + report->trace->n;
	uint64_t actors = tl_film_holders(report->film, end, it->cookie);
	json_t *names = actors & (actors - 1) ? json_array() : NULL;

	for (size_t i = 0; names && i < report->plan->n_actors && i < 64; i++)
		if (actors >> i & 1)
			json_array_append_new(names, tl_json_actor(report, i));
	return names;
}

static json_t *life(const struct tl_report *report, const void *of, size_t i)
{
	const struct tl_life *it = &report->verdict->lives[i];

	(void)of;
	return json_pack("{s:o, s:o, s:o*, s:o, s:o, s:o, s:o, s:b, s:o}",
			 "cookie", tl_json_cookie(it->cookie),
			 "owner", tl_json_actor(report, it->owner),
			 "holders", holders(report, it),
			 "peer", tl_json_actor(report, it->peer),
			 "local", tl_json_endpoint(&it->local),
			 "remote", tl_json_endpoint(&it->remote),
			 "states", tl_json_array(report, it, it->n_hops, hop),
			 "legal", it->legal,
			 "reason", tl_json_text(it->reason));
}

static json_t *check(const struct tl_report *report, const void *of, size_t i)
{
	size_t claim = *(const size_t *)of;
	const struct tl_evidence_verdict *found = &report->verdict->claims[claim].check[i];
	const struct tl_evidence *asked = &report->plan->claims[claim].check[i];
	const char *speaks = asked->against ? "against" : "for";

	return json_pack("{s:s, s:s?, s:s, s:o, s:o}",
			 "kind", tl_evidence_name(asked->kind),
			 "speaks", report->plan->claims[claim].tied ? speaks : NULL,
			 "fact", tl_fact_name(found->fact),
			 "phase", tl_json_ordinal(found->phase),
			 "text", tl_json_text(found->text));
}

static json_t *arc_id(const struct tl_report *report, const void *claim, size_t i)
{
	(void)report;
	return json_string(((const struct tl_claim *)claim)->arcs[i]->id);
}

static json_t *claim_json(const struct tl_report *report, const void *of, size_t i)
{
	const struct tl_claim *claim = &report->plan->claims[i];
	const struct tl_claim_verdict *verdict = &report->verdict->claims[i];

	(void)of;
	return json_pack("{s:o, s:o, s:o, s:o, s:s, s:s?, s:s, s:o, s:o}",
			 "claim", tl_json_text(claim->id),
			 "arcs", tl_json_array(report, claim, claim->n_arcs, arc_id),
			 "says", tl_json_text(claim->says),
			 "source", tl_json_text(claim->source),
			 "finding", tl_finding_name(claim->finding),
			 "lacks", tl_claim_lacks(claim),
			 "stands", tl_fact_name(verdict->stands),
			 "because", tl_json_text(claim->because),
			 "check", tl_json_array(report, &i, claim->n_check, check));
}

static json_t *witness(const struct tl_report *report, const struct tl_event *ev)
{
	(void)report;
	return json_pack("{s:o, s:o, s:o, s:o}",
			 "t_ns", tl_json_number(ev->t_ns),
			 "phase", tl_json_ordinal(ev->phase),
			 "command", tl_json_text(ev->witness.command),
			 "output", tl_json_text(ev->witness.output));
}

static json_t *output(const struct tl_report *report, const struct tl_event *ev)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}",
			 "t_ns", tl_json_number(ev->t_ns),
			 "phase", tl_json_ordinal(ev->phase),
			 "actor", tl_json_text(tl_plan_actor_name(report->plan,
								  ev->output.actor)),
			 "text", tl_json_text(ev->output.text),
			 "left_out", tl_json_number(ev->output.left_out));
}

static void document(struct tl_json *to, const struct tl_report *report)
{
	const struct tl_verdict *verdict = report->verdict;

	tl_json_begin(to, NULL, '{');
	tl_json_put(to, "tcplab-report", json_integer(1));
	tl_json_put(to, "scenario", scenario(report));
	tl_json_put(to, "result", tl_json_text(tl_result_name(verdict->result)));
	tl_json_put(to, "status", json_integer(tl_result_status(verdict->result)));
	tl_json_put(to, "reason", tl_json_text(verdict->reason));
	tl_json_put(to, "took_ns", tl_json_number(verdict->took_ns));
	tl_json_put(to, "phases_met", json_integer((json_int_t)verdict->phases_met));
	tl_json_put(to, "phases_expected", json_integer((json_int_t)verdict->phases_expected));
	tl_json_put(to, "cut", json_boolean(report->trace->cut));
	tl_json_put(to, "environment", environment(report));
	tl_json_wire(to, "wire", report);
	tl_json_begin(to, "phases", '[');
	for (size_t i = 0; i < verdict->n_phases; i++)
		put_phase(to, report, i);
	tl_json_end(to, ']');
	tl_json_list(to, "sockets", report, NULL, verdict->n_lives, life);
	tl_json_list(to, "claims", report, NULL, verdict->n_claims, claim_json);
	tl_json_list_events(to, "faults", report, TL_EVENT_FAULT, tl_json_trouble);
	tl_json_list_events(to, "witnesses", report, TL_EVENT_WITNESS, witness);
	tl_json_list_events(to, "outputs", report, TL_EVENT_OUTPUT, output);
	tl_json_end(to, '}');
}

int tl_report_json(const struct tl_report *report, const struct tl_report_style *style,
		   struct tl_buf *out, struct tl_err *err)
{
	struct tl_json to = { .out = out };

	(void)style;
	document(&to, report);
	tl_buf_str(out, "\n");
	return tl_report_done(out, err);
}
