/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * The states each socket of an end was seen in, repetitions aside, are exactly those of the
 * evidence: of every socket of that end, or of as many as the scenario says.
 *
 * A socket that was in another state than the next one speaks against it, wherever the run ended;
 * that all of the states have come is known only where everything was looked at.
 */
#include "questions.h"

static bool is_of(int actor, int named, uint64_t others)
{
	return actor == named || (actor < 64 && others >> actor & 1);
}

/*
 * Is this the socket of an end that @ev speaks about? By what is known of it in the end. An
 * actor alone is its listeners where the order begins with one, and else all of its sockets.
 */
static bool speaks_of(const struct tl_evidence *ev, const struct tl_socket *socket)
{
	if (ev->row.peer < 0 && ev->n_order && ev->order[0] == TL_LISTEN && !socket->listens)
		return false;
	return ev->row.owner >= 0 && is_of(ev->row.owner, socket->owner, socket->owners) &&
	       (ev->row.peer < 0 || is_of(ev->row.peer, socket->peer, socket->peers));
}

/* The next sighting of a socket in scope, from @i on, in another state than @state. */
static size_t next_state(const struct tl_film *film, const struct tl_evidence *ev,
			 const struct tl_socket *socket, size_t i, enum tl_state state)
{
	for (; i < socket->from + socket->n; i++)
		if (film->sightings[i].row->sock.state != state &&
		    evidence_in_scope(ev, film->sightings[i].ev))
			break;
	return i;
}

/* Are the states it was seen in, those of @skip left out, the first @n of @ev's order? */
static bool follows(const struct tl_film *film, const struct tl_evidence *ev,
		    const struct tl_socket *socket, unsigned skip, size_t *n)
{
	size_t end = socket->from + socket->n;
	enum tl_state state = 0;

	*n = 0;
	for (size_t i = socket->from; (i = next_state(film, ev, socket, i, state)) < end;) {
		state = film->sightings[i].row->sock.state;
		if (skip & 1u << state)
			continue;
		if (*n >= ev->n_order || ev->order[(*n)++] != state)
			return false;
	}
	return true;
}

/* The states a socket was seen in, in scope: are they those of @ev? */
static bool as_said(const struct tl_film *film, const struct tl_evidence *ev,
		    const struct tl_socket *socket)
{
	size_t n;

	return follows(film, ev, socket, 0, &n) && n && n == ev->n_order;
}

/*
 * Would they have been those of @ev on a quicker machine? A Redis that is slow to close leaves
 * the other end in FIN_WAIT2 meanwhile, and its own in CLOSE_WAIT (slow.c).
 */
static bool slowly_as_said(const struct tl_film *film, const struct tl_evidence *ev,
			   const struct tl_socket *socket)
{
	bool peer = slow_to_close(film, socket->peer, ev->phase);
	bool owner = slow_to_close(film, socket->owner, ev->phase);
	unsigned skip = (peer ? 1u << TL_FIN_WAIT2 : 0) | (owner ? 1u << TL_CLOSE_WAIT : 0);
	size_t n;

	return skip && follows(film, ev, socket, skip, &n) && n == ev->n_order;
}

/* May they have been those of @ev, had more of them been seen? */
static bool may_be_as_said(const struct tl_film *film, const struct tl_evidence *ev,
			   const struct tl_socket *socket)
{
	size_t end = socket->from + socket->n, n = 0;
	enum tl_state state = 0;

	for (size_t i = socket->from; (i = next_state(film, ev, socket, i, state)) < end; n++) {
		state = film->sightings[i].row->sock.state;
		while (n < ev->n_order && ev->order[n] != state)
			n++;
		if (n == ev->n_order)
			return false;
	}
	return true;
}

/* Had it been in these states by then, and not in others? */
static bool begins_as_said(const struct tl_film *film, const struct tl_evidence *ev,
			   const struct tl_socket *socket)
{
	size_t n;

	return follows(film, ev, socket, 0, &n);
}

static void say_states(struct tl_buf *out, const struct tl_film *film,
		       const struct tl_evidence *ev, const struct tl_socket *socket)
{
	size_t end = socket->from + socket->n;
	enum tl_state state = 0;

	for (size_t i = socket->from; (i = next_state(film, ev, socket, i, state)) < end;) {
		tl_buf_str(out, state ? ", " : "");
		state = film->sightings[i].row->sock.state;
		tl_buf_str(out, tl_state_name(state));
	}
}

static bool seen_at_all(const struct tl_film *film, const struct tl_evidence *ev,
			const struct tl_socket *socket)
{
	return next_state(film, ev, socket, socket->from, 0) < socket->from + socket->n;
}

typedef bool (*socket_fn)(const struct tl_film *film, const struct tl_evidence *ev,
			  const struct tl_socket *socket);

/* How many of the sockets that @ev speaks about and that were seen in scope are (not) so. */
static size_t count_sockets(const struct tl_film *film, const struct tl_evidence *ev,
			    socket_fn is_so, bool so, const struct tl_socket **first)
{
	size_t n = 0;

	for (size_t i = 0; i < film->n_sockets; i++) {
		const struct tl_socket *socket = &film->sockets[i];

		if (!speaks_of(ev, socket) || !seen_at_all(film, ev, socket) ||
		    is_so(film, ev, socket) != so)
			continue;
		if (!n++)
			*first = socket;
	}
	return n;
}

/* How many of the sockets are so, and how many are not. */
struct fit {
	size_t good, bad;
	const struct tl_socket *first_good, *first_bad;
};

/* What to tell about it: how many of how many sockets, and the states of the first such. */
static void say_order(struct tl_buf *out, const struct tl_film *film,
		      const struct tl_evidence *ev, const struct fit *fit, bool good)
{
	const struct tl_socket *first = good ? fit->first_good : fit->first_bad;
	size_t told = good ? fit->good : fit->bad, n = fit->good + fit->bad;

	if (!n) {
		tl_buf_str(out, "no socket was seen of ");
		say_ends(out, film->plan, &ev->row);
		return;
	}
	if (n > 1 && told == n && good)
		tl_buf_fmt(out, "each of %zu sockets ", n);
	else if (n > 1)
		tl_buf_fmt(out, "%zu of %zu sockets ", told, n);
	say_ends(out, film->plan, &ev->row);
	if (told > 1 && !good)
		tl_buf_str(out, " were seen otherwise, such as in ");
	else
		tl_buf_str(out, told > 1 && told < n ? " were seen in " : " was seen in ");
	say_states(out, film, ev, first);
}

static struct fit find_fit(const struct tl_film *film, const struct tl_evidence *ev,
			   socket_fn is_so)
{
	struct fit fit = { 0 };

	fit.good = count_sockets(film, ev, is_so, true, &fit.first_good);
	fit.bad = count_sockets(film, ev, is_so, false, &fit.first_bad);
	return fit;
}

bool judge_order(const struct tl_film *film, const struct tl_evidence *ev,
		 struct tl_evidence_verdict *out)
{
	bool whole = evidence_looked_at(film, ev->phase);
	bool blind = tl_film_was_blind(film, ev->phase);
	struct fit fit = find_fit(film, ev, whole ? as_said : begins_as_said);
	bool ok = ev->count ? fit.good == (size_t)ev->count : fit.good && !fit.bad;
	const struct tl_socket *slow = NULL, *any;
	struct tl_buf text = { 0 };
	size_t n = fit.good + fit.bad;

	if (!whole && (ev->count || !fit.bad || blind))
		return evidence_unseen(film, ev, out);
	if (!ok && blind && (!n || count_sockets(film, ev, may_be_as_said, true, &any)))
		return evidence_unseen(film, ev, out);
	if (!ok && fit.bad && count_sockets(film, ev, slowly_as_said, true, &slow))
		return evidence_slow(film,
				     slow_to_close(film, slow->peer, ev->phase) ? slow->peer :
										  slow->owner,
				     ev->phase, out);
	say_order(&text, film, ev, &fit, ev->count ? fit.good > 0 : ok);
	if (!ok && ev->count)
		tl_buf_fmt(&text, ", expected of %d of them", ev->count);
	return evidence_found(out, ok ? TL_FACT_SO : TL_FACT_NOT_SO, ev->phase, &text);
}
