/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"
#include "safe.h"
#include "words.h"

#include <errno.h>
#include <jansson.h>

/*
 * The document is described by scenarios/schema/report.v1.json. Keys stand in the order
 * they are written here. A NULL from jansson (no memory) anywhere makes the object or array
 * it was to go into NULL as well, so that only the whole document needs a look.
 */

static json_t *text(const char *s)
{
	struct tl_buf clean = { 0 };
	json_t *json = NULL;

	if (!s)
		return json_null();
	tl_report_utf8(&clean, s);
	if (!clean.failed)
		json = json_stringn(tl_buf_text(&clean), clean.len);
	tl_buf_release(&clean);
	return json;
}

static json_t *taken(struct tl_buf *buf)
{
	json_t *json = buf->failed ? NULL : text(tl_buf_text(buf));

	tl_buf_release(buf);
	return json;
}

static json_t *number(uint64_t n)
{
	return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

/* An index counted from 1, as people count; null for none. */
static json_t *ordinal(int index)
{
	return index < 0 ? json_null() : json_integer(index + 1);
}

static json_t *actor(const struct tl_report *report, int index)
{
	if (index < 0 || (size_t)index >= report->plan->n_actors)
		return json_null();
	return text(report->plan->actors[index].name);
}

static json_t *endpoint(const struct tl_endpoint *ep)
{
	char out[TL_ENDPOINT_TEXT];

	return text(tl_endpoint_text(ep, out));
}

/* The cookie as ss -e prints it; 64 bits are more than many readers of JSON keep. */
static json_t *cookie(uint64_t value)
{
	struct tl_buf buf = { 0 };

	tl_buf_fmt(&buf, "%llx", (unsigned long long)value);
	return taken(&buf);
}

/* Collect @n objects, each made by @make; all of them or NULL. */
static json_t *array(const struct tl_report *report, const void *of, size_t n,
		     json_t *(*make)(const struct tl_report *, const void *, size_t))
{
	json_t *all = json_array();

	for (size_t i = 0; all && i < n; i++)
		if (json_array_append_new(all, make(report, of, i))) {
			json_decref(all);
			all = NULL;
		}
	return all;
}

static json_t *scenario(const struct tl_report *report)
{
	const struct tl_event *run = tl_trace_run(report->trace);
	const struct tl_plan *plan = report->plan;

	return json_pack("{s:o, s:o, s:o, s:o}",
			 "name", text(plan->name),
			 "title", text(plan->title),
			 "about", text(plan->about),
			 "file", text(run ? run->run.file : NULL));
}

static json_t *program(const struct tl_report *report, const void *of, size_t i)
{
	const char *name = tl_report_program(report->trace, i);

	(void)of;
	return json_pack("{s:o, s:o}", "actor", actor(report, i), "program", text(name));
}

static json_t *environment(const struct tl_report *report)
{
	const struct tl_event *run = tl_trace_run(report->trace);

	return json_pack("{s:o, s:o, s:b, s:o}",
			 "tcplab", text(run ? run->run.tcplab : NULL),
			 "kernel", text(run ? run->run.kernel : NULL),
			 "mock", tl_report_is_mock(report),
			 "programs", array(report, NULL, report->plan->n_actors, program));
}

static json_t *sock(const struct tl_report *report, const struct tl_row *row)
{
	const struct tl_sock *s = &row->sock;
	struct tl_buf line = { 0 };

	tl_report_netstat_row(s, &line);
	return json_pack("{s:o, s:o, s:o, s:s, s:o, s:o, s:i, s:s,"
			 " s:o, s:o, s:s, s:o, s:i, s:o, s:o, s:o}",
			 "netstat", taken(&line),
			 "local", endpoint(&s->local),
			 "remote", endpoint(&s->remote),
			 "state", tl_state_name(s->state),
			 "owner", actor(report, row->owner),
			 "peer", actor(report, row->peer),
			 "pid", (int)row->pid,
			 "known_by", tl_known_by_name(row->by),
			 "recvq", number(s->recvq),
			 "sendq", number(s->sendq),
			 "timer", tl_timer_name(s->timer),
			 "timer_ms", number(s->timer_ms),
			 "retrans", (int)s->retrans,
			 "cookie", cookie(s->cookie),
			 "inode", number(s->inode),
			 "uid", number(s->uid));
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
				text(moved ? tl_state_name(found->was) : NULL)) ||
	    json_object_set_new(json, "expected",
				text(expected ? expects[found->expect].text : NULL))) {
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
			 "row", text(pattern->text),
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
			 "step", text(report->plan->phases[phase].steps[i].text),
			 "began_ns", begun ? number(begun->t_ns) : json_null(),
			 "done_ns", done ? number(done->t_ns) : json_null(),
			 "reply", text(done ? done->step.reply : NULL));
}

static json_t *phase_json(const struct tl_report *report, const void *of, size_t i)
{
	const struct tl_phase *plan = &report->plan->phases[i];
	const struct tl_phase_verdict *verdict = &report->verdict->phases[i];
	const struct tl_event *look = verdict->look;

	(void)of;
	return json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o}",
			 "phase", ordinal(i),
			 "title", text(plan->title),
			 "outcome", tl_outcome_name(verdict->outcome),
			 "reason", text(verdict->reason),
			 "took_ns", number(tl_report_phase_ns(report, i)),
			 "look_ns", look ? number(look->t_ns) : json_null(),
			 "steps", array(report, &i, plan->n_steps, step),
			 "rows", array(report, &i, look ? look->snapshot.n : 0, row),
			 "gone", array(report, verdict, verdict->n_gone, gone),
			 "expect", array(report, &i, plan->n_expects, expect),
			 "others_ignored", plan->others_ignore,
			 "note", text(plan->note));
}

static json_t *hop(const struct tl_report *report, const void *of, size_t i)
{
	const struct tl_hop *it = &((const struct tl_life *)of)->hops[i];

	(void)report;
	return json_pack("{s:s, s:s, s:o, s:o, s:o}",
			 "state", tl_state_name(it->state),
			 "known", tl_hop_name(it->kind),
			 "phase", ordinal(it->phase),
			 "arc", text(it->arc ? it->arc->id : NULL),
			 "by", text(it->arc ? it->arc->event : NULL));
}

static json_t *life(const struct tl_report *report, const void *of, size_t i)
{
	const struct tl_life *it = &report->verdict->lives[i];

	(void)of;
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o}",
			 "cookie", cookie(it->cookie),
			 "owner", actor(report, it->owner),
			 "peer", actor(report, it->peer),
			 "local", endpoint(&it->local),
			 "remote", endpoint(&it->remote),
			 "states", array(report, it, it->n_hops, hop),
			 "legal", it->legal,
			 "reason", text(it->reason));
}

static json_t *check(const struct tl_report *report, const void *of, size_t i)
{
	size_t claim = *(const size_t *)of;
	const struct tl_evidence_verdict *found = &report->verdict->claims[claim].check[i];
	const struct tl_evidence *asked = &report->plan->claims[claim].check[i];

	return json_pack("{s:s, s:s, s:o, s:o}",
			 "kind", tl_evidence_name(asked->kind),
			 "fact", tl_fact_name(found->fact),
			 "phase", ordinal(found->phase),
			 "text", text(found->text));
}

static json_t *claim_json(const struct tl_report *report, const void *of, size_t i)
{
	const struct tl_claim *claim = &report->plan->claims[i];
	const struct tl_claim_verdict *verdict = &report->verdict->claims[i];

	(void)of;
	return json_pack("{s:o, s:o, s:o, s:s, s:s, s:o, s:o}",
			 "claim", text(claim->id),
			 "says", text(claim->says),
			 "source", text(claim->source),
			 "finding", tl_finding_name(claim->finding),
			 "stands", tl_fact_name(verdict->stands),
			 "because", text(claim->because),
			 "check", array(report, &i, claim->n_check, check));
}

/* What the trace says beside tables and steps: faults and witnesses. */
static json_t *said(const struct tl_report *report, enum tl_event_kind kind)
{
	json_t *all = json_array();

	for (size_t i = 0; all && i < report->trace->n; i++) {
		const struct tl_event *ev = &report->trace->events[i];
		json_t *one;

		if (ev->kind != kind)
			continue;
		if (kind == TL_EVENT_FAULT)
			one = json_pack("{s:o, s:o, s:o, s:o}",
					"t_ns", number(ev->t_ns),
					"phase", ordinal(ev->phase),
					"step", ordinal(ev->fault.step),
					"text", text(ev->fault.text));
		else
			one = json_pack("{s:o, s:o, s:o, s:o}",
					"t_ns", number(ev->t_ns),
					"phase", ordinal(ev->phase),
					"command", text(ev->witness.command),
					"output", text(ev->witness.output));
		if (json_array_append_new(all, one)) {
			json_decref(all);
			all = NULL;
		}
	}
	return all;
}

static json_t *document(const struct tl_report *report)
{
	const struct tl_verdict *verdict = report->verdict;

	return json_pack("{s:i, s:o, s:s, s:i, s:o, s:o, s:i,"
			 " s:i, s:b, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "tcplab-report", 1,
			 "scenario", scenario(report),
			 "result", tl_result_name(verdict->result),
			 "status", tl_result_status(verdict->result),
			 "reason", text(verdict->reason),
			 "took_ns", number(verdict->took_ns),
			 "phases_met", (int)verdict->phases_met,
			 "phases_expected", (int)verdict->phases_expected,
			 "cut", report->trace->cut,
			 "environment", environment(report),
			 "phases", array(report, NULL, verdict->n_phases, phase_json),
			 "sockets", array(report, NULL, verdict->n_lives, life),
			 "claims", array(report, NULL, verdict->n_claims, claim_json),
			 "faults", said(report, TL_EVENT_FAULT),
			 "witnesses", said(report, TL_EVENT_WITNESS));
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
	json_t *json = document(report);

	(void)style;
	if (!json)
		return tl_err_set(err, ENOMEM, "no memory for the report");
	json_dump_callback(json, append, out, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	tl_buf_str(out, "\n");
	json_decref(json);
	return tl_report_done(out, err);
}
