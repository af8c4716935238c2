/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection to a redis-server's unix socket: hiredis on the uv loop. */
#ifndef TCPLAB_ACTOR_REDIS_CLIENT_H
#define TCPLAB_ACTOR_REDIS_CLIENT_H

#include <stdbool.h>
#include <uv.h>

#include "tcplab/err.h"

struct redis_client;

struct redis_answer {
	bool ok;          /* not an error reply, and not lost */
	bool lost;        /* the connection ended first */
	const char *text; /* as redis-cli prints it; borrowed for the call */
};

typedef void redis_answered(void *arg, const struct redis_answer *answer);

/*
 * redis_client_open - connect to @path
 *
 * Return: 0; -EAGAIN while the server is not there yet; other -errno.
 */
int redis_client_open(struct redis_client **client, uv_loop_t *loop, const char *path,
		      struct tl_err *err);

/* redis_client_close - takes NULL. No answer is delivered any more. */
void redis_client_close(struct redis_client *client);

/* redis_client_lost - the server has ended the connection */
bool redis_client_lost(const struct redis_client *client);

/*
 * redis_client_send - send a command; @answered is called once, later, unless the client
 * is closed before. A connection already lost answers too (lost), as soon as it is known.
 */
void redis_client_send(struct redis_client *client, char *const *argv, size_t argc,
		       redis_answered *answered, void *arg);

#endif
