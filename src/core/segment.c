/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packet's bytes taken apart into a TCP segment. */
#include "tcplab/segment.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/*
 * A packet is read from outside in: IP header, for IPv6 its extension headers, TCP header,
 * options. Each step narrows what the next one may look at. There are two ends to mind:
 * @have, where the bytes end that are here, and @whole, where the packet itself ends, by
 * what its own header says. A header must end before both; the data only before @whole.
 */
struct packet {
	const uint8_t *bytes;
	size_t have;
	size_t whole;
	size_t at; /* of the next header */
};

enum { IPV4_MIN = 20, IPV6_HEADER = 40, TCP_MIN = 20 };

/* What a length field of 16 bits can say; longer packets say 0 (RFC 2675, BIG TCP). */
enum { LENGTH_MAX = 65535 };

/* Protocol numbers that a packet can carry, RFC 8200 4.1 and the IANA registry. */
enum {
	HOP_BY_HOP = 0,
	TCP = 6,
	ROUTING = 43,
	FRAGMENT = 44,
	AUTHENTICATION = 51,
	DESTINATION = 60,
	MOBILITY = 135,
	HIP = 139,
	SHIM6 = 140,
};

/* Kinds of TCP options. */
enum { OPT_END = 0, OPT_NOP = 1, OPT_MSS = 2, OPT_WSCALE = 3, OPT_SACK_OK = 4, OPT_SACK = 5,
       OPT_TS = 8, OPT_MPTCP = 30 };

/* Multipath TCP's Data Sequence Signal and the flags of its fourth byte, RFC 8684 3.3. */
enum { MPTCP_DSS = 2, DSS_ACK = 0x01, DSS_ACK_64 = 0x02, DSS_MAP = 0x04, DSS_SEQ_64 = 0x08,
       DSS_DATA_FIN = 0x10 };

/* RFC 7323 2.3: a larger shift counts as this one. */
enum { WSCALE_MAX = 14 };

static uint16_t be16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

/* The next @n bytes, or NULL where they are cut off or beyond the packet's end. */
static const uint8_t *peek(const struct packet *p, size_t n)
{
	size_t end = p->have < p->whole ? p->have : p->whole;

	return p->at <= end && n <= end - p->at ? p->bytes + p->at : NULL;
}

static int read_ipv4(struct packet *p, struct tl_segment *seg)
{
	const uint8_t *ip = peek(p, IPV4_MIN);
	size_t header, says;

	if (!ip)
		return -EBADMSG;
	header = (ip[0] & 0xf) * 4;
	says = be16(ip + 2);
	if (!says && p->whole > LENGTH_MAX)
		says = p->whole;
	if (header < IPV4_MIN || says > p->whole)
		return -EBADMSG;
	if (ip[9] != TCP || be16(ip + 6) & 0x1fff)
		return -EPROTONOSUPPORT;
	seg->from.family = seg->to.family = AF_INET;
	memcpy(seg->from.addr, ip + 12, 4);
	memcpy(seg->to.addr, ip + 16, 4);
	p->whole = says;
	p->at = header;
	return 0;
}

static bool is_extension(uint8_t header)
{
	switch (header) {
	case HOP_BY_HOP:
	case ROUTING:
	case FRAGMENT:
	case AUTHENTICATION:
	case DESTINATION:
	case MOBILITY:
	case HIP:
	case SHIM6:
		return true;
	}
	return false;
}

/* Step over IPv6's extension headers, up to the one of TCP. */
static int skip_extensions(struct packet *p, uint8_t next)
{
	const uint8_t *ext;

	for (; next != TCP; next = ext[0]) {
		ext = peek(p, 8); /* none is shorter */
		if (!is_extension(next))
			return -EPROTONOSUPPORT;
		if (!ext)
			return -EBADMSG;
		if (next == FRAGMENT && be16(ext + 2) & 0xfff8)
			return -EPROTONOSUPPORT;
		if (next == FRAGMENT)
			p->at += 8;
		else if (next == AUTHENTICATION)
			p->at += (ext[1] + 2) * 4;
		else
			p->at += (ext[1] + 1) * 8;
	}
	return 0;
}

static int read_ipv6(struct packet *p, struct tl_segment *seg)
{
	const uint8_t *ip = peek(p, IPV6_HEADER);
	size_t says;

	if (!ip)
		return -EBADMSG;
	says = be16(ip + 4);
	if (!says && p->whole - IPV6_HEADER > LENGTH_MAX)
		says = p->whole - IPV6_HEADER;
	if (says > p->whole - IPV6_HEADER)
		return -EBADMSG;
	seg->from.family = seg->to.family = AF_INET6;
	memcpy(seg->from.addr, ip + 8, 16);
	memcpy(seg->to.addr, ip + 24, 16);
	p->whole = IPV6_HEADER + says;
	p->at = IPV6_HEADER;
	return skip_extensions(p, ip[6]);
}

/* Of what is absent nothing is written. */
static void read_dss(const uint8_t *opt, size_t len, struct tl_segment *seg)
{
	uint8_t flags = opt[3];
	size_t at = 4;
	size_t ack = flags & DSS_ACK ? (flags & DSS_ACK_64 ? 8 : 4) : 0;
	size_t map = flags & DSS_MAP ? (flags & DSS_SEQ_64 ? 8 : 4) : 0;

	if (len < at + ack + (map ? map + 6 : 0))
		return;
	if (ack) {
		at += ack;
		seg->has_data_ack = true;
		seg->data_ack = be32(opt + at - 4);
	}
	if (map && flags & DSS_DATA_FIN) {
		at += map;
		seg->data_fin = true;
		seg->data_end = be32(opt + at - 4) + be16(opt + at + 4);
	}
}

static void read_option(const uint8_t *opt, size_t len, struct tl_segment *seg)
{
	if (opt[0] == OPT_MSS && len == 4) {
		seg->mss = be16(opt + 2);
	} else if (opt[0] == OPT_WSCALE && len == 3) {
		seg->wscale = opt[2] < WSCALE_MAX ? opt[2] : WSCALE_MAX;
	} else if (opt[0] == OPT_SACK_OK && len == 2) {
		seg->sack_ok = true;
	} else if (opt[0] == OPT_SACK && len > 2 && (len - 2) % 8 == 0) {
		seg->n_sack = (len - 2) / 8;
	} else if (opt[0] == OPT_TS && len == 10) {
		seg->has_ts = true;
		seg->ts_val = be32(opt + 2);
		seg->ts_ecr = be32(opt + 6);
	} else if (opt[0] == OPT_MPTCP && len >= 4 && opt[2] >> 4 == MPTCP_DSS) {
		read_dss(opt, len, seg);
	}
}

/* As Linux does, what follows an option of an impossible length is not looked at. */
static void read_options(const uint8_t *opt, size_t left, struct tl_segment *seg)
{
	size_t len;

	for (; left && opt[0] != OPT_END; opt += len, left -= len) {
		len = 1;
		if (opt[0] == OPT_NOP)
			continue;
		len = left > 1 ? opt[1] : 0;
		if (len < 2 || len > left)
			return;
		read_option(opt, len, seg);
	}
}

static int read_tcp(const struct packet *p, struct tl_segment *seg)
{
	const uint8_t *tcp = peek(p, TCP_MIN);
	size_t header;

	if (!tcp)
		return -EBADMSG;
	header = (tcp[12] >> 4) * 4;
	if (header < TCP_MIN || !peek(p, header))
		return -EBADMSG;
	seg->from.port = be16(tcp);
	seg->to.port = be16(tcp + 2);
	seg->seq = be32(tcp + 4);
	seg->ack = be32(tcp + 8);
	seg->flags = tcp[13];
	seg->window = be16(tcp + 14);
	seg->len = p->whole - p->at - header;
	read_options(tcp + TCP_MIN, header - TCP_MIN, seg);
	return 0;
}

int tl_segment_parse(const void *packet, size_t have, size_t total, struct tl_segment *out)
{
	struct packet p = { .bytes = packet, .have = have, .whole = total };
	struct tl_segment seg = { .wscale = -1 };
	int rc;

	if (!have)
		return -EBADMSG;
	switch (p.bytes[0] >> 4) {
	case 4:
		rc = read_ipv4(&p, &seg);
		break;
	case 6:
		rc = read_ipv6(&p, &seg);
		break;
	default:
		rc = -EPROTONOSUPPORT;
	}
	if (!rc)
		rc = read_tcp(&p, &seg);
	if (!rc)
		*out = seg;
	return rc;
}

const char *tl_segment_flags(uint8_t flags, char *out)
{
	static const struct {
		uint8_t bit;
		const char *name;
	} names[] = {
#define X(id, bit, name, meaning) { bit, name },
		TL_FLAGS(X)
#undef X
	};
	size_t n = 0;

	snprintf(out, TL_FLAGS_TEXT, "none");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (flags & names[i].bit & ~TL_FLAG_PSH)
			n += snprintf(out + n, TL_FLAGS_TEXT - n, "%s%s", n ? "+" : "",
				      names[i].name);
	return out;
}

bool tl_segment_is_copy(const struct tl_segment *a, const struct tl_segment *b)
{
	bool bare = !a->len && !(a->flags & (TL_FLAG_SYN | TL_FLAG_FIN));

	return tl_endpoint_equal(&a->from, &b->from) && tl_endpoint_equal(&a->to, &b->to) &&
	       a->flags == b->flags && a->seq == b->seq && a->len == b->len &&
	       (!bare || a->ack == b->ack);
}

uint32_t tl_segment_end(const struct tl_segment *segment)
{
	return segment->seq + segment->len + !!(segment->flags & TL_FLAG_SYN) +
	       !!(segment->flags & TL_FLAG_FIN);
}
