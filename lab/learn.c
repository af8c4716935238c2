/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcplab learn: ten lessons in an order, which of them are done, and which comes next. */
#include "kept.h"

#include <stdio.h>
#include <string.h>

#include "tcplab/leads.h"
#include "tcplab/text.h"

/* A scenario, and what it is for. */
struct lesson {
	const char *scenario;
	const char *gist;
};

static const struct lesson lessons[] = {
	{ "redis/walkthrough", "What netstat shows while a Redis replica comes and goes: "
			       "LISTEN, ESTABLISHED, TIME_WAIT." },
	{ "redis/walkthrough-slow", "The same run, one segment at a time: the states in "
				    "between, which are over before netstat can look." },
	{ "rfc9293/three-way-handshake", "How a connection is opened: each end becomes "
					 "ESTABLISHED with a different segment." },
	{ "rfc9293/connection-refused", "Nobody listens: a RST, and \"connection refused\" "
					"at once. Silence looks different." },
	{ "rfc9293/four-way-close", "How a connection is closed, as in textbooks: two FINs, "
				    "two ACKs, five states." },
	{ "redis/close-in-three", "How most connections really close: one segment is both "
				  "FIN and ACK, and FIN_WAIT2 is skipped." },
	{ "redis/master-stops-first", "TIME_WAIT belongs to the end that closes first: here it is the "
	  "server." },
	{ "rfc9293/simultaneous-close", "Both ends close at once: CLOSING, which hardly anybody has "
	  "seen." },
	{ "redis/fin-lost", "A FIN is lost, its process is gone, and the kernel finishes the close." },
	{ "field/close-wait-leak", "What goes wrong in the field: a program forgets its sockets, and "
	  "CLOSE_WAIT piles up." },
};

#define N_LESSONS (sizeof(lessons) / sizeof(*lessons))

/* Where the gist of a lesson begins. */
#define GIST_COLUMN 7

/* By a run, or by hand. */
static bool is_done(const struct lesson *lesson, const char *out)
{
	char by_hand[64];
	uint64_t took_ns;

	snprintf(by_hand, sizeof(by_hand), "step/%s", lesson->scenario);
	return lab_was_run(out, lesson->scenario, &took_ns) || lab_was_run(out, by_hand, &took_ns);
}

static void list(struct tl_buf *out, const struct lab_options *options, const bool *done)
{
	int width = lab_prose_width(&options->style);
	const char *tick = options->style.ascii ? "x" : "✓";

	for (size_t i = 0; i < N_LESSONS; i++) {
		tl_buf_fmt(out, "%s %2zu   %s\n%*s", done[i] ? tick : " ", i + 1,
			   lessons[i].scenario, GIST_COLUMN, "");
		tl_text_hang(out, lessons[i].gist, width, GIST_COLUMN);
	}
}

/* As it can be typed: to see it, to do it by hand, to read about it. */
static void say_next(struct tl_buf *out, const struct lesson *lesson, size_t number)
{
	tl_buf_fmt(out, "\nNext, lesson %zu:\n  %s run %s\n  %s step %s\n  %s explain %s\n", number,
		   lab_typed(), lesson->scenario, lab_typed(), lesson->scenario, lab_typed(),
		   tl_subject(lesson->scenario));
}

int lab_lesson_of(const char *scenario)
{
	for (size_t i = 0; i < N_LESSONS; i++)
		if (!strcmp(lessons[i].scenario, scenario))
			return i + 1;
	return 0;
}

const char *lab_lesson_after(int number)
{
	return (size_t)number < N_LESSONS ? lessons[number].scenario : NULL;
}

int lab_learn(const struct lab_options *options)
{
	struct tl_buf out = { 0 }, where = { 0 };
	bool done[N_LESSONS];
	size_t n_done = 0, next = N_LESSONS;
	int status;

	for (size_t i = 0; i < N_LESSONS; i++) {
		done[i] = is_done(&lessons[i], options->out);
		n_done += done[i];
		if (!done[i] && next == N_LESSONS)
			next = i;
	}
	tl_text_line(&where, options->out);
	lab_wrap(&out, lab_prose_width(&options->style), 0,
		 "Ten lessons about the states of a connection, %zu of them done: what is done "
		 "has its trace in %s. Each takes seconds to run and a few minutes to read.",
		 n_done, tl_buf_text(&where));
	tl_buf_str(&out, "\n");
	list(&out, options, done);
	if (next < N_LESSONS)
		say_next(&out, &lessons[next], next + 1);
	else
		tl_buf_fmt(&out, "\nAll are done. \"%s list\" shows the other scenarios, "
				 "\"%s explain\" the words.\n", lab_typed(), lab_typed());
	status = lab_print(&out);
	tl_buf_release(&where);
	tl_buf_release(&out);
	return status;
}
