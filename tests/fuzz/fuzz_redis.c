/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a Redis says: the first byte tells what is asked, the rest is what a server answers
 * before it hangs up. Each request must be answered once, as long as the client is there; a
 * subscriber may close it in the middle. For libFuzzer.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../src/actor/redis_client.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uv_loop_t loop;
static int listener;
static char path[32];
static struct redis_client *client;
static int answers, pushes, close_at;

/* A socket that only we can find: its file is gone again. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int file;

	(void)argc;
	(void)argv;
	snprintf(at.sun_path, sizeof(at.sun_path), "/tmp/tcplab-fuzz-%d", (int)getpid());
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listener, (struct sockaddr *)&at, sizeof(at)) || listen(listener, 1))
		abort();
	file = open(at.sun_path, O_PATH | O_CLOEXEC);
	unlink(at.sun_path);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	return uv_loop_init(&loop);
}

static void let_go(void)
{
	redis_client_close(client);
	client = NULL;
}

static void on_answer(void *arg, const struct redis_answer *answer)
{
	(void)arg;
	if (!client || answer->ok + answer->lost + answer->broken > 1 || !answer->text)
		abort();
	answers++;
}

static void on_push(void *arg, const char *text)
{
	(void)arg;
	if (!client || !text)
		abort();
	if (++pushes == close_at)
		let_go();
}

/* Ask as the bits of @how say. Return: how many requests are under way. */
static int ask(int how)
{
	char *ping[] = { "PING" }, *subscribe[] = { "SUBSCRIBE", "a", "b" };
	int asked = 0;

	for (int i = 0; i < (how & 3); i++)
		asked += !redis_client_send(client, ping, 1, 1, on_answer, NULL);
	if (how & 4)
		asked += !redis_client_send(client, subscribe, 3, 2, on_answer, NULL);
	return asked;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int how = size ? *data : 0, asked, server;
	struct tl_err err;

	if (!size)
		return 0;
	answers = pushes = 0;
	close_at = how >> 4;
	if (redis_client_open(&client, &loop, path, how & 8 ? on_push : NULL, NULL, &err))
		abort();
	server = accept(listener, NULL, NULL);
	asked = ask(how);
	for (data++, size--; size;) {
		ssize_t n = send(server, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);

		uv_run(&loop, UV_RUN_NOWAIT);
		if (n < 0 && !client)
			break;
		data += n > 0 ? n : 0;
		size -= n > 0 ? n : 0;
	}
	shutdown(server, SHUT_WR);
	while (client && !redis_client_lost(client))
		uv_run(&loop, UV_RUN_ONCE);
	if (client && answers != asked)
		abort();
	let_go();
	uv_run(&loop, UV_RUN_DEFAULT);
	close(server);
	return 0;
}
