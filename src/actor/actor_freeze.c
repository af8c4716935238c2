/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All of an actor's processes at once: which they are, and stopping them until they go on. */
#include "actor_kind.h"
#include "tree.h"

#include <signal.h>

/* How often it is looked whether all of them stand still, which nothing announces. */
#define RETRY_MS 1

static int read_tree(const struct tl_actor *actor, struct tree *tree, struct tl_err *err)
{
	return tree_read(actor->process.pid, !actor->kind->below, tree, err);
}

int tl_actor_processes(const struct tl_actor *actor, pid_t **pids, size_t *n,
		       struct tl_err *err)
{
	struct tree tree = { 0 };
	int ret = actor->running ? read_tree(actor, &tree, err) : 0;

	*pids = tree.pids;
	*n = tree.n;
	return ret;
}

static int signal_now(const struct tl_actor *actor, int signal, struct tl_err *err)
{
	struct tree tree = { 0 };
	int ret = read_tree(actor, &tree, err);

	tree_signal(&tree, signal);
	tree_release(&tree);
	return ret;
}

/* One that was forked while the others were being stopped is found by the next reading. */
static void look_if_frozen(struct tl_actor *actor)
{
	struct tree tree = { 0 };
	struct tl_err err;
	int ret = read_tree(actor, &tree, &err);

	if (ret) {
		actor_finish(actor, &err, NULL);
	} else if (tree_is_stopped(&tree)) {
		actor_finish(actor, NULL, NULL);
	} else {
		tree_signal(&tree, SIGSTOP);
		actor_retry(actor, look_if_frozen, RETRY_MS);
	}
	tree_release(&tree);
}

int tl_actor_freeze(struct tl_actor *actor, tl_actor_done *done, struct tl_err *err)
{
	int ret = actor_begin(actor, ACTOR_FREEZING, true, done, err);

	if (ret)
		return ret;
	ret = signal_now(actor, SIGSTOP, err);
	if (ret)
		return actor_abandon(actor, ret);
	actor->frozen = true;
	actor_retry(actor, look_if_frozen, 0);
	return 0;
}

static void thawed(struct tl_actor *actor)
{
	actor_finish(actor, NULL, NULL);
}

int tl_actor_thaw(struct tl_actor *actor, tl_actor_done *done, struct tl_err *err)
{
	int ret = actor_begin(actor, ACTOR_THAWING, true, done, err);

	if (ret)
		return ret;
	ret = signal_now(actor, SIGCONT, err);
	if (ret)
		return actor_abandon(actor, ret);
	actor->frozen = false;
	actor_retry(actor, thawed, 0);
	return 0;
}

/* Of what cannot be read now nothing is said: the moment passes, and the run goes on. */
void tl_actor_pause(struct tl_actor *actor)
{
	struct tl_err unused;

	if (actor->running)
		signal_now(actor, SIGSTOP, &unused);
}

void tl_actor_resume(struct tl_actor *actor)
{
	struct tl_err unused;

	if (actor->running && !actor->frozen)
		signal_now(actor, SIGCONT, &unused);
}

void tl_actor_set_frozen(struct tl_actor *actor, bool frozen)
{
	actor->frozen = frozen;
	if (frozen)
		tl_actor_pause(actor);
	else
		tl_actor_resume(actor);
}

bool tl_actor_is_frozen(const struct tl_actor *actor)
{
	return actor->frozen;
}
