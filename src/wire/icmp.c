/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An ICMP error about a segment, as a router sends it that has no way to the receiver. */
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tcplab/wire.h"

/* The ports and the sequence number: by these the sender finds its socket (RFC 792). */
struct beginning {
	uint16_t from, to;
	uint32_t seq;
};

struct about4 {
	struct icmphdr icmp;
	struct iphdr ip;
	struct beginning tcp;
};

struct about6 {
	struct icmp6_hdr icmp;
	struct ip6_hdr ip;
	struct beginning tcp;
};

static struct beginning beginning_of(const struct tl_segment *segment)
{
	return (struct beginning){ htons(segment->from.port), htons(segment->to.port),
				   htonl(segment->seq) };
}

/* RFC 1071 */
static uint16_t checksum(const void *data, size_t len)
{
	const uint8_t *bytes = data;
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += bytes[i] << 8 | bytes[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum & 0xffff);
}

static int send_raw(int family, int protocol, const struct sockaddr *to, socklen_t to_len,
		    const void *data, size_t len, struct tl_err *err)
{
	int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, protocol), ret = 0;

	if (fd < 0)
		return tl_err_set(err, errno, "a raw socket for ICMP: %s", strerror(errno));
	if (sendto(fd, data, len, 0, to, to_len) < 0)
		ret = tl_err_set(err, errno, "the ICMP error cannot be sent: %s", strerror(errno));
	close(fd);
	return ret;
}

static int send4(const struct tl_segment *segment, struct tl_err *err)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct about4 about;

	memset(&about, 0, sizeof(about));
	about.icmp.type = ICMP_DEST_UNREACH;
	about.icmp.code = ICMP_HOST_UNREACH;
	about.ip.version = 4;
	about.ip.ihl = sizeof(about.ip) / 4;
	about.ip.ttl = 1;
	about.ip.protocol = IPPROTO_TCP;
	about.ip.tot_len = htons(sizeof(about.ip) + 20 + segment->len);
	about.tcp = beginning_of(segment);
	memcpy(&about.ip.saddr, segment->from.addr, sizeof(about.ip.saddr));
	memcpy(&about.ip.daddr, segment->to.addr, sizeof(about.ip.daddr));
	memcpy(&to.sin_addr, segment->from.addr, sizeof(to.sin_addr));
	about.ip.check = checksum(&about.ip, sizeof(about.ip));
	about.icmp.checksum = checksum(&about, sizeof(about));
	return send_raw(AF_INET, IPPROTO_ICMP, (const struct sockaddr *)&to, sizeof(to), &about,
			sizeof(about), err);
}

/* The kernel sums ICMPv6 up itself (RFC 3542 3.1). */
static int send6(const struct tl_segment *segment, struct tl_err *err)
{
	struct about6 about = { .icmp = { .icmp6_type = ICMP6_DST_UNREACH,
					  .icmp6_code = ICMP6_DST_UNREACH_ADDR },
				.tcp = beginning_of(segment) };
	struct sockaddr_in6 to = { .sin6_family = AF_INET6 };

	about.ip.ip6_vfc = 6 << 4;
	about.ip.ip6_nxt = IPPROTO_TCP;
	about.ip.ip6_plen = htons(20 + segment->len);
	memcpy(&about.ip.ip6_src, segment->from.addr, sizeof(about.ip.ip6_src));
	memcpy(&about.ip.ip6_dst, segment->to.addr, sizeof(about.ip.ip6_dst));
	memcpy(&to.sin6_addr, segment->from.addr, sizeof(to.sin6_addr));
	return send_raw(AF_INET6, IPPROTO_ICMPV6, (const struct sockaddr *)&to, sizeof(to), &about,
			sizeof(about), err);
}

int tl_wire_unreachable(const struct tl_segment *segment, struct tl_err *err)
{
	return segment->from.family == AF_INET6 ? send6(segment, err) : send4(segment, err);
}
