/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A hold is for the next segment of its kind and is used up by it; with "all" it stays until
 * "pass". "lose" is a hold whose segment is dropped at once.
 *
 * What the kernel sends again because of a hold is absorbed (holds.h says which). There are
 * four such moments:
 *
 *   SYN | held        The kernel repeats what it believes lost; a segment that has not left the
 *                     host is repeated by request sockets only.
 *   FIN, ACK | held   The FIN has arrived, its ACK stands still: the sender's timer runs out.
 *   FIN | held, FIN   It wants to repeat the held one, sees that it has not left the host, and
 *                     tries again twice a second (TCP_RESOURCE_PROBE_INTERVAL). A try that
 *                     falls between the release and its answer, up to a delayed ACK later,
 *                     succeeds.
 *   FIN, ACK, FIN     All three are in the queue already when the first of them is read, for
 *                     the lab was slow: without it the ACK would have arrived in time.
 */
#include "holds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/flow.h"
#include "tcplab/grow.h"

static bool is_of(int actor, int named, uint64_t others)
{
	return actor == named || (actor >= 0 && actor < 64 && others >> actor & 1);
}

static bool fits(const struct tl_selector *select, const struct stopped *seg)
{
	return seg->kinds & (1u << select->kind) && is_of(select->from, seg->from, seg->froms) &&
	       (select->to < 0 || is_of(select->to, seg->to, seg->tos));
}

/* What went on from one end to the other, and what stands still on its way there. */
struct way {
	struct gone *v; /* the last ones, a ring of @room */
	size_t n, room; /* a power of two, or 0 */
	bool owes_data_ack;  /* of a DATA_FIN that ends at data_end and went on at data_since */
	uint32_t data_end;
	uint64_t data_since;
	struct tl_shelf held; /* the heads alone of those that holds.held has */
};

void holds_release(struct holds *h)
{
	for (size_t i = 0; i < h->pairs.n; i++) {
		free(h->ways[i].v);
		tl_shelf_release(&h->ways[i].held);
	}
	free(h->ways);
	tl_pairs_release(&h->pairs);
	free(h->v);
	tl_shelf_release(&h->held);
	*h = (struct holds){ 0 };
}

static struct way *find_way(const struct holds *h, const struct tl_endpoint *from,
			    const struct tl_endpoint *to)
{
	size_t at = tl_pairs_find(&h->pairs, from, to);

	return at == TL_PAIRS_NONE ? NULL : &h->ways[at];
}

static struct way *find_or_add_way(struct holds *h, const struct tl_segment *seg)
{
	struct way *way = find_way(h, &seg->from, &seg->to);
	size_t n = h->pairs.n;

	if (way)
		return way;
	if (!TL_GROW(h->ways, n) ||
	    tl_pairs_add(&h->pairs, &seg->from, &seg->to) == TL_PAIRS_NONE)
		return NULL;
	h->ways[n] = (struct way){ 0 };
	return &h->ways[n];
}

/* The first that stands still on this way, and was stopped after the one of this id. */
static const struct stopped *next_held(const struct holds *h, const struct way *way, int id)
{
	const struct tl_shelf_head *head = way ? tl_shelf_after(&way->held, id) : NULL;
	const struct held *held = head ? tl_shelf_find(&h->held, head->number) : NULL;

	return held ? &held->stopped : NULL;
}

static size_t count_gone(const struct way *way)
{
	return way->n < way->room ? way->n : way->room;
}

static struct gone *nth_gone(const struct way *way, size_t n)
{
	return &way->v[(way->n - 1 - n) & (way->room - 1)];
}

/* Room for one more: the ring doubles as long as it is not GONE_MAX. */
static bool make_room(struct way *way)
{
	size_t room = way->room ? 2 * way->room : 4;
	struct gone *v;

	if (way->n < way->room || way->room == GONE_MAX)
		return true;
	v = calloc(room, sizeof(*v));
	if (!v)
		return false;
	for (size_t i = 0; i < way->n; i++)
		v[i] = way->v[i];
	free(way->v);
	way->v = v;
	way->room = room;
	return true;
}

int holds_add(struct holds *h, const struct tl_selector *select, bool lose, struct tl_err *err)
{
	if (!TL_GROW(h->v, h->n))
		return tl_err_set(err, ENOMEM, "no memory for a hold");
	h->v[h->n++] = (struct hold){ *select, select->nth, lose };
	return 0;
}

/* Does it take up numbers, so that its sender's kernel repeats it until it is acknowledged? */
static bool is_repeated(const struct tl_segment *seg)
{
	return !(seg->flags & TL_FLAG_RST) &&
	       (seg->len || seg->flags & (TL_FLAG_SYN | TL_FLAG_FIN));
}

/* Numbers go round: 1 is after 0xffffffff. */
static bool acknowledges(const struct tl_segment *seg, const struct tl_segment *what)
{
	return seg->flags & TL_FLAG_ACK && tl_endpoint_equal(&seg->from, &what->to) &&
	       tl_endpoint_equal(&seg->to, &what->from) &&
	       (int32_t)(seg->ack - tl_segment_end(what)) >= 0;
}

/* The answer to it, or to what came before it: an ACK, or that there is nobody. */
static bool answers(const struct tl_segment *seg, const struct tl_segment *what)
{
	return acknowledges(seg, what) ||
	       (seg->flags & TL_FLAG_RST && tl_endpoint_equal(&seg->from, &what->to) &&
		tl_endpoint_equal(&seg->to, &what->from));
}

static bool is_data(const struct tl_segment *seg)
{
	return seg->len && !(seg->flags & (TL_FLAG_SYN | TL_FLAG_FIN | TL_FLAG_RST));
}

/*
 * The last of those that a kernel has made one of when it repeats them: one begins where it
 * begins, one ends where it ends.
 */
static const struct gone *find_joined(const struct way *way, const struct tl_segment *seg)
{
	const struct gone *last = NULL;
	bool begins = false;

	for (size_t i = 0; i < count_gone(way); i++) {
		const struct gone *gone = nth_gone(way, i);

		if (!is_data(&gone->seg))
			continue;
		begins |= gone->seg.seq == seg->seq;
		if (!last && tl_segment_end(&gone->seg) == tl_segment_end(seg))
			last = gone;
	}
	return begins ? last : NULL;
}

static const struct gone *find_gone(const struct holds *h, const struct tl_segment *seg)
{
	const struct way *way = find_way(h, &seg->from, &seg->to);

	for (size_t i = 0; way && i < count_gone(way); i++)
		if (tl_segment_is_copy(&nth_gone(way, i)->seg, seg))
			return nth_gone(way, i);
	return way && is_data(seg) ? find_joined(way, seg) : NULL;
}

/* A RST says not what it answers: only one that came after it can. */
static bool answer_is_held(const struct holds *h, const struct gone *gone)
{
	const struct way *back = find_way(h, &gone->seg.to, &gone->seg.from);

	for (const struct stopped *held = next_held(h, back, 0); held;
	     held = next_held(h, back, held->id))
		if (answers(&held->seg, &gone->seg) &&
		    (!(held->seg.flags & TL_FLAG_RST) || held->since > gone->since))
			return true;
	return false;
}

/* Something that its sender has sent after it stands still: a copy would overtake that. */
static bool would_overtake(const struct holds *h, const struct gone *gone)
{
	const struct way *way = find_way(h, &gone->seg.from, &gone->seg.to);

	for (const struct stopped *held = next_held(h, way, 0); held;
	     held = next_held(h, way, held->id))
		if (held->since > gone->since)
			return true;
	return false;
}

/*
 * Its answer had not gone on when the copy was sent. What has been acknowledged no kernel sends
 * again, whenever we read it; but a SYN may have had another's answer, a SYN+ACK one that a
 * listener took no notice of, and a RST may not have been believed.
 */
static bool is_done(const struct gone *gone, uint64_t came)
{
	return gone->acked > came || (gone->acked && !gone->by_reset &&
				      !(gone->seg.flags & TL_FLAG_SYN));
}

/* The id of the one that this is a copy of, where a hold is the reason; else 0. */
static int find_copied(const struct holds *h, const struct tl_segment *seg, uint64_t came,
		       bool stood_still, bool orphan)
{
	const struct gone *gone;
	const struct way *way = find_way(h, &seg->from, &seg->to);

	if (!is_repeated(seg))
		return 0;
	for (const struct stopped *held = next_held(h, way, 0); held;
	     held = next_held(h, way, held->id))
		if (tl_segment_is_copy(&held->seg, seg))
			return held->id;
	gone = find_gone(h, seg);
	if (gone && (stood_still || (orphan && gone->by_reset) ||
		     (gone->was_held && gone->owed) || is_done(gone, came) ||
		     answer_is_held(h, gone) || would_overtake(h, gone)))
		return gone->id;
	return 0;
}

bool holds_absorb(const struct holds *h, const struct tl_segment *seg, uint64_t came,
		  bool stood_still)
{
	return find_copied(h, seg, came, stood_still, false);
}

struct holds_fate holds_decide(struct holds *h, const struct stopped *seg, bool stood_still)
{
	struct holds_fate fate = { .copy_of = find_copied(h, &seg->seg, seg->since,
							   stood_still, seg->orphan) };

	if (fate.copy_of) {
		fate.fate = TL_FATE_ABSORBED;
		return fate;
	}
	fate.fate = TL_FATE_PASSED;
	for (size_t i = 0; i < h->n; i++) {
		struct hold *hold = &h->v[i];

		if (!fits(&hold->select, seg) || --hold->to_come > 0)
			continue;
		fate.fate = TL_FATE_HELD;
		fate.lost = hold->lose;
		if (hold->select.all)
			hold->to_come = 1;
		else
			memmove(hold, hold + 1, (--h->n - i) * sizeof(*hold));
		break;
	}
	return fate;
}

int holds_keep(struct holds *h, const struct stopped *seg, struct tl_err *err)
{
	struct way *way = find_or_add_way(h, &seg->seg);
	struct held *held = NULL;

	if (way && tl_shelf_add(&way->held, sizeof(struct tl_shelf_head), seg->id))
		held = tl_shelf_add(&h->held, sizeof(*held), seg->id);
	if (!held)
		return tl_err_set(err, ENOMEM, "no memory for a held segment");
	held->stopped = *seg;
	return 0;
}

const struct stopped *holds_find(const struct holds *h, const struct tl_selector *select)
{
	int to_find = select->nth;

	for (const struct held *held = tl_shelf_after(&h->held, 0); held;
	     held = tl_shelf_next(&h->held, held))
		if (fits(select, &held->stopped) && --to_find <= 0)
			return &held->stopped;
	return NULL;
}

const struct stopped *holds_find_after(const struct holds *h, const struct tl_selector *select,
				       int id)
{
	for (const struct held *held = tl_shelf_after(&h->held, id); held;
	     held = tl_shelf_next(&h->held, held))
		if (fits(select, &held->stopped))
			return &held->stopped;
	return NULL;
}

bool holds_take(struct holds *h, int id, struct stopped *out)
{
	struct held *held = tl_shelf_find(&h->held, id);
	struct way *way;

	if (!held)
		return false;
	*out = held->stopped;
	tl_shelf_take(&h->held, held);
	way = find_way(h, &out->seg.from, &out->seg.to);
	tl_shelf_take(&way->held, tl_shelf_find(&way->held, id));
	return true;
}

static void note_acked(struct holds *h, const struct tl_segment *ack, uint64_t now)
{
	const struct way *way = find_way(h, &ack->to, &ack->from);

	for (size_t i = 0; way && i < count_gone(way); i++) {
		struct gone *gone = nth_gone(way, i);

		if ((gone->acked && !gone->by_reset) || !answers(ack, &gone->seg))
			continue;
		gone->acked = now;
		gone->by_reset = ack->flags & TL_FLAG_RST;
	}
}

static void owe_data_ack(struct holds *h, struct way *way, const struct tl_segment *data_fin,
			 uint64_t now)
{
	h->n_owed += !way->owes_data_ack;
	way->owes_data_ack = true;
	way->data_end = data_fin->data_end;
	way->data_since = now;
}

static void settle_data_ack(struct holds *h, struct way *way)
{
	way->owes_data_ack = false;
	h->n_owed--;
}

int holds_went_on(struct holds *h, const struct stopped *seg, bool was_held, bool owed,
		  uint64_t now, struct tl_err *err)
{
	struct gone *gone;
	struct way *way;

	note_acked(h, &seg->seg, now);
	if (!is_repeated(&seg->seg) && !seg->seg.data_fin)
		return 0;
	way = find_or_add_way(h, &seg->seg);
	if (!way || !make_room(way))
		return tl_err_set(err, ENOMEM, "no memory for a released segment");
	if (seg->seg.data_fin && owed)
		owe_data_ack(h, way, &seg->seg, now);
	if (!is_repeated(&seg->seg))
		return 0;
	way->n++;
	gone = nth_gone(way, 0);
	h->n_owed -= gone->owed;
	*gone = (struct gone){ seg->seg, seg->id, was_held, owed, false, now, 0 };
	h->n_owed += owed;
	return 0;
}

static void settle(struct holds *h, struct gone *gone)
{
	gone->owed = false;
	h->n_owed--;
}

void holds_answered(struct holds *h, const struct tl_segment *seg)
{
	/* Who has sent a RST is there no more, and asks for no answer either. */
	struct way *back = find_way(h, &seg->to, &seg->from);
	struct way *own = seg->flags & TL_FLAG_RST ? find_way(h, &seg->from, &seg->to) : NULL;

	if (back && back->owes_data_ack &&
	    (seg->flags & TL_FLAG_RST ||
	     (seg->has_data_ack && (int32_t)(seg->data_ack - back->data_end) >= 0)))
		settle_data_ack(h, back);
	if (own && own->owes_data_ack)
		settle_data_ack(h, own);
	for (size_t i = 0; h->n_owed && back && i < count_gone(back); i++)
		if (nth_gone(back, i)->owed && answers(seg, &nth_gone(back, i)->seg))
			settle(h, nth_gone(back, i));
	for (size_t i = 0; h->n_owed && own && i < count_gone(own); i++)
		if (nth_gone(own, i)->owed)
			settle(h, nth_gone(own, i));
}

static bool way_is_owed(struct holds *h, struct way *way, uint64_t after)
{
	bool owed = false;

	if (way && way->owes_data_ack && way->data_since <= after)
		settle_data_ack(h, way);
	if (way && way->owes_data_ack)
		return true;
	for (size_t i = 0; h->n_owed && way && i < count_gone(way); i++) {
		struct gone *gone = nth_gone(way, i);

		if (gone->owed && gone->since <= after)
			settle(h, gone);
		owed |= gone->owed;
	}
	return owed;
}

bool holds_owed(struct holds *h, const struct tl_told *of, uint64_t after)
{
	bool owed = false;

	if (of) {
		struct tl_endpoint local = tl_endpoint_plain(&of->local);
		struct tl_endpoint remote = tl_endpoint_plain(&of->remote);

		owed = way_is_owed(h, find_way(h, &local, &remote), after);
		return way_is_owed(h, find_way(h, &remote, &local), after) || owed;
	}
	for (size_t i = 0; h->n_owed && i < h->pairs.n; i++)
		owed |= way_is_owed(h, &h->ways[i], after);
	return owed;
}

void holds_pass(struct holds *h, const struct tl_selector *select)
{
	size_t kept = 0;

	for (size_t i = 0; i < h->n; i++) {
		const struct tl_selector *hold = &h->v[i].select;

		if (!tl_segment_kind_is(hold->kind, select->kind) || select->from != hold->from ||
		    (select->to >= 0 && select->to != hold->to))
			h->v[kept++] = h->v[i];
	}
	h->n = kept;
}

void holds_came(struct holds *h, const struct stopped *seg, enum tl_fate fate, const char *from)
{
	snprintf(h->came[h->n_came++ % CAME_MAX], sizeof(h->came[0]), "%s from %.30s%s",
		 tl_flows_name(seg->kinds), from,
		 fate == TL_FATE_ABSORBED ? " (absorbed)" : "");
}

void holds_new_phase(struct holds *h)
{
	h->n_came = 0;
}

void holds_say_came(const struct holds *h, struct tl_buf *out)
{
	unsigned n = h->n_came < CAME_MAX ? h->n_came : CAME_MAX;

	if (!n)
		tl_buf_str(out, "none came in this phase");
	else if (n < h->n_came)
		tl_buf_fmt(out, "the last %u of the %u that came:", n, h->n_came);
	else
		tl_buf_str(out, "what came:");
	for (unsigned i = h->n_came - n; i < h->n_came; i++)
		tl_buf_fmt(out, "%s %s", i > h->n_came - n ? "," : "", h->came[i % CAME_MAX]);
}
