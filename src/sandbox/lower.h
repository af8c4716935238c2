/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Root that is nobody to the host: the user namespace that root's sandbox has. */
#ifndef TCPLAB_SANDBOX_LOWER_H
#define TCPLAB_SANDBOX_LOWER_H

#include "tcplab/sandbox.h"

/*
 * lower_choose - are we root, and does this host let us make such a sandbox?
 * @sandbox: its uid and gid become those of SUDO_UID and SUDO_GID, or of nobody, on success
 *
 * It is found out by making one, with the mounts that a sandbox needs; and whoever we become
 * must be able to execute this program.
 */
bool lower_choose(struct tl_sandbox *sandbox);

/*
 * lower_map - in the parent: say who uid 0 of @child's user namespace is, and let it go on
 * @go: the end of a pipe for writing, of which the child has the other one
 *
 * Return: 0, or -1 with errno.
 */
int lower_map(const struct tl_sandbox *sandbox, pid_t child, int go);

/*
 * lower_become - in the child: wait until that is said, and become uid 0 inside
 *
 * Credentials change: PR_SET_PDEATHSIG is forgotten.
 *
 * Return: 0, or -1.
 * Source: user_namespaces(7), credentials(7).
 */
int lower_become(int go);

#endif
