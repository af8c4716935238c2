/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One message of sock_diag into one row. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>

#include "diag.h"

enum { BODY = NLMSG_LENGTH(sizeof(struct inet_diag_msg)) };

/* The next attribute at @at; NULL where none fits before @end. */
static const struct nlattr *attribute(const char *at, const char *end)
{
	const struct nlattr *attr = (const void *)at;

	if ((size_t)(end - at) < sizeof(*attr) || attr->nla_len < sizeof(*attr) ||
	    NLA_ALIGN(attr->nla_len) > end - at)
		return NULL;
	return attr;
}

/*
 * Attributes that nobody asked for come too. They are skipped, but they must fill the
 * message; the kernel pads each of them, so its length is always aligned.
 */
static bool attributes_add_up(const struct nlmsghdr *nlh)
{
	const char *at = (const char *)nlh + NLMSG_ALIGN(BODY);
	const char *end = (const char *)nlh + nlh->nlmsg_len;
	const struct nlattr *attr;

	if (nlh->nlmsg_len % NLMSG_ALIGNTO)
		return false;
	while ((attr = attribute(at, end)))
		at += NLA_ALIGN(attr->nla_len);
	return at == end;
}

static bool is_mptcp(const struct nlattr *ulp)
{
	static const char name[] = "mptcp";
	const char *at = (const char *)ulp + NLA_HDRLEN, *end = (const char *)ulp + ulp->nla_len;
	const struct nlattr *attr;

	for (; (attr = attribute(at, end)); at += NLA_ALIGN(attr->nla_len))
		if (attr->nla_type == INET_ULP_INFO_NAME &&
		    attr->nla_len == NLA_HDRLEN + sizeof(name) &&
		    !memcmp((const char *)attr + NLA_HDRLEN, name, sizeof(name)))
			return true;
	return false;
}

static void take_tcp_info(const struct nlattr *attr, struct tl_sock_info *info)
{
	size_t len = attr->nla_len - NLA_HDRLEN;
	struct tcp_info tcp = { 0 };

	if (len < offsetof(struct tcp_info, tcpi_pmtu))
		return;
	memcpy(&tcp, (const char *)attr + NLA_HDRLEN, len < sizeof(tcp) ? len : sizeof(tcp));
	*info = (struct tl_sock_info){
		.known = true,
		.mptcp = info->mptcp,
		.data_sent_ms = tcp.tcpi_last_data_sent,
		.data_received_ms = tcp.tcpi_last_data_recv,
		.ack_received_ms = tcp.tcpi_last_ack_recv,
		.probes = tcp.tcpi_probes,
		.backoff = tcp.tcpi_backoff,
		.has_window = len >= offsetof(struct tcp_info, tcpi_snd_wnd) +
					     sizeof(tcp.tcpi_snd_wnd),
		.window = tcp.tcpi_snd_wnd,
	};
}

void tl_diag_info(const struct nlmsghdr *nlh, struct tl_sock_info *info)
{
	const char *at = (const char *)nlh + NLMSG_ALIGN(BODY);
	const char *end = (const char *)nlh + nlh->nlmsg_len;
	const struct nlattr *attr;

	*info = (struct tl_sock_info){ 0 };
	for (; (attr = attribute(at, end)); at += NLA_ALIGN(attr->nla_len)) {
		if (attr->nla_type == INET_DIAG_INFO)
			take_tcp_info(attr, info);
		else if ((attr->nla_type & NLA_TYPE_MASK) == INET_DIAG_ULP_INFO)
			info->mptcp |= is_mptcp(attr);
	}
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
	/* An answer has its request's type: there are two. */
	if (nlh->nlmsg_type != SOCK_DIAG_BY_FAMILY && nlh->nlmsg_type != TCPDIAG_GETSOCK)
		return tl_err_set(err, EPROTO, "a sock_diag message has type %u, not %u",
				  nlh->nlmsg_type, SOCK_DIAG_BY_FAMILY);
	if (nlh->nlmsg_len < BODY)
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
	msg = NLMSG_DATA(nlh);
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
		.interface = msg->id.idiag_if,
	};
	endpoint(msg->idiag_family, msg->id.idiag_src, msg->id.idiag_sport, &sock->local);
	endpoint(msg->idiag_family, msg->id.idiag_dst, msg->id.idiag_dport, &sock->remote);
	return 0;
}
