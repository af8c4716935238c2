/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A word that is not known, and the known one it may be a slip of. */
#include "reader.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tcplab/text.h"

/* The list of what is known stays readable. */
#define LISTED 48

bool scn_fold(struct scn_folded *out, const char *word, size_t len)
{
	out->len = 0;
	if (len > TL_NEAR_LONGEST)
		return false;
	for (size_t i = 0; i < len; i++)
		if (word[i] != '-' && word[i] != '_')
			out->text[out->len++] = tolower((unsigned char)word[i]);
	out->text[out->len] = '\0';
	return true;
}

static bool near(const char *word, size_t len, const char *known, unsigned *least)
{
	struct scn_folded a, b;

	return scn_fold(&a, word, len) && scn_fold(&b, known, strlen(known)) &&
	       tl_near(a.text, a.len, b.text, b.len, least);
}

bool scn_is_near(const char *word, size_t len, const char *known)
{
	const char *say;
	unsigned least = TL_NEAR_NONE;

	return near(word, len, known, &least) || scn_is_synonym(SCN_KEYS, word, len, known, &say);
}

/* A title may be in any script: it is spelled out only where it has letters of ASCII. */
static const char *quote(const struct scn_unknown *u, const char *word, size_t len, char *out)
{
	for (size_t i = 0; u->title; i++)
		if (i == len)
			return tl_text_quote(out, word, len);
		else if (isalpha((unsigned char)word[i]))
			break;
	return tl_text_quote_name(out, word, len);
}

void scn_unknown_try(struct scn_unknown *u, const char *known)
{
	char quoted[TL_QUOTE_TEXT];
	const char *say;

	quote(u, known, strlen(known), quoted);
	if (u->n < LISTED)
		tl_buf_fmt(&u->known, "%s%.*s", u->n ? ", " : "", (int)strlen(quoted) - 2,
			   quoted + 1);
	u->n++;
	if (!u->same && u->words != SCN_NAMES &&
	    scn_is_synonym(u->words, u->word, u->len, known, &say)) {
		snprintf(u->best, sizeof(u->best), "%s", known);
		u->same = true;
		u->meant = say;
	}
	if (!u->best[0])
		u->distance = TL_NEAR_NONE;
	if (!u->same && near(u->word, u->len, known, &u->distance))
		snprintf(u->best, sizeof(u->best), "%s", known);
}

void scn_unknown_report(struct scn_reader *r, struct scn_unknown *u, struct scn_span at,
			const char *what)
{
	char quoted[TL_QUOTE_TEXT], best[TL_QUOTE_TEXT];
	const char *between = u->of ? " of " : "", *of = u->of ? u->of : "";

	quote(u, u->word, u->len, quoted);
	quote(u, u->best, strlen(u->best), best);
	if (u->meant)
		scn_mistake(r, at, "unknown %s %s%s%s: did you mean %s?", what, quoted, between, of,
			    u->meant);
	else if (u->best[0])
		scn_mistake(r, at, "unknown %s %s%s%s: did you mean %s?", what, quoted,
			    between, of, best);
	else
		scn_mistake(r, at, "unknown %s %s%s%s: known %s %s%s", what, quoted, between,
			    of, u->n == 1 ? "is" : "are", tl_buf_text(&u->known),
			    u->n > LISTED ? ", ..." : "");
	r->oom |= u->known.failed;
	tl_buf_release(&u->known);
}

int scn_choice(struct scn_reader *r, const struct scn_node *node, const char *what,
	       enum scn_words words, const char *const *names)
{
	struct scn_unknown u = { .word = node->text, .len = node->len, .words = words };

	for (int i = 0; names[i]; i++)
		if (!strcmp(node->text, names[i]))
			return i;
	for (int i = 0; names[i]; i++)
		scn_unknown_try(&u, names[i]);
	scn_unknown_report(r, &u, node->at, what);
	return -1;
}
