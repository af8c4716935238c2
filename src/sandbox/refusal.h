/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a host refuses a sandbox, and what helps: one sentence. */
#ifndef TCPLAB_SANDBOX_REFUSAL_H
#define TCPLAB_SANDBOX_REFUSAL_H

#include <sched.h>

#include "tcplab/err.h"
#include "tcplab/sandbox.h"

/* What the sandbox is made of, for clone(2); refusal_namespaces() adds what not each has. */
#define REFUSAL_NAMESPACES (CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS)

/* What was tried, in the order in which tl_sandbox_spawn() and tl_sandbox_enter() do. */
enum attempt {
	ATTEMPT_CLONE, /* new namespaces */
	ATTEMPT_MAP,   /* of users, into the user namespace */
	ATTEMPT_PROC,  /* to mount a /proc */
	ATTEMPT_MOUNT, /* anything else */
	ATTEMPT_NET,   /* the loopback */
};

/* refusal_capabilities - our effective capabilities, a bit for each (capabilities(7)) */
uint64_t refusal_capabilities(void);

/*
 * refusal_namespaces - REFUSAL_NAMESPACES; one for System V's and POSIX's shared memory, semaphores
 * and queues, where this kernel has such; one for users where @sandbox->user
 */
unsigned long refusal_namespaces(const struct tl_sandbox *sandbox);

/* refusal_privileged - do these do without a user namespace? */
bool refusal_privileged(uint64_t capabilities);

/*
 * refusal_explain - fill @err with what is missing and the remedy for it
 * @sandbox: with what was known of us outside
 * @code: the errno that @what, done as part of @attempt, ended with
 * @what: a call or a file, for those who look further
 *
 * It looks for a cause that can be proven (a setting, a filter, a mask) and names the call
 * and its errno alone where it finds none.
 *
 * Return: -EOPNOTSUPP.
 */
int refusal_explain(const struct tl_sandbox *sandbox, enum attempt attempt, int code,
		    const char *what, struct tl_err *err);

#endif
