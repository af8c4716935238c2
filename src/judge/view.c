/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view.h"

#include <stdlib.h>

/* An index the trace claims to be one of @n things, or -1. */
static int sound(int index, size_t n)
{
	return index >= 0 && (size_t)index < n ? index : -1;
}

static bool take_events(struct view *view)
{
	const struct tl_trace *trace = view->trace;
	size_t n_phases = view->plan->n_phases;

	view->last = -1;
	view->reached = calloc(n_phases + 1, sizeof(*view->reached));
	view->snaps = calloc(trace->n + 1, sizeof(*view->snaps));
	if (!view->reached || !view->snaps)
		return false;
	for (size_t i = 0; i < trace->n; i++) {
		const struct tl_event *ev = &trace->events[i];
		int phase = sound(ev->phase, n_phases);

		if (phase >= 0)
			view->reached[phase] = true;
		if (phase > view->last)
			view->last = phase;
		if (ev->kind == TL_EVENT_SNAPSHOT && ev->phase == phase)
			view->snaps[view->n_snaps++] = ev;
		if (ev->kind == TL_EVENT_FAULT)
			view->fault = ev;
	}
	if (trace->n && !trace->cut && trace->events[trace->n - 1].kind == TL_EVENT_END)
		view->end = &trace->events[trace->n - 1];
	return true;
}

static int sighting_time_cmp(const struct sighting *x, const struct sighting *y)
{
	if (x->snap != y->snap)
		return x->snap < y->snap ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static int sighting_cmp(const void *a, const void *b)
{
	const struct sighting *x = a, *y = b;
	uint64_t cx = x->row->sock.cookie, cy = y->row->sock.cookie;

	if (cx != cy)
		return cx < cy ? -1 : 1;
	return sighting_time_cmp(x, y);
}

/* A row whose state is none says nothing of its socket's life. */
static bool take_sightings(struct view *view)
{
	size_t n = 0;

	for (int i = 0; i < view->n_snaps; i++)
		n += view->snaps[i]->snapshot.n;
	view->sightings = calloc(n + 1, sizeof(*view->sightings));
	if (!view->sightings)
		return false;
	for (int i = 0; i < view->n_snaps; i++) {
		const struct tl_event *ev = view->snaps[i];

		for (size_t r = 0; r < ev->snapshot.n; r++) {
			const struct tl_row *row = &ev->snapshot.rows[r];

			if (tl_state_info(row->sock.state))
				view->sightings[view->n_sightings++] =
					(struct sighting){ i, r, row };
		}
	}
	qsort(view->sightings, view->n_sightings, sizeof(*view->sightings), sighting_cmp);
	return true;
}

/* qsort() passes nothing on, so that trails are sorted as pairs of trail and beginning. */
struct birth {
	struct trail trail;
	struct sighting first;
};

static int birth_cmp(const void *a, const void *b)
{
	return sighting_time_cmp(&((const struct birth *)a)->first,
				 &((const struct birth *)b)->first);
}

/* The trail that begins at sighting @from: as far as the cookie stays the same. */
static struct trail trail_at(const struct view *view, size_t from)
{
	struct trail trail = { .from = from, .owner = -1, .peer = -1 };
	uint64_t cookie = view->sightings[from].row->sock.cookie;
	size_t n_actors = view->plan->n_actors;

	for (size_t i = from; i < view->n_sightings; i++) {
		const struct tl_row *row = view->sightings[i].row;

		if (row->sock.cookie != cookie)
			break;
		if (sound(row->owner, n_actors) >= 0)
			trail.owner = row->owner;
		if (sound(row->peer, n_actors) >= 0)
			trail.peer = row->peer;
		trail.n++;
	}
	return trail;
}

static bool take_trails(struct view *view)
{
	struct birth *births = calloc(view->n_sightings + 1, sizeof(*births));

	view->trails = calloc(view->n_sightings + 1, sizeof(*view->trails));
	if (!births || !view->trails) {
		free(births);
		return false;
	}
	for (size_t i = 0; i < view->n_sightings; i += births[view->n_trails++].trail.n) {
		births[view->n_trails].first = view->sightings[i];
		births[view->n_trails].trail = trail_at(view, i);
	}
	qsort(births, view->n_trails, sizeof(*births), birth_cmp);
	for (size_t i = 0; i < view->n_trails; i++)
		view->trails[i] = births[i].trail;
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

	return order ? order : sighting_time_cmp(x, y);
}

static bool take_pairs(struct view *view)
{
	view->pairs = calloc(view->n_sightings + 1, sizeof(*view->pairs));
	if (!view->pairs)
		return false;
	for (size_t i = 0; i < view->n_sightings; i++)
		view->pairs[i] = &view->sightings[i];
	qsort(view->pairs, view->n_sightings, sizeof(*view->pairs), by_pair);
	return true;
}

bool view_init(struct view *view, const struct tl_plan *plan, const struct tl_trace *trace)
{
	*view = (struct view){ .plan = plan, .trace = trace };
	return take_events(view) && take_sightings(view) && take_trails(view) &&
	       take_pairs(view) && take_segments(view);
}

void view_release(struct view *view)
{
	free(view->snaps);
	free(view->reached);
	free(view->sightings);
	free(view->trails);
	free(view->pairs);
	free(view->segments);
	*view = (struct view){ 0 };
}

bool view_came_to_end(const struct view *view)
{
	return view->end &&
	       (view->end->end.how == TL_END_COMPLETE || view->end->end.how == TL_END_UNMET);
}

bool view_finished(const struct view *view, int phase)
{
	size_t n_phases = view->plan->n_phases;

	if (phase >= 0)
		return (size_t)phase < n_phases && view->reached[phase] &&
		       (phase < view->last || view_came_to_end(view));
	for (size_t i = 0; i < n_phases; i++)
		if (!view->reached[i])
			return false;
	return view->end && view->end->end.how == TL_END_COMPLETE;
}

int view_look(const struct view *view, int phase)
{
	int i = view->n_snaps - 1;

	while (i >= 0 && view->snaps[i]->phase != phase)
		i--;
	return i;
}

/* The first one, should a cookie be in a snapshot twice. */
const struct sighting *view_find(const struct view *view, int snap, uint64_t cookie)
{
	size_t low = 0, high = view->n_sightings;
	const struct sighting *s;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		s = &view->sightings[mid];
		if (s->row->sock.cookie < cookie ||
		    (s->row->sock.cookie == cookie && s->snap < snap))
			low = mid + 1;
		else
			high = mid;
	}
	s = &view->sightings[low];
	if (low == view->n_sightings || s->snap != snap || s->row->sock.cookie != cookie)
		return NULL;
	return s;
}

const struct sighting **view_pair(const struct view *view, const struct tl_endpoint *local,
				  const struct tl_endpoint *remote, size_t *n)
{
	size_t low = 0, high = view->n_sightings, end;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (pair_cmp(&view->pairs[mid]->row->sock, local, remote) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (end = low; end < view->n_sightings; end++)
		if (pair_cmp(&view->pairs[end]->row->sock, local, remote))
			break;
	*n = end - low;
	return view->pairs + low;
}

/* Listeners come first in a snapshot's order. */
bool view_listened(const struct view *view, int snap, const struct tl_endpoint *ep)
{
	const struct tl_event *ev = view->snaps[snap];

	for (size_t i = 0; i < ev->snapshot.n; i++) {
		const struct tl_sock *sock = &ev->snapshot.rows[i].sock;

		if (sock->state != TL_LISTEN)
			break;
		if (tl_endpoint_accepts(&sock->local, ep))
			return true;
	}
	return false;
}

bool view_in_scope(const struct view *view, int snap, int phase)
{
	return phase < 0 || view->snaps[snap]->phase == phase;
}
