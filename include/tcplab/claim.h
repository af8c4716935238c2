/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: a sentence about TCP that a scenario checks, and the evidence it names. */
#ifndef TCPLAB_CLAIM_H
#define TCPLAB_CLAIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcplab/buf.h"
#include "tcplab/select.h"
#include "tcplab/state.h"

/*
 * What can be read off a trace to support a claim. X(identifier, name, is it about segments, and
 * not about the table?, help)
 */
#define TL_EVIDENCE_KINDS(X)                                                                 \
	X(SAW, "saw", false, "a row was seen")                                               \
	X(NEVER, "never", false, "a row was not seen")                                       \
	X(ORDER, "order", false,                                                             \
	  "the states one end was seen in, in this order and no others")                     \
	X(TIMER, "timer", false, "a row's kernel timer lies within bounds")                  \
	X(ROWS, "rows", false, "how many rows one connection has in the table")              \
	X(SEGMENTS, "segments", true,                                                        \
	  "the SYNs, FINs, RSTs and their ACKs that passed, in order")                       \
	X(SEGMENT, "segment", true, "how often one was sent, sent again, lost, or arrived")  \
	X(SILENT, "silent", true, "an actor sent nothing, perhaps after a certain segment")  \
	X(ANSWER, "answer", false, "a peer's call was answered with this error")             \
	X(COUNTER, "counter", false, "a counter of the kernel has risen by this much")

enum tl_evidence_kind {
#define X(id, ...) TL_EVIDENCE_##id,
	TL_EVIDENCE_KINDS(X)
#undef X
};

const char *tl_evidence_name(enum tl_evidence_kind kind);

/* tl_evidence_is_of_wire - the third of a row of TL_EVIDENCE_KINDS */
bool tl_evidence_is_of_wire(enum tl_evidence_kind kind);

/* What of a segment is counted. X(identifier, name, what became of it, help) */
#define TL_COUNTS(X)                                                                         \
	X(SENT, "times", "sent",                                                             \
	  "the first and all repetitions, also those that were held or lost")                \
	X(REPEATED, "repeated", "sent again", "how often the kernel sent it again")          \
	X(ABSORBED, "absorbed", "absorbed",                                                  \
	  "how often the kernel repeated it while it was held; \"times\" does not count these") \
	X(LOST, "lost", "lost", "how often the scenario dropped it")                         \
	X(ARRIVED, "arrived", "arrived", "how often it reached its receiver")

enum tl_count {
#define X(id, name, became, help) TL_COUNT_##id,
	TL_COUNTS(X)
#undef X
	TL_N_COUNTS, /* how many there are */
};

const char *tl_count_name(enum tl_count count);

/* tl_count_became - "sent again", which follows "FIN from client was " */
const char *tl_count_became(enum tl_count count);

struct tl_evidence {
	enum tl_evidence_kind kind;
	bool against;             /* it speaks against the sentence, and not for it */
	struct tl_pattern row;    /* ROWS, ORDER and SILENT: owner and peer only, states 0 */
	enum tl_state *order;     /* ORDER */
	size_t n_order;
	uint64_t at_least_ns;     /* TIMER: 0 for no lower bound */
	uint64_t at_most_ns;      /* TIMER: UINT64_MAX for no upper bound */
	enum { TL_ANEW_NOT_ASKED, TL_ANEW_YES, TL_ANEW_NO } anew; /* TIMER: did it start anew? */
	int count;                /* ROWS; ORDER: of so many sockets, 0: of all */
	struct tl_selector *segments; /* SEGMENTS: kind, from and to of each; SEGMENT: the one;
					 SILENT: after which, or none */
	size_t n_segments;
	bool arrived;             /* SEGMENTS: @phase is the one in which they arrived */
	uint32_t counted;         /* SEGMENT: bit 1 << count; of no other the bounds count */
	struct tl_bounds counts[TL_N_COUNTS];
	int answer;               /* ANSWER: the errno; row.owner is the peer */
	char *counter;            /* COUNTER: the kernel's name for it; owned */
	uint64_t at_least;        /* COUNTER: 0 for no lower bound */
	uint64_t at_most;         /* COUNTER: UINT64_MAX for no upper bound */
	int phase;                /* looked for in this phase only; -1: in all of them */
	struct tl_where where;
};

/* What a scenario finds about a claim. X(identifier, name) */
#define TL_FINDINGS(X)                                                                       \
	X(HOLDS, "holds")                                                                    \
	X(REFINED, "refined")                                                                \
	X(REFUTED, "refuted")

enum tl_finding {
#define X(id, name) TL_FINDING_##id,
	TL_FINDINGS(X)
#undef X
};

const char *tl_finding_name(enum tl_finding finding);

/*
 * A sentence somebody believes about TCP, met with evidence: for it, against it, or both. From
 * that follows the finding: what has evidence for it alone holds, what has evidence against it
 * alone is refuted, what has both is refined; and so is what has only one of the two, where the
 * scenario says so and adds what has to be added. Only of evidence that is not said to be
 * either, tied being false, the finding is the author's own word.
 */
struct tl_claim {
	char *id;
	char *says;
	char *source;               /* NULL for none */
	const struct tl_arc **arcs; /* those it is about; the array owned, the arcs static */
	size_t n_arcs;
	struct tl_evidence *check;  /* all of it must be so for the finding to stand */
	size_t n_check;
	bool tied;                  /* the finding follows from the evidence */
	enum tl_finding finding;
	char *because;              /* NULL for none */
	struct tl_where where;
};

/*
 * tl_claim_lacks - of a refined claim: the evidence that it is refined by and that it does not
 * have, "evidence against it"; NULL: none
 */
const char *tl_claim_lacks(const struct tl_claim *claim);

/* tl_claim_finding - append "holds"; of a refined claim "refined, without evidence against it" */
void tl_claim_finding(struct tl_buf *out, const struct tl_claim *claim);

#endif
