/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a look at the socket table costs, with 10, 1 000 and 10 000 sockets in it:
 * tl_table_stream() and tl_table_dump() inside a process, beside a loop that only receives,
 * with and without a port filter, and as a whole process that prints every row, beside ss and
 * netstat. Lines that start with "ratio" are for machines: "ratio NAME OURS/THEIRS".
 *
 * The sockets belong to a child of their own in a network namespace of their own, so
 * that no process being measured has ten thousand descriptors to inherit and close.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include "tcplab/buf.h"
#include "tcplab/table.h"

enum { WATCHED = 6379, CROWD = 7000, WATCHED_ROWS = 3 };

/* Enough rounds for a median, and an end for a slow machine. */
enum { ROUNDS = 201, ROUNDS_MIN = 5 };
static const double SECONDS = 3; /* for each measurement */

static const size_t counts[] = { 10, 1000, 10000 };
enum { COUNTS = sizeof(counts) / sizeof(*counts) };

static char *const own[] = { "/proc/self/exe", "--print", NULL };
static char *const ss[] = { "ss", "-Htan", NULL };
static char *const netstat[] = { "netstat", "-tan", NULL };

/* X(identifier, heading, program to run or NULL, lines it prints beside the rows) */
#define SUBJECTS(X)                                                                          \
	X(FLOOR, "received, nothing parsed", NULL, 0)                                         \
	X(STREAM, "tl_table_stream, every row", NULL, 0)                                     \
	X(DUMP, "tl_table_dump, every row", NULL, 0)                                         \
	X(FILTER, "tl_table_dump, port filter, 3 rows", NULL, 0)                             \
	X(OWN, "process that dumps and prints", own, 0)                                      \
	X(SS, "process ss -Htan", ss, 0)                                                     \
	X(NETSTAT, "process netstat -tan", netstat, 2)

enum subject {
#define X(id, ...) id,
	SUBJECTS(X)
#undef X
	SUBJECT_COUNT
};

static const struct {
	const char *heading;
	char *const *argv;
	size_t extra_lines;
} subjects[] = {
#define X(id, heading, argv, extra) { heading, argv, extra },
	SUBJECTS(X)
#undef X
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "snapshot: %s: %s\n", what, strerror(errno));
	exit(1);
}

static _Noreturn void die_err(const struct tl_err *err)
{
	fprintf(stderr, "snapshot: %s\n", err->text);
	exit(1);
}

/* The sockets. */

static int listen_on(uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port),
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (void *)&sin, sizeof(sin)) || listen(fd, 1))
		die("cannot listen");
	return fd;
}

static void connect_one(int listener)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || getsockname(listener, (void *)&sin, &len) ||
	    connect(fd, (void *)&sin, len) || accept4(listener, NULL, NULL, SOCK_CLOEXEC) < 0)
		die("cannot connect");
}

/* Make as many sockets as each message on @orders asks for, and say so; end with it. */
static _Noreturn void hold_sockets(int orders, int answers)
{
	int watched = listen_on(WATCHED), crowd = listen_on(CROWD);
	size_t have = 4, want;

	connect_one(watched);
	while (read(orders, &want, sizeof(want)) == sizeof(want)) {
		for (; have < want; have += 2)
			connect_one(crowd);
		if (write(answers, &have, sizeof(have)) != sizeof(have))
			break;
	}
	_exit(0);
}

struct holder {
	int orders;
	int answers;
	pid_t pid;
};

static struct holder start_holder(void)
{
	struct holder h;
	int orders[2], answers[2];

	if (pipe2(orders, O_CLOEXEC) || pipe2(answers, O_CLOEXEC))
		die("pipe");
	h.pid = fork();
	if (h.pid < 0)
		die("fork");
	if (!h.pid) {
		close(orders[1]);
		close(answers[0]);
		hold_sockets(orders[0], answers[1]);
	}
	close(orders[0]);
	close(answers[1]);
	h.orders = orders[1];
	h.answers = answers[0];
	return h;
}

static void hold(const struct holder *h, size_t want)
{
	size_t have;

	if (write(h->orders, &want, sizeof(want)) != sizeof(want) ||
	    read(h->answers, &have, sizeof(have)) != sizeof(have) || have != want) {
		fprintf(stderr, "snapshot: no %zu sockets could be made\n", want);
		exit(1);
	}
}

/* False where this host does not let us. */
static bool enter_namespace(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd;

	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo))
		die("cannot bring the loopback up");
	close(fd);
	return true;
}

static void raise_limit(void)
{
	const rlim_t want = counts[COUNTS - 1] + 64;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		die("getrlimit");
	if (limit.rlim_cur >= want)
		return;
	limit.rlim_cur = want;
	if (limit.rlim_max < want)
		limit.rlim_max = want;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("cannot have ten thousand files open");
}

/* The subjects. */

static void print_row(struct tl_buf *out, const struct tl_sock *sock)
{
	char local[TL_ENDPOINT_TEXT], remote[TL_ENDPOINT_TEXT];

	tl_buf_fmt(out, "%-5s %6u %6u %-23s %-23s %s\n",
		   sock->local.family == AF_INET ? "tcp" : "tcp6", sock->recvq, sock->sendq,
		   tl_endpoint_text(&sock->local, local),
		   tl_endpoint_text(&sock->remote, remote), tl_state_name(sock->state));
}

/* The process that is measured: this program again, with "--print". */
static int print_table(void)
{
	struct tl_table *table = NULL;
	struct tl_socks socks = { 0 };
	struct tl_buf out = { 0 };
	struct tl_err err = { 0 };

	if (tl_table_open(&table, &err) || tl_table_dump(table, NULL, 0, &socks, &err))
		die_err(&err);
	for (size_t i = 0; i < socks.n; i++)
		print_row(&out, &socks.v[i]);
	if (out.failed || fwrite(out.data, 1, out.len, stdout) != out.len || fflush(stdout))
		die("cannot print");
	tl_buf_release(&out);
	tl_socks_release(&socks);
	tl_table_close(table);
	return 0;
}

/* Returns the pid, or 0 where there is no such program. */
static pid_t start(char *const *argv, int out)
{
	posix_spawn_file_actions_t files;
	pid_t pid;
	int rc;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, 1);
	rc = posix_spawnp(&pid, argv[0], &files, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	return rc ? 0 : pid;
}

struct took {
	double seconds;
	size_t lines;
	long kib; /* the most memory that it had */
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* From before it is started until all that it printed, to a pipe, is read and it has ended. */
static struct took take_time(char *const *argv)
{
	char bytes[65536];
	struct took took = { 0 };
	struct rusage usage;
	double began = now();
	int ends[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		die("pipe");
	pid = start(argv, ends[1]);
	close(ends[1]);
	while ((n = read(ends[0], bytes, sizeof(bytes))) > 0)
		for (char *at = bytes; (at = memchr(at, '\n', bytes + n - at)); at++)
			took.lines++;
	close(ends[0]);
	if (!pid)
		return took;
	if (wait4(pid, &status, 0, &usage) != pid || status) {
		fprintf(stderr, "snapshot: %s failed\n", argv[0]);
		exit(1);
	}
	took.seconds = now() - began;
	took.kib = usage.ru_maxrss;
	return took;
}

struct bench {
	struct tl_table *table;
	struct tl_socks socks;
};

static size_t dump(struct bench *b, size_t n_ports)
{
	const uint16_t port = WATCHED;
	struct tl_err err = { 0 };

	if (tl_table_dump(b->table, &port, n_ports, &b->socks, &err))
		die_err(&err);
	return b->socks.n;
}

static int count_row(void *arg, const struct tl_sock *sock, const struct tl_sock_info *info,
		     struct tl_err *err)
{
	(void)sock;
	(void)info;
	(void)err;
	++*(size_t *)arg;
	return 0;
}

static size_t stream(void)
{
	size_t rows = 0;
	const struct tl_stream all = { .take = count_row, .arg = &rows };
	struct tl_err err = { 0 };
	bool torn = false;

	if (tl_table_stream(&all, &torn, &err))
		die_err(&err);
	return rows;
}

/* What nobody can do without: ask twice, and receive until the kernel is done. */
static void receive_only(void)
{
	static const int families[] = { AF_INET, AF_INET6 };
	static _Alignas(struct nlmsghdr) char bytes[32768];
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 body;
	} ask = { .head = { .nlmsg_len = sizeof(ask), .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		  .body = { .sdiag_protocol = IPPROTO_TCP, .idiag_states = 0xfff } };
	const struct nlmsghdr *first = (const void *)bytes;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	for (int i = 0; i < 2; i++) {
		ask.body.sdiag_family = families[i];
		if (send(fd, &ask, sizeof(ask), 0) != sizeof(ask))
			die("cannot ask for the table");
		do
			if (recv(fd, bytes, sizeof(bytes), 0) < (ssize_t)sizeof(*first))
				die("cannot receive the table");
		while (first->nlmsg_type == SOCK_DIAG_BY_FAMILY);
	}
	close(fd);
}

/* Every subject must see all the sockets there are; false for a program that is not there. */
static bool sees_all(struct bench *b, enum subject s, size_t sockets)
{
	size_t seen, want = s == FILTER ? WATCHED_ROWS : sockets;

	if (s == FLOOR)
		return true;
	if (s == STREAM)
		seen = stream();
	else if (s == DUMP || s == FILTER)
		seen = dump(b, s == FILTER);
	else
		seen = take_time(subjects[s].argv).lines;
	if (!seen && (s == SS || s == NETSTAT))
		return false;
	if (seen != want + subjects[s].extra_lines) {
		fprintf(stderr, "snapshot: %s: %zu lines for %zu sockets\n",
			subjects[s].heading, seen, want);
		exit(1);
	}
	return true;
}

static double once(struct bench *b, enum subject s)
{
	double began = now();

	if (subjects[s].argv)
		return take_time(subjects[s].argv).seconds;
	if (s == FLOOR)
		receive_only();
	else if (s == STREAM)
		stream();
	else
		dump(b, s == FILTER);
	return now() - began;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Turn by turn, so that what else the machine does falls on all alike. */
static void measure(struct bench *b, size_t sockets, double *median)
{
	static double took[SUBJECT_COUNT][ROUNDS];
	bool there[SUBJECT_COUNT];
	double began;
	int n;

	for (enum subject s = 0; s < SUBJECT_COUNT; s++)
		there[s] = sees_all(b, s, sockets);
	began = now();
	for (n = 0; n < ROUNDS && (n < ROUNDS_MIN || now() - began < SECONDS); n++)
		for (enum subject s = 0; s < SUBJECT_COUNT; s++)
			if (there[s])
				took[s][n] = once(b, s);
	for (enum subject s = 0; s < SUBJECT_COUNT; s++) {
		qsort(took[s], n, sizeof(took[s][0]), by_size);
		median[s] = there[s] ? took[s][n / 2] : 0;
	}
}

/* The report. */

static void print_medians(double median[][SUBJECT_COUNT])
{
	printf("A look at the socket table; median milliseconds of wall time\n%-37s", "");
	for (int i = 0; i < COUNTS; i++)
		printf("%9zu", counts[i]);
	printf(" sockets\n");
	for (enum subject s = 0; s < SUBJECT_COUNT; s++) {
		printf("  %-35s", subjects[s].heading);
		for (int i = 0; i < COUNTS; i++)
			if (median[i][s] > 0)
				printf("%9.3f", median[i][s] * 1e3);
			else
				printf("%9s", "none");
		printf("\n");
	}
}

static void print_ratios(double median[][SUBJECT_COUNT])
{
	static const struct {
		const char *name;
		enum subject ours, theirs;
	} ratios[] = {
		{ "stream-floor", STREAM, FLOOR },
		{ "filtered-dump", FILTER, DUMP },
		{ "snapshot-ss", OWN, SS },
		{ "snapshot-netstat", OWN, NETSTAT },
	};

	for (size_t r = 0; r < sizeof(ratios) / sizeof(*ratios); r++)
		for (int i = 0; i < COUNTS; i++)
			if (median[i][ratios[r].theirs] > 0)
				printf("ratio %s-%zu %.2f\n", ratios[r].name, counts[i],
				       median[i][ratios[r].ours] / median[i][ratios[r].theirs]);
}

/*
 * "--once COMMAND...": the milliseconds of one process, how many lines it printed, and the most
 * memory that it had, in KiB. Whoever starts it is small itself: what a process had before it
 * became another program counts as well.
 */
static int tell_once(char *const *argv)
{
	struct took took = take_time(argv);

	if (!took.kib)
		die(argv[0]);
	printf("%.3f %zu %ld\n", took.seconds * 1e3, took.lines, took.kib);
	return 0;
}

int main(int argc, char **argv)
{
	double median[COUNTS][SUBJECT_COUNT];
	struct bench b = { 0 };
	struct tl_err err = { 0 };
	struct holder holder;

	if (argc > 2 && !strcmp(argv[1], "--once"))
		return tell_once(argv + 2);
	if (argc > 1)
		return strcmp(argv[1], "--print") ? 2 : print_table();
	if (!enter_namespace()) {
		fprintf(stderr, "snapshot: this host allows no network namespace\n");
		return 77;
	}
	signal(SIGPIPE, SIG_IGN);
	raise_limit();
	holder = start_holder();
	if (tl_table_open(&b.table, &err))
		die_err(&err);
	for (int i = 0; i < COUNTS; i++) {
		hold(&holder, counts[i]);
		measure(&b, counts[i], median[i]);
	}
	close(holder.orders);
	waitpid(holder.pid, NULL, 0);
	tl_socks_release(&b.socks);
	tl_table_close(b.table);
	print_medians(median);
	print_ratios(median);
	return 0;
}
