/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <libmnl/libmnl.h>

#include "diag.h"

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

/* Not mnl_nlmsg_ok(), which takes a length above INT_MAX for a negative one (1.0.4). */
static bool whole(const struct nlmsghdr *nlh, size_t rest)
{
	return rest >= sizeof(*nlh) && nlh->nlmsg_len >= sizeof(*nlh) && nlh->nlmsg_len <= rest;
}

void tl_reply_feed(struct tl_reply *reply, const void *bytes, size_t len, struct tl_err *err)
{
	const struct nlmsghdr *nlh = bytes;

	while (!reply->complete && whole(nlh, len)) {
		size_t step = MNL_ALIGN((size_t)nlh->nlmsg_len);

		message(reply, nlh, err);
		if (step >= len)
			return;
		len -= step;
		nlh = (const void *)((const char *)nlh + step);
	}
	if (reply->complete)
		return;
	reply->complete = true;
	if (!reply->rc)
		reply->rc = tl_err_set(err, EPROTO, "a netlink message is cut short");
}
