/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (64 << 20)

void lab_file_url(const char *path, struct tl_buf *out)
{
	char *whole = realpath(path, NULL);

	tl_buf_str(out, "file://");
	for (const char *c = whole ? whole : path; *c; c++)
		tl_buf_fmt(out, isalnum((unsigned char)*c) || strchr("/-._~", *c) ? "%c" : "%%%02X",
			   (unsigned char)*c);
	free(whole);
}

int lab_read_file(const char *path, struct tl_buf *out, struct tl_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char room[65536];
	ssize_t n = 0;
	int ret = 0;

	if (fd < 0)
		return tl_err_set(err, errno, "%s: %s", path, strerror(errno));
	while (out->len <= FILE_MAX && (n = read(fd, room, sizeof(room))) > 0)
		tl_buf_add(out, room, n);
	if (n < 0)
		ret = tl_err_set(err, errno, "%s: %s", path, strerror(errno));
	else if (out->len > FILE_MAX)
		ret = tl_err_set(err, EFBIG, "%s: larger than %d MiB", path, FILE_MAX >> 20);
	else if (out->failed)
		ret = tl_err_set(err, ENOMEM, "%s: no memory for it", path);
	close(fd);
	return ret;
}

int lab_save_file(const char *path, const struct tl_buf *text, struct tl_err *err)
{
	FILE *file = fopen(path, "we");
	size_t n;

	if (!file)
		return tl_err_set(err, errno, "%s: %s", path, strerror(errno));
	n = fwrite(tl_buf_text(text), 1, text->len, file);
	if (fclose(file) || n != text->len)
		return tl_err_set(err, errno ? errno : EIO, "%s: %s", path, strerror(errno));
	return 0;
}

int lab_make_dirs(const char *path, struct tl_err *err)
{
	char part[PATH_MAX];
	int n = snprintf(part, sizeof(part), "%s/", path);

	if (n < 0 || (size_t)n >= sizeof(part))
		return tl_err_set(err, ENAMETOOLONG, "%s: %s", path, strerror(ENAMETOOLONG));
	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(part, 0777) && errno != EEXIST)
			return tl_err_set(err, errno, "%s: %s", part, strerror(errno));
		*slash = '/';
	}
	return 0;
}
