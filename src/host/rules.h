/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rules are made of: when each applies, and what it tells. */
#ifndef TCPLAB_HOST_RULES_H
#define TCPLAB_HOST_RULES_H

#include "telling.h"

/* Milliseconds, and numbers of rows, from which on something is worth a word. */
enum { VERY_LONG = 60000, LONG = 10000, LATE = 3000, SOME_TIME = 1000, SEVERAL = 20, MANY = 1000 };

static inline const char *tl_plural(size_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

static inline const char *tl_have(const struct tl_group *group)
{
	return group->processes > 1 ? "have" : "has";
}

/* tl_count_rows - the rows of a group of which this is so */
static inline size_t tl_count_rows(const struct tl_host *look, const struct tl_group *group,
				   bool (*is_so)(const struct tl_seen *row))
{
	size_t n = 0;

	TL_EACH_ROW(row, look, group)
		n += is_so(row);
	return n;
}

/* tl_has_process - is a row of a group this one's? Programs of one name can be several. */
static inline bool tl_has_process(const struct tl_host *look, const struct tl_group *group,
				  uint32_t process)
{
	TL_EACH_ROW(row, look, group)
		if (row->hold->process == process)
			return true;
	return false;
}

/*
 * tl_is_refused - has this row waited for some time for the other end to take something? The timer
 * alone does not say so: it also runs where this host itself could not send, and for a moment
 * with each reader that is slower than the sender. An answer to a probe sets back how many have
 * none (retrans), not the time to the next one (backoff).
 */
static inline bool tl_is_refused(const struct tl_seen *row)
{
	return row->sock.timer == TL_TIMER_PROBE && row->sock.sendq &&
	       (!row->info.has_window || row->info.window < 536) &&
	       (row->sock.retrans >= 2 || row->info.backoff >= 2) &&
	       (!row->info.known || row->info.data_sent_ms >= LATE);
}

/*
 * tl_is_unsent - does this host itself not send what it has for the other end? The kernel asks
 * for room again and again though there is room: nothing is on its way, each try has failed here.
 */
static inline bool tl_is_unsent(const struct tl_seen *row)
{
	return row->sock.timer == TL_TIMER_PROBE && row->sock.sendq && row->sock.retrans >= 2 &&
	       row->info.has_window && row->info.window >= 536;
}

bool tl_are_many_orphans(const struct tl_host *look, const struct tl_group *group);
bool tl_is_churn(const struct tl_host *look, const struct tl_group *group);
bool tl_is_crowd_of_orphans(const struct tl_host *look, const struct tl_group *group);
bool tl_is_flood(const struct tl_host *look, const struct tl_group *group);
bool tl_is_full(const struct tl_host *look, const struct tl_group *group);
bool tl_is_held(const struct tl_host *look, const struct tl_group *group);
bool tl_is_late(const struct tl_host *look, const struct tl_group *group);
bool tl_is_out_of_descriptors(const struct tl_host *look, const struct tl_group *group);
bool tl_is_unheard(const struct tl_host *look, const struct tl_group *group);
bool tl_is_worn_out(const struct tl_host *look, const struct tl_group *group);
bool tl_waits_long(const struct tl_host *look, const struct tl_group *group);

/* tl_share_ports - are those that two groups take the same ones, towards one end? */
bool tl_share_ports(const struct tl_host *look, const struct tl_group *a, const struct tl_group *b);

bool tl_is_behind_data(const struct tl_seen *row);
bool tl_is_half_open(const struct tl_seen *row);
bool tl_is_shut(const struct tl_seen *row);
bool tl_is_repeated(const struct tl_seen *row);

void tl_tell_behind_data(struct tl_telling *t);
void tl_tell_churn(struct tl_telling *t);
void tl_tell_descriptors(struct tl_telling *t);
void tl_tell_flood(struct tl_telling *t);
void tl_tell_full(struct tl_telling *t);
void tl_tell_half_open(struct tl_telling *t);
void tl_tell_held(struct tl_telling *t);
void tl_tell_leak(struct tl_telling *t);
void tl_tell_leak_unseen(struct tl_telling *t);
void tl_tell_not_accepted(struct tl_telling *t);
void tl_tell_orphan_wait(struct tl_telling *t);
void tl_tell_orphans(struct tl_telling *t);
void tl_tell_ports(struct tl_telling *t); /* how many of them are in use */
void tl_tell_shut(struct tl_telling *t);
void tl_tell_unanswered(struct tl_telling *t);
void tl_tell_unheard(struct tl_telling *t);
void tl_tell_unsent(struct tl_telling *t);
void tl_tell_worn_out(struct tl_telling *t);

#endif
