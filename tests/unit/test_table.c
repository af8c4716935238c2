/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's socket table, held against sockets made here and against /proc/net/tcp. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/sockios.h>

#include "tcplab/table.h"

static struct tl_table *table;
static struct tl_socks socks;
static struct tl_err err;

/* A namespace of our own, so that the table holds what the test made and nothing else. */
static bool own_network(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd;
	bool up;

	if (unshare(CLONE_NEWNET))
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	up = fd >= 0 && !ioctl(fd, SIOCSIFFLAGS, &lo);
	close(fd);
	return up;
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	close(fd);
}

/*
 * Without root a network namespace takes a user namespace as well. It is made before
 * the tests, which have several threads each, and with a root in it, as they are run
 * by way of execve().
 */
static void become_root(void)
{
	unsigned uid = geteuid(), gid = getegid();
	char map[32];

	if (!uid || unshare(CLONE_NEWUSER))
		return;
	put("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", uid);
	put("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", gid);
	put("/proc/self/gid_map", map);
}

int main(int argc, char **argv)
{
	struct criterion_test_set *tests;
	int failed = 0;

	become_root();
	tests = criterion_initialize();
	if (criterion_handle_args(argc, argv, true))
		failed = !criterion_run_all_tests(tests);
	criterion_finalize(tests);
	return failed;
}

static void set_up(void)
{
	int rc;

	if (!own_network())
		cr_skip_test("this host allows no network namespace");
	rc = tl_table_open(&table, &err);
	cr_assert_eq(rc, 0, "%s", err.text);
}

static void tear_down(void)
{
	tl_socks_release(&socks);
	tl_table_close(table);
}

TestSuite(table, .init = set_up, .fini = tear_down);

/* Sockets. Each helper asserts, so that a test reads as what it is about. */

static socklen_t to_sockaddr(const struct tl_endpoint *ep, struct sockaddr_storage *ss)
{
	struct sockaddr_in *in = (void *)ss;
	struct sockaddr_in6 *in6 = (void *)ss;

	memset(ss, 0, sizeof(*ss));
	ss->ss_family = ep->family;
	if (ep->family == AF_INET) {
		in->sin_port = htons(ep->port);
		memcpy(&in->sin_addr, ep->addr, 4);
		return sizeof(*in);
	}
	in6->sin6_port = htons(ep->port);
	memcpy(&in6->sin6_addr, ep->addr, 16);
	return sizeof(*in6);
}

static struct tl_endpoint name_of(int fd, bool peer)
{
	struct sockaddr_storage ss;
	struct sockaddr_in *in = (void *)&ss;
	struct sockaddr_in6 *in6 = (void *)&ss;
	struct tl_endpoint ep = { 0 };
	socklen_t len = sizeof(ss);
	int rc = peer ? getpeername(fd, (void *)&ss, &len) : getsockname(fd, (void *)&ss, &len);

	cr_assert_eq(rc, 0, "no name: %s", strerror(errno));
	ep.family = ss.ss_family;
	ep.port = ntohs(ep.family == AF_INET ? in->sin_port : in6->sin6_port);
	if (ep.family == AF_INET)
		memcpy(ep.addr, &in->sin_addr, 4);
	else
		memcpy(ep.addr, &in6->sin6_addr, 16);
	return ep;
}

static struct tl_endpoint at(const char *text)
{
	struct tl_endpoint ep;
	int rc = tl_endpoint_parse(text, &ep, &err);

	cr_assert_eq(rc, 0, "%s", err.text);
	return ep;
}

static int listener(const char *where, int backlog)
{
	struct tl_endpoint ep = at(where);
	struct sockaddr_storage ss;
	socklen_t len = to_sockaddr(&ep, &ss);
	int one = 1;
	int fd = socket(ep.family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	cr_assert_eq(bind(fd, (void *)&ss, len), 0, "bind %s: %s", where, strerror(errno));
	cr_assert_eq(listen(fd, backlog), 0, "listen: %s", strerror(errno));
	return fd;
}

static int client(const char *where)
{
	struct tl_endpoint ep = at(where);
	struct sockaddr_storage ss;
	socklen_t len = to_sockaddr(&ep, &ss);
	int fd = socket(ep.family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	cr_assert_eq(connect(fd, (void *)&ss, len), 0, "connect %s: %s", where,
		     strerror(errno));
	return fd;
}

struct pair {
	int client;
	int server;
	struct tl_endpoint here; /* the client's end */
	struct tl_endpoint there;
};

static struct pair connected(int listening, const char *where)
{
	struct pair p = { .client = client(where) };

	p.server = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	cr_assert_geq(p.server, 0, "accept: %s", strerror(errno));
	p.here = name_of(p.client, false);
	p.there = name_of(p.client, true);
	return p;
}

static void fill(int fd)
{
	static char bytes[65536];

	while (send(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

static uint32_t inode_of(int fd)
{
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0, "fstat: %s", strerror(errno));
	return st.st_ino;
}

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* A deadline to give up at, far beyond what anything here takes. */
static bool in_time(time_t since)
{
	sched_yield();
	return now() - since < 30;
}

static struct tl_sock find(const struct tl_endpoint *from, const struct tl_endpoint *to)
{
	struct tl_sock sock = { 0 };
	int rc = tl_table_find(table, from, to, &sock, &err);

	cr_assert_eq(rc, 0, "%s", err.text);
	return sock;
}

static struct tl_sock await_state(const struct tl_endpoint *from, const struct tl_endpoint *to,
				  enum tl_state state)
{
	time_t start = now();
	struct tl_sock sock;

	do
		sock = find(from, to);
	while (sock.state != state && in_time(start));
	cr_assert_eq(sock.state, state, "state %d came instead of %d", sock.state, state);
	return sock;
}

static void read_table(const uint16_t *ports, size_t n)
{
	int rc = tl_table_read(table, ports, n, 100, &socks, &err);

	cr_assert_eq(rc, 0, "%s", err.text);
}

static const struct tl_sock *row(const struct tl_endpoint *from, const struct tl_endpoint *to)
{
	for (size_t i = 0; i < socks.n; i++)
		if (tl_endpoint_equal(&socks.v[i].local, from) &&
		    tl_endpoint_equal(&socks.v[i].remote, to))
			return &socks.v[i];
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

/* What the table says. */

Test(table, is_empty_in_a_new_namespace)
{
	int rc = tl_table_dump(table, NULL, 0, &socks, &err);

	cr_assert_eq(rc, 0, "%s", err.text);
	cr_assert_eq(socks.n, 0, "%zu rows", socks.n);
}

static void check_listener(const char *where, const char *any)
{
	struct tl_endpoint from = at(where), to = at(any);
	int fd = listener(where, 17);
	const struct tl_sock *sock;

	read_table(NULL, 0);
	cr_assert_eq(socks.n, 1, "%zu rows", socks.n);
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
	cr_assert_eq(socks.n, 3, "%zu rows", socks.n);
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
	cr_assert_eq(socks.n, 1, "%zu rows", socks.n);
	close(fd);
	read_table(NULL, 0);
	cr_assert_eq(socks.n, 0, "%zu rows", socks.n);
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
	int rc = tl_table_read(table, ports, n, 100, &chosen, &err);

	cr_assert_eq(rc, 0, "%s", err.text);
	cr_assert_eq(chosen.n, hits, "%zu rows, not %zu", chosen.n, hits);
	for (size_t i = 0; i < chosen.n; i++)
		cr_assert(has_port(&chosen.v[i], ports, n), "row %zu has none of the ports", i);
	read_table(NULL, 0);
	for (size_t i = 0; i < socks.n; i++)
		if (has_port(&socks.v[i], ports, n))
			cr_assert_eq(socks.v[i].cookie, chosen.v[expected++].cookie,
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

	many_sockets(20);
	check_filter(&p.here.port, 1, 2);
	close(fd);
	check_filter(&p.there.port, 1, 2);
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

	rc = tl_table_dump(table, ports, TL_TABLE_PORTS_MAX + 1, &socks, &err);
	cr_assert_eq(rc, -EINVAL, "%d", rc);
	cr_assert_str_eq(err.text, "cannot watch 1025 ports, 1024 is the most", "%s", err.text);
}

/* The exact lookup. */

Test(table, finds_what_the_dump_shows)
{
	int four = listener("127.0.0.1:6379", 1);
	int six = listener("::1:6379", 1);

	connected(four, "127.0.0.1:6379");
	connected(six, "::1:6379");
	read_table(NULL, 0);
	cr_assert_eq(socks.n, 6, "%zu rows", socks.n);
	for (size_t i = 0; i < socks.n; i++) {
		struct tl_sock sock = find(&socks.v[i].local, &socks.v[i].remote);

		cr_assert(tl_sock_same(&sock, &socks.v[i]), "row %zu differs", i);
	}
}

static void must_miss(const struct tl_endpoint *from, const struct tl_endpoint *to)
{
	struct tl_sock sock = { .cookie = 4711 };
	int rc;

	err = (struct tl_err){ 0 };
	rc = tl_table_find(table, from, to, &sock, &err);
	cr_assert_eq(rc, -ENOENT, "%d: %s", rc, err.text);
	cr_assert_eq(sock.cookie, 4711, "the row was written to");
	cr_assert(strstr(err.text, "no connection"), "%s", err.text);
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

	for (int i = 0; i < 200; i++) {
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
	rc = tl_table_inodes(getpid(), &inodes, &n, &err);
	cr_assert_eq(rc, 0, "%s", err.text);
	for (int i = 0; i < 20; i++)
		cr_assert(among(inode_of(fds[i]), inodes, n), "socket %d is not listed", i);
	for (int i = 0; i < 20; i++)
		close(fds[i]);
	rc = tl_table_inodes(getpid(), &fewer, &n_fewer, &err);
	cr_assert_eq(rc, 0, "%s", err.text);
	cr_assert_eq(n_fewer + 20, n, "%zu sockets, then %zu", n, n_fewer);
	free(inodes);
	free(fewer);
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
		rc = tl_table_inodes(pid, &inodes, &n, &err);
		cr_assert_eq(rc, 0, "%s", err.text);
		cr_assert_null(inodes, "a list");
		cr_assert_eq(n, 0, "%zu sockets", n);
		waitpid(pid, NULL, 0);
	}
}

/* /proc/net/tcp and tcp6 as an independent oracle. */

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
		int got = sscanf(line,
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
	int full = listener("127.0.0.1:7001", 0), deferring = listener("127.0.0.1:7002", 1);
	struct tl_endpoint there = at("127.0.0.1:7001"), here;
	struct sockaddr_storage ss;
	socklen_t len = to_sockaddr(&there, &ss);
	int seconds = 60, late;

	cr_assert_geq(full, 0, "no listener");
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
		int rc = tl_table_read(table, NULL, 0, 100, &first, &err);

		cr_assert_eq(rc, 0, "%s", err.text);
		proc->n = 0;
		read_proc("/proc/net/tcp", AF_INET, proc);
		read_proc("/proc/net/tcp6", AF_INET6, proc);
		read_table(NULL, 0);
		still = first.n == socks.n && queues_same(&first, &socks);
		for (size_t i = 0; still && i < socks.n; i++)
			still = tl_sock_same(&first.v[i], &socks.v[i]);
	} while (!still && in_time(start));
	cr_assert(still, "the table never stood still");
	tl_socks_release(&first);
}

Test(table, agrees_with_proc_row_for_row)
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
	cr_assert_eq(socks.n, proc.n, "%zu rows, /proc has %zu", socks.n, proc.n);
	qsort(socks.v, socks.n, sizeof(*socks.v), by_ends);
	qsort(proc.v, proc.n, sizeof(*proc.v), by_ends);
	for (size_t i = 0; i < socks.n; i++) {
		check_row(&socks.v[i], &proc.v[i]);
		states |= 1 << socks.v[i].state;
	}
#define X(id, ...) all |= 1 << TL_##id;
	TL_STATES(X)
#undef X
	all &= ~(1 << TL_CLOSE); /* is no row of any table */
	cr_assert_eq(states, all, "states seen: %#x, not %#x", states, all);
}

Test(table, does_not_settle_while_the_table_changes)
{
	struct tl_socks one = { 0 };
	int fd = listener("127.0.0.1:6379", 1);
	int rc = tl_table_read(table, NULL, 0, 1, &one, &err);

	cr_assert_eq(rc, -EAGAIN, "%d: one dump has nothing to agree with", rc);
	cr_assert_eq(one.n, 1, "the last dump is not handed out");
	tl_socks_release(&one);
	close(fd);
}
