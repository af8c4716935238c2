/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --record: each look becomes a line of a file, which "tcplab report" tells later. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "reader_host.h"
#include "files.h"

/* In a directory: "db-3-20261126-105410.ndjson". */
static int name_file(char *path, size_t size, const char *dir, const struct lab_look *look)
{
	char host[64], when[32];
	time_t now = look->told.unix_ms / 1000;
	struct tm tm;

	snprintf(host, sizeof(host), "%.60s", look->host);
	for (char *at = host; *at; at++)
		if (!isalnum((unsigned char)*at) && *at != '-' && *at != '.')
			*at = '-';
	gmtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y%m%d-%H%M%S", &tm);
	return (size_t)snprintf(path, size, "%s/%s%s-%s.ndjson", dir, *host == '.' ? "host" : "",
				host, when) < size ? 0 : -ENAMETOOLONG;
}

/* A file that is there already is added to, where it is one of ours; no other is touched. */
static int check_file(int fd)
{
	char bytes[32];
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	n = pread(fd, bytes, sizeof(bytes), 0);
	return n < 0 ? -errno : n && !tl_looks_are(bytes, n) ? -EEXIST : 0;
}

static int open_file(const char *path, struct tl_err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	int rc = fd < 0 ? -errno : check_file(fd);

	if (!rc)
		return fd;
	if (fd >= 0)
		close(fd);
	return tl_err_set(err, -rc, "--record=%s: %s", path,
			  rc == -EEXIST ? "it is there, and holds no looks of tcplab's" :
			  rc == -EINVAL ? "no file, and no directory" : strerror(-rc));
}

int lab_record_open(const char *where, const struct lab_look *look, int *fd, struct tl_err *err)
{
	char path[PATH_MAX];
	struct stat st;

	if (!stat(where, &st) && S_ISDIR(st.st_mode)) {
		if (name_file(path, sizeof(path), where, look))
			return tl_err_set(err, ENAMETOOLONG, "--record=%s: %s", where,
					  strerror(ENAMETOOLONG));
		where = path;
	}
	*fd = open_file(where, err);
	return *fd < 0 ? *fd : 0;
}

int lab_record_look(int fd, const struct lab_look *look, struct tl_err *err)
{
	struct tl_buf text = { 0 };
	int rc;

	tl_host_json(&look->look, &look->findings, &look->told, &text);
	/* Strings have no line ends in JSON: those that there are stand between values. */
	for (size_t i = 0; i + 1 < text.len; i++)
		if (text.data[i] == '\n')
			text.data[i] = ' ';
	rc = text.failed ? -ENOMEM : lab_write_all(fd, text.data, text.len);
	tl_buf_release(&text);
	return rc ? tl_err_set(err, -rc, "--record: %s", strerror(-rc)) : 0;
}
