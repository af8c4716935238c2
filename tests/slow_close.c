/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * To be preloaded: a program gets to close its connection only $LATE milliseconds after it wanted
 * to, as on a machine that has no processor for it. For tests/live/walkthrough.sh.
 */
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static bool is_connection(int fd)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer), size = sizeof(int);
	int protocol;

	return !getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) &&
	       protocol == IPPROTO_TCP && !getpeername(fd, (struct sockaddr *)&peer, &len);
}

int close(int fd)
{
	const char *late = getenv("LATE");
	long ms = late && is_connection(fd) ? atol(late) : 0;
	struct timespec wait = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&wait, NULL);
	return (int)syscall(SYS_close, fd);
}
