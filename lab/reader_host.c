/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A look at the reader's own host, for snap, why and watch. */
#include "reader_host.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

int lab_host_enter(const struct lab_options *options, struct tl_err *err)
{
	char path[64];
	int fd, rc = 0;

	if (!options->pid)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", options->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return tl_err_set(err, errno, "--pid %d: %s", options->pid,
				  errno == ENOENT ? "there is no such process" : strerror(errno));
	if (setns(fd, CLONE_NEWNET))
		rc = tl_err_set(err, errno, "--pid %d: its network cannot be entered: %s%s",
				options->pid, strerror(errno),
				errno == EPERM ? " (run it as root)" : "");
	close(fd);
	return rc;
}

void lab_host_told(const struct lab_options *options, struct lab_look *look)
{
	time_t now = time(NULL);
	struct tm tm;

	if (gethostname(look->host, sizeof(look->host) - 1))
		strcpy(look->host, "?");
	localtime_r(&now, &tm);
	strftime(look->time, sizeof(look->time), "%H:%M:%S", &tm);
	if (options->pid)
		snprintf(look->about, sizeof(look->about), "of process %d", options->pid);
	look->told = (struct tl_host_told){
		.host = look->host,
		.time = look->time,
		.took_ms = -1,
		.program = lab_typed(),
		.about = options->pid ? look->about : NULL,
		.width = options->style.width,
		.color = options->style.color,
		.root = !geteuid(),
	};
}

/* The limit is told of who nears it: only those with many descriptors are asked. */
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

	lab_host_told(options, look);
	rc = tl_host_look(wants, sieve, &look->look, err);
	look->told.took_ms = now_ms() - began;
	if (rc)
		return rc;
	ask_limits(&look->look);
	return tl_diagnoses_make(&look->look, &look->findings, err);
}

void lab_look_release(struct lab_look *look)
{
	tl_diagnoses_release(&look->findings);
	tl_host_release(&look->look);
}
