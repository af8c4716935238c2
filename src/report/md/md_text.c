/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text from elsewhere in Markdown, where it must say nothing to Markdown. */
#include "md_text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "tcplab/text.h"

/* An empty comment: invisible, and no rule that looks at whole words sees past it. */
#define BREAK "<!-- -->"

/* The length of what could be the name of an emoji, ":tada:", at @text; 0 for none. */
static size_t emoji(const char *text)
{
	size_t n = 1;

	while (isalnum((unsigned char)text[n]) || strchr("_+-", text[n] ? text[n] : ' '))
		n++;
	return n > 1 && text[n] == ':' ? n : 0;
}

/* At the start of a line even a number or a dash says something: a list, a quote. */
static bool starts_block(const char *text, size_t at)
{
	if (!at)
		return strchr("-+=>", text[0]) != NULL;
	return (text[at] == '.' || text[at] == ')') && (!text[at + 1] || text[at + 1] == ' ') &&
	       strspn(text, "0123456789") == at;
}

static void escape(struct tl_buf *out, const char *line, size_t at)
{
	const char *p = line + at;

	if (*p == '<' || *p == '&')
		tl_buf_str(out, *p == '<' ? "&lt;" : "&amp;");
	else if (*p == '$')
		tl_buf_str(out, "<span>$</span>");
	else if (*p == '@' || *p == '#')
		tl_buf_fmt(out, "\\%c" BREAK, *p);
	else if (*p == ':' && (p[1] == '/' || emoji(p)))
		tl_buf_str(out, "\\:" BREAK);
	else if (*p == '.' && at >= 3 && !strncasecmp(p - 3, "www", 3))
		tl_buf_str(out, BREAK ".");
	else if (strchr("\\`*_[]|~!^{}", *p) || starts_block(line, at))
		tl_buf_fmt(out, "\\%c", *p);
	else
		tl_buf_add(out, p, 1);
}

void tl_md_inline(struct tl_buf *out, const char *text)
{
	struct tl_buf line = { 0 };

	tl_text_line(&line, text);
	for (size_t i = 0; i < line.len; i++)
		escape(out, line.data, i);
	tl_buf_release(&line);
}

static void paragraphs(struct tl_buf *out, const char *text, const char *prefix,
		       const char *between)
{
	struct tl_buf safe = { 0 }, one = { 0 };
	const char *at;
	bool first = true;

	tl_text_lines(&safe, text);
	for (at = tl_buf_text(&safe); at += strspn(at, " \n"), *at;) {
		one.len = 0;
		while (*at) {
			size_t n = strcspn(at, "\n");

			if (strspn(at, " ") >= n)
				break;
			tl_buf_add(&one, at, n);
			tl_buf_str(&one, " ");
			at += n + (at[n] == '\n');
		}
		tl_buf_fmt(out, "%s%s", first ? "" : between, prefix);
		tl_md_inline(out, tl_buf_text(&one));
		tl_buf_str(out, "\n");
		first = false;
	}
	tl_buf_release(&one);
	tl_buf_release(&safe);
}

void tl_md_quote(struct tl_buf *out, const char *text)
{
	paragraphs(out, text, "> ", ">\n");
}

void tl_md_paragraphs(struct tl_buf *out, const char *text)
{
	paragraphs(out, text, "", "\n");
	tl_buf_str(out, "\n");
}

static int longest_run(const char *text)
{
	int longest = 0;

	while (*text) {
		size_t n = strspn(text, "`");

		if ((int)n > longest)
			longest = n;
		text += n ? n : 1;
	}
	return longest;
}

void tl_md_code(struct tl_buf *out, const char *text, bool cell)
{
	struct tl_buf line = { 0 };
	const char *s;
	int run;

	tl_text_line(&line, text);
	s = tl_buf_text(&line);
	run = longest_run(s) + 1;
	if (!line.len)
		goto out;
	tl_buf_pad(out, '`', run);
	tl_buf_str(out, run > 1 ? " " : "");
	for (; *s; s++)
		tl_buf_fmt(out, cell && *s == '|' ? "\\%c" : "%c", *s);
	tl_buf_str(out, run > 1 ? " " : "");
	tl_buf_pad(out, '`', run);
out:
	tl_buf_release(&line);
}

void tl_md_fence(struct tl_buf *out, const char *text)
{
	struct tl_buf block = { 0 };
	int run;

	tl_text_lines(&block, text);
	run = longest_run(tl_buf_text(&block)) + 1;
	run = run < 3 ? 3 : run;
	tl_buf_pad(out, '`', run);
	tl_buf_str(out, "text\n");
	tl_buf_add(out, tl_buf_text(&block), block.len);
	if (block.len && block.data[block.len - 1] != '\n')
		tl_buf_str(out, "\n");
	tl_buf_pad(out, '`', run);
	tl_buf_str(out, "\n\n");
	tl_buf_release(&block);
}
