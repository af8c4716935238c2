/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inside report: HTML and SVG, element by element. Whatever comes from a scenario or a trace
 * goes through here, and is harmless then: text.h takes what steers, libxml2 escapes the rest.
 */
#ifndef TCPLAB_REPORT_MARKUP_H
#define TCPLAB_REPORT_MARKUP_H

#include <libxml/xmlwriter.h>
#include <stdbool.h>

#include "tcplab/buf.h"
#include "tcplab/err.h"

/* A document being written. Zeroed is closed; owns both. */
struct tl_markup {
	xmlBuffer *bytes;
	xmlTextWriter *xml;
	bool failed; /* memory ran out; to be asked once, at the end */
};

/* tl_markup_init - Return: 0 or -ENOMEM; to be released after an error too */
int tl_markup_init(struct tl_markup *to, struct tl_err *err);
void tl_markup_release(struct tl_markup *to);

/* tl_markup_finish - append what was written to @out. Return: 0 or -ENOMEM. */
int tl_markup_finish(struct tl_markup *to, struct tl_buf *out, struct tl_err *err);

/* tl_open - begin an element; tl_close - end the innermost, with a tag of its own */
void tl_open(struct tl_markup *to, const char *element);
void tl_close(struct tl_markup *to);

/* tl_close_void - end an element that HTML gives no end tag: meta, input */
void tl_close_void(struct tl_markup *to);

/* tl_attr - an attribute of the element just begun; tl_attrf - the same as printf has it */
void tl_attr(struct tl_markup *to, const char *name, const char *value);
void tl_attrf(struct tl_markup *to, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* tl_words - text, on one line; tl_wordsf - the same as printf has it */
void tl_words(struct tl_markup *to, const char *text);
void tl_wordsf(struct tl_markup *to, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* tl_element - an element of nothing but text; @class NULL for none */
void tl_element(struct tl_markup *to, const char *element, const char *class,
		const char *text);

/* tl_isolated - text whose direction of writing must not touch what stands beside it */
void tl_isolated(struct tl_markup *to, const char *text);

/* tl_paragraphs - a <p> for each paragraph of @text; an empty line parts them */
void tl_paragraphs(struct tl_markup *to, const char *class, const char *text);

/* tl_raw - bytes of our own, as they are: a style sheet, a script */
void tl_raw(struct tl_markup *to, const char *bytes);

#endif
