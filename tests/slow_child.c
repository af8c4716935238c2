/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * To be preloaded, for tests/live/settled.sh: a process that was forked without an exec takes
 * 300 ms to end, so that who did not wait for it sees it.
 */
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static pid_t first;

__attribute__((constructor)) static void note(void)
{
	first = getpid();
}

void _exit(int status)
{
	if (getpid() != first)
		nanosleep(&(struct timespec){ .tv_nsec = 300000000 }, NULL);
	syscall(SYS_exit_group, status);
	__builtin_unreachable();
}
