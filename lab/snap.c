/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcplab snap: the reader's own host, one look. It changes nothing and sends nothing. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "reader_host.h"
#include "files.h"
#include "tcplab/netstat_row.h"

/* Rows on their way out, some hundred at a time, so that no number of them needs memory. */
struct bare {
	const struct tl_sieve *sieve;
	size_t len;
	int failed; /* errno */
	char bytes[65536];
};

static int flush_rows(struct bare *bare, struct tl_err *err)
{
	int rc = lab_write_all(STDOUT_FILENO, bare->bytes, bare->len);

	bare->len = 0;
	return rc ? tl_err_set(err, -rc, "standard output: %s", strerror(-rc)) : 0;
}

static int take_row(void *arg, const struct tl_sock *sock, const struct tl_sock_info *info,
		    struct tl_err *err)
{
	struct bare *bare = arg;
	char *end;

	(void)info;
	if (!tl_sieve_passes(bare->sieve, sock))
		return 0;
	end = tl_netstat_row(bare->bytes + bare->len, sock);
	*end++ = '\n';
	bare->len = end - bare->bytes;
	return bare->len + TL_NETSTAT_ROW > sizeof(bare->bytes) ? flush_rows(bare, err) : 0;
}

/* Neither processes nor ages: each row is written as the kernel tells it. */
static int stream_rows(const struct tl_sieve *sieve, struct tl_err *err)
{
	static struct bare bare;
	const struct tl_stream stream = { .states = sieve->states, .take = take_row, .arg = &bare };
	bool torn = false;
	int rc;

	bare.sieve = sieve;
	bare.len = strlen(tl_netstat_row_head) + 1;
	memcpy(bare.bytes, tl_netstat_row_head, bare.len - 1);
	bare.bytes[bare.len - 1] = '\n';
	rc = tl_table_stream(&stream, &torn, err);
	rc = rc ? rc : flush_rows(&bare, err);
	if (!rc && torn)
		lab_complain("the table changed while it was read: a row may be missing or "
			     "may appear twice");
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
	struct lab_look look = { 0 };
	struct tl_buf out = { 0 };
	bool alone = (options->rows || options->listen) && !options->json && !options->record;
	unsigned wants = TL_HOST_INFO | TL_HOST_PROCESSES | (alone ? TL_HOST_ROWS : 0);
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
	else if (options->rows)
		tl_host_rows_text(&look.look, &look.told, &out);
	else if (options->listen)
		tl_host_listen_text(&look.look, &look.told, &out);
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
		return "--bare goes only with --rows, and chooses no process: it reads none";
	return NULL;
}

static int tell(const struct lab_options *options, bool saved, const struct tl_sieve *sieve,
		struct tl_err *err)
{
	return options->bare ? stream_rows(sieve, err) : tell_look(options, saved, sieve, err);
}

int lab_snap(const struct lab_options *asked)
{
	static const struct lab_host_command snap = { lab_snap, refuses, tell };

	return lab_host_command(asked, &snap);
}
