/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the sandbox takes away from those inside: the host's files, devices, privileges. */
#ifndef TCPLAB_SANDBOX_HARDEN_H
#define TCPLAB_SANDBOX_HARDEN_H

#include "tcplab/err.h"

/*
 * harden_devices - put a /dev of our own over the host's: null, zero, full, random, urandom,
 * pseudo-terminals of its own, and an empty shm; no disk, no terminal of the host
 *
 * To be called while the host's /proc is still there. A host without /dev is left alone.
 *
 * Return: 0 or -errno.
 */
int harden_devices(void);

/*
 * harden_files - whatever is mounted now can be read only, and gives nobody privileges
 *
 * Return: 0; -EINVAL where the root is not a mount point (a chroot); other -errno.
 * Source: mount_setattr(2) since Linux 5.12, else mount(2) once for each line of
 * /proc/self/mountinfo, which must be there.
 */
int harden_files(void);

/* harden_unescape - a path of /proc/PID/mountinfo, with \ooo for blanks and backslashes */
void harden_unescape(char *path);

/*
 * harden_proc - /proc can be read only from now on
 * @home: a directory where another one is mounted for the moment
 *
 * Return: a directory, /proc/sys/net as we alone can still write it; -errno.
 */
int harden_proc(const char *home);

/*
 * harden_self - whoever is executed from now on has no capability and can get none
 *
 * We ourselves keep what we have: for the sockets of the wire and the table.
 * Source: capabilities(7), PR_SET_NO_NEW_PRIVS of prctl(2).
 */
int harden_self(struct tl_err *err);

#endif
