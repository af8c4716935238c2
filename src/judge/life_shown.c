/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which sightings show a life's hops: the first and the last to which a report may point. */
#include "lives.h"

/* The state that an end of a segment was in, by the segment; any other sighting by its row. */
static enum tl_state state_at(const struct reader *r, const struct tl_sighting *s)
{
	enum tl_state state = s->row->sock.state, said;

	if (s->ev->kind != TL_EVENT_SEGMENT)
		return state;
	said = tl_film_shot(r->film, s->ev)->ends[s->at];
	return tl_state_info(said) ? said : state;
}

/*
 * An end may be looked up a moment before it is in the state that it announces, or after: what
 * was sent says which hop it was in, of those from the sighting before to the one after.
 */
void life_correct(const struct reader *r, const struct tl_sighting *first, size_t *hop_at)
{
	const struct tl_hop *hops = r->life->hops;

	for (size_t i = 0; i < r->socket->n; i++) {
		size_t to = i + 1 < r->socket->n ? hop_at[i + 1] : r->life->n_hops - 1;
		enum tl_state state = state_at(r, &first[i]);

		if (hops[hop_at[i]].state == state)
			continue;
		for (size_t k = i ? hop_at[i - 1] : 0; k <= to; k++)
			if (hops[k].state == state) {
				hop_at[i] = k;
				break;
			}
	}
}

/*
 * Does it show where it is whenever one looks? Not so a row that was met on the way to what is
 * expected; nor a receiver in CLOSE_WAIT whose program acts by itself, and may leave it at any
 * moment. What such a program's socket has sent from there is proof.
 */
static bool is_point(const struct tl_film *film, const struct tl_sighting *s)
{
	const struct tl_event *ev = s->ev;
	int look = ev->phase >= 0 && (size_t)ev->phase < film->plan->n_phases ?
			   film->looks[ev->phase] : -1;

	if (ev->kind == TL_EVENT_SNAPSHOT)
		return look >= 0 && film->snaps[look] == ev;
	return !s->at || s->row->sock.state != TL_CLOSE_WAIT ||
	       tl_film_is_peer(film, film->sockets[s->socket].owner);
}

/*
 * Each hop gets the first and the last sighting that shows it, whenever one looks. One that a
 * segment met by chance is told like one that none has met.
 */
void life_point_out(const struct reader *r, const struct tl_sighting *first,
		    const size_t *hop_at)
{
	for (size_t i = 0; i < r->socket->n; i++) {
		struct tl_hop *hop = &r->life->hops[hop_at[i]];

		if (hop->state != state_at(r, &first[i]) || !is_point(r->film, &first[i]))
			continue;
		hop->kind = TL_HOP_OBSERVED;
		hop->first = hop->first ? hop->first : first[i].ev;
		hop->last = first[i].ev;
	}
	for (size_t i = 0; i < r->life->n_hops; i++) {
		struct tl_hop *hop = &r->life->hops[i];

		if (hop->kind == TL_HOP_OBSERVED && !hop->first && life_is_of_segment(hop->by))
			hop->kind = TL_HOP_INFERRED;
	}
}
