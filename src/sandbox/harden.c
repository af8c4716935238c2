/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A scenario names programs and tells a Redis what to do, so it can do what they can. They
 * run as our own user, or as root. What they need is to read the host's files, to write their
 * own on the tmpfs, and sockets; everything else is taken away, in pid 1 and before anything
 * is started, so that there is no process that could have been forgotten:
 *
 *   mounts      all that came from the host can be read only. Nobody inside has the
 *               capability to change that, and in a user namespace made inside these flags
 *               are locked (mount_namespaces(7)).
 *   devices     a read-only mount does not keep anybody from writing to a disk through its
 *               node: so there are only those that any program needs.
 *   /proc       can be read only: core_pattern and its like are the host's. pid 1 keeps a
 *               directory of a second mount, for the sysctls that are the sandbox's.
 *   privileges  the bounding set is emptied, so that an execve() as uid 0 gains nothing, and
 *               no_new_privs is set for set-user-ID programs. pid 1 keeps its own.
 *
 * That also puts pid 1 out of reach: /proc/1/fd, ptrace(2) and the like ask for all the
 * capabilities that their target has (ptrace(2), "Ptrace access mode checking").
 */
#include "harden.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tcplab/sandbox.h"

static const char *const devices[] = {
	"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom",
};

#define N_DEVICES (sizeof(devices) / sizeof(devices[0]))

/* Its node, that was found before the host's /dev was covered, at its place again. */
static void bind_device(const char *path, int fd)
{
	char from[32];
	int made;

	if (fd < 0)
		return;
	snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	made = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (made >= 0)
		close(made);
	mount(from, path, NULL, MS_BIND, NULL);
	close(fd);
}

/* What programs do without, where it cannot be had. */
static void make_comforts(void)
{
	static const char *const links[][2] = {
		{ "/proc/self/fd", "/dev/fd" },       { "/proc/self/fd/0", "/dev/stdin" },
		{ "/proc/self/fd/1", "/dev/stdout" }, { "/proc/self/fd/2", "/dev/stderr" },
		{ "pts/ptmx", "/dev/ptmx" },
	};

	if (!mkdir("/dev/pts", 0755))
		mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
		      "newinstance,ptmxmode=0666,mode=0620");
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (symlink(links[i][0], links[i][1]))
			return;
}

int harden_devices(void)
{
	int fds[N_DEVICES];
	struct stat st;

	if (stat("/dev", &st))
		return 0;
	for (size_t i = 0; i < N_DEVICES; i++)
		fds[i] = open(devices[i], O_PATH | O_CLOEXEC);
	if (mount("tcplab-dev", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC,
		  "mode=0755,size=64k,nr_inodes=64") ||
	    mkdir("/dev/shm", 0700))
		return -errno;
	for (size_t i = 0; i < N_DEVICES; i++)
		bind_device(devices[i], fds[i]);
	make_comforts();
	return 0;
}

void harden_unescape(char *path)
{
	char *to = path;

	for (char *from = path; *from; to++) {
		unsigned code;

		if (from[0] == '\\' && sscanf(from + 1, "%3o", &code) == 1) {
			*to = code;
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* The flags that a mount has: one that is left out is taken away, which may not be allowed. */
static unsigned long flags_of(const char *path)
{
	static const struct {
		unsigned long of_vfs, of_mount;
	} flags[] = {
		{ ST_NOSUID, MS_NOSUID },     { ST_NODEV, MS_NODEV },
		{ ST_NOEXEC, MS_NOEXEC },     { ST_NOATIME, MS_NOATIME },
		{ ST_NODIRATIME, MS_NODIRATIME }, { ST_RELATIME, MS_RELATIME },
	};
	unsigned long of_mount = 0;
	struct statvfs vfs;

	if (statvfs(path, &vfs))
		return 0;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (vfs.f_flag & flags[i].of_vfs)
			of_mount |= flags[i].of_mount;
	return of_mount;
}

static int remount(const char *path)
{
	bool device = !strncmp(path, "/dev/", 5);
	unsigned long more = MS_RDONLY | MS_NOSUID | (device ? 0 : MS_NODEV);

	return mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | flags_of(path) | more, NULL) ?
		       -errno : 0;
}

/*
 * One after the other. A mount that another one covers is not found by its path: it is out of
 * sight, and what stands there instead is a line of its own.
 */
static int remount_each(void)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char *line = NULL, *path = NULL;
	size_t size = 0;
	int ret = mounts ? 0 : -errno;

	while (!ret && getline(&line, &size, mounts) > 0) {
		if (sscanf(line, "%*s %*s %*s %*s %ms", &path) != 1)
			continue;
		harden_unescape(path);
		ret = remount(path);
		if (ret == -EINVAL || ret == -ENOENT || ret == -EACCES)
			ret = 0;
		free(path);
	}
	free(line);
	if (mounts)
		fclose(mounts);
	return ret;
}

int harden_files(void)
{
	struct mount_attr all = {
		.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
	};
	struct mount_attr node = { .attr_clr = MOUNT_ATTR_NODEV };

	if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &all, sizeof(all)))
		return errno == ENOSYS || errno == EPERM ? remount_each() : -errno;
	for (size_t i = 0; i < N_DEVICES; i++)
		mount_setattr(AT_FDCWD, devices[i], 0, &node, sizeof(node));
	mount_setattr(AT_FDCWD, "/dev/pts", 0, &node, sizeof(node));
	return 0;
}

int harden_proc(const char *home)
{
	const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
	char path[128];
	int fd, code;

	if (mount("proc", home, "proc", flags, NULL))
		return -errno;
	snprintf(path, sizeof(path), "%s/sys/net", home);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	code = errno;
	umount2(home, MNT_DETACH);
	if (fd < 0)
		return -code;
	if (!mount(NULL, "/proc", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | flags, NULL))
		return fd;
	code = errno;
	close(fd);
	return -code;
}

int harden_self(struct tl_err *err)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3] = { 0 };

	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) && errno != EPERM)
			return tl_err_set(err, errno, "PR_CAPBSET_DROP: %s", strerror(errno));
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capget, &head, caps))
		return tl_err_set(err, errno, "capget: %s", strerror(errno));
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		caps[i].inheritable = 0;
	if (syscall(SYS_capset, &head, caps) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return tl_err_set(err, errno, "capset: %s", strerror(errno));
	return 0;
}

static bool is_kept(const int *fds, size_t n, int fd)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i] == fd)
			return true;
	return false;
}

/* One after the other, as /proc lists them. */
static int close_each(const int *fds, size_t n)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		int fd = atoi(entry->d_name);

		if (fd > 2 && fd != dirfd(dir) && !is_kept(fds, n, fd))
			close(fd);
	}
	closedir(dir);
	return 0;
}

/* What lies between those that are kept. */
static int close_between(const int *fds, size_t n)
{
	int from = 3;

	for (;;) {
		int next = INT_MAX;

		for (size_t i = 0; i < n; i++)
			if (fds[i] >= from && fds[i] < next)
				next = fds[i];
		if (from < next &&
		    syscall(SYS_close_range, from, next == INT_MAX ? ~0u : (unsigned)next - 1, 0))
			return -errno;
		if (next == INT_MAX)
			return 0;
		from = next + 1;
	}
}

int tl_sandbox_keep(const int *fds, size_t n, struct tl_err *err)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int ret = 0;

	for (int fd = 0; fd < 3 && null >= 0 && !ret; fd++)
		ret = is_kept(fds, n, fd) || dup2(null, fd) >= 0 ? 0 : -errno;
	if (null < 0)
		ret = -errno;
	if (!ret && close_between(fds, n))
		ret = close_each(fds, n);
	return ret ? tl_err_set(err, -ret, "leaving descriptors behind: %s", strerror(-ret)) : 0;
}
