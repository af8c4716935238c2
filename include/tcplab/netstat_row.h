/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 2, host: rows of netstat's table, as fast as they can be written. */
#ifndef TCPLAB_NETSTAT_ROW_H
#define TCPLAB_NETSTAT_ROW_H

#include "tcplab/buf.h"
#include "tcplab/host.h"

#define TL_NETSTAT_ROW_HEAD                                                                  \
	"Proto Recv-Q Send-Q Local Address           Foreign Address         State"

/*
 * tl_netstat_row - append one row as "netstat -W" prints it, without a newline; of a listener
 * Send-Q is the backlog
 */
void tl_netstat_row(struct tl_buf *out, const struct tl_sock *sock);

/*
 * tl_netstat_more - what stands beside it: process, age, meaning
 */
void tl_netstat_more(struct tl_buf *out, const struct tl_host *look, const struct tl_seen *row);

#endif
