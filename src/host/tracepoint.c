/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tracepoint sock:inet_sock_set_state, by its number, in a ring buffer for each processor. */
#include "tcplab/tracepoint.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <linux/mount.h>
#include <linux/perf_event.h>

#include "tcplab/enum_names.h"
#include "tcplab/grow.h"

/* Of each processor: half a megabyte, some four thousand changes. */
enum { PAGES = 128, RECORD_MOST = 512, CPUS_MOST = 1024 };

/* Fields of the event that are read. X(identifier, name, size) */
#define FIELDS(X)                                                                            \
	X(OLD, "oldstate", 4)                                                                \
	X(NEW, "newstate", 4)                                                                \
	X(SPORT, "sport", 2)                                                                 \
	X(DPORT, "dport", 2)                                                                 \
	X(FAMILY, "family", 2)                                                               \
	X(PROTOCOL, "protocol", 2)                                                           \
	X(SADDR, "saddr", 4)                                                                 \
	X(DADDR, "daddr", 4)                                                                 \
	X(SADDR6, "saddr_v6", 16)                                                            \
	X(DADDR6, "daddr_v6", 16)

enum field {
#define X(id, name, size) id,
	FIELDS(X)
#undef X
	N_FIELDS
};

struct ring {
	int fd;
	struct perf_event_mmap_page *page;
	uint64_t tail;
	uint64_t told; /* of the changes that the kernel has counted: those that were read, or missed */
};

struct tl_tracepoint {
	size_t at[N_FIELDS]; /* where a field is in the event's bytes */
	size_t page_size;
	struct ring *rings;
	size_t n;
};

/* Where it is mounted already; else a mount of our own that is nowhere in the file system. */
static int open_tracefs(void)
{
	static const char *const places[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	int fs, fd;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		fd = open(places[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && !faccessat(fd, "events", F_OK, 0))
			return fd;
		if (fd >= 0)
			close(fd);
	}
	fs = syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC);
	if (fs < 0)
		return -errno;
	fd = syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (!fd)
		fd = syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	if (fd < 0)
		fd = -errno;
	close(fs);
	return fd;
}

static bool read_text(int dir, const char *path, char *text, size_t size)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* "field:int oldstate;	offset:16;	size:4;	signed:1;" */
static bool find_field(const char *format, const char *name, size_t want, size_t *offset)
{
	size_t len = strlen(name);

	for (const char *at = format; (at = strstr(at, name)); at += len) {
		unsigned where, size;

		if (at == format || at[-1] != ' ' || (at[len] != ';' && at[len] != '['))
			continue;
		at = strchr(at, ';');
		if (!at || sscanf(at, "; offset:%u; size:%u", &where, &size) != 2)
			return false;
		*offset = where;
		return size == want && where + want <= RECORD_MOST;
	}
	return false;
}

static int read_format(struct tl_tracepoint *tp, long *id, struct tl_err *err)
{
	static const char *const names[] = { FIELDS(TL_X_NAME) };
	static const size_t sizes[] = { FIELDS(TL_X_THIRD) };
	char number[32], format[8192];
	int dir = open_tracefs();
	bool ok;

	if (dir < 0)
		return tl_err_set(err, -dir, "tracefs cannot be read: %s", strerror(-dir));
	ok = read_text(dir, "events/sock/inet_sock_set_state/id", number, sizeof(number)) &&
	     read_text(dir, "events/sock/inet_sock_set_state/format", format, sizeof(format));
	close(dir);
	if (!ok)
		return tl_err_set(err, ENOENT, "this kernel has no tracepoint "
				  "sock:inet_sock_set_state, or it may not be read");
	*id = strtol(number, NULL, 10);
	for (size_t i = 0; i < N_FIELDS; i++)
		if (!find_field(format, names[i], sizes[i], &tp->at[i]))
			return tl_err_set(err, EPROTO, "the tracepoint sock:inet_sock_set_state "
					  "has no field %s as it is known here", names[i]);
	return 0;
}

static int open_ring(struct tl_tracepoint *tp, long id, int cpu)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr),
					.config = id, .sample_period = 1,
					.sample_type = PERF_SAMPLE_TIME | PERF_SAMPLE_RAW,
					/* that of perf itself is not the same on all processors */
					.use_clockid = true, .clockid = CLOCK_MONOTONIC };
	struct ring ring;

	ring.fd = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (ring.fd < 0)
		return errno == ENODEV || errno == ENXIO ? 0 : -errno; /* a processor that is off */
	ring.page = mmap(NULL, (PAGES + 1) * tp->page_size, PROT_READ | PROT_WRITE, MAP_SHARED,
			 ring.fd, 0);
	ring.tail = ring.told = 0;
	if (ring.page == MAP_FAILED || !TL_GROW(tp->rings, tp->n)) {
		int code = errno;

		if (ring.page != MAP_FAILED)
			munmap(ring.page, (PAGES + 1) * tp->page_size);
		close(ring.fd);
		return -code;
	}
	tp->rings[tp->n++] = ring;
	return 0;
}

int tl_tracepoint_open(struct tl_tracepoint **out, struct tl_err *err)
{
	struct tl_tracepoint *tp = calloc(1, sizeof(*tp));
	long id = 0, cpus = sysconf(_SC_NPROCESSORS_CONF);
	int rc;

	if (!tp)
		return tl_err_set(err, ENOMEM, "no memory");
	tp->page_size = sysconf(_SC_PAGESIZE);
	rc = read_format(tp, &id, err);
	for (int cpu = 0; !rc && cpu < cpus && cpu < CPUS_MOST; cpu++) {
		int code = open_ring(tp, id, cpu);

		if (code)
			rc = tl_err_set(err, -code, "the tracepoint cannot be heard: %s",
					strerror(-code));
	}
	if (rc)
		tl_tracepoint_close(tp);
	else
		*out = tp;
	return rc;
}

static void copy_out(const struct tl_tracepoint *tp, const struct ring *ring, uint64_t at,
		     void *out, size_t n)
{
	const char *data = (const char *)ring->page + tp->page_size;
	size_t size = PAGES * tp->page_size;

	for (size_t i = 0; i < n; i++)
		((char *)out)[i] = data[(at + i) % size];
}

static uint16_t word(const struct tl_tracepoint *tp, const char *raw, enum field field)
{
	uint16_t value;

	memcpy(&value, raw + tp->at[field], sizeof(value));
	return value;
}

static void endpoint(const struct tl_tracepoint *tp, const char *raw, enum field port,
		     enum field v4, enum field v6, struct tl_endpoint *end)
{
	struct tl_endpoint wide = { .family = word(tp, raw, FAMILY), .port = word(tp, raw, port) };

	if (wide.family == AF_INET)
		memcpy(wide.addr, raw + tp->at[v4], 4);
	else
		memcpy(wide.addr, raw + tp->at[v6], 16);
	*end = tl_endpoint_plain(&wide);
}

/* One sample. Each number is checked, though the kernel wrote it. */
static int take(const struct tl_tracepoint *tp, uint64_t ns, const char *raw,
		struct tl_told_changes *out)
{
	int32_t from, to;

	memcpy(&from, raw + tp->at[OLD], sizeof(from));
	memcpy(&to, raw + tp->at[NEW], sizeof(to));
	if (word(tp, raw, PROTOCOL) != IPPROTO_TCP || from < 1 || from >= TL_STATE_MAX || to < 1 ||
	    to >= TL_STATE_MAX ||
	    (word(tp, raw, FAMILY) != AF_INET && word(tp, raw, FAMILY) != AF_INET6))
		return 0;
	if (!TL_GROW(out->v, out->n))
		return -ENOMEM;
	out->v[out->n] = (struct tl_change_told){ .ns = ns, .nth = out->n, .from = from, .to = to };
	endpoint(tp, raw, SPORT, SADDR, SADDR6, &out->v[out->n].local);
	endpoint(tp, raw, DPORT, DADDR, DADDR6, &out->v[out->n].remote);
	out->n++;
	return 0;
}

static int read_samples(const struct tl_tracepoint *tp, struct ring *ring,
			struct tl_told_changes *out)
{
	uint64_t head = __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE);
	int rc = 0;

	while (!rc && ring->tail < head) {
		struct perf_event_header record;
		char raw[RECORD_MOST] = { 0 };
		uint64_t ns, at = ring->tail + sizeof(record);
		uint32_t size;

		copy_out(tp, ring, ring->tail, &record, sizeof(record));
		if (record.size < sizeof(record))
			break;
		if (record.type == PERF_RECORD_SAMPLE) {
			copy_out(tp, ring, at, &ns, sizeof(ns));
			copy_out(tp, ring, at + sizeof(ns), &size, sizeof(size));
			copy_out(tp, ring, at + sizeof(ns) + sizeof(size), raw,
				 size < sizeof(raw) ? size : sizeof(raw));
			rc = take(tp, ns, raw, out);
			ring->told++;
		}
		ring->tail += record.size;
	}
	__atomic_store_n(&ring->page->data_tail, ring->tail, __ATOMIC_RELEASE);
	return rc;
}

/*
 * The kernel counts each change, also one that it does not tell: for want of room, or, as Linux 6.18
 * does, where an idle processor makes it. It says the former late, and the latter not at all.
 */
static int read_ring(const struct tl_tracepoint *tp, struct ring *ring,
		     struct tl_told_changes *out)
{
	uint64_t counted = 0;
	int rc;

	if (read(ring->fd, &counted, sizeof(counted)) != sizeof(counted))
		counted = 0;
	rc = read_samples(tp, ring, out);
	if (!rc && ring->told < counted) /* one that was counted can still have been on its way */
		rc = read_samples(tp, ring, out);
	if (!rc && ring->told < counted) {
		out->lost += counted - ring->told;
		ring->told = counted;
	}
	return rc;
}

static int by_time(const void *a, const void *b)
{
	const struct tl_change_told *x = a, *y = b;

	return x->ns != y->ns ? (x->ns > y->ns ? 1 : -1) : (x->nth > y->nth) - (x->nth < y->nth);
}

int tl_tracepoint_read(struct tl_tracepoint *tp, struct tl_told_changes *out, struct tl_err *err)
{
	for (size_t i = 0; i < tp->n; i++)
		if (read_ring(tp, &tp->rings[i], out))
			return tl_err_set(err, ENOMEM, "no memory for what the tracepoint tells");
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_time);
	return 0;
}

void tl_tracepoint_close(struct tl_tracepoint *tp)
{
	for (size_t i = 0; tp && i < tp->n; i++) {
		munmap(tp->rings[i].page, (PAGES + 1) * tp->page_size);
		close(tp->rings[i].fd);
	}
	if (tp)
		free(tp->rings);
	free(tp);
}

void tl_told_changes_release(struct tl_told_changes *changes)
{
	free(changes->v);
	*changes = (struct tl_told_changes){ 0 };
}
