/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A look out of the JSON that snap and why write: host_json.c the other way round. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "arrange.h"
#include "slots.h"
#include "tcplab/looks.h"

/* So far each number of JSON is exact, and its time fits into ours. */
#define UNIX_MS_MOST (INT64_C(1) << 53)

/* A look under way: where processes are, by their numbers. */
struct reading {
	struct tl_kept_look *kept;
	struct tl_slots pids;
	struct tl_err *err;
};

static int bad(const struct reading *r, const char *what)
{
	return tl_err_set(r->err, EINVAL, "a look has no %s, or one that cannot be read", what);
}

static int no_memory(const struct reading *r)
{
	return tl_err_set(r->err, ENOMEM, "no memory for a look");
}

static const char *word(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* What is not there is @without. Return: false for what is not such a number. */
static bool number(const json_t *object, const char *key, int64_t most, int64_t without,
		   int64_t *value)
{
	const json_t *it = json_object_get(object, key);

	*value = it ? json_integer_value(it) : without;
	return !it || (json_is_integer(it) && *value >= 0 && *value <= most);
}

static bool small(const json_t *object, const char *key, uint32_t *value)
{
	int64_t wide;
	bool ok = number(object, key, UINT32_MAX, 0, &wide);

	*value = wide;
	return ok;
}

static bool endpoint(const json_t *object, const char *key, struct tl_endpoint *end)
{
	const char *text = word(object, key);
	struct tl_err err;

	return text && !tl_endpoint_parse(text, end, &err);
}

static bool state(const json_t *object, enum tl_state *state)
{
	const char *text = word(object, "state");

	*state = text ? tl_state_parse(text, strlen(text)) : 0;
	return *state;
}

/* The index of a process; added where it is new. Below 0: it has no number, or no memory. */
static long process_of(struct reading *r, const json_t *object)
{
	struct tl_processes *all = &r->kept->look.processes;
	const char *name = word(object, "name");
	int64_t wide;
	pid_t pid;
	uint32_t at, found;
	long added;

	if (!name || !number(object, "pid", INT32_MAX, 0, &wide) || !wide)
		return bad(r, "process");
	pid = wide;
	at = tl_host_hash(TL_HOST_HASH, &pid, sizeof(pid));
	for (; tl_slots_at(&r->pids, at, &found); at++)
		if (all->v[found].pid == pid)
			return found;
	/* Room was made for those that the look names first; a row has no others. */
	if (2 * all->n > r->pids.mask)
		return bad(r, "process");
	added = tl_processes_add(all, pid, name, strlen(name));
	if (added < 0)
		return no_memory(r);
	tl_slots_put(&r->pids, at, added);
	return added;
}

static int read_processes(struct reading *r)
{
	const json_t *list = json_object_get(r->kept->json, "processes"), *one;
	size_t i;

	if (tl_slots_make(&r->pids, json_array_size(list)))
		return no_memory(r);
	json_array_foreach(list, i, one) {
		long index = process_of(r, one);
		struct tl_process *process;

		if (index < 0)
			return index;
		process = &r->kept->look.processes.v[index];
		if (!small(one, "descriptors", &process->descriptors) ||
		    !small(one, "limit", &process->limit))
			return bad(r, "process");
	}
	return 0;
}

static int read_holders(struct reading *r, const json_t *row, uint32_t inode)
{
	const json_t *list = json_object_get(row, "processes"), *one;
	size_t i;

	json_array_foreach(list, i, one) {
		long process = process_of(r, one);
		int64_t fd;

		if (process < 0)
			return process;
		if (!inode || !number(one, "fd", INT32_MAX, -1, &fd))
			return bad(r, "descriptor");
		if (tl_processes_hold(&r->kept->look.processes, process, inode, fd))
			return no_memory(r);
	}
	return 0;
}

static bool read_info(const json_t *row, struct tl_sock_info *info)
{
	const json_t *it = json_object_get(row, "info");
	uint32_t probes, backoff;
	int64_t window;

	*info = (struct tl_sock_info){ .known = it,
					.mptcp = json_is_true(json_object_get(row, "mptcp")) };
	if (!it)
		return true;
	if (!small(it, "data_sent_ms", &info->data_sent_ms) ||
	    !small(it, "data_received_ms", &info->data_received_ms) ||
	    !small(it, "ack_received_ms", &info->ack_received_ms) ||
	    !small(it, "probes", &probes) || !small(it, "backoff", &backoff) ||
	    !number(it, "window", UINT32_MAX, -1, &window) || probes > 255 || backoff > 255)
		return false;
	info->probes = probes;
	info->backoff = backoff;
	info->has_window = window >= 0;
	info->window = window >= 0 ? window : 0;
	return true;
}

static int read_row(struct reading *r, const json_t *row)
{
	const char *cookie = word(row, "cookie"), *timer = word(row, "timer");
	struct tl_sock_info info;
	struct tl_sock sock = { 0 };
	uint32_t retrans;
	int timer_number = timer ? tl_timer_parse(timer) : -1;

	if (!state(row, &sock.state) || !endpoint(row, "local", &sock.local) ||
	    !endpoint(row, "remote", &sock.remote) || !small(row, "recvq", &sock.recvq) ||
	    !small(row, "sendq", &sock.sendq) || !small(row, "inode", &sock.inode) ||
	    !small(row, "uid", &sock.uid) || !small(row, "timer_ms", &sock.timer_ms) ||
	    !small(row, "retrans", &retrans) || retrans > UINT8_MAX || !read_info(row, &info))
		return bad(r, "row");
	sock.timer = timer_number >= 0 ? timer_number : TL_TIMER_NONE;
	sock.retrans = retrans;
	sock.cookie = cookie ? strtoull(cookie, NULL, 16) : 0;
	return tl_host_add(&r->kept->look, &sock, &info, r->err) ?
		       -ENOMEM : read_holders(r, row, sock.inode);
}

static int read_rows(struct reading *r)
{
	const json_t *list = json_object_get(r->kept->json, "rows"), *row;
	size_t i;
	int rc = json_is_array(list) ? 0 : bad(r, "rows");

	if (!rc)
		json_array_foreach(list, i, row)
			if ((rc = read_row(r, row)))
				break;
	rc = rc ? rc : tl_processes_index(&r->kept->look.processes, r->err);
	return rc ? rc : tl_host_arrange(&r->kept->look, NULL, r->err);
}

static const struct tl_rule *rule_of(const char *name)
{
	size_t n;
	const struct tl_rule *rules = tl_rules(&n);

	for (size_t i = 0; name && i < n; i++)
		if (!strcmp(tl_lead(rules[i].lead)->id, name))
			return &rules[i];
	return NULL;
}

/* Return: TL_N_REMARKS for a label that is none. */
static enum tl_remark_kind remark_kind(const char *label)
{
	enum tl_remark_kind kind = 0;

	while (kind < TL_N_REMARKS && (!label || strcmp(label, tl_remark_label(kind)) != 0))
		kind++;
	return kind;
}

static int read_remarks(struct reading *r, const json_t *object, struct tl_diagnosis *finding)
{
	const json_t *list = json_object_get(object, "evidence"), *one;
	size_t i;

	json_array_foreach(list, i, one) {
		enum tl_remark_kind kind = remark_kind(word(one, "label"));
		const char *text = word(one, "text");

		if (kind == TL_N_REMARKS || !text || i == TL_REMARKS_MOST)
			return bad(r, "evidence");
		finding->remarks[i] = (struct tl_remark){ kind, strdup(text) };
		if (!finding->remarks[i].text)
			return no_memory(r);
		finding->n_remarks = i + 1;
	}
	return 0;
}

static int read_finding(struct reading *r, const json_t *object, struct tl_diagnosis *finding)
{
	const struct tl_host *look = &r->kept->look;
	const char *says = word(object, "says");
	enum tl_state of;
	int64_t rows;

	finding->rule = rule_of(word(object, "rule"));
	if (!finding->rule || !says || !small(object, "group", &finding->group) ||
	    !state(object, &of) || !number(object, "rows", UINT32_MAX, 0, &rows) ||
	    finding->group >= look->n_groups || look->groups[finding->group].state != of)
		return bad(r, "finding");
	finding->n = rows;
	finding->head = strdup(says);
	return finding->head ? read_remarks(r, object, finding) : no_memory(r);
}

static int read_findings(struct reading *r)
{
	const json_t *list = json_object_get(r->kept->json, "findings");
	struct tl_diagnoses *findings = &r->kept->findings;
	size_t n = json_array_size(list);
	int rc = 0;

	findings->v = n ? calloc(n, sizeof(*findings->v)) : NULL;
	if (n && !findings->v)
		return no_memory(r);
	while (!rc && findings->n < n) {
		findings->n++;
		rc = read_finding(r, json_array_get(list, findings->n - 1),
				  &findings->v[findings->n - 1]);
	}
	return rc;
}

static int read_knobs(struct reading *r)
{
	const json_t *settings = json_object_get(r->kept->json, "settings");
	const json_t *counters = json_object_get(r->kept->json, "counters");
	const json_t *ports = json_object_get(r->kept->json, "ports");
	struct tl_knobs *knobs = &r->kept->look.knobs;
	int64_t low = json_integer_value(json_array_get(ports, 0));
	int64_t high = json_integer_value(json_array_get(ports, 1)), reserved = 0;
	bool ok = low >= 0 && low <= high && high <= UINT16_MAX &&
		  number(r->kept->json, "ports_reserved", UINT16_MAX, 0, &reserved);

	tl_knobs_unknown(knobs);
	for (size_t i = 0; i < TL_N_KNOBS; i++) /* an int of the kernel's each */
		ok &= number(settings, tl_knob_names[i].name, INT32_MAX, -1, &knobs->setting[i]);
	for (size_t i = 0; i < TL_N_HOST_COUNTERS; i++)
		ok &= number(counters, tl_host_counter_names[i], INT64_MAX, -1, &knobs->counter[i]);
	r->kept->look.unset = knobs->setting[TL_KNOB_FIN_TIMEOUT] < 0;
	knobs->port_low = ok ? low : 0;
	knobs->port_high = ok ? high : 0;
	knobs->ports_reserved = ok ? reserved : 0;
	return ok ? 0 : bad(r, "settings");
}

static int read_head(struct reading *r)
{
	struct tl_kept_look *kept = r->kept;
	const json_t *json = kept->json;
	int64_t refused, network;

	if (json_integer_value(json_object_get(json, "tcplab-host")) != 1)
		return tl_err_set(r->err, EINVAL, "this is not a look that \"tcplab snap\" kept, or "
				  "one of a newer tcplab");
	kept->told = (struct tl_host_told){ .host = word(json, "host"), .time = word(json, "time"),
					    .took_ms = -1, .program = "tcplab", .width = 80,
					    .root = json_is_true(json_object_get(json, "root")) };
	kept->look.blind = json_is_true(json_object_get(json, "blind"));
	kept->look.torn = json_is_true(json_object_get(json, "torn"));
	kept->look.says = TL_HOST_INODES | TL_HOST_BACKLOG | TL_HOST_TIMERS | TL_HOST_INFO |
			  TL_HOST_PROCESSES;
	if (!kept->told.host || !number(json, "unix_ms", UNIX_MS_MOST, 0, &kept->told.unix_ms) ||
	    !number(json, "up_ms", UNIX_MS_MOST, 0, &kept->told.up_ms) ||
	    !number(json, "refused", INT32_MAX, 0, &refused) ||
	    !number(json, "network_of_pid", INT32_MAX, 0, &network))
		return bad(r, "head");
	kept->told.network = network;
	kept->look.processes.refused = refused;
	return 0;
}

/* To where the next look begins: no string has these bytes, since its quotes are escaped. */
static void skip(const char **text, size_t *len)
{
	do {
		++*text;
		--*len;
	} while (*len && !tl_looks_are(*text, *len));
}

int tl_looks_next(const char **text, size_t *len, struct tl_kept_look *kept, struct tl_err *err)
{
	struct reading r = { .kept = kept, .err = err };
	json_error_t why;
	int rc = 0;

	while (*len && strchr(" \t\r\n", **text)) {
		++*text;
		--*len;
	}
	if (!*len)
		return 0;
	kept->json = json_loadb(*text, *len, JSON_DISABLE_EOF_CHECK, &why);
	if (!kept->json) {
		skip(text, len);
		return tl_err_set(err, EINVAL, "a look is cut short, or no JSON");
	}
	*text += why.position;
	*len -= why.position;
	rc = read_head(&r);
	rc = rc ? rc : read_knobs(&r);
	rc = rc ? rc : read_processes(&r);
	rc = rc ? rc : read_rows(&r);
	rc = rc ? rc : read_findings(&r);
	tl_slots_release(&r.pids);
	return rc ? rc : 1;
}

void tl_kept_look_release(struct tl_kept_look *kept)
{
	tl_diagnoses_release(&kept->findings);
	tl_host_release(&kept->look);
	json_decref(kept->json);
	*kept = (struct tl_kept_look){ 0 };
}
