/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcplab snap: the reader's own host, one look. It changes nothing and sends nothing. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "reader_host.h"
#include "files.h"
#include "tcplab/netstat_row.h"

static const struct tl_host_table *table_of(const struct lab_options *options)
{
	return options->rows ? &tl_host_rows_table :
	       options->listen ? &tl_host_listen_table : NULL;
}

/* Rows on their way out, some hundred at a time, so that no number of them needs memory. */
struct rows {
	struct lab_look look;
	const struct tl_host_table *table;
	const struct tl_sieve *sieve;
	struct tl_buf out;
};

enum { AT_A_TIME = 60000 }; /* a pipe takes 64 KiB */

static int flush_rows(struct rows *rows, struct tl_err *err)
{
	int rc = lab_write_all(STDOUT_FILENO, rows->out.data, rows->out.len);

	rows->out.len = 0;
	if (rows->out.failed)
		return tl_err_set(err, ENOMEM, "no memory for the output");
	return rc ? tl_err_set(err, -rc, "standard output: %s", strerror(-rc)) : 0;
}

static int take_row(void *arg, const struct tl_seen *row, struct tl_err *err)
{
	struct rows *rows = arg;

	rows->table->say(&rows->out, &rows->look.look, row, &rows->look.told);
	return rows->out.len > AT_A_TIME ? flush_rows(rows, err) : 0;
}

static int take_sock(void *arg, const struct tl_sock *sock, const struct tl_sock_info *info,
		     struct tl_err *err)
{
	struct rows *rows = arg;

	(void)info;
	if (!tl_sieve_passes(rows->sieve, sock))
		return 0;
	tl_netstat_row(&rows->out, sock);
	tl_buf_str(&rows->out, "\n");
	return rows->out.len > AT_A_TIME ? flush_rows(rows, err) : 0;
}

/* Neither processes nor ages: each row is written as the kernel tells it. */
static int stream_bare(struct rows *rows, struct tl_err *err)
{
	const struct tl_stream stream = { .states = rows->sieve->states, .take = take_sock,
					  .arg = rows };
	bool torn = false;
	int rc;

	tl_buf_str(&rows->out, TL_NETSTAT_ROW_HEAD "\n");
	rc = tl_table_stream(&stream, &torn, err);
	rc = rc ? rc : flush_rows(rows, err);
	if (!rc && torn)
		lab_complain("the table changed while it was read: a row may be missing or "
			     "may appear twice");
	return rc;
}

static int stream_table(const struct lab_options *options, struct rows *rows, struct tl_err *err)
{
	int rc;

	tl_buf_str(&rows->out, rows->table->head);
	rc = lab_host_each_row(options, rows->sieve, &rows->look, take_row, rows, err);
	if (!rc) {
		tl_host_not_seen(&rows->look.look, &rows->look.told, &rows->out);
		rc = flush_rows(rows, err);
	}
	lab_look_release(&rows->look);
	return rc;
}

static int stream_rows(const struct lab_options *options, const struct tl_sieve *sieve,
		       struct tl_err *err)
{
	struct rows rows = { .table = table_of(options), .sieve = sieve };
	int rc;

	tl_buf_room(&rows.out, AT_A_TIME); /* at once: to grow takes system calls */
	rc = options->bare ? stream_bare(&rows, err) : stream_table(options, &rows, err);
	tl_buf_release(&rows.out);
	return rc;
}

static int record_look(const struct lab_options *options, const struct lab_look *look,
		       struct tl_err *err)
{
	int fd, rc = lab_record_open(options->record, look, &fd, err);

	if (rc)
		return rc;
	rc = lab_record_look(fd, look, err);
	if (close(fd) && !rc)
		rc = tl_err_set(err, errno, "--record=%s: %s", options->record, strerror(errno));
	return rc;
}

static int tell_look(const struct lab_options *options, bool saved,
		     const struct tl_sieve *sieve, struct tl_err *err)
{
	/* A look that is kept has what "why" would have said. */
	const unsigned wants = TL_HOST_INFO | TL_HOST_PROCESSES |
			       (options->record ? TL_HOST_WATCHED : 0);
	struct lab_look look = { 0 };
	struct tl_buf out = { 0 };
	int rc = saved ? lab_host_saved(options, sieve, &look, err) :
			 lab_host_look(options, wants, sieve, &look, err);

	if (rc)
		goto out;
	if (options->record)
		rc = record_look(options, &look, err);
	if (rc)
		goto out;
	if (options->json)
		tl_host_json(&look.look, &look.findings, &look.told, &out);
	else if (table_of(options))
		tl_host_table_text(table_of(options), &look.look, &look.told, &out);
	else
		tl_host_snap_text(&look.look, &look.findings, &look.told, &out);
	rc = out.failed ? tl_err_set(err, ENOMEM, "no memory for the output") : 0;
	rc = rc ? rc : lab_print(&out);
out:
	tl_buf_release(&out);
	lab_look_release(&look);
	return rc;
}

static const char *refuses(const struct lab_options *options, bool saved,
			   const struct tl_sieve *sieve)
{
	bool some = sieve->pid || sieve->process;

	if (options->record && (options->bare || options->n_args))
		return "--record keeps the whole table: neither a filter nor --bare goes with it";
	if (options->bare && (saved || !options->rows || options->json || some))
		return "--bare goes only with --rows, not with \"-\" nor --json, and chooses no "
		       "process: it reads none";
	return NULL;
}

static int tell(const struct lab_options *options, bool saved, const struct tl_sieve *sieve,
		struct tl_err *err)
{
	if (table_of(options) && !saved && !options->json && !options->record)
		return stream_rows(options, sieve, err);
	return tell_look(options, saved, sieve, err);
}

int lab_snap(const struct lab_options *asked)
{
	static const struct lab_host_command snap = { lab_snap, refuses, tell };

	return lab_host_command(asked, &snap);
}
