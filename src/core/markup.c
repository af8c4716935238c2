/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elements, attributes and text, escaped, for HTML and SVG. */
#include "tcplab/markup.h"

#include <errno.h>
#include <string.h>

#include "tcplab/text.h"
#include "tcplab/word_list.h"

void tl_markup_release(struct tl_markup *to)
{
	tl_buf_release(&to->bytes);
	*to = (struct tl_markup){ 0 };
}

/* What is written next is not an attribute any more. */
static void end_tag(struct tl_markup *to)
{
	if (to->in_tag)
		tl_buf_str(&to->bytes, ">");
	to->in_tag = false;
}

int tl_markup_finish(struct tl_markup *to, struct tl_buf *out, struct tl_err *err)
{
	while (to->depth)
		tl_close(to);
	tl_buf_add(out, to->bytes.data, to->bytes.len);
	if (to->failed || to->bytes.failed || out->failed)
		return tl_err_set(err, ENOMEM, "no memory for the report");
	return 0;
}

/* Text that may stand between tags and between quotation marks. */
static void escape(struct tl_buf *out, const struct tl_buf *text)
{
	const char *at = tl_buf_text(text);

	for (;;) {
		size_t plain = strcspn(at, "&<>\"");

		tl_buf_add(out, at, plain);
		at += plain;
		if (!*at)
			break;
		tl_buf_str(out, *at == '&' ? "&amp;" : *at == '<' ? "&lt;" : *at == '>' ? "&gt;" : "&quot;");
		at++;
	}
	out->failed |= text->failed;
}

/* Begin a line of XML, as deep as the innermost element. */
static void indent(struct tl_markup *to)
{
	tl_buf_fmt(&to->bytes, "%s%*s", to->bytes.len ? "\n" : "",
		   (int)(2 * (to->depth + to->indent)), "");
}

/* These begin a line, so that a page can be read, and compared, as text. */
static bool begins_line(const char *element)
{
	static const char *const blocks[] = {
		"head", "meta", "title", "style", "body", "header", "main", "nav", "section", "div",
		"ol", "ul", "li", "table", "caption", "thead", "tbody", "tr", "svg", "g", "p",
		"h1", "h2", "h3", "details", "dl", "script", "button", "input", NULL,
	};

	return tl_list_has(blocks, element, strlen(element));
}

void tl_open(struct tl_markup *to, const char *element)
{
	bool line = to->layout == TL_MARKUP_HTML && begins_line(element);

	end_tag(to);
	if (to->layout == TL_MARKUP_XML)
		indent(to);
	tl_buf_fmt(&to->bytes, "%s<%s", line ? "\n" : "", element);
	to->in_tag = true;
	to->has_elements = false;
	if (to->depth < TL_MARKUP_DEPTH)
		to->open[to->depth] = element;
	else
		to->failed = true;
	to->depth++;
}

void tl_open_class(struct tl_markup *to, const char *element, const char *class)
{
	tl_open(to, element);
	if (class)
		tl_attr(to, "class", class);
}

/* Shapes of SVG have nothing in them, and a page has thousands. */
static bool is_shape(const char *element)
{
	static const char *const shapes[] = { "line", "rect", "path", "circle", NULL };

	return tl_list_has(shapes, element, strlen(element));
}

/* What begins after them, or ends around them, ends them. Source: HTML 13.1.2.4, optional tags. */
static bool ends_itself(const char *element)
{
	static const char *const names[] = { "td", "th", "tr", "tbody", "thead", "li", "dt", "dd",
					      "caption", NULL };

	return tl_list_has(names, element, strlen(element));
}

void tl_close(struct tl_markup *to)
{
	size_t depth = --to->depth;
	const char *element = depth < TL_MARKUP_DEPTH ? to->open[depth] : "";

	if (to->in_tag && (to->layout == TL_MARKUP_XML || is_shape(element))) {
		tl_buf_str(&to->bytes, "/>");
	} else if (to->sparse && ends_itself(element)) {
		end_tag(to);
	} else {
		end_tag(to);
		if (to->layout == TL_MARKUP_XML && to->has_elements)
			indent(to);
		tl_buf_fmt(&to->bytes, "</%s>", element);
	}
	to->in_tag = false;
	to->has_elements = true;
}

void tl_close_void(struct tl_markup *to)
{
	to->depth--;
	tl_buf_str(&to->bytes, "/>");
	to->in_tag = false;
}

void tl_attr(struct tl_markup *to, const char *name, const char *value)
{
	struct tl_buf safe = { 0 };

	tl_text_line(&safe, value);
	tl_buf_fmt(&to->bytes, " %s=\"", name);
	escape(&to->bytes, &safe);
	tl_buf_str(&to->bytes, "\"");
	tl_buf_release(&safe);
}

__attribute__((format(printf, 3, 0)))
static void vattr(struct tl_markup *to, const char *name, const char *fmt, va_list ap)
{
	struct tl_buf value = { 0 };

	tl_buf_vfmt(&value, fmt, ap);
	to->failed |= value.failed;
	tl_attr(to, name, tl_buf_text(&value));
	tl_buf_release(&value);
}

void tl_attrf(struct tl_markup *to, const char *name, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vattr(to, name, fmt, ap);
	va_end(ap);
}

/* Blanks at either end are kept as one: the words before and after are elements' own. */
void tl_words(struct tl_markup *to, const char *text)
{
	struct tl_buf safe = { 0 };
	size_t n = text ? strlen(text) : 0;

	if (n && text[0] == ' ')
		tl_buf_str(&safe, " ");
	tl_text_line(&safe, text);
	if (n > 1 && text[n - 1] == ' ')
		tl_buf_str(&safe, " ");
	end_tag(to);
	escape(&to->bytes, &safe);
	tl_buf_release(&safe);
}

void tl_lines(struct tl_markup *to, const char *text)
{
	struct tl_buf safe = { 0 };

	tl_text_lines(&safe, text);
	end_tag(to);
	escape(&to->bytes, &safe);
	tl_buf_release(&safe);
}

__attribute__((format(printf, 2, 0)))
static void vwords(struct tl_markup *to, const char *fmt, va_list ap)
{
	struct tl_buf text = { 0 };

	tl_buf_vfmt(&text, fmt, ap);
	to->failed |= text.failed;
	tl_words(to, tl_buf_text(&text));
	tl_buf_release(&text);
}

void tl_wordsf(struct tl_markup *to, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vwords(to, fmt, ap);
	va_end(ap);
}

void tl_element(struct tl_markup *to, const char *element, const char *class, const char *text)
{
	tl_open_class(to, element, class);
	tl_words(to, text);
	tl_close(to);
}

void tl_elementf(struct tl_markup *to, const char *element, const char *class,
		 const char *fmt, ...)
{
	va_list ap;

	tl_open_class(to, element, class);
	va_start(ap, fmt);
	vwords(to, fmt, ap);
	va_end(ap);
	tl_close(to);
}

void tl_head(struct tl_markup *to)
{
	tl_open(to, "head");
	tl_open(to, "meta");
	tl_attr(to, "charset", "utf-8");
	tl_close_void(to);
}

void tl_policy(struct tl_markup *to, const char *style, const char *script)
{
	tl_open(to, "meta");
	tl_attr(to, "http-equiv", "Content-Security-Policy");
	tl_attrf(to, "content", "default-src 'none'; style-src '%s'; %s%s%sbase-uri 'none'; "
				"form-action 'none'", style, script ? "script-src '" : "",
		 script ? script : "", script ? "'; " : "");
	tl_close_void(to);
}

void tl_meta(struct tl_markup *to, const char *name, const char *content)
{
	tl_open(to, "meta");
	tl_attr(to, "name", name);
	tl_attr(to, "content", content);
	tl_close_void(to);
}

void tl_button(struct tl_markup *to, const char *id, const char *label, const char *sign)
{
	tl_open(to, "button");
	tl_attr(to, "type", "button");
	tl_attr(to, "id", id);
	tl_attr(to, "aria-label", label);
	tl_attr(to, "title", label);
	tl_words(to, sign);
	tl_close(to);
}

void tl_range(struct tl_markup *to, const char *label, size_t most)
{
	tl_open(to, "input");
	tl_attr(to, "type", "range");
	tl_attr(to, "id", "scrub");
	tl_attr(to, "min", "1");
	tl_attrf(to, "max", "%zu", most);
	tl_attr(to, "value", "1");
	tl_attr(to, "aria-label", label);
	tl_close_void(to);
}

void tl_slot(struct tl_markup *to, const char *name, const char *id, const char *role)
{
	tl_open(to, name);
	tl_attr(to, "id", id);
	if (role)
		tl_attr(to, "role", role);
	tl_close(to);
}

void tl_heads(struct tl_markup *to, const char *const *names)
{
	tl_open(to, "tr");
	for (; *names; names++) {
		tl_open(to, "th");
		tl_attr(to, "scope", "col");
		tl_words(to, *names);
		tl_close(to);
	}
	tl_close(to);
}

void tl_isolated(struct tl_markup *to, const char *text)
{
	tl_element(to, "bdi", NULL, text);
}

void tl_isolated_in(struct tl_markup *to, const char *element, const char *class,
		    const char *text)
{
	tl_open_class(to, element, class);
	tl_isolated(to, text);
	tl_close(to);
}

void tl_link(struct tl_markup *to, const char *class, const char *text, const char *href, ...)
{
	va_list ap;

	tl_open_class(to, "a", class);
	va_start(ap, href);
	vattr(to, "href", href, ap);
	va_end(ap);
	tl_words(to, text);
	tl_close(to);
}

void tl_paragraphs_by(struct tl_markup *to, const char *class, const char *text,
		      void (*write)(void *arg, const char *paragraph), void *arg)
{
	struct tl_buf one = { 0 };
	const char *at;
	size_t n;

	while (text && (n = tl_text_paragraph(&text, &at))) {
		one.len = 0;
		tl_buf_add(&one, at, n);
		tl_open_class(to, "p", class);
		write(arg, tl_buf_text(&one));
		tl_close(to);
	}
	to->failed |= one.failed;
	tl_buf_release(&one);
}

static void plain_paragraph(void *to, const char *paragraph)
{
	tl_isolated(to, paragraph);
}

void tl_paragraphs(struct tl_markup *to, const char *class, const char *text)
{
	tl_paragraphs_by(to, class, text, plain_paragraph, to);
}

void tl_raw(struct tl_markup *to, const char *bytes)
{
	end_tag(to);
	tl_buf_str(&to->bytes, bytes);
	to->has_elements = true;
}
