/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: HTML, SVG and XML, element by element. */
/*
 * Whatever comes from a scenario, a trace or a host goes through here, and is harmless then:
 * text.h takes what steers, and what markup is made of is escaped. Names of elements and
 * attributes are our own.
 */
#ifndef TCPLAB_MARKUP_H
#define TCPLAB_MARKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "tcplab/buf.h"
#include "tcplab/err.h"

#define TL_MARKUP_DEPTH 32

enum tl_markup_layout {
	TL_MARKUP_HTML, /* as it is written, except for a line before what begins one */
	TL_MARKUP_XML,  /* a line for each element, indented by its depth */
};

/* A document, or a part of one, being written. Zeroed is HTML and empty; owns its bytes. */
struct tl_markup {
	struct tl_buf bytes;
	enum tl_markup_layout layout;
	size_t indent;                     /* of XML: how deep its outermost elements are */
	const char *open[TL_MARKUP_DEPTH]; /* the elements that are open; borrowed */
	size_t depth;
	bool sparse;                       /* HTML: end tags that it can do without are left out */
	bool in_tag;                       /* attributes can still be added */
	bool has_elements;                 /* the innermost ends on a line of its own in XML */
	bool failed;                       /* to be asked once, at the end */
};

void tl_markup_release(struct tl_markup *to);

/* tl_markup_finish - close what is open, append it all to @out. Return: 0 or -ENOMEM. */
int tl_markup_finish(struct tl_markup *to, struct tl_buf *out, struct tl_err *err);

/*
 * tl_open, tl_open_class - begin an element; @class NULL for none
 * tl_close - end the innermost, with a tag of its own
 */
void tl_open(struct tl_markup *to, const char *element);
void tl_open_class(struct tl_markup *to, const char *element, const char *class);
void tl_close(struct tl_markup *to);

/* tl_close_void - end an element that HTML gives no end tag: meta, input */
void tl_close_void(struct tl_markup *to);

/*
 * tl_attr - an attribute of the element just begun; tl_attrf - the same formatted as by printf
 */
void tl_attr(struct tl_markup *to, const char *name, const char *value);
void tl_attrf(struct tl_markup *to, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* tl_words - text, on one line; tl_wordsf - the same formatted as by printf */
void tl_words(struct tl_markup *to, const char *text);
void tl_wordsf(struct tl_markup *to, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* tl_lines - text that keeps its lines */
void tl_lines(struct tl_markup *to, const char *text);

/* tl_element - an element of nothing but text; tl_elementf - the same formatted as by printf */
void tl_element(struct tl_markup *to, const char *element, const char *class,
		const char *text);
void tl_elementf(struct tl_markup *to, const char *element, const char *class,
		 const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* tl_link - <a class="@class" href="@href">@text</a>; @href formatted as by printf */
void tl_link(struct tl_markup *to, const char *class, const char *text, const char *href, ...)
	__attribute__((format(printf, 4, 5)));

/* tl_head - an HTML head begins: it is UTF-8 */
void tl_head(struct tl_markup *to);

/*
 * tl_policy - of an HTML head: nothing but one style sheet and one script is obeyed, and nothing
 * is fetched
 * @style: "sha256-..." of its bytes; so is @script, NULL for none
 */
void tl_policy(struct tl_markup *to, const char *style, const char *script);

/* tl_meta - of an HTML head: <meta name="@name" content="@content"> */
void tl_meta(struct tl_markup *to, const char *name, const char *content);

/* tl_button - an HTML button that shows a sign, and is called and explained by its label */
void tl_button(struct tl_markup *to, const char *id, const char *label, const char *sign);

/* tl_range - an HTML slider "scrub" that goes from 1 to @most */
void tl_range(struct tl_markup *to, const char *label, size_t most);

/* tl_slot - an empty element @id that a script fills; @role: for who hears the page, or NULL */
void tl_slot(struct tl_markup *to, const char *name, const char *id, const char *role);

/* tl_heads - a table's <tr> of a <th> for each column; NULL ends the names */
void tl_heads(struct tl_markup *to, const char *const *names);

/*
 * tl_isolated - text whose direction of writing must not touch what stands beside it
 * tl_isolated_in - an element of nothing but that
 */
void tl_isolated(struct tl_markup *to, const char *text);
void tl_isolated_in(struct tl_markup *to, const char *element, const char *class,
		    const char *text);

/* tl_paragraphs - a <p> for each paragraph of @text; an empty line parts them */
void tl_paragraphs(struct tl_markup *to, const char *class, const char *text);

/* tl_paragraphs_by - the same, with @write for what stands in each */
void tl_paragraphs_by(struct tl_markup *to, const char *class, const char *text,
		      void (*write)(void *arg, const char *paragraph), void *arg);

/* tl_raw - bytes of our own, as they are: a style sheet, a script, elements */
void tl_raw(struct tl_markup *to, const char *bytes);

#endif
