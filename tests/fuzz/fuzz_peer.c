/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a peer process says on its line, before and behind a call: its answers are split, read
 * and told, and the call ends exactly once, or not at all as long as no line is whole. For
 * libFuzzer.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../src/actor/line.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uv_loop_t loop;
static int finished;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return uv_loop_init(&loop);
}

static void on_done(void *arg, const struct tl_err *err, const char *reply)
{
	(void)arg;
	(void)reply;
	if (err && !*err->text)
		abort();
	finished++;
}

static void run(struct tl_actor *actor, const uint8_t *data, size_t size, int fds[2])
{
	static const struct tl_call call = { .on = (char *)"a", .wait = true };
	struct tl_err err;

	actor->running = true;
	line_open(actor);
	line_ask(actor, "hello");
	if (tl_actor_call(actor, TL_VERB_RECEIVE, &call, on_done, &err))
		abort();
	while (size) {
		ssize_t n = send(fds[1], data, size, MSG_NOSIGNAL | MSG_DONTWAIT);

		uv_run(&loop, UV_RUN_NOWAIT);
		if (n < 0)
			break;
		data += n;
		size -= n;
	}
	shutdown(fds[1], SHUT_RDWR);
	for (int i = 0; i < 3; i++)
		uv_run(&loop, UV_RUN_NOWAIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tl_actor_spec spec = { .name = (char *)"a", .kind = TL_ACTOR_KIND_PEER };
	struct tl_plan plan = { .actors = &spec, .n_actors = 1 };
	struct tl_actor_host host = { .loop = &loop, .home = "/tmp", .plan = &plan };
	struct tl_actor actor = { .host = &host, .spec = &spec, .kind = &actor_peer };
	const char *argv[ACTOR_ARGV];
	struct tl_err err;
	int fds[2];

	finished = 0;
	uv_timer_init(&loop, &actor.timer);
	actor.timer.data = &actor;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) ||
	    line_prepare(&actor, argv, &err) || uv_pipe_open((uv_pipe_t *)actor.line, fds[0]))
		abort();
	run(&actor, data, size, fds);
	if (finished > 1)
		abort();
	line_hang_up(&actor);
	uv_close((uv_handle_t *)&actor.timer, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	free(actor.program);
	close(fds[1]);
	return 0;
}
