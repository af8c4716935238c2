/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: versions of kernels and programs, and bounds on them. */
#ifndef TCPLAB_VERSION_H
#define TCPLAB_VERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TL_VERSION_PARTS 3

/* "6.12.57" is 6, 12, 57; what was not given is 0. */
struct tl_version {
	unsigned part[TL_VERSION_PARTS];
	int n; /* how many parts were given; 0: no version */
};

/* How a version is compared with that of a bound. X(identifier, as written: the longer first) */
#define TL_COMPARISONS(X)                                                                    \
	X(AT_LEAST, ">=")                                                                    \
	X(AT_MOST, "<=")                                                                     \
	X(ABOVE, ">")                                                                        \
	X(BELOW, "<")                                                                        \
	X(EQUAL, "=")

enum tl_comparison {
#define X(id, written) TL_VERSION_##id,
	TL_COMPARISONS(X)
#undef X
};

/* tl_comparison_name - ">=" (static) */
const char *tl_comparison_name(enum tl_comparison comparison);

/* tl_comparison_parse - the one that @text begins with. Return: its length in bytes; 0 for none. */
size_t tl_comparison_parse(const char *text, enum tl_comparison *comparison);

/* tl_compares - is it true of these two numbers? */
bool tl_compares(enum tl_comparison comparison, int64_t a, int64_t b);

/* ">= 6.9" */
struct tl_version_bound {
	enum tl_comparison comparison;
	struct tl_version version;
};

#define TL_VERSION_BOUNDS 2

/* ">= 5.10.217, < 5.11": all of its bounds hold. */
struct tl_version_range {
	struct tl_version_bound bound[TL_VERSION_BOUNDS];
	int n;
};

/*
 * tl_version_parse - the version that @text begins with
 *
 * At most three numbers with dots between them; what follows ("-27-amd64", "-rc1", a
 * fourth number) is not looked at.
 *
 * Return: how many bytes of @text the numbers and the dots between them are; 0, with
 * @version zeroed, where there is none.
 */
size_t tl_version_parse(const char *text, struct tl_version *version);

/*
 * tl_version_of_kernel - the version of kernel.org's that a kernel is made from
 * @release, @built: as uname(2) has them, release and version
 * @signature: the line of /proc/version_signature, "" where there is none
 *
 * Debian and Ubuntu keep the release ("6.1.0-28-amd64") as it is over all updates, so that
 * modules fit, and say elsewhere what it is by now: in uname's version, "#1 SMP Debian
 * 6.1.119-1 (2024-11-22)", and in the signature, "Ubuntu 6.8.0-49.49-generic 6.8.12".
 */
void tl_version_of_kernel(const char *release, const char *built, const char *signature,
			  struct tl_version *version);

/*
 * tl_version_bound_parse - "<comparison> <version>" and nothing else, blanks as you like
 * @text: its first @len bytes
 *
 * Return: is it one? Where not, @bound is undefined.
 */
bool tl_version_bound_parse(const char *text, size_t len, struct tl_version_bound *bound);

/*
 * tl_version_within - does @version keep to @bound?
 *
 * Only as many parts are compared as the bound gives: 8.0.2 is "= 8" and "<= 8", and not
 * "> 8".
 */
bool tl_version_within(const struct tl_version *version, const struct tl_version_bound *bound);

/* tl_version_among - is @version in one of @n ranges? Of no range at all, any version is. */
bool tl_version_among(const struct tl_version *version, const struct tl_version_range *ranges,
		      size_t n);

#endif
