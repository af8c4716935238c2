/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sock_diag's bytes without a kernel: what is malformed must be refused, never followed. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <linux/sock_diag.h>

#include "../../src/table/diag.h"

enum { SEQ = 7, PORTID = 4711 };

/* One answer to a socket, with room behind it for whatever a test appends. */
struct answer {
	struct nlmsghdr head;
	struct inet_diag_msg msg;
	char more[64];
};

static struct tl_err err;

static struct answer good(void)
{
	struct answer a = {
		.head = {
			.nlmsg_len = offsetof(struct answer, more),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_MULTI,
			.nlmsg_seq = SEQ,
			.nlmsg_pid = PORTID,
		},
		.msg = {
			.idiag_family = AF_INET,
			.idiag_state = TL_TIME_WAIT,
			.idiag_timer = TL_TIMER_TIMEWAIT,
			.idiag_retrans = 3,
			.id.idiag_sport = htons(6379),
			.id.idiag_dport = htons(53525),
			.id.idiag_src = { htonl(INADDR_LOOPBACK), 1, 2, 3 },
			.id.idiag_dst = { htonl(0x7f000002) },
			.id.idiag_cookie = { 0x89abcdef, 0x01234567 },
			.idiag_expires = 59000,
			.idiag_rqueue = 10,
			.idiag_wqueue = 20,
			.idiag_uid = 1000,
			.idiag_inode = 815,
		},
	};

	return a;
}

/* Decode from memory that ends where the message does, so that a sanitizer sees overruns. */
static int decode(const struct answer *a, size_t len, struct tl_sock *sock)
{
	void *bytes = malloc(len ? len : 1);
	int rc;

	memcpy(bytes, a, len);
	err = (struct tl_err){ 0 };
	rc = tl_diag_decode(bytes, len, sock, &err);
	free(bytes);
	return rc;
}

static void must_refuse(const struct answer *a, size_t len, const char *why)
{
	struct tl_sock sock = { .cookie = 42 };
	int rc = decode(a, len, &sock);

	cr_assert_eq(rc, -EPROTO, "%s: %d", why, rc);
	cr_assert_eq(err.code, EPROTO, "%s: code %d", why, err.code);
	cr_assert(strstr(err.text, why), "\"%s\" does not say \"%s\"", err.text, why);
	cr_assert_eq(sock.cookie, 42, "%s: the row was written to", why);
}

Test(table_diag, decodes_every_field)
{
	struct answer a = good();
	struct tl_sock sock;
	char text[TL_ENDPOINT_TEXT];
	int rc = decode(&a, a.head.nlmsg_len, &sock);

	cr_assert_eq(rc, 0, "%s", err.text);
	cr_assert_eq(sock.cookie, 0x0123456789abcdef, "cookie %#lx", sock.cookie);
	cr_assert_eq(sock.state, TL_TIME_WAIT, "state %d", sock.state);
	tl_endpoint_text(&sock.local, text);
	cr_assert_str_eq(text, "127.0.0.1:6379", "%s", text);
	tl_endpoint_text(&sock.remote, text);
	cr_assert_str_eq(text, "127.0.0.2:53525", "%s", text);
	cr_assert_eq(sock.local.addr[4], 0, "an IPv4 address is four bytes long");
	cr_assert_eq(sock.inode, 815, "inode %u", sock.inode);
	cr_assert_eq(sock.uid, 1000, "uid %u", sock.uid);
	cr_assert_eq(sock.recvq, 10, "Recv-Q %u", sock.recvq);
	cr_assert_eq(sock.sendq, 20, "Send-Q %u", sock.sendq);
	cr_assert_eq(sock.timer, TL_TIMER_TIMEWAIT, "timer %d", sock.timer);
	cr_assert_eq(sock.timer_ms, 59000, "%u ms", sock.timer_ms);
	cr_assert_eq(sock.retrans, 3, "retrans %u", sock.retrans);
}

Test(table_diag, decodes_ipv6)
{
	struct answer a = good();
	struct tl_sock sock;
	char text[TL_ENDPOINT_TEXT];
	int rc;

	a.msg.idiag_family = AF_INET6;
	inet_pton(AF_INET6, "2001:db8::1", a.msg.id.idiag_src);
	rc = decode(&a, a.head.nlmsg_len, &sock);
	cr_assert_eq(rc, 0, "%s", err.text);
	tl_endpoint_text(&sock.local, text);
	cr_assert_str_eq(text, "2001:db8::1:6379", "%s", text);
}

Test(table_diag, refuses_what_is_cut_short)
{
	struct answer a = good();

	for (size_t len = 0; len < a.head.nlmsg_len; len++)
		must_refuse(&a, len, "cut short");
	a.head.nlmsg_len = UINT32_MAX;
	must_refuse(&a, sizeof(a), "cut short");
	a.head.nlmsg_len = 0x80000058;
	must_refuse(&a, sizeof(a), "cut short");
}

Test(table_diag, refuses_a_message_too_short_for_a_socket)
{
	struct answer a = good();
	uint32_t whole = a.head.nlmsg_len;

	for (a.head.nlmsg_len = 0; a.head.nlmsg_len < whole; a.head.nlmsg_len++)
		must_refuse(&a, sizeof(a), "too short for a socket");
}

Test(table_diag, keeps_what_a_newer_kernel_invents)
{
	struct answer a = good();
	struct tl_sock sock;

	a.msg.idiag_timer = TL_TIMER_DELACK;
	cr_assert_eq(tl_diag_decode(&a.head, a.head.nlmsg_len, &sock, &err), 0, "%s", err.text);
	cr_assert_str_eq(tl_timer_name(sock.timer), "delack", "%s", tl_timer_name(sock.timer));
	a.msg.idiag_timer = 77;
	a.msg.idiag_state = 13; /* TCP_BOUND_INACTIVE since 6.8 */
	cr_assert_eq(tl_diag_decode(&a.head, a.head.nlmsg_len, &sock, &err), 0, "%s", err.text);
	cr_assert_str_eq(tl_timer_name(sock.timer), "77", "%s", tl_timer_name(sock.timer));
	cr_assert_str_eq(tl_state_name(sock.state), "13", "%s", tl_state_name(sock.state));
	cr_assert_not(tl_timer_waits(sock.timer), "what is not known is waited for");
}

Test(table_diag, refuses_another_type_family_or_no_state)
{
	struct answer a = good();

	a.head.nlmsg_type = SOCK_DIAG_BY_FAMILY + 1;
	must_refuse(&a, a.head.nlmsg_len, "has type 21, not 20");
	for (int family = 0; family < 256; family++) {
		a = good();
		a.msg.idiag_family = family;
		if (family != AF_INET && family != AF_INET6)
			must_refuse(&a, a.head.nlmsg_len, "of family");
	}
	for (int state = 0; state < 256; state++) {
		a = good();
		a.msg.idiag_state = state;
		if (!state || state >= TL_STATE_NUMBERS)
			must_refuse(&a, a.head.nlmsg_len, "in state");
	}
}

static void append(struct answer *a, uint16_t nla_len, uint16_t payload)
{
	struct nlattr attr = { .nla_len = nla_len, .nla_type = INET_DIAG_SHUTDOWN };
	size_t used = a->head.nlmsg_len - offsetof(struct answer, more);

	memcpy(a->more + used, &attr, sizeof(attr));
	a->head.nlmsg_len += sizeof(attr) + payload;
}

Test(table_diag, skips_attributes_and_refuses_those_that_do_not_add_up)
{
	struct answer a = good();
	struct tl_sock sock;

	append(&a, 5, 4);
	append(&a, 8, 4);
	append(&a, 4, 0);
	cr_assert_eq(decode(&a, a.head.nlmsg_len, &sock), 0, "%s", err.text);

	for (int cut = 1; cut < 4; cut++) {
		a.head.nlmsg_len--;
		must_refuse(&a, a.head.nlmsg_len, "do not fill it");
	}
	for (int len = 0; len < 4; len++) {
		a = good();
		append(&a, len, 0); /* shorter than its own head */
		must_refuse(&a, a.head.nlmsg_len, "do not fill it");
	}
	a = good();
	append(&a, 9, 4); /* beyond the message */
	must_refuse(&a, a.head.nlmsg_len, "do not fill it");
	a = good();
	append(&a, UINT16_MAX, 4);
	must_refuse(&a, a.head.nlmsg_len, "do not fill it");
}

/* Whole datagrams. */

static struct tl_socks socks;

static struct tl_reply new_reply(void)
{
	socks.n = 0;
	err = (struct tl_err){ 0 };
	return (struct tl_reply){ .seq = SEQ, .portid = PORTID, .socks = &socks };
}

static void release_socks(void)
{
	tl_socks_release(&socks);
}

TestSuite(table_reply, .fini = release_socks);

struct ending {
	struct nlmsghdr head;
	int code;
};

static struct ending ending(uint16_t type, int code)
{
	return (struct ending){
		.head = { .nlmsg_len = sizeof(struct ending), .nlmsg_type = type,
			  .nlmsg_flags = NLM_F_MULTI, .nlmsg_seq = SEQ, .nlmsg_pid = PORTID },
		.code = code,
	};
}

static void feed(struct tl_reply *reply, const void *message, size_t len)
{
	void *bytes = malloc(len ? len : 1);

	memcpy(bytes, message, len);
	tl_reply_feed(reply, bytes, len, &err);
	free(bytes);
}

Test(table_reply, collects_rows_until_done)
{
	struct tl_reply reply = new_reply();
	struct answer a = good();
	struct ending done = ending(NLMSG_DONE, 0);
	char both[offsetof(struct answer, more) + sizeof(done)];

	feed(&reply, &a, a.head.nlmsg_len);
	cr_assert_not(reply.complete, "complete after one row of many");
	memcpy(both, &a, a.head.nlmsg_len);
	memcpy(both + a.head.nlmsg_len, &done, sizeof(done));
	feed(&reply, both, sizeof(both));
	cr_assert(reply.complete, "not complete after NLMSG_DONE");
	cr_assert_eq(socks.n, 2, "%zu rows", socks.n);
	cr_assert_eq(reply.rc, 0, "%s", err.text);
	cr_assert_eq(reply.refused, 0, "%d", reply.refused);
	cr_assert_not(reply.torn, "torn");
}

Test(table_reply, is_complete_after_a_single_row)
{
	struct tl_reply reply = new_reply();
	struct answer a = good();

	a.head.nlmsg_flags = 0;
	feed(&reply, &a, a.head.nlmsg_len);
	cr_assert(reply.complete, "waits for more");
	cr_assert_eq(socks.n, 1, "%zu rows", socks.n);
}

Test(table_reply, notes_an_interrupted_dump_wherever_it_is_said)
{
	struct answer a = good();
	struct ending done = ending(NLMSG_DONE, 0);
	struct tl_reply reply = new_reply();

	a.head.nlmsg_flags |= NLM_F_DUMP_INTR;
	feed(&reply, &a, a.head.nlmsg_len);
	feed(&reply, &done, sizeof(done));
	cr_assert(reply.torn && reply.complete, "not noted in a row");
	cr_assert_eq(socks.n, 1, "the rest is read all the same");

	reply = new_reply();
	done.head.nlmsg_flags |= NLM_F_DUMP_INTR;
	feed(&reply, &done, sizeof(done));
	cr_assert(reply.torn && reply.complete, "not noted at the end");
}

Test(table_reply, hears_a_refusal)
{
	const struct {
		struct ending end;
		int refused;
	} cases[] = {
		{ ending(NLMSG_ERROR, -ENOENT), ENOENT },
		{ ending(NLMSG_DONE, -EINVAL), EINVAL },
		{ ending(NLMSG_ERROR, 5), EPROTO },
		{ ending(NLMSG_DONE, INT_MIN), EPROTO },
		{ ending(NLMSG_ERROR, 0), 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct tl_reply reply = new_reply();

		feed(&reply, &cases[i].end, sizeof(cases[i].end));
		cr_assert(reply.complete, "case %zu: waits for more", i);
		cr_assert_eq(reply.refused, cases[i].refused, "case %zu: %d", i, reply.refused);
	}
}

Test(table_reply, takes_an_error_without_its_number_for_a_broken_one)
{
	struct ending end = ending(NLMSG_ERROR, 0);
	struct tl_reply reply = new_reply();

	end.head.nlmsg_len = sizeof(end.head);
	feed(&reply, &end, sizeof(end.head));
	cr_assert(reply.complete, "waits for more");
	cr_assert_eq(reply.refused, EPROTO, "%d", reply.refused);
}

Test(table_reply, skips_what_answers_another_request)
{
	struct tl_reply reply = new_reply();
	struct answer a = good();
	struct ending done = ending(NLMSG_DONE, 0);

	a.head.nlmsg_seq--;
	done.head.nlmsg_seq--;
	feed(&reply, &a, a.head.nlmsg_len);
	feed(&reply, &done, sizeof(done));
	a.head.nlmsg_seq++;
	a.head.nlmsg_pid++;
	feed(&reply, &a, a.head.nlmsg_len);
	cr_assert_eq(socks.n, 0, "%zu rows", socks.n);
	cr_assert_not(reply.complete, "ended by another request's end");
}

Test(table_reply, reads_on_after_a_bad_row)
{
	struct tl_reply reply = new_reply();
	struct answer a = good();
	struct ending done = ending(NLMSG_DONE, 0);

	a.msg.idiag_state = 99;
	feed(&reply, &a, a.head.nlmsg_len);
	cr_assert_eq(reply.rc, -EPROTO, "%d", reply.rc);
	cr_assert_not(reply.complete, "gives up before the end");
	a.msg.idiag_state = 98;
	feed(&reply, &a, a.head.nlmsg_len);
	feed(&reply, &done, sizeof(done));
	cr_assert(reply.complete, "does not end");
	cr_assert(strstr(err.text, "state 99"), "the first error is the one told: %s", err.text);
}

Test(table_reply, gives_up_on_a_datagram_that_is_cut_short)
{
	const uint32_t lengths[] = { 0, 1, 15, 89, 0x7fffffff, 0x80000000, UINT32_MAX };
	struct answer a = good();

	for (size_t len = 0; len < a.head.nlmsg_len; len++) {
		struct tl_reply reply = new_reply();

		feed(&reply, &a, len);
		cr_assert_eq(reply.rc, -EPROTO, "%zu bytes: %d", len, reply.rc);
		cr_assert(reply.complete, "%zu bytes: waits for more", len);
	}
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		struct tl_reply reply = new_reply();

		a.head.nlmsg_len = lengths[i];
		feed(&reply, &a, offsetof(struct answer, more));
		cr_assert_eq(reply.rc, -EPROTO, "length %#x: %d", lengths[i], reply.rc);
		cr_assert(reply.complete, "length %#x: waits for more", lengths[i]);
	}
}

/* The filter, run as the kernel runs it. */

static bool run(const struct inet_diag_bc_op *ops, size_t bytes, uint16_t local,
		uint16_t remote)
{
	long left = bytes;

	while (left > 0) {
		const struct inet_diag_bc_op *op = ops + (bytes - left) / sizeof(*op);
		bool yes = false;

		if (op->code == INET_DIAG_BC_S_EQ)
			yes = op[1].no == local;
		else if (op->code == INET_DIAG_BC_D_EQ)
			yes = op[1].no == remote;
		else
			cr_assert_eq(op->code, INET_DIAG_BC_JMP, "operation %u", op->code);
		left -= yes ? op->yes : op->no;
	}
	return left == 0;
}

/* Dumps as they come, one after the other: how many rows each has, negative where it is torn. */
struct dumps {
	const int *rows;
	int taken;
};

static int next_dump(void *arg, struct tl_socks *out, bool *torn, struct tl_err *why)
{
	struct dumps *dumps = arg;
	int rows = dumps->rows[dumps->taken++];
	struct tl_sock sock = { .state = TL_ESTABLISHED };

	out->n = 0;
	*torn = rows < 0;
	for (int i = 0; i < abs(rows); i++) {
		sock.cookie = i + 1;
		tl_socks_add(out, &sock, why);
	}
	return 0;
}

static int read_dumps(const int *rows, unsigned tries, int *taken)
{
	struct dumps dumps = { .rows = rows };
	struct tl_socks before = { 0 }, out = { 0 };
	int rc = tl_diag_read(next_dump, &dumps, tries, &before, &out, &err);

	*taken = dumps.taken;
	tl_socks_release(&before);
	tl_socks_release(&out);
	return rc;
}

Test(table_dumps, two_in_a_row_must_agree)
{
	int taken;

	cr_assert_eq(read_dumps((int[]){ 3, 3 }, 8, &taken), 0, "%s", err.text);
	cr_assert_eq(taken, 2, "%d dumps", taken);
	cr_assert_eq(read_dumps((int[]){ 3, 4, 3, 3 }, 8, &taken), 0, "%s", err.text);
	cr_assert_eq(taken, 4, "%d dumps", taken);
	cr_assert_eq(read_dumps((int[]){ 1, 2, 3, 4 }, 4, &taken), -EAGAIN, "no two agree");
}

Test(table_dumps, a_torn_one_agrees_with_none)
{
	int taken;

	cr_assert_eq(read_dumps((int[]){ -3, -3, -3, 3 }, 4, &taken), -EAGAIN, "torn ones agree");
	cr_assert_eq(read_dumps((int[]){ -3, 3, 3 }, 8, &taken), 0, "%s", err.text);
	cr_assert_eq(taken, 3, "a torn dump was compared, %d taken", taken);
	cr_assert_eq(read_dumps((int[]){ 3, -3, 3, 3 }, 8, &taken), 0, "%s", err.text);
	cr_assert_eq(taken, 4, "a torn dump was compared, %d taken", taken);
}

/* The two ways to ask for one connection, and what each of them shows. */
struct ways {
	struct tl_sock lookup, dump; /* of state 0: nothing */
	int lookups, dumps;
	uint16_t port;               /* the dump was of this */
};

static int look_up(void *arg, const struct tl_endpoint *local,
		   const struct tl_endpoint *remote, struct tl_socks *rows, struct tl_err *why)
{
	struct ways *ways = arg;

	(void)local;
	(void)remote;
	ways->lookups++;
	return ways->lookup.state ? tl_socks_add(rows, &ways->lookup, why) : 0;
}

static int dump(void *arg, uint16_t port, struct tl_socks *rows, struct tl_err *why)
{
	struct ways *ways = arg;

	ways->dumps++;
	ways->port = port;
	rows->n = 0;
	return ways->dump.state ? tl_socks_add(rows, &ways->dump, why) : 0;
}

static struct tl_sock a_sock(enum tl_state state, const char *local, const char *remote)
{
	struct tl_sock sock = { .state = state, .cookie = state };

	tl_endpoint_parse(local, &sock.local, &err);
	tl_endpoint_parse(remote, &sock.remote, &err);
	return sock;
}

static int find(struct ways *ways, bool fresh, struct tl_sock *out, struct tl_sock *listener)
{
	const struct tl_diag_ways how = { look_up, dump, ways };
	const struct tl_sock wanted =
		a_sock(TL_ESTABLISHED, "127.0.0.1:7000", "127.0.0.1:53525");

	*listener = (struct tl_sock){ 0 };
	return tl_diag_find(&how, &wanted.local, &wanted.remote, fresh, out, listener, &err);
}

Test(table_find, believes_a_hit_and_looks_into_a_miss)
{
	const struct tl_sock pair = a_sock(TL_TIME_WAIT, "127.0.0.1:7000", "127.0.0.1:53525");
	struct ways ways = { .lookup = pair };
	struct tl_sock out, listener;

	cr_assert_eq(find(&ways, false, &out, &listener), 0, "not found");
	cr_assert_eq(ways.dumps, 0, "a hit costs a dump");
	ways = (struct ways){ .dump = pair };
	cr_assert_eq(find(&ways, false, &out, &listener), 0, "the lookup's miss was believed");
	cr_assert_eq(out.state, TL_TIME_WAIT, "another one");
	cr_assert_eq(ways.port, 53525, "a dump of port %u", ways.port);
	ways = (struct ways){ 0 };
	cr_assert_eq(find(&ways, false, &out, &listener), -ENOENT, "found nowhere");
	cr_assert_eq(ways.dumps, 1, "%d dumps", ways.dumps);
	ways = (struct ways){ 0 };
	cr_assert_eq(find(&ways, true, &out, &listener), -ENOENT, "found nowhere");
	cr_assert_eq(ways.dumps, 0, "of two ends never seen a miss costs a dump");
}

Test(table_find, tells_a_listener_from_a_connection)
{
	struct ways ways = { .lookup = a_sock(TL_LISTEN, "0.0.0.0:7000", "0.0.0.0:*") };
	struct tl_sock out, listener;

	cr_assert_eq(find(&ways, false, &out, &listener), -ENOENT, "a listener is a connection");
	cr_assert_eq(listener.state, TL_LISTEN, "no listener");
	ways.lookup = a_sock(TL_LISTEN, "0.0.0.0:7001", "0.0.0.0:*");
	cr_assert_eq(find(&ways, false, &out, &listener), -ENOENT, "a listener is a connection");
	cr_assert_eq(listener.state, 0, "a listener on another port");
	ways.lookup = a_sock(TL_ESTABLISHED, "::ffff:127.0.0.1:7000", "::ffff:127.0.0.1:53525");
	cr_assert_eq(find(&ways, false, &out, &listener), 0, "not found as IPv6 spells it");
}

Test(table_filter, takes_a_port_on_either_side_and_no_other)
{
	const uint16_t ports[] = { 6379, 0, 65535, 6389 };

	for (size_t n = 1; n <= 4; n++) {
		struct inet_diag_bc_op ops[TL_FILTER_OPS(4)];
		size_t bytes = tl_filter_ports(ports, n, ops);

		cr_assert_eq(bytes, TL_FILTER_OPS(n) * sizeof(*ops), "%zu bytes", bytes);
		for (size_t i = 0; i < 4; i++) {
			cr_assert_eq(run(ops, bytes, ports[i], 1), i < n, "local %zu", i);
			cr_assert_eq(run(ops, bytes, 1, ports[i]), i < n, "remote %zu", i);
		}
		cr_assert_not(run(ops, bytes, 6378, 6380), "neither");
	}
}

/* Comparing dumps. */

Test(table_reply, compares_dumps_whatever_their_order)
{
	struct tl_socks a = { 0 }, b = { 0 };
	struct tl_sock sock = { .state = TL_ESTABLISHED };

	tl_socks_sort(&a);
	cr_assert(tl_socks_agree(&a, &b), "two empty ones");
	for (uint64_t i = 1; i <= 200; i++) {
		sock.cookie = i << 33;
		cr_assert_eq(tl_socks_add(&a, &sock, &err), 0, "%s", err.text);
		sock.cookie = (201 - i) << 33;
		cr_assert_eq(tl_socks_add(&b, &sock, &err), 0, "%s", err.text);
	}
	tl_socks_sort(&a);
	tl_socks_sort(&b);
	cr_assert(tl_socks_agree(&a, &b), "the same rows in another order");
	a.v[100].recvq = 5;
	cr_assert(tl_socks_agree(&a, &b), "a queue runs on by itself");
	a.v[100].state = TL_CLOSE_WAIT;
	cr_assert_not(tl_socks_agree(&a, &b), "another state");
	a.v[100].state = TL_ESTABLISHED;
	a.n--;
	cr_assert_not(tl_socks_agree(&a, &b), "a row fewer");
	tl_socks_release(&a);
	tl_socks_release(&b);
}
