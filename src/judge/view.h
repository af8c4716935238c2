/* SPDX-License-Identifier: GPL-2.0-or-later */
/* judge, inside: plan and trace laid out for the three questions. */
#ifndef JUDGE_VIEW_H
#define JUDGE_VIEW_H

#include "tcplab/buf.h"
#include "tcplab/flow.h"
#include "tcplab/verdict.h"

/* One row of one snapshot. */
struct sighting {
	int snap; /* index into view->snaps */
	int at;   /* the row's place in that snapshot */
	const struct tl_row *row;
};

/* Everything seen of one cookie: view->sightings[from] and the @n - 1 after it. */
struct trail {
	size_t from;
	size_t n;
	int owner; /* the last one known; -1 for nobody of the plan */
	int peer;
};

/* A segment, in the light of all others. */
struct segment {
	const struct tl_event *ev;
	uint32_t kinds; /* as tl_flows_see() has it */
	bool held;      /* still, when the run ended */
	bool lost;      /* dropped or absorbed: the other end never got it */
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
	struct sighting *sightings;    /* by cookie, then in the trace's order */
	size_t n_sightings;
	struct trail *trails;          /* in order of first appearance */
	size_t n_trails;
	const struct sighting **pairs; /* the same sightings by addresses, local first */
	struct segment *segments;      /* in the trace's order */
	size_t n_segments;
};

/* view_init - false when memory runs out; view_release - takes zeroed */
bool view_init(struct view *view, const struct tl_plan *plan, const struct tl_trace *trace);
void view_release(struct view *view);

/* take_segments - fill view->segments; false when memory runs out */
bool take_segments(struct view *view);

/* view_came_to_end - did the run end by itself, with all expectations met or one unmet? */
bool view_came_to_end(const struct view *view);

/* view_finished - was the phase gone through? @phase -1: was the whole run? */
bool view_finished(const struct view *view, int phase);

/* view_look - the snapshot a phase ended on: an index into view->snaps, -1 for none */
int view_look(const struct view *view, int phase);

/* view_find - where a cookie is in a snapshot, NULL for nowhere; @snap -1 is no snapshot */
const struct sighting *view_find(const struct view *view, int snap, uint64_t cookie);

/*
 * view_pair - all sightings, in the trace's order, of rows with these two ends
 *
 * Return: the first of *@n entries of view->pairs.
 */
const struct sighting **view_pair(const struct view *view, const struct tl_endpoint *local,
				  const struct tl_endpoint *remote, size_t *n);

/* view_listened - was there a listener that takes segments to @ep in snapshot @snap? */
bool view_listened(const struct view *view, int snap, const struct tl_endpoint *ep);

/* view_in_scope - does a snapshot belong to @phase? -1: all do */
bool view_in_scope(const struct view *view, int snap, int phase);

/* say_row - append "replica -> master TIME_WAIT", with addresses for whom nobody knows */
void say_row(struct tl_buf *out, const struct tl_plan *plan, const struct tl_row *row);

/* say_pattern - append the pattern as the scenario has it */
void say_pattern(struct tl_buf *out, const struct tl_plan *plan, const struct tl_pattern *p);

/* say_ends - append its actors alone: "replica -> master" */
void say_ends(struct tl_buf *out, const struct tl_plan *plan, const struct tl_pattern *p);

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

/*
 * life_end - how did a socket whose row is gone come to be CLOSED?
 * @last: where it was seen for the last time; a snapshot follows that does not have it
 * @path: room for TL_STATE_MAX arcs
 *
 * Return: the number of arcs, the last one leading to CLOSED; 0 when it was there already.
 */
int life_end(const struct view *view, const struct sighting *last, const struct tl_arc **path);

#endif
