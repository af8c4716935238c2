/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a plain scalar is: number, yes or no, nothing, text. */
#include "reader.h"

#include <string.h>

const char *scn_kind_name(enum scn_kind kind)
{
	switch (kind) {
	case SCN_WRONG:
	case SCN_NOTHING:
		return "nothing";
	case SCN_BOOL:
		return "true or false";
	case SCN_NUMBER:
		return "a number";
	case SCN_TEXT:
		return "text";
	case SCN_LIST:
		return "a list";
	case SCN_MAP:
		return "a mapping";
	}
	return "?";
}

/* YAML 1.2, 10.3.2: [-+]? digits, with fraction and exponent; 0o17, 0x1f; .inf, .nan */
static bool is_number(const char *s)
{
	const char *digits = "0123456789";
	size_t before, after = 0;

	if (!strncmp(s, "0o", 2))
		return s[2] && !s[2 + strspn(s + 2, "01234567")];
	if (!strncmp(s, "0x", 2))
		return s[2] && !s[2 + strspn(s + 2, "0123456789abcdefABCDEF")];
	if (!strcmp(s, ".nan") || !strcmp(s, ".NaN") || !strcmp(s, ".NAN"))
		return true;
	s += *s == '-' || *s == '+';
	if (!strcmp(s, ".inf") || !strcmp(s, ".Inf") || !strcmp(s, ".INF"))
		return true;
	before = strspn(s, digits);
	s += before;
	if (*s == '.') {
		after = strspn(++s, digits);
		s += after;
	}
	if (!before && !after)
		return false;
	if (*s == 'e' || *s == 'E') {
		s++;
		s += *s == '-' || *s == '+';
		return *s && !s[strspn(s, digits)];
	}
	return !*s;
}

static bool is_one_of(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(text, *words))
			return true;
	return false;
}

enum scn_kind scn_plain_kind(const char *text)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
	static const char *const bools[] = { "true",  "True",  "TRUE", "false",
					     "False", "FALSE", NULL };

	if (is_one_of(text, nulls))
		return SCN_NOTHING;
	if (is_one_of(text, bools))
		return SCN_BOOL;
	return is_number(text) ? SCN_NUMBER : SCN_TEXT;
}
