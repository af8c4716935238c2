/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text from elsewhere, escaped for Markdown. */
#include <criterion/criterion.h>

#include "../../src/report/md/md_text.h"

Test(md_text, specials_are_only_text)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "a|b", "a\\|b" },
		{ "TIME_WAIT", "TIME\\_WAIT" },
		{ "<script>&amp;", "&lt;script>&amp;amp;" },
		{ "[x](y) ![z]", "\\[x\\](y) \\!\\[z\\]" },
		{ "`code`", "\\`code\\`" },
		{ "- item", "\\- item" },
		{ "+ item", "\\+ item" },
		{ "> quote", "\\> quote" },
		{ "===", "\\===" },
		{ "12. item", "12\\. item" },
		{ "# title #1", "\\#<!-- --> title \\#<!-- -->1" },
		{ "@somebody", "\\@<!-- -->somebody" },
		{ "http://a.b", "http\\:<!-- -->//a.b" },
		{ "www.a.b", "www<!-- -->.a.b" },
		{ "a :tada: b", "a \\:<!-- -->tada: b" },
		{ "127.0.0.1:6379", "127.0.0.1:6379" },
		{ "$x$", "<span>$</span>x<span>$</span>" },
		{ "one\n\n# two", "one \\#<!-- --> two" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tl_buf out = { 0 };

		tl_md_inline(&out, cases[i].in);
		cr_assert_str_eq(tl_buf_text(&out), cases[i].out);
		tl_buf_release(&out);
	}
}

Test(md_text, code_cannot_be_left)
{
	struct tl_buf out = { 0 };

	tl_md_fence(&out, "a\n````\n```` b");
	cr_assert_str_eq(out.data, "`````text\na\n````\n```` b\n`````\n\n");
	out.len = 0;
	tl_md_code(&out, "a``b|c", true);
	cr_assert_str_eq(out.data, "``` a``b\\|c ```");
	out.len = 0;
	tl_md_code(&out, "a|b", false);
	cr_assert_str_eq(out.data, "`a|b`");
	out.len = 0;
	tl_md_quote(&out, "one\ntwo\n\n```\nthree");
	cr_assert_str_eq(out.data, "> one two\n>\n> \\`\\`\\` three\n");
	tl_buf_release(&out);
}
