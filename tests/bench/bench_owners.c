/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What finding the owners of sockets costs, beside a program that makes only the calls it takes
 * and keeps nothing: each process's descriptors listed, each link read, the table received.
 *
 *	bench_owners             both in this process, and their ratio
 *	bench_owners --calls     the calls alone, once: a process that bench_host.py measures
 *
 * Lines that start with "ratio" are for machines: "ratio NAME OURS/CALLS".
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>

#include "tcplab/processes.h"

enum { ROUNDS = 101, LIST_ROOM = 32768 };

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "bench_owners: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void read_links(int dir)
{
	static _Alignas(struct dirent64) char list[LIST_ROOM];
	char link[64];
	ssize_t n;

	while ((n = getdents64(dir, list, sizeof(list))) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *entry = (const void *)(list + at);

			at += entry->d_reclen;
			/* Of a process that may not be looked into one refusal is enough. */
			if (entry->d_name[0] != '.' &&
			    readlinkat(dir, entry->d_name, link, sizeof(link)) < 0 && errno == EACCES)
				return;
		}
}

static void walk(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	char path[NAME_MAX + 8];
	struct stat st;
	int dir;

	if (!proc)
		die("/proc");
	while ((entry = readdir(proc))) {
		snprintf(path, sizeof(path), "%s/fd", entry->d_name);
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
		    fstatat(dirfd(proc), path, &st, 0) || !st.st_size)
			continue;
		dir = openat(dirfd(proc), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (dir < 0)
			continue;
		read_links(dir);
		close(dir);
	}
	closedir(proc);
}

/* Everything that a table with ages and owners is made of, read and thrown away. */
static void receive(void)
{
	static _Alignas(struct nlmsghdr) char bytes[LIST_ROOM];
	const struct {
		struct nlmsghdr head;
		struct inet_diag_req body; /* IPv4 and IPv6 at once */
	} request = {
		{ .nlmsg_len = sizeof(request), .nlmsg_type = TCPDIAG_GETSOCK,
		  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		{ .idiag_states = 0xfff, .idiag_ext = 1 << (INET_DIAG_INFO - 1) },
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	const struct nlmsghdr *last = (const void *)bytes;
	ssize_t n;

	if (fd < 0 || send(fd, &request, sizeof(request), 0) < 0)
		die("sock_diag");
	do
		n = recv(fd, bytes, sizeof(bytes), 0);
	while (n > 0 && last->nlmsg_type != NLMSG_DONE && last->nlmsg_type != NLMSG_ERROR);
	close(fd);
}

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void own(void)
{
	struct tl_processes all = { 0 };
	struct tl_err err;

	if (tl_processes_read("/proc", &all, &err)) {
		fprintf(stderr, "bench_owners: %s\n", err.text);
		exit(1);
	}
	tl_processes_release(&all);
}

int main(int argc, char **argv)
{
	double ours[ROUNDS], calls[ROUNDS];

	if (argc > 1 && !strcmp(argv[1], "--calls")) {
		receive();
		walk();
		return 0;
	}
	for (int i = 0; i < ROUNDS; i++) { /* turn by turn, so that the load falls on both alike */
		double began = now_ms();

		walk();
		calls[i] = now_ms() - began;
		own();
		ours[i] = now_ms() - began - calls[i];
	}
	qsort(ours, ROUNDS, sizeof(*ours), by_value);
	qsort(calls, ROUNDS, sizeof(*calls), by_value);
	printf("Who has which socket open, on this host as it is; median milliseconds of %d\n"
	       "  tl_processes_read                  %9.2f ms\n"
	       "  the calls it takes, nothing kept   %9.2f ms\n"
	       "ratio owners-calls %.2f\n", ROUNDS, ours[ROUNDS / 2], calls[ROUNDS / 2],
	       ours[ROUNDS / 2] / calls[ROUNDS / 2]);
	return 0;
}
