/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * The world at a moment is the last that was seen of each socket: a segment shows its two
 * ends, a look the whole table. Between two looks a row may be older than the moment, and
 * says so. Where in its life a socket is then the judge has told about each sighting (hop_at).
 * A hop of which the trace proves the cause is taken at the moment of that cause, as when a
 * segment arrives; any other when it is seen.
 *
 * A moment touches few sockets of many: only they are gone through, and what is asked of all
 * of them, how many are in a state, is kept as a number. A look goes through all.
 */
#include "moments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/grow.h"

/* Does it show rows: the table of a look, the two ends of a segment? */
static bool shows_rows(const struct tl_moment *moment)
{
	return moment->kind == TL_MOMENT_LOOK || moment->kind == TL_MOMENT_CAME ||
	       moment->kind == TL_MOMENT_CHATTER;
}

static size_t n_owners(const struct tl_world *world)
{
	return world->moments->story.film->plan->n_actors + 1; /* and nobody */
}

static int turn_cmp(const void *a, const void *b)
{
	const struct tl_turn *x = a, *y = b;

	if (x->ev != y->ev)
		return x->ev < y->ev ? -1 : 1;
	return (x->hop > y->hop) - (x->hop < y->hop);
}

static bool take_turns(struct tl_world *world)
{
	const struct tl_verdict *verdict = world->moments->verdict;

	for (size_t i = 0; i < verdict->n_lives; i++)
		for (size_t k = 0; k < verdict->lives[i].n_hops; k++) {
			const struct tl_event *cause = verdict->lives[i].hops[k].cause;

			if (!cause)
				continue;
			if (!TL_GROW(world->turns, world->n_turns))
				return false;
			world->turns[world->n_turns++] = (struct tl_turn){ cause, i, k };
		}
	if (world->n_turns)
		qsort(world->turns, world->n_turns, sizeof(*world->turns), turn_cmp);
	return true;
}

int tl_world_init(struct tl_world *world, const struct tl_moments *moments, struct tl_err *err)
{
	world->moments = moments;
	world->known = calloc(moments->n_sockets + 1, sizeof(*world->known));
	world->touched = calloc(moments->n_sockets + 1, sizeof(*world->touched));
	world->in = calloc(n_owners(world) * TL_STATE_NUMBERS, sizeof(*world->in));
	return world->known && world->touched && world->in && take_turns(world) ?
		       0 : tl_err_set(err, ENOMEM, "no memory for the report");
}

void tl_world_release(struct tl_world *world)
{
	free(world->known);
	free(world->turns);
	free(world->touched);
	free(world->in);
	free(world->of_pair);
	tl_pairs_release(&world->pairs);
	*world = (struct tl_world){ 0 };
}

void tl_world_rewind(struct tl_world *world)
{
	memset(world->known, 0, (world->moments->n_sockets + 1) * sizeof(*world->known));
	memset(world->in, 0, n_owners(world) * TL_STATE_NUMBERS * sizeof(*world->in));
	free(world->of_pair);
	world->of_pair = NULL;
	tl_pairs_release(&world->pairs);
	world->top = world->rows = world->n_touched = world->next = 0;
}

static size_t *count_of(const struct tl_world *world, int owner, enum tl_state state)
{
	return &world->in[(size_t)(owner + 1) * TL_STATE_NUMBERS + state];
}

size_t tl_world_in(const struct tl_world *world, int owner, enum tl_state state)
{
	return *count_of(world, owner, state);
}

static void touch(struct tl_world *world, size_t i)
{
	if (world->known[i].touched)
		return;
	world->known[i].touched = true;
	world->touched[world->n_touched++] = i;
}

/* Out of the sockets that have a row with its addresses. */
static void unlink_pair(struct tl_world *world, size_t i)
{
	struct tl_known *known = &world->known[i];
	size_t *at;

	if (!known->pair)
		return;
	at = &world->of_pair[known->pair - 1];
	while (*at && *at != i + 1)
		at = &world->known[*at - 1].next;
	if (*at)
		*at = known->next;
	known->pair = known->next = 0;
}

static void link_pair(struct tl_world *world, size_t i, const struct tl_sock *sock)
{
	struct tl_known *known = &world->known[i];
	size_t n = world->pairs.n, at = tl_pairs_find(&world->pairs, &sock->local, &sock->remote);

	if (known->pair && known->pair == at + 1)
		return;
	unlink_pair(world, i);
	if (at == TL_PAIRS_NONE && TL_GROW(world->of_pair, n)) {
		world->of_pair[n] = 0;
		at = tl_pairs_add(&world->pairs, &sock->local, &sock->remote);
	}
	if (at == TL_PAIRS_NONE) {
		world->failed = true;
		return;
	}
	known->pair = at + 1;
	known->next = world->of_pair[at];
	world->of_pair[at] = i + 1;
}

/* What a socket has now. @row: NULL, @state: 0 for none */
static void set(struct tl_world *world, size_t i, const struct tl_row *row, enum tl_state state)
{
	struct tl_known *known = &world->known[i];
	const struct tl_socket *socket = &world->moments->sockets[i];

	touch(world, i);
	if (known->state)
		--*count_of(world, socket->owner, known->state);
	if (state)
		++*count_of(world, socket->owner, state);
	world->rows += (row != NULL) - (known->row != NULL);
	known->row = row;
	known->state = state;
	if (state)
		link_pair(world, i, row ? &row->sock : &socket->first->sock);
	else
		unlink_pair(world, i);
	if (i >= world->top)
		world->top = i + 1;
}

/* CLOSED has no row; and where a RST leads a request back to LISTEN, no row comes of it. */
static bool is_over(const struct tl_hop *hop)
{
	return hop->kind != TL_HOP_OBSERVED &&
	       (hop->state == TL_CLOSE || hop->state == TL_LISTEN);
}

/* A socket comes to a hop of its life; it never goes back. */
static void come_to(struct tl_world *world, size_t i, const struct tl_row *row, size_t hop)
{
	const struct tl_hop *it = &world->moments->verdict->lives[i].hops[hop];
	struct tl_known *known = &world->known[i];

	if (hop < known->hop) {
		set(world, i, row, known->state);
		return;
	}
	known->hop = hop;
	if (is_over(it))
		set(world, i, NULL, 0);
	else
		set(world, i, row, it->state);
}

static void sight(struct tl_world *world, const struct tl_event *ev, const struct tl_row *row)
{
	const struct tl_film *film = world->moments->story.film;
	const struct tl_sighting *s = tl_film_seen(film, ev, row->sock.cookie);

	if (!s)
		return;
	world->known[s->socket].fresh = true;
	come_to(world, s->socket, row, world->moments->verdict->hop_at[s - film->sightings]);
}

/* What the trace proves to have happened up to now, seen or not. */
static void turn(struct tl_world *world, const struct tl_event *until)
{
	for (; world->next < world->n_turns && world->turns[world->next].ev <= until;
	     world->next++) {
		const struct tl_turn *it = &world->turns[world->next];

		come_to(world, it->socket, world->known[it->socket].row, it->hop);
	}
}

static void lose(struct tl_world *world, size_t i)
{
	const struct tl_life *life = &world->moments->verdict->lives[i];

	set(world, i, NULL, 0);
	if (life->n_hops && life->hops[life->n_hops - 1].state == TL_CLOSE)
		world->known[i].hop = life->n_hops - 1;
}

/* A look shows all rows: what it lacks is gone. */
static void lose_the_unseen(struct tl_world *world)
{
	for (size_t i = 0; i < world->top; i++)
		if (world->known[i].state && !world->known[i].fresh)
			lose(world, i);
}

/* A segment whose end has no socket: the one that was there is gone. */
static void lose_end(struct tl_world *world, const struct tl_endpoint *local,
		     const struct tl_endpoint *remote)
{
	size_t at = tl_pairs_find(&world->pairs, local, remote);

	while (at != TL_PAIRS_NONE && world->of_pair[at])
		lose(world, world->of_pair[at] - 1);
}

static void lose_ends(struct tl_world *world, const struct tl_event *ev)
{
	const struct tl_segment *s = &ev->segment.seg;

	if (!ev->segment.ends[0].sock.state)
		lose_end(world, &s->from, &s->to);
	if (!ev->segment.ends[1].sock.state)
		lose_end(world, &s->to, &s->from);
}

/* What the moment before was about has been so since. */
static void leave_moment(struct tl_world *world)
{
	for (size_t k = 0; k < world->n_touched; k++) {
		struct tl_known *known = &world->known[world->touched[k]];

		known->was = known->state;
		known->fresh = known->changed = known->touched = false;
		known->hop_was = known->hop;
	}
	world->n_touched = 0;
}

static int by_number(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return (x > y) - (x < y);
}

/* What is held and let go at once has arrived by the end of the moment. */
static const struct tl_event *ends_with(const struct tl_moment *moment)
{
	bool at_once = moment->kind == TL_MOMENT_CAME && tl_moment_line(moment).at_once;

	return at_once && moment->frame->shot->letgo ? moment->frame->shot->letgo : moment->ev;
}

void tl_world_step(struct tl_world *world, size_t i)
{
	const struct tl_moment *moment = &world->moments->v[i];
	const struct tl_row *rows = NULL;
	size_t n = 0;

	leave_moment(world);
	if (shows_rows(moment))
		rows = tl_film_rows(world->moments->story.film, moment->ev, &n);
	for (size_t j = 0; j < n; j++)
		sight(world, moment->ev, &rows[j]);
	if (moment->kind == TL_MOMENT_LOOK)
		lose_the_unseen(world);
	else if (n)
		lose_ends(world, moment->ev);
	turn(world, ends_with(moment));
	for (size_t j = 0; j < world->n_touched; j++) {
		struct tl_known *known = &world->known[world->touched[j]];

		known->changed = known->was != known->state;
	}
	if (world->n_touched)
		qsort(world->touched, world->n_touched, sizeof(*world->touched), by_number);
}
