/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the commands about the reader's own host share: snap, why, watch. */
#ifndef TCPLAB_LAB_READER_HOST_H
#define TCPLAB_LAB_READER_HOST_H

#include "lab.h"
#include "tcplab/host_report.h"
#include "tcplab/sieve.h"

/* One look with what was found in it. */
struct lab_look {
	struct tl_host look;
	struct tl_diagnoses findings;
	struct tl_host_told told;
	char host[256];
	char time[16];
};

/*
 * lab_host_enter - the network namespace of --pid, for good; none for a saved table
 * @sieve: its zones become interfaces of that namespace
 *
 * Return: 0 or -errno with @err.
 */
int lab_host_enter(const struct lab_options *options, bool saved, struct tl_sieve *sieve,
		   struct tl_err *err);

/*
 * lab_host_look - look at this host
 * @wants: as tl_host_look()
 * @look: zeroed; to be released, also after an error
 */
int lab_host_look(const struct lab_options *options, unsigned wants,
		  const struct tl_sieve *sieve, struct lab_look *look, struct tl_err *err);

/* lab_host_each_row - as tl_host_each_row(); nobody is told when that was, and no host */
int lab_host_each_row(const struct lab_options *options, const struct tl_sieve *sieve,
		      struct lab_look *look,
		      int (*take)(void *arg, const struct tl_seen *row, struct tl_err *err),
		      void *arg, struct tl_err *err);

/*
 * lab_host_saved - the same out of what ss or netstat printed, on standard input
 *
 * Lines that could not be read are complained of.
 */
int lab_host_saved(const struct lab_options *options, const struct tl_sieve *sieve,
		   struct lab_look *look, struct tl_err *err);

/* A command that looks at a host once: snap, why. */
struct lab_host_command {
	int (*run)(const struct lab_options *options); /* the command, for --all */

	/* what cannot be asked together, as a sentence; NULL: nothing. NULL itself: all can */
	const char *(*refuses)(const struct lab_options *options, bool saved,
			       const struct tl_sieve *sieve);

	/* Return: the status, or -errno with @err */
	int (*tell)(const struct lab_options *options, bool saved, const struct tl_sieve *sieve,
		    struct tl_err *err);
};

/*
 * lab_host_command - read the filter of such a command, go where it is about, and carry it out
 * @asked: a "-" in front of the filter stands for a saved table on standard input
 *
 * Return: the status.
 */
int lab_host_command(const struct lab_options *asked, const struct lab_host_command *command);

/*
 * lab_record_open - the file of --record, for lab_record_look() and close(2)
 * @where: a file, which may hold looks already, or a directory, for a file named by host and time
 *
 * lab_record_look - append a look, as one line
 *
 * Return: 0 or -errno with @err.
 */
int lab_record_open(const char *where, const struct lab_look *look, int *fd, struct tl_err *err);
int lab_record_look(int fd, const struct lab_look *look, struct tl_err *err);

/*
 * lab_network_enter - be in a network namespace, which may be our own already
 * @network: a descriptor of it
 *
 * Return: 0 or -errno.
 */
int lab_network_enter(int network);

/*
 * lab_host_all - --all: run a command in every network namespace there is, one after the other
 * @saved: a table was read instead, which is refused
 * @run: gets the options with the pid of a process in it
 *
 * Return: the worst of their statuses.
 */
int lab_host_all(const struct lab_options *options, bool saved,
		 int (*run)(const struct lab_options *options));

void lab_look_release(struct lab_look *look);

#endif
