/* SPDX-License-Identifier: GPL-2.0-or-later */
/* film, inside: the parts of tl_film_init(), in the order they build upon each other. */
#ifndef FILM_PARTS_H
#define FILM_PARTS_H

#include "tcplab/bisect.h"
#include "tcplab/film.h"

/* Each fills its arrays of @film; false when memory ran out. */
bool film_take_shots(struct tl_film *film);
bool film_take_repeats(struct tl_film *film);
bool film_take_ways(struct tl_film *film);
bool film_take_states(struct tl_film *film);
bool film_take_sightings(struct tl_film *film);
bool film_take_sockets(struct tl_film *film);
bool film_take_pairs(struct tl_film *film);
bool film_take_acts(struct tl_film *film);

/* What has arrived, in the order in which the segment that a RST answers is found: resets.c */
struct film_resets {
	struct film_arrival *v;
	size_t n;
};

/* film_resets_take - of the film's arrivals, which are there; false when memory ran out */
bool film_resets_take(struct film_resets *resets, const struct tl_film *film);

/* film_reset_answers - the last segment that had come and has the numbers for it, or NULL */
const struct tl_shot *film_reset_answers(const struct film_resets *resets,
					 const struct tl_shot *rst);

/* film_resets_release - takes a zeroed one */
void film_resets_release(struct film_resets *resets);

/* film_take_successors - the RSTs of listeners that came after a request's own: successor.c */
bool film_take_successors(struct tl_film *film);

/* film_take_actors - who sent each segment, once it is known whose the sockets are */
void film_take_actors(struct tl_film *film);

/* film_way_cmp - an order by two ends, the one before the other */
int film_way_cmp(const struct tl_endpoint *from, const struct tl_endpoint *to,
		 const struct tl_endpoint *other_from, const struct tl_endpoint *other_to);

/* film_pair_cmp - an order by the two ends of a segment, the lower first: both ways are one */
int film_pair_cmp(const struct tl_segment *x, const struct tl_segment *y);

/* Negative, 0 or positive, for comparisons of what cannot be subtracted. */
#define FILM_CMP(a, b) (((a) > (b)) - ((a) < (b)))

#endif
