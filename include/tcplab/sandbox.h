/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 1, sandbox: a private network, pid and mount namespace that cannot outlive us. */
#ifndef TCPLAB_SANDBOX_H
#define TCPLAB_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tcplab/err.h"
#include "tcplab/event.h"
#include "tcplab/plan.h"

/* A sandbox, seen from either side. */
struct tl_sandbox {
	unsigned unsafe;  /* bits 1 << TL_UNSAFE_*; to be set before tl_sandbox_spawn() */
	pid_t pid;        /* outside: of the process that is pid 1 inside */
	bool user;        /* it has a user namespace of its own */
	bool lowered;     /* and we, who are root outside, are somebody else in it: */
	uid_t uid;        /* who we are outside, in the end */
	gid_t gid;
	uint64_t capabilities; /* our effective ones outside, a bit for each */
	int alive;        /* outside: the end of a pipe that tells the child we live */
	char *sockets;    /* inside, until tl_sandbox_enter(): the host's unix sockets */
	const char *home; /* inside, after tl_sandbox_enter(): where the tmpfs is (static) */
};

/*
 * tl_sandbox_spawn - run inside(arg) as pid 1 of new namespaces
 * @sandbox: zeroed except for @unsafe; filled before @inside runs, so that @arg may lead to it
 * @inside: its return value becomes the exit status of the process; it starts with a
 *          call of tl_sandbox_enter()
 *
 * Without CAP_SYS_ADMIN and CAP_NET_ADMIN a user namespace is made as well. So it is for
 * root, where the host lets root do that and unless @unsafe says otherwise: who is root
 * inside is then, for the host, the user who called sudo, or nobody. The caller must have one
 * thread only, and that thread must live as long as the sandbox is to live: the sandbox is
 * killed when it ends. To end all that runs inside, kill sandbox->pid. To be followed by
 * tl_sandbox_wait().
 *
 * Return: 0 or -errno; EOPNOTSUPP, with the remedy in the sentence, where this host
 * does not let us.
 * Source: namespaces(7), user_namespaces(7), PR_SET_PDEATHSIG of prctl(2).
 */
int tl_sandbox_spawn(struct tl_sandbox *sandbox, int (*inside)(void *arg), void *arg,
		     struct tl_err *err);

/*
 * tl_sandbox_wait - wait until pid 1 inside has ended, and let go of the sandbox
 *
 * Return: its status as waitpid(2) gives it.
 */
int tl_sandbox_wait(struct tl_sandbox *sandbox);

/*
 * tl_sandbox_enter - called inside, first: map the user, mount /proc and a tmpfs, bring
 * the loopback up
 *
 * Return: 0 or -errno; EOPNOTSUPP, with the remedy, where this host does not let us.
 */
int tl_sandbox_enter(struct tl_sandbox *sandbox, struct tl_err *err);

/*
 * tl_sandbox_keep - called inside, before tl_sandbox_enter(): close what is not ours
 * @fds: these stay, @n of them; those below 0 do not count
 *
 * Standard input, output and error lead to /dev/null from then on, unless they are among them.
 *
 * Return: 0 or -errno.
 * Source: close_range(2) since Linux 5.9, else /proc/self/fd.
 */
int tl_sandbox_keep(const int *fds, size_t n, struct tl_err *err);

/*
 * tl_sandbox_sysctl - set kernel parameters below "net.", dots or slashes between the words,
 * after tl_sandbox_enter()
 *
 * Return: 0 or -errno; ENOENT where this kernel or network namespace has none of that name.
 * Source: sysctl(8), proc(5).
 */
int tl_sandbox_sysctl(const struct tl_setting *settings, size_t n, struct tl_err *err);

/*
 * tl_sandbox_quickack - acknowledge at once whatever comes, after tl_sandbox_enter()
 *
 * The routes to 127.0.0.0/8 and ::1 get the metric "quickack", so that no ACK is put off for
 * the 40 ms in which something could take it along. For connections made from now on.
 *
 * Return: 0 or -errno.
 * Source: ip-route(8), rtnetlink(7), tcp_in_quickack_mode() of net/ipv4/tcp_input.c.
 */
int tl_sandbox_quickack(struct tl_err *err);

#endif
