/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * The kernel never hands the same cookie out twice, so everything seen of one cookie is
 * one socket. Its life is the states it was seen in, in order, and between any two of
 * them, before the first and after the last, what RFC 9293's diagram says it must have
 * been through: tl_arc_path() names the likeliest way, first without a reset and only
 * then with one. Where there is no way at all the life is not legal.
 *
 * Observed is what a row shows, of a snapshot or of a segment's end, and nothing else.
 * With the wire tapped most states are, for most are entered with a segment, and that
 * shows both ends while it is in flight: looked up when its turn had come, and so in the order
 * of the trace, but perhaps not as they were when it was sent. Which hop they were in then is
 * what the film says about the segment.
 * CLOSED has no row (RFC 9293 3.3.2 calls it fictional), so where a life begins and ends
 * in CLOSED is inferred, although the row's absence is seen plainly enough.
 *
 * A life begins
 *   in CLOSED for a listener and for an active opener;
 *   in LISTEN for a passive opener: a listener that takes its local endpoint was there in
 *   the snapshot it first appears in, or in the one before, or was an end of a segment
 *   between the two. Linux never moves the listener's own socket; the RFC's arrow out of
 *   LISTEN is walked by the new one.
 * So the listener's own row may only go to CLOSED, whatever the diagram draws; and where a
 * RST leads back to LISTEN a request goes, and no row comes. A descriptor that has been shut
 * down or refused may connect again: the film has it as another socket of the same cookie, and
 * that has a life of its own.
 *
 * Where every segment was seen, replay.c says what took the socket from one state to the
 * next, and a way that nothing in the trace explains is not legal. Elsewhere tl_arc_path()
 * names the likeliest way, which proves nothing.
 *
 * A life ends in CLOSED where the snapshot after its last row lacks it. By which way it got
 * there, replay.c finds out, and a row that is gone without a cause in the trace is not legal
 * either; where not every segment was seen, ending.c does, or it is not known. That a segment
 * found no socket at one of its ends is not enough. A row seen in the last snapshot, or after
 * it, ends nowhere: the run just stopped looking. A row missing from one snapshot and back later
 * is taken as having been there, for a dump is not atomic.
 */
#include "lives.h"
#include "replay.h"

#include <stdlib.h>

#include "tcplab/grow.h"

static struct tl_hop *add_hop(struct reader *r, enum tl_state state, enum tl_hop_kind kind,
			      const struct tl_event *by)
{
	struct tl_life *life = r->life;
	struct tl_hop *hop;

	if (!TL_GROW(life->hops, life->n_hops)) {
		r->failed = true;
		return NULL;
	}
	hop = &life->hops[life->n_hops++];
	*hop = (struct tl_hop){ .state = state, .kind = kind, .phase = by->phase, .by = by };
	return hop;
}

/* Walk a way; the state it leads to is of kind @last, those on the way are inferred. */
static void add_way(struct reader *r, const struct cause *way, int n, enum tl_hop_kind last,
		    const struct tl_event *by)
{
	for (int i = 0; i < n; i++) {
		struct tl_hop *hop = add_hop(r, way[i].arc->to,
					     i == n - 1 ? last : TL_HOP_INFERRED, by);

		if (!hop)
			return;
		hop->arc = way[i].arc;
		hop->cause = way[i].ev;
	}
}

static enum tl_state now_in(const struct reader *r)
{
	return r->life->hops[r->life->n_hops - 1].state;
}

static void say_who(struct tl_buf *out, const struct reader *r)
{
	char local[TL_ENDPOINT_TEXT], remote[TL_ENDPOINT_TEXT];
	const struct tl_life *life = r->life;

	if (life->owner >= 0)
		tl_buf_fmt(out, "%s's socket ", tl_plan_actor_name(r->film->plan, life->owner));
	else
		tl_buf_str(out, "the socket ");
	tl_buf_fmt(out, "%s -> %s", tl_endpoint_text(&life->local, local),
		   tl_endpoint_text(&life->remote, remote));
}

/* @from was seen and then @to, and no way leads there, or @unexplained, none that was seen. */
static void outlaw(struct reader *r, enum tl_state from, enum tl_state to, bool unexplained)
{
	struct tl_buf buf = { 0 };

	r->life->legal = false;
	if (r->life->reason)
		return;
	say_who(&buf, r);
	tl_buf_fmt(&buf, " was seen in %s and ", tl_state_figure(from));
	if (to == TL_CLOSE && unexplained)
		tl_buf_str(&buf, "then it was gone, and ");
	else
		tl_buf_fmt(&buf, "then in %s, and ", tl_state_figure(to));
	if (from == TL_LISTEN && !unexplained)
		tl_buf_str(&buf, "a listener's own socket leaves LISTEN only for CLOSED");
	else if (to == TL_LISTEN && !unexplained)
		tl_buf_str(&buf, "on Linux a socket enters LISTEN only from CLOSED");
	else if (unexplained)
		tl_buf_str(&buf, "no segment, call or timer of the trace explains it");
	else
		tl_buf_str(&buf, "RFC 9293 has no way from the first to the second");
	r->life->reason = say_take(&buf);
	r->failed |= !r->life->reason;
}

/*
 * Was all seen that can have led here, each segment? A connection that is there when it is seen
 * for the first time (@last: NULL), and has sent nothing, may be older than the trace.
 */
static bool is_told(const struct reader *r, const struct tl_sighting *last,
		    const struct tl_sock *sock, const struct tl_event *until)
{
	const struct tl_event *first = r->film->trace->events;
	size_t out, back;

	if (last || !tl_film_saw_wire(r->film, until->phase))
		return tl_film_saw_wire(r->film, until->phase);
	tl_film_sent(r->film, &sock->local, &sock->remote, first,
		     replay_read_by(r->film, sock->state, until), &out);
	tl_film_sent(r->film, &sock->remote, &sock->local, first, until, &back);
	return out + back > 0;
}

/* The way by what the trace shows. @last: NULL: from the life's beginning */
static int told_way(struct reader *r, const struct tl_sighting *last, const struct tl_sock *sock,
		    const struct tl_event *until, uint32_t goals, struct cause *way)
{
	const struct stretch s = {
		.sock = sock,
		.from = last ? last->ev : r->since,
		.heard = last ? r->heard : r->since,
		.until = until,
		.read_by = replay_read_by(r->film, goals == 1u << TL_SYN_SENT ? TL_SYN_SENT : 0,
					  until),
		.since = r->since,
		.from_segment = last && life_is_of_segment(last->ev),
		.to_segment = life_is_of_segment(until),
		.owner = r->life->owner,
		.listener = r->passive && (!last || !last->row->sock.inode) ? r->listener : NULL,
	};
	int n = replay(r->film, &s, now_in(r), goals, way);

	r->failed |= n < -1;
	return n;
}

/* The likeliest way from one state seen to the next, where not all was seen. */
static int likely_way(const struct reader *r, const struct tl_sighting *now, struct cause *way)
{
	const struct tl_arc *path[TL_STATE_MAX];
	enum tl_state from = now_in(r), to = now->row->sock.state;
	uint64_t cookies = tl_film_sysctl(r->film, "net.ipv4.tcp_syncookies", now->ev, 1);
	int n = cookies == 2 && from == TL_LISTEN && to != TL_SYN_RECV ?
			tl_arc_path(TL_ESTABLISHED, to, true, path + 1) : -1;

	if (n >= 0) {
		path[0] = tl_arc(TL_ARC_ID_X8);
		n++;
	} else {
		n = tl_arc_path(from, to, true, path);
		n = n < 0 ? tl_arc_path(from, to, false, path) : n;
	}
	for (int i = 0; i < n; i++)
		way[i] = (struct cause){ path[i], NULL };
	return n;
}

/* The end of a life; where nothing says how, @n is not positive, and the arc is not known. */
static void add_end(struct reader *r, const struct cause *way, int n, const struct tl_event *until)
{
	if (n > 0)
		add_way(r, way, n, TL_HOP_INFERRED, until);
	else
		add_hop(r, TL_CLOSE, TL_HOP_INFERRED, until);
}

static void end_told(struct reader *r, const struct tl_sighting *last,
		     const struct tl_event *until)
{
	struct cause way[REPLAY_MAX];
	uint32_t goals = 1u << TL_CLOSE | (r->passive ? 1u << REPLAY_TAKEN_BACK : 0);
	int n;

	if (now_in(r) == TL_CLOSE)
		return;
	n = told_way(r, last, &last->row->sock, until, goals, way);
	if (n < 0)
		outlaw(r, now_in(r), TL_CLOSE, true);
	add_end(r, way, n, until);
}

/* Where it begins; and what has led to where it was first seen counts from there. */
static void begin(struct reader *r, const struct tl_sighting *first)
{
	const struct tl_event *syn;
	bool by_us;

	syn = life_beginning(r, first, &by_us);
	r->since = syn		     ? syn :
		   r->socket->anew ? first[-1].ev :
				     r->film->trace->events;
	/* a descriptor that had a life before has come out of no listener */
	r->passive = !r->socket->anew && life_is_passive(r, first, by_us);
	r->listener = r->passive ? life_listener(r->film, &first->row->sock.local, first->ev) :
				   NULL;
	if (first->row->sock.state == TL_CLOSE)
		add_hop(r, TL_CLOSE, TL_HOP_OBSERVED, first->ev);
	else
		add_hop(r, r->passive ? TL_LISTEN : TL_CLOSE, TL_HOP_INFERRED, first->ev);
}

/*
 * Of what nothing in the trace is the cause of only the states are told: from FIN_WAIT1 to
 * TIME_WAIT there are three ways, and N2 is only the one with the fewest states. And where every
 * segment was seen (@all), what none of them brought did not come about as it does.
 */
static void forget_unseen(struct tl_life *life, size_t from, bool all)
{
	for (size_t i = from; i < life->n_hops; i++)
		if (!life->hops[i].cause && (all || life->hops[i].arc == tl_arc(TL_ARC_ID_N2)))
			life->hops[i].arc = NULL;
}

/* From one state seen to the next; @listener: out of LISTEN this socket may only close. */
static void move(struct reader *r, const struct tl_sighting *last, const struct tl_sighting *now,
		 bool listener)
{
	struct cause way[REPLAY_MAX];
	enum tl_state from = now_in(r), to = now->row->sock.state;
	bool told = is_told(r, last, &now->row->sock, now->ev);
	size_t before = r->life->n_hops;
	int n = -1;

	if (from == TL_CLOSE && to != TL_CLOSE && !last)
		told |= to == TL_LISTEN;
	if ((from != TL_LISTEN || !listener || to == TL_CLOSE) &&
	    (to != TL_LISTEN || from == TL_CLOSE))
		n = told ? told_way(r, last, last ? &last->row->sock : &now->row->sock, now->ev,
				    1u << to, way) :
			   likely_way(r, now, way);
	if (n >= 0) {
		add_way(r, way, n, TL_HOP_OBSERVED, now->ev);
		forget_unseen(r->life, before,
			      !told && tl_film_saw_wire(r->film, now->ev->phase));
		return;
	}
	told &= tl_arc_path(from, to, false, (const struct tl_arc *[TL_STATE_MAX]){ 0 }) >= 0;
	outlaw(r, from, to, told);
	add_hop(r, to, TL_HOP_OBSERVED, now->ev);
}

/* It is seen where it is: go there if it is somewhere else. */
static void see(struct reader *r, const struct tl_sighting *last, const struct tl_sighting *now)
{
	if (now->row->sock.state != now_in(r))
		move(r, last, now, last && last->row->sock.state == TL_LISTEN);
}

/* What it has sent since its last sighting; a table is read when all that was sent is. */
static void weigh(struct reader *r, const struct tl_sighting *last, const struct tl_sighting *now)
{
	const struct tl_sock *sock = &now->row->sock;
	const struct tl_event *from = last && last->ev > r->since ? last->ev : r->since;
	struct tl_buf buf = { 0 };
	const char *what;
	size_t n;
	const struct tl_shot **sent = tl_film_sent(r->film, &sock->local, &sock->remote, from,
						   now->ev, &n);

	for (size_t i = 0; i < n; i++) {
		r->fin |= sent[i]->kinds & 1u << TL_SEGMENT_FIN;
		if (sent[i]->kinds & TL_FLOW_ACKS_FIN && !r->fin_acked)
			r->fin_acked = sent[i]->ev;
	}
	what = now->ev->kind == TL_EVENT_SNAPSHOT ? life_gainsaid(r, last, now) : NULL;
	if (!what)
		return;
	r->life->legal = false;
	if (r->life->reason)
		return;
	say_who(&buf, r);
	tl_buf_fmt(&buf, " was seen in %s, and %s", tl_state_figure(sock->state), what);
	r->life->reason = say_take(&buf);
	r->failed |= !r->life->reason;
}

/* Did the scenario end it, between its last row and the table that lacks it? */
static bool destroyed(const struct tl_film *film, const struct tl_sighting *last,
		      const struct tl_event *until)
{
	size_t n;
	const struct tl_act *acts = tl_film_acts(film, -1, last->ev, until, &n);

	for (size_t i = 0; i < n; i++)
		if (acts[i].step && acts[i].done && acts[i].step->verb == TL_VERB_DESTROY &&
		    tl_pattern_fits(&acts[i].step->row, last->row))
			return true;
	return false;
}

/* Would the tables have it? A listener can be seen at a segment's end and on no watched port. */
static bool is_watched(const struct tl_plan *plan, const struct tl_sock *sock)
{
	return tl_plan_watches(plan, sock->local.port) || tl_plan_watches(plan, sock->remote.port);
}

static void end(struct reader *r, const struct tl_sighting *last)
{
	const struct tl_arc *path[TL_STATE_MAX];
	struct cause way[TL_STATE_MAX];
	const struct tl_event *until;
	struct tl_hop *hop;
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a socket has a sighting */
	int next = tl_film_next(r->film, last->ev), n;

	if (r->socket->anew_at) {
		end_told(r, last, r->socket->anew_at);
		return;
	}
	if (next == r->film->n_snaps || now_in(r) == TL_CLOSE ||
	    !is_watched(r->film->plan, &last->row->sock))
		return;
	until = r->film->snaps[next];
	if (destroyed(r->film, last, until)) {
		hop = add_hop(r, TL_CLOSE, TL_HOP_FORCED, until);
		if (hop && last->row->sock.state == TL_TIME_WAIT)
			hop->arc = tl_arc(TL_ARC_ID_X7);
		return;
	}
	if (last->row->sock.state == TL_LISTEN || is_told(r, last, &last->row->sock, until)) {
		end_told(r, last, until);
		return;
	}
	n = life_end(r->film, last, r->passive, until, path);
	for (int i = 0; i < n; i++)
		way[i] = (struct cause){ path[i], NULL };
	add_end(r, way, n, until);
}

/* @hop_at: for each sighting of the socket, the hop that it shows */
static bool judge_life(const struct tl_film *film, const struct tl_socket *socket,
		       struct tl_life *life, size_t *hop_at)
{
	const struct tl_sighting *first = &film->sightings[socket->from], *last = NULL;
	struct reader r = { .film = film, .socket = socket, .life = life };

	life->cookie = socket->cookie;
	life->owner = socket->owner;
	life->peer = socket->peer;
	life->local = first->row->sock.local;
	life->remote = first->row->sock.remote;
	life->legal = true;
	begin(&r, first);
	for (const struct tl_sighting *s = first; s < first + socket->n && !r.failed; s++) {
		bool twice = last && last->ev == s->ev;

		if (!twice) {
			see(&r, last, s);
			weigh(&r, last, s);
		}
		hop_at[s - first] = life->n_hops - 1;
		if (twice)
			continue;
		/* what a sender answers it may not have come to be yet */
		r.heard = s->ev->kind == TL_EVENT_SNAPSHOT || s->at || !last ? s->ev : last->ev;
		last = s;
	}
	if (!r.failed)
		end(&r, last);
	if (!r.failed) {
		life_correct(&r, first, hop_at);
		life_point_out(&r, first, hop_at);
	}
	return !r.failed;
}

bool judge_lives(const struct tl_film *film, struct tl_verdict *verdict)
{
	verdict->lives = calloc(film->n_sockets + 1, sizeof(*verdict->lives));
	verdict->hop_at = calloc(film->n_sightings + 1, sizeof(*verdict->hop_at));
	if (!verdict->lives || !verdict->hop_at)
		return false;
	verdict->n_lives = film->n_sockets;
	for (size_t i = 0; i < film->n_sockets; i++)
		if (!judge_life(film, &film->sockets[i], &verdict->lives[i],
				verdict->hop_at + film->sockets[i].from))
			return false;
	return true;
}
