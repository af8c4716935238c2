/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 1, film: plan and trace as one model, which judge and report stand on. */
/*
 * A trace is lines in the order of time. The film holds the same run, ordered by what its
 * readers ask: which segments there were, what each is called and what became of it; which
 * sockets, and where each was seen; which connections; which looks. Every index that the trace
 * has of the plan (phases, steps, actors) is checked here, once: an actor that the plan does not
 * have becomes -1, and an event of a phase or step that it does not have is left out.
 */
#ifndef TCPLAB_FILM_H
#define TCPLAB_FILM_H

#include "tcplab/event.h"
#include "tcplab/flow.h"
#include "tcplab/plan.h"

/* Of an end: it had a socket, and nothing says in which state. No number of a kernel's. */
#define TL_STATE_UNKNOWN ((enum tl_state)TL_STATE_MAX)

/* What became of a segment in the end. */
enum tl_shot_end {
	TL_SHOT_ARRIVED,  /* it went through at once, or was held and let go */
	TL_SHOT_HELD,     /* still, when the run ended */
	TL_SHOT_LOST,     /* the scenario dropped it */
	TL_SHOT_ABSORBED, /* a copy of one that was held then: lost, on purpose */
};

/* A segment, in the light of all others. */
struct tl_shot {
	const struct tl_event *ev;    /* SEGMENT */
	const struct tl_event *letgo; /* LETGO: it was held, and then went on or was lost; or NULL */
	uint32_t kinds;               /* as tl_flows_see() has it */
	enum tl_segment_kind name;    /* the most telling of them */
	enum tl_shot_end end;
	const struct tl_shot *copy_of; /* ABSORBED: that one; NULL: none such */
	size_t copies;                /* so many of it were absorbed */
	const struct tl_shot *before; /* the one before it between the same two ends, either way */
	enum tl_state ends[2];        /* both ends while it is in flight, the sender's first, as
					 looked up, or as the segment proves it where that was too
					 late; 0: no socket; perhaps TL_STATE_UNKNOWN */
	int from, to;                 /* actors, as far as they are ever known; else -1 */
	uint64_t froms, tos;          /* 1 << index: those that have these ends open as well, where
					 a descriptor was passed on; else 0 */
	bool repeats;                 /* it says what one before it said, which was not lost */
	bool again;                   /* a copy of one before it: the kernel sends it once more */
};

/* One row of one snapshot, or one end of a segment in flight. */
struct tl_sighting {
	const struct tl_event *ev; /* a SNAPSHOT or a SEGMENT */
	int at;                    /* the row's place in it; a segment's sender is 0 */
	const struct tl_row *row;
	size_t socket;             /* in film->sockets */
};

/*
 * One socket, by its cookie: all that was seen of it. A descriptor that connects after it has
 * listened, or once more after it was refused, keeps its cookie: it is a socket for each of these.
 */
struct tl_socket {
	uint64_t cookie;
	const struct tl_row *first; /* as it was first seen, */
	const struct tl_event *born; /* and when */
	size_t from, n;             /* film->sightings[from] and the @n - 1 after it */
	int owner;                  /* the last one known; -1 for nobody of the plan */
	int peer;
	uint64_t owners, peers;     /* 1 << index: those that had it, or its other end, as well */
	bool listens;               /* seen in LISTEN */
	bool anew;                  /* one before it has this cookie */
	const struct tl_event *anew_at; /* that first shows the next one with this cookie; or NULL */
};

/* How much the trace can know of the wire. */
struct tl_tap {
	bool tapped;
	const char *because; /* not tapped: why */
	bool refused;        /* not tapped, and the trace says so itself */
	uint64_t lossy;      /* segments that passed unseen; UINT64_MAX for more */
	int lossy_from;      /* the first phase in which some did; INT_MAX for none */
};

/* What an actor was told, or that its process ended. */
struct tl_act {
	const struct tl_event *ev;  /* STEP, or ACTOR */
	const struct tl_step *step; /* of the plan; NULL: its process ended */
	const struct tl_event *done; /* DONE of that step; NULL: it was not */
	uint64_t cookie;            /* of the socket that the call was made on; 0: not known */
	int actor;
};

/* Borrows plan and trace, owns its arrays. To be read; built by tl_film_init() alone. */
struct tl_film {
	const struct tl_plan *plan;
	const struct tl_trace *trace;
	const struct tl_event **snaps; /* SNAPSHOTs of known phases, in the trace's order */
	int n_snaps;
	bool *reached;                 /* for each phase: anything at all happened in it */
	int *looks;                    /* for each phase: the snapshot it ended on, or -1 */
	int last;                      /* the highest phase reached, -1 for none */
	const struct tl_event *end;    /* NULL: the trace is cut short */
	const struct tl_event *fault;  /* the last one, NULL for none */
	const struct tl_event **missed; /* for each phase: the first one, NULL for none */
	struct tl_shot *shots;         /* in the trace's order */
	size_t n_shots;
	const struct tl_shot **sent;    /* the same by addresses, the sender's first */
	const struct tl_shot **letgos; /* those that were held and let go or dropped, by when */
	size_t n_letgos;
	const struct tl_shot **arrived; /* those that went on, by addresses and by when */
	size_t n_arrived;
	struct tl_sighting *sightings; /* by cookie, then in the trace's order */
	size_t n_sightings;
	const struct tl_sighting **pairs; /* the same by addresses, local first */
	struct tl_socket *sockets;     /* in order of first appearance */
	size_t n_sockets;
	const struct tl_socket **listeners; /* those of them that listen */
	size_t n_listeners;
	struct tl_act *acts;           /* by actor, then in the trace's order */
	size_t n_acts;
	const struct tl_event **sysctls; /* DONE of SYSCTL steps, in the trace's order */
	size_t n_sysctls;
	struct tl_tap tap;
};

/*
 * tl_film_init - read the film off plan and trace
 * @film: filled; to be released with tl_film_release(), after an error too
 * @plan, @trace: borrowed; must outlive it
 *
 * Return: 0 or -ENOMEM.
 */
int tl_film_init(struct tl_film *film, const struct tl_plan *plan,
		 const struct tl_trace *trace, struct tl_err *err);

/* tl_film_release - a zeroed one and a second call are fine */
void tl_film_release(struct tl_film *film);

/* tl_film_knows - does the plan have this phase? What came before the first counts as well. */
bool tl_film_knows(const struct tl_film *film, int phase);

/* tl_film_actor - @actor where the plan has it, else -1 */
int tl_film_actor(const struct tl_film *film, int actor);

/* tl_film_is_peer - is the actor a peer, which makes the calls it is told and no others? */
bool tl_film_is_peer(const struct tl_film *film, int actor);

/* tl_film_step - the step of the plan that a STEP or DONE event is about; NULL for none */
const struct tl_step *tl_film_step(const struct tl_film *film, const struct tl_event *ev);

/* tl_film_came_to_end - did the run end by itself, with all expectations met or one unmet? */
bool tl_film_came_to_end(const struct tl_film *film);

/* tl_film_finished - was the phase gone through? @phase -1: was the whole run? */
bool tl_film_finished(const struct tl_film *film, int phase);

/* tl_film_next - the first snapshot after @ev: an index into film->snaps, n_snaps for none */
int tl_film_next(const struct tl_film *film, const struct tl_event *ev);

/*
 * tl_film_rows - what an event shows of the table: a snapshot all of it, a segment its ends
 *
 * Return: the first of *@n rows (borrowed); none for any other event, or of no known phase.
 */
const struct tl_row *tl_film_rows(const struct tl_film *film, const struct tl_event *ev,
				  size_t *n);

/* tl_film_shot - the first segment from @ev on, in film->shots; NULL for none */
const struct tl_shot *tl_film_shot(const struct tl_film *film, const struct tl_event *ev);

/* tl_film_letgo - the segment that a LETGO event is about; NULL for none */
const struct tl_shot *tl_film_letgo(const struct tl_film *film, const struct tl_event *ev);

/* tl_shot_is - is it called so? Only the most telling of its names counts. */
bool tl_shot_is(const struct tl_shot *shot, enum tl_segment_kind kind);

/*
 * tl_shot_tells - is it about a connection's beginning or end, and not about data alone?
 *
 * SYNs, FINs, RSTs, and the ACKs of SYNs and FINs.
 */
bool tl_shot_tells(const struct tl_shot *shot);

/*
 * tl_shot_is_from, tl_shot_is_to - does @actor have that end of it, alone or with others?
 * tl_shot_is_meant - is it one of those that @select names? Its number is not asked for
 */
bool tl_shot_is_from(const struct tl_shot *shot, int actor);
bool tl_shot_is_to(const struct tl_shot *shot, int actor);
bool tl_shot_is_meant(const struct tl_shot *shot, const struct tl_selector *select);

/* tl_shot_reached - what was at its receiver when it went on, as it was looked up; 0: no socket */
enum tl_state tl_shot_reached(const struct tl_shot *shot);

/* tl_shot_went - the event with which it went on to its receiver; NULL: it never did */
const struct tl_event *tl_shot_went(const struct tl_shot *shot);

/*
 * tl_film_sent, tl_film_arrived - the segments from one address to another, by when they
 * were sent, or by when those went on that did
 * @from, @to: the first and the last event that count
 *
 * Return: the first of *@n entries of film->sent or film->arrived.
 */
const struct tl_shot **tl_film_sent(const struct tl_film *film,
				    const struct tl_endpoint *sender,
				    const struct tl_endpoint *receiver,
				    const struct tl_event *from, const struct tl_event *to,
				    size_t *n);
const struct tl_shot **tl_film_arrived(const struct tl_film *film,
				       const struct tl_endpoint *sender,
				       const struct tl_endpoint *receiver,
				       const struct tl_event *from, const struct tl_event *to,
				       size_t *n);

/* Beside TCP's flags: a segment with bytes. */
#define TL_FILM_DATA 0x100u

/*
 * tl_film_came - did a segment reach @sock from its other end between two events?
 * @flags: with one of these flags, or TL_FILM_DATA; 0 for any
 *
 * One that was let through, or that was held and let go.
 */
bool tl_film_came(const struct tl_film *film, const struct tl_sock *sock, unsigned flags,
		  const struct tl_event *from, const struct tl_event *to);

/* tl_film_socket - the socket that has a cookie at @ev; NULL for none */
const struct tl_socket *tl_film_socket(const struct tl_film *film, const struct tl_event *ev,
				       uint64_t cookie);

/* tl_film_owner - whose socket has this cookie at @ev, by all that is known; -1 for nobody's */
int tl_film_owner(const struct tl_film *film, const struct tl_event *ev, uint64_t cookie);

/*
 * tl_film_holders - the actors that have had the socket of this cookie open by @ev, 1 << index
 *
 * More than one where a descriptor was passed on. Those alone whose processes were seen with it.
 */
uint64_t tl_film_holders(const struct tl_film *film, const struct tl_event *ev, uint64_t cookie);

/* tl_film_seen - where an event shows the socket of a cookie; NULL: it does not */
const struct tl_sighting *tl_film_seen(const struct tl_film *film, const struct tl_event *ev,
				       uint64_t cookie);

/*
 * tl_film_find - where a cookie is in a snapshot, NULL for nowhere; @snap -1 means no snapshot
 */
const struct tl_sighting *tl_film_find(const struct tl_film *film, int snap, uint64_t cookie);

/*
 * tl_film_pair - the sightings of rows with these two ends, in the trace's order
 * @from, @to: the first and the last event that count
 *
 * Return: the first of *@n entries of film->pairs.
 */
const struct tl_sighting **tl_film_pair(const struct tl_film *film,
					const struct tl_endpoint *local,
					const struct tl_endpoint *remote,
					const struct tl_event *from,
					const struct tl_event *to, size_t *n);

/*
 * tl_film_listened - was a listener seen that takes segments to @ep?
 * @from, @to: snapshots, in which or between which it was; beyond either end of
 *             film->snaps is from the beginning, and to the end
 */
bool tl_film_listened(const struct tl_film *film, int from, int to,
		      const struct tl_endpoint *ep);

/*
 * tl_film_listens - does the trace show that a listener listens when @ev comes?
 * @listener: of film->listeners
 *
 * It was seen or told to listen before, and is still seen to listen then or later.
 */
bool tl_film_listens(const struct tl_film *film, const struct tl_socket *listener,
		     const struct tl_event *ev);

/*
 * tl_film_sysctl - what a kernel parameter was set to by the scenario when @ev came
 * @name: as the scenario spells it, with dots
 *
 * Return: the number, or @otherwise where it has not been set.
 */
uint64_t tl_film_sysctl(const struct tl_film *film, const char *name, const struct tl_event *ev,
			uint64_t otherwise);

/* tl_film_answer - the error that a call, done with @done, was answered with; 0: none known */
int tl_film_answer(const struct tl_event *done);

/*
 * tl_film_acts - what @actor was told, and when its process ended
 * @from, @to: the first and the last event that count
 *
 * Return: the first of *@n entries of film->acts, in the trace's order.
 */
const struct tl_act *tl_film_acts(const struct tl_film *film, int actor,
				  const struct tl_event *from, const struct tl_event *to,
				  size_t *n);

/* tl_film_exited - did the actor's process end between two events? */
bool tl_film_exited(const struct tl_film *film, int actor, const struct tl_event *from,
		    const struct tl_event *to);

/*
 * tl_film_acted - was a peer told to do so to a socket, or did it end, between two events?
 * @actor: a peer makes the calls it is told and no others; of any other actor this is not
 *         known, and the answer is true
 * @does: bits 1 << enum tl_does
 */
bool tl_film_acted(const struct tl_film *film, int actor, unsigned does,
		   const struct tl_event *from, const struct tl_event *to);

/* tl_film_saw_wire - was every segment seen, up to the end of @phase? -1: of the run */
bool tl_film_saw_wire(const struct tl_film *film, int phase);

/*
 * tl_film_was_blind - was every segment to be seen, and yet was not?
 *
 * Then states may have passed unseen that the scenario counts on.
 */
bool tl_film_was_blind(const struct tl_film *film, int phase);

/*
 * tl_film_is_excused - does the trace itself say that it was blind, and why?
 *
 * Then the scenario is not to blame. A trace that says nothing of the wire excuses nobody.
 */
bool tl_film_is_excused(const struct tl_film *film);

#endif
