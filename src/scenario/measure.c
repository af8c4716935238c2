/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Behind a row's states: "recv-q >0", "send-q 100..200", "retrans >=1", "timer keepalive",
 * "timer timewait >50s". A number alone is meant exactly.
 */
#include "measure.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/enum_names.h"

/* Queues, and the milliseconds of an hour, are 32 bits wide. */
#define MOST UINT32_MAX

#define NUMBERS "\"3\", \">0\", \"<=5\" or \"1..3\""

/* "17", or of a time "300ms", "5s", "2m"; @len gets how much of @text it is, 0 for no number. */
static uint64_t read_value(const char *text, bool time, size_t *len)
{
	uint64_t value = 0;
	size_t n = strspn(text, "0123456789");

	*len = 0;
	if (!n || n > 10)
		return 0;
	for (size_t i = 0; i < n; i++)
		value = 10 * value + (text[i] - '0');
	*len = n;
	if (!time)
		return value;
	if (!strncmp(text + n, "ms", 2))
		*len = n + 2;
	else if (text[n] == 's' || text[n] == 'm')
		*len = n + 1;
	else
		*len = 0;
	if (text[n] == 's')
		return 1000 * value;
	return text[n] == 'm' && text[n + 1] != 's' ? 60000 * value : value;
}

/* ">N", ">=N", "<N", "<=N", "N..M", "N". Return: whether @text is one of these. */
static bool read_bounds(const char *text, bool time, struct tl_bounds *b)
{
	bool more = *text == '>', less = *text == '<';
	bool equal = (more || less) && text[1] == '=';
	const char *at = text + (more || less) + equal;
	uint64_t value, most;
	size_t len;

	value = most = read_value(at, time, &len);
	if (!len)
		return false;
	at += len;
	if (!more && !less && !strncmp(at, "..", 2)) {
		most = read_value(at + 2, time, &len);
		at += 2 + len;
	}
	if (!len || *at || value > MOST || most > MOST || most < value ||
	    (less && !equal && !value))
		return false;
	b->least = more ? value + !equal : less ? 0 : value;
	b->most = less ? value - !equal : more ? UINT64_MAX : most;
	return true;
}

static void bad_bounds(struct scn_scan *s, const struct scn_word *w, const char *name, bool time)
{
	const char *shape = time ? "\">50s\", \"<=200ms\" or \"1s..3s\"" :
				   NUMBERS;

	if (w->len && strspn(w->text, "<>=") >= w->len)
		scn_mistake(s->r, w->at, "between %s and its number stands no blank: write %s",
			    SCN_QUOTE_NAME(w->text, w->len), shape);
	else if (w->len)
		scn_mistake(s->r, w->at, "%s is not a measure of %s: write %s",
			    SCN_QUOTE_NAME(w->text, w->len), name, shape);
	else
		scn_mistake(s->r, w->at, "%s needs a measure: write %s", name, shape);
}

static void read_measure(struct scn_scan *s, struct tl_pattern *row, enum tl_measure what,
			 const struct scn_word *w)
{
	char text[40];

	snprintf(text, sizeof(text), "%.*s", (int)w->len, w->text);
	if (w->len >= sizeof(text) ||
	    !read_bounds(text, what == TL_MEASURE_TIMER, &row->bounds[what]))
		bad_bounds(s, w, tl_measure_name(what), what == TL_MEASURE_TIMER);
}

/* "keepalive", and perhaps how long it has left. */
static void read_timer(struct scn_scan *s, struct tl_pattern *row)
{
	static const char *const names[] = { TL_TIMERS(TL_X_THIRD) };
	struct scn_word w = scn_scan_word(s, "");
	struct scn_unknown u = { .word = w.text, .len = w.len, .words = SCN_VALUES };
	bool known = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (scn_word_is(&w, names[i])) {
			row->timer = (enum tl_timer)tl_timer_parse(names[i]);
			known = true;
		}
		scn_unknown_try(&u, names[i]);
	}
	if (!known && w.len) {
		scn_unknown_report(s->r, &u, w.at, "timer");
		return;
	}
	tl_buf_release(&u.known);
	if (!w.len) {
		scn_mistake(s->r, w.at, "timer needs its kind, such as keepalive");
		return;
	}
	row->bounds[TL_MEASURE_TIMER] = (struct tl_bounds){ 0, UINT64_MAX };
	if (scn_scan_at_end(s) || !strchr("<>0123456789", s->node->text[s->at]))
		return;
	w = scn_scan_word(s, "");
	read_measure(s, row, TL_MEASURE_TIMER, &w);
}

bool scn_read_measure(struct scn_scan *s, struct tl_pattern *row, const struct scn_word *name)
{
	for (enum tl_measure i = 0; i < TL_N_MEASURES; i++) {
		struct scn_word w;

		if (strlen(tl_measure_name(i)) != name->len ||
		    memcmp(tl_measure_name(i), name->text, name->len))
			continue;
		if (row->measured & 1u << i) {
			scn_mistake(s->r, name->at, "%s is named twice", tl_measure_name(i));
			return true;
		}
		row->measured |= 1u << i;
		if (i == TL_MEASURE_TIMER) {
			read_timer(s, row);
			return true;
		}
		w = scn_scan_word(s, "");
		read_measure(s, row, i, &w);
		return true;
	}
	return false;
}

bool scn_mistaken_measure(struct scn_scan *s, const struct scn_word *word)
{
	size_t len = 0;
	const char *say;

	while (len < word->len && !strchr(":=<>", word->text[len]))
		len++;
	for (enum tl_measure i = 0; i < TL_N_MEASURES; i++) {
		const char *name = tl_measure_name(i);

		if (!scn_is_near(word->text, len, name) &&
		    !scn_is_synonym(SCN_VALUES, word->text, len, name, &say))
			continue;
		scn_mistake(s->r, word->at, "unknown measure %s: did you mean \"%s %s\"?",
			    SCN_QUOTE_NAME(word->text, word->len), name,
			    i == TL_MEASURE_TIMER ? "keepalive" : ">0");
		return true;
	}
	return false;
}

void scn_read_bounds(struct scn_reader *r, const struct scn_node *node, const char *what,
		     struct tl_bounds *bounds)
{
	char *text = scn_scalar(r, node, what);

	if (text && !read_bounds(text, false, bounds))
		scn_mistake(r, node->at, "%s is not a number for %s: write " NUMBERS,
			    SCN_QUOTE_NAME(node->text, node->len), what);
	free(text);
}

static void spell_bounds(const struct tl_bounds *b, const char *unit, struct tl_buf *out)
{
	if (b->most == UINT64_MAX && b->least)
		tl_buf_fmt(out, " >=%" PRIu64 "%s", b->least, unit);
	else if (b->most == UINT64_MAX)
		return;
	else if (b->least == b->most)
		tl_buf_fmt(out, " %" PRIu64 "%s", b->least, unit);
	else if (!b->least)
		tl_buf_fmt(out, " <=%" PRIu64 "%s", b->most, unit);
	else
		tl_buf_fmt(out, " %" PRIu64 "%s..%" PRIu64 "%s", b->least, unit, b->most, unit);
}

void scn_spell_measures(const struct tl_pattern *row, struct tl_buf *out)
{
	for (enum tl_measure i = 0; i < TL_N_MEASURES; i++) {
		if (!(row->measured & 1u << i))
			continue;
		tl_buf_fmt(out, " %s", tl_measure_name(i));
		if (i == TL_MEASURE_TIMER)
			tl_buf_fmt(out, " %s", tl_timer_name(row->timer));
		spell_bounds(&row->bounds[i], i == TL_MEASURE_TIMER ? "ms" : "", out);
	}
}
