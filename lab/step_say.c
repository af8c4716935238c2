/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tcplab step tells: a segment and its ends, what comes next and why, the film so far. */
#include "step.h"

#include <stdlib.h>
#include <string.h>

#include "tcplab/engine.h"
#include "tcplab/grow.h"
#include "tcplab/lexicon.h"
#include "tcplab/text.h"

#define MEANING_COLUMN 44 /* below netstat's Foreign Address */
#define WSCALE_MAX     14 /* RFC 7323 2.3 */
#define ROW_COLUMNS    80 /* that netstat's row takes; in a narrower terminal it is told shorter */

static const char *actor(const struct stepper *s, int index)
{
	return tl_plan_actor_name(s->plan, index);
}

static const char *meaning_of(enum tl_state state)
{
	const struct tl_state_info *info = tl_state_info(state);

	return info ? info->meaning : state ? "a state that is not known here" : "no connection";
}

/* In a narrow terminal: whose it is, its state, its own address. */
static void say_short_row(struct stepper *s, int owner, const struct tl_row *row)
{
	char address[TL_ENDPOINT_TEXT];

	tl_buf_fmt(&s->out, "  %-12s %-12s", actor(s, owner),
		   row->sock.state ? tl_state_name(row->sock.state) : "CLOSED");
	if (row->sock.state) {
		tl_endpoint_text(&row->sock.local, address);
		tl_buf_fmt(&s->out, s->style.width < 28 + (int)strlen(address) ? "\n%15s" : "%s ", "");
		tl_buf_str(&s->out, address);
	}
	tl_buf_fmt(&s->out, "\n%15s", "");
	tl_text_hang(&s->out, meaning_of(row->sock.state), s->style.width, 15);
}

/* A row as netstat shows it, and below it, as in the report, whose it is and what it means. */
void tell_row(struct stepper *s, int owner, const struct tl_row *row)
{
	if (s->style.width < ROW_COLUMNS) {
		say_short_row(s, owner, row);
		return;
	}
	if (row->sock.state)
		tl_report_netstat_row(&row->sock, &s->out);
	else
		tl_buf_fmt(&s->out, "%-67s CLOSED", "no socket");
	tl_buf_fmt(&s->out, "\n%20s%-23s ", "", actor(s, owner));
	tl_text_hang(&s->out, meaning_of(row->sock.state), s->style.width, MEANING_COLUMN);
}

static const struct origin *find_origin(const struct stepper *s, const struct tl_endpoint *from,
					const struct tl_endpoint *to)
{
	size_t i = tl_pairs_find(&s->directions, from, to);

	return i < s->n_origins ? &s->origins[i] : NULL;
}

void note_origin(struct stepper *s, const struct tl_segment *seg)
{
	size_t i;

	if (!(seg->flags & TL_FLAG_SYN))
		return;
	i = tl_pairs_add(&s->directions, &seg->from, &seg->to);
	if (i == s->n_origins && TL_GROW(s->origins, s->n_origins))
		s->n_origins++;
	if (i < s->n_origins)
		s->origins[i] = (struct origin){
			seg->seq, seg->wscale < WSCALE_MAX ? seg->wscale : WSCALE_MAX };
}

void number_question(struct stepper *s, struct question *q)
{
	const struct tl_segment *seg = &q->ev.segment.seg;
	const struct origin *own = find_origin(s, &seg->from, &seg->to);
	const struct origin *other = find_origin(s, &seg->to, &seg->from);
	bool scaled = !(seg->flags & TL_FLAG_SYN) && own && other && own->wscale > 0 &&
		      other->wscale >= 0;

	q->seq = seg->seq - (own ? own->seq : 0);
	q->ack = seg->ack - (other ? other->seq : 0);
	q->window = (uint32_t)seg->window << (scaled ? own->wscale : 0);
}

static void say_numbers(struct stepper *s, const struct question *q)
{
	const struct tl_segment *seg = &q->ev.segment.seg;
	char flags[TL_FLAGS_TEXT];
	struct tl_buf text = { 0 };

	tl_buf_fmt(&text, "%s, seq %u", tl_segment_flags(seg->flags, flags), q->seq);
	if (seg->flags & TL_FLAG_ACK)
		tl_buf_fmt(&text, ", ack %u", q->ack);
	tl_buf_fmt(&text, ", %u bytes, window %u", seg->len, q->window);
	tl_text_wrap(&s->out, tl_buf_text(&text), s->style.width, 2);
	tl_buf_release(&text);
}

static void say_head(struct stepper *s, const struct question *q)
{
	tl_buf_fmt(&s->out, "\n%s from %s to %s\n", tl_flows_name(q->kinds),
		   actor(s, q->ev.segment.from), actor(s, q->ev.segment.to));
}

/* What is going to happen, by the theory. */
void tell_forecast(struct stepper *s, const struct question *q)
{
	const struct tl_sock *there = &q->ev.segment.ends[1].sock;
	const struct tl_forecast *f = &q->forecast;
	const char *who = actor(s, q->ev.segment.to);
	struct tl_buf text = { 0 }, *out = &text;

	tl_buf_str(out, "Let go: ");
	switch (f->kind) {
	case TL_FORECAST_UNKNOWN:
		tl_buf_fmt(out, "what %s will do is not known", who);
		break;
	case TL_FORECAST_NOBODY:
		tl_buf_fmt(out, "%s has no socket for it", who);
		break;
	case TL_FORECAST_STAYS:
		tl_buf_fmt(out, "%s stays in %s", who, tl_state_figure(there->state));
		break;
	case TL_FORECAST_GOES:
		tl_buf_fmt(out, f->from == TL_LISTEN ? "%s gets a new socket, %s -> %s" :
						       "%s goes %s -> %s",
			   who, tl_state_figure(f->from), tl_state_figure(f->to));
		break;
	}
	if (f->sends[0])
		tl_buf_fmt(out, " and sends %s", f->sends);
	tl_buf_fmt(out, "%s%s.", f->because[0] ? ": " : "", f->because);
	tl_text_wrap(&s->out, tl_buf_text(out), s->style.width, 0);
	tl_buf_release(out);
}

/* What no patience of ours can stop. */
static void say_limits(struct stepper *s, const struct question *q)
{
	for (int i = 0; i < 2; i++) {
		const struct tl_sock *end = &q->ev.segment.ends[i].sock;

		if (end->state == TL_TIME_WAIT)
			lab_wrap(&s->out, s->style.width, 0, "TIME_WAIT ends in %u s, however long "
				 "you wait: it is a constant of Linux.", end->timer_ms / 1000);
	}
}

void tell_question(struct stepper *s, const struct question *q)
{
	say_head(s, q);
	say_numbers(s, q);
	tell_row(s, q->ev.segment.from, &q->ev.segment.ends[0]);
	tell_row(s, q->ev.segment.to, &q->ev.segment.ends[1]);
	if (predict_asks(s, q))
		tell_riddle(s, q);
	else
		tell_forecast(s, q);
	say_limits(s, q);
}

void tell_passed_over(struct stepper *s, const struct question *q)
{
	const char *to = actor(s, q->ev.segment.to);

	lab_wrap(&s->out, s->style.width, 3, "%s from %s to %s: %s stays in %s",
		 tl_flows_name(q->kinds), actor(s, q->ev.segment.from), to, to,
		 tl_state_figure(q->ev.segment.ends[1].sock.state));
}

/* A state in explain's own words. */
static void why_state(struct stepper *s, enum tl_state state)
{
	const struct tl_entry *entry = tl_lexicon_state(state);
	struct tl_buf says = { 0 };

	if (!entry)
		return;
	tl_buf_fmt(&s->out, "%s\n", entry->name);
	tl_entry_says(&says, entry);
	tl_text_wrap(&s->out, tl_buf_text(&says), lab_prose_width(&s->style), 2);
	tl_buf_release(&says);
}

void tell_why(struct stepper *s, const struct question *q)
{
	const enum tl_state here = q->ev.segment.ends[0].sock.state;
	const enum tl_state there = q->ev.segment.ends[1].sock.state;
	const struct tl_arc *arc = q->forecast.arc;

	why_state(s, here);
	if (there != here)
		why_state(s, there);
	if (arc) {
		tl_buf_fmt(&s->out, arc->kind == TL_ARC_DRAWN ? "Arrow %s of Figure 5" :
								"Not in Figure 5: %s", arc->id);
		tl_buf_fmt(&s->out, " (RFC 9293 %s)\n", arc->section);
		lab_figure(&s->out, arc->to, &arc, 1, &s->style);
		lab_wrap(&s->out, lab_prose_width(&s->style), 2, "%s %s", arc->how,
			 arc->differs ? arc->differs : "");
	} else if (q->forecast.kind != TL_FORECAST_UNKNOWN) {
		tl_buf_fmt(&s->out, "No arrow of Figure 5 leaves %s for such a segment.\n",
			   tl_state_figure(there));
	}
}

static const char *const endings[] = {
	[ENDING_OPEN] = "",
	[ENDING_LEFT] = ": left to the scenario",
	[ENDING_HELD] = ": held by the scenario",
	[ENDING_LET_GO] = ": let go",
	[ENDING_LOST] = ": lost",
	[ENDING_REPEATED] = ": a repetition, while the first was held",
};

static void film_add(struct stepper *s, const char *text, int indent, int id)
{
	char *own = strdup(text);

	if (!own || !TL_GROW(s->film, s->n_film)) {
		free(own);
		return;
	}
	s->film[s->n_film++] = (struct scene){ .text = own, .indent = indent, .id = id };
}

void film_say(struct stepper *s, int indent, const char *fmt, ...)
{
	struct tl_buf text = { 0 };
	va_list ap;

	va_start(ap, fmt);
	tl_buf_vfmt(&text, fmt, ap);
	va_end(ap);
	tl_text_wrap(&s->out, tl_buf_text(&text), s->style.width, indent);
	film_add(s, tl_buf_text(&text), indent, 0);
	tl_buf_release(&text);
}

void film_end(struct stepper *s, int id, enum ending ended)
{
	for (size_t i = s->n_film; i--;)
		if (s->film[i].id == id) {
			s->n_left -= s->film[i].ended == ENDING_LEFT;
			s->film[i].ended = ended;
			return;
		}
}

/* Nobody has looked at the ends of a repetition that came while the first was held. */
static void film_end_state(struct tl_buf *line, const struct tl_event *ev, const struct tl_row *end)
{
	enum tl_state state = end->sock.state ? end->sock.state : TL_CLOSE;

	if (ev->segment.fate != TL_FATE_ABSORBED)
		tl_buf_fmt(line, " (%s)", tl_state_figure(state));
}

void film_leave(struct stepper *s, int id)
{
	film_end(s, id, ENDING_LEFT);
	s->n_left++;
}

void tell_left(struct stepper *s)
{
	for (size_t i = s->n_film; i-- && s->n_left;) {
		if (s->film[i].ended != ENDING_LEFT)
			continue;
		s->film[i].ended = ENDING_HELD;
		lab_wrap(&s->out, s->style.width, 3, "The scenario holds it: %s",
			 s->film[i].text);
		s->n_left--;
	}
	s->n_left = 0;
}

void film_segment(struct stepper *s, const struct tl_event *ev, uint32_t kinds)
{
	const struct tl_row *ends = ev->segment.ends;
	struct tl_buf line = { 0 };

	tl_buf_fmt(&line, "%s from %s", tl_flows_name(kinds), actor(s, ev->segment.from));
	film_end_state(&line, ev, &ends[0]);
	tl_buf_fmt(&line, " to %s", actor(s, ev->segment.to));
	film_end_state(&line, ev, &ends[1]);
	if (!line.failed)
		film_add(s, tl_buf_text(&line), 0, ev->segment.id);
	if (ev->segment.fate == TL_FATE_ABSORBED)
		film_end(s, ev->segment.id, ENDING_REPEATED);
	tl_buf_release(&line);
}

void tell_film(struct stepper *s)
{
	struct tl_buf line = { 0 };

	for (size_t i = 0; i < s->n_film; i++) {
		const struct scene *scene = &s->film[i];

		if (!scene->id) {
			tl_text_wrap(&s->out, scene->text, s->style.width, scene->indent);
			continue;
		}
		line.len = 0;
		tl_buf_fmt(&line, "%s%s", scene->text, endings[scene->ended]);
		tl_buf_fmt(&s->out, "%6d  ", scene->id);
		tl_text_hang(&s->out, tl_buf_text(&line), s->style.width, 8);
	}
	tl_buf_release(&line);
}

/* How long what is awaited may still take; the clock stands still while a reader froze. */
static void say_until(const struct stepper *s, const struct lab_progress *progress,
		      struct tl_buf *out)
{
	const struct tl_phase *phase = &s->plan->phases[s->phase];
	unsigned long long waited = lab_now_ms() - progress->since_ms;

	if (s->n_frozen) {
		tl_buf_str(out, "; no deadline runs while you have frozen an actor");
		return;
	}
	if (progress->step < 0)
		return; /* lab_progress_say() has said it */
	tl_buf_fmt(out, "; given up in %llu s",
		   lab_left_s(waited, tl_engine_patience(phase, progress->step)));
}

void tell_awaited(struct stepper *s)
{
	struct lab_progress progress = s->progress;
	struct tl_buf text = { 0 };

	if (s->phase < 0 || (size_t)s->phase >= s->plan->n_phases) {
		tl_buf_str(&s->out, "Nothing is held: the run begins, or ends.\n");
		return;
	}
	if (s->still_ms)
		progress.since_ms += lab_now_ms() - s->still_ms;
	tl_buf_str(&text, "Nothing is held now: ");
	lab_progress_say(&progress, &text);
	say_until(s, &progress, &text);
	tl_buf_str(&text, ".");
	tl_text_wrap(&s->out, tl_buf_text(&text), s->style.width, 0);
	tl_buf_release(&text);
	s->told_ms = s->progress.since_ms;
}
