/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A look and its findings as JSON; written by hand, so that rows cost little. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arrange.h"
#include "host_json.h"
#include "tcplab/host_report.h"
#include "tcplab/host_words.h"
#include "tcplab/text.h"

void tl_host_json_text(struct tl_buf *out, const char *text)
{
	tl_buf_str(out, "\"");
	tl_text_json(out, text);
	tl_buf_str(out, "\"");
}

void tl_host_json_endpoint(struct tl_buf *out, const struct tl_endpoint *end)
{
	char text[TL_ENDPOINT_TEXT];

	tl_buf_str(out, "\"");
	tl_buf_str(out, tl_endpoint_text(end, text));
	tl_buf_str(out, "\"");
}

/* @key: with what stands before it and its colon */
static void json_number(struct tl_buf *out, const char *key, int64_t number)
{
	tl_buf_str(out, key);
	tl_buf_number(out, number);
}

/* @word: of ours, so that nothing in it has to be written otherwise */
static void json_word(struct tl_buf *out, const char *key, const char *word)
{
	tl_buf_str(out, key);
	tl_buf_str(out, "\"");
	tl_buf_str(out, word);
	tl_buf_str(out, "\"");
}

static void json_age(struct tl_buf *out, const struct tl_age *age)
{
	if (age->at_least >= 0)
		json_number(out, ",\"at_least_ms\":", age->at_least);
	if (age->at_most >= 0)
		json_number(out, ",\"at_most_ms\":", age->at_most);
}

static void json_holders(struct tl_buf *out, const struct tl_host *look,
			 const struct tl_seen *row)
{
	const char *between = "";

	tl_buf_str(out, ",\"processes\":[");
	TL_EACH_HOLD(hold, look, row) {
		const struct tl_process *p = &look->processes.v[hold->process];

		tl_buf_str(out, between);
		json_number(out, "{\"pid\":", p->pid);
		tl_buf_str(out, ",\"name\":");
		tl_host_json_text(out, p->name);
		if (hold->fd >= 0)
			json_number(out, ",\"fd\":", hold->fd);
		tl_buf_str(out, "}");
		between = ",";
	}
	tl_buf_str(out, "]");
}

/* What ages and rules are worked out from, so that a look that was kept says the same again. */
static void json_info(struct tl_buf *out, const struct tl_sock_info *info)
{
	json_number(out, ",\"info\":{\"data_sent_ms\":", info->data_sent_ms);
	json_number(out, ",\"data_received_ms\":", info->data_received_ms);
	json_number(out, ",\"ack_received_ms\":", info->ack_received_ms);
	json_number(out, ",\"probes\":", info->probes);
	json_number(out, ",\"backoff\":", info->backoff);
	if (info->has_window)
		json_number(out, ",\"window\":", info->window);
	tl_buf_str(out, "}");
}

static void json_row(struct tl_buf *out, const struct tl_host *look, const struct tl_seen *row)
{
	struct tl_age age = tl_age_of(&row->sock, &row->info, &look->knobs);

	json_word(out, "{\"state\":", tl_state_name(row->sock.state));
	tl_buf_str(out, ",\"local\":");
	tl_host_json_endpoint(out, &row->sock.local);
	tl_buf_str(out, ",\"remote\":");
	tl_host_json_endpoint(out, &row->sock.remote);
	json_number(out, ",\"recvq\":", row->sock.recvq);
	json_number(out, ",\"sendq\":", row->sock.sendq);
	json_number(out, ",\"inode\":", row->sock.inode);
	json_number(out, ",\"uid\":", row->sock.uid);
	json_word(out, ",\"timer\":", tl_timer_name(row->sock.timer));
	json_number(out, ",\"timer_ms\":", row->sock.timer_ms);
	json_number(out, ",\"retrans\":", row->sock.retrans);
	json_word(out, ",\"owner\":", tl_owner_name(row->owner));
	if (row->sock.cookie)
		tl_buf_fmt(out, ",\"cookie\":\"%" PRIx64 "\"", row->sock.cookie);
	if (row->info.known)
		json_info(out, &row->info);
	if (row->info.mptcp)
		tl_buf_str(out, ",\"mptcp\":true");
	json_age(out, &age);
	json_holders(out, look, row);
	tl_buf_str(out, "}");
}

static void json_group(struct tl_buf *out, const struct tl_host *look,
		       const struct tl_group *group)
{
	const struct tl_rule *rule = tl_group_rule(look, group);

	tl_buf_fmt(out, "{\"state\":\"%s\",\"rows\":%zu,\"owner\":\"%s\",\"way\":\"%s\",\"end\":",
		   tl_state_name(group->state), group->n, tl_owner_name(group->owner),
		   tl_group_way(group));
	tl_host_json_endpoint(out, &group->end);
	tl_buf_fmt(out, ",\"recvq\":%" PRIu64 ",\"sendq\":%" PRIu64, group->recvq, group->sendq);
	if (group->processes > 1)
		tl_buf_fmt(out, ",\"of_processes\":%zu", group->processes);
	json_age(out, &group->oldest);
	json_holders(out, look, tl_row_at(look, group->first));
	if (rule)
		tl_buf_fmt(out, ",\"wrong\":\"%s\"", tl_lead(rule->lead)->id);
	tl_buf_str(out, "}");
}

static void json_finding(struct tl_buf *out, const struct tl_host *look,
			 const struct tl_diagnosis *finding)
{
	tl_buf_fmt(out, "{\"rule\":\"%s\",\"state\":\"%s\",\"rows\":%zu,\"group\":%u,\"says\":",
		   tl_lead(finding->rule->lead)->id,
		   tl_state_name(look->groups[finding->group].state),
		   finding->n, finding->group);
	tl_host_json_text(out, finding->head);
	tl_buf_str(out, ",\"evidence\":[");
	for (size_t i = 0; i < finding->n_remarks; i++) {
		tl_buf_fmt(out, "%s{\"label\":\"%s\",\"text\":", i ? "," : "",
			   tl_remark_label(finding->remarks[i].kind));
		tl_host_json_text(out, finding->remarks[i].text);
		tl_buf_str(out, "}");
	}
	tl_buf_fmt(out, "],\"scenario\":\"%s\"}", tl_lead(finding->rule->lead)->scenarios[0]);
}

static void json_numbers(struct tl_buf *out, const char *key, const char *const *names,
			 const int64_t *values, size_t n)
{
	const char *between = "";

	tl_buf_fmt(out, ",\n\"%s\":{", key);
	for (size_t i = 0; i < n; i++) {
		if (values[i] < 0)
			continue;
		tl_buf_fmt(out, "%s\"%s\":%" PRId64, between, names[i], values[i]);
		between = ",";
	}
	tl_buf_str(out, "}");
}

static void json_knobs(struct tl_buf *out, const struct tl_knobs *knobs)
{
	const char *settings[TL_N_KNOBS];

	for (size_t i = 0; i < TL_N_KNOBS; i++)
		settings[i] = tl_knob_names[i].name;
	json_numbers(out, "settings", settings, knobs->setting, TL_N_KNOBS);
	json_numbers(out, "counters", tl_host_counter_names, knobs->counter, TL_N_HOST_COUNTERS);
	if (knobs->port_high)
		tl_buf_fmt(out, ",\"ports\":[%d,%d]", knobs->port_low, knobs->port_high);
	if (knobs->ports_reserved)
		tl_buf_fmt(out, ",\"ports_reserved\":%d", knobs->ports_reserved);
}

/* Those that have a row, once each, with what is known of their descriptors. */
static void json_processes(struct tl_buf *out, const struct tl_host *look)
{
	bool *has = calloc(look->processes.n + 1, sizeof(*has));
	const char *between = "\n";

	out->failed |= !has;
	for (size_t i = 0; has && i < look->n; i++)
		if (!look->rows[i].left_out)
			TL_EACH_HOLD(hold, look, &look->rows[i])
				has[hold->process] = true;
	tl_buf_str(out, ",\n\"processes\":[");
	for (size_t i = 0; has && i < look->processes.n; i++) {
		const struct tl_process *p = &look->processes.v[i];

		if (!has[i])
			continue;
		tl_buf_fmt(out, "%s{\"pid\":%d,\"name\":", between, p->pid);
		tl_host_json_text(out, p->name);
		if (p->descriptors)
			tl_buf_fmt(out, ",\"descriptors\":%u", p->descriptors);
		if (p->limit)
			tl_buf_fmt(out, ",\"limit\":%u", p->limit);
		tl_buf_str(out, "}");
		between = ",\n";
	}
	tl_buf_str(out, "]");
	free(has);
}

bool tl_looks_are(const char *bytes, size_t len)
{
	static const char begins[] = "{\"tcplab-host\":";

	return len >= sizeof(begins) - 1 && !memcmp(bytes, begins, sizeof(begins) - 1);
}

static void json_head(struct tl_buf *out, const struct tl_host *look,
		      const struct tl_host_told *told)
{
	const char *between = "";

	tl_buf_str(out, "{\"tcplab-host\":1,\"host\":");
	tl_host_json_text(out, told->host);
	if (told->time) {
		tl_buf_str(out, ",\"time\":");
		tl_host_json_text(out, told->time);
	}
	if (told->took_ms >= 0)
		tl_buf_fmt(out, ",\"took_ms\":%.3f", told->took_ms);
	if (told->unix_ms)
		tl_buf_fmt(out, ",\"unix_ms\":%" PRId64, told->unix_ms);
	if (told->up_ms)
		tl_buf_fmt(out, ",\"up_ms\":%" PRId64, told->up_ms);
	if (told->network)
		tl_buf_fmt(out, ",\"network_of_pid\":%d", told->network);
	tl_buf_fmt(out, ",\"root\":%s", told->root ? "true" : "false");
	if (look->blind)
		tl_buf_str(out, ",\"blind\":true");
	tl_buf_fmt(out, ",\"refused\":%zu,\"torn\":%s,\"sums\":{", look->processes.refused,
		   look->torn ? "true" : "false");
	for (int state = 1; state < TL_STATE_NUMBERS; state++) {
		if (!look->count[state])
			continue;
		tl_buf_fmt(out, "%s\"%s\":%u", between, tl_state_name(state), look->count[state]);
		between = ",";
	}
	tl_buf_str(out, "}");
}

void tl_host_json(const struct tl_host *look, const struct tl_diagnoses *findings,
		  const struct tl_host_told *told, struct tl_buf *out)
{
	const char *between = "\n";

	json_head(out, look, told);
	json_knobs(out, &look->knobs);
	json_processes(out, look);
	tl_buf_str(out, ",\n\"groups\":[");
	for (size_t i = 0; i < look->n_groups; i++) {
		tl_buf_str(out, i ? ",\n" : "\n");
		json_group(out, look, &look->groups[i]);
	}
	tl_buf_str(out, "],\n\"findings\":[");
	for (size_t i = 0; i < findings->n; i++) {
		tl_buf_str(out, i ? ",\n" : "\n");
		json_finding(out, look, &findings->v[i]);
	}
	tl_buf_str(out, "],\n\"rows\":[");
	for (size_t i = 0; i < look->n; i++) {
		if (look->rows[i].left_out)
			continue;
		tl_buf_str(out, between);
		json_row(out, look, &look->rows[i]);
		between = ",\n";
	}
	tl_buf_str(out, "]}\n");
}
