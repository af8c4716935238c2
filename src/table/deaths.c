/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's word on each full TCP socket that dies, as it dies. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include "tcplab/table.h"

/* Some ten thousand deaths; more is told by an overflow. */
enum { BUFFER = 4 << 20, DATAGRAM = 8192 };

int tl_deaths_open(int *fd, struct tl_err *err)
{
	const struct sockaddr_nl groups = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1u << (SKNLGRP_INET_TCP_DESTROY - 1) |
			     1u << (SKNLGRP_INET6_TCP_DESTROY - 1),
	};
	int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
	const int size = BUFFER;
	int code;

	if (s >= 0 && !bind(s, (const struct sockaddr *)&groups, sizeof(groups))) {
		setsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
		*fd = s;
		return 0;
	}
	code = errno;
	if (s >= 0)
		close(s);
	return tl_err_set(err, code, "the kernel does not report closed sockets: %s",
			  strerror(code));
}

int tl_deaths_count(int fd, uint64_t *deaths, bool *lost)
{
	_Alignas(struct nlmsghdr) char bytes[DATAGRAM];
	struct sockaddr_nl from;

	for (;;) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &len);

		if (n < 0 && errno == ENOBUFS)
			*lost = true;
		else if (n < 0 && errno != EINTR)
			return errno == EAGAIN ? 0 : -errno;
		else if (n >= (ssize_t)sizeof(struct nlmsghdr) && !from.nl_pid)
			++*deaths;
	}
}
