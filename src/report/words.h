/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inside report: what every renderer says alike. All append to @out, as it is: names and
 * sentences of a scenario or a trace are made harmless by the renderer.
 */
#ifndef TCPLAB_REPORT_WORDS_H
#define TCPLAB_REPORT_WORDS_H

#include "tcplab/report.h"

/* tl_report_owner - "replica -> master"; "master" alone where there is no other end */
void tl_report_owner(struct tl_buf *out, const struct tl_plan *plan, int owner, int peer,
		     const struct tl_endpoint *remote);

/* tl_report_row - a row as an expectation spells it: "replica -> master TIME_WAIT" */
void tl_report_row(struct tl_buf *out, const struct tl_plan *plan, const struct tl_row *row);

/*
 * tl_report_row_meaning - append the few words that stand beside a row, and of a connection
 * which processes have it open, where that is not its actor's own alone
 * @look: the snapshot that shows it
 */
void tl_report_row_meaning(struct tl_buf *out, const struct tl_report *report,
			   const struct tl_event *look, const struct tl_row *row);

/* tl_report_note - what its queues, timer and inode say; @out: TL_SOCK_NOTE bytes (returned) */
const char *tl_report_note(const struct tl_sock *sock, char *out);

/*
 * tl_report_meaning - the first of them: what the state means, and which end closed first, as
 * far as the run shows it (static)
 */
const char *tl_report_meaning(const struct tl_report *report, const struct tl_event *look,
			      const struct tl_row *row);

/* tl_report_actors - "server", "server and worker": a set of actors, 1 << index */
void tl_report_actors(struct tl_buf *out, const struct tl_plan *plan, uint64_t actors);

/* tl_report_change - "new" where it @was in no state, "was ESTABLISHED"; or nothing */
void tl_report_change(struct tl_buf *out, bool changed, enum tl_state was);

/*
 * tl_report_gone - "was ESTABLISHED; ..." and what it means that the row is not there
 * @at: the event since which it is not
 */
void tl_report_gone(struct tl_buf *out, const struct tl_report *report,
		    const struct tl_event *at, const struct tl_sock *sock, enum tl_state was);

/* Of more than these the first are told, and the others counted; the JSON report has all. */
#define TL_REPORT_LIVES  100
#define TL_REPORT_ROWS   400 /* of one table */
#define TL_REPORT_FAULTS 20

/*
 * tl_report_pick_lives - those that are told, in their order: all, or of very many the first
 * that are not a path through RFC 9293's diagram, and then the first of the others
 *
 * Return: how many of @picks are filled.
 */
size_t tl_report_pick_lives(const struct tl_report *report, size_t picks[TL_REPORT_LIVES]);

/* tl_report_more - "and 5 more rows, in the JSON report", of @n of which @most were told; or nothing */
void tl_report_more(struct tl_buf *out, size_t n, size_t most, const char *what);

/* tl_report_life_owner - whose life it is; with its port where another is called the same */
void tl_report_life_owner(struct tl_buf *out, const struct tl_report *report, size_t life);

/*
 * tl_report_is_aside - was this state of a life passed through between what is shown? Not
 * so where a life begins or where it ends in CLOSED: that there is no row shows it.
 */
bool tl_report_is_aside(const struct tl_life *life, size_t hop);

/* tl_report_hop - one state; the parentheses of "(FIN_WAIT1 FIN_WAIT2)" with it */
void tl_report_hop(struct tl_buf *out, const struct tl_life *life, size_t hop);

/* tl_report_life - all of them: "CLOSED (SYN_SENT) ESTABLISHED" */
void tl_report_life(struct tl_buf *out, const struct tl_life *life);

/* tl_report_walked - did any socket of the run go that way? */
bool tl_report_walked(const struct tl_verdict *verdict, const struct tl_arc *arc);

/* tl_report_has_asides - any state of any life? */
bool tl_report_has_asides(const struct tl_report *report);

/* What stands with the lives then. */
#define TL_REPORT_ASIDES                                                                     \
	"In parentheses: not seen, but inferred from what was, by RFC 9293's diagram."

/* tl_report_program - what an actor turned out to be, NULL if it never got ready (borrowed) */
const char *tl_report_program(const struct tl_trace *trace, size_t actor);

/* tl_report_programs - "redis-server 7.0.15 (master, replica)", then "; " and the next */
void tl_report_programs(struct tl_buf *out, const struct tl_report *report);

/* tl_report_environment - the programs and " on Linux 6.1.0" */
void tl_report_environment(struct tl_buf *out, const struct tl_report *report);

/* tl_report_kernel - "Linux 6.1.0" (borrowed) */
const char *tl_report_kernel(const struct tl_report *report);

/* tl_report_is_mock - did mock peers stand in for Redis? */
bool tl_report_is_mock(const struct tl_report *report);

/* What is said then. */
#define TL_REPORT_MOCK                                                                       \
	"Mock peers stood in for Redis: they open, accept and close connections as Redis "   \
	"does, but send no data."

/* tl_report_unsafe - what --unsafe options left out of the sandbox, and what follows; or nothing */
void tl_report_unsafe(struct tl_buf *out, const struct tl_report *report);

/* tl_report_untapped - why the wire was to be seen and was not; or nothing */
void tl_report_untapped(struct tl_buf *out, const struct tl_report *report);

/* tl_report_lossy - what passed unseen in @phase, tl_report_gaps - in the whole run; or nothing */
void tl_report_lossy(struct tl_buf *out, const struct tl_report *report, size_t phase);
void tl_report_gaps(struct tl_buf *out, const struct tl_report *report);

/* tl_report_held - the segments still held when the run ended; or nothing */
void tl_report_held(struct tl_buf *out, const struct tl_report *report);

/* tl_report_outcome - "as expected", for a heading (borrowed) */
const char *tl_report_outcome(enum tl_outcome outcome);

/*
 * tl_report_ruling - append "as expected; the scenario says: refuted", "not confirmed; expected:
 * holds"
 *
 * The evidence is the run's, and the finding the scenario's.
 */
void tl_report_ruling(struct tl_buf *out, const struct tl_claim *claim,
		      const struct tl_claim_verdict *verdict);

/* tl_report_side - "for it: ", "against it: "; "" where the scenario does not say */
const char *tl_report_side(const struct tl_claim *claim, const struct tl_evidence *evidence);

/* tl_report_steps - "start master, stop replica": what the phase did */
void tl_report_steps(struct tl_buf *out, const struct tl_phase *phase);

/* tl_report_steps_shown - how many of a phase's steps are named where all stand in one line */
size_t tl_report_steps_shown(const struct tl_phase *phase);

/* tl_report_event - a step, an answer, or what became of an actor; nothing for the rest */
void tl_report_event(struct tl_buf *out, const struct tl_film *film, const struct tl_event *ev);

/*
 * tl_report_outputs - where something failed: the last lines that programs wrote, each piece
 * below a line that says who wrote it and when
 */
void tl_report_outputs(struct tl_buf *out, const struct tl_report *report);

/* What stands above them. */
#define TL_REPORT_OUTPUTS "What the programs wrote"

/* How many of the last steps before a failure are told. */
#define TL_REPORT_LAST 6

/*
 * tl_report_last - the events before the end of phase @phase that tl_report_event() tells
 * @events: room for @max (borrowed from the trace), in the order they happened
 *
 * Return: how many there are.
 */
size_t tl_report_last(const struct tl_report *report, size_t phase,
		      const struct tl_event **events, size_t max);

/* tl_report_phase_ns - from the beginning of a phase to what it ended on; 0: not reached */
uint64_t tl_report_phase_ns(const struct tl_report *report, size_t phase);

/*
 * tl_report_where - the place in the scenario where a phase did not come out: the step that
 * it did not get past, the first row that was not seen as often as expected, or the phase
 * itself (borrowed)
 */
const struct tl_where *tl_report_where(const struct tl_report *report, size_t phase);

/*
 * tl_report_failure - say why a run failed, with the place in the scenario first
 * @place: gets "mine.yaml:26:9: phase 2: expected client -> server TIME_WAIT, not seen"
 * @out: gets what tl_report_verdict() says beside
 *
 * Return: false, with nothing said, where it did not fail or it is of no place.
 */
bool tl_report_failure(struct tl_buf *place, struct tl_buf *out, const struct tl_report *report);

/* tl_report_faults - did the lab fail in this phase? */
bool tl_report_faults(const struct tl_report *report, size_t phase);

/* tl_report_result - "Passed", "Failed" (borrowed) */
const char *tl_report_result(enum tl_result result);

/* tl_report_verdict - what follows it: "in 41 ms: 3 of 3 phases as expected, ..." */
void tl_report_verdict(struct tl_buf *out, const struct tl_report *report);

/*
 * tl_report_next - the word most worth explaining after a run that passed: what the scenario is
 * about, or for one that is not shipped the last state that it ended in; never NULL
 */
const char *tl_report_next(const struct tl_report *report);

/*
 * tl_report_ask - append what follows "tcplab" on one's own host, to find there what a run that
 * passed has shown: "why close-wait", "snap --listen"; or nothing
 */
void tl_report_ask(struct tl_buf *out, const struct tl_report *report);

/*
 * tl_report_reset - the RST with which the kernel answers this segment: the next that its
 *                   receiver sends, with its ACK for a number; or NULL
 */
const struct tl_event *tl_report_reset(const struct tl_report *report, const struct tl_shot *shot);

#endif
