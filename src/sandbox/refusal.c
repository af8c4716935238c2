/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A host has many ways to forbid namespaces, and most of them answer EPERM. So the causes
 * are looked for one after the other, each where it can be proven: a sysctl is read; a
 * seccomp filter is found by calls that the kernel itself refuses with another error
 * before it asks for any permission; a mask over /proc is a line of mountinfo. The first
 * that is found is named. Where none is, the sentence has the call and its errno.
 *
 * Two things together make the remedy: what the cause needs undone, and who we are. In a
 * container it is what its engine must be told; root is never told to become root.
 */
#include "refusal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tcplab/buf.h"

struct refusal {
	const struct tl_sandbox *sandbox;
	enum attempt attempt;
	int code;
	/* What a cause says: */
	struct tl_buf why;
	const char *undo;    /* a setting for sysctl(8) that allows it */
	const char *instead; /* what helps where neither sudo nor a setting does */
};

static bool has(uint64_t capabilities, int one)
{
	return capabilities & (UINT64_C(1) << one);
}

uint64_t refusal_capabilities(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &head, caps))
		return 0;
	return caps[0].effective | (uint64_t)caps[1].effective << 32;
}

bool refusal_privileged(uint64_t capabilities)
{
	return has(capabilities, CAP_SYS_ADMIN) && has(capabilities, CAP_NET_ADMIN);
}

unsigned long refusal_namespaces(const struct tl_sandbox *sandbox)
{
	return REFUSAL_NAMESPACES | (access("/proc/self/ns/ipc", F_OK) ? 0 : CLONE_NEWIPC) |
	       (sandbox->user ? CLONE_NEWUSER : 0);
}

static bool is_root(const struct refusal *r)
{
	return !r->sandbox->uid;
}

/* The first line of a file of the kernel's, "" where there is none. */
static const char *read_line(const char *path, char *line, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, line, size - 1);

	if (fd >= 0)
		close(fd);
	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return line;
}

static bool reads(const char *path, const char *value)
{
	char line[32];

	return !strcmp(read_line(path, line, sizeof(line)), value);
}

/* The AppArmor profile that confines us, "" for none. */
static const char *profile(char *line, size_t size)
{
	read_line("/proc/self/attr/apparmor/current", line, size);
	line[strcspn(line, " ")] = '\0'; /* its mode follows in parentheses */
	return strcmp(line, "unconfined") ? line : "";
}

/*
 * Seccomp filters. New namespaces together with CLONE_FS are an error in itself, which
 * the kernel finds before it asks whether we may; so is a mount on no path.
 */
static bool filtered_clone(const struct refusal *r)
{
	unsigned long flags = refusal_namespaces(r->sandbox) | CLONE_FS | SIGCHLD;
	long child = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);

	if (!child)
		_exit(0); /* no kernel gets here */
	return child < 0 && errno != EINVAL;
}

static bool filtered_mount(void)
{
	return mount(NULL, "", NULL, 0, NULL) && errno != ENOENT;
}

/* A mount point, as /proc/PID/mountinfo tells it (proc(5)). */
struct mount_point {
	char path[128];
	bool read_only;
};

static bool find_mount(bool (*is)(const char *path), struct mount_point *point)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char *line = NULL, options[32];
	bool found = false;
	size_t size = 0;

	while (file && !found && getline(&line, &size, file) > 0)
		if (sscanf(line, "%*s %*s %*s %*s %127s %31s", point->path, options) == 2) {
			found = is(point->path);
			point->read_only = !strncmp(options, "ro", 2);
		}
	free(line);
	if (file)
		fclose(file);
	return found;
}

/* A part of /proc is covered; binfmt_misc's directory is there for nothing but its mount. */
static bool is_mask(const char *path)
{
	return !strncmp(path, "/proc/", 6) && strcmp(path, "/proc/sys/fs/binfmt_misc");
}

static bool is_the_root(const char *path)
{
	return !strcmp(path, "/");
}

/* Does the user namespace around us know who we are? */
static bool mapped(const char *path, unsigned id)
{
	FILE *file = fopen(path, "re");
	unsigned inside, count;
	bool found = !file; /* not to be told */

	while (file && !found && fscanf(file, "%u %*u %u", &inside, &count) == 2)
		found = id >= inside && id - inside < count;
	if (file)
		fclose(file);
	return found;
}

/* The causes. Each says what it found in @r, or returns false. */

static bool no_namespaces(struct refusal *r)
{
	static const struct {
		const char *file, *name, *option;
	} kinds[] = {
		{ "/proc/self/ns/user", "user", "USER_NS" },
		{ "/proc/self/ns/net", "network", "NET_NS" },
		{ "/proc/self/ns/pid", "PID", "PID_NS" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (r->attempt == ATTEMPT_CLONE && access(kinds[i].file, F_OK) &&
		    (i || r->sandbox->user)) {
			tl_buf_fmt(&r->why, "this kernel has no %s namespaces (CONFIG_%s)",
				   kinds[i].name, kinds[i].option);
			r->instead = "use a kernel that has them";
			return true;
		}
	return false;
}

static bool limit(struct refusal *r)
{
	static const struct {
		const char *file, *name, *undo;
	} limits[] = {
		{ "/proc/sys/user/max_user_namespaces", "user.max_user_namespaces",
		  "user.max_user_namespaces=1000" },
		{ "/proc/sys/user/max_net_namespaces", "user.max_net_namespaces",
		  "user.max_net_namespaces=1000" },
		{ "/proc/sys/user/max_pid_namespaces", "user.max_pid_namespaces",
		  "user.max_pid_namespaces=1000" },
		{ "/proc/sys/user/max_mnt_namespaces", "user.max_mnt_namespaces",
		  "user.max_mnt_namespaces=1000" },
		{ "/proc/sys/user/max_ipc_namespaces", "user.max_ipc_namespaces",
		  "user.max_ipc_namespaces=1000" },
	};

	if (r->attempt != ATTEMPT_CLONE || (r->code != ENOSPC && r->code != EUSERS))
		return false;
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++)
		if ((i || r->sandbox->user) && reads(limits[i].file, "0")) {
			tl_buf_fmt(&r->why, "%s is 0 here", limits[i].name);
			r->undo = limits[i].undo;
			return true;
		}
	tl_buf_str(&r->why, "a limit on namespaces is reached, here or in a user namespace "
			    "around this one");
	r->instead = "raise user.max_user_namespaces, user.max_net_namespaces and similar "
		     "settings with sysctl, and nest at most 32 user namespaces";
	return true;
}

static bool no_map(struct refusal *r)
{
	if (r->attempt != ATTEMPT_CLONE || !r->sandbox->user ||
	    (mapped("/proc/self/uid_map", r->sandbox->uid) &&
	     mapped("/proc/self/gid_map", r->sandbox->gid)))
		return false;
	tl_buf_str(&r->why, "the surrounding user namespace does not map our user or group, "
			    "and Linux lets an unmapped user make no other in it");
	r->instead = "give it a map, as unshare --map-root-user does";
	return true;
}

static bool userns_clone(struct refusal *r)
{
	if (!r->sandbox->user || !reads("/proc/sys/kernel/unprivileged_userns_clone", "0"))
		return false;
	tl_buf_str(&r->why, "this host keeps ordinary users from making user namespaces: "
			    "kernel.unprivileged_userns_clone is 0");
	r->undo = "kernel.unprivileged_userns_clone=1";
	return true;
}

static bool apparmor_userns(struct refusal *r)
{
	if (!r->sandbox->user ||
	    !reads("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"))
		return false;
	tl_buf_str(&r->why, "this host's AppArmor keeps ordinary users from using user "
			    "namespaces: kernel.apparmor_restrict_unprivileged_userns is 1");
	r->undo = "kernel.apparmor_restrict_unprivileged_userns=0";
	return true;
}

static bool seccomp(struct refusal *r)
{
	bool clone = r->attempt == ATTEMPT_CLONE;

	if (clone ? !filtered_clone(r) : !filtered_mount())
		return false;
	tl_buf_fmt(&r->why, "a seccomp filter denies %s here",
		   clone ? "clone() of namespaces" : "mount()");
	r->instead = "run tcplab outside of what set that filter (in systemd units "
		     "RestrictNamespaces= and SystemCallFilter= do)";
	return true;
}

static bool chrooted(struct refusal *r)
{
	struct mount_point point;

	if (r->attempt != ATTEMPT_CLONE || !r->sandbox->user || r->code != EPERM ||
	    access("/proc/self/mountinfo", R_OK) || find_mount(is_the_root, &point))
		return false;
	tl_buf_str(&r->why, "this is a chroot, and Linux makes no user namespace in one");
	r->instead = "run tcplab as root with all capabilities, or enter the folder as "
		     "systemd-nspawn does";
	return true;
}

static bool no_setfcap(struct refusal *r)
{
	if (r->attempt != ATTEMPT_MAP || !is_root(r) ||
	    has(r->sandbox->capabilities, CAP_SETFCAP))
		return false;
	tl_buf_str(&r->why, "root lacks CAP_SETFCAP here, and without it Linux lets root map "
			    "itself into no user namespace");
	return true;
}

/* A user namespace alone is made: then it is the capabilities in it that are denied. */
static bool makes_user_namespace(void)
{
	long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);
	pid_t ended = -1;

	if (!child)
		_exit(0);
	while (child > 0 && (ended = waitpid(child, NULL, 0)) < 0 && errno == EINTR)
		;
	return child > 0 && ended == child;
}

static bool apparmor_profile(struct refusal *r)
{
	bool clone = r->attempt == ATTEMPT_CLONE && r->sandbox->user;
	const char *what = clone ? "user namespaces" : "mount()";
	char line[128];

	if ((!clone && r->attempt != ATTEMPT_MOUNT && r->attempt != ATTEMPT_PROC) ||
	    !*profile(line, sizeof(line)))
		return false;
	if (clone && r->code == EPERM && makes_user_namespace())
		what = "capabilities in a user namespace";
	else if (r->code != EACCES)
		return false;
	tl_buf_fmt(&r->why, "AppArmor's profile \"%s\" denies %s here", line, what);
	r->instead = "run tcplab outside of that profile";
	return true;
}

static bool mask(struct refusal *r)
{
	struct mount_point point;

	if (r->attempt != ATTEMPT_PROC || !r->sandbox->user || !find_mount(is_mask, &point))
		return false;
	tl_buf_fmt(&r->why,
		   "%s is %s here, and Linux mounts a new /proc in a user namespace only "
		   "where the present one is whole",
		   point.path, point.read_only ? "mounted read-only" : "covered");
	return true;
}

static bool (*const causes[])(struct refusal *r) = {
	no_namespaces, limit,	 no_map,     userns_clone,   apparmor_userns,
	seccomp,       chrooted, no_setfcap, apparmor_profile, mask,
};

/* What the engine must be told if this is a container: only what it lacks. */
static void flags(const struct refusal *r, struct tl_buf *out)
{
	struct mount_point point;
	char line[128];

	if (is_root(r) && !has(r->sandbox->capabilities, CAP_SYS_ADMIN))
		tl_buf_str(out, " --cap-add SYS_ADMIN");
	if (is_root(r) && !has(r->sandbox->capabilities, CAP_NET_ADMIN))
		tl_buf_str(out, " --cap-add NET_ADMIN");
	if (!is_root(r) && filtered_clone(r))
		tl_buf_str(out, " --security-opt seccomp=unconfined");
	if (*profile(line, sizeof(line)))
		tl_buf_str(out, " --security-opt apparmor=unconfined");
	if (!is_root(r) && find_mount(is_mask, &point))
		tl_buf_str(out, " --security-opt systempaths=unconfined (podman: unmask=ALL)");
}

static void remedy(const struct refusal *r, struct tl_buf *out)
{
	bool lacks = is_root(r) && !refusal_privileged(r->sandbox->capabilities);
	struct tl_buf engine = { 0 };

	if (r->instead)
		tl_buf_str(out, r->instead);
	else if (lacks)
		tl_buf_str(out, "give root CAP_SYS_ADMIN and CAP_NET_ADMIN");
	else if (!is_root(r))
		tl_buf_str(out, "run tcplab with sudo");
	else if (!r->undo)
		tl_buf_str(out, "run tcplab where root may make one");
	if (r->undo)
		tl_buf_fmt(out, "%sallow it with: %ssysctl %s",
			   is_root(r) && !lacks ? "" : ", or ", is_root(r) ? "" : "sudo ",
			   r->undo);
	flags(r, &engine);
	if (engine.len)
		tl_buf_fmt(out, "; a container is started with%s", tl_buf_text(&engine));
	tl_buf_release(&engine);
}

int refusal_explain(const struct tl_sandbox *sandbox, enum attempt attempt, int code,
		    const char *what, struct tl_err *err)
{
	struct refusal r = { .sandbox = sandbox, .attempt = attempt, .code = code };
	struct tl_buf text = { 0 };
	bool found = false;
	int rc;

	if (code == EAGAIN || code == ENOMEM || code == EMFILE || code == ENFILE)
		return tl_err_set(err, code, "this host has run out of something (%s: %s)", what,
				  strerror(code));
	for (size_t i = 0; i < sizeof(causes) / sizeof(*causes) && !found; i++)
		found = causes[i](&r);
	if (!found)
		tl_buf_fmt(&r.why, "this host does not let %s make a private network",
			   is_root(&r) ? "root" : "ordinary users");
	tl_buf_fmt(&text, "%s (%s: %s); ", tl_buf_text(&r.why), what, strerror(code));
	remedy(&r, &text);
	rc = tl_err_set(err, EOPNOTSUPP, "%s", tl_buf_text(&text));
	tl_buf_release(&text);
	tl_buf_release(&r.why);
	return rc;
}
