/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 1, actor: the processes of a scenario, started, awaited, commanded and ended. */
#ifndef TCPLAB_ACTOR_H
#define TCPLAB_ACTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "tcplab/buf.h"
#include "tcplab/err.h"
#include "tcplab/plan.h"
#include "tcplab/version.h"

/* One process of a scenario, or the place where it will be. Owns uv handles. */
struct tl_actor;

/*
 * The end of what was asked of an actor.
 * @err: NULL when it is done; else why not (borrowed for the call)
 * @reply: of tl_actor_command(): what Redis answered, as redis-cli shows it; of
 *         tl_actor_call(): what the call answered; else NULL
 */
typedef void tl_actor_done(void *arg, const struct tl_err *err, const char *reply);

/* A server's program, and what it says it is. */
struct tl_server {
	const char *program;       /* a name to look for in PATH, or a path; borrowed */
	char name[32];             /* "Redis", "Valkey"; "" where it does not say */
	struct tl_version version; /* of @name */
};

/*
 * tl_program_find - is there such a program, in PATH or by its path, that can be run?
 * @program: a "*" in a path stands for any letters of one folder's name, as in a shell
 *
 * Return: 0; EOPNOTSUPP where not, with the remedy for this program in the sentence.
 */
int tl_program_find(const char *program, struct tl_err *err);

/* tl_program_is_in_path - does a folder of PATH that can be searched have a file of this name? */
bool tl_program_is_in_path(const char *program);

/*
 * tl_server_ask - ask a program for its version: "PROGRAM --version"
 * @program: borrowed by @server, too
 * @server: filled, whatever is returned
 *
 * Waits for the answer, some milliseconds with Redis. A program that gives none in two
 * seconds, or another than a server's, has no name: it may be a server all the same.
 *
 * Return: 0; EOPNOTSUPP where the program is not there.
 */
int tl_server_ask(const char *program, struct tl_server *server, struct tl_err *err);

/* What all actors of a run share. Borrowed; must outlive them. */
struct tl_actor_host {
	uv_loop_t *loop;
	const char *home;            /* directory of its own for each actor's files */
	const struct tl_plan *plan;
	bool mock;                   /* mock peers stand in for redis-server */
	const struct tl_server *servers; /* of plan->actors by index; for those of Redis */
	bool patient;                /* no timeouts of the actors' own: somebody takes their time */
	/* A process started or ended, asked or not; read it with tl_actor_pid() and so on. */
	void (*started)(void *arg, struct tl_actor *actor);
	void (*exited)(void *arg, struct tl_actor *actor, int status, int signal);
	/* A message came to a Redis's subscriber; @text borrowed for the call. */
	void (*pushed)(void *arg, struct tl_actor *actor, const char *text);
	/* Does anybody listen where this actor can be reached? The table says. */
	bool (*listens)(void *arg, const struct tl_actor *actor);
	/* Is the process of a Redis, plan->actors[@index], all there is of it, without a child? */
	bool (*alone)(void *arg, int index);
	void *arg;                   /* for these five and for every tl_actor_done */
};

/* How an actor is asked to end. */
enum tl_actor_end {
	TL_ACTOR_END_STOP,      /* Redis: SHUTDOWN NOSAVE; mock: close all and exit */
	TL_ACTOR_END_TERMINATE, /* SIGTERM */
	TL_ACTOR_END_KILL,      /* SIGKILL */
};

/*
 * tl_actor_new - the actor plan->actors[@index], not started
 *
 * Return: an actor for tl_actor_close(), or NULL with @err.
 */
struct tl_actor *tl_actor_new(const struct tl_actor_host *host, int index, struct tl_err *err);

/*
 * tl_actor_close - kill the process if there is one, wait for it, free everything
 * @closed: called once, from the loop, when nothing is left; nothing else is called any more
 */
void tl_actor_close(struct tl_actor *actor, void (*closed)(void *arg), void *arg);

/*
 * One thing is asked of an actor at a time. Each of these returns 0 and calls @done
 * exactly once, later, from the loop; or returns -errno and never calls. None has a
 * deadline of its own: that is the caller's, who then closes the actor.
 */

/*
 * tl_actor_start - start the process; done when it answers, and when, with replicaof, its
 * link to the master is up and the master's child, which sent the data, has ended
 *
 * Return, and what @done gets: EOPNOTSUPP where the program is not installed, EALREADY
 * where it runs, ECHILD where it ended instead.
 */
int tl_actor_start(struct tl_actor *actor, tl_actor_done *done, struct tl_err *err);

/*
 * tl_actor_launch - the first half of tl_actor_start(): done when the process runs
 * tl_actor_ready - the second half; ESRCH: it does not run
 */
int tl_actor_launch(struct tl_actor *actor, tl_actor_done *done, struct tl_err *err);
int tl_actor_ready(struct tl_actor *actor, tl_actor_done *done, struct tl_err *err);

/* tl_actor_end - done when the process is gone. ESRCH: it does not run. */
int tl_actor_end(struct tl_actor *actor, enum tl_actor_end how, tl_actor_done *done,
		 struct tl_err *err);

/*
 * tl_actor_freeze - SIGSTOP to all its processes; done when every thread stands still
 * tl_actor_thaw - SIGCONT to all of them; done at once
 *
 * ESRCH: it does not run.
 * Source: signal(7); the states of /proc/PID/task/TID/stat, proc(5).
 */
int tl_actor_freeze(struct tl_actor *actor, tl_actor_done *done, struct tl_err *err);
int tl_actor_thaw(struct tl_actor *actor, tl_actor_done *done, struct tl_err *err);

/*
 * tl_actor_pause - stand still for a moment, whatever the actor is doing, task or not
 * tl_actor_resume - go on, unless it is frozen
 */
void tl_actor_pause(struct tl_actor *actor);
void tl_actor_resume(struct tl_actor *actor);

/* tl_actor_set_frozen - freeze or thaw without waiting for it and without a task */
void tl_actor_set_frozen(struct tl_actor *actor, bool frozen);

/* tl_actor_is_frozen - on purpose, not just paused */
bool tl_actor_is_frozen(const struct tl_actor *actor);

/*
 * tl_actor_outlast - done when the actor has ended by itself; at once where it has already
 * @status: the exit status it must end with, -1: however it ends
 * @signal: the signal it must end by, 0 where @status counts
 *
 * @done gets how, "status 0" or "signal 9 (Killed)", as the reply; EREMOTEIO with a sentence
 * where it is another end. ESRCH: it has never run.
 */
int tl_actor_outlast(struct tl_actor *actor, int status, int signal, tl_actor_done *done,
		     struct tl_err *err);

/* tl_actor_signal - send a signal to the actor's own process. ESRCH: it does not run. */
int tl_actor_signal(struct tl_actor *actor, int signal, struct tl_err *err);

/*
 * tl_actor_hear - done when the output of a PROGRAM holds @text (borrowed until then), whenever
 * it was written; EREMOTEIO where it ends, or has ended, without
 */
int tl_actor_hear(struct tl_actor *actor, const char *text, tl_actor_done *done,
		  struct tl_err *err);

/* tl_actor_command - send a Redis command; @done gets the answer, an error reply is an error */
int tl_actor_command(struct tl_actor *actor, char *const *argv, size_t argc,
		     tl_actor_done *done, struct tl_err *err);

/*
 * tl_actor_call - let a peer make a call on one of its sockets; done when it has its answer
 * @verb: one of peers
 * @call: borrowed for the call
 *
 * @done gets EREMOTEIO when the answer is another than @call expects, with a sentence that
 * says which; the reply tells what came: "ECONNREFUSED", "5 bytes", or NULL for nothing
 * but success.
 */
int tl_actor_call(struct tl_actor *actor, enum tl_verb verb, const struct tl_call *call,
		  tl_actor_done *done, struct tl_err *err);

/*
 * tl_actor_told - the socket of the last call that was answered, as the peer tells about it: of
 * ACCEPT the new one. Borrowed, until the next call; its cookie is 0 where there was none.
 */
const struct tl_told *tl_actor_told(const struct tl_actor *actor);

/* tl_actor_pid - inside the sandbox; 0 when it does not run */
pid_t tl_actor_pid(const struct tl_actor *actor);

/*
 * tl_actor_processes - the processes of an actor: its own, and those it has started
 * @pids: *@pids gets @n of them, its own first (returned owned; NULL for none)
 *
 * A child whose parent has ended is found as long as the actor itself runs and has not left
 * its children to others. Zombies are left out: they hold no socket.
 *
 * Return: 0 or -errno.
 * Source: proc(5), the parent in /proc/PID/stat.
 */
int tl_actor_processes(const struct tl_actor *actor, pid_t **pids, size_t *n,
		       struct tl_err *err);

/* tl_actor_index - into plan->actors */
int tl_actor_index(const struct tl_actor *actor);

/* tl_actor_program - "redis-server 7.0.15", "mock peer", "peer"; NULL before it is ready */
const char *tl_actor_program(const struct tl_actor *actor);

/* The most of an output that is told at a time: its end. */
#define TL_OUTPUT_MOST 4096

/*
 * tl_actor_output - append what an actor has written since the last call, safe to show
 * @left_out: how many bytes before it are left out
 *
 * All that a PROGRAM writes; of other kinds of actors the last lines, once tl_actor_explain()
 * has been called. Return: 0 or -errno.
 */
int tl_actor_output(struct tl_actor *actor, struct tl_buf *out, uint64_t *left_out,
		    struct tl_err *err);

/*
 * tl_actor_explain - @err is about an actor whose own last lines say more: its next output has them
 *
 * Where they say that a file system is read-only, the sentence says what it may write to.
 */
void tl_actor_explain(struct tl_actor *actor, struct tl_err *err);

/*
 * tl_peer_main - the program that a peer runs, or the mock twin of a redis actor
 * @control: a stream socket; one command a line in, one answer a line out (peer_main.c)
 *
 * Return: the exit status.
 */
int tl_peer_main(int control);

/*
 * tl_launcher_main - run a program, and wait for everything that it starts (launcher.c)
 * @line: a stream socket; it gets "pid N" or "errno N"
 * @argv: the program and its words, NULL at the end
 *
 * Return: the exit status, that of the program.
 */
int tl_launcher_main(int line, char **argv);

/* The word on tcplab's command line that leads to tl_launcher_main(3, the words behind). */
#define TL_LAUNCHER_COMMAND "launcher"

/* The word on tcplab's command line that leads to tl_peer_main(3). */
#define TL_PEER_COMMAND "peer"

#endif
