/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libfyaml's complaints as sentences. */
#include "syntax.h"

#include <string.h>

const char scn_tabs[] = "YAML is not indented with tabs: use blanks";

/* What libfyaml says, or how it begins, and what it means to somebody writing a scenario. */
static const struct {
	const char *theirs;
	const char *ours;
} said[] = {
	{ "tab character may not be used as indentation", scn_tabs },
	{ "invalid tab", scn_tabs },
	{ "Indentation used tabs", scn_tabs },
	{ "cannot use tab", scn_tabs },
	{ "flow sequence without a closing bracket",
	  "a list that begins with \"[\" does not end: \"]\" is missing" },
	{ "flow sequence with invalid extra closing bracket",
	  "this \"]\" has no \"[\"" },
	{ "flow mapping with invalid extra closing brace", "this \"}\" has no \"{\"" },
	{ "flow sequence with invalid extra comma", "there is nothing between two commas" },
	{ "mismatched flow", "\"[\" needs \"]\", and \"{\" needs \"}\"" },
	{ "missing comma in flow mapping",
	  "a comma is missing before this, or the \"}\" that ends the mapping" },
	{ "missing comma in flow sequence",
	  "a comma is missing before this, or the \"]\" that ends the list" },
	{ "invalid nested block mapping on the same line",
	  "a second \": \" in the line: put the value in quotes, or give it its own line" },
	{ "block sequence on the same line as a previous item",
	  "an item of a list begins on a line of its own" },
	{ "block sequence entries not allowed", "an item of a list begins on a line of its own" },
	{ "block sequence on the same line as a mapping key",
	  "a list begins on the line after its key" },
	{ "invalid multiline plain key",
	  "the line after this one is indented too far: keys of one mapping begin in the "
	  "same column" },
	{ "invalid indentation in mapping", "keys of one mapping begin in the same column" },
	{ "could not find expected ':'", "a key is followed by \": \" and its value" },
	{ "did not find expected key",
	  "a key is expected here, as in the lines above, or \"- \" is missing there" },
	{ "missing ':'",
	  "this line is neither \"key: value\" nor an item of a list, which begins with \"- \"" },
	{ "did not find expected '-' indicator",
	  "this line fits nothing above it: keys of one mapping begin in the same column, and so "
	  "do the items of one list" },
	{ "wrong indendation in sequence while in mapping",
	  "items of one list begin in the same column, each with \"- \"" },
	{ "wrongly indented sequence item",
	  "items of one list begin in the same column, each with \"- \"" },
	{ "wrongly indented flow mapping",
	  "the \"}\" of a \"{\" above is missing, or this line is not indented further than the "
	  "key of that mapping" },
	{ "wrongly indented flow sequence",
	  "the \"]\" of a \"[\" above is missing, or this line is not indented further than the "
	  "key of that list" },
	{ "invalid block mapping key on same line as previous key",
	  "a second key in the line: give it its own line" },
	{ "invalid value after mapping",
	  "this line is not \"key: value\", and nothing may follow a \"}\" or \"]\" that ends "
	  "a value" },
	{ "invalid mapping in plain multiline",
	  "the line after this one is indented too far: keys of one mapping begin in the "
	  "same column" },
	{ "invalid alias", "a \"*\" at the beginning is an alias: put the value in quotes" },
	{ "invalid anchor", "a \"&\" at the beginning is an anchor: put the value in quotes" },
	{ "illegal block sequence on the same line as the tag",
	  "YAML tags are not part of the language: leave it out" },
	{ "did not find expected node content", "a value is expected here" },
	{ "wrongly indented block scalar",
	  "the text of a \"|\" or \">\" begins on the next line and is indented further than its "
	  "key" },
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
	{ "double-quoted scalar has invalid",
	  "a \"\" string has no such escape: write \\\\ for a backslash, or use ''" },
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
