/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 2, engine: carries a plan out inside the sandbox and says what it saw. */
#ifndef TCPLAB_ENGINE_H
#define TCPLAB_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcplab/event.h"
#include "tcplab/plan.h"
#include "tcplab/sandbox.h"

struct tl_engine_options {
	bool mock;                   /* mock peers stand in for Redis */
	const char *redis;           /* the program of every redis actor; NULL: the plan's */
	const char *const *witness;  /* shell commands to record beside each settled table */
	size_t n_witness;
	/*
	 * A stream to ask somebody about each segment, or -1. Every segment is then held
	 * (TL_FATE_HELD) until a line has come for it, in the order they were held:
	 *
	 *   step       leave it to the scenario: let it go, unless a hold wants it
	 *   drop       lose it
	 *   continue   as step, and do not ask any more
	 *
	 * and, without being an answer:
	 *
	 *   table      emit a snapshot
	 *   freeze N   freeze actor N of the plan, until "thaw N"
	 *   thaw N
	 *   quit       end the run; so does the end of the stream
	 *
	 * While an answer is awaited the actors and all deadlines stand still. The deadlines do
	 * as well while an actor is frozen so.
	 */
	int control;
	/* Takes each event as it happens (borrowed for the call). An error ends the run. */
	int (*emit)(void *arg, const struct tl_event *ev, struct tl_err *err);
	void *arg;
};

/*
 * tl_engine_run - enter the sandbox, go through the plan, end what was started
 * @plan, @options: borrowed
 *
 * To be called in the process that tl_sandbox_spawn() made. The events begin with RUN and
 * end with END; what could not be carried out is a FAULT among them. SIGTERM ends the run
 * in good order (INTERRUPTED); it may be blocked in the caller until then.
 *
 * The engine waits on conditions and records; whether what it saw is right is for the
 * judge to say. It stops at the first expectation that does not come true in time.
 *
 * Return: 0 when END has been emitted, whatever it says; -errno when that was not possible.
 */
int tl_engine_run(const struct tl_plan *plan, struct tl_sandbox *sandbox,
		  const struct tl_engine_options *options, struct tl_err *err);

/* tl_engine_patience - how long a step of @phase may take, or takes, in ns */
uint64_t tl_engine_patience(const struct tl_phase *phase, size_t step);

#endif
