/* SPDX-License-Identifier: GPL-2.0-or-later */
/* judge, inside: the three questions, and how what was found is said. */
#ifndef JUDGE_QUESTIONS_H
#define JUDGE_QUESTIONS_H

#include <stdint.h>

#include "tcplab/buf.h"
#include "tcplab/film.h"
#include "tcplab/verdict.h"

/* say_row - append "replica -> master TIME_WAIT", with addresses for whom nobody knows */
void say_row(struct tl_buf *out, const struct tl_plan *plan, const struct tl_row *row);

/* say_pattern - append the pattern as the scenario spells it */
void say_pattern(struct tl_buf *out, const struct tl_plan *plan, const struct tl_pattern *p);

/* say_ends - append its actors alone: "replica -> master" */
void say_ends(struct tl_buf *out, const struct tl_plan *plan, const struct tl_pattern *p);

/* say_shot - append "FIN from replica", with @to "FIN from replica to master" */
void say_shot(struct tl_buf *out, const struct tl_plan *plan, const struct tl_shot *s, bool to);

/* say_blind - append why not every segment was seen */
void say_blind(struct tl_buf *out, const struct tl_film *film);

/* say_phase - append "in phase 3" */
void say_phase(struct tl_buf *out, int phase);

/* say_scope - "in phase 3", or @phase -1: "in the whole run", "so far" where it did not end */
void say_scope(struct tl_buf *out, const struct tl_film *film, int phase);

/*
 * say_near - append how near an expectation that did not come true came to it, and for how
 * long: "; for 3.1 s all but master -> client ESTABLISHED"; nothing where it came nowhere near
 *
 * Return: false when memory ran out.
 */
bool say_near(struct tl_buf *out, const struct tl_film *film, int phase);

/* say_near_row - append what of the row that @ev asks for was seen, if anything was */
void say_near_row(struct tl_buf *out, const struct tl_film *film, const struct tl_evidence *ev);

/* say_take - what was said (returned owned; NULL when memory ran out); empties @out */
char *say_take(struct tl_buf *out);

/* say_how_it_ended - append why the run went no further */
void say_how_it_ended(struct tl_buf *out, const struct tl_film *film);

/* The three questions; each fills its part of the verdict, false when memory runs out. */
bool judge_phases(const struct tl_film *film, struct tl_verdict *verdict);
bool judge_lives(const struct tl_film *film, struct tl_verdict *verdict);
bool judge_claims(const struct tl_film *film, struct tl_verdict *verdict);

/* Where the trace shows each step of the plan: phase @i's from @first[i] on; NULL: it does not. */
struct steps {
	const struct tl_event **begun, **done;
	size_t *first;
};

/* judge_take_steps - false when memory ran out; to be released all the same */
bool judge_take_steps(const struct tl_film *film, struct steps *steps);
void judge_steps_release(struct steps *steps);

/*
 * judge_left_out - append which step of a phase that was gone through the trace does not show as
 * done, or with another answer than it was to have
 *
 * Return: is there one?
 */
bool judge_left_out(const struct tl_film *film, const struct steps *steps, int phase,
		    struct tl_buf *why);

/* evidence_looked_at - was everything looked at that could hold it? @phase -1: in the whole run */
bool evidence_looked_at(const struct tl_film *film, int phase);

/* evidence_in_scope - is an event of the phase that it is looked for in? */
bool evidence_in_scope(const struct tl_evidence *ev, const struct tl_event *seen);

/* judge_order - the kind of evidence that is about one end's states: sequence.c */
bool judge_order(const struct tl_film *film, const struct tl_evidence *ev,
		 struct tl_evidence_verdict *out);

/* judge_timer - the kind that is about the timers of rows: timers.c */
bool judge_timer(const struct tl_film *film, const struct tl_evidence *ev,
		 struct tl_evidence_verdict *out);

/* judge_evidence - one piece, by what was seen and by the lives; claims.c adds them up */
bool judge_evidence(const struct tl_film *film, const struct tl_verdict *verdict,
		    const struct tl_evidence *ev, struct tl_evidence_verdict *out);

/* The kinds of evidence that are about the wire: passed.c, and the two of sent.c */
bool judge_segments(const struct tl_film *film, const struct tl_evidence *ev,
		    struct tl_evidence_verdict *out);
bool judge_segment(const struct tl_film *film, const struct tl_evidence *ev,
		   struct tl_evidence_verdict *out);
bool judge_silent(const struct tl_film *film, const struct tl_evidence *ev,
		  struct tl_evidence_verdict *out);

/*
 * slow_to_close - did the kernel of @closer not wait for its program to close, so that it
 * acknowledged a FIN by itself? False as well where the program is none that closes at once,
 * or where the scenario had frozen it.
 */
bool slow_to_close(const struct tl_film *film, int closer, int phase);

/* slow_is_ack - an ACK of a FIN that carries nothing else */
bool slow_is_ack(const struct tl_shot *s);

/*
 * evidence_slow - fill @out: not observed, and why: the machine was too slow, or somebody at
 * "tcplab step" had frozen @closer, of whom slow_to_close() is true. False when memory ran out.
 */
bool evidence_slow(const struct tl_film *film, int closer, int phase,
		   struct tl_evidence_verdict *out);

/* evidence_found - fill @out, emptying @text; false when memory ran out */
bool evidence_found(struct tl_evidence_verdict *out, enum tl_fact fact, int phase,
		    struct tl_buf *text);

/* evidence_unseen - the same where it could not be looked for, which the text explains */
bool evidence_unseen(const struct tl_film *film, const struct tl_evidence *ev,
		     struct tl_evidence_verdict *out);

#endif
