/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "utf8.h"

#include <stdio.h>
#include <string.h>

struct range {
	uint32_t first;
	uint32_t last;
};

/*
 * Controls; what is invisible or turns the direction of writing; noncharacters. A table of
 * our own and not iswprint(): a message must not depend on the locale.
 */
static const struct range hidden[] = {
	{ 0x0000, 0x001f },   { 0x007f, 0x009f },   { 0x00ad, 0x00ad },   { 0x061c, 0x061c },
	{ 0x115f, 0x1160 },   { 0x180e, 0x180e },   { 0x200b, 0x200f },   { 0x2028, 0x202e },
	{ 0x2060, 0x206f },   { 0x3164, 0x3164 },   { 0xfdd0, 0xfdef },   { 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 },   { 0xfff0, 0xfffb },   { 0xfffe, 0xffff },   { 0xe0000, 0xe0fff },
};

/* Take no column: they combine with the character before. */
static const struct range combining[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd }, { 0x064b, 0x065f },
	{ 0x0e34, 0x0e3a }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff },
	{ 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
};

/* Take two columns: East Asian Width W and F, emoji. */
static const struct range wide[] = {
	{ 0x1100, 0x115e },   { 0x231a, 0x231b },   { 0x2614, 0x2615 },   { 0x26a1, 0x26a1 },
	{ 0x2705, 0x2705 },   { 0x274c, 0x274c },   { 0x2e80, 0x303e },   { 0x3041, 0x4dbf },
	{ 0x4e00, 0xa4cf },   { 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },
	{ 0xff01, 0xff60 },   { 0xffe0, 0xffe6 },   { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff },
	{ 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
};

#define IS_IN(ranges, code) is_in(ranges, sizeof(ranges) / sizeof((ranges)[0]), code)

static bool is_in(const struct range *ranges, size_t n, uint32_t code)
{
	for (size_t i = 0; i < n; i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

/* Bytes of the character that begins with @first, 0 where none does. */
static size_t length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2) /* inside a character, or an overlong one */
		return 0;
	if (first < 0xe0)
		return 2;
	if (first < 0xf0)
		return 3;
	return first < 0xf5 ? 4 : 0;
}

/* Bytes of the character at @s, 0 where it is not UTF-8: no overlongs, no surrogates. */
static size_t decode(const unsigned char *s, size_t len, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = length(s[0]);

	if (!n || n > len)
		return 0;
	*code = n == 1 ? s[0] : s[0] & (0x7f >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (s[i] & 0x3f);
	}
	if (*code < least[n] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return n;
}

struct scn_glyph scn_glyph_read(const char *text, size_t len)
{
	struct scn_glyph g = { 0 };

	g.bytes = decode((const unsigned char *)text, len, &g.code);
	g.valid = g.bytes != 0;
	if (!g.valid) {
		g.bytes = 1;
		g.code = (unsigned char)text[0];
	}
	g.plain = g.valid && !IS_IN(hidden, g.code);
	if (g.plain) {
		memcpy(g.show, text, g.bytes);
		g.width = IS_IN(combining, g.code) ? 0 : IS_IN(wide, g.code) ? 2 : 1;
		return g;
	}
	if (g.code <= 0xff)
		g.width = snprintf(g.show, sizeof(g.show), "\\x%02x", g.code);
	else
		g.width = snprintf(g.show, sizeof(g.show), "\\u%04x", g.code);
	return g;
}

const char *scn_quote(char *out, const char *text, size_t len)
{
	static const char cut[] = "...";
	const size_t most = 60;
	size_t n = 0;

	out[n++] = '"';
	for (size_t at = 0; at < len;) {
		struct scn_glyph g = scn_glyph_read(text + at, len - at);
		size_t more = strlen(g.show);

		if (n + more > most) {
			memcpy(out + n, cut, sizeof(cut) - 1);
			n += sizeof(cut) - 1;
			break;
		}
		memcpy(out + n, g.show, more);
		n += more;
		at += g.bytes;
	}
	out[n++] = '"';
	out[n] = '\0';
	return out;
}
