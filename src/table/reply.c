/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer to a request, message by message. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <libmnl/libmnl.h>

#include "diag.h"
#include "tcplab/netlink.h"

/*
 * Why not mnl_cb_run(): it drops the error a dump ends with (it is in NLMSG_DONE's
 * payload), and it leaves at the first NLM_F_DUMP_INTR, with the rest of the dump still
 * to come.
 */

/* NLMSG_DONE and NLMSG_ERROR both begin with an int: 0, or -errno. */
static void end(struct tl_reply *reply, const struct nlmsghdr *nlh)
{
	int code = 0;

	reply->complete = true;
	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(code))
		memcpy(&code, mnl_nlmsg_get_payload(nlh), sizeof(code));
	else if (nlh->nlmsg_type == NLMSG_ERROR)
		code = -EPROTO;
	if (code)
		reply->refused = code < 0 && code != INT_MIN ? -code : EPROTO;
}

static void row(struct tl_reply *reply, const struct nlmsghdr *nlh, struct tl_err *err)
{
	struct tl_sock sock;

	if (!(nlh->nlmsg_flags & NLM_F_MULTI))
		reply->complete = true;
	if (!reply->rc)
		reply->rc = tl_diag_decode(nlh, nlh->nlmsg_len, &sock, err);
	if (!reply->rc)
		reply->rc = tl_socks_add(reply->socks, &sock, err);
}

static void message(struct tl_reply *reply, const struct nlmsghdr *nlh, struct tl_err *err)
{
	if (nlh->nlmsg_seq != reply->seq || nlh->nlmsg_pid != reply->portid)
		return;
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		reply->torn = true;
	if (nlh->nlmsg_type == NLMSG_DONE || nlh->nlmsg_type == NLMSG_ERROR)
		end(reply, nlh);
	else if (nlh->nlmsg_type >= NLMSG_MIN_TYPE)
		row(reply, nlh, err);
}

void tl_reply_feed(struct tl_reply *reply, const void *bytes, size_t len, struct tl_err *err)
{
	struct tl_netlink_bytes rest = { bytes, len };
	const struct nlmsghdr *nlh;
	struct tl_err cut;
	int rc = 1;

	if (!len)
		rc = tl_err_set(&cut, EPROTO, "a netlink message is cut short");
	while (!reply->complete && rc > 0 && (rc = tl_netlink_next(&rest, &nlh, &cut)) > 0)
		message(reply, nlh, err);
	if (rc >= 0)
		return;
	reply->complete = true;
	if (!reply->rc) {
		reply->rc = rc;
		*err = cut;
	}
}
