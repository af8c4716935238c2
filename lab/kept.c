/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run as it is kept: recorded to a directory with its reports, or read back from a trace. */
#include "kept.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tcplab/judge.h"
#include "tcplab/scenario.h"
#include "tcplab/trace.h"

#define TRACE_FILE "trace.ndjson"

void lab_kept_release(struct lab_kept *kept)
{
	tl_verdict_release(&kept->verdict, kept->plan);
	tl_film_release(&kept->film);
	tl_trace_release(&kept->trace);
	tl_plan_free(kept->plan);
	if (kept->dir.path[0])
		lab_dir_close(&kept->dir);
}

struct tl_report lab_kept_report(const struct lab_kept *kept)
{
	return (struct tl_report){ kept->plan, &kept->trace, &kept->film, &kept->verdict };
}

/* Lay out what was recorded, and judge it. */
static int judge(struct lab_kept *kept, struct tl_err *err)
{
	int ret = tl_film_init(&kept->film, kept->plan, &kept->trace, err);

	return ret ? ret : tl_judge(&kept->film, &kept->verdict, err);
}

static int feed(void *arg, const char *bytes, size_t n, struct tl_err *err)
{
	return tl_trace_feed(arg, bytes, n, err);
}

static int read_kept(struct lab_kept *kept, const char *path, struct tl_buf *messages,
		     struct tl_err *err)
{
	struct tl_trace_reader reader = { .name = path, .trace = &kept->trace };
	int ret = tl_trace_finish(&reader, lab_read(path, feed, &reader, err), err);

	if (!ret)
		ret = tl_scenario_of_run(&kept->trace, &kept->plan, messages, err);
	return ret ? ret : judge(kept, err);
}

/* The end of a trace is its last line. */
#define LAST_LINE 256

/* Is the last of these lines the end of a whole run? */
static bool is_whole_end(const char *lines, size_t len, uint64_t *took_ns)
{
	const char *before = memrchr(lines, '\n', len);
	size_t at = before ? before + 1 - lines : 0;
	struct tl_event ev = { 0 };
	struct tl_err unused;
	bool whole = !tl_trace_decode_event(lines + at, len - at, &ev, &unused) &&
		     ev.kind == TL_EVENT_END && ev.end.how == TL_END_COMPLETE;

	*took_ns = whole ? ev.t_ns : *took_ns;
	tl_event_release(&ev);
	return whole;
}

bool lab_was_run(const char *out, const char *name, uint64_t *took_ns)
{
	char path[PATH_MAX], tail[LAST_LINE];
	bool fits = snprintf(path, sizeof(path), "%s/%s/" TRACE_FILE, out, name) < PATH_MAX;
	/* it may be anybody's FIFO */
	int fd = fits ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
	off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	ssize_t n = -1;

	if (size > 0)
		n = pread(fd, tail, LAST_LINE, size > LAST_LINE ? size - LAST_LINE : 0);
	if (fd >= 0)
		close(fd);
	return n > 0 && tail[n - 1] == '\n' && is_whole_end(tail, n - 1, took_ns);
}

/* A run below @root that went through, and came out as expected; of others nothing is said. */
static bool read_passed(struct lab_kept *kept, const char *root, const char *name)
{
	char path[PATH_MAX + 256];
	struct tl_buf unsaid = { 0 };
	struct tl_err unused;
	uint64_t took_ns;
	bool passed;

	snprintf(path, sizeof(path), "%s/%s/" TRACE_FILE, root, name);
	passed = lab_was_run(root, name, &took_ns) && !read_kept(kept, path, &unsaid, &unused) &&
		 kept->verdict.result == TL_RESULT_PASSED && !strcmp(kept->plan->name, name);
	tl_buf_release(&unsaid);
	return passed;
}

/* The runs that a page shows beside it. @others, @reports: room for TL_REPORT_OTHERS; zeroed */
static size_t read_others(const struct lab_kept *kept, struct lab_kept *others,
			  struct tl_report *reports)
{
	const char *name;
	size_t n = 0;

	if (!kept->among[0] || kept->verdict.result != TL_RESULT_PASSED)
		return 0;
	for (size_t i = 0; i < TL_REPORT_OTHERS && (name = tl_report_other(kept->plan->name, i)); i++)
		if (read_passed(&others[i], kept->among, name))
			reports[n++] = lab_kept_report(&others[i]);
	return n;
}

int lab_kept_render(const struct lab_kept *kept, const struct tl_renderer *renderer,
		    const struct tl_report_style *style, struct tl_buf *out, struct tl_err *err)
{
	const struct tl_report report = lab_kept_report(kept);
	struct lab_kept others[TL_REPORT_OTHERS] = { 0 };
	struct tl_report reports[TL_REPORT_OTHERS];
	struct tl_report_style beside = *style;
	int ret;

	beside.others = reports;
	if (renderer == tl_renderer_find("html") && !style->book)
		beside.n_others = read_others(kept, others, reports);
	ret = renderer->render(&report, &beside, out, err);
	if (!ret && out->failed)
		ret = tl_err_set(err, ENOMEM, "no memory for the %s report", renderer->name);
	for (size_t i = 0; i < TL_REPORT_OTHERS; i++)
		lab_kept_release(&others[i]);
	return ret;
}

bool lab_wants_report(const char *name, const struct lab_options *options)
{
	return !options->reports || tl_renderer_among(name, options->reports);
}

/* Those of the run before go, whether they are written anew or not. */
static int forget_reports(const struct lab_kept *kept, struct tl_err *err)
{
	size_t n;
	const struct tl_renderer *r = tl_renderers(&n);
	int ret = 0;

	for (size_t i = 0; !ret && i < n; i++)
		if (r[i].file)
			ret = lab_forget(&kept->dir, r[i].file, err);
	return ret;
}

static int save_reports(const struct lab_kept *kept, const struct lab_options *options,
			struct tl_err *err)
{
	size_t n;
	const struct tl_renderer *r = tl_renderers(&n);
	int ret = 0;

	for (size_t i = 0; !ret && i < n; i++) {
		struct tl_buf text = { 0 };

		if (!r[i].file || !lab_wants_report(r[i].name, options))
			continue;
		ret = lab_kept_render(kept, &r[i], &options->style, &text, err);
		if (!ret)
			ret = lab_save(&kept->dir, r[i].file, &text, err);
		tl_buf_release(&text);
	}
	return ret;
}

int lab_keep(struct lab_kept *kept, const struct lab_dir *out, const struct lab_options *options,
	     const struct lab_watcher *watcher, struct tl_err *err)
{
	char path[PATH_MAX + sizeof(TRACE_FILE)];
	int file = -1, ret = lab_dir_open(&kept->dir, out, kept->plan->name, err);

	if (!ret)
		ret = forget_reports(kept, err);
	if (!ret)
		ret = lab_create(&kept->dir, TRACE_FILE, &file, err);
	snprintf(path, sizeof(path), "%s/" TRACE_FILE, kept->dir.path);
	if (!ret)
		ret = lab_record(kept->plan, options, watcher, file, path, &kept->trace, err);
	if (file >= 0 && close(file) && !ret)
		ret = tl_err_set(err, errno, "%s: %s", path, strerror(errno));
	if (!ret)
		ret = judge(kept, err);
	if (!ret)
		ret = save_reports(kept, options, err);
	return ret;
}

/* Where a run keeps it, the trace is below its scenario's name. */
static void find_among(struct lab_kept *kept, const char *path)
{
	char whole[PATH_MAX], tail[PATH_MAX];
	size_t len, end;

	if (!realpath(path, whole))
		return;
	len = strlen(whole);
	end = snprintf(tail, sizeof(tail), "/%s/" TRACE_FILE, kept->plan->name);
	if (end < len && !strcmp(whole + len - end, tail))
		snprintf(kept->among, sizeof(kept->among), "%.*s", (int)(len - end), whole);
}

int lab_kept_read(struct lab_kept *kept, const char *path, struct tl_err *err)
{
	struct tl_buf messages = { 0 };
	int ret = read_kept(kept, path, &messages, err);

	if (!ret)
		find_among(kept, path);
	else if (messages.len)
		fputs(tl_buf_text(&messages), stderr);
	tl_buf_release(&messages);
	return ret;
}

int lab_keep_pair(const char *name, const struct lab_dir *out, const struct lab_options *options,
		  struct tl_err *err)
{
	const struct tl_renderer *page = tl_renderer_find("html");
	struct lab_kept kept = { 0 };
	struct tl_buf text = { 0 };
	int ret = 0;

	if (!tl_report_other(name, 0) || !lab_wants_report(page->name, options) ||
	    !read_passed(&kept, out->path, name))
		goto out;
	snprintf(kept.among, sizeof(kept.among), "%s", out->path);
	ret = lab_dir_open(&kept.dir, out, name, err);
	if (!ret)
		ret = lab_kept_render(&kept, page, &options->style, &text, err);
	if (!ret)
		ret = lab_save(&kept.dir, page->file, &text, err);
out:
	tl_buf_release(&text);
	lab_kept_release(&kept);
	return ret;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* What a reader did by hand in "step" is not a run of the scenario's own. */
static bool is_by_hand(const FTSENT *entry)
{
	return entry->fts_level == 1 && entry->fts_info == FTS_D &&
	       !strcmp(entry->fts_name, "step");
}

void lab_each_trace(const char *below, void (*take)(void *arg, const char *path), void *arg)
{
	char *roots[] = { (char *)below, NULL };
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	FTSENT *entry;

	while (walk && (entry = fts_read(walk))) {
		if (is_by_hand(entry))
			fts_set(walk, entry, FTS_SKIP);
		else if (entry->fts_info == FTS_F && !strcmp(entry->fts_name, TRACE_FILE))
			take(arg, entry->fts_path);
	}
	if (walk)
		fts_close(walk);
}
