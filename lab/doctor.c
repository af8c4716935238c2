/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcplab doctor: what this host allows, found out by trying it. */
#include "lab.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tcplab/sandbox.h"
#include "tcplab/table.h"
#include "tcplab/text.h"
#include "tcplab/wire.h"

/* What is not here; it may be the reason of several lines. */
enum lack {
	LACK_OWN, /* what this line alone asks about */
	LACK_SANDBOX,
	LACK_TABLE,
	LACK_RULES, /* segments can be stopped by no rule at all */
};

struct answer {
	const struct probe *to;
	struct tl_err err; /* .text is a remark where nothing is refused */
	enum lack lack;
};

/* One thing to find out. @need: without it no scenario can run. @inside: a sandbox */
struct probe {
	const char *what;
	bool need, inside;
	/*
	 * Return: 0 with a remark in @out, or -errno with the reason and remedy there.
	 * NULL: that there is a sandbox is enough.
	 */
	int (*find_out)(struct answer *out);
	const char *package;     /* of a program */
	enum tl_wire_rule rule;  /* of a way to hold segments, */
	const char *can;         /* and what it can */
};

/* What is tried inside a sandbox, and where the answer goes. */
struct trial {
	struct tl_sandbox sandbox;
	const struct probe *probe;
	int pipe[2];
};

__attribute__((format(printf, 2, 3)))
static void remark(struct answer *out, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(out->err.text, sizeof(out->err.text), fmt, ap);
	va_end(ap);
}

static int run_trial(void *arg)
{
	struct trial *trial = arg;
	struct answer out = { .to = trial->probe };
	int ret = tl_sandbox_enter(&trial->sandbox, &out.err);

	if (ret)
		out.lack = LACK_SANDBOX;
	else if (out.to->find_out)
		ret = out.to->find_out(&out);
	else if (trial->sandbox.lowered)
		remark(&out, "private network, processes and files, in a user namespace, as user %u",
		       trial->sandbox.uid);
	else
		remark(&out, "private network, processes and files, %s",
		       trial->sandbox.user ? "in a user namespace" : "as root");
	if (!ret)
		out.err.code = 0;
	return write(trial->pipe[1], &out, sizeof(out)) == (ssize_t)sizeof(out) ? 0 : 1;
}

/* Make a sandbox, try something in it, and bring the answer out. */
static int try_inside(struct answer *out)
{
	struct trial trial = { .probe = out->to };
	int ret;

	if (pipe2(trial.pipe, O_CLOEXEC))
		return tl_err_set(&out->err, errno, "pipe: %s", strerror(errno));
	ret = tl_sandbox_spawn(&trial.sandbox, run_trial, &trial, &out->err);
	close(trial.pipe[1]);
	if (ret) {
		out->lack = LACK_SANDBOX;
	} else {
		if (read(trial.pipe[0], out, sizeof(*out)) != (ssize_t)sizeof(*out))
			tl_err_set(&out->err, ECHILD, "the sandbox ended without a message");
		tl_sandbox_wait(&trial.sandbox);
		ret = -out->err.code;
	}
	close(trial.pipe[0]);
	return ret;
}

static int read_table(struct tl_table **table, struct tl_socks *socks, struct answer *out)
{
	int ret = tl_table_open(table, &out->err);

	if (!ret)
		ret = tl_table_dump(*table, NULL, 0, socks, &out->err);
	if (ret)
		out->lack = LACK_TABLE;
	return ret;
}

static int dump_table(struct answer *out)
{
	struct tl_socks socks = { 0 };
	struct tl_table *table = NULL;
	int ret = read_table(&table, &socks, out);

	if (!ret)
		remark(out, "NETLINK_SOCK_DIAG answers");
	tl_socks_release(&socks);
	tl_table_close(table);
	return ret;
}

/* A listener of our own is made, found, and ended. */
static int destroy_listener(struct answer *out)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct tl_socks socks = { 0 };
	struct tl_table *table = NULL;
	int ret = fd < 0 || listen(fd, 1) ?
			  tl_err_set(&out->err, errno, "cannot listen: %s", strerror(errno)) :
			  read_table(&table, &socks, out);

	if (!ret && !socks.n)
		ret = tl_err_set(&out->err, ENOENT, "the socket table does not show a listener");
	if (!ret)
		ret = tl_table_destroy(table, &socks.v[0], &out->err);
	if (!ret)
		remark(out, "SOCK_DESTROY removes sockets by force");
	tl_socks_release(&socks);
	tl_table_close(table);
	if (fd >= 0)
		close(fd);
	return ret;
}

static int probe_wire(struct answer *out)
{
	int ret = tl_wire_probe(out->to->rule, &out->err);

	if (ret && ret != -ENOENT)
		out->lack = LACK_RULES;
	if (!ret)
		remark(out, "%s can hold segments", out->to->can);
	return ret;
}

static int listen_on_ipv6(struct answer *out)
{
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return tl_err_set(&out->err, errno,
				  "IPv6 is switched off in this kernel (%s); scenarios that "
				  "use it are skipped",
				  strerror(errno));
	close(fd);
	remark(out, "::1 exists");
	return 0;
}

/* The first line of "PROGRAM ARGUMENT", run without a shell. */
static int first_line(const char *program, const char *argument, struct answer *out)
{
	char line[128] = "";
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (!pid) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, STDIN_FILENO);
		dup2(fds[1], STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execlp(program, program, argument, (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	n = pid < 0 ? -1 : read(fds[0], line, sizeof(line) - 1);
	close(fds[0]);
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) ||
	    WEXITSTATUS(status) == 127)
		return -ENOENT;
	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	remark(out, "%.100s", line);
	return 0;
}

static int find_redis(struct answer *out)
{
	int ret = first_line("redis-server", "--version", out);
	char *details = strstr(out->err.text, " sha=");

	if (!ret && details)
		*details = '\0';
	return ret ? tl_err_set(&out->err, ENOENT,
				"not installed; install it with \"apt-get install "
				"redis-server\", or run with --mock") :
		     0;
}

static int find_oracle(struct answer *out)
{
	int ret = first_line(out->to->what, "--version", out);

	return ret ? tl_err_set(&out->err, ENOENT,
				"not installed; only \"--witness\" and the tests need it "
				"(package %s)",
				out->to->package) :
		     0;
}

static const struct probe probes[] = {
	{ "sandbox", true, true, NULL },
	{ "socket table", true, true, dump_table },
	{ "destroy", false, true, destroy_listener },
	{ "redis-server", false, false, find_redis },
	{ "wire: queue", false, true, probe_wire, .rule = TL_WIRE_RULE_QUEUE,
	  .can = "nftables' \"queue\"" },
	{ "wire: target", false, true, probe_wire, .rule = TL_WIRE_RULE_TARGET,
	  .can = "xtables' NFQUEUE" },
	{ "IPv6", false, true, listen_on_ipv6 },
	{ "netstat", false, false, find_oracle, "net-tools" },
	{ "ss", false, false, find_oracle, "iproute2" },
};

enum { PROBES = sizeof(probes) / sizeof(*probes) };

/* Where a reason is that of an earlier line, that line's name stands in its place. */
static const char *told(const struct answer *answers, size_t i, char text[static 64])
{
	for (size_t j = 0; j < i && answers[i].lack != LACK_OWN; j++)
		if (answers[j].lack == answers[i].lack &&
		    answers[j].err.code == answers[i].err.code) {
			snprintf(text, 64, "for the same reason as \"%s\"", probes[j].what);
			return text;
		}
	return answers[i].err.text;
}

int lab_doctor(const struct lab_options *options)
{
	struct answer answers[PROBES] = { 0 };
	int status = LAB_OK;
	char text[64];

	for (size_t i = 0; i < PROBES; i++) {
		const struct probe *probe = &probes[i];
		struct tl_buf line = { 0 };
		int ret;

		answers[i].to = probe;
		ret = probe->inside ? try_inside(&answers[i]) : probe->find_out(&answers[i]);
		if (ret && probe->need)
			status = LAB_UNSUPPORTED;
		tl_buf_fmt(&line, "%-4s %-13s ", ret ? probe->need ? "NO" : "no" : "yes", probe->what);
		tl_text_hang(&line, told(answers, i, text), options->style.width, 19);
		lab_print(&line);
		tl_buf_release(&line);
	}
	puts("\nOne of the two ways to hold segments is enough. Without either, scenarios that\n"
	     "hold segments are skipped, and the others report only the tables.");
	if (status)
		puts("No scenario can run here without what is marked NO.");
	return status;
}
