/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's socket table, held against sockets made here. */
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/sockios.h>

#include "table_fixture.h"

TestSuite(table, .init = fx_set_up, .fini = fx_tear_down);

static __attribute__((constructor)) void before_criterion(void)
{
	fx_become_root();
}

static const struct tl_sock *row(const struct tl_endpoint *from, const struct tl_endpoint *to)
{
	for (size_t i = 0; i < fx.socks.n; i++)
		if (tl_endpoint_equal(&fx.socks.v[i].local, from) &&
		    tl_endpoint_equal(&fx.socks.v[i].remote, to))
			return &fx.socks.v[i];
	return NULL;
}

static const struct tl_sock *must_row(const struct tl_endpoint *from,
				      const struct tl_endpoint *to)
{
	const struct tl_sock *sock = row(from, to);
	char a[TL_ENDPOINT_TEXT], b[TL_ENDPOINT_TEXT];

	cr_assert_not_null(sock, "no row %s -> %s", tl_endpoint_text(from, a),
			   tl_endpoint_text(to, b));
	return sock;
}

Test(table, is_empty_in_a_new_namespace)
{
	int rc = tl_table_dump(fx.table, NULL, 0, &fx.socks, &fx.err);

	cr_assert_eq(rc, 0, "%s", fx.err.text);
	cr_assert_eq(fx.socks.n, 0, "%zu rows", fx.socks.n);
}

static void check_listener(const char *where, const char *any)
{
	struct tl_endpoint from = at(where), to = at(any);
	int fd = listener(where, 17);
	const struct tl_sock *sock;

	read_table(NULL, 0);
	cr_assert_eq(fx.socks.n, 1, "%zu rows", fx.socks.n);
	sock = must_row(&from, &to);
	cr_assert_eq(sock->state, TL_LISTEN, "state %d", sock->state);
	cr_assert_eq(sock->inode, inode_of(fd), "inode %u", sock->inode);
	cr_assert_eq(sock->uid, getuid(), "uid %u", sock->uid);
	cr_assert_neq(sock->cookie, 0, "no cookie");
	cr_assert_eq(sock->recvq, 0, "%u wait", sock->recvq);
	cr_assert_eq(sock->sendq, 17, "backlog %u", sock->sendq);
	close(fd);
}

Test(table, shows_an_ipv4_listener)
{
	check_listener("127.0.0.1:6379", "0.0.0.0:*");
}

Test(table, shows_an_ipv6_listener)
{
	check_listener("::1:6379", ":::*");
}

Test(table, counts_the_connections_a_listener_has_waiting)
{
	struct tl_endpoint from = at("127.0.0.1:6379"), any = at("0.0.0.0:*");
	int fd = listener("127.0.0.1:6379", 5);
	time_t start = now();
	struct tl_sock sock;
	int waiting[3];

	for (int i = 0; i < 3; i++)
		waiting[i] = client("127.0.0.1:6379");
	do
		sock = find(&from, &any);
	while (sock.recvq != 3 && in_time(start));
	cr_assert_eq(sock.recvq, 3, "%u wait", sock.recvq);
	cr_assert_eq(sock.sendq, 5, "backlog %u", sock.sendq);

	read_table(NULL, 0);
	for (int i = 0; i < 3; i++) {
		struct tl_endpoint peer = name_of(waiting[i], false);

		cr_assert_eq(must_row(&from, &peer)->inode, 0, "not accepted, yet an inode");
		close(waiting[i]);
	}
	close(fd);
}

static void check_pair(const char *where)
{
	int fd = listener(where, 1);
	struct pair p = connected(fd, where);
	const struct tl_sock *near, *far;

	read_table(NULL, 0);
	cr_assert_eq(fx.socks.n, 3, "%zu rows", fx.socks.n);
	near = must_row(&p.here, &p.there);
	far = must_row(&p.there, &p.here);
	cr_assert_eq(near->state, TL_ESTABLISHED, "state %d", near->state);
	cr_assert_eq(far->state, TL_ESTABLISHED, "state %d", far->state);
	cr_assert_eq(near->inode, inode_of(p.client), "inode %u", near->inode);
	cr_assert_eq(far->inode, inode_of(p.server), "inode %u", far->inode);
	cr_assert_neq(near->cookie, far->cookie, "one cookie for two sockets");
	close(p.client);
	close(p.server);
	close(fd);
}

Test(table, shows_both_ends_of_an_ipv4_connection)
{
	check_pair("127.0.0.1:6379");
}

Test(table, shows_both_ends_of_an_ipv6_connection)
{
	check_pair("::1:6379");
}

Test(table, keeps_nothing_of_the_dump_before)
{
	int fd = listener("127.0.0.1:6379", 1);

	for (int i = 0; i < 3; i++)
		read_table(NULL, 0);
	cr_assert_eq(fx.socks.n, 1, "%zu rows", fx.socks.n);
	close(fd);
	read_table(NULL, 0);
	cr_assert_eq(fx.socks.n, 0, "%zu rows", fx.socks.n);
}

Test(table, does_not_settle_while_the_table_changes)
{
	struct tl_socks one = { 0 };
	int fd = listener("127.0.0.1:6379", 1);
	int rc = tl_table_read(fx.table, NULL, 0, 1, &one, &fx.err);

	cr_assert_eq(rc, -EAGAIN, "%d: one dump has nothing to agree with", rc);
	cr_assert_eq(one.n, 1, "the last dump is not handed out");
	tl_socks_release(&one);
	close(fd);
}

/* The port filter. */

static bool has_port(const struct tl_sock *sock, const uint16_t *ports, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (sock->local.port == ports[i] || sock->remote.port == ports[i])
			return true;
	return false;
}

/* The kernel's choice must be the choice we would make among all rows. */
static void check_filter(const uint16_t *ports, size_t n, size_t hits)
{
	struct tl_socks chosen = { 0 };
	size_t expected = 0;
	int rc = tl_table_read(fx.table, ports, n, 100, &chosen, &fx.err);

	cr_assert_eq(rc, 0, "%s", fx.err.text);
	cr_assert_eq(chosen.n, hits, "%zu rows, not %zu", chosen.n, hits);
	for (size_t i = 0; i < chosen.n; i++)
		cr_assert(has_port(&chosen.v[i], ports, n), "row %zu has none of the ports", i);
	read_table(NULL, 0);
	for (size_t i = 0; i < fx.socks.n; i++)
		if (has_port(&fx.socks.v[i], ports, n))
			cr_assert_eq(fx.socks.v[i].cookie, chosen.v[expected++].cookie,
				     "row %zu was not chosen", i);
	cr_assert_eq(expected, hits, "%zu rows of all have the ports", expected);
	tl_socks_release(&chosen);
}

static void many_sockets(int n)
{
	int fd = listener("127.0.0.1:7000", n);

	for (int i = 0; i < n; i++)
		connected(fd, "127.0.0.1:7000");
}

Test(table, filters_by_a_port)
{
	int fd = listener("127.0.0.1:6379", 1);
	uint16_t port = 6379;

	many_sockets(100);
	connected(fd, "127.0.0.1:6379");
	check_filter(&port, 1, 3);
}

Test(table, filters_by_a_port_that_is_only_local_or_only_remote)
{
	int fd = listener("::1:6379", 1);
	struct pair p = connected(fd, "::1:6379");

	/* clients of one listener have a port each, those of two may share one */
	for (int i = 0; i < 20; i++)
		connected(fd, "::1:6379");
	check_filter(&p.here.port, 1, 2);
	close(fd);
	check_filter(&p.there.port, 1, 42);
}

Test(table, filters_by_several_ports)
{
	const uint16_t ports[] = { 6400, 6379, 1, 6389, 65535, 6379 };
	int six = listener("::1:6379", 1);
	int four = listener("127.0.0.1:6389", 1);

	many_sockets(100);
	connected(six, "::1:6379");
	connected(four, "127.0.0.1:6389");
	listener("127.0.0.1:65535", 1);
	for (size_t n = 1; n <= 6; n++) {
		size_t hits[] = { 0, 0, 3, 3, 6, 7, 7 };

		check_filter(ports, n, hits[n]);
	}
}

Test(table, filters_by_as_many_ports_as_it_promises)
{
	uint16_t ports[TL_TABLE_PORTS_MAX + 1];
	int rc;

	for (int i = 0; i <= TL_TABLE_PORTS_MAX; i++)
		ports[i] = 10000 + i;
	ports[TL_TABLE_PORTS_MAX - 1] = 6379;
	listener("127.0.0.1:6379", 1);
	listener("127.0.0.1:6389", 1);
	listener("127.0.0.1:10000", 1);
	check_filter(ports, TL_TABLE_PORTS_MAX, 2);

	rc = tl_table_dump(fx.table, ports, TL_TABLE_PORTS_MAX + 1, &fx.socks, &fx.err);
	cr_assert_eq(rc, -EINVAL, "%d", rc);
	cr_assert_str_eq(fx.err.text, "cannot watch 1025 ports, 1024 is the most", "%s", fx.err.text);
}

/* Multipath TCP. */

static size_t count_above(enum tl_state state, const struct tl_endpoint *from,
			  const struct tl_endpoint *to, const uint16_t *ports)
{
	size_t n = 0;
	int rc = tl_table_dump_mptcp(fx.table, ports, !!ports, &fx.socks, &fx.err);

	if (rc == -EOPNOTSUPP)
		cr_skip_test("this kernel shows no sockets of Multipath TCP");
	cr_assert_eq(rc, 0, "%s", fx.err.text);
	for (size_t i = 0; i < fx.socks.n; i++)
		n += fx.socks.v[i].state == state &&
		     tl_endpoint_equal(&fx.socks.v[i].local, from) &&
		     tl_endpoint_equal(&fx.socks.v[i].remote, to);
	return n;
}

static void await_above(enum tl_state state, const struct tl_endpoint *from,
			const struct tl_endpoint *to)
{
	time_t start = now();

	while (!count_above(state, from, to, NULL) && in_time(start))
		;
	cr_assert_eq(count_above(state, from, to, NULL), 1, "not in state %d", state);
}

Test(table, shows_the_connections_of_mptcp_apart)
{
	uint16_t port = 6379, other = 6389;
	struct pair p;
	int fd;

	fx.protocol = IPPROTO_MPTCP;
	fd = listener("127.0.0.1:6379", 1);
	p = connected(fd, "127.0.0.1:6379");
	fx.protocol = 0;
	connected(listener("127.0.0.1:6389", 1), "127.0.0.1:6389");
	cr_assert_eq(count_above(TL_ESTABLISHED, &p.here, &p.there, &port), 1);
	cr_assert_eq(count_above(TL_ESTABLISHED, &p.there, &p.here, NULL), 1);
	for (size_t i = 0; i < fx.socks.n; i++)
		cr_assert_neq(fx.socks.v[i].remote.port, other, "a row of TCP");
	count_above(TL_ESTABLISHED, &p.here, &p.there, &other);
	cr_assert_eq(fx.socks.n, 0, "the filter lets %zu rows through", fx.socks.n);

	close(p.client);
	await_above(TL_FIN_WAIT2, &p.here, &p.there);
	await_above(TL_CLOSE_WAIT, &p.there, &p.here);
	cr_assert_eq(find(&p.here, &p.there).state, TL_ESTABLISHED, "its TCP connection");
}

/* The exact lookup. */

Test(table, finds_what_the_dump_shows)
{
	int four = listener("127.0.0.1:6379", 1);
	int six = listener("::1:6379", 1);

	connected(four, "127.0.0.1:6379");
	connected(six, "::1:6379");
	read_table(NULL, 0);
	cr_assert_eq(fx.socks.n, 6, "%zu rows", fx.socks.n);
	for (size_t i = 0; i < fx.socks.n; i++) {
		struct tl_sock sock = find(&fx.socks.v[i].local, &fx.socks.v[i].remote);

		cr_assert(tl_sock_same(&sock, &fx.socks.v[i]), "row %zu differs", i);
	}
}

static void must_miss(const struct tl_endpoint *from, const struct tl_endpoint *to)
{
	struct tl_sock sock = { .cookie = 4711 };
	int rc;

	fx.err = (struct tl_err){ 0 };
	rc = tl_table_find(fx.table, from, to, &sock, &fx.err);
	cr_assert_eq(rc, -ENOENT, "%d: %s", rc, fx.err.text);
	cr_assert_eq(sock.cookie, 4711, "the row was written to");
	cr_assert(strstr(fx.err.text, "no connection"), "%s", fx.err.text);
}

Test(table, does_not_take_the_listener_for_the_connection)
{
	struct tl_endpoint to = at("127.0.0.1:6379"), from = at("127.0.0.1:4711");
	struct tl_endpoint any = at("0.0.0.0:*");

	must_miss(&to, &from);
	listener("127.0.0.1:6379", 1);
	must_miss(&to, &from);
	must_miss(&from, &to);
	cr_assert_eq(find(&to, &any).state, TL_LISTEN, "the listener itself");

	listener("0.0.0.0:6389", 1);
	to.port = 6389;
	must_miss(&to, &from);
	must_miss(&to, &any);
}

/* The kernel's lookup misses it for a moment, about once in twenty closings. */
Test(table, finds_a_connection_that_is_becoming_a_minisocket)
{
	int fd = listener("127.0.0.1:6379", 1);

	for (int i = 0; i < 100; i++) {
		struct pair p = connected(fd, "127.0.0.1:6379");

		close(p.client);
		await_state(&p.here, &p.there, TL_FIN_WAIT2);
		close(p.server);
		await_state(&p.here, &p.there, TL_TIME_WAIT);
	}
}

Test(table, finds_an_ipv4_connection_of_an_ipv6_listener)
{
	int fd = listener(":::6379", 1);
	struct pair p = connected(fd, "127.0.0.1:6379");
	struct tl_endpoint mapped = name_of(p.server, false);
	struct tl_sock sock = find(&p.there, &p.here);

	cr_assert_eq(mapped.family, AF_INET6, "family %d", mapped.family);
	cr_assert(tl_endpoint_equal(&sock.local, &mapped), "not the socket's own name");
	cr_assert_eq(sock.inode, inode_of(p.server), "inode %u", sock.inode);
	sock = find(&p.here, &p.there);
	cr_assert_eq(sock.inode, inode_of(p.client), "inode %u", sock.inode);
}

/* States, queues, identity. */

Test(table, shows_a_half_closed_connection)
{
	int fd = listener("127.0.0.1:6379", 1);
	struct pair p = connected(fd, "127.0.0.1:6379");
	struct tl_sock sock;

	shutdown(p.client, SHUT_WR);
	sock = await_state(&p.here, &p.there, TL_FIN_WAIT2);
	cr_assert_eq(sock.inode, inode_of(p.client), "the process still has it");
	cr_assert_eq(sock.timer, TL_TIMER_NONE, "timer %d", sock.timer);
	sock = await_state(&p.there, &p.here, TL_CLOSE_WAIT);
	cr_assert_eq(sock.inode, inode_of(p.server), "the process still has it");
}

Test(table, knows_a_socket_by_its_cookie_from_established_to_time_wait)
{
	int fd = listener("127.0.0.1:6379", 1);
	struct pair p = connected(fd, "127.0.0.1:6379");
	struct tl_sock before = find(&p.here, &p.there);
	struct tl_sock sock;

	cr_assert_eq(before.state, TL_ESTABLISHED, "state %d", before.state);
	close(p.client);
	sock = await_state(&p.here, &p.there, TL_FIN_WAIT2);
	cr_assert_eq(sock.cookie, before.cookie, "another cookie in FIN_WAIT2");
	cr_assert_eq(sock.inode, 0, "an orphan with inode %u", sock.inode);
	close(p.server);
	sock = await_state(&p.here, &p.there, TL_TIME_WAIT);
	cr_assert_eq(sock.cookie, before.cookie, "another cookie in TIME_WAIT");
	cr_assert_eq(sock.inode, 0, "a minisocket with inode %u", sock.inode);
	cr_assert_eq(sock.timer, TL_TIMER_TIMEWAIT, "timer %d", sock.timer);
	/* 60 s; the lower bound is there to tell milliseconds from seconds. */
	cr_assert_leq(sock.timer_ms, 60000, "%u ms", sock.timer_ms);
	cr_assert_gt(sock.timer_ms, 1000, "%u ms", sock.timer_ms);
	must_miss(&p.there, &p.here);
}

Test(table, counts_the_bytes_in_both_queues)
{
	int fd = listener("127.0.0.1:6379", 1);
	struct pair p = connected(fd, "127.0.0.1:6379");
	time_t start = now();
	struct tl_sock near, far;
	int out, in;

	fill(p.client);
	do {
		ioctl(p.client, SIOCOUTQ, &out);
		ioctl(p.server, SIOCINQ, &in);
		near = find(&p.here, &p.there);
		far = find(&p.there, &p.here);
	} while ((near.sendq != (uint32_t)out || far.recvq != (uint32_t)in) && in_time(start));
	cr_assert_gt(in, 0, "nothing arrived");
	cr_assert_gt(out, 0, "everything arrived");
	cr_assert_eq(near.sendq, (uint32_t)out, "%u unacknowledged, not %d", near.sendq, out);
	cr_assert_eq(far.recvq, (uint32_t)in, "%u unread, not %d", far.recvq, in);
	cr_assert_eq(near.recvq, 0, "%u unread", near.recvq);
	cr_assert_eq(far.sendq, 0, "%u unacknowledged", far.sendq);
	cr_assert(near.timer == TL_TIMER_PROBE || near.timer == TL_TIMER_RETRANSMIT,
		  "data in flight, timer %d", near.timer);
}

/* Who has a socket. */

static bool among(uint32_t inode, const uint32_t *inodes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (inodes[i] == inode)
			return true;
	return false;
}

Test(table, lists_the_sockets_of_a_process)
{
	uint32_t *inodes = NULL, *fewer = NULL;
	size_t n = 0, n_fewer = 0;
	int fds[20];
	int rc;

	for (int i = 0; i < 20; i++)
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	rc = tl_table_inodes(getpid(), &inodes, &n, &fx.err);
	cr_assert_eq(rc, 0, "%s", fx.err.text);
	for (int i = 0; i < 20; i++)
		cr_assert(among(inode_of(fds[i]), inodes, n), "socket %d is not listed", i);
	for (int i = 0; i < 20; i++)
		close(fds[i]);
	rc = tl_table_inodes(getpid(), &fewer, &n_fewer, &fx.err);
	cr_assert_eq(rc, 0, "%s", fx.err.text);
	cr_assert_eq(n_fewer + 20, n, "%zu sockets, then %zu", n, n_fewer);
	free(inodes);
	free(fewer);
}

/* Children that end as soon as they are born, looked at by an ordinary user until they have. */
static int watch_them_exit(void)
{
	struct tl_err err;

	/* Root in a user namespace of its own is an ordinary user, and alone there (EINVAL). */
	if (!geteuid() && setuid(65534) && errno != EINVAL)
		return 2;
	prctl(PR_SET_DUMPABLE, 1);
	for (int i = 0; i < 2000; i++) {
		pid_t pid = fork();
		int rc = 0;

		if (!pid)
			_exit(0);
		do {
			uint32_t *inodes = NULL;
			size_t n;

			rc = tl_table_inodes(pid, &inodes, &n, &err);
			free(inodes);
		} while (!rc && waitpid(pid, NULL, WNOHANG) == 0);
		if (rc)
			return 1;
	}
	return 0;
}

Test(table, lists_no_sockets_of_a_process_that_exits)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(watch_them_exit());
	waitpid(pid, &status, 0);
	cr_assert_eq(status, 0, "it ended with %#x", status);
}

Test(table, lists_no_sockets_of_a_process_that_is_gone)
{
	uint32_t *inodes = (uint32_t *)1;
	size_t n = 1;
	pid_t pid = fork();
	siginfo_t info;
	int rc;

	if (!pid)
		_exit(0);
	waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
	for (int i = 0; i < 2; i++) { /* first a zombie, then nothing at all */
		inodes = (uint32_t *)1;
		n = 1;
		rc = tl_table_inodes(pid, &inodes, &n, &fx.err);
		cr_assert_eq(rc, 0, "%s", fx.err.text);
		cr_assert_null(inodes, "a list");
		cr_assert_eq(n, 0, "%zu sockets", n);
		waitpid(pid, NULL, 0);
	}
}
