/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which row answers which pattern: the largest assignment there is. */
#include "tcplab/select.h"

#include <inttypes.h>
#include <stdlib.h>

/*
 * Rows and patterns are the two sides of a bipartite graph, an edge is "fits", and a
 * pattern may be matched as often as its count says. A first pass hands out rows in
 * order; then each pattern that is short looks for an augmenting path: it takes a row
 * from a pattern that can find itself another. When none is left the matching is the
 * largest there is (Berge).
 */
struct match {
	const struct tl_pattern *patterns;
	size_t np;
	const struct tl_row *rows;
	size_t n;
	int *owner;    /* of each row: a pattern or -1 */
	int *seen;     /* of each pattern */
	bool *visited; /* of each pattern, in the present search */
};

static uint64_t measure(const struct tl_sock *sock, enum tl_measure what)
{
	switch (what) {
	case TL_MEASURE_RECV_Q:
		return sock->recvq;
	case TL_MEASURE_SEND_Q:
		return sock->sendq;
	case TL_MEASURE_RETRANS:
		return sock->retrans;
	case TL_MEASURE_TIMER:
		return sock->timer_ms;
	case TL_N_MEASURES:
		break;
	}
	return 0;
}

void tl_pattern_say_measured(const struct tl_pattern *pattern, const struct tl_sock *sock,
			     struct tl_buf *out)
{
	for (enum tl_measure i = 0; i < TL_N_MEASURES; i++) {
		if (!(pattern->measured & 1u << i))
			continue;
		tl_buf_fmt(out, " %s", tl_measure_name(i));
		if (i == TL_MEASURE_TIMER)
			tl_buf_fmt(out, " %s", tl_timer_name(sock->timer));
		if (i != TL_MEASURE_TIMER || sock->timer != TL_TIMER_NONE)
			tl_buf_fmt(out, " %" PRIu64 "%s", measure(sock, i),
				   i == TL_MEASURE_TIMER ? "ms" : "");
	}
}

static bool is_within(const struct tl_pattern *pattern, const struct tl_sock *sock)
{
	for (enum tl_measure i = 0; i < TL_N_MEASURES; i++) {
		uint64_t value = measure(sock, i);

		if (!(pattern->measured & 1u << i))
			continue;
		if (value < pattern->bounds[i].least || value > pattern->bounds[i].most)
			return false;
		if (i == TL_MEASURE_TIMER && sock->timer != pattern->timer)
			return false;
	}
	return true;
}

bool tl_pattern_fits(const struct tl_pattern *pattern, const struct tl_row *row)
{
	if (!tl_state_info(row->sock.state))
		return false;
	if (pattern->states && !(pattern->states & 1u << row->sock.state))
		return false;
	if (pattern->owner < 0 ||
	    (pattern->owner != row->owner &&
	     (pattern->owner > 63 || !(row->shared_by >> pattern->owner & 1))))
		return false;
	if (pattern->peer >= 0 && pattern->peer != row->peer &&
	    (pattern->peer > 63 || !(row->peers >> pattern->peer & 1)))
		return false;
	return is_within(pattern, &row->sock);
}

static void hand_out(struct match *m)
{
	for (size_t i = 0; i < m->n; i++) {
		m->owner[i] = -1;
		for (size_t p = 0; p < m->np && m->owner[i] < 0; p++) {
			if (m->seen[p] >= m->patterns[p].count ||
			    !tl_pattern_fits(&m->patterns[p], &m->rows[i]))
				continue;
			m->owner[i] = p;
			m->seen[p]++;
		}
	}
}

/* Get pattern @p one row more, which may pass a shortage on but never leaves one behind. */
static bool augment(struct match *m, size_t p)
{
	m->visited[p] = true;
	for (size_t i = 0; i < m->n; i++) {
		int from = m->owner[i];

		if (from == (int)p || !tl_pattern_fits(&m->patterns[p], &m->rows[i]))
			continue;
		if (from >= 0 && (m->visited[from] || !augment(m, from)))
			continue;
		m->owner[i] = p;
		return true;
	}
	return false;
}

static void fill_up(struct match *m, size_t p)
{
	while (m->seen[p] < m->patterns[p].count) {
		for (size_t i = 0; i < m->np; i++)
			m->visited[i] = false;
		if (!augment(m, p))
			return;
		m->seen[p]++;
	}
}

static bool complete(const struct match *m, bool others_ignore)
{
	for (size_t p = 0; p < m->np; p++)
		if (m->seen[p] < m->patterns[p].count)
			return false;
	for (size_t i = 0; i < m->n && !others_ignore; i++)
		if (m->owner[i] < 0)
			return false;
	return true;
}

/* Give the caller what it asked for; without memory, the answer "nothing". */
static void copy_out(const struct match *m, bool solved, int *row_expect, int *seen)
{
	for (size_t i = 0; row_expect && i < m->n; i++)
		row_expect[i] = solved ? m->owner[i] : -1;
	for (size_t p = 0; seen && p < m->np; p++)
		seen[p] = solved ? m->seen[p] : 0;
}

bool tl_match(const struct tl_pattern *patterns, size_t np, bool others_ignore,
	      const struct tl_row *rows, size_t n, int *row_expect, int *seen)
{
	struct match m = { .patterns = patterns, .np = np, .rows = rows, .n = n };
	bool solved, ok;

	m.owner = calloc(n + 1, sizeof(*m.owner));
	m.seen = calloc(np + 1, sizeof(*m.seen));
	m.visited = calloc(np + 1, sizeof(*m.visited));
	solved = m.owner && m.seen && m.visited;
	if (solved) {
		hand_out(&m);
		for (size_t p = 0; p < np; p++)
			fill_up(&m, p);
	}
	ok = solved && complete(&m, others_ignore);
	copy_out(&m, solved, row_expect, seen);
	free(m.owner);
	free(m.seen);
	free(m.visited);
	return ok;
}
