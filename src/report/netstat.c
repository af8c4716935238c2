/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tcplab/report.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/*
 * netstat gives an address and its port 22 characters beside the colon. Without -W a
 * longer address loses its tail, never the port.
 */
#define ROOM 22

const char *tl_report_netstat_head(void)
{
	return "Proto Recv-Q Send-Q Local Address           Foreign Address         State";
}

/* An IPv4 peer of an IPv6 socket is shown as the IPv4 address it is. */
static const char *address(const struct tl_endpoint *ep, char *text)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct tl_endpoint v4 = { .family = AF_INET };

	if (ep->family != AF_INET6 || memcmp(ep->addr, mapped, sizeof(mapped)))
		return tl_endpoint_addr_text(ep, text);
	memcpy(v4.addr, ep->addr + sizeof(mapped), 4);
	return tl_endpoint_addr_text(&v4, text);
}

static void column(const struct tl_endpoint *ep, struct tl_buf *out)
{
	char addr[TL_ENDPOINT_TEXT], port[8] = "*";
	size_t n = strlen(address(ep, addr)), room;

	if (ep->port)
		snprintf(port, sizeof(port), "%u", ep->port);
	room = ROOM - strlen(port);
	if (n > room)
		n = room;
	tl_buf_add(out, addr, n);
	tl_buf_str(out, ":");
	tl_buf_str(out, port);
	tl_buf_pad(out, ' ', (int)(room - n) + 1);
}

void tl_report_netstat_row(const struct tl_sock *sock, struct tl_buf *out)
{
	const char *proto = sock->local.family == AF_INET6 ? "tcp6" : "tcp";
	/* /proc/net/tcp, which netstat reads, does not give the backlog of a listener */
	uint32_t sendq = sock->state == TL_LISTEN ? 0 : sock->sendq;

	tl_buf_fmt(out, "%-5s %6u %6u ", proto, sock->recvq, sendq);
	column(&sock->local, out);
	column(&sock->remote, out);
	tl_buf_str(out, tl_state_name(sock->state));
}
