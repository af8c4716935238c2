/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 2, host: looks at a host that were kept, and how they are told one after the other. */
#ifndef TCPLAB_LOOKS_H
#define TCPLAB_LOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcplab/buf.h"
#include "tcplab/change.h"
#include "tcplab/diagnosis.h"
#include "tcplab/err.h"
#include "tcplab/host.h"
#include "tcplab/host_report.h"
#include "tcplab/state.h"

struct json_t;

/* One look out of a file. */
struct tl_kept_look {
	struct tl_host look;
	struct tl_diagnoses findings; /* as they were told then */
	struct tl_host_told told;
	struct json_t *json;          /* what it was read from, and whose strings the others are */
};

/* How many sockets were in one state at a look and in another at the next. */
struct tl_move {
	enum tl_state from, to;
	size_t n;
	int arcs;            /* of the likeliest way there; -1: TCP has none */
	const struct tl_arc *way[TL_STATE_MAX];
};

/* Two looks beside each other. */
struct tl_turn {
	struct tl_changes changes;
	struct tl_move *moves; /* the most first */
	size_t n_moves;
	double seconds;        /* from the first to the second; 0: not known */
};

/*
 * tl_looks_next - read one look
 * @text, @len: what is left of the file; moved past the look, also past one that cannot be read
 * @kept: zeroed; to be released, also after an error
 *
 * Nothing in it is believed: a number that is not a state, a process of no number, a finding of
 * no rule are errors. Ages, groups, owners and what looks wrong are worked out anew from the
 * rows; what needed the host itself, such as who was stopped, stands in the findings.
 *
 * Return: 1; 0 at the end; -EINVAL; -ENOMEM.
 */
int tl_looks_next(const char **text, size_t *len, struct tl_kept_look *kept, struct tl_err *err);

void tl_kept_look_release(struct tl_kept_look *kept);

/*
 * tl_turn_make - what changed from one look to the next
 * @turn: zeroed; to be released; borrows both looks
 *
 * A socket is known by its cookie. Between two looks it can pass through any number of states, so
 * a way is the likeliest one, not one that was seen. Only that TCP has no way at all from one
 * state to the other is certain.
 */
int tl_turn_make(const struct tl_kept_look *before, struct tl_kept_look *now,
		 struct tl_turn *turn, struct tl_err *err);

void tl_turn_release(struct tl_turn *turn);

/* A document that is made look by look. */
struct tl_looks_told {
	struct tl_host_told told; /* width, colour, program */
	size_t n;                 /* looks so far */
	size_t places;            /* networks, of hosts, that they were of */
	size_t illegal;           /* sockets that went a way TCP does not have */
	struct tl_buf *out;
	void *own;                /* the format's, from begin() to end() */
};

/*
 * One format: begun, told each look with the turn that led to it (NULL at the first of its place),
 * ended with the last look of each place.
 */
struct tl_looks_format {
	const char *name;
	void (*begin)(struct tl_looks_told *to, const struct tl_kept_look *first);
	void (*look)(struct tl_looks_told *to, const struct tl_kept_look *look,
		     const struct tl_turn *turn);
	void (*end)(struct tl_looks_told *to, const struct tl_kept_look *lasts);
};

/* tl_looks_formats - text, html, json; *@n gets the length */
const struct tl_looks_format *tl_looks_formats(size_t *n);

#endif
