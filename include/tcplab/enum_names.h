/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: what an enum's values are called, out of the X-macro that lists them. */
#ifndef TCPLAB_ENUM_NAMES_H
#define TCPLAB_ENUM_NAMES_H

#include <stddef.h>

/* For an array of names, { TL_EVENTS(TL_X_NAME) }: what stands second in each X, or third. */
#define TL_X_NAME(id, name, ...)         name,
#define TL_X_THIRD(id, name, third, ...) third,

/*
 * TL_NAMES - define @function, which returns (static) the name that @list has for a value of @type
 *
 * The values of @type count from 0 in the order of @list; any other is called "?".
 */
#define TL_NAMES(function, type, list) TL_NAMES_BY(TL_X_NAME, function, type, list)

/* TL_NAMES_BY - the same of what @x takes out of the list */
#define TL_NAMES_BY(x, function, type, list)                                                 \
	const char *function(type value)                                                     \
	{                                                                                    \
		static const char *const names[] = { list(x) };                              \
                                                                                             \
		return (size_t)value < sizeof(names) / sizeof(*names) ? names[value] : "?";  \
	}

#endif
