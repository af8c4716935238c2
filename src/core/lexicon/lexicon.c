/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lexicon: its table, which the files beside it hold, and how a word is found in it. */
#include "tcplab/lexicon.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tcplab/enum_names.h"
#include "tcplab/near.h"

static const struct tl_entry entries[] = {
#include "states.inc"
#include "segments.inc"
#include "errors.inc"
#include "terms.inc"
#include "fields.inc"
#include "ways.inc"
#include "options.inc"
#include "calls.inc"
#include "settings.inc"
#include "memory.inc"
#include "messages.inc"
#include "around.inc"
};

#define N_ENTRIES (sizeof(entries) / sizeof(entries[0]))

/* A message that is looked through for a known word is cut to this. */
#define LONGEST_TEXT 1024

void tl_entry_says(struct tl_buf *out, const struct tl_entry *entry)
{
	tl_buf_fmt(out, "%s %s", entry->gist, entry->more);
}

void tl_entry_commands(struct tl_buf *out, const struct tl_entry *entry, const char *between)
{
	tl_buf_list(out, entry->find, between);
	if (entry->own)
		tl_buf_fmt(out, "tcplab %s", entry->own);
}

const struct tl_entry *tl_lexicon(size_t *n)
{
	*n = N_ENTRIES;
	return entries;
}

TL_NAMES(tl_topic_noun, enum tl_topic, TL_TOPICS)
TL_NAMES_BY(TL_X_THIRD, tl_topic_heading, enum tl_topic, TL_TOPICS)

/* A text as it is compared: its letters and digits, and where its words begin and end. */
struct folded {
	char text[LONGEST_TEXT];
	bool begins[LONGEST_TEXT], ends[LONGEST_TEXT];
	size_t len;
};

static void fold(struct folded *out, const char *text, size_t len)
{
	bool inside = false;

	out->len = 0;
	for (size_t i = 0; i < len && out->len < LONGEST_TEXT; i++) {
		unsigned char c = text[i];

		if (!isalnum(c)) {
			inside = false;
			continue;
		}
		out->begins[out->len] = !inside;
		out->ends[out->len] = i + 1 == len || !isalnum((unsigned char)text[i + 1]);
		out->text[out->len++] = tolower(c);
		inside = true;
	}
}

/*
 * The spellings of an entry, one after the other: @at begins at 0. Those of a state come
 * from state.h too.
 */
static bool next_spelling(const struct tl_entry *entry, size_t *at, struct folded *out)
{
	const struct tl_state_info *info =
		entry->topic == TL_TOPIC_STATE ? tl_state_info(entry->state) : NULL;
	const char *own[] = { entry->name, info ? info->name : entry->message,
			      info ? info->ss : NULL, info ? info->rfc : NULL,
			      info ? info->post : NULL };
	const size_t n = info ? 5 : entry->message ? 2 : 1;
	const char *text = *at < n ? own[*at] : entry->also[*at - n];

	if (!text)
		return false;
	fold(out, text, strlen(text));
	++*at;
	return true;
}

static bool is_call(const char *word)
{
	size_t len = strlen(word);

	return len > 2 && !strcmp(word + len - 2, "()");
}

static bool same(const struct folded *a, const struct folded *b)
{
	return a->len == b->len && !memcmp(a->text, b->text, a->len);
}

static const struct tl_entry *find_folded(const struct folded *want, bool call)
{
	struct folded spelling;

	for (size_t i = 0; want->len && i < N_ENTRIES; i++) {
		if (call && entries[i].topic != TL_TOPIC_CALL)
			continue;
		for (size_t at = 0; next_spelling(&entries[i], &at, &spelling);)
			if (same(want, &spelling))
				return &entries[i];
	}
	return NULL;
}

/* What has neither letters nor digits, such as "*" and "::", is compared as it is. */
static const struct tl_entry *find_sign(const char *sign, size_t len)
{
	for (size_t i = 0; len && i < N_ENTRIES; i++)
		if (tl_list_has(entries[i].also, sign, len))
			return &entries[i];
	return NULL;
}

/* "*:6379" is an address and a port: where the address is known, that is what is meant. */
static const struct tl_entry *find_address(const char *text)
{
	const char *colon = strrchr(text, ':');
	struct folded want;

	if (!colon || text[strspn(text, "0123456789.:*[]")])
		return NULL;
	fold(&want, text, colon - text);
	return want.len ? find_folded(&want, false) : find_sign(text, colon - text);
}

/* netstat's "on (0.20/1/0)" is of its timer column. */
static const struct tl_entry *find_timer(const char *text)
{
	char timer[32] = "timer ", *word = timer + strlen(timer);
	struct folded want;
	int end = 0;

	if (sscanf(text, " %15[a-z] (%*f/%*u/%*u)%n", word, &end) != 1 || !end || text[end])
		return NULL;
	fold(&want, timer, strlen(timer));
	return find_folded(&want, false);
}

const struct tl_entry *tl_lexicon_find(const char *word)
{
	const bool call = is_call(word);
	const struct tl_entry *found = find_timer(word);
	struct folded want;

	if (found)
		return found;
	fold(&want, word, strlen(word));
	found = want.len ? find_folded(&want, call) : find_sign(word, strlen(word));
	if (!found && want.len >= 4 && want.text[want.len - 1] == 's') {
		want.len--; /* a plural */
		found = find_folded(&want, call);
	}
	return found ? found : find_address(word);
}

/* Is it in the text as whole words? */
static bool holds(const struct folded *text, const struct folded *words)
{
	for (size_t at = 0; at + words->len <= text->len; at++)
		if (text->begins[at] && text->ends[at + words->len - 1] &&
		    !memcmp(text->text + at, words->text, words->len))
			return true;
	return false;
}

/* In a message these say least of all that it is about. */
static bool says_little(const struct folded *word)
{
	static const char *const words[] = { "netstat", "client", "server", "socket", "data", "tcp",
					     "udp", "wireshark", "tcpdump", "capture", "port",
					     "connection", "segment", "stream", "open", "step",
					     "phase", "proxy", "buffer", NULL };

	return tl_list_has(words, word->text, word->len);
}

/* The longer, the more; what has two letters may be a word of any sentence. */
static size_t weight(const struct folded *word)
{
	return word->len <= 2 ? 0 : says_little(word) ? 1 : word->len;
}

const struct tl_entry *tl_lexicon_find_in(const char *text)
{
	const struct tl_entry *best = NULL;
	struct folded whole, spelling;
	size_t longest = 0;

	fold(&whole, text, strlen(text));
	for (size_t i = 0; i < N_ENTRIES; i++)
		for (size_t at = 0; next_spelling(&entries[i], &at, &spelling);)
			if (weight(&spelling) > longest && holds(&whole, &spelling)) {
				best = &entries[i];
				longest = weight(&spelling);
			}
	return best;
}

const struct tl_entry *tl_lexicon_state(enum tl_state state)
{
	for (size_t i = 0; i < N_ENTRIES; i++)
		if (entries[i].topic == TL_TOPIC_STATE && entries[i].state == state)
			return &entries[i];
	return NULL;
}

/* How far an entry is from a word: 0 where the word begins one of its spellings. */
static bool distance_of(const struct folded *word, const struct tl_entry *entry, unsigned *least)
{
	struct folded spelling;

	*least = TL_NEAR_NONE;
	for (size_t at = 0; next_spelling(entry, &at, &spelling);)
		if (word->len > 2 && spelling.len > word->len &&
		    !memcmp(word->text, spelling.text, word->len))
			*least = 0;
		else
			tl_near(word->text, word->len, spelling.text, spelling.len, least);
	return *least != TL_NEAR_NONE;
}

size_t tl_lexicon_near(const char *word, const struct tl_entry *near[TL_NEAR_MAX])
{
	unsigned distances[TL_NEAR_MAX];
	struct folded want;
	size_t n = 0;

	fold(&want, word, strlen(word));
	for (size_t i = 0; want.len > 1 && i < N_ENTRIES; i++) {
		unsigned d;
		size_t at;

		if (!distance_of(&want, &entries[i], &d))
			continue;
		for (at = n; at && distances[at - 1] > d; at--)
			;
		if (at == TL_NEAR_MAX)
			continue;
		n += n < TL_NEAR_MAX;
		for (size_t j = n - 1; j > at; j--) {
			near[j] = near[j - 1];
			distances[j] = distances[j - 1];
		}
		near[at] = &entries[i];
		distances[at] = d;
	}
	return n;
}

static enum tl_state state_of(const char *text, size_t len)
{
	char word[64];
	const struct tl_entry *entry;

	if (len >= sizeof(word))
		return 0;
	memcpy(word, text, len);
	word[len] = '\0';
	entry = tl_lexicon_find(word);
	return entry && entry->topic == TL_TOPIC_STATE ? entry->state : 0;
}

bool tl_arrow_parse(const char *text, struct tl_arrow *arrow)
{
	static const char *const signs[] = { "-->", "->", "=>", "\u2192", " to ", ">" };

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		const char *at = strstr(text, signs[i]), *behind;

		if (!at)
			continue;
		behind = at + strlen(signs[i]);
		arrow->from = state_of(text, at - text);
		arrow->to = state_of(behind, strlen(behind));
		return arrow->from && arrow->to;
	}
	return false;
}
