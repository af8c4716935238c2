/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses and ports: written, read, compared. */
#include "tcplab/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/buf.h"

/* Without printf: a table has two in each row. */
static char *put_addr(char *at, const struct tl_endpoint *ep)
{
	if (ep->family != AF_INET) {
		if (inet_ntop(ep->family, ep->addr, at, TL_ENDPOINT_TEXT))
			return at + strlen(at);
		*at = '?';
		return at + 1;
	}
	for (int i = 0; i < 4; i++) {
		at = tl_put_number(at, ep->addr[i]);
		*at++ = '.';
	}
	return at - 1;
}

const char *tl_endpoint_addr_text(const struct tl_endpoint *ep, char *out)
{
	*put_addr(out, ep) = '\0';
	return out;
}

const char *tl_endpoint_text(const struct tl_endpoint *ep, char *out)
{
	char *at = put_addr(out, ep);

	*at++ = ':';
	if (ep->port)
		at = tl_put_number(at, ep->port);
	else
		*at++ = '*';
	*at = '\0';
	return out;
}

int tl_endpoint_parse(const char *text, struct tl_endpoint *ep, struct tl_err *err)
{
	const char *colon = strrchr(text, ':');
	char addr[TL_ENDPOINT_TEXT];
	unsigned long port = 0;
	char *end;

	*ep = (struct tl_endpoint){ 0 };
	if (!colon || (size_t)(colon - text) >= sizeof(addr))
		goto bad;
	memcpy(addr, text, colon - text);
	addr[colon - text] = '\0';
	if (strcmp(colon + 1, "*")) {
		port = strtoul(colon + 1, &end, 10);
		if (colon[1] < '0' || colon[1] > '9' || *end || port > UINT16_MAX)
			goto bad;
	}
	ep->port = port;
	ep->family = strchr(addr, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(ep->family, addr, ep->addr) == 1)
		return 0;
bad:
	*ep = (struct tl_endpoint){ 0 };
	return tl_err_set(err, EINVAL, "\"%s\" is not an address and a port", text);
}

int tl_endpoint_cmp(const struct tl_endpoint *a, const struct tl_endpoint *b)
{
	const struct tl_endpoint x = tl_endpoint_plain(a), y = tl_endpoint_plain(b);
	int order;

	if (x.family != y.family)
		return x.family == AF_INET ? -1 : 1;
	order = memcmp(x.addr, y.addr, sizeof(x.addr));
	if (order)
		return order;
	return (int)x.port - (int)y.port;
}

bool tl_endpoint_equal(const struct tl_endpoint *a, const struct tl_endpoint *b)
{
	return tl_endpoint_cmp(a, b) == 0;
}

struct tl_endpoint tl_endpoint_plain(const struct tl_endpoint *ep)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct tl_endpoint plain = { .family = AF_INET, .port = ep->port };

	if (ep->family != AF_INET6 || memcmp(ep->addr, mapped, sizeof(mapped)))
		return *ep;
	memcpy(plain.addr, ep->addr + sizeof(mapped), 4);
	return plain;
}

bool tl_endpoint_is_any(const struct tl_endpoint *ep)
{
	static const uint8_t zero[sizeof(ep->addr)];

	return !memcmp(ep->addr, zero, sizeof(zero));
}

bool tl_endpoint_is_loopback(const struct tl_endpoint *ep)
{
	static const uint8_t one[sizeof(ep->addr)] = { [15] = 1 };
	struct tl_endpoint plain = tl_endpoint_plain(ep);

	return plain.family == AF_INET ? plain.addr[0] == 127 :
					 !memcmp(plain.addr, one, sizeof(one));
}

struct tl_endpoint tl_endpoint_reach(const struct tl_endpoint *ep)
{
	struct tl_endpoint reach = *ep;

	if (!tl_endpoint_is_any(ep))
		return reach;
	if (ep->family == AF_INET)
		reach.addr[0] = 127;
	reach.addr[ep->family == AF_INET ? 3 : 15] = 1;
	return reach;
}

bool tl_endpoint_accepts(const struct tl_endpoint *listener, const struct tl_endpoint *to)
{
	if (listener->port != to->port)
		return false;
	if (tl_endpoint_is_any(listener))
		return listener->family == AF_INET6 || tl_endpoint_plain(to).family == AF_INET;
	return tl_endpoint_equal(listener, to);
}
