/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * RFC 9293 3.10.7 looks at a segment in a fixed order, and so do we: is there a socket, is
 * its number acceptable, is it a RST, is it a SYN, what does it acknowledge, what does it
 * bring, is it a FIN. What the receiver has in order, and how far its window goes, is known
 * from the segments seen (flow_numbers.h). Where it is not, or where it depends on what
 * cannot be seen, the answer is that it is not known.
 */
#include "tcplab/forecast.h"

#include "flow_numbers.h"

/* One segment before its receiver. */
struct arrival {
	const struct tl_segment *s;
	const struct tl_sock *sock;     /* the receiver */
	const struct tl_flow *flow;     /* its direction */
	const struct tl_flow *back;     /* the receiver's; NULL where it has said nothing */
	const struct tl_forecast_host *host;
	uint32_t got;                   /* what the receiver has in order */
	bool acks_fin;
};

static struct tl_forecast stays(const char *sends, const char *because)
{
	return (struct tl_forecast){ .kind = TL_FORECAST_STAYS, .sends = sends,
				     .because = because };
}

static struct tl_forecast unknown(const char *because)
{
	return (struct tl_forecast){ .kind = TL_FORECAST_UNKNOWN, .sends = "",
				     .because = because };
}

static struct tl_forecast goes(enum tl_arc_id id, const char *because)
{
	const struct tl_arc *arc = tl_arc(id);

	return (struct tl_forecast){ .kind = TL_FORECAST_GOES, .from = arc->from, .to = arc->to,
				     .arc = arc, .sends = arc->sends, .because = because };
}

static enum tl_arc_id reset_arc(const struct tl_sock *sock)
{
	const struct tl_arc *arc = tl_flows_arc(sock, BIT(RST));

	/* only a trace that no run has written can have a RST reach an end in CLOSED */
	return arc ? (enum tl_arc_id)(arc - tl_arc(0)) : TL_ARC_ID_R_ESTABLISHED;
}

/* The receiver resets the connection: it is over, and the other end is told. */
static struct tl_forecast resets(const struct arrival *a, const char *because)
{
	struct tl_forecast f = goes(reset_arc(a->sock), because);

	f.sends = "RST";
	return f;
}

/* TIME_WAIT makes room, and the listener takes the SYN as any other. */
static struct tl_forecast begins_anew(void)
{
	struct tl_forecast f = goes(TL_ARC_ID_X1, "a new connection takes its place");

	f.to = TL_SYN_RECV;
	f.sends = "SYN+ACK";
	return f;
}

/* To TIME_WAIT, where the kernel has room for it. */
static struct tl_forecast goes_to_wait(const struct arrival *a, enum tl_arc_id id)
{
	struct tl_forecast f = goes(id, "");

	if (a->host->few_time_waits)
		return unknown("net.ipv4.tcp_max_tw_buckets may leave no room for it");
	if (!a->host->no_time_wait)
		return f;
	f.to = TL_CLOSE;
	f.arc = f.from == TL_FIN_WAIT2 ? tl_arc(TL_ARC_ID_X9) :
		f.from == TL_CLOSING   ? tl_arc(TL_ARC_ID_X9_CLOSING) :
					 tl_arc(TL_ARC_ID_X9_FIN_WAIT1);
	f.because = "net.ipv4.tcp_max_tw_buckets leaves no room for it";
	return f;
}

/* The first number beyond the receiver's window; false where its width is not known. */
static bool window_edge(const struct arrival *a, uint32_t *edge)
{
	bool scaled = a->back && a->flow->wscale >= 0 && a->back->wscale >= 0;

	if (!a->back || !a->back->has_ack)
		return false;
	*edge = a->back->ack + (a->back->syn_window ? a->back->syn_window :
				(uint32_t)a->back->window << (scaled ? a->back->wscale : 0));
	return true;
}

/* Linux takes the number just beyond the window for one in it; RFC 9293 does not. */
static bool is_in_window(const struct arrival *a, bool *known)
{
	uint32_t edge;

	*known = window_edge(a, &edge);
	return *known && !tl_seq_after(a->got, a->s->seq) && !tl_seq_after(a->s->seq, edge);
}

static bool is_orphan(const struct tl_sock *sock)
{
	return !sock->inode;
}

/* A mere record, which looks at a segment less closely than a socket does. */
static bool is_record(const struct tl_sock *sock)
{
	return sock->timer == TL_TIMER_TIMEWAIT;
}

static struct tl_forecast meets_listen(const struct arrival *a)
{
	const struct tl_segment *s = a->s;
	bool full = a->sock->recvq > a->sock->sendq;

	if (s->flags & TL_FLAG_RST)
		return stays("", "");
	if (!(s->flags & TL_FLAG_ACK)) {
		if (!(s->flags & TL_FLAG_SYN) || (s->flags & TL_FLAG_FIN))
			return stays("", "");
		if (full)
			return stays("", "its accept queue is full, and the SYN is dropped");
		if (a->host->always_cookies)
			return stays("SYN+ACK", "a SYN cookie, and no row is kept");
		if (a->host->has_requests)
			return unknown("the requests that wait for their last ACK fill its "
				       "queue");
		return goes(TL_ARC_ID_4, "");
	}
	if (!a->host->always_cookies || !a->back || !a->back->has_syn_ack ||
	    s->ack != a->back->syn_end || (s->flags & TL_FLAG_SYN))
		return stays("RST", "there is no such connection");
	return full ? unknown("its accept queue is full") : goes(TL_ARC_ID_X8, "");
}

static struct tl_forecast meets_syn_sent(const struct arrival *a)
{
	const struct tl_segment *s = a->s;
	bool acks = s->flags & TL_FLAG_ACK;
	bool fits = acks && a->back && (s->ack == a->back->next || s->ack == a->back->syn_end);

	if (s->flags & TL_FLAG_RST)
		return fits ? goes(TL_ARC_ID_R_SYN_SENT, "") :
			      stays("", "the RST does not acknowledge the SYN");
	if (acks && !fits)
		return stays("RST", "it does not acknowledge the SYN");
	if (!(s->flags & TL_FLAG_SYN))
		return stays("", "it does not answer the SYN");
	return goes(acks ? TL_ARC_ID_8 : TL_ARC_ID_7, "");
}

static struct tl_forecast meets_rst(const struct arrival *a)
{
	enum tl_state state = a->sock->state;
	bool exact = a->s->seq == a->got, known, in = is_in_window(a, &known);

	if (state == TL_TIME_WAIT && exact && a->host->keeps_time_wait)
		return stays("", "net.ipv4.tcp_rfc1337 is set");
	if (state == TL_CLOSE_WAIT || state == TL_LAST_ACK || state == TL_CLOSING)
		exact |= a->s->seq + 1 == a->got; /* or at the FIN that has come */
	if (exact)
		return goes(reset_arc(a->sock), "");
	if (a->flow->has_hole)
		return unknown("a segment before the RST is missing, and later data has come");
	if (!known)
		return unknown("the receiver's window is not known");
	if (state == TL_TIME_WAIT)
		return stays("", "the RST is not exact");
	if (state == TL_FIN_WAIT2 && is_record(a->sock))
		return in ? goes(TL_ARC_ID_R_FIN_WAIT2, "no program holds it") :
			    unknown("no program holds it, and the RST is old");
	return in ? stays("challenge ACK", "the RST is not exactly the next (RFC 5961)") :
		    stays("", "the RST is outside of the window");
}

static struct tl_forecast meets_syn(const struct arrival *a)
{
	const struct tl_segment *s = a->s;
	bool acks = s->flags & TL_FLAG_ACK;
	bool again = s->seq + 1 == a->got;

	switch (a->sock->state) {
	case TL_TIME_WAIT:
		if (acks || (!tl_seq_after(s->seq, a->got) && !s->has_ts))
			return stays("ACK", "the SYN is not newer");
		if (a->host->unwatched)
			return unknown("whether somebody listens is not in the table");
		return a->host->listens ? begins_anew() :
					  stays("challenge ACK", "nobody listens on that port");
	case TL_SYN_RECV:
		if (!again)
			return unknown("another SYN meets a request");
		if (!is_orphan(a->sock))
			return unknown("what two SYN+ACKs that cross do depends on the kernel");
		return acks ? stays("ACK", "") : stays("SYN+ACK", "");
	case TL_FIN_WAIT2:
		if (is_record(a->sock))
			return unknown("no program holds it, and a SYN comes");
		break;
	case TL_ESTABLISHED:
	case TL_FIN_WAIT1:
	case TL_CLOSE_WAIT:
	case TL_LAST_ACK:
	case TL_CLOSING:
	case TL_SYN_SENT:
	case TL_CLOSE:
	case TL_LISTEN:
		break;
	}
	return stays("challenge ACK", "the connection already has its SYN (RFC 5961)");
}

/* Does its FIN come in order, nothing missing before it? */
static bool brings_fin(const struct arrival *a)
{
	return (a->s->flags & TL_FLAG_FIN) && !tl_seq_after(a->s->seq, a->got) &&
	       tl_seq_after(tl_segment_end(a->s), a->got);
}

/* Bytes that the receiver has not had, a FIN not counted. */
static bool brings_data(const struct arrival *a)
{
	uint32_t end = a->s->seq + a->s->len;

	return a->s->len && tl_seq_after(end, a->got);
}

static struct tl_forecast meets_syn_recv(const struct arrival *a)
{
	struct tl_forecast f = goes(TL_ARC_ID_9, "");

	if (is_orphan(a->sock) && a->host->unwatched)
		return unknown("its listener is not in the table");
	if (is_orphan(a->sock) && !a->host->listens) {
		f = goes(TL_ARC_ID_X10, "its listener is closed");
		f.sends = "RST";
		return f;
	}
	if (!a->back || a->s->ack != a->back->syn_end)
		return stays("RST", "it does not acknowledge the SYN+ACK");
	if (is_orphan(a->sock) && !a->host->has_room)
		return unknown("its listener's accept queue may be full");
	if (is_orphan(a->sock) && a->host->defers && tl_segment_end(a->s) == a->s->seq)
		return unknown("its listener may wait for data (TCP_DEFER_ACCEPT)");
	if (brings_fin(a)) {
		f.to = TL_CLOSE_WAIT;
		f.sends = "ACK";
	}
	return f;
}

static struct tl_forecast meets_established(const struct arrival *a)
{
	if (a->flow->has_hole && tl_segment_end(a->s) != a->s->seq)
		return unknown("more data may be waiting behind a missing segment");
	if (brings_fin(a))
		return goes(TL_ARC_ID_13, "");
	return stays("", "");
}

static const char stops_reading[] = "its program may have shut down reading too, and would reset";

static struct tl_forecast meets_fin_wait1(const struct arrival *a)
{
	struct tl_forecast f;

	if (is_orphan(a->sock) && brings_data(a))
		return resets(a, "data comes, and no program is left to read it");
	if (a->host->stops_reading && brings_data(a))
		return unknown(stops_reading);
	if (a->flow->has_hole)
		return unknown("more data may be waiting behind a missing segment");
	if (brings_fin(a))
		return a->acks_fin ? goes_to_wait(a, TL_ARC_ID_N2) : goes(TL_ARC_ID_15, "");
	if (!a->acks_fin)
		return stays("", "");
	f = goes(TL_ARC_ID_14, "");
	if (is_orphan(a->sock) && (a->host->no_time_wait || a->host->few_time_waits))
		return unknown("net.ipv4.tcp_max_tw_buckets may leave no room for its row");
	return f;
}

static struct tl_forecast meets_fin_wait2(const struct arrival *a)
{
	if (is_orphan(a->sock) &&
	    (brings_data(a) || ((a->s->flags & TL_FLAG_FIN) && !brings_fin(a) &&
				tl_seq_after(a->s->seq, a->got))))
		return resets(a, "data comes, and no program is left to read it");
	if (a->host->stops_reading && brings_data(a))
		return unknown(stops_reading);
	if (a->flow->has_hole && tl_segment_end(a->s) != a->s->seq)
		return unknown("more data may be waiting behind a missing segment");
	return brings_fin(a) ? goes_to_wait(a, TL_ARC_ID_16) : stays("", "");
}

/* It has neither SYN nor RST, and its receiver knows the connection. */
static struct tl_forecast meets_open(const struct arrival *a)
{
	uint32_t end = tl_segment_end(a->s), edge;
	enum tl_state state = a->sock->state;

	if (!(a->s->flags & TL_FLAG_ACK))
		return stays("", "it has no ACK");
	if (!window_edge(a, &edge))
		return unknown("the receiver's window is not known");
	if (tl_seq_after(a->back->ack, end) || tl_seq_after(a->s->seq, edge))
		return stays("ACK", "its number is outside of the window");
	if (tl_seq_after(a->s->ack, a->back->next) && state != TL_SYN_RECV)
		return state == TL_TIME_WAIT ? stays("", "") :
		       state == TL_ESTABLISHED ?
			       unknown("whether an ACK of what was never sent is answered "
				       "depends on the kernel") :
			       stays("challenge ACK", "it acknowledges what was never sent");
	switch (state) {
	case TL_SYN_RECV:
		return meets_syn_recv(a);
	case TL_ESTABLISHED:
		return meets_established(a);
	case TL_FIN_WAIT1:
		return meets_fin_wait1(a);
	case TL_FIN_WAIT2:
		return meets_fin_wait2(a);
	case TL_CLOSING:
		return a->acks_fin ? goes_to_wait(a, TL_ARC_ID_17) : stays("", "");
	case TL_LAST_ACK:
		return a->acks_fin ? goes(TL_ARC_ID_19, "") : stays("", "");
	case TL_TIME_WAIT:
		return end == a->s->seq ? stays("", "") : stays("ACK", "its 60 s start again");
	case TL_CLOSE_WAIT:
	case TL_SYN_SENT:
	case TL_CLOSE:
	case TL_LISTEN:
		break;
	}
	return stays("", "");
}

struct tl_forecast tl_forecast(const struct tl_flows *flows, const struct tl_event *ev,
			       uint32_t kinds, const struct tl_forecast_host *host)
{
	const struct tl_segment *s = &ev->segment.seg;
	struct arrival a = { .s = s,
			     .sock = &ev->segment.ends[1].sock,
			     .flow = tl_flow_find(flows, &s->from, &s->to),
			     .back = tl_flow_find(flows, &s->to, &s->from),
			     .host = host,
			     .acks_fin = kinds & TL_FLOW_ACKS_FIN };

	if (!a.sock->state)
		return (struct tl_forecast){ .kind = TL_FORECAST_NOBODY, .because = "",
					     .sends = s->flags & TL_FLAG_RST ? "" : "RST" };
	if (!tl_state_info(a.sock->state) || !a.flow)
		return unknown("the state has no name here");
	a.got = a.flow->got;
	if (a.sock->state == TL_LISTEN)
		return meets_listen(&a);
	if (a.sock->state == TL_SYN_SENT)
		return meets_syn_sent(&a);
	if (!a.flow->has_got && !a.flow->had_got)
		return unknown("its beginning was not seen");
	if (s->flags & TL_FLAG_RST)
		return meets_rst(&a);
	return s->flags & TL_FLAG_SYN ? meets_syn(&a) : meets_open(&a);
}
