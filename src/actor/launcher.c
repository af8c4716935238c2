/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A program of the scenario's may fork, and fork again, and end before its children do, as
 * daemons are made. So that all of them stay one actor it is started by a launcher, which is
 * the nearest subreaper: whoever loses its parent becomes a child of the launcher. Every
 * process below the launcher is the actor's; the launcher itself, which has no socket and
 * does nothing but wait, is not. It ends when nobody is left below it, and then as the
 * program itself has ended: with its status, or by its signal.
 *
 * No program can look into it, or into a peer, and speak in its place (PR_SET_DUMPABLE).
 *
 * It says one line: "pid N", or "errno N" where the program could not be executed; and goes
 * on when it has been heard, so that no end is told before its beginning.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tcplab/actor.h"

static void say(int line, const char *word, int number)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%s %d\n", word, number);

	/* Nobody who listens: then the sandbox is ending, and we with it. */
	if (write(line, text, n) != n || read(line, text, 1) != 1)
		_exit(1);
}

/* In the child: become the program. What is written to @failed is why not. */
static void become(char **argv, int failed)
{
	int why;

	setsid();
	execvp(argv[0], argv);
	why = errno;
	if (write(failed, &why, sizeof(why)) != sizeof(why))
		_exit(126);
	_exit(127);
}

/* Wait until nobody is left. Return: how @program ended, as of wait(2). */
static int reap(pid_t program)
{
	int status, ended = 0;
	pid_t pid;

	while ((pid = wait(&status)) > 0 || errno == EINTR)
		if (pid == program)
			ended = status;
	return ended;
}

/* End as @status tells about another. */
static int end_as(int status)
{
	const struct rlimit no_core = { 0 };

	if (WIFSIGNALED(status)) {
		setrlimit(RLIMIT_CORE, &no_core);
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
	}
	return WEXITSTATUS(status);
}

int tl_launcher_main(int line, char **argv)
{
	int failed[2], why;
	pid_t pid;

	if (!argv[0] || fcntl(line, F_SETFD, FD_CLOEXEC) || pipe2(failed, O_CLOEXEC)) {
		fprintf(stderr, "a launcher is started by tcplab itself, not by hand\n");
		return 2;
	}
	if (prctl(PR_SET_DUMPABLE, 0) || prctl(PR_SET_CHILD_SUBREAPER, 1) || (pid = fork()) < 0) {
		say(line, "errno", errno);
		return 1;
	}
	if (pid == 0)
		become(argv, failed[1]);
	close(failed[1]);
	if (read(failed[0], &why, sizeof(why)) == sizeof(why))
		say(line, "errno", why);
	else
		say(line, "pid", pid);
	close(failed[0]);
	close(line);
	return end_as(reap(pid));
}
