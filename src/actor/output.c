/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program has written since somebody last asked: the end of it, where it is long; and of
 * another actor, which failed, its last lines.
 */
#include "actor_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tcplab/text.h"

#define LAST_LINES 5

/*
 * The end of its log, not before *@from, which gets where that begins.
 * @bytes: TL_OUTPUT_MOST + 1; ends with a NUL
 *
 * Return: how many bytes, or -errno.
 */
static ssize_t read_log(const struct tl_actor *actor, off_t *from, char *bytes)
{
	char path[ACTOR_PATH];
	int fd = open(actor_path(actor, "log", path), O_RDONLY | O_CLOEXEC);
	off_t size;
	ssize_t n;

	*bytes = '\0';
	if (fd < 0) /* it has not been started yet */
		return errno == ENOENT ? 0 : -errno;
	size = lseek(fd, 0, SEEK_END);
	if (size - *from > TL_OUTPUT_MOST)
		*from = size - TL_OUTPUT_MOST;
	n = size > *from ? pread(fd, bytes, size - *from, *from) : 0;
	n = n < 0 ? -errno : n;
	close(fd);
	bytes[n > 0 ? n : 0] = '\0';
	return n;
}

/* Return: how many bytes are before the last lines, none of which is empty at either end. */
static size_t skip_to_last(const char *text, size_t len)
{
	while (len && text[len - 1] == '\n')
		len--;
	for (int lines = 0; len && (text[len - 1] != '\n' || ++lines < LAST_LINES);)
		len--;
	return len + strspn(text + len, "\n");
}

/* From the first whole line on, where there is one. Return: how many bytes are before it. */
static size_t skip_part(const char *text, size_t len)
{
	const char *end = memchr(text, '\n', len);

	return end && end + 1 < text + len ? (size_t)(end + 1 - text) : 0;
}

/* Bytes from elsewhere become a text that only shows; a zero is spelled out as any other. */
static void wash(struct tl_buf *out, char *bytes, size_t len)
{
	for (size_t at = 0; at < len; at += strlen(bytes + at) + 1) {
		tl_text_lines(out, bytes + at);
		if (at + strlen(bytes + at) < len)
			tl_buf_str(out, "\\x00");
	}
}

int tl_actor_output(struct tl_actor *actor, struct tl_buf *out, uint64_t *left_out,
		    struct tl_err *err)
{
	char bytes[TL_OUTPUT_MOST + 1];
	off_t from = actor->told_output;
	bool program = actor->spec->kind == TL_ACTOR_KIND_PROGRAM;
	size_t skip = 0;
	ssize_t n;

	*left_out = 0;
	if (!program && !actor->explains)
		return 0;
	actor->explains = false;
	n = read_log(actor, &from, bytes);
	if (n <= 0)
		return n ? tl_err_set(err, -n, "the log of %s: %s", actor->spec->name,
				      strerror(-n)) : 0;
	if (!program)
		skip = skip_to_last(bytes, n);
	else if (from > actor->told_output)
		skip = skip_part(bytes, n);
	*left_out = from - actor->told_output + skip;
	actor->told_output = from + n;
	wash(out, bytes + skip, n - skip);
	return out->failed ? tl_err_set(err, ENOMEM, "no memory for an output") : 0;
}

void tl_actor_explain(struct tl_actor *actor, struct tl_err *err)
{
	char bytes[TL_OUTPUT_MOST + 1];
	size_t len = strlen(err->text);
	off_t from = 0;
	ssize_t n = read_log(actor, &from, bytes);

	actor->explains = true;
	if (n > 0 && strstr(bytes + skip_to_last(bytes, n), strerror(EROFS)))
		snprintf(err->text + len, sizeof(err->text) - len,
			 "; it can write only to its own directory, HOME and TMPDIR "
			 "(--unsafe-files)");
}
