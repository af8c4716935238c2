/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What call a line asks a peer for, word by word (line.h). */
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "3=1,7=0," */
static void read_options(char *text, struct tl_options *options)
{
	while (*text) {
		unsigned long option = strtoul(text, &text, 10);
		unsigned long value = strtoul(text + 1, &text, 10);

		if (option >= TL_N_OPTIONS || *text != ',')
			return;
		options->set |= 1u << option;
		options->value[option] = value;
		text++;
	}
}

/* "%0A" is a line break again, and so on; in place. Return: how many bytes it is. */
static size_t read_text(char *text)
{
	const char *from = text;
	char *to = text;

	for (; *text; text++) {
		unsigned c;

		if (*text == '%' && sscanf(text + 1, "%2X", &c) == 1) {
			*to++ = c;
			text += 2;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
	return to - from;
}

bool call_read(char *rest, struct tl_call *call)
{
	enum {
		ON, LISTENER, GIVEN_TO, GIVEN_AS, AT, FROM,
#define X(number) AT_##number,
		LINE_CALL_NUMBERS(X)
#undef X
		OPTIONS, TEXT, WORDS
	};
	char *words[WORDS] = { NULL };
	struct tl_err unused;

	if (peer_split(rest, words, WORDS) < TEXT)
		return false;
	call->on = words[ON];
	call->listener = words[LISTENER];
	call->given_to = words[GIVEN_TO];
	call->given_as = words[GIVEN_AS];
	if (strcmp(words[AT], "-"))
		tl_endpoint_parse(words[AT], &call->at, &unused);
	if (strcmp(words[FROM], "-"))
		tl_endpoint_parse(words[FROM], &call->from, &unused);
#define X(number) call->number = strtoul(words[AT_##number], NULL, 10);
	LINE_CALL_NUMBERS(X)
#undef X
	read_options(words[OPTIONS] + 1, &call->options);
	if (words[TEXT])
		call->text_len = read_text(words[TEXT]);
	call->text = words[TEXT];
	return true;
}
