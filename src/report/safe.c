/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "safe.h"

#include <stdbool.h>

#define REPLACEMENT 0xfffd

struct range {
	uint32_t first, last;
};

static bool within(uint32_t cp, const struct range *ranges, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (cp >= ranges[i].first && cp <= ranges[i].last)
			return true;
	return false;
}

#define WITHIN(cp, ranges) within(cp, ranges, sizeof(ranges) / sizeof((ranges)[0]))

/* What steers instead of showing: controls, directions, fillers, tags, no characters. */
static const struct range acting[] = {
	{ 0x00, 0x1f },     { 0x7f, 0x9f },     { 0xad, 0xad },       { 0x61c, 0x61c },
	{ 0x115f, 0x1160 }, { 0x180b, 0x180f }, { 0x200b, 0x200f },   { 0x2028, 0x202e },
	{ 0x2060, 0x206f }, { 0x3164, 0x3164 }, { 0xfdd0, 0xfdef },   { 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0xfffe, 0xffff },   { 0xe0000, 0xe0fff },
};

/* Drawn over the character before: no column of their own. */
static const struct range combining[] = {
	{ 0x300, 0x36f },   { 0x483, 0x489 },   { 0x591, 0x5bd },   { 0x610, 0x61a },
	{ 0x64b, 0x65f },   { 0xe31, 0xe31 },   { 0xe34, 0xe3a },   { 0xe47, 0xe4e },
	{ 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff }, { 0x3099, 0x309a },
	{ 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
};

/* East Asian Wide and Fullwidth, and the pictures: two columns. */
static const struct range wide[] = {
	{ 0x1100, 0x115f },   { 0x231a, 0x231b },   { 0x23e9, 0x23ec },   { 0x2614, 0x2615 },
	{ 0x26a1, 0x26a1 },   { 0x2705, 0x2705 },   { 0x274c, 0x274c },   { 0x2e80, 0x303e },
	{ 0x3041, 0xa4cf },   { 0xa960, 0xa97f },   { 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },
	{ 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },   { 0xffe0, 0xffe6 },   { 0x1f300, 0x1f64f },
	{ 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
};

size_t tl_report_rune(const char *text, uint32_t *cp)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)text;
	size_t n = 0;

	*cp = s[0];
	if (s[0] < 0x80)
		return s[0] != 0;
	if (s[0] >= 0xc2 && s[0] <= 0xf4)
		n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (n)
		*cp = s[0] & (0x7f >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80) {
			n = 0;
			break;
		}
		*cp = *cp << 6 | (s[i] & 0x3f);
	}
	if (n && *cp >= least[n] && *cp <= 0x10ffff && (*cp < 0xd800 || *cp > 0xdfff))
		return n;
	*cp = REPLACEMENT;
	return 1;
}

int tl_report_columns(const char *text, size_t len)
{
	int columns = 0;
	uint32_t cp;

	for (size_t at = 0, n; at < len; at += n) {
		n = tl_report_rune(text + at, &cp);
		if (!n)
			break;
		columns += WITHIN(cp, combining) ? 0 : WITHIN(cp, wide) ? 2 : 1;
	}
	return columns;
}

int tl_report_buf_columns(const struct tl_buf *buf)
{
	return tl_report_columns(tl_buf_text(buf), buf->len);
}

static bool blank(uint32_t cp)
{
	return cp == ' ' || (cp >= '\t' && cp <= '\r') || cp == 0x85 || cp == 0xa0 ||
	       cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 ||
	       cp == 0x2029 || cp == 0x202f || cp == 0x205f || cp == 0x3000;
}

static void harmless(struct tl_buf *out, const char *text, size_t n, uint32_t cp)
{
	if (cp == REPLACEMENT)
		tl_buf_str(out, "\xef\xbf\xbd");
	else if (!WITHIN(cp, acting) && (cp & 0xfffe) != 0xfffe)
		tl_buf_add(out, text, n);
	else if (cp <= 0xff)
		tl_buf_fmt(out, "\\x%02x", cp);
	else
		tl_buf_fmt(out, "\\u%04x", cp);
}

void tl_report_safe(struct tl_buf *out, const char *text)
{
	size_t start = out->len, n;
	bool gap = false;
	uint32_t cp;

	for (; text && (n = tl_report_rune(text, &cp)); text += n) {
		if (blank(cp)) {
			gap = true;
			continue;
		}
		if (gap && out->len > start)
			tl_buf_str(out, " ");
		gap = false;
		harmless(out, text, n, cp);
	}
}

void tl_report_safe_lines(struct tl_buf *out, const char *text)
{
	uint32_t cp;
	size_t n;

	for (; text && (n = tl_report_rune(text, &cp)); text += n) {
		if (cp == '\r' && text[1] == '\n')
			continue;
		if (cp == '\n')
			tl_buf_str(out, "\n");
		else if (blank(cp) && cp != '\r')
			tl_buf_str(out, " ");
		else
			harmless(out, text, n, cp);
	}
}

/* What the pages of a terminal are drawn with. */
static char drawn_with(uint32_t cp)
{
	switch (cp) {
	case 0x2500: /* a horizontal line */
		return '-';
	case 0x251c: /* a vertical one, with a branch to the right */
	case 0x2524: /* or to the left */
		return '|';
	case 0x25b6: /* an arrow's head */
		return '>';
	case 0x25c0:
		return '<';
	case 0x2713: /* a check mark */
		return '+';
	case 0x2717: /* a cross */
		return 'x';
	case 0xb7: /* a dot in the middle */
		return '.';
	}
	return '?';
}

void tl_report_ascii(struct tl_buf *out, const char *text, size_t len)
{
	uint32_t cp;

	for (size_t at = 0, n; at < len && (n = tl_report_rune(text + at, &cp)); at += n) {
		if (cp < 0x80)
			tl_buf_add(out, text + at, n);
		else
			tl_buf_pad(out, drawn_with(cp), tl_report_columns(text + at, n));
	}
}

void tl_report_utf8(struct tl_buf *out, const char *text)
{
	uint32_t cp;
	size_t n;

	for (; text && (n = tl_report_rune(text, &cp)); text += n) {
		if (cp == REPLACEMENT)
			tl_buf_str(out, "\xef\xbf\xbd");
		else
			tl_buf_add(out, text, n);
	}
}
