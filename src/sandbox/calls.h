/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The few system calls that lead out of the sandbox past every namespace. */
#ifndef TCPLAB_SANDBOX_CALLS_H
#define TCPLAB_SANDBOX_CALLS_H

#include "tcplab/err.h"

/*
 * calls_forbid - from now on there are sockets of AF_UNIX, AF_INET, AF_INET6 and AF_NETLINK alone
 *
 * Others are answered with EAFNOSUPPORT, as by a kernel without them, and io_uring, which makes
 * sockets as well, with ENOSYS. To be called when no_new_privs is set. A kernel without filters,
 * or a processor that has none here, is left as it is.
 *
 * Return: 0 or -errno.
 * Source: seccomp(2); socket(2); io_uring_setup(2).
 */
int calls_forbid(struct tl_err *err);

#endif
