/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks and options of a pcapng file; lengths are not shown: they follow from what is. */
#include "capture_text.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

enum { HEAD = 8, TAIL = 4, PACKET = 6 };

static uint32_t number(const char *at, int bytes)
{
	uint32_t value = 0;

	for (int i = bytes; i-- > 0;)
		value = value << 8 | (uint8_t)at[i];
	return value;
}

static size_t aligned(size_t len)
{
	return len + (-len & 3);
}

/* Words as they are, all else in hexadecimal digits. */
static void tell(struct tl_buf *out, const char *bytes, size_t len)
{
	bool words = len;

	for (size_t i = 0; i < len; i++)
		words &= isprint((unsigned char)bytes[i]) || bytes[i] == '\n' || bytes[i] & 0x80;
	if (words)
		tl_buf_add(out, bytes, len);
	else
		for (size_t i = 0; i < len; i++)
			tl_buf_fmt(out, "%02x", (uint8_t)bytes[i]);
	tl_buf_str(out, "\n");
}

/* How long a block's body is in front of its options. */
static size_t fixed(uint32_t type, const char *body)
{
	switch (type) {
	case 0x0a0d0d0a:
		return 16;
	case PACKET:
		return 20 + aligned(number(body + 12, 4));
	case 5:
		return 12;
	default:
		return 8;
	}
}

static void tell_block(struct tl_buf *out, const char *block, size_t len)
{
	uint32_t type = number(block, 4);
	const char *body = block + HEAD, *end = block + len - TAIL;
	const char *at = body + fixed(type, body);

	tl_buf_fmt(out, "block %#x: ", type);
	for (const char *byte = body; byte < at && byte < end; byte++)
		tl_buf_fmt(out, "%02x", (uint8_t)*byte);
	tl_buf_str(out, "\n");
	while (at + 4 <= end) {
		size_t n = number(at + 2, 2);

		if (n > (size_t)(end - at - 4))
			n = end - at - 4;
		tl_buf_fmt(out, "  %u: ", number(at, 2));
		tell(out, at + 4, n);
		at += 4 + aligned(n);
	}
}

void capture_text(struct tl_buf *capture)
{
	struct tl_buf out = { 0 };

	for (size_t at = 0; at + HEAD + TAIL <= capture->len;) {
		size_t len = number(capture->data + at + 4, 4);

		if (len < HEAD + TAIL || len > capture->len - at)
			len = capture->len - at;
		tell_block(&out, capture->data + at, len);
		at += len;
	}
	tl_buf_release(capture);
	*capture = out;
}
