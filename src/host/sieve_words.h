/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A filter word by word: each of the command line may hold several, as in "sport = :80". */
#ifndef TCPLAB_SIEVE_WORDS_H
#define TCPLAB_SIEVE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "tcplab/buf.h"

/* Longer than any address with its port; what is longer is none, and is cut. */
#define TL_WORD 80

/* The words that are left. A copy looks ahead. */
struct tl_words {
	char *const *at;
	size_t left;
	const char *argument; /* that is being read; NULL: none is */
	const char *rest;    /* of it */
	size_t before;       /* bytes in those before it, a blank after each */
	size_t column;       /* of the word that was last read, from 1 on */
	char word[TL_WORD];
};

/* tl_words_next - the next word, in @words until the next call; NULL after the last */
const char *tl_words_next(struct tl_words *words);

/* tl_words_whole - the rest of an argument as it is, blanks too (borrowed); NULL after the last */
const char *tl_words_whole(struct tl_words *words);

/*
 * tl_words_of_row - do these words make a row of a table, or of a finding?
 * @out: gets the words that stand for its ends; to be released, whatever was returned
 */
bool tl_words_of_row(char *const *words, size_t n, struct tl_buf *out);

#endif
