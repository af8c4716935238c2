/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules for connections that one end or both have closed. */
#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>

#include "rules.h"
#include "tcplab/host_words.h"

/*
 * Has the other end shut down its sending only, and does a process at that end wait for what
 * this end says? Then nothing is late: the connection is half-closed.
 */
static bool is_half_closed(const struct tl_host *look, const struct tl_seen *row)
{
	const struct tl_seen *other = row->other ? &look->rows[row->other - 1] : NULL;

	return row->sock.state == TL_CLOSE_WAIT && other && other->sock.state == TL_FIN_WAIT2 &&
	       other->hold;
}

/* Rows that have been in their state for so long at least. */
static size_t count_old(const struct tl_host *look, const struct tl_group *group, int64_t ms)
{
	size_t n = 0;

	for (uint32_t at = group->first; at; at = look->rows[at - 1].next) {
		const struct tl_seen *row = &look->rows[at - 1];

		n += !is_half_closed(look, row) &&
		     tl_age_of(&row->sock, &row->info, &look->knobs).at_least >= ms;
	}
	return n;
}

bool tl_is_late(const struct tl_host *look, const struct tl_group *group)
{
	if (!(look->says & TL_HOST_INFO))
		return group->n >= SEVERAL;
	return count_old(look, group, LONG) || count_old(look, group, LATE) >= SEVERAL;
}

/* "ss -K state close-wait dst 10.0.0.1 dport = 6379" */
static void tell_kill(struct tl_telling *t, const char *state, const char *before)
{
	char address[TL_ENDPOINT_TEXT];
	const struct tl_endpoint *end = &t->group->end;

	tl_endpoint_addr_text(end, address);
	tl_tell(t, TL_REMARK_NOW, end->family == AF_INET6 ?
			"%s, or: ss -K state %s %s [%s] %s = %u (ends them with a RST)" :
			"%s, or: ss -K state %s %s %s %s = %u (ends them with a RST)", before,
		state, t->group->incoming ? "src" : "dst", address,
		t->group->incoming ? "sport" : "dport", end->port);
}

/* CLOSE_WAIT that a process has open. */

void tl_tell_leak(struct tl_telling *t)
{
	char end[TL_ENDPOINT_TEXT];
	struct tl_buf who = { 0 };

	const char *holds = t->group->processes > 1 ? "hold" : "holds";

	if (t->group->incoming)
		tl_tell_head(t, "%s %s %zu %s of %s whose other end has closed.",
			     tl_telling_owner(t, &who), holds, t->group->n,
			     tl_plural(t->group->n, "connection", "connections"),
			     tl_endpoint_text(&t->group->end, end));
	else
		tl_tell_head(t, "%s %s %zu %s whose other end, %s, has closed.",
			     tl_telling_owner(t, &who), holds, t->group->n,
			     tl_plural(t->group->n, "socket", "sockets"),
			     tl_endpoint_text(&t->group->end, end));
	tl_tell_since(t);
	tl_tell_shares(t);
	tl_tell_unread(t);
	tl_tell_watched(t);
	tl_tell_shared(t);
	tl_tell_stopped(t);
	tl_tell_limit(t);
	tl_tell_other(t);
	tl_tell_rows(t);
	tell_kill(t, "close-wait", "restart every process that holds them");
	tl_buf_release(&who);
}

/* CLOSE_WAIT whose process was not to be seen: what can be said about it. */
void tl_tell_leak_unseen(struct tl_telling *t)
{
	char end[TL_ENDPOINT_TEXT];

	tl_tell_head(t, "%zu %s in CLOSE_WAIT %s %s: the process that holds %s was not seen.",
		     t->group->n, tl_plural(t->group->n, "socket is", "sockets are"),
		     t->group->incoming ? "at" : "to", tl_endpoint_text(&t->group->end, end),
		     tl_plural(t->group->n, "it", "them"));
	tl_tell_since(t);
	tl_tell_unread(t);
	tl_tell_other(t);
	tl_tell_rows(t);
	tell_kill(t, "close-wait", "run it as root to see which");
}

/* FIN sent, no answer to it. */

bool tl_is_behind_data(const struct tl_host *look, const struct tl_group *group)
{
	size_t refused = 0;

	for (uint32_t at = group->first; at; at = look->rows[at - 1].next)
		refused += tl_is_refused(&look->rows[at - 1]);
	return group->sendq > group->n && (refused || group->repeated);
}

void tl_tell_behind_data(struct tl_telling *t)
{
	char end[TL_ENDPOINT_TEXT];
	size_t refused = 0;

	tl_tell_head(t, "%zu %s in %s %s closed, but the %s behind %" PRIu64 " bytes for %s.",
		     t->group->n, tl_plural(t->group->n, "socket", "sockets"),
		     tl_state_name(t->group->state), tl_plural(t->group->n, "was", "were"),
		     tl_plural(t->group->n, "FIN waits", "FINs wait"), t->group->sendq - t->group->n,
		     tl_endpoint_text(&t->group->end, end));
	for (uint32_t at = t->group->first; at; at = t->look->rows[at - 1].next)
		refused += tl_is_refused(&t->look->rows[at - 1]);
	if (refused)
		tl_tell(t, TL_REMARK_WINDOW, "%zu of %zu probe a zero window: the program at the "
				     "other end does not read", refused, t->group->n);
	if (t->group->repeated)
		tl_tell(t, TL_REMARK_REPEATED, "%zu of %zu were repeated and not acknowledged",
			t->group->repeated, t->group->n);
	tl_tell_other(t);
	tl_tell_rows(t);
}

bool tl_is_unanswered(const struct tl_host *look, const struct tl_group *group)
{
	(void)look;
	return group->repeated && group->sendq <= group->n;
}

static void tell_retries(struct tl_telling *t)
{
	int64_t retries = t->look->knobs.setting[TL_KNOB_ORPHAN_RETRIES];

	if (t->group->owner == TL_OWNER_KERNEL && retries >= 0)
		tl_tell(t, TL_REMARK_SETTING, "net.ipv4.tcp_orphan_retries = %" PRId64 "%s", retries,
			retries ? "" : ", which means 8: given up after nearly two minutes");
}

void tl_tell_unanswered(struct tl_telling *t)
{
	char end[TL_ENDPOINT_TEXT];

	tl_tell_head(t, "%zu %s in %s: %s answers no FIN.", t->group->n,
		     tl_plural(t->group->n, "row stays", "rows stay"), tl_state_name(t->group->state),
		     tl_endpoint_text(&t->group->end, end));
	tl_tell(t, TL_REMARK_REPEATED, "%zu of %zu FINs were sent three times or more",
		t->group->repeated, t->group->n);
	tell_retries(t);
	tl_tell_other(t);
	tl_tell_rows(t);
}

/* FIN_WAIT2. */

bool tl_is_held(const struct tl_host *look, const struct tl_group *group)
{
	return tl_is_late(look, group) && !tl_group_other(look, group);
}

void tl_tell_held(struct tl_telling *t)
{
	char end[TL_ENDPOINT_TEXT];
	struct tl_buf who = { 0 };

	tl_tell_head(t, "%s has shut down %zu %s for sending, and %s does not close.",
		     tl_telling_owner(t, &who), t->group->n,
		     tl_plural(t->group->n, "connection", "connections"),
		     tl_endpoint_text(&t->group->end, end));
	tl_tell_since(t);
	tl_tell_watched(t);
	tl_tell_shared(t);
	tl_tell_limit(t);
	tl_tell_rows(t);
	tl_buf_release(&who);
}

bool tl_is_crowd_of_orphans(const struct tl_host *look, const struct tl_group *group)
{
	return group->n >= SEVERAL && !tl_group_other(look, group) &&
	       (!(look->says & TL_HOST_TIMERS) || count_old(look, group, LATE) >= SEVERAL);
}

void tl_tell_orphan_wait(struct tl_telling *t)
{
	char end[TL_ENDPOINT_TEXT];
	int64_t timeout = t->look->knobs.setting[TL_KNOB_FIN_TIMEOUT];

	tl_tell_head(t, "%zu connections with %s were closed here, and the other end does not "
		     "close.", t->group->n, tl_endpoint_text(&t->group->end, end));
	if (t->look->says & TL_HOST_TIMERS)
		tl_tell(t, TL_REMARK_UNTIL, "the kernel drops them in at most %u s",
			(t->group->most_left_ms + 999) / 1000);
	if (timeout >= 0)
		tl_tell(t, TL_REMARK_SETTING, "net.ipv4.tcp_fin_timeout = %" PRId64, timeout);
	tl_tell_rows(t);
}

/* Orphans by number. */

bool tl_are_many_orphans(const struct tl_host *look, const struct tl_group *group)
{
	int64_t most = look->knobs.setting[TL_KNOB_MAX_ORPHANS];

	return most > 0 && (int64_t)group->n >= most / 4 && group->n >= SEVERAL;
}

void tl_tell_orphans(struct tl_telling *t)
{
	tl_tell_head(t, "%zu closed sockets in %s belong to no process any more.", t->group->n,
		     tl_state_name(t->group->state));
	tl_tell(t, TL_REMARK_SETTING, "net.ipv4.tcp_max_orphans = %" PRId64 ": above it the kernel "
								    "resets closed sockets "
								    "at once", t->look->knobs.setting[TL_KNOB_MAX_ORPHANS]);
	tl_tell_rows(t);
}
