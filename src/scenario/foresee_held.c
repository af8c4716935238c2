/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * What a held segment would have brought does not come before it is released. Where peers alone
 * have opened one connection, each of its segments is known beforehand: the handshake, what is
 * sent, the FINs. They are gone through on paper together with the holds, and an accept, an
 * answer to a connect, a receive or an await that needs a segment which stands still, or of which
 * each is lost, is a mistake.
 *
 * The walk ends, with nothing held against what follows, where a segment is not known for certain
 * any more: a second connection, another actor than a peer, a RST, a hold of the N-th, a segment
 * that is dropped once and repeated by its kernel.
 */
#include "reader.h"
#include "selector.h"

#include <stdlib.h>
#include <sys/socket.h>

/* The segments without which a connection does not open, in their order. */
enum opening {
	OPENS_SYN,
	OPENS_SYN_ACK,
	OPENS_ACK,
	OPENED,
};

static const enum tl_segment_kind opening_kinds[] = {
	[OPENS_SYN] = TL_SEGMENT_SYN,
	[OPENS_SYN_ACK] = TL_SEGMENT_SYN_ACK,
	[OPENS_ACK] = TL_SEGMENT_ACK_OF_SYN,
};

/* A "hold", or a "lose" of all. */
struct stop {
	const struct tl_step *step;
	bool gone; /* it has stopped the one that it was for, or was taken back */
};

/* One direction of the connection. */
struct way {
	uint64_t arrived;           /* bytes that the other end can read, or has read */
	uint64_t read;              /* of these, at least */
	bool shut;                  /* its FIN has been sent */
	const struct tl_step *data; /* the step that stops its data; NULL: none does */
	const struct tl_step *fin;  /* that stops its FIN, or what is before it */
};

struct walk {
	struct scn_reader *r;
	struct stop *stops;
	size_t n_stops;
	int client, server;         /* -1: nobody has connected yet */
	enum opening at;            /* the segment that the opening stands at */
	const struct tl_step *by;   /* what stops that one */
	struct way ways[2];         /* the client's, the server's */
	bool lost;                  /* what comes is not known any more */
};

/* The step that stops the next segment of @kind from @from, which uses it up; NULL: it goes on. */
static const struct tl_step *stopped_by(struct walk *w, enum tl_segment_kind kind, int from)
{
	int to = from == w->client ? w->server : w->client;

	for (size_t i = 0; i < w->n_stops; i++) {
		struct stop *stop = &w->stops[i];
		const struct tl_selector *what = &stop->step->select;

		if (stop->gone || what->from != from || (what->to >= 0 && what->to != to) ||
		    !tl_segment_kind_is(kind, what->kind))
			continue;
		stop->gone = !what->all;
		return stop->step;
	}
	return NULL;
}

/* As far as the opening gets. */
static void go_on_opening(struct walk *w)
{
	while (w->at < OPENED) {
		int from = w->at == OPENS_SYN_ACK ? w->server : w->client;

		w->by = stopped_by(w, opening_kinds[w->at], from);
		if (w->by)
			return;
		w->at++;
	}
	w->by = NULL;
}

static struct way *way_of(struct walk *w, int actor)
{
	return actor == w->client ? &w->ways[0] : actor == w->server ? &w->ways[1] : NULL;
}

static struct way *way_to(struct walk *w, int actor)
{
	return actor == w->client ? &w->ways[1] : actor == w->server ? &w->ways[0] : NULL;
}

static void mistake(struct walk *w, const struct tl_step *step, enum tl_segment_kind kind,
		    int from, const struct tl_step *stop, const char *so)
{
	const char *name = tl_plan_actor_name(w->r->plan, from);
	struct tl_selector all = stop->select;
	struct tl_buf what = { 0 };

	/* "release: FIN", "pass: FIN": what let it go covers what was stopped */
	all.nth = 1;
	all.all |= stop->verb == TL_VERB_LOSE;
	scn_spell_selector(w->r->plan, &all, &what);
	if (stop->verb == TL_VERB_LOSE)
		scn_mistake(w->r, scn_step_place(w->r, step),
			    "each %s of %s has been lost since line %d, so %s: \"pass: %s\" "
			    "must come first",
			    tl_segment_kind_name(kind), name, stop->where.line, so,
			    tl_buf_text(&what));
	else
		scn_mistake(w->r, scn_step_place(w->r, step),
			    "the %s of %s has been held since line %d, so %s: \"release: %s\" "
			    "must come first",
			    tl_segment_kind_name(kind), name, stop->where.line, so,
			    tl_buf_text(&what));
	w->r->oom |= what.failed;
	tl_buf_release(&what);
	w->lost = true; /* one sentence says it for all that follows */
}

/* Something that needs the connection to be open as far as @before. */
static bool foresee_opening(struct walk *w, const struct tl_step *step, enum opening before,
			    const char *so)
{
	if (!w->by || w->at >= before)
		return false;
	mistake(w, step, opening_kinds[w->at], w->at == OPENS_SYN_ACK ? w->server : w->client,
		w->by, so);
	return true;
}

static void walk_connect(struct walk *w, const struct tl_step *step)
{
	const struct tl_call *call = &step->call;

	if (w->client >= 0 || call->to < 0 || call->to == step->actor || call->expect ||
	    call->options.set & 1u << TL_OPTION_FAST_OPEN) {
		w->lost = true;
		return;
	}
	w->client = step->actor;
	w->server = call->to;
	go_on_opening(w);
	/* without its ACK it has connected all the same; held.c tells about a held SYN */
	if (w->by && w->at != OPENS_ACK && call->wait && !call->later) {
		if (w->by->verb == TL_VERB_LOSE)
			foresee_opening(w, step, OPENS_ACK, "connect() waits in vain");
		w->lost = true;
	}
}

/* Does it end only with success? What was begun is waited for by its answer. */
static bool waits(const struct tl_step *step)
{
	const struct tl_call *call = &step->call;

	return !call->expect && (step->verb == TL_VERB_ANSWERED || (call->wait && !call->later));
}

static void walk_send(struct walk *w, const struct tl_step *step)
{
	const struct tl_call *call = &step->call;
	struct way *way = way_of(w, step->actor);

	if (step->actor == w->client && waits(step) &&
	    foresee_opening(w, step, OPENS_ACK, "send() waits for the connection"))
		return;
	/* in SYN_RECV the data is as good as the ACK */
	if (!way || call->full || call->expect || (w->by && w->at != OPENS_ACK)) {
		w->lost = true;
		return;
	}
	if (!way->data)
		way->data = stopped_by(w, TL_SEGMENT_DATA, step->actor);
	if (way->data)
		return;
	way->arrived += call->bytes + call->text_len + (call->line ? 2 : 0);
	if (w->by) {
		w->by = NULL;
		w->at = OPENED;
	}
}

/* A close of what has not been read sends a RST. */
static void walk_end(struct walk *w, const struct tl_step *step)
{
	struct way *own = way_of(w, step->actor), *other = way_to(w, step->actor);
	bool shuts = step->verb == TL_VERB_SHUTDOWN;

	if (shuts && step->call.how == SHUT_RD)
		return;
	if (!own || step->call.expect || w->by || step->call.options.set ||
	    (!shuts && other->read < other->arrived)) {
		w->lost = true;
		return;
	}
	if (own->shut)
		return;
	own->shut = true;
	own->fin = own->data ? own->data : stopped_by(w, TL_SEGMENT_FIN, step->actor);
}

/* What is released arrives; what is dropped is sent again, some time. */
static void walk_let_go(struct walk *w, const struct tl_step *step)
{
	const struct tl_selector *what = &step->select;
	struct way *way = way_of(w, what->from);
	bool opening = w->by && way == &w->ways[w->at == OPENS_SYN_ACK] &&
		       tl_segment_kind_is(opening_kinds[w->at], what->kind);
	bool fin = way && way->fin && way->fin != way->data &&
		   tl_segment_kind_is(TL_SEGMENT_FIN, what->kind);

	for (size_t i = 0; i < w->n_stops && step->verb == TL_VERB_PASS; i++)
		w->stops[i].gone |= w->stops[i].step->select.from == what->from;
	if (opening && what->nth <= 1) {
		w->at++;
		go_on_opening(w);
	} else if (fin && what->nth <= 1) {
		way->fin = NULL;
	} else {
		w->lost = true;
	}
}

static void walk_receive(struct walk *w, const struct tl_step *step)
{
	const struct tl_call *call = &step->call;
	struct way *way = way_to(w, step->actor);
	bool itself = step->verb == TL_VERB_RECEIVE; /* how much an answer waits for is not asked */
	bool end = itself && call->receive == TL_RECEIVE_END;
	bool exact = itself && call->receive == TL_RECEIVE_EXACT;
	const struct tl_step *stop;
	uint64_t left;

	if (!way || !waits(step))
		return;
	left = way->arrived - way->read;
	stop = end && way->shut ? way->fin : way->data;
	if (!end && !way->data && way->shut)
		stop = way->fin;
	if (stop && (end || left < (exact ? call->bytes : 1))) {
		mistake(w, step, stop == way->data ? TL_SEGMENT_DATA : TL_SEGMENT_FIN,
			way == &w->ways[0] ? w->client : w->server, stop,
			end ? "no end of file comes" : "these bytes do not come");
		return;
	}
	if (exact || end)
		way->read += end ? left : call->bytes < left ? call->bytes : left;
}

static void walk_await(struct walk *w, const struct tl_step *step)
{
	enum tl_segment_kind kind = step->select.kind;
	struct way *back = way_to(w, step->select.from);

	if (kind == TL_SEGMENT_SYN_ACK)
		foresee_opening(w, step, OPENS_SYN_ACK, "no SYN+ACK is sent");
	else if (kind == TL_SEGMENT_ACK_OF_SYN || kind == TL_SEGMENT_DATA ||
		 tl_segment_kind_is(kind, TL_SEGMENT_FIN))
		foresee_opening(w, step, OPENS_ACK, "none is sent");
	else if (kind == TL_SEGMENT_ACK_OF_FIN && back && back->fin)
		mistake(w, step, back->fin == back->data ? TL_SEGMENT_DATA : TL_SEGMENT_FIN,
			back == &w->ways[0] ? w->client : w->server, back->fin,
			"no ACK of FIN is sent");
}

static void walk_accept(struct walk *w, const struct tl_step *step)
{
	if (step->actor == w->server && waits(step))
		foresee_opening(w, step, OPENED, "no connection comes");
}

static void walk_connected(struct walk *w, const struct tl_step *step)
{
	if (step->actor == w->client && !step->call.expect)
		foresee_opening(w, step, OPENS_ACK, "the connect gets no answer");
}

static void walk_answered(struct walk *w, const struct tl_step *step)
{
	if (step->call.of == TL_VERB_CONNECT)
		walk_connected(w, step);
	else if (step->call.of == TL_VERB_ACCEPT)
		walk_accept(w, step);
	else if (step->call.of == TL_VERB_RECEIVE)
		walk_receive(w, step);
}

static void walk_stop(struct walk *w, const struct tl_step *step)
{
	/* the N-th, and a FIN that acknowledges the other: which that will be depends */
	if (step->select.nth > 1 || step->select.kind == TL_SEGMENT_FIN_ACK ||
	    (step->verb == TL_VERB_LOSE && !step->select.all))
		w->lost = true;
	w->stops[w->n_stops++].step = step;
}

static void walk_start(struct walk *w, const struct tl_step *step)
{
	w->lost |= w->r->plan->actors[step->actor].kind != TL_ACTOR_KIND_PEER;
}

static void walk_listen(struct walk *w, const struct tl_step *step)
{
	w->lost |= (step->call.options.set & ~(1u << TL_OPTION_REUSE_PORT)) != 0;
}

static void walk_past(struct walk *w, const struct tl_step *step)
{
	(void)w;
	(void)step;
}

/* After any other step nothing is known for certain. */
static void (*const walks[TL_N_VERBS])(struct walk *, const struct tl_step *) = {
	[TL_VERB_HOLD] = walk_stop,	  [TL_VERB_LOSE] = walk_stop,
	[TL_VERB_AWAIT] = walk_await,	  [TL_VERB_RELEASE] = walk_let_go,
	[TL_VERB_PASS] = walk_let_go,	  [TL_VERB_START] = walk_start,
	[TL_VERB_LAUNCH] = walk_start,	  [TL_VERB_READY] = walk_past,
	[TL_VERB_SYSCTL] = walk_past,	  [TL_VERB_PAUSE] = walk_past,
	[TL_VERB_LISTEN] = walk_listen,	  [TL_VERB_CONNECT] = walk_connect,
	[TL_VERB_CONNECTED] = walk_connected, [TL_VERB_ANSWERED] = walk_answered,
	[TL_VERB_ACCEPT] = walk_accept,	  [TL_VERB_SEND] = walk_send,
	[TL_VERB_RECEIVE] = walk_receive, [TL_VERB_SHUTDOWN] = walk_end,
	[TL_VERB_CLOSE] = walk_end,	  [TL_VERB_STOP] = walk_end,
	[TL_VERB_TERMINATE] = walk_end,	  [TL_VERB_KILL] = walk_end,
};

void scn_check_stopped(struct scn_reader *r)
{
	struct walk w = { .r = r, .client = -1, .server = -1 };
	struct tl_step_at at = { 0 };
	const struct tl_step *step;

	w.stops = scn_calloc(r, tl_plan_count_steps(r->plan), sizeof(*w.stops));
	while (w.stops && !w.lost && (step = tl_plan_next_step(r->plan, &at)))
		if (step->text && walks[step->verb])
			walks[step->verb](&w, step);
		else
			w.lost = true;
	free(w.stops);
}
