/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows that belong together: of one state and owner, with one other end. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arrange.h"
#include "slots.h"
#include "tcplab/grow.h"

static struct tl_group key_of(const struct tl_host *look, const struct tl_seen *row)
{
	struct tl_group key = {
		.state = row->sock.state,
		.owner = row->owner,
		.kin = row->hold ? look->processes.v[row->hold->process].kin : UINT32_MAX,
		.incoming = row->incoming,
		.end = tl_sock_has_other(&row->sock) && !row->incoming ? row->sock.remote :
									 row->sock.local,
	};

	/* One program's IPv4 connections, whichever of its listeners they came in by. */
	key.end = tl_endpoint_plain(&key.end);
	return key;
}

static bool same_key(const struct tl_group *a, const struct tl_group *b)
{
	return a->state == b->state && a->owner == b->owner && a->kin == b->kin &&
	       a->incoming == b->incoming && tl_endpoint_equal(&a->end, &b->end);
}

static uint32_t hash_key(const struct tl_group *key)
{
	const uint32_t words[] = { key->state, key->owner, key->kin, key->incoming,
				   key->end.port };
	uint32_t hash = tl_host_hash(TL_HOST_HASH, words, sizeof(words));

	return tl_host_hash(hash, key->end.addr, sizeof(key->end.addr));
}

static int64_t lesser(int64_t a, int64_t b)
{
	return a < 0 || b < 0 ? -1 : a < b ? a : b;
}

static int64_t greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Of several bounds: the youngest is at least as old as the least of them, and so on. */
static void add_age(struct tl_group *group, const struct tl_age *age)
{
	if (!group->n) {
		group->youngest = group->oldest = *age;
		return;
	}
	group->youngest.at_least = lesser(group->youngest.at_least, age->at_least);
	group->youngest.at_most = lesser(group->youngest.at_most, age->at_most);
	group->oldest.at_least = greater(group->oldest.at_least, age->at_least);
	group->oldest.at_most = group->oldest.at_most < 0 || age->at_most < 0 ?
					-1 :
					greater(group->oldest.at_most, age->at_most);
}

static void add_row(struct tl_host *look, struct tl_group *group, uint32_t index)
{
	struct tl_seen *row = &look->rows[index];
	struct tl_age age = tl_age_of(&row->sock, &row->info, &look->knobs);
	struct tl_endpoint peer = tl_endpoint_plain(&row->sock.remote);

	peer.port = 0;
	if (!group->n) {
		group->first = index + 1;
		group->listener = row->listener;
		group->peer = peer;
		group->held = tl_row_holders(look, row);
	} else {
		look->rows[group->last - 1].next = index + 1;
		group->many_peers |= !tl_endpoint_equal(&group->peer, &peer);
	}
	add_age(group, &age);
	if (row->sock.timer_ms > group->most_left_ms)
		group->most_left_ms = row->sock.timer_ms;
	group->recvq += row->sock.recvq;
	group->sendq += row->sock.sendq;
	group->last = index + 1;
	group->n++;
}

/* Of each group: how many processes there are, and which is nearest to its limit. */
static int count_processes(struct tl_host *look)
{
	uint32_t *seen = calloc(look->processes.n + 1, sizeof(*seen)); /* in this group, + 1 */

	if (!seen)
		return -ENOMEM;
	for (size_t i = 0; i < look->n_groups; i++) {
		struct tl_group *group = &look->groups[i];

		TL_EACH_ROW(row, look, group) {
			const struct tl_hold *hold = row->hold;
			const struct tl_process *all = look->processes.v;

			if (!hold || seen[hold->process] == i + 1)
				continue;
			seen[hold->process] = i + 1;
			if (!group->processes++ ||
			    all[hold->process].descriptors > all[group->process].descriptors)
				group->process = hold->process;
		}
	}
	free(seen);
	return 0;
}

/* What may be wrong first, then what moves, then listeners. */
static int rank(enum tl_state state)
{
	switch (state) {
	case TL_CLOSE_WAIT: return 0;
	case TL_FIN_WAIT1: return 1;
	case TL_FIN_WAIT2: return 2;
	case TL_LAST_ACK: return 3;
	case TL_CLOSING: return 4;
	case TL_SYN_SENT: return 5;
	case TL_SYN_RECV: return 6;
	case TL_ESTABLISHED: return 7;
	case TL_TIME_WAIT: return 8;
	case TL_CLOSE: return 9;
	case TL_LISTEN: return 10;
	}
	return 11;
}

static int in_order(const void *a, const void *b)
{
	const struct tl_group *x = a, *y = b;

	if (rank(x->state) != rank(y->state))
		return rank(x->state) - rank(y->state);
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return (x->first > y->first) - (x->first < y->first);
}

int tl_host_group(struct tl_host *look)
{
	struct tl_slots slots;
	int rc = tl_slots_make(&slots, look->n);

	for (size_t i = 0; !rc && i < look->n; i++) {
		struct tl_group key = key_of(look, &look->rows[i]);
		uint32_t at = hash_key(&key), found;

		if (look->rows[i].left_out)
			continue;
		while (tl_slots_at(&slots, at, &found) && !same_key(&look->groups[found], &key))
			at++;
		if (found == TL_SLOT_FREE) {
			if (!TL_GROW(look->groups, look->n_groups)) {
				rc = -ENOMEM;
				break;
			}
			found = look->n_groups++;
			look->groups[found] = key;
			tl_slots_put(&slots, at, found);
		}
		add_row(look, &look->groups[found], i);
	}
	tl_slots_release(&slots);
	rc = rc ? rc : count_processes(look);
	if (look->n_groups)
		qsort(look->groups, look->n_groups, sizeof(*look->groups), in_order);
	return rc;
}
