/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What it costs to stop each segment, read it and let it go: 64 MiB from one process to
 * another and a byte there and back many times, with the wire tapped and without. Lines
 * that start with "ratio" are for machines: "ratio NAME TAPPED/UNTAPPED".
 */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tcplab/wire.h"

enum { PORT = 6379, ROUNDS = 21, BYTES = 64 << 20, ROUND_TRIPS = 5000 };

/* X(identifier, heading, name of the ratio) */
#define SUBJECTS(X)                                                                          \
	X(TRANSFER, "64 MiB one way", "tapped-transfer")                                     \
	X(PINGPONG, "5 000 bytes there and back", "tapped-pingpong")

enum subject {
#define X(id, ...) id,
	SUBJECTS(X)
#undef X
	SUBJECT_COUNT
};

static const char *const headings[] = {
#define X(id, heading, name) heading,
	SUBJECTS(X)
#undef X
};

static const char *const names[] = {
#define X(id, heading, name) name,
	SUBJECTS(X)
#undef X
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "wire: %s: %s\n", what, strerror(errno));
	exit(1);
}

static _Noreturn void die_err(const struct tl_err *err)
{
	fprintf(stderr, "wire: %s\n", err->text);
	exit(err->code == EOPNOTSUPP ? 77 : 1);
}

static double now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* The two ends. */

static struct sockaddr_in here(void)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(PORT),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static int stream(void)
{
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)))
		die("socket");
	return fd;
}

static char bytes[1 << 18];

static void play_client(enum subject s)
{
	struct sockaddr_in sin = here();
	int fd = stream();

	if (connect(fd, (void *)&sin, sizeof(sin)))
		die("connect");
	for (size_t n = 0; s == TRANSFER && n < BYTES; n += sizeof(bytes))
		if (send(fd, bytes, sizeof(bytes), 0) != sizeof(bytes))
			die("send");
	for (int i = 0; s == PINGPONG && i < ROUND_TRIPS; i++)
		if (send(fd, bytes, 1, 0) != 1 || recv(fd, bytes, 1, 0) != 1)
			die("a byte there and back");
	_exit(0);
}

static void play_server(enum subject s, int listener)
{
	int fd = accept(listener, NULL, NULL);
	size_t got = 0;
	ssize_t n;

	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0) {
		got += n;
		if (s == PINGPONG && send(fd, bytes, 1, 0) != 1)
			die("send");
	}
	_exit(got != (s == TRANSFER ? BYTES : ROUND_TRIPS));
}

struct ends {
	pid_t client, server;
	int over; /* becomes readable when both have ended */
};

static struct ends start(enum subject s)
{
	struct sockaddr_in sin = here();
	int listener = stream(), ends[2];
	struct ends e;

	if (bind(listener, (void *)&sin, sizeof(sin)) || listen(listener, 1) || pipe(ends))
		die("listen");
	e.client = fork();
	if (!e.client)
		play_client(s);
	e.server = fork();
	if (!e.server)
		play_server(s, listener);
	if (e.client < 0 || e.server < 0)
		die("fork");
	close(listener);
	close(ends[1]);
	e.over = ends[0];
	return e;
}

static void finish(const struct ends *e)
{
	int a, b;

	close(e->over);
	if (waitpid(e->client, &a, 0) < 0 || waitpid(e->server, &b, 0) < 0 || a || b) {
		fprintf(stderr, "wire: not all bytes arrived\n");
		exit(1);
	}
}

/* The tap. */

struct tap {
	uv_loop_t loop;
	uv_poll_t over;
	struct tl_wire *wire;
	size_t segments;
	uint64_t lost;
	double deciding; /* seconds in tl_wire_release() */
};

static void on_stopped(void *arg, uint32_t id, const struct tl_segment *segment,
		       const struct tl_packet *packet)
{
	struct tap *t = arg;
	struct tl_err err;
	double began = now(CLOCK_MONOTONIC);

	(void)segment, (void)packet;
	if (tl_wire_release(t->wire, id, &err))
		die_err(&err);
	t->deciding += now(CLOCK_MONOTONIC) - began;
	t->segments++;
}

static void on_lossy(void *arg, uint64_t n)
{
	struct tap *t = arg;

	t->lost += n;
}

static void on_broken(void *arg, const struct tl_err *err)
{
	(void)arg;
	die_err(err);
}

static void on_over(uv_poll_t *over, int status, int events)
{
	struct tap *t = over->data;

	(void)status, (void)events;
	uv_close((uv_handle_t *)over, NULL);
	tl_wire_close(t->wire, NULL, NULL);
}

struct cost {
	double wall;
	double cpu;      /* of the tapping process */
	double deciding;
	double segments;
};

static struct cost once(enum subject s, bool tapped)
{
	const uint16_t port = PORT;
	struct tap t = { 0 };
	const struct tl_wire_options options = {
		.loop = &t.loop, .ports = &port, .n_ports = 1, .stopped = on_stopped,
		.lossy = on_lossy, .broken = on_broken, .arg = &t,
	};
	double wall, cpu;
	struct tl_err err;
	struct ends ends;
	char none;

	uv_loop_init(&t.loop);
	if (tapped && tl_wire_open(&t.wire, &options, &err))
		die_err(&err);
	wall = now(CLOCK_MONOTONIC);
	cpu = now(CLOCK_PROCESS_CPUTIME_ID);
	ends = start(s);
	if (tapped) {
		uv_poll_init(&t.loop, &t.over, ends.over);
		t.over.data = &t;
		uv_poll_start(&t.over, UV_READABLE | UV_DISCONNECT, on_over);
		uv_run(&t.loop, UV_RUN_DEFAULT);
	} else if (read(ends.over, &none, 1)) {
		die("read");
	}
	wall = now(CLOCK_MONOTONIC) - wall;
	cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	finish(&ends);
	uv_loop_close(&t.loop);
	if (t.lost) {
		fprintf(stderr, "wire: %lu segments went by unseen\n", t.lost);
		exit(1);
	}
	return (struct cost){ wall, cpu, t.deciding, t.segments };
}

static int by_wall(const void *a, const void *b)
{
	double x = ((const struct cost *)a)->wall, y = ((const struct cost *)b)->wall;

	return (x > y) - (x < y);
}

/* Turn by turn, so that what else the machine does falls on both alike. */
static void measure(enum subject s)
{
	struct cost with[ROUNDS], without[ROUNDS], *w = &with[ROUNDS / 2];
	double plain;

	for (int i = 0; i < ROUNDS; i++) {
		without[i] = once(s, false);
		with[i] = once(s, true);
	}
	qsort(with, ROUNDS, sizeof(*with), by_wall);
	qsort(without, ROUNDS, sizeof(*without), by_wall);
	plain = without[ROUNDS / 2].wall;
	printf("  %-27s %9.1f %9.1f %9.0f %9.2f %9.2f %9.2f\n", headings[s], plain * 1e3,
	       w->wall * 1e3, w->segments, (w->wall - plain) / w->segments * 1e6,
	       w->cpu / w->segments * 1e6, w->deciding / w->segments * 1e6);
	printf("ratio %s %.2f\n", names[s], w->wall / plain);
}

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

int main(void)
{
	if (!enter_namespace()) {
		fprintf(stderr, "wire: this host allows no network namespace\n");
		return 77;
	}
	setlinebuf(stdout);
	printf("Each segment stopped, read and let go; median of %d rounds\n"
	       "  %-27s %9s %9s %9s %29s\n"
	       "  %-27s %9s %9s %9s %9s %9s %9s\n", ROUNDS,
	       "", "plain", "tapped", "segments", "microseconds for each:",
	       "", "ms", "ms", "", "wall", "CPU", "verdict");
	for (enum subject s = 0; s < SUBJECT_COUNT; s++)
		measure(s);
	return 0;
}
