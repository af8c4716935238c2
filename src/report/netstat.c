/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A row of the socket table as netstat prints it. */
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

static void fill(const struct tl_endpoint *ep, char *out)
{
	char addr[TL_ENDPOINT_TEXT], port[8] = "*";

	if (ep->port)
		snprintf(port, sizeof(port), "%u", ep->port);
	snprintf(out, TL_NETSTAT_CELL, "%.*s:%s", ROOM - (int)strlen(port), address(ep, addr),
		 port);
}

/* /proc/net/tcp, which netstat reads, does not give the backlog of a listener. */
static uint32_t sendq(const struct tl_sock *sock)
{
	return sock->state == TL_LISTEN ? 0 : sock->sendq;
}

bool tl_report_netstat_alike(const struct tl_sock *a, const struct tl_sock *b)
{
	return a->recvq == b->recvq && sendq(a) == sendq(b) &&
	       tl_endpoint_equal(&a->local, &b->local) &&
	       tl_endpoint_equal(&a->remote, &b->remote);
}

void tl_report_netstat_cells(const struct tl_sock *sock, struct tl_netstat_cells *out)
{
	out->proto = sock->local.family == AF_INET6 ? "tcp6" : "tcp";
	snprintf(out->recvq, sizeof(out->recvq), "%u", sock->recvq);
	snprintf(out->sendq, sizeof(out->sendq), "%u", sendq(sock));
	fill(&sock->local, out->local);
	fill(&sock->remote, out->remote);
	out->state = tl_state_name(sock->state);
}

void tl_report_netstat_ends(const struct tl_sock *sock, struct tl_buf *out)
{
	struct tl_netstat_cells cells;

	tl_report_netstat_cells(sock, &cells);
	tl_buf_fmt(out, "%-5s %6s %6s %-*s %-*s ", cells.proto, cells.recvq, cells.sendq,
		   ROOM + 1, cells.local, ROOM + 1, cells.remote);
}

void tl_report_netstat_row(const struct tl_sock *sock, struct tl_buf *out)
{
	tl_report_netstat_ends(sock, out);
	tl_buf_str(out, tl_state_name(sock->state));
}
