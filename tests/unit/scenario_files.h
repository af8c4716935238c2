/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios on disk, for the tests of the scenario room. */
#ifndef TCPLAB_TESTS_SCENARIO_FILES_H
#define TCPLAB_TESTS_SCENARIO_FILES_H

#include <glob.h>
#include <stddef.h>

#include "tcplab/buf.h"
#include "tcplab/scenario.h"

/* Where the project is, as seen from where the tests are run. */
#ifndef TL_SOURCE_DIR
#define TL_SOURCE_DIR "."
#endif

#define FIXTURES TL_SOURCE_DIR "/tests/fixtures/scenario"

/* files - the files of a pattern, in order, one at least; to be freed with globfree() */
glob_t files(const char *pattern);

/* slurp - a whole file, to be released with tl_buf_release(); the test fails without it */
struct tl_buf slurp(const char *path);

/* A parsed text: what came out of it. */
struct parsed {
	int rc;
	struct tl_plan *plan;
	struct tl_buf messages;
	struct tl_err err;
};

/* parse - read @len bytes named @name; parse_text - a string named "test.yaml" */
struct parsed parse(const char *name, const char *text, size_t len);
struct parsed parse_text(const char *text);

/* parse_good - read a fixture of good/; the test fails when it has mistakes */
struct tl_plan *parse_good(const char *name);

/* parsed_release - a zeroed one and a second call are fine */
void parsed_release(struct parsed *p);

#endif
