/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's own counters: /proc/net/netstat and /proc/net/snmp. Each group is two lines,
 * "TcpExt: SyncookiesSent ListenDrops ..." and "TcpExt: 0 3 ...", of as many words.
 */
#include "tcplab/table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many words stand before the one that is @name; -1 where it is not in the line. */
static int column_of(const char *line, const char *name)
{
	size_t len = strlen(name);

	for (int column = 0; *line && *line != '\n'; column++) {
		size_t word = strcspn(line, " \n");

		if (word == len && !memcmp(line, name, len))
			return column;
		line += word;
		line += *line == ' ';
	}
	return -1;
}

static const char *word_at(const char *line, int column)
{
	while (column-- > 0) {
		line += strcspn(line, " \n");
		if (*line != ' ')
			return NULL;
		line++;
	}
	return line;
}

bool tl_counter_find(const char *text, const char *name, uint64_t *value)
{
	while (text) {
		const char *values = strchr(text, '\n');
		int column = column_of(text, name);
		const char *word;
		char *end;

		if (!values)
			return false;
		values++;
		word = column > 0 ? word_at(values, column) : NULL;
		if (word) {
			errno = 0;
			*value = strtoull(word, &end, 10);
			return end > word && !errno;
		}
		text = strchr(values, '\n');
		text = text ? text + 1 : NULL;
	}
	return false;
}

static int add_file(const char *path, struct tl_buf *out, struct tl_err *err)
{
	FILE *file = fopen(path, "re");
	char chunk[4096];
	size_t n;
	int ret = 0;

	if (!file)
		return tl_err_set(err, errno, "%s: %m", path);
	while ((n = fread(chunk, 1, sizeof(chunk), file)))
		tl_buf_add(out, chunk, n);
	if (ferror(file))
		ret = tl_err_set(err, EIO, "%s cannot be read", path);
	fclose(file);
	return ret;
}

int tl_table_counters(struct tl_buf *out, struct tl_err *err)
{
	int ret = add_file("/proc/net/netstat", out, err);

	ret = ret ? ret : add_file("/proc/net/snmp", out, err);
	if (!ret && out->failed)
		ret = tl_err_set(err, ENOMEM, "no memory for the kernel's counters");
	return ret;
}
