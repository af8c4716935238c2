/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One pass over /proc: who has which socket open. */
#include "tcplab/processes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tcplab/grow.h"

/* "socket:[4711]" */
static const char socket_link[] = "socket:[";

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

static size_t read_small(int dir, const char *path, char *text, size_t size)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? n : 0;
}

static int begin(struct tl_processes *processes, int proc, const char *pid)
{
	char path[NAME_MAX + 8], name[TL_PROCESS_NAME];
	size_t len;

	snprintf(path, sizeof(path), "%s/comm", pid);
	len = read_small(proc, path, name, sizeof(name));
	if (len && name[len - 1] == '\n')
		len--;
	return tl_processes_add(processes, strtol(pid, NULL, 10), name, len) < 0 ? -ENOMEM : 0;
}

/* One process being looked into. */
struct scan {
	struct tl_processes *processes;
	int proc, dir;          /* of /proc, of its descriptors */
	const char *pid;
	size_t before;          /* processes, before it */
	size_t descriptors;
};

static int take(struct scan *scan, const char *name, int fd)
{
	struct tl_processes *processes = scan->processes;
	char text[32];
	ssize_t len = readlinkat(scan->dir, name, text, sizeof(text) - 1);
	uint32_t inode;

	scan->descriptors++;
	if (len < (ssize_t)sizeof(socket_link) ||
	    memcmp(text, socket_link, sizeof(socket_link) - 1))
		return 0;
	text[len] = '\0';
	inode = strtoul(text + sizeof(socket_link) - 1, NULL, 10);
	if (inode && processes->n == scan->before && begin(processes, scan->proc, scan->pid))
		return -ENOMEM;
	return inode && tl_processes_hold(processes, processes->n - 1, inode, fd) ? -ENOMEM : 0;
}

/* getdents64() without a DIR: there are as many directories as processes. */
static int list(struct scan *scan)
{
	static _Alignas(struct dirent64) char bytes[32768];
	ssize_t n = 0;
	int rc = 0;

	while (!rc && (n = getdents64(scan->dir, bytes, sizeof(bytes))) > 0)
		for (ssize_t at = 0; !rc && at < n;) {
			const struct dirent64 *entry = (const void *)(bytes + at);

			at += entry->d_reclen;
			if (entry->d_name[0] != '.')
				rc = take(scan, entry->d_name, strtol(entry->d_name, NULL, 10));
		}
	return rc;
}

/* A process that is gone has none; that of somebody else is not ours to see. */
static int look_into(struct tl_processes *processes, int proc, const char *pid)
{
	struct scan scan = { .processes = processes, .proc = proc, .pid = pid,
			     .before = processes->n };
	char path[NAME_MAX + 8];
	int rc;

	snprintf(path, sizeof(path), "%s/fd", pid);
	scan.dir = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (scan.dir < 0) {
		processes->refused += errno == EACCES || errno == EPERM;
		return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? -errno : 0;
	}
	rc = list(&scan);
	if (processes->n > scan.before)
		processes->v[scan.before].descriptors = scan.descriptors;
	close(scan.dir);
	return rc;
}

int tl_processes_index(struct tl_processes *processes, struct tl_err *err)
{
	size_t n = 64;

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

int tl_processes_read(const char *proc, struct tl_processes *processes, struct tl_err *err)
{
	DIR *dir = opendir(proc);
	struct dirent *entry;
	int rc = 0;

	if (!dir)
		return tl_err_set(err, errno, "%s: %s", proc, strerror(errno));
	while (!rc && (entry = readdir(dir)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			rc = look_into(processes, dirfd(dir), entry->d_name);
	closedir(dir);
	if (rc)
		return tl_err_set(err, -rc, "cannot read the descriptors of all processes: %s",
				  strerror(-rc));
	return tl_processes_index(processes, err);
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
	free(processes->watched);
	*processes = (struct tl_processes){ 0 };
}
