/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * The backlog of a processor is first come, first served. softnet_stat has a line for each of
 * them, which says how many it has dealt with so far and how many are still to come: when the
 * first has risen by the second, what was there is done, whatever has come behind it. The counts
 * are of 32 bits, and start from 0 again.
 */
#include "backlog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tcplab/grow.h"

/* Columns of softnet_stat that count, from 0; the second there since 5.10. */
enum { PROCESSED = 0, BACKLOG = 11 };

/* Room for a line for each of some 500 processors. */
enum { STAT_MOST = 64 * 1024 };

int backlog_open(struct backlog *backlog, const char *path, struct tl_err *err)
{
	*backlog = (struct backlog){ .stat = open(path, O_RDONLY | O_CLOEXEC),
				     .text = malloc(STAT_MOST) };
	if (backlog->text)
		return 0;
	if (backlog->stat >= 0)
		close(backlog->stat);
	return tl_err_set(err, ENOMEM, "no memory for the backlog");
}

void backlog_close(struct backlog *backlog)
{
	/* zeroes are a backlog that was never opened */
	if (backlog->text && backlog->stat >= 0)
		close(backlog->stat);
	free(backlog->text);
	free(backlog->due);
	*backlog = (struct backlog){ .stat = -1 };
}

/* The two columns of one line. Return: the next line, NULL after the last. */
static char *read_line(char *line, uint32_t *processed, uint32_t *waiting)
{
	char *end = strchr(line, '\n'), *at = line;

	*processed = *waiting = 0;
	for (int column = 0; end && at < end && column <= BACKLOG; column++) {
		uint32_t value = strtoul(at, &at, 16);

		if (column == PROCESSED)
			*processed = value;
		else if (column == BACKLOG)
			*waiting = value;
	}
	return end ? end + 1 : NULL;
}

static bool read_stat(const struct backlog *backlog)
{
	ssize_t n = backlog->stat < 0 ? -1 : pread(backlog->stat, backlog->text, STAT_MOST - 1, 0);

	if (n <= 0)
		return false;
	backlog->text[n] = '\0';
	return true;
}

int backlog_note(struct backlog *backlog, struct tl_err *err)
{
	char *line = backlog->text;
	size_t n = 0;

	if (!read_stat(backlog))
		return 0;
	while (line && *line) {
		uint32_t processed, waiting;

		if (n == backlog->n) {
			if (!TL_GROW(backlog->due, backlog->n))
				return tl_err_set(err, ENOMEM, "no memory for the backlog");
			backlog->n++;
		}
		line = read_line(line, &processed, &waiting);
		backlog->due[n++] = processed + waiting;
	}
	return 0;
}

bool backlog_is_done(const struct backlog *backlog)
{
	char *line = backlog->text;

	if (!backlog->n || !read_stat(backlog))
		return true;
	for (size_t i = 0; line && *line && i < backlog->n; i++) {
		uint32_t processed, waiting;

		line = read_line(line, &processed, &waiting);
		if ((int32_t)(processed - backlog->due[i]) < 0)
			return false;
	}
	return true;
}
