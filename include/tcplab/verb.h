/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: what a step may do; a verb is one row here. */
#ifndef TCPLAB_VERB_H
#define TCPLAB_VERB_H

#include <stdbool.h>
#include <stddef.h>

/* Whom a verb is about, and so who carries it out. */
enum tl_verb_group {
	TL_VERBS_OF_ACTORS, /* processes: started, asked, ended */
	TL_VERBS_OF_KERNEL, /* the sandbox's kernel: its settings, its sockets */
	TL_VERBS_OF_WIRE,   /* segments */
	TL_VERBS_OF_PEERS,  /* a call that a peer makes on a socket */
};

/*
 * What follows a verb. X(identifier, its definition in scenarios/schema/scenario.v1.json; NULL:
 * each verb has its own)
 */
#define TL_ARGUMENTS(X)                                                                      \
	X(ACTOR, "actor-name")                                                               \
	X(END, "end-awaited")        /* an actor, and how it must end */                    \
	X(SIGNAL, "signal-sent")     /* an actor, and a signal for it */                     \
	X(TEXT, "text-awaited")      /* a program, and what its output is to hold */         \
	X(COMMAND, "redis-command")  /* an actor, and words for it */                        \
	X(SYSCTLS, "sysctl")                                                                 \
	X(TIME, "duration")                                                                  \
	X(ROW, "row")                                                                        \
	X(SEGMENT, "segment-awaited") /* one that is held, or will be: the Nth of them */    \
	X(HELD, "segment-held")      /* those held: one, all of a kind, or the Nth */        \
	X(COVERED, "segment-covered") /* those held, and those to come: all of a kind */     \
	X(NEXT, "segment-held-next") /* those to come: one, all of a kind, or the Nth */     \
	X(CALL, NULL)                /* a peer, and keys of the call's own (call_keys.c) */

enum tl_argument {
#define X(id, schema) TL_ARGUMENT_##id,
	TL_ARGUMENTS(X)
#undef X
};

/* In which stage of its life a step finds its actor. */
enum tl_needs {
	TL_NEEDS_NOTHING, /* it has no actor */
	TL_NEEDS_DOWN,    /* not started yet, or ended */
	TL_NEEDS_RUNNING,
	TL_NEEDS_ANSWERS, /* running, and ready: it is spoken to */
	TL_NEEDS_FROZEN,
	TL_NEEDS_ALIVE,   /* running or frozen */
	TL_NEEDS_BEGUN,   /* running, or ended since: it changes nothing */
};

/* And in which it leaves it. */
enum tl_makes {
	TL_MAKES_NOTHING, /* it is as it was */
	TL_MAKES_LAUNCHED,
	TL_MAKES_READY,
	TL_MAKES_FROZEN,
	TL_MAKES_THAWED,
	TL_MAKES_ENDED,
};

/* What it does to a socket of its actor's, or to all of them. */
enum tl_does {
	TL_DOES_NOTHING, /* that would open or end it */
	TL_DOES_LISTENS,
	TL_DOES_CONNECTS,
	TL_DOES_ACCEPTS,
	TL_DOES_SHUTS, /* one direction, or both */
	TL_DOES_CLOSES,
	TL_DOES_ABORTS,
};

/* Sets of them, as bits. */
#define TL_DOES_OPEN  (1u << TL_DOES_LISTENS | 1u << TL_DOES_CONNECTS | 1u << TL_DOES_ACCEPTS)
#define TL_DOES_CLOSE (1u << TL_DOES_CLOSES | 1u << TL_DOES_ABORTS)

/*
 * X(identifier, name, group, argument, needs, makes, does, help, what follows it where there is
 * room, as in an editor, a step as an example: such stand in the manual, and a test has them
 * checked)
 */
#define TL_VERBS(X)                                                                          \
	X(START, "start", ACTORS, ACTOR, DOWN, READY, NOTHING,                               \
	  "start an actor; done when it is ready", "", "start: master")                      \
	X(FAIL, "fail", ACTORS, ACTOR, DOWN, ENDED, CLOSES,                                  \
	  "start an actor that is expected to exit with an error",                           \
	  ". If it comes up instead, the run ends as an expectation that did not come "      \
	  "true.", "fail: second")                                                           \
	X(STOP, "stop", ACTORS, ACTOR, ANSWERS, ENDED, CLOSES,                               \
	  "ask an actor to end (Redis: SHUTDOWN NOSAVE); done when it is gone", "",          \
	  "stop: master")                                                                    \
	X(TERMINATE, "terminate", ACTORS, ACTOR, RUNNING, ENDED, CLOSES,                     \
	  "send SIGTERM; done when the actor is gone", "", "terminate: master")              \
	X(KILL, "kill", ACTORS, ACTOR, ALIVE, ENDED, CLOSES,                                 \
	  "send SIGKILL; done when the actor is gone", "", "kill: client")                   \
	X(EXITS, "exits", ACTORS, END, RUNNING, ENDED, CLOSES,                               \
	  "wait until an actor has ended by itself, with all that it started", "",           \
	  "exits: { actor: client, status: 0 }")                                             \
	X(SIGNAL, "signal", ACTORS, SIGNAL, RUNNING, NOTHING, NOTHING,                       \
	  "send a signal to an actor's own process; done when it is sent", "",               \
	  "signal: { actor: master, signal: HUP }")                                          \
	X(SAYS, "says", ACTORS, TEXT, BEGUN, NOTHING, NOTHING,                               \
	  "wait until a program's output contains a text",                                   \
	  ", which may have come before the step. If the program ends without writing "      \
	  "it, the run fails", "says: { actor: job, text: done }")                           \
	X(FREEZE, "freeze", ACTORS, ACTOR, RUNNING, FROZEN, NOTHING,                         \
	  "send SIGSTOP; done when every thread has stopped",                                \
	  ". The kernel still answers for the actor: it completes handshakes, "              \
	  "acknowledges what comes, and keeps it until the actor is thawed. So a "           \
	  "connection that the other end closes stays in CLOSE_WAIT, and the other end "     \
	  "in FIN_WAIT2.", "freeze: master")                                                 \
	X(THAW, "thaw", ACTORS, ACTOR, FROZEN, THAWED, NOTHING,                              \
	  "send SIGCONT to a frozen actor", "", "thaw: master")                              \
	X(COMMAND, "command", ACTORS, COMMAND, ANSWERS, NOTHING, NOTHING,                    \
	  "send a Redis command over its unix socket", "", "command: master SET key value")  \
	X(SYSCTL, "sysctl", KERNEL, SYSCTLS, NOTHING, NOTHING, NOTHING,                      \
	  "set kernel parameters of the sandbox", "",                                        \
	  "sysctl: { net.ipv4.tcp_fin_timeout: 2 }")                                         \
	X(LAUNCH, "launch", ACTORS, ACTOR, DOWN, LAUNCHED, NOTHING,                          \
	  "start an actor and go on at once",                                                \
	  ", before it is ready, so that the segments it sends while it starts can be "      \
	  "held. Until it is ready kill, terminate and freeze work; command and stop do "    \
	  "not.", "launch: replica")                                                         \
	X(READY, "ready", ACTORS, ACTOR, RUNNING, READY, NOTHING,                            \
	  "wait for an actor begun with launch (or whose link was cut) to be ready",         \
	  ". A replica is ready when its link to the master is up.", "ready: replica")       \
	X(PAUSE, "pause", KERNEL, TIME, NOTHING, NOTHING, NOTHING,                           \
	  "let time pass, to see a timer of the kernel or of a program", "",                 \
	  "pause: 950ms")                                                                    \
	X(DESTROY, "destroy", KERNEL, ROW, NOTHING, NOTHING, NOTHING,                        \
	  "remove sockets by force, named by their rows (SOCK_DESTROY)",                     \
	  ": all that match the row, as \"ss -K\" does. The report calls such an ending "    \
	  "forced.", "destroy: client -> server TIME_WAIT")                                  \
	X(HOLD, "hold", WIRE, NEXT, NOTHING, NOTHING, NOTHING,                               \
	  "hold a segment, or all of a kind, when it comes",                                 \
	  ": the next from now on; with #2 the second; with \"all\" every one, until "       \
	  "\"pass\". A segment is held by one hold, the oldest that fits. A hold is for "    \
	  "what is sent after it: a step begins when the lab has decided on all that "       \
	  "came before. While a segment is held, the lab drops what the kernel repeats "     \
	  "because of that (the segment itself, or what a held ACK acknowledges), but "      \
	  "never a pure ACK. The kernel still counts its timeouts and gives up in the "      \
	  "end. Segments that no step names go through.", "hold: SYN from client")           \
	X(AWAIT, "await", WIRE, SEGMENT, NOTHING, NOTHING, NOTHING,                          \
	  "wait until such a segment is held",                                               \
	  ", or with #2 two of them; they stay held", "await: SYN from client")              \
	X(RELEASE, "release", WIRE, HELD, NOTHING, NOTHING, NOTHING,                         \
	  "let a held segment go on",                                                        \
	  ": the oldest that fits, or with #2 the second oldest; with \"all\" every one "    \
	  "that is held by now. If none is held, it waits for one.",                         \
	  "release: SYN from client")                                                        \
	X(DROP, "drop", WIRE, HELD, NOTHING, NOTHING, NOTHING,                               \
	  "drop a held segment",                                                             \
	  ": the oldest that fits, or with #2 the second oldest; with \"all\" every one "    \
	  "that is held by now. If none is held, it waits for one. TCP sends again what "    \
	  "was lost.", "drop: \"data from client #2\"")                                      \
	X(REJECT, "reject", WIRE, HELD, NOTHING, NOTHING, NOTHING,                           \
	  "drop a held segment, and tell its sender by ICMP that the host is unreachable",   \
	  ": the oldest that fits, or with #2 the second oldest; with \"all\" every one "    \
	  "that is held by now. A connection that is being opened ends with "                \
	  "EHOSTUNREACH; one that is open goes on.", "reject: SYN from replica")             \
	X(LOSE, "lose", WIRE, NEXT, NOTHING, NOTHING, NOTHING,                               \
	  "drop a segment, or all of a kind, when it comes",                                 \
	  ": the next from now on; with #2 the second; with \"all\" every one, until "       \
	  "\"pass\", as when a cable is unplugged. TCP sends again what was lost.",          \
	  "lose: all from client")                                                           \
	X(PASS, "pass", WIRE, COVERED, NOTHING, NOTHING, NOTHING,                            \
	  "stop holding and losing such segments; release those held",                       \
	  ": it ends each hold that is only for such segments.", "pass: all from client")    \
	X(LISTEN, "listen", PEERS, CALL, ANSWERS, NOTHING, LISTENS,                          \
	  "let a peer listen on a port",                                                     \
	  ": its own, or that of \"port\"; with SO_REUSEADDR, unless \"reuse: no\"",         \
	  "listen: { by: server, backlog: 0 }")                                              \
	X(CONNECT, "connect", PEERS, CALL, ANSWERS, NOTHING, CONNECTS,                       \
	  "let a peer connect; done when the call has returned",                             \
	  ", or, with \"wait: no\", when it has begun: then \"connected\" takes the "        \
	  "result. It connects to the port on which the actor \"to\" listens, or to "        \
	  "\"port\". \"from\" is the local port, or address, or both; \"on\" makes the "     \
	  "call on a socket that exists already, to see what it returns",                    \
	  "connect: client to server")                                                       \
	X(CONNECTED, "connected", PEERS, CALL, ANSWERS, NOTHING, NOTHING,                    \
	  "wait for the result of a connect with \"wait: no\"", "",                          \
	  "connected: { by: client, expect: ETIMEDOUT }")                                    \
	X(ANSWERED, "answered", PEERS, CALL, ANSWERS, NOTHING, NOTHING,                      \
	  "wait for the result of a call with \"wait: later\"", "",                          \
	  "answered: { by: server, call: receive, bytes: 5 }")                               \
	X(ACCEPT, "accept", PEERS, CALL, ANSWERS, NOTHING, ACCEPTS,                          \
	  "let a peer accept a connection from its listener",                                \
	  "; done when there is one", "accept: server")                                      \
	X(SEND, "send", PEERS, CALL, ANSWERS, NOTHING, NOTHING,                              \
	  "let a peer send bytes",                                                           \
	  ": any bytes, or a text; done when the kernel has taken them all, or, with "       \
	  "\"wait: no\", as many as it takes at once", "send: { by: client, text: hello }")  \
	X(RECEIVE, "receive", PEERS, CALL, ANSWERS, NOTHING, NOTHING,                        \
	  "let a peer read what has come; it reads nothing without this",                    \
	  ". It reads \"bytes\", or until the end of file, or, without either, what one "    \
	  "read returns when there is something", "receive: { by: server, until: end }")     \
	X(SET, "set", PEERS, CALL, ANSWERS, NOTHING, NOTHING,                                \
	  "let a peer set options of its socket, such as no-delay or linger", "",            \
	  "set: { by: client, no-delay: yes }")                                              \
	X(DUP, "dup", PEERS, CALL, ANSWERS, NOTHING, NOTHING,                                \
	  "let a peer make a second descriptor of its socket",                               \
	  ": no FIN is sent until both are closed",                                          \
	  "dup: { by: server, on: connection, as: copy }")                                   \
	X(FORK, "fork", PEERS, CALL, ANSWERS, NOTHING, NOTHING,                              \
	  "let a peer fork a child, which holds all its descriptors and does nothing",       \
	  "; it ends with the peer, or by reap", "fork: server")                             \
	X(REAP, "reap", PEERS, CALL, ANSWERS, NOTHING, CLOSES,                               \
	  "let a peer end its child, which closes the child's descriptors", "",              \
	  "reap: server")                                                                    \
	X(GIVE, "give", PEERS, CALL, ANSWERS, NOTHING, NOTHING,                              \
	  "let a peer pass a descriptor to another (SCM_RIGHTS) and keep its own",           \
	  ": then both hold the socket",                                                     \
	  "give: { by: server, to: worker, on: connection }")                                \
	X(SHUTDOWN, "shutdown", PEERS, CALL, ANSWERS, NOTHING, SHUTS,                        \
	  "let a peer shut one direction down and keep its socket",                          \
	  ": write, which sends a FIN, or read, or both",                                    \
	  "shutdown: { by: client, how: write }")                                            \
	X(CLOSE, "close", PEERS, CALL, ANSWERS, NOTHING, CLOSES,                             \
	  "let a peer close a connection or its listener",                                   \
	  ": its only connection, or the socket that \"on\" names. If unread data has "      \
	  "come, a RST is sent in place of a FIN", "close: { by: server, on: connection }")  \
	X(ABORT, "abort", PEERS, CALL, ANSWERS, NOTHING, ABORTS,                             \
	  "let a peer close with SO_LINGER and 0 seconds: a RST, no FIN", "",                \
	  "abort: client")

enum tl_verb {
#define X(id, ...) TL_VERB_##id,
	TL_VERBS(X)
#undef X
	TL_N_VERBS, /* how many there are */
};

struct tl_verb_row {
	const char *name;
	enum tl_verb_group group;
	enum tl_argument argument;
	enum tl_needs needs;
	enum tl_makes makes;
	enum tl_does does;
	const char *help, *more, *example;
};

/* The rows of TL_VERBS, by verb. */
extern const struct tl_verb_row tl_verbs[TL_N_VERBS];

static inline const char *tl_verb_name(enum tl_verb verb)
{
	return tl_verbs[verb].name;
}

static inline bool tl_verb_is_of_wire(enum tl_verb verb)
{
	return tl_verbs[verb].group == TL_VERBS_OF_WIRE;
}

static inline bool tl_verb_is_of_peer(enum tl_verb verb)
{
	return tl_verbs[verb].group == TL_VERBS_OF_PEERS;
}

/* tl_verb_does - is what it does one of these bits 1 << enum tl_does? */
static inline bool tl_verb_does(enum tl_verb verb, unsigned bits)
{
	return bits & 1u << tl_verbs[verb].does;
}

/* tl_argument_schema - the second of a row of TL_ARGUMENTS */
const char *tl_argument_schema(enum tl_argument argument);

#endif
