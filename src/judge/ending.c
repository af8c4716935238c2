/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a socket ended whose segments were not all seen. A row that is gone left no word of it,
 * so little can be said, and only by what else the trace has:
 *
 * - A peer that was told to abort it, or to close it before it was open, ended it; so did the
 *   end of its process.
 * - A RST that was seen to reach it, or to leave it while it was open, was its end.
 * - The other end in TIME_WAIT has had this one's FIN, and this one is not there: so it was
 *   in LAST_ACK, and needed no more than the last ACK, which may have come unseen.
 * - A TIME_WAIT row has a timer: with its time up it has run out. Gone before its time and
 *   followed by another socket of the same two ends, it gave way to that.
 *
 * Where none of these speaks, how it ended is not known.
 */
#include "lives.h"
#include "replay_items.h"

/* Was there, between two events, another socket of these two ends? @state 0: in any state. */
static bool has_other(const struct tl_film *film, const struct tl_sock *sock,
		      const struct tl_endpoint *local, const struct tl_endpoint *remote,
		      const struct tl_event *from, const struct tl_event *to, enum tl_state state)
{
	size_t n;
	const struct tl_sighting **pair = tl_film_pair(film, local, remote, from, to, &n);

	for (size_t i = 0; i < n; i++)
		if (pair[i]->row->sock.cookie != sock->cookie &&
		    (!state || pair[i]->row->sock.state == state))
			return true;
	return false;
}

/* What its program was told, where that alone was the end of it. */
static const struct tl_arc *told_end(const struct tl_film *film, const struct tl_sighting *last,
				     const struct tl_event *gone)
{
	const struct tl_sock *sock = &last->row->sock;
	int owner = film->sockets[last->socket].owner;
	size_t n;
	const struct tl_act *acts = tl_film_acts(film, owner, last->ev, gone, &n);

	for (size_t i = 0; i < n && tl_film_is_peer(film, owner); i++) {
		const struct tl_arc *arc = replay_told_arc(&acts[i], sock->state);

		if (arc && arc->to == TL_CLOSE &&
		    (!acts[i].cookie || acts[i].cookie == sock->cookie))
			return arc;
	}
	return NULL;
}

static bool was_reset(const struct tl_film *film, const struct tl_sighting *last,
		      const struct tl_event *gone)
{
	const struct tl_sock *sock = &last->row->sock;
	const struct tl_shot **sent;
	size_t n;

	if (tl_film_came(film, sock, TL_FLAG_RST, last->ev, gone))
		return true;
	/* of a socket that is not open it may be for what came when it was gone */
	if (sock->state != TL_ESTABLISHED && sock->state != TL_CLOSE_WAIT)
		return false;
	sent = tl_film_sent(film, &sock->local, &sock->remote, last->ev, gone, &n);
	for (size_t i = 0; i < n; i++)
		if (sent[i]->kinds & 1u << TL_SEGMENT_RST)
			return true;
	return false;
}

static const struct tl_arc *timewait_end(const struct tl_film *film,
					 const struct tl_sighting *last,
					 const struct tl_event *gone)
{
	const struct tl_sock *sock = &last->row->sock;
	uint64_t left = sock->timer == TL_TIMER_TIMEWAIT ? (uint64_t)sock->timer_ms * 1000000 :
							   TIMEWAIT_NS;

	if (gone->t_ns + SLACK_NS >= last->ev->t_ns + left)
		return tl_arc(TL_ARC_ID_20);
	if (was_reset(film, last, gone))
		return tl_arc(TL_ARC_ID_R_TIME_WAIT);
	return has_other(film, sock, &sock->local, &sock->remote, last->ev + 1, gone, 0) ?
		       tl_arc(TL_ARC_ID_X1) : NULL;
}

int life_end(const struct tl_film *film, const struct tl_sighting *last, bool passive,
	     const struct tl_event *gone, const struct tl_arc **path)
{
	const struct tl_sock *sock = &last->row->sock;
	int n;

	if (sock->state == TL_TIME_WAIT)
		path[0] = timewait_end(film, last, gone);
	else if (was_reset(film, last, gone))
		path[0] = sock->state == TL_SYN_RECV && passive ? tl_arc(TL_ARC_ID_11) :
								  tl_arc_reset(sock->state);
	else
		path[0] = told_end(film, last, gone);
	if (path[0])
		return 1;
	if (!has_other(film, sock, &sock->remote, &sock->local, gone, gone, TL_TIME_WAIT))
		return 0;
	n = tl_arc_path(sock->state, TL_LAST_ACK, true, path);
	if (n < 0)
		return 0;
	path[n] = tl_arc(TL_ARC_ID_19);
	return n + 1;
}
