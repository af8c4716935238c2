/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket table: dumps, lookups, forced ends. */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <libmnl/libmnl.h>
#include <linux/sock_diag.h>

#include "diag.h"
#include "tcplab/module.h"
#include "tcplab/netlink.h"

/*
 * Theory of operation
 *
 * A table is one netlink socket, used synchronously: a request, then its whole answer.
 * The kernel writes an answer while it is being received, into buffers as large as the
 * receiver's, up to 32 KiB; with a smaller one a dump takes more calls. Nothing waits:
 * an answer is there as soon as the request is sent.
 *
 * A dump is a walk through the kernel's hash tables with the locks dropped in between,
 * so under load it is not a picture of any one moment. tl_table_read() therefore dumps
 * until two dumps agree. Each request carries a number of its own, and an answer is
 * read to its end even when it is bad; so what is left of one never passes for another.
 */
enum { BUFFER = 32 * 1024 };

/* One bit for each state, 1 << number; ss -a and /proc/net/tcp show the same ones. */
enum { ALL_STATES = 0xfff };

/* How often a dump that the kernel calls inconsistent is taken anew. */
enum { TORN_TRIES = 8 };

struct tl_table {
	struct mnl_socket *nl;
	uint32_t seq;
	struct tl_socks before; /* the other one of two dumps, its memory kept */
	struct inet_diag_bc_op filter[TL_FILTER_OPS(TL_TABLE_PORTS_MAX)];
	size_t filter_bytes;    /* 0 for no filter */
	uint32_t loopback;      /* the index of its interface, 0 where there is none */
	_Alignas(struct nlmsghdr) char buf[BUFFER]; /* requests, then their answers */
};

_Static_assert(sizeof(((struct tl_table *)0)->filter) + 256 <= BUFFER,
	       "a request with the longest filter fits the buffer");

/* Begin a request in table->buf; *@req gets its body, zeroed. */
static struct nlmsghdr *request(struct tl_table *table, int family, uint16_t flags,
				struct inet_diag_req_v2 **req)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(table->buf);

	nlh->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++table->seq;
	*req = mnl_nlmsg_put_extra_header(nlh, sizeof(**req));
	(*req)->sdiag_family = family;
	(*req)->sdiag_protocol = IPPROTO_TCP;
	return nlh;
}

static int hear(void *arg, const void *bytes, size_t len, struct tl_err *err)
{
	struct tl_reply *reply = arg;

	if (!bytes)
		return tl_err_set(err, ENOBUFS, "the kernel had no room for its socket table");
	tl_reply_feed(reply, bytes, len, err);
	return reply->complete ? reply->rc : 1;
}

/* Send what is in table->buf and read the answer. What the kernel refuses is in *@reply. */
static int ask(struct tl_table *table, struct nlmsghdr *nlh, struct tl_reply *reply,
	       struct tl_err *err)
{
	const struct tl_netlink_ask ask = {
		.whom = "the kernel for its sockets",
		.request = nlh,
		.len = nlh->nlmsg_len,
		.buf = table->buf,
		.size = sizeof(table->buf),
		.hear = hear,
		.arg = reply,
	};

	reply->seq = nlh->nlmsg_seq;
	reply->portid = mnl_socket_get_portid(table->nl);
	return tl_netlink_ask(table->nl, &ask, err);
}

/* More than the request's own field has room for. A kernel without the attribute knows no 0. */
static void ask_for_mptcp(struct nlmsghdr *nlh, struct inet_diag_req_v2 *req)
{
	req->sdiag_protocol = 0;
	mnl_attr_put_u32(nlh, INET_DIAG_REQ_PROTOCOL, IPPROTO_MPTCP);
}

static int say_missing(bool mptcp, struct tl_err *err)
{
	if (mptcp)
		return tl_module_missing(err, "mptcp_diag",
					 "this kernel cannot show MPTCP sockets over sock_diag");
	return tl_module_missing(err, "tcp_diag",
				 "this kernel cannot show TCP sockets over sock_diag");
}

/* Append one family's rows to @out; *@torn is set where the kernel says they may be torn. */
static int dump_family(struct tl_table *table, bool mptcp, int family, uint32_t states,
		       struct tl_socks *out, bool *torn, struct tl_err *err)
{
	struct tl_reply reply = { .socks = out };
	struct inet_diag_req_v2 *req;
	struct nlmsghdr *nlh;
	int rc;

	nlh = request(table, family, NLM_F_DUMP, &req);
	req->idiag_states = states;
	if (mptcp)
		ask_for_mptcp(nlh, req);
	if (table->filter_bytes)
		mnl_attr_put(nlh, INET_DIAG_REQ_BYTECODE, table->filter_bytes, table->filter);
	rc = ask(table, nlh, &reply, err);
	if (rc)
		return rc;
	if (reply.refused == ENOENT)
		return say_missing(mptcp, err);
	if (reply.refused)
		return tl_err_set(err, reply.refused, "the kernel refuses its socket table: %s",
				  strerror(reply.refused));
	*torn |= reply.torn;
	return 0;
}

static int dump_families(struct tl_table *table, bool mptcp, struct tl_socks *out, bool *torn,
			 struct tl_err *err)
{
	int rc;

	out->n = 0;
	*torn = false;
	rc = dump_family(table, mptcp, AF_INET, ALL_STATES, out, torn, err);
	if (!rc)
		rc = dump_family(table, mptcp, AF_INET6, ALL_STATES, out, torn, err);
	return rc;
}

/* For tl_diag_read(). */
static int dump(void *arg, struct tl_socks *out, bool *torn, struct tl_err *err)
{
	return dump_families(arg, false, out, torn, err);
}

static int set_filter(struct tl_table *table, const uint16_t *ports, size_t n,
		      struct tl_err *err)
{
	if (n > TL_TABLE_PORTS_MAX)
		return tl_err_set(err, EINVAL, "cannot watch %zu ports, %d is the most", n,
				  TL_TABLE_PORTS_MAX);
	table->filter_bytes = n ? tl_filter_ports(ports, n, table->filter) : 0;
	return 0;
}

int tl_table_open(struct tl_table **table, struct tl_err *err)
{
	struct tl_socks none = { 0 };
	bool torn = false;
	int rc;
	struct tl_table *t = calloc(1, sizeof(*t));

	if (!t)
		return tl_err_set(err, ENOMEM, "no memory for a socket table");
	rc = tl_netlink_open(NETLINK_SOCK_DIAG, 0, &t->nl);
	if (rc == -EPROTONOSUPPORT)
		rc = tl_module_missing(err, "tcp_diag", "this kernel has no sock_diag");
	else if (rc)
		tl_err_set(err, -rc, "cannot open a sock_diag socket: %s", strerror(-rc));
	if (rc)
		goto out;
	t->loopback = if_nametoindex("lo");
	/* A dump of no states walks nothing, but fails where there is no TCP to ask for. */
	rc = dump_family(t, false, AF_INET, 0, &none, &torn, err);
out:
	tl_socks_release(&none);
	if (rc)
		tl_table_close(t);
	else
		*table = t;
	return rc;
}

void tl_table_close(struct tl_table *table)
{
	if (!table)
		return;
	if (table->nl)
		mnl_socket_close(table->nl);
	tl_socks_release(&table->before);
	free(table);
}

static int dump_whole(struct tl_table *table, bool mptcp, const uint16_t *ports, size_t n_ports,
		      struct tl_socks *out, struct tl_err *err)
{
	bool torn = true;
	int rc;

	rc = set_filter(table, ports, n_ports, err);
	for (int i = 0; !rc && torn && i < TORN_TRIES; i++)
		rc = dump_families(table, mptcp, out, &torn, err);
	if (!rc && torn)
		rc = tl_err_set(err, EAGAIN,
				"the kernel interrupted %d dumps of the socket table in a row",
				TORN_TRIES);
	return rc;
}

int tl_table_dump(struct tl_table *table, const uint16_t *ports, size_t n_ports,
		  struct tl_socks *out, struct tl_err *err)
{
	return dump_whole(table, false, ports, n_ports, out, err);
}

int tl_table_dump_mptcp(struct tl_table *table, const uint16_t *ports, size_t n_ports,
			struct tl_socks *out, struct tl_err *err)
{
	return dump_whole(table, true, ports, n_ports, out, err);
}

int tl_table_read(struct tl_table *table, const uint16_t *ports, size_t n_ports,
		  unsigned tries, struct tl_socks *out, struct tl_err *err)
{
	int rc = set_filter(table, ports, n_ports, err);

	return rc ? rc : tl_diag_read(dump, table, tries, &table->before, out, err);
}

static void name_socket(struct inet_diag_req_v2 *req, const struct tl_endpoint *local,
			const struct tl_endpoint *remote, uint64_t cookie)
{
	req->id.idiag_sport = htons(local->port);
	req->id.idiag_dport = htons(remote->port);
	memcpy(req->id.idiag_src, local->addr, sizeof(local->addr));
	memcpy(req->id.idiag_dst, remote->addr, sizeof(remote->addr));
	req->id.idiag_cookie[0] = (uint32_t)cookie;
	req->id.idiag_cookie[1] = (uint32_t)(cookie >> 32);
}

/* Ask for the end of the socket that has @cookie. *@refused gets the errno, 0 for done. */
static int destroy(struct tl_table *table, const struct tl_sock *sock, uint64_t cookie,
		   int *refused, struct tl_err *err)
{
	struct tl_reply reply = { 0 };
	struct inet_diag_req_v2 *req;
	struct nlmsghdr *nlh = request(table, sock->local.family, NLM_F_ACK, &req);
	int rc;

	nlh->nlmsg_type = SOCK_DESTROY;
	name_socket(req, &sock->local, &sock->remote, cookie);
	rc = ask(table, nlh, &reply, err);
	*refused = reply.refused;
	return rc;
}

/*
 * Old kernels end full sockets alone, and say about a minisocket what those say that end none.
 * With a cookie that no socket has the latter say the same, and the former ENOENT.
 */
static int say_unsupported(struct tl_table *table, const struct tl_sock *sock,
			   struct tl_err *err)
{
	int refused, rc = destroy(table, sock, ~sock->cookie, &refused, err);

	if (rc)
		return rc;
	if (refused == EOPNOTSUPP)
		return tl_err_set(err, EOPNOTSUPP, "this kernel ends no socket by force "
				  "(it is built without CONFIG_INET_DIAG_DESTROY)");
	return tl_err_set(err, EOPNOTSUPP, "this kernel ends no socket in %s by force; a newer "
			  "one does",
			  tl_state_name(sock->state));
}

int tl_table_destroy(struct tl_table *table, const struct tl_sock *sock, struct tl_err *err)
{
	int refused, rc = destroy(table, sock, sock->cookie, &refused, err);

	if (!rc && refused == EOPNOTSUPP)
		return say_unsupported(table, sock, err);
	if (!rc && refused)
		return tl_err_set(err, refused, "the kernel refuses to end a socket: %s",
				  strerror(refused));
	return rc;
}

/* For struct tl_diag_ways. */
static int look_up(void *arg, const struct tl_endpoint *local, const struct tl_endpoint *remote,
		   struct tl_socks *rows, struct tl_err *err)
{
	struct tl_table *table = arg;
	struct tl_reply reply = { .socks = rows };
	struct inet_diag_req_v2 *req;
	struct nlmsghdr *nlh;
	int rc;

	nlh = request(table, local->family, 0, &req);
	name_socket(req, local, remote, UINT64_MAX); /* INET_DIAG_NOCOOKIE, twice */
	req->id.idiag_if = table->loopback; /* finds those that are bound to it as well */
	rc = ask(table, nlh, &reply, err);
	if (!rc && reply.refused && reply.refused != ENOENT)
		rc = tl_err_set(err, reply.refused, "the kernel refuses a lookup: %s",
				strerror(reply.refused));
	return rc;
}

static int dump_port(void *arg, uint16_t port, struct tl_socks *rows, struct tl_err *err)
{
	return tl_table_dump(arg, &port, 1, rows, err);
}

int tl_table_find(struct tl_table *table, const struct tl_endpoint *local,
		  const struct tl_endpoint *remote, struct tl_sock *out, struct tl_err *err)
{
	const struct tl_diag_ways ways = { look_up, dump_port, table };
	char from[TL_ENDPOINT_TEXT], to[TL_ENDPOINT_TEXT];
	struct tl_sock listener;
	int rc = tl_diag_find(&ways, local, remote, false, out, &listener, err);

	if (rc == -ENOENT)
		tl_err_set(err, ENOENT, "the socket table has no connection %s -> %s",
			   tl_endpoint_text(local, from), tl_endpoint_text(remote, to));
	return rc;
}

int tl_table_reach(struct tl_table *table, const struct tl_endpoint *local,
		   const struct tl_endpoint *remote, bool fresh, struct tl_sock *out,
		   struct tl_err *err)
{
	const struct tl_diag_ways ways = { look_up, dump_port, table };
	struct tl_sock listener = { 0 };
	int rc = tl_diag_find(&ways, local, remote, fresh, out, &listener, err);

	if (rc == -ENOENT && listener.state) {
		*out = listener;
		return 0;
	}
	return rc;
}
