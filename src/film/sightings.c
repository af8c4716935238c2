/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A row is seen in two ways: a snapshot shows the whole table, and a segment, stopped in
 * flight, shows its two ends. Both are sightings, and the trace's order is the order of
 * time: events lie in one array, so that their addresses tell which came first.
 *
 * One end in flight is not believed. Linux sends the ACK of a FIN in FIN_WAIT2 and enters
 * TIME_WAIT just after (tcp_fin() in net/ipv4/tcp_input.c), even where the very segment it
 * answers had taken it out of FIN_WAIT1. Who is quick enough finds the sender in a state
 * that it only passes through; whether, depends on the processor it runs on.
 *
 * What a snapshot lacks was not there. Of a socket that is not an end of it a segment says
 * nothing at all, so nothing is ever gone because of a segment.
 *
 * Everything is sorted once, by cookie for the lives and by addresses for the other end
 * of a connection; what is asked later is a binary search.
 */
#include "parts.h"

#include <stdlib.h>

/* Is the sender still in FIN_WAIT2, on its way to TIME_WAIT? */
static bool in_passing(const struct tl_film *film, const struct tl_event *ev)
{
	return ev->segment.ends[0].sock.state == TL_FIN_WAIT2 &&
	       tl_film_shot(film, ev)->kinds & 1u << TL_SEGMENT_ACK_OF_FIN;
}

const struct tl_row *tl_film_rows(const struct tl_film *film, const struct tl_event *ev, size_t *n)
{
	*n = 0;
	if (!tl_film_knows(film, ev->phase))
		return NULL;
	if (ev->kind == TL_EVENT_SEGMENT) {
		*n = in_passing(film, ev) ? 1 : 2;
		return ev->segment.ends + 2 - *n;
	}
	if (ev->kind != TL_EVENT_SNAPSHOT)
		return NULL;
	*n = ev->snapshot.n;
	return ev->snapshot.rows;
}

static int time_cmp(const struct tl_sighting *x, const struct tl_sighting *y)
{
	if (x->ev != y->ev)
		return x->ev < y->ev ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static int cookie_cmp(const void *a, const void *b)
{
	const struct tl_sighting *x = a, *y = b;
	uint64_t cx = x->row->sock.cookie, cy = y->row->sock.cookie;

	if (cx != cy)
		return cx < cy ? -1 : 1;
	return time_cmp(x, y);
}

static int place(const struct tl_event *ev, const struct tl_row *row)
{
	return row - (ev->kind == TL_EVENT_SEGMENT ? ev->segment.ends : ev->snapshot.rows);
}

/* A row whose state is none says nothing of its socket's life. */
bool film_take_sightings(struct tl_film *film)
{
	const struct tl_trace *trace = film->trace;
	size_t n = 0, rows;

	for (size_t i = 0; i < trace->n; i++) {
		tl_film_rows(film, &trace->events[i], &rows);
		n += rows;
	}
	film->sightings = calloc(n + 1, sizeof(*film->sightings));
	if (!film->sightings)
		return false;
	for (size_t i = 0; i < trace->n; i++) {
		const struct tl_event *ev = &trace->events[i];
		const struct tl_row *row = tl_film_rows(film, ev, &rows);

		for (size_t r = 0; r < rows; r++)
			if (tl_state_info(row[r].sock.state))
				film->sightings[film->n_sightings++] =
					(struct tl_sighting){ .ev = ev, .at = place(ev, &row[r]),
							   .row = &row[r] };
	}
	qsort(film->sightings, film->n_sightings, sizeof(*film->sightings), cookie_cmp);
	return true;
}

static int birth_cmp(const void *a, const void *b)
{
	const struct tl_socket *x = a, *y = b;

	return x->born != y->born ? FILM_CMP(x->born, y->born) : FILM_CMP(x->first, y->first);
}

static bool is_held(const struct tl_row *row)
{
	return row->by == TL_KNOWN_BY_INODE || row->by == TL_KNOWN_BY_COOKIE;
}

/*
 * Whose it is, and whose the other end. A life keeps the names it had: who has the other
 * port later is another matter. But that a program holds it counts more than that it came
 * in through a listener.
 */
static void know_better(struct tl_socket *socket, const struct tl_film *film,
			const struct tl_row *row, bool *sure)
{
	bool held = is_held(row);

	if (tl_film_actor(film, row->owner) >= 0 && (socket->owner < 0 || (held && !*sure))) {
		socket->owner = row->owner;
		*sure = held;
	}
	if (socket->peer < 0)
		socket->peer = tl_film_actor(film, row->peer);
	socket->owners |= row->shared_by;
	socket->peers |= row->peers;
	if (held && row->owner >= 0 && row->owner < 64)
		socket->owners |= UINT64_C(1) << row->owner;
}

/* The last SYN that one end sent the other before @ev, and not before @since; NULL: none. */
static const struct tl_segment *syn_before(const struct tl_film *film, const struct tl_sock *sock,
					   const struct tl_event *since, const struct tl_event *ev)
{
	size_t n;
	const struct tl_shot **sent =
		tl_film_sent(film, &sock->local, &sock->remote, since, ev - 1, &n);

	while (n && !(sent[n - 1]->kinds & 1u << TL_SEGMENT_SYN))
		n--;
	return n ? &sent[n - 1]->ev->segment.seg : NULL;
}

/* It sends a SYN, and not the one that it has sent since @since. */
static bool opens_anew(const struct tl_film *film, const struct tl_sighting *s,
		       const struct tl_event *since)
{
	const struct tl_segment *syn;

	if (s->ev->kind != TL_EVENT_SEGMENT || s->at ||
	    !(tl_film_shot(film, s->ev)->kinds & 1u << TL_SEGMENT_SYN))
		return false;
	syn = syn_before(film, &s->row->sock, since, s->ev);
	return syn && syn->seq != s->ev->segment.seg.seq;
}

/*
 * Is the socket that has been there another one now? Its descriptor was told to open, and since
 * then it has other addresses, or its SYN is another one.
 */
static bool is_another(const struct tl_film *film, const struct tl_socket *socket,
		       const struct tl_sighting *s)
{
	const struct tl_sock *was = &s[-1].row->sock, *is = &s->row->sock;

	/* a row in CLOSED is what is left of it, or may open yet */
	if (is->state == TL_CLOSE ||
	    (tl_endpoint_equal(&was->remote, &is->remote) &&
	     tl_endpoint_equal(&was->local, &is->local) && !opens_anew(film, s, socket->born)))
		return false;
	return tl_film_is_peer(film, socket->owner) &&
	       tl_film_acted(film, socket->owner, TL_DOES_OPEN, socket->born, s->ev);
}

/* The socket whose sightings begin at @from: as far as it is the same. */
static struct tl_socket socket_at(const struct tl_film *film, size_t from)
{
	const struct tl_sighting *first = &film->sightings[from];
	struct tl_socket socket = { .cookie = first->row->sock.cookie, .first = first->row,
				    .born = first->ev, .from = from, .owner = -1, .peer = -1 };
	bool sure = false, lived = false;

	socket.anew = from && first[-1].row->sock.cookie == socket.cookie;
	if (socket.anew) {
		/* the descriptor is whose it was */
		socket.owner = film->sockets[film->n_sockets - 1].owner;
		sure = true;
	}
	for (size_t i = from; i < film->n_sightings; i++) {
		const struct tl_sighting *s = &film->sightings[i];

		if (s->row->sock.cookie != socket.cookie)
			break;
		if (lived && s->ev != s[-1].ev && is_another(film, &socket, s)) {
			socket.anew_at = s->ev;
			break;
		}
		know_better(&socket, film, s->row, &sure);
		socket.listens |= s->row->sock.state == TL_LISTEN;
		lived |= s->row->sock.state != TL_CLOSE;
		socket.n++;
	}
	return socket;
}

bool film_take_sockets(struct tl_film *film)
{
	film->sockets = calloc(film->n_sightings + 1, sizeof(*film->sockets));
	film->listeners = calloc(film->n_sightings + 1, sizeof(*film->listeners));
	if (!film->sockets || !film->listeners)
		return false;
	for (size_t i = 0; i < film->n_sightings; i += film->sockets[film->n_sockets++].n)
		film->sockets[film->n_sockets] = socket_at(film, i);
	qsort(film->sockets, film->n_sockets, sizeof(*film->sockets), birth_cmp);
	for (size_t i = 0; i < film->n_sockets; i++) {
		const struct tl_socket *socket = &film->sockets[i];

		for (size_t j = 0; j < socket->n; j++)
			film->sightings[socket->from + j].socket = i;
		if (socket->listens)
			film->listeners[film->n_listeners++] = socket;
	}
	return true;
}

static int pair_cmp(const struct tl_sock *x, const struct tl_endpoint *local,
		    const struct tl_endpoint *remote)
{
	return film_way_cmp(&x->local, &x->remote, local, remote);
}

static int by_pair(const void *a, const void *b)
{
	const struct tl_sighting *x = *(const struct tl_sighting *const *)a;
	const struct tl_sighting *y = *(const struct tl_sighting *const *)b;
	int order = pair_cmp(&x->row->sock, &y->row->sock.local, &y->row->sock.remote);

	return order ? order : time_cmp(x, y);
}

bool film_take_pairs(struct tl_film *film)
{
	film->pairs = calloc(film->n_sightings + 1, sizeof(*film->pairs));
	if (!film->pairs)
		return false;
	for (size_t i = 0; i < film->n_sightings; i++)
		film->pairs[i] = &film->sightings[i];
	qsort(film->pairs, film->n_sightings, sizeof(*film->pairs), by_pair);
	return true;
}

static bool is_before(const struct tl_sighting *s, uint64_t cookie, const struct tl_event *ev)
{
	return s->row->sock.cookie == cookie ? s->ev < ev : s->row->sock.cookie < cookie;
}

/* The first sighting of a cookie from @ev on, of those from @low to before @high; or @high. */
static const struct tl_sighting *search(const struct tl_film *film, size_t low, size_t high,
				     uint64_t cookie, const struct tl_event *ev)
{
	const struct tl_sighting *all = film->sightings;
	size_t at = TL_BISECT(i, low, high, is_before(&all[i], cookie, ev));

	return at < high && all[at].row->sock.cookie == cookie ? all + at : all + high;
}

/* The first one, should a cookie be in a snapshot twice. */
const struct tl_sighting *tl_film_seen(const struct tl_film *film, const struct tl_event *ev,
				       uint64_t cookie)
{
	const struct tl_sighting *s = search(film, 0, film->n_sightings, cookie, ev);

	return s < film->sightings + film->n_sightings && s->ev == ev ? s : NULL;
}

const struct tl_sighting *tl_film_find(const struct tl_film *film, int snap, uint64_t cookie)
{
	return snap < 0 ? NULL : tl_film_seen(film, film->snaps[snap], cookie);
}

const struct tl_socket *tl_film_socket(const struct tl_film *film, const struct tl_event *ev,
				       uint64_t cookie)
{
	size_t n = film->n_sightings;
	const struct tl_sighting *s = search(film, 0, n, cookie, film->trace->events);
	const struct tl_sighting *end = film->sightings + n;

	if (s == end)
		return NULL;
	while (film->sockets[s->socket].anew_at && film->sockets[s->socket].anew_at <= ev)
		s += film->sockets[s->socket].n;
	return &film->sockets[s->socket];
}

int tl_film_owner(const struct tl_film *film, const struct tl_event *ev, uint64_t cookie)
{
	const struct tl_socket *socket = tl_film_socket(film, ev, cookie);

	return socket ? socket->owner : -1;
}

uint64_t tl_film_holders(const struct tl_film *film, const struct tl_event *ev, uint64_t cookie)
{
	const struct tl_socket *socket = tl_film_socket(film, ev, cookie);
	uint64_t holders = 0;

	for (size_t i = 0; socket && i < socket->n; i++) {
		const struct tl_sighting *s = &film->sightings[socket->from + i];
		int owner = tl_film_actor(film, s->row->owner);

		if (s->ev > ev)
			break;
		holders |= s->row->shared_by;
		if (is_held(s->row) && owner >= 0 && owner < 64)
			holders |= UINT64_C(1) << owner;
	}
	return holders;
}

/* Is it of a pair that comes before this one, or of this one, earlier? */
static bool precedes(const struct tl_sighting *s, const struct tl_endpoint *local,
		     const struct tl_endpoint *remote, const struct tl_event *ev)
{
	int order = pair_cmp(&s->row->sock, local, remote);

	return order < 0 || (!order && s->ev < ev);
}

const struct tl_sighting **tl_film_pair(const struct tl_film *film, const struct tl_endpoint *local,
				  const struct tl_endpoint *remote,
				  const struct tl_event *from, const struct tl_event *to,
				  size_t *n)
{
	size_t all = film->n_sightings;
	size_t first = TL_BISECT(i, 0, all, precedes(film->pairs[i], local, remote, from));

	*n = TL_BISECT(i, first, all, precedes(film->pairs[i], local, remote, to + 1)) - first;
	return film->pairs + first;
}

bool tl_film_listened(const struct tl_film *film, int from, int to, const struct tl_endpoint *ep)
{
	const struct tl_trace *trace = film->trace;
	const struct tl_event *since = from < 0 ? trace->events : film->snaps[from];
	const struct tl_event *until =
		to < film->n_snaps ? film->snaps[to] : trace->events + trace->n;

	for (size_t i = 0; i < film->n_listeners; i++) {
		const struct tl_socket *t = film->listeners[i];
		const struct tl_sighting *end = film->sightings + t->from + t->n;
		const struct tl_sock *sock = &end[-1].row->sock;
		const struct tl_sighting *s;

		if (!tl_endpoint_accepts(&sock->local, ep))
			continue;
		s = search(film, t->from, t->from + t->n, sock->cookie, since);
		for (; s < end && s->ev <= until; s++)
			if (s->row->sock.state == TL_LISTEN)
				return true;
	}
	return false;
}
