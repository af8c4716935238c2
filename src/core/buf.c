/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing run of bytes. */
#include "tcplab/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void tl_buf_release(struct tl_buf *buf)
{
	free(buf->data);
	*buf = (struct tl_buf){ 0 };
}

char *tl_buf_room(struct tl_buf *buf, size_t more)
{
	size_t cap = buf->cap ? buf->cap : 256;
	char *data = buf->data;

	if (buf->failed)
		return NULL;
	while (cap - buf->len <= more)
		cap *= 2;
	if (cap != buf->cap) {
		data = realloc(data, cap);
		if (!data) {
			buf->failed = true;
			return NULL;
		}
		buf->data = data;
		buf->cap = cap;
	}
	return data + buf->len;
}

/* Up to so many bytes take less time than musl's memcpy() takes to begin. */
enum { SHORT = 128, WORD = 8 };

static void copy(char *to, const char *from, size_t len)
{
	if (len > SHORT) {
		memcpy(to, from, len);
		return;
	}
	for (; len >= WORD; len -= WORD, to += WORD, from += WORD)
		memcpy(to, from, WORD);
	while (len--)
		*to++ = *from++;
}

void tl_buf_add(struct tl_buf *buf, const void *bytes, size_t len)
{
	char *to = len ? tl_buf_room(buf, len) : NULL;

	if (!to)
		return;
	copy(to, bytes, len);
	to[len] = '\0';
	buf->len += len;
}

void tl_buf_str(struct tl_buf *buf, const char *text)
{
	tl_buf_add(buf, text, strlen(text));
}

void tl_buf_pad(struct tl_buf *buf, char c, int n)
{
	if (n <= 0 || !tl_buf_room(buf, n))
		return;
	memset(buf->data + buf->len, c, n);
	buf->len += n;
	buf->data[buf->len] = '\0';
}

char *tl_put_number(char *at, uint64_t number)
{
	char digits[20];
	int n = 0;

	do
		digits[n++] = '0' + number % 10;
	while (number /= 10);
	while (n)
		*at++ = digits[--n];
	return at;
}

void tl_buf_number(struct tl_buf *buf, int64_t number)
{
	char text[21], *at = text;

	if (number < 0)
		*at++ = '-';
	at = tl_put_number(at, number < 0 ? -(uint64_t)number : (uint64_t)number);
	tl_buf_add(buf, text, at - text);
}

void tl_buf_vfmt(struct tl_buf *buf, const char *fmt, va_list ap)
{
	size_t room;
	va_list again;
	int n;

	if (!tl_buf_room(buf, 0))
		return;
	room = buf->cap - buf->len;
	va_copy(again, ap);
	n = vsnprintf(buf->data + buf->len, room, fmt, again);
	va_end(again);
	if (n > 0 && (size_t)n >= room) {
		buf->data[buf->len] = '\0';
		if (!tl_buf_room(buf, n))
			return;
		vsnprintf(buf->data + buf->len, n + 1, fmt, ap);
	}
	buf->len += n > 0 ? n : 0;
	buf->data[buf->len] = '\0';
}

void tl_buf_fmt(struct tl_buf *buf, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tl_buf_vfmt(buf, fmt, ap);
	va_end(ap);
}

const char *tl_buf_text(const struct tl_buf *buf)
{
	return buf->data ? buf->data : "";
}
