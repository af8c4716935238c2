/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Somebody steps through the segments by hand and may think about one for as long as they
 * like; the outcome must be the same. So, from the first question without an answer to
 * the last, the world is made to wait:
 *
 *   the actors         are stopped, so that no heartbeat and no timeout of theirs runs on
 *                      (and are told beforehand not to mind the gap: host.patient)
 *   our own deadlines  stand still: their clock does, and nothing else has to know; so
 *                      they do while an actor is frozen by hand
 *   the kernel         cannot be stopped. Its counts and timeouts are set so high that
 *                      nothing is given up (patience below), and what it repeats
 *                      meanwhile, for want of an answer that we hold, is absorbed
 *                      (holds.c).
 *
 * What cannot be helped is TIME_WAIT: 60 s, a constant of Linux. Whoever asks says so.
 */
#include "engine_run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tcplab/grow.h"

#define SHOW_TRIES 100

struct question {
	int id;          /* of the segment, in the trace */
	bool leave_held; /* the scenario wants it held */
};

struct ask {
	uv_poll_t poll;
	struct engine *engine; /* NULL once the run has ended */
	struct question *questions;
	size_t n_questions;
	bool enough;     /* "continue": no more questions */
	bool *frozen;    /* each actor: by hand, and not thawed yet */
	size_t n_frozen;
	char line[64];
	size_t len;

	uint64_t since;  /* the clock has stood still, ns; while it does */
	uint64_t before; /* how long it has stood still before, ns */
};

/* What a scenario does not set itself. Source: ip-sysctl of the kernel's documentation. */
static const struct tl_setting patience[] = {
	{ .name = "net.ipv4.tcp_syn_retries", .value = "60" },
	{ .name = "net.ipv4.tcp_synack_retries", .value = "60" },
	{ .name = "net.ipv4.tcp_orphan_retries", .value = "60" },
	{ .name = "net.ipv4.tcp_retries2", .value = "60" },
	{ .name = "net.ipv4.tcp_fin_timeout", .value = "86400" },
};

static bool stands_still(const struct ask *ask)
{
	return ask->n_questions || ask->n_frozen;
}

bool ask_is_waiting(const struct engine *e)
{
	return e->ask && e->ask->n_questions;
}

uint64_t ask_stood_still(const struct engine *e, uint64_t now)
{
	if (!e->ask)
		return 0;
	return e->ask->before + (stands_still(e->ask) ? now - e->ask->since : 0);
}

/* To be called before one more reason to stand still, and after one has gone. */
static void clock_stops(struct ask *ask)
{
	if (!stands_still(ask))
		ask->since = uv_hrtime();
}

static void clock_goes_on(struct ask *ask)
{
	if (!stands_still(ask))
		ask->before += uv_hrtime() - ask->since;
}

static void stand_still(struct engine *e)
{
	for (size_t i = 0; i < e->plan->n_actors; i++)
		tl_actor_pause(e->actors[i]);
}

static void go_on(struct engine *e)
{
	for (size_t i = 0; i < e->plan->n_actors; i++)
		tl_actor_resume(e->actors[i]);
}

int ask_about(struct engine *e, int id, bool leave_held, struct tl_err *err)
{
	struct ask *ask = e->ask;

	if (!ask || ask->enough)
		return 0;
	if (!TL_GROW(ask->questions, ask->n_questions))
		return tl_err_set(err, ENOMEM, "no memory for a question");
	clock_stops(ask);
	ask->questions[ask->n_questions] = (struct question){ id, leave_held };
	if (!ask->n_questions++)
		stand_still(e);
	return 1;
}

/* The oldest question has its answer. */
static void answer(struct engine *e, bool drop)
{
	struct ask *ask = e->ask;
	struct question q;
	struct tl_err err;

	if (!ask->n_questions)
		return;
	q = ask->questions[0];
	memmove(ask->questions, ask->questions + 1, --ask->n_questions * sizeof(q));
	clock_goes_on(ask);
	if (!ask->n_questions)
		go_on(e);
	if ((drop || !q.leave_held) && wire_let_go(e, q.id, drop, &err)) {
		engine_fault(e, &err, -1);
		return;
	}
	steps_poke(e);
}

static void show_table(struct engine *e)
{
	struct tl_row *rows;
	struct tl_err err;
	size_t n;
	int ret = -EAGAIN;

	/* The actors stand still, so what differs from one look to the next is over soon. */
	for (int i = 0; i < SHOW_TRIES && ret == -EAGAIN; i++)
		ret = look_read(e, &rows, &n, &err);
	if (!ret)
		look_emit(e, TL_LOOK_WAITING, rows, n);
	else if (ret != -EAGAIN || ask_is_waiting(e))
		engine_fault(e, &err, -1);
	/* Else it changes all the time, as nobody stands still: the next look will be news. */
}

static void note_frozen(struct ask *ask, size_t actor, bool frozen)
{
	if (frozen == ask->frozen[actor])
		return;
	clock_stops(ask);
	ask->frozen[actor] = frozen;
	ask->n_frozen += frozen ? 1 : -1;
	clock_goes_on(ask);
}

void ask_is_thawed(struct engine *e, size_t actor)
{
	if (e->ask)
		note_frozen(e->ask, actor, false);
}

/* By hand: whoever does so looks at what happens meanwhile, and no deadline hurries them. */
static void set_frozen(struct engine *e, size_t actor, bool frozen)
{
	note_frozen(e->ask, actor, frozen);
	tl_actor_set_frozen(e->actors[actor], frozen);
	news_stopped(e, e->actors[actor], frozen);
	if (!frozen && ask_is_waiting(e))
		tl_actor_pause(e->actors[actor]);
}

static void obey(struct engine *e, const char *line)
{
	const char *space = strchr(line, ' ');
	size_t actor = space ? strtoul(space, NULL, 10) : SIZE_MAX;
	bool known = actor < e->plan->n_actors;

	if (!strcmp(line, "step")) {
		answer(e, false);
	} else if (!strcmp(line, "drop")) {
		answer(e, true);
	} else if (!strcmp(line, "continue")) {
		e->ask->enough = true;
		while (e->ask && e->ask->n_questions)
			answer(e, false);
	} else if (!strcmp(line, "table")) {
		show_table(e);
	} else if (known && !strncmp(line, "freeze ", 7)) {
		set_frozen(e, actor, true);
	} else if (known && !strncmp(line, "thaw ", 5)) {
		set_frozen(e, actor, false);
	} else if (!strcmp(line, "quit")) {
		engine_end(e, TL_END_INTERRUPTED);
	}
}

static void on_control(uv_poll_t *poll, int status, int events)
{
	struct ask *ask = poll->data;
	char *newline;
	ssize_t n;

	(void)events;
	n = status < 0 ? 0 :
			 read(ask->engine->options->control, ask->line + ask->len,
			      sizeof(ask->line) - 1 - ask->len);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		engine_end(ask->engine, TL_END_INTERRUPTED);
		return;
	}
	ask->len += n;
	ask->line[ask->len] = '\0';
	while (ask->engine && (newline = strchr(ask->line, '\n'))) {
		*newline = '\0';
		obey(ask->engine, ask->line);
		ask->len -= newline + 1 - ask->line;
		memmove(ask->line, newline + 1, ask->len + 1);
	}
}

int ask_open(struct engine *e, struct tl_err *err)
{
	const size_t n = sizeof(patience) / sizeof(*patience);
	struct ask *ask;
	int ret;

	if (e->options->control < 0)
		return 0;
	ret = tl_sandbox_sysctl(patience, n, err);
	if (ret)
		return ret;
	ask = calloc(1, sizeof(*ask));
	if (!ask)
		return tl_err_set(err, ENOMEM, "no memory for questions");
	ask->frozen = calloc(e->plan->n_actors + 1, sizeof(*ask->frozen));
	ret = ask->frozen ? uv_poll_init(&e->loop, &ask->poll, e->options->control) : UV_ENOMEM;
	if (ret) {
		free(ask->frozen);
		free(ask);
		return tl_err_set(err, -ret, "control: %s", uv_strerror(ret));
	}
	ask->engine = e;
	ask->poll.data = ask;
	e->ask = ask;
	uv_poll_start(&ask->poll, UV_READABLE, on_control);
	return 0;
}

static void on_closed(uv_handle_t *handle)
{
	struct ask *ask = handle->data;

	free(ask->questions);
	free(ask->frozen);
	free(ask);
}

void ask_close(struct engine *e)
{
	if (!e->ask)
		return;
	e->ask->engine = NULL;
	uv_close((uv_handle_t *)&e->ask->poll, on_closed);
	e->ask = NULL;
}
