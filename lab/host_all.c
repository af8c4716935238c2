/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --all: the same command in every network namespace that a process of this host is in. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reader_host.h"
#include "tcplab/grow.h"

/* A network namespace, and the lowest process in it. */
struct space {
	ino_t inode;
	pid_t pid;
};

struct spaces {
	struct space *v;
	size_t n;
	size_t refused; /* processes that do not let us see theirs */
};

static int add(struct spaces *spaces, ino_t inode, pid_t pid)
{
	for (size_t i = 0; i < spaces->n; i++)
		if (spaces->v[i].inode == inode) {
			if (pid < spaces->v[i].pid)
				spaces->v[i].pid = pid;
			return 0;
		}
	if (!TL_GROW(spaces->v, spaces->n))
		return -ENOMEM;
	spaces->v[spaces->n++] = (struct space){ inode, pid };
	return 0;
}

/* A process without memory of its own is of the kernel, and in the first namespace. */
static int find(struct spaces *spaces, struct tl_err *err)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	char path[NAME_MAX + 8];
	struct stat st;
	int rc = 0;

	if (!dir)
		return tl_err_set(err, errno, "/proc: %s", strerror(errno));
	while (!rc && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "%s/ns/net", entry->d_name);
		if (!fstatat(dirfd(dir), path, &st, 0))
			rc = add(spaces, st.st_ino, strtol(entry->d_name, NULL, 10));
		else
			spaces->refused += errno == EACCES || errno == EPERM;
	}
	closedir(dir);
	return rc ? tl_err_set(err, ENOMEM, "no memory for the network namespaces") : 0;
}

static int by_pid(const void *a, const void *b)
{
	const struct space *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* @code: why not; ENOENT: the process has ended, and with it perhaps the namespace. */
static bool enter(pid_t pid, int *code)
{
	char path[64];
	int fd;
	bool ok;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ok = fd >= 0 && !setns(fd, CLONE_NEWNET);
	*code = errno;
	if (fd >= 0)
		close(fd);
	return ok;
}

/* A process of its own: a namespace is entered for good. */
static int run_in(const struct lab_options *asked, pid_t pid,
		  int (*run)(const struct lab_options *options))
{
	struct lab_options own = *asked;
	int status;
	pid_t child;

	own.all = false;
	own.pid = pid;
	fflush(stdout);
	child = fork();
	if (child < 0)
		return LAB_ERROR;
	if (!child) {
		own.entered = enter(pid, &status);
		if (!own.entered && status == ENOENT)
			_exit(LAB_OK);
		status = run(&own);
		_exit(lab_flush() ? LAB_ERROR : status);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : LAB_ERROR;
}

int lab_host_all(const struct lab_options *options,
		 int (*run)(const struct lab_options *options))
{
	struct spaces spaces = { 0 };
	struct tl_err err;
	int worst = LAB_OK, status;

	if (find(&spaces, &err)) {
		lab_complain("%s", err.text);
		free(spaces.v);
		return LAB_ERROR;
	}
	if (spaces.n)
		qsort(spaces.v, spaces.n, sizeof(*spaces.v), by_pid);
	for (size_t i = 0; i < spaces.n; i++) {
		if (i && !options->json) {
			puts("");
			fflush(stdout);
		}
		status = run_in(options, spaces.v[i].pid, run);
		worst = status > worst ? status : worst;
	}
	if (spaces.refused)
		lab_complain("the network namespace of %zu process%s cannot be seen%s", spaces.refused,
			     spaces.refused == 1 ? "" : "es",
			     geteuid() ? ": run it as root" : " from here, even as root");
	free(spaces.v);
	return worst;
}
