/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands below the three views: claims, lives, and what the words mean. */
#include "html.h"

#include "../words.h"
#include "book_parts.h"
#include "tcplab/lexicon.h"

static const struct {
	const char *mark, *tone;
} facts[] = {
	[TL_FACT_SO] = { "✓", "good" },
	[TL_FACT_NOT_SO] = { "✗", "bad" },
	[TL_FACT_UNSEEN] = { "–", "dim" },
};

const char *tl_html_mark(enum tl_fact fact)
{
	return facts[fact].mark;
}

static void mark(struct tl_markup *to, enum tl_fact fact)
{
	tl_element(to, "span", facts[fact].tone, facts[fact].mark);
	tl_words(to, " ");
}

size_t tl_html_shows(const struct tl_html *page, const struct tl_evidence *evidence,
		     const struct tl_evidence_verdict *found)
{
	for (size_t i = 0; tl_evidence_is_of_wire(evidence->kind) && i < page->moments.n; i++)
		if (page->moments.v[i].phase == found->phase && page->moments.v[i].frame)
			return i + 1;
	return found->phase >= 0 ? tl_html_look(page, found->phase) : 0;
}

static void evidence(struct tl_html *page, const struct tl_claim *claim,
		     const struct tl_evidence *evidence, const struct tl_evidence_verdict *found)
{
	size_t step = tl_html_shows(page, evidence, found);

	tl_open(&page->to, "li");
	mark(&page->to, found->fact);
	tl_words(&page->to, tl_report_side(claim, evidence));
	tl_open(&page->to, "a");
	if (step)
		tl_attrf(&page->to, "href", "#step-%zu", step);
	else if (page->report->verdict->n_lives)
		tl_attr(&page->to, "href", "#lives");
	tl_isolated(&page->to, found->text);
	tl_close(&page->to);
	tl_close(&page->to);
}

static void claim(struct tl_html *page, size_t i)
{
	const struct tl_claim_verdict *verdict = &page->report->verdict->claims[i];
	const struct tl_claim *claim_of = &page->report->plan->claims[i];
	struct tl_buf ruling = { 0 };

	tl_report_ruling(&ruling, claim_of, verdict);
	tl_open(&page->to, "li");
	tl_open(&page->to, "p");
	tl_isolated_in(&page->to, "q", NULL, claim_of->says);
	if (claim_of->source) {
		tl_words(&page->to, " ");
		tl_element(&page->to, "bdi", "dim", claim_of->source);
	}
	tl_close(&page->to);
	tl_open(&page->to, "p");
	mark(&page->to, verdict->stands);
	tl_element(&page->to, "span", "finding", tl_buf_text(&ruling));
	tl_close(&page->to);
	tl_html_prose(page, "because", claim_of->because);
	tl_open(&page->to, "ul");
	for (size_t j = 0; j < claim_of->n_check; j++)
		evidence(page, claim_of, &claim_of->check[j], &verdict->check[j]);
	tl_close(&page->to);
	tl_element(&page->to, "bdi", "id", claim_of->id);
	tl_close(&page->to);
	tl_buf_release(&ruling);
}

void tl_html_claims(struct tl_html *page)
{
	if (!page->report->verdict->n_claims)
		return;
	tl_open_class(&page->to, "section", "claims");
	tl_element(&page->to, "h2", NULL, "What people say about TCP, checked against this run");
	tl_open(&page->to, "ol");
	for (size_t i = 0; i < page->report->verdict->n_claims; i++)
		claim(page, i);
	tl_close(&page->to);
	tl_close(&page->to);
}

static void life(struct tl_html *page, size_t i)
{
	const struct tl_life *it = &page->report->verdict->lives[i];
	struct tl_buf owner = { 0 };

	tl_report_life_owner(&owner, page->report, i);
	tl_open(&page->to, "tr");
	tl_open(&page->to, "th");
	tl_attr(&page->to, "scope", "row");
	tl_isolated(&page->to, tl_buf_text(&owner));
	tl_close(&page->to);
	tl_open(&page->to, "td");
	for (size_t k = 0; k < it->n_hops; k++) {
		bool aside = tl_report_is_aside(it, k);

		tl_words(&page->to, k ? aside ? " → (" : " → " : "");
		tl_html_state(page, it->hops[k].state == TL_CLOSE ? 0 :
			      it->hops[k].state);
		tl_words(&page->to, it->hops[k].kind == TL_HOP_FORCED ? ", by force" : "");
		tl_words(&page->to, aside ? ")" : "");
	}
	if (it->reason) {
		tl_words(&page->to, " ");
		tl_element(&page->to, "bdi", "bad", it->reason);
	}
	tl_close(&page->to);
	tl_close(&page->to);
	tl_buf_release(&owner);
}

void tl_html_life_table(struct tl_html *page)
{
	const struct tl_verdict *verdict = page->report->verdict;
	size_t picks[TL_REPORT_LIVES], n = tl_report_pick_lives(page->report, picks);
	struct tl_buf more = { 0 };

	tl_open_class(&page->to, "div", "wide");
	tl_open(&page->to, "table");
	for (size_t i = 0; i < n; i++)
		life(page, picks[i]);
	tl_close(&page->to);
	tl_close(&page->to);
	tl_report_more(&more, verdict->n_lives, n, "socket");
	if (more.len)
		tl_element(&page->to, "p", "dim", tl_buf_text(&more));
	tl_buf_release(&more);
}

void tl_html_lives(struct tl_html *page)
{
	if (!page->report->verdict->n_lives)
		return;
	tl_open_class(&page->to, "section", "lives");
	tl_attr(&page->to, "id", "lives");
	tl_element(&page->to, "h2", NULL, "The life of each socket");
	tl_html_life_table(page);
	if (tl_report_has_asides(page->report))
		tl_element(&page->to, "p", "dim", TL_REPORT_ASIDES);
	tl_close(&page->to);
}

static void state(struct tl_html *page, const struct tl_state_info *info)
{
	struct tl_markup *to = &page->to;

	tl_open(to, "details");
	tl_attrf(to, "id", "state-%s", info->name);
	tl_open(to, "summary");
	tl_open(to, "b");
	tl_attrf(to, "class", "state ink-%s", info->name);
	tl_words(to, tl_state_figure(info->state));
	tl_close(to);
	tl_words(to, " ");
	tl_element(to, "span", "meaning", info->meaning);
	tl_close(to);
	tl_elementf(to, "p", "dim", "%s in RFC 9293 (%s), %s in ss.", info->rfc, info->section,
		    info->ss);
	tl_paragraphs(to, NULL, info->story);
	if (page->book) {
		tl_open(to, "p");
		tl_open(to, "a");
		tl_attrf(to, "href", "%sstate/%s.html", page->book, info->name);
		tl_wordsf(to, "All about %s", tl_state_figure(info->state));
		tl_close(to);
		tl_close(to);
	}
	tl_close(to);
}

/* @entry: what the lexicon says about it beside; NULL: nothing */
static void word(struct tl_markup *to, const char *id, const char *name, const char *meaning,
		 const struct tl_entry *entry)
{
	struct tl_buf says = { 0 };

	tl_open(to, "div");
	tl_attr(to, "id", id);
	tl_element(to, "dt", NULL, name);
	tl_open(to, "dd");
	tl_element(to, "span", "meaning", meaning);
	if (entry) {
		tl_entry_says(&says, entry);
		tl_element(to, "p", "dim", tl_buf_text(&says));
		tl_buf_release(&says);
	}
	tl_close(to);
	tl_close(to);
}

void tl_html_words(struct tl_html *page)
{
	struct tl_markup *to = &page->to;

	tl_open_class(to, "section", "glossary");
	tl_element(to, "h2", NULL, "The states");
	for (enum tl_state i = 1; i < TL_STATE_MAX; i++)
		state(page, tl_state_info(i));
	tl_element(to, "h2", NULL, "The flags of a segment");
	tl_open(to, "dl");
#define X(id, bit, name, meaning) word(to, "flag-" name, name, meaning, tl_lexicon_find(name));
	TL_FLAGS(X)
#undef X
	tl_close(to);
	tl_element(to, "h2", NULL, "The columns of the table");
	tl_open(to, "dl");
#define X(id, name, meaning) word(to, "column-" #id, name, meaning, tl_lexicon_find(name));
	TL_HTML_COLUMNS(X)
#undef X
	tl_close(to);
	tl_element(to, "h2", NULL, "The rows of the table");
	tl_open(to, "dl");
#define X(id, name, meaning) word(to, "row-" #id, name, meaning, NULL);
	TL_HTML_ROWS(X)
#undef X
	tl_close(to);
	tl_element(to, "h2", NULL, "The arrows of the diagram");
	tl_open(to, "dl");
#define X(id, name, meaning) word(to, "call-" #id, name, meaning, NULL);
	TL_HTML_CALLS(X)
#undef X
	tl_close(to);
	tl_element(to, "h2", NULL, "The lab's own words");
	tl_open(to, "dl");
#define X(id, name, meaning) word(to, "plain-" #id, name, meaning, NULL);
	TL_HTML_PLAIN(X)
#undef X
	tl_close(to);
	tl_html_mention(page, TL_SEGMENT_SYN_ACK); /* these stand in the diagram */
	tl_html_mention(page, TL_SEGMENT_ACK_OF_SYN);
	tl_html_mention(page, TL_SEGMENT_ACK_OF_FIN);
	tl_html_terms(page);
	tl_close(to);
}

/* Where a word of the page leads without a script: to the page of the book that explains it. */
static void way(struct tl_html *page, const char *kind, const char *id, const char *name,
		const char *path)
{
	tl_open(&page->to, "a");
	tl_attrf(&page->to, "id", "%s-%s", kind, id);
	tl_attrf(&page->to, "href", "%s%s", page->book, path);
	tl_words(&page->to, name);
	tl_close(&page->to);
	tl_words(&page->to, " ");
}

static void way_of_word(struct tl_html *page, const char *kind, const char *id, const char *name)
{
	const struct tl_entry *entry = tl_lexicon_find(name);
	struct tl_buf path = { 0 };

	if (entry)
		tl_book_entry_path(&path, entry);
	way(page, kind, id, name, path.len ? tl_buf_text(&path) : "words.html");
	page->to.failed |= path.failed;
	tl_buf_release(&path);
}

void tl_html_to_words(struct tl_html *page)
{
	tl_words(&page->to, "Words: ");
	for (enum tl_state i = 1; i < TL_STATE_MAX; i++) {
		struct tl_buf path = { 0 };

		if (!(page->led.states & 1u << i))
			continue;
		tl_buf_fmt(&path, "state/%s.html", tl_state_name(i));
		way(page, "state", tl_state_name(i), tl_state_name(i), tl_buf_text(&path));
		tl_buf_release(&path);
	}
#define X(id, bit, name, meaning)                                                            \
	if (page->led.flags & (bit))                                                         \
		way_of_word(page, "flag", name, name);
	TL_FLAGS(X)
#undef X
#define X(id, name, meaning)                                                                 \
	if (page->led.columns & 1u << TL_HTML_COLUMN_##id)                                   \
		way_of_word(page, "column", #id, name);
	TL_HTML_COLUMNS(X)
#undef X
#define X(id, name, meaning)                                                                 \
	if (page->led.rows & 1u << TL_HTML_ROW_##id)                                         \
		way(page, "row", #id, name, "words.html");
	TL_HTML_ROWS(X)
#undef X
}
