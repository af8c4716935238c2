/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: one TCP segment, read from the bytes of an IP packet. */
#ifndef TCPLAB_SEGMENT_H
#define TCPLAB_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcplab/endpoint.h"

/* Control bits, RFC 9293 3.1. X(identifier, bit, name, meaning) */
#define TL_FLAGS(X)                                                                          \
	X(FIN, 0x01, "FIN", "the sender has no more data: it has closed or shut down")       \
	X(SYN, 0x02, "SYN", "the first of its sender: it opens, and has the first number")   \
	X(RST, 0x04, "RST", "the connection is over at once, or there is none")              \
	X(PSH, 0x08, "PSH", "the receiver should hand the data to its program now")          \
	X(ACK, 0x10, "ACK", "everything before its acknowledgment number has arrived")       \
	X(URG, 0x20, "URG", "some of the data is urgent")                                    \
	X(ECE, 0x40, "ECE", "a router on the way marked congestion")                         \
	X(CWR, 0x80, "CWR", "the sender has slowed down, as ECE asked")

enum tl_flag {
#define X(id, bit, name, meaning) TL_FLAG_##id = bit,
	TL_FLAGS(X)
#undef X
};

struct tl_segment {
	struct tl_endpoint from;
	struct tl_endpoint to;
	uint8_t flags;        /* TL_FLAG_* */
	uint32_t seq;
	uint32_t ack;         /* meaningful with TL_FLAG_ACK */
	uint32_t len;         /* bytes of data; of a GSO packet: of all its segments */
	uint16_t window;      /* as in the header, not scaled */
	uint16_t mss;         /* options; 0 where absent */
	int8_t wscale;        /* -1 where absent, 14 at most */
	bool sack_ok;
	bool has_ts;
	uint32_t ts_val, ts_ecr;
	uint8_t n_sack;       /* blocks */
	/* Multipath TCP's; of 64 bits the low 32 */
	bool data_fin;        /* its sender has closed the connection above, */
	uint32_t data_end;    /* and this number, or a later one, acknowledges that */
	bool has_data_ack;
	uint32_t data_ack;
};

/*
 * What is kept of a packet: the longest IPv4 header (60 bytes) or extended IPv6 headers,
 * TCP's (60), and the beginning of the data.
 */
#define TL_PACKET_SNAP 256

/* A packet as it left its sender, from the IP header on. */
struct tl_packet {
	uint8_t *bytes;  /* NULL: not recorded; whose they are, says who has the struct */
	uint32_t have;   /* bytes at @bytes, TL_PACKET_SNAP at most */
	uint32_t total;  /* bytes of the whole packet, at least @have */
};

/* Room for "SYN+ACK+ECE+..." and its NUL. */
#define TL_FLAGS_TEXT 40

/*
 * tl_segment_flags - "SYN", "SYN+ACK", "FIN+ACK", "RST", "ACK"; PSH is left out, as people
 * do; "none" where nothing is left
 * @out: at least TL_FLAGS_TEXT bytes
 *
 * Return: @out.
 */
const char *tl_segment_flags(uint8_t flags, char *out);

/*
 * tl_segment_parse - read a segment from an IPv4 or IPv6 packet
 * @packet: the first @have bytes of it, from the IP header on
 * @total: the length of the whole packet in bytes, at least @have
 *
 * Every length is checked: the bytes count as untrusted. An option of an impossible length
 * ends the options, and is not an error: so Linux takes it, and the segment counts.
 *
 * Return: 0; -EPROTONOSUPPORT where it is no TCP, or a later fragment; -EBADMSG where it is
 * malformed or cut before the end of the TCP header. @out is written on success only.
 * Source: RFC 791 3.1, RFC 8200 3 and 4, RFC 9293 3.1 and 3.2, RFC 2018, RFC 7323, RFC 8684 3.3.
 */
int tl_segment_parse(const void *packet, size_t have, size_t total, struct tl_segment *out);

/*
 * tl_segment_is_copy - the same segment again: same ends, flags, seq and length, and, where
 * it carries neither data nor SYN nor FIN, the same ack
 */
bool tl_segment_is_copy(const struct tl_segment *a, const struct tl_segment *b);

/* tl_seq_after - is @a further on than @b? The numbers begin again at 0 behind the last */
static inline bool tl_seq_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

/* tl_segment_end - the sequence number after it: seq + len, one more each for SYN and FIN */
uint32_t tl_segment_end(const struct tl_segment *segment);

#endif
