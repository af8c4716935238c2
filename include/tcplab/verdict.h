/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: what the judge found; with the film, all that a renderer needs. */
#ifndef TCPLAB_VERDICT_H
#define TCPLAB_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "tcplab/event.h"
#include "tcplab/plan.h"

/* The whole run. X(identifier, name, heading, exit status of the program) */
#define TL_RESULTS(X)                                                                        \
	X(PASSED, "passed", "Passed", 0)                                                     \
	X(FAILED, "failed", "Failed", 1)       /* an expectation, a claim, or legality */    \
	X(ERROR, "error", "The lab failed", 3) /* the lab could not carry it out */          \
	X(SKIPPED, "skipped", "Skipped", 77)   /* it cannot run on this host */              \
	X(INTERRUPTED, "interrupted", "Interrupted", 3) /* stopped, or the trace is cut short */

enum tl_result {
#define X(id, name, heading, status) TL_RESULT_##id,
	TL_RESULTS(X)
#undef X
};

const char *tl_result_name(enum tl_result result);
int tl_result_status(enum tl_result result);

/* One phase. X(identifier, name, heading) */
#define TL_OUTCOMES(X)                                                                       \
	X(MET, "met", "as expected")                                                         \
	X(UNMET, "unmet", "not as expected")                                                 \
	X(SHOWN, "shown", "nothing expected") /* the table is shown */                       \
	X(UNFINISHED, "unfinished", "unfinished") /* the run ended inside it */              \
	X(NOT_REACHED, "not reached", "not reached")

enum tl_outcome {
#define X(id, name, heading) TL_OUTCOME_##id,
	TL_OUTCOMES(X)
#undef X
};

const char *tl_outcome_name(enum tl_outcome outcome);

/* What became of a row since the table of the phase before. */
enum tl_change_kind { TL_CHANGE_SAME, TL_CHANGE_NEW, TL_CHANGE_STATE };

struct tl_row_verdict {
	int expect;               /* index into the phase's expects, -1: it is unexpected */
	enum tl_change_kind change;
	enum tl_state was;        /* TL_CHANGE_STATE: the state before */
};

struct tl_phase_verdict {
	enum tl_outcome outcome;
	const struct tl_event *look;   /* the snapshot the phase ended on; NULL for none (borrowed) */
	struct tl_row_verdict *rows;   /* one for each row of @look */
	int *seen;                     /* for each pattern expected, how many rows answered it */
	struct tl_row *gone;           /* rows of the phase before that are not there any more */
	size_t n_gone;
	char *reason;                  /* UNMET, UNFINISHED: a sentence; else NULL */
};

/*
 * How a state of a socket's life is known. CLOSED has no row (except for a socket that is
 * bound and no more), so a life's first and last CLOSED are inferred, from there being
 * none. X(identifier, name)
 */
#define TL_HOPS(X)                                                                           \
	X(OBSERVED, "observed") /* a snapshot shows it, or an end of a segment in flight */  \
	X(INFERRED, "inferred") /* RFC 9293 has no other way, or none so likely */           \
	X(FORCED, "forced")     /* the scenario ended the socket with DESTROY */

enum tl_hop_kind {
#define X(id, name) TL_HOP_##id,
	TL_HOPS(X)
#undef X
};

const char *tl_hop_name(enum tl_hop_kind kind);

struct tl_hop {
	enum tl_state state;
	enum tl_hop_kind kind;
	int phase;                 /* where it was first seen; for an inferred one, by when */
	const struct tl_arc *arc;  /* that leads here; NULL for where it began, for no way, and
				      where by which is not known */
	const struct tl_event *cause; /* what made it so, by the trace: a segment that arrived or
				      that it sent, a step, an end; of a timer, by when it had
				      run out. NULL: the trace does not prove the arc */
	const struct tl_event *by; /* that shows it, or a later state of the life; a look without
				      it for the CLOSED at the end */
	const struct tl_event *first, *last; /* SEGMENTs, and looks that phases ended on, that show
				      it; NULL: none does */
};

/* The life of one socket, by its cookie. */
struct tl_life {
	uint64_t cookie;
	int owner;
	int peer;
	struct tl_endpoint local;
	struct tl_endpoint remote;
	struct tl_hop *hops;       /* CLOSED (or LISTEN, for an accepted one) comes first; CLOSED
				      comes last where the row was gone before the run ended,
				      LISTEN where a RST ended a listener's request */
	size_t n_hops;
	bool legal;                /* each hop is an arc of RFC 9293, or Linux's known way */
	char *reason;              /* not legal: a sentence; else NULL */
};

/*
 * tl_life_proves - does the trace show what led to hop @hop of a life, or is there but one way
 * there from the state before? Else its arc is only the likeliest.
 */
bool tl_life_proves(const struct tl_life *life, size_t hop);

/* One piece of evidence. X(identifier, name) */
#define TL_FACTS(X)                                                                          \
	X(SO, "so")                                                                          \
	X(NOT_SO, "not so")                                                                  \
	X(UNSEEN, "not observed") /* the run did not get there, or the wire was not seen */

enum tl_fact {
#define X(id, name) TL_FACT_##id,
	TL_FACTS(X)
#undef X
};

const char *tl_fact_name(enum tl_fact fact);

struct tl_evidence_verdict {
	enum tl_fact fact;
	int phase;     /* where it was found, -1 for nowhere in particular */
	char *text;    /* a finished phrase: "seen in phase 3: replica -> master TIME_WAIT" */
	bool slow;     /* UNSEEN for the machine was too slow, and so nothing speaks against it */
};

struct tl_claim_verdict {
	enum tl_fact stands;                /* the scenario's finding, by all its evidence */
	struct tl_evidence_verdict *check;  /* one for each of the claim's */
};

/* Owns what it points to, except for what is marked borrowed (from plan, trace, statics). */
struct tl_verdict {
	enum tl_result result;
	char *reason;                       /* not PASSED: a sentence; else NULL */
	const struct tl_evidence *failed_by; /* for which a claim, and so the run, failed; NULL:
						not by a claim (borrowed) */
	struct tl_phase_verdict *phases;    /* plan->n_phases of them */
	size_t n_phases;
	struct tl_life *lives;              /* one for each of the film's sockets, as it has them */
	size_t n_lives;
	size_t *hop_at;                     /* for each of the film's sightings: the hop that it
					       shows of its socket's life */
	struct tl_claim_verdict *claims;    /* plan->n_claims of them */
	size_t n_claims;
	size_t phases_met;
	size_t phases_expected;             /* how many say anything of the table */
	uint64_t took_ns;                   /* from first to last event */
};

/* tl_verdict_release - takes zeroed, with any plan or NULL; else it must be the same plan */
void tl_verdict_release(struct tl_verdict *verdict, const struct tl_plan *plan);

#endif
