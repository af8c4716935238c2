/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario, inside: going through the words of one scalar. */
#ifndef TCPLAB_SCENARIO_SCAN_H
#define TCPLAB_SCENARIO_SCAN_H

#include <string.h>

#include "reader.h"

/* Where in the scalar we are. */
struct scn_scan {
	struct scn_reader *r;
	const struct scn_node *node;
	size_t at;
	size_t trouble; /* scn_trouble() where it began */
};

/* A piece of the scalar: @text points into it. */
struct scn_word {
	const char *text;
	size_t len;
	struct scn_span at;
};

/* scn_word_is - is it this word, to the letter? */
static inline bool scn_word_is(const struct scn_word *word, const char *text)
{
	return word->len == strlen(text) && !memcmp(word->text, text, word->len);
}

/* scn_word_number - behind its first letter, "x2"; 0 where it is none, or more than @most */
int scn_word_number(const struct scn_word *word, int most);

/* scn_scan_begin - is @node text at all? A mistake where not */
bool scn_scan_begin(struct scn_scan *s, struct scn_reader *r, const struct scn_node *node,
		    const char *what);

/* Each of these skips the blanks before it. */

/* scn_scan_at_end - is nothing left? */
bool scn_scan_at_end(struct scn_scan *s);

/* scn_scan_sign - take @sign, if it comes next */
bool scn_scan_sign(struct scn_scan *s, const char *sign);

/* scn_scan_word - up to the next blank or to one of @signs; may be empty */
struct scn_word scn_scan_word(struct scn_scan *s, const char *signs);

/* scn_scan_keyword - take the word @keyword, if it comes next; @w (may be NULL) gets it */
bool scn_scan_keyword(struct scn_scan *s, const char *keyword, struct scn_word *w);

/* scn_scan_actor - up to the next blank or arrow; may be empty */
struct scn_word scn_scan_actor(struct scn_scan *s);

/* scn_scan_expect_end - "unexpected ...: @shape" where something is left */
void scn_scan_expect_end(struct scn_scan *s, const char *shape);

/* scn_scan_failed - has there been a mistake since it began? */
static inline bool scn_scan_failed(const struct scn_scan *s)
{
	return scn_trouble(s->r) != s->trouble;
}

#endif
