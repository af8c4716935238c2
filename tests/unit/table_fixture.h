/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For tests of the socket table: a network namespace for each test, sockets in it, and
 * the table read. Every function asserts, so that a test reads as what it is about.
 */
#ifndef TESTS_TABLE_FIXTURE_H
#define TESTS_TABLE_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>

#include "tcplab/table.h"

/* Of the test that runs. */
extern struct fx {
	struct tl_table *table;
	struct tl_socks socks; /* what read_table() read last */
	struct tl_err err;
	int protocol;          /* of listener() and client(): 0 is TCP */
} fx;

/*
 * fx_become_root - make a user namespace where we are not root, as a network namespace
 * takes one then
 *
 * To be called from a constructor: a test itself has several threads, which a user
 * namespace does not allow. A main() of our own would not do, Criterion overwrites more
 * than a short one with its own.
 */
void fx_become_root(void);

/* A suite's .init and .fini; where the host allows no namespace the test is skipped. */
void fx_set_up(void);
void fx_tear_down(void);

/* at - an endpoint from its text; to_sockaddr - as bind() and connect() want it */
struct tl_endpoint at(const char *text);
socklen_t to_sockaddr(const struct tl_endpoint *ep, struct sockaddr_storage *ss);

/* name_of - what getsockname() says, or getpeername() */
struct tl_endpoint name_of(int fd, bool peer);

int listener(const char *where, int backlog);
int client(const char *where);

struct pair {
	int client;
	int server;
	struct tl_endpoint here; /* the client's end */
	struct tl_endpoint there;
};

/* connected - a client of @where and the socket that @listening accepts it with */
struct pair connected(int listening, const char *where);

/* fill - send until neither our buffer nor the peer's takes any more */
void fill(int fd);

uint32_t inode_of(int fd);

/* now, in_time - for what a test waits for: false when it is time to give up */
time_t now(void);
bool in_time(time_t since);

/* find - must find it; await_state - and sees it come into @state */
struct tl_sock find(const struct tl_endpoint *from, const struct tl_endpoint *to);
struct tl_sock await_state(const struct tl_endpoint *from, const struct tl_endpoint *to,
			   enum tl_state state);

void read_table(const uint16_t *ports, size_t n);

#endif
