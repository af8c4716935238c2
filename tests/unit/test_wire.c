/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Real connections, stopped segment by segment, held against the kernel's socket table. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "wire_run.h"

TestSuite(wire, .init = set_up, .fini = tear_down);

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
