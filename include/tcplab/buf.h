/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: a growing run of bytes; every renderer writes into one. */
#ifndef TCPLAB_BUF_H
#define TCPLAB_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A zeroed struct is an empty buffer. When memory runs out the buffer keeps what it has
 * and sets @failed; later appends do nothing, so a caller checks once, at the end.
 * @data is NUL-terminated whenever it is not NULL.
 */
struct tl_buf {
	char *data;
	size_t len; /* bytes, without the NUL */
	size_t cap;
	bool failed;
};

/* tl_buf_release - free the bytes; a zeroed one and a second call are fine */
void tl_buf_release(struct tl_buf *buf);

/* tl_buf_add - append @len bytes; tl_buf_str - a NUL-terminated string (borrowed) */
void tl_buf_add(struct tl_buf *buf, const void *bytes, size_t len);
void tl_buf_str(struct tl_buf *buf, const char *text);

/*
 * tl_buf_room - make room for @more bytes, and for a NUL behind them
 *
 * Return: where they go (whoever writes there adds to @buf->len, and a NUL); NULL without memory.
 */
char *tl_buf_room(struct tl_buf *buf, size_t more);

/* tl_buf_pad - append @n times the character @c; a negative @n appends nothing */
void tl_buf_pad(struct tl_buf *buf, char c, int n);

/* tl_buf_number - append a decimal number, as quickly as many of them ask for */
void tl_buf_number(struct tl_buf *buf, int64_t number);

/* tl_put_number - write one at @at, 20 bytes at most and no NUL. Return: behind the last of them. */
char *tl_put_number(char *at, uint64_t number);

/* tl_buf_fmt - append as printf does */
void tl_buf_fmt(struct tl_buf *buf, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void tl_buf_vfmt(struct tl_buf *buf, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/* tl_buf_text - the bytes as a C string, "" when empty (borrowed until the next append) */
const char *tl_buf_text(const struct tl_buf *buf);

#endif
