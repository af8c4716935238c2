/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files: read whole, and written so that nobody else's come to harm.
 *
 * Theory of operation
 *
 * What is under --out may have been put there by somebody else: a link to a file that
 * matters, a FIFO that nobody reads, a page of the user's own. So directories below --out are
 * opened one by one and never through a link, and files are named by the directory's
 * descriptor. A file of ours appears whole, by a rename, and takes the place of nothing but
 * an older one of ours. A trace takes its name while it is empty, since it must be there at
 * whatever moment the run is killed.
 *
 * A directory is locked by flock() on its own descriptor: no file is left by it, and the
 * kernel gives it back however the run ends.
 */
#include "files.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab.h"

#define FILE_MAX (64 << 20)
#define HEAD_LEN 4096 /* where each of our files says whose it is */

int lab_read(const char *path,
	     int (*take)(void *arg, const char *bytes, size_t n, struct tl_err *err), void *arg,
	     struct tl_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char room[65536];
	ssize_t n = 0;
	int ret = 0;

	if (fd < 0)
		return tl_err_set(err, errno, "%s: %s", path, strerror(errno));
	while (!ret && (n = read(fd, room, sizeof(room))) > 0)
		ret = take(arg, room, n, err);
	if (!ret && n < 0)
		ret = tl_err_set(err, errno, "%s: %s", path, strerror(errno));
	close(fd);
	return ret;
}

static int keep(void *arg, const char *bytes, size_t n, struct tl_err *err)
{
	struct tl_buf *out = arg;

	if (out->len + n > FILE_MAX)
		return tl_err_set(err, EFBIG, "larger than %d MiB", FILE_MAX >> 20);
	tl_buf_add(out, bytes, n);
	return out->failed ? tl_err_set(err, ENOMEM, "no memory for it") : 0;
}

int lab_read_file(const char *path, struct tl_buf *out, struct tl_err *err)
{
	int ret = lab_read(path, keep, out, err);

	return ret == -EFBIG || ret == -ENOMEM ? tl_err_prefix(err, "%s", path) : ret;
}

int lab_write_all(int fd, const void *data, size_t len)
{
	for (const char *at = data; len;) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		len -= n;
	}
	return 0;
}

void lab_file_url(const struct lab_dir *dir, const char *file, struct tl_buf *out)
{
	char path[PATH_MAX + NAME_MAX + 1], *whole;

	snprintf(path, sizeof(path), "%s/%s", dir->path, file);
	whole = realpath(path, NULL);
	tl_buf_str(out, "file://");
	for (const char *c = whole ? whole : path; *c; c++)
		tl_buf_fmt(out, isalnum((unsigned char)*c) || strchr("/-._~", *c) ? "%c" : "%%%02X",
			   (unsigned char)*c);
	free(whole);
}

static int complain_of(const struct lab_dir *dir, const char *file, int code, struct tl_err *err)
{
	return tl_err_set(err, code, "%s/%s: %s", dir->path, file, strerror(code));
}

static int set_path(struct lab_dir *dir, const char *out, const char *name, struct tl_err *err)
{
	int n = snprintf(dir->path, sizeof(dir->path), "%s%s%s", out, name ? "/" : "",
			 name ? name : "");

	if (n < 0 || (size_t)n >= sizeof(dir->path))
		return tl_err_set(err, ENAMETOOLONG, "%s: %s", out, strerror(ENAMETOOLONG));
	return 0;
}

/* mkdir -p, through links as well: where --out leads is the user's own choice. */
static int make_dirs(const char *path, struct tl_err *err)
{
	char part[PATH_MAX + 1];

	snprintf(part, sizeof(part), "%s/", path);
	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(part, 0777) && errno != EEXIST)
			return tl_err_set(err, errno, "%s: %s", part, strerror(errno));
		*slash = '/';
	}
	return 0;
}

/* Return: 0 or an errno. */
static int write_and_close(int fd, const struct tl_buf *text)
{
	int code = -lab_write_all(fd, text->data, text->len);

	return close(fd) && !code ? errno : code;
}

int lab_write_new(const char *path, const struct tl_buf *text, struct tl_err *err)
{
	const char *slash = strrchr(path, '/');
	char above[PATH_MAX];
	int fd, code;

	snprintf(above, sizeof(above), "%.*s", slash ? (int)(slash - path) : 0, path);
	if (slash && *above && make_dirs(above, err))
		return -err->code;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return tl_err_set(err, errno, errno == EEXIST ? "%s exists already" : "%s: %m",
				  path);
	code = write_and_close(fd, text);
	if (!code)
		return 0;
	unlink(path);
	return tl_err_set(err, code, "%s: %s", path, strerror(code));
}

/* What has no locks, some network file systems, goes without. */
static int lock(const struct lab_dir *dir, bool shared, struct tl_err *err)
{
	if (!flock(dir->fd, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) || errno != EWOULDBLOCK)
		return 0;
	return tl_err_set(err, EBUSY,
			  "another run writes to %s/; wait for it, or give this one an --out of "
			  "its own",
			  dir->path);
}

int lab_out_open(struct lab_dir *dir, const char *out, bool shared, struct tl_err *err)
{
	int ret = set_path(dir, out, NULL, err);

	dir->fd = -1;
	if (!ret)
		ret = make_dirs(out, err);
	if (ret)
		return ret;
	dir->fd = open(out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir->fd < 0)
		return tl_err_set(err, errno, "%s: %s", out, strerror(errno));
	return lock(dir, shared, err);
}

int lab_dir_open(struct lab_dir *dir, const struct lab_dir *out, const char *name,
		 struct tl_err *err)
{
	int ret = set_path(dir, out->path, name, err), fd = fcntl(out->fd, F_DUPFD_CLOEXEC, 0);
	char part[NAME_MAX + 1];

	dir->fd = -1;
	for (const char *at = name; !ret && fd >= 0 && *at;) {
		int above = fd, n = strcspn(at, "/");

		snprintf(part, sizeof(part), "%.*s", n, at);
		at += n + (at[n] == '/');
		fd = mkdirat(above, part, 0777) && errno != EEXIST ?
			     -1 :
			     openat(above, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			ret = tl_err_set(err, errno, errno == ENOTDIR || errno == ELOOP ?
						 "%s: %s is not a directory, or is a link to "
						 "one" :
						 "%s: %s: %m", dir->path, part);
		close(above);
	}
	if (!ret && fd < 0)
		ret = tl_err_set(err, errno, "%s: %s", out->path, strerror(errno));
	dir->fd = fd;
	return ret ? ret : lock(dir, false, err);
}

void lab_dir_close(struct lab_dir *dir)
{
	if (dir->fd >= 0)
		close(dir->fd);
	dir->fd = -1;
}

/*
 * Has tcplab written it? Also a file that is empty: what a run killed at its start leaves; and a
 * trace of nothing but why it did not even start.
 */
static bool is_ours(int fd)
{
	static const char *const begins[] = { "TAP version 14\n", "{\"event\":\"fault\",\"t_ns\":" };
	char head[HEAD_LEN + 1];
	ssize_t n = read(fd, head, HEAD_LEN);

	if (n <= 0)
		return n == 0;
	head[n] = '\0';
	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++)
		if (!strncmp(head, begins[i], strlen(begins[i])))
			return true;
	return memmem(head, n, "tcplab", 6);
}

/* May a file of ours take this name? Return: 0; 1 as there is none; -errno with @err. */
static int may_replace(const struct lab_dir *dir, const char *file, struct tl_err *err)
{
	struct stat st;
	bool ours;
	int fd;

	if (fstatat(dir->fd, file, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 1 : complain_of(dir, file, errno, err);
	if (!S_ISREG(st.st_mode))
		return tl_err_set(err, EEXIST,
				  "%s/%s is %s and is left alone; move it away, or name another place",
				  dir->path, file,
				  S_ISLNK(st.st_mode) ? "a symbolic link" :
				  S_ISDIR(st.st_mode) ? "a directory" : "not a regular file");
	fd = openat(dir->fd, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return complain_of(dir, file, errno, err);
	ours = is_ours(fd);
	close(fd);
	if (!ours)
		return tl_err_set(err, EEXIST,
				  "%s/%s was not written by tcplab and is left alone; move "
				  "it away, or name another place",
				  dir->path, file);
	return 0;
}

int lab_forget(const struct lab_dir *dir, const char *file, struct tl_err *err)
{
	int ret = may_replace(dir, file, err);

	if (ret)
		return ret < 0 ? ret : 0;
	return unlinkat(dir->fd, file, 0) ? complain_of(dir, file, errno, err) : 0;
}

/* An empty file under a name that nobody knows. Return: its descriptor, or -errno. */
static int create(const struct lab_dir *dir, const char *temporary)
{
	unlinkat(dir->fd, temporary, 0); /* that of a run that was killed */
	return openat(dir->fd, temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
}

/* Let it take its name, or take it away. Return: 0 or -errno with @err. */
static int settle(const struct lab_dir *dir, const char *temporary, const char *file, int code,
		  struct tl_err *err)
{
	int ret = code ? complain_of(dir, file, code, err) : may_replace(dir, file, err);

	if (ret >= 0 && renameat(dir->fd, temporary, dir->fd, file))
		ret = complain_of(dir, file, errno, err);
	if (ret >= 0)
		return 0;
	unlinkat(dir->fd, temporary, 0);
	return ret;
}

static int save(const struct lab_dir *dir, const char *temporary, const char *file,
		const struct tl_buf *text, struct tl_err *err)
{
	int fd = create(dir, temporary);

	if (fd < 0)
		return complain_of(dir, file, errno, err);
	return settle(dir, temporary, file, write_and_close(fd, text), err);
}

int lab_save(const struct lab_dir *dir, const char *file, const struct tl_buf *text,
	     struct tl_err *err)
{
	char temporary[NAME_MAX + 1];

	snprintf(temporary, sizeof(temporary), ".%s.new", file);
	return save(dir, temporary, file, text, err);
}

int lab_save_at(const char *path, const struct tl_buf *text, struct tl_err *err)
{
	const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
	struct lab_dir dir = { 0 };
	char temporary[NAME_MAX + 1];
	int ret;

	if (strlen(path) >= sizeof(dir.path))
		return tl_err_set(err, ENAMETOOLONG, "%s", strerror(ENAMETOOLONG));
	snprintf(dir.path, sizeof(dir.path), "%.*s", slash ? (int)(slash - path) : 1,
		 slash ? path : ".");
	dir.fd = open(slash == path ? "/" : dir.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir.fd < 0)
		return tl_err_set(err, errno, "%s: %s", dir.path, strerror(errno));
	snprintf(temporary, sizeof(temporary), ".%s.%d", file, (int)getpid());
	ret = save(&dir, temporary, file, text, err);
	close(dir.fd);
	return ret;
}

int lab_create(const struct lab_dir *dir, const char *file, int *fd, struct tl_err *err)
{
	char temporary[NAME_MAX + 1];
	int ret;

	snprintf(temporary, sizeof(temporary), ".%s.new", file);
	*fd = create(dir, temporary);
	if (*fd < 0)
		return complain_of(dir, file, errno, err);
	ret = settle(dir, temporary, file, 0, err);
	if (ret) {
		close(*fd);
		*fd = -1;
	}
	return ret;
}
