/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc tells about a process beside its descriptors: limit, parent, epoll sets. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "tcplab/bisect.h"
#include "tcplab/grow.h"
#include "tcplab/processes.h"

enum { FDINFO_MOST = 1 << 22 };

static FILE *open_of(const char *proc, pid_t pid, const char *what)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%d/%s", proc, pid, what);

	return n > 0 && (size_t)n < sizeof(path) ? fopen(path, "re") : NULL;
}

/* "Max open files            1024                 524288               files" */
static void read_limit(FILE *file, struct tl_process *process)
{
	static const char head[] = "Max open files";
	char line[256];

	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, head, sizeof(head) - 1))
			process->limit = strtoul(line + sizeof(head) - 1, NULL, 10);
}

/* The name, in brackets, can hold brackets and blanks itself: what follows its last one. */
static void read_stat(FILE *file, struct tl_process *process)
{
	char line[512], state = ' ';
	int parent = 0;
	const char *end = fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;

	if (!end || sscanf(end, ") %c %d", &state, &parent) != 2)
		return;
	process->stopped = state == 'T' || state == 't';
	process->parent = parent;
}

static void ask(const char *proc, struct tl_process *process, const char *what,
		void (*read)(FILE *file, struct tl_process *process))
{
	FILE *file = open_of(proc, process->pid, what);

	if (!file)
		return;
	read(file, process);
	fclose(file);
}

void tl_process_more(const char *proc, struct tl_process *process)
{
	if (process->asked)
		return;
	process->asked = true;
	ask(proc, process, "limits", read_limit);
	ask(proc, process, "stat", read_stat);
}

/* "tfd:        7 events:       19 data: ffffffff00000007  pos:0 ino:1b2f sdev:8" */
static int read_set(FILE *file, struct tl_processes *processes, uint32_t process)
{
	char line[256];

	for (size_t n = 0; n < FDINFO_MOST && fgets(line, sizeof(line), file); n++) {
		const char *inode = strncmp(line, "tfd:", 4) ? NULL : strstr(line, " ino:");
		unsigned events;

		if (!inode || sscanf(line, "tfd: %*d events: %x", &events) != 1)
			continue;
		if (!TL_GROW(processes->watched, processes->n_watched))
			return -ENOMEM;
		processes->watched[processes->n_watched++] =
			(struct tl_watch){ strtoul(inode + 5, NULL, 16), process,
					   events & (EPOLLIN | EPOLLRDNORM | EPOLLRDHUP) };
	}
	return 0;
}

static int by_inode(const void *a, const void *b)
{
	const struct tl_watch *x = a, *y = b;

	return x->inode != y->inode ? (x->inode > y->inode) - (x->inode < y->inode) :
				      (x->process > y->process) - (x->process < y->process);
}

int tl_processes_watch(const char *proc, struct tl_processes *processes, struct tl_err *err)
{
	char info[64];
	int rc = 0;

	for (size_t i = 0; !rc && i < processes->n_sets; i++) {
		const struct tl_poll_set *set = &processes->sets[i];
		struct tl_process *process = &processes->v[set->process];
		FILE *file;

		snprintf(info, sizeof(info), "task/%d/fdinfo/%d", set->thread, set->fd);
		file = open_of(proc, process->pid, info);
		if (!file)
			continue;
		process->polls = true;
		rc = read_set(file, processes, set->process);
		fclose(file);
	}
	if (rc)
		return tl_err_set(err, -rc, "no memory for the epoll sets of this host");
	if (processes->n_watched)
		qsort(processes->watched, processes->n_watched, sizeof(*processes->watched),
		      by_inode);
	return 0;
}

bool tl_processes_watches(const struct tl_processes *processes, uint32_t inode, uint32_t process,
			  bool *input)
{
	const struct tl_watch wanted = { inode, process, false }, *all = processes->watched;
	size_t at = TL_BISECT(i, 0, processes->n_watched, by_inode(&all[i], &wanted) < 0), i;

	*input = false;
	for (i = at; i < processes->n_watched && !by_inode(&all[i], &wanted); i++)
		*input |= all[i].input;
	return i > at;
}

const struct tl_process *tl_processes_watcher(const struct tl_processes *processes, uint32_t inode,
					      uint32_t process)
{
	size_t at = TL_BISECT(i, 0, processes->n_watched, processes->watched[i].inode < inode);

	for (size_t i = at; i < processes->n_watched && processes->watched[i].inode == inode; i++)
		if (processes->watched[i].process != process)
			return &processes->v[processes->watched[i].process];
	return NULL;
}
