/* SPDX-License-Identifier: GPL-2.0-or-later */
/* judge, inside: plan and trace laid out for the three questions. */
#ifndef JUDGE_VIEW_H
#define JUDGE_VIEW_H

#include "tcplab/buf.h"
#include "tcplab/flow.h"
#include "tcplab/verdict.h"

/* One row of one snapshot, or one end of a segment in flight. */
struct sighting {
	const struct tl_event *ev; /* a SNAPSHOT or a SEGMENT */
	int at;                    /* the row's place in it; a segment's sender is 0 */
	const struct tl_row *row;
	int owner;                 /* of the trail it belongs to */
};

/* Everything seen of one cookie: view->sightings[from] and the @n - 1 after it. */
struct trail {
	size_t from;
	size_t n;
	int owner; /* the last one known; -1 for nobody of the plan */
	int peer;
	bool listens; /* seen in LISTEN */
};

/* A segment, in the light of all others. */
struct segment {
	const struct tl_event *ev;
	uint32_t kinds; /* as tl_flows_see() has it */
	int from, to;   /* actors, as far as they are ever known; -1 for nobody of the plan */
	bool held;      /* still, when the run ended */
	bool lost;      /* dropped or absorbed: the other end never got it */
	bool repeats;   /* says what one before it said, which was not lost */
};

/* How much the trace can know of the wire. */
struct tap {
	bool tapped;
	const char *because; /* not tapped: why */
	bool refused;        /* not tapped, and the trace says so itself */
	uint64_t lossy;      /* segments that went by unseen */
	int lossy_from;      /* the first phase in which some did; INT_MAX for none */
};

/* Borrows plan and trace, owns its arrays. */
struct view {
	const struct tl_plan *plan;
	const struct tl_trace *trace;
	const struct tl_event **snaps; /* in the trace's order */
	int n_snaps;
	bool *reached;                 /* for each phase: anything at all happened in it */
	int last;                      /* the highest phase reached, -1 for none */
	const struct tl_event *end;    /* NULL: the trace is cut short */
	const struct tl_event *fault;  /* the last one, NULL for none */
	const struct tl_event **missed; /* for each phase: the first one, NULL for none */
	struct sighting *sightings;    /* by cookie, then in the trace's order */
	size_t n_sightings;
	struct trail *trails;          /* in order of first appearance */
	size_t n_trails;
	const struct trail **listeners; /* those of the trails that listen */
	size_t n_listeners;
	const struct sighting **pairs; /* the same sightings by addresses, local first */
	struct segment *segments;      /* in the trace's order */
	size_t n_segments;
	struct tap tap;
};

/* view_init - false when memory runs out; view_release - takes zeroed */
bool view_init(struct view *view, const struct tl_plan *plan, const struct tl_trace *trace);
void view_release(struct view *view);

/* The parts of view_init(), in the order they build upon each other. */
bool take_segments(struct view *view);
bool take_sightings(struct view *view);
bool take_trails(struct view *view);
bool take_pairs(struct view *view);
void take_senders(struct view *view);

/* view_knows - does the plan have this phase? What came before the first counts as well. */
bool view_knows(const struct view *view, int phase);

/* view_actor - @actor where the plan has it, else -1 */
int view_actor(const struct view *view, int actor);

/* view_segment - the first segment from @ev on, in view->segments; NULL for none */
const struct segment *view_segment(const struct view *view, const struct tl_event *ev);

/*
 * segment_tells - is it about a connection's beginning or end, and not about data alone?
 *
 * SYNs, FINs, RSTs, and the ACKs of SYNs and FINs.
 */
bool segment_tells(const struct segment *s);

/* view_owner - whose socket this is, by all that is known of the cookie; -1 for nobody's */
int view_owner(const struct view *view, uint64_t cookie);

/* view_came_to_end - did the run end by itself, with all expectations met or one unmet? */
bool view_came_to_end(const struct view *view);

/* view_finished - was the phase gone through? @phase -1: was the whole run? */
bool view_finished(const struct view *view, int phase);

/* view_look - the snapshot a phase ended on: an index into view->snaps, -1 for none */
int view_look(const struct view *view, int phase);

/* view_next - the first snapshot after @ev: an index into view->snaps, n_snaps for none */
int view_next(const struct view *view, const struct tl_event *ev);

/*
 * view_rows - what an event shows of the table: a snapshot all of it, a segment its ends
 *
 * Return: the first of *@n rows (borrowed); none for any other event, or of no known phase.
 */
const struct tl_row *view_rows(const struct view *view, const struct tl_event *ev, size_t *n);

/* view_find - where a cookie is in a snapshot, NULL for nowhere; @snap -1 is no snapshot */
const struct sighting *view_find(const struct view *view, int snap, uint64_t cookie);

/*
 * view_pair - the sightings of rows with these two ends, in the trace's order
 * @from, @to: the first and the last event that count
 *
 * Return: the first of *@n entries of view->pairs.
 */
const struct sighting **view_pair(const struct view *view, const struct tl_endpoint *local,
				  const struct tl_endpoint *remote,
				  const struct tl_event *from, const struct tl_event *to,
				  size_t *n);

/*
 * view_listened - was a listener seen that takes segments to @ep?
 * @from, @to: snapshots, in which or between which it was; beyond either end of
 *             view->snaps is from the beginning, and to the end
 */
bool view_listened(const struct view *view, int from, int to, const struct tl_endpoint *ep);

/* Beside TCP's flags: a segment with bytes. */
#define VIEW_DATA 0x100u

/*
 * view_came - did a segment reach @sock from its other end between two events?
 * @flags: with one of these flags, or VIEW_DATA; 0 for any
 *
 * One that was let through, or that was held and let go.
 */
bool view_came(const struct view *view, const struct tl_sock *sock, unsigned flags,
	       const struct tl_event *from, const struct tl_event *to);

/* view_heard - the same, or can it have, where some segments went by unseen? */
bool view_heard(const struct view *view, const struct tl_sock *sock,
		const struct tl_event *from, const struct tl_event *to);

/* view_step - the step of the plan that a STEP or DONE event is about; NULL for none */
const struct tl_step *view_step(const struct view *view, const struct tl_event *ev);

/*
 * view_sysctl - what a kernel parameter was set to by the scenario when @ev came
 * @name: as the scenario has it, with dots
 *
 * Return: the value (borrowed), or NULL where it has not been set.
 */
const char *view_sysctl(const struct view *view, const char *name, const struct tl_event *ev);

/* view_is_peer - is the actor a peer? */
bool view_is_peer(const struct view *view, int actor);

/* view_exited - did the actor's process end between two events? */
bool view_exited(int actor, const struct tl_event *from, const struct tl_event *to);

/*
 * view_acted - was a peer told by one of these verbs, or did it end, between two events?
 * @actor: a peer makes the calls it is told and no others; of anybody else nobody knows, and
 *         true is said
 * @verbs: bits 1 << verb
 */
bool view_acted(const struct view *view, int actor, uint64_t verbs, const struct tl_event *from,
		const struct tl_event *to);

/* view_saw_wire - was every segment seen, up to the end of @phase? -1: of the run */
bool view_saw_wire(const struct view *view, int phase);

/*
 * view_was_blind - was every segment to be seen, and yet was not?
 *
 * Then states may have gone by unseen that the scenario counts on, and it is not to blame.
 */
bool view_was_blind(const struct view *view, int phase);

/* say_row - append "replica -> master TIME_WAIT", with addresses for whom nobody knows */
void say_row(struct tl_buf *out, const struct tl_plan *plan, const struct tl_row *row);

/* say_pattern - append the pattern as the scenario has it */
void say_pattern(struct tl_buf *out, const struct tl_plan *plan, const struct tl_pattern *p);

/* say_ends - append its actors alone: "replica -> master" */
void say_ends(struct tl_buf *out, const struct tl_plan *plan, const struct tl_pattern *p);

/* say_segment - append "FIN from replica", with @to "FIN from replica to master" */
void say_segment(struct tl_buf *out, const struct tl_plan *plan, const struct segment *s,
		 bool to);

/* say_blind - append why not every segment was seen */
void say_blind(struct tl_buf *out, const struct view *view);

/* say_phase - append "in phase 3" */
void say_phase(struct tl_buf *out, int phase);

/* say_take - what was said (returned owned; NULL when memory ran out); empties @out */
char *say_take(struct tl_buf *out);

/* say_how_it_ended - append why the run went no further */
void say_how_it_ended(struct tl_buf *out, const struct view *view);

/* judge_wire - what became of the segments; false when memory runs out */
bool judge_wire(const struct view *view, struct tl_verdict *verdict);

/* The three questions; each fills its part of the verdict, false when memory runs out. */
bool judge_phases(const struct view *view, struct tl_verdict *verdict);
bool judge_lives(const struct view *view, struct tl_verdict *verdict);
bool judge_claims(const struct view *view, struct tl_verdict *verdict);

/* judge_evidence - one piece; claims.c adds them up */
bool judge_evidence(const struct view *view, const struct tl_evidence *ev,
		    struct tl_evidence_verdict *out);

/* judge_segments - the kind of evidence that is about the wire */
bool judge_segments(const struct view *view, const struct tl_evidence *ev,
		    struct tl_evidence_verdict *out);

/* evidence_found - fill @out, emptying @text; false when memory ran out */
bool evidence_found(struct tl_evidence_verdict *out, enum tl_fact fact, int phase,
		    struct tl_buf *text);

/* evidence_unseen - the same where it could not be looked for, which the text explains */
bool evidence_unseen(const struct view *view, const struct tl_evidence *ev,
		     struct tl_evidence_verdict *out);

/*
 * life_end - how did a socket whose row is gone come to be CLOSED?
 * @first, @last: where it was seen for the first and the last time; a snapshot follows
 *                that does not have it
 * @passive: it came out of LISTEN
 * @path: room for TL_STATE_MAX arcs
 *
 * Return: the number of arcs, the last one leading to CLOSED, or, for a request that a RST
 * ended, back to LISTEN; 0 when it was there already.
 */
int life_end(const struct view *view, const struct sighting *first,
	     const struct sighting *last, bool passive, const struct tl_arc **path);

#endif
