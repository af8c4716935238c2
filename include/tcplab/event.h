/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: what a run saw, event by event. The only thing judge and report look at. */
#ifndef TCPLAB_EVENT_H
#define TCPLAB_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tcplab/err.h"
#include "tcplab/segment.h"
#include "tcplab/sock.h"

#define TL_TRACE_VERSION 1

/* X(identifier, name in the trace) */
#define TL_EVENTS(X)                                                                         \
	X(RUN, "run")           /* always first: which scenario, on what */                  \
	X(PHASE, "phase")       /* a phase begins */                                         \
	X(STEP, "step")         /* a step begins */                                          \
	X(DONE, "done")         /* that step is done */                                      \
	X(ACTOR, "actor")       /* a process started, became ready, ended */                 \
	X(SNAPSHOT, "snapshot") /* the watched table, whenever it looked different */        \
	X(PUSHED, "pushed")     /* a message came to a Redis's subscriber */                   \
	X(OUTPUT, "output")     /* what a program wrote since the last of these */           \
	X(WIRE, "wire")         /* whether segments can be seen, and how */                  \
	X(SEGMENT, "segment")   /* one has been stopped on its way */                        \
	X(LETGO, "letgo")       /* one that was held goes on, or is lost */                  \
	X(LOSSY, "lossy")       /* segments passed unseen */                                \
	X(MISSED, "missed")     /* what a step awaited did not come, or other than expected */ \
	X(WITNESS, "witness")   /* what another program said at the same moment */           \
	X(COUNTERS, "counters") /* the kernel's, before the first phase and after each */    \
	X(FAULT, "fault")       /* the lab could not carry something out */                  \
	X(END, "end")           /* always last, unless the run was killed */

enum tl_event_kind {
#define X(id, name) TL_EVENT_##id,
	TL_EVENTS(X)
#undef X
};

const char *tl_event_name(enum tl_event_kind kind);

/* X(identifier, name) */
#define TL_ACTOR_CHANGES(X)                                                                  \
	X(STARTED, "started")                                                                \
	X(READY, "ready")                                                                    \
	X(FROZEN, "frozen")                                                                  \
	X(THAWED, "thawed")                                                                  \
	X(EXITED, "exited")

enum tl_actor_change {
#define X(id, name) TL_ACTOR_##id,
	TL_ACTOR_CHANGES(X)
#undef X
};

const char *tl_actor_change_name(enum tl_actor_change change);

/* Why a snapshot was taken. X(identifier, name) */
#define TL_LOOKS(X)                                                                          \
	X(WAITING, "waiting") /* on the way to the expectation */                            \
	X(SETTLED, "settled") /* the phase ends on this one: come true, or out of time */    \
	X(HOLDING, "holding") /* it came true and must stay so; or it changed meanwhile */

enum tl_look {
#define X(id, name) TL_LOOK_##id,
	TL_LOOKS(X)
#undef X
};

const char *tl_look_name(enum tl_look look);

/* What was done with a segment when it came. X(identifier, name) */
#define TL_FATES(X)                                                                          \
	X(PASSED, "passed")     /* recorded and let go */                                    \
	X(HELD, "held")         /* stays until a LETGO event, or the end */                  \
	X(ABSORBED, "absorbed") /* the kernel repeats it because of a hold: lost, on purpose */

enum tl_fate {
#define X(id, name) TL_FATE_##id,
	TL_FATES(X)
#undef X
};

const char *tl_fate_name(enum tl_fate fate);

/* How a run ended. X(identifier, name) */
#define TL_ENDS(X)                                                                           \
	X(COMPLETE, "complete")       /* every phase was gone through */                     \
	X(UNMET, "unmet")             /* an expectation did not come true in time */         \
	X(FAULT, "fault")             /* the lab itself failed */                            \
	X(UNSUPPORTED, "unsupported") /* this host cannot run the scenario */                \
	X(INTERRUPTED, "interrupted") /* somebody pressed Ctrl-C */

enum tl_end {
#define X(id, name) TL_END_##id,
	TL_ENDS(X)
#undef X
};

const char *tl_end_name(enum tl_end end);

/* What can be left out of a sandbox. X(identifier, name, what follows) */
#define TL_UNSAFE(X)                                                                         \
	X(FILES, "files", "the host's files could be written")                               \
	X(ROOT, "root", "programs that root started were root on the host")

enum tl_unsafe {
#define X(id, name, follows) TL_UNSAFE_##id,
	TL_UNSAFE(X)
#undef X
};

/* A counter of the kernel, which only rises. */
struct tl_counter {
	char *name; /* as the kernel spells it: "ListenDrops" */
	uint64_t value;
};

/* One event. Owns its strings and rows. */
struct tl_event {
	enum tl_event_kind kind;
	uint64_t t_ns; /* CLOCK_MONOTONIC since the run began */
	int phase;     /* index into plan->phases, -1 before the first */
	union {
		struct {
			int version;     /* TL_TRACE_VERSION */
			char *tcplab;    /* the program's version */
			char *file;      /* the scenario's, as the user named it */
			char *text;      /* the scenario, whole */
			char *variant;   /* which one of it, where it varies; else NULL */
			char *kernel;    /* "Linux 6.1.0" */
			uint64_t wall_ns; /* CLOCK_REALTIME when t_ns was 0; 0: not known */
			bool mock;       /* mock peers stand in for Redis */
			char *redis;     /* what every redis actor runs instead; else NULL */
			unsigned unsafe; /* what was left out of the sandbox: 1 << TL_UNSAFE_* */
		} run;
		struct {
			int step;        /* index into the phase's steps */
			char *reply;     /* DONE of a COMMAND or a peer's call: the answer; else NULL */
			struct tl_told socket; /* DONE of a peer's call: that it was made on */
		} step;                  /* STEP and DONE */
		struct {
			int actor;
			enum tl_actor_change change;
			pid_t pid;       /* inside the sandbox */
			int status;      /* EXITED: exit status, -1 when a signal ended it */
			int signal;      /* EXITED: the signal, 0 for none */
			char *program;   /* READY: "redis-server 7.0.15", "peer"; else NULL */
		} actor;
		struct {
			int actor;       /* the redis it was subscribed at */
			char *text;      /* as redis-cli shows it: "message", the channel, what was said */
		} pushed;
		struct {
			enum tl_look look;
			struct tl_row *rows; /* in tl_row_cmp() order */
			size_t n;
		} snapshot;
		struct {
			int actor;
			char *text;      /* the end of it, washed: it only shows, in lines */
			uint64_t left_out; /* bytes before that */
		} output;
		struct {
			bool tapped;     /* false: nothing is seen of the wire */
			char *text;      /* tapped: "queue" or "target"; else why not */
		} wire;
		struct {
			int id;          /* counts from 1 through the run */
			struct tl_segment seg;
			struct tl_packet packet; /* it came in */
			int from, to;    /* actors; -1 where unknown */
			/*
			 * Both ends while it is in flight, the sender's first; a state of 0
			 * where there is no socket. Where the receiver has none, the listener
			 * that it reaches stands for it, whatever the segment is. They are
			 * looked up when the segment is read: the sender may have gone on since
			 * it sent it. Those of an ABSORBED one are not looked up, and are 0.
			 */
			struct tl_row ends[2];
			enum tl_fate fate;
			/*
			 * ABSORBED: the id of the first of it, else 0. That one is held now; or
			 * its acknowledgment is, or had not left our queue when this was sent.
			 */
			int copy_of;
		} segment;
		struct {
			int id;          /* of a segment that was held */
			bool dropped;
			bool rejected;   /* and its sender told so by ICMP */
			bool looked;     /* for the ends */
			/* Both ends at that moment, as those of the segment. */
			struct tl_row ends[2];
		} letgo;
		struct {
			uint64_t n;      /* segments */
		} lossy;
		struct {
			int step;        /* the AWAIT, RELEASE or DROP of the phase, or the call */
			char *text;      /* what came instead */
		} missed;
		struct {
			char *command;
			char *output;
		} witness;
		struct {
			struct tl_counter *v; /* those that claims ask for and the kernel has */
			size_t n;
		} counters;
		struct {
			char *text;
			int step;        /* of the phase, -1 when no step was under way */
		} fault;
		struct {
			enum tl_end how;
		} end;
	};
};

/* A whole run in memory. */
struct tl_trace {
	struct tl_event *events;
	size_t n;
	bool cut; /* the file stopped in the middle of a line */
};

/* tl_event_release - free what an event owns; a zeroed one and a second call are fine */
void tl_event_release(struct tl_event *ev);

/* tl_trace_append - move @ev (taken, on success only) to the end of @trace */
int tl_trace_append(struct tl_trace *trace, struct tl_event *ev, struct tl_err *err);

/* tl_trace_release - free all events; a zeroed one and a second call are fine */
void tl_trace_release(struct tl_trace *trace);

/* tl_trace_run - the first event, when it is the RUN event it has to be, else NULL */
const struct tl_event *tl_trace_run(const struct tl_trace *trace);

#endif
