/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sentence of the scenario's language, word by word. */
#include "scan.h"

#include <string.h>

#define BLANKS " \t\n"

int scn_word_number(const struct scn_word *word, int most)
{
	int n = 0;

	for (size_t i = 1; i < word->len; i++) {
		if (word->text[i] < '0' || word->text[i] > '9' || n > most)
			return 0;
		n = 10 * n + word->text[i] - '0';
	}
	return n > most ? 0 : n;
}

bool scn_scan_begin(struct scn_scan *s, struct scn_reader *r, const struct scn_node *node,
		    const char *what)
{
	*s = (struct scn_scan){ .r = r, .node = node, .trouble = scn_trouble(r) };
	if (!scn_is(r, node, SCN_TEXT, what))
		return false;
	if (strlen(node->text) == node->len)
		return true;
	scn_mistake(r, node->at, "%s must hold no NUL byte", what);
	return false;
}

static void skip_blanks(struct scn_scan *s)
{
	s->at += strspn(s->node->text + s->at, BLANKS);
}

/* The next @len bytes as a word. */
static struct scn_word take(struct scn_scan *s, size_t len)
{
	struct scn_word w = {
		.text = s->node->text + s->at,
		.len = len,
		.at = scn_inside(s->r, s->node, s->at, len),
	};

	s->at += len;
	return w;
}

bool scn_scan_at_end(struct scn_scan *s)
{
	skip_blanks(s);
	return s->at == s->node->len;
}

bool scn_scan_sign(struct scn_scan *s, const char *sign)
{
	skip_blanks(s);
	if (strncmp(s->node->text + s->at, sign, strlen(sign)))
		return false;
	take(s, strlen(sign));
	return true;
}

struct scn_word scn_scan_word(struct scn_scan *s, const char *signs)
{
	const char *text;
	size_t len = 0;

	skip_blanks(s);
	text = s->node->text + s->at;
	while (text[len] && !strchr(BLANKS, text[len]) && !strchr(signs, text[len]))
		len++;
	return take(s, len);
}

bool scn_scan_keyword(struct scn_scan *s, const char *keyword, struct scn_word *w)
{
	struct scn_scan before = *s;
	struct scn_word next = scn_scan_word(s, "");

	if (next.len != strlen(keyword) || memcmp(next.text, keyword, next.len)) {
		*s = before;
		return false;
	}
	if (w)
		*w = next;
	return true;
}

/* Actors' names may hold a '-', but not before a '>'. */
struct scn_word scn_scan_actor(struct scn_scan *s)
{
	const char *text;
	size_t len = 0;

	skip_blanks(s);
	text = s->node->text + s->at;
	while (text[len] && !strchr(BLANKS, text[len]) && strncmp(text + len, "->", 2))
		len++;
	return take(s, len);
}

void scn_scan_expect_end(struct scn_scan *s, const char *shape)
{
	struct scn_word rest;

	if (scn_scan_at_end(s))
		return;
	rest = take(s, s->node->len - s->at);
	scn_mistake(s->r, rest.at, "unexpected %s: %s", SCN_QUOTE_NAME(rest.text, rest.len), shape);
}
