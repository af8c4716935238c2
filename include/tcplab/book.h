/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 2, report: the runs of a suite as one folder of pages, to be read in any browser. */
#ifndef TCPLAB_BOOK_H
#define TCPLAB_BOOK_H

#include "tcplab/report.h"

/* A book being written. */
struct tl_book;

/*
 * Where a book goes: called for each file with its path below the book's folder,
 * "state/LISTEN.html", of at most one directory. @bytes are borrowed.
 *
 * Return: 0, or -errno with @err, which ends the writing.
 */
typedef int tl_book_save(void *arg, const char *path, const struct tl_buf *bytes,
			 struct tl_err *err);

/*
 * tl_book_new - begin a book
 * @save: called from within the functions below
 * @arg: for it (borrowed)
 *
 * Return: the book (owned), or NULL without memory.
 */
struct tl_book *tl_book_new(tl_book_save *save, void *arg);

/* tl_book_free - takes NULL */
void tl_book_free(struct tl_book *book);

/*
 * tl_book_add - write the page of one run, and remember what the other pages tell about it
 * @report: borrowed, and needed no longer afterwards
 * @arcs: how this run shows each of tl_arcs() (borrowed, likewise)
 *
 * Return: 0 or -errno with @err.
 */
int tl_book_add(struct tl_book *book, const struct tl_report *report,
		const struct tl_suite_arc *arcs, struct tl_err *err);

/* What a book has come to. */
struct tl_book_size {
	size_t pages, runs;
	size_t bytes;
};

/*
 * tl_book_finish - write all other pages, and the files that they share
 * @best: for each of tl_arcs() the run that shows it best; of those that were added (borrowed)
 * @size: filled
 *
 * Return: 0 or -errno with @err.
 */
int tl_book_finish(struct tl_book *book, const struct tl_suite_arc *best,
		   struct tl_book_size *size, struct tl_err *err);

#endif
