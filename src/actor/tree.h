/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes below one process: children, theirs, and whom they left behind. */
#ifndef TCPLAB_ACTOR_TREE_H
#define TCPLAB_ACTOR_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tcplab/err.h"

/* Zeroed is empty. */
struct tree {
	pid_t *pids; /* @root first where it is one of them; zombies are not */
	size_t n;
};

/*
 * tree_read - who is below @root at this moment
 * @with_root: @root is one of them
 * @tree: what it held before is replaced; tree_release() frees it
 *
 * A process whose parent has ended is found where the kernel has put it: below the nearest
 * subreaper (PR_SET_CHILD_SUBREAPER of prctl(2)), which for a program is its launcher.
 *
 * Return: 0 or -errno: ENOMEM, or what opening /proc gave.
 * Source: proc(5), /proc/PID/stat.
 */
int tree_read(pid_t root, bool with_root, struct tree *tree, struct tl_err *err);

/* tree_release - a zeroed one and a second call are fine */
void tree_release(struct tree *tree);

/* tree_has - is @pid one of them? */
bool tree_has(const struct tree *tree, pid_t pid);

/* tree_signal - send @signal to each; one that has just ended is not an error */
void tree_signal(const struct tree *tree, int signal);

/* tree_is_stopped - has every thread of each of them been stopped by a signal? */
bool tree_is_stopped(const struct tree *tree);

#endif
