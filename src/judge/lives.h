/* SPDX-License-Identifier: GPL-2.0-or-later */
/* judge, inside: a life being read off the film; what lives.c and its two helpers share. */
#ifndef JUDGE_LIVES_H
#define JUDGE_LIVES_H

#include "questions.h"

/* A life being read. */
struct reader {
	const struct tl_film *film;
	const struct tl_socket *socket;
	struct tl_life *life;
	const struct tl_event *since; /* its connection's first event */
	bool passive;                 /* it came out of a listener */
	const struct tl_socket *listener; /* that one; NULL: none was seen */
	const struct tl_event *heard; /* what has arrived up to here shows in its last sighting */
	bool fin;                     /* it has sent its FIN by then */
	const struct tl_event *fin_acked; /* and with this acknowledged the other's; NULL: not yet */
	bool failed;                  /* memory ran out */
};

/*
 * life_beginning - the connection's first event: the last SYN that opened it, as it was sent first,
 * or the table that has it before that SYN is read
 * @by_us: out: this end sent it
 *
 * Return: borrowed; NULL where none was seen.
 */
const struct tl_event *life_beginning(const struct reader *r, const struct tl_sighting *first,
				      bool *by_us);

/* life_is_passive - did a listener take it? */
bool life_is_passive(const struct reader *r, const struct tl_sighting *first, bool syn_by_us);

/* life_listener - the last listener to come there before @ev; NULL for none */
const struct tl_socket *life_listener(const struct tl_film *film, const struct tl_endpoint *local,
				      const struct tl_event *ev);

/*
 * life_end - how did a socket end whose segments were not all seen?
 * @last: where it was seen for the last time
 * @gone: the table that lacks it
 * @path: room for TL_STATE_MAX arcs
 *
 * Return: the number of arcs, the last one leading to CLOSED, or, for a request that a RST
 * ended, back to LISTEN; 0 where it is not known.
 */
int life_end(const struct tl_film *film, const struct tl_sighting *last, bool passive,
	     const struct tl_event *gone, const struct tl_arc **path);

/* life_correct - of each sighting (from @first on) the hop that it shows, by what was sent then */
void life_correct(const struct reader *r, const struct tl_sighting *first, size_t *hop_at);

/* life_point_out - each hop gets the first and the last sighting that shows it */
void life_point_out(const struct reader *r, const struct tl_sighting *first,
		    const size_t *hop_at);

/*
 * life_gainsaid - does what a socket has sent contradict its row @s of a table?
 * @last: its sighting before; NULL: none
 *
 * Return: what it had sent, or not, in words that are not to be freed; NULL where it does not.
 */
const char *life_gainsaid(const struct reader *r, const struct tl_sighting *last,
			  const struct tl_sighting *s);

/* life_is_of_segment - an event in which a socket was an end, and no table */
static inline bool life_is_of_segment(const struct tl_event *ev)
{
	return ev->kind != TL_EVENT_SNAPSHOT;
}

#endif
