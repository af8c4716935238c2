/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Each packet that the rule stops is announced in a datagram on our netlink socket, which
 * uv_poll watches; it waits in the kernel until a verdict names its id. A verdict takes
 * effect while it is being sent: a segment let go has most often been received, and the
 * answer to it stopped, when tl_wire_release() returns.
 *
 * What can get lost, and how it is noticed:
 *
 * - The queue could be full; the kernel would drop the packet and give it no id. So the
 *   queue is given no limit. It needs none: on OUTPUT a packet counts as its sender's
 *   memory until it is received, and that is limited for every socket.
 * - The socket's receive buffer can be full. The packet is dropped, its id is missing from
 *   the row of ids, and the socket counts a drop (SO_MEMINFO). The gap shows with the next
 *   packet, the counter also when none comes. Whichever of the two is further on is true.
 *   NETLINK_NO_ENOBUFS: without it the kernel, after one drop, drops all that comes until
 *   the buffer has been read empty.
 * - A packet that has been stopped can be dropped by the kernel itself, when its interface
 *   goes down. The verdict is then refused with ENOENT, in a datagram among the others.
 *
 * Not noticed is only what the kernel has no memory to announce. All of these are drops on
 * the way out: TCP takes them as any loss, and sends again.
 */
#include "tcplab/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/sock_diag.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <libnetfilter_queue/libnetfilter_queue_tcp.h>

#include "nfq.h"
#include "tcplab/shelf.h"
#include "tcplab/module.h"

/* The sandbox's network namespace is ours alone, so any number will do. */
enum { QUEUE = 0 };

/* Datagrams read before the loop gets its turn again. */
enum { AT_ONCE = 64 };

/* And before tl_wire_read() returns, for those who send without end. */
enum { READ_MOST = 4096 };

/* Some 16 000 packets not yet read; an announcement takes about 1 KiB. */
enum { RECEIVE_BUFFER = 16 << 20 };

struct tl_wire {
	uv_poll_t poll;
	struct tl_wire_options options;
	struct mnl_socket *nl;
	enum tl_wire_rule rule;
	struct tl_shelf held;   /* stopped and not yet decided on, by their ids */
	struct tl_nfq_losses losses;
	bool closing;
	void (*closed)(void *arg);
	void *closed_arg;
	_Alignas(struct nlmsghdr) char buf[TL_NFQ_DATAGRAM];
};

const char *tl_wire_rule_name(enum tl_wire_rule rule)
{
	static const char *const names[] = {
#define X(id, name) name,
		TL_WIRE_RULES(X)
#undef X
	};

	return names[rule];
}

enum tl_wire_rule tl_wire_rule(const struct tl_wire *wire)
{
	return wire->rule;
}

/* What is held. */

static int hold(struct tl_wire *w, uint32_t id, struct tl_err *err)
{
	if (!tl_shelf_add(&w->held, sizeof(struct tl_shelf_head), id))
		return tl_err_set(err, ENOMEM, "no memory to hold %zu segments", w->held.live + 1);
	return 0;
}

static bool unhold(struct tl_wire *w, uint32_t id)
{
	struct tl_shelf_head *one = tl_shelf_find(&w->held, id);

	if (one)
		tl_shelf_take(&w->held, one);
	return one;
}

/* Verdicts. */

static int decide(struct tl_wire *w, uint32_t id, int verdict, struct tl_err *err)
{
	_Alignas(struct nlmsghdr) char buf[256];
	struct nlmsghdr *nlh = nfq_nlmsg_put(buf, NFQNL_MSG_VERDICT, QUEUE);

	/* A refusal is told apart by this number: no two packets have the same. */
	nlh->nlmsg_seq = id;
	nfq_nlmsg_verdict_put(nlh, id, verdict);
	if (mnl_socket_sendto(w->nl, nlh, nlh->nlmsg_len) < 0)
		return tl_err_set(err, errno, "cannot send a verdict on segment %u: %s", id,
				  strerror(errno));
	return 0;
}

static int decide_held(struct tl_wire *w, uint32_t id, int verdict, struct tl_err *err)
{
	if (!unhold(w, id))
		return tl_err_set(err, ENOENT, "no segment %u is being held", id);
	return decide(w, id, verdict, err);
}

int tl_wire_release(struct tl_wire *wire, uint32_t id, struct tl_err *err)
{
	return decide_held(wire, id, NF_ACCEPT, err);
}

int tl_wire_drop(struct tl_wire *wire, uint32_t id, struct tl_err *err)
{
	return decide_held(wire, id, NF_DROP, err);
}

/* Losses. */

static void tell_losses(struct tl_wire *w)
{
	uint64_t n = tl_nfq_untold(&w->losses);

	if (n)
		w->options.lossy(w->options.arg, n);
}

/* An older kernel does not say; there a loss shows with the packet after it. */
static void count_drops(struct tl_wire *w)
{
	uint32_t counters[SK_MEMINFO_VARS];
	socklen_t len = sizeof(counters);

	if (!getsockopt(mnl_socket_get_fd(w->nl), SOL_SOCKET, SO_MEMINFO, counters, &len) &&
	    len > SK_MEMINFO_DROPS * sizeof(*counters))
		w->losses.drops = counters[SK_MEMINFO_DROPS];
	tell_losses(w);
}

/* Reading. */

/* A packet that stays on this host goes without; who reads a capture expects to see it. */
static void sum(const struct tl_packet *packet)
{
	struct ip6_hdr *ip6 = (struct ip6_hdr *)packet->bytes;
	struct iphdr *ip = (struct iphdr *)packet->bytes;

	if (ip->version == 4)
		nfq_tcp_compute_checksum_ipv4((struct tcphdr *)(packet->bytes + 4 * ip->ihl),
					      ip);
	else if (ip6->ip6_nxt == IPPROTO_TCP)
		nfq_tcp_compute_checksum_ipv6((struct tcphdr *)(ip6 + 1), ip6);
}

static int packet(struct tl_wire *w, const struct tl_nfq_message *m, struct tl_err *err)
{
	const struct tl_packet *p = &m->packet;
	struct tl_segment segment;
	int rc;

	tl_nfq_came(&w->losses, m->id);
	if (tl_segment_parse(p->bytes, p->have, p->total, &segment)) {
		w->losses.astray++;
		rc = decide(w, m->id, NF_ACCEPT, err);
		tell_losses(w);
		return rc;
	}
	rc = hold(w, m->id, err);
	tell_losses(w);
	if (rc || w->closing)
		return rc;
	if (m->unsummed && p->have == p->total)
		sum(p);
	w->options.stopped(w->options.arg, m->id, &segment, p);
	return rc;
}

/* The only answers here are refusals of verdicts. */
static int refusal(struct tl_wire *w, const struct tl_nfq_message *m, struct tl_err *err)
{
	if (m->refused && m->refused != ENOENT)
		return tl_err_set(err, m->refused, "the kernel refuses the verdict on "
						   "segment %u: %s", m->id, strerror(m->refused));
	w->losses.astray += m->refused == ENOENT;
	tell_losses(w);
	return 0;
}

static int datagram(struct tl_wire *w, size_t len, struct tl_err *err)
{
	struct tl_netlink_bytes rest = { w->buf, len };
	struct tl_nfq_message message;
	int rc = 0;

	while (!w->closing && (rc = tl_nfq_next(&rest, &message, err)) > 0) {
		switch (message.kind) {
		case TL_NFQ_PACKET:
			rc = packet(w, &message, err);
			break;
		case TL_NFQ_ANSWER:
			rc = refusal(w, &message, err);
			break;
		case TL_NFQ_OTHER:
			rc = 0;
			break;
		}
		if (rc)
			break;
	}
	return rc;
}

/* At most @most datagrams. *@n_read: how many there were before there was no more. */
static int read_queue(struct tl_wire *w, int most, int *n_read, struct tl_err *err)
{
	ssize_t n;
	int rc = 0;

	for (*n_read = 0; *n_read < most && !rc && !w->closing;) {
		n = mnl_socket_recvfrom(w->nl, w->buf, sizeof(w->buf));
		if (n >= 0) {
			++*n_read;
			rc = datagram(w, n, err);
		} else if (errno == EAGAIN) {
			count_drops(w);
			break;
		} else if (errno != EINTR && errno != ENOBUFS) {
			rc = tl_err_set(err, errno, "cannot read the queue of segments: %s",
					strerror(errno));
		}
	}
	return rc;
}

static void on_readable(uv_poll_t *poll, int status, int events);

static int watch(struct tl_wire *w, struct tl_err *err)
{
	int rc = uv_poll_start(&w->poll, UV_READABLE, on_readable);

	return rc ? tl_err_set(err, -rc, "cannot watch the queue of segments: %s",
			       uv_strerror(rc)) : 0;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct tl_wire *w = poll->data;
	struct tl_err err;
	int unused, rc = read_queue(w, AT_ONCE, &unused, &err);

	(void)events;
	if (!w->closing && w->options.read_out)
		w->options.read_out(w->options.arg);
	if (w->closing)
		return;
	/* Where epoll says that there was an error libuv has stopped watching. */
	if (!rc && status < 0)
		rc = watch(w, &err);
	if (!rc)
		return;
	uv_poll_stop(poll);
	w->options.broken(w->options.arg, &err);
}

int tl_wire_read(struct tl_wire *wire, struct tl_err *err)
{
	int n, rc = read_queue(wire, READ_MOST, &n, err);

	return rc ? rc : n;
}

/* Opening and closing. */

static void set_receive_buffer(struct mnl_socket *nl)
{
	int fd = mnl_socket_get_fd(nl), size = RECEIVE_BUFFER, on = 1;

	/* Beyond net.core.rmem_max for root; as far as that goes for others. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	mnl_socket_setsockopt(nl, NETLINK_NO_ENOBUFS, &on, sizeof(on));
}

static int bind_queue(struct mnl_socket *nl, uint16_t queue, struct tl_err *err)
{
	_Alignas(struct nlmsghdr) char buf[256];
	struct nlmsghdr *nlh = nfq_nlmsg_put(buf, NFQNL_MSG_CONFIG, queue);
	int refused, rc;

	nlh->nlmsg_flags |= NLM_F_ACK;
	nfq_nlmsg_cfg_put_cmd(nlh, AF_UNSPEC, NFQNL_CFG_CMD_BIND);
	nfq_nlmsg_cfg_put_params(nlh, NFQNL_COPY_PACKET, TL_PACKET_SNAP);
	nfq_nlmsg_cfg_put_qmaxlen(nlh, UINT32_MAX);
	mnl_attr_put_u32(nlh, NFQA_CFG_FLAGS, htonl(NFQA_CFG_F_GSO));
	mnl_attr_put_u32(nlh, NFQA_CFG_MASK, htonl(NFQA_CFG_F_GSO));
	rc = tl_nl_ask(nl, nlh, nlh->nlmsg_len, &refused, err);
	if (rc || !refused)
		return rc;
	if (refused == EINVAL)
		return tl_module_missing(err, "nfnetlink_queue", "this kernel has no NFQUEUE");
	if (refused == EPERM)
		return tl_err_set(err, EPERM, "not allowed to stop segments in this network "
				  "namespace: another program does so already, or "
				  "CAP_NET_ADMIN is missing");
	return tl_err_set(err, refused, "cannot use queue %u of this network namespace: %s",
			  queue, strerror(refused));
}

/* From here on the rule lets pass; the kernel drops what is held when it gets to it. */
static void unbind_queue(struct mnl_socket *nl, uint16_t queue)
{
	_Alignas(struct nlmsghdr) char buf[256];
	struct nlmsghdr *nlh = nfq_nlmsg_put(buf, NFQNL_MSG_CONFIG, queue);

	nfq_nlmsg_cfg_put_cmd(nlh, AF_UNSPEC, NFQNL_CFG_CMD_UNBIND);
	mnl_socket_sendto(nl, nlh, nlh->nlmsg_len); /* closing the socket does it as well */
}

static int install(struct tl_wire *w, struct tl_err *err)
{
	const struct tl_wire_options *o = &w->options;
	/*
	 * A kernel with the one mostly has the other too. A transaction refused costs the
	 * time the kernel takes to forget it, ten milliseconds, so first comes the one that
	 * the kernels with but one of them have.
	 */
	static const enum tl_wire_rule rules[] = { TL_WIRE_RULE_TARGET, TL_WIRE_RULE_QUEUE };
	int rc = -ENOENT;

	for (size_t i = 0; rc == -ENOENT && i < sizeof(rules) / sizeof(*rules); i++) {
		w->rule = rules[i];
		rc = tl_rule_install(w->rule, QUEUE, o->ports, o->n_ports, err);
	}
	if (rc == -ENOENT)
		rc = tl_module_missing(err, "nft_queue",
				       "this kernel cannot stop TCP segments: it has neither "
				       "nftables' \"queue\" nor xtables' NFQUEUE");
	return rc;
}

static void release(struct tl_wire *w)
{
	if (w->nl)
		mnl_socket_close(w->nl);
	tl_shelf_release(&w->held);
	free(w);
}

static void on_closed(uv_handle_t *handle)
{
	struct tl_wire *w = handle->data;
	void (*closed)(void *arg) = w->closed;
	void *arg = w->closed_arg;

	release(w);
	if (closed)
		closed(arg);
}

static void shut(struct tl_wire *w, void (*closed)(void *arg), void *arg)
{
	w->closing = true;
	w->closed = closed;
	w->closed_arg = arg;
	uv_close((uv_handle_t *)&w->poll, on_closed);
}

/* The queue first: without one the rule lets pass. */
static int set_up(struct tl_wire *w, struct tl_err *err)
{
	int rc = tl_nl_open(&w->nl, err);

	if (rc)
		return rc;
	set_receive_buffer(w->nl);
	rc = bind_queue(w->nl, QUEUE, err);
	if (!rc)
		rc = install(w, err);
	return rc;
}

int tl_wire_open(struct tl_wire **wire, const struct tl_wire_options *options,
		 struct tl_err *err)
{
	struct tl_wire *w = calloc(1, sizeof(*w));
	bool handle = false;
	int rc;

	if (!w)
		return tl_err_set(err, ENOMEM, "no memory for a wire");
	w->options = *options;
	w->losses.next_id = 1;
	w->poll.data = w;
	rc = set_up(w, err);
	if (rc)
		goto out;
	rc = uv_poll_init(options->loop, &w->poll, mnl_socket_get_fd(w->nl));
	handle = !rc;
	if (rc)
		tl_err_set(err, -rc, "cannot watch the queue of segments: %s", uv_strerror(rc));
	else
		rc = watch(w, err);
out:
	if (!rc)
		*wire = w;
	else if (handle)
		shut(w, NULL, NULL);
	else
		release(w);
	return rc;
}

void tl_wire_close(struct tl_wire *wire, void (*closed)(void *arg), void *arg)
{
	count_drops(wire);
	tl_shelf_release(&wire->held);
	unbind_queue(wire->nl, QUEUE);
	shut(wire, closed, arg);
}

int tl_wire_probe(enum tl_wire_rule rule, struct tl_err *err)
{
	return tl_rule_try(rule, err);
}
