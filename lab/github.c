/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --github: annotations on standard output, the Markdown in the job's summary.
 *
 * Whatever else is printed may quote a program, a server or a file, and a line of theirs that
 * begins with "::" would be a command to the runner. So commands are stopped from the first
 * line on, by a word that nobody can guess, and go on for the annotations alone.
 * Source: GitHub Docs, "Stopping and starting workflow commands".
 */
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* GitHub takes a step's summary of up to 1 MiB, and nothing at all of a longer one. */
#define SUMMARY_MOST (1024 * 1024)

/* The word that ends what is stopped; "" while nothing is. */
static char word[33];

int lab_github_stop(struct tl_err *err)
{
	unsigned char random[16];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return tl_err_set(err, errno, "getrandom: %s", strerror(errno));
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(word + 2 * i, 3, "%02x", random[i]);
	return lab_answer("::stop-commands::%s", word) ?
		       tl_err_set(err, EIO, "commands to the runner cannot be stopped") : 0;
}

void lab_github_go_on(void)
{
	if (*word)
		lab_answer("::%s::", word);
}

/* Append to the file that GitHub names, or say there that it would not fit. */
static int summarize(const struct tl_buf *text, const char *name, struct tl_err *err)
{
	const char *path = getenv("GITHUB_STEP_SUMMARY");
	struct tl_buf instead = { 0 };
	struct stat st;
	int fd, ret = 0;

	if (!path || !*path)
		return 0;
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0644);
	if (fd < 0 || fstat(fd, &st)) {
		ret = tl_err_set(err, errno, "%s: %s", path, strerror(errno));
		goto out;
	}
	if (st.st_size + text->len + 1 > SUMMARY_MOST) {
		tl_buf_fmt(&instead, "There is no room left here for the report of %s.\n", name);
		text = &instead;
	}
	if (st.st_size + text->len <= SUMMARY_MOST &&
	    write(fd, tl_buf_text(text), text->len) != (ssize_t)text->len)
		ret = tl_err_set(err, errno ? errno : EIO, "%s: %s", path, strerror(errno));
out:
	if (fd >= 0)
		close(fd);
	tl_buf_release(&instead);
	return ret;
}

int lab_github_render(const struct lab_kept *kept, const struct lab_options *options,
		      struct tl_buf *notes, struct tl_buf *summary, struct tl_err *err)
{
	int ret = lab_kept_render(kept, tl_renderer_find("github"), &options->style, notes, err);

	return ret ? ret :
		     lab_kept_render(kept, tl_renderer_find("md"), &options->style, summary, err);
}

int lab_github_tell(const char *name, const struct tl_buf *notes, const struct tl_buf *summary)
{
	struct tl_buf text = { 0 };
	struct tl_err err;
	int status = LAB_OK;

	if (notes->len)
		tl_buf_fmt(&text, "::%s::\n%s::stop-commands::%s\n", word, tl_buf_text(notes),
			   word);
	if (summarize(summary, name, &err))
		status = lab_fail("%s", err.text);
	status = lab_worse(status, lab_print(&text));
	tl_buf_release(&text);
	return status;
}
