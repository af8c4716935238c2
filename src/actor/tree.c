/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who belongs to a process is read from /proc: each process tells its parent. The reading is
 * not atomic: a process may fork while it goes on. Who wants all of them (to stop or to kill
 * them) signals those found and reads again, until a reading finds no other.
 */
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/grow.h"

struct one {
	pid_t pid;
	pid_t parent;
	char state;
};

struct all {
	struct one *v;
	size_t n;
};

/* "4711 (a name) S 1 ...": the name can itself hold blanks and brackets. */
static bool read_stat(const char *path, char *state, pid_t *parent)
{
	char line[512] = "";
	const char *name_end;
	FILE *f = fopen(path, "re");

	if (!f)
		return false;
	name_end = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	fclose(f);
	return name_end && sscanf(name_end, ") %c %d", state, parent) == 2;
}

static int add(struct all *all, const struct one *one)
{
	if (!TL_GROW(all->v, all->n))
		return -ENOMEM;
	all->v[all->n++] = *one;
	return 0;
}

static int read_all(struct all *all, struct tl_err *err)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int ret = 0;

	if (!proc)
		return tl_err_set(err, errno, "/proc: %s", strerror(errno));
	while (!ret && (entry = readdir(proc))) {
		struct one one = { .pid = atoi(entry->d_name) };
		char path[300];

		snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
		if (one.pid > 0 && read_stat(path, &one.state, &one.parent))
			ret = add(all, &one);
	}
	closedir(proc);
	return ret ? tl_err_set(err, -ret, "no memory for the processes") : 0;
}

bool tree_has(const struct tree *tree, pid_t pid)
{
	for (size_t i = 0; i < tree->n; i++)
		if (tree->pids[i] == pid)
			return true;
	return false;
}

/* Everybody whose parent is among those found already; until nobody is new. */
static void collect(const struct all *all, pid_t root, struct tree *tree)
{
	size_t before;

	do {
		before = tree->n;
		for (size_t i = 0; i < all->n; i++) {
			const struct one *one = &all->v[i];

			if ((one->parent == root || tree_has(tree, one->parent)) &&
			    !tree_has(tree, one->pid) && one->pid != root)
				tree->pids[tree->n++] = one->pid;
		}
	} while (tree->n > before);
}

/* A zombie has no memory, no descriptor, and obeys no signal: it only waits to be reaped. */
static void leave_out_zombies(const struct all *all, struct tree *tree)
{
	size_t kept = 0;

	for (size_t i = 0; i < tree->n; i++) {
		bool gone = false;

		for (size_t j = 0; j < all->n; j++)
			if (all->v[j].pid == tree->pids[i])
				gone = strchr("ZX", all->v[j].state) != NULL;
		if (!gone)
			tree->pids[kept++] = tree->pids[i];
	}
	tree->n = kept;
}

int tree_read(pid_t root, bool with_root, struct tree *tree, struct tl_err *err)
{
	struct all all = { 0 };
	int ret = read_all(&all, err);

	tree_release(tree);
	if (ret)
		goto out;
	tree->pids = calloc(all.n + 1, sizeof(*tree->pids));
	if (!tree->pids) {
		ret = tl_err_set(err, ENOMEM, "no memory for the processes");
		goto out;
	}
	if (with_root)
		tree->pids[tree->n++] = root;
	collect(&all, root, tree);
	leave_out_zombies(&all, tree);
out:
	free(all.v);
	return ret;
}

void tree_release(struct tree *tree)
{
	free(tree->pids);
	*tree = (struct tree){ 0 };
}

void tree_signal(const struct tree *tree, int signal)
{
	for (size_t i = 0; i < tree->n; i++)
		kill(tree->pids[i], signal);
}

/* SIGSTOP takes hold of one thread after another. A process that has ended does not move. */
static bool threads_are_stopped(pid_t pid)
{
	struct dirent *entry;
	bool stopped = true;
	char path[300];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && stopped && (entry = readdir(dir))) {
		char state;
		pid_t parent;

		if (atoi(entry->d_name) <= 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%s/stat", pid, entry->d_name);
		stopped = !read_stat(path, &state, &parent) || strchr("TtZX", state);
	}
	if (dir)
		closedir(dir);
	return stopped;
}

bool tree_is_stopped(const struct tree *tree)
{
	for (size_t i = 0; i < tree->n; i++)
		if (!threads_are_stopped(tree->pids[i]))
			return false;
	return true;
}
