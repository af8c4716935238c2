/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report as one JSON document. */
#include "json.h"
#include "../render.h"
#include "../words.h"

#include <errno.h>

/*
 * The document is described by scenarios/schema/report.v1.json. Keys stand in the order
 * they are written here. A NULL from jansson (no memory) anywhere makes the object or array
 * it was to go into NULL as well, so that only the whole document needs a look.
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

	return json_pack("{s:o, s:o, s:b, s:o}",
			 "tcplab", tl_json_text(run ? run->run.tcplab : NULL),
			 "kernel", tl_json_text(run ? run->run.kernel : NULL),
			 "mock", tl_report_is_mock(report),
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

static json_t *step(const struct tl_report *report, const void *of, size_t i)
{
	size_t phase = *(const size_t *)of;
	const struct tl_event *begun = NULL, *done = NULL;

	for (size_t j = 0; j < report->trace->n; j++) {
		const struct tl_event *ev = &report->trace->events[j];

		if (ev->phase != (int)phase)
			continue;
		if (ev->kind == TL_EVENT_STEP && ev->step.step == (int)i)
			begun = ev;
		else if (ev->kind == TL_EVENT_DONE && ev->step.step == (int)i)
			done = ev;
	}
	return json_pack("{s:o, s:o, s:o, s:o}",
			 "step", tl_json_text(report->plan->phases[phase].steps[i].text),
			 "began_ns", begun ? tl_json_number(begun->t_ns) : json_null(),
			 "done_ns", done ? tl_json_number(done->t_ns) : json_null(),
			 "reply", tl_json_text(done ? done->step.reply : NULL));
}

static json_t *phase_json(const struct tl_report *report, const void *story, size_t i)
{
	const struct tl_phase *plan = &report->plan->phases[i];
	const struct tl_phase_verdict *verdict = &report->verdict->phases[i];
	const struct tl_event *look = verdict->look;

	return json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o}",
			 "phase", tl_json_ordinal(i),
			 "title", tl_json_text(plan->title),
			 "outcome", tl_outcome_name(verdict->outcome),
			 "reason", tl_json_text(verdict->reason),
			 "took_ns", tl_json_number(tl_report_phase_ns(report, i)),
			 "look_ns", look ? tl_json_number(look->t_ns) : json_null(),
			 "steps", tl_json_array(report, &i, plan->n_steps, step),
			 "segments", tl_json_segments(report, story, i),
			 "rows", tl_json_array(report, &i, look ? look->snapshot.n : 0, row),
			 "gone", tl_json_array(report, verdict, verdict->n_gone, gone),
			 "expect", tl_json_array(report, &i, plan->n_expects, expect),
			 "others_ignored", plan->others_ignore,
			 "note", tl_json_text(plan->note));
}

static json_t *hop(const struct tl_report *report, const void *of, size_t i)
{
	const struct tl_life *life = of;
	const struct tl_hop *it = &life->hops[i];
	enum tl_hop_kind known = tl_report_is_aside(life, i) ? TL_HOP_INFERRED : it->kind;

	(void)report;
	return json_pack("{s:s, s:s, s:o, s:o, s:o}",
			 "state", tl_state_name(it->state),
			 "known", tl_hop_name(known),
			 "phase", tl_json_ordinal(it->phase),
			 "arc", tl_json_text(it->arc ? it->arc->id : NULL),
			 "by", tl_json_text(it->arc ? it->arc->event : NULL));
}

static json_t *life(const struct tl_report *report, const void *of, size_t i)
{
	const struct tl_life *it = &report->verdict->lives[i];

	(void)of;
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o}",
			 "cookie", tl_json_cookie(it->cookie),
			 "owner", tl_json_actor(report, it->owner),
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
	return json_pack("{s:o, s:o, s:o, s:o, s:s, s:s, s:o, s:o}",
			 "claim", tl_json_text(claim->id),
			 "arcs", tl_json_array(report, claim, claim->n_arcs, arc_id),
			 "says", tl_json_text(claim->says),
			 "source", tl_json_text(claim->source),
			 "finding", tl_finding_name(claim->finding),
			 "stands", tl_fact_name(verdict->stands),
			 "because", tl_json_text(claim->because),
			 "check", tl_json_array(report, &i, claim->n_check, check));
}

static json_t *fault(const struct tl_event *ev)
{
	return json_pack("{s:o, s:o, s:o, s:o}",
			 "t_ns", tl_json_number(ev->t_ns),
			 "phase", tl_json_ordinal(ev->phase),
			 "step", tl_json_ordinal(ev->fault.step),
			 "text", tl_json_text(ev->fault.text));
}

static json_t *witness(const struct tl_event *ev)
{
	return json_pack("{s:o, s:o, s:o, s:o}",
			 "t_ns", tl_json_number(ev->t_ns),
			 "phase", tl_json_ordinal(ev->phase),
			 "command", tl_json_text(ev->witness.command),
			 "output", tl_json_text(ev->witness.output));
}

static json_t *document(const struct tl_report *report, const struct tl_story *story)
{
	const struct tl_verdict *verdict = report->verdict;

	return json_pack("{s:i, s:o, s:s, s:i, s:o, s:o, s:i,"
			 " s:i, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "tcplab-report", 1,
			 "scenario", scenario(report),
			 "result", tl_result_name(verdict->result),
			 "status", tl_result_status(verdict->result),
			 "reason", tl_json_text(verdict->reason),
			 "took_ns", tl_json_number(verdict->took_ns),
			 "phases_met", (int)verdict->phases_met,
			 "phases_expected", (int)verdict->phases_expected,
			 "cut", report->trace->cut,
			 "environment", environment(report),
			 "wire", tl_json_wire(report),
			 "phases", tl_json_array(report, story, verdict->n_phases, phase_json),
			 "sockets", tl_json_array(report, NULL, verdict->n_lives, life),
			 "claims", tl_json_array(report, NULL, verdict->n_claims, claim_json),
			 "faults", tl_json_events(report, TL_EVENT_FAULT, fault),
			 "witnesses", tl_json_events(report, TL_EVENT_WITNESS, witness));
}

/* A terminal may be reading: what is not printable ASCII goes out as \uXXXX, DEL too. */
static int append(const char *bytes, size_t len, void *data)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] == 0x7f)
			tl_buf_str(data, "\\u007f");
		else
			tl_buf_add(data, bytes + i, 1);
	return 0;
}

int tl_report_json(const struct tl_report *report, const struct tl_report_style *style,
		   struct tl_buf *out, struct tl_err *err)
{
	struct tl_story story = { 0 };
	json_t *json = NULL;
	int ret = tl_story_init(&story, report, err);

	(void)style;
	if (ret)
		goto out;
	json = document(report, &story);
	ret = json ? 0 : tl_err_set(err, ENOMEM, "no memory for the report");
	if (ret)
		goto out;
	json_dump_callback(json, append, out, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	tl_buf_str(out, "\n");
	ret = tl_report_done(out, err);
out:
	json_decref(json);
	tl_story_release(&story);
	return ret;
}
