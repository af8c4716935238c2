/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is the text of a scenario text at all? */
#include "encoding.h"

#include <string.h>

#define MOST (1024 * 1024)

/*
 * Which other encoding its first bytes say it has; NULL for none. The longer mark comes first.
 * Without a mark YAML 1.2, 5.2, knows UTF-16 by a NUL in each of its first pairs.
 */
static const char *other_encoding(const struct scn_source *src)
{
	static const struct {
		const char *mark;
		size_t len;
		const char *name;
	} marks[] = {
		{ "\xff\xfe\0\0", 4, "UTF-32" }, { "\0\0\xfe\xff", 4, "UTF-32" },
		{ "\xff\xfe", 2, "UTF-16" },      { "\xfe\xff", 2, "UTF-16" },
	};
	const char *text = src->text;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (src->len >= marks[i].len && !memcmp(text, marks[i].mark, marks[i].len))
			return marks[i].name;
	if (src->len >= 4 && !text[0] == !text[2] && !text[1] == !text[3] && !text[0] != !text[1])
		return "UTF-16";
	return NULL;
}

/* What a text file may hold: YAML 1.2, 5.1, without its C1 controls and noncharacters. */
static bool is_good(const struct tl_glyph *g, size_t at)
{
	if (!g->valid)
		return false;
	if (g->code == '\t' || g->code == '\n' || g->code == '\r')
		return true;
	if (g->code == 0xfeff)
		return at == 0;
	return g->code >= 0x20 && !(g->code >= 0x7f && g->code <= 0x9f) &&
	       !(g->code >= 0xfffe && g->code <= 0xffff);
}

static void report(struct scn_reader *r, struct scn_span at)
{
	struct tl_glyph g = tl_glyph_read(r->src.text + at.at, r->src.len - at.at);
	char spelled[TL_GLYPH_SPELLED];

	if (!g.valid && at.len > 1)
		scn_mistake(r, at, "these %zu bytes are not UTF-8: a scenario must be", at.len);
	else if (!g.valid)
		scn_mistake(r, at, "the byte %s is not UTF-8: a scenario must be",
			    tl_glyph_spell(&g, spelled));
	else
		scn_mistake(r, at,
			    "the character %s is not allowed in a scenario: leave it out",
			    tl_glyph_spell(&g, spelled));
}

/* Bad bytes that follow each other are one mistake. */
static bool check_characters(struct scn_reader *r)
{
	struct scn_span bad = { 0 };
	bool good = true;

	for (size_t at = 0; at < r->src.len;) {
		struct tl_glyph g = tl_glyph_read(r->src.text + at, r->src.len - at);

		if (!is_good(&g, at)) {
			if (!bad.len)
				bad.at = at;
			bad.len += g.bytes;
			good = false;
		} else if (bad.len) {
			report(r, bad);
			bad.len = 0;
		}
		at += g.bytes;
	}
	if (bad.len)
		report(r, bad);
	return good;
}

bool scn_encoding_check(struct scn_reader *r)
{
	const char *name;

	if (r->src.len > MOST) {
		scn_mistake(r, (struct scn_span){ 0 },
			    "the file has %zu bytes: a scenario has 1 MiB at most", r->src.len);
		return false;
	}
	name = other_encoding(&r->src);
	if (name) {
		scn_mistake(r, (struct scn_span){ .len = 2 }, "the file is %s: save it as UTF-8",
			    name);
		return false;
	}
	return check_characters(r);
}

bool scn_no_break_space(struct scn_reader *r, struct scn_span in)
{
	static const char space[] = "\xc2\xa0";
	const char *text = r->src.text + in.at;
	const char *found = memmem(text, in.len, space, strlen(space));

	if (found)
		scn_mistake(r, (struct scn_span){ in.at + (found - text), strlen(space) },
			    "this is a no-break space, U+00A0: write a plain blank");
	return found;
}
