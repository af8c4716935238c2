/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Characters as Unicode has them, by libutf8proc's tables, and which of them only show. */
#include "tcplab/text.h"

#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#define JOINER     0x200d
#define EMOJI_FORM 0xfe0f /* the character before is meant as a picture */
#define BLACK_FLAG 0x1f3f4
#define TAGS_MOST  8      /* of a flag: "gbeng", and the one that ends it */

/* One code point, or a byte that is none. Return: its bytes. */
static size_t decode(const char *text, size_t len, uint32_t *code, bool *valid)
{
	utf8proc_int32_t found;
	utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text, len, &found);

	*valid = n > 0;
	*code = *valid ? (uint32_t)found : (unsigned char)*text;
	return *valid ? n : 1;
}

static bool is_picture(uint32_t code)
{
	return utf8proc_get_property(code)->boundclass ==
	       UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

static bool is_half_of_flag(uint32_t code)
{
	return utf8proc_get_property(code)->boundclass == UTF8PROC_BOUNDCLASS_REGIONAL_INDICATOR;
}

static bool is_tag(uint32_t code)
{
	return code >= 0xe0020 && code <= 0xe007f;
}

/* Steers instead of showing, or cannot be seen. A form of the character before can. */
static bool acts(uint32_t code)
{
	if ((code & 0xfffe) == 0xfffe || (code >= 0xfdd0 && code <= 0xfdef))
		return true;
	if (code >= 0xfe00 && code <= EMOJI_FORM)
		return false;
	switch (utf8proc_category(code)) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return true;
	default: /* the library's enum, and most of it shows */
		return utf8proc_get_property(code)->ignorable;
	}
}

/* The tags behind a black flag, with the one that ends them; 0: not those of a flag. */
static size_t flag_tags(const char *text, size_t len)
{
	size_t at = 0;

	for (int n = 0; n < TAGS_MOST && at < len; n++) {
		uint32_t code;
		bool valid;

		at += decode(text + at, len - at, &code, &valid);
		if (!valid || !is_tag(code))
			return 0;
		if (code == 0xe007f)
			return n ? at : 0;
	}
	return 0;
}

/* The picture that a joiner at @text adds to the one before it; 0 bytes for none. */
static size_t joined(const char *text, size_t len)
{
	uint32_t code;
	bool valid;
	size_t joiner = decode(text, len, &code, &valid), n;

	if (!valid || code != JOINER || joiner == len)
		return 0;
	n = decode(text + joiner, len - joiner, &code, &valid);
	return valid && is_picture(code) ? joiner + n : 0;
}

struct tl_glyph tl_glyph_read(const char *text, size_t len)
{
	char spelled[TL_GLYPH_SPELLED];
	struct tl_glyph g = { 0 };
	utf8proc_int32_t state = 0;
	uint32_t last, code;
	bool valid, picture;

	if (*text >= ' ' && *text <= '~' && (len == 1 || !(text[1] & 0x80))) /* most of them */
		return (struct tl_glyph){ *text, true, true, 1, 1 };
	g.bytes = decode(text, len, &g.code, &g.valid);
	g.plain = g.valid && !acts(g.code);
	if (!g.plain) {
		g.columns = strlen(tl_glyph_spell(&g, spelled));
		return g;
	}
	g.columns = utf8proc_charwidth(g.code);
	picture = is_picture(g.code);
	if (g.code == BLACK_FLAG)
		g.bytes += flag_tags(text + g.bytes, len - g.bytes);
	last = g.code;
	while (g.bytes < len) {
		size_t more = picture ? joined(text + g.bytes, len - g.bytes) : 0;

		if (more) { /* one picture still, and as wide */
			g.bytes += more;
			continue;
		}
		more = decode(text + g.bytes, len - g.bytes, &code, &valid);
		if (!valid || acts(code) || utf8proc_grapheme_break_stateful(last, code, &state))
			break;
		if (code == EMOJI_FORM && picture)
			g.columns = 2;
		else if (is_half_of_flag(code))
			g.columns += utf8proc_charwidth(code);
		g.bytes += more;
		last = code;
	}
	return g;
}

const char *tl_glyph_spell(const struct tl_glyph *glyph, char *out)
{
	snprintf(out, TL_GLYPH_SPELLED, glyph->code <= 0xff ? "\\x%02x" : "\\u%04x",
		 glyph->code);
	return out;
}

void tl_glyph_show(struct tl_buf *out, const char *text, const struct tl_glyph *glyph)
{
	char spelled[TL_GLYPH_SPELLED];

	if (glyph->plain)
		tl_buf_add(out, text, glyph->bytes);
	else
		tl_buf_str(out, tl_glyph_spell(glyph, spelled));
}

/* @ascii: nothing else goes through as it is. */
static const char *quote(char *out, const char *text, size_t len, bool ascii)
{
	const size_t most = 60;
	char spelled[TL_GLYPH_SPELLED];
	size_t n = 0;

	out[n++] = '"';
	for (size_t at = 0; at < len;) {
		struct tl_glyph g = tl_glyph_read(text + at, len - at);
		bool plain = g.plain && (!ascii || g.code < 0x80);
		const char *show = plain ? text + at : tl_glyph_spell(&g, spelled);
		size_t more = plain ? g.bytes : strlen(show);

		if (n + more > most) {
			n += snprintf(out + n, TL_QUOTE_TEXT - n, "...");
			break;
		}
		memcpy(out + n, show, more);
		n += more;
		at += g.bytes;
	}
	out[n++] = '"';
	out[n] = '\0';
	return out;
}

const char *tl_text_quote(char *out, const char *text, size_t len)
{
	return quote(out, text, len, false);
}

const char *tl_text_quote_name(char *out, const char *text, size_t len)
{
	return quote(out, text, len, true);
}

int tl_text_columns(const char *text, size_t len)
{
	int columns = 0;

	for (size_t at = 0; at < len;) {
		struct tl_glyph g = tl_glyph_read(text + at, len - at);

		columns += g.columns;
		at += g.bytes;
	}
	return columns;
}

int tl_buf_columns(const struct tl_buf *buf)
{
	return tl_text_columns(tl_buf_text(buf), buf->len);
}

size_t tl_text_fitting(const char *text, size_t len, int room)
{
	size_t at = 0;

	while (at < len) {
		struct tl_glyph g = tl_glyph_read(text + at, len - at);

		room -= g.columns;
		if (at && room < 0)
			break;
		at += g.bytes;
	}
	return at;
}

size_t tl_text_words(const char *text, size_t len, int room)
{
	size_t used = 0;

	while (used < len) {
		size_t from = used + (used ? 1 : 0);
		const char *blank = memchr(text + from, ' ', len - from);
		size_t to = blank ? (size_t)(blank - text) : len;

		if (tl_text_columns(text, to) > room)
			break;
		used = to;
	}
	return used;
}

static bool is_blank(uint32_t code)
{
	return (code >= '\t' && code <= '\r') || code == 0x85 ||
	       utf8proc_category(code) == UTF8PROC_CATEGORY_ZS ||
	       utf8proc_category(code) == UTF8PROC_CATEGORY_ZL ||
	       utf8proc_category(code) == UTF8PROC_CATEGORY_ZP;
}

/* Most names are nothing but ASCII, which goes through as it is where no accent is upon it. */
static const char *pass_plain(struct tl_buf *out, const char *text)
{
	size_t n = 0;

	while (text[n] > ' ' && text[n] < 0x7f)
		n++;
	n -= n && text[n] & 0x80;
	tl_buf_add(out, text, n);
	return text + n;
}

void tl_text_line(struct tl_buf *out, const char *text)
{
	size_t start = out->len, len;
	bool gap = false;

	if (!text)
		return;
	text = pass_plain(out, text);
	len = strlen(text);
	while (len) {
		struct tl_glyph g = tl_glyph_read(text, len);

		if (g.valid && is_blank(g.code)) {
			gap = true;
		} else {
			if (gap && out->len > start)
				tl_buf_str(out, " ");
			gap = false;
			tl_glyph_show(out, text, &g);
		}
		text += g.bytes;
		len -= g.bytes;
	}
}

void tl_text_lines(struct tl_buf *out, const char *text)
{
	size_t len;

	if (!text)
		return;
	text = pass_plain(out, text);
	len = strlen(text);
	while (len) {
		struct tl_glyph g = tl_glyph_read(text, len);

		if (g.code == '\n')
			tl_buf_str(out, "\n");
		else if (g.valid && is_blank(g.code) && g.code != '\r')
			tl_buf_str(out, " ");
		else if (g.code != '\r' || text[1] != '\n')
			tl_glyph_show(out, text, &g);
		text += g.bytes;
		len -= g.bytes;
	}
}

/* What the pages of a terminal are drawn with. */
static char drawn_with(uint32_t code)
{
	switch (code) {
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

void tl_text_ascii(struct tl_buf *out, const char *text, size_t len)
{
	for (size_t at = 0; at < len;) {
		struct tl_glyph g = tl_glyph_read(text + at, len - at);

		if (g.code < 0x80 && g.valid)
			tl_buf_add(out, text + at, 1);
		else
			tl_buf_pad(out, drawn_with(g.code), g.columns);
		at += g.bytes;
	}
}

size_t tl_text_paragraph(const char **text, const char **at)
{
	const char *end;

	*at = *text + strspn(*text, "\n");
	end = strstr(*at, "\n\n");
	*text = end ? end : *at + strlen(*at);
	return *text - *at;
}

void tl_text_json(struct tl_buf *out, const char *text)
{
	size_t len = text ? strlen(text) : 0, n;
	uint32_t code;
	bool valid;

	for (; len; text += n, len -= n) {
		n = decode(text, len, &code, &valid);
		code = valid ? code : 0xfffd;
		if (code == '"' || code == '\\')
			tl_buf_fmt(out, "\\%c", (int)code);
		else if (code >= 0x20 && code < 0x7f)
			tl_buf_add(out, text, 1);
		else if (code < 0x10000)
			tl_buf_fmt(out, "\\u%04x", code);
		else
			tl_buf_fmt(out, "\\u%04x\\u%04x", 0xd7c0 + (code >> 10),
				   0xdc00 + (code & 0x3ff));
	}
}

void tl_text_utf8(struct tl_buf *out, const char *text)
{
	size_t len = text ? strlen(text) : 0;
	uint32_t code;
	bool valid;

	while (len) {
		size_t n = decode(text, len, &code, &valid);

		if (valid)
			tl_buf_add(out, text, n);
		else
			tl_buf_str(out, "\xef\xbf\xbd");
		text += n;
		len -= n;
	}
}
