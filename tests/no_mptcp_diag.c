/* SPDX-License-Identifier: GPL-2.0-or-later */
/* To be preloaded: a kernel that has MPTCP and shows no sockets of it, for tests/live/settled.sh. */
#include <dlfcn.h>
#include <string.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* Of each request that has it, the protocol becomes one that nobody shows. */
ssize_t sendto(int fd, const void *bytes, size_t len, int flags, const struct sockaddr *to,
	       socklen_t to_len)
{
	ssize_t (*real)(int fd, const void *bytes, size_t len, int flags,
			const struct sockaddr *to, socklen_t to_len) =
		(ssize_t (*)(int, const void *, size_t, int, const struct sockaddr *,
			     socklen_t))dlsym(RTLD_NEXT, "sendto");
	const size_t at = NLMSG_LENGTH(sizeof(struct inet_diag_req_v2));
	const struct {
		struct nlattr attr;
		__u32 protocol;
	} mptcp = { { sizeof(mptcp), INET_DIAG_REQ_PROTOCOL }, IPPROTO_MPTCP };
	char copy[len];

	memcpy(copy, bytes, len);
	if (len >= at + sizeof(mptcp) && !memcmp(copy + at, &mptcp, sizeof(mptcp)))
		memset(copy + at + sizeof(mptcp.attr), 0, sizeof(mptcp.protocol));
	return real(fd, copy, len, flags, to, to_len);
}
