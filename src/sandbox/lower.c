/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Root without capabilities still owns most files of a host. So the sandbox that root makes
 * has a user namespace in which uid 0 is the user who called sudo, or nobody. The map to
 * somebody else than oneself is written by the parent; the child waits for it, and becomes
 * uid 0 inside, without any group of root's.
 *
 * There are hosts where root can make a sandbox without a user namespace only: in a chroot, in
 * a container whose /proc is masked. What is allowed is tried in a child that makes the mounts
 * of a sandbox and ends.
 */
#include "lower.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "refusal.h"

#define NOBODY 65534

/* A number of sudo's, other than root's; else nobody's. */
static unsigned id_of(const char *variable)
{
	const char *text = getenv(variable);
	char *end = NULL;
	unsigned long id = text ? strtoul(text, &end, 10) : 0;

	return text && *text && !*end && id && id < UINT32_MAX ? (unsigned)id : NOBODY;
}

static int write_map(pid_t child, const char *file, unsigned id)
{
	char path[64], map[32];
	int fd, n = snprintf(map, sizeof(map), "0 %u 1", id);
	bool whole;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)child, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	whole = write(fd, map, n) == n;
	close(fd);
	return whole ? 0 : -1;
}

int lower_map(const struct tl_sandbox *sandbox, pid_t child, int go)
{
	if (write_map(child, "uid_map", sandbox->uid) ||
	    write_map(child, "gid_map", sandbox->gid))
		return -1;
	return write(go, "", 1) == 1 ? 0 : -1;
}

int lower_become(int go)
{
	char byte;

	if (read(go, &byte, 1) != 1 || setgroups(0, NULL) || setresgid(0, 0, 0) ||
	    setresuid(0, 0, 0))
		return -1;
	/* Otherwise what /proc has of us belongs to the host's root. */
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static bool try_inside(int go)
{
	return !lower_become(go) && !access("/proc/self/exe", X_OK) &&
	       !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	       !mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

/* Does a child come as far as that? */
static bool is_allowed(const struct tl_sandbox *sandbox)
{
	int go[2], status = -1;
	long child;

	if (pipe2(go, O_CLOEXEC))
		return false;
	child = syscall(SYS_clone, CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, NULL, NULL,
			NULL, NULL);
	if (!child) {
		close(go[1]);
		_exit(!try_inside(go[0]));
	}
	if (child > 0)
		lower_map(sandbox, child, go[1]);
	close(go[0]); /* not before: a child that is gone would be a SIGPIPE */
	close(go[1]);
	while (child > 0 && waitpid(child, &status, 0) < 0)
		;
	return child > 0 && WIFEXITED(status) && !WEXITSTATUS(status);
}

bool lower_choose(struct tl_sandbox *sandbox)
{
	const uint64_t needed = UINT64_C(1) << CAP_SETUID | UINT64_C(1) << CAP_SETGID;
	struct tl_sandbox lower = *sandbox;

	if (sandbox->uid || (sandbox->capabilities & needed) != needed)
		return false;
	lower.uid = id_of("SUDO_UID");
	lower.gid = id_of("SUDO_GID");
	if (!is_allowed(&lower))
		return false;
	*sandbox = lower;
	return true;
}
