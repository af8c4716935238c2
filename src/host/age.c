/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Since when a row is in its state: bounds, since the kernel keeps no date of it. */
#include <string.h>

#include "tcplab/host.h"

/* TCP_TIMEWAIT_LEN of net/tcp.h: no setting. */
enum { TIME_WAIT_MS = 60000 };

/* A minisocket counts down from a time that is known; a segment may have started it anew. */
static struct tl_age countdown(const struct tl_sock *sock, int64_t from_ms)
{
	int64_t at_least = from_ms - sock->timer_ms;

	return (struct tl_age){ at_least < 0 ? 0 : at_least, -1 };
}

/*
 * What a FIN_WAIT2 without a process counts down from. Of more than a minute the whole socket waits
 * for what goes beyond it, and then the minisocket for as long again, not for a minute.
 *
 * Source: tcp_rcv_state_process() and tcp_keepalive_timer() of the kernel.
 */
static int64_t orphan_ms(int64_t fin_timeout_ms)
{
	int64_t beyond = fin_timeout_ms - TIME_WAIT_MS;

	return beyond > 0 ? 2 * beyond : fin_timeout_ms;
}

struct tl_age tl_age_of(const struct tl_sock *sock, const struct tl_sock_info *info,
			const struct tl_knobs *knobs)
{
	const struct tl_age unknown = { -1, -1 };
	int64_t fin_timeout = knobs->setting[TL_KNOB_FIN_TIMEOUT];

	if (sock->state == TL_TIME_WAIT && sock->timer == TL_TIMER_TIMEWAIT)
		return countdown(sock, TIME_WAIT_MS);
	if (sock->state == TL_FIN_WAIT2 && sock->timer == TL_TIMER_TIMEWAIT)
		return fin_timeout < 0 ? unknown : countdown(sock, orphan_ms(fin_timeout * 1000));
	if (!info->known)
		return unknown;
	/*
	 * The FIN came with an ACK, and what came later with one (answers to keepalive) only
	 * makes it look younger; data came before it.
	 */
	if (sock->state == TL_CLOSE_WAIT)
		return (struct tl_age){ info->ack_received_ms, info->data_received_ms };
	/* The ACK of the FIN likewise; the FIN went out after the last data. */
	if (sock->state == TL_FIN_WAIT2)
		return (struct tl_age){ info->ack_received_ms, info->data_sent_ms };
	return unknown;
}

void tl_knobs_unknown(struct tl_knobs *knobs)
{
	memset(knobs->setting, -1, sizeof(knobs->setting));
	memset(knobs->counter, -1, sizeof(knobs->counter));
	knobs->port_low = knobs->port_high = knobs->ports_reserved = 0;
}
