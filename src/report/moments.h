/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: a run as moments, one after the other, to step through. */
#ifndef TCPLAB_REPORT_MOMENTS_H
#define TCPLAB_REPORT_MOMENTS_H

#include <stdint.h>

#include "story.h"
#include "tcplab/pairs.h"

/* X(identifier, name) */
#define TL_MOMENTS(X)                                                                        \
	X(DO, "do")           /* a step of the scenario that is not about segments */        \
	X(CAME, "came")       /* a segment: it passed, or was held */                        \
	X(LETGO, "letgo")     /* one held before goes on, or is lost */                      \
	X(CHATTER, "chatter") /* a run of data and ACKs between two ends, nothing changes */ \
	X(MORE, "more")       /* what there is no room for, except for looks */        \
	X(LOOK, "look")       /* the table a phase ended on */                               \
	X(LOSSY, "lossy")     /* segments passed unseen */                                  \
	X(TROUBLE, "trouble") /* a segment that did not come, a fault of the lab */

enum tl_moment_kind {
#define X(id, name) TL_MOMENT_##id,
	TL_MOMENTS(X)
#undef X
};

const char *tl_moment_name(enum tl_moment_kind kind);

struct tl_moment {
	enum tl_moment_kind kind;
	int phase;
	const struct tl_event *ev;  /* of CHATTER: the last (borrowed from the trace) */
	const struct tl_frame *frame; /* CAME, LETGO, CHATTER (borrowed from the story) */
	const struct tl_line *line;   /* CAME, LETGO: as the film tells it (borrowed from it) */
	bool apart;                 /* CAME, LETGO: one line has both, and moments are between */
	bool crowd;                 /* CHATTER: of the connections after the first hundred */
	size_t until;               /* CAME, held: the moment from which it is no more; 0: it
				       was let go before the next */
	size_t data, acks;          /* CHATTER: segments with data and without */
	size_t held;                /* CHATTER: how many of them were held */
	uint64_t bytes;             /* CHATTER */
	size_t segments, steps;     /* MORE: so many of each there are */
	size_t gaps, troubles;      /* MORE: LOSSY events; MISSED and FAULT events */
};

#define TL_MOMENT_NEVER SIZE_MAX /* held to the end */

struct tl_moments {
	struct tl_story story;
	struct tl_moment *v;
	size_t n;
	const struct tl_socket *sockets; /* all of the film (borrowed from it) */
	size_t n_sockets;
	const struct tl_verdict *verdict; /* with their lives (borrowed) */
	size_t looks, troubles;          /* so many of them are moments */
};

/*
 * tl_moments_init - read the moments off a trace that was judged
 * @moments: zeroed; to be released with tl_moments_release(), after an error too
 * @report: borrowed; must outlive it
 *
 * Looks on the way to an expectation are not moments, because what they catch is chance.
 *
 * Return: 0 or -ENOMEM.
 */
int tl_moments_init(struct tl_moments *moments, const struct tl_report *report,
		    struct tl_err *err);

/* tl_moments_release - a zeroed one and a second call are fine */
void tl_moments_release(struct tl_moments *moments);

/*
 * tl_moment_line - CAME, LETGO: its line as the moment tells it
 *
 * What is held and let go at once by what its connection says is one line there; where others
 * spoke meanwhile, or the scenario did something, it is held at one moment and let go at another.
 */
struct tl_line tl_moment_line(const struct tl_moment *moment);

/* tl_moments_socket - the index of the socket that has a cookie at @ev; -1 for none */
int tl_moments_socket(const struct tl_moments *moments, const struct tl_event *ev,
		      uint64_t cookie);

/* What is known of one socket at a moment. */
struct tl_known {
	const struct tl_row *row; /* as last seen; NULL: it was not yet, or is gone (borrowed
				     from the trace) */
	enum tl_state state;      /* as in its life; 0: there is no socket */
	enum tl_state was;        /* before this moment */
	bool fresh;               /* seen in this very moment */
	bool changed;             /* by this moment: it came, went, or is in another state */
	bool touched;             /* among those that this moment is about */
	size_t hop;               /* of its life: where it is now, */
	size_t hop_was;           /* and was before */
	size_t pair;              /* of its addresses, while it has a state, counted from 1 */
	size_t next;              /* socket between the same two, counted from 1 */
};

/* A hop of a life that something made so: a segment that arrived, a step. */
struct tl_turn {
	const struct tl_event *ev; /* that thing (borrowed from the trace) */
	size_t socket, hop;
};

/* All sockets at a moment. Owns its arrays. */
struct tl_world {
	const struct tl_moments *moments;
	struct tl_known *known; /* one for each socket */
	struct tl_turn *turns;  /* in the order of the trace */
	size_t n_turns, next;   /* turns[next] is yet to come */
	size_t top;             /* of those from here on nothing is known yet */
	size_t rows;            /* sockets that have a row */
	size_t *touched;        /* the sockets that are fresh or have changed, in their order */
	size_t n_touched;
	size_t *in;             /* for each owner, nobody first, and state: its sockets in it */
	struct tl_pairs pairs;  /* local and remote addresses, */
	size_t *of_pair;        /* and the first socket between such two, counted from 1 */
	bool failed;            /* memory ran out */
};

/* tl_world_init - the world before the first moment. Return: 0 or -ENOMEM. */
int tl_world_init(struct tl_world *world, const struct tl_moments *moments,
		  struct tl_err *err);

/* tl_world_rewind - go back there */
void tl_world_rewind(struct tl_world *world);

void tl_world_release(struct tl_world *world);

/* tl_world_step - go on to moments->v[@i]; to be called for each, in their order */
void tl_world_step(struct tl_world *world, size_t i);

/* tl_world_in - how many sockets of @owner, -1 for nobody's, are in a state */
size_t tl_world_in(const struct tl_world *world, int owner, enum tl_state state);

#endif
