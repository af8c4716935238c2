/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: the one way in which an array grows. */
#ifndef TCPLAB_GROW_H
#define TCPLAB_GROW_H

#include <stdlib.h>

/*
 * TL_GROW - make room for @v[@n]
 * @v: an array of @n elements that has grown by nothing else, NULL for none (owned)
 *
 * It is doubled whenever the count is a power of two, so that there is no capacity to carry
 * along; that the count went down in between does no harm.
 *
 * Value: true; false without memory, with @v as it was.
 */
#define TL_GROW(v, n)                                                                        \
	({                                                                                   \
		__typeof__(v) grown_ = tl_grown(v, n, sizeof(*(v)));                         \
                                                                                             \
		if (grown_)                                                                  \
			(v) = grown_;                                                        \
		grown_ != NULL;                                                              \
	})

static inline void *tl_grown(void *v, size_t n, size_t size)
{
	return n & (n - 1) ? v : reallocarray(v, n ? 2 * n : 1, size);
}

#endif
