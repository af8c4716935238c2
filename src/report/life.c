/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * On the way to an expectation tcplab looks often, and whether such a look falls into a
 * state of a few microseconds is a matter of chance. The judge takes what it gets. A
 * reader, who is to get the same text from the same scenario, is told what can be pointed
 * at: a state that a table or a segment of the report shows stands plain, all others in
 * parentheses.
 */
#include "words.h"

static bool same_name(const struct tl_life *a, const struct tl_life *b)
{
	return b->remote.port && a->owner == b->owner && a->peer == b->peer;
}

/* ", later worker's", where a descriptor was passed on */
static void name_heirs(struct tl_buf *out, const struct tl_report *report,
		       const struct tl_life *life)
{
	const struct tl_event *end = report->trace->events + report->trace->n;
	uint64_t heirs = tl_film_holders(report->film, end, life->cookie);

	if (life->owner < 0 || life->owner > 63 || !(heirs &= ~(UINT64_C(1) << life->owner)))
		return;
	tl_buf_str(out, ", later ");
	tl_report_actors(out, report->plan, heirs);
	tl_buf_str(out, "'s");
}

/* Of the two ports the service's is the lower and tells nothing apart. */
static const struct tl_endpoint *telling_end(const struct tl_life *life)
{
	return life->local.port > life->remote.port ? &life->local : &life->remote;
}

static const struct tl_endpoint *other_end(const struct tl_life *life)
{
	return telling_end(life) == &life->local ? &life->remote : &life->local;
}

/*
 * That port; with its address where another of that name has the same port at another one, and
 * with the other end where it is the same there, but not here.
 */
static void say_what_tells_apart(struct tl_buf *out, const struct tl_verdict *verdict,
				 const struct tl_life *it)
{
	const struct tl_endpoint *end = telling_end(it);
	bool address = false, both = false;
	char text[TL_ENDPOINT_TEXT];

	for (size_t i = 0; i < verdict->n_lives; i++) {
		const struct tl_life *life = &verdict->lives[i];
		bool same = same_name(life, it) && telling_end(life)->port == end->port;
		bool equal = same && tl_endpoint_equal(telling_end(life), end);

		address |= same && !equal;
		both |= equal && !tl_endpoint_equal(other_end(life), other_end(it));
	}
	if (address || both)
		tl_buf_str(out, tl_endpoint_text(end, text));
	else
		tl_buf_fmt(out, "%u", end->port);
	if (both)
		tl_buf_fmt(out, ", %s", tl_endpoint_text(other_end(it), text));
}

void tl_report_life_owner(struct tl_buf *out, const struct tl_report *report, size_t life)
{
	const struct tl_verdict *verdict = report->verdict;
	const struct tl_life *it = &verdict->lives[life];
	bool one_of_many = false;

	/* of a crowd of one name the next is found at once */
	for (size_t k = 1; k < verdict->n_lives && !one_of_many; k++)
		one_of_many = same_name(&verdict->lives[(life + k) % verdict->n_lives], it);
	tl_report_owner(out, report->plan, it->owner, it->peer, &it->remote);
	if (one_of_many) {
		tl_buf_str(out, " (");
		say_what_tells_apart(out, verdict, it);
		tl_buf_str(out, ")");
	}
	name_heirs(out, report, it);
}

size_t tl_report_pick_lives(const struct tl_report *report, size_t picks[TL_REPORT_LIVES])
{
	const struct tl_verdict *verdict = report->verdict;
	size_t illegal = 0, legal, n = 0;

	for (size_t i = 0; i < verdict->n_lives && illegal < TL_REPORT_LIVES; i++)
		illegal += !verdict->lives[i].legal;
	legal = TL_REPORT_LIVES - illegal;
	for (size_t i = 0; i < verdict->n_lives && n < TL_REPORT_LIVES; i++) {
		if (verdict->lives[i].legal && !legal)
			continue;
		legal -= verdict->lives[i].legal;
		picks[n++] = i;
	}
	return n;
}

void tl_report_more(struct tl_buf *out, size_t n, size_t most, const char *what)
{
	if (n > most)
		tl_buf_fmt(out, "and %zu more %s%s, in the JSON report", n - most, what,
			   n - most == 1 ? "" : "s");
}

bool tl_report_is_aside(const struct tl_life *life, size_t hop)
{
	bool ends = hop + 1 == life->n_hops && (life->hops[hop].state == TL_CLOSE ||
						life->hops[hop].state == TL_LISTEN);

	if (!hop || hop >= life->n_hops || ends)
		return false;
	return life->hops[hop].kind == TL_HOP_INFERRED || !life->hops[hop].first;
}

bool tl_report_shows_hop(const struct tl_life *life, size_t hop)
{
	return hop < life->n_hops && !tl_report_is_aside(life, hop);
}

void tl_report_hop(struct tl_buf *out, const struct tl_life *life, size_t hop)
{
	enum tl_state state = life->hops[hop].state;
	bool aside = tl_report_is_aside(life, hop);

	if (aside && !tl_report_is_aside(life, hop - 1))
		tl_buf_str(out, "(");
	tl_buf_str(out, tl_state_figure(state));
	if (life->hops[hop].kind == TL_HOP_FORCED)
		tl_buf_str(out, ", by force");
	if (aside && !tl_report_is_aside(life, hop + 1))
		tl_buf_str(out, ")");
}

void tl_report_life(struct tl_buf *out, const struct tl_life *life)
{
	for (size_t i = 0; i < life->n_hops; i++) {
		tl_buf_str(out, i ? " " : "");
		tl_report_hop(out, life, i);
	}
}

bool tl_report_walked(const struct tl_verdict *verdict, const struct tl_arc *arc)
{
	for (size_t i = 0; i < verdict->n_lives; i++)
		for (size_t k = 0; k < verdict->lives[i].n_hops; k++)
			if (verdict->lives[i].hops[k].arc == arc)
				return true;
	return false;
}

bool tl_report_has_asides(const struct tl_report *report)
{
	const struct tl_verdict *verdict = report->verdict;

	for (size_t i = 0; i < verdict->n_lives; i++)
		for (size_t j = 0; j < verdict->lives[i].n_hops; j++)
			if (tl_report_is_aside(&verdict->lives[i], j))
				return true;
	return false;
}
