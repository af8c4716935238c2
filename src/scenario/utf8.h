/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario, inside: characters, and how they may be shown to a person. */
#ifndef TCPLAB_SCENARIO_UTF8_H
#define TCPLAB_SCENARIO_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for one character as scn_glyph_read() spells it, and its NUL. */
#define SCN_GLYPH_TEXT 16

/* One character of a text, ready for a terminal. */
struct scn_glyph {
	uint32_t code;             /* of the character; of the byte where !valid */
	bool valid;                /* well-formed UTF-8 */
	bool plain;                /* shown as it is, not as an escape */
	size_t bytes;              /* it takes in the text, at least 1 */
	int width;                 /* columns it takes on the terminal */
	char show[SCN_GLYPH_TEXT]; /* NUL-terminated */
};

/*
 * scn_glyph_read - read the character at the start of @len bytes, at least 1
 *
 * Controls, invisible characters and those that turn the direction of writing come out
 * as \x1b or \u202e; a byte that is not UTF-8 as \xff. A tab does, too.
 *
 * Source: RFC 3629; Unicode Standard Annex 9 and 11.
 */
struct scn_glyph scn_glyph_read(const char *text, size_t len);

/* Room for what scn_quote() writes. */
#define SCN_QUOTE_TEXT 128

/*
 * scn_quote - a piece of the scenario in quotes, safe to show, cut where it is long
 * @out: SCN_QUOTE_TEXT bytes
 *
 * Return: @out.
 */
const char *scn_quote(char *out, const char *text, size_t len);

/* SCN_QUOTE - scn_quote() into a buffer that lives as long as the enclosing block */
#define SCN_QUOTE(text, len) scn_quote((char[SCN_QUOTE_TEXT]){ 0 }, text, len)

#endif
