/* SPDX-License-Identifier: GPL-2.0-or-later */
/* This host, now: one dump, one pass over /proc, settings and counters. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arrange.h"
#include "tcplab/buf.h"
#include "tcplab/host.h"
#include "tcplab/sieve.h"

enum { ALL_STATES = (1u << TL_STATE_MAX) - 2 };

static int64_t read_number(const char *path)
{
	FILE *file = fopen(path, "re");
	long long value;
	int got;

	if (!file)
		return -1;
	got = fscanf(file, "%lld", &value);
	fclose(file);
	return got == 1 ? value : -1;
}

const struct tl_knob_name tl_knob_names[TL_N_KNOBS] = {
#define X(id, folder, name) [TL_KNOB_##id] = { folder, name },
	TL_KNOBS(X)
#undef X
};

const char *const tl_host_counter_names[TL_N_HOST_COUNTERS] = {
#define X(id, name) [TL_HOST_COUNTER_##id] = name,
	TL_HOST_COUNTERS(X)
#undef X
};

static void read_settings(struct tl_knobs *knobs)
{
	FILE *file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
	char path[64];

	for (size_t i = 0; i < TL_N_KNOBS; i++) {
		snprintf(path, sizeof(path), "/proc/sys/net/%s/%s", tl_knob_names[i].folder,
			 tl_knob_names[i].name);
		knobs->setting[i] = read_number(path);
	}
	if (!file)
		return;
	if (fscanf(file, "%d %d", &knobs->port_low, &knobs->port_high) != 2)
		knobs->port_low = knobs->port_high = 0;
	fclose(file);
}

static void read_counters(struct tl_knobs *knobs)
{
	struct tl_buf text = { 0 };
	struct tl_err err;
	uint64_t value;

	if (!tl_table_counters(&text, &err))
		for (size_t i = 0; i < TL_N_HOST_COUNTERS; i++)
			if (tl_counter_find(tl_buf_text(&text), tl_host_counter_names[i],
					    &value))
				knobs->counter[i] = value;
	tl_buf_release(&text);
}

static void read_knobs(struct tl_knobs *knobs)
{
	read_settings(knobs);
	read_counters(knobs);
}

/* Is a queue so full that the next connection is dropped? Then see whether some are, right now. */
static void read_overflowed(struct tl_host *look)
{
	int64_t before = look->knobs.counter[TL_HOST_COUNTER_OVERFLOWS];

	for (size_t i = 0; i < look->n; i++) {
		const struct tl_sock *sock = &look->rows[i].sock;

		if (sock->state != TL_LISTEN || !tl_host_is_over(sock))
			continue;
		read_counters(&look->knobs);
		if (before >= 0 && look->knobs.counter[TL_HOST_COUNTER_OVERFLOWS] > before)
			look->overflowed = look->knobs.counter[TL_HOST_COUNTER_OVERFLOWS] - before;
		return;
	}
}

static int keep(void *arg, const struct tl_sock *sock, const struct tl_sock_info *info,
		struct tl_err *err)
{
	return tl_host_add(arg, sock, info, err);
}

static int read_processes(unsigned wants, struct tl_host *look, struct tl_err *err)
{
	look->blind = access("/proc/self", F_OK);
	look->root = !geteuid();
	look->says = wants | TL_HOST_INODES | TL_HOST_BACKLOG | TL_HOST_TIMERS | TL_HOST_HERE;
	return wants & TL_HOST_PROCESSES && !look->blind ?
		       tl_processes_read("/proc", &look->processes, err) : 0;
}

int tl_host_look(unsigned wants, const struct tl_sieve *sieve, struct tl_host *look,
		 struct tl_err *err)
{
	const struct tl_stream stream = { .states = ALL_STATES, .info = wants & TL_HOST_INFO,
					  .take = keep, .arg = look };
	int rc;

	tl_knobs_unknown(&look->knobs);
	read_knobs(&look->knobs);
	rc = read_processes(wants, look, err);
	if (!rc && wants & TL_HOST_WATCHED && !look->blind)
		rc = tl_processes_watch("/proc", &look->processes, err);
	rc = rc ? rc : tl_table_stream(&stream, &look->torn, err);
	if (rc)
		return rc;
	read_overflowed(look);
	return tl_host_arrange(look, sieve, err);
}

/* A look that keeps no row, on its way. */
struct passing {
	struct tl_host *look;
	const struct tl_sieve *sieve;
	int (*take)(void *arg, const struct tl_seen *row, struct tl_err *err);
	void *arg;
};

/* The kernel tells its listeners first: they have an index before somebody waits in their queues. */
static int pass(void *arg, const struct tl_sock *sock, const struct tl_sock_info *info,
		struct tl_err *err)
{
	struct passing *passing = arg;
	struct tl_host *look = passing->look;
	struct tl_seen row = { .sock = *sock, .info = *info };

	if (sock->state == TL_LISTEN && tl_host_add(look, sock, info, err))
		return -ENOMEM;
	if (!sock->inode && !look->ports && tl_host_index_listeners(look))
		return tl_err_set(err, ENOMEM, "no memory for %zu listeners", look->n);
	tl_host_own(look, passing->sieve, &row);
	return row.left_out ? 0 : passing->take(passing->arg, &row, err);
}

int tl_host_each_row(const struct tl_sieve *sieve, struct tl_host *look,
		     int (*take)(void *arg, const struct tl_seen *row, struct tl_err *err), void *arg,
		     struct tl_err *err)
{
	struct passing passing = { look, sieve, take, arg };
	const struct tl_stream stream = {
		.states = sieve->states ? sieve->states | 1u << TL_LISTEN : ALL_STATES,
		.info = true, .take = pass, .arg = &passing,
	};
	int rc = read_processes(TL_HOST_INFO | TL_HOST_PROCESSES, look, err);

	tl_knobs_unknown(&look->knobs);
	return rc ? rc : tl_table_stream(&stream, &look->torn, err);
}
