/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line to a peer process (peer_main.c), as peers and mock twins share it. */
#ifndef TCPLAB_ACTOR_LINE_H
#define TCPLAB_ACTOR_LINE_H

#include "actor_kind.h"

/* What a peer process hears is one line; this much of it, and of an answer. */
#define LINE_MOST 4096

/*
 * How a call is spelled: its verb, and then as words the socket, the listener, who is given
 * it and as what, the two addresses ("-" for what is not there), these numbers of struct
 * tl_call, the options ("3=1,7=0," by their places in TL_OPTIONS), and the text, which goes
 * on to the end of the line. In it a line break, a return and a per cent sign are "%0A",
 * "%0D" and "%25".
 */
#define LINE_CALL_NUMBERS(X)                                                                 \
	X(opens)                                                                             \
	X(wait)                                                                              \
	X(later)                                                                             \
	X(of)                                                                                \
	X(reuse)                                                                             \
	X(mptcp)                                                                             \
	X(backlog)                                                                           \
	X(receive_buffer)                                                                    \
	X(send_buffer)                                                                       \
	X(full)                                                                              \
	X(line)                                                                              \
	X(bytes)                                                                             \
	X(receive)                                                                           \
	X(how)

/*
 * And how it is answered: "@COOKIE INODE LOCAL REMOTE" of the socket that the call was made on,
 * "-" where there is none, and then "ok", "ok TEXT", "errno NUMBER", or "other TEXT" for what
 * neither succeeded nor failed.
 */

/* line_prepare - for struct actor_kind: the line, and what to run at its other end */
int line_prepare(struct tl_actor *actor, const char **argv, struct tl_err *err);

/* line_open - the process runs: begin to listen to it */
void line_open(struct tl_actor *actor);

/* line_ask - what must be answered with "ok" before the actor is ready. 0 or -errno. */
int line_ask(struct tl_actor *actor, const char *text);

/*
 * line_call - ask for one answer when the actor is ready
 * @answered: gets it, once (borrowed for the call)
 *
 * Return: 0 or -errno.
 */
int line_call(struct tl_actor *actor, const char *text,
	      void (*answered)(struct tl_actor *actor, const char *answer));

/* line_expect - the next line is an answer without having been asked for, as line_call() */
void line_expect(struct tl_actor *actor,
		 void (*answered)(struct tl_actor *actor, const char *answer));

/* line_tell - what has no answer. 0 or -errno. */
int line_tell(struct tl_actor *actor, const char *text);

/* line_await_ready, line_ask_to_end, line_hang_up - for struct actor_kind */
void line_await_ready(struct tl_actor *actor);
int line_ask_to_end(struct tl_actor *actor, struct tl_err *err);
void line_hang_up(struct tl_actor *actor);

#endif
