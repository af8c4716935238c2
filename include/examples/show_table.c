/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket table as netstat prints it, of all ports or some: show_table [PORT...] */
#include <stdio.h>
#include <stdlib.h>

#include "tcplab/report.h"
#include "tcplab/table.h"

#define TRIES 16 /* a table is believed when two dumps in a row agree */

int main(int argc, char **argv)
{
	uint16_t ports[TL_TABLE_PORTS_MAX];
	struct tl_table *table = NULL;
	struct tl_socks socks = { 0 };
	struct tl_buf text = { 0 };
	struct tl_err err;
	size_t n = 0;
	int ret;

	for (; n < TL_TABLE_PORTS_MAX && (int)n + 1 < argc; n++)
		ports[n] = strtoul(argv[n + 1], NULL, 10);
	ret = tl_table_open(&table, &err);
	if (!ret)
		ret = tl_table_read(table, ports, n, TRIES, &socks, &err);
	for (size_t i = 0; i < socks.n; i++) {
		tl_report_netstat_row(&socks.v[i], &text);
		tl_buf_str(&text, "\n");
	}
	if (ret)
		fprintf(stderr, "show_table: %s\n", err.text);
	else
		printf("%s\n%s", tl_report_netstat_head(), tl_buf_text(&text));
	tl_buf_release(&text);
	tl_socks_release(&socks);
	tl_table_close(table);
	return ret ? 1 : 0;
}
