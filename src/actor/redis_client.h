/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection to a redis-server's unix socket: hiredis's reader on a uv pipe. */
#ifndef TCPLAB_ACTOR_REDIS_CLIENT_H
#define TCPLAB_ACTOR_REDIS_CLIENT_H

#include <stdbool.h>
#include <uv.h>

#include "tcplab/err.h"

struct redis_client;

struct redis_answer {
	bool ok;          /* not an error reply, not lost, not broken */
	bool lost;        /* the connection ended first */
	bool broken;      /* what came is not an answer, or too much: @text says what */
	const char *text; /* as redis-cli prints it; borrowed for the call */
};

typedef void redis_answered(void *arg, const struct redis_answer *answer);

/* Something that nobody asked for just now, as to a subscriber; @text borrowed for the call. */
typedef void redis_pushed(void *arg, const char *text);

/*
 * redis_client_open - connect to @path
 * @pushed: called with @arg for what is pushed; NULL where nothing should be
 *
 * Return: 0; -EAGAIN while the server is not there yet; other -errno.
 */
int redis_client_open(struct redis_client **client, uv_loop_t *loop, const char *path,
		      redis_pushed *pushed, void *arg, struct tl_err *err);

/* redis_client_close - takes NULL. No answer is delivered any more. */
void redis_client_close(struct redis_client *client);

/* redis_client_lost - the connection has ended, or what came over it made no sense */
bool redis_client_lost(const struct redis_client *client);

/* redis_client_trouble - what made no sense (borrowed); NULL: the connection just ended, or not */
const char *redis_client_trouble(const struct redis_client *client);

/*
 * redis_client_send - send a command; @answered is called once, later, unless the client
 * is closed before
 * @replies: how many the command gets, as SUBSCRIBE does one for each channel; the texts of
 *           all make the answer, a line between them
 *
 * Return: 0; -EPIPE where the connection has ended; -ENOMEM.
 */
int redis_client_send(struct redis_client *client, char *const *argv, size_t argc,
		      int replies, redis_answered *answered, void *arg);

#endif
