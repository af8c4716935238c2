/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A row of the socket table: names, equality, netstat's order. */
#include "tcplab/sock.h"

#include <string.h>

#include "tcplab/enum_names.h"

const char *tl_timer_name(enum tl_timer timer)
{
	switch (timer) {
#define X(id, number, name) case TL_TIMER_##id: return name;
	TL_TIMERS(X)
#undef X
	}
	return tl_number_name(timer);
}

int tl_timer_parse(const char *text)
{
	for (int timer = 0; timer <= TL_NUMBER_MAX; timer++)
		if (!strcmp(text, tl_timer_name((enum tl_timer)timer)))
			return timer;
	return -1;
}

bool tl_timer_waits(enum tl_timer timer)
{
	switch (timer) {
	case TL_TIMER_RETRANSMIT:
	case TL_TIMER_KEEPALIVE:
	case TL_TIMER_TIMEWAIT:
	case TL_TIMER_PROBE:
		return true;
	case TL_TIMER_NONE:
	case TL_TIMER_DELACK:
		break;
	}
	return false;
}

bool tl_sock_has_other(const struct tl_sock *sock)
{
	return sock->state != TL_LISTEN && sock->state != TL_CLOSE;
}

TL_NAMES(tl_known_by_name, enum tl_known_by, TL_KNOWN_BY)

/*
 * The lower port of a connection is, except for deliberate oddities, the service; with it
 * as the first key a listener, its accepted connections and their other ends stand
 * together, as the 2013 post printed them.
 */
static uint16_t service_port(const struct tl_sock *sock)
{
	if (sock->state == TL_LISTEN || sock->local.port < sock->remote.port)
		return sock->local.port;
	return sock->remote.port;
}

int tl_row_cmp(const void *a, const void *b)
{
	const struct tl_sock *x = &((const struct tl_row *)a)->sock;
	const struct tl_sock *y = &((const struct tl_row *)b)->sock;
	int order;

	if ((x->state == TL_LISTEN) != (y->state == TL_LISTEN))
		return x->state == TL_LISTEN ? -1 : 1;
	order = (int)service_port(x) - (int)service_port(y);
	if (!order)
		order = (x->local.port != service_port(x)) - (y->local.port != service_port(y));
	if (!order)
		order = tl_endpoint_cmp(&x->local, &y->local);
	if (!order)
		order = tl_endpoint_cmp(&x->remote, &y->remote);
	if (!order)
		order = (x->cookie > y->cookie) - (x->cookie < y->cookie);
	return order;
}

bool tl_sock_same(const struct tl_sock *a, const struct tl_sock *b)
{
	return a->cookie == b->cookie && a->state == b->state && a->inode == b->inode &&
	       tl_endpoint_equal(&a->local, &b->local) &&
	       tl_endpoint_equal(&a->remote, &b->remote);
}
