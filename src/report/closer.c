/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The few words beside a row: what its state means, and which end closed first.
 *
 * FIN_WAIT1 and TIME_WAIT alone do not prove that: two FINs may have crossed. What the other end
 * went through does. One that was in CLOSE_WAIT or LAST_ACK had this end's FIN before it closed;
 * one that was in FIN_WAIT1, CLOSING or TIME_WAIT itself closed without having had it.
 */
#include "words.h"

/* States of which one has closed before the other end's FIN had come, or had it before. */
#define ACTIVE                                                                               \
	(1u << TL_FIN_WAIT1 | 1u << TL_FIN_WAIT2 | 1u << TL_CLOSING | 1u << TL_TIME_WAIT)
#define PASSIVE (1u << TL_CLOSE_WAIT | 1u << TL_LAST_ACK)
#define OPEN    (1u << TL_SYN_RECV | 1u << TL_ESTABLISHED)

enum closed { CLOSED_UNKNOWN, CLOSED_FIRST, CLOSED_AT_ONCE };

static unsigned states_of(const struct tl_report *report, const struct tl_sighting *seen)
{
	const struct tl_verdict *verdict = report->verdict;
	const struct tl_life *life = seen && seen->socket < verdict->n_lives ?
					     &verdict->lives[seen->socket] : NULL;
	unsigned states = 0;

	for (size_t i = 0; life && i < life->n_hops; i++)
		states |= 1u << life->hops[i].state;
	return states;
}

static enum closed who_closed(const struct tl_report *report, const struct tl_event *look,
			      const struct tl_row *row)
{
	const struct tl_film *film = report->film;
	const struct tl_sock *sock = &row->sock;
	const struct tl_sighting *own = tl_film_seen(film, look, sock->cookie), *other;
	const struct tl_sighting **pair;
	unsigned states = states_of(report, own);
	size_t n = 0;

	if (!own)
		return CLOSED_UNKNOWN;
	pair = tl_film_pair(film, &sock->remote, &sock->local, film->sockets[own->socket].born,
			    look, &n);
	other = n ? pair[n - 1] : NULL;
	/* What the other end does later is not so yet. */
	if (other && other->ev == look && OPEN & 1u << other->row->sock.state)
		return CLOSED_FIRST;
	if (states & 1u << TL_CLOSING)
		return CLOSED_AT_ONCE;
	states = states_of(report, other);
	return states & ACTIVE ? CLOSED_AT_ONCE : states & PASSIVE ? CLOSED_FIRST : CLOSED_UNKNOWN;
}

const char *tl_report_meaning(const struct tl_report *report, const struct tl_event *look,
			      const struct tl_row *row)
{
	static const char *const fin_wait1[] = {
		[CLOSED_FIRST] = "closed first; its FIN is not acknowledged yet",
		[CLOSED_AT_ONCE] = "both closed at once; its FIN is not acknowledged yet",
	};
	static const char *const time_wait[] = {
		[CLOSED_FIRST] = "closed first; lingers 60 s in case the last ACK was lost",
		[CLOSED_AT_ONCE] =
			"both closed at once; lingers 60 s in case the last ACK was lost",
	};
	const struct tl_state_info *info = tl_state_info(row->sock.state);
	const char *words = NULL;

	if (row->sock.state == TL_FIN_WAIT1)
		words = fin_wait1[who_closed(report, look, row)];
	else if (row->sock.state == TL_TIME_WAIT)
		words = time_wait[who_closed(report, look, row)];
	return words ? words : info ? info->meaning : "";
}
