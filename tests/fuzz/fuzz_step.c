/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What somebody types at "tcplab step", and the events they type it at: the lines of a saved
 * trace, shown one after the other with what was typed between them. lab/step.c is the real
 * one; the run it watches is this file's. For libFuzzer.
 *
 * An input is typed text and, behind a form feed, a trace; each newline in the text is typed
 * when there is a question.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../lab/suite.h"
#include "mutate.h"
#include "tcplab/scenario.h"
#include "tcplab/trace.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);

static struct tl_trace trace;
static const uint8_t *typed;
static size_t n_typed;
static int keyboard, control;

/* Standard input is a pipe that this program types into; what step prints nobody reads. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	int pipe[2], ends[2];

	(void)argc;
	(void)argv;
	if (pipe2(pipe, O_NONBLOCK) || dup2(pipe[0], STDIN_FILENO) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) || !freopen("/dev/null", "w", stdout))
		abort();
	close(pipe[0]);
	keyboard = pipe[1];
	close(ends[0]); /* nobody listens */
	control = ends[1];
	return 0;
}

void lab_complain(const char *fmt, ...)
{
	(void)fmt;
}

int lab_unread(void)
{
	return LAB_USAGE;
}

struct tl_plan *lab_load(const char *name)
{
	const struct tl_event *run = tl_trace_run(&trace);
	struct tl_buf messages = { 0 };
	struct tl_plan *plan = NULL;
	struct tl_err err;

	(void)name;
	if (run)
		tl_scenario_parse("fuzz.yaml", run->run.text, strlen(run->run.text), &plan,
				  &messages, &err);
	tl_buf_release(&messages);
	return plan;
}

/* Type up to the next newline, or to the end. */
static void type(const struct lab_watcher *watcher)
{
	const uint8_t *newline = memchr(typed, '\n', n_typed);
	size_t n = newline ? (size_t)(newline - typed) + 1 : n_typed;
	int left = 0;

	n = n < PIPE_BUF ? n : PIPE_BUF;
	if (!n || write(keyboard, typed, n) != (ssize_t)n)
		return;
	typed += n;
	n_typed -= n;
	while (!ioctl(STDIN_FILENO, FIONREAD, &left) && left)
		watcher->input(watcher->arg, control);
}

int lab_run_one(struct tl_plan *plan, const struct lab_options *options,
		const struct lab_watcher *watcher)
{
	(void)options;
	for (size_t i = 0; i < trace.n; i++) {
		watcher->event(watcher->arg, &trace.events[i], control);
		while (n_typed && watcher->wants_input(watcher->arg))
			type(watcher);
	}
	tl_plan_free(plan);
	return LAB_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, '\f', size);
	struct lab_options options = { .style.width = 80 };
	struct tl_err err;

	if (!end)
		return 0;
	typed = data;
	n_typed = end - data;
	if (!tl_trace_decode("fuzz", (const char *)end + 1, data + size - end - 1, &trace, &err))
		lab_step(&options);
	tl_trace_release(&trace);
	return 0;
}

/* Of both parts, the second as a trace. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	const uint8_t *end = memchr(data, '\f', size);
	size_t head = end ? (size_t)(end - data) + 1 : 0;
	uint8_t words[64];
	size_t n = head ? head - 1 : 0;

	if (!head || seed % 2)
		return head + fuzz_mutate_trace(data + head, size - head, max - head, seed / 2);
	n = n < sizeof(words) ? n : sizeof(words);
	memcpy(words, data, n);
	n = LLVMFuzzerMutate(words, n, sizeof(words));
	if (n + 1 + size - head > max)
		return size;
	memmove(data + n + 1, data + head, size - head);
	memcpy(data, words, n);
	data[n] = '\f';
	return n + 1 + size - head;
}
