/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Selectors of segments: "all data from client to server #2". */
#include "selector.h"

#include <string.h>
#include <strings.h>

#include "scan.h"
#include "tcplab/enum_names.h"

#define NTH_MOST 1000

#define SHAPE                                                                                \
	"a segment is \"SYN from replica\" or \"SYN from replica to master\", with \"all\" " \
	"before it or \"#2\" behind it"

static const char *const kinds[] = { TL_SEGMENT_KINDS(TL_X_NAME) };

#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* Is it that name, whatever the case of its letters and the blanks between its words? */
static bool is_name(const struct scn_word *w, const char *name)
{
	size_t i = 0;

	while (i < w->len && *name) {
		size_t blanks = strspn(w->text + i, " \t\n");

		if (!blanks != (*name != ' ') || (!blanks && strncasecmp(w->text + i, name, 1)))
			return false;
		i += blanks ? blanks : 1;
		name++;
	}
	return i == w->len && !*name;
}

/* The words up to "from". */
static struct scn_word kind_words(struct scn_scan *s)
{
	struct scn_scan ahead;
	struct scn_word w, next;

	scn_scan_at_end(s);
	ahead = *s;
	w = (struct scn_word){ .text = s->node->text + s->at };
	while (!scn_scan_at_end(&ahead) && !scn_scan_keyword(&ahead, "from", NULL)) {
		next = scn_scan_word(&ahead, "");
		w.len = next.text + next.len - w.text;
		s->at = ahead.at;
	}
	w.at = scn_inside(s->r, s->node, w.text - s->node->text, w.len);
	return w;
}

/* "2nd data", "second data": which of them it is comes after it. */
static bool begins_with_which(const struct scn_word *w)
{
	static const char *const which[] = { "first ", "second ", "third ", "fourth ", "next " };

	for (size_t i = 0; i < sizeof(which) / sizeof(which[0]); i++)
		if (w->len > strlen(which[i]) &&
		    !strncasecmp(w->text, which[i], strlen(which[i])))
			return true;
	return w->len && w->text[0] >= '0' && w->text[0] <= '9';
}

static void unknown_kind(struct scn_scan *s, const struct scn_word *w)
{
	struct scn_unknown u = { .word = w->text, .len = w->len, .words = SCN_VALUES };

	if (begins_with_which(w)) {
		scn_mistake(s->r, w->at, "which of them is said behind it: write \"data from "
					 "master #2\" for the second that comes");
		return;
	}
	for (size_t i = 0; i < N_KINDS; i++)
		if (i != TL_SEGMENT_ANY)
			scn_unknown_try(&u, kinds[i]);
	scn_unknown_try(&u, kinds[TL_SEGMENT_ANY]);
	scn_unknown_try(&u, "next");
	scn_unknown_report(s->r, &u, w->at, "kind of segment");
}

/* "next" is any that comes; after "all" nothing need be said to mean any. */
static void find_kind(struct scn_scan *s, const struct scn_word *w, struct tl_selector *select)
{
	bool next = is_name(w, "next");

	select->kind = TL_SEGMENT_ANY;
	if (next && select->all)
		scn_mistake(s->r, w->at, "\"next\" is one segment and \"all\" is every one: "
					 "leave one of the two out");
	if (next || (!w->len && select->all))
		return;
	for (size_t i = 0; i < N_KINDS; i++) {
		if (!is_name(w, kinds[i]))
			continue;
		select->kind = (enum tl_segment_kind)i;
		return;
	}
	unknown_kind(s, w);
}

static void read_kind(struct scn_scan *s, struct tl_selector *select)
{
	struct scn_word w = kind_words(s);

	if (!scn_scan_keyword(s, "from", NULL))
		scn_mistake(s->r, s->node->at, "its sender is missing: " SHAPE);
	else if (w.len || select->all)
		find_kind(s, &w, select);
	else
		scn_mistake(s->r, w.at, "a kind of segment is missing here, such as SYN or data");
}

static int read_actor(struct scn_scan *s, const char *behind)
{
	struct scn_word w = scn_scan_actor(s);

	if (!w.len) {
		scn_mistake(s->r, w.at, "an actor is missing here, after \"%s\"", behind);
		return -1;
	}
	return scn_actor(s->r, w.text, w.len, w.at);
}

static void read_nth(struct scn_scan *s, const struct scn_selector_rules *rules,
		     struct tl_selector *select)
{
	struct scn_word w;

	if (scn_scan_failed(s) || scn_scan_at_end(s) || s->node->text[s->at] != '#')
		return;
	w = scn_scan_word(s, "");
	select->nth = scn_word_number(&w, NTH_MOST);
	if (!select->nth)
		scn_mistake(s->r, w.at,
			    "%s is not the number of a segment: write #2 for the second that "
			    "comes, up to #%d",
			    SCN_QUOTE_NAME(w.text, w.len), NTH_MOST);
	else if (rules->no_nth)
		scn_mistake(s->r, w.at, "%s", rules->no_nth);
	else if (select->all)
		scn_mistake(s->r, w.at,
			    "\"all\" is every one, and \"#2\" only one: leave one of the two "
			    "out");
}

/*
 * A '#' behind a blank makes a comment of the rest of the line. Who writes a number there
 * without quotes around the whole would be held to something else than was meant.
 */
static void refuse_lost_number(struct scn_scan *s)
{
	const struct scn_source *src = &s->r->src;
	size_t at = s->node->at.at + s->node->at.len, digits = 0;

	if (at < src->len && (src->text[at] == '"' || src->text[at] == '\''))
		at++;
	while (at < src->len && (src->text[at] == ' ' || src->text[at] == '\t'))
		at++;
	if (at >= src->len || src->text[at] != '#')
		return;
	while (at + 1 + digits < src->len && src->text[at + 1 + digits] >= '0' &&
	       src->text[at + 1 + digits] <= '9')
		digits++;
	if (!digits)
		return;
	scn_mistake(s->r, (struct scn_span){ .at = at, .len = digits + 1 },
		    "for YAML this is a comment: put quotes around the whole, as in \"data "
		    "from master #%.*s\"",
		    (int)(digits < 5 ? digits : 5), src->text + at + 1);
}

void scn_spell_selector(const struct tl_plan *plan, const struct tl_selector *select,
			struct tl_buf *out)
{
	if (select->all)
		tl_buf_str(out, "all ");
	if (!select->all || select->kind != TL_SEGMENT_ANY)
		tl_buf_fmt(out, "%s ", tl_segment_kind_name(select->kind));
	tl_buf_fmt(out, "from %s", tl_plan_actor_name(plan, select->from));
	if (select->to >= 0)
		tl_buf_fmt(out, " to %s", tl_plan_actor_name(plan, select->to));
	if (select->nth > 1)
		tl_buf_fmt(out, " #%d", select->nth);
}

bool scn_read_selector(struct scn_reader *r, const struct scn_node *node,
		       const struct scn_selector_rules *rules, struct tl_selector *select,
		       struct tl_buf *spelt)
{
	struct scn_scan s;
	struct scn_word all;

	*select = SCN_NO_SELECTOR;
	if (!scn_scan_begin(&s, r, node, "a segment"))
		return false;
	select->all = scn_scan_keyword(&s, "all", &all);
	if (select->all && rules->no_all)
		scn_mistake(r, all.at, "%s", rules->no_all);
	read_kind(&s, select);
	if (scn_scan_failed(&s) && scn_scan_at_end(&s))
		return false;
	select->from = read_actor(&s, "from");
	if (scn_scan_keyword(&s, "to", NULL))
		select->to = read_actor(&s, "to");
	read_nth(&s, rules, select);
	if (!scn_scan_failed(&s))
		scn_scan_expect_end(&s, SHAPE);
	refuse_lost_number(&s);
	if (!scn_scan_failed(&s))
		scn_spell_selector(r->plan, select, spelt);
	return !scn_scan_failed(&s);
}
