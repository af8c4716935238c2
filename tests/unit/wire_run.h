/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The wire under test on a loop of its own, and sockets that do not block. */
#ifndef TESTS_WIRE_RUN_H
#define TESTS_WIRE_RUN_H

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "table_fixture.h"
#include "tcplab/wire.h"

static uv_loop_t loop;
static uv_timer_t tick; /* ends each wait now and then, to look at the condition */
static time_t began;
static struct tl_wire *wire;
static struct tl_err err;

/* Everything that was stopped, in order. */
static struct stopped {
	uint32_t id;
	struct tl_segment seg;
	struct tl_packet packet;
	uint8_t bytes[TL_PACKET_SNAP];
} seen[8192];
static size_t n_seen;
static uint64_t lost;
static unsigned n_broken, n_closed;
static bool let_go; /* each at once */

static __attribute__((constructor)) void before_criterion(void)
{
	fx_become_root();
}

static inline void on_tick(uv_timer_t *timer)
{
	(void)timer;
}

static inline void turn(void)
{
	uv_run(&loop, UV_RUN_ONCE);
}

/* Let the loop run until it is so. */
#define UNTIL(condition)                                                                     \
	while (!(condition)) {                                                               \
		cr_assert(in_time(began), "never came true: %s", #condition);                 \
		turn();                                                                      \
	}

static inline void release(uint32_t id)
{
	int rc = tl_wire_release(wire, id, &err);

	cr_assert_eq(rc, 0, "%s", err.text);
}

static inline void on_stopped(void *arg, uint32_t id, const struct tl_segment *segment,
		       const struct tl_packet *packet)
{
	cr_assert_eq(arg, &loop, "another arg");
	cr_assert_not_null(packet->bytes, "no packet");
	cr_assert_leq(packet->have, TL_PACKET_SNAP, "%u bytes copied", packet->have);
	seen[n_seen % 8192] = (struct stopped){ id, *segment, *packet, { 0 } };
	memcpy(seen[n_seen++ % 8192].bytes, packet->bytes, packet->have);
	if (let_go)
		release(id);
}

static inline void on_lossy(void *arg, uint64_t n)
{
	cr_assert_eq(arg, &loop, "another arg");
	cr_assert_gt(n, 0, "a loss of none");
	lost += n;
}

static inline void on_broken(void *arg, const struct tl_err *why)
{
	cr_assert_eq(arg, &loop, "another arg");
	cr_assert_neq(why->code, 0, "broken for no reason");
	n_broken++;
}

static inline void on_closed(void *arg)
{
	cr_assert_eq(arg, &loop, "another arg");
	n_closed++;
}

static inline int open_wire(const uint16_t *ports, size_t n)
{
	const struct tl_wire_options options = {
		.loop = &loop, .ports = ports, .n_ports = n, .stopped = on_stopped,
		.lossy = on_lossy, .broken = on_broken, .arg = &loop,
	};

	return tl_wire_open(&wire, &options, &err);
}

static inline void must_open(const uint16_t *ports, size_t n)
{
	int rc = open_wire(ports, n);

	if (rc == -EOPNOTSUPP)
		cr_skip_test("%s", err.text);
	cr_assert_eq(rc, 0, "%s", err.text);
}

static inline void watch(uint16_t port)
{
	must_open(&port, 1);
}

static inline void open_loop(void)
{
	cr_assert_eq(uv_loop_init(&loop), 0, "no loop");
	uv_timer_init(&loop, &tick);
	uv_timer_start(&tick, on_tick, 5, 5);
}

static inline void set_loopback(unsigned long request, struct ifreq lo)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(lo.ifr_name, "lo");
	cr_assert_eq(ioctl(fd, request, &lo), 0, "lo: %s", strerror(errno));
	close(fd);
}

/* With the loopback's own MTU of 64 KiB no segment would ever be put off to GSO. */
static inline void set_up(void)
{
	fx_set_up();
	set_loopback(SIOCSIFMTU, (struct ifreq){ .ifr_mtu = 1500 });
	open_loop();
	began = now();
}

/* Nothing of the wire may be left on the loop. */
static inline void close_all(void)
{
	if (wire) {
		n_closed = 0;
		tl_wire_close(wire, on_closed, &loop);
		cr_assert_eq(n_closed, 0, "closed() inside the call");
		UNTIL(n_closed);
		wire = NULL;
	}
	uv_close((uv_handle_t *)&tick, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	cr_assert_eq(uv_loop_close(&loop), 0, "handles are left open");
}

static inline void tear_down(void)
{
	close_all();
	fx_tear_down();
	cr_assert_eq(n_broken, 0, "broken");
}

/* Sockets that do not block, as we are what they would wait for. */

static inline int listening(const char *where, int backlog)
{
	int fd = listener(where, backlog);

	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

/* Return: the connection that @fd was to accept, or -1 as long as there is none. */
static inline int accepted(int fd)
{
	return accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static inline int connecting(const char *where)
{
	struct tl_endpoint ep = at(where);
	struct sockaddr_storage ss;
	socklen_t len = to_sockaddr(&ep, &ss);
	int fd = socket(ep.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc = connect(fd, (void *)&ss, len);

	cr_assert(!rc || errno == EINPROGRESS, "connect %s: %s", where, strerror(errno));
	return fd;
}

static inline bool connects(const char *where)
{
	int server = listening(where, 1), fd = connecting(where);
	bool did = accepted(server) >= 0;

	close(fd);
	close(server);
	return did;
}

#endif
