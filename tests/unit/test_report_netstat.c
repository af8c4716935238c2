/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows as netstat prints them, held against netstat itself over sockets of every kind. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tcplab/report.h"
#include "tcplab/table.h"

#define LONG_A "2001:db8:1234:5678:9abc:def0:1234:5678"
#define LONG_B "2001:db8::12:3456:789a"

static const char *row_of(struct tl_buf *buf, enum tl_state state, const char *local,
			  const char *remote, uint32_t recvq, uint32_t sendq)
{
	struct tl_sock sock = { .state = state, .recvq = recvq, .sendq = sendq };
	struct tl_err err = { 0 };

	cr_assert_eq(tl_endpoint_parse(local, &sock.local, &err), 0, "%s", err.text);
	cr_assert_eq(tl_endpoint_parse(remote, &sock.remote, &err), 0, "%s", err.text);
	tl_buf_release(buf);
	tl_report_netstat_row(&sock, buf);
	return tl_buf_text(buf);
}

/* What netstat 2.10 printed, taken down. */
Test(report_netstat, rows_that_were_taken_down)
{
	struct tl_buf buf = { 0 };

	cr_assert_str_eq(
		row_of(&buf, TL_LISTEN, "0.0.0.0:6379", "0.0.0.0:*", 1, 511),
		"tcp        1      0 0.0.0.0:6379            0.0.0.0:*               LISTEN");
	cr_assert_str_eq(
		row_of(&buf, TL_ESTABLISHED, "127.0.0.1:41890", "127.0.0.1:6380", 0, 0),
		"tcp        0      0 127.0.0.1:41890         127.0.0.1:6380          ESTABLISHED");
	cr_assert_str_eq(
		row_of(&buf, TL_LISTEN, ":::6380", ":::*", 0, 511),
		"tcp6       0      0 :::6380                 :::*                    LISTEN");
	cr_assert_str_eq(
		row_of(&buf, TL_ESTABLISHED, "::ffff:127.0.0.1:6380",
		       "::ffff:127.0.0.1:41890", 7, 0),
		"tcp6       7      0 127.0.0.1:6380          127.0.0.1:41890         ESTABLISHED");
	cr_assert_str_eq(
		row_of(&buf, TL_LISTEN, "2001:db8::12:3456:78:6379", ":::*", 0, 5),
		"tcp6       0      0 2001:db8::12:3456::6379 :::*                    LISTEN");
	cr_assert_str_eq(
		row_of(&buf, TL_ESTABLISHED, LONG_A ":56789", LONG_A ":45678", 0, 0),
		"tcp6       0      0 2001:db8:1234:567:56789 2001:db8:1234:567:45678 ESTABLISHED");
	tl_buf_release(&buf);
}

/*
 * What follows up to compare() runs in a child with a network of its own, which must not
 * assert: what goes wrong there ends it, with a line on the pipe to say what.
 */
static FILE *to_parent;

static void must(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(to_parent, "!%s: %m\n", what);
	fflush(to_parent);
	_exit(1);
}

static void lo_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	must(ioctl(fd, SIOCSIFFLAGS, &ifr) == 0, "lo up");
	close(fd);
}

/* A new IPv6 address can be bound to only when the kernel is done with looking at it. */
static bool lo_add(const char *addr)
{
	struct in6_ifreq ifr = { .ifr6_prefixlen = 128, .ifr6_ifindex = 1 };
	struct sockaddr_in6 at = { .sin6_family = AF_INET6 };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	time_t deadline = time(NULL) + 10;
	bool added;

	inet_pton(AF_INET6, addr, &at.sin6_addr);
	ifr.ifr6_addr = at.sin6_addr;
	added = fd >= 0 && ioctl(fd, SIOCSIFADDR, &ifr) == 0;
	while (added && bind(fd, (struct sockaddr *)&at, sizeof(at))) {
		must(errno == EADDRNOTAVAIL && time(NULL) < deadline, addr);
		poll(NULL, 0, 1);
	}
	close(fd);
	return added;
}

static socklen_t sockaddr_of(const char *text, struct sockaddr_storage *ss)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *in = (struct sockaddr_in *)ss;
	struct tl_endpoint ep;
	struct tl_err err = { 0 };

	must(tl_endpoint_parse(text, &ep, &err) == 0, err.text);
	memset(ss, 0, sizeof(*ss));
	ss->ss_family = ep.family;
	in->sin_port = htons(ep.port);
	if (ep.family == AF_INET)
		memcpy(&in->sin_addr, ep.addr, 4);
	else
		memcpy(&in6->sin6_addr, ep.addr, 16);
	return ep.family == AF_INET ? sizeof(*in) : sizeof(*in6);
}

static int listener(const char *at, int backlog)
{
	struct sockaddr_storage ss;
	socklen_t len = sockaddr_of(at, &ss);
	int fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	must(bind(fd, (struct sockaddr *)&ss, len) == 0, at);
	must(listen(fd, backlog) == 0, at);
	return fd;
}

static int client(const char *to)
{
	struct sockaddr_storage ss;
	socklen_t len = sockaddr_of(to, &ss);
	int fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	must(connect(fd, (struct sockaddr *)&ss, len) == 0, to);
	return fd;
}

/* A socket of each kind that stays as it is; they are left to the end of the process. */
static void populate(bool v6)
{
	int a = listener("0.0.0.0:6379", 511), b, accepted, fd;

	client("127.0.0.1:6379"); /* waits for its accept */
	fd = client("127.0.0.1:6379");
	must(send(fd, "seven b", 7, 0) == 7, "send");
	accepted = accept(a, NULL, NULL);
	shutdown(accepted, SHUT_WR); /* FIN_WAIT2, and CLOSE_WAIT opposite */
	b = listener("127.0.0.1:65535", 1);
	fd = client("127.0.0.1:65535");
	accepted = accept(b, NULL, NULL);
	close(fd);
	close(accepted); /* TIME_WAIT */
	if (!v6)
		return;
	listener(":::6380", 5);
	client("127.0.0.1:6380");
	client("::1:6380");
	listener(LONG_A ":1", 5);
	listener(LONG_A ":65535", 5);
	listener(LONG_B ":80", 5);
	client(LONG_A ":65535");
	client(LONG_B ":80");
}

static void netstat(struct tl_buf *out)
{
	FILE *f = popen("netstat -an 2>/dev/null </dev/null", "r");
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "tcp", 3) || !strncmp(line, "Proto Recv-Q", 12))
			tl_buf_str(out, line);
	if (f)
		pclose(f);
}

static void ours(struct tl_table *table, struct tl_buf *out)
{
	struct tl_socks socks = { 0 };
	struct tl_err err = { 0 };

	must(tl_table_read(table, NULL, 0, 100, &socks, &err) == 0, err.text);
	tl_buf_fmt(out, "%s\n", tl_report_netstat_head());
	for (size_t i = 0; i < socks.n; i++) {
		tl_report_netstat_row(&socks.v[i], out);
		tl_buf_str(out, "\n");
	}
	tl_socks_release(&socks);
}

/* Ours, "=", netstat's: both of one moment, for ours is the same before and after. */
static void both(void)
{
	struct tl_table *table = NULL;
	struct tl_err err = { 0 };
	bool steady = false;

	must(tl_table_open(&table, &err) == 0, err.text);
	for (int i = 0; i < 200 && !steady; i++) {
		struct tl_buf before = { 0 }, theirs = { 0 }, after = { 0 };

		ours(table, &before);
		netstat(&theirs);
		ours(table, &after);
		steady = !strcmp(tl_buf_text(&before), tl_buf_text(&after));
		if (steady)
			fprintf(to_parent, "%s=\n%s", tl_buf_text(&before),
				tl_buf_text(&theirs));
		tl_buf_release(&after);
		tl_buf_release(&theirs);
		tl_buf_release(&before);
	}
	must(steady, "the table did not come to rest");
	tl_table_close(table);
}

static void child(int fd)
{
	to_parent = fdopen(fd, "w");
	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		_exit(77);
	lo_up();
	populate(lo_add(LONG_A) && lo_add(LONG_B));
	both();
	fflush(to_parent);
	_exit(0);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines of @text sorted, the trailing blanks of each cut. */
static struct tl_buf sorted(char *text)
{
	char *lines[64], *save = NULL;
	struct tl_buf out = { 0 };
	size_t n = 0;

	for (char *line = strtok_r(text, "\n", &save); line && n < 64;
	     line = strtok_r(NULL, "\n", &save)) {
		size_t len = strlen(line);

		while (len && line[len - 1] == ' ')
			line[--len] = '\0';
		lines[n++] = line;
	}
	qsort(lines, n, sizeof(lines[0]), by_text);
	for (size_t i = 0; i < n; i++)
		tl_buf_fmt(&out, "%s\n", lines[i]);
	return out;
}

static void compare(char *said)
{
	char *theirs = strstr(said, "=\n");
	struct tl_buf a, b;

	cr_assert_not_null(theirs, "%s", said);
	*theirs = '\0';
	a = sorted(said);
	b = sorted(theirs + 2);
	cr_assert_not_null(strstr(tl_buf_text(&b), "ESTABLISHED"), "netstat said nothing");
	cr_assert_str_eq(tl_buf_text(&a), tl_buf_text(&b));
	tl_buf_release(&a);
	tl_buf_release(&b);
}

Test(report_netstat, rows_are_those_of_netstat)
{
	struct tl_buf said = { 0 };
	int ends[2], status;
	char bytes[4096];
	pid_t pid;

	if (system("netstat --version >/dev/null 2>&1 </dev/null") == 127 << 8)
		cr_skip_test("there is no netstat on this host");
	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (!pid)
		child(ends[1]);
	close(ends[1]);
	for (ssize_t n; (n = read(ends[0], bytes, sizeof(bytes))) > 0;)
		tl_buf_add(&said, bytes, n);
	close(ends[0]);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		cr_skip_test("this host does not allow a network namespace");
	cr_assert_eq(status, 0, "%s", tl_buf_text(&said));
	compare(said.data);
	tl_buf_release(&said);
}
