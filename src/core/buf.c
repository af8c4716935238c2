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

/* Make room for @more bytes and a NUL. */
static bool reserve(struct tl_buf *buf, size_t more)
{
	size_t cap = buf->cap ? buf->cap : 256;
	char *data;

	if (buf->failed)
		return false;
	while (cap - buf->len <= more)
		cap *= 2;
	if (cap == buf->cap)
		return true;
	data = realloc(buf->data, cap);
	if (!data) {
		buf->failed = true;
		return false;
	}
	buf->data = data;
	buf->cap = cap;
	return true;
}

/* A word takes less time than a call of musl's memcpy(). */
enum { WORD = 24 };

void tl_buf_add(struct tl_buf *buf, const void *bytes, size_t len)
{
	const char *from = bytes;

	if (!len || !reserve(buf, len))
		return;
	if (len > WORD)
		memcpy(buf->data + buf->len, bytes, len);
	else
		for (char *to = buf->data + buf->len, *end = to + len; to < end;)
			*to++ = *from++;
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void tl_buf_str(struct tl_buf *buf, const char *text)
{
	tl_buf_add(buf, text, strlen(text));
}

void tl_buf_pad(struct tl_buf *buf, char c, int n)
{
	if (n <= 0 || !reserve(buf, n))
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

	if (!reserve(buf, 0))
		return;
	room = buf->cap - buf->len;
	va_copy(again, ap);
	n = vsnprintf(buf->data + buf->len, room, fmt, again);
	va_end(again);
	if (n > 0 && (size_t)n >= room) {
		buf->data[buf->len] = '\0';
		if (!reserve(buf, n))
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
