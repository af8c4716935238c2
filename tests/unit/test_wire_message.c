/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netfilter's bytes without a kernel: what is malformed must be refused, never followed. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>

#include "../../src/wire/nfq.h"

static struct tl_err err;

/* A message under construction. */
struct message {
	_Alignas(struct nlmsghdr) uint8_t bytes[512];
	size_t n;
};

static struct nlmsghdr *head(struct message *m)
{
	return (struct nlmsghdr *)m->bytes;
}

static void put(struct message *m, const void *bytes, size_t n)
{
	memcpy(m->bytes + m->n, bytes, n);
	m->n += n;
	head(m)->nlmsg_len = m->n;
	m->n = NLMSG_ALIGN(m->n);
}

static void attribute(struct message *m, uint16_t type, const void *bytes, size_t n)
{
	struct nlattr attr = { .nla_type = type, .nla_len = sizeof(attr) + n };

	put(m, &attr, sizeof(attr));
	put(m, bytes, n);
}

static struct message empty_packet(void)
{
	struct message m = { .n = sizeof(struct nlmsghdr) };

	put(&m, &(struct nfgenmsg){ 0 }, sizeof(struct nfgenmsg));
	head(&m)->nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET;
	return m;
}

static void number(struct message *m, uint32_t id)
{
	struct nfqnl_msg_packet_hdr pkt = { .packet_id = htonl(id) };

	attribute(m, NFQA_PACKET_HDR, &pkt, sizeof(pkt));
}

static void cap_len(struct message *m, uint32_t total)
{
	attribute(m, NFQA_CAP_LEN, (uint32_t[]){ htonl(total) }, sizeof(total));
}

/* As the kernel sends one of which it has copied five bytes. */
static struct message packet(uint32_t id, uint32_t total)
{
	struct message m = empty_packet();

	number(&m, id);
	attribute(&m, NFQA_IFINDEX_OUTDEV, (uint32_t[]){ htonl(1) }, 4);
	cap_len(&m, total);
	attribute(&m, NFQA_PAYLOAD, "hello", 5);
	return m;
}

static struct message answer(uint32_t seq, int error)
{
	struct message m = { .n = sizeof(struct nlmsghdr) };

	put(&m, &(struct nlmsgerr){ .error = error, .msg.nlmsg_seq = seq },
	    sizeof(struct nlmsgerr));
	head(&m)->nlmsg_type = NLMSG_ERROR;
	return m;
}

/* Read from memory that ends where the datagram does, so that a sanitizer sees overruns. */
static int first(const void *bytes, size_t len, struct tl_nfq_message *out)
{
	static void *copy;
	struct tl_netlink_bytes rest;

	free(copy);
	copy = malloc(len ? len : 1);
	memcpy(copy, bytes, len);
	rest = (struct tl_netlink_bytes){ copy, len };
	err = (struct tl_err){ 0 };
	return tl_nfq_next(&rest, out, &err);
}

static struct tl_nfq_message must_read(const struct message *m)
{
	struct tl_nfq_message out;
	int rc = first(m->bytes, ((struct nlmsghdr *)m->bytes)->nlmsg_len, &out);

	cr_assert_eq(rc, 1, "%s", err.text);
	return out;
}

static void must_refuse(const void *bytes, size_t len, const char *why)
{
	struct tl_nfq_message out = { .id = 42 };
	int rc = first(bytes, len, &out);

	cr_assert_eq(rc, -EPROTO, "%s: %d", why, rc);
	cr_assert_eq(err.code, EPROTO, "%s: code %d", why, err.code);
	cr_assert(strstr(err.text, why), "\"%s\" does not say \"%s\"", err.text, why);
}

Test(wire_message, reads_a_packet)
{
	struct message m = packet(0x01020304, 65000);
	struct tl_nfq_message out = must_read(&m);

	cr_assert_eq(out.kind, TL_NFQ_PACKET, "kind %d", out.kind);
	cr_assert_eq(out.id, 0x01020304, "id %#x", out.id);
	cr_assert_eq(out.packet.have, 5, "%u bytes", out.packet.have);
	cr_assert_eq(out.packet.total, 65000, "%u in all", out.packet.total);
	cr_assert_eq(memcmp(out.packet.bytes, "hello", 5), 0, "other bytes");
}

Test(wire_message, takes_a_packet_without_a_length_for_whole)
{
	struct message m = empty_packet();
	struct tl_nfq_message out;

	number(&m, 7);
	out = must_read(&m);
	cr_assert(!out.packet.have && !out.packet.total, "bytes from nowhere");
	attribute(&m, NFQA_PAYLOAD, "hello", 5);
	out = must_read(&m);
	cr_assert(out.packet.have == 5 && out.packet.total == 5, "%u of %u", out.packet.have, out.packet.total);
}

Test(wire_message, refuses_a_packet_longer_than_it_is)
{
	struct message m = packet(1, 5);

	must_read(&m);
	m = packet(1, 4);
	must_refuse(m.bytes, m.n, "a stopped packet of 4 bytes comes with 5");
}

Test(wire_message, refuses_more_bytes_than_asked_for)
{
	static const uint8_t bytes[TL_PACKET_SNAP + 1];
	struct message m = empty_packet();

	number(&m, 7);
	attribute(&m, NFQA_PAYLOAD, bytes, TL_PACKET_SNAP);
	must_read(&m);
	m = empty_packet();
	number(&m, 7);
	attribute(&m, NFQA_PAYLOAD, bytes, sizeof(bytes));
	must_refuse(m.bytes, m.n, "a stopped packet of 257 bytes comes with 257");
}

Test(wire_message, reads_whether_there_is_a_checksum)
{
	const uint32_t unsummed = htonl(NFQA_SKB_CSUMNOTREADY | NFQA_SKB_GSO);
	const uint32_t summed = htonl(NFQA_SKB_GSO);
	struct message m = packet(1, 5);

	cr_assert_not(must_read(&m).unsummed, "where nothing is said");
	attribute(&m, NFQA_SKB_INFO, &unsummed, 3); /* one byte short: not believed */
	cr_assert_not(must_read(&m).unsummed, "where too little is said");
	attribute(&m, NFQA_SKB_INFO, &unsummed, sizeof(unsummed));
	cr_assert(must_read(&m).unsummed);
	attribute(&m, NFQA_SKB_INFO, &summed, sizeof(summed));
	cr_assert_not(must_read(&m).unsummed);
}

Test(wire_message, refuses_a_packet_without_its_number)
{
	struct message m = empty_packet();

	must_refuse(m.bytes, m.n, "without its number");
	attribute(&m, NFQA_PACKET_HDR, "\0\0\0\1\0", 6); /* one byte short */
	must_refuse(m.bytes, m.n, "without its number");
	head(&m)->nlmsg_len = 19;
	must_refuse(m.bytes, m.n, "comes in 19 bytes");
}

Test(wire_message, does_not_read_beyond_an_attribute)
{
	struct message m = empty_packet();
	struct tl_nfq_message out;
	size_t at;

	number(&m, 7);
	attribute(&m, NFQA_CAP_LEN, "\1\1\1", 3); /* one byte short: not believed */
	at = m.n;
	attribute(&m, NFQA_PAYLOAD, "hello", 5);
	out = must_read(&m);
	cr_assert_eq(out.packet.total, 5, "%u in all", out.packet.total);
	for (uint32_t len = 0; len < UINT16_MAX; len++) {
		((struct nlattr *)(m.bytes + at))->nla_len = len;
		out = must_read(&m);
		cr_assert_leq(out.packet.have, 5, "%u bytes of 5", out.packet.have);
	}
}

Test(wire_message, reads_answers)
{
	const struct {
		int error, refused;
	} cases[] = { { 0, 0 }, { -ENOENT, ENOENT }, { -EPERM, EPERM } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct message m = answer(4711, cases[i].error);
		struct tl_nfq_message out = must_read(&m);

		cr_assert_eq(out.kind, TL_NFQ_ANSWER, "kind %d", out.kind);
		cr_assert_eq(out.id, 4711, "answers %u", out.id);
		cr_assert_eq(out.refused, cases[i].refused, "refused %d", out.refused);
	}
}

Test(wire_message, refuses_answers_that_make_no_sense)
{
	struct message m = answer(1, 1);

	must_refuse(m.bytes, m.n, "error 1");
	m = answer(1, INT_MIN);
	must_refuse(m.bytes, m.n, "error -2147483648");
	m = answer(1, 0);
	for (head(&m)->nlmsg_len = 16; head(&m)->nlmsg_len < m.n; head(&m)->nlmsg_len++)
		must_refuse(m.bytes, m.n, "answers with");
}

Test(wire_message, skips_what_it_does_not_know)
{
	const uint16_t types[] = { NLMSG_NOOP, NLMSG_DONE, NLMSG_OVERRUN, 0x10,
				   NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_VERDICT,
				   NFNL_SUBSYS_ULOG << 8 };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		struct message m = packet(1, 5);

		head(&m)->nlmsg_type = types[i];
		cr_assert_eq(must_read(&m).kind, TL_NFQ_OTHER, "type %#x", types[i]);
	}
}

Test(wire_message, refuses_what_is_cut_short)
{
	const uint32_t lengths[] = { 0, 1, 15, 0x7fffffff, 0x80000000, UINT32_MAX };
	struct message m = packet(1, 100), a = answer(1, 0);

	for (size_t len = 1; len < head(&m)->nlmsg_len; len++)
		must_refuse(m.bytes, len, "cut short");
	for (size_t len = 1; len < head(&a)->nlmsg_len; len++)
		must_refuse(a.bytes, len, "cut short");
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		head(&m)->nlmsg_len = lengths[i];
		must_refuse(m.bytes, m.n, "cut short");
	}
}

Test(wire_message, steps_through_a_datagram)
{
	struct message a = packet(1, 5), b = answer(2, -ENOENT), c = packet(3, 500);
	_Alignas(struct nlmsghdr) uint8_t all[sizeof(a.bytes) * 3];
	struct tl_netlink_bytes rest = { all, 0 };
	struct tl_nfq_message out;

	memcpy(all, a.bytes, a.n);
	memcpy(all + a.n, b.bytes, b.n);
	memcpy(all + a.n + b.n, c.bytes, head(&c)->nlmsg_len);
	rest.left = a.n + b.n + head(&c)->nlmsg_len; /* the last one's padding is not there */
	for (uint32_t id = 1; id <= 3; id++) {
		cr_assert_eq(tl_nfq_next(&rest, &out, &err), 1, "%s", err.text);
		cr_assert_eq(out.id, id, "message %u, not %u", out.id, id);
	}
	cr_assert_eq(out.packet.total, 500, "%u in all", out.packet.total);
	cr_assert_eq(tl_nfq_next(&rest, &out, &err), 0, "no end");
	cr_assert_eq(tl_nfq_next(&rest, &out, &err), 0, "no end, asked again");
}

Test(wire_message, counts_what_never_came)
{
	struct tl_nfq_losses losses = { .next_id = 1 };

	tl_nfq_came(&losses, 1);
	tl_nfq_came(&losses, 2);
	cr_assert_eq(tl_nfq_untold(&losses), 0, "nothing is missing");
	tl_nfq_came(&losses, 5);
	cr_assert_eq(tl_nfq_untold(&losses), 2, "3 and 4 are missing");
	cr_assert_eq(tl_nfq_untold(&losses), 0, "they are told twice");
	losses.drops = 2; /* the same two, as the socket counts them */
	cr_assert_eq(tl_nfq_untold(&losses), 0, "they are counted twice");
	losses.drops = 3;
	losses.astray = 1;
	cr_assert_eq(tl_nfq_untold(&losses), 2, "one more dropped, one gone astray");
	losses = (struct tl_nfq_losses){ .next_id = UINT32_MAX };
	tl_nfq_came(&losses, UINT32_MAX);
	tl_nfq_came(&losses, 0);
	cr_assert_eq(tl_nfq_untold(&losses), 0, "ids go round");
}
