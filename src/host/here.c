/* SPDX-License-Identifier: GPL-2.0-or-later */
/* This host, now: one dump, one pass over /proc, settings and counters. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arrange.h"
#include "tcplab/buf.h"
#include "tcplab/host.h"

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

static int take(void *arg, const struct tl_sock *sock, const struct tl_sock_info *info,
		struct tl_err *err)
{
	return tl_host_add(arg, sock, info, err);
}

int tl_host_look(unsigned wants, const struct tl_sieve *sieve, struct tl_host *look,
		 struct tl_err *err)
{
	const struct tl_stream stream = { .states = (1u << TL_STATE_MAX) - 2,
					  .info = wants & TL_HOST_INFO, .take = take, .arg = look };
	int rc = 0;

	look->blind = access("/proc/self", F_OK);
	look->root = !geteuid();
	look->says = wants | TL_HOST_INODES | TL_HOST_BACKLOG | TL_HOST_TIMERS | TL_HOST_HERE;
	tl_knobs_unknown(&look->knobs);
	if (!(wants & TL_HOST_ROWS))
		read_knobs(&look->knobs);
	if (wants & TL_HOST_PROCESSES && !look->blind)
		rc = tl_processes_read("/proc", &look->processes, err);
	if (!rc && wants & TL_HOST_WATCHED && !look->blind)
		rc = tl_processes_watch("/proc", &look->processes, err);
	rc = rc ? rc : tl_table_stream(&stream, &look->torn, err);
	if (!rc && !(wants & TL_HOST_ROWS))
		read_overflowed(look);
	return rc ? rc : tl_host_arrange(look, sieve, err);
}
