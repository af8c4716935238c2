/* SPDX-License-Identifier: GPL-2.0-or-later */
/* judge, inside: what took a socket from one state to another, by what the trace shows. */
#ifndef JUDGE_REPLAY_H
#define JUDGE_REPLAY_H

#include "tcplab/film.h"

/* As many arcs as a way between two sightings may have. */
#define REPLAY_MAX (2 * TL_STATE_MAX)

/* Where arc 11 leads, as a goal: the request is gone, and the listener was in LISTEN all along. */
#define REPLAY_TAKEN_BACK ((enum tl_state)0)

/* An arc, and the event that made the socket walk it; NULL: no trace of it. */
struct cause {
	const struct tl_arc *arc;
	const struct tl_event *ev;
};

/* A part of a socket's life, from one sighting of it to the next, or to a look without it. */
struct stretch {
	const struct tl_sock *sock;   /* as it was last seen before */
	const struct tl_event *from;  /* that sighting */
	const struct tl_event *heard; /* what arrives from there on counts: it, or, where that
					 shows it as it sent something, the one before */
	const struct tl_event *until; /* the next */
	const struct tl_event *read_by; /* replay_read_by() of it */
	const struct tl_event *since; /* the connection's first event, for what has gone before */
	bool from_segment, to_segment; /* these are segments, with it as an end */
	int owner;                    /* its program; -1: nobody of the plan */
	const struct tl_socket *listener; /* that keeps it, as long as nobody accepts it; or NULL */
};

/*
 * replay_read_by - up to here what a socket had sent that was seen in @state at @ev may be read
 *
 * It may be looked at when it has sent more than is read yet. A table that a phase ends on is read
 * when all is; but a program can connect between the two.
 */
const struct tl_event *replay_read_by(const struct tl_film *film, enum tl_state state,
				      const struct tl_event *ev);

/*
 * replay - the likeliest way, each arc with its cause
 * @goals: bits 1 << state: where it may end
 * @path: room for REPLAY_MAX
 *
 * To be asked only where every segment was seen. A cause is NULL where a program that is
 * not a peer may have done it.
 *
 * Return: the number of arcs, -1 where nothing in the trace explains it, or -ENOMEM.
 */
int replay(const struct tl_film *film, const struct stretch *s, enum tl_state from,
	   uint32_t goals, struct cause *path);

#endif
