/* SPDX-License-Identifier: GPL-2.0-or-later */
/* This host, now: one dump, one pass over /proc, settings and counters. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arrange.h"
#include "tcplab/buf.h"
#include "tcplab/enum_names.h"
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

const char *const tl_host_counter_names[TL_N_HOST_COUNTERS] = { TL_HOST_COUNTERS(TL_X_NAME) };

/* "8080,50000-50099": how many of them are among the local ports. */
static void read_reserved(struct tl_knobs *knobs)
{
	FILE *file = fopen("/proc/sys/net/ipv4/ip_local_reserved_ports", "re");
	int first, last, got;

	if (!file)
		return;
	while ((got = fscanf(file, "%d-%d", &first, &last)) > 0) {
		last = got == 1 ? first : last;
		first = first < knobs->port_low ? knobs->port_low : first;
		last = last > knobs->port_high ? knobs->port_high : last;
		knobs->ports_reserved += first <= last ? last - first + 1 : 0;
		fgetc(file); /* "," */
	}
	fclose(file);
}

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
	read_reserved(knobs);
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

/* After the table: what its timers have done is counted then. */
static void read_counters_again(struct tl_host *look)
{
	int64_t before = look->knobs.counter[TL_HOST_COUNTER_OVERFLOWS];

	read_counters(&look->knobs);
	if (before >= 0 && look->knobs.counter[TL_HOST_COUNTER_OVERFLOWS] > before)
		look->overflowed = look->knobs.counter[TL_HOST_COUNTER_OVERFLOWS] - before;
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
	read_settings(&look->knobs);
	read_counters(&look->knobs);
	look->unset = look->knobs.setting[TL_KNOB_FIN_TIMEOUT] < 0;
	rc = read_processes(wants, look, err);
	if (!rc && wants & TL_HOST_WATCHED && !look->blind)
		rc = tl_processes_watch("/proc", &look->processes, err);
	rc = rc ? rc : tl_table_stream(&stream, &look->torn, err);
	if (rc)
		return rc;
	read_counters_again(look);
	return tl_host_arrange(look, sieve, err);
}

/* So many rows may come before the processes are known. */
enum { AHEAD = 12288 };

struct ahead {
	struct tl_sock sock;
	struct tl_sock_info info;
};

/* A look that keeps no row, on its way. */
struct passing {
	struct tl_host *look;
	const struct tl_sieve *sieve;
	int (*take)(void *arg, const struct tl_seen *row, struct tl_err *err);
	void *arg;
	struct ahead *ahead;    /* NULL: the processes are read first */
	size_t n_ahead;
	bool known;             /* the processes are, or why not: */
	sem_t walked;
	int walk_rc, rc;
	struct tl_err walk_err, err;
};

static void walk(struct passing *passing)
{
	passing->walk_rc = read_processes(TL_HOST_INFO | TL_HOST_PROCESSES, passing->look,
					  &passing->walk_err);
	sem_post(&passing->walked);
}

/* Is one free for half of the work? Where all are taken the two would wait for each other's turns. */
static bool has_free_processor(void)
{
	FILE *file = fopen("/proc/loadavg", "re");
	cpu_set_t ours;
	int running = 0;

	if (!file)
		return false;
	if (fscanf(file, "%*s %*s %*s %d", &running) != 1 || sched_getaffinity(0, sizeof(ours), &ours))
		CPU_ZERO(&ours);
	fclose(file);
	return running < CPU_COUNT(&ours);
}

/* The kernel tells its listeners first: they have an index before somebody waits in their queues. */
static int pass(struct passing *passing, const struct tl_sock *sock, const struct tl_sock_info *info,
		struct tl_err *err)
{
	struct tl_seen row = { .sock = *sock, .info = *info };
	struct tl_host *look = passing->look;

	if (sock->state == TL_LISTEN && tl_host_add(look, sock, info, err))
		return -ENOMEM;
	if (!sock->inode && !look->ports && tl_host_index_listeners(look))
		return tl_err_set(err, ENOMEM, "no memory for %zu listeners", look->n);
	tl_host_own(look, passing->sieve, &row);
	return row.left_out ? 0 : passing->take(passing->arg, &row, err);
}

/* Wait for the processes; then the rows that came before them go on. */
static int end_walk(struct passing *passing, struct tl_err *err)
{
	const struct ahead *row = passing->ahead;
	int rc;

	if (passing->known)
		return 0;
	passing->known = true;
	while (sem_wait(&passing->walked))
		;
	rc = passing->walk_rc;
	if (rc)
		*err = passing->walk_err;
	for (; !rc && passing->n_ahead; passing->n_ahead--, row++)
		rc = pass(passing, &row->sock, &row->info, err);
	return rc;
}

static int take(void *arg, const struct tl_sock *sock, const struct tl_sock_info *info,
		struct tl_err *err)
{
	struct passing *passing = arg;
	int rc;

	if (passing->ahead && !passing->known && passing->n_ahead < AHEAD) {
		passing->ahead[passing->n_ahead++] = (struct ahead){ *sock, *info };
		return 0;
	}
	rc = end_walk(passing, err);
	return rc ? rc : pass(passing, sock, info, err);
}

static void *read_table(void *arg)
{
	struct passing *passing = arg;
	uint32_t states = passing->sieve->states;
	const struct tl_stream stream = {
		.states = states ? states | 1u << TL_LISTEN : ALL_STATES,
		.info = true, .take = take, .arg = passing,
	};

	passing->rc = tl_table_stream(&stream, &passing->look->torn, &passing->err);
	return NULL;
}

int tl_host_each_row(const struct tl_sieve *sieve, struct tl_host *look,
		     int (*take_it)(void *arg, const struct tl_seen *row, struct tl_err *err), void *arg,
		     struct tl_err *err)
{
	struct passing passing = { .look = look, .sieve = sieve, .take = take_it, .arg = arg };
	pthread_t reader;
	bool apart;

	tl_knobs_unknown(&look->knobs);
	sem_init(&passing.walked, 0, 0);
	if (has_free_processor())
		passing.ahead = malloc(AHEAD * sizeof(*passing.ahead));
	apart = passing.ahead && !pthread_create(&reader, NULL, read_table, &passing);
	walk(&passing);
	if (apart)
		pthread_join(reader, NULL);
	else
		read_table(&passing);
	if (!passing.rc)
		passing.rc = end_walk(&passing, &passing.err);
	free(passing.ahead);
	sem_destroy(&passing.walked);
	if (passing.rc)
		*err = passing.err;
	return passing.rc;
}
