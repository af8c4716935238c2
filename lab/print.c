/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said on standard output and standard error, and what cannot be. */
#include "lab.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tcplab/text.h"

static const char *typed = "tcplab";

const char *lab_typed(void)
{
	return typed;
}

/* Would it be printed just as it is? */
static bool shows(const char *name)
{
	struct tl_buf shown = { 0 };
	bool same;

	tl_text_lines(&shown, name);
	same = !strcmp(tl_buf_text(&shown), name);
	tl_buf_release(&shown);
	return same;
}

/* Found in PATH, or named by its place; in quotes where a shell would take it apart. */
void lab_set_typed(const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "/._-+,:@%";
	static char quoted[PATH_MAX + 2];

	if (!name || !*name || strlen(name) >= PATH_MAX || strchr(name, '\'') || !shows(name))
		return;
	snprintf(quoted, sizeof(quoted), name[strspn(name, plain)] ? "'%s'" : "%s", name);
	typed = quoted;
}

/* A complaint that quotes more than anybody reads loses the middle. */
enum { COMPLAINT_MOST = 2048, COMPLAINT_END = 512 };

static bool continues(char byte)
{
	return (byte & 0xc0) == 0x80; /* a letter of UTF-8 */
}

static void shorten(struct tl_buf *text)
{
	size_t begin = COMPLAINT_MOST - COMPLAINT_END, end = text->len - COMPLAINT_END;
	struct tl_buf whole = *text;

	while (begin && continues(tl_buf_text(&whole)[begin]))
		begin--;
	while (end < whole.len && continues(tl_buf_text(&whole)[end]))
		end++;
	*text = (struct tl_buf){ 0 };
	tl_buf_add(text, tl_buf_text(&whole), begin);
	tl_buf_fmt(text, " [%zu bytes more] ", end - begin);
	tl_buf_str(text, tl_buf_text(&whole) + end);
	tl_buf_release(&whole);
}

/* It may quote a file, or name one: nothing in it steers a terminal. */
__attribute__((format(printf, 3, 0)))
static void say(FILE *to, const char *who, const char *fmt, va_list ap)
{
	struct tl_buf text = { 0 }, shown = { 0 };

	tl_buf_vfmt(&text, fmt, ap);
	if (to == stderr && text.len > COMPLAINT_MOST)
		shorten(&text);
	tl_text_lines(&shown, tl_buf_text(&text));
	fprintf(to, "%s%s\n", who, tl_buf_text(&shown));
	tl_buf_release(&shown);
	tl_buf_release(&text);
}

void lab_complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(stderr, "tcplab: ", fmt, ap);
	va_end(ap);
}

void lab_mention(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(stderr, "", fmt, ap);
	va_end(ap);
}

int lab_answer(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(stdout, "", fmt, ap);
	va_end(ap);
	return lab_flush();
}

int lab_flush(void)
{
	static bool told;

	if (!fflush(stdout) && !ferror(stdout))
		return LAB_OK;
	if (!told)
		lab_complain("standard output: %m");
	told = true;
	return LAB_ERROR;
}

int lab_print(const struct tl_buf *text)
{
	fwrite(tl_buf_text(text), 1, text->len, stdout);
	return lab_flush();
}
