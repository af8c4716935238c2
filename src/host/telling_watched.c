/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether anybody waits for the sockets of a finding: in epoll sets of its process or of others. */
#include "telling.h"

#include "rules.h"
#include "tcplab/host_words.h"

/* Rows that are in an epoll set of their process, and those in one of another process alone. */
struct watches {
	size_t could, own, deaf, others; /* deaf: those in its own that ask for no input */
	const struct tl_process *other; /* the first of them */
	bool holds;                     /* that one has the socket open as well */
};

static bool holds(const struct tl_host *look, const struct tl_hold *hold,
		  const struct tl_process *process)
{
	while (hold && &look->processes.v[hold->process] != process)
		hold = tl_hold_next(&look->processes, hold);
	return hold;
}

static struct watches count_watches(const struct tl_host *look, const struct tl_group *group)
{
	struct watches n = { 0 };

	TL_EACH_ROW(row, look, group) {
		uint32_t process = row->hold->process;
		const struct tl_process *other;
		bool input;

		n.could += look->processes.v[process].polls;
		if (tl_processes_watches(&look->processes, row->sock.inode, process, &input)) {
			n.own++;
			n.deaf += !input;
			continue;
		}
		other = tl_processes_watcher(&look->processes, row->sock.inode, process);
		n.others += other != NULL;
		if (other && !n.other) {
			n.other = other;
			n.holds = holds(look, row->hold, other);
		}
	}
	return n;
}

void tl_tell_watched(struct tl_telling *telling)
{
	const struct tl_host *look = telling->look;
	bool several = telling->group->processes > 1;
	struct tl_buf *text = &telling->text;
	struct watches n;

	if (!(look->says & TL_HOST_WATCHED) || telling->group->owner != TL_OWNER_PROCESS)
		return;
	n = count_watches(look, telling->group);
	if (n.could)
		tl_buf_fmt(text, "%zu of %zu are in an epoll set of %s%s", n.own, n.could,
			   several ? "their process" : "this process",
			   n.own || n.others ? "" : ": no loop of epoll waits for them");
	else
		tl_buf_fmt(text,
			   "%s: %s no epoll set (poll, select and blocking calls leave no trace)",
			   n.others ? "not by what holds them" : "not known",
			   several ? "they have" : "it has");
	if (n.deaf)
		tl_buf_fmt(text,
			   "; for %zu of them no input is asked for there, so %s end is not told",
			   n.deaf, tl_plural(n.deaf, "its", "their"));
	if (n.others) {
		tl_buf_fmt(text, "; %zu in one of ", n.others);
		tl_say_process(text, n.other);
		tl_buf_str(text, n.holds ? ", which holds them too" :
			   ", which has closed its descriptors of them without taking them out");
	}
	tl_tell(telling, TL_REMARK_WATCHED, "%s", tl_buf_text(text));
}
