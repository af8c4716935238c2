/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tcplab/flow.h"

#include <stdbool.h>
#include <stdlib.h>

/* One direction of one connection. */
struct tl_flow {
	struct tl_endpoint from, to;
	bool has_syn_ack, has_fin;
	uint32_t syn_end, fin_end; /* the ack that acknowledges it */
};

#define BIT(kind) (1u << TL_SEGMENT_##kind)

void tl_flows_release(struct tl_flows *flows)
{
	free(flows->v);
	*flows = (struct tl_flows){ 0 };
}

static struct tl_flow *find(const struct tl_flows *flows, const struct tl_endpoint *from,
			    const struct tl_endpoint *to)
{
	for (size_t i = flows->n; i-- > 0;)
		if (flows->v[i].from.port == from->port && flows->v[i].to.port == to->port &&
		    tl_endpoint_equal(&flows->v[i].from, from) &&
		    tl_endpoint_equal(&flows->v[i].to, to))
			return &flows->v[i];
	return NULL;
}

static struct tl_flow *find_or_add(struct tl_flows *flows, const struct tl_segment *s)
{
	struct tl_flow *flow = find(flows, &s->from, &s->to);

	if (flow)
		return flow;
	if (flows->n == flows->cap) {
		size_t cap = flows->cap ? flows->cap * 2 : 16;
		struct tl_flow *v = realloc(flows->v, cap * sizeof(*v));

		if (!v)
			return NULL;
		flows->v = v;
		flows->cap = cap;
	}
	flow = &flows->v[flows->n++];
	*flow = (struct tl_flow){ .from = s->from, .to = s->to };
	return flow;
}

uint32_t tl_flows_see(struct tl_flows *flows, const struct tl_segment *s)
{
	struct tl_flow *flow = find_or_add(flows, s);
	const struct tl_flow *back = flow ? find(flows, &s->to, &s->from) : NULL;
	bool acks = s->flags & TL_FLAG_ACK;
	bool acks_fin = acks && back && back->has_fin && s->ack == back->fin_end;
	uint32_t kinds = BIT(ANY);

	if (!flow)
		return 0;
	if (s->len)
		kinds |= BIT(DATA);
	if (s->flags & TL_FLAG_RST)
		return kinds | BIT(RST);
	if (s->flags & TL_FLAG_SYN) {
		*flow = (struct tl_flow){ .from = s->from, .to = s->to, .has_syn_ack = acks,
					  .syn_end = s->seq + 1 };
		return kinds | (acks ? BIT(SYN_ACK) : BIT(SYN));
	}
	if (s->flags & TL_FLAG_FIN) {
		flow->has_fin = true;
		flow->fin_end = tl_segment_end(s);
		return kinds | BIT(FIN) | (acks_fin ? BIT(FIN_ACK) : 0);
	}
	if (!acks || s->len)
		return kinds;
	kinds |= BIT(ACK);
	if (acks_fin)
		kinds |= BIT(ACK_OF_FIN);
	else if (back && back->has_syn_ack && s->ack == back->syn_end)
		kinds |= BIT(ACK_OF_SYN);
	return kinds;
}

const char *tl_flows_name(uint32_t kinds)
{
	static const enum tl_segment_kind telling[] = {
		TL_SEGMENT_RST,        TL_SEGMENT_SYN,	      TL_SEGMENT_SYN_ACK,
		TL_SEGMENT_FIN_ACK,    TL_SEGMENT_FIN,	      TL_SEGMENT_DATA,
		TL_SEGMENT_ACK_OF_FIN, TL_SEGMENT_ACK_OF_SYN, TL_SEGMENT_ACK,
	};

	for (size_t i = 0; i < sizeof(telling) / sizeof(*telling); i++)
		if (kinds & (1u << telling[i]))
			return tl_segment_kind_name(telling[i]);
	return tl_segment_kind_name(TL_SEGMENT_ANY);
}

/* A request that a listener keeps has no inode; a socket that connects has one. */
static const char *reset_in_syn_recv(const struct tl_sock *sock)
{
	return sock->inode ? "R-SYN_RECV" : "11";
}

const struct tl_arc *tl_flows_arc(const struct tl_sock *sock, uint32_t kinds)
{
	/* Of a segment that is several things the first that fits counts. */
	const struct {
		enum tl_segment_kind kind;
		enum tl_state in;
		const char *arc;
	} arrivals[] = {
		{ TL_SEGMENT_RST, TL_SYN_RECV, reset_in_syn_recv(sock) },
		{ TL_SEGMENT_RST, TL_SYN_SENT, "R-SYN_SENT" },
		{ TL_SEGMENT_RST, TL_ESTABLISHED, "R-ESTABLISHED" },
		{ TL_SEGMENT_RST, TL_FIN_WAIT1, "R-FIN_WAIT1" },
		{ TL_SEGMENT_RST, TL_FIN_WAIT2, "R-FIN_WAIT2" },
		{ TL_SEGMENT_RST, TL_CLOSING, "R-CLOSING" },
		{ TL_SEGMENT_RST, TL_CLOSE_WAIT, "R-CLOSE_WAIT" },
		{ TL_SEGMENT_RST, TL_LAST_ACK, "R-LAST_ACK" },
		{ TL_SEGMENT_RST, TL_TIME_WAIT, "R-TIME_WAIT" },
		{ TL_SEGMENT_SYN, TL_LISTEN, "4" },
		{ TL_SEGMENT_SYN, TL_SYN_SENT, "7" },
		{ TL_SEGMENT_SYN, TL_TIME_WAIT, "X1" },
		{ TL_SEGMENT_SYN_ACK, TL_SYN_SENT, "8" },
		{ TL_SEGMENT_SYN_ACK, TL_SYN_RECV, "9" },
		{ TL_SEGMENT_FIN_ACK, TL_FIN_WAIT1, "N2" },
		{ TL_SEGMENT_FIN, TL_FIN_WAIT1, "15" },
		{ TL_SEGMENT_FIN, TL_FIN_WAIT2, "16" },
		{ TL_SEGMENT_FIN, TL_ESTABLISHED, "13" },
		{ TL_SEGMENT_ACK_OF_FIN, TL_FIN_WAIT1, "14" },
		{ TL_SEGMENT_ACK_OF_FIN, TL_CLOSING, "17" },
		{ TL_SEGMENT_ACK_OF_FIN, TL_LAST_ACK, "19" },
		{ TL_SEGMENT_ACK, TL_SYN_RECV, "9" },
		{ TL_SEGMENT_FIN, TL_SYN_RECV, "9" },
		{ TL_SEGMENT_DATA, TL_SYN_RECV, "9" },
	};

	for (size_t i = 0; i < sizeof(arrivals) / sizeof(*arrivals); i++)
		if (arrivals[i].in == sock->state && (kinds & (1u << arrivals[i].kind)))
			return tl_arc_find(arrivals[i].arc);
	return NULL;
}
