/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text from elsewhere: made harmless, and escaped for Markdown. */
#include <criterion/criterion.h>

#include "../../src/report/md/md_text.h"
#include "../../src/report/safe.h"

Test(report_safe, safe_text_is_one_line_that_only_shows)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "plain", "plain" },
		{ "  two\n\n words\t", "two words" },
		{ "", "" },
		{ "\x1b[1m", "\\x1b[1m" },
		{ "\x7f\xc2\x9b", "\\x7f\\x9b" },
		{ "\xe2\x80\xae" "abc", "\\u202eabc" },
		{ "\xef\xbb\xbf" "bom", "\\ufeffbom" },
		{ "\xff" "x", "\xef\xbf\xbd" "x" },
		{ "\xc0\xaf" "over", "\xef\xbf\xbd\xef\xbf\xbd" "over" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "cut \xe2\x80", "cut \xef\xbf\xbd\xef\xbf\xbd" },
		{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
		{ "\xf3\xa0\x81\x81", "\\ue0041" },
		{ "\xef\xbf\xbf", "\\uffff" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tl_buf out = { 0 };

		tl_report_safe(&out, cases[i].in);
		cr_assert_str_eq(tl_buf_text(&out), cases[i].out);
		tl_buf_release(&out);
	}
}

Test(report_safe, columns_are_those_of_a_terminal)
{
	cr_assert_eq(tl_report_columns("abc", 3), 3);
	cr_assert_eq(tl_report_columns("gr\xc3\xbc\xc3\x9f", 6), 4);
	cr_assert_eq(tl_report_columns("\xe6\x8e\xa5\xe7\xb6\x9a", 6), 4);
	cr_assert_eq(tl_report_columns("e\xcc\x81", 3), 1);
}

Test(report_safe, markdown_specials_are_only_text)
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

Test(report_safe, markdown_code_cannot_be_left)
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
