/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ss and netstat could have printed, through groups, rules and every rendering. For libFuzzer. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/change.h"
#include "tcplab/host_report.h"
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
	tl_host_rows_text(look, &told, &out);
	tl_host_listen_text(look, &told, &out);
	tl_host_metrics(look, &out);
	if (!tl_changes_make(look, look, &changes, &err))
		for (size_t i = 0; i < changes.n; i++)
			tl_change_json(&changes.v[i], &out);
	/* Nothing of it steers a terminal. */
	for (size_t i = 0; i < out.len; i++)
		if ((unsigned char)out.data[i] < 0x20 && out.data[i] != '\n')
			abort();
	tl_changes_release(&changes);
	tl_diagnoses_release(&found);
	tl_buf_release(&out);
}

/* The first line is a filter, the rest the table. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *words[8], *at;
	struct tl_host look = { 0 };
	struct tl_sieve sieve;
	struct tl_err err;
	size_t skipped, n = 0, line;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	line = strcspn(text, "\n");
	at = line < size ? text + line + 1 : text + size;
	text[line] = '\0';
	for (char *word = strtok(text, " "); word && n < 8; word = strtok(NULL, " "))
		words[n++] = word;
	if (!tl_sieve_parse(words, n, &sieve, &err)) {
		if (!tl_saved_read(at, text + size - at, &sieve, &look, &skipped, &err))
			tell(&look);
		tl_host_release(&look);
	}
	free(text);
	return 0;
}
