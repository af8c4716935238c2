/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * What an ACK is about is not written in it: it says the same as the one before, and is the
 * answer to a RST, to a probe, or to data that came twice. So each direction keeps count of
 * the segments that arrived and ask for such an answer (RST, SYN, FIN, probe, data), and an
 * ACK with nothing new is named after what has not been answered yet, the latest first.
 * Which segment is the first to acknowledge a FIN is decided when it is sent, and anew when
 * it was lost.
 */
#include "flow_numbers.h"

#include "tcplab/grow.h"

/* RFC 7323 2.3: what a packet cannot say, a trace could. */
#define WSCALE_MAX 14

struct tl_flow *tl_flow_find(const struct tl_flows *flows, const struct tl_endpoint *from,
			     const struct tl_endpoint *to)
{
	size_t at = tl_pairs_find(&flows->pairs, from, to);

	return at == TL_PAIRS_NONE ? NULL : &flows->v[at];
}

static struct tl_flow *find_or_add(struct tl_flows *flows, const struct tl_segment *s)
{
	struct tl_flow *flow = tl_flow_find(flows, &s->from, &s->to);
	size_t n = flows->pairs.n;

	if (flow)
		return flow;
	if (!TL_GROW(flows->v, n) ||
	    tl_pairs_add(&flows->pairs, &s->from, &s->to) == TL_PAIRS_NONE)
		return NULL;
	flows->v[n] = (struct tl_flow){ .from = s->from, .to = s->to };
	return &flows->v[n];
}

/* An ACK and nothing else. */
static bool is_bare(const struct tl_segment *s)
{
	return (s->flags & TL_FLAG_ACK) && !s->len &&
	       !(s->flags & (TL_FLAG_SYN | TL_FLAG_FIN | TL_FLAG_RST));
}

/* One number back from where its sender is: nothing new can be there. */
static bool is_probe(const struct tl_flow *flow, const struct tl_segment *s)
{
	return is_bare(s) && flow->has_syn && flow->has_ack && s->seq + 1 == flow->next;
}

static bool is_shut(const struct tl_flow *back)
{
	return back && back->has_ack && !back->window;
}

/* What the receiver of a segment has to answer, even where it brings nothing new. */
static enum ask ask_of(const struct tl_flow *flow, const struct tl_flow *back,
		       const struct tl_segment *s)
{
	if (s->flags & TL_FLAG_RST)
		return ASK_RST;
	if (s->flags & TL_FLAG_SYN)
		return ASK_SYN;
	if (back && back->has_syn && (s->flags & TL_FLAG_ACK) && tl_seq_after(s->ack, back->next))
		return ASK_UNSENT;
	if (is_probe(flow, s))
		return is_shut(back) ? ASK_WINDOW : ASK_KEEPALIVE;
	if (s->flags & TL_FLAG_FIN)
		return ASK_FIN;
	return s->len ? ASK_DATA : ASK_NOTHING;
}

static bool acks_fin(const struct tl_flow *back, const struct tl_segment *s)
{
	return (s->flags & TL_FLAG_ACK) && !(s->flags & TL_FLAG_RST) && back && back->has_fin &&
	       s->ack == back->fin_end;
}

static enum tl_segment_kind shape(const struct tl_segment *s)
{
	return s->flags & TL_FLAG_FIN ? TL_SEGMENT_FIN :
	       s->len		      ? TL_SEGMENT_DATA :
					TL_SEGMENT_ACK;
}

/* Is it the first to acknowledge the other end's FIN, or that one sent again? */
static bool is_first_for_fin(struct tl_flow *back, const struct tl_segment *s)
{
	enum tl_segment_kind kind = shape(s);
	bool first = !back->fin_acks++;

	if (first) {
		back->first = kind;
		back->first_seq = s->seq;
	}
	return first || (kind != TL_SEGMENT_ACK && kind == back->first &&
			 s->seq == back->first_seq);
}

/* The latest of what waits for an answer, and is answered by this. */
static enum ask answer(struct tl_flow *back)
{
	enum ask ask = back->asks[back->last] ? back->last : ASK_NOTHING;

	for (int i = ASK_RST; ask == ASK_NOTHING && i <= ASK_WINDOW; i++)
		if (back->asks[i])
			ask = i;
	if (ask != ASK_NOTHING)
		back->asks[ask]--;
	return ask;
}

/* An ACK that acknowledges no more than the one before. */
static uint32_t name_nothing_new(const struct tl_flow *flow, struct tl_flow *back,
				 const struct tl_segment *s)
{
	enum ask ask = answer(back);

	switch (ask) {
	case ASK_RST:
	case ASK_SYN:
	case ASK_UNSENT:
		return BIT(CHALLENGE_ACK);
	case ASK_KEEPALIVE:
		return BIT(KEEPALIVE_ACK);
	case ASK_WINDOW:
		if (!s->window)
			return BIT(WINDOW_PROBE_ACK);
		break;
	case ASK_NOTHING:
	case ASK_FIN:
	case ASK_DATA:
	case N_ASKS:
		break;
	}
	return s->window != flow->window ? BIT(WINDOW_UPDATE) : BIT(DUPLICATE_ACK);
}

/* Does it acknowledge the SYN that this direction began with, or more of what came after? */
static bool acks_syn(const struct tl_flow *back, const struct tl_segment *s)
{
	return (s->flags & TL_FLAG_ACK) && back->has_syn && !tl_seq_after(back->syn_end, s->ack) &&
	       !tl_seq_after(s->ack, back->next);
}

/* Its name beside ACK, if it has one. */
static uint32_t name_bare(const struct tl_flow *flow, struct tl_flow *back,
			  const struct tl_segment *s)
{
	bool news = !flow->has_ack || s->ack != flow->ack;

	if (is_probe(flow, s))
		return is_shut(back) ? BIT(WINDOW_PROBE) : BIT(KEEPALIVE_PROBE);
	if (!back)
		return 0;
	if (acks_fin(back, s) && (is_first_for_fin(back, s) || back->asks[ASK_FIN]))
		return BIT(ACK_OF_FIN);
	if (back->has_syn_ack && s->ack == back->syn_end &&
	    (!flow->has_ack || (back->asks[ASK_SYN] && !back->past_syn && !back->mere_syn)))
		return BIT(ACK_OF_SYN);
	if (news && !(back->asks[ASK_SYN] && !acks_syn(back, s)))
		return 0;
	return name_nothing_new(flow, back, s);
}

static uint32_t name_data(struct tl_flow *back, const struct tl_segment *s)
{
	bool fin = s->flags & TL_FLAG_FIN;
	bool first = acks_fin(back, s) && is_first_for_fin(back, s);

	if (fin)
		return BIT(FIN) | (first ? BIT(FIN_ACK) : 0);
	return first ? BIT(DATA_ACK_OF_FIN) : 0;
}

/* What has its answer with this segment, whatever else it is. */
static void settle(const struct tl_flow *flow, struct tl_flow *back, const struct tl_segment *s)
{
	if (!back || !(s->flags & TL_FLAG_ACK))
		return;
	if (!flow->has_ack || s->ack != flow->ack)
		back->asks[ASK_DATA] = 0;
	if (back->asks[ASK_SYN] && acks_syn(back, s)) /* of two that crossed a SYN+ACK answers one */
		back->asks[ASK_SYN] = s->flags & TL_FLAG_SYN ? back->asks[ASK_SYN] - 1 : 0;
	if (acks_fin(back, s))
		back->asks[ASK_FIN] = 0;
}

/* The numbers of a SYN; one that was not sent before begins its direction anew. */
static void begin(struct tl_flow *flow, const struct tl_segment *s)
{
	if (!flow->has_syn || flow->syn_end != s->seq + 1)
		*flow = (struct tl_flow){ .from = s->from, .to = s->to, .has_syn = true,
					  .syn_end = s->seq + 1, .next = s->seq + 1,
					  .got = flow->got,
					  .had_got = flow->has_got || flow->had_got };
	flow->syn_window = s->window;
	flow->wscale = s->wscale < WSCALE_MAX ? s->wscale : WSCALE_MAX;
	flow->has_syn_ack |= (s->flags & TL_FLAG_ACK) != 0;
}

static void take_numbers(struct tl_flow *flow, const struct tl_segment *s)
{
	if (!flow->has_syn || tl_seq_after(tl_segment_end(s), flow->next))
		flow->next = tl_segment_end(s);
	if (s->flags & TL_FLAG_FIN) {
		flow->has_fin = true;
		flow->fin_end = tl_segment_end(s);
	}
	if (!(s->flags & TL_FLAG_ACK))
		return;
	flow->has_ack = true;
	flow->ack = s->ack;
	flow->window = s->window;
	if (!(s->flags & TL_FLAG_SYN))
		flow->syn_window = 0;
	if ((s->flags & TL_FLAG_SYN) && s->wscale > 0 && s->wscale <= WSCALE_MAX)
		flow->window = (s->window + (1u << s->wscale) - 1) >> s->wscale;
}

static uint32_t name_kinds(struct tl_flow *flow, struct tl_flow *back,
			   const struct tl_segment *s)
{
	uint32_t kinds = BIT(ANY) | (s->len ? BIT(DATA) : 0);

	if (s->flags & TL_FLAG_RST)
		return kinds | BIT(RST);
	if (s->flags & TL_FLAG_SYN)
		return kinds | (s->flags & TL_FLAG_ACK ? BIT(SYN_ACK) : BIT(SYN));
	if (acks_fin(back, s))
		kinds |= TL_FLOW_ACKS_FIN;
	if (is_bare(s))
		return kinds | BIT(ACK) | name_bare(flow, back, s);
	return kinds | name_data(back, s);
}

/* Does it acknowledge more than a SYN? In SYN_RECV nobody does. */
static bool is_past_syn(const struct tl_flow *back, const struct tl_segment *s)
{
	return (s->flags & TL_FLAG_ACK) && !(s->flags & (TL_FLAG_SYN | TL_FLAG_RST)) && back &&
	       back->has_syn && tl_seq_after(s->ack, back->syn_end);
}

/* What the other end acknowledges it has got; with the SYN a life begins for it, too. */
static void take_news(struct tl_flow *back, const struct tl_segment *s)
{
	if (!back || !acks_syn(back, s))
		return;
	if (!back->has_got || tl_seq_after(s->ack, back->got))
		back->got = s->ack;
	back->has_got = true;
	if (back->got == back->next)
		back->has_hole = false;
}

uint32_t tl_flows_see(struct tl_flows *flows, const struct tl_segment *s)
{
	struct tl_flow *flow = find_or_add(flows, s);
	struct tl_flow *back = flow ? tl_flow_find(flows, &s->to, &s->from) : NULL;
	uint32_t kinds;

	if (!flow)
		return 0;
	if (s->flags & TL_FLAG_SYN && !(s->flags & TL_FLAG_RST))
		begin(flow, s);
	kinds = name_kinds(flow, back, s);
	settle(flow, back, s);
	take_news(back, s);
	if (!(s->flags & TL_FLAG_RST))
		take_numbers(flow, s);
	flow->past_syn |= is_past_syn(back, s);
	return kinds;
}

/* What its receiver has by now. */
static void take_arrival(struct tl_flow *flow, const struct tl_segment *s)
{
	uint32_t end = tl_segment_end(s);

	if (tl_seq_after(s->seq, flow->got))
		flow->has_hole |= end != s->seq;
	else if (tl_seq_after(end, flow->got))
		flow->got = end;
}

void tl_flows_arrive(struct tl_flows *flows, const struct tl_segment *s)
{
	struct tl_flow *flow = tl_flow_find(flows, &s->from, &s->to);

	if (!flow)
		return;
	flow->last = ask_of(flow, tl_flow_find(flows, &s->to, &s->from), s);
	flow->asks[flow->last]++;
	if (flow->last == ASK_SYN)
		flow->mere_syn = !(s->flags & TL_FLAG_ACK);
	if (!(s->flags & TL_FLAG_RST))
		take_arrival(flow, s);
}

void tl_flows_lose(struct tl_flows *flows, const struct tl_segment *s)
{
	struct tl_flow *back = tl_flow_find(flows, &s->to, &s->from);

	if (acks_fin(back, s) && back->fin_acks)
		back->fin_acks--;
}

enum tl_segment_kind tl_flows_kind(uint32_t kinds)
{
	static const enum tl_segment_kind telling[] = {
		TL_SEGMENT_RST,		  TL_SEGMENT_SYN,	     TL_SEGMENT_SYN_ACK,
		TL_SEGMENT_FIN_ACK,	  TL_SEGMENT_FIN,	     TL_SEGMENT_DATA_ACK_OF_FIN,
		TL_SEGMENT_DATA,	  TL_SEGMENT_ACK_OF_FIN,     TL_SEGMENT_ACK_OF_SYN,
		TL_SEGMENT_CHALLENGE_ACK, TL_SEGMENT_DUPLICATE_ACK,  TL_SEGMENT_KEEPALIVE_PROBE,
		TL_SEGMENT_KEEPALIVE_ACK, TL_SEGMENT_WINDOW_PROBE,   TL_SEGMENT_WINDOW_PROBE_ACK,
		TL_SEGMENT_WINDOW_UPDATE, TL_SEGMENT_ACK,
	};

	for (size_t i = 0; i < sizeof(telling) / sizeof(*telling); i++)
		if (kinds & (1u << telling[i]))
			return telling[i];
	return TL_SEGMENT_ANY;
}

const char *tl_flows_name(uint32_t kinds)
{
	return tl_segment_kind_name(tl_flows_kind(kinds));
}

const struct tl_arc *tl_flows_arc(const struct tl_sock *sock, uint32_t kinds)
{
	/* Of a segment that is several things the first that fits counts. */
	static const struct {
		uint32_t kinds; /* it has to be all of them */
		enum tl_state in;
		enum tl_arc_id arc;
	} arrivals[] = {
		{ BIT(SYN), TL_LISTEN, TL_ARC_ID_4 },
		{ BIT(SYN), TL_SYN_SENT, TL_ARC_ID_7 },
		{ BIT(SYN), TL_TIME_WAIT, TL_ARC_ID_X1 },
		{ BIT(SYN_ACK), TL_SYN_SENT, TL_ARC_ID_8 },
		{ BIT(SYN_ACK), TL_SYN_RECV, TL_ARC_ID_9 },
		{ BIT(FIN) | TL_FLOW_ACKS_FIN, TL_FIN_WAIT1, TL_ARC_ID_N2 },
		{ BIT(FIN), TL_FIN_WAIT1, TL_ARC_ID_15 },
		{ BIT(FIN), TL_FIN_WAIT2, TL_ARC_ID_16 },
		{ BIT(FIN), TL_ESTABLISHED, TL_ARC_ID_13 },
		{ TL_FLOW_ACKS_FIN, TL_FIN_WAIT1, TL_ARC_ID_14 },
		{ TL_FLOW_ACKS_FIN, TL_CLOSING, TL_ARC_ID_17 },
		{ TL_FLOW_ACKS_FIN, TL_LAST_ACK, TL_ARC_ID_19 },
		{ BIT(ACK), TL_SYN_RECV, TL_ARC_ID_9 },
		{ BIT(FIN), TL_SYN_RECV, TL_ARC_ID_9 },
		{ BIT(DATA), TL_SYN_RECV, TL_ARC_ID_9 },
	};

	/* a request that a listener keeps has no inode; a socket that connects has one */
	if (kinds & BIT(RST))
		return sock->state == TL_SYN_RECV && !sock->inode ? tl_arc(TL_ARC_ID_11) :
								    tl_arc_reset(sock->state);
	for (size_t i = 0; i < sizeof(arrivals) / sizeof(*arrivals); i++)
		if (arrivals[i].in == sock->state &&
		    (kinds & arrivals[i].kinds) == arrivals[i].kinds)
			return tl_arc(arrivals[i].arc);
	return NULL;
}
