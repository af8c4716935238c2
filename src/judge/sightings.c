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
 * What a snapshot lacks was not there. Of a socket that is no end of it a segment says
 * nothing at all, so nothing is ever gone because of a segment.
 *
 * Everything is sorted once, by cookie for the lives and by addresses for the other end
 * of a connection; what is asked later is a binary search.
 */
#include "view.h"

#include <stdlib.h>

/* Is the sender still in FIN_WAIT2, on its way to TIME_WAIT? */
static bool in_passing(const struct view *view, const struct tl_event *ev)
{
	return ev->segment.ends[0].sock.state == TL_FIN_WAIT2 &&
	       view_segment(view, ev)->kinds & 1u << TL_SEGMENT_ACK_OF_FIN;
}

const struct tl_row *view_rows(const struct view *view, const struct tl_event *ev, size_t *n)
{
	*n = 0;
	if (!view_knows(view, ev->phase))
		return NULL;
	if (ev->kind == TL_EVENT_SEGMENT) {
		*n = in_passing(view, ev) ? 1 : 2;
		return ev->segment.ends + 2 - *n;
	}
	if (ev->kind != TL_EVENT_SNAPSHOT)
		return NULL;
	*n = ev->snapshot.n;
	return ev->snapshot.rows;
}

static int time_cmp(const struct sighting *x, const struct sighting *y)
{
	if (x->ev != y->ev)
		return x->ev < y->ev ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static int cookie_cmp(const void *a, const void *b)
{
	const struct sighting *x = a, *y = b;
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
bool take_sightings(struct view *view)
{
	const struct tl_trace *trace = view->trace;
	size_t n = 0, rows;

	for (size_t i = 0; i < trace->n; i++) {
		view_rows(view, &trace->events[i], &rows);
		n += rows;
	}
	view->sightings = calloc(n + 1, sizeof(*view->sightings));
	if (!view->sightings)
		return false;
	for (size_t i = 0; i < trace->n; i++) {
		const struct tl_event *ev = &trace->events[i];
		const struct tl_row *row = view_rows(view, ev, &rows);

		for (size_t r = 0; r < rows; r++)
			if (tl_state_info(row[r].sock.state))
				view->sightings[view->n_sightings++] =
					(struct sighting){ .ev = ev, .at = place(ev, &row[r]),
							   .row = &row[r] };
	}
	qsort(view->sightings, view->n_sightings, sizeof(*view->sightings), cookie_cmp);
	return true;
}

/* qsort() passes nothing on, so that trails are sorted as pairs of trail and beginning. */
struct birth {
	struct trail trail;
	struct sighting first;
};

static int birth_cmp(const void *a, const void *b)
{
	return time_cmp(&((const struct birth *)a)->first, &((const struct birth *)b)->first);
}

/* The trail that begins at sighting @from: as far as the cookie stays the same. */
static struct trail trail_at(const struct view *view, size_t from)
{
	struct trail trail = { .from = from, .owner = -1, .peer = -1 };
	uint64_t cookie = view->sightings[from].row->sock.cookie;

	for (size_t i = from; i < view->n_sightings; i++) {
		const struct tl_row *row = view->sightings[i].row;

		if (row->sock.cookie != cookie)
			break;
		if (view_actor(view, row->owner) >= 0)
			trail.owner = row->owner;
		if (view_actor(view, row->peer) >= 0)
			trail.peer = row->peer;
		trail.listens |= row->sock.state == TL_LISTEN;
		trail.n++;
	}
	return trail;
}

bool take_trails(struct view *view)
{
	struct birth *births = calloc(view->n_sightings + 1, sizeof(*births));

	view->trails = calloc(view->n_sightings + 1, sizeof(*view->trails));
	view->listeners = calloc(view->n_sightings + 1, sizeof(*view->listeners));
	if (!births || !view->trails || !view->listeners) {
		free(births);
		return false;
	}
	for (size_t i = 0; i < view->n_sightings; i += births[view->n_trails++].trail.n) {
		births[view->n_trails].first = view->sightings[i];
		births[view->n_trails].trail = trail_at(view, i);
		for (size_t j = 0; j < births[view->n_trails].trail.n; j++)
			view->sightings[i + j].owner = births[view->n_trails].trail.owner;
	}
	qsort(births, view->n_trails, sizeof(*births), birth_cmp);
	for (size_t i = 0; i < view->n_trails; i++) {
		view->trails[i] = births[i].trail;
		if (view->trails[i].listens)
			view->listeners[view->n_listeners++] = &view->trails[i];
	}
	free(births);
	return true;
}

static int pair_cmp(const struct tl_sock *x, const struct tl_endpoint *local,
		    const struct tl_endpoint *remote)
{
	int order = tl_endpoint_cmp(&x->local, local);

	return order ? order : tl_endpoint_cmp(&x->remote, remote);
}

static int by_pair(const void *a, const void *b)
{
	const struct sighting *x = *(const struct sighting *const *)a;
	const struct sighting *y = *(const struct sighting *const *)b;
	int order = pair_cmp(&x->row->sock, &y->row->sock.local, &y->row->sock.remote);

	return order ? order : time_cmp(x, y);
}

bool take_pairs(struct view *view)
{
	view->pairs = calloc(view->n_sightings + 1, sizeof(*view->pairs));
	if (!view->pairs)
		return false;
	for (size_t i = 0; i < view->n_sightings; i++)
		view->pairs[i] = &view->sightings[i];
	qsort(view->pairs, view->n_sightings, sizeof(*view->pairs), by_pair);
	return true;
}

/* The first sighting of a cookie from @ev on, of those from @low to before @high; or @high. */
static const struct sighting *search(const struct view *view, size_t low, size_t high,
				     uint64_t cookie, const struct tl_event *ev)
{
	const struct sighting *end = view->sightings + high;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct sighting *s = &view->sightings[mid];

		if (s->row->sock.cookie < cookie ||
		    (s->row->sock.cookie == cookie && s->ev < ev))
			low = mid + 1;
		else
			high = mid;
	}
	if (view->sightings + low == end || view->sightings[low].row->sock.cookie != cookie)
		return end;
	return view->sightings + low;
}

/* The first one, should a cookie be in a snapshot twice. */
const struct sighting *view_find(const struct view *view, int snap, uint64_t cookie)
{
	const struct sighting *s;

	if (snap < 0)
		return NULL;
	s = search(view, 0, view->n_sightings, cookie, view->snaps[snap]);
	if (s == view->sightings + view->n_sightings || s->ev != view->snaps[snap])
		return NULL;
	return s;
}

int view_owner(const struct view *view, uint64_t cookie)
{
	size_t n = view->n_sightings;
	const struct sighting *s = search(view, 0, n, cookie, view->trace->events);

	return s < view->sightings + n ? s->owner : -1;
}

const struct sighting **view_pair(const struct view *view, const struct tl_endpoint *local,
				  const struct tl_endpoint *remote,
				  const struct tl_event *from, const struct tl_event *to,
				  size_t *n)
{
	size_t low = 0, high = view->n_sightings, end;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = pair_cmp(&view->pairs[mid]->row->sock, local, remote);

		if (order < 0 || (!order && view->pairs[mid]->ev < from))
			low = mid + 1;
		else
			high = mid;
	}
	for (end = low; end < view->n_sightings && view->pairs[end]->ev <= to; end++)
		if (pair_cmp(&view->pairs[end]->row->sock, local, remote))
			break;
	*n = end - low;
	return view->pairs + low;
}

bool view_listened(const struct view *view, int from, int to, const struct tl_endpoint *ep)
{
	const struct tl_trace *trace = view->trace;
	const struct tl_event *since = from < 0 ? trace->events : view->snaps[from];
	const struct tl_event *until =
		to < view->n_snaps ? view->snaps[to] : trace->events + trace->n;

	for (size_t i = 0; i < view->n_listeners; i++) {
		const struct trail *t = view->listeners[i];
		const struct sighting *end = view->sightings + t->from + t->n;
		const struct tl_sock *sock = &end[-1].row->sock;
		const struct sighting *s;

		if (!tl_endpoint_accepts(&sock->local, ep))
			continue;
		s = search(view, t->from, t->from + t->n, sock->cookie, since);
		for (; s < end && s->ev <= until; s++)
			if (s->row->sock.state == TL_LISTEN)
				return true;
	}
	return false;
}
