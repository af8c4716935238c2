/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far a word is from another. */
#include "tcplab/near.h"

static unsigned less(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Three rows of the table are enough. */
static unsigned distance_of(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned rows[3][TL_NEAR_LONGEST + 1], *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		above[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		unsigned *spare = before;

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			row[j] = less(less(above[j], row[j - 1]) + 1,
				      above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = less(row[j], before[j - 2] + 1);
		}
		before = above;
		above = row;
		row = spare;
	}
	return above[b_len];
}

bool tl_near(const char *a, size_t a_len, const char *b, size_t b_len, unsigned *least)
{
	size_t longer = a_len > b_len ? a_len : b_len;
	unsigned distance;

	if (longer > TL_NEAR_LONGEST)
		return false;
	distance = distance_of(a, a_len, b, b_len);
	if (distance >= *least || (distance > 1 && 3 * distance > longer))
		return false;
	*least = distance;
	return true;
}
