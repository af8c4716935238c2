/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 2, host: the processes of this host, and which sockets each has open. */
#ifndef TCPLAB_PROCESSES_H
#define TCPLAB_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tcplab/err.h"

/* A name that the kernel keeps has 15 bytes; one out of ss or netstat may be longer. */
#define TL_PROCESS_NAME 32

/* A process that has a socket open, or that says it has (saved text). */
struct tl_process {
	pid_t pid;
	pid_t parent;                /* 0 where nobody asked */
	char name[TL_PROCESS_NAME];  /* what the process calls itself: to be washed */
	uint32_t descriptors;        /* how many it has open; 0 where nobody counted */
	uint32_t kin;                /* index of the first process of this name */
	uint32_t limit;              /* "Max open files"; 0 where not known */
	bool polls;                  /* it has an epoll set, and we could read it */
	bool stopped;                /* by a signal or a debugger */
	bool asked;                  /* tl_process_more() has been there */
};

/* One descriptor of one process that is a socket. */
struct tl_hold {
	uint32_t inode;
	uint32_t process; /* index into tl_processes.v */
	int fd;
	uint32_t next;    /* the next of this inode, as an index + 1; 0: none */
};

/* An epoll set of a process. */
struct tl_poll_set {
	uint32_t process; /* index into tl_processes.v */
	pid_t thread;     /* of the process: the one whose descriptors were read */
	int fd;
};

/* A socket in an epoll set of a process, which need not have it open (any more). */
struct tl_watch {
	uint32_t inode;
	uint32_t process; /* index into tl_processes.v */
	bool input;       /* it asks there for input, as which an end counts */
};

/* All of them. Zeroed is empty; owned by the caller. */
struct tl_processes {
	struct tl_process *v;
	size_t n;
	struct tl_hold *holds;   /* process by process; of saved text row by row */
	size_t n_holds;
	uint32_t *buckets;       /* of inodes: an index into holds + 1 */
	uint32_t mask;
	struct tl_poll_set *sets; /* in the order of v */
	size_t n_sets;
	struct tl_watch *watched; /* sorted */
	size_t n_watched;
	size_t refused;          /* processes whose descriptors we may not see */
};

/*
 * tl_processes_read - one pass over all processes
 * @proc: "/proc"
 * @processes: zeroed; to be released, also after an error
 *
 * A process that ends meanwhile has no descriptors. One that may not be looked into is
 * counted in processes->refused.
 *
 * Return: 0; -errno.
 * Source: proc(5): PID/fd, whose size is how many there are since Linux 6.2; PID/comm.
 */
int tl_processes_read(const char *proc, struct tl_processes *processes, struct tl_err *err);

/*
 * tl_process_more - what stands beside its descriptors: limit, parent, whether it is stopped
 *
 * What cannot be read stays as it is: 0, false.
 *
 * Source: proc(5): PID/limits, PID/stat.
 */
void tl_process_more(const char *proc, struct tl_process *process);

/*
 * tl_processes_watch - which sockets are in an epoll set of a process that holds one
 *
 * The sets are those that tl_processes_read() came by.
 *
 * Return: 0; -ENOMEM. A set that cannot be read is left out.
 * Source: proc(5): PID/fdinfo/FD, "tfd:" and "ino:".
 */
int tl_processes_watch(const char *proc, struct tl_processes *processes, struct tl_err *err);

/*
 * tl_processes_watches - is this inode in an epoll set of this process?
 * @input: does it ask there for what can be read? Not so with EPOLLONESHOT, once it was told
 */
bool tl_processes_watches(const struct tl_processes *processes, uint32_t inode, uint32_t process,
			  bool *input);

/*
 * tl_processes_watcher - another process with this inode in an epoll set of its own
 *
 * Return: the one with the lowest index (borrowed), or NULL.
 */
const struct tl_process *tl_processes_watcher(const struct tl_processes *processes, uint32_t inode,
					      uint32_t process);

/* tl_processes_add - append a process; @name is copied. Return: its index; -1: no memory */
long tl_processes_add(struct tl_processes *processes, pid_t pid, const char *name, size_t len);

/*
 * tl_processes_hold - a process, by its index, holds one descriptor more
 * @fd: -1 where it is not known
 *
 * Of one socket those of one process come one after the other. Return: 0 or -ENOMEM.
 */
int tl_processes_hold(struct tl_processes *processes, uint32_t process, uint32_t inode, int fd);

/*
 * tl_processes_index - after the last: so that tl_processes_find() finds, and each knows its kin
 *
 * Return: 0 or -ENOMEM.
 */
int tl_processes_index(struct tl_processes *processes, struct tl_err *err);

/* tl_processes_find - the first that is this inode (borrowed); NULL: nobody's that we may see */
const struct tl_hold *tl_processes_find(const struct tl_processes *processes, uint32_t inode);

/* tl_hold_next - the next one that is the same socket; NULL after the last */
const struct tl_hold *tl_hold_next(const struct tl_processes *processes,
				   const struct tl_hold *hold);

void tl_processes_release(struct tl_processes *processes);

#endif
