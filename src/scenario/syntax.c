/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libfyaml's complaints as sentences. */
#include "syntax.h"

#include <string.h>

/* What libfyaml says, or how it begins, and what it means to somebody writing a scenario. */
static const struct {
	const char *theirs;
	const char *ours;
} said[] = {
	{ "tab character may not be used as indentation",
	  "YAML is not indented with tabs: use blanks" },
	{ "invalid tab", "YAML is not indented with tabs: use blanks" },
	{ "Indentation used tabs", "YAML is not indented with tabs: use blanks" },
	{ "cannot use tab", "YAML is not indented with tabs: use blanks" },
	{ "flow sequence without a closing bracket",
	  "a list that begins with \"[\" does not end: \"]\" is missing" },
	{ "flow sequence with invalid extra closing bracket",
	  "this \"]\" has no \"[\"" },
	{ "flow mapping with invalid extra closing brace", "this \"}\" has no \"{\"" },
	{ "flow sequence with invalid extra comma", "there is nothing between two commas" },
	{ "mismatched flow", "\"[\" needs \"]\", and \"{\" needs \"}\"" },
	{ "missing comma in flow mapping",
	  "a comma is missing, or the \"}\" that ends the mapping" },
	{ "missing comma in flow sequence",
	  "a comma is missing, or the \"]\" that ends the list" },
	{ "invalid nested block mapping on the same line",
	  "a second \": \" in the line: put the value in quotes, or give it its own line" },
	{ "block sequence on the same line as a mapping key",
	  "a list begins on the line after its key" },
	{ "invalid multiline plain key",
	  "the line after this one is indented too far: keys of one mapping begin in the "
	  "same column" },
	{ "invalid indentation in mapping", "keys of one mapping begin in the same column" },
	{ "could not find expected ':'", "a key is followed by \": \" and its value" },
	{ "did not find expected key", "a key is expected here, as in the lines above" },
	{ "invalid scalar at the end of block sequence",
	  "an item of the list is expected here, beginning with \"- \"" },
	{ "block scalar no linebreak found",
	  "nothing may follow \"|\" or \">\" on its line: begin the text on the next line, "
	  "or put it in quotes" },
	{ "single-quoted scalar without closing quote", "the closing ' is missing" },
	{ "double-quoted scalar without closing quote", "the closing \" is missing" },
	{ "wrongly indented double-quoted scalar", "the closing \" is missing" },
	{ "wrongly indented single-quoted scalar", "the closing ' is missing" },
	{ "invalid trailing content after", "nothing may follow the closing quote" },
	{ "invalid escape",
	  "a \"\" string has no such escape: write \\\\ for a backslash, or use ''" },
	{ "plain scalar cannot start with", "a value that begins like this must be put in "
					    "quotes" },
	{ "missing document start", "a scenario is one document: nothing may follow it" },
	{ "Unsupported directive",
	  "directives are not part of the language: leave the line out" },
	{ "unsupport version", "directives are not part of the language: leave the line out" },
};

const char *scn_syntax_sentence(const char *message)
{
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		if (!strncmp(message, said[i].theirs, strlen(said[i].theirs)))
			return said[i].ours;
	return NULL;
}
