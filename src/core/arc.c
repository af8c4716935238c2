/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tcplab/state.h"

#include <limits.h>
#include <strings.h>

/*
 * What an arc costs when the way between two states seen is looked for. An arrow of the
 * figure is USUAL, two of them cost more than the SHORTCUT of its note 2: a reply that
 * carries both FIN and ACK is how most connections are closed, and the way that visits
 * fewer states claims less. RARE needs both ends to act at the same moment. DEAR is for
 * what only happens when something went wrong; no way of arrows costs as much.
 */
#define USUAL	 2
#define SHORTCUT 3
#define RARE	 10
#define DEAR	 100

#define DRAWN(id, from, to, event, sends, section, linux_has, cost)                          \
	{ id, TL_##from, TL_##to, TL_ARC_DRAWN, event, sends, section, linux_has, cost }
#define NOTE(id, from, to, event, sends, section, linux_has, cost)                           \
	{ id, TL_##from, TL_##to, TL_ARC_NOTE, event, sends, section, linux_has, cost }
#define RESET(from, event)                                                                   \
	{ "R-" #from, TL_##from, TL_CLOSE, TL_ARC_RESET, event, "", "3.5.3", true, DEAR }
#define TIMEOUT(id, from, event, section)                                                    \
	{ id, TL_##from, TL_CLOSE, TL_ARC_TIMEOUT, event, "", section, true, DEAR }

/* Figure 5 first, arrow by arrow; of equally cheap ways the one listed first is taken. */
static const struct tl_arc arcs[] = {
	DRAWN("1", CLOSE, LISTEN, "passive OPEN", "", "3.10.1", true, USUAL),
	DRAWN("2", CLOSE, SYN_SENT, "active OPEN", "SYN", "3.10.1", true, USUAL),
	DRAWN("3", LISTEN, CLOSE, "CLOSE", "", "3.10.4", true, USUAL),
	DRAWN("4", LISTEN, SYN_RECV, "rcv SYN", "SYN+ACK", "3.10.7.2", true, USUAL),
	DRAWN("5", LISTEN, SYN_SENT, "SEND", "SYN", "3.10.2", false, RARE),
	DRAWN("6", SYN_SENT, CLOSE, "CLOSE", "", "3.10.4", true, USUAL),
	DRAWN("7", SYN_SENT, SYN_RECV, "rcv SYN", "SYN+ACK", "3.10.7.3", true, RARE),
	DRAWN("8", SYN_SENT, ESTABLISHED, "rcv SYN+ACK", "ACK", "3.10.7.3", true, USUAL),
	DRAWN("9", SYN_RECV, ESTABLISHED, "rcv ACK of SYN", "", "3.10.7.4", true, USUAL),
	DRAWN("10", SYN_RECV, FIN_WAIT1, "CLOSE", "FIN", "3.10.4", true, RARE),
	DRAWN("11", SYN_RECV, LISTEN, "rcv RST", "", "3.10.7.4", true, USUAL),
	DRAWN("12", ESTABLISHED, FIN_WAIT1, "CLOSE", "FIN", "3.10.4", true, USUAL),
	DRAWN("13", ESTABLISHED, CLOSE_WAIT, "rcv FIN", "ACK", "3.10.7.4", true, USUAL),
	DRAWN("14", FIN_WAIT1, FIN_WAIT2, "rcv ACK of FIN", "", "3.10.7.4", true, USUAL),
	DRAWN("15", FIN_WAIT1, CLOSING, "rcv FIN", "ACK", "3.10.7.4", true, RARE),
	DRAWN("16", FIN_WAIT2, TIME_WAIT, "rcv FIN", "ACK", "3.10.7.4", true, USUAL),
	DRAWN("17", CLOSING, TIME_WAIT, "rcv ACK of FIN", "", "3.10.7.4", true, USUAL),
	DRAWN("18", CLOSE_WAIT, LAST_ACK, "CLOSE", "FIN", "3.10.4", true, USUAL),
	DRAWN("19", LAST_ACK, CLOSE, "rcv ACK of FIN", "", "3.10.7.4", true, USUAL),
	DRAWN("20", TIME_WAIT, CLOSE, "2 MSL pass", "", "3.10.8", true, USUAL),

	NOTE("N2", FIN_WAIT1, TIME_WAIT, "rcv FIN+ACK of FIN", "ACK", "3.3.2", true, SHORTCUT),
	NOTE("N3", ESTABLISHED, TIME_WAIT, "ABORT", "RST", "3.3.2", false, DEAR),
	NOTE("X1", TIME_WAIT, CLOSE, "a new connection takes its place", "", "3.6.1", true,
	     DEAR),

	RESET(SYN_SENT, "rcv RST"),
	RESET(SYN_RECV, "RST received or sent"),
	RESET(ESTABLISHED, "RST received or sent"),
	RESET(FIN_WAIT1, "RST received or sent"),
	RESET(FIN_WAIT2, "RST received or sent"),
	RESET(CLOSING, "rcv RST"),
	RESET(CLOSE_WAIT, "RST received or sent"),
	RESET(LAST_ACK, "rcv RST"),
	RESET(TIME_WAIT, "rcv RST"),

	TIMEOUT("X2", FIN_WAIT2, "tcp_fin_timeout passes, no program left", "3.10.8"),
	TIMEOUT("X3", SYN_SENT, "no answer to any SYN", "3.10.8"),
	TIMEOUT("X4-FIN_WAIT1", FIN_WAIT1, "no answer to any FIN", "3.10.8"),
	TIMEOUT("X4-CLOSING", CLOSING, "no answer to any FIN", "3.10.8"),
	TIMEOUT("X4-LAST_ACK", LAST_ACK, "no answer to any FIN", "3.10.8"),
	TIMEOUT("X5", SYN_RECV, "no answer to any SYN+ACK", "3.10.8"),
	TIMEOUT("X6-ESTABLISHED", ESTABLISHED, "no answer to data or keepalive", "3.8.3"),
	TIMEOUT("X6-CLOSE_WAIT", CLOSE_WAIT, "no answer to data or keepalive", "3.8.3"),
	TIMEOUT("X7", TIME_WAIT, "removed before its time", "3.6.1"),
};

#define N_ARCS (sizeof(arcs) / sizeof(arcs[0]))

const struct tl_arc *tl_arcs(size_t *n)
{
	*n = N_ARCS;
	return arcs;
}

const struct tl_arc *tl_arc_find(const char *id)
{
	for (size_t i = 0; i < N_ARCS; i++)
		if (!strcasecmp(arcs[i].id, id))
			return &arcs[i];
	return NULL;
}

/* Arc 11 is drawn, and yet a RST is what it is about. */
static bool by_reset(const struct tl_arc *arc)
{
	return arc->kind == TL_ARC_RESET || (arc->from == TL_SYN_RECV && arc->to == TL_LISTEN);
}

/* May a way that began in @from go on along @arc? */
static bool may_take(const struct tl_arc *arc, enum tl_state from, bool skip_reset)
{
	if (!arc->linux_has || (skip_reset && by_reset(arc)))
		return false;
	return arc->from == from || (arc->from != TL_CLOSE && arc->from != TL_LISTEN);
}

/* One round over all arcs; false when no way became cheaper. */
static bool relax(enum tl_state from, bool skip_reset, int *cost, const struct tl_arc **into)
{
	bool better = false;

	for (const struct tl_arc *arc = arcs; arc < arcs + N_ARCS; arc++) {
		if (cost[arc->from] == INT_MAX || !may_take(arc, from, skip_reset))
			continue;
		if (cost[arc->from] + arc->cost >= cost[arc->to])
			continue;
		cost[arc->to] = cost[arc->from] + arc->cost;
		into[arc->to] = arc;
		better = true;
	}
	return better;
}

/* Bellman and Ford's way: the graph is tiny, and the table's order breaks ties. */
int tl_arc_path(enum tl_state from, enum tl_state to, bool skip_reset,
		const struct tl_arc **path)
{
	const struct tl_arc *into[TL_STATE_MAX] = { 0 };
	int cost[TL_STATE_MAX];
	int n = 0;

	if (!tl_state_info(from) || !tl_state_info(to))
		return -1;
	for (int i = 0; i < TL_STATE_MAX; i++)
		cost[i] = INT_MAX;
	cost[from] = 0;
	while (relax(from, skip_reset, cost, into))
		;
	if (cost[to] == INT_MAX)
		return -1;
	for (enum tl_state at = to; at != from; at = into[at]->from)
		path[n++] = into[at];
	for (int i = 0; i < n / 2; i++) {
		const struct tl_arc *arc = path[i];

		path[i] = path[n - 1 - i];
		path[n - 1 - i] = arc;
	}
	return n;
}
