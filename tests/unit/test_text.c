/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text from elsewhere: what it is made of, how wide it is, and what of it is shown. */
#include <criterion/criterion.h>
#include <string.h>

#include "tcplab/text.h"

#define WOMAN    "\xf0\x9f\x91\xa9"
#define TONE     "\xf0\x9f\x8f\xbd"
#define JOINER   "\xe2\x80\x8d"
#define LAPTOP   "\xf0\x9f\x92\xbb"
#define HEART    "\xe2\x9d\xa4"
#define AS_EMOJI "\xef\xb8\x8f"
#define GERMANY  "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa"
#define FLAG     "\xf0\x9f\x8f\xb4"
#define TAG(c)   "\xf3\xa0\x81" c
#define TAG_END  "\xf3\xa0\x81\xbf"
#define WALES    FLAG TAG("\xa7") TAG("\xa2") TAG("\xb7") TAG("\xac") TAG("\xb3") TAG_END
#define CYR_A    "\xd0\xb0"

Test(text, a_line_only_shows)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "plain", "plain" },
		{ "  two\n\n words\t", "two words" },
		{ "", "" },
		{ NULL, "" },
		{ "\x1b[1m", "\\x1b[1m" },
		{ "\x7f\xc2\x9b", "\\x7f\\x9b" },
		{ "\xe2\x80\xae" "abc", "\\u202eabc" },
		{ "\xef\xbb\xbf" "bom", "\\ufeffbom" },
		{ "\xff" "x", "\\xffx" },
		{ "\xc0\xaf" "over", "\\xc0\\xafover" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
		{ "cut \xe2\x80", "cut \\xe2\\x80" },
		{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
		{ "\xf3\xa0\x81\x81", "\\ue0041" },
		{ "\xef\xbf\xbf", "\\uffff" },
		{ "soft\xc2\xad", "soft\\xad" },
		{ "\xe1\x85\x9f", "\\u115f" }, /* a Hangul filler */
		{ "e\xcc\x81", "e\xcc\x81" },
		/* Emoji of several code points stay what they are ... */
		{ WOMAN JOINER LAPTOP, WOMAN JOINER LAPTOP },
		{ WOMAN TONE JOINER LAPTOP "!", WOMAN TONE JOINER LAPTOP "!" },
		{ HEART AS_EMOJI, HEART AS_EMOJI },
		{ GERMANY, GERMANY },
		{ WALES, WALES },
		{ "1" AS_EMOJI "\xe2\x83\xa3", "1" AS_EMOJI "\xe2\x83\xa3" },
		/* ... and what they are joined with means nothing elsewhere. */
		{ "a" JOINER "b", "a\\u200db" },
		{ WOMAN JOINER "x", WOMAN "\\u200dx" },
		{ WOMAN JOINER, WOMAN "\\u200d" },
		{ FLAG TAG("\xa7") TAG("\xa2"), FLAG "\\ue0067\\ue0062" },
		{ FLAG TAG_END, FLAG "\\ue007f" },
		{ WOMAN TAG("\xa7") TAG_END, WOMAN "\\ue0067\\ue007f" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tl_buf out = { 0 };

		tl_text_line(&out, cases[i].in);
		cr_expect_str_eq(tl_buf_text(&out), cases[i].out, "%zu: %s", i,
				 tl_buf_text(&out));
		tl_buf_release(&out);
	}
}

Test(text, lines_keep_their_ends)
{
	struct tl_buf out = { 0 };

	tl_text_lines(&out, "a\tb\r\n  c\rd\n");
	cr_expect_str_eq(tl_buf_text(&out), "a b\n  c\\x0dd\n", "%s", tl_buf_text(&out));
	tl_buf_release(&out);
}

Test(text, columns_are_those_of_a_terminal)
{
	static const struct {
		const char *text;
		int columns;
	} cases[] = {
		{ "abc", 3 },
		{ "gr\xc3\xbc\xc3\x9f", 4 },
		{ "\xe6\x8e\xa5\xe7\xb6\x9a", 4 },          /* two of CJK */
		{ "e\xcc\x81", 1 },
		{ "\xe0\xb8\x81\xe0\xb8\xb4", 1 },          /* Thai, a vowel above */
		{ "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", 2 }, /* a Hangul syllable in letters */
		{ "\xef\xbc\xa1", 2 },                      /* a fullwidth A */
		{ "\xe2\x94\x80\xe2\x96\xb6", 2 },          /* what arrows are drawn with */
		{ "\xf0\x9f\xa9\xb7", 2 },                  /* a picture of Unicode 15 */
		{ WOMAN JOINER LAPTOP, 2 },
		{ WOMAN TONE, 2 },
		{ HEART, 1 },
		{ HEART AS_EMOJI, 2 },
		{ GERMANY, 2 },
		{ WALES, 2 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int columns = tl_text_columns(cases[i].text, strlen(cases[i].text));

		cr_expect_eq(columns, cases[i].columns, "%s: %d", cases[i].text, columns);
	}
}

Test(text, spelled_out_is_as_wide_as_counted)
{
	static const char *const texts[] = { "\x1b", "\xff", "\xe2\x80\xae", "\xf3\xa0\x81\x81",
					     "\xf4\x8f\xbf\xbf" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct tl_glyph g = tl_glyph_read(texts[i], strlen(texts[i]));
		struct tl_buf out = { 0 };

		tl_glyph_show(&out, texts[i], &g);
		cr_expect_eq((size_t)g.columns, out.len, "%s: %d", tl_buf_text(&out), g.columns);
		tl_buf_release(&out);
	}
}

Test(text, what_fits)
{
	cr_expect_eq(tl_text_fitting("abc", 3, 2), 2, "two");
	cr_expect_eq(tl_text_fitting("\xe6\x8e\xa5x", 4, 1), 3, "one character at least");
	cr_expect_eq(tl_text_fitting("e\xcc\x81x", 4, 1), 3, "with what belongs to it");
	cr_expect_eq(tl_text_words("one two three", 13, 8), 7, "whole words");
	cr_expect_eq(tl_text_words("one two three", 13, 7), 7, "to the column");
	cr_expect_eq(tl_text_words("one two three", 13, 2), 0, "none");
	cr_expect_eq(tl_text_words("gr\xc3\xbc\xc3\x9f x", 8, 4), 6, "columns, not bytes");
}

/* A letter that only looks like another is seen by its code point. */
Test(text, a_name_of_look_alikes)
{
	char out[TL_QUOTE_TEXT];

	cr_expect_str_eq(tl_text_quote_name(out, "m" CYR_A "ster", 7), "\"m\\u0430ster\"");
	cr_expect_str_eq(tl_text_quote_name(out, CYR_A CYR_A, 4), "\"\\u0430\\u0430\"");
	cr_expect_str_eq(tl_text_quote_name(out, "0." CYR_A, 4), "\"0.\\u0430\"");
	cr_expect_str_eq(tl_text_quote_name(out, "master", 6), "\"master\"");
	cr_expect_str_eq(tl_text_quote(out, "m" CYR_A "ster", 7), "\"m" CYR_A "ster\"");
}

Test(text, a_long_quote_is_cut)
{
	char out[TL_QUOTE_TEXT], many[400];

	memset(many, 'x', sizeof(many));
	cr_expect_eq(strlen(tl_text_quote(out, many, sizeof(many))), 64, "%s", out);
	cr_expect_str_eq(out + 58, "xx...\"");
	/* A character with more marks on it than there is room. */
	many[0] = 'e';
	for (size_t i = 1; i + 1 < sizeof(many); i += 2)
		memcpy(many + i, "\xcc\x81", 2);
	cr_expect_str_eq(tl_text_quote(out, many, 399), "\"...\"");
}
