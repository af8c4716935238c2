/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The evidence that findings share, each kind a line. */
#include "telling.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "arrange.h"
#include "rules.h"
#include "tcplab/host_words.h"
#include "tcplab/text.h"

/* Whatever it is made of: telling->text is empty then. */
__attribute__((format(printf, 2, 0))) static char *
text_of(struct tl_telling *telling, const char *fmt, va_list ap)
{
	struct tl_buf text = { 0 };

	tl_buf_vfmt(&text, fmt, ap);
	tl_buf_str(&text, "");
	telling->failed |= text.failed || !text.data || telling->text.failed;
	tl_buf_release(&telling->text);
	return text.data;
}

void tl_tell_head(struct tl_telling *telling, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	free(telling->finding->head);
	telling->finding->head = text_of(telling, fmt, ap);
	va_end(ap);
}

void tl_tell(struct tl_telling *telling, enum tl_remark_kind kind, const char *fmt, ...)
{
	struct tl_diagnosis *finding = telling->finding;
	char *text;
	va_list ap;

	va_start(ap, fmt);
	text = text_of(telling, fmt, ap);
	va_end(ap);
	if (finding->n_remarks < TL_REMARKS_MOST)
		finding->remarks[finding->n_remarks++] = (struct tl_remark){ kind, text };
	else
		free(text);
}

struct tl_process *tl_telling_process(struct tl_telling *telling, uint32_t index)
{
	struct tl_process *process = &telling->look->processes.v[index];

	if (telling->look->says & TL_HOST_HERE)
		tl_process_more("/proc", process);
	return process;
}

const struct tl_seen *tl_group_other(const struct tl_host *look, const struct tl_group *group)
{
	const struct tl_seen *row = &look->rows[group->first - 1];

	return tl_row_at(look, row->other);
}

/* At a loopback address the other end would have a row here; NAT can lead away from others. */
enum tl_other_end tl_row_other_end(const struct tl_host *look, const struct tl_seen *row)
{
	const struct tl_seen *other = tl_row_at(look, row->other);

	if (other && (other->hold || other->sock.inode))
		return TL_OTHER_END_WAITS;
	if (other && other->owner == TL_OWNER_KERNEL)
		return TL_OTHER_END_CLOSED;
	return !other && look->says & TL_HOST_HERE && !look->torn &&
			       tl_endpoint_is_loopback(&row->sock.remote) ?
		       TL_OTHER_END_CLOSED : TL_OTHER_END_UNKNOWN;
}

static size_t count_other_ends(const struct tl_telling *telling, enum tl_other_end what)
{
	const struct tl_host *look = telling->look;
	size_t n = 0;

	TL_EACH_ROW(row, look, telling->group)
		n += tl_row_other_end(look, row) == what;
	return n;
}

bool tl_have_closed(const struct tl_telling *telling)
{
	return count_other_ends(telling, TL_OTHER_END_CLOSED) == telling->group->n;
}

void tl_tell_unread(struct tl_telling *telling)
{
	const struct tl_host *look = telling->look;
	uint32_t most = 0, rows = 0;
	uint64_t bytes = 0;

	TL_EACH_ROW(row, look, telling->group) {
		uint32_t unread = tl_sock_unread(&row->sock);

		rows += unread > 0;
		bytes += unread;
		most = unread > most ? unread : most;
	}
	if (rows && bytes == (uint64_t)rows * most)
		tl_tell(telling, TL_REMARK_UNREAD, "%u x %u bytes: the other end sent data "
					   "before it closed", rows, most);
	else if (rows)
		tl_tell(telling, TL_REMARK_UNREAD, "%" PRIu64 " bytes in %u of them, %u at "
						      "most: the other end sent data before it "
						      "closed", bytes, rows, most);
}

/* The first row of a group that others hold as well, and how many are; NULL: none is. */
static const struct tl_hold *shared_hold(const struct tl_telling *telling, size_t *n)
{
	const struct tl_host *look = telling->look;
	const struct tl_hold *first = NULL;

	*n = 0;
	TL_EACH_ROW(row, look, telling->group) {
		const struct tl_hold *h = row->hold, *other = h;

		while (other && other->process == h->process)
			other = tl_hold_next(&look->processes, other);
		*n += other != NULL;
		first = first || !other ? first : h;
	}
	return first;
}

void tl_tell_shared(struct tl_telling *telling)
{
	const struct tl_processes *processes = &telling->look->processes;
	struct tl_buf *text = &telling->text;
	size_t others = 0, n;
	const struct tl_hold *first = shared_hold(telling, &n);
	const struct tl_process *process, *other;

	if (!first)
		return;
	process = tl_telling_process(telling, first->process);
	for (const struct tl_hold *h = tl_hold_next(processes, first); h;
	     h = tl_hold_next(processes, h)) {
		if (h->process == first->process)
			continue;
		other = tl_telling_process(telling, h->process);
		if (others++ < 4) {
			tl_buf_str(text, others > 1 ? ", " : "");
			tl_say_process(text, other);
			if (other->parent == process->pid)
				tl_buf_str(text, " that it has forked");
			else if (other->pid == process->parent)
				tl_buf_str(text, " that has forked it");
		}
	}
	if (others > 4)
		tl_buf_fmt(text, " and %zu more", others - 4);
	tl_buf_fmt(text, " hold%s ", others == 1 ? "s" : "");
	if (n == telling->group->n)
		tl_buf_str(text, n > 1 ? "the same sockets" : "the same socket");
	else
		tl_buf_fmt(text, "%zu of them", n);
	tl_tell(telling, TL_REMARK_SHARED, "%s: close() in one of them sends no FIN",
		tl_buf_text(text));
}

/* The process of a group with most rows of those that have not been named; UINT32_MAX: none */
static uint32_t next_share(const uint32_t *rows, size_t n)
{
	uint32_t most = UINT32_MAX;

	for (size_t i = 0; i < n; i++)
		if (rows[i] && (most == UINT32_MAX || rows[i] > rows[most]))
			most = i;
	return most;
}

void tl_tell_shares(struct tl_telling *telling)
{
	const struct tl_host *look = telling->look;
	const struct tl_group *group = telling->group;
	uint32_t *rows, process;

	if (group->processes < 2)
		return;
	rows = calloc(look->processes.n, sizeof(*rows));
	telling->failed |= !rows;
	if (!rows)
		return;
	TL_EACH_ROW(row, look, group)
		rows[row->hold->process]++;
	for (size_t n = 0; n < 4; n++) {
		process = next_share(rows, look->processes.n);
		if (process == UINT32_MAX)
			break;
		tl_buf_fmt(&telling->text, "%s%u by process %d", n ? ", " : "", rows[process],
			   look->processes.v[process].pid);
		rows[process] = 0;
	}
	if (group->processes > 4)
		tl_buf_fmt(&telling->text, ", the others by %zu more", group->processes - 4);
	tl_tell(telling, TL_REMARK_HELD, "%s", tl_buf_text(&telling->text));
	free(rows);
}

void tl_tell_limit(struct tl_telling *telling)
{
	const struct tl_process *process;

	if (telling->group->owner != TL_OWNER_PROCESS)
		return;
	process = tl_telling_process(telling, telling->group->process);
	if (process->limit && process->descriptors && telling->group->processes > 1)
		tl_tell(telling, TL_REMARK_LIMIT, "%u of %u descriptors are in use by process "
			"%d, the most of them", process->descriptors, process->limit, process->pid);
	else if (process->limit && process->descriptors)
		tl_tell(telling, TL_REMARK_LIMIT, "%u of %u descriptors are in use",
			process->descriptors, process->limit);
}

/* Each process that has it could make the call: of a pool one that is stopped explains nothing. */
void tl_tell_stopped(struct tl_telling *telling, const struct tl_seen *row)
{
	const struct tl_host *look = telling->look;
	const struct tl_hold *hold = row ? row->hold : NULL;
	size_t n = 0, stopped = 0;
	uint32_t last = UINT32_MAX;
	pid_t pid = 0;

	if (!hold || !(look->says & TL_HOST_HERE))
		return;
	for (; hold; hold = tl_hold_next(&look->processes, hold)) {
		const struct tl_process *process;

		if (hold->process == last)
			continue; /* dup() */
		last = hold->process;
		process = tl_telling_process(telling, last);
		stopped += process->stopped;
		pid = process->stopped && !pid ? process->pid : pid;
		n++;
	}
	if (stopped && n == 1)
		tl_tell(telling, TL_REMARK_STOPPED, "the process is stopped by a signal or a "
			"debugger: it cannot make any call (kill -CONT %d)", pid);
	else if (stopped)
		tl_tell(telling, TL_REMARK_STOPPED, "%zu of the %zu processes that have it are "
			"stopped by a signal or a debugger (kill -CONT %d)", stopped, n, pid);
}

static bool is_within(const struct tl_sock *sock)
{
	struct tl_endpoint local = tl_endpoint_plain(&sock->local);
	struct tl_endpoint remote = tl_endpoint_plain(&sock->remote);

	return !memcmp(local.addr, remote.addr, sizeof(local.addr));
}

/* Of a CLOSE_WAIT: what its other end does. Where it is not here, nobody can say. */
static void tell_other_end(struct tl_telling *telling)
{
	const struct tl_host *look = telling->look;
	const struct tl_seen *row = &look->rows[telling->group->first - 1];

	if (row->sock.state != TL_CLOSE_WAIT)
		return;
	if (tl_row_other_end(look, row) == TL_OTHER_END_CLOSED)
		tl_tell(telling, TL_REMARK_OTHER_END, "was on this host as well: its socket is "
			"no more");
	else if (look->says & TL_HOST_HERE && is_within(&row->sock))
		tl_tell(telling, TL_REMARK_OTHER_END, "of this host by its address, and has no "
			"row here: it has closed, or NAT leads elsewhere (as to a container), "
			"where it can be half-closed");
	else
		tl_tell(telling, TL_REMARK_OTHER_END, "not %s: it has closed, or has shut down "
			"sending alone and waits for an answer (half-closed)",
			look->says & TL_HOST_HERE ? "on this host" : "in this table");
}

static bool is_about(const struct tl_telling *telling, const struct tl_seen *row)
{
	return !telling->about || telling->about(row);
}

void tl_tell_unsent(struct tl_telling *telling)
{
	size_t n = tl_count_rows(telling->look, telling->group, tl_is_unsent);

	if (!n)
		return;
	tl_tell(telling, TL_REMARK_MEANS, "what %zu of %zu %s to send does not leave this host, "
		"though the other end has room for it", n, telling->group->n,
		tl_plural(n, "has", "have"));
	telling->unsent = true;
	TL_EACH_ROW(row, telling->look, telling->group)
		telling->unsent &= !is_about(telling, row) || tl_is_unsent(row);
}

/* The other end of the first row it is about; @others: so many have one of another process */
static const struct tl_seen *find_other(const struct tl_telling *telling, size_t *others)
{
	const struct tl_host *look = telling->look;
	const struct tl_seen *first = NULL;
	bool begun = false;

	*others = 0;
	TL_EACH_ROW(row, look, telling->group) {
		const struct tl_seen *other = tl_row_at(look, row->other);

		if (!is_about(telling, row))
			continue;
		if (!begun)
			first = other;
		begun = true;
		*others += first && other && first->hold && other->hold &&
			   first->hold->process != other->hold->process;
	}
	return first;
}

void tl_tell_other(struct tl_telling *telling)
{
	const struct tl_host *look = telling->look;
	size_t waits = 0, others;
	const struct tl_seen *other = find_other(telling, &others);

	if (!other) {
		tell_other_end(telling);
		return;
	}
	if (!other->hold && other->owner == TL_OWNER_QUEUE)
		tl_buf_str(&telling->text, "nobody, in an accept queue");
	else if (!other->hold && other->owner == TL_OWNER_KERNEL)
		tl_buf_str(&telling->text, "the kernel, closed by its process");
	else
		tl_say_holder(&telling->text, look, other);
	tl_buf_fmt(&telling->text, ", in %s", tl_state_name(other->sock.state));
	if (others)
		tl_buf_fmt(&telling->text, "; those of %zu more are of other processes", others);
	if (telling->group->state == TL_CLOSE_WAIT)
		waits = count_other_ends(telling, TL_OTHER_END_WAITS);
	if (waits)
		tl_buf_fmt(&telling->text, "; of %zu of %zu a process there waits for an answer "
			   "(half-closed)", waits, telling->group->n);
	tl_tell(telling, TL_REMARK_OTHER_END, "on this host as well: %s",
		tl_buf_text(&telling->text));
}

/* Three of those that it is about by name, so that they can be found again. */
void tl_tell_rows(struct tl_telling *telling)
{
	const struct tl_host *look = telling->look;
	const struct tl_group *group = telling->group;
	char local[TL_ENDPOINT_TEXT], remote[TL_ENDPOINT_TEXT];
	size_t n = 0;

	TL_EACH_ROW(row, look, group) {
		if (!is_about(telling, row) || n++ >= 3)
			continue;
		tl_buf_fmt(&telling->text, "%s%s -> %s", n > 1 ? ", " : "",
			   tl_endpoint_text(&row->sock.local, local),
			   tl_endpoint_text(&row->sock.remote, remote));
		if (row->hold && group->processes > 1)
			tl_buf_fmt(&telling->text, " (%d)",
				   look->processes.v[row->hold->process].pid);
		else if (row->hold && row->hold->fd >= 0)
			tl_buf_fmt(&telling->text, " (fd %d)", row->hold->fd);
	}
	if (n > 3)
		tl_buf_fmt(&telling->text, " and %zu more", n - 3);
	tl_tell(telling, TL_REMARK_ROWS, "%s", tl_buf_text(&telling->text));
}

void tl_tell_counter(struct tl_telling *telling, enum tl_host_counter counter)
{
	int64_t value = telling->look->knobs.counter[counter];

	if (value >= 0)
		tl_tell(telling, TL_REMARK_COUNTED, "%s %" PRId64 " since this network "
			"namespace began",
			tl_host_counter_names[counter], value);
}

/* "net.ipv4.tcp_retries2 = 15", where that is known. */
void tl_tell_setting(struct tl_telling *telling, enum tl_knob knob, const char *means)
{
	int64_t value = telling->look->knobs.setting[knob];

	if (value >= 0)
		tl_tell(telling, TL_REMARK_SETTING, "net.%s.%s = %" PRId64 "%s",
			tl_knob_names[knob].folder, tl_knob_names[knob].name, value, means);
}
