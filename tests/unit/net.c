/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net.h"

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
#include <time.h>
#include <unistd.h>

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	close(fd);
}

void net_become_root(void)
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

static void loopback(unsigned long request, struct ifreq *lo)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(lo->ifr_name, "lo");
	cr_assert_eq(ioctl(fd, request, lo), 0, "lo: %s", strerror(errno));
	close(fd);
}

void net_loopback(bool up)
{
	struct ifreq lo = { .ifr_flags = up ? IFF_UP | IFF_RUNNING : 0 };

	loopback(SIOCSIFFLAGS, &lo);
}

void net_private(int mtu)
{
	struct ifreq lo = { .ifr_mtu = mtu };

	if (unshare(CLONE_NEWNET))
		cr_skip_test("this host allows no network namespace");
	if (mtu)
		loopback(SIOCSIFMTU, &lo);
	net_loopback(true);
}

struct tl_endpoint net_at(const char *text)
{
	struct tl_endpoint ep;
	struct tl_err err;
	int rc = tl_endpoint_parse(text, &ep, &err);

	cr_assert_eq(rc, 0, "%s", err.text);
	return ep;
}

socklen_t net_sockaddr(const struct tl_endpoint *ep, struct sockaddr_storage *ss)
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

struct tl_endpoint net_name(int fd, bool peer)
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

int net_listen(const char *where, int backlog)
{
	struct tl_endpoint ep = net_at(where);
	struct sockaddr_storage ss;
	socklen_t len = net_sockaddr(&ep, &ss);
	int one = 1;
	int fd = socket(ep.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	cr_assert_eq(bind(fd, (void *)&ss, len), 0, "bind %s: %s", where, strerror(errno));
	cr_assert_eq(listen(fd, backlog), 0, "listen: %s", strerror(errno));
	return fd;
}

int net_connect(const char *where)
{
	struct tl_endpoint ep = net_at(where);
	struct sockaddr_storage ss;
	socklen_t len = net_sockaddr(&ep, &ss);
	int fd = socket(ep.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc = connect(fd, (void *)&ss, len);

	cr_assert(!rc || errno == EINPROGRESS, "connect %s: %s", where, strerror(errno));
	return fd;
}

bool net_in_time(void)
{
	static time_t start;
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	if (!start)
		start = ts.tv_sec;
	return ts.tv_sec - start < 30;
}
