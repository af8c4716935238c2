/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A row of netstat's, ss's or our own table where a filter is expected: its two ends are meant. */
#include <stdio.h>
#include <string.h>

#include "sieve_words.h"
#include "tcplab/saved.h"

/* " src [::1]:80" for "::1:80"; of any address the port alone, of no port nothing. */
static void add_end(struct tl_buf *out, const char *which, const char *text)
{
	const char *colon = strrchr(text, ':');
	int len = colon ? (int)(colon - text) : 0;

	if (!colon || !strcmp(colon, ":*"))
		return;
	if (!strncmp(text, "0.0.0.0:", 8) || !strncmp(text, ":::", 3))
		tl_buf_fmt(out, " %s %s", which, colon);
	else
		tl_buf_fmt(out, memchr(text, ':', len) ? " %s [%.*s]%s" : " %s %.*s%s", which,
			   len, text, colon);
}

/* "127.0.0.1:4000 -> 127.0.0.1:80", as a finding names its rows */
static bool read_arrow(const char *text, struct tl_buf *out)
{
	char local[TL_ENDPOINT_TEXT], remote[TL_ENDPOINT_TEXT], more;

	if (sscanf(text, " %63[0-9a-fA-F.:] -> %63[0-9a-fA-F.:] %c", local, remote, &more) != 2)
		return false;
	add_end(out, "src", local);
	add_end(out, "dst", remote);
	return true;
}

static bool read_row(const char *text, size_t len, struct tl_buf *out)
{
	char end[TL_ENDPOINT_TEXT];
	struct tl_unread unread = { 0 };
	struct tl_host look = { 0 };
	struct tl_err err;
	bool is_row = !tl_saved_read(text, len, NULL, &look, &unread, &err) && look.n == 1 &&
		      !unread.n;

	if (is_row) {
		add_end(out, "src", tl_endpoint_text(&look.rows[0].sock.local, end));
		add_end(out, "dst", tl_endpoint_text(&look.rows[0].sock.remote, end));
		if (look.rows[0].sock.state == TL_LISTEN)
			tl_buf_str(out, " state listen");
	}
	tl_host_release(&look);
	return is_row;
}

bool tl_words_of_row(char *const *words, size_t n, struct tl_buf *out)
{
	struct tl_buf text = { 0 };
	bool is_row;

	for (size_t i = 0; i < n; i++)
		tl_buf_fmt(&text, "%s ", words[i]);
	is_row = n && (read_arrow(tl_buf_text(&text), out) ||
		       read_row(tl_buf_text(&text), text.len, out));
	tl_buf_release(&text);
	return is_row && out->len && !out->failed;
}
