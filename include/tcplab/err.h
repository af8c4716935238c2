/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: how every part of tcplab says that it could not carry something out. */
#ifndef TCPLAB_ERR_H
#define TCPLAB_ERR_H

/*
 * A function that can fail returns 0 or -errno and takes a struct tl_err as its last
 * parameter, never NULL. It is left untouched on success; on failure it holds a
 * finished sentence for a person, without a full stop at its end and without a newline.
 *
 * An expectation that did not come true is data, never an error: see verdict.h.
 */
struct tl_err {
	int code;        /* a positive errno */
	char text[1024];
};

/*
 * tl_err_set - fill @err with @code and a printf-formatted sentence
 * @code: a positive errno
 *
 * Return: -code, so that "return tl_err_set(err, ENOENT, ...)" reads well.
 */
int tl_err_set(struct tl_err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * tl_err_prefix - put "<printf text>: " before the sentence already in @err
 *
 * Return: -err->code.
 */
int tl_err_prefix(struct tl_err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
