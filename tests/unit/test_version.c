/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Versions and bounds on them. */
#include <criterion/criterion.h>
#include <string.h>

#include "tcplab/version.h"

Test(version, what_a_text_begins_with)
{
	static const struct {
		const char *text;
		size_t len;
		struct tl_version want;
	} cases[] = {
		{ "6.12.57-amd64", 7, { { 6, 12, 57 }, 3 } },
		{ "5.10.0-33-amd64", 6, { { 5, 10, 0 }, 3 } },
		{ "7.2-rc1", 3, { { 7, 2, 0 }, 2 } },
		{ "8.0.2.1", 5, { { 8, 0, 2 }, 3 } },
		{ "8", 1, { { 8, 0, 0 }, 1 } },
		{ "8.", 1, { { 8, 0, 0 }, 1 } },
		{ "8.x", 1, { { 8, 0, 0 }, 1 } },
		{ "20240101.1", 10, { { 20240101, 1, 0 }, 2 } },
		{ "99999999999.1", 0, { { 0 }, 0 } },
		{ "v8", 0, { { 0 }, 0 } },
		{ "", 0, { { 0 }, 0 } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tl_version got;
		size_t len = tl_version_parse(cases[i].text, &got);

		cr_expect_eq(len, cases[i].len, "%s: %zu bytes", cases[i].text, len);
		cr_expect_eq(memcmp(&got, &cases[i].want, sizeof(got)), 0, "%s: %u.%u.%u of %d",
			     cases[i].text, got.part[0], got.part[1], got.part[2], got.n);
	}
}

Test(version, of_kernels)
{
	static const struct {
		const char *release, *built, *signature;
		struct tl_version want;
	} cases[] = {
		{ "6.1.0-28-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)", "",
		  { { 6, 1, 119 }, 3 } },
		{ "6.8.0-49-generic", "#49-Ubuntu SMP PREEMPT_DYNAMIC Mon Nov  4",
		  "Ubuntu 6.8.0-49.49-generic 6.8.12\n", { { 6, 8, 12 }, 3 } },
		{ "6.18.44-fc-v657", "#1 SMP Debian packages", "", { { 6, 18, 44 }, 3 } },
		{ "5.14.0-427.el9.x86_64", "#1 SMP PREEMPT_DYNAMIC", "no version",
		  { { 5, 14, 0 }, 3 } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tl_version got;

		tl_version_of_kernel(cases[i].release, cases[i].built, cases[i].signature, &got);
		cr_expect_eq(memcmp(&got, &cases[i].want, sizeof(got)), 0, "%s: %u.%u.%u",
			     cases[i].release, got.part[0], got.part[1], got.part[2]);
	}
}

static struct tl_version_bound bound(const char *text)
{
	struct tl_version_bound bound;

	cr_assert(tl_version_bound_parse(text, strlen(text), &bound), "%s is no bound", text);
	return bound;
}

Test(version, bounds)
{
	static const struct {
		const char *version;
		const char *bound;
		bool within;
	} cases[] = {
		{ "6.9", ">= 6.9", true },	{ "6.10", ">= 6.9", true },
		{ "6.8.12", ">= 6.9", false },	{ "7", ">= 6.9", true },
		{ "6", ">= 6.9", false },	{ "8.0.2", "<= 8", true },
		{ "8.0.2", "= 8", true },	{ "8.0.2", "= 8.0.3", false },
		{ "8.0.2", "> 8", false },	{ "9", "> 8", true },
		{ "8.0.2", "<8.0.3", true },	{ "8.0.2", " <\t8 ", false },
		{ "7.0.15", "< 8", true },	{ "9.1", "<= 8", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tl_version_bound of = bound(cases[i].bound);
		struct tl_version version;

		tl_version_parse(cases[i].version, &version);
		cr_expect_eq(tl_version_within(&version, &of), cases[i].within, "%s %s",
			     cases[i].version, cases[i].bound);
	}
}

Test(version, ranges)
{
	const struct tl_version_range mended[] = {
		{ { bound(">= 6.9") }, 1 },
		{ { bound(">= 6.1.91"), bound("< 6.2") }, 2 },
	};
	static const struct {
		struct tl_version version;
		bool among;
	} cases[] = {
		{ { { 6, 9, 0 }, 2 }, true },	 { { { 6, 1, 119 }, 3 }, true },
		{ { { 6, 1, 90 }, 3 }, false },	 { { { 6, 2, 0 }, 3 }, false },
		{ { { 6, 8, 12 }, 3 }, false },	 { { { 7, 0, 0 }, 1 }, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(tl_version_among(&cases[i].version, mended, 2), cases[i].among,
			     "case %zu", i);
	cr_expect(tl_version_among(&cases[2].version, NULL, 0), "no range binds nothing");
}

Test(version, what_is_no_bound)
{
	static const char *const texts[] = { "", "6.9", ">=", ">= x", ">= 6.9 or later", "=> 6.9",
					     ">= 6.9.1.2", ">= 6.", "== 6", "<> 6", "> = 6" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct tl_version_bound got;

		cr_expect_not(tl_version_bound_parse(texts[i], strlen(texts[i]), &got), "%s",
			      texts[i]);
	}
	cr_expect(tl_version_bound_parse(">= 6, < 7", 4, &(struct tl_version_bound){ 0 }),
		  "the first of two");
}
