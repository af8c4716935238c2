/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words for times, processes, ways and ages. */
#include "tcplab/host_words.h"

#include <limits.h>

#include "arrange.h"
#include "tcplab/text.h"

/* So many processes of one name are told by number. */
enum { NAMED = 3 };

static void say_number(struct tl_buf *out, int64_t number, const char *unit)
{
	tl_buf_number(out, number);
	tl_buf_str(out, unit);
}

static void say_two(struct tl_buf *out, int64_t number, const char *unit, int64_t rest,
		    const char *its_unit)
{
	say_number(out, number, unit);
	say_number(out, rest, its_unit);
}

void tl_say_time(struct tl_buf *out, int64_t ms)
{
	int64_t s = ms / 1000;

	if (ms < 1000)
		say_number(out, ms, " ms");
	else if (s < 120)
		say_number(out, s, " s");
	else if (s < 3600)
		say_two(out, s / 60, " min ", s % 60, " s");
	else if (s < 86400)
		say_two(out, s / 3600, " h ", s / 60 % 60, " min");
	else
		say_two(out, s / 86400, " d ", s / 3600 % 24, " h");
}

void tl_say_process(struct tl_buf *out, const struct tl_process *process)
{
	tl_text_line(out, process->name);
	tl_buf_str(out, " (");
	say_number(out, process->pid, ")");
}

#define NOT_SEEN "a process that was not seen"

/* @named: so many by their names, which is enough where there are no more */
static void say_holders(struct tl_buf *out, const struct tl_host *look, const struct tl_seen *row,
			size_t named)
{
	size_t holders = tl_row_holders(look, row), n = 0;
	uint32_t last = UINT32_MAX;

	TL_EACH_HOLD(hold, look, row) {
		if (hold->process == last || n == named)
			continue;
		tl_buf_str(out, n++ ? ", " : "");
		tl_say_process(out, &look->processes.v[hold->process]);
		last = hold->process;
	}
	if (holders > n)
		tl_buf_fmt(out, " and %zu more", holders - n);
}

void tl_say_holder(struct tl_buf *out, const struct tl_host *look, const struct tl_seen *row)
{
	if (row->hold)
		say_holders(out, look, row, NAMED);
	else
		tl_buf_str(out, NOT_SEEN);
}

void tl_say_descriptors(struct tl_buf *out, const struct tl_host *look, const struct tl_seen *row)
{
	TL_EACH_HOLD(hold, look, row) {
		tl_buf_str(out, hold == row->hold ? "" : ", ");
		tl_say_process(out, &look->processes.v[hold->process]);
	}
}

/* Of several the lowest numbers: "python3 (4, 5, 6 and 37 more)". */
static void say_processes(struct tl_buf *out, const struct tl_host *look,
			  const struct tl_group *group)
{
	pid_t last = 0;

	tl_text_line(out, look->processes.v[group->process].name);
	for (size_t n = 0; n < NAMED && n < group->processes; n++) {
		pid_t next = INT_MAX;

		TL_EACH_ROW(row, look, group) {
			pid_t pid = look->processes.v[row->hold->process].pid;

			next = pid > last && pid < next ? pid : next;
		}
		tl_buf_fmt(out, "%s%d", n ? ", " : " (", next);
		last = next;
	}
	if (group->processes > NAMED)
		tl_buf_fmt(out, " and %zu more", group->processes - NAMED);
	tl_buf_str(out, ")");
}

static void say_end(struct tl_buf *out, const struct tl_endpoint *end)
{
	char text[TL_ENDPOINT_TEXT];

	tl_buf_str(out, tl_endpoint_text(end, text));
}

static void say_queue(struct tl_buf *out, const struct tl_host *look, uint32_t listener)
{
	const struct tl_seen *row = &look->rows[listener - 1];

	tl_buf_str(out, "nobody: accept queue of ");
	say_end(out, &row->sock.local);
	if (row->hold) {
		tl_buf_str(out, ", ");
		say_holders(out, look, row, 1);
	}
}

void tl_say_owner(struct tl_buf *out, const struct tl_host *look, const struct tl_group *group)
{
	switch (group->owner) {
	case TL_OWNER_PROCESS:
		say_processes(out, look, group);
		break;
	case TL_OWNER_QUEUE:
		say_queue(out, look, group->listener);
		break;
	case TL_OWNER_KERNEL:
		tl_buf_str(out, "the kernel");
		break;
	case TL_OWNER_UNSEEN:
		tl_buf_str(out, NOT_SEEN);
		break;
	case TL_OWNER_UNTOLD:
		tl_buf_str(out, "not told");
		break;
	}
}

const char *tl_group_way(const struct tl_group *group)
{
	if (group->state == TL_LISTEN)
		return "listens";
	if (group->state == TL_CLOSE)
		return "bound";
	return group->incoming ? "in" : "out";
}

static bool has_other(const struct tl_group *group)
{
	return group->state != TL_LISTEN && group->state != TL_CLOSE;
}

static bool leads_out(const struct tl_group *group)
{
	return has_other(group) && !group->incoming;
}

void tl_say_way(struct tl_buf *out, const struct tl_group *group)
{
	char peer[TL_ENDPOINT_TEXT];

	tl_buf_str(out, leads_out(group) ? "-> " : "");
	say_end(out, &group->end);
	if (leads_out(group) || !has_other(group))
		return;
	tl_buf_str(out, " <- ");
	tl_buf_str(out, group->many_peers ? "several addresses" :
					    tl_endpoint_addr_text(&group->peer, peer));
}

void tl_say_owners_way(struct tl_buf *out, const struct tl_group *group)
{
	if (group->owner == TL_OWNER_QUEUE)
		return;
	tl_buf_str(out, leads_out(group) ? " " : ", ");
	tl_say_way(out, group);
}

static void say_idle(struct tl_buf *out, const struct tl_host *look, const struct tl_group *group)
{
	uint32_t least = UINT32_MAX, idle;

	TL_EACH_ROW(row, look, group) {
		const struct tl_sock_info *info = &row->info;

		if (!info->known)
			return;
		idle = info->data_received_ms < info->data_sent_ms ? info->data_received_ms :
								     info->data_sent_ms;
		least = idle < least ? idle : least;
	}
	tl_buf_str(out, group->n > 1 ? "idle from " : "idle ");
	tl_say_time(out, least);
}

void tl_say_age(struct tl_buf *out, const struct tl_host *look, const struct tl_group *group)
{
	const struct tl_seen *row = &look->rows[group->first - 1];

	if (row->sock.timer == TL_TIMER_TIMEWAIT) {
		tl_buf_str(out, "gone in at most ");
		tl_say_time(out, group->most_left_ms);
	} else if (group->oldest.at_least >= 0) {
		tl_buf_str(out, "at least ");
		tl_say_time(out, group->oldest.at_least);
	} else if (group->state == TL_ESTABLISHED) {
		say_idle(out, look, group);
	}
}

/*
 * What comes meanwhile puts off the probe, and not the timer. Without a program the kernel
 * waits for a FIN with the same one.
 */
void tl_say_keepalive(struct tl_buf *out, const struct tl_sock *sock)
{
	if (sock->timer != TL_TIMER_KEEPALIVE || sock->retrans || !sock->inode)
		return;
	tl_buf_str(out, "; keepalive timer, next probe in at least ");
	tl_say_time(out, sock->timer_ms);
}
