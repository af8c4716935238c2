/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A row that is gone left no word of how. What else the table shows narrows it down:
 *
 * - The wire. A RST that it was last seen waiting for was its end; so was one that went
 *   out from an open connection, or in answer to bytes that nobody was left to read. Where
 *   nothing came any more it was no segment.
 * - The program. A peer makes the calls it is told: one that was told nothing closed nothing.
 * - What it had sent. Where its timer had fired and nothing came, the kernel has given up. Of
 *   keepalive it says so with a RST, which is not what ended it.
 * - The other end. If it is in FIN_WAIT or TIME_WAIT it closed first, so this one closed
 *   second, in good order. If it is in CLOSE_WAIT or LAST_ACK this one closed first and
 *   should be waiting; Linux drops it only from FIN_WAIT2, by its timeout.
 * - The clock. Linux keeps TIME_WAIT for a constant 60 seconds, so a way through it that
 *   no snapshot shows takes at least as long. Where both ends vanish sooner and neither
 *   was in TIME_WAIT, they were not closed but reset.
 * - The listeners. A SYN_SENT row towards a watched port without one was refused.
 * - The row's own timer. A TIME_WAIT row gone before its time was taken over by a new
 *   connection of the same two ends, or removed.
 *
 * These are rows of a table, tried from the top; where none speaks, the cheapest way of
 * the diagram is taken, and the cheapest from ESTABLISHED is CLOSE_WAIT, LAST_ACK.
 */
#include "questions.h"

#include <string.h>

#define SECOND_NS   UINT64_C(1000000000)
#define TIMEWAIT_NS (60 * SECOND_NS)
/* A timer is read in whole jiffies and counted in milliseconds. */
#define SLACK_NS    (SECOND_NS / 10)

#define B(state)    (1u << TL_##state)
/* What the other end's row can be besides a state. */
#define GONE	    (1u << 0)            /* seen before, never in TIME_WAIT, and now gone too */
#define REFUSED	    (1u << TL_STATE_MAX) /* no row, and nobody listened where this knocked */
#define RESET	    (2u << TL_STATE_MAX) /* whatever it is, a RST was seen between the two */
#define ANY	    UINT32_MAX

#define SILENT	    (4u << TL_STATE_MAX) /* whatever it is, nothing of it reached this end */
#define IDLE	    (8u << TL_STATE_MAX) /* the same, and nobody here did anything either */
#define UNANSWERED  (16u << TL_STATE_MAX) /* the same, and it had asked more than once */
#define OPENING	    (B(SYN_SENT) | B(SYN_RECV))
#define OPEN	    (B(ESTABLISHED) | B(CLOSE_WAIT))
#define WAITING	    (B(FIN_WAIT1) | B(FIN_WAIT2))

/* Through state @via (0: from where it is) and then out by an arc of kind @out. */
struct ending {
	uint32_t from;
	uint32_t other;
	bool soon; /* only within TIMEWAIT_NS of the last sighting */
	enum tl_state via;
	enum tl_arc_kind out;
};

static const struct ending endings[] = {
	{ OPEN, UNANSWERED, false, 0, TL_ARC_TIMEOUT },
	{ ANY, RESET, false, 0, TL_ARC_RESET },
	{ B(SYN_SENT) | B(SYN_RECV) | OPEN, IDLE, false, 0, TL_ARC_TIMEOUT },
	{ WAITING | B(CLOSING) | B(LAST_ACK), SILENT, false, 0, TL_ARC_TIMEOUT },
	{ B(SYN_SENT), REFUSED, false, 0, TL_ARC_RESET },
	{ OPENING | OPEN | B(LAST_ACK), WAITING | B(CLOSING) | B(TIME_WAIT), false, TL_LAST_ACK,
	  TL_ARC_DRAWN },
	{ OPENING | B(ESTABLISHED) | WAITING, B(CLOSE_WAIT) | B(LAST_ACK), true, TL_FIN_WAIT2,
	  TL_ARC_TIMEOUT },
	{ B(SYN_RECV) | OPEN, OPENING | B(ESTABLISHED), false, 0, TL_ARC_TIMEOUT },
	{ B(SYN_RECV) | OPEN | WAITING, GONE, true, 0, TL_ARC_RESET },
	{ WAITING | B(CLOSING), ANY, true, 0, TL_ARC_TIMEOUT },
};

/* The snapshot that lacks it. */
static const struct tl_event *after(const struct tl_film *film, const struct tl_sighting *last)
{
	return film->snaps[tl_film_next(film, last->ev)];
}

static int owner_of(const struct tl_film *film, const struct tl_sighting *seen)
{
	return film->sockets[seen->socket].owner;
}

static uint64_t unseen_ns(const struct tl_film *film, const struct tl_sighting *last)
{
	uint64_t from = last->ev->t_ns, to = after(film, last)->t_ns;

	return to > from ? to - from : 0;
}

/*
 * The other end of the connection in the snapshot that lacks this one: a bit, or none. What
 * was seen before this one does not count: it may be of a connection before.
 */
static uint32_t other_end(const struct tl_film *film, const struct tl_sighting *first,
			  const struct tl_sighting *last)
{
	const struct tl_sock *sock = &last->row->sock;
	const struct tl_event *gone = after(film, last);
	const struct tl_sighting **pair;
	uint32_t before = 0;
	size_t n;

	pair = tl_film_pair(film, &sock->remote, &sock->local, first->ev, gone, &n);
	for (size_t i = 0; i < n; i++) {
		if (pair[i]->row->sock.cookie == sock->cookie)
			continue;
		if (pair[i]->ev == gone)
			return 1u << pair[i]->row->sock.state;
		before |= 1u << pair[i]->row->sock.state;
	}
	return before && !(before & B(TIME_WAIT)) ? GONE : 0;
}

/* A RST came when it was there, and it was never seen again. */
static bool got_reset(const struct tl_film *film, const struct tl_sighting *last)
{
	return tl_film_came(film, &last->row->sock, TL_FLAG_RST, last->ev, after(film, last));
}

/* The calls that end a socket. */
#define ENDING_CALLS                                                                         \
	(UINT64_C(1) << TL_VERB_CLOSE | UINT64_C(1) << TL_VERB_ABORT |                       \
	 UINT64_C(1) << TL_VERB_SHUTDOWN)

/*
 * A RST went out since. From a state that is not open the socket may have ended in its own
 * way, and the RST was for what came too late; but not where its program has aborted, nor
 * where bytes came that a program which has closed cannot read.
 */
static bool sent_reset(const struct tl_film *film, const struct tl_sighting *last)
{
	const struct tl_sock *sock = &last->row->sock;
	const struct tl_event *gone = after(film, last);
	const struct tl_shot **sent;
	size_t n;

	if (!(OPEN & 1u << sock->state) &&
	    !(WAITING & 1u << sock->state && tl_film_came(film, sock, TL_FILM_DATA, last->ev, gone)) &&
	    !(tl_film_is_peer(film, owner_of(film, last)) &&
	      tl_film_acted(film, owner_of(film, last), UINT64_C(1) << TL_VERB_ABORT, last->ev, gone)))
		return false;
	sent = tl_film_sent(film, &sock->local, &sock->remote, last->ev, gone, &n);
	for (size_t i = 0; i < n; i++)
		if (sent[i]->kinds & 1u << TL_SEGMENT_RST)
			return true;
	return false;
}

/* Its timer had fired, and it was not the program that ended it then. */
static bool asked_again(const struct tl_film *film, const struct tl_sighting *last)
{
	const struct tl_sock *sock = &last->row->sock;
	const struct tl_event *gone = after(film, last);

	if (!tl_timer_waits(sock->timer) || !sock->retrans)
		return false;
	return tl_film_is_peer(film, owner_of(film, last)) ?
		       !tl_film_acted(film, owner_of(film, last), ENDING_CALLS, last->ev, gone) :
		       !tl_film_exited(film, owner_of(film, last), last->ev, gone);
}

static bool watched(const struct tl_plan *plan, uint16_t port)
{
	for (size_t i = 0; i < plan->n_watch; i++)
		if (plan->watch[i] == port)
			return true;
	return plan->n_watch == 0;
}

static bool refused(const struct tl_film *film, const struct tl_sighting *last)
{
	const struct tl_endpoint *to = &last->row->sock.remote;
	int next = tl_film_next(film, last->ev);

	return watched(film->plan, to->port) && !tl_film_listened(film, next - 1, next, to);
}

static const struct tl_arc *way_out(enum tl_state from, enum tl_arc_kind kind)
{
	size_t n;
	const struct tl_arc *arcs = tl_arcs(&n);

	for (size_t i = 0; i < n; i++)
		if (arcs[i].from == from && arcs[i].to == TL_CLOSE && arcs[i].kind == kind)
			return &arcs[i];
	return NULL;
}

static int take(const struct ending *e, enum tl_state from, const struct tl_arc **path)
{
	int n = e->via ? tl_arc_path(from, e->via, true, path) : 0;
	const struct tl_arc *out = way_out(e->via ? e->via : from, e->out);

	if (n < 0 || !out)
		return -1;
	path[n] = out;
	return n + 1;
}

/* Was there, by the snapshot that lacks this row, another socket with the same two ends? */
static bool succeeded(const struct tl_film *film, const struct tl_sighting *last)
{
	const struct tl_sock *sock = &last->row->sock;
	const struct tl_event *gone = after(film, last);
	const struct tl_sighting **pair;
	size_t n;

	pair = tl_film_pair(film, &sock->local, &sock->remote, last->ev + 1, gone, &n);
	for (size_t i = 0; i < n; i++)
		if (pair[i]->row->sock.cookie != sock->cookie)
			return true;
	return false;
}

static const struct tl_arc *timewait_end(const struct tl_film *film, const struct tl_sighting *last)
{
	const struct tl_sock *sock = &last->row->sock;
	uint64_t left = (uint64_t)sock->timer_ms * 1000000;
	bool timed = sock->timer == TL_TIMER_TIMEWAIT;

	if (timed && unseen_ns(film, last) + SLACK_NS >= left)
		return tl_arc(TL_ARC_ID_20);
	if (got_reset(film, last))
		return tl_arc(TL_ARC_ID_R_TIME_WAIT);
	if (!timed)
		return tl_arc(TL_ARC_ID_20);
	return tl_arc(succeeded(film, last) ? TL_ARC_ID_X1 : TL_ARC_ID_X7);
}

/* What else is known of the other end: bits beyond the states. */
static uint32_t signs(const struct tl_film *film, const struct tl_sighting *last, uint32_t other)
{
	const struct tl_sock *sock = &last->row->sock;
	const struct tl_event *gone = after(film, last);
	uint32_t known = 0;

	if (got_reset(film, last) || sent_reset(film, last))
		known |= RESET;
	else if (sock->state == TL_SYN_SENT && !other && refused(film, last))
		known |= REFUSED;
	if (tl_film_heard(film, sock, last->ev, gone))
		return known;
	known |= SILENT;
	if (asked_again(film, last))
		known |= UNANSWERED;
	if (!tl_film_acted(film, owner_of(film, last), ENDING_CALLS, last->ev, gone))
		known |= IDLE;
	return known;
}

/* Closed in good order, but the kernel keeps nobody in TIME_WAIT. */
static int leave_out_timewait(const struct tl_film *film, const struct tl_sighting *last,
			      const struct tl_arc **path)
{
	enum tl_state from = last->row->sock.state;
	const char *most = tl_film_sysctl(film, "net.ipv4.tcp_max_tw_buckets", after(film, last));
	int n = tl_arc_path(from, TL_FIN_WAIT2, true, path);

	if (!most || strcmp(most, "0") || !(WAITING & 1u << from) || n < 0 ||
	    !tl_film_came(film, &last->row->sock, TL_FLAG_FIN, last->ev, after(film, last)))
		return -1;
	path[n] = tl_arc(TL_ARC_ID_X9);
	return n + 1;
}

int life_end(const struct tl_film *film, const struct tl_sighting *first,
	     const struct tl_sighting *last, bool passive, const struct tl_arc **path)
{
	enum tl_state from = last->row->sock.state;
	bool soon = unseen_ns(film, last) < TIMEWAIT_NS;
	uint32_t other = other_end(film, first, last);
	int n = -1;

	if (from == TL_TIME_WAIT) {
		path[0] = timewait_end(film, last);
		return 1;
	}
	n = leave_out_timewait(film, last, path);
	if (n > 0)
		return n;
	other |= signs(film, last, other);
	if (from == TL_SYN_RECV && passive && other & RESET) {
		path[0] = tl_arc(TL_ARC_ID_11);
		return 1;
	}
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]) && n < 0; i++) {
		const struct ending *e = &endings[i];

		if (e->from & 1u << from && (e->other == ANY || e->other & other) &&
		    (soon || !e->soon))
			n = take(e, from, path);
	}
	if (n < 0)
		n = tl_arc_path(from, TL_CLOSE, true, path);
	return n < 0 ? tl_arc_path(from, TL_CLOSE, false, path) : n;
}
