/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The talk with netfilter. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>

#include "nfq.h"
#include "tcplab/module.h"

int tl_nl_open(struct mnl_socket **nl, struct tl_err *err)
{
	int rc = tl_netlink_open(NETLINK_NETFILTER, SOCK_NONBLOCK, nl);

	if (rc == -EPROTONOSUPPORT)
		return tl_module_missing(err, "nfnetlink_queue", "this kernel has no nfnetlink");
	if (rc)
		return tl_err_set(err, -rc, "cannot open a socket to netfilter: %s",
				  strerror(-rc));
	return 0;
}

struct answers {
	int n;
	int *refused;
};

/*
 * Netfilter does what it is asked while it is being sent: all answers are there, or, where it
 * had much to complain of, the first ones.
 */
static int hear(void *arg, const void *bytes, size_t len, struct tl_err *err)
{
	struct tl_netlink_bytes rest = { bytes, len };
	struct tl_nfq_message message;
	struct answers *answers = arg;
	int rc;

	while ((rc = tl_nfq_next(&rest, &message, err)) > 0) {
		if (message.kind != TL_NFQ_ANSWER)
			continue;
		answers->n++;
		if (!*answers->refused)
			*answers->refused = message.refused;
	}
	return rc ? rc : 1;
}

int tl_nl_ask(struct mnl_socket *nl, const void *bytes, size_t len, int *refused,
	      struct tl_err *err)
{
	_Alignas(struct nlmsghdr) char buf[TL_NFQ_DATAGRAM];
	struct answers answers = { 0, refused };
	const struct tl_netlink_ask ask = {
		.whom = "netfilter",
		.request = bytes,
		.len = len,
		.buf = buf,
		.size = sizeof(buf),
		.hear = hear,
		.arg = &answers,
	};
	int rc;

	*refused = 0;
	rc = tl_netlink_ask(nl, &ask, err);
	if (!rc && !answers.n)
		return tl_err_set(err, EPROTO, "netfilter does not answer");
	return rc;
}
