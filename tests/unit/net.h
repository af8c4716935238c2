/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A network of the test's own, and sockets in it. */
#ifndef TCPLAB_TEST_NET_H
#define TCPLAB_TEST_NET_H

#include <stdbool.h>
#include <sys/socket.h>

#include "tcplab/endpoint.h"

/*
 * net_become_root - to be called by main(), before Criterion
 *
 * Without root a network namespace takes a user namespace as well. It is made before the
 * tests, which have several threads each, and with a root in it, as they are run by way of
 * execve().
 *
 * The rest of main() has to be in the test's own file: Criterion writes a jump over its
 * first bytes in the process of each test, and over what is behind it where it is short.
 */
void net_become_root(void);

/*
 * net_private - a network namespace of our own with its loopback up, or skip the test
 * @mtu: of the loopback; 0 for the kernel's
 */
void net_private(int mtu);

/* net_loopback - set the loopback up or down */
void net_loopback(bool up);

/* From here on each helper asserts, so that a test reads as what it is about. */

/* net_at - "127.0.0.1:6379" as an endpoint */
struct tl_endpoint net_at(const char *text);

/* net_sockaddr - the same for the kernel. Return: its length. */
socklen_t net_sockaddr(const struct tl_endpoint *ep, struct sockaddr_storage *ss);

/* net_name - the name of a socket; @peer: of the other end */
struct tl_endpoint net_name(int fd, bool peer);

/* net_listen - a listening socket; net_connect - a nonblocking one that has sent its SYN */
int net_listen(const char *where, int backlog);
int net_connect(const char *where);

/* net_in_time - false when the 30 seconds that a test gets, from the first call on, are over */
bool net_in_time(void);

#endif
