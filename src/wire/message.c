/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What netfilter says, taken apart without I/O. */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>

#include "nfq.h"

enum { PACKET = NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET };

/* The attributes of a packet that we read; the kernel sends others with them. */
struct attributes {
	const struct nlattr *head, *payload, *whole, *skb;
};

/* NLMSG_ERROR begins with an int, 0 or -errno, and the head of the request it answers. */
static int read_answer(const struct nlmsghdr *nlh, struct tl_nfq_message *out,
		       struct tl_err *err)
{
	const struct nlmsgerr *answer = mnl_nlmsg_get_payload(nlh);

	if (nlh->nlmsg_len < mnl_nlmsg_size(sizeof(*answer)))
		return tl_err_set(err, EPROTO, "netfilter answers with %u bytes",
				  nlh->nlmsg_len);
	if (answer->error > 0 || answer->error == INT_MIN)
		return tl_err_set(err, EPROTO, "netfilter answers with error %d",
				  answer->error);
	*out = (struct tl_nfq_message){ .kind = TL_NFQ_ANSWER,
					.id = answer->msg.nlmsg_seq,
					.refused = -answer->error };
	return 0;
}

/*
 * Why not nfq_nlmsg_parse(): it fills as many slots as the library knew attributes when it
 * was built, which need not be as many as we knew when we were.
 */
static int pick(const struct nlattr *attr, void *arg)
{
	struct attributes *a = arg;
	uint16_t len = mnl_attr_get_payload_len(attr);

	switch (mnl_attr_get_type(attr)) {
	case NFQA_PACKET_HDR:
		if (len >= sizeof(struct nfqnl_msg_packet_hdr))
			a->head = attr;
		break;
	case NFQA_PAYLOAD:
		a->payload = attr;
		break;
	case NFQA_CAP_LEN:
		if (len >= sizeof(uint32_t))
			a->whole = attr;
		break;
	case NFQA_SKB_INFO:
		if (len >= sizeof(uint32_t))
			a->skb = attr;
		break;
	}
	return MNL_CB_OK;
}

static int read_packet(const struct nlmsghdr *nlh, struct tl_nfq_message *out,
		       struct tl_err *err)
{
	const size_t before = mnl_nlmsg_size(sizeof(struct nfgenmsg));
	struct attributes a = { 0 };
	struct nfqnl_msg_packet_hdr head;

	if (nlh->nlmsg_len < before)
		return tl_err_set(err, EPROTO, "a stopped packet comes in %u bytes",
				  nlh->nlmsg_len);
	/* Not mnl_attr_parse(), for which the message ends with its padding. */
	mnl_attr_parse_payload((const char *)nlh + before, nlh->nlmsg_len - before, pick, &a);
	if (!a.head)
		return tl_err_set(err, EPROTO, "a stopped packet comes without its number");
	memcpy(&head, mnl_attr_get_payload(a.head), sizeof(head));
	*out = (struct tl_nfq_message){ .kind = TL_NFQ_PACKET, .id = ntohl(head.packet_id) };
	if (a.payload) {
		out->packet.bytes = mnl_attr_get_payload(a.payload);
		out->packet.have = mnl_attr_get_payload_len(a.payload);
	}
	/* Its length is said only of a packet that was not copied whole. */
	out->packet.total = a.whole ? ntohl(mnl_attr_get_u32(a.whole)) : out->packet.have;
	out->unsummed = a.skb && ntohl(mnl_attr_get_u32(a.skb)) & NFQA_SKB_CSUMNOTREADY;
	if (out->packet.total < out->packet.have || out->packet.have > TL_PACKET_SNAP)
		return tl_err_set(err, EPROTO, "a stopped packet of %u bytes comes with %u",
				  out->packet.total, out->packet.have);
	return 0;
}

int tl_nfq_next(struct tl_netlink_bytes *bytes, struct tl_nfq_message *out, struct tl_err *err)
{
	const struct nlmsghdr *nlh;
	int rc = tl_netlink_next(bytes, &nlh, err);

	if (rc <= 0)
		return rc;
	if (nlh->nlmsg_type == NLMSG_ERROR)
		rc = read_answer(nlh, out, err);
	else if (nlh->nlmsg_type == PACKET)
		rc = read_packet(nlh, out, err);
	else
		*out = (struct tl_nfq_message){ .kind = TL_NFQ_OTHER };
	return rc < 0 ? rc : 1;
}

void tl_nfq_came(struct tl_nfq_losses *losses, uint32_t id)
{
	losses->gaps += (uint32_t)(id - losses->next_id);
	losses->next_id = id + 1;
}

uint64_t tl_nfq_untold(struct tl_nfq_losses *losses)
{
	uint64_t lost = losses->gaps > losses->drops ? losses->gaps : losses->drops;
	uint64_t n = lost + losses->astray - losses->told;

	losses->told += n;
	return n;
}
