/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that are read, and those that are written whole or not at all: files.c. */
#ifndef TCPLAB_LAB_FILES_H
#define TCPLAB_LAB_FILES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "tcplab/buf.h"
#include "tcplab/err.h"

/* Where an @err is taken, each returns 0 or -errno with it. */

/* lab_read - hand a file to @take piece by piece, until it returns other than 0 */
int lab_read(const char *path,
	     int (*take)(void *arg, const char *bytes, size_t n, struct tl_err *err), void *arg,
	     struct tl_err *err);

/* lab_read_file - append a whole file of at most 64 MiB */
int lab_read_file(const char *path, struct tl_buf *out, struct tl_err *err);

/* lab_write_all - write it all to a descriptor. Return: 0 or -errno. */
int lab_write_all(int fd, const void *data, size_t len);

/* lab_write_new - a file, with the directories above it; -EEXIST where one is there */
int lab_write_new(const char *path, const struct tl_buf *text, struct tl_err *err);

/* A directory that we write to, locked for as long as it is open. */
struct lab_dir {
	int fd;
	char path[PATH_MAX]; /* for messages */
};

/*
 * lab_out_open - make and open what --out names; -EBUSY where another run has it
 * @shared: others may write to directories below it, not to it
 */
int lab_out_open(struct lab_dir *dir, const char *out, bool shared, struct tl_err *err);

/* lab_dir_open - make and open one below it, never through a link; -EBUSY as above */
int lab_dir_open(struct lab_dir *dir, const struct lab_dir *out, const char *name,
		 struct tl_err *err);

/* lab_dir_close - after a failure to open, too */
void lab_dir_close(struct lab_dir *dir);

/* lab_file_url - append "file://" and the absolute path of a file in it, for a browser */
void lab_file_url(const struct lab_dir *dir, const char *file, struct tl_buf *out);

/* lab_save - write a file, wholly or not at all; -EEXIST where one that is not ours is there */
int lab_save(const struct lab_dir *dir, const char *file, const struct tl_buf *text,
	     struct tl_err *err);

/* lab_save_at - the same of a path that somebody named; nothing is locked */
int lab_save_at(const char *path, const struct tl_buf *text, struct tl_err *err);

/* lab_create - begin a file, which is there at once; *@fd gets it (owned) */
int lab_create(const struct lab_dir *dir, const char *file, int *fd, struct tl_err *err);

/* lab_forget - take a file of ours away, if there is one; -EEXIST as above */
int lab_forget(const struct lab_dir *dir, const char *file, struct tl_err *err);

#endif
