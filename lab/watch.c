/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcplab watch: how the sockets of the reader's own host change, look by look. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "reader_host.h"
#include "files.h"
#include "progress.h"
#include "tcplab/change.h"
#include "tcplab/host_words.h"
#include "tcplab/text.h"
#include "tcplab/tracepoint.h"

enum { EVERY_MS = 10000, EVERY_LEAST_MS = 100 };

/* A host with many sockets is looked at less often: looks take a fifth of the time at most. */
enum { SHARE_OF_TIME = 5 };

/* After a suspend the time that a wait has left is what it had before: it is waited in pieces. */
enum { WAIT_MOST_MS = 60000 };

/* One watch, from its first look to its last. */
struct watch {
	const struct lab_options *options;
	struct tl_sieve sieve;
	struct tl_condition condition;
	struct lab_look look, before;  /* the last two */
	uint64_t every_ms, for_ms;
	uint64_t began_ms, looked_ms;  /* by now_ms(): the first look and the last */
	uint64_t took_ms;              /* the last look, until it was told */
	uint64_t true_since_ms;        /* the condition; 0: it is not true */
	const char *unknown;           /* why the condition is not known; NULL: it is */
	size_t looks;
	int deaths;                    /* a descriptor, or -1 */
	uint64_t died;
	sigset_t waiting;              /* the signals that are blocked while it waits */
	bool lost;                     /* some deaths were not told */
	int record;                    /* --record: a descriptor, or -1 */
	struct tl_tracepoint *tracepoint; /* the second witness, for root; NULL: none */
	struct tl_told_changes told;   /* what it told since the last look */
	struct tl_witnessed witnessed;
};

/* Goes on while the host is suspended, and is set by nobody. */
static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int read_times(struct watch *watch, struct tl_err *err)
{
	const struct lab_options *o = watch->options;

	watch->every_ms = EVERY_MS;
	if (o->every && (tl_time_parse(o->every, strlen(o->every), &watch->every_ms) ||
			 watch->every_ms < EVERY_LEAST_MS))
		return tl_err_set(err, EINVAL, "--every takes a time of at least 100ms, such "
					       "as 10s");
	if (o->for_time && tl_time_parse(o->for_time, strlen(o->for_time), &watch->for_ms))
		return tl_err_set(err, EINVAL, "--for takes a time, such as 5m");
	if (o->fail_if && tl_condition_parse(o->fail_if, &watch->condition, err))
		return -EINVAL;
	if (o->for_time && watch->condition.for_ms > watch->for_ms)
		return tl_err_set(err, EINVAL, "--for ends before the time of --fail-if, which "
					       "can never come true so");
	return 0;
}

/* The one line of a group: when, what, where; and how it moves. */
static void say_change(const struct watch *watch, const struct tl_change *change,
		       double seconds, struct tl_buf *out)
{
	double left = tl_change_seconds_left(change, seconds);
	char clock[16];
	struct tm tm;
	time_t then;

	tl_buf_fmt(out, "%s  %s %zu  ", watch->look.time, tl_state_name(change->group->state),
		   change->now);
	if (watch->looks > 1) {
		tl_change_text(change, seconds, out);
		tl_buf_str(out, "  ");
	}
	tl_say_owner(out, change->look, change->group);
	tl_say_owners_way(out, change->group);
	if (left >= 0 && left < 86400 * 2) {
		then = time(NULL) + (time_t)left;
		localtime_r(&then, &tm);
		strftime(clock, sizeof(clock),
			 left < 120 ? "%H:%M:%S" : left < 43200 ? "%H:%M" : "%a %H:%M", &tm);
		tl_buf_fmt(out, "  at this rate out of descriptors at %s", clock);
		if (change->group->processes > 1)
			tl_buf_fmt(out, ", process %d first", change->next->pid);
	}
	tl_buf_str(out, "\n");
}

static void say_sums(const struct watch *watch, struct tl_buf *out)
{
	size_t begun;

	tl_buf_str(out, watch->look.time);
	begun = out->len;
	for (int state = 1; state < TL_STATE_MAX; state++)
		if (watch->look.look.count[state])
			tl_buf_fmt(out, "  %s %u", tl_state_name(state),
				   watch->look.look.count[state]);
	if (out->len == begun)
		tl_buf_str(out, "  no TCP socket");
	if (watch->looks > 1 && watch->deaths >= 0)
		tl_buf_fmt(out, "  (%" PRIu64 "%s destroyed since)", watch->died,
			   watch->lost ? " or more" : "");
	tl_buf_str(out, "\n");
}

/*
 * The second witness tells about every network namespace: what it cannot know is said as well.
 */
static void say_witness(const struct watch *watch, struct tl_buf *out)
{
	const struct tl_witnessed *it = &watch->witnessed;
	char local[TL_ENDPOINT_TEXT], remote[TL_ENDPOINT_TEXT];

	if (!watch->tracepoint || watch->looks < 2 || !(it->told + it->lost))
		return;
	tl_buf_fmt(out, "%s  tracepoint: %zu change%s of state on this host", watch->look.time,
		   it->told, it->told == 1 ? "" : "s");
	if (it->lost)
		tl_buf_fmt(out, " (%" PRIu64 " more were not told)", it->lost);
	else if (it->agree + it->differ)
		tl_buf_fmt(out, "; %zu socket%s in the table as it says", it->agree,
			   it->agree == 1 ? " is" : "s are");
	else
		tl_buf_str(out, "; none of them can be compared with this table");
	tl_buf_str(out, "\n");
	if (it->differ)
		tl_buf_fmt(out, "%s  it differs for %zu: %s -> %s is in %s, it says %s (another "
			   "namespace can have the same addresses)\n", watch->look.time, it->differ,
			   tl_endpoint_text(&it->to.local, local),
			   tl_endpoint_text(&it->to.remote, remote), tl_state_name(it->table),
			   tl_state_figure(it->to.to));
}

static void say_json(const struct watch *watch, const struct tl_changes *changes,
		     double seconds, struct tl_buf *out)
{
	const char *between = "";

	tl_buf_fmt(out, "{\"tcplab-watch\":1,\"time\":\"%s\",\"unix_ms\":%" PRId64 ",\"seconds\":%.3f"
		   ",\"died\":%" PRIu64 ",\"died_lost\":%s,\"torn\":%s,\"sums\":{",
		   watch->look.time,
		   watch->look.told.unix_ms, seconds, watch->died, watch->lost ? "true" : "false",
		   watch->look.look.torn ? "true" : "false");
	for (int state = 1; state < TL_STATE_MAX; state++) {
		if (!watch->look.look.count[state])
			continue;
		tl_buf_fmt(out, "%s\"%s\":%u", between, tl_state_name(state),
			   watch->look.look.count[state]);
		between = ",";
	}
	tl_buf_str(out, "},\"changes\":[");
	between = "";
	for (size_t i = 0; i < changes->n; i++) {
		if (watch->looks > 1 && !changes->v[i].added && !changes->v[i].gone)
			continue;
		tl_buf_str(out, between);
		tl_change_json(&changes->v[i], seconds, out);
		between = ",";
	}
	tl_buf_str(out, "]");
	if (watch->tracepoint)
		tl_buf_fmt(out, ",\"tracepoint\":{\"changes\":%zu,\"lost\":%" PRIu64 ",\"agree\":%zu,"
			   "\"differ\":%zu}", watch->witnessed.told, watch->witnessed.lost,
			   watch->witnessed.agree, watch->witnessed.differ);
	tl_buf_str(out, "}\n");
}

/* Groups that moved; at the first look those that there are, except for listeners. */
static void say_text(const struct watch *watch, const struct tl_changes *changes,
		     double seconds, struct tl_buf *out)
{
	size_t n = 0, rows = 0;

	say_sums(watch, out);
	if (watch->look.look.torn)
		tl_buf_fmt(out, "%s  about: the table changed while it was read\n",
			   watch->look.time);
	for (size_t i = 0; i < changes->n; i++) {
		const struct tl_change *change = &changes->v[i];

		if (watch->looks == 1 ? change->group->state == TL_LISTEN :
					!change->added && !change->gone)
			continue;
		if (n++ < TL_CHANGES_TOLD)
			say_change(watch, change, seconds, out);
		else
			rows += change->now;
	}
	tl_changes_left_text(n > TL_CHANGES_TOLD ? n - TL_CHANGES_TOLD : 0, rows, out);
	say_witness(watch, out);
	if (watch->looks == 1)
		tl_host_not_seen(&watch->look.look, &watch->look.told, out);
}

/* Whoever reads the file meanwhile finds the one before, not a part. */
static int write_metrics(const char *path, const struct tl_host *look, struct tl_err *err)
{
	struct tl_buf text = { 0 };
	struct tl_err why;
	int rc;

	tl_host_metrics(look, &text);
	rc = text.failed ? tl_err_set(&why, ENOMEM, "%s", strerror(ENOMEM)) :
			   lab_save_at(path, &text, &why);
	tl_buf_release(&text);
	return rc ? tl_err_set(err, why.code, "--metrics: %s", why.text) : 0;
}

/* A check ends with one line: what it found. */
static bool is_check(const struct watch *watch)
{
	return watch->options->fail_if && watch->options->quiet && !watch->options->json;
}

static const char cut_short[] = "was true when a signal ended it, and not yet for that time";
static const char not_seen[] = "depends on rows whose process is not to be seen";

/* As Nagios reads it: a word for the status, what it is about, and a number to draw. */
static int say_check(const struct watch *watch, int status)
{
	const char *state = tl_state_name(watch->condition.state);
	uint32_t n = watch->look.look.count[watch->condition.state];
	struct tl_buf out = { 0 };
	int rc;

	tl_buf_fmt(&out, "%s: %u in %s (",
		   status == LAB_OK ? "OK" : status == LAB_FAILED ? "WARNING" :
		   "UNKNOWN", n, state);
	tl_text_line(&out, watch->options->fail_if);
	tl_buf_fmt(&out, "%s%s) | %s=%u\n", status == LAB_ERROR ? " " : "",
		   status == LAB_ERROR ? watch->unknown : "", state, n);
	rc = out.failed || lab_print(&out);
	tl_buf_release(&out);
	return rc ? LAB_ERROR : status;
}

/* A signal ends the wait for a reader that has stopped reading; what is left is not told then. */
static int print(const struct watch *watch, const struct tl_buf *text, struct tl_err *err)
{
	for (size_t at = 0; at < text->len;) {
		struct pollfd fd = { .fd = STDOUT_FILENO, .events = POLLOUT };
		size_t left = text->len - at;
		ssize_t n;

		if (ppoll(&fd, 1, NULL, &watch->waiting) < 0 && lab_interrupts)
			return 0;
		if (!fd.revents)
			continue;
		/* so much a pipe takes without a wait */
		n = write(STDOUT_FILENO, text->data + at, left < PIPE_BUF ? left : PIPE_BUF);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return tl_err_set(err, errno, "standard output: %s", strerror(errno));
		at += n < 0 ? 0 : n;
	}
	return 0;
}

static int tell(struct watch *watch, double seconds, struct tl_err *err)
{
	struct tl_changes changes = { 0 };
	struct tl_buf out = { 0 };
	int rc = tl_changes_make(&watch->before.look, &watch->look.look, &changes, err);

	if (!rc && watch->options->json)
		say_json(watch, &changes, seconds, &out);
	else if (!rc && !watch->options->quiet)
		say_text(watch, &changes, seconds, &out);
	if (!rc && out.failed)
		rc = tl_err_set(err, ENOMEM, "no memory for the output");
	rc = rc ? rc : print(watch, &out, err);
	if (!rc && watch->options->metrics)
		rc = write_metrics(watch->options->metrics, &watch->look.look, err);
	tl_buf_release(&out);
	tl_changes_release(&changes);
	return rc;
}

/* Would the condition change if rows whose process is not seen were of one that is asked for? */
static bool is_unsure(const struct watch *watch)
{
	const struct tl_condition *condition = &watch->condition;
	const struct tl_host *look = &watch->look.look;
	uint32_t least = look->count[condition->state], most = least;

	if (look->root && !look->blind && !look->processes.refused)
		return false;
	for (size_t i = 0; i < look->n; i++)
		most += look->rows[i].left_out && look->rows[i].owner == TL_OWNER_UNSEEN &&
			look->rows[i].sock.state == condition->state &&
			tl_sieve_passes(&watch->sieve, &look->rows[i].sock);
	for (uint32_t n = least; n <= most; n++)
		if (tl_compares(condition->compare, n, condition->number) !=
		    tl_compares(condition->compare, least, condition->number))
			return true;
	return false;
}

/* Return: -1 to go on, else an exit status. */
static int decide(struct watch *watch)
{
	uint64_t now = watch->looked_ms;

	if (watch->options->fail_if) {
		if (is_unsure(watch)) {
			watch->unknown = not_seen;
			return LAB_ERROR;
		}
		if (!tl_condition_holds(&watch->condition, &watch->look.look))
			watch->true_since_ms = 0;
		else if (!watch->true_since_ms)
			watch->true_since_ms = now;
		if (watch->true_since_ms && now - watch->true_since_ms >= watch->condition.for_ms) {
			if (!is_check(watch))
				lab_complain("%s", watch->options->fail_if);
			return LAB_FAILED;
		}
		/* A check that asks once: not true now, so it has not been true for long. */
		if (!watch->true_since_ms && !watch->options->for_time)
			return LAB_OK;
	}
	if (watch->options->for_time && now - watch->began_ms >= watch->for_ms)
		return LAB_OK;
	if (!lab_interrupts)
		return -1;
	if (watch->true_since_ms)
		watch->unknown = cut_short;
	return watch->unknown ? LAB_ERROR : LAB_OK;
}

/* What was told while the table was read belongs to the next look. */
static int witness(struct watch *watch, struct tl_err *err)
{
	struct tl_told_changes during = { 0 };
	int rc = tl_tracepoint_read(watch->tracepoint, &during, err);

	if (!rc)
		rc = tl_witness(&watch->look.look, &watch->told, &during, &watch->witnessed, err);
	tl_told_changes_release(&watch->told);
	watch->told = during;
	return rc;
}

static int record(struct watch *watch, struct tl_err *err)
{
	int rc = 0;

	if (!watch->options->record)
		return 0;
	if (watch->record < 0)
		rc = lab_record_open(watch->options->record, &watch->look, &watch->record, err);
	return rc ? rc : lab_record_look(watch->record, &watch->look, err);
}

static int look_once(struct watch *watch, struct tl_err *err)
{
	/* For MPTCP the first look reads tcp_info, which costs as much as a row. */
	bool info = watch->options->record || !watch->looks;
	unsigned wants = TL_HOST_PROCESSES | (info ? TL_HOST_INFO : 0) |
			 (watch->options->record ? TL_HOST_WATCHED : 0);
	uint64_t now = now_ms(), last = watch->looked_ms;
	int rc;

	lab_look_release(&watch->before);
	watch->before = watch->look;
	watch->look = (struct lab_look){ 0 };
	watch->looked_ms = now;
	watch->began_ms = watch->looks ? watch->began_ms : now;
	watch->looks++;
	if (watch->deaths >= 0)
		tl_deaths_count(watch->deaths, &watch->died, &watch->lost);
	rc = watch->tracepoint ? tl_tracepoint_read(watch->tracepoint, &watch->told, err) : 0;
	rc = rc ? rc : lab_host_look(watch->options, wants, &watch->sieve, &watch->look, err);
	if (!rc && watch->tracepoint)
		rc = witness(watch, err);
	rc = rc ? rc : record(watch, err);
	rc = rc ? rc : tell(watch, watch->looks > 1 ? (now - last) / 1e3 : 0, err);
	watch->died = 0;
	watch->lost = false;
	watch->took_ms = now_ms() - now;
	return rc;
}

/*
 * Until the next look is due; deaths are counted meanwhile, so that none is lost. A signal is let
 * in while it waits, and only then: so none comes between the question and the wait.
 */
static void wait_for(struct watch *watch, uint64_t until_ms)
{
	uint64_t now;

	while (!lab_interrupts && (now = now_ms()) < until_ms) {
		struct pollfd fd = { .fd = watch->deaths, .events = POLLIN };
		uint64_t ms = until_ms - now < WAIT_MOST_MS ? until_ms - now : WAIT_MOST_MS;
		const struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

		if (ppoll(&fd, 1, &ts, &watch->waiting) > 0 &&
		    tl_deaths_count(watch->deaths, &watch->died, &watch->lost)) {
			close(watch->deaths);
			watch->deaths = -1;
		}
	}
}

static uint64_t next_look(const struct watch *watch)
{
	uint64_t next = watch->looked_ms + watch->every_ms;
	uint64_t last = watch->began_ms + watch->for_ms;
	uint64_t soonest = watch->looked_ms + SHARE_OF_TIME * watch->took_ms;

	next = soonest > next ? soonest : next;
	if (watch->options->for_time && last < next)
		next = last;
	if (watch->true_since_ms && watch->true_since_ms + watch->condition.for_ms < next)
		next = watch->true_since_ms + watch->condition.for_ms;
	return next;
}

/* What it cost: of one processor. */
static void say_cost(const struct watch *watch)
{
	double took = (now_ms() - watch->began_ms) / 1e3, used;
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	used = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	if (watch->options->quiet || watch->looks < 2 || took <= 0)
		return;
	fprintf(stderr, "%zu looks in %.1f s took %.0f ms of a processor (%.2f %%)\n", watch->looks,
		took, used * 1e3, 100 * used / took);
}

static const char *refuses(const struct lab_options *options)
{
	if (options->quiet && !options->json && !options->fail_if && !options->metrics &&
	    !options->record)
		return "--quiet leaves nothing of a watch: it goes with --fail-if, --metrics, "
		       "--record or --json";
	if (options->record && options->n_args)
		return "--record keeps the whole table: no filter goes with it";
	return NULL;
}

/* What tells about changes between two looks; where it cannot be had, looks alone have to do. */
static void open_witnesses(struct watch *watch)
{
	struct tl_err err;

	if (tl_deaths_open(&watch->deaths, &err))
		lab_complain("%s", err.text);
	if (!geteuid() && tl_tracepoint_open(&watch->tracepoint, &err) && !watch->options->quiet)
		lab_complain("no second witness: %s", err.text);
}

/* Look by look until it ends. Return: an exit status, or -errno with @err. */
static int go_on(struct watch *watch, struct tl_err *err)
{
	int status = -1;

	while (status < 0) {
		int rc = look_once(watch, err);

		if (rc)
			return rc;
		status = decide(watch);
		if (status < 0)
			wait_for(watch, next_look(watch));
	}
	return status;
}

static void release(struct watch *watch)
{
	if (watch->deaths >= 0)
		close(watch->deaths);
	if (watch->record >= 0)
		close(watch->record);
	tl_tracepoint_close(watch->tracepoint);
	tl_told_changes_release(&watch->told);
	lab_look_release(&watch->look);
	lab_look_release(&watch->before);
}

int lab_watch(const struct lab_options *options)
{
	struct watch watch = { .options = options, .deaths = -1, .record = -1 };
	const char *refused;
	struct tl_err err;
	int rc;

	rc = tl_sieve_parse(options->args, options->n_args, &watch.sieve, &err);
	rc = rc ? rc : read_times(&watch, &err);
	refused = rc ? err.text : refuses(options);
	if (refused)
		return lab_refuse("%s", refused);
	/* Both end it after the look that is under way. */
	lab_count_interrupts(&watch.waiting);
	sigdelset(&watch.waiting, SIGINT);
	sigdelset(&watch.waiting, SIGTERM);
	rc = lab_host_enter(options, false, &watch.sieve, &err);
	if (!rc) {
		open_witnesses(&watch);
		rc = go_on(&watch, &err);
	}
	sigprocmask(SIG_SETMASK, &watch.waiting, NULL);
	if (rc < 0)
		lab_complain("%s", err.text);
	else if (rc == LAB_ERROR && !is_check(&watch))
		lab_complain("%s %s", options->fail_if, watch.unknown);
	else
		say_cost(&watch);
	if (rc >= 0 && is_check(&watch))
		rc = say_check(&watch, rc);
	release(&watch);
	return rc == -EOPNOTSUPP ? LAB_UNSUPPORTED : rc < 0 ? LAB_ERROR : rc;
}
