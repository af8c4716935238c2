/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One pass over /proc: who has which socket open. By one thread: a second one made it a tenth
 * faster where nothing else ran, and several times slower where something did.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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
static const char epoll_link[] = "anon_inode:[eventpoll]";

/* Room for "4194304/task/4194304/fd". */
enum { PATH_ROOM = 32 };

/* Room for what getdents64() lists at a time. */
enum { LIST_ROOM = 32768 };

/* One pass. */
struct walk {
	struct tl_processes *found;
	int proc;
	bool counts;           /* the size of PID/fd says how many there are: since Linux 6.2 */
	pid_t *pids, *kernel;
	size_t n, n_kernel;
	char *list;            /* LIST_ROOM bytes, of which few are ever written */
};

/* One process being looked into. */
struct scan {
	struct walk *walk;
	pid_t pid, thread;
	int dir;               /* of its descriptors */
	size_t before;         /* processes, before it */
	size_t sets_before;    /* epoll sets */
	size_t descriptors;
};

/* What a file below /proc holds, as much of it as there is room for. Return: how long it is. */
static size_t read_text(const struct walk *walk, const char *path, char *text, size_t room)
{
	int fd = openat(walk->proc, path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0 && (n = read(fd, text + len, room - 1 - len)) > 0)
		len += n;
	if (fd >= 0)
		close(fd);
	text[len] = '\0';
	return len;
}

static int begin(const struct scan *scan)
{
	char path[PATH_ROOM], name[TL_PROCESS_NAME];
	size_t len;

	snprintf(path, sizeof(path), "%d/comm", scan->pid);
	len = read_text(scan->walk, path, name, sizeof(name));
	len -= len && name[len - 1] == '\n';
	return tl_processes_add(scan->walk->found, scan->pid, name, len) < 0 ? -ENOMEM : 0;
}

/* An epoll set, of the process that is added with its first socket. */
static int note_set(struct scan *scan, int fd)
{
	struct tl_processes *found = scan->walk->found;

	if (!TL_GROW(found->sets, found->n_sets))
		return -ENOMEM;
	found->sets[found->n_sets++] = (struct tl_poll_set){ scan->before, scan->thread, fd };
	return 0;
}

/* Return: 0, where there is no such descriptor as well; -ENOMEM; -EACCES: none of them is told. */
static int take(struct scan *scan, const char *name, int fd)
{
	struct tl_processes *found = scan->walk->found;
	char text[32];
	ssize_t len = readlinkat(scan->dir, name, text, sizeof(text) - 1);
	uint32_t inode;

	if (len < 0)
		return errno == EACCES || errno == EPERM ? -EACCES : 0;
	scan->descriptors++;
	if (len == sizeof(epoll_link) - 1 && !memcmp(text, epoll_link, len))
		return note_set(scan, fd);
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

/*
 * getdents64() without a DIR: there are as many directories as processes.
 * @from: the first to take
 */
static int take_listed(struct scan *scan, size_t count, int from)
{
	void *bytes = scan->walk->list;
	ssize_t n = 0;
	int rc = 0;

	while (!rc && scan->descriptors < count &&
	       (n = getdents64(scan->dir, bytes, LIST_ROOM)) > 0)
		for (ssize_t at = 0; !rc && at < n;) {
			const struct dirent64 *entry = (const void *)((char *)bytes + at);
			int fd = strtol(entry->d_name, NULL, 10);

			at += entry->d_reclen;
			if (entry->d_name[0] != '.' && fd >= from)
				rc = take(scan, entry->d_name, fd);
		}
	return rc;
}

/*
 * How many descriptors a process has; SIZE_MAX where that is not known. A zombie has none, which
 * anybody may know, though only root can open its directory.
 */
static size_t count_of(const struct scan *scan, const char *path)
{
	struct stat st;
	int rc;

	if (!scan->walk->counts)
		return SIZE_MAX;
	rc = scan->dir < 0 ? fstatat(scan->walk->proc, path, &st, 0) : fstat(scan->dir, &st);
	return rc ? 0 : st.st_size;
}

/* Return: as take(); *@any: it has descriptors, whether we may see them or not */
static int look_at(struct scan *scan, const char *path, bool *any)
{
	int code = errno, rc = 0, last = 0;
	size_t count = count_of(scan, path); /* our own has the directory among them: it is open */

	*any = count;
	if (!count)
		return 0;
	if (scan->dir < 0)
		return code == EPERM ? -EACCES : code == ENOENT || code == ESRCH ? 0 : -code;
	if (scan->walk->counts)
		rc = take_by_number(scan, count, &last);
	rc = rc ? rc : take_listed(scan, count, last);
	*any = scan->descriptors || rc == -EACCES;
	return rc;
}

/* A process that is gone has none; that of somebody else is not ours to see. */
static int look_below(struct walk *walk, pid_t pid, pid_t thread, const char *path, bool *any)
{
	struct scan scan = { .walk = walk, .pid = pid, .thread = thread, .before = walk->found->n,
			     .sets_before = walk->found->n_sets,
			     .dir = openat(walk->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	int rc = look_at(&scan, path, any);

	if (scan.dir >= 0)
		close(scan.dir);
	if (walk->found->n > scan.before)
		walk->found->v[scan.before].descriptors = scan.descriptors;
	else
		walk->found->n_sets = scan.sets_before;
	walk->found->refused += rc == -EACCES;
	return rc == -EACCES ? 0 : rc;
}

/*
 * A process whose first thread has ended: /proc shows it without descriptors, and its other
 * threads have them all. The number of links of the directory says how many threads there are.
 */
static int look_at_threads(struct walk *walk, pid_t pid)
{
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
			rc = look_below(walk, pid, thread, path, &any);
	}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	return rc;
}

static int look_into(struct walk *walk, pid_t pid)
{
	char path[PATH_ROOM];
	bool any = false;
	int rc;

	snprintf(path, sizeof(path), "%d/fd", pid);
	rc = look_below(walk, pid, pid, path, &any);
	return rc || any ? rc : look_at_threads(walk, pid);
}

static int by_number(const void *a, const void *b)
{
	return *(const pid_t *)a - *(const pid_t *)b;
}

/* PF_KTHREAD of the kernel's include/linux/sched.h */
#define KERNEL_THREAD 0x200000u

/*
 * Kernel threads have no descriptors, and most hosts have more of them than processes. They are
 * the children of number 2, unless that is a process of a container.
 */
static void list_kernel_threads(struct walk *walk)
{
	unsigned flags = 0;
	char *at, *end;

	read_text(walk, "2/stat", walk->list, LIST_ROOM);
	at = strrchr(walk->list, ')');
	if (!at || sscanf(at, ") %*c %*d %*d %*d %*d %*d %u", &flags) != 1 ||
	    !(flags & KERNEL_THREAD))
		return;
	read_text(walk, "2/task/2/children", walk->list, LIST_ROOM);
	for (at = walk->list;; at = end) {
		long pid = strtol(at, &end, 10);

		/* A blank follows each number, but one that was cut short. */
		if (end == at || *end != ' ' || !TL_GROW(walk->kernel, walk->n_kernel))
			break;
		walk->kernel[walk->n_kernel++] = pid;
	}
	if (walk->n_kernel)
		qsort(walk->kernel, walk->n_kernel, sizeof(*walk->kernel), by_number);
}

static bool is_kernel_thread(const struct walk *walk, pid_t pid)
{
	return walk->n_kernel &&
	       bsearch(&pid, walk->kernel, walk->n_kernel, sizeof(pid), by_number);
}

static int list_processes(struct walk *walk, struct tl_err *err)
{
	void *bytes = walk->list;
	ssize_t n;

	while ((n = getdents64(walk->proc, bytes, LIST_ROOM)) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *entry = (const void *)((char *)bytes + at);

			at += entry->d_reclen;
			if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
				continue;
			if (!TL_GROW(walk->pids, walk->n))
				return tl_err_set(err, ENOMEM, "no memory for the processes of "
						  "this host");
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

int tl_processes_read(const char *proc, struct tl_processes *processes, struct tl_err *err)
{
	_Alignas(struct dirent64) char list[LIST_ROOM];
	struct walk walk = { .found = processes, .list = list,
			     .proc = open(proc, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	int rc;

	if (walk.proc < 0)
		return tl_err_set(err, errno, "%s: %s", proc, strerror(errno));
	walk.counts = knows_counts(walk.proc);
	list_kernel_threads(&walk);
	rc = list_processes(&walk, err);
	for (size_t i = 0; !rc && i < walk.n; i++) {
		if (is_kernel_thread(&walk, walk.pids[i]))
			continue;
		rc = look_into(&walk, walk.pids[i]);
		if (rc)
			rc = tl_err_set(err, -rc, "cannot read the descriptors of all "
					"processes: %s",
					strerror(-rc));
	}
	free(walk.pids);
	free(walk.kernel);
	close(walk.proc);
	return rc ? rc : tl_processes_index(processes, err);
}
