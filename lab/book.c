/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcplab book: the runs that are kept, as one folder of pages that can be served as it is. */
#include "suite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tcplab/book.h"
#include "tcplab/state.h"

#define INDEX_FILE "index.html"
#define LIST_FILE  "files.txt" /* what a book is made of: the next one takes away what it has not */
#define LIST_HEAD  "The files of this book; tcplab takes those away that a later one lacks.\n"

struct writing {
	const struct lab_options *options;
	struct lab_dir dir;
	struct tl_book *book;
	struct lab_coverage coverage;
	size_t skipped;       /* runs that found nothing to tell */
	struct tl_buf files;  /* those that were saved, a line each, between newlines */
	int status;
};

/* Below the book's folder, at most one directory deep. */
static int save(void *arg, const char *path, const struct tl_buf *bytes, struct tl_err *err)
{
	struct writing *w = arg;
	const char *slash = strrchr(path, '/');
	struct lab_dir below = { .fd = -1 };
	char name[NAME_MAX + 1];
	int ret;

	tl_buf_fmt(&w->files, "%s\n", path);
	if (!slash)
		return lab_save(&w->dir, path, bytes, err);
	snprintf(name, sizeof(name), "%.*s", (int)(slash - path), path);
	ret = lab_dir_open(&below, &w->dir, name, err);
	if (!ret)
		ret = lab_save(&below, slash + 1, bytes, err);
	lab_dir_close(&below);
	return ret;
}

/* How this run shows each arrow, as the book wants it; owned. */
static struct tl_suite_arc *arcs_of(const struct lab_kept *kept, const struct tl_buf *shown)
{
	const struct lab_showing *showings = (const struct lab_showing *)shown->data;
	size_t n = shown->len / sizeof(*showings);
	struct tl_suite_arc *arcs = calloc(TL_N_ARCS, sizeof(*arcs));

	for (size_t i = 0; arcs && i < n && i < TL_N_ARCS; i++)
		arcs[i] = (struct tl_suite_arc){ .how = showings[i].how,
						 .scenario = kept->plan->name,
						 .phase = showings[i].phase };
	return arcs;
}

static int add(struct writing *w, const struct lab_kept *kept, struct tl_err *err)
{
	const struct tl_report report = lab_kept_report(kept);
	struct tl_buf shown = { 0 };
	struct tl_suite_arc *arcs;
	int ret;

	lab_show_arcs(kept, &shown);
	arcs = shown.failed ? NULL : arcs_of(kept, &shown);
	ret = arcs ? tl_book_add(w->book, &report, arcs, err) :
		     tl_err_set(err, ENOMEM, "no memory for the arrows");
	if (!ret)
		lab_coverage_add(&w->coverage, kept->plan, &shown);
	free(arcs);
	tl_buf_release(&shown);
	return ret;
}

static void add_trace(void *arg, const char *path)
{
	struct writing *w = arg;
	struct lab_kept kept = { 0 };
	struct tl_err err;

	if (w->status)
		return;
	if (lab_kept_read(&kept, path, &err))
		w->status = lab_refuse("%s", err.text);
	else if (kept.verdict.result == TL_RESULT_SKIPPED)
		w->skipped++;
	else if (add(w, &kept, &err))
		w->status = lab_fail("%s", err.text);
	lab_kept_release(&kept);
}

/* A page that save() may have written: no dots to climb by, at most one directory. */
static bool is_page(const char *path)
{
	size_t n = strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
				"./");
	const char *slash = strchr(path, '/');

	return !path[n] && n > 5 && !strcmp(path + n - 5, ".html") && *path != '.' &&
	       *path != '/' && !(slash && (slash[1] == '.' || strchr(slash + 1, '/')));
}

/* Take a page of the book before away that this one has not. What is not ours stays. */
static void forget(struct writing *w, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct lab_dir below = { .fd = -1 };
	char name[NAME_MAX + 1];
	struct tl_err err;

	if (!slash) {
		lab_forget(&w->dir, path, &err);
		return;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(slash - path), path);
	if (!lab_dir_open(&below, &w->dir, name, &err))
		lab_forget(&below, slash + 1, &err);
	lab_dir_close(&below);
}

static bool is_among(const struct tl_buf *files, const char *path)
{
	char line[PATH_MAX + 3];

	snprintf(line, sizeof(line), "\n%s\n", path);
	return strstr(tl_buf_text(files), line);
}

/* The book that was here before said what it is made of. */
static void tidy(struct writing *w)
{
	char path[PATH_MAX + sizeof(LIST_FILE) + 1], *rest = NULL;
	struct tl_buf before = { 0 };
	struct tl_err err;
	struct stat st;

	snprintf(path, sizeof(path), "%s/" LIST_FILE, w->dir.path);
	if (!lstat(path, &st) && S_ISREG(st.st_mode) && !lab_read_file(path, &before, &err) &&
	    !w->files.failed &&
	    !strncmp(tl_buf_text(&before), LIST_HEAD, strlen(LIST_HEAD)))
		for (char *file = strtok_r(before.data + strlen(LIST_HEAD), "\n", &rest); file;
		     file = strtok_r(NULL, "\n", &rest))
			if (is_page(file) && !is_among(&w->files, file))
				forget(w, file);
	tl_buf_release(&before);
	if (!w->files.failed && lab_save(&w->dir, LIST_FILE, &w->files, &err))
		w->status = lab_fail("%s", err.text);
}

static void say(struct writing *w, const struct tl_book_size *size)
{
	struct tl_buf url = { 0 };

	lab_file_url(&w->dir, INDEX_FILE, &url);
	w->status = lab_answer("%zu pages of %zu run%s, %.1f MB: %s", size->pages, size->runs,
			       size->runs == 1 ? "" : "s", size->bytes / 1e6, tl_buf_text(&url));
	if (w->skipped)
		lab_mention("%zu run%s left out, which this host could not carry out", w->skipped,
			    w->skipped == 1 ? " is" : "s are");
	tl_buf_release(&url);
}

static void finish(struct writing *w)
{
	struct tl_suite_arc *best = lab_coverage_arcs(&w->coverage);
	struct tl_book_size size;
	struct tl_err err;

	if (!best)
		w->status = lab_fail("no memory for the arrows");
	else if (tl_book_finish(w->book, best, &size, &err))
		w->status = lab_fail("%s", err.text);
	else
		tidy(w);
	if (!w->status)
		say(w, &size);
	free(best);
}

static void write_book(struct writing *w)
{
	struct tl_err err;

	if (lab_out_open(&w->dir, w->options->args[0], false, &err)) {
		w->status = lab_fail("%s", err.text);
		return;
	}
	tl_buf_str(&w->files, LIST_HEAD);
	lab_each_trace(w->options->out, add_trace, w);
	if (!w->status && !w->coverage.traces)
		w->status = lab_refuse("no runs below %s/; \"%s run --all\" makes some",
				       w->options->out, lab_typed());
	if (!w->status)
		finish(w);
	tl_buf_release(&w->files);
}

int lab_book(const struct lab_options *options)
{
	struct writing w = { .options = options, .dir.fd = -1 };

	if (options->n_args != 1)
		return lab_refuse("book takes the folder that it writes to, such as \"%s book "
				  "site\"", lab_typed());
	w.book = tl_book_new(save, &w);
	if (!w.book || lab_coverage_init(&w.coverage))
		w.status = lab_fail("no memory for the book");
	else
		write_book(&w);
	lab_dir_close(&w.dir);
	lab_coverage_release(&w.coverage);
	tl_book_free(w.book);
	return w.status;
}
