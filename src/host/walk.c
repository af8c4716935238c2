/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One pass over /proc, by two threads: who has which socket open. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <linux/magic.h>

#include "tcplab/grow.h"
#include "tcplab/processes.h"

/* "socket:[4711]" */
static const char socket_link[] = "socket:[";

/* Room for "4194304/task/4194304/fd". */
enum { PATH_ROOM = 32 };

/* Room for what getdents64() lists at a time. */
enum { LIST_ROOM = 32768 };

/* What one thread has found, in the order of the processes. */
struct share {
	struct tl_walk *walk;
	struct tl_processes found;
	int rc;
	_Alignas(struct dirent64) char list[LIST_ROOM];
};

struct tl_walk {
	int proc;
	bool counts;           /* the size of PID/fd says how many there are: since Linux 6.2 */
	pid_t *pids;
	size_t n;
	atomic_size_t next;    /* the process that is looked into next */
	bool helped;
	pthread_t helper;
	struct share shares[2];
};

/* One process being looked into. */
struct scan {
	struct share *share;
	pid_t pid;
	int dir;               /* of its descriptors */
	size_t before;         /* processes, before it */
	size_t descriptors;
};

static size_t read_comm(int proc, pid_t pid, char *text, size_t size)
{
	char path[PATH_ROOM];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%d/comm", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, size);
	if (fd >= 0)
		close(fd);
	return n > 0 ? n - (text[n - 1] == '\n') : 0;
}

static int begin(const struct scan *scan)
{
	char name[TL_PROCESS_NAME];
	size_t len = read_comm(scan->share->walk->proc, scan->pid, name, sizeof(name));

	return tl_processes_add(&scan->share->found, scan->pid, name, len) < 0 ? -ENOMEM : 0;
}

/* Return: 0, where there is no such descriptor as well; -ENOMEM; -EACCES: none of them is told. */
static int take(struct scan *scan, const char *name, int fd)
{
	struct tl_processes *found = &scan->share->found;
	char text[32];
	ssize_t len = readlinkat(scan->dir, name, text, sizeof(text) - 1);
	uint32_t inode;

	if (len < 0)
		return errno == EACCES || errno == EPERM ? -EACCES : 0;
	scan->descriptors++;
	if (len < (ssize_t)sizeof(socket_link) ||
	    memcmp(text, socket_link, sizeof(socket_link) - 1))
		return 0;
	text[len] = '\0';
	inode = strtoul(text + sizeof(socket_link) - 1, NULL, 10);
	if (inode && found->n == scan->before && begin(scan))
		return -ENOMEM;
	return inode && tl_processes_hold(found, found->n - 1, inode, fd) ? -ENOMEM : 0;
}

/* As text, from its end: there are as many as descriptors on the host. */
static const char *number_text(unsigned number, char *end)
{
	*--end = '\0';
	do
		*--end = '0' + number % 10;
	while (number /= 10);
	return end;
}

/*
 * Where numbers have few gaps, asking for one after the other takes half as long as a list of
 * them. @last: the first that was not asked for.
 */
static int take_by_number(struct scan *scan, size_t count, int *last)
{
	char text[16];
	int fd, rc = 0;

	for (fd = 0; !rc && scan->descriptors < count; fd++) {
		if (fd - scan->descriptors > count / 16)
			break;
		rc = take(scan, number_text(fd, text + sizeof(text)), fd);
	}
	*last = fd;
	return rc;
}

/* getdents64() without a DIR: there are as many directories as processes. */
static int take_listed(struct scan *scan, int from)
{
	char *bytes = scan->share->list;
	ssize_t n = 0;
	int rc = 0;

	while (!rc && (n = getdents64(scan->dir, bytes, LIST_ROOM)) > 0)
		for (ssize_t at = 0; !rc && at < n;) {
			const struct dirent64 *entry = (const void *)(bytes + at);
			int fd = strtol(entry->d_name, NULL, 10);

			at += entry->d_reclen;
			if (entry->d_name[0] != '.' && fd >= from)
				rc = take(scan, entry->d_name, fd);
		}
	return rc;
}

/*
 * How many descriptors a process has; 1 where that is not known. Kernel threads, of which most
 * hosts have more than processes, and zombies have none, and anybody may know that.
 */
static size_t count_of(const struct tl_walk *walk, const char *path)
{
	struct stat st;

	if (!walk->counts)
		return 1;
	return fstatat(walk->proc, path, &st, 0) ? 0 : st.st_size;
}

/* A process that is gone has none; that of somebody else is not ours to see. */
static int look_below(struct share *share, pid_t pid, const char *path, bool *any)
{
	struct scan scan = { .share = share, .pid = pid, .before = share->found.n };
	const struct tl_walk *walk = share->walk;
	size_t count = count_of(walk, path);
	int rc = 0, last = 0;

	if (!count)
		return 0;
	scan.dir = openat(walk->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (scan.dir < 0) {
		share->found.refused += errno == EACCES || errno == EPERM;
		*any = true;
		return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? -errno : 0;
	}
	if (walk->counts)
		rc = take_by_number(&scan, count, &last);
	if (!rc && (!walk->counts || scan.descriptors < count))
		rc = take_listed(&scan, last);
	if (rc == -EACCES) {
		share->found.refused++;
		rc = 0;
	}
	*any = scan.descriptors;
	if (share->found.n > scan.before)
		share->found.v[scan.before].descriptors = scan.descriptors;
	close(scan.dir);
	return rc;
}

/*
 * A process whose first thread has ended: /proc shows it without descriptors, and its other
 * threads have them all. The number of links of the directory says how many threads there are.
 */
static int look_at_threads(struct share *share, pid_t pid)
{
	const struct tl_walk *walk = share->walk;
	char path[PATH_ROOM];
	struct dirent *entry;
	bool any = false;
	struct stat st;
	int fd, rc = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%d/task", pid);
	if (fstatat(walk->proc, path, &st, 0) || st.st_nlink < 4)
		return 0;
	fd = openat(walk->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	while (dir && !any && !rc && (entry = readdir(dir))) {
		int thread = atoi(entry->d_name);

		snprintf(path, sizeof(path), "%d/task/%d/fd", pid, thread);
		if (thread > 0 && thread != pid)
			rc = look_below(share, pid, path, &any);
	}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	return rc;
}

static int look_into(struct share *share, pid_t pid)
{
	char path[PATH_ROOM];
	bool any = false;
	int rc;

	snprintf(path, sizeof(path), "%d/fd", pid);
	rc = look_below(share, pid, path, &any);
	return rc || any ? rc : look_at_threads(share, pid);
}

static void *work(void *arg)
{
	struct share *share = arg;
	struct tl_walk *walk = share->walk;
	size_t at;

	while (!share->rc && (at = atomic_fetch_add(&walk->next, 1)) < walk->n)
		share->rc = look_into(share, walk->pids[at]);
	return NULL;
}

static int list_processes(struct tl_walk *walk, struct tl_err *err)
{
	char *bytes = walk->shares[0].list;
	ssize_t n;

	while ((n = getdents64(walk->proc, bytes, LIST_ROOM)) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *entry = (const void *)(bytes + at);

			at += entry->d_reclen;
			if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
				continue;
			if (!TL_GROW(walk->pids, walk->n))
				return tl_err_set(err, ENOMEM, "no memory for the processes of this host");
			walk->pids[walk->n++] = strtol(entry->d_name, NULL, 10);
		}
	return n < 0 ? tl_err_set(err, errno, "cannot list the processes of this host: %s",
				  strerror(errno)) : 0;
}

static bool knows_counts(int proc)
{
	struct statfs fs;
	struct stat st;

	return !fstatfs(proc, &fs) && fs.f_type == PROC_SUPER_MAGIC &&
	       !fstatat(proc, "self/fd", &st, 0) && st.st_size;
}

static void walk_free(struct tl_walk *walk)
{
	if (walk->proc >= 0)
		close(walk->proc);
	for (size_t i = 0; i < 2; i++)
		tl_processes_release(&walk->shares[i].found);
	free(walk->pids);
	free(walk);
}

int tl_walk_begin(const char *proc, struct tl_walk **begun, struct tl_err *err)
{
	struct tl_walk *walk = calloc(1, sizeof(*walk));
	int rc;

	if (!walk)
		return tl_err_set(err, ENOMEM, "no memory for the processes of this host");
	walk->proc = open(proc, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (walk->proc < 0)
		rc = tl_err_set(err, errno, "%s: %s", proc, strerror(errno));
	else
		rc = list_processes(walk, err);
	if (rc) {
		walk_free(walk);
		return rc;
	}
	walk->counts = knows_counts(walk->proc);
	walk->shares[0].walk = walk->shares[1].walk = walk;
	walk->helped = !pthread_create(&walk->helper, NULL, work, &walk->shares[1]);
	*begun = walk;
	return 0;
}

/* The next process of a share, with what it holds. */
static int move(struct tl_processes *all, const struct tl_processes *from, size_t *process,
		size_t *hold)
{
	const struct tl_process *p = &from->v[*process];
	int rc = tl_processes_add(all, p->pid, p->name, strlen(p->name)) < 0 ? -ENOMEM : 0;

	if (!rc)
		all->v[all->n - 1].descriptors = p->descriptors;
	while (!rc && *hold < from->n_holds && from->holds[*hold].process == *process) {
		rc = tl_processes_hold(all, all->n - 1, from->holds[*hold].inode,
				       from->holds[*hold].fd);
		++*hold;
	}
	++*process;
	return rc;
}

/* Both shares are in the order of the processes, and so is all of it. */
static int merge(const struct tl_walk *walk, struct tl_processes *all)
{
	const struct tl_processes *a = &walk->shares[0].found, *b = &walk->shares[1].found;
	size_t at[2] = { 0 }, hold[2] = { 0 };
	int rc = 0;

	all->refused = a->refused + b->refused;
	while (!rc && (at[0] < a->n || at[1] < b->n)) {
		bool second = at[0] == a->n ||
			      (at[1] < b->n && b->v[at[1]].pid < a->v[at[0]].pid);

		rc = move(all, second ? b : a, &at[second], &hold[second]);
	}
	return rc;
}

int tl_walk_end(struct tl_walk *walk, struct tl_processes *processes, struct tl_err *err)
{
	int rc;

	work(&walk->shares[0]);
	if (walk->helped)
		pthread_join(walk->helper, NULL);
	rc = walk->shares[0].rc ? walk->shares[0].rc : walk->shares[1].rc;
	rc = rc ? rc : merge(walk, processes);
	walk_free(walk);
	if (rc)
		return tl_err_set(err, -rc, "cannot read the descriptors of all processes: %s",
				  strerror(-rc));
	return tl_processes_index(processes, err);
}

int tl_processes_read(const char *proc, struct tl_processes *processes, struct tl_err *err)
{
	struct tl_walk *walk = NULL;
	int rc = tl_walk_begin(proc, &walk, err);

	return walk ? tl_walk_end(walk, processes, err) : rc;
}
