/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filters in the words that people use for ss, applied to a row. */
#include "tcplab/sieve.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "names.h"

static bool prefix_equal(const uint8_t *a, const uint8_t *b, int bits)
{
	int bytes = bits / 8, rest = bits % 8;

	if (memcmp(a, b, bytes))
		return false;
	return !rest || !((a[bytes] ^ b[bytes]) >> (8 - rest));
}

static bool compares(const struct tl_sieve_term *term, uint16_t port)
{
	if (term->compare == TL_VERSION_EQUAL)
		return port >= term->at.port && port <= term->last;
	return tl_compares(term->compare, port, term->at.port);
}

static bool is_at(const struct tl_sieve_term *term, const struct tl_endpoint *end)
{
	struct tl_endpoint plain = tl_endpoint_plain(end);

	if (term->has_port && !compares(term, end->port))
		return false;
	if (!term->at.family)
		return true;
	if (term->at.family == plain.family)
		return prefix_equal(term->at.addr, plain.addr, term->bits);
	return term->at.family == end->family && prefix_equal(term->at.addr, end->addr, term->bits);
}

static bool matches(const struct tl_sieve_term *term, const struct tl_sock *sock)
{
	if (term->interface && term->interface != sock->interface)
		return false;
	return (term->end != TL_SIEVE_REMOTE && is_at(term, &sock->local)) ||
	       (term->end != TL_SIEVE_LOCAL && is_at(term, &sock->remote));
}

bool tl_sieve_passes(const struct tl_sieve *sieve, const struct tl_sock *sock)
{
	bool stack[TL_SIEVE_TERMS + 1] = { true };
	size_t n = 0;

	if (sieve->states && !(sieve->states & 1u << sock->state))
		return false;
	for (size_t i = 0; i < sieve->n; i++) {
		const struct tl_sieve_term *term = &sieve->term[i];

		switch (term->kind) {
		case TL_SIEVE_END:
			stack[n++] = matches(term, sock);
			break;
		case TL_SIEVE_NOT:
			stack[n - 1] = !stack[n - 1];
			break;
		case TL_SIEVE_AND:
			n--;
			stack[n - 1] &= stack[n];
			break;
		case TL_SIEVE_OR:
			n--;
			stack[n - 1] |= stack[n];
			break;
		}
	}
	return stack[0];
}

int tl_sieve_zones(struct tl_sieve *sieve, struct tl_err *err)
{
	for (size_t i = 0; i < sieve->n; i++) {
		struct tl_sieve_term *term = &sieve->term[i];
		int end = 0;

		if (!*term->zone)
			continue;
		if (sscanf(term->zone, "%9u%n", &term->interface, &end) != 1 || term->zone[end])
			term->interface = tl_interface_index("/proc/net/if_inet6", term->zone);
		if (!term->interface)
			return tl_err_set(err, EINVAL, "there is no interface \"%s\" with an IPv6 "
					  "address here", term->zone);
	}
	return 0;
}

bool tl_sieve_holds(const struct tl_sieve *sieve, const struct tl_processes *processes,
		    const struct tl_hold *hold)
{
	if (!sieve->pid && !sieve->process)
		return true;
	for (; hold; hold = tl_hold_next(processes, hold)) {
		const struct tl_process *p = &processes->v[hold->process];

		if ((!sieve->pid || p->pid == sieve->pid) &&
		    (!sieve->process || !strcmp(p->name, sieve->process)))
			return true;
	}
	return false;
}
