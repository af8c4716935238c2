/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which actor and which socket stands where in the sequence diagram. */
#include "html_stage.h"

#include <errno.h>
#include <stdlib.h>

static void add(struct tl_stage *stage, int actor)
{
	if (!tl_stage_column(stage, actor))
		stage->columns[stage->n++] = (struct tl_column){ .actor = actor };
}

const struct tl_column *tl_stage_column(const struct tl_stage *stage, int actor)
{
	for (size_t i = 0; i < stage->n; i++)
		if (stage->columns[i].actor == actor)
			return &stage->columns[i];
	return NULL;
}

/* What is not in the plan is nobody's, whatever number a trace gives it. */
static void add_columns(struct tl_stage *stage, const struct tl_moments *moments)
{
	const struct tl_film *film = moments->story.film;

	for (size_t i = 0; i < moments->story.n_conns; i++) {
		add(stage, tl_film_actor(film, moments->story.conns[i].actors[0]));
		add(stage, tl_film_actor(film, moments->story.conns[i].actors[1]));
	}
	for (size_t i = 0; i < moments->n_sockets; i++)
		add(stage, tl_film_actor(film, moments->sockets[i].owner));
	if (!stage->n)
		for (size_t i = 0; i < film->plan->n_actors; i++)
			add(stage, (int)i);
}

/* Who is in which lane, while the sockets are placed. */
struct seats {
	size_t (*taken)[TL_STAGE_LANES]; /* for each column: so many sockets are in each lane */
	bool *sits;                      /* for each socket */
	size_t *left;                    /* those that were gone a moment ago */
	size_t n_left;
};

/* A socket takes its lane with its state, and leaves it the moment after that is gone. */
static void sit(struct tl_stage *stage, const struct tl_world *world, struct seats *seats,
		size_t i, const struct tl_column *column)
{
	const struct tl_known *known = &world->known[i];
	bool sits = known->state || known->changed;

	if (stage->lanes[i] < 0 || seats->sits[i] == sits)
		return;
	seats->sits[i] = sits;
	seats->taken[column - stage->columns][stage->lanes[i]] += sits ? 1 : -1;
}

/* The lowest lane that no socket is in now. */
static int free_lane(const size_t *taken)
{
	for (int lane = 0; lane < TL_STAGE_LANES - 1; lane++)
		if (!taken[lane])
			return lane;
	return TL_STAGE_LANES - 1;
}

static void place(struct tl_stage *stage, struct seats *seats, size_t i,
		  struct tl_column *column)
{
	int lane = free_lane(seats->taken[column - stage->columns]);

	stage->lanes[i] = lane;
	seats->sits[i] = true;
	seats->taken[column - stage->columns][lane]++;
	if (lane >= column->lanes)
		column->lanes = lane + 1;
}

/* The column that a socket is in. */
static struct tl_column *column_of(struct tl_stage *stage, const struct tl_moments *moments,
				   size_t socket)
{
	int owner = tl_film_actor(moments->story.film, moments->sockets[socket].owner);

	return (struct tl_column *)tl_stage_column(stage, owner);
}

static void place_moment(struct tl_stage *stage, struct seats *seats, struct tl_world *world)
{
	const struct tl_moments *moments = world->moments;
	size_t n_left = 0;

	for (size_t k = 0; k < seats->n_left; k++)
		sit(stage, world, seats, seats->left[k],
		    column_of(stage, moments, seats->left[k]));
	for (size_t k = 0; k < world->n_touched; k++) {
		size_t i = world->touched[k];

		sit(stage, world, seats, i, column_of(stage, moments, i));
		if (!world->known[i].state)
			seats->left[n_left++] = i;
	}
	seats->n_left = n_left;
	for (size_t k = 0; k < world->n_touched; k++) {
		size_t i = world->touched[k];

		if (world->known[i].state && stage->lanes[i] < 0)
			place(stage, seats, i, column_of(stage, moments, i));
	}
}

/* Return: false without memory. */
static bool place_sockets(struct tl_stage *stage, struct tl_world *world)
{
	const struct tl_moments *moments = world->moments;
	struct seats seats = {
		.taken = calloc(stage->n + 1, sizeof(*seats.taken)),
		.sits = calloc(moments->n_sockets + 1, sizeof(*seats.sits)),
		.left = calloc(moments->n_sockets + 1, sizeof(*seats.left)),
	};
	bool ok = seats.taken && seats.sits && seats.left;

	for (size_t i = 0; i < moments->n_sockets; i++)
		stage->lanes[i] = -1;
	for (size_t m = 0; ok && m < moments->n; m++) {
		tl_world_step(world, m);
		place_moment(stage, &seats, world);
	}
	free(seats.taken);
	free(seats.sits);
	free(seats.left);
	return ok && !world->failed;
}

/* How far lanes are apart: many stand closer together. */
static int apart(const struct tl_column *column)
{
	return column->lanes > 3 ? 22 : 30;
}

int tl_stage_band(const struct tl_column *column)
{
	return apart(column) * 2 / 3;
}

int tl_stage_half(const struct tl_column *column)
{
	return ((column->lanes - 1) * apart(column) + tl_stage_band(column)) / 2;
}

#define NAME 240 /* the widest name of a state, in per mille of the narrowest diagram */

/* Names of states stand outside the first and the last column, if there is room at all. */
static int side(const struct tl_stage *stage, const struct tl_column *column)
{
	int least = NAME + tl_stage_half(column);

	return stage->n > 3 ? 180 : stage->n == 2 && least < 270 ? 270 : least;
}

static void place_columns(struct tl_stage *stage)
{
	int left, right;

	if (!stage->n)
		return;
	left = side(stage, &stage->columns[0]);
	right = side(stage, &stage->columns[stage->n - 1]);
	for (size_t i = 0; i < stage->n; i++)
		stage->columns[i].x = stage->n == 1 ? 500 :
			left + (int)(i * (1000 - left - right) / (stage->n - 1));
}

int tl_stage_init(struct tl_stage *stage, const struct tl_moments *moments, struct tl_err *err)
{
	size_t n_actors = moments->story.film->plan->n_actors;
	struct tl_world world = { 0 };
	int rc = tl_world_init(&world, moments, err);

	if (rc)
		return rc;
	stage->columns = calloc(n_actors + 1, sizeof(*stage->columns));
	stage->lanes = calloc(moments->n_sockets + 1, sizeof(*stage->lanes));
	if (stage->columns && stage->lanes)
		add_columns(stage, moments);
	if (stage->columns && stage->lanes && place_sockets(stage, &world)) {
		for (size_t i = 0; i < stage->n; i++)
			stage->columns[i].lanes += !stage->columns[i].lanes;
		place_columns(stage);
	} else {
		rc = tl_err_set(err, ENOMEM, "no memory for the report");
	}
	tl_world_release(&world);
	return rc;
}

void tl_stage_release(struct tl_stage *stage)
{
	free(stage->columns);
	free(stage->lanes);
	*stage = (struct tl_stage){ 0 };
}

/* The first lane, most often the listener's, is the outer one. */
int tl_stage_x(const struct tl_stage *stage, const struct tl_column *column, int lane)
{
	int off = (2 * lane - (column->lanes - 1)) * apart(column) / 2;
	bool last = column == &stage->columns[stage->n - 1];

	return column->x + (last && stage->n > 1 ? -off : off);
}
