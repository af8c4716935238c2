/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "markup.h"

#include <errno.h>
#include <string.h>

#include "tcplab/text.h"

static void check(struct tl_markup *to, int rc)
{
	to->failed |= rc < 0;
}

int tl_markup_init(struct tl_markup *to, struct tl_err *err)
{
	to->bytes = xmlBufferCreate();
	if (to->bytes)
		to->xml = xmlNewTextWriterMemory(to->bytes, 0);
	return to->xml ? 0 : tl_err_set(err, ENOMEM, "no memory for the report");
}

void tl_markup_release(struct tl_markup *to)
{
	if (to->xml)
		xmlFreeTextWriter(to->xml);
	if (to->bytes)
		xmlBufferFree(to->bytes);
	*to = (struct tl_markup){ 0 };
}

int tl_markup_finish(struct tl_markup *to, struct tl_buf *out, struct tl_err *err)
{
	check(to, xmlTextWriterFlush(to->xml));
	tl_buf_add(out, xmlBufferContent(to->bytes), xmlBufferLength(to->bytes));
	if (to->failed || out->failed)
		return tl_err_set(err, ENOMEM, "no memory for the report");
	return 0;
}

/* These begin a line, so that a page can be read, and compared, as text. */
static bool begins_line(const char *element)
{
	static const char *const blocks[] = {
		"head", "meta", "title", "style", "body", "header", "main", "nav", "section", "div",
		"ol", "ul", "li", "table", "caption", "thead", "tbody", "tr", "svg", "g", "p",
		"h1", "h2", "h3", "details", "dl", "script", "button", "input",
	};

	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if (!strcmp(blocks[i], element))
			return true;
	return false;
}

void tl_open(struct tl_markup *to, const char *element)
{
	if (begins_line(element))
		tl_raw(to, "\n");
	check(to, xmlTextWriterStartElement(to->xml, BAD_CAST element));
}

void tl_close(struct tl_markup *to)
{
	check(to, xmlTextWriterFullEndElement(to->xml));
}

void tl_close_void(struct tl_markup *to)
{
	check(to, xmlTextWriterEndElement(to->xml));
}

void tl_attr(struct tl_markup *to, const char *name, const char *value)
{
	struct tl_buf safe = { 0 };

	tl_text_line(&safe, value);
	to->failed |= safe.failed;
	check(to, xmlTextWriterWriteAttribute(to->xml, BAD_CAST name,
					      BAD_CAST tl_buf_text(&safe)));
	tl_buf_release(&safe);
}

void tl_attrf(struct tl_markup *to, const char *name, const char *fmt, ...)
{
	struct tl_buf value = { 0 };
	va_list ap;

	va_start(ap, fmt);
	tl_buf_vfmt(&value, fmt, ap);
	va_end(ap);
	to->failed |= value.failed;
	tl_attr(to, name, tl_buf_text(&value));
	tl_buf_release(&value);
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
	to->failed |= safe.failed;
	check(to, xmlTextWriterWriteString(to->xml, BAD_CAST tl_buf_text(&safe)));
	tl_buf_release(&safe);
}

void tl_wordsf(struct tl_markup *to, const char *fmt, ...)
{
	struct tl_buf text = { 0 };
	va_list ap;

	va_start(ap, fmt);
	tl_buf_vfmt(&text, fmt, ap);
	va_end(ap);
	to->failed |= text.failed;
	tl_words(to, tl_buf_text(&text));
	tl_buf_release(&text);
}

void tl_element(struct tl_markup *to, const char *element, const char *class, const char *text)
{
	tl_open(to, element);
	if (class)
		tl_attr(to, "class", class);
	tl_words(to, text);
	tl_close(to);
}

void tl_isolated(struct tl_markup *to, const char *text)
{
	tl_element(to, "bdi", NULL, text);
}

void tl_paragraphs(struct tl_markup *to, const char *class, const char *text)
{
	struct tl_buf one = { 0 };
	const char *end;

	for (; text && *text; text = end) {
		text += strspn(text, "\n");
		end = strstr(text, "\n\n");
		end = end ? end : text + strlen(text);
		if (end == text)
			break;
		one.len = 0;
		tl_buf_add(&one, text, end - text);
		tl_open(to, "p");
		if (class)
			tl_attr(to, "class", class);
		tl_isolated(to, tl_buf_text(&one));
		tl_close(to);
	}
	to->failed |= one.failed;
	tl_buf_release(&one);
}

void tl_raw(struct tl_markup *to, const char *bytes)
{
	check(to, xmlTextWriterWriteRaw(to->xml, BAD_CAST bytes));
}
