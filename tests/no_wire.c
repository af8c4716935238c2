/* SPDX-License-Identifier: GPL-2.0-or-later */
/* To be preloaded: a kernel without netfilter's netlink, for tests/live/untapped.sh. */
#include <dlfcn.h>
#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>

int socket(int domain, int type, int protocol)
{
	int (*real)(int domain, int type, int protocol) =
		(int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");

	if (domain == AF_NETLINK && protocol == NETLINK_NETFILTER) {
		errno = EPROTONOSUPPORT;
		return -1;
	}
	return real(domain, type, protocol);
}
