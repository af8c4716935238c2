/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be wrong on a host, one row each: when it is so, what shows it, what to do.
 *
 * Theory of operation
 *
 * Every state of TCP is healthy while it passes; most rules ask for something that shows that
 * it does not: a bound of its age from below, a timer that has fired again and again, a count
 * against a limit. Where a look cannot say so (saved text without times) a rule asks for a
 * number of rows instead, or keeps silent. A busy host that is well has none of these.
 */
#include "rules.h"

#define STATE(state) (1u << TL_##state)
#define OWNER(owner) (1u << TL_OWNER_##owner)

/* The first that applies to a group is told. */
static const struct tl_rule rules[] = {
	{ TL_LEAD_CLOSE_WAIT_LEAK, STATE(CLOSE_WAIT), OWNER(PROCESS), 0, tl_is_late, tl_tell_leak,
	  NULL, NULL, NULL },
	{ TL_LEAD_CLOSE_WAIT_UNSEEN, STATE(CLOSE_WAIT), OWNER(UNSEEN) | OWNER(UNTOLD), 0,
	  tl_is_late, tl_tell_leak_unseen, NULL, NULL, NULL },
	{ TL_LEAD_NEVER_ACCEPTED, STATE(CLOSE_WAIT) | STATE(ESTABLISHED), OWNER(QUEUE),
	  TL_HOST_INODES, tl_waits_long, tl_tell_not_accepted,
	  "the listening program has not accepted them: it is busy, stuck or stopped. The kernel "
	  "completes handshakes without it. It is not a network fault.",
	  "look at what the listening process does (its stack, its threads); the rows go "
	  "when it accepts and closes them, or ends", NULL },
	{ TL_LEAD_ACCEPT_QUEUE_FULL, STATE(LISTEN), 0, TL_HOST_BACKLOG, tl_is_full, tl_tell_full,
	  "connections come faster than the program accepts them, or it does not call "
	  "accept() at all. What is dropped while the queue is full leaves no row at this end.",
	  "let the program accept faster; a larger backlog in listen() and "
	  "net.core.somaxconn only help against bursts", NULL },
	/* Before those that say why each waits: what counts is how many there are. */
	{ TL_LEAD_ORPHANS, STATE(FIN_WAIT1) | STATE(LAST_ACK) | STATE(CLOSING), OWNER(KERNEL), 0,
	  tl_are_many_orphans, tl_tell_orphans,
	  "they are closed sockets that still have something to send, and each takes memory.",
	  "find out why their other ends do not answer, or do not read; a restart changes nothing. "
	  "With net.ipv4.tcp_orphan_retries below 8 the kernel gives up earlier", NULL },
	{ TL_LEAD_FIN_BEHIND_DATA, STATE(FIN_WAIT1) | STATE(LAST_ACK) | STATE(CLOSING), 0,
	  TL_HOST_TIMERS, NULL, tl_tell_behind_data,
	  "the other end has left no room for the data before the FIN. The kernel probes the zero "
	  "window, and of a socket that no process has any more it gives up after some minutes; "
	  "net.ipv4.tcp_orphan_retries does not shorten that.",
	  "look at the program at the other end: it has not read what it got", tl_is_behind_data },
	{ TL_LEAD_FIN_UNANSWERED, STATE(FIN_WAIT1) | STATE(CLOSING), 0, TL_HOST_TIMERS,
	  NULL, tl_tell_unanswered,
	  "the other end is gone, the way to it loses segments, or a firewall has forgotten the "
	  "connection.",
	  "do nothing: the kernel gives up by itself", tl_is_repeated },
	{ TL_LEAD_LAST_ACK_STUCK, STATE(LAST_ACK), 0, TL_HOST_TIMERS, NULL,
	  tl_tell_unanswered,
	  "the other end closed first. Since then it is gone, the way to it loses segments, or a "
	  "firewall has forgotten the connection.",
	  "do nothing: the kernel gives up by itself", tl_is_repeated },
	{ TL_LEAD_FIN_WAIT2_HELD, STATE(FIN_WAIT2), OWNER(PROCESS) | OWNER(UNSEEN), 0, tl_is_held,
	  tl_tell_held,
	  "a half-closed connection is legitimate (an answer may still come), and this process "
	  "holds it open, so tcp_fin_timeout does not apply. The other end has acknowledged the "
	  "FIN: unless it is gone, it is in CLOSE_WAIT.",
	  "look at the other host: does its program still work on an answer, or has it forgotten "
	  "to close? Here close(), or keepalive if that host is gone, ends the wait", NULL },
	{ TL_LEAD_FIN_WAIT2_ORPHANED, STATE(FIN_WAIT2), OWNER(KERNEL) | OWNER(UNTOLD),
	  TL_HOST_TIMERS, tl_is_crowd_of_orphans, tl_tell_orphan_wait,
	  "the other end has acknowledged the FIN and sent none: its program has not closed "
	  "(CLOSE_WAIT there), or that host is gone. Here they do no harm: the kernel drops them.",
	  "look at the other host: tcplab why close-wait, there", NULL },
	{ TL_LEAD_SYN_UNANSWERED, STATE(SYN_SENT), 0, 0, tl_is_unheard, tl_tell_unheard,
	  NULL, NULL, NULL },
	{ TL_LEAD_SYN_FLOOD, STATE(SYN_RECV), 0, 0, tl_is_flood, tl_tell_flood,
	  "the answers to SYN+ACKs do not come: a SYN flood with false addresses, a path "
	  "that loses segments, or TCP_DEFER_ACCEPT, which keeps a request until data comes.",
	  "leave tcp_syncookies on; look where the SYNs come from", NULL },
	{ TL_LEAD_NO_PORT_LEFT, STATE(TIME_WAIT) | STATE(ESTABLISHED) | STATE(CLOSE_WAIT) |
	  STATE(FIN_WAIT2) | STATE(SYN_SENT), 0, 0, tl_is_worn_out, tl_tell_worn_out,
	  "each connection to one address and port needs a local port of its own, and a "
	  "connection that this side closes first keeps its port for 60 s.",
	  "keep connections and use them again (a pool); or let the other side close first; or "
	  "widen ip_local_port_range", NULL },
	{ TL_LEAD_TIME_WAIT_CHURN, STATE(TIME_WAIT), 0, 0, tl_is_churn, tl_tell_churn,
	  "they are many short connections, each closed in the usual way. The rows are healthy; "
	  "tcp_fin_timeout does not change them.",
	  "keep connections and use them again; no setting is needed", NULL },
	{ TL_LEAD_HALF_OPEN, STATE(ESTABLISHED) | STATE(CLOSE_WAIT), 0, TL_HOST_TIMERS,
	  NULL, tl_tell_half_open,
	  "the other host is down, cannot be reached, or was restarted behind a firewall that "
	  "drops. If it does not have the connection any more, this end is half-open.",
	  "wait: the kernel gives up after tcp_retries2 or the last keepalive probe; a program "
	  "learns it earlier with TCP_USER_TIMEOUT", tl_is_half_open },
	{ TL_LEAD_WINDOW_SHUT, STATE(ESTABLISHED) | STATE(CLOSE_WAIT), 0, TL_HOST_TIMERS,
	  NULL, tl_tell_shut,
	  "the other end's program is stuck, stopped or slow. Its kernel answers the probes, so "
	  "the network works.",
	  "look at the program at the other end", tl_is_shut },
	{ TL_LEAD_DESCRIPTORS, STATE(ESTABLISHED) | STATE(CLOSE_WAIT) | STATE(LISTEN),
	  OWNER(PROCESS), 0, tl_is_out_of_descriptors, tl_tell_descriptors,
	  "the limit is the process's own (RLIMIT_NOFILE), not the host's.",
	  "find out what it keeps open (ls -l /proc/PID/fd); a higher limit (ulimit -n, "
	  "LimitNOFILE= of systemd) helps for a while if it leaks, and for good if it does not",
	  NULL },
};

const struct tl_rule *tl_rules(size_t *n)
{
	*n = sizeof(rules) / sizeof(*rules);
	return rules;
}
