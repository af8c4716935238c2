/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A look as text: sums, groups, rows, listeners. */
#include <inttypes.h>
#include <string.h>

#include "tcplab/host_report.h"
#include "tcplab/host_words.h"
#include "tcplab/netstat_row.h"
#include "tcplab/text.h"

/* So many groups are named; the rest is counted. */
enum { GROUPS = 40, STATE_COLUMNS = 11, OWNER_COLUMNS_MOST = 60 };

/* As people ask for them: what listens and is open, then what is closing. */
static const enum tl_state in_order[] = {
	TL_LISTEN, TL_CLOSE_WAIT, TL_FIN_WAIT1, TL_FIN_WAIT2, TL_LAST_ACK, TL_CLOSING,
	TL_SYN_SENT, TL_SYN_RECV, TL_ESTABLISHED, TL_TIME_WAIT, TL_CLOSE,
};

static bool is_wrong(const struct tl_host *look, const struct tl_diagnoses *findings,
		     enum tl_state state)
{
	for (size_t i = 0; i < findings->n; i++)
		if (look->groups[findings->v[i].group].state == state)
			return true;
	return false;
}

static void mark(struct tl_buf *out, const struct tl_host_told *told)
{
	tl_buf_str(out, told->color ? " \033[1;31m!\033[0m" : " !");
}

void tl_host_place(const struct tl_host_told *told, struct tl_buf *out)
{
	tl_text_line(out, told->host);
	if (told->network)
		tl_buf_fmt(out, ", network of process %d", told->network);
}

static void say_head(struct tl_buf *out, const struct tl_host_told *told)
{
	tl_buf_str(out, "Host ");
	tl_host_place(told, out);
	if (told->time)
		tl_buf_fmt(out, ", %s", told->time);
	if (told->took_ms >= 0)
		tl_buf_fmt(out, ", read in %.*f ms", told->took_ms < 10, told->took_ms);
	tl_buf_str(out, "\n");
}

void tl_host_sums_text(const struct tl_host *look, const struct tl_diagnoses *findings,
		       const struct tl_host_told *told, struct tl_buf *out)
{
	size_t begun = out->len;

	for (size_t i = 0; i < sizeof(in_order) / sizeof(*in_order); i++) {
		enum tl_state state = in_order[i];

		if (!look->count[state])
			continue;
		tl_buf_fmt(out, "%s%s %u", out->len > begun ? "   " : "", tl_state_name(state),
			   look->count[state]);
		if (is_wrong(look, findings, state))
			mark(out, told);
	}
	tl_buf_str(out, out->len > begun ? "\n" : "no TCP socket\n");
}

static void say_group_owner(struct tl_buf *out, const struct tl_host *look,
			    const struct tl_group *group)
{
	tl_say_owner(out, look, group);
	if (group->owner == TL_OWNER_PROCESS && group->held > 1 && group->processes == 1)
		tl_buf_fmt(out, " and %zu more", group->held - 1);
	tl_say_owners_way(out, group);
}

/* Without FINs and SYNs, which the kernel counts as bytes; a listener's are connections. */
static void say_queues(struct tl_buf *out, const struct tl_host *look, const struct tl_group *group)
{
	uint64_t unread = 0, unacked = 0;

	if (group->state == TL_LISTEN)
		return;
	TL_EACH_ROW(row, look, group) {
		unread += tl_sock_unread(&row->sock);
		unacked += tl_sock_unacked(&row->sock);
	}
	if (unread)
		tl_buf_fmt(out, ", %" PRIu64 " byte%s unread", unread, unread == 1 ? "" : "s");
	if (unacked)
		tl_buf_fmt(out, ", %" PRIu64 " byte%s not acknowledged",
			   unacked, unacked == 1 ? "" : "s");
}

static void say_group_more(struct tl_buf *out, const struct tl_host *look,
			   const struct tl_group *group)
{
	const struct tl_process *process;

	tl_say_age(out, look, group);
	if (group->owner == TL_OWNER_QUEUE && look->says & TL_HOST_BACKLOG) {
		const struct tl_sock *listener = &look->rows[group->listener - 1].sock;

		tl_buf_fmt(out, ", queue %u of %u", listener->recvq, listener->sendq);
	}
	say_queues(out, look, group);
	if (group->owner != TL_OWNER_PROCESS)
		return;
	process = &look->processes.v[group->process];
	/* It is what a leak ends at; else it is worth a word when half of it is gone. */
	if (process->limit && (group->state == TL_CLOSE_WAIT ||
			       process->descriptors > process->limit / 2))
		tl_buf_fmt(out, ", fds %u of %u", process->descriptors, process->limit);
}

static void say_group(struct tl_buf *out, const struct tl_host *look,
		      const struct tl_group *group, int column, const struct tl_host_told *told)
{
	struct tl_buf owner = { 0 }, more = { 0 };

	say_group_owner(&owner, look, group);
	say_group_more(&more, look, group);
	tl_buf_fmt(out, "%6zu  %-*s %s", group->n, STATE_COLUMNS, tl_state_name(group->state),
		   tl_buf_text(&owner));
	if (more.len) {
		tl_buf_pad(out, ' ', tl_buf_columns(&owner) < column ?
					     column - tl_buf_columns(&owner) + 2 : 2);
		/* Each of them begins with a comma, but the age. */
		tl_buf_str(out, tl_buf_text(&more) + (*tl_buf_text(&more) == ',' ? 2 : 0));
	}
	if (tl_group_rule(look, group))
		mark(out, told);
	tl_buf_str(out, "\n");
	tl_buf_release(&owner);
	tl_buf_release(&more);
}

/* Listeners have a table of their own, unless something is wrong with one. */
static bool is_shown(const struct tl_host *look, const struct tl_group *group)
{
	return group->state != TL_LISTEN || tl_group_rule(look, group);
}

static int owner_column(const struct tl_host *look)
{
	struct tl_buf owner = { 0 };
	int widest = 0, n = 0;

	for (size_t i = 0; i < look->n_groups && n < GROUPS; i++) {
		if (!is_shown(look, &look->groups[i]))
			continue;
		n++;
		owner.len = 0;
		say_group_owner(&owner, look, &look->groups[i]);
		if (tl_buf_columns(&owner) > widest)
			widest = tl_buf_columns(&owner);
	}
	tl_buf_release(&owner);
	return widest < OWNER_COLUMNS_MOST ? widest : OWNER_COLUMNS_MOST;
}

static void say_groups(struct tl_buf *out, const struct tl_host *look,
		       const struct tl_host_told *told)
{
	int column = owner_column(look);
	size_t n = 0, left = 0, rows = 0;
	enum tl_state state = 0;

	for (size_t i = 0; i < look->n_groups; i++) {
		const struct tl_group *group = &look->groups[i];

		if (!is_shown(look, group))
			continue;
		if (n++ < GROUPS) {
			say_group(out, look, group, column, told);
		} else {
			state = left++ ? state : group->state;
			rows += group->n;
		}
	}
	if (left)
		tl_buf_fmt(out, "and %zu more group%s of %zu row%s: a filter shows them, as in "
			   "\"%s snap %s\"\n", left, left == 1 ? "" : "s", rows,
			   rows == 1 ? "" : "s", told->program, tl_state_name(state));
}

static void say_verdict(struct tl_buf *out, const struct tl_host *look,
			const struct tl_diagnoses *findings, const struct tl_host_told *told)
{
	static const char *const numbers[] = { "", "One", "Two", "Three", "Four", "Five" };
	enum tl_state state = 0;
	size_t n = findings->n;
	bool same = true;

	if (!n)
		return;
	for (size_t i = 0; i < n; i++) {
		enum tl_state this = look->groups[findings->v[i].group].state;

		same &= !state || state == this;
		state = this;
	}
	if (n < sizeof(numbers) / sizeof(*numbers))
		tl_buf_str(out, numbers[n]);
	else
		tl_buf_fmt(out, "%zu", n);
	tl_buf_fmt(out, " %s wrong: %s why%s%s\n", n == 1 ? "thing looks" : "things look",
		   told->program, same ? " " : "", same ? tl_state_name(state) : "");
}

/* @refused: processes whose descriptors may not be read, by root neither where it is confined */
static void say_unseen(struct tl_buf *out, size_t rows, size_t refused, bool root)
{
	tl_buf_fmt(out, "%zu row%s without a process: ", rows, rows == 1 ? "" : "s");
	if (!root) {
		tl_buf_str(out, "not permitted; run it as root");
		return;
	}
	tl_buf_str(out, "no process that can be seen from here has such a row (it can be ");
	if (refused)
		tl_buf_fmt(out, "of %zu process%s whose descriptors even root may not read here, ",
			   refused, refused == 1 ? "" : "es");
	tl_buf_str(out, "the kernel's own, as those of NFS, or of a process outside this "
			"container, or of a thread with descriptors of its own, or it came or went "
			"while the table was read)");
}

void tl_host_not_seen(const struct tl_host *look, const struct tl_host_told *told,
		      struct tl_buf *out)
{
	struct tl_buf text = { 0 };
	size_t unseen = look->unseen, mptcp = look->mptcp;

	if (look->blind)
		tl_text_wrap(out, "/proc is not mounted here: no process, setting or counter was "
				  "seen", told->width, 0);
	else if (look->unset)
		tl_text_wrap(out, "/proc shows no setting and no counter here: what looks wrong "
				  "by them alone is not found", told->width, 0);
	if (!look->blind && unseen && look->says & TL_HOST_PROCESSES)
		say_unseen(&text, unseen, look->processes.refused, told->root);
	if (text.len)
		tl_text_wrap(out, tl_buf_text(&text), told->width, 0);
	if (mptcp) {
		text.len = 0;
		tl_buf_fmt(&text, "%zu row%s of MPTCP: an ESTABLISHED one can be part of a "
			   "connection that has been closed, and of a process that is not seen; "
			   "its own state is not known here (ss -Mane shows it)",
			   mptcp, mptcp == 1 ? "" : "s");
		tl_text_wrap(out, tl_buf_text(&text), told->width, 0);
	}
	if (look->torn)
		tl_text_wrap(out, "The table changed while it was read: a row may be missing or "
				  "may appear twice", told->width, 0);
	tl_buf_release(&text);
}

void tl_host_snap_text(const struct tl_host *look, const struct tl_diagnoses *findings,
		       const struct tl_host_told *told, struct tl_buf *out)
{
	say_head(out, told);
	tl_host_sums_text(look, findings, told, out);
	say_groups(out, look, told);
	tl_host_not_seen(look, told, out);
	say_verdict(out, look, findings, told);
}

static void say_row(struct tl_buf *out, const struct tl_host *look, const struct tl_seen *row,
		    const struct tl_host_told *told)
{
	(void)told;
	tl_netstat_row(out, &row->sock);
	tl_netstat_more(out, look, row);
}

static void say_listener(struct tl_buf *out, const struct tl_host *look, const struct tl_seen *row,
			 const struct tl_host_told *told)
{
	char end[TL_ENDPOINT_TEXT];

	if (row->sock.state != TL_LISTEN)
		return;
	tl_buf_fmt(out, "%7u %7u  %-24s ", row->sock.recvq, row->sock.sendq,
		   tl_endpoint_text(&row->sock.local, end));
	tl_say_descriptors(out, look, row);
	tl_buf_str(out, row->hold ? "" : "not seen");
	if (row->sock.recvq && row->sock.recvq >= row->sock.sendq)
		mark(out, told);
	tl_buf_str(out, "\n");
}

const struct tl_host_table tl_host_rows_table = {
	TL_NETSTAT_ROW_HEAD "       Age             Process, and what it means\n", say_row };
const struct tl_host_table tl_host_listen_table = {
	"Waiting Backlog  Listener                 Process\n", say_listener };

void tl_host_table_text(const struct tl_host_table *table, const struct tl_host *look,
			const struct tl_host_told *told, struct tl_buf *out)
{
	tl_buf_str(out, table->head);
	for (size_t i = 0; i < look->n; i++)
		if (!look->rows[i].left_out)
			table->say(out, look, &look->rows[i], told);
	tl_host_not_seen(look, told, out);
}
