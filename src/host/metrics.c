/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A look as OpenMetrics text. */
#include <stdlib.h>

#include "tcplab/change.h"
#include "tcplab/text.h"

/* What is beyond so many is left out: Prometheus keeps each series. */
enum { SERIES_MOST = 200 };

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

static void process_labels(struct tl_buf *out, const struct tl_process *process)
{
	label(out, "process", process->name);
	tl_buf_fmt(out, ",pid=\"%d\"", process->pid);
}

static void series(struct tl_buf *out, const struct tl_group *group,
		   const struct tl_process *process,
		   size_t rows)
{
	char end[TL_ENDPOINT_TEXT];

	tl_buf_fmt(out, "tcplab_group_sockets{state=\"%s\",owner=\"%s\",way=\"%s\",",
		   tl_state_name(group->state), tl_owner_name(group->owner),
		   group->incoming ? "in" : "out");
	if (process) {
		process_labels(out, process);
		tl_buf_str(out, ",");
	}
	tl_buf_fmt(out, "end=\"%s\"} %zu\n", tl_endpoint_text(&group->end, end), rows);
}

/* One series, or one for each of its processes. @rows: by process, all 0, and again at the end */
static void group(struct tl_buf *out, const struct tl_host *look, const struct tl_group *group,
		  size_t *rows, size_t *n)
{
	if (group->owner != TL_OWNER_PROCESS) {
		series(out, group, NULL, group->n);
		(*n)++;
		return;
	}
	TL_EACH_ROW(row, look, group)
		rows[row->hold->process]++;
	TL_EACH_ROW(row, look, group) {
		uint32_t process = row->hold->process;

		if (rows[process] && (*n)++ < SERIES_MOST)
			series(out, group, &look->processes.v[process], rows[process]);
		rows[process] = 0;
	}
}

/* Which processes have a row. @rows: by process, all 0 */
static void mark_holders(const struct tl_host *look, size_t *rows)
{
	for (size_t i = 0; i < look->n; i++)
		if (!look->rows[i].left_out)
			TL_EACH_HOLD(hold, look, &look->rows[i])
				rows[hold->process]++;
}

/* Of each process with a row whose limit was asked for: what it has open, or may have. */
static void descriptors(struct tl_buf *out, const struct tl_host *look, const size_t *rows,
			const char *name, const char *help, bool limit)
{
	size_t n = 0;

	tl_buf_fmt(out, "# TYPE %s gauge\n# HELP %s %s\n", name, name, help);
	for (size_t i = 0; i < look->processes.n && n < SERIES_MOST; i++) {
		const struct tl_process *process = &look->processes.v[i];

		if (!rows[i] || !process->limit)
			continue;
		tl_buf_fmt(out, "%s{", name);
		process_labels(out, process);
		tl_buf_fmt(out, "} %u\n", limit ? process->limit : process->descriptors);
		n++;
	}
}

void tl_host_metrics(const struct tl_host *look, struct tl_buf *out)
{
	size_t *rows = calloc(look->processes.n + 1, sizeof(*rows)), n = 0;

	if (!rows) {
		out->failed = true;
		return;
	}
	tl_buf_str(out, "# TYPE tcplab_sockets gauge\n"
			"# HELP tcplab_sockets TCP sockets by state.\n");
	for (int state = 1; state < TL_STATE_MAX; state++)
		tl_buf_fmt(out, "tcplab_sockets{state=\"%s\"} %u\n", tl_state_name(state),
			   look->count[state]);
	tl_buf_str(out, "# TYPE tcplab_group_sockets gauge\n"
			"# HELP tcplab_group_sockets TCP sockets of one state, process and "
			"other end.\n");
	for (size_t i = 0; i < look->n_groups && n < SERIES_MOST; i++)
		if (look->groups[i].state != TL_LISTEN)
			group(out, look, &look->groups[i], rows, &n);
	mark_holders(look, rows);
	descriptors(out, look, rows, "tcplab_process_descriptors",
		    "Descriptors that a process has open.", false);
	descriptors(out, look, rows, "tcplab_process_descriptors_limit",
		    "Descriptors that a process may have open.", true);
	free(rows);
	tl_buf_str(out, "# EOF\n");
}
