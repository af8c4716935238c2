/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two looks beside each other: what came into a group, and what left it. */
#include "tcplab/change.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arrange.h"
#include "host_json.h"
#include "slots.h"
#include "tcplab/grow.h"
#include "tcplab/host_words.h"

/* Two looks under way, and what of them is found by a hash. */
struct comparison {
	const struct tl_host *before;
	struct tl_host *now;
	struct tl_slots earlier, later; /* rows */
	struct tl_slots pids;           /* processes of the earlier look */
	struct tl_slots groups;         /* groups of the earlier look */
	uint32_t *seen; /* by the index in the later look: of which group it was seen last, + 1 */
	bool *taken;    /* groups of the earlier look that have a counterpart */
};

/* How many more descriptors it has than it had; 0 where that is not known. */
static uint32_t growth(const struct comparison *c, const struct tl_process *process)
{
	for (uint32_t at = process->pid, i; tl_slots_at(&c->pids, at, &i); at++) {
		const struct tl_process *old = &c->before->processes.v[i];

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

static void find_next(struct tl_change *change, const struct comparison *c, uint32_t number)
{
	TL_EACH_ROW(row, c->now, change->group) {
		const struct tl_hold *hold = row->hold;
		struct tl_process *process;
		uint32_t grew;

		if (!hold || c->seen[hold->process] == number)
			continue;
		c->seen[hold->process] = number;
		process = &c->now->processes.v[hold->process];
		grew = growth(c, process);
		if (grew && c->now->says & TL_HOST_HERE)
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
	uint32_t hash = tl_host_hash(TL_HOST_HASH, words, sizeof(words));

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

/* Rows of a group of @look that are in no group of the @other one. */
static size_t count_lone(const struct tl_host *look, const struct tl_group *group,
			 const struct tl_host *other, const struct tl_slots *rows)
{
	size_t n = 0;

	TL_EACH_ROW(row, look, group) {
		const struct tl_sock *sock = &row->sock;

		n += !tl_slots_sock(rows, other, sock->cookie, sock->state);
	}
	return n;
}

/* The group of the earlier look that was this one; NULL for none. */
static const struct tl_group *take_counterpart(struct comparison *c, const struct tl_group *group)
{
	for (uint32_t at = hash_group(c->now, group), i; tl_slots_at(&c->groups, at, &i); at++)
		if (same_group(c->now, group, c->before, &c->before->groups[i])) {
			c->taken[i] = true;
			return &c->before->groups[i];
		}
	return NULL;
}

/*
 * Each group of the later look takes its counterpart's slot; those that nobody takes are gone.
 * A row whose process was not seen before, and is now, has neither come nor gone.
 */
static int compare(struct comparison *c, struct tl_changes *changes)
{
	const struct tl_host *before = c->before, *now = c->now;
	int rc = 0;

	for (size_t i = 0; !rc && i < now->n_groups; i++) {
		const struct tl_group *group = &now->groups[i], *old = take_counterpart(c, group);
		struct tl_change change = { .look = now, .group = group, .now = group->n };

		change.added = count_lone(now, group, before, &c->earlier);
		change.gone = old ? count_lone(before, old, now, &c->later) : 0;
		if (change.added > change.gone)
			find_next(&change, c, i + 1);
		rc = add(changes, &change);
	}
	for (size_t i = 0; !rc && i < before->n_groups; i++) {
		const struct tl_group *old = &before->groups[i];
		const struct tl_change change = { .look = before, .group = old,
						  .gone = count_lone(before, old, now, &c->later) };

		rc = c->taken[i] ? 0 : add(changes, &change);
	}
	return rc;
}

static int prepare(struct comparison *c)
{
	const struct tl_host *before = c->before;
	int rc = tl_slots_rows(&c->earlier, before);

	rc = rc ? rc : tl_slots_rows(&c->later, c->now);
	rc = rc ? rc : tl_slots_make(&c->pids, before->processes.n);
	rc = rc ? rc : tl_slots_make(&c->groups, before->n_groups);
	c->seen = calloc(c->now->processes.n + 1, sizeof(*c->seen));
	c->taken = calloc(before->n_groups + 1, sizeof(*c->taken));
	if (rc || !c->seen || !c->taken)
		return -ENOMEM;
	for (size_t i = 0; i < before->processes.n; i++)
		tl_slots_put(&c->pids, before->processes.v[i].pid, i);
	for (size_t i = 0; i < before->n_groups; i++)
		tl_slots_put(&c->groups, hash_group(before, &before->groups[i]), i);
	return 0;
}

int tl_changes_make(const struct tl_host *before, struct tl_host *now,
		    struct tl_changes *changes, struct tl_err *err)
{
	struct comparison c = { .before = before, .now = now };
	int rc = prepare(&c);

	rc = rc ? rc : compare(&c, changes);
	tl_slots_release(&c.earlier);
	tl_slots_release(&c.later);
	tl_slots_release(&c.pids);
	tl_slots_release(&c.groups);
	free(c.seen);
	free(c.taken);
	return rc ? tl_err_set(err, -rc, "no memory to compare two looks") : 0;
}

void tl_changes_release(struct tl_changes *changes)
{
	free(changes->v);
	*changes = (struct tl_changes){ 0 };
}

void tl_change_text(const struct tl_change *change, double seconds, struct tl_buf *out)
{
	double growth;

	tl_buf_fmt(out, "+%zu -%zu", change->added, change->gone);
	if (seconds <= 0)
		return;
	growth = ((double)change->added - (double)change->gone) / seconds;
	tl_buf_fmt(out, "  (%.*f/s)", growth > -10 && growth < 10 ? 1 : 0, growth);
}

void tl_changes_left_text(size_t groups, size_t rows, struct tl_buf *out)
{
	if (groups)
		tl_buf_fmt(out, "and %zu more group%s of %zu row%s: --json has all\n", groups,
			   groups == 1 ? "" : "s", rows, rows == 1 ? "" : "s");
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
