/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A word that is not known, and the known one it may be a slip of. */
#include "reader.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Longer words are no slips of a known one. */
#define LONGEST 63

/* The list of what is known stays readable. */
#define LISTED 32

/* A word as it is compared: case, '-' and '_' make no difference. */
struct folded {
	char text[LONGEST];
	size_t len;
};

static bool fold(struct folded *out, const char *word, size_t len)
{
	out->len = 0;
	if (len > LONGEST)
		return false;
	for (size_t i = 0; i < len; i++)
		if (word[i] != '-' && word[i] != '_')
			out->text[out->len++] = tolower((unsigned char)word[i]);
	return true;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/*
 * How many letters must be put in, left out, changed, or swapped with their neighbour
 * (optimal string alignment). Three rows of the table are enough.
 */
static unsigned distance(const struct folded *wa, const struct folded *wb)
{
	unsigned rows[3][LONGEST + 1], *before = rows[0], *above = rows[1], *row = rows[2];
	const char *a = wa->text, *b = wb->text;

	for (size_t j = 0; j <= wb->len; j++)
		above[j] = j;
	for (size_t i = 1; i <= wa->len; i++) {
		unsigned *spare = before;

		row[0] = i;
		for (size_t j = 1; j <= wb->len; j++) {
			row[j] = least(least(above[j], row[j - 1]) + 1,
				       above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = above;
		above = row;
		row = spare;
	}
	return above[wb->len];
}

/* A slip changes at most a third of a word, and always lets through one letter. */
static bool near(const char *word, size_t len, const char *known, unsigned *d)
{
	struct folded a, b;

	if (!fold(&a, word, len) || !fold(&b, known, strlen(known)))
		return false;
	*d = distance(&a, &b);
	return *d <= 1 || 3 * *d <= (a.len > b.len ? a.len : b.len);
}

bool scn_is_near(const char *word, size_t len, const char *known)
{
	unsigned d;

	return near(word, len, known, &d);
}

void scn_unknown_try(struct scn_unknown *u, const char *known)
{
	unsigned d;

	if (u->n < LISTED)
		tl_buf_fmt(&u->known, "%s%.*s", u->n ? ", " : "", LONGEST, known);
	u->n++;
	if (!near(u->word, u->len, known, &d) || (u->best[0] && d >= u->distance))
		return;
	snprintf(u->best, sizeof(u->best), "%s", known);
	u->distance = d;
}

void scn_unknown_report(struct scn_reader *r, struct scn_unknown *u, struct scn_span at,
			const char *what)
{
	const char *quoted = SCN_QUOTE_NAME(u->word, u->len);
	const char *between = u->of ? " of " : "", *of = u->of ? u->of : "";

	if (u->meant)
		scn_mistake(r, at, "unknown %s %s%s%s: did you mean %s?", what, quoted, between, of,
			    u->meant);
	else if (u->best[0])
		scn_mistake(r, at, "unknown %s %s%s%s: did you mean \"%s\"?", what, quoted,
			    between, of, u->best);
	else
		scn_mistake(r, at, "unknown %s %s%s%s: known %s %s%s", what, quoted, between,
			    of, u->n == 1 ? "is" : "are", tl_buf_text(&u->known),
			    u->n > LISTED ? ", ..." : "");
	r->oom |= u->known.failed;
	tl_buf_release(&u->known);
}
