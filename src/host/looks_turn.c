/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happened between two looks that were kept: sockets that went from state to state. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "slots.h"
#include "tcplab/grow.h"
#include "tcplab/looks.h"

static int count_move(struct tl_turn *turn, enum tl_state from, enum tl_state to)
{
	struct tl_move *move;

	for (size_t i = 0; i < turn->n_moves; i++)
		if (turn->moves[i].from == from && turn->moves[i].to == to) {
			turn->moves[i].n++;
			return 0;
		}
	if (!TL_GROW(turn->moves, turn->n_moves))
		return -ENOMEM;
	move = &turn->moves[turn->n_moves++];
	*move = (struct tl_move){ .from = from, .to = to, .n = 1 };
	move->arcs = tl_arc_path(from, to, false, move->way);
	return 0;
}

static int most_first(const void *a, const void *b)
{
	const struct tl_move *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return x->from != y->from ? (int)x->from - (int)y->from : (int)x->to - (int)y->to;
}

static int find_moves(const struct tl_host *before, const struct tl_host *now,
		      struct tl_turn *turn)
{
	struct tl_slots slots;
	int rc = tl_slots_rows(&slots, before);

	for (size_t i = 0; !rc && i < now->n; i++) {
		const struct tl_sock *sock = &now->rows[i].sock;
		const struct tl_sock *old = tl_slots_sock(&slots, before, sock->cookie, 0);

		if (sock->cookie && old && old->state != sock->state)
			rc = count_move(turn, old->state, sock->state);
	}
	tl_slots_release(&slots);
	if (turn->n_moves)
		qsort(turn->moves, turn->n_moves, sizeof(*turn->moves), most_first);
	return rc;
}

/* Whatever the clock was set to meanwhile; a host that has begun anew has only that. */
static double seconds_between(const struct tl_host_told *before, const struct tl_host_told *now)
{
	if (before->up_ms > 0 && now->up_ms > before->up_ms)
		return (now->up_ms - before->up_ms) / 1e3;
	if (before->unix_ms > 0 && now->unix_ms > before->unix_ms)
		return (now->unix_ms - before->unix_ms) / 1e3;
	return 0;
}

int tl_turn_make(const struct tl_kept_look *before, struct tl_kept_look *now,
		 struct tl_turn *turn, struct tl_err *err)
{
	int rc = tl_changes_make(&before->look, &now->look, &turn->changes, err);

	turn->seconds = seconds_between(&before->told, &now->told);
	if (!rc && find_moves(&before->look, &now->look, turn))
		rc = tl_err_set(err, ENOMEM, "no memory to compare two looks");
	return rc;
}

void tl_turn_release(struct tl_turn *turn)
{
	tl_changes_release(&turn->changes);
	free(turn->moves);
	*turn = (struct tl_turn){ 0 };
}
