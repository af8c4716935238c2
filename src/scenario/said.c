/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a peer is to send, byte by byte: a text, a line, or hexadecimal digits. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"

#define SAID_MOST 1024

static bool is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

/*
 * "\xe9" is a character to YAML, which is sent in two bytes. Who writes it so may have meant
 * one byte.
 */
static bool refuse_high(struct scn_reader *r, const struct scn_node *node, const char *key)
{
	const char *at = r->src.text + node->at.at, *end = at + node->at.len;

	for (; end - at >= 4; at += *at == '\\' ? 2 : 1) {
		if (at[0] != '\\' || at[1] != 'x' || !isxdigit((unsigned char)at[2]) ||
		    at[2] < '8' || !isxdigit((unsigned char)at[3]))
			continue;
		scn_mistake(r, (struct scn_span){ .at = at - r->src.text, .len = 4 },
			    "in %s, \"%.4s\" is the character U+00%.2s, which is two bytes in "
			    "UTF-8: write { hex: \"%.2s\" } for the byte, or the character itself",
			    key, at, at + 2, at + 2);
		return true;
	}
	return false;
}

/* Control characters are bytes like others; what else does not show is refused. */
static char *read_bytes_of_text(struct scn_reader *r, const struct scn_node *node,
				const char *key)
{
	struct scn_node flat = *node;
	char *text;

	if (node->kind != SCN_TEXT)
		return scn_text(r, node, key, SCN_ONE_LINE);
	if (refuse_high(r, node, key))
		return NULL;
	flat.text = scn_calloc(r, node->len + 1, 1);
	for (size_t i = 0; flat.text && i < node->len; i++)
		flat.text[i] = is_control(node->text[i]) ? '.' : node->text[i];
	text = flat.text ? scn_text(r, &flat, key, SCN_ONE_LINE) : NULL;
	free(flat.text);
	if (text)
		memcpy(text, node->text, node->len);
	return text;
}

/* Is it said for the first time? */
static bool is_first(struct scn_reader *r, const struct scn_node *node, const char *key,
		     const struct tl_call *call)
{
	if (!call->bytes && !call->text)
		return true;
	scn_mistake(r, node->at,
		    "\"%s\" and \"%s\" both say what is sent: leave one of the two out", key,
		    call->bytes ? "bytes" : "text");
	return false;
}

static void take(struct scn_reader *r, const struct scn_node *node, const char *key,
		 struct tl_call *call, size_t len)
{
	call->text_len = len;
	if (call->text && len > SAID_MOST)
		scn_mistake(r, node->at, "%s has %d bytes at most: say how many \"bytes\"", key,
			    SAID_MOST);
}

void scn_said_text(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_call *call = &((struct tl_step *)into)->call;

	if (!is_first(r, node, "text", call))
		return;
	call->text = read_bytes_of_text(r, node, "text");
	take(r, node, "text", call, node->len);
}

void scn_said_line(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_call *call = &((struct tl_step *)into)->call;

	call->line = true;
	if (!is_first(r, node, "line", call))
		return;
	call->text = read_bytes_of_text(r, node, "line");
	take(r, node, "line", call, node->len);
}

static int digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* Return: how many bytes @out got, 0 where it is not bytes in pairs of digits. */
static size_t read_pairs(const char *text, size_t len, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == ' ' || text[i] == '\n')
			continue;
		if (i + 1 == len || !isxdigit((unsigned char)text[i]) ||
		    !isxdigit((unsigned char)text[i + 1]))
			return 0;
		out[n++] = digit(text[i]) << 4 | digit(text[i + 1]);
		i++;
	}
	return n;
}

void scn_said_hex(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_call *call = &((struct tl_step *)into)->call;
	char *bytes;
	size_t n;

	if (!is_first(r, node, "hex", call))
		return;
	bytes = scn_calloc(r, node->len + 1, 1);
	n = bytes && node->kind == SCN_TEXT ? read_pairs(node->text, node->len, bytes) : 0;
	if (!n) {
		free(bytes);
		scn_mistake(r, node->at,
			    "hex must be bytes, two digits each, in quotes: \"16 03 01 ff\"");
		bytes = NULL;
	}
	call->text = bytes;
	take(r, node, "hex", call, n);
}
