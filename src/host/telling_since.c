/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Since when the rows of a finding are as they are, and how far apart they are. */
#include "telling.h"

#include "rules.h"
#include "tcplab/host_words.h"

/* Rows of a group that ended within a second of the first, by what bounds their ages from below. */
static size_t count_together(const struct tl_telling *telling)
{
	const struct tl_host *look = telling->look;
	size_t n = 0;

	TL_EACH_ROW(row, look, telling->group) {
		n += tl_age_of(&row->sock, &row->info, &look->knobs).at_least >=
		     telling->group->oldest.at_least - 1000;
	}
	return n;
}

/* Can its last acknowledgment be an answer to keepalive? Then it says nothing about the end. */
static bool is_kept_alive(const struct tl_seen *row)
{
	return row->sock.timer == TL_TIMER_KEEPALIVE;
}

/* What it looks like that they are so far apart. */
static const char *apart_means(const struct tl_telling *telling, int64_t apart, bool kept_alive,
			       bool most_together)
{
	if (kept_alive)
		return " apart; some can be answers to keepalive, so when they ended is not known";
	if (most_together)
		return ": it looks as if most ended together, and others later";
	if (apart > 1000)
		return " apart: it looks as if they ended one after the other";
	return telling->group->many_peers || telling->group->incoming ||
			       telling->group->state != TL_CLOSE_WAIT ?
		       " apart: it looks as if they ended together" :
		       " apart: it looks like one event at the other end, not a slow leak";
}

/* How far apart the rows are; only what shows how they came to be is said. */
void tl_tell_since(struct tl_telling *telling)
{
	const struct tl_group *group = telling->group;
	struct tl_buf *text = &telling->text;
	int64_t apart = group->oldest.at_least - group->youngest.at_least;
	size_t together;
	bool kept_alive, most;

	if (group->oldest.at_least < 0) {
		tl_tell(telling, TL_REMARK_SINCE, "not known: %s",
			telling->look->says & TL_HOST_INFO ?
				"the kernel does not record when this state began" :
				"this text has no times (ss -i prints them)");
		return;
	}
	tl_buf_str(text, "at least ");
	tl_say_time(text, group->oldest.at_least);
	if (group->n > 1) {
		tl_buf_str(text, "; the last acknowledgments are ");
		tl_say_time(text, apart);
		together = count_together(telling);
		kept_alive = tl_count_rows(telling->look, group, is_kept_alive);
		most = apart > 1000 && together > group->n / 2 && !kept_alive;
		if (most)
			tl_buf_fmt(text, " apart, those of %zu of them within a second", together);
		tl_buf_str(text, apart_means(telling, apart, kept_alive, most));
	}
	tl_tell(telling, TL_REMARK_SINCE, "%s", tl_buf_text(text));
}
