/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Real connections, stopped segment by segment, held against the kernel's socket table. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>

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

static void on_tick(uv_timer_t *timer)
{
	(void)timer;
}

static void turn(void)
{
	uv_run(&loop, UV_RUN_ONCE);
}

/* Let the loop run until it is so. */
#define UNTIL(condition)                                                                     \
	while (!(condition)) {                                                               \
		cr_assert(in_time(began), "never came true: %s", #condition);                 \
		turn();                                                                      \
	}

static void release(uint32_t id)
{
	int rc = tl_wire_release(wire, id, &err);

	cr_assert_eq(rc, 0, "%s", err.text);
}

static void on_stopped(void *arg, uint32_t id, const struct tl_segment *segment,
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

static void on_lossy(void *arg, uint64_t n)
{
	cr_assert_eq(arg, &loop, "another arg");
	cr_assert_gt(n, 0, "a loss of none");
	lost += n;
}

static void on_broken(void *arg, const struct tl_err *why)
{
	cr_assert_eq(arg, &loop, "another arg");
	cr_assert_neq(why->code, 0, "broken for no reason");
	n_broken++;
}

static void on_closed(void *arg)
{
	cr_assert_eq(arg, &loop, "another arg");
	n_closed++;
}

static int open_wire(const uint16_t *ports, size_t n)
{
	const struct tl_wire_options options = {
		.loop = &loop, .ports = ports, .n_ports = n, .stopped = on_stopped,
		.lossy = on_lossy, .broken = on_broken, .arg = &loop,
	};

	return tl_wire_open(&wire, &options, &err);
}

static void must_open(const uint16_t *ports, size_t n)
{
	int rc = open_wire(ports, n);

	if (rc == -EOPNOTSUPP)
		cr_skip_test("%s", err.text);
	cr_assert_eq(rc, 0, "%s", err.text);
}

static void watch(uint16_t port)
{
	must_open(&port, 1);
}

static void open_loop(void)
{
	cr_assert_eq(uv_loop_init(&loop), 0, "no loop");
	uv_timer_init(&loop, &tick);
	uv_timer_start(&tick, on_tick, 5, 5);
}

static void set_loopback(unsigned long request, struct ifreq lo)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(lo.ifr_name, "lo");
	cr_assert_eq(ioctl(fd, request, &lo), 0, "lo: %s", strerror(errno));
	close(fd);
}

/* With the loopback's own MTU of 64 KiB no segment would ever be put off to GSO. */
static void set_up(void)
{
	fx_set_up();
	set_loopback(SIOCSIFMTU, (struct ifreq){ .ifr_mtu = 1500 });
	open_loop();
	began = now();
}

/* Nothing of the wire may be left on the loop. */
static void close_all(void)
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

static void tear_down(void)
{
	close_all();
	fx_tear_down();
	cr_assert_eq(n_broken, 0, "broken");
}

TestSuite(wire, .init = set_up, .fini = tear_down);

/* Sockets that do not block, as we are what they would wait for. */

static int listening(const char *where, int backlog)
{
	int fd = listener(where, backlog);

	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

/* Return: the connection that @fd was to accept, or -1 as long as there is none. */
static int accepted(int fd)
{
	return accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static int connecting(const char *where)
{
	struct tl_endpoint ep = at(where);
	struct sockaddr_storage ss;
	socklen_t len = to_sockaddr(&ep, &ss);
	int fd = socket(ep.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc = connect(fd, (void *)&ss, len);

	cr_assert(!rc || errno == EINPROGRESS, "connect %s: %s", where, strerror(errno));
	return fd;
}

/* States. */

static enum tl_state state(const struct tl_endpoint *from, const struct tl_endpoint *to)
{
	struct tl_sock sock;
	int rc = tl_table_find(fx.table, from, to, &sock, &err);

	return rc ? TL_CLOSE : sock.state;
}

static void check_state(const struct tl_endpoint *from, const struct tl_endpoint *to,
			enum tl_state expected)
{
	enum tl_state is = state(from, to);

	cr_assert_eq(is, expected, "%s, not %s", tl_state_name(is), tl_state_name(expected));
}

/* Wait for the one segment that is to come next, and say what it has to be. */
static uint32_t await(size_t nth, const char *flags, const struct tl_endpoint *from,
		      const struct tl_endpoint *to)
{
	char text[TL_FLAGS_TEXT];
	const struct stopped *s = &seen[nth - 1];

	UNTIL(n_seen >= nth);
	cr_assert_eq(n_seen, nth, "%zu segments, not %zu", n_seen, nth);
	tl_segment_flags(s->seg.flags, text);
	cr_assert_str_eq(text, flags, "segment %zu is %s, not %s", nth, text, flags);
	cr_assert(tl_endpoint_equal(&s->seg.from, from), "segment %zu is another end's", nth);
	cr_assert(tl_endpoint_equal(&s->seg.to, to), "segment %zu is for another end", nth);
	return s->id;
}

/* RFC 1071: over addresses, length, protocol and segment all 16 bit words sum up to -0. */
static void check_sum(const struct stopped *s)
{
	bool v4 = s->bytes[0] >> 4 == 4;
	uint32_t addresses = v4 ? 12 : 8, at = v4 ? 20 : 40;
	uint32_t sum = IPPROTO_TCP + s->packet.total - at;

	cr_assert_eq(s->packet.have, s->packet.total, "not whole");
	for (uint32_t i = addresses; i < s->packet.total; i++)
		sum += i % 2 ? s->bytes[i] : s->bytes[i] << 8;
	cr_assert_eq((sum & 0xffff) + (sum >> 16), 0xffff, "segment %u: checksum %#x", s->id,
		     sum);
}

static void check_handshake(const char *where, uint16_t mss)
{
	int server = listening(where, 1), fd, peer;
	struct tl_endpoint here, there;
	uint32_t id;

	watch(6379);
	fd = connecting(where);
	here = name_of(fd, false);
	there = name_of(server, false);

	id = await(1, "SYN", &here, &there);
	cr_assert_eq(seen[0].seg.mss, mss, "MSS %u", seen[0].seg.mss);
	check_state(&here, &there, TL_SYN_SENT);
	check_state(&there, &here, TL_CLOSE); /* there is none yet */
	release(id);

	id = await(2, "SYN+ACK", &there, &here);
	cr_assert_eq(seen[1].seg.ack, tl_segment_end(&seen[0].seg), "acknowledges the SYN");
	check_state(&here, &there, TL_SYN_SENT);
	check_state(&there, &here, TL_SYN_RECV);
	release(id);

	id = await(3, "ACK", &here, &there);
	check_state(&here, &there, TL_ESTABLISHED);
	check_state(&there, &here, TL_SYN_RECV);
	release(id);
	UNTIL(state(&there, &here) == TL_ESTABLISHED);

	peer = accepted(server);
	cr_assert_eq(send(fd, "hello", 5, 0), 5, "send: %s", strerror(errno));
	id = await(4, "ACK", &here, &there);
	cr_assert_eq(seen[3].seg.len, 5, "%u bytes", seen[3].seg.len);
	for (size_t i = 0; i < 4; i++)
		check_sum(&seen[i]);
	let_go = true;
	release(id);
	UNTIL(recv(peer, (char[8]){ 0 }, 8, 0) == 5);
	cr_assert_eq(lost, 0, "%lu lost", lost);
}

Test(wire, holds_each_segment_of_a_handshake)
{
	check_handshake("127.0.0.1:6379", 1460);
}

Test(wire, holds_each_segment_of_a_handshake_over_ipv6)
{
	check_handshake("::1:6379", 1440);
}

Test(wire, holds_each_segment_of_a_close)
{
	int server = listening("127.0.0.1:6379", 1), fd, peer;
	struct tl_endpoint here, there = name_of(server, false);
	uint32_t id;

	fd = connecting("127.0.0.1:6379");
	here = name_of(fd, false);
	UNTIL((peer = accepted(server)) >= 0);
	watch(6379);
	close(fd);
	id = await(1, "FIN+ACK", &here, &there);
	check_state(&here, &there, TL_FIN_WAIT1);
	check_state(&there, &here, TL_ESTABLISHED);
	release(id);
	id = await(2, "ACK", &there, &here);
	check_state(&here, &there, TL_FIN_WAIT1);
	check_state(&there, &here, TL_CLOSE_WAIT);
	release(id);
	UNTIL(state(&here, &there) == TL_FIN_WAIT2);
	close(peer);
	id = await(3, "FIN+ACK", &there, &here);
	check_state(&here, &there, TL_FIN_WAIT2);
	check_state(&there, &here, TL_LAST_ACK);
	release(id);
	id = await(4, "ACK", &here, &there);
	check_state(&here, &there, TL_TIME_WAIT);
	check_state(&there, &here, TL_LAST_ACK);
	release(id);
	UNTIL(state(&there, &here) == TL_CLOSE);
	check_state(&here, &there, TL_TIME_WAIT);
}

Test(wire, drops_a_syn_and_sees_it_sent_again)
{
	int server = listening("127.0.0.1:6379", 1), fd;
	int rc;

	watch(6379);
	fd = connecting("127.0.0.1:6379");
	UNTIL(n_seen == 1);
	rc = tl_wire_drop(wire, seen[0].id, &err);
	cr_assert_eq(rc, 0, "%s", err.text);
	UNTIL(n_seen == 2);
	cr_assert(tl_segment_is_copy(&seen[0].seg, &seen[1].seg), "another segment");
	cr_assert_neq(seen[0].id, seen[1].id, "the same packet");
	let_go = true;
	release(seen[1].id);
	UNTIL(accepted(server) >= 0);
	cr_assert_eq(lost, 0, "%lu lost: a drop that was asked for is none", lost);
	close(fd);
}

/* Which ports. */

static bool connects(const char *where)
{
	int server = listening(where, 1), fd = connecting(where);
	bool did = accepted(server) >= 0;

	close(fd);
	close(server);
	return did;
}

Test(wire, watches_several_ports_and_no_others)
{
	const uint16_t ports[] = { 6379, 6389, 65535 };

	must_open(ports, 3);
	cr_assert(connects("127.0.0.1:7000"), "another port's segment did not pass");
	cr_assert(connects("::1:6380"), "another port's segment did not pass");
	turn();
	cr_assert_eq(n_seen, 0, "%zu segments of other ports", n_seen);
	cr_assert_not(connects("127.0.0.1:6379"), "6379 passed");
	UNTIL(n_seen == 1);
	cr_assert_not(connects("127.0.0.1:6389"), "6389 passed");
	UNTIL(n_seen == 2);
	cr_assert_not(connects("::1:65535"), "65535 passed");
	UNTIL(n_seen == 3);
	cr_assert_eq(seen[1].seg.to.port, 6389, "port %u", seen[1].seg.to.port);
}

Test(wire, watches_more_ports_than_one_transaction_takes)
{
	uint16_t ports[200];

	for (int i = 0; i < 200; i++)
		ports[i] = 6001 + i;
	must_open(ports, 200);
	cr_assert(connects("127.0.0.1:6000"), "6000 did not pass");
	cr_assert_not(connects("127.0.0.1:6001"), "6001 passed");
	cr_assert_not(connects("127.0.0.1:6065"), "6065 passed");
	cr_assert_not(connects("127.0.0.1:6200"), "6200 passed");
	cr_assert(connects("127.0.0.1:6201"), "6201 did not pass");
	UNTIL(n_seen == 3);
}

Test(wire, watches_all_ports_when_none_is_named)
{
	must_open(NULL, 0);
	cr_assert_not(connects("127.0.0.1:1"), "1 passed");
	cr_assert_not(connects("127.0.0.1:6379"), "6379 passed");
	cr_assert_not(connects("::1:7000"), "7000 passed");
	UNTIL(n_seen == 3);
}

/* Deciding. */

Test(wire, decides_in_any_order)
{
	enum { N = 200 };
	int server = listening("127.0.0.1:6379", N), n_kept = 0;
	struct tl_endpoint kept[N / 2];

	watch(6379);
	for (int i = 0; i < N; i++)
		connecting("127.0.0.1:6379");
	UNTIL(n_seen == N);
	let_go = true;
	for (int i = N; i-- > 0;) {
		if (i % 2)
			cr_assert_eq(tl_wire_drop(wire, seen[i].id, &err), 0, "%s", err.text);
		else
			release(seen[i].id);
	}
	for (int i = 0; i < N / 2; i++) {
		int fd;

		UNTIL((fd = accepted(server)) >= 0);
		kept[i] = name_of(fd, true);
		n_kept++;
	}
	for (int i = 0; i < N; i += 2) {
		int hits = 0;

		for (int j = 0; j < n_kept; j++)
			hits += tl_endpoint_equal(&kept[j], &seen[i].seg.from);
		cr_assert_eq(hits, 1, "the SYN of connection %d was let go", i);
	}
	cr_assert_eq(lost, 0, "%lu lost", lost);
}

Test(wire, decides_once_on_what_is_held)
{
	watch(6379);
	connecting("127.0.0.1:6379");
	UNTIL(n_seen == 1);
	cr_assert_eq(tl_wire_release(wire, seen[0].id + 1, &err), -ENOENT, "%s", err.text);
	cr_assert_eq(tl_wire_drop(wire, seen[0].id, &err), 0, "%s", err.text);
	cr_assert_eq(tl_wire_drop(wire, seen[0].id, &err), -ENOENT, "dropped twice");
	cr_assert_eq(tl_wire_release(wire, seen[0].id, &err), -ENOENT, "dropped, then let go");
	turn();
	cr_assert_eq(lost, 0, "%lu lost", lost);
}

/* A transfer. */

static char chunk[1 << 18];

struct transfer {
	int from, to;
	size_t sent, received, wrong;
};

static void move_bytes(struct transfer *t, size_t size)
{
	size_t n = size - t->sent;
	ssize_t got = send(t->from, chunk, n < sizeof(chunk) ? n : sizeof(chunk), MSG_NOSIGNAL);
	static char in[sizeof(chunk)];

	t->sent += got > 0 ? got : 0;
	while ((got = recv(t->to, in, sizeof(in), 0)) > 0)
		t->received += got;
}

Test(wire, lets_64_mib_through_and_misses_nothing)
{
	const size_t size = 64 << 20;
	int server = listening("127.0.0.1:6379", 1);
	struct transfer t = { 0 };
	uint64_t counted = 0;
	bool gso = false;
	size_t looked = 0;

	let_go = true;
	watch(6379);
	t.from = connecting("127.0.0.1:6379");
	UNTIL((t.to = accepted(server)) >= 0);
	while (t.received < size) {
		cr_assert(in_time(began), "%zu bytes received", t.received);
		move_bytes(&t, size);
		uv_run(&loop, UV_RUN_NOWAIT);
		for (; looked < n_seen; looked++) {
			const struct stopped *s = &seen[looked % 8192];

			counted += s->seg.to.port == 6379 ? s->seg.len : 0;
			gso |= s->seg.len > 1460;
			cr_assert_geq(s->packet.total, s->seg.len + 40, "%u in all",
				      s->packet.total);
		}
	}
	cr_assert_eq(t.received, size, "%zu bytes received", t.received);
	cr_assert_geq(counted, size, "%lu bytes in segments", counted);
	cr_assert(gso, "no segment longer than the MSS");
	cr_assert_eq(lost, 0, "%lu segments lost", lost);
}

/* Losses. */

/* The wire's own socket, found among our files, so that it can be interfered with. */
static int wires_socket(void)
{
	int found = -1;

	for (int fd = 0; fd < 64; fd++) {
		int domain = 0, protocol = 0;
		socklen_t len = sizeof(domain);

		if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) ||
		    getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) ||
		    domain != AF_NETLINK || protocol != NETLINK_NETFILTER)
			continue;
		cr_assert_eq(found, -1, "a second socket to netfilter");
		found = fd;
	}
	cr_assert_neq(found, -1, "no socket to netfilter");
	return found;
}

static void shrink_receive_buffer(void)
{
	int size = 1, rc;

	rc = setsockopt(wires_socket(), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	cr_assert_eq(rc, 0, "SO_RCVBUF: %s", strerror(errno));
}

Test(wire, counts_what_it_could_not_see)
{
	enum { N = 100 };

	watch(6379);
	shrink_receive_buffer();
	for (size_t round = 1; round <= 2; round++) {
		for (int i = 0; i < N; i++)
			connecting("127.0.0.1:6379");
		UNTIL(n_seen + lost >= round * N);
		cr_assert_eq(n_seen + lost, round * N, "%zu seen, %lu lost", n_seen, lost);
		cr_assert(n_seen && lost, "%zu seen, %lu lost", n_seen, lost);
	}
}

Test(wire, counts_losses_up_to_its_close)
{
	watch(6379);
	shrink_receive_buffer();
	for (int i = 0; i < 100; i++)
		connecting("127.0.0.1:6379");
	tl_wire_close(wire, on_closed, &loop);
	wire = NULL;
	cr_assert_gt(lost, 0, "none lost");
	cr_assert(connects("127.0.0.1:6379"), "is stopped before closed() is called");
	UNTIL(n_closed);
}

Test(wire, counts_a_held_segment_that_the_kernel_drops)
{
	watch(6379);
	connecting("127.0.0.1:6379");
	UNTIL(n_seen == 1);
	set_loopback(SIOCSIFFLAGS, (struct ifreq){ .ifr_flags = 0 });
	cr_assert_eq(lost, 0, "%lu lost", lost);
	release(seen[0].id);
	UNTIL(lost == 1);
}

Test(wire, lets_go_and_counts_what_it_cannot_read)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	/* An IPv4 header and the first eight bytes of one of TCP, to port 6379. */
	unsigned char packet[28] = { 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 6, 0, 0,
				     127, 0, 0, 1, 127, 0, 0, 1, 1, 1, 6379 >> 8, 6379 & 0xff };
	int out = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	int in = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);

	cr_assert(out >= 0 && in >= 0, "no raw socket: %s", strerror(errno));
	watch(6379);
	cr_assert_eq(sendto(out, packet, sizeof(packet), 0, (void *)&to, sizeof(to)),
		     (ssize_t)sizeof(packet), "sendto: %s", strerror(errno));
	UNTIL(lost == 1);
	UNTIL(recv(in, packet, sizeof(packet), 0) > 0);
	cr_assert_eq(n_seen, 0, "was read");
}

/* Without a verdict in it the kernel refuses it, for a reason the wire never gives it. */
Test(wire, says_so_when_it_cannot_go_on)
{
	const struct {
		struct nlmsghdr head;
		struct nfgenmsg queue;
	} nonsense = {
		.head = { .nlmsg_len = sizeof(nonsense), .nlmsg_flags = NLM_F_REQUEST,
			  .nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_VERDICT },
	};

	watch(6379);
	cr_assert_eq(send(wires_socket(), &nonsense, sizeof(nonsense), 0),
		     (ssize_t)sizeof(nonsense), "send: %s", strerror(errno));
	UNTIL(n_broken);
	connecting("127.0.0.1:6379");
	turn();
	turn();
	cr_assert_eq(n_seen, 0, "goes on all the same");
	cr_assert_eq(n_broken, 1, "broken() %u times", n_broken);
	n_broken = 0;
}

/* Opening, closing, probing. */

Test(wire, opens_once_in_a_network_namespace)
{
	struct tl_wire *first;
	const uint16_t port = 6389;
	int rc;

	watch(6379);
	first = wire;
	rc = open_wire(&port, 1);
	cr_assert_eq(rc, -EPERM, "%d", rc);
	cr_assert_eq(wire, first, "was written to");
	cr_assert_not(connects("127.0.0.1:6379"), "the first one's rule is gone");
	cr_assert(connects("127.0.0.1:6389"), "the second one's rule is in place");
	UNTIL(n_seen == 1);
}

Test(wire, closes_with_segments_held_and_opens_again)
{
	int server = listening("127.0.0.1:6379", 8);

	watch(6379);
	for (int i = 0; i < 5; i++)
		connecting("127.0.0.1:6379");
	UNTIL(n_seen == 5);
	close_all();
	cr_assert_eq(n_closed, 1, "closed() %u times", n_closed);
	connecting("127.0.0.1:6379");
	cr_assert_geq(accepted(server), 0, "is stopped all the same");

	open_loop();
	n_seen = 0;
	watch(6389); /* and 6379 no more */
	cr_assert_not(connects("127.0.0.1:6389"), "6389 passed");
	UNTIL(n_seen == 1);
	cr_assert_eq(seen[0].id, 1, "id %u", seen[0].id);
	for (int i = 0; i < 5; i++) /* sent again, as all that is lost */
		UNTIL(accepted(server) >= 0);
	cr_assert_eq(n_seen, 1, "%zu segments", n_seen);
}

static void close_at_once(void *arg, uint32_t id, const struct tl_segment *segment,
			  const struct tl_packet *packet)
{
	(void)id, (void)segment, (void)packet;
	n_seen++;
	tl_wire_close(wire, on_closed, arg);
	wire = NULL;
}

Test(wire, closes_inside_its_own_callback)
{
	const struct tl_wire_options options = {
		.loop = &loop, .stopped = close_at_once, .lossy = on_lossy, .broken = on_broken,
		.arg = &loop,
	};
	int rc = tl_wire_open(&wire, &options, &err);

	if (rc == -EOPNOTSUPP)
		cr_skip_test("%s", err.text);
	cr_assert_eq(rc, 0, "%s", err.text);
	for (int i = 0; i < 5; i++)
		connecting("127.0.0.1:6379");
	UNTIL(n_closed);
	cr_assert_eq(n_seen, 1, "%zu segments", n_seen);
	cr_assert_eq(n_closed, 1, "closed() %u times", n_closed);
}

Test(wire, probes_without_leaving_anything_behind)
{
	int queue = tl_wire_probe(TL_WIRE_RULE_QUEUE, &err);
	int target = tl_wire_probe(TL_WIRE_RULE_TARGET, &err);

	cr_assert(!queue || queue == -EOPNOTSUPP, "%s", err.text);
	cr_assert(!target || target == -EOPNOTSUPP, "%s", err.text);
	cr_assert(connects("127.0.0.1:6380"), "a rule is in place");
	if (queue && target)
		cr_skip_test("this kernel has neither rule");
	watch(6379);
	cr_assert_eq(tl_wire_rule(wire) == TL_WIRE_RULE_QUEUE ? queue : target, 0,
		     "the rule is %s, and the probe knows no such",
		     tl_wire_rule_name(tl_wire_rule(wire)));
	cr_assert_eq(tl_wire_probe(tl_wire_rule(wire), &err), 0, "beside a wire: %s", err.text);
	cr_assert_not(connects("127.0.0.1:6379"), "the probe took the rule away");
	UNTIL(n_seen == 1);
}
