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

/* Found in PATH, or named by its place; in quotes where a shell would take it apart. */
void lab_set_typed(const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "/._-+,:@%";
	static char quoted[PATH_MAX + 2];

	if (!name || !*name || strlen(name) >= PATH_MAX || strchr(name, '\''))
		return;
	snprintf(quoted, sizeof(quoted), name[strspn(name, plain)] ? "'%s'" : "%s", name);
	typed = quoted;
}

void lab_complain(const char *fmt, ...)
{
	struct tl_buf text = { 0 }, shown = { 0 };
	va_list ap;

	va_start(ap, fmt);
	tl_buf_vfmt(&text, fmt, ap);
	va_end(ap);
	tl_text_lines(&shown, tl_buf_text(&text)); /* it may quote a file */
	fprintf(stderr, "tcplab: %s\n", tl_buf_text(&shown));
	tl_buf_release(&shown);
	tl_buf_release(&text);
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
