/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Versions of kernels and servers: read and compared. */
#include "tcplab/version.h"

#include <string.h>

#include "tcplab/enum_names.h"

/* A part beyond this is not a version but a date, or a slip. */
#define PART_MOST 99999999

/* The digits at @text as a number. Return: how many; 0 for none or too large a number. */
static size_t parse_part(const char *text, unsigned *part)
{
	size_t n = strspn(text, "0123456789");
	unsigned long value = 0;

	for (size_t i = 0; i < n; i++) {
		value = value * 10 + (text[i] - '0');
		if (value > PART_MOST)
			return 0;
	}
	*part = value;
	return n;
}

size_t tl_version_parse(const char *text, struct tl_version *version)
{
	size_t at = 0, len = 0;

	*version = (struct tl_version){ 0 };
	while (version->n < TL_VERSION_PARTS) {
		size_t n = parse_part(text + at, &version->part[version->n]);

		if (!n)
			break;
		version->n++;
		len = at + n;
		if (text[len] != '.')
			break;
		at = len + 1;
	}
	return len;
}

void tl_version_of_kernel(const char *release, const char *built, const char *signature,
			  struct tl_version *version)
{
	static const char debian[] = "Debian ";
	const char *last = strrchr(signature, ' '), *by = strstr(built, debian);

	if ((!last || !tl_version_parse(last + 1, version)) &&
	    (!by || !tl_version_parse(by + strlen(debian), version)))
		tl_version_parse(release, version);
}

TL_NAMES(tl_comparison_name, enum tl_comparison, TL_COMPARISONS)

size_t tl_comparison_parse(const char *text, enum tl_comparison *comparison)
{
	for (int i = TL_VERSION_AT_LEAST; i <= TL_VERSION_EQUAL; i++) {
		size_t n = strlen(tl_comparison_name(i));

		if (!strncmp(text, tl_comparison_name(i), n)) {
			*comparison = i;
			return n;
		}
	}
	return 0;
}

bool tl_compares(enum tl_comparison comparison, int64_t a, int64_t b)
{
	switch (comparison) {
	case TL_VERSION_AT_LEAST: return a >= b;
	case TL_VERSION_AT_MOST: return a <= b;
	case TL_VERSION_ABOVE: return a > b;
	case TL_VERSION_BELOW: return a < b;
	case TL_VERSION_EQUAL: return a == b;
	}
	return false;
}

bool tl_version_bound_parse(const char *text, size_t len, struct tl_version_bound *bound)
{
	const char *at = text + strspn(text, " \t"), *end = text + len;
	size_t n = tl_comparison_parse(at, &bound->comparison);

	if (!n)
		return false;
	at += n;
	at += strspn(at, " \t");
	n = tl_version_parse(at, &bound->version);
	at += n;
	at += strspn(at, " \t");
	return n && at == end;
}

bool tl_version_within(const struct tl_version *version, const struct tl_version_bound *bound)
{
	int order = 0;

	for (int i = 0; !order && i < bound->version.n; i++)
		order = (version->part[i] > bound->version.part[i]) -
			(version->part[i] < bound->version.part[i]);
	return tl_compares(bound->comparison, order, 0);
}

static bool is_in(const struct tl_version *version, const struct tl_version_range *range)
{
	for (int i = 0; i < range->n; i++)
		if (!tl_version_within(version, &range->bound[i]))
			return false;
	return true;
}

bool tl_version_among(const struct tl_version *version, const struct tl_version_range *ranges,
		      size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_in(version, &ranges[i]))
			return true;
	return !n;
}
