/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A netlink socket: opened, asked, and its datagrams taken apart into whole messages. */
#include "tcplab/netlink.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <libmnl/libmnl.h>

/* The kernel alone may answer: a connected netlink socket takes nothing from elsewhere. */
static int connect_to_kernel(struct mnl_socket *nl)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	return connect(mnl_socket_get_fd(nl), (struct sockaddr *)&kernel, sizeof(kernel));
}

int tl_netlink_open(int bus, int flags, struct mnl_socket **nl)
{
	struct mnl_socket *s = mnl_socket_open2(bus, SOCK_CLOEXEC | flags);
	int rc;

	if (s && mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) >= 0 && !connect_to_kernel(s)) {
		*nl = s;
		return 0;
	}
	rc = -errno;
	if (s)
		mnl_socket_close(s);
	return rc;
}

/* Not mnl_nlmsg_ok(), which takes a length above INT_MAX for a negative one (1.0.4). */
static bool is_whole(const struct nlmsghdr *nlh, size_t left)
{
	return left >= sizeof(*nlh) && nlh->nlmsg_len >= sizeof(*nlh) && nlh->nlmsg_len <= left;
}

int tl_netlink_next(struct tl_netlink_bytes *bytes, const struct nlmsghdr **nlh,
		    struct tl_err *err)
{
	size_t step;

	if (!bytes->left)
		return 0;
	*nlh = bytes->at;
	if (!is_whole(*nlh, bytes->left))
		return tl_err_set(err, EPROTO, "a netlink message is cut short");
	step = MNL_ALIGN((size_t)(*nlh)->nlmsg_len);
	bytes->at = (const char *)bytes->at + step;
	bytes->left -= step < bytes->left ? step : bytes->left;
	return 1;
}

int tl_netlink_ask(struct mnl_socket *nl, const struct tl_netlink_ask *ask, struct tl_err *err)
{
	ssize_t n;
	int rc;

	if (mnl_socket_sendto(nl, ask->request, ask->len) < 0)
		return tl_err_set(err, errno, "cannot ask %s: %s", ask->whom, strerror(errno));
	do {
		n = mnl_socket_recvfrom(nl, ask->buf, ask->size);
		rc = 1;
		if (n >= 0)
			rc = ask->hear(ask->arg, ask->buf, n, err);
		else if (errno == ENOBUFS)
			rc = ask->hear(ask->arg, NULL, 0, err);
		else if (errno == EAGAIN)
			return 0;
		else if (errno != EINTR)
			return tl_err_set(err, errno, "cannot receive from %s: %s", ask->whom,
					  strerror(errno));
	} while (rc > 0);
	return rc;
}
