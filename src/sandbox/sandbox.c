/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * One clone() makes the child and its namespaces together, so the child is pid 1 inside
 * and there is no process between it and us. Everything the lab starts is a descendant
 * of that pid 1: when it ends, by whatever means, the kernel kills the rest, and with the
 * last process the network, its sockets, the mounts and the tmpfs are gone.
 *
 * That leaves the case that we end and pid 1 does not. PR_SET_PDEATHSIG covers it, but
 * for us ending before the child has said so; getppid() cannot tell, as a parent outside
 * the pid namespace is always 0. So the child holds the read end of a pipe whose write
 * end only we have, and looks once, after prctl(), whether it has hung up.
 *
 * PR_SET_PDEATHSIG is forgotten when credentials change: it is set after that (lower.c).
 *
 * A user namespace is made where we lack what root has (refusal.c), and for root, so that what
 * runs inside is nobody to the host (lower.c). Inside we are uid 0 either way, so the programs
 * run the same for everybody.
 */
#include "tcplab/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"
#include "cover.h"
#include "harden.h"
#include "lower.h"
#include "refusal.h"
#include "sever.h"

/* In the child: be killed when the parent is, and not outlive one that is gone already. */
static void die_with_parent(int alive)
{
	struct pollfd pipe = { .fd = alive };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || poll(&pipe, 1, 0) < 0 || pipe.revents)
		_exit(1);
	close(alive);
}

/* In the child: all that comes before the caller's part. */
static void begin_child(const struct tl_sandbox *sandbox, int alive)
{
	if (sandbox->lowered && lower_become(alive))
		_exit(1);
	die_with_parent(alive);
}

int tl_sandbox_spawn(struct tl_sandbox *sandbox, int (*inside)(void *arg), void *arg,
		     struct tl_err *err)
{
	int alive[2], ret = 0;
	long child;

	*sandbox = (struct tl_sandbox){
		.unsafe = sandbox->unsafe, .capabilities = refusal_capabilities(),
		.uid = geteuid(), .gid = getegid()
	};
	sandbox->lowered = !(sandbox->unsafe & 1u << TL_UNSAFE_ROOT) && lower_choose(sandbox);
	sandbox->user = sandbox->lowered || !refusal_privileged(sandbox->capabilities);
	if (!(sandbox->unsafe & 1u << TL_UNSAFE_FILES) && sever_list(&sandbox->sockets, err))
		return -err->code;
	if (pipe2(alive, O_CLOEXEC)) {
		ret = tl_err_set(err, errno, "pipe: %s", strerror(errno));
		free(sandbox->sockets);
		return ret;
	}
	child = syscall(SYS_clone, refusal_namespaces(sandbox) | SIGCHLD, NULL, NULL, NULL, NULL);
	if (!child) {
		close(alive[1]);
		begin_child(sandbox, alive[0]);
		_exit(inside(arg));
	}
	if (child < 0)
		ret = errno;
	free(sandbox->sockets);
	sandbox->sockets = NULL;
	if (child < 0) {
		close(alive[0]);
		close(alive[1]);
		return refusal_explain(sandbox, ATTEMPT_CLONE, ret, "clone", err);
	}
	sandbox->pid = child;
	sandbox->alive = alive[1];
	if (sandbox->lowered && lower_map(sandbox, child, alive[1]))
		ret = tl_err_set(err, errno, "the user map of the sandbox: %s", strerror(errno));
	close(alive[0]);
	if (!ret)
		return 0;
	kill(child, SIGKILL);
	tl_sandbox_wait(sandbox);
	return ret;
}

int tl_sandbox_wait(struct tl_sandbox *sandbox)
{
	int status = 0;

	while (waitpid(sandbox->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(sandbox->alive);
	*sandbox = (struct tl_sandbox){ 0 };
	return status;
}

/* /proc/sys/net as it can be written still, once /proc itself cannot. */
static int sysctls = AT_FDCWD;

static int write_file(int dir, const char *path, const char *text)
{
	int fd = openat(dir, path, O_WRONLY | O_CLOEXEC);
	ssize_t n;
	int code;

	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	code = errno;
	close(fd);
	return n == (ssize_t)strlen(text) ? 0 : -code;
}

/* In a user namespace without a map we are nobody (65534); become root inside. */
static int map_user(const struct tl_sandbox *sandbox, struct tl_err *err)
{
	char map[64];
	int ret;

	snprintf(map, sizeof(map), "0 %u 1", sandbox->uid);
	ret = write_file(AT_FDCWD, "/proc/self/uid_map", map);
	if (ret)
		return refusal_explain(sandbox, ATTEMPT_MAP, -ret, "uid_map", err);
	ret = write_file(AT_FDCWD, "/proc/self/setgroups", "deny");
	if (!ret) {
		snprintf(map, sizeof(map), "0 %u 1", sandbox->gid);
		ret = write_file(AT_FDCWD, "/proc/self/gid_map", map);
	}
	return ret ? refusal_explain(sandbox, ATTEMPT_MAP, -ret, "gid_map", err) : 0;
}

/* From now on what is mounted below @path stays in our namespace. Only for mount points. */
static int make_private(const char *path)
{
	return mount(NULL, path, NULL, MS_REC | MS_PRIVATE, NULL) ? -errno : 0;
}

/*
 * Where the tmpfs goes: an existing directory that no program lives below and whose path
 * leaves room for a unix socket's name. What was there is out of sight, inside only.
 * @chrooted: the root could not be made private, so the directory itself has to be
 */
static const char *find_home(bool chrooted)
{
	static const char *const homes[] = { "/dev/shm", "/mnt", "/tmp" };
	struct stat st;

	for (size_t i = 0; i < sizeof(homes) / sizeof(*homes); i++)
		if (!stat(homes[i], &st) && S_ISDIR(st.st_mode) &&
		    (!chrooted || !make_private(homes[i])))
			return homes[i];
	return NULL;
}

/* What is ours alone: /proc of the new process ids, and a place for files, of a bounded size. */
static int mount_own(const struct tl_sandbox *sandbox, bool chrooted, struct tl_err *err)
{
	bool open = chrooted || sandbox->unsafe & 1u << TL_UNSAFE_FILES;
	int ret;

	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
		return refusal_explain(sandbox, ATTEMPT_PROC, errno, "mount /proc", err);
	sever_namespaces(sandbox->user);
	ret = open ? 0 : cover_directories("/dev/shm");
	if (!ret && !open)
		ret = sever_sockets(sandbox->sockets);
	if (!ret && !open)
		ret = harden_files();
	if (ret)
		return refusal_explain(sandbox, ATTEMPT_MOUNT, -ret, "mount_setattr /", err);
	sysctls = harden_proc(sandbox->home);
	if (sysctls < 0)
		return refusal_explain(sandbox, ATTEMPT_PROC, -sysctls, "mount /proc again", err);
	if (mount("tcplab", sandbox->home, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "mode=0700,size=256m,nr_inodes=64k"))
		return refusal_explain(sandbox, ATTEMPT_MOUNT, errno, "mount tmpfs", err);
	return 0;
}

static int mount_private(struct tl_sandbox *sandbox, struct tl_err *err)
{
	int ret = make_private("/");
	bool chrooted = ret == -EINVAL; /* the root of a chroot is not a mount point */

	if (ret && !chrooted)
		return refusal_explain(sandbox, ATTEMPT_MOUNT, -ret, "mount /", err);
	ret = chrooted ? make_private("/proc") : 0;
	if (ret)
		return refusal_explain(sandbox, ATTEMPT_MOUNT, -ret, "mount /proc in a chroot",
				       err);
	ret = chrooted ? 0 : harden_devices();
	if (ret)
		return refusal_explain(sandbox, ATTEMPT_MOUNT, -ret, "mount /dev", err);
	sandbox->home = find_home(chrooted);
	if (!sandbox->home)
		return tl_err_set(err, EOPNOTSUPP,
				  "there is no place for the lab's files here; mount a tmpfs on "
				  "/dev/shm");
	return mount_own(sandbox, chrooted, err);
}

static int loopback_up(const struct tl_sandbox *sandbox, struct tl_err *err)
{
	struct ifreq lo = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int ret = 0;

	if (fd < 0)
		return refusal_explain(sandbox, ATTEMPT_NET, errno, "socket", err);
	lo.ifr_flags = IFF_UP | IFF_RUNNING;
	if (ioctl(fd, SIOCSIFFLAGS, &lo))
		ret = refusal_explain(sandbox, ATTEMPT_NET, errno, "bring the loopback up", err);
	close(fd);
	return ret;
}

/* Who has no capability is to listen on any port all the same: the network is his alone. */
static int open_low_ports(struct tl_err *err)
{
	int ret = write_file(sysctls, "ipv4/ip_unprivileged_port_start", "0");

	return ret ? tl_err_set(err, -ret, "ip_unprivileged_port_start: %s", strerror(-ret)) : 0;
}

int tl_sandbox_enter(struct tl_sandbox *sandbox, struct tl_err *err)
{
	int ret = 0;

	if (sandbox->user && !sandbox->lowered)
		ret = map_user(sandbox, err);
	if (!ret)
		ret = mount_private(sandbox, err);
	if (!ret)
		ret = loopback_up(sandbox, err);
	if (!ret)
		ret = open_low_ports(err);
	if (!ret)
		ret = sever_keys(err);
	free(sandbox->sockets);
	sandbox->sockets = NULL;
	if (!ret)
		ret = harden_self(err);
	return ret || sandbox->unsafe & 1u << TL_UNSAFE_FILES ? ret : calls_forbid(err);
}

int tl_sandbox_sysctl(const struct tl_setting *settings, size_t n, struct tl_err *err)
{
	for (size_t i = 0; i < n; i++) {
		char path[256];
		int ret;

		snprintf(path, sizeof(path), "%s", settings[i].name + strlen("net."));
		for (char *c = path; *c; c++)
			if (*c == '.')
				*c = '/';
		ret = write_file(sysctls, path, settings[i].value);
		if (ret)
			return tl_err_set(err, -ret, "sysctl %s = %s: %s", settings[i].name,
					  settings[i].value,
					  ret == -ENOENT ? "this kernel has no such setting "
							   "in a network namespace" :
							   strerror(-ret));
	}
	return 0;
}
