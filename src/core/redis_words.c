/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Redis commands whose replies are not one for one. */
#include "tcplab/redis_words.h"

#include <string.h>
#include <strings.h>

/* X(word) */
#define SUBSCRIBES(X)                                                                        \
	X("SUBSCRIBE")                                                                       \
	X("PSUBSCRIBE")                                                                      \
	X("SSUBSCRIBE")                                                                      \
	X("UNSUBSCRIBE")                                                                     \
	X("PUNSUBSCRIBE")                                                                    \
	X("SUNSUBSCRIBE")

#define BY_A_REPLICA " is what a replica sends: an actor with \"replicaof\" is one"

/* A command, the word behind it where only that makes it so, and why not. */
static const struct {
	const char *word, *second, *why;
} refused[] = {
	{ "MONITOR", NULL, "MONITOR does not end: it answers with every command that comes" },
	{ "SYNC", NULL, "SYNC" BY_A_REPLICA },
	{ "PSYNC", NULL, "PSYNC" BY_A_REPLICA },
	{ "REPLCONF", NULL, "REPLCONF" BY_A_REPLICA },
	{ "CLIENT", "REPLY", "CLIENT REPLY switches off the replies that tell when a step is "
			     "done" },
	{ "HELLO", "3", "HELLO 3 asks for RESP3, and tcplab speaks RESP2" },
};

bool tl_redis_subscribes(const char *word)
{
#define X(name) if (!strcasecmp(word, name)) return true;
	SUBSCRIBES(X)
#undef X
	return false;
}

bool tl_redis_hangs_up(char *const *argv, size_t argc)
{
	return !strcasecmp(argv[0], "QUIT") || !strcasecmp(argv[0], "SHUTDOWN") ||
	       !strcasecmp(argv[0], "DEBUG") ||
	       (argc > 1 && !strcasecmp(argv[0], "CLIENT") && !strcasecmp(argv[1], "KILL"));
}

const char *tl_redis_refusal(char *const *argv, size_t argc)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (!strcasecmp(argv[0], refused[i].word) &&
		    (!refused[i].second ||
		     (argc > 1 && !strcasecmp(argv[1], refused[i].second))))
			return refused[i].why;
	if (tl_redis_subscribes(argv[0]) && argc == 1)
		return "the channels are missing here: each of them gets a reply";
	return NULL;
}
