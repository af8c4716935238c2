/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: what a scenario asks for, checked and ready to be carried out. */
#ifndef TCPLAB_PLAN_H
#define TCPLAB_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcplab/buf.h"
#include "tcplab/claim.h"
#include "tcplab/endpoint.h"
#include "tcplab/option.h"
#include "tcplab/select.h"
#include "tcplab/sock.h"
#include "tcplab/verb.h"
#include "tcplab/version.h"

/* A name and a value: a sysctl, a Redis setting. */
struct tl_setting {
	char *name;
	char *value;
	struct tl_where where;
};

/* What an actor is. X(identifier, name, help) */
#define TL_ACTOR_KINDS(X)                                                                    \
	X(REDIS, "redis", "a redis-server, or with --mock a peer that acts like one")        \
	X(PEER, "peer", "a process that makes only the calls that its steps name")           \
	X(PROGRAM, "program", "any command, with every process that it starts")

enum tl_actor_kind {
#define X(id, name, help) TL_ACTOR_KIND_##id,
	TL_ACTOR_KINDS(X)
#undef X
};

/* When a program counts as started. X(identifier, name, help) */
#define TL_READIES(X)                                                                        \
	X(AT_ONCE, "at once", "when it runs")                                                \
	X(LISTENS, "listens", "when the table has a listener on its port")                   \
	X(EXITS, "exits", "when it has ended with status 0")                                 \
	X(SAYS, "says", "when its output contains a text")

enum tl_ready {
#define X(id, name, help) TL_READY_##id,
	TL_READIES(X)
#undef X
};

const char *tl_ready_name(enum tl_ready ready);

/* The most words of a command. */
#define TL_PROGRAM_WORDS_MAX 64

/* How a PROGRAM is run. Owns what it points to. */
struct tl_program {
	char **argv;               /* the command's words; run as they are, through no shell */
	size_t argc;
	struct tl_setting *files;  /* path below its own directory, and what the file holds */
	size_t n_files;
	struct tl_setting *env;    /* variables beside those that tcplab itself has */
	size_t n_env;
	char *cwd;                 /* where it runs; NULL: its own directory */
	char *input;               /* what it reads on its standard input; NULL: nothing */
	enum tl_ready ready;
	char *says;                /* SAYS: the text; else NULL */
	int stop_signal;           /* by which it is stopped */
	uint64_t grace_ns;         /* how long it may take; then it is killed */
};

/* One actor of a scenario. */
struct tl_actor_spec {
	char *name;
	enum tl_actor_kind kind;
	uint16_t port;     /* PEER, PROGRAM: 0 for none of its own */
	char *bind;        /* an address, or several with spaces between; owned */
	int replicaof;     /* index of the master, -1 for none */
	char *binary;      /* a program's name or path; owned; NULL means redis-server */
	struct tl_setting *config; /* further Redis settings */
	size_t n_config;
	struct tl_program *program; /* PROGRAM; else NULL */
	struct tl_where where;
};

/* How much RECEIVE reads. */
enum tl_receive {
	TL_RECEIVE_ANY,   /* what one read gives, bytes or the end of file */
	TL_RECEIVE_EXACT, /* so many bytes */
	TL_RECEIVE_END,   /* up to the end of file */
};

/* A call that a peer makes on one of its sockets: a verb of peers. */
struct tl_call {
	char *on;                /* the socket's name, given or worked out; owned */
	char *listener;          /* ACCEPT, ANSWERED of it, DUP: the socket it is taken from; owned */
	char *given_to;          /* GIVE: the peer's name; owned */
	char *given_as;          /* GIVE: what the socket is called there; owned */
	struct tl_where on_at;   /* line 0 where the scenario leaves it to us */
	bool opens;              /* LISTEN, CONNECT, ACCEPT, or its answer: @on is a new socket */
	struct tl_endpoint at;   /* LISTEN: local; CONNECT: remote; family 0: not yet known */
	struct tl_endpoint from; /* CONNECT: local; family 0: the kernel's choice */
	bool from_port;          /* CONNECT: no address was given with @from: it goes with @at */
	uint16_t port;           /* as the scenario gives it, 0 for not at all */
	int to;                  /* CONNECT: the actor, -1 for an address */
	int backlog;
	bool reuse;              /* SO_REUSEADDR */
	bool wait;               /* false: take the answer that a non-blocking call gives */
	bool later;              /* it is only begun; ANSWERED asks for its answer */
	enum tl_verb of;         /* ANSWERED: CONNECT, ACCEPT, SEND or RECEIVE */
	struct tl_options options;
	int receive_buffer;      /* bytes, 0: the kernel's default */
	int send_buffer;
	bool mptcp;              /* LISTEN, CONNECT: a socket of Multipath TCP */
	char *text;              /* SEND: what; NULL: @bytes of anything. CONNECT: with the SYN */
	size_t text_len;         /* its bytes: there may be zeros among them */
	bool line;               /* SEND: @text is a line, CR and LF follow */
	bool full;               /* SEND: until the kernel takes no more */
	size_t bytes;            /* SEND, RECEIVE with EXACT; ANSWERED: how many, 0: any */
	enum tl_receive receive;
	int how;                 /* SHUTDOWN: SHUT_RD, SHUT_WR or SHUT_RDWR */
	int expect;              /* the errno it must answer with, 0: success */
};

struct tl_step {
	enum tl_verb verb;
	int actor;                 /* -1 for SYSCTL and for the verbs of the wire */
	struct tl_selector select; /* a verb of the wire */
	uint64_t time_ns;          /* PAUSE */
	int status;                /* EXITS: the exit status it must end with; -1: any end */
	int signal;                /* SIGNAL: which; EXITS: by which it must end; 0: none */
	char **argv;               /* COMMAND: the words to send; SAYS: the text alone */
	size_t argc;
	struct tl_pattern row;     /* DESTROY */
	struct tl_setting *settings; /* SYSCTL */
	size_t n_settings;
	struct tl_call call;       /* a verb of peers */
	char *text;                /* for display: "start master", "command master SET k v" */
	struct tl_where where;
};

struct tl_phase {
	char *title;
	struct tl_step *steps;
	size_t n_steps;
	struct tl_pattern *expects; /* none: the table is read and shown, not checked */
	size_t n_expects;
	bool expects_empty;   /* "expect: []": the table must have no row */
	bool others_ignore;   /* unexpected rows are not a failure */
	uint64_t within_ns;   /* the deadline for the expectation to come true */
	uint64_t for_ns;      /* how long it must then stay true */
	char *note;           /* NULL for none */
	struct tl_where where;
};

/* What happens to segments that no step asks for. X(identifier, name, help) */
#define TL_WIRE_MODES(X)                                                                     \
	X(TAP, "tap", "record every segment with both ends' states, and let it go")          \
	X(OFF, "off", "record and hold nothing")

enum tl_wire_mode {
#define X(id, name, help) TL_WIRE_##id,
	TL_WIRE_MODES(X)
#undef X
};

const char *tl_wire_mode_name(enum tl_wire_mode mode);

/*
 * What a scenario can need of the host it runs on. X(identifier, name, help)
 *
 * A host that lacks it skips the scenario with the reason.
 */
#define TL_NEED_KINDS(X)                                                                     \
	X(KERNEL, "kernel", "a Linux of this version, \">= 6.9\"")                           \
	X(REDIS, "redis", "a redis actor whose server is Redis (yes), or Redis of this version") \
	X(VALKEY, "valkey",                                                                  \
	  "a redis actor whose server is Valkey (yes), or Valkey of this version")           \
	X(PROGRAM, "program",                                                                \
	  "a program in PATH or at a path (* stands for any letters of a folder's name), or a list") \
	X(WIRE, "wire", "a kernel that can stop segments (yes)")                             \
	X(IPV6, "ipv6", "a kernel that has IPv6 (yes)")                                      \
	X(MPTCP, "mptcp", "a kernel that has Multipath TCP (yes)")

enum tl_need_kind {
#define X(id, name, help) TL_NEED_##id,
	TL_NEED_KINDS(X)
#undef X
};

const char *tl_need_name(enum tl_need_kind kind);

/* One thing that a scenario needs. */
struct tl_need {
	enum tl_need_kind kind;
	struct tl_version_range *versions; /* KERNEL, REDIS, VALKEY: one of them; owned */
	size_t n_versions;                 /* 0: any version */
	char *program;                     /* PROGRAM: a name or a path; owned; else NULL */
	char *text;                        /* for display: "kernel >= 6.9", "wire"; owned */
	struct tl_where where;
};

/* How the text of a complaint of the field is divided, in this order. X(identifier, head) */
#define TL_COMPLAINT_PARTS(X)                                                                \
	X(SEES, "What you see")                                                              \
	X(WHY, "Why")                                                                        \
	X(TO_DO, "What to do")

enum tl_complaint_part {
#define X(id, head) TL_COMPLAINT_##id,
	TL_COMPLAINT_PARTS(X)
#undef X
	TL_N_COMPLAINT_PARTS
};

/* tl_complaint_head - "What you see" (static) */
const char *tl_complaint_head(enum tl_complaint_part part);

/* A whole scenario. Owns everything it points to. */
struct tl_plan {
	char *file;    /* as given to the parser, for messages */
	char *text;    /* the scenario's own bytes */
	size_t text_len;
	char *name;    /* of a variant, "NAME/VARIANT" */
	char *title;
	char *variant;    /* which of @variants this is; NULL where nothing varies */
	char **variants;  /* the names of all that the text is */
	size_t n_variants;
	char *about;   /* NULL for none */
	char *complaint[TL_N_COMPLAINT_PARTS]; /* of @about that is one; NULL: it is none, has none */
	char **tags;   /* words to choose scenarios by, such as "slow" */
	size_t n_tags;
	uint16_t *watch; /* ports whose rows make the table; none: all rows */
	size_t n_watch;
	enum tl_wire_mode wire;  /* TAP when not given */
	bool quickack;           /* no ACK is delayed */
	bool no_mock;            /* it is about what Redis itself does: no twin will do */
	struct tl_need *needs;   /* what its host must have */
	size_t n_needs;
	struct tl_setting *sysctls;
	size_t n_sysctls;
	struct tl_actor_spec *actors;
	size_t n_actors;
	struct tl_phase *phases;
	size_t n_phases;
	struct tl_claim *claims;
	size_t n_claims;
};

/* tl_plan_free - free a plan and all it owns; takes NULL */
void tl_plan_free(struct tl_plan *plan);

/* tl_plan_has_tag - is @tag one of the scenario's? */
bool tl_plan_has_tag(const struct tl_plan *plan, const char *tag);

/* tl_plan_watches - have the tables rows with this port? All have where none is named. */
bool tl_plan_watches(const struct tl_plan *plan, uint16_t port);

/* tl_plan_needs - does it say that it needs something of this kind? */
bool tl_plan_needs(const struct tl_plan *plan, enum tl_need_kind kind);

/* tl_plan_say_needs - append "kernel >= 6.9, program nc"; nothing where it needs nothing */
void tl_plan_say_needs(const struct tl_plan *plan, struct tl_buf *out);

/* tl_plan_actor_name - the name of an actor by index, "?" for -1 (borrowed from the plan) */
const char *tl_plan_actor_name(const struct tl_plan *plan, int actor);

/* tl_plan_reach - where others reach an actor: its first address, loopback for the wildcard */
struct tl_endpoint tl_plan_reach(const struct tl_plan *plan, int actor);

/* Where one is among the steps of all phases; zeroed, before the first. */
struct tl_step_at {
	size_t phase;
	size_t step; /* the next */
};

/* tl_plan_next_step - in the order of the phases (borrowed from the plan); NULL behind the last */
struct tl_step *tl_plan_next_step(const struct tl_plan *plan, struct tl_step_at *at);

/* tl_plan_count_steps - of all phases */
size_t tl_plan_count_steps(const struct tl_plan *plan);

/* tl_plan_holds - does any step hold segments, so that it cannot run without the wire? */
bool tl_plan_holds(const struct tl_plan *plan);

/* tl_phase_has_expectation - does the phase say anything of the table? */
bool tl_phase_has_expectation(const struct tl_phase *phase);

#endif
