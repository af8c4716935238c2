/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run under way; what the files of the engine share. */
#ifndef TCPLAB_ENGINE_ENGINE_H
#define TCPLAB_ENGINE_ENGINE_H

#include <uv.h>

#include "backlog.h"
#include "owners.h"
#include "tcplab/actor.h"
#include "tcplab/engine.h"
#include "tcplab/table.h"
#include "engine_wire.h"

/* What the engine does while the loop runs; one thing at a time. */
enum engine_doing {
	ENGINE_STEPPING,   /* a step is under way */
	ENGINE_LOOKING,    /* waiting for the table to be as expected */
	ENGINE_HOLDING,    /* it is; it must stay so */
	ENGINE_WITNESSING, /* another program is looking */
	ENGINE_ENDED,      /* END has been emitted; closing down */
};

/* How far the step under way is. */
enum engine_stage {
	STAGE_BEGINS,  /* the step is the next one to begin */
	STAGE_RUNS,    /* its answer has still to come */
	STAGE_SETTLES, /* what it brought about has still to come to rest */
};

/* What the step under way has brought about; settle.c says what it waits for. */
struct settling {
	struct backlog backlog;
	uint64_t since;      /* ns */
	struct tl_told told; /* the socket of a peer's call; cookie 0: of none */
	struct tl_told last; /* that of the last call that had one */
	void *names;         /* a tree of tsearch(3): what peers call their sockets */
};

struct engine {
	const struct tl_plan *plan;
	const struct tl_engine_options *options;
	struct tl_sandbox *sandbox;
	uint64_t t0;              /* ns, of every event's t_ns */

	uv_loop_t loop;
	uv_signal_t term;
	uv_timer_t tick;          /* the next look at the table, or at whether a step is done */
	uv_timer_t deadline;      /* of the step under way */

	struct tl_actor_host host;
	struct tl_actor **actors;
	struct tl_server *servers; /* of plan->actors by index; NULL before they are asked */
	struct tl_table *table;
	struct owners owners;
	struct engine_wire wire;
	struct tl_socks socks;    /* room for one reading, kept */

	enum engine_doing doing;
	int phase;                /* -1 before the first */
	size_t step;
	enum engine_stage stage;  /* STEPPING */
	char *reply;              /* SETTLES: what the step's DONE will say; owned */
	struct settling settling;

	/* All on engine_now()'s clock. */
	uint64_t until;           /* of the step under way; LOOKING, HOLDING: of the look */
	uint64_t calm_by;         /* LOOKING: no longer than this for bytes to be acknowledged */
	uint64_t owed_by;         /* nor than this for a replica to say what it owes its master */
	unsigned pause_ms;        /* LOOKING: until the next look */
	struct tl_row *rows;      /* as last emitted */
	size_t n_rows;
	bool emitted;             /* anything, in this run */

	struct ask *ask;          /* somebody is asked about each segment; else NULL */

	size_t witness;           /* WITNESSING: index of the command */
	struct witness *watching;
	unsigned tries;

	int failed;               /* -errno: events cannot be emitted any more */
	struct tl_err *err;       /* of tl_engine_run() */
};

/* engine.c */
void engine_emit(struct engine *e, struct tl_event ev); /* @ev borrowed; fills t_ns, phase */
void engine_fault(struct engine *e, const struct tl_err *err, int step);
void engine_end(struct engine *e, enum tl_end how);
void engine_next_phase(struct engine *e);
/*
 * The clock of all deadlines, ns. It stands still while somebody is asked, and so what is
 * left of each is left when the answer has come.
 */
uint64_t engine_now(const struct engine *e);

/* steps.c */
void steps_begin(struct engine *e);
/* Something has happened that the step under way may have waited for: look, but later. */
void steps_poke(struct engine *e);

/* actor_news.c: of an actor's process, as in struct tl_actor_host */
void news_started(void *arg, struct tl_actor *actor);
void news_exited(void *arg, struct tl_actor *actor, int status, int signal);
void news_pushed(void *arg, struct tl_actor *actor, const char *text);
/* What a step that is done has made of its actor, unless it has been told. */
void news_step_done(struct engine *e, const struct tl_step *step);
/* Somebody at "tcplab step" has frozen it, or thawed it. */
void news_stopped(struct engine *e, struct tl_actor *actor, bool frozen);

/* ask.c */
/* Read the answers from options->control. Return: 0 or -errno with @err. */
int ask_open(struct engine *e, struct tl_err *err);
void ask_close(struct engine *e);
/* A segment has been held for an answer: everything stands still until it has come. */
int ask_about(struct engine *e, int id, bool leave_held, struct tl_err *err);
/* Is somebody being asked right now? */
bool ask_is_waiting(const struct engine *e);
/* An actor that may have been frozen by hand is so no longer. */
void ask_is_thawed(struct engine *e, size_t actor);
/* How long the run has stood still for answers so far, ns; @now: uv_hrtime() */
uint64_t ask_stood_still(const struct engine *e, uint64_t now);

/* needs.c */
/* Is all there that the scenario needs? Return: 0; EOPNOTSUPP with what is missing. */
int needs_check(struct engine *e, struct tl_err *err);

/* settle.c */
int settle_open(struct engine *e, struct tl_err *err);
void settle_close(struct engine *e);
/* @step has its answer. @told: the socket it was made on, NULL for none. 0 or -ENOMEM. */
int settle_begin(struct engine *e, const struct tl_step *step, const struct tl_told *told,
		 struct tl_err *err);
/* Has it come to rest? Return: 1, or 0 to be asked again later; -errno with @err. */
int settle_now(struct engine *e, struct tl_err *err);
/* And what was before, as far as @step is about it? @step NULL: the phase's look is next. */
int settle_for(struct engine *e, const struct tl_step *step, struct tl_err *err);

/* look.c */
void look_begin(struct engine *e);
/* The phase ends before its time: record the table as it is, where it can be read. */
void look_last(struct engine *e);
/* Read the table once, when it holds still. 0, -EAGAIN, or -errno with @err. */
int look_read(struct engine *e, struct tl_row **rows, size_t *n, struct tl_err *err);
/*
 * Learn whose the sockets are of those who act by themselves, where nothing else tells: without
 * the wire a connection may be closed again before the phase looks. Return: 0 or -errno.
 */
int look_learn(struct engine *e, struct tl_err *err);
/* Emit a snapshot of @rows (taken) and keep them as the last. */
void look_emit(struct engine *e, enum tl_look look, struct tl_row *rows, size_t n);
bool look_same(const struct engine *e, const struct tl_row *rows, size_t n);

/* engine_counters.c: record the kernel's counters, where a claim asks for any */
void counters_emit(struct engine *e);

/* witness.c */
void witness_begin(struct engine *e);
void witness_stop(struct engine *e);

#endif
