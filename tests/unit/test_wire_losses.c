/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the wire does not see, or cannot go on with, is counted and told; and how it ends. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>

#include "wire_run.h"

TestSuite(wire_losses, .init = set_up, .fini = tear_down);

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

Test(wire_losses, lets_64_mib_through_and_misses_nothing)
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

Test(wire_losses, counts_what_it_could_not_see)
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

Test(wire_losses, counts_losses_up_to_its_close)
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

Test(wire_losses, counts_a_held_segment_that_the_kernel_drops)
{
	watch(6379);
	connecting("127.0.0.1:6379");
	UNTIL(n_seen == 1);
	set_loopback(SIOCSIFFLAGS, (struct ifreq){ .ifr_flags = 0 });
	cr_assert_eq(lost, 0, "%lu lost", lost);
	release(seen[0].id);
	UNTIL(lost == 1);
}

Test(wire_losses, lets_go_and_counts_what_it_cannot_read)
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
Test(wire_losses, says_so_when_it_cannot_go_on)
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

Test(wire_losses, opens_once_in_a_network_namespace)
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

Test(wire_losses, closes_with_segments_held_and_opens_again)
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

Test(wire_losses, closes_inside_its_own_callback)
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

Test(wire_losses, probes_without_leaving_anything_behind)
{
	int queue = tl_wire_probe(TL_WIRE_RULE_QUEUE, &err);
	int target = tl_wire_probe(TL_WIRE_RULE_TARGET, &err);

	cr_assert(!queue || queue == -ENOENT || queue == -EOPNOTSUPP, "%s", err.text);
	cr_assert(!target || target == -ENOENT || target == -EOPNOTSUPP, "%s", err.text);
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
