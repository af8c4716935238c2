/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's socket table, held against /proc/net/tcp and tcp6 as independent witnesses. */
#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "table_fixture.h"

TestSuite(table_proc, .init = fx_set_up, .fini = fx_tear_down);

static __attribute__((constructor)) void before_criterion(void)
{
	fx_become_root();
}

struct proc_rows {
	struct tl_sock v[512];
	size_t n;
};

static void proc_endpoint(const char *hex, unsigned port, int family, struct tl_endpoint *ep)
{
	*ep = (struct tl_endpoint){ .family = family, .port = port };
	for (int i = 0; i < (family == AF_INET ? 1 : 4); i++) {
		uint32_t word;

		cr_assert_eq(sscanf(hex + 8 * i, "%8" SCNx32, &word), 1, "%s", hex);
		memcpy(ep->addr + 4 * i, &word, sizeof(word)); /* printed as it lies */
	}
}

static void read_proc(const char *path, int family, struct proc_rows *rows)
{
	char line[512], here[33], there[33];
	unsigned near, far, state, timer;
	FILE *f = fopen(path, "re");

	cr_assert_not_null(f, "%s: %s", path, strerror(errno));
	cr_assert_not_null(fgets(line, sizeof(line), f), "%s has no heading", path);
	while (fgets(line, sizeof(line), f)) {
		struct tl_sock *sock = &rows->v[rows->n++];
		int got;

		cr_assert_lt(rows->n, sizeof(rows->v) / sizeof(*rows->v), "too many rows");
		got = sscanf(line,
			     " %*d: %32[0-9A-F]:%x %32[0-9A-F]:%x %x %" SCNx32 ":%" SCNx32
			     " %x:%*x %*x %" SCNu32 " %*u %" SCNu32,
			     here, &near, there, &far, &state, &sock->sendq, &sock->recvq,
			     &timer, &sock->uid, &sock->inode);
		cr_assert_eq(got, 10, "%d fields of: %s", got, line);
		sock->state = state;
		sock->timer = timer;
		proc_endpoint(here, near, family, &sock->local);
		proc_endpoint(there, far, family, &sock->remote);
	}
	fclose(f);
}

static int by_ends(const void *a, const void *b)
{
	const struct tl_sock *x = a, *y = b;
	int order = tl_endpoint_cmp(&x->local, &y->local);

	return order ? order : tl_endpoint_cmp(&x->remote, &y->remote);
}

static void check_row(const struct tl_sock *ours, const struct tl_sock *proc)
{
	char a[TL_ENDPOINT_TEXT], b[TL_ENDPOINT_TEXT];
	const char *from = tl_endpoint_text(&proc->local, a);
	const char *to = tl_endpoint_text(&proc->remote, b);

	cr_assert(!by_ends(ours, proc), "no row %s -> %s", from, to);
	cr_assert_eq(ours->state, proc->state, "%s -> %s state %d", from, to, ours->state);
	cr_assert_eq(ours->inode, proc->inode, "%s -> %s inode %u", from, to, ours->inode);
	if (ours->inode) /* without one /proc and sock_diag differ in whom they name */
		cr_assert_eq(ours->uid, proc->uid, "%s -> %s uid %u", from, to, ours->uid);
	cr_assert_eq(ours->timer, proc->timer, "%s -> %s timer %d", from, to, ours->timer);
	cr_assert_eq(ours->recvq, proc->recvq, "%s -> %s Recv-Q %u", from, to, ours->recvq);
	if (ours->state != TL_LISTEN) /* /proc shows no backlog */
		cr_assert_eq(ours->sendq, proc->sendq, "%s -> %s Send-Q %u", from, to,
			     ours->sendq);
}

/* Closings that stand still, some because a FIN cannot overtake data nobody reads. */
static void closings(const struct pair *p)
{
	shutdown(p[0].client, SHUT_WR); /* FIN_WAIT2 and CLOSE_WAIT, both with an owner */
	await_state(&p[0].here, &p[0].there, TL_FIN_WAIT2);

	close(p[1].client);
	await_state(&p[1].here, &p[1].there, TL_FIN_WAIT2);
	close(p[1].server);
	await_state(&p[1].here, &p[1].there, TL_TIME_WAIT);

	close(p[2].client); /* FIN_WAIT2 without an owner */
	await_state(&p[2].here, &p[2].there, TL_FIN_WAIT2);

	fill(p[3].client);
	close(p[3].client);
	await_state(&p[3].here, &p[3].there, TL_FIN_WAIT1);

	fill(p[4].client);
	shutdown(p[4].server, SHUT_WR);
	await_state(&p[4].here, &p[4].there, TL_CLOSE_WAIT);
	close(p[4].client);
	await_state(&p[4].here, &p[4].there, TL_LAST_ACK);

	fill(p[5].client);
	shutdown(p[5].client, SHUT_WR);
	shutdown(p[5].server, SHUT_WR);
	await_state(&p[5].here, &p[5].there, TL_CLOSING);

	fill(p[6].client);
	send(p[7].client, "hello", 5, 0);
}

/* A full accept queue drops the SYN; TCP_DEFER_ACCEPT drops the ACK of the handshake. */
static void openings(void)
{
	int deferring = listener("127.0.0.1:7002", 1);
	struct tl_endpoint there = at("127.0.0.1:7001"), here;
	struct sockaddr_storage ss;
	socklen_t len = to_sockaddr(&there, &ss);
	int seconds = 60, late;

	listener("127.0.0.1:7001", 0);
	client("127.0.0.1:7001");
	late = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	connect(late, (void *)&ss, len);
	here = name_of(late, false);
	await_state(&here, &there, TL_SYN_SENT);

	setsockopt(deferring, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds));
	there = at("127.0.0.1:7002");
	here = name_of(client("127.0.0.1:7002"), false);
	await_state(&there, &here, TL_SYN_RECV);
}

static bool queues_same(const struct tl_socks *a, const struct tl_socks *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].recvq != b->v[i].recvq || a->v[i].sendq != b->v[i].sendq ||
		    a->v[i].timer != b->v[i].timer)
			return false;
	return true;
}

/* Read /proc between two equal readings of ours: all three saw the same. */
static void read_three(struct proc_rows *proc)
{
	struct tl_socks first = { 0 };
	time_t start = now();
	bool still;

	do {
		int rc = tl_table_read(fx.table, NULL, 0, 100, &first, &fx.err);

		cr_assert_eq(rc, 0, "%s", fx.err.text);
		proc->n = 0;
		read_proc("/proc/net/tcp", AF_INET, proc);
		read_proc("/proc/net/tcp6", AF_INET6, proc);
		read_table(NULL, 0);
		still = first.n == fx.socks.n && queues_same(&first, &fx.socks);
		for (size_t i = 0; still && i < fx.socks.n; i++)
			still = tl_sock_same(&first.v[i], &fx.socks.v[i]);
	} while (!still && in_time(start));
	cr_assert(still, "the table never stood still");
	tl_socks_release(&first);
}

Test(table_proc, agrees_with_proc_row_for_row)
{
	static struct proc_rows proc;
	uint32_t states = 0, all = 0;
	int four = listener("0.0.0.0:6379", 8), six = listener(":::6389", 8);
	struct pair p[16];

	for (int i = 0; i < 8; i++) {
		p[i] = connected(four, "127.0.0.1:6379");
		p[i + 8] = connected(six, i % 2 ? "::1:6389" : "127.0.0.1:6389");
	}
	closings(p);
	closings(p + 8);
	openings();
	read_three(&proc);
	cr_assert_eq(fx.socks.n, proc.n, "%zu rows, /proc has %zu", fx.socks.n, proc.n);
	qsort(fx.socks.v, fx.socks.n, sizeof(*fx.socks.v), by_ends);
	qsort(proc.v, proc.n, sizeof(*proc.v), by_ends);
	for (size_t i = 0; i < fx.socks.n; i++) {
		check_row(&fx.socks.v[i], &proc.v[i]);
		states |= 1 << fx.socks.v[i].state;
	}
#define X(id, ...) all |= 1 << TL_##id;
	TL_STATES(X)
#undef X
	all &= ~(1 << TL_CLOSE); /* is not a row of any table */
	cr_assert_eq(states, all, "states seen: %#x, not %#x", states, all);
}

/* As the kernel writes them, cut down. */
static const char counters[] = "TcpExt: SyncookiesSent ListenOverflows ListenDrops\n"
			       "TcpExt: 0 3 18446744073709551615\n"
			       "IpExt: InNoRoutes InTruncatedPkts\n"
			       "IpExt: 7\n";

Test(table_counters, are_found_by_name)
{
	uint64_t value = 99;

	cr_assert(tl_counter_find(counters, "ListenOverflows", &value));
	cr_expect_eq(value, 3);
	cr_assert(tl_counter_find(counters, "ListenDrops", &value));
	cr_expect_eq(value, UINT64_MAX);
	cr_assert(tl_counter_find(counters, "InNoRoutes", &value));
	cr_expect_eq(value, 7);
}

Test(table_counters, are_whole_words)
{
	uint64_t value;

	cr_expect_not(tl_counter_find(counters, "Listen", &value));
	cr_expect_not(tl_counter_find(counters, "Drops", &value));
	cr_expect_not(tl_counter_find(counters, "TcpExt:", &value));
	cr_expect_not(tl_counter_find(counters, "InTruncatedPkts", &value), "its line is short");
	cr_expect_not(tl_counter_find("", "ListenDrops", &value));
	cr_expect_not(tl_counter_find("TcpExt: ListenDrops", "ListenDrops", &value));
}

Test(table_counters, of_this_host)
{
	struct tl_buf text = { 0 };
	struct tl_err err;
	uint64_t value;

	cr_assert_eq(tl_table_counters(&text, &err), 0, "%s", err.text);
	cr_expect(tl_counter_find(tl_buf_text(&text), "ListenDrops", &value));
	cr_expect(tl_counter_find(tl_buf_text(&text), "ActiveOpens", &value), "of snmp");
	tl_buf_release(&text);
}
