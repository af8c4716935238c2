/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets, written out by hand and read back; and all the ways they can be malformed. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tcplab/segment.h"

/* A packet under construction: each part goes behind the last one. */
struct packet {
	uint8_t bytes[512];
	size_t n;
	size_t total; /* what the IP header says */
};

static struct tl_segment seg;

static void put(struct packet *p, const void *bytes, size_t n)
{
	if (n)
		memcpy(p->bytes + p->n, bytes, n);
	p->n += n;
}

static void put16(uint8_t *at, size_t value)
{
	at[0] = value >> 8;
	at[1] = value;
}

/* 127.0.0.1 -> 127.0.0.2; what follows is @payload bytes long */
static struct packet ipv4(size_t payload)
{
	struct packet p = { .total = 20 + payload };
	uint8_t ip[20] = { 0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6, 0, 0,
			   127, 0, 0, 1, 127, 0, 0, 2 };

	put16(ip + 2, p.total);
	put(&p, ip, sizeof(ip));
	return p;
}

/* ::1 -> 2001:db8::2; @next is what comes behind this header */
static struct packet ipv6(uint8_t next, size_t payload)
{
	struct packet p = { .total = 40 + payload };
	uint8_t ip[40] = { 0x60, 0, 0, 0, 0, 0, next, 64, [23] = 1,
			   [24] = 0x20, 0x01, 0x0d, 0xb8, [39] = 2 };

	put16(ip + 4, payload);
	put(&p, ip, sizeof(ip));
	return p;
}

/* 53525 -> 6379, seq 0x01020304, ack 0xa1a2a3a4, window 512; @opts must be a multiple of 4 */
static void tcp(struct packet *p, uint8_t flags, const void *opts, size_t n_opts)
{
	uint8_t head[20] = { 53525 >> 8, 53525 & 0xff, 6379 >> 8, 6379 & 0xff, 1, 2, 3, 4,
			     0xa1, 0xa2, 0xa3, 0xa4, (5 + n_opts / 4) << 4, flags, 2, 0 };

	put(p, head, sizeof(head));
	put(p, opts, n_opts);
}

/* Read from memory that ends where the bytes do, so that a sanitizer sees overruns. */
static int parse_bytes(const uint8_t *bytes, size_t have, size_t total)
{
	uint8_t *copy = malloc(have ? have : 1);
	int rc;

	memcpy(copy, bytes, have);
	memset(&seg, 0xee, sizeof(seg));
	rc = tl_segment_parse(copy, have, total, &seg);
	free(copy);
	return rc;
}

static int parse(const struct packet *p)
{
	return parse_bytes(p->bytes, p->n, p->total);
}

static void must_read(const struct packet *p)
{
	int rc = parse(p);

	cr_assert_eq(rc, 0, "%d", rc);
}

static void must_refuse(const struct packet *p, int code, const char *what)
{
	struct tl_segment untouched;
	int rc = parse(p);

	memset(&untouched, 0xee, sizeof(untouched));
	cr_assert_eq(rc, -code, "%s: %d", what, rc);
	cr_assert_eq(memcmp(&seg, &untouched, sizeof(seg)), 0, "%s: was written to", what);
}

static void check_flags(const char *expected)
{
	char text[TL_FLAGS_TEXT];

	tl_segment_flags(seg.flags, text);
	cr_assert_str_eq(text, expected, "%s, not %s", text, expected);
}

static void check_ends(const char *from, const char *to)
{
	char text[TL_ENDPOINT_TEXT];

	tl_endpoint_text(&seg.from, text);
	cr_assert_str_eq(text, from, "from %s", text);
	tl_endpoint_text(&seg.to, text);
	cr_assert_str_eq(text, to, "to %s", text);
}

static const uint8_t syn_options[20] = {
	2, 4, 0xff, 0xd7,                     /* MSS 65495 */
	4, 2,                                 /* SACK permitted */
	8, 10, 0, 0, 0, 7, 0, 0, 1, 0,        /* timestamps 7, 256 */
	1, 3, 3, 9,                           /* window scale 9 */
};

static struct packet syn(void)
{
	struct packet p = ipv4(40);

	tcp(&p, TL_FLAG_SYN, syn_options, sizeof(syn_options));
	return p;
}

Test(segment, reads_a_syn_and_its_options)
{
	struct packet p = syn();

	must_read(&p);
	check_ends("127.0.0.1:53525", "127.0.0.2:6379");
	check_flags("SYN");
	cr_assert_eq(seg.seq, 0x01020304, "seq %#x", seg.seq);
	cr_assert_eq(seg.ack, 0xa1a2a3a4, "ack %#x", seg.ack);
	cr_assert_eq(seg.window, 512, "window %u", seg.window);
	cr_assert_eq(seg.len, 0, "%u bytes", seg.len);
	cr_assert_eq(seg.mss, 65495, "MSS %u", seg.mss);
	cr_assert_eq(seg.wscale, 9, "window scale %d", seg.wscale);
	cr_assert(seg.sack_ok, "no SACK permitted");
	cr_assert(seg.has_ts, "no timestamps");
	cr_assert_eq(seg.ts_val, 7, "timestamp %u", seg.ts_val);
	cr_assert_eq(seg.ts_ecr, 256, "echo %u", seg.ts_ecr);
	cr_assert_eq(tl_segment_end(&seg), 0x01020305, "ends at %#x", tl_segment_end(&seg));
	for (size_t i = 4; i < sizeof(seg.from.addr); i++)
		cr_assert(!seg.from.addr[i] && !seg.to.addr[i], "an address of %zu bytes", i);
}

Test(segment, says_which_options_are_absent)
{
	struct packet p = ipv4(20);

	tcp(&p, TL_FLAG_SYN, NULL, 0);
	must_read(&p);
	cr_assert_eq(seg.mss, 0, "MSS %u", seg.mss);
	cr_assert_eq(seg.wscale, -1, "window scale %d", seg.wscale);
	cr_assert(!seg.sack_ok && !seg.has_ts && !seg.n_sack, "an option from nowhere");
}

/* Both as Linux sent them: the close of a connection above TCP, and its acknowledgment. */
Test(segment, reads_a_data_fin_and_its_acknowledgment)
{
	uint8_t data_fin[] = { 30, 22, 0x20, 0x1d, 0x86, 0xa1, 0xa7, 0xb5, 0xd1, 0xab, 0x25, 0x4b,
			       0x81, 0x42, 0xcb, 0x3e, 0, 0, 0, 0, 0, 1, 1, 1 };
	uint8_t data_ack[] = { 30, 8, 0x20, 0x01, 0x81, 0x42, 0xcb, 0x3f };
	struct packet p = ipv4(20 + sizeof(data_fin));

	tcp(&p, TL_FLAG_ACK, data_fin, sizeof(data_fin));
	must_read(&p);
	cr_assert(seg.data_fin && seg.has_data_ack, "not seen");
	cr_assert_eq(seg.data_end, 0x8142cb3f, "ends at %#x", seg.data_end);
	cr_assert_eq(seg.data_ack, 0x86a1a7b5, "acknowledges %#x", seg.data_ack);
	p = ipv4(20 + sizeof(data_ack));
	tcp(&p, TL_FLAG_ACK, data_ack, sizeof(data_ack));
	must_read(&p);
	cr_assert(!seg.data_fin && seg.has_data_ack, "a DATA_FIN from nowhere");
	cr_assert_eq(seg.data_ack, 0x8142cb3f, "acknowledges %#x", seg.data_ack);

	data_fin[1] = 20; /* cut before the length of the data */
	data_fin[20] = data_fin[21] = 1;
	p = ipv4(20 + sizeof(data_fin));
	tcp(&p, TL_FLAG_ACK, data_fin, sizeof(data_fin));
	must_read(&p);
	cr_assert(!seg.data_fin && !seg.has_data_ack, "taken from beyond the option");
	data_ack[3] = 0x03; /* eight bytes, says the flag, and four are there */
	p = ipv4(20 + sizeof(data_ack));
	tcp(&p, TL_FLAG_ACK, data_ack, sizeof(data_ack));
	must_read(&p);
	cr_assert_not(seg.has_data_ack, "taken from beyond the option");
}

Test(segment, names_flags)
{
	const struct {
		uint8_t flags;
		const char *name;
	} cases[] = {
		{ TL_FLAG_SYN | TL_FLAG_ACK, "SYN+ACK" },
		{ TL_FLAG_FIN | TL_FLAG_ACK, "FIN+ACK" },
		{ TL_FLAG_RST, "RST" }, { TL_FLAG_RST | TL_FLAG_ACK, "RST+ACK" },
		{ TL_FLAG_ACK, "ACK" }, { TL_FLAG_ACK | TL_FLAG_PSH, "ACK" },
		{ TL_FLAG_SYN | TL_FLAG_ECE | TL_FLAG_CWR, "SYN+ECE+CWR" },
		{ 0xff, "FIN+SYN+RST+ACK+URG+ECE+CWR" }, { 0, "none" }, { TL_FLAG_PSH, "none" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct packet p = ipv4(20);

		tcp(&p, cases[i].flags, NULL, 0);
		must_read(&p);
		cr_assert_eq(seg.flags, cases[i].flags, "%#x", seg.flags);
		check_flags(cases[i].name);
	}
}

Test(segment, counts_data_behind_the_headers)
{
	struct packet p = ipv4(32 + 100);

	tcp(&p, TL_FLAG_ACK | TL_FLAG_PSH, "\1\1\10\12abcdefgh", 12);
	for (int i = 0; i < 2; i++) { /* all of it here, then the headers alone */
		must_read(&p);
		cr_assert_eq(seg.len, 100, "%u bytes", seg.len);
		cr_assert_eq(tl_segment_end(&seg), seg.seq + 100, "the end");
		p.n = p.total;
	}
	p.total += 6; /* a padding of the link's */
	must_read(&p);
	cr_assert_eq(seg.len, 100, "%u bytes with padding", seg.len);
}

Test(segment, counts_a_fin_as_one_more)
{
	struct packet p = ipv4(20 + 10);

	tcp(&p, TL_FLAG_FIN | TL_FLAG_ACK, NULL, 0);
	must_read(&p);
	cr_assert_eq(tl_segment_end(&seg), 0x01020304 + 10 + 1, "%#x", tl_segment_end(&seg));
	seg.seq = UINT32_MAX;
	cr_assert_eq(tl_segment_end(&seg), 10, "sequence numbers wrap");
}

Test(segment, takes_the_total_of_a_gso_packet)
{
	struct packet p = ipv4(65535 - 20), q = ipv4(0), r = ipv6(6, 0);

	tcp(&p, TL_FLAG_ACK, NULL, 0);
	must_read(&p);
	cr_assert_eq(seg.len, 65535 - 40, "%u bytes", seg.len);

	/* Longer than 16 bits can say: the header says 0. */
	tcp(&q, TL_FLAG_ACK, NULL, 0);
	put16(q.bytes + 2, 0);
	q.total = 200000;
	must_read(&q);
	cr_assert_eq(seg.len, 200000 - 40, "%u bytes", seg.len);
	q.total = 65535;
	must_refuse(&q, EBADMSG, "a length of 0");

	tcp(&r, TL_FLAG_ACK, NULL, 0);
	r.total = 200000;
	must_read(&r);
	cr_assert_eq(seg.len, 200000 - 60, "%u bytes", seg.len);
	r.total = 40 + 65535;
	must_refuse(&r, EBADMSG, "a payload of 0");
}

Test(segment, steps_over_ipv4_options)
{
	struct packet p = ipv4(44);

	p.bytes[0] = 0x4f;
	put(&p, (uint8_t[40]){ 1, 1 }, 40);
	p.total += 20;
	put16(p.bytes + 2, p.total);
	tcp(&p, TL_FLAG_ACK, NULL, 0);
	must_read(&p);
	cr_assert_eq(seg.len, 4, "%u bytes", seg.len);
}

Test(segment, reads_ipv6)
{
	struct packet p = ipv6(6, 45);

	tcp(&p, TL_FLAG_SYN | TL_FLAG_ACK, syn_options, sizeof(syn_options));
	must_read(&p);
	check_ends("::1:53525", "2001:db8::2:6379");
	check_flags("SYN+ACK");
	cr_assert_eq(seg.len, 5, "%u bytes", seg.len);
	cr_assert_eq(seg.mss, 65495, "MSS %u", seg.mss);
}

/* Every kind once, the lengths as each counts them; then TCP. */
static struct packet extended(void)
{
	struct packet p = ipv6(0, 8 + 24 + 16 + 8 + 20 + 8 + 20 + 3);

	put(&p, (uint8_t[8]){ 43, 0 }, 8);          /* hop by hop */
	put(&p, (uint8_t[24]){ 60, 2 }, 24);        /* routing */
	put(&p, (uint8_t[16]){ 44, 1 }, 16);        /* destination */
	put(&p, (uint8_t[8]){ 51, 0, 0, 1 }, 8);    /* first fragment, more to come */
	put(&p, (uint8_t[20]){ 135, 3 }, 20);       /* authentication */
	put(&p, (uint8_t[8]){ 6, 0 }, 8);           /* mobility */
	tcp(&p, TL_FLAG_FIN, NULL, 0);
	return p;
}

Test(segment, steps_over_ipv6_extension_headers)
{
	struct packet p = extended();

	must_read(&p);
	check_ends("::1:53525", "2001:db8::2:6379");
	check_flags("FIN");
	cr_assert_eq(seg.len, 3, "%u bytes", seg.len);
}

Test(segment, refuses_what_is_no_tcp)
{
	struct packet p = ipv4(20), q = ipv6(17, 20), r = ipv6(59, 0);

	p.bytes[9] = 17;
	tcp(&p, 0, NULL, 0);
	must_refuse(&p, EPROTONOSUPPORT, "UDP");
	tcp(&q, 0, NULL, 0);
	must_refuse(&q, EPROTONOSUPPORT, "UDP over IPv6");
	must_refuse(&r, EPROTONOSUPPORT, "nothing behind an IPv6 header");
	for (int version = 0; version < 16; version++) {
		p = syn();
		p.bytes[0] = version << 4 | 5;
		if (version != 4 && version != 6)
			must_refuse(&p, EPROTONOSUPPORT, "another version of IP");
	}
}

Test(segment, refuses_later_fragments)
{
	struct packet p = syn(), q;

	put16(p.bytes + 6, 0x2000);
	must_read(&p); /* the first one */
	put16(p.bytes + 6, 0x2001);
	must_refuse(&p, EPROTONOSUPPORT, "in the middle");
	put16(p.bytes + 6, 0x1fff);
	must_refuse(&p, EPROTONOSUPPORT, "the last one");

	q = extended();
	put16(q.bytes + 40 + 8 + 24 + 16 + 2, 0x0008);
	must_refuse(&q, EPROTONOSUPPORT, "a later one of IPv6");
}

static void cut_everywhere(const struct packet *whole, size_t headers)
{
	for (size_t have = 0; have < headers; have++) {
		struct packet p = *whole;
		char what[48];

		snprintf(what, sizeof(what), "%zu bytes here", have);
		p.n = have;
		must_refuse(&p, EBADMSG, what);
	}
	for (size_t total = 0; total < whole->total; total++) {
		struct packet p = *whole;
		char what[48];

		snprintf(what, sizeof(what), "%zu bytes in all", total);
		p.total = total;
		p.n = p.n < total ? p.n : total;
		must_refuse(&p, EBADMSG, what);
	}
}

Test(segment, refuses_what_is_cut_short)
{
	struct packet four = syn(), six = ipv6(6, 40), more = extended();

	cut_everywhere(&four, four.n);
	tcp(&six, TL_FLAG_SYN, syn_options, sizeof(syn_options));
	cut_everywhere(&six, six.n);
	cut_everywhere(&more, more.n);
}

Test(segment, refuses_lengths_that_cannot_be)
{
	struct packet p;

	for (int words = 0; words < 5; words++) {
		p = syn();
		p.bytes[0] = 0x40 | words;
		must_refuse(&p, EBADMSG, "an IPv4 header too short");
		p = syn();
		p.bytes[20 + 12] = words << 4;
		must_refuse(&p, EBADMSG, "a TCP header too short");
	}
	p = syn();
	p.bytes[0] = 0x4f;
	must_refuse(&p, EBADMSG, "an IPv4 header up to the packet's end");
	p = syn();
	p.bytes[20 + 12] = 0xb0;
	must_refuse(&p, EBADMSG, "a TCP header beyond the packet");
	for (size_t says = 0; says < 60; says++) {
		p = syn();
		put16(p.bytes + 2, says);
		must_refuse(&p, EBADMSG, "a total length inside the headers");
	}
	p = syn();
	put16(p.bytes + 2, 61);
	must_refuse(&p, EBADMSG, "a total length beyond the packet");
	p = extended();
	p.bytes[40 + 1] = 255;
	must_refuse(&p, EBADMSG, "an extension header beyond the packet");
	p = extended();
	put16(p.bytes + 4, p.total - 40 + 1);
	must_refuse(&p, EBADMSG, "an IPv6 payload beyond the packet");
}

static void with_options(const void *options, size_t n)
{
	struct packet p = ipv4(20 + n);

	tcp(&p, TL_FLAG_SYN, options, n);
	must_read(&p);
}

Test(segment, reads_options_up_to_a_malformed_one)
{
	with_options("\2\4\5\264\10\0\0\0\3\3\7\1", 12);
	cr_assert_eq(seg.mss, 1460, "MSS %u", seg.mss);
	cr_assert(!seg.has_ts && seg.wscale == -1, "read beyond a length of 0");
	with_options("\2\4\5\264\10\1\3\3\7\1\1\1", 12);
	cr_assert(seg.mss == 1460 && seg.wscale == -1, "read beyond a length of 1");
	with_options("\2\4\5\264\1\1\10\12", 8);
	cr_assert(seg.mss == 1460 && !seg.has_ts, "read beyond the header");
	with_options("\1\1\1\2", 4);
	cr_assert_eq(seg.mss, 0, "an option without a length");
	with_options("\0\2\4\5\264\0\0\0", 8);
	cr_assert_eq(seg.mss, 0, "read beyond the end of the options");
}

Test(segment, ignores_options_of_another_length_and_unknown_ones)
{
	with_options("\2\3\5\3\2\7\4\3\0\10\4\0\0\5\2\5\6\0\0\0\0\2\4\5\264\1\1\1", 28);
	cr_assert_eq(seg.mss, 1460, "MSS %u", seg.mss);
	cr_assert(seg.wscale == -1 && !seg.sack_ok && !seg.has_ts && !seg.n_sack, "taken");
	with_options("\42\12cookie!!\3\3\377\1\1\1", 16);
	cr_assert_eq(seg.wscale, 14, "window scale %d", seg.wscale);
}

Test(segment, counts_sack_blocks)
{
	for (int n = 1; n <= 4; n++) {
		uint8_t options[36] = { 1, 1, 5, 2 + 8 * n };

		with_options(options, 4 + 8 * n);
		cr_assert_eq(seg.n_sack, n, "%u blocks, not %d", seg.n_sack, n);
	}
}

/* Copies. */

static struct tl_segment segment(uint8_t flags, uint32_t len)
{
	struct packet p = ipv4(20 + len);

	tcp(&p, flags, NULL, 0);
	must_read(&p);
	return seg;
}

Test(segment, knows_a_copy)
{
	struct tl_segment a = segment(TL_FLAG_SYN, 0), b = a;

	b.ack++;
	b.window++;
	b.ts_val++;
	cr_assert(tl_segment_is_copy(&a, &b), "a SYN sent again later");

	a = b = segment(TL_FLAG_ACK, 10);
	b.ack++;
	cr_assert(tl_segment_is_copy(&a, &b), "data sent again");
	b = segment(TL_FLAG_ACK, 11);
	cr_assert_not(tl_segment_is_copy(&a, &b), "more data");
	b = segment(TL_FLAG_ACK | TL_FLAG_FIN, 10);
	cr_assert_not(tl_segment_is_copy(&a, &b), "other flags");

	a = b = segment(TL_FLAG_FIN | TL_FLAG_ACK, 0);
	b.ack++;
	cr_assert(tl_segment_is_copy(&a, &b), "a FIN sent again");
	b.seq++;
	cr_assert_not(tl_segment_is_copy(&a, &b), "another FIN");

	a = b = segment(TL_FLAG_ACK, 0);
	cr_assert(tl_segment_is_copy(&a, &b), "an ACK sent again");
	b.ack++;
	cr_assert_not(tl_segment_is_copy(&a, &b), "an ACK of something else");
}

Test(segment, knows_no_copy_of_another_connection)
{
	struct tl_segment a = segment(TL_FLAG_SYN, 0), b = a;

	b.from.port++;
	cr_assert_not(tl_segment_is_copy(&a, &b), "another port");
	b = a;
	b.to.addr[3]++;
	cr_assert_not(tl_segment_is_copy(&a, &b), "another address");
	b = a;
	b.from = a.to;
	b.to = a.from;
	cr_assert_not(tl_segment_is_copy(&a, &b), "the other way");
}
