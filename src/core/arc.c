/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of arcs.h, and the ways that lead from state to state. */
#include "tcplab/state.h"

#include <limits.h>
#include <strings.h>

#include "tcplab/enum_names.h"

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

#define ARC(number, id, from, to, kind, cause, event, sends, section, linux_has, cost, how,  \
	    differs)                                                                         \
	{ id, TL_##from, TL_##to, TL_ARC_##kind, TL_BY_##cause, event, sends, section,       \
	  linux_has, cost, how, differs },
#define DRAWN(number, id, from, to, cause, event, sends, section, cost, how, differs)        \
	ARC(number, id, from, to, DRAWN, cause, event, sends, section, true, cost, how,      \
	    differs)
#define NOTE(number, id, from, to, cause, event, sends, section, linux_has, cost, how,       \
	     differs)                                                                        \
	ARC(number, id, from, to, NOTE, cause, event, sends, section, linux_has, cost, how,  \
	    differs)
#define RESET(from, event, how)                                                              \
	ARC(R_##from, "R-" #from, from, CLOSE, RESET, SEGMENT, event, "", "3.5.3", true,     \
	    DEAR, how, NULL)
#define TIMEOUT(number, id, from, event, section, how, differs)                              \
	ARC(number, id, from, CLOSE, TIMEOUT, TIMER, event, "", section, true, DEAR, how,    \
	    differs)

static const char request_differs[] =
	"The listener stays in LISTEN: for each SYN the kernel keeps a request, which no "
	"process owns. With SYN cookies it keeps none. With TCP Fast Open (TCP_FASTOPEN, "
	"since 3.7) a SYN with data makes a socket at once, and accept() returns it in "
	"SYN_RECV.";
static const char abort_differs[] =
	"Linux sends a RST if the FIN still waits to be sent, behind data.";
static const char orphan_differs[] =
	"RFC 9293 lets the limit be a time or a count (3.8.3). Linux makes a time of a count: "
	"net.ipv4.tcp_orphan_retries (0 means 8) for a socket that no program holds, "
	"net.ipv4.tcp_retries2 for one that a program holds.";
static const char silence_differs[] =
	"RFC 9293 lets the limit be a time or a count (3.8.3). For data Linux makes "
	"a time of a count, net.ipv4.tcp_retries2; where keepalive is on it counts probes, "
	"net.ipv4.tcp_keepalive_probes.";

static const struct tl_arc arcs[] = {
#include "tcplab/arcs.h"
};

const struct tl_arc *tl_arc(enum tl_arc_id id)
{
	return &arcs[id];
}

const struct tl_arc *tl_arcs(size_t *n)
{
	*n = TL_N_ARCS;
	return arcs;
}

TL_NAMES(tl_arc_kind_name, enum tl_arc_kind, TL_ARC_KINDS)

const struct tl_arc *tl_arc_find(const char *id)
{
	for (size_t i = 0; i < TL_N_ARCS; i++)
		if (!strcasecmp(arcs[i].id, id))
			return &arcs[i];
	return NULL;
}

const struct tl_arc *tl_arc_reset(enum tl_state from)
{
	for (size_t i = 0; i < TL_N_ARCS; i++)
		if (arcs[i].kind == TL_ARC_RESET && arcs[i].from == from)
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

	for (const struct tl_arc *arc = arcs; arc < arcs + TL_N_ARCS; arc++) {
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
