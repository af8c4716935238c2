/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What ss and netstat could have printed, and looks that could have been kept, through groups,
 * rules and every rendering. For libFuzzer.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/change.h"
#include "tcplab/host_report.h"
#include "tcplab/looks.h"
#include "tcplab/saved.h"
#include "tcplab/sieve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void tell(struct tl_host *look)
{
	static const struct tl_host_told told = { .host = "fuzz", .took_ms = -1, .program = "tcplab",
						  .width = 80 };
	const struct tl_sieve all = { 0 };
	struct tl_diagnoses found = { 0 };
	struct tl_changes changes = { 0 };
	struct tl_buf out = { 0 };
	struct tl_err err;

	if (!tl_diagnoses_make(look, &found, &err)) {
		tl_host_snap_text(look, &found, &told, &out);
		tl_host_why_text(look, &found, &all, &told, &out);
		tl_host_json(look, &found, &told, &out);
	}
	tl_host_table_text(&tl_host_rows_table, look, &told, &out);
	tl_host_table_text(&tl_host_listen_table, look, &told, &out);
	tl_host_metrics(look, &out);
	if (!tl_changes_make(look, look, &changes, &err))
		for (size_t i = 0; i < changes.n; i++)
			tl_change_json(&changes.v[i], 1, &out);
	/* Nothing of it steers a terminal. */
	for (size_t i = 0; i < out.len; i++)
		if ((unsigned char)out.data[i] < 0x20 && out.data[i] != '\n')
			abort();
	tl_changes_release(&changes);
	tl_diagnoses_release(&found);
	tl_buf_release(&out);
}

static void tell_looks(const char *text, size_t len)
{
	struct tl_kept_look last = { 0 }, look = { 0 };
	struct tl_buf out = { 0 };
	struct tl_err err;
	size_t n;
	const struct tl_looks_format *formats = tl_looks_formats(&n);
	struct tl_looks_told to[3] = { 0 };

	for (size_t i = 0; i < n; i++)
		to[i] = (struct tl_looks_told){ .out = &out, .told = { .width = 80, .program = "t" } };
	while (tl_looks_next(&text, &len, &look, &err) == 1) {
		struct tl_turn turn = { 0 };
		bool first = !to[0].n;

		if (!first && tl_turn_make(&last, &look, &turn, &err))
			abort();
		for (size_t i = 0; i < n; i++) {
			if (first)
				formats[i].begin(&to[i], &look);
			to[i].n++;
			to[i].places = 1;
			formats[i].look(&to[i], &look, first ? NULL : &turn);
		}
		tl_turn_release(&turn);
		tl_kept_look_release(&last);
		last = look;
		look = (struct tl_kept_look){ 0 };
	}
	for (size_t i = 0; to[0].n && i < n; i++)
		formats[i].end(&to[i], &last);
	for (size_t i = 0; i < out.len; i++)
		if ((unsigned char)out.data[i] < 0x20 && out.data[i] != '\n')
			abort();
	tl_kept_look_release(&look);
	tl_kept_look_release(&last);
	tl_buf_release(&out);
}

/* Looks that were kept; else the first line is a filter, the rest the table. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *words[8], *at;
	struct tl_host look = { 0 };
	struct tl_sieve sieve;
	struct tl_err err;
	struct tl_unread unread;
	size_t n = 0, line;

	if (!text)
		return 0;
	if (tl_looks_are((const char *)data, size)) {
		tell_looks((const char *)data, size);
		free(text);
		return 0;
	}
	memcpy(text, data, size);
	text[size] = '\0';
	line = strcspn(text, "\n");
	at = line < size ? text + line + 1 : text + size;
	text[line] = '\0';
	for (char *word = strtok(text, " "); word && n < 8; word = strtok(NULL, " "))
		words[n++] = word;
	if (!tl_sieve_parse(words, n, &sieve, &err)) {
		if (!tl_saved_read(at, text + size - at, &sieve, &look, &unread, &err))
			tell(&look);
		tl_host_release(&look);
	}
	free(text);
	return 0;
}
