/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words that all renderers share. */
#include "words.h"

#include <string.h>

#include "tcplab/enum_names.h"
#include "tcplab/leads.h"
#include "tcplab/lexicon.h"

/* Of a phase of many steps so many are named; the page and JSON have all. */
#define STEPS_MOST 20

#define NS_PER_MS 1000000ull
#define NS_PER_S  1000000000ull

void tl_report_owner(struct tl_buf *out, const struct tl_plan *plan, int owner, int peer,
		     const struct tl_endpoint *remote)
{
	tl_buf_str(out, tl_plan_actor_name(plan, owner));
	if (remote->port)
		tl_buf_fmt(out, " -> %s", tl_plan_actor_name(plan, peer));
}

void tl_report_row(struct tl_buf *out, const struct tl_plan *plan, const struct tl_row *row)
{
	tl_report_owner(out, plan, row->owner, row->peer, &row->sock.remote);
	tl_buf_fmt(out, " %s", tl_state_name(row->sock.state));
}

const char *tl_report_note(const struct tl_sock *sock, char *out)
{
	return tl_sock_note(sock, TL_NOTE_BACKLOG | TL_NOTE_INODE, out);
}

/* The process of an actor that was started last by then; 0 where none was. */
static pid_t own_process(const struct tl_trace *trace, const struct tl_event *by, int actor)
{
	pid_t pid = 0;

	for (const struct tl_event *ev = trace->events; ev < by; ev++)
		if (ev->kind == TL_EVENT_ACTOR && ev->actor.actor == actor &&
		    ev->actor.change == TL_ACTOR_STARTED)
			pid = ev->actor.pid;
	return pid;
}

void tl_report_actors(struct tl_buf *out, const struct tl_plan *plan, uint64_t actors)
{
	uint64_t left = actors;

	for (size_t i = 0; left && i < plan->n_actors && i < 64; i++) {
		const uint64_t bit = UINT64_C(1) << i;

		if (!(left & bit))
			continue;
		left &= ~bit;
		tl_buf_fmt(out, "%s%s", left == (actors & ~bit) ? "" : left ? ", " : " and ",
			   plan->actors[i].name);
	}
}

static uint64_t holders_now(const struct tl_row *row)
{
	return row->shared_by ? row->shared_by :
	       row->owner >= 0 && row->owner < 64 ? UINT64_C(1) << row->owner : 0;
}

/* Whose the other end is by now, where the row is still named after who had it at first. */
static const struct tl_row *other_end(const struct tl_event *look, const struct tl_row *row)
{
	for (size_t i = 0; look->kind == TL_EVENT_SNAPSHOT && i < look->snapshot.n; i++) {
		const struct tl_row *it = &look->snapshot.rows[i];

		if (tl_endpoint_equal(&it->sock.local, &row->sock.remote) &&
		    tl_endpoint_equal(&it->sock.remote, &row->sock.local))
			return it;
	}
	return NULL;
}

/* A descriptor that was passed on: who had it before, and who has it now. */
static void tell_passed_on(struct tl_buf *out, const struct tl_report *report,
			   const struct tl_event *look, const struct tl_row *row)
{
	uint64_t now = holders_now(row);
	uint64_t had = tl_film_holders(report->film, look, row->sock.cookie) & ~now;
	const struct tl_row *other = row->peer < 0 ? NULL : other_end(look, row);

	if (now && had) {
		tl_buf_str(out, "; before, ");
		tl_report_actors(out, report->plan, had);
		tl_buf_str(out, " had it open");
	}
	now = other ? holders_now(other) : 0;
	if (now && row->peer < 64 && !(now >> row->peer & 1) &&
	    tl_film_holders(report->film, look, other->sock.cookie) >> row->peer & 1) {
		tl_buf_str(out, "; the other end is now ");
		tl_report_actors(out, report->plan, now);
		tl_buf_str(out, "'s");
	}
}

void tl_report_row_meaning(struct tl_buf *out, const struct tl_report *report,
			   const struct tl_event *look, const struct tl_row *row)
{
	/* whoever works on sockets in one process; a program may leave that to its children */
	bool alone = row->owner >= 0 && (size_t)row->owner < report->plan->n_actors &&
		     report->plan->actors[row->owner].kind != TL_ACTOR_KIND_PROGRAM;
	char note[TL_SOCK_NOTE];

	tl_buf_str(out, tl_report_meaning(report, look, row));
	if (*tl_report_note(&row->sock, note))
		tl_buf_fmt(out, "; %s", note);
	/* Who shares a listener says little, and a child closes it in its own time. */
	if (row->sock.state == TL_LISTEN && !row->shared_by)
		return;
	if (row->n_holders > 1) {
		tl_buf_fmt(out, "; %u processes have it open: ", row->n_holders);
		for (int i = 0; i < row->n_holders && i < TL_HOLDERS_MAX; i++)
			tl_buf_fmt(out, "%s%d", i ? ", " : "", (int)row->holders[i]);
		tl_buf_str(out, row->n_holders > TL_HOLDERS_MAX ? ", ..." : "");
		if (row->shared_by) {
			tl_buf_str(out, ", of ");
			tl_report_actors(out, report->plan, row->shared_by);
		}
	} else if (alone && row->by == TL_KNOWN_BY_INODE &&
		   own_process(report->trace, look, row->owner) != row->pid) {
		tl_buf_fmt(out, "; only its child process %d still has it open", (int)row->pid);
	}
	tell_passed_on(out, report, look, row);
}

void tl_report_change(struct tl_buf *out, bool changed, enum tl_state was)
{
	if (changed && !was)
		tl_buf_str(out, "new");
	else if (changed)
		tl_buf_fmt(out, "was %s", tl_state_name(was));
}

/* Does another socket listen on this one's port at @at? */
static bool has_other(const struct tl_film *film, const struct tl_event *at,
		      const struct tl_sock *sock)
{
	for (size_t i = 0; i < film->n_listeners; i++) {
		const struct tl_socket *it = film->listeners[i];
		const struct tl_endpoint *local = &it->first->sock.local;

		if (it->cookie != sock->cookie && tl_film_listens(film, it, at) &&
		    (tl_endpoint_accepts(local, &sock->local) ||
		     tl_endpoint_accepts(&sock->local, local)))
			return true;
	}
	return false;
}

void tl_report_gone(struct tl_buf *out, const struct tl_report *report,
		    const struct tl_event *at, const struct tl_sock *sock, enum tl_state was)
{
	tl_buf_fmt(out, "was %s; %s", tl_state_name(was),
		   was != TL_LISTEN			? "CLOSED has no row" :
		   has_other(report->film, at, sock)	? "another socket listens on that port" :
							  "nobody listens on that port now");
}

void tl_report_duration(struct tl_buf *out, uint64_t ns)
{
	unsigned long long s = ns / NS_PER_S, ms = ns / NS_PER_MS;

	if (ms < 10)
		tl_buf_fmt(out, "%llu.%llu ms", ms, ns % NS_PER_MS / (NS_PER_MS / 10));
	else if (!s)
		tl_buf_fmt(out, "%llu ms", ms);
	else if (s < 60)
		tl_buf_fmt(out, "%llu.%02llu s", s, ms % 1000 / 10);
	else
		tl_buf_fmt(out, "%llu min %llu s", s / 60, s % 60);
}

const char *tl_report_kernel(const struct tl_report *report)
{
	const struct tl_event *run = tl_trace_run(report->trace);

	return run && run->run.kernel ? run->run.kernel : "an unknown kernel";
}

bool tl_report_is_mock(const struct tl_report *report)
{
	const struct tl_event *run = tl_trace_run(report->trace);

	return run && run->run.mock;
}

void tl_report_unsafe(struct tl_buf *out, const struct tl_report *report)
{
	const struct tl_event *run = tl_trace_run(report->trace);
	unsigned unsafe = run ? run->run.unsafe : 0;

#define X(id, name, follows)                                                                 \
	if (unsafe & 1u << TL_UNSAFE_##id)                                                   \
		tl_buf_fmt(out, "%sWith --unsafe-" name " " follows ".", out->len ? " " : "");
	TL_UNSAFE(X)
#undef X
}

TL_NAMES_BY(TL_X_THIRD, tl_report_outcome, enum tl_outcome, TL_OUTCOMES)

void tl_report_ruling(struct tl_buf *out, const struct tl_claim *claim,
		      const struct tl_claim_verdict *verdict)
{
	switch (verdict->stands) {
	case TL_FACT_SO:
		tl_buf_str(out, "as expected; the scenario says: ");
		break;
	case TL_FACT_NOT_SO:
		tl_buf_str(out, "not confirmed; expected: ");
		break;
	case TL_FACT_UNSEEN:
		tl_buf_str(out, "not observed; expected: ");
		break;
	}
	tl_claim_finding(out, claim);
}

const char *tl_report_side(const struct tl_claim *claim, const struct tl_evidence *evidence)
{
	if (!claim->tied)
		return "";
	return evidence->against ? "against it: " : "for it: ";
}

void tl_report_steps(struct tl_buf *out, const struct tl_phase *phase)
{
	size_t shown = tl_report_steps_shown(phase);

	for (size_t i = 0; i < shown; i++)
		tl_buf_fmt(out, "%s%s", i ? ", " : "", phase->steps[i].text);
	if (shown < phase->n_steps)
		tl_buf_fmt(out, ", and %zu more steps", phase->n_steps - shown);
}

size_t tl_report_steps_shown(const struct tl_phase *phase)
{
	return phase->n_steps > STEPS_MOST + STEPS_MOST / 2 ? STEPS_MOST : phase->n_steps;
}

static void actor_event(struct tl_buf *out, const char *name, const struct tl_event *ev)
{
	const char *signal;

	switch (ev->actor.change) {
	case TL_ACTOR_STARTED:
		tl_buf_fmt(out, "%s started, process %d", name, (int)ev->actor.pid);
		break;
	case TL_ACTOR_READY:
		tl_buf_fmt(out, "%s ready", name);
		break;
	case TL_ACTOR_FROZEN:
		tl_buf_fmt(out, "%s frozen", name);
		break;
	case TL_ACTOR_THAWED:
		tl_buf_fmt(out, "%s thawed", name);
		break;
	case TL_ACTOR_EXITED:
		if (!ev->actor.signal) {
			tl_buf_fmt(out, "%s exited with status %d", name, ev->actor.status);
			break;
		}
		signal = sigabbrev_np(ev->actor.signal);
		tl_buf_fmt(out, "%s ended by signal %d", name, ev->actor.signal);
		if (signal)
			tl_buf_fmt(out, ", SIG%s", signal);
		break;
	}
}

void tl_report_event(struct tl_buf *out, const struct tl_film *film, const struct tl_event *ev)
{
	const struct tl_plan *plan = film->plan;
	const struct tl_step *step;

	switch (ev->kind) {
	case TL_EVENT_STEP:
		step = tl_film_step(film, ev);
		tl_buf_str(out, step ? step->text : "");
		break;
	case TL_EVENT_DONE:
		if (ev->step.reply)
			tl_buf_fmt(out, "answer: %s", ev->step.reply);
		break;
	case TL_EVENT_ACTOR:
		actor_event(out, tl_plan_actor_name(plan, ev->actor.actor), ev);
		break;
	case TL_EVENT_PUSHED:
		tl_buf_fmt(out, "pushed to the subscriber at %s: %s",
			   tl_plan_actor_name(plan, ev->pushed.actor), ev->pushed.text);
		break;
	case TL_EVENT_OUTPUT:
		tl_buf_fmt(out, "%s wrote: %s", tl_plan_actor_name(plan, ev->output.actor),
			   ev->output.text);
		break;
	case TL_EVENT_RUN:
	case TL_EVENT_PHASE:
	case TL_EVENT_SNAPSHOT:
	case TL_EVENT_WIRE:
	case TL_EVENT_SEGMENT:
	case TL_EVENT_LETGO:
	case TL_EVENT_LOSSY:
	case TL_EVENT_MISSED:
	case TL_EVENT_WITNESS:
	case TL_EVENT_COUNTERS:
	case TL_EVENT_FAULT:
	case TL_EVENT_END:
		break;
	}
}

static bool told(const struct tl_event *ev)
{
	return ev->kind == TL_EVENT_STEP || ev->kind == TL_EVENT_ACTOR ||
	       ev->kind == TL_EVENT_PUSHED ||
	       (ev->kind == TL_EVENT_DONE && ev->step.reply);
}

size_t tl_report_last(const struct tl_report *report, size_t phase,
		      const struct tl_event **events, size_t max)
{
	const struct tl_trace *trace = report->trace;
	const struct tl_event *look = report->verdict->phases[phase].look;
	size_t end = look ? (size_t)(look - trace->events) : trace->n, n = 0, i;

	while (end && trace->events[end - 1].phase > (int)phase)
		end--;
	for (i = end; i && n < max; i--)
		n += told(&trace->events[i - 1]);
	for (n = 0; i < end; i++)
		if (told(&trace->events[i]))
			events[n++] = &trace->events[i];
	return n;
}

uint64_t tl_report_phase_ns(const struct tl_report *report, size_t phase)
{
	const struct tl_event *look = report->verdict->phases[phase].look;
	const struct tl_event *first = NULL, *last = NULL;

	for (size_t i = 0; i < report->trace->n; i++) {
		const struct tl_event *ev = &report->trace->events[i];

		if (ev->phase != (int)phase)
			continue;
		first = first ? first : ev;
		last = ev;
	}
	if (look)
		last = look;
	return first && last->t_ns > first->t_ns ? last->t_ns - first->t_ns : 0;
}

bool tl_report_faults(const struct tl_report *report, size_t phase)
{
	for (size_t i = 0; i < report->trace->n; i++)
		if (report->trace->events[i].kind == TL_EVENT_FAULT &&
		    report->trace->events[i].phase == (int)phase)
			return true;
	return false;
}

/* The last state that is left of a run, but LISTEN and ESTABLISHED where there is another. */
static enum tl_state last_state(const struct tl_verdict *verdict)
{
	enum tl_state plain = 0;

	for (size_t i = verdict->n_phases; i--;) {
		const struct tl_event *look = verdict->phases[i].look;

		for (size_t j = look ? look->snapshot.n : 0; j--;) {
			enum tl_state state = look->snapshot.rows[j].sock.state;

			if (state != TL_LISTEN && state != TL_ESTABLISHED)
				return state;
			plain = plain ? plain : state;
		}
	}
	return plain;
}

const char *tl_report_next(const struct tl_report *report)
{
	const char *subject = tl_subject(report->plan->name);
	enum tl_state state = last_state(report->verdict);

	return subject ? subject : tl_state_figure(state ? state : TL_CLOSE);
}

void tl_report_ask(struct tl_buf *out, const struct tl_report *report)
{
	const char *command = tl_lead_command(TL_LIST(report->plan->name));
	const struct tl_entry *entry;

	if (report->verdict->result != TL_RESULT_PASSED)
		return;
	entry = tl_lexicon_find(tl_report_next(report));
	if (!entry || !entry->why)
		entry = tl_lexicon_state(last_state(report->verdict));
	if (command)
		tl_buf_str(out, command);
	else if (entry && entry->why)
		tl_buf_fmt(out, "why %s", entry->why);
}
