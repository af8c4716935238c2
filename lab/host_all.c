/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --all: the same command in every network namespace that a process of this host is in. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reader_host.h"
#include "tcplab/grow.h"

/*
 * A network namespace, held so that it stays, and the first process that was found in it; one that
 * has a program if there is one, for a reader knows no thread of the kernel.
 */
struct space {
	ino_t inode;
	int fd;
	pid_t pid;
	bool has_program;
};

struct spaces {
	struct space *v;
	size_t n;
	size_t refused; /* processes that do not let us see theirs */
};

static struct space *known(const struct spaces *spaces, ino_t inode)
{
	for (size_t i = 0; i < spaces->n; i++)
		if (spaces->v[i].inode == inode)
			return &spaces->v[i];
	return NULL;
}

/* Whose link is there and cannot be read has one as well: it is another user's. */
static bool has_program(int proc, pid_t pid)
{
	char path[32], one;

	snprintf(path, sizeof(path), "%d/exe", pid);
	return readlinkat(proc, path, &one, 1) >= 0 || errno != ENOENT;
}

/* @path: of the namespace of a process, which may be gone by now, below @proc */
static int add(struct spaces *spaces, int proc, const char *path, struct tl_err *err)
{
	struct space *space;
	struct stat st;
	pid_t pid = strtol(path, NULL, 10);
	int fd = -1;

	if (!fstatat(proc, path, &st, 0)) {
		space = known(spaces, st.st_ino);
		if (space && !space->has_program && has_program(proc, pid)) {
			space->pid = pid;
			space->has_program = true;
		}
		if (space)
			return 0;
		fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0) {
		spaces->refused += errno == EACCES || errno == EPERM;
		return errno == EMFILE || errno == ENFILE ?
			       tl_err_set(err, errno, "so many network namespaces: %s",
					  strerror(errno)) : 0;
	}
	if (!TL_GROW(spaces->v, spaces->n)) {
		close(fd);
		return tl_err_set(err, ENOMEM, "no memory for the network namespaces");
	}
	spaces->v[spaces->n++] = (struct space){ st.st_ino, fd, pid, has_program(proc, pid) };
	return 0;
}

/* A host of a thousand containers: as many descriptors as this process may have. */
static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* /proc has the processes in the order of their numbers. */
static int find(struct spaces *spaces, struct tl_err *err)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	char path[NAME_MAX + 8];
	int rc = 0;

	if (!dir)
		return tl_err_set(err, errno, "/proc: %s", strerror(errno));
	raise_limit();
	while (!rc && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "%s/ns/net", entry->d_name);
		rc = add(spaces, dirfd(dir), path, err);
	}
	closedir(dir);
	return rc;
}

static void release(struct spaces *spaces)
{
	for (size_t i = 0; i < spaces->n; i++)
		close(spaces->v[i].fd);
	free(spaces->v);
}

enum { NOT_ENTERED = 126 }; /* a status that no command ends with */

static void say_whose(const struct lab_options *options, bool first,
		      int (*run)(const struct lab_options *options))
{
	if (options->json)
		return;
	if (!first)
		puts("");
	/* The head of snap says it; JSON has it as well. */
	if (run != lab_snap || options->rows || options->listen)
		printf("Network of process %d\n", options->pid);
	fflush(stdout); /* tables do not wait in there */
}

/* A process of its own: a namespace is entered for good. Return: its status, or NOT_ENTERED. */
static int run_in(const struct lab_options *asked, const struct space *space, bool first,
		  int (*run)(const struct lab_options *options))
{
	struct lab_options own = *asked;
	int status;
	pid_t child;

	own.all = false;
	own.entered = true;
	own.pid = space->pid;
	fflush(stdout);
	child = fork();
	if (child < 0)
		return lab_fail("the network of process %d is not looked at: %s", space->pid,
				strerror(errno));
	if (!child) {
		if (lab_network_enter(space->fd))
			_exit(NOT_ENTERED);
		say_whose(&own, first, run);
		status = run(&own);
		_exit(lab_flush() ? LAB_ERROR : status);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE)
		raise(SIGPIPE); /* nobody reads of the others either */
	return WIFEXITED(status) ? WEXITSTATUS(status) : LAB_ERROR;
}

int lab_host_all(const struct lab_options *options, bool saved,
		 int (*run)(const struct lab_options *options))
{
	struct spaces spaces = { 0 };
	struct tl_err err;
	int worst = LAB_OK, status;
	bool first = true;

	if (options->pid || saved)
		return lab_refuse("--all looks at every network namespace: neither --pid nor - "
				  "goes with it");
	if (find(&spaces, &err)) {
		release(&spaces);
		return lab_fail("%s", err.text);
	}
	for (size_t i = 0; i < spaces.n; i++) {
		status = run_in(options, &spaces.v[i], first, run);
		if (status == NOT_ENTERED) {
			spaces.refused++;
			continue;
		}
		first = false;
		worst = status > worst ? status : worst;
	}
	if (!spaces.n && !spaces.refused)
		worst = lab_fail("/proc shows no process: is it mounted?");
	else if (!spaces.refused && geteuid())
		lab_complain("the network namespaces of processes that this user may not see "
			     "are left out: run it as root");
	if (spaces.refused)
		lab_complain("the network namespace of %zu process%s cannot be seen%s",
			     spaces.refused, spaces.refused == 1 ? "" : "es",
			     geteuid() ? ": run it as root" : " from here, even as root");
	release(&spaces);
	return worst;
}
