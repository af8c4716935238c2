/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: Redis commands whose replies are not one for one. */
#ifndef TCPLAB_REDIS_WORDS_H
#define TCPLAB_REDIS_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * tl_redis_subscribes - is the command one of the SUBSCRIBE family, which gets a reply for
 * each of its channels, and leaves a connection that messages are pushed to?
 *
 * Source: https://redis.io/docs/latest/develop/interact/pubsub/
 */
bool tl_redis_subscribes(const char *word);

/*
 * tl_redis_hangs_up - has the server done what it was told when it ends the connection?
 * @argv: the command's words, @argc of them, 1 at least
 */
bool tl_redis_hangs_up(char *const *argv, size_t argc);

/*
 * tl_redis_refusal - why a step cannot say a command
 * @argv: its words, @argc of them, 1 at least
 *
 * Return: a sentence without a full stop (static); NULL where it can.
 */
const char *tl_redis_refusal(char *const *argv, size_t argc);

#endif
