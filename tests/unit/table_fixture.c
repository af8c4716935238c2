/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Real sockets on the loopback, for the table to show. */
#include "table_fixture.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct fx fx;

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

void fx_become_root(void)
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

void fx_set_up(void)
{
	int rc;

	if (!own_network())
		cr_skip_test("this host allows no network namespace");
	rc = tl_table_open(&fx.table, &fx.err);
	cr_assert_eq(rc, 0, "%s", fx.err.text);
}

void fx_tear_down(void)
{
	tl_socks_release(&fx.socks);
	tl_table_close(fx.table);
}

socklen_t to_sockaddr(const struct tl_endpoint *ep, struct sockaddr_storage *ss)
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

struct tl_endpoint name_of(int fd, bool peer)
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

struct tl_endpoint at(const char *text)
{
	struct tl_endpoint ep;
	int rc = tl_endpoint_parse(text, &ep, &fx.err);

	cr_assert_eq(rc, 0, "%s", fx.err.text);
	return ep;
}

int listener(const char *where, int backlog)
{
	struct tl_endpoint ep = at(where);
	struct sockaddr_storage ss;
	socklen_t len = to_sockaddr(&ep, &ss);
	int one = 1;
	int fd = socket(ep.family, SOCK_STREAM | SOCK_CLOEXEC, fx.protocol);

	if (fd < 0 && errno == EAFNOSUPPORT)
		cr_skip_test("this host has no IPv6");
	if (fd < 0 && fx.protocol)
		cr_skip_test("this host has no Multipath TCP");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	cr_assert_eq(bind(fd, (void *)&ss, len), 0, "bind %s: %s", where, strerror(errno));
	cr_assert_eq(listen(fd, backlog), 0, "listen: %s", strerror(errno));
	return fd;
}

int client(const char *where)
{
	struct tl_endpoint ep = at(where);
	struct sockaddr_storage ss;
	socklen_t len = to_sockaddr(&ep, &ss);
	int fd = socket(ep.family, SOCK_STREAM | SOCK_CLOEXEC, fx.protocol);

	cr_assert_eq(connect(fd, (void *)&ss, len), 0, "connect %s: %s", where,
		     strerror(errno));
	return fd;
}

struct pair connected(int listening, const char *where)
{
	struct pair p = { .client = client(where) };

	p.server = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	cr_assert_geq(p.server, 0, "accept: %s", strerror(errno));
	p.here = name_of(p.client, false);
	p.there = name_of(p.client, true);
	return p;
}

void fill(int fd)
{
	static char bytes[65536];

	while (send(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

uint32_t inode_of(int fd)
{
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0, "fstat: %s", strerror(errno));
	return st.st_ino;
}

time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* A deadline to give up at, far beyond what anything here takes. */
bool in_time(time_t since)
{
	sched_yield();
	return now() - since < 30;
}

struct tl_sock find(const struct tl_endpoint *from, const struct tl_endpoint *to)
{
	struct tl_sock sock = { 0 };
	int rc = tl_table_find(fx.table, from, to, &sock, &fx.err);

	cr_assert_eq(rc, 0, "%s", fx.err.text);
	return sock;
}

struct tl_sock await_state(const struct tl_endpoint *from, const struct tl_endpoint *to,
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

void read_table(const uint16_t *ports, size_t n)
{
	int rc = tl_table_read(fx.table, ports, n, 100, &fx.socks, &fx.err);

	cr_assert_eq(rc, 0, "%s", fx.err.text);
}
