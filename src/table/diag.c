/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One message of sock_diag into one row. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include <linux/sock_diag.h>

#include "diag.h"

/*
 * Attributes that nobody asked for come too. They are skipped, but they must fill the
 * message; the kernel pads each of them, so its length is always aligned.
 */
static bool attributes_add_up(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;
	const char *end = mnl_nlmsg_get_payload_tail(nlh);

	if (nlh->nlmsg_len % MNL_ALIGNTO)
		return false;
	mnl_attr_for_each(attr, nlh, sizeof(struct inet_diag_msg))
		;
	return (const char *)attr == end;
}

static void endpoint(int family, const __be32 *addr, __be16 port, struct tl_endpoint *ep)
{
	*ep = (struct tl_endpoint){ .family = family, .port = ntohs(port) };
	memcpy(ep->addr, addr, family == AF_INET ? 4 : 16);
}

static int check_frame(const struct nlmsghdr *nlh, size_t len, struct tl_err *err)
{
	if (len < sizeof(*nlh) || nlh->nlmsg_len > len)
		return tl_err_set(err, EPROTO, "a sock_diag message is cut short");
	if (nlh->nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return tl_err_set(err, EPROTO, "a sock_diag message has type %u, not %u",
				  nlh->nlmsg_type, SOCK_DIAG_BY_FAMILY);
	if (nlh->nlmsg_len < mnl_nlmsg_size(sizeof(struct inet_diag_msg)))
		return tl_err_set(err, EPROTO,
				  "a sock_diag message of %u bytes is too short for a socket",
				  nlh->nlmsg_len);
	if (!attributes_add_up(nlh))
		return tl_err_set(err, EPROTO,
				  "the attributes of a sock_diag message do not fill it");
	return 0;
}

int tl_diag_decode(const struct nlmsghdr *nlh, size_t len, struct tl_sock *sock,
		   struct tl_err *err)
{
	const struct inet_diag_msg *msg;
	int rc;

	rc = check_frame(nlh, len, err);
	if (rc)
		return rc;
	msg = mnl_nlmsg_get_payload(nlh);
	if (msg->idiag_family != AF_INET && msg->idiag_family != AF_INET6)
		return tl_err_set(err, EPROTO, "the kernel shows a TCP socket of family %u",
				  msg->idiag_family);
	if (!msg->idiag_state || msg->idiag_state >= TL_STATE_NUMBERS)
		return tl_err_set(err, EPROTO, "the kernel shows a TCP socket in state %u",
				  msg->idiag_state);

	*sock = (struct tl_sock){
		.cookie = (uint64_t)msg->id.idiag_cookie[1] << 32 | msg->id.idiag_cookie[0],
		.state = msg->idiag_state,
		.inode = msg->idiag_inode,
		.uid = msg->idiag_uid,
		.recvq = msg->idiag_rqueue,
		.sendq = msg->idiag_wqueue,
		.timer = msg->idiag_timer,
		.timer_ms = msg->idiag_expires,
		.retrans = msg->idiag_retrans,
	};
	endpoint(msg->idiag_family, msg->id.idiag_src, msg->id.idiag_sport, &sock->local);
	endpoint(msg->idiag_family, msg->id.idiag_dst, msg->id.idiag_dport, &sock->remote);
	return 0;
}
