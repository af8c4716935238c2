/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processes belong to one: children, children of children, and those left behind. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/actor/tree.h"

/* Fork a process that only waits; when @leave, by one that ends at once. Return: its pid. */
static pid_t fork_one(bool leave)
{
	int ends[2];
	pid_t pid, child;

	cr_assert_eq(pipe(ends), 0, "pipe");
	child = fork();
	if (child == 0) {
		pid = leave ? fork() : 0;
		if (pid == 0) {
			pid = getpid();
			if (write(ends[1], &pid, sizeof(pid)) == sizeof(pid))
				for (;;)
					pause();
		}
		_exit(0);
	}
	cr_assert_eq(read(ends[0], &pid, sizeof(pid)), sizeof(pid), "a pid is told");
	close(ends[0]);
	close(ends[1]);
	if (leave)
		cr_assert_eq(waitpid(child, NULL, 0), child, "who left it behind has ended");
	return pid;
}

static bool has(const struct tree *tree, pid_t pid)
{
	for (size_t i = 0; i < tree->n; i++)
		if (tree->pids[i] == pid)
			return true;
	return false;
}

static void read_now(struct tree *tree, bool with_root)
{
	struct tl_err err;

	cr_assert_eq(tree_read(getpid(), with_root, tree, &err), 0, "tree_read");
}

/* Read until it is so; the runner's time limit is the deadline. */
static void await_stopped(struct tree *tree, bool stopped)
{
	do
		read_now(tree, false);
	while (tree_is_stopped(tree) != stopped);
}

Test(actor_tree, finds_children_and_those_left_behind, .timeout = 20)
{
	struct tree tree = { 0 };
	pid_t child, orphan;

	cr_assert_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0, "subreaper");
	child = fork_one(false);
	orphan = fork_one(true);

	read_now(&tree, true);
	cr_assert_eq(tree.n, 3, "itself, a child, an orphan");
	cr_assert_eq(tree.pids[0], getpid(), "itself comes first");
	cr_assert(has(&tree, child), "the child");
	cr_assert(has(&tree, orphan), "whose parent has ended");

	read_now(&tree, false);
	cr_assert_eq(tree.n, 2, "without itself");
	cr_assert_not(has(&tree, getpid()), "itself is not asked for");
	tree_signal(&tree, SIGKILL);
	tree_release(&tree);
	tree_release(&tree);
}

Test(actor_tree, knows_when_all_are_stopped, .timeout = 20)
{
	struct tree tree = { 0 };
	pid_t first, second;

	first = fork_one(false);
	second = fork_one(false);
	read_now(&tree, false);
	cr_assert_not(tree_is_stopped(&tree), "nobody has stopped them");
	kill(first, SIGSTOP);
	cr_assert_eq(waitpid(first, NULL, WUNTRACED), first, "the first stops");
	read_now(&tree, false);
	cr_assert_not(tree_is_stopped(&tree), "one of two is not all");
	kill(second, SIGSTOP);
	await_stopped(&tree, true);
	tree_signal(&tree, SIGCONT);
	await_stopped(&tree, false);
	tree_signal(&tree, SIGKILL);
	tree_release(&tree);
}

Test(actor_tree, leaves_zombies_out, .timeout = 20)
{
	struct tree tree = { 0 };
	pid_t child = fork_one(false);
	siginfo_t info;

	kill(child, SIGKILL);
	cr_assert_eq(waitid(P_PID, child, &info, WEXITED | WNOWAIT), 0, "it has ended");
	read_now(&tree, false);
	cr_assert_eq(tree.n, 0, "a zombie is nobody");
	tree_release(&tree);
}
