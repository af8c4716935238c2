/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 1, sandbox: a private network, pid and mount namespace that cannot outlive us. */
#ifndef TCPLAB_SANDBOX_H
#define TCPLAB_SANDBOX_H

#include <stddef.h>
#include <sys/types.h>

#include "tcplab/err.h"
#include "tcplab/plan.h"

/*
 * tl_sandbox_spawn - run inside(arg) as pid 1 of new namespaces
 * @inside: its return value becomes the exit status of the process; it starts with a
 *          call of tl_sandbox_enter()
 * @alive: the read end of a pipe whose write end only the caller holds; when it
 *         hangs up before PR_SET_PDEATHSIG is in force, the child ends at once
 * @pid: gets the process's id, to be waited for with waitpid()
 *
 * Without privilege a user namespace is made as well. The caller must have one thread
 * only, and that thread must live as long as the sandbox is to live.
 *
 * Return: 0 or -errno; EOPNOTSUPP, with the remedy in the sentence, where this host
 * does not let us.
 * Source: namespaces(7), user_namespaces(7), PR_SET_PDEATHSIG of prctl(2).
 */
int tl_sandbox_spawn(int (*inside)(void *arg), void *arg, int alive, pid_t *pid,
		     struct tl_err *err);

/*
 * tl_sandbox_enter - called inside, first: map the user, mount /proc and a tmpfs, bring
 * the loopback up
 *
 * Return: 0 or -errno; EOPNOTSUPP, with the remedy, where this host does not let us.
 */
int tl_sandbox_enter(struct tl_err *err);

/* tl_sandbox_home - the directory where the private tmpfs is mounted */
const char *tl_sandbox_home(void);

/*
 * tl_sandbox_sysctl - set kernel parameters, dots or slashes between the words
 *
 * Return: 0 or -errno; ENOENT where this kernel or network namespace has none of that name.
 * Source: sysctl(8), proc(5).
 */
int tl_sandbox_sysctl(const struct tl_setting *settings, size_t n, struct tl_err *err);

#endif
