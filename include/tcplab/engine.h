/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 2, engine: carries a plan out inside the sandbox and says what it saw. */
#ifndef TCPLAB_ENGINE_H
#define TCPLAB_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include "tcplab/event.h"
#include "tcplab/plan.h"
#include "tcplab/sandbox.h"

struct tl_engine_options {
	bool mock;                   /* mock peers stand in for Redis */
	const char *const *witness;  /* shell commands to record beside each settled table */
	size_t n_witness;
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

#endif
