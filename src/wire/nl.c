/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>

#include "nfq.h"
#include "tcplab/module.h"

/* The kernel alone may answer: a connected netlink socket takes nothing from elsewhere. */
static int connect_to_kernel(struct mnl_socket *nl)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	return connect(mnl_socket_get_fd(nl), (struct sockaddr *)&kernel, sizeof(kernel));
}

int tl_nl_open(struct mnl_socket **nl, struct tl_err *err)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_NETFILTER,
						SOCK_CLOEXEC | SOCK_NONBLOCK);
	int rc;

	if (s && mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) >= 0 && !connect_to_kernel(s)) {
		*nl = s;
		return 0;
	}
	rc = errno;
	if (s)
		mnl_socket_close(s);
	if (rc == EPROTONOSUPPORT)
		return tl_module_missing(err, "nfnetlink_queue", "this kernel has no nfnetlink");
	return tl_err_set(err, rc, "cannot open a socket to netfilter: %s", strerror(rc));
}

/* Read one datagram of answers. Return: how many there were, or -errno. */
static int read_answers(const void *bytes, size_t len, int *refused, struct tl_err *err)
{
	struct tl_nfq_bytes rest = { bytes, len };
	struct tl_nfq_message message;
	int n = 0, rc;

	while ((rc = tl_nfq_next(&rest, &message, err)) > 0) {
		if (message.kind != TL_NFQ_ANSWER)
			continue;
		n++;
		if (!*refused)
			*refused = message.refused;
	}
	return rc ? rc : n;
}

int tl_nl_ask(struct mnl_socket *nl, const void *bytes, size_t len, int *refused,
	      struct tl_err *err)
{
	_Alignas(struct nlmsghdr) char buf[TL_NFQ_DATAGRAM];
	int answers = 0, rc;
	ssize_t n;

	*refused = 0;
	if (mnl_socket_sendto(nl, bytes, len) < 0)
		return tl_err_set(err, errno, "cannot ask netfilter: %s", strerror(errno));
	/*
	 * Netfilter does what it is asked while it is being sent: all answers are there, or,
	 * where it had much to complain of (ENOBUFS), the first ones.
	 */
	for (;;) {
		n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		if (n < 0 && (errno == EINTR || errno == ENOBUFS))
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0)
			return tl_err_set(err, errno, "cannot hear netfilter: %s",
					  strerror(errno));
		rc = read_answers(buf, n, refused, err);
		if (rc < 0)
			return rc;
		answers += rc;
	}
	if (!answers)
		return tl_err_set(err, EPROTO, "netfilter does not answer");
	return 0;
}
