/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A look at the reader's own host, for snap, why and watch. */
#include "reader_host.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tcplab/saved.h"

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

/* Our own needs no setns(2), which an ordinary user may not call. */
int lab_network_enter(int network)
{
	struct stat theirs, ours;

	if (!fstat(network, &theirs) && !stat("/proc/self/ns/net", &ours) &&
	    theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino)
		return 0;
	return setns(network, CLONE_NEWNET) ? -errno : 0;
}

static int enter(const struct lab_options *options, struct tl_err *err)
{
	char path[64];
	int fd, rc = 0;

	if (!options->pid || options->entered)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", options->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return tl_err_set(err, errno, "--pid %d: %s", options->pid,
				  errno != ENOENT ? strerror(errno) :
				  geteuid() ? "there is no such process that this user may see" :
					      "there is no such process");
	rc = lab_network_enter(fd);
	if (rc)
		rc = tl_err_set(err, -rc, "--pid %d: its network cannot be entered: %s%s",
				options->pid, strerror(-rc),
				rc == -EPERM ? " (run it as root)" : "");
	close(fd);
	return rc;
}

int lab_host_enter(const struct lab_options *options, bool saved, struct tl_sieve *sieve,
		   struct tl_err *err)
{
	int rc = saved ? 0 : enter(options, err);

	for (size_t i = 0; saved && i < sieve->n; i++)
		if (*sieve->term[i].zone)
			return tl_err_set(err, EINVAL, "a saved table does not say which "
					  "interface a row is of: leave \"%%%s\" out",
					  sieve->term[i].zone);
	return rc || saved ? rc : tl_sieve_zones(sieve, err);
}

static void fill_time(struct lab_look *look)
{
	struct timespec now;
	struct tm tm;

	if (gethostname(look->host, sizeof(look->host) - 1))
		strcpy(look->host, "?");
	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	strftime(look->time, sizeof(look->time), "%H:%M:%S", &tm);
	look->told.time = look->time;
	look->told.unix_ms = now.tv_sec * (int64_t)1000 + now.tv_nsec / 1000000;
	clock_gettime(CLOCK_BOOTTIME, &now);
	look->told.up_ms = now.tv_sec * (int64_t)1000 + now.tv_nsec / 1000000;
}

static void fill_told(const struct lab_options *options, struct lab_look *look)
{
	look->told = (struct tl_host_told){
		.host = look->host,
		.took_ms = -1,
		.program = lab_typed(),
		.network = options->pid,
		.width = options->style.width,
		.color = options->style.color,
		.root = !geteuid(),
	};
}

/* The limit is shown for processes that come near it: those with few descriptors are not asked. */
static void ask_limits(struct tl_host *look)
{
	for (size_t i = 0; i < look->processes.n; i++)
		if (look->processes.v[i].descriptors >= 64)
			tl_process_more("/proc", &look->processes.v[i]);
}

int lab_host_look(const struct lab_options *options, unsigned wants,
		  const struct tl_sieve *sieve, struct lab_look *look, struct tl_err *err)
{
	double began = now_ms();
	int rc;

	fill_told(options, look);
	fill_time(look);
	rc = tl_host_look(wants, sieve, &look->look, err);
	look->told.took_ms = now_ms() - began;
	if (rc)
		return rc;
	ask_limits(&look->look);
	return tl_diagnoses_make(&look->look, &look->findings, err);
}

int lab_host_each_row(const struct lab_options *options, const struct tl_sieve *sieve,
		      struct lab_look *look,
		      int (*take)(void *arg, const struct tl_seen *row, struct tl_err *err),
		      void *arg, struct tl_err *err)
{
	fill_told(options, look);
	return tl_host_each_row(sieve, &look->look, take, arg, err);
}

enum { SAVED_MOST = 256 << 20 };

static int read_input(struct tl_buf *out, struct tl_err *err)
{
	static char room[65536];
	ssize_t n;

	while ((n = read(STDIN_FILENO, room, sizeof(room))) > 0 && out->len < SAVED_MOST)
		tl_buf_add(out, room, n);
	if (n < 0)
		return tl_err_set(err, errno, "standard input: %s", strerror(errno));
	if (n > 0)
		return tl_err_set(err, EFBIG, "standard input: larger than %d MiB",
				  SAVED_MOST >> 20);
	return out->failed ? tl_err_set(err, ENOMEM, "standard input: no memory for it") : 0;
}

static const char *why_unread(unsigned says)
{
	return says & TL_HOST_FOREIGN ?
		       ": states that are not in English (print it with LC_ALL=C)" :
	       says & TL_HOST_NAMED ? ": names in place of numbers (print it with -n)" : "";
}

int lab_host_saved(const struct lab_options *options, const struct tl_sieve *sieve,
		   struct lab_look *look, struct tl_err *err)
{
	struct tl_buf text = { 0 };
	struct tl_unread unread = { 0 };
	int rc = read_input(&text, err);

	fill_told(options, look);
	strcpy(look->host, "from a saved table");
	if (!rc)
		rc = tl_saved_read(tl_buf_text(&text), text.len, sieve, &look->look, &unread, err);
	if (!rc && unread.n)
		lab_complain("%zu line%s of the saved table cannot be read, %sline %zu%s", unread.n,
			     unread.n == 1 ? "" : "s", unread.n == 1 ? "" : "the first is ",
			     unread.line, why_unread(look->look.says));
	if (!rc && unread.twice)
		lab_mention("%zu rows of the saved text stand in another table of it as well: each "
			    "socket is told once", unread.twice);
	if (!rc && unread.cut)
		lab_mention("%zu row%s an IPv6 address that netstat may have cut off: it prints "
			    "all of it with -W", unread.cut, unread.cut == 1 ? " has" : "s have");
	if (!rc && look->look.says & TL_HOST_BSD)
		lab_mention("this table is of BSD or macOS: commands and settings that are named "
			    "are those of Linux");
	tl_buf_release(&text);
	return rc ? rc : tl_diagnoses_make(&look->look, &look->findings, err);
}

/* Take "-" away from the front of what was asked for. Return: it was there. */
static bool is_saved(struct lab_options *options)
{
	if (!options->n_args || strcmp(options->args[0], "-"))
		return false;
	options->args++;
	options->n_args--;
	return true;
}

int lab_host_command(const struct lab_options *asked, const struct lab_host_command *command)
{
	struct lab_options own = *asked, *options = &own;
	bool saved = is_saved(options);
	const char *refused;
	struct tl_sieve sieve;
	struct tl_err err;
	int rc = tl_sieve_parse(options->args, options->n_args, &sieve, &err);

	refused = rc		   ? err.text :
		  command->refuses ? command->refuses(options, saved, &sieve) :
				     NULL;
	if (refused)
		return lab_refuse("%s", refused);
	if (options->all)
		return lab_host_all(options, saved, command->run);
	rc = lab_host_enter(options, saved, &sieve, &err);
	rc = rc ? rc : command->tell(options, saved, &sieve, &err);
	if (rc < 0)
		lab_complain("%s", err.text);
	return rc < 0 ? rc == -EOPNOTSUPP ? LAB_UNSUPPORTED : LAB_ERROR : rc;
}

void lab_look_release(struct lab_look *look)
{
	tl_diagnoses_release(&look->findings);
	tl_host_release(&look->look);
}
