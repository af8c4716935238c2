/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcplab step: what comes from the run, and what it is told. */
#include "step.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "prompt.h"
#include "tcplab/grow.h"

#define SCENE_INDENT 3 /* of what happens in a phase */

void step_say_to(const struct stepper *s, const char *text)
{
	/* A run that has ended does not listen; its trace tells why. */
	if (send(s->control, text, strlen(text), MSG_NOSIGNAL) < 0 && errno != EPIPE &&
	    errno != ECONNRESET)
		lab_complain("sending the answer to the run: %m");
}

/* The clock of what is awaited stands still with the run's. */
static void note_still(struct stepper *s)
{
	bool still = s->n || s->n_frozen;

	if (still && !s->still_ms)
		s->still_ms = lab_now_ms();
	if (still || !s->still_ms)
		return;
	s->progress.since_ms += lab_now_ms() - s->still_ms;
	s->still_ms = 0;
}

/* The table as it is now comes first: who was asked about before has gone on since. */
static void look(struct stepper *s)
{
	s->looking = true;
	step_say_to(s, "table\n");
}

/* The question asked has its answer; ask the next, if one waits. */
void step_answer(struct stepper *s, bool drops)
{
	step_say_to(s, drops ? "drop\n" : "step\n");
	if (!drops)
		film_leave(s, s->questions->ev.segment.id);
	memmove(s->questions, s->questions + 1, --s->n * sizeof(*s->questions));
	note_still(s);
	if (s->n)
		look(s);
}

void step_leave_alone(struct stepper *s, const char *text)
{
	s->enough = true;
	s->n = 0;
	note_still(s);
	step_say_to(s, text);
}

void step_note_frozen(struct stepper *s, int actor, bool frozen)
{
	if (s->frozen[actor] != frozen)
		s->n_frozen += frozen ? 1 : -1;
	s->frozen[actor] = frozen;
	note_still(s);
}

static void on_segment(struct stepper *s, const struct tl_event *ev, uint32_t kinds)
{
	note_origin(s, &ev->segment.seg);
	film_segment(s, ev, kinds);
	if (s->enough || ev->segment.fate != TL_FATE_HELD)
		return;
	if (!TL_GROW(s->questions, s->n)) {
		step_leave_alone(s, "quit\n");
		return;
	}
	s->questions[s->n] = (struct question){ .ev = *ev, .kinds = kinds };
	number_question(s, &s->questions[s->n]);
	if (!s->n++)
		look(s);
	note_still(s);
}

/* The row of one end in the table: its own, or for want of one the listener's. */
static void refresh_end(struct tl_row *end, const struct tl_endpoint *local,
			const struct tl_endpoint *remote, const struct tl_event *ev, bool listener)
{
	const struct tl_row *found = NULL;

	for (size_t i = 0; i < ev->snapshot.n; i++) {
		const struct tl_row *row = &ev->snapshot.rows[i];

		if ((tl_endpoint_equal(&row->sock.local, local) &&
		     tl_endpoint_equal(&row->sock.remote, remote)) ||
		    (end->sock.state && end->sock.state != TL_LISTEN &&
		     row->sock.cookie == end->sock.cookie)) {
			*end = *row;
			return;
		}
		if (listener && row->sock.state == TL_LISTEN &&
		    tl_endpoint_accepts(&row->sock.local, local))
			found = row;
	}
	*end = found ? *found : (struct tl_row){ .owner = -1, .peer = -1 };
}

/* What options a program sets, and which calls it makes, nobody knows. */
static bool is_program(const struct tl_plan *plan, int owner)
{
	return owner >= 0 && (size_t)owner < plan->n_actors &&
	       plan->actors[owner].kind == TL_ACTOR_KIND_PROGRAM;
}

/* What the table says about the listener that the segment goes to. */
static void know_listener(struct tl_forecast_host *host, const struct tl_plan *plan,
			  const struct tl_event *ev, const struct tl_endpoint *to)
{
	uint32_t requests = 0, backlog = 0;

	host->unwatched = !tl_plan_watches(plan, to->port);
	for (size_t i = 0; i < ev->snapshot.n; i++) {
		const struct tl_row *row = &ev->snapshot.rows[i];

		requests += row->sock.state == TL_SYN_RECV &&
			    tl_endpoint_equal(&row->sock.local, to);
		if (row->sock.state != TL_LISTEN || !tl_endpoint_accepts(&row->sock.local, to))
			continue;
		host->listens = true;
		host->has_room = row->sock.recvq <= row->sock.sendq;
		host->defers |= is_program(plan, row->owner);
		backlog = row->sock.sendq;
	}
	host->has_requests = host->listens && requests >= backlog && requests;
}

/* Now that the table is known: what will the segment do? */
static void foresee(struct stepper *s, const struct tl_event *ev)
{
	struct question *q = s->questions;
	const struct tl_segment *seg = &q->ev.segment.seg;
	struct tl_forecast_host host = s->host;

	refresh_end(&q->ev.segment.ends[0], &seg->from, &seg->to, ev, false);
	refresh_end(&q->ev.segment.ends[1], &seg->to, &seg->from, ev, true);
	know_listener(&host, s->plan, ev, &seg->to);
	host.stops_reading |= is_program(s->plan, q->ev.segment.ends[1].owner);
	q->forecast = tl_forecast(&s->flows, &q->ev, q->kinds, &host);
}

/* Of what changes nothing a line, where the reader goes on to the next change. */
static void ask(struct stepper *s)
{
	const struct question *q = s->questions;

	if (s->skips && q->forecast.kind == TL_FORECAST_STAYS) {
		tell_passed_over(s, q);
		step_answer(s, false);
		return;
	}
	s->skips = false;
	tell_question(s, q);
}

static void say_table(struct stepper *s, const struct tl_event *ev)
{
	s->table_wanted = false;
	if (s->style.width >= 80)
		tl_buf_fmt(&s->out, "%s\n", tl_report_netstat_head());
	for (size_t i = 0; i < ev->snapshot.n; i++)
		tell_row(s, ev->snapshot.rows[i].owner, &ev->snapshot.rows[i]);
	if (!ev->snapshot.n)
		tl_buf_str(&s->out, "There is no row.\n");
}

static void on_snapshot(struct stepper *s, const struct tl_event *ev)
{
	if (!s->table_wanted)
		predict_look(s, ev);
	if (s->looking && s->n) {
		s->looking = false;
		foresee(s, ev);
		ask(s);
	} else if (s->table_wanted) {
		say_table(s, ev);
	}
}

/* A setting of the kernel that a forecast depends on. */
void step_take_setting(struct stepper *s, const struct tl_setting *setting)
{
	struct tl_forecast_host *host = &s->host;
	long value = strtol(setting->value, NULL, 10);

	if (!strcmp(setting->name, "net.ipv4.tcp_max_tw_buckets")) {
		host->no_time_wait = !value;
		host->few_time_waits = value;
	} else if (!strcmp(setting->name, "net.ipv4.tcp_syncookies")) {
		host->always_cookies = value == 2;
	} else if (!strcmp(setting->name, "net.ipv4.tcp_rfc1337")) {
		host->keeps_time_wait = value;
	}
}

static void take_step(struct stepper *s, const struct tl_step *step)
{
	for (size_t i = 0; i < step->n_settings; i++)
		step_take_setting(s, &step->settings[i]);
	s->host.defers |= step->call.options.set & 1u << TL_OPTION_DEFER_ACCEPT;
	s->host.stops_reading |= step->verb == TL_VERB_SHUTDOWN && step->call.how != SHUT_WR;
}

static const struct tl_phase *phase_of(const struct stepper *s, int phase)
{
	return phase >= 0 && (size_t)phase < s->plan->n_phases ? &s->plan->phases[phase] : NULL;
}

/* What a phase is called tells how it ends, so it is said when it has. */
static void end_phase(struct stepper *s, bool whole)
{
	const struct tl_phase *phase = phase_of(s, s->phase);

	if (phase && whole)
		film_say(s, SCENE_INDENT, "Phase %d is over: %s", s->phase + 1, phase->title);
}

static void begin_phase(struct stepper *s, int phase)
{
	tell_left(s);
	end_phase(s, true);
	s->phase = phase;
	tl_buf_str(&s->out, "\n");
	film_say(s, 0, "Phase %d of %zu", phase + 1, s->plan->n_phases);
}

static void begin_step(struct stepper *s, const struct tl_step *step)
{
	tell_left(s);
	film_say(s, SCENE_INDENT, "%s", step->text);
}

static void on_end(struct stepper *s, const struct tl_event *ev)
{
	end_phase(s, ev->end.how == TL_END_COMPLETE);
	predict_end(s);
	s->quit |= ev->end.how == TL_END_INTERRUPTED && prompt_is_terminal(); /* Ctrl-C */
	if (s->quit)
		tl_buf_fmt(&s->out, "\nYou ended the run in phase %d of %zu.\n", s->phase + 1,
			   s->plan->n_phases);
	s->enough = true;
	s->n = 0;
	prompt_hide();
	prompt_close();
	s->control = -1;
}

/* A freeze of the scenario's, or the reader's, has ended otherwise. */
static void on_actor(struct stepper *s, const struct tl_event *ev)
{
	if (ev->actor.actor >= 0 && (size_t)ev->actor.actor < s->plan->n_actors &&
	    (ev->actor.change == TL_ACTOR_THAWED || ev->actor.change == TL_ACTOR_EXITED))
		step_note_frozen(s, ev->actor.actor, false);
}

static void on_letgo(struct stepper *s, const struct tl_event *ev)
{
	film_end(s, ev->letgo.id, ev->letgo.dropped ? ENDING_LOST : ENDING_LET_GO);
	if (!ev->letgo.dropped)
		predict_arrived(s, ev->letgo.id);
}

void step_take_event(struct stepper *s, const struct tl_event *ev)
{
	const struct tl_phase *phase = phase_of(s, ev->phase);
	uint32_t kinds = tl_flows_take(&s->flows, ev);

	if (phase)
		lab_progress_event(&s->progress, ev);
	if (ev->kind == TL_EVENT_SEGMENT)
		on_segment(s, ev, kinds);
	else if (ev->kind == TL_EVENT_LETGO)
		on_letgo(s, ev);
	else if (ev->kind == TL_EVENT_SNAPSHOT)
		on_snapshot(s, ev);
	else if (ev->kind == TL_EVENT_ACTOR)
		on_actor(s, ev);
	else if (ev->kind == TL_EVENT_PHASE && phase)
		begin_phase(s, ev->phase);
	else if (ev->kind == TL_EVENT_STEP && phase && (size_t)ev->step.step < phase->n_steps)
		begin_step(s, &phase->steps[ev->step.step]);
	else if (ev->kind == TL_EVENT_DONE && phase && (size_t)ev->step.step < phase->n_steps)
		take_step(s, &phase->steps[ev->step.step]);
	else if (ev->kind == TL_EVENT_WIRE && !ev->wire.tapped)
		tl_buf_fmt(&s->out, "There is nothing to step through: %s\n", ev->wire.text);
	else if (ev->kind == TL_EVENT_END)
		on_end(s, ev);
}

