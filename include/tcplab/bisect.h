/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: the one way in which a place is found in what is in order. */
#ifndef TCPLAB_BISECT_H
#define TCPLAB_BISECT_H

#include <stddef.h>

/*
 * TL_BISECT - the first place where something is no more so
 * @i: a name, of a size_t that @is_so is about
 * @low, @high: the places from @low on, and before @high
 * @is_so: an expression; where it is not so for one place it is not so for any behind it
 *
 * Value: the place; @high where it is so for all.
 */
#define TL_BISECT(i, low, high, is_so)                                                       \
	({                                                                                   \
		size_t low_ = (low), high_ = (high);                                         \
                                                                                             \
		while (low_ < high_) {                                                       \
			size_t i = low_ + (high_ - low_) / 2;                                \
                                                                                             \
			if (is_so)                                                           \
				low_ = i + 1;                                                \
			else                                                                 \
				high_ = i;                                                   \
		}                                                                            \
		low_;                                                                        \
	})

#endif
