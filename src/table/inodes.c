/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sockets among a process's descriptors. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tcplab/grow.h"
#include "tcplab/table.h"

/* More than a process can have open: fs.nr_open is below. */
enum { FD_MOST = 1 << 30 };

/* The inode of a link that reads "socket:[4711]", 0 for any other and for one just gone. */
static uint32_t socket_inode(int dir, const char *name)
{
	static const char socket[] = "socket:[";
	char text[64];
	ssize_t len = readlinkat(dir, name, text, sizeof(text) - 1);

	if (len < 0)
		return 0;
	text[len] = '\0';
	if (strncmp(text, socket, sizeof(socket) - 1))
		return 0;
	return strtoul(text + sizeof(socket) - 1, NULL, 10);
}

static uint32_t inode_at(int dir, int fd)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", fd);
	return socket_inode(dir, name);
}

static bool is_open(int dir, int fd)
{
	char name[16];
	struct stat st;

	snprintf(name, sizeof(name), "%d", fd);
	return !fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW);
}

/* A new descriptor gets the lowest free number: where there are no gaps it is the highest. */
static int find_newest(int dir)
{
	int low = 0, high = 1;

	while (high < FD_MOST && is_open(dir, high)) {
		low = high;
		high *= 2;
	}
	while (high - low > 1) {
		int middle = low + (high - low) / 2;

		if (is_open(dir, middle))
			low = middle;
		else
			high = middle;
	}
	return low;
}

bool tl_table_is_newest(pid_t pid, uint32_t inode)
{
	bool found = false;
	char path[32];
	int dir, newest;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return false;
	newest = find_newest(dir);
	for (int fd = newest; !found && fd >= 0 && fd > newest - 4; fd--)
		found = inode_at(dir, fd) == inode;
	close(dir);
	return found;
}

static int add(uint32_t **inodes, size_t *n, uint32_t inode)
{
	if (!TL_GROW(*inodes, *n))
		return -ENOMEM;
	(*inodes)[(*n)++] = inode;
	return 0;
}

static int collect(DIR *dir, uint32_t **inodes, size_t *n)
{
	struct dirent *entry;
	uint32_t inode;
	int rc = 0;

	errno = 0;
	while (!rc && (entry = readdir(dir))) {
		inode = socket_inode(dirfd(dir), entry->d_name);
		if (inode)
			rc = add(inodes, n, inode);
		errno = 0;
	}
	return rc ? rc : -errno;
}

/* PF_EXITING of the kernel's include/linux/sched.h */
#define EXITING 0x4u

/*
 * Of a zombie /proc shows the directory, but without privilege it cannot be opened. Nor can
 * that of a process which exits: it has let go of its memory by then, and belongs to the
 * global root until it is a zombie. Either has, or is about to have, no descriptor. The state
 * follows the program's name, which can itself hold spaces and brackets.
 */
static bool is_ending(pid_t pid)
{
	char path[32], line[512] = "", state;
	const char *name_end;
	unsigned flags;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return errno == ENOENT || errno == ESRCH;
	name_end = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	fclose(f);
	if (!name_end)
		return true; /* gone between the two */
	return sscanf(name_end, ") %c %*d %*d %*d %*d %*d %u", &state, &flags) == 2 &&
	       (state == 'Z' || state == 'X' || flags & EXITING);
}

int tl_table_inodes(pid_t pid, uint32_t **inodes, size_t *n, struct tl_err *err)
{
	uint32_t *v = NULL;
	size_t count = 0;
	char path[32];
	int rc = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	if (dir) {
		rc = collect(dir, &v, &count);
		closedir(dir);
	} else {
		rc = -errno;
	}
	if (rc == -ENOENT || rc == -ESRCH || (rc == -EACCES && is_ending(pid)))
		rc = 0;
	if (rc) {
		free(v);
		return tl_err_set(err, -rc, "cannot read %s: %s", path, strerror(-rc));
	}
	*inodes = v;
	*n = count;
	return 0;
}
