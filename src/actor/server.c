/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is a program there, and which server does it say it is? */
#include "tcplab/actor.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tcplab/buf.h"

/* A program that has not told its version by then is none that tells it. */
#define ANSWER_MS 2000

/* The packages of Debian that bring what scenarios are likely to name. */
static const struct {
	const char *program;
	const char *package;
} packages[] = {
	{ "redis-server", "redis-server" }, { "valkey-server", "valkey-server" },
	{ "redis-cli", "redis-tools" },	    { "valkey-cli", "valkey-tools" },
	{ "curl", "curl" },		    { "memcached", "memcached" },
	{ "nc", "netcat-openbsd" },	    { "netstat", "net-tools" },
	{ "nginx", "nginx-light" },	    { "python3", "python3" },
	{ "socat", "socat" },		    { "ss", "iproute2" },
	{ "haproxy", "haproxy" },	    { "postgres", "postgresql" },
	{ "psql", "postgresql-client" },
};

/* What brings a program that is not there, @where it should be. */
static void say_remedy(const char *program, const char *where, struct tl_err *err)
{
	const char *slash = strrchr(program, '/');
	const char *base = slash ? slash + 1 : program;

	for (size_t i = 0; i < sizeof(packages) / sizeof(packages[0]); i++)
		if (!strcmp(base, packages[i].program)) {
			tl_err_set(err, EOPNOTSUPP,
				   "%s is not %s; install it, on Debian with \"apt-get install %s\"",
				   program, where, packages[i].package);
			return;
		}
	tl_err_set(err, EOPNOTSUPP, "%s is not %s; install it%s", program, where,
		   slash ? "" : ", or give its path");
}

/* Can the file be run? Return: 0 or a positive errno. */
static int try_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) || access(path, X_OK))
		return errno;
	return S_ISREG(st.st_mode) ? 0 : EACCES;
}

/*
 * As execvp(3) looks for it: the first that can be run. A file that is there and is refused
 * counts for more than none; a folder that may not be searched has none.
 */
static int try_path(const char *program)
{
	const char *at = getenv("PATH");
	int code = ENOENT;

	if (!at)
		at = "/bin:/usr/bin";
	for (;;) {
		size_t len = strcspn(at, ":");
		struct tl_buf path = { 0 };
		int tried;

		tl_buf_fmt(&path, "%.*s%s%s", (int)len, at, len ? "/" : "", program);
		tried = path.failed ? ENOMEM : try_file(path.data);
		if (tried == EACCES && !stat(path.data, &(struct stat){ 0 }))
			code = EACCES;
		tl_buf_release(&path);
		if (!tried)
			return 0;
		at += len;
		if (!*at++)
			return code;
	}
}

/* One of the files that a path with "*" in it stands for. Return: 0 or a positive errno. */
static int try_pattern(const char *pattern)
{
	glob_t found = { 0 };
	int code = glob(pattern, 0, NULL, &found) ? ENOENT : 0;

	for (size_t i = 0; i < found.gl_pathc; i++) {
		code = try_file(found.gl_pathv[i]);
		if (!code)
			break;
	}
	globfree(&found);
	return code;
}

int tl_program_find(const char *program, struct tl_err *err)
{
	bool is_path = strchr(program, '/'), is_pattern = is_path && strchr(program, '*');
	int code = is_pattern ? try_pattern(program) :
		   is_path    ? try_file(program) :
				try_path(program);

	if (!code)
		return 0;
	if (code == ENOENT && (is_pattern || !is_path))
		say_remedy(program, is_path ? "there" : "in PATH", err);
	else
		tl_err_set(err, EOPNOTSUPP, "%s cannot be run (%s)", program, strerror(code));
	return -err->code;
}

bool tl_program_is_in_path(const char *program)
{
	return try_path(program) != ENOENT;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* What comes out of @fd up to its end, a full @line, or @until; a text. */
static void read_until(int fd, int64_t until, char *line, size_t size)
{
	struct pollfd poll_in = { .fd = fd, .events = POLLIN };
	size_t len = 0;

	while (len < size - 1) {
		int64_t left = until - now_ms();
		ssize_t n;

		if (left <= 0)
			break;
		if (poll(&poll_in, 1, (int)left) <= 0)
			continue;
		n = read(fd, line + len, size - 1 - len);
		if (n <= 0)
			break;
		len += n;
	}
	line[len] = '\0';
}

/* Start "@program --version", whose words go to @out. Return: 0 or a positive errno. */
static int spawn_version(const char *program, int out, pid_t *pid)
{
	char *argv[] = { (char *)program, (char *)"--version", NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int code;

	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	/* A group of its own, so that whatever it starts ends with it. */
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
	code = posix_spawnp(pid, program, &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return code;
}

/* "Redis server v=7.0.15 sha=...": a word, and the version behind "v=". */
static void read_version(const char *line, struct tl_server *server)
{
	static const char between[] = " server v=";
	const char *at = strstr(line, between);
	size_t len = strcspn(line, " \n");

	if (!at || at != line + len || len >= sizeof(server->name))
		return;
	if (!tl_version_parse(at + strlen(between), &server->version))
		return;
	memcpy(server->name, line, len);
	server->name[len] = '\0';
}

int tl_server_ask(const char *program, struct tl_server *server, struct tl_err *err)
{
	char line[128];
	int fds[2], code;
	pid_t pid;
	int ret = tl_program_find(program, err);

	*server = (struct tl_server){ .program = program };
	if (ret)
		return ret;
	if (pipe2(fds, O_CLOEXEC))
		return tl_err_set(err, errno, "pipe: %s", strerror(errno));
	code = spawn_version(program, fds[1], &pid);
	close(fds[1]);
	if (!code) {
		read_until(fds[0], now_ms() + ANSWER_MS, line, sizeof(line));
		kill(-pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		read_version(line, server);
	}
	close(fds[0]);
	/* What cannot be asked may yet be run: then its start says what is wrong. */
	return 0;
}
