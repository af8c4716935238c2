/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The socket table, read and printed as netstat does: all rows, or those of some ports.
 *
 *	build/include/examples/show_table [PORT...]
 */
#include <stdio.h>
#include <stdlib.h>

#include "tcplab/report.h"
#include "tcplab/table.h"

/* A table is believed when two dumps in a row agree; this many are tried. */
#define TRIES 16

int main(int argc, char **argv)
{
	uint16_t ports[TL_TABLE_PORTS_MAX];
	struct tl_table *table = NULL;
	struct tl_socks socks = { 0 };
	struct tl_err err;
	size_t n = 0;
	int ret;

	for (; n < TL_TABLE_PORTS_MAX && (int)n + 1 < argc; n++)
		ports[n] = strtoul(argv[n + 1], NULL, 10);
	ret = tl_table_open(&table, &err);
	if (!ret)
		ret = tl_table_read(table, ports, n, TRIES, &socks, &err);
	if (ret)
		fprintf(stderr, "show_table: %s\n", err.text);
	else
		puts(tl_report_netstat_head());
	for (size_t i = 0; !ret && i < socks.n; i++) {
		struct tl_buf row = { 0 };

		tl_report_netstat_row(&socks.v[i], &row);
		puts(tl_buf_text(&row));
		tl_buf_release(&row);
	}
	tl_socks_release(&socks);
	tl_table_close(table);
	return ret ? 1 : 0;
}
