/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values: text, numbers, durations, yes and no. */
#include "reader.h"

#include <ctype.h>
#include <string.h>

#define NS_PER_MS 1000000ULL

/*
 * The first character that no terminal should be sent: a control (that came in by an
 * escape such as "\e"), or one that is invisible or turns the direction of writing.
 */
static bool hidden_at(const struct scn_node *node, enum scn_lines lines, size_t *at,
		      struct tl_glyph *g)
{
	for (*at = 0; *at < node->len; *at += g->bytes) {
		*g = tl_glyph_read(node->text + *at, node->len - *at);
		if (!g->plain && g->code != '\t' && (g->code != '\n' || lines == SCN_ONE_LINE))
			return true;
	}
	return false;
}

/* A copy of the value; a mistake where it holds what it should not. */
static char *copy(struct scn_reader *r, const struct scn_node *node, const char *what,
		  enum scn_lines lines)
{
	size_t len = node->len, at;
	char spelled[TL_GLYPH_SPELLED];
	struct tl_glyph g;

	while (lines == SCN_MANY_LINES && len && isspace((unsigned char)node->text[len - 1]))
		len--;
	if (!hidden_at(node, lines, &at, &g))
		return scn_strndup(r, node->text, len);
	if (g.code == '\n')
		scn_mistake(r, node->at, "%s must be a single line", what);
	else
		scn_mistake(r, scn_inside(r, node, at, g.bytes),
			    "%s contains the character %s: leave it out", what,
			    tl_glyph_spell(&g, spelled));
	return NULL;
}

char *scn_text(struct scn_reader *r, const struct scn_node *node, const char *what,
	       enum scn_lines lines)
{
	if (node->kind == SCN_NUMBER || node->kind == SCN_BOOL) {
		scn_mistake(r, node->at, "%s must be text, not %s: put it in quotes, as %s", what,
			    scn_kind_name(node->kind), SCN_QUOTE(node->text, node->len));
		return NULL;
	}
	if (!scn_is(r, node, SCN_TEXT, what))
		return NULL;
	if (strspn(node->text, " \t\n") == node->len) {
		scn_mistake(r, node->at, "%s is empty", what);
		return NULL;
	}
	return copy(r, node, what, lines);
}

char *scn_scalar(struct scn_reader *r, const struct scn_node *node, const char *what)
{
	switch (node->kind) {
	case SCN_BOOL:
	case SCN_NUMBER:
	case SCN_TEXT:
		return copy(r, node, what, SCN_ONE_LINE);
	case SCN_NOTHING:
		scn_mistake(r, node->at, "%s has no value: write \"\" for an empty one", what);
		return NULL;
	case SCN_LIST:
	case SCN_MAP:
		scn_mistake(r, node->at, "%s must be a single value, not %s", what,
			    scn_kind_name(node->kind));
		return NULL;
	case SCN_WRONG:
		r->passed_over++;
		return NULL;
	}
	return NULL;
}

/* The digits at the start of a text; @value stops growing where it is beyond all bounds. */
static size_t digits(const char *text, uint64_t *value)
{
	size_t n = strspn(text, "0123456789");

	*value = 0;
	for (size_t i = 0; i < n && *value < UINT64_MAX / 100; i++)
		*value = *value * 10 + (text[i] - '0');
	return n;
}

bool scn_number(struct scn_reader *r, const struct scn_node *node, const char *what, long min,
		long max, long *out)
{
	uint64_t value;
	size_t n;

	if (node->kind == SCN_TEXT && scn_plain_kind(node->text) == SCN_NUMBER) {
		scn_mistake(r, node->at, "%s must be a number, not text: leave the quotes out",
			    what);
		return false;
	}
	if (!scn_is(r, node, SCN_NUMBER, what))
		return false;
	n = digits(node->text, &value);
	if (n == node->len && n > 1 && node->text[0] == '0') {
		scn_mistake(r, node->at,
			    "%s begins with 0, which YAML 1.1 reads as octal: leave the 0 out",
			    what);
		return false;
	}
	if (n == node->len && value >= (uint64_t)min && value <= (uint64_t)max) {
		*out = value;
		return true;
	}
	scn_mistake(r, node->at, "%s must be a whole number from %ld to %ld, not %s", what, min,
		    max, SCN_QUOTE_NAME(node->text, node->len));
	return false;
}

/* Nanoseconds in a unit of time, 0 for one that is none. */
static uint64_t unit(const char *text)
{
	if (!strcmp(text, "ms"))
		return NS_PER_MS;
	if (!strcmp(text, "s"))
		return 1000 * NS_PER_MS;
	if (!strcmp(text, "m"))
		return 60000 * NS_PER_MS;
	return 0;
}

bool scn_duration(struct scn_reader *r, const struct scn_node *node, const char *what,
		  uint64_t *out)
{
	const uint64_t most = 3600000 * NS_PER_MS;
	uint64_t value, ns;
	size_t n;

	if (node->kind == SCN_NUMBER) {
		scn_mistake(r, node->at, "%s needs a unit: %.*sms, %.*ss or %.*sm", what,
			    (int)strnlen(node->text, 12), node->text,
			    (int)strnlen(node->text, 12), node->text,
			    (int)strnlen(node->text, 12), node->text);
		return false;
	}
	if (node->kind == SCN_LIST || node->kind == SCN_MAP) {
		scn_mistake(r, node->at, "%s must be a time such as 200ms, 5s or 2m, not %s", what,
			    scn_kind_name(node->kind));
		return false;
	}
	if (!scn_is(r, node, SCN_TEXT, what))
		return false;
	n = digits(node->text, &value);
	ns = strlen(node->text) == node->len ? unit(node->text + n) : 0;
	if (!n || !ns) {
		scn_mistake(r, node->at, "%s must be a time such as 200ms, 5s or 2m, not %s",
			    what, SCN_QUOTE_NAME(node->text, node->len));
		return false;
	}
	if (value > most / ns) {
		scn_mistake(r, node->at, "%s is longer than an hour", what);
		return false;
	}
	*out = value * ns;
	return true;
}

void scn_yes_no(struct scn_reader *r, const struct scn_node *node, const char *what, bool *value)
{
	bool said = node->kind == SCN_TEXT || node->kind == SCN_BOOL;
	bool yes = said && (!strcmp(node->text, "yes") || !strcmp(node->text, "true"));

	if (yes || (said && (!strcmp(node->text, "no") || !strcmp(node->text, "false"))))
		*value = yes;
	else if (node->kind != SCN_WRONG)
		scn_mistake(r, node->at, "%s is yes or no", what);
	else
		r->passed_over++;
}
