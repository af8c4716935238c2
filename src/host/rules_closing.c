/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules for connections that one end or both have closed. */
#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>

#include "rules.h"
#include "tcplab/host_words.h"

/* A CLOSE_WAIT that is still of use: its other end waits for an answer, or one is on its way. */
static bool is_answered(const struct tl_host *look, const struct tl_seen *row)
{
	return row->sock.state == TL_CLOSE_WAIT &&
	       (tl_row_other_end(look, row) == TL_OTHER_END_WAITS || tl_sock_unacked(&row->sock));
}

/* Rows that have been in their state for so long at least; -1: however long. */
static size_t count_old(const struct tl_host *look, const struct tl_group *group, int64_t ms)
{
	size_t n = 0;

	TL_EACH_ROW(row, look, group)
		n += !is_answered(look, row) &&
		     tl_age_of(&row->sock, &row->info, &look->knobs).at_least >= ms;
	return n;
}

bool tl_is_late(const struct tl_host *look, const struct tl_group *group)
{
	if (!(look->says & TL_HOST_INFO))
		return count_old(look, group, -1) >= SEVERAL;
	return count_old(look, group, LONG) || count_old(look, group, LATE) >= SEVERAL;
}

/* Rows of others that have the end of this group as well. */
static size_t count_others(const struct tl_host *look, const struct tl_group *group)
{
	size_t n = 0;

	for (const struct tl_group *g = look->groups; g < look->groups + look->n_groups; g++)
		n += g != group && g->state == group->state && g->incoming == group->incoming &&
				     tl_endpoint_equal(&g->end, &group->end) ? g->n : 0;
	return n;
}

/* "ss -tK state close-wait dst 10.0.0.1 dport = 6379", of whichever program */
static void tell_kill(struct tl_telling *t, const char *before)
{
	char address[TL_ENDPOINT_TEXT];
	const struct tl_endpoint *end = &t->group->end;
	size_t others = count_others(t->look, t->group);

	if (others)
		tl_buf_fmt(&t->text, ", and %zu of others that are in CLOSE_WAIT", others);
	tl_endpoint_addr_text(end, address);
	tl_tell(t, TL_REMARK_NOW, end->family == AF_INET6 ?
			"%s, or: ss -tK state close-wait %s [%s] %s = %u (ends them with a RST%s)" :
			"%s, or: ss -tK state close-wait %s %s %s = %u (ends them with a RST%s)",
		before, t->group->incoming ? "src" : "dst", address,
		t->group->incoming ? "sport" : "dport", end->port, tl_buf_text(&t->text));
}

/* CLOSE_WAIT that a process has open. */

/* A proxy that has passed a FIN on waits for that end: it is not the proxy that has forgotten. */
static void tell_passed_on(struct tl_telling *t)
{
	for (size_t i = 0; i < t->look->n_groups && !t->text.len; i++) {
		const struct tl_group *g = &t->look->groups[i];
		const struct tl_seen *other;

		if (g->state != TL_FIN_WAIT2 || g->owner != TL_OWNER_PROCESS ||
		    !tl_has_process(t->look, g, t->group->process))
			continue;
		other = tl_group_other(t->look, g);
		if (other && other->hold && other->hold->process == t->group->process)
			continue; /* it is connected with itself */
		tl_buf_fmt(&t->text, "it has sent a FIN on %zu %s as well, ", g->n,
			   tl_plural(g->n, "other connection", "other connections"));
		tl_say_way(&t->text, g);
		tl_buf_str(&t->text, ", and none has come back");
		if (other) {
			tl_buf_str(&t->text, " from ");
			tl_say_holder(&t->text, t->look, other);
		}
		tl_buf_str(&t->text, ": a proxy passes the end of one connection on to the "
				     "other, and waits; if this is one, look there first");
	}
	if (t->text.len)
		tl_tell(t, TL_REMARK_MEANS, "%s", tl_buf_text(&t->text));
}

void tl_tell_leak(struct tl_telling *t)
{
	const char *holds = t->group->processes > 1 ? "hold" : "holds";
	const char *ended = tl_have_closed(t) ? "closed" : "sent a FIN";

	if (t->group->incoming)
		tl_tell_head(t, "%s %s %zu %s of %s whose other end has %s.", t->owner, holds,
			     t->group->n, tl_plural(t->group->n, "connection", "connections"),
			     t->end, ended);
	else
		tl_tell_head(t, "%s %s %zu %s whose other end, %s, has %s.", t->owner, holds,
			     t->group->n, tl_plural(t->group->n, "socket", "sockets"), t->end,
			     ended);
	tl_tell_since(t);
	tl_tell_shares(t);
	tl_tell_unread(t);
	tl_tell_watched(t);
	tl_tell_shared(t);
	tl_tell_stopped(t, tl_row_at(t->look, t->group->first));
	tl_tell_limit(t);
	if (tl_is_worn_out(t->look, t->group))
		tl_tell_ports(t);
	tl_tell_other(t);
	tell_passed_on(t);
	tl_tell_rows(t);
	tl_tell(t, TL_REMARK_SO, "the program has not closed what has ended: its pool does not "
		"check idle connections, it has forgotten a connection, %s. It is not a kernel "
		"setting: CLOSE_WAIT has no timer of its own.",
		tl_have_closed(t) ? "or its loop is stuck" : "its loop is stuck, or it still "
		"works on an answer for an end that is half-closed");
	tell_kill(t, "restart every process that holds them");
}

/*
 * Without inodes a table does not say whether a row is in an accept queue: it may be, unless the
 * queue is empty.
 */
static bool can_be_queued(const struct tl_host *look, const struct tl_group *group)
{
	const struct tl_seen *listener = tl_row_at(look, group->listener);

	if (group->owner != TL_OWNER_UNTOLD)
		return false;
	if (!listener)
		return !look->count[TL_LISTEN];
	return listener->sock.recvq || !(look->says & TL_HOST_BACKLOG);
}

/* CLOSE_WAIT whose process was not to be seen: what can be said about it. */
void tl_tell_leak_unseen(struct tl_telling *t)
{
	const char *them = tl_plural(t->group->n, "it", "them");
	bool untold = t->group->owner == TL_OWNER_UNTOLD, queued = can_be_queued(t->look, t->group);

	tl_tell_head(t, "%zu %s in CLOSE_WAIT %s %s: %s holds %s%s.", t->group->n,
		     tl_plural(t->group->n, "socket is", "sockets are"),
		     t->group->incoming ? "at" : "to", t->end,
		     untold ? "this table does not tell which process" : "the process that", them,
		     untold ? "" : " was not seen");
	tl_tell_since(t);
	tl_tell_unread(t);
	if (t->look->root)
		tl_tell(t, TL_REMARK_HELD, "by a process outside this container, on the way "
			"through a unix socket, in an io_uring, or by a thread with descriptors "
			"of its own");
	tl_tell_other(t);
	tl_tell_rows(t);
	tl_tell(t, TL_REMARK_SO, "the program has not closed what has ended%s%s%s. It is not a "
		"kernel setting: CLOSE_WAIT has no timer of its own.",
		queued ? ", or has never accepted " : "", queued ? them : "",
		queued ? " (ss -e and -p tell which)" : "");
	if (!(t->look->says & TL_HOST_HERE))
		tell_kill(t, "save it as root, with ss -tanpoieO, to see which");
	else if (!t->look->root)
		tell_kill(t, "run it as root to see which");
	else
		tell_kill(t, "look from the host if this is a container");
}

/* FIN sent, no answer to it. */

bool tl_is_behind_data(const struct tl_seen *row)
{
	return row->sock.sendq >= 2 && tl_is_refused(row);
}

/* Rows whose FIN waits behind data that the other end has no room for, and how much that is. */
static size_t count_behind(const struct tl_host *look, const struct tl_group *group,
			   uint64_t *bytes)
{
	size_t n = 0;

	*bytes = 0;
	TL_EACH_ROW(row, look, group) {
		if (!tl_is_behind_data(row))
			continue;
		*bytes += row->sock.sendq - 1;
		n++;
	}
	return n;
}

bool tl_is_repeated(const struct tl_seen *row)
{
	return (row->sock.timer == TL_TIMER_RETRANSMIT && row->sock.retrans >= 2) ||
	       tl_is_unsent(row);
}

/* Of one group some can wait for room, and some for an answer. */
static void tell_repeated(struct tl_telling *t)
{
	size_t n = tl_count_rows(t->look, t->group, tl_is_repeated);

	if (n)
		tl_tell(t, TL_REMARK_REPEATED, "the timer of %zu of %zu has fired twice or more "
			"without an acknowledgment", n, t->group->n);
	tl_tell_unsent(t);
}

/* An answer to a probe begins the count anew, with room or without. */
static bool is_probed_in_vain(const struct tl_seen *row)
{
	return tl_is_behind_data(row) && row->sock.retrans >= 3;
}

static void tell_window(struct tl_telling *t, size_t behind)
{
	size_t vain = tl_count_rows(t->look, t->group, is_probed_in_vain);

	if (vain)
		tl_buf_fmt(&t->text, "; of %zu the probes have no answer any more, so that host is "
			   "gone or cannot be reached", vain);
	if (behind)
		tl_tell(t, TL_REMARK_WINDOW, "%zu of %zu %s a zero window%s", behind, t->group->n,
			tl_plural(behind, "probes", "probe"), tl_buf_text(&t->text));
}

/* After shutdown() a process has it open; after close() nobody has. */
static bool is_held(const struct tl_group *group)
{
	return group->owner == TL_OWNER_PROCESS || group->owner == TL_OWNER_UNSEEN;
}

static void tell_held(struct tl_telling *t)
{
	if (is_held(t->group))
		tl_tell(t, TL_REMARK_HELD, "by %s", t->owner);
}

void tl_tell_behind_data(struct tl_telling *t)
{
	uint64_t bytes;
	size_t n = count_behind(t->look, t->group, &bytes);

	tl_tell_head(t, "%zu %s in %s %s %s, but the %s behind %" PRIu64 " %s for %s.",
		     n, tl_plural(n, "socket", "sockets"),
		     tl_state_name(t->group->state), tl_plural(n, "was", "were"),
		     is_held(t->group) ? "shut down for sending" : "closed",
		     tl_plural(n, "FIN waits", "FINs wait"), bytes,
		     tl_plural(bytes, "byte", "bytes"), t->far);
	tell_held(t);
	tell_window(t, n);
	tell_repeated(t);
	tl_tell_other(t);
	tl_tell_rows(t);
}

static void tell_retries(struct tl_telling *t)
{
	int64_t retries = t->look->knobs.setting[TL_KNOB_ORPHAN_RETRIES];

	if (t->group->owner == TL_OWNER_KERNEL && !t->unsent)
		tl_tell_setting(t, TL_KNOB_ORPHAN_RETRIES, retries ? "" :
				", which means 8: given up after nearly two minutes");
}

void tl_tell_unanswered(struct tl_telling *t)
{
	size_t n = tl_count_rows(t->look, t->group, tl_is_repeated);

	tl_tell_head(t, "%zu %s in %s: no acknowledgment of %s comes from %s.", n,
		     tl_plural(n, "row stays", "rows stay"),
		     tl_state_name(t->group->state),
		     t->group->sendq > t->group->n ? "the data before the FIN" : "the FIN", t->far);
	tell_held(t);
	tell_repeated(t);
	tell_retries(t);
	tl_tell_counter(t, TL_HOST_COUNTER_ABORT_TIMEOUT);
	tl_tell_other(t);
	tl_tell_rows(t);
}

/* FIN_WAIT2. */

bool tl_is_held(const struct tl_host *look, const struct tl_group *group)
{
	if (tl_group_other(look, group))
		return false;
	if (!(look->says & TL_HOST_INFO))
		return group->n >= SEVERAL;
	/* One that waits for an answer that takes some time is not a fault. */
	return count_old(look, group, VERY_LONG) || count_old(look, group, LONG) >= SEVERAL;
}

void tl_tell_held(struct tl_telling *t)
{
	tl_tell_head(t, "%s %s shut down %zu %s for sending, and no FIN has come from %s.",
		     t->owner, tl_have(t->group), t->group->n,
		     tl_plural(t->group->n, "connection", "connections"), t->far);
	tl_tell_since(t);
	tl_tell_watched(t);
	tl_tell_shared(t);
	tl_tell_limit(t);
	tl_tell_rows(t);
}

bool tl_is_crowd_of_orphans(const struct tl_host *look, const struct tl_group *group)
{
	return !tl_group_other(look, group) && count_old(look, group, LATE) >= SEVERAL;
}

void tl_tell_orphan_wait(struct tl_telling *t)
{
	tl_tell_head(t, "%zu connections with %s were closed here, and no FIN has come from there.",
		     t->group->n, t->far);
	tl_tell(t, TL_REMARK_UNTIL, "the kernel drops them in at most %u s",
		(t->group->most_left_ms + 999) / 1000);
	tl_tell_setting(t, TL_KNOB_FIN_TIMEOUT, "");
	tl_tell_rows(t);
}

/* Orphans by number. */

static bool is_orphans(const struct tl_group *group)
{
	return group->owner == TL_OWNER_KERNEL &&
	       (group->state == TL_FIN_WAIT1 || group->state == TL_LAST_ACK ||
		group->state == TL_CLOSING);
}

/* Of this network; the limit is the host's, and others can have orphans of their own. */
static size_t count_orphans(const struct tl_host *look)
{
	size_t n = 0;

	for (size_t i = 0; i < look->n_groups; i++)
		n += is_orphans(&look->groups[i]) ? look->groups[i].n : 0;
	return n;
}

bool tl_are_many_orphans(const struct tl_host *look, const struct tl_group *group)
{
	int64_t most = look->knobs.setting[TL_KNOB_MAX_ORPHANS];

	return most > 0 && group->n >= SEVERAL && (int64_t)count_orphans(look) >= most / 4;
}

void tl_tell_orphans(struct tl_telling *t)
{
	uint64_t bytes;
	size_t behind = count_behind(t->look, t->group, &bytes);

	tl_tell_head(t, "%zu closed sockets in %s belong to no process any more.", t->group->n,
		     tl_state_name(t->group->state));
	tl_tell(t, TL_REMARK_SETTING, "net.ipv4.tcp_max_orphans = %" PRId64 ", and this network "
		"has %zu: above it the kernel resets closed sockets at once",
		t->look->knobs.setting[TL_KNOB_MAX_ORPHANS], count_orphans(t->look));
	tell_window(t, behind);
	tell_repeated(t);
	tell_retries(t);
	tl_tell_other(t);
	tl_tell_rows(t);
}
