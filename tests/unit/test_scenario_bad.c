/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scenarios that are wrong: what is said about them, byte for byte, and nothing else happens.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario_files.h"

/* The expected messages stand beside x.yaml in x.err. */
static void err_path(const char *yaml, char *out, size_t size)
{
	snprintf(out, size, "%.*s.err", (int)(strlen(yaml) - strlen(".yaml")), yaml);
}

/* TL_GOLDEN_UPDATE=1 writes what is said now, to be read before it is committed. */
static void update(const char *path, const struct tl_buf *messages)
{
	FILE *file = fopen(path, "we");

	cr_assert_neq(file, NULL, "cannot write %s", path);
	fwrite(tl_buf_text(messages), 1, messages->len, file);
	fclose(file);
}

static void check_messages(const char *yaml)
{
	struct tl_buf text = slurp(yaml), want = { 0 };
	const char *slash = strrchr(yaml, '/');
	struct parsed p = parse(slash ? slash + 1 : yaml, text.data ? text.data : "", text.len);
	char path[512];

	cr_expect_eq(p.rc, -EINVAL, "%s: %d", yaml, p.rc);
	cr_expect_eq(p.plan, NULL, "%s gave a plan", yaml);
	err_path(yaml, path, sizeof(path));
	if (getenv("TL_GOLDEN_UPDATE"))
		update(path, &p.messages);
	want = slurp(path);
	cr_expect_str_eq(tl_buf_text(&p.messages), tl_buf_text(&want),
			 "%s: expected\n%s\ngot\n%s", yaml, tl_buf_text(&want),
			 tl_buf_text(&p.messages));
	tl_buf_release(&want);
	tl_buf_release(&text);
	parsed_release(&p);
}

Test(scenario_bad, messages)
{
	glob_t found = files(FIXTURES "/bad/*.yaml");

	cr_expect_geq(found.gl_pathc, 60, "only %zu malformed files", found.gl_pathc);
	for (size_t i = 0; i < found.gl_pathc; i++)
		check_messages(found.gl_pathv[i]);
	globfree(&found);
}

Test(scenario_bad, no_message_without_its_file)
{
	glob_t found = files(FIXTURES "/bad/*.err");

	for (size_t i = 0; i < found.gl_pathc; i++) {
		char path[512];
		struct tl_buf text;

		snprintf(path, sizeof(path), "%.*s.yaml",
			 (int)(strlen(found.gl_pathv[i]) - strlen(".err")), found.gl_pathv[i]);
		text = slurp(path);
		tl_buf_release(&text);
	}
	globfree(&found);
}

/* The count in the error is that of the messages. */
Test(scenario_bad, count)
{
	struct parsed p = parse_text("scenario: 1\nname: X\ntitle: []\n");

	cr_expect_str_eq(p.err.text, "3 mistakes in test.yaml", "%s", p.err.text);
	cr_expect_eq(p.err.code, EINVAL, "%d", p.err.code);
	parsed_release(&p);
	p = parse_text("");
	cr_expect_str_eq(p.err.text, "1 mistake in test.yaml", "%s", p.err.text);
	parsed_release(&p);
}

static size_t count_of(const char *text, const char *word)
{
	size_t n = 0;

	for (; (text = strstr(text, word)); text += strlen(word))
		n++;
	return n;
}

Test(scenario_bad, too_large)
{
	static const char want[] =
		"big.yaml:1:1: error: the file has 1048577 bytes: a scenario "
		"has 1 MiB at most\n    1 | ####";
	size_t len = 1024 * 1024 + 1;
	char *text = malloc(len);
	struct parsed p;

	cr_assert_neq(text, NULL, "no memory");
	memset(text, '#', len);
	p = parse("big.yaml", text, len);
	cr_expect_eq(p.rc, -EINVAL, "%d", p.rc);
	cr_expect_eq(strncmp(tl_buf_text(&p.messages), want, strlen(want)), 0, "%s",
		     tl_buf_text(&p.messages));
	cr_expect_lt(p.messages.len, 400, "%zu bytes are said of it", p.messages.len);
	parsed_release(&p);

	/* A byte less is read, and found to hold nothing. */
	p = parse("big.yaml", text, len - 1);
	cr_expect_neq(strstr(tl_buf_text(&p.messages), "the scenario is empty"), NULL, "%s",
		      tl_buf_text(&p.messages));
	parsed_release(&p);
	free(text);
}

/* A hundred mistakes are shown, and the rest counted. */
Test(scenario_bad, too_many_mistakes)
{
	struct tl_buf text = { 0 };
	struct parsed p;

	tl_buf_str(&text, "scenario: 1\nname: t\ntitle: T\nwatch:\n");
	for (int i = 0; i < 1000; i++)
		tl_buf_str(&text, "  - x\n");
	p = parse("many.yaml", text.data, text.len);
	cr_expect_eq(count_of(tl_buf_text(&p.messages), ": error: "), 100, "not a hundred");
	cr_expect_neq(strstr(tl_buf_text(&p.messages), "many.yaml: 901 more mistakes"), NULL,
		      "%s", tl_buf_text(&p.messages) + p.messages.len - 80);
	cr_expect_str_eq(p.err.text, "1001 mistakes in many.yaml", "%s", p.err.text);
	parsed_release(&p);
	tl_buf_release(&text);
}

/* Only what a terminal shows as a glyph, and line ends, may be in a message. */
static void expect_harmless(const struct tl_buf *messages, const char *of)
{
	for (size_t i = 0; i < messages->len; i++) {
		unsigned char c = messages->data[i];

		if (c != '\n' && (c < 0x20 || c == 0x7f)) {
			cr_expect_eq(c, 0, "byte %02x in what is said of %s", c, of);
			return;
		}
	}
}

Test(scenario_bad, file_name_is_shown_safely)
{
	struct parsed p = parse("a\x1b[31m\n\xff.yaml", "", 0);

	expect_harmless(&p.messages, "a name");
	cr_expect_eq(strncmp(tl_buf_text(&p.messages), "a\\x1b[31m\\x0a\\xff.yaml:1:1: ", 28),
		     0, "%s", tl_buf_text(&p.messages));
	parsed_release(&p);
}

/* What must be so of any text: a plan or messages, never both; nothing that does harm. */
static void expect_sane(const char *text, size_t len, const char *of)
{
	struct parsed p = parse("mutant.yaml", text, len);

	cr_expect_eq(p.rc == 0, p.plan != NULL, "%s: %d", of, p.rc);
	cr_expect_eq(p.rc == -EINVAL, p.messages.len > 0, "%s: %d", of, p.rc);
	cr_expect_eq(p.rc == 0 || p.rc == -EINVAL, true, "%s: %d", of, p.rc);
	expect_harmless(&p.messages, of);
	parsed_release(&p);
}

/* A generator of our own, so that a failure can be repeated anywhere. */
static uint32_t random_below(uint64_t *seed, uint32_t n)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*seed >> 33) % n;
}

/* Bytes that mean something to YAML or to us, and some that should not be there. */
static const char pieces[][12] = { "\n",  "\t", ":",  ": ", "- ",	"[",	 "]",
				   "{",	  "}",	"\"", "'",  "#",	"&a ",	 "*a",
				   "!t ", "|",	">",  ",",  "---\n",	"...\n", "? ",
				   "%",	  "->", "x2", "\r", "\xff",	"\x1b",	 "\xe2\x80\xae",
				   " ",	  "  ", "0",  "-1", "99999999", "\\",	 "\\0" };

static void mutate(struct tl_buf *text, uint64_t *seed)
{
	size_t at = random_below(seed, text->len);
	size_t piece = random_below(seed, sizeof(pieces) / sizeof(pieces[0]));
	size_t n = strlen(pieces[piece]);
	size_t from = random_below(seed, text->len), len = random_below(seed, 40);

	switch (random_below(seed, 4)) {
	case 0: /* write over */
		for (size_t i = 0; i < n && at + i < text->len; i++)
			text->data[at + i] = pieces[piece][i];
		break;
	case 1: /* take out */
		len = at + len > text->len ? text->len - at : len;
		memmove(text->data + at, text->data + at + len, text->len - at - len);
		text->len -= len == text->len ? 0 : len;
		break;
	case 2: /* put a piece of the text elsewhere */
		for (size_t i = 0; i < len && at + i < text->len && from + i < text->len; i++)
			text->data[at + i] = text->data[from + i];
		break;
	case 3: /* any byte */
		text->data[at] = (char)random_below(seed, 256);
		break;
	}
}

Test(scenario_bad, mutants)
{
	glob_t found = files(TL_SOURCE_DIR "/scenarios/redis/*.yaml");
	uint64_t seed = 20130501;

	glob(FIXTURES "/good/*.yaml", GLOB_APPEND, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct tl_buf good = slurp(found.gl_pathv[i]);

		for (int k = 0; k < 400; k++) {
			struct tl_buf text = { 0 };
			int times = 1 + random_below(&seed, 4);

			tl_buf_add(&text, good.data, good.len);
			while (times--)
				mutate(&text, &seed);
			expect_sane(text.data, text.len, found.gl_pathv[i]);
			tl_buf_release(&text);
		}
		tl_buf_release(&good);
	}
	globfree(&found);
}

/* Every length a write that was cut short could leave. The bytes end where the heap does. */
static void cut_everywhere(const char *path)
{
	struct tl_buf good = slurp(path);

	for (size_t len = 0; len < good.len; len++) {
		char *text = malloc(len ? len : 1);

		cr_assert_neq(text, NULL, "no memory");
		memcpy(text, good.data, len);
		expect_sane(text, len, "a truncated file");
		free(text);
	}
	tl_buf_release(&good);
}

Test(scenario_bad, truncated)
{
	cut_everywhere(FIXTURES "/good/every-key.yaml");
	cut_everywhere(FIXTURES "/good/wire.yaml");
}

/* Deep, broad and repetitive texts are refused without crashing, whatever they repeat. */
Test(scenario_bad, monsters, .timeout = 60)
{
	static const char *const of[] = { "[",	  "{a: ",  "- ",  "? ",	   "a:\n ",  "\"a\\n",
					  "&a ",  "*a ",   "!a ", "- a\n", "a: 1\n", "\n",
					  "%a\n", "---\n", "x",	  "'a",	   "{",	     ": ",
					  "|\n",  "[a,",   "\r" };

	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		struct tl_buf text = { 0 };

		while (text.len < 200000)
			tl_buf_str(&text, of[i]);
		expect_sane(text.data, text.len, of[i]);
		tl_buf_release(&text);
	}
}
