/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: how far a word is from another, for "did you mean". */
#ifndef TCPLAB_NEAR_H
#define TCPLAB_NEAR_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* Longer words are not slips of a known one. */
#define TL_NEAR_LONGEST 63

/* So far no word is near. */
#define TL_NEAR_NONE UINT_MAX

/*
 * tl_near - may one word be a slip of the other, and is it nearer than those before?
 * @a, @b: in the spelling in which they are compared, of at most TL_NEAR_LONGEST bytes
 * @least: TL_NEAR_NONE at first; where it is so gets how many letters must be put in, left out,
 *   changed, or swapped with their neighbour (optimal string alignment)
 *
 * A slip changes at most a third of a word, and always lets through one letter.
 */
bool tl_near(const char *a, size_t a_len, const char *b, size_t b_len, unsigned *least);

#endif
