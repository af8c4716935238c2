/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Not all that a program can do to its host goes through a file's bytes or a network:
 *
 *   unix sockets  connect(2) asks for no writable mount. The user's service manager, a
 *                 container engine, a terminal multiplexer and the like listen on some and run
 *                 what they are told. Those with a path of this network namespace are listed
 *                 before the sandbox has its own, which has none.
 *   keys          a session keyring is handed down by fork(2), and whoever has it reads it.
 *   namespaces    a user namespace inside gives capabilities over whatever else is made in it,
 *                 mounts and networks, and thereby all the code of the kernel's behind them.
 *
 * Shared memory, semaphores and queues have a namespace (refusal_namespaces()).
 */
#include "sever.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harden.h"
#include "tcplab/buf.h"

#define ACCEPTS 0x10000 /* __SO_ACCEPTCON: it listens */

static bool is_socket(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISSOCK(st.st_mode);
}

/* A line of /proc/net/unix: the path of one that somebody could talk to, else NULL. */
static const char *path_of_socket(char *line)
{
	unsigned flags, type;
	int at = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%*s %*s %*s %x %x %*s %*s %n", &flags, &type, &at) != 2 || !at ||
	    line[at] != '/' || (type != SOCK_DGRAM && !(flags & ACCEPTS)))
		return NULL;
	return line + at;
}

/* A line of mountinfo: the path of a mount. */
static const char *path_of_mount(char *line)
{
	int from = 0, to = 0;

	sscanf(line, "%*s %*s %*s %*s %n%*s%n", &from, &to);
	if (!to)
		return NULL;
	line[to] = '\0';
	harden_unescape(line + from);
	return line + from;
}

static int list_each(const char *file, const char *(*path_of)(char *line), struct tl_buf *out)
{
	FILE *lines = fopen(file, "re");
	char *line = NULL;
	size_t size = 0;

	if (!lines)
		return errno == ENOENT || errno == EACCES ? 0 : -errno;
	while (getline(&line, &size, lines) > 0) {
		const char *path = path_of(line);

		if (path && is_socket(path))
			tl_buf_add(out, path, strlen(path) + 1);
	}
	free(line);
	fclose(lines);
	return 0;
}

int sever_list(char **list, struct tl_err *err)
{
	struct tl_buf out = { 0 };
	int ret = list_each("/proc/net/unix", path_of_socket, &out);

	if (!ret)
		ret = list_each("/proc/self/mountinfo", path_of_mount, &out);
	tl_buf_add(&out, "", 1);
	if (!ret && out.failed)
		ret = -ENOMEM;
	if (!ret) {
		*list = out.data;
		return 0;
	}
	tl_buf_release(&out);
	return tl_err_set(err, -ret, "the unix sockets of this host: %s", strerror(-ret));
}

int sever_sockets(const char *list)
{
	for (const char *path = list; path && *path; path += strlen(path) + 1)
		if (is_socket(path) && mount("/dev/null", path, NULL, MS_BIND, NULL) &&
		    errno != ENOENT && errno != EACCES && errno != ENOTDIR)
			return -errno;
	return 0;
}

void sever_namespaces(bool user)
{
	static const char *const kinds[] = { "net", "mnt", "pid", "ipc", "uts", "cgroup", "time" };

	for (size_t i = 0; user && i < sizeof(kinds) / sizeof(*kinds); i++) {
		char path[64];
		int fd;

		snprintf(path, sizeof(path), "/proc/sys/user/max_%s_namespaces", kinds[i]);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (write(fd, "0", 1) != 1) {
			/* an older kernel's, which has no such limit to set */
		}
		close(fd);
	}
}

int sever_keys(struct tl_err *err)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0 || errno == ENOSYS ||
	    errno == EPERM || errno == EACCES)
		return 0;
	return tl_err_set(err, errno, "a keyring of the sandbox's own: %s", strerror(errno));
}
