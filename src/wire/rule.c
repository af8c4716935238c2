/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * The rule is a table of nftables for IPv4 and one for IPv6, each with one chain on the
 * OUTPUT hook and in it, for each port, a rule that matches it as source and one that
 * matches it as destination:
 *
 *	meta l4proto tcp  tcp sport 6379  queue num 0 bypass
 *	meta l4proto tcp  tcp dport 6379  queue num 0 bypass
 *
 * A family "inet" would do with one table, but nftables' compat expression, which leads to
 * the targets of xtables, is not to be had there.
 *
 * Nftables takes changes as a transaction: messages between a begin and an end, of which
 * all take effect or none. Without the end the kernel looks at everything and then takes
 * it back, which is how to ask whether it would. The last message asks for an answer; an
 * error is answered unasked.
 *
 * The rule is never taken away. To forget one takes the kernel some ten milliseconds, which
 * whoever closes the next socket to netfilter waits for; but it goes with its network
 * namespace, and until then, with nobody at the queue, "bypass" lets every segment pass.
 * A rule that an earlier wire has left is replaced.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_NFQUEUE.h>

#include "nfq.h"
#include "tcplab/module.h"

static const char TABLE[] = "tcplab";
static const char TRIAL[] = "tcplab-trial"; /* may be tried while the other is in place */
static const char CHAIN[] = "output";

/* More ports take several transactions: one has to fit a socket's send buffer. */
enum { PORTS_AT_ONCE = 64 };

/* A message is a name or two and five short expressions. */
enum { MESSAGE_MAX = 512, MESSAGES_MAX = 2 * (3 + 2 * PORTS_AT_ONCE) + 2 };

/* Where in the TCP header the ports are, RFC 9293 3.1. */
enum { SOURCE = 0, DESTINATION = 2 };

struct batch {
	const char *table;
	enum tl_wire_rule rule;
	uint16_t queue;
	char *at;              /* of the next message */
	struct nlmsghdr *last; /* of those in between begin and end */
	uint32_t seq;
	bool failed;           /* no memory */
	_Alignas(struct nlmsghdr) char bytes[MESSAGE_MAX * MESSAGES_MAX];
};

static struct batch *begin(const char *table, enum tl_wire_rule rule, uint16_t queue,
			   struct tl_err *err)
{
	struct batch *b = calloc(1, sizeof(*b));

	if (!b) {
		tl_err_set(err, ENOMEM, "no memory for a rule");
		return NULL;
	}
	b->table = table;
	b->rule = rule;
	b->queue = queue;
	b->at = b->bytes;
	b->at += nftnl_batch_begin(b->at, b->seq++)->nlmsg_len;
	return b;
}

static struct nlmsghdr *message(struct batch *b, uint16_t type, uint16_t family)
{
	uint16_t flags = type == NFT_MSG_DELRULE ? 0 : NLM_F_CREATE | NLM_F_APPEND;

	b->last = nftnl_nlmsg_build_hdr(b->at, type, family, flags, b->seq++);
	return b->last;
}

static void next(struct batch *b)
{
	b->at += MNL_ALIGN(b->last->nlmsg_len);
}

static void put_table(struct batch *b, uint16_t family)
{
	struct nftnl_table *t = nftnl_table_alloc();

	if (!t || nftnl_table_set_str(t, NFTNL_TABLE_NAME, b->table)) {
		b->failed = true;
	} else {
		nftnl_table_nlmsg_build_payload(message(b, NFT_MSG_NEWTABLE, family), t);
		next(b);
	}
	if (t)
		nftnl_table_free(t);
}

static void put_chain(struct batch *b, uint16_t family)
{
	struct nftnl_chain *c = nftnl_chain_alloc();

	if (!c || nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, b->table) ||
	    nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, CHAIN) ||
	    nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, "filter")) {
		b->failed = true;
	} else {
		nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, NF_INET_LOCAL_OUT);
		nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, 0);
		nftnl_chain_nlmsg_build_payload(message(b, NFT_MSG_NEWCHAIN, family), c);
		next(b);
	}
	if (c)
		nftnl_chain_free(c);
}

/* Append an expression to the rule, which owns it from then on. */
static struct nftnl_expr *expression(struct nftnl_rule *rule, const char *name)
{
	struct nftnl_expr *e = nftnl_expr_alloc(name);

	if (e)
		nftnl_rule_add_expr(rule, e);
	return e;
}

static bool match(struct nftnl_rule *rule, const void *value, uint32_t len)
{
	struct nftnl_expr *e = expression(rule, "cmp");

	if (!e)
		return false;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, NFT_CMP_EQ);
	return !nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, value, len);
}

static bool match_tcp(struct nftnl_rule *rule)
{
	struct nftnl_expr *e = expression(rule, "meta");
	uint8_t tcp = IPPROTO_TCP;

	if (!e)
		return false;
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, NFT_META_L4PROTO);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, NFT_REG_1);
	return match(rule, &tcp, sizeof(tcp));
}

static bool match_port(struct nftnl_rule *rule, uint32_t offset, uint16_t port)
{
	struct nftnl_expr *e = expression(rule, "payload");
	uint16_t wire = htons(port);

	if (!e)
		return false;
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_TRANSPORT_HEADER);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, sizeof(wire));
	return match(rule, &wire, sizeof(wire));
}

static bool to_queue(struct nftnl_rule *rule, uint16_t queue)
{
	struct nftnl_expr *e = expression(rule, "queue");

	if (!e)
		return false;
	nftnl_expr_set_u16(e, NFTNL_EXPR_QUEUE_NUM, queue);
	nftnl_expr_set_u16(e, NFTNL_EXPR_QUEUE_TOTAL, 1);
	nftnl_expr_set_u16(e, NFTNL_EXPR_QUEUE_FLAGS, NFT_QUEUE_FLAG_BYPASS);
	return true;
}

/* Xtables wants what a target is told padded as a struct with a 64 bit number in it is. */
union nfqueue_info {
	struct xt_NFQ_info_v3 v3;
	uint64_t padding;
};

static bool to_target(struct nftnl_rule *rule, uint16_t queue)
{
	struct nftnl_expr *e = expression(rule, "target");
	union nfqueue_info *info;

	if (!e || nftnl_expr_set_str(e, NFTNL_EXPR_TG_NAME, "NFQUEUE"))
		return false;
	info = calloc(1, sizeof(*info));
	if (!info)
		return false;
	info->v3 = (struct xt_NFQ_info_v3){ .queuenum = queue, .queues_total = 1,
					    .flags = NFQ_FLAG_BYPASS };
	nftnl_expr_set_u32(e, NFTNL_EXPR_TG_REV, 3);
	/* The expression takes this one thing without a copy, and frees it. */
	nftnl_expr_set(e, NFTNL_EXPR_TG_INFO, info, sizeof(*info));
	return true; /* NOLINT(clang-analyzer-unix.Malloc) */
}

static bool act(struct nftnl_rule *rule, enum tl_wire_rule how, uint16_t queue)
{
	switch (how) {
	case TL_WIRE_RULE_QUEUE:
		return to_queue(rule, queue);
	case TL_WIRE_RULE_TARGET:
		return to_target(rule, queue);
	}
	return false;
}

static struct nftnl_rule *new_rule(const struct batch *b)
{
	struct nftnl_rule *r = nftnl_rule_alloc();

	if (!r || (!nftnl_rule_set_str(r, NFTNL_RULE_TABLE, b->table) &&
		   !nftnl_rule_set_str(r, NFTNL_RULE_CHAIN, CHAIN)))
		return r;
	nftnl_rule_free(r);
	return NULL;
}

/* A rule without a number stands for all that the chain has. */
static void put_no_rules(struct batch *b, uint16_t family)
{
	struct nftnl_rule *r = new_rule(b);

	if (!r) {
		b->failed = true;
		return;
	}
	nftnl_rule_nlmsg_build_payload(message(b, NFT_MSG_DELRULE, family), r);
	next(b);
	nftnl_rule_free(r);
}

/* @port: NULL for every one */
static void put_rule(struct batch *b, uint16_t family, uint32_t offset, const uint16_t *port)
{
	struct nftnl_rule *r = new_rule(b);

	if (!r || !match_tcp(r) || (port && !match_port(r, offset, *port)) ||
	    !act(r, b->rule, b->queue)) {
		b->failed = true;
	} else {
		nftnl_rule_nlmsg_build_payload(message(b, NFT_MSG_NEWRULE, family), r);
		next(b);
	}
	if (r)
		nftnl_rule_free(r);
}

static void put_rules(struct batch *b, uint16_t family, const uint16_t *ports, size_t n)
{
	if (!n)
		put_rule(b, family, 0, NULL);
	for (size_t i = 0; i < n; i++) {
		put_rule(b, family, SOURCE, &ports[i]);
		put_rule(b, family, DESTINATION, &ports[i]);
	}
}

/* Ask for what is in the batch, and free it. */
static int commit(struct batch *b, bool trial, int *refused, struct tl_err *err)
{
	struct mnl_socket *nl = NULL;
	int rc;

	if (b->failed) {
		rc = tl_err_set(err, ENOMEM, "no memory for a rule");
		goto out;
	}
	b->last->nlmsg_flags |= NLM_F_ACK;
	if (!trial)
		b->at += nftnl_batch_end(b->at, b->seq++)->nlmsg_len;
	rc = tl_nl_open(&nl, err);
	if (!rc)
		rc = tl_nl_ask(nl, b->bytes, b->at - b->bytes, refused, err);
out:
	if (nl)
		mnl_socket_close(nl);
	free(b);
	return rc;
}

static const uint16_t families[] = { NFPROTO_IPV4, NFPROTO_IPV6 };

/* IPv4 is always there; a kernel can do without IPv6. */
static size_t n_families(void)
{
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return 1;
	close(fd);
	return 2;
}

static int explain(enum tl_wire_rule rule, int refused, struct tl_err *err)
{
	switch (refused) {
	case 0:
		return 0;
	case EPERM:
		return tl_err_set(err, EPERM, "not allowed to stop segments in this network "
				  "namespace: that takes CAP_NET_ADMIN");
	case EOPNOTSUPP:
		return tl_module_missing(err, "nf_tables", "this kernel has no nftables");
	case ENOENT: /* no such expression or target */
		break;
	default:
		return tl_err_set(err, refused, "the kernel refuses a rule for TCP "
				  "segments: %s", strerror(refused));
	}
	switch (rule) {
	case TL_WIRE_RULE_QUEUE:
		tl_module_missing(err, "nft_queue",
				  "this kernel has no nftables expression \"queue\"");
		break;
	case TL_WIRE_RULE_TARGET:
		tl_module_missing(err, "-a xt_NFQUEUE nft_compat",
				  "this kernel has no xtables target NFQUEUE for nftables");
		break;
	}
	return -ENOENT;
}

static int transact(const char *table, enum tl_wire_rule rule, uint16_t queue, bool first,
		    const uint16_t *ports, size_t n, struct tl_err *err)
{
	bool trial = table == TRIAL;
	struct batch *b = begin(table, rule, queue, err);
	int refused = 0, rc;

	if (!b)
		return -ENOMEM;
	for (size_t i = 0; i < n_families(); i++) {
		if (first) {
			put_table(b, families[i]);
			put_chain(b, families[i]);
			put_no_rules(b, families[i]);
		}
		put_rules(b, families[i], ports, n);
	}
	rc = commit(b, trial, &refused, err);
	return rc ? rc : explain(rule, refused, err);
}

int tl_rule_install(enum tl_wire_rule rule, uint16_t queue, const uint16_t *ports,
		    size_t n_ports, struct tl_err *err)
{
	size_t done = 0, n;
	int rc;

	do {
		n = n_ports - done < PORTS_AT_ONCE ? n_ports - done : PORTS_AT_ONCE;
		rc = transact(TABLE, rule, queue, !done, ports + done, n, err);
		done += n;
	} while (!rc && done < n_ports);
	return rc;
}

int tl_rule_try(enum tl_wire_rule rule, struct tl_err *err)
{
	return transact(TRIAL, rule, 0, true, NULL, 0, err);
}
