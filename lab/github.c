/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --github: annotations on standard output, the Markdown in the job's summary. */
#include "lab.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* GitHub takes a step's summary of up to 1 MiB, and nothing at all of a longer one. */
#define SUMMARY_MOST (1024 * 1024)

/* Append to the file that GitHub names, or say there that it would not fit. */
static int summarize(const struct tl_buf *text, const char *name, struct tl_err *err)
{
	const char *path = getenv("GITHUB_STEP_SUMMARY");
	struct tl_buf instead = { 0 };
	struct stat st;
	int fd, ret = 0;

	if (!path || !*path)
		return 0;
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || fstat(fd, &st)) {
		ret = tl_err_set(err, errno, "%s: %s", path, strerror(errno));
		goto out;
	}
	if (st.st_size + text->len + 1 > SUMMARY_MOST) {
		tl_buf_fmt(&instead, "The report of %s does not fit in here any more.\n", name);
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
	struct tl_err err;
	int status = LAB_OK;

	if (summarize(summary, name, &err)) {
		lab_complain("%s", err.text);
		status = LAB_ERROR;
	}
	return lab_worse(status, lab_print(notes));
}
