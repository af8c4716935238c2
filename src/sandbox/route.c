/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The routes to the sandbox's own addresses, with the metric "quickack". */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "tcplab/netlink.h"
#include "tcplab/sandbox.h"

/* The kernel makes them itself when the loopback comes up: ip route show table local. */
struct route {
	const char *to;
	int family;
	unsigned char bits;
};

static const struct route routes[] = {
	{ "127.0.0.1", AF_INET, 32 },
	{ "127.0.0.0", AF_INET, 8 },
	{ "::1", AF_INET6, 128 },
};

static struct nlmsghdr *begin(char *buf, const struct route *route, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	unsigned char to[sizeof(struct in6_addr)];

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	rtm->rtm_family = route->family;
	rtm->rtm_dst_len = route->bits;
	rtm->rtm_table = RT_TABLE_LOCAL;
	rtm->rtm_protocol = RTPROT_KERNEL;
	rtm->rtm_scope = route->family == AF_INET ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
	rtm->rtm_type = RTN_LOCAL;
	inet_pton(route->family, route->to, to);
	mnl_attr_put(nlh, RTA_DST, route->family == AF_INET ? 4 : 16, to);
	mnl_attr_put_u32(nlh, RTA_OIF, if_nametoindex("lo"));
	return nlh;
}

static void put_metric(struct nlmsghdr *nlh)
{
	struct nlattr *metrics = mnl_attr_nest_start(nlh, RTA_METRICS);

	mnl_attr_put_u32(nlh, RTAX_QUICKACK, 1);
	mnl_attr_nest_end(nlh, metrics);
}

/* Takes the answer, and leaves its errno, 0 for none, in @arg. */
static int hear(void *arg, const void *bytes, size_t len, struct tl_err *err)
{
	struct tl_netlink_bytes rest = { bytes, len };
	const struct nlmsghdr *nlh;
	int rc = tl_netlink_next(&rest, &nlh, err);

	if (rc < 0)
		return rc;
	if (!rc || nlh->nlmsg_type != NLMSG_ERROR ||
	    nlh->nlmsg_len < NLMSG_LENGTH(sizeof(struct nlmsgerr)))
		return tl_err_set(err, EPROTO, "rtnetlink does not answer");
	*(int *)arg = -((const struct nlmsgerr *)NLMSG_DATA(nlh))->error;
	return 0;
}

static int ask(struct mnl_socket *nl, char *buf, size_t size, int *refused, struct tl_err *err)
{
	const struct tl_netlink_ask ask = {
		.whom = "rtnetlink",
		.request = buf,
		.len = ((struct nlmsghdr *)buf)->nlmsg_len,
		.buf = buf,
		.size = size,
		.hear = hear,
		.arg = refused,
	};

	return tl_netlink_ask(nl, &ask, err);
}

/*
 * IPv4 replaces a route that has the same priority. IPv6 has the kernel's own at a priority that
 * nobody else can give, so it is taken away first; where there is none the host has no IPv6.
 */
static int set(struct mnl_socket *nl, const struct route *route, struct tl_err *err)
{
	_Alignas(struct nlmsghdr) char buf[4096];
	int refused = 0, ret = 0;
	struct nlmsghdr *nlh;

	if (route->family == AF_INET6) {
		begin(buf, route, RTM_DELROUTE, 0);
		ret = ask(nl, buf, sizeof(buf), &refused, err);
		if (ret || refused)
			return ret;
	}
	nlh = begin(buf, route, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
	if (route->family == AF_INET)
		mnl_attr_put_u32(nlh, RTA_PREFSRC, htonl(INADDR_LOOPBACK));
	else
		mnl_attr_put_u32(nlh, RTA_PRIORITY, 1);
	put_metric(nlh);
	ret = ask(nl, buf, sizeof(buf), &refused, err);
	return ret || !refused ? ret :
				 tl_err_set(err, refused, "the route to %s with quickack: %s",
					    route->to, strerror(refused));
}

int tl_sandbox_quickack(struct tl_err *err)
{
	struct mnl_socket *nl;
	int ret = tl_netlink_open(NETLINK_ROUTE, 0, &nl);

	if (ret)
		return tl_err_set(err, -ret, "a socket to rtnetlink: %s", strerror(-ret));
	for (size_t i = 0; !ret && i < sizeof(routes) / sizeof(routes[0]); i++)
		ret = set(nl, &routes[i], err);
	mnl_socket_close(nl);
	return ret;
}
