/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What leads out of the sandbox beside files and networks: unix sockets, keys, namespaces. */
#ifndef TCPLAB_SANDBOX_SEVER_H
#define TCPLAB_SANDBOX_SEVER_H

#include <stdbool.h>

#include "tcplab/err.h"

/*
 * sever_list - outside, before the clone: the unix sockets that have a path on this host
 * @list: filled, owned by the caller, for sever_sockets(): each ends with a zero byte, and the
 *        last is empty
 *
 * Return: 0 or -errno.
 * Source: /proc/net/unix (proc(5)); a socket may be a mount point as well, as a container's
 * docker.sock is.
 */
int sever_list(char **list, struct tl_err *err);

/*
 * sever_sockets - put /dev/null in the place of each of them
 * @list: of sever_list(), borrowed; NULL for none
 *
 * To be called in a mount namespace of our own, before harden_files().
 *
 * Return: 0 or -errno. What is not there, or out of reach, needs nothing.
 */
int sever_sockets(const char *list);

/*
 * sever_namespaces - in a user namespace that is made inside nobody can make any other kind
 * @user: the sandbox has a user namespace, whose limits these are
 *
 * To be called while /proc can be written. A program may still map its user: some refuse to be
 * root.
 */
void sever_namespaces(bool user);

/*
 * sever_keys - leave the session keyring of the user who started us
 *
 * Return: 0; -errno where a key cannot be had, so that the old one would have stayed.
 * Source: keyctl_join_session_keyring(3).
 */
int sever_keys(struct tl_err *err);

#endif
