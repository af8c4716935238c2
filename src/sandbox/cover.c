/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * connect(2) to a unix socket asks for no writable mount, nor does the opening of a named pipe:
 * the kernel finds who is at the other end by the inode. An overlay has inodes of its own, so
 * that through it nobody is found. It is made of a directory and an empty one, and can be read
 * only, as there is none to write to.
 *
 * An overlay shows one file system, and in a user namespace it is refused where it would show
 * what another mount hides. So a directory with mounts below it is left as it is, and each
 * directory in it is covered. What only root writes to (/usr, /etc and so on) is left as well.
 */
#include "cover.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "harden.h"
#include "tcplab/buf.h"

#define MOST 256

struct covers {
	struct tl_buf mounts; /* their paths, a zero byte behind each */
	const char *empty;
	int n;
};

static int list_mounts(struct tl_buf *out)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char *line = NULL, *path = NULL;
	size_t size = 0;

	if (!mounts)
		return -errno;
	while (getline(&line, &size, mounts) > 0) {
		if (sscanf(line, "%*s %*s %*s %*s %ms", &path) != 1)
			continue;
		harden_unescape(path);
		tl_buf_add(out, path, strlen(path) + 1);
		free(path);
	}
	free(line);
	fclose(mounts);
	return out->failed ? -ENOMEM : 0;
}

static bool has_mounts(const struct covers *covers, const char *directory)
{
	size_t len = strlen(directory);

	for (size_t at = 0; at < covers->mounts.len;) {
		const char *path = covers->mounts.data + at;

		if (!strncmp(path, directory, len) && path[len] == '/' && path[len + 1])
			return true;
		at += strlen(path) + 1;
	}
	return false;
}

/* What the mount it is on forbids stays forbidden. Where it cannot be had all stays as it was. */
static void cover(struct covers *covers, const char *path, int fd)
{
	char options[128];
	struct statvfs vfs;
	unsigned long flags = MS_RDONLY | MS_NOSUID | MS_NODEV;

	if (!fstatvfs(fd, &vfs) && vfs.f_flag & ST_NOEXEC)
		flags |= MS_NOEXEC;
	snprintf(options, sizeof(options), "lowerdir=/proc/self/fd/%d:%s", fd, covers->empty);
	if (covers->n < MOST && !mount("tcplab-copy", path, "overlay", flags, options))
		covers->n++;
}

static bool is_left(const char *path)
{
	static const char *const left[] = {
		"/bin", "/boot", "/dev", "/etc", "/gnu", "/nix", "/proc", "/sbin", "/sys", "/usr",
	};

	for (size_t i = 0; i < sizeof(left) / sizeof(*left); i++)
		if (!strcmp(path, left[i]))
			return true;
	return !strncmp(path, "/lib", 4);
}

/* @path: "" is the root. No deeper than mounts are. */
static void cover_below(struct covers *covers, const char *path)
{
	DIR *dir = opendir(*path ? path : "/");
	const struct dirent *entry;
	char below[PATH_MAX];

	while (dir && (entry = readdir(dir))) {
		int fd;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		    (size_t)snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) >=
			    sizeof(below) ||
		    is_left(below))
			continue;
		fd = openat(dirfd(dir), entry->d_name,
			    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (has_mounts(covers, below))
			cover_below(covers, below);
		else
			cover(covers, below, fd);
		close(fd);
	}
	if (dir)
		closedir(dir);
}

int cover_directories(const char *empty)
{
	struct covers covers = { .empty = empty };
	char *here = getcwd(NULL, 0);
	int ret = list_mounts(&covers.mounts);

	if (!ret)
		cover_below(&covers, "");
	/* Else what is named without a "/" would still be the host's. */
	if (!ret && here && chdir(here) && chdir("/"))
		ret = -errno;
	free(here);
	tl_buf_release(&covers.mounts);
	return ret;
}
