/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a program has written since somebody last asked: the end of it, where it is long. */
#include "actor_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tcplab/text.h"

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
	char path[ACTOR_PATH], bytes[TL_OUTPUT_MOST + 1];
	off_t size, from = actor->told_output;
	size_t skip = 0;
	ssize_t n;
	int fd;

	*left_out = 0;
	if (actor->spec->kind != TL_ACTOR_KIND_PROGRAM)
		return 0;
	fd = open(actor_path(actor, "log", path), O_RDONLY | O_CLOEXEC);
	if (fd < 0) /* it has not been started yet */
		return errno == ENOENT ? 0 : tl_err_set(err, errno, "%s: %s", path, strerror(errno));
	size = lseek(fd, 0, SEEK_END);
	if (size - from > TL_OUTPUT_MOST)
		from = size - TL_OUTPUT_MOST;
	n = size > from ? pread(fd, bytes, size - from, from) : 0;
	close(fd);
	if (n <= 0)
		return n ? tl_err_set(err, errno, "%s: %s", path, strerror(errno)) : 0;
	if (from > actor->told_output)
		skip = skip_part(bytes, n);
	*left_out = from - actor->told_output + skip;
	actor->told_output = from + n;
	bytes[n] = '\0';
	wash(out, bytes + skip, n - skip);
	return out->failed ? tl_err_set(err, ENOMEM, "no memory for an output") : 0;
}
