/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two looks beside each other: what came into a group, and what left it. */
#include "tcplab/change.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arrange.h"
#include "host_json.h"
#include "tcplab/grow.h"
#include "tcplab/host_words.h"

/* An open hash of the earlier rows by cookie and state: row + 1. */
struct known {
	uint32_t *slots;
	uint32_t mask;
};

static uint32_t place(const struct known *known, const struct tl_sock *sock)
{
	uint64_t mixed = (sock->cookie * 31 + sock->state) * 0x9e3779b97f4a7c15u;

	return (mixed >> 32) & known->mask;
}

static int know(struct known *known, const struct tl_host *look)
{
	known->mask = tl_host_mask(look->n);
	known->slots = calloc((size_t)known->mask + 1, sizeof(*known->slots));
	if (!known->slots)
		return -ENOMEM;
	for (size_t i = 0; i < look->n; i++) {
		uint32_t at = place(known, &look->rows[i].sock);

		while (known->slots[at])
			at = (at + 1) & known->mask;
		known->slots[at] = i + 1;
	}
	return 0;
}

static bool is_there(const struct known *known, const struct tl_host *look,
		     const struct tl_sock *sock)
{
	for (uint32_t at = place(known, sock); known->slots[at]; at = (at + 1) & known->mask) {
		const struct tl_sock *old = &look->rows[known->slots[at] - 1].sock;

		if (old->cookie == sock->cookie && old->state == sock->state)
			return true;
	}
	return false;
}

/* The processes of the earlier look by their numbers, and of which group each was seen last, + 1. */
struct paces {
	uint32_t *slots; /* an index + 1 */
	uint32_t mask;
	uint32_t *seen;  /* by the index in the later look */
};

static int know_paces(struct paces *paces, const struct tl_host *before, const struct tl_host *now)
{
	paces->mask = tl_host_mask(before->processes.n);
	paces->slots = calloc((size_t)paces->mask + 1, sizeof(*paces->slots));
	paces->seen = calloc(now->processes.n + 1, sizeof(*paces->seen));
	if (!paces->slots || !paces->seen)
		return -ENOMEM;
	for (size_t i = 0; i < before->processes.n; i++) {
		uint32_t at = before->processes.v[i].pid & paces->mask;

		while (paces->slots[at])
			at = (at + 1) & paces->mask;
		paces->slots[at] = i + 1;
	}
	return 0;
}

/* How many more descriptors it has than it had; 0 where that is not known. */
static uint32_t growth(const struct paces *paces, const struct tl_host *before,
		       const struct tl_process *process)
{
	for (uint32_t at = process->pid & paces->mask; paces->slots[at]; at = (at + 1) & paces->mask) {
		const struct tl_process *old = &before->processes.v[paces->slots[at] - 1];

		if (old->pid == process->pid && !strcmp(old->name, process->name))
			return old->descriptors && process->descriptors > old->descriptors ?
				       process->descriptors - old->descriptors : 0;
	}
	return 0;
}

/* Has this one, which grew by @grew, less time left than that one? */
static bool is_sooner(const struct tl_process *one, uint32_t grew, const struct tl_change *change)
{
	const struct tl_process *other = change->next;

	return !other || (uint64_t)(one->limit - one->descriptors) * change->grew <
				 (uint64_t)(other->limit - other->descriptors) * grew;
}

static void find_next(struct tl_change *change, struct tl_host *now, const struct tl_host *before,
		      const struct paces *paces, uint32_t number)
{
	const struct tl_group *group = change->group;

	for (uint32_t at = group->first; at; at = now->rows[at - 1].next) {
		const struct tl_hold *hold = now->rows[at - 1].hold;
		struct tl_process *process;
		uint32_t grew;

		if (!hold || paces->seen[hold->process] == number)
			continue;
		paces->seen[hold->process] = number;
		process = &now->processes.v[hold->process];
		grew = growth(paces, before, process);
		if (grew && now->says & TL_HOST_HERE)
			tl_process_more("/proc", process);
		if (!grew || !process->limit || process->limit < process->descriptors ||
		    !is_sooner(process, grew, change))
			continue;
		change->next = process;
		change->grew = grew;
	}
}

/* Processes have an index in one look and another in the next; their name stays. */
static const char *name_of(const struct tl_host *look, const struct tl_group *group)
{
	return group->owner == TL_OWNER_PROCESS ? look->processes.v[group->process].name : "";
}

static uint32_t hash_group(const struct tl_host *look, const struct tl_group *group)
{
	const uint32_t words[] = { group->state, group->owner, group->incoming, group->end.port };
	const char *name = name_of(look, group);
	uint32_t hash = tl_host_hash(2166136261u, words, sizeof(words));

	hash = tl_host_hash(hash, name, strlen(name));
	return tl_host_hash(hash, group->end.addr, sizeof(group->end.addr));
}

static bool same_group(const struct tl_host *a, const struct tl_group *x, const struct tl_host *b,
		       const struct tl_group *y)
{
	return x->state == y->state && x->owner == y->owner && x->incoming == y->incoming &&
	       !strcmp(name_of(a, x), name_of(b, y)) && tl_endpoint_equal(&x->end, &y->end);
}

static int add(struct tl_changes *changes, const struct tl_change *change)
{
	if (!TL_GROW(changes->v, changes->n))
		return -ENOMEM;
	changes->v[changes->n++] = *change;
	return 0;
}

/* Rows of a group of @look that are not in the @other one, whichever group they could be in there. */
static size_t count_lone(const struct tl_host *look, const struct tl_group *group,
			 const struct tl_host *other, const struct known *known)
{
	size_t n = 0;

	for (uint32_t at = group->first; at; at = look->rows[at - 1].next)
		n += !is_there(known, other, &look->rows[at - 1].sock);
	return n;
}

/*
 * Each group of the later look takes its counterpart's slot; those that nobody takes are gone. A row
 * whose process was not seen before, and is now, has neither come nor gone.
 */
static int compare(const struct tl_host *before, struct tl_host *now,
		   const struct known *earlier, const struct known *later, const struct paces *paces,
		   uint32_t *slots, uint32_t mask, struct tl_changes *changes)
{
	bool *taken = calloc(before->n_groups + 1, sizeof(*taken));
	int rc = taken ? 0 : -ENOMEM;

	for (size_t i = 0; !rc && i < now->n_groups; i++) {
		const struct tl_group *group = &now->groups[i], *old = NULL;
		struct tl_change change = { .look = now, .group = group, .now = group->n,
					    .added = count_lone(now, group, before, earlier) };

		for (uint32_t at = hash_group(now, group) & mask; slots[at]; at = (at + 1) & mask)
			if (same_group(now, group, before, &before->groups[slots[at] - 1])) {
				old = &before->groups[slots[at] - 1];
				taken[slots[at] - 1] = true;
				break;
			}
		change.gone = old ? count_lone(before, old, now, later) : 0;
		if (change.added > change.gone)
			find_next(&change, now, before, paces, i + 1);
		rc = add(changes, &change);
	}
	for (size_t i = 0; !rc && i < before->n_groups; i++) {
		const struct tl_change change = { .look = before, .group = &before->groups[i],
						  .gone = count_lone(before, &before->groups[i],
								     now, later) };

		rc = taken[i] ? 0 : add(changes, &change);
	}
	free(taken);
	return rc;
}

int tl_changes_make(const struct tl_host *before, struct tl_host *now,
		    struct tl_changes *changes, struct tl_err *err)
{
	uint32_t mask = tl_host_mask(before->n_groups), at;
	uint32_t *slots = calloc((size_t)mask + 1, sizeof(*slots));
	struct known earlier = { 0 }, later = { 0 };
	struct paces paces = { 0 };
	int rc = slots ? know(&earlier, before) : -ENOMEM;

	rc = rc ? rc : know(&later, now);
	rc = rc ? rc : know_paces(&paces, before, now);
	for (size_t i = 0; !rc && i < before->n_groups; i++) {
		for (at = hash_group(before, &before->groups[i]) & mask; slots[at];
		     at = (at + 1) & mask)
			;
		slots[at] = i + 1;
	}
	if (!rc)
		rc = compare(before, now, &earlier, &later, &paces, slots, mask, changes);
	free(slots);
	free(paces.slots);
	free(paces.seen);
	free(earlier.slots);
	free(later.slots);
	return rc ? tl_err_set(err, -rc, "no memory to compare two looks") : 0;
}

void tl_changes_release(struct tl_changes *changes)
{
	free(changes->v);
	*changes = (struct tl_changes){ 0 };
}

void tl_change_text(const struct tl_change *change, double seconds, struct tl_buf *out)
{
	double growth = ((double)change->added - (double)change->gone) / seconds;

	tl_buf_fmt(out, "+%zu -%zu", change->added, change->gone);
	if (seconds > 0)
		tl_buf_fmt(out, "  (%.*f/s)", growth > -10 && growth < 10 ? 1 : 0, growth);
}

double tl_change_seconds_left(const struct tl_change *change, double seconds)
{
	if (!change->next || seconds <= 0)
		return -1;
	return (change->next->limit - change->next->descriptors) / (change->grew / seconds);
}

void tl_change_json(const struct tl_change *change, double seconds, struct tl_buf *out)
{
	double left = tl_change_seconds_left(change, seconds);
	const struct tl_group *group = change->group;

	tl_buf_fmt(out, "{\"state\":\"%s\",\"owner\":\"%s\",\"way\":\"%s\",\"end\":",
		   tl_state_name(group->state), tl_owner_name(group->owner),
		   tl_group_way(group));
	tl_host_json_endpoint(out, &group->end);
	if (group->owner == TL_OWNER_PROCESS) {
		const struct tl_process *process = &change->look->processes.v[group->process];

		tl_buf_fmt(out, ",\"pid\":%d,\"name\":", process->pid);
		tl_host_json_text(out, process->name);
		if (group->processes > 1)
			tl_buf_fmt(out, ",\"of_processes\":%zu", group->processes);
	}
	tl_buf_fmt(out, ",\"rows\":%zu,\"added\":%zu,\"gone\":%zu", change->now, change->added,
		   change->gone);
	if (left >= 0)
		tl_buf_fmt(out, ",\"descriptors_left_s\":%.0f,\"descriptors_left_pid\":%d", left,
			   change->next->pid);
	tl_buf_str(out, "}");
}
