/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mock twin of a Redis actor: a peer process told to open and close as Redis does. */
#include "line.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void mock_launched(struct tl_actor *actor)
{
	const struct tl_actor_spec *spec = actor->spec;
	char address[TL_ENDPOINT_TEXT], text[256];

	line_open(actor);
	for (const char *at = spec->bind; *at; at += strspn(at, " ")) {
		int n = strcspn(at, " ");

		snprintf(text, sizeof(text), "serve %.*s %u", n, at, spec->port);
		line_ask(actor, text);
		at += n;
	}
	if (spec->replicaof >= 0) {
		struct tl_endpoint master = tl_plan_reach(actor->host->plan, spec->replicaof);

		snprintf(text, sizeof(text), "replicate %s %u",
			 tl_endpoint_addr_text(&master, address), master.port);
		line_ask(actor, text);
	}
}

static int mock_command(struct tl_actor *actor, char *const *argv, size_t argc,
			struct tl_err *err)
{
	(void)argv;
	(void)argc;
	return tl_err_set(err, EOPNOTSUPP,
			  "%s is a mock peer and knows no Redis commands; run without --mock",
			  actor->spec->name);
}

const struct actor_kind actor_mock = {
	.program = "mock peer",
	.prepare = line_prepare,
	.launched = mock_launched,
	.await_ready = line_await_ready,
	.ask_to_end = line_ask_to_end,
	.command = mock_command,
	.hang_up = line_hang_up,
};
