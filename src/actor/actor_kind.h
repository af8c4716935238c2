/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kinds of actor share among themselves; not for other rooms. */
#ifndef TCPLAB_ACTOR_ACTOR_H
#define TCPLAB_ACTOR_ACTOR_H

#include "tcplab/actor.h"

/* What an actor is doing for its caller. */
enum actor_task {
	ACTOR_IDLE,
	ACTOR_LAUNCHING,
	ACTOR_STARTING,
	ACTOR_ENDING,
	ACTOR_FREEZING,
	ACTOR_THAWING,
	ACTOR_COMMANDING,
	ACTOR_CALLING,
	ACTOR_OUTLASTING,
	ACTOR_HEARING,
};

/* What one kind of actor does its own way. All pointers get the actor itself. */
struct actor_kind {
	const char *program; /* what runs, where it does not tell itself */
	/*
	 * Its process is a launcher, which is none of the actor's; those below it are. It says
	 * when the program runs, by actor_launched().
	 */
	bool below;
	/* Write what the program needs, fill @argv (room for ACTOR_ARGV, NULL-terminated). */
	int (*prepare)(struct tl_actor *actor, const char **argv, struct tl_err *err);
	/* NULL, or: where it runs, with which environment and input. */
	int (*furnish)(struct tl_actor *actor, uv_process_options_t *options,
		       struct tl_err *err);
	/* The process runs: tell it, where it has to be told, what it is to do. */
	void (*launched)(struct tl_actor *actor);
	/* Find out when it is ready, then actor_finish(), later. */
	void (*await_ready)(struct tl_actor *actor);
	/* NULL, or: it has ended while it was being started. Was it ready, for all that? */
	bool (*was_ready)(struct tl_actor *actor);
	/* NULL, or: does its output hold what somebody is waiting for? */
	bool (*has_said)(const struct tl_actor *actor, const char *text);
	/* Ask it to end by itself; its exit finishes the task. */
	int (*ask_to_end)(struct tl_actor *actor, struct tl_err *err);
	/* NULL: SIGTERM and SIGKILL go to its process. Else as ask_to_end. */
	int (*signal)(struct tl_actor *actor, int signal, struct tl_err *err);
	/* NULL: it knows no Redis commands. */
	int (*command)(struct tl_actor *actor, char *const *argv, size_t argc,
		       struct tl_err *err);
	/* NULL: it makes no calls. */
	int (*call)(struct tl_actor *actor, enum tl_verb verb, const struct tl_call *call,
		    struct tl_err *err);
	/* The process is gone, or about to be killed: let go of the line to it. */
	void (*hang_up)(struct tl_actor *actor);
};

#define ACTOR_ARGV (TL_PROGRAM_WORDS_MAX + 3)
#define ACTOR_PATH 128

extern const struct actor_kind actor_redis;
extern const struct actor_kind actor_mock;
extern const struct actor_kind actor_peer;
extern const struct actor_kind actor_program;

struct redis_client;
struct peer_line;

struct tl_actor {
	const struct tl_actor_host *host;
	const struct tl_actor_spec *spec;
	const struct actor_kind *kind;
	int index;
	char dir[ACTOR_PATH];
	char conf[ACTOR_PATH]; /* redis: the settings' file, an argument of the program */
	char *program;

	uv_process_t process;
	bool running;
	bool frozen;          /* on purpose, not just paused */
	bool spawned;         /* the process handle is open */
	bool respawning;      /* it is being closed, to be used again */

	enum actor_task task;
	tl_actor_done *done;
	uv_timer_t timer;     /* the next try of what is being awaited */
	void (*retry)(struct tl_actor *actor);

	struct redis_client *redis;
	struct redis_client *subscriber; /* where SUBSCRIBE and its kin are said */
	bool may_hang_up;     /* COMMANDING: the end of the connection is an answer, too */
	int losses;           /* connections that ended while it was to become ready */
	unsigned pushes;      /* replies that came to the subscriber unasked */
	struct peer_line *line;
	int expect;           /* CALLING: the errno that is to come, 0: success */
	int expect_signal;    /* OUTLASTING: the signal it must end by; 0: @expect counts */
	const char *awaited;  /* HEARING: the text; borrowed */
	struct tl_told told;  /* tl_actor_told() */

	pid_t main_pid;       /* program: of its own process, below the launcher; 0: not yet */
	bool asked_rest;      /* program: what its own process left behind has been asked to end */
	unsigned pause_ms;    /* program: until the next look */
	uint64_t grace_until; /* program, ENDING: then it is killed; on the loop's clock, ms */
	off_t told_output;    /* how much of its output has been told */
	bool explains;        /* others: its next output tells its last lines */
	char *cwd;            /* program: for the launcher; owned, as is @env */
	char **env;

	bool ended;           /* it has run, and ended: */
	int status, signal;   /* so; -1 and the signal, or the status and 0 */

	bool closing;
	int handles;          /* still open, when closing */
	void (*closed)(void *arg);
	void *closed_arg;
};

/* Finish the task under way: call back, with @err or, for NULL, with success. */
void actor_finish(struct tl_actor *actor, const struct tl_err *err, const char *reply);

/*
 * Take a task on, for actor_finish() to end.
 * @running: whether the process has to run, or must not
 */
int actor_begin(struct tl_actor *actor, enum actor_task task, bool running, tl_actor_done *done,
		struct tl_err *err);

/* Give up a task that did not get under way. Return: ret. */
int actor_abandon(struct tl_actor *actor, int ret);

/* Of an actor that is closing, once its process is gone: the rest, and then it is closed. */
void actor_close_handles(struct tl_actor *actor);

/* The program runs: what a launcher has said. */
void actor_launched(struct tl_actor *actor);

/* Call retry(actor) from the loop in @ms milliseconds. */
void actor_retry(struct tl_actor *actor, void (*retry)(struct tl_actor *actor), unsigned ms);

/* The path of one of the actor's own files. @out: ACTOR_PATH bytes. */
const char *actor_path(const struct tl_actor *actor, const char *file, char *out);

#endif
