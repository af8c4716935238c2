/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scenarios under tests/fixtures, and what they parse into. */
#include "scenario_files.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

glob_t files(const char *pattern)
{
	glob_t found;

	cr_assert_eq(glob(pattern, 0, NULL, &found), 0, "no file is like %s", pattern);
	return found;
}

struct tl_buf slurp(const char *path)
{
	struct tl_buf out = { 0 };
	FILE *file = fopen(path, "re");
	char part[4096];
	size_t n;

	cr_assert_neq(file, NULL, "%s: %s", path, strerror(errno));
	while ((n = fread(part, 1, sizeof(part), file)))
		tl_buf_add(&out, part, n);
	fclose(file);
	cr_assert_eq(out.failed, false, "no memory for %s", path);
	return out;
}

struct parsed parse(const char *name, const char *text, size_t len)
{
	struct parsed p = { 0 };

	p.rc = tl_scenario_parse(name, text, len, &p.plan, &p.messages, &p.err);
	return p;
}

struct parsed parse_text(const char *text)
{
	return parse("test.yaml", text, strlen(text));
}

struct tl_plan *parse_good(const char *name)
{
	char path[256];
	struct tl_buf text;
	struct parsed p;

	snprintf(path, sizeof(path), FIXTURES "/good/%s", name);
	text = slurp(path);
	p = parse(name, text.data, text.len);
	tl_buf_release(&text);
	cr_assert_eq(p.rc, 0, "%s\n%s", p.err.text, tl_buf_text(&p.messages));
	tl_buf_release(&p.messages);
	return p.plan;
}

void parsed_release(struct parsed *p)
{
	tl_plan_free(p->plan);
	tl_buf_release(&p->messages);
	*p = (struct parsed){ 0 };
}
