/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A look as OpenMetrics text. */
#include "tcplab/change.h"
#include "tcplab/text.h"

/* Groups beyond so many are left out: a label for each is a series that Prometheus keeps. */
enum { GROUPS_MOST = 200 };

static void label(struct tl_buf *out, const char *name, const char *value)
{
	struct tl_buf washed = { 0 };

	tl_text_line(&washed, value);
	tl_buf_fmt(out, "%s=\"", name);
	for (const char *at = tl_buf_text(&washed); *at; at++) {
		if (*at == '"' || *at == '\\')
			tl_buf_str(out, "\\");
		tl_buf_add(out, at, 1);
	}
	tl_buf_str(out, "\"");
	tl_buf_release(&washed);
}

static void group(struct tl_buf *out, const struct tl_host *look, const struct tl_group *group)
{
	char end[TL_ENDPOINT_TEXT];

	tl_buf_fmt(out, "tcplab_group_sockets{state=\"%s\",owner=\"%s\",way=\"%s\",",
		   tl_state_name(group->state), tl_owner_name(group->owner),
		   group->incoming ? "in" : "out");
	if (group->owner == TL_OWNER_PROCESS) {
		const struct tl_process *process = &look->processes.v[group->process];

		label(out, "process", process->name);
		if (group->processes == 1)
			tl_buf_fmt(out, ",pid=\"%d\"", process->pid);
		tl_buf_str(out, ",");
	}
	tl_buf_fmt(out, "end=\"%s\"} %zu\n", tl_endpoint_text(&group->end, end), group->n);
}

void tl_host_metrics(const struct tl_host *look, struct tl_buf *out)
{
	size_t n = 0;

	tl_buf_str(out, "# TYPE tcplab_sockets gauge\n"
			"# HELP tcplab_sockets TCP sockets by state.\n");
	for (int state = 1; state < TL_STATE_MAX; state++)
		tl_buf_fmt(out, "tcplab_sockets{state=\"%s\"} %u\n", tl_state_name(state),
			   look->count[state]);
	tl_buf_str(out, "# TYPE tcplab_group_sockets gauge\n"
			"# HELP tcplab_group_sockets TCP sockets of one state, process and other end.\n");
	for (size_t i = 0; i < look->n_groups && n < GROUPS_MOST; i++) {
		if (look->groups[i].state == TL_LISTEN)
			continue;
		group(out, look, &look->groups[i]);
		n++;
	}
	tl_buf_str(out, "# EOF\n");
}
