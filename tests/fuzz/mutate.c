/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Most mutations of a trace are not a trace. So its lines are left out and repeated, the
 * numbers in them changed, and a key given the word that it has elsewhere: another state,
 * another fate, another end.
 */
#include "mutate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * libfyaml 0.7.12 forgets the chunks of a quoted scalar that has many of them
 * (fy_token_get_text() of eighteen quotes in a row, without a line of ours): 512 bytes.
 */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfyaml.so";
}

/* Line @i of the text: its start; *@len gets its length with the newline. */
static size_t line_at(const uint8_t *data, size_t size, unsigned i, size_t *len)
{
	size_t at = 0;

	for (;; i--) {
		const uint8_t *end = memchr(data + at, '\n', size - at);
		size_t next = end ? (size_t)(end - data) + 1 : size;

		*len = next - at;
		if (!i || next == size)
			return at;
		at = next;
	}
}

/* Change a digit. */
static void change_value(uint8_t *data, size_t at, size_t len, unsigned seed)
{
	static const char digits[] = "0123456789";

	for (size_t i = 0; i < len; i++) {
		uint8_t *c = &data[at + (i + seed) % len];

		if (!memchr(digits, *c, 10))
			continue;
		*c = digits[(seed >> 8) % 10];
		break;
	}
}

/* A key and its word, as in "state":"LISTEN". */
struct word {
	const uint8_t *key; /* with its quotes and colon, */
	size_t key_len;
	size_t at, len;     /* the word without its quotes */
};

/* The @nth from @start on, around the end; false where there is none. */
static bool word_at(const uint8_t *data, size_t size, size_t start, unsigned nth,
		    struct word *word)
{
	for (size_t i = 0, at = start, key; i < size; i++, at++) {
		const uint8_t *end;

		at = at < size ? at : 0;
		if (data[at] != ':' || !at || at + 1 == size || data[at - 1] != '"' ||
		    data[at + 1] != '"' || nth--)
			continue;
		key = at - 1;
		while (key && data[key - 1] != '"' && data[key - 1] != '\n')
			key--;
		end = memchr(data + at + 2, '"', size - at - 2);
		*word = (struct word){ data + key, at + 1 - key, at + 2, 0 };
		word->len = end ? (size_t)(end - data) - word->at : 0;
		return end;
	}
	return false;
}

static size_t change_word(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	struct word to, from;
	uint8_t bytes[64];

	if (!word_at(data, size, seed % size, 0, &to))
		return size;
	for (unsigned nth = 1; nth < 200 && word_at(data, size, to.at, nth, &from); nth++) {
		if (from.key_len != to.key_len || memcmp(from.key, to.key, to.key_len) ||
		    from.len > sizeof(bytes) || size - to.len + from.len > max ||
		    (from.len == to.len && !memcmp(data + from.at, data + to.at, to.len)))
			continue;
		memcpy(bytes, data + from.at, from.len);
		memmove(data + to.at + from.len, data + to.at + to.len, size - to.at - to.len);
		memcpy(data + to.at, bytes, from.len);
		return size - to.len + from.len;
	}
	return size;
}

static size_t repeat_line(uint8_t *data, size_t size, size_t from, size_t len, size_t to)
{
	uint8_t *copy = malloc(len);

	if (!copy)
		return size;
	memcpy(copy, data + from, len);
	memmove(data + to + len, data + to, size - to);
	memcpy(data + to, copy, len);
	free(copy);
	return size + len;
}

size_t fuzz_mutate_trace(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	size_t lines = 1, from, to, from_len, to_len;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	if (size < 2 || seed % 16 == 0)
		return LLVMFuzzerMutate(data, size, max);
	from = line_at(data, size, 1 + (seed >> 4) % lines, &from_len);
	to = line_at(data, size, 1 + (seed >> 12) % lines, &to_len);
	switch (seed % 6) {
	case 0: /* leave one out */
		memmove(data + from, data + from + from_len, size - from - from_len);
		return size - from_len;
	case 1: /* have one a second time, somewhere else */
		if (size + from_len > max || !from_len)
			return size;
		return repeat_line(data, size, from, from_len, to);
	case 2: /* say about something what was said about another */
	case 3:
		return change_word(data, size, max, seed >> 4);
	default: /* change some numbers in one */
		for (unsigned i = 0; i < 1 + (seed >> 20) % 4 && from_len; i++)
			change_value(data, from, from_len, seed * (i + 1) + i * 7919);
		return size;
	}
}
