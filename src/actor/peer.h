/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside a peer process: what its files share. Nothing here runs in tcplab itself. */
#ifndef TCPLAB_ACTOR_PEER_H
#define TCPLAB_ACTOR_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <uv.h>

#include "line.h"

/* A socket that a call opened, by name. */
struct peer_sock {
	uv_poll_t poll;              /* its data is the socket */
	struct peer_sock *next;
	int fd;
	char name[64];
	struct sockaddr_storage to;  /* where it connects to */
	struct peer_op *begun;       /* the calls that go on while others are made */
};

struct peer;

/* A call: the one that is waited for, or one that was only begun. */
struct peer_op {
	enum tl_verb verb;
	struct peer_op *next;       /* of those begun on its socket */
	/* Try. Return: 0 when it is done, -EAGAIN when it has to wait, or another -errno. */
	int (*attempt)(struct peer *peer, struct peer_op *op);
	struct peer_sock *sock;     /* whose readiness is waited for */
	struct peer_sock *fresh;    /* opened by it, and gone again if it fails */
	int events;                 /* UV_READABLE or UV_WRITABLE */
	bool wait;
	bool later;                 /* it is only begun */
	bool ended;                 /* with @ret; begun, it waits to be asked for */
	int ret;
	bool asked;                 /* begun, and now it is waited for */
	size_t asked_bytes;         /* how many it must be; 0: any */
	char name[64];              /* ACCEPT: of the new socket */
	enum tl_receive receive;
	size_t want, done;          /* bytes */
	char text[LINE_MOST];       /* SEND: what, where @has_text */
	bool has_text;
	bool opened;                /* CONNECT with a text: its SYN has been sent */
	bool full;                  /* SEND: until the kernel takes no more */
	struct tl_options options;  /* ACCEPT: of the new socket */
	char said[128];             /* the answer, where it is more than "ok" */
	char told[2 * TL_ENDPOINT_TEXT + 40]; /* of its socket (line.h); "" where there is none */
	bool other;                 /* it is neither success nor an errno */
};

struct peer {
	uv_loop_t loop;
	uv_pipe_t line;
	uv_timer_t retry;            /* twin: when to connect to the master again */
	char text[LINE_MOST];
	size_t len;
	struct sockaddr_storage master;
	bool answered;               /* twin: "replicate" has had its answer */
	struct peer_sock *socks;
	struct peer_op op;
	struct peer_child *children; /* peer_share.c */
	uv_poll_t mail;              /* where descriptors come from other peers */
	int mail_fd;                 /* -1: nobody has told who we are */
};

/* peer_main.c */
void peer_say(struct peer *peer, const char *text);
/* "ok" for 0, else a sentence about @what */
void peer_answer(struct peer *peer, const char *what, int status);
int peer_address(const char *addr, int port, struct sockaddr_storage *out);
/* Cut @text at its blanks into @n words at most, the last being the rest. Return: how many. */
int peer_split(char *text, char **words, int n);

/* peer_twin.c: what a line asks for; its words behind the first */
void twin_serve(struct peer *peer, char **words);
void twin_replicate(struct peer *peer, char **words);

/* call_make - the call that a line asks for (line.h). Return: false where it is none. */
bool call_make(struct peer *peer, const char *verb, char *rest);

/*
 * call_read - what call a line asks for, after the verb: peer_told.c. False: it is too short.
 * @rest: what tcplab spelled (line.h), so it is not doubted; cut up, and borrowed by @call
 */
bool call_read(char *rest, struct tl_call *call);

/* peer_op.c */

/* op_begin - peer->op works on the socket @name. False: there is none, and that is answered. */
bool op_begin(struct peer *peer, const char *name, const struct tl_call *call, int events);

/* op_make - attempt peer->op; one that is only begun then belongs to its socket */
void op_make(struct peer *peer);

/* op_finish - a call has ended so: tell, or, of one that was begun, keep it for whoever asks */
void op_finish(struct peer *peer, struct peer_op *op, int ret);

/*
 * op_hand_over - tell how a call ended that was begun (@bytes: how many it must be), forget it
 */
void op_hand_over(struct peer *peer, struct peer_op *op, size_t bytes);

/* peer_share.c: share_open - we are called so, and can be given descriptors. 0 or -errno. */
int share_open(struct peer *peer, const char *name);
void share_close(struct peer *peer);
void call_dup(struct peer *peer, const struct tl_call *call);
void call_fork(struct peer *peer, const struct tl_call *call);
void call_reap(struct peer *peer, const struct tl_call *call);
void call_give(struct peer *peer, const struct tl_call *call);

/* peer_socks.c */

struct peer_sock *sock_find(struct peer *peer, const char *name);

/* sock_has - is it (still) one of them? */
bool sock_has(const struct peer *peer, const struct peer_sock *sock);

/* sock_adopt - take a socket of our own (taken) under a name. NULL with errno. */
struct peer_sock *sock_adopt(struct peer *peer, const char *name, int fd);

/* sock_tell - keep what there is to tell about a socket while it is there */
void sock_tell(struct peer_op *op, const struct peer_sock *sock);

/* sock_drop - close it, with the calls that are under way on it; sock_drop_all - all of them */
void sock_drop(struct peer *peer, struct peer_sock *sock);
void sock_drop_all(struct peer *peer);

/* op_free - forget a call that was begun */
void op_free(struct peer_op *op);

#endif
