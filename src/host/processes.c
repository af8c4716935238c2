/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who has which socket open: kept, and found by inode. */
#include "tcplab/processes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arrange.h"
#include "slots.h"
#include "tcplab/grow.h"

long tl_processes_add(struct tl_processes *processes, pid_t pid, const char *name, size_t len)
{
	struct tl_process *p;

	if (!TL_GROW(processes->v, processes->n))
		return -1;
	p = &processes->v[processes->n];
	*p = (struct tl_process){ .pid = pid };
	if (len >= sizeof(p->name))
		len = sizeof(p->name) - 1;
	memcpy(p->name, name, len);
	return processes->n++;
}

int tl_processes_hold(struct tl_processes *processes, uint32_t process, uint32_t inode, int fd)
{
	if (processes->n_holds == UINT32_MAX || !TL_GROW(processes->holds, processes->n_holds))
		return -ENOMEM;
	processes->holds[processes->n_holds++] =
		(struct tl_hold){ .inode = inode, .process = process, .fd = fd };
	return 0;
}

/* Workers of one program: a pool of theirs is told as one. */
static int find_kin(struct tl_processes *processes)
{
	struct tl_slots slots;

	if (tl_slots_make(&slots, processes->n))
		return -ENOMEM;
	for (size_t i = 0; i < processes->n; i++) {
		struct tl_process *p = &processes->v[i];
		uint32_t at = tl_host_hash(TL_HOST_HASH, p->name, strlen(p->name)), found;

		while (tl_slots_at(&slots, at, &found) &&
		       strcmp(processes->v[found].name, p->name) != 0)
			at++;
		if (found == TL_SLOT_FREE)
			tl_slots_put(&slots, at, i);
		p->kin = found == TL_SLOT_FREE ? i : found;
	}
	tl_slots_release(&slots);
	return 0;
}

int tl_processes_index(struct tl_processes *processes, struct tl_err *err)
{
	size_t n = 64;

	if (find_kin(processes))
		return tl_err_set(err, ENOMEM, "no memory for the processes of this host");
	while (n < 2 * processes->n_holds)
		n *= 2;
	free(processes->buckets);
	processes->buckets = calloc(n, sizeof(*processes->buckets));
	if (!processes->buckets)
		return tl_err_set(err, ENOMEM, "no memory for the descriptors of this host");
	processes->mask = n - 1;
	/* From the last to the first, so that a chain begins with the lowest process. */
	for (size_t i = processes->n_holds; i-- > 0;) {
		uint32_t *bucket = &processes->buckets[processes->holds[i].inode & processes->mask];

		processes->holds[i].next = *bucket;
		*bucket = i + 1;
	}
	return 0;
}

static const struct tl_hold *from(const struct tl_processes *processes, uint32_t at,
				  uint32_t inode)
{
	while (at && processes->holds[at - 1].inode != inode)
		at = processes->holds[at - 1].next;
	return at ? &processes->holds[at - 1] : NULL;
}

const struct tl_hold *tl_processes_find(const struct tl_processes *processes, uint32_t inode)
{
	if (!inode || !processes->buckets)
		return NULL;
	return from(processes, processes->buckets[inode & processes->mask], inode);
}

const struct tl_hold *tl_hold_next(const struct tl_processes *processes,
				   const struct tl_hold *hold)
{
	return from(processes, hold->next, hold->inode);
}

void tl_processes_release(struct tl_processes *processes)
{
	free(processes->v);
	free(processes->holds);
	free(processes->buckets);
	free(processes->sets);
	free(processes->watched);
	*processes = (struct tl_processes){ 0 };
}
