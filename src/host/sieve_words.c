/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of a filter: parted by blanks, by parentheses, and where "=" and its like begin and end. */
#include "sieve_words.h"

#include <string.h>

static const char blanks[] = " \t\n";
static const char signs[] = "=<>!&|";

/* To the next thing that is there. */
static const char *begin(struct tl_words *words)
{
	for (;;) {
		if (words->rest)
			words->rest += strspn(words->rest, blanks);
		if (words->rest && *words->rest) {
			words->column = words->before + (words->rest - words->argument) + 1;
			return words->rest;
		}
		if (!words->left)
			return NULL;
		words->left--;
		words->before += words->argument ? strlen(words->argument) + 1 : 0;
		words->argument = words->rest = *words->at++;
	}
}

const char *tl_words_next(struct tl_words *words)
{
	const char *from = begin(words);
	size_t len, kept;

	if (!from)
		return NULL;
	if (*from == '(' || *from == ')')
		len = 1;
	else if (strchr(signs, *from))
		len = strspn(from, signs);
	else
		len = strcspn(from, " \t\n()=<>!&|");
	kept = len < TL_WORD ? len : TL_WORD - 1;
	memcpy(words->word, from, kept);
	words->word[kept] = '\0';
	words->rest = from + len;
	return words->word;
}

const char *tl_words_whole(struct tl_words *words)
{
	const char *from = begin(words);

	words->rest = NULL;
	return from;
}
